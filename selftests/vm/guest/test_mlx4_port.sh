#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A machine starts that has the rule of "port set --persistent": Debian's udevd loads the driver of
# a card that its firmware makes Ethernet, and what comes of it is InfiniBand.

. /tests/tap.sh
. /tests/mlx4.sh
cd "$tap_tmp" || exit 1

types() # says those of both ports
{
	cat "$dev/mlx4_port1" "$dev/mlx4_port2" | tr '\n' ' '
}

udev_starts() # as at every start: the daemon, then what was there before it once more
{
	mkdir -p /run/udev && /lib/systemd/systemd-udevd --daemon &&
		udevadm trigger --type=devices --action=add &&
		udevadm settle
}

started()
{
	[ ! -e $dev/driver ] && udev_starts && [ "$(owner)" = mlx4_core ]
}
tap "udevd loads the driver of the card" started
tap "and then the rule makes both ports InfiniBand" [ "$(types)" = "ib ib " ]
all_there()
{
	mlx4_load && [ "$(cat $dev/infiniband/*/ports/1/link_layer)" = InfiniBand ] &&
		[ ! "$(net)" ]
}
tap "with what belongs to it" all_there
tap "port show says that it stays so" shows '^1 +ib .* ib$' $ctl port show -d $pci

# The initramfs had the driver, and no rule.
in_initramfs()
{
	udevadm control --exit && rmmod mlx4_ib mlx4_en mlx4_core && modprobe mlx4_core &&
		[ "$(types)" = "eth eth " ] &&
		udev_starts && [ "$(types)" = "ib ib " ]
}
tap "the driver is there before udevd is, without the rule: then it is made so" in_initramfs
tap_done
