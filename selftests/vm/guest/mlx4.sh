# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel's own driver in a guest that was booted with --mlx4. Sourced after tap.sh and tool.sh;
# the card is 0, at 00:04.0.
# shellcheck shell=sh disable=SC2034 # sourced

pci=0000:00:04.0
dev=/sys/bus/pci/devices/$pci
drivers=/sys/bus/pci/drivers/mlx4_core
ctl=cxflashctl
options="--no-backup --allow-downgrade -d $pci"

mlx4_load()
{
	modprobe mlx4_en && modprobe mlx4_ib && modprobe ib_uverbs && modprobe ib_umad
}

owner() # says which driver has the card
{
	basename "$(readlink "${1:-$dev}/driver")"
}

net() # says its first interface
{
	ls "${1:-$dev}/net" 2>/dev/null | head -n 1
}

# What its driver says that it runs, by the interface and by the ib device; they must say the same.
runs()
{
	by_net=$(ethtool -i "$(net "$1")" | sed -n 's/^firmware-version: //p')
	by_ib=$(cat "${1:-$dev}"/infiniband/*/fw_ver)
	[ "$by_net" = "$by_ib" ] && echo "$by_net"
}

version() # FILE: that of an image
{
	$ctl query -i "$1" | sed -n 's/^FW version: *//p'
}

# The driver has the card again with all that hangs on it. Its own recovery takes some seconds; boot
# -t ends what hangs.
driver_back()
{
	until [ -e $dev/driver ] && [ "$(net)" ] && [ -e "$(echo $dev/infiniband/*/fw_ver)" ] &&
		ethtool "$(net)" >/dev/null 2>&1; do usleep 50000; done
}

# The commands of a driver whose interface is up, again and again, until load_ends; what fails is in
# load.failed.
load_begins() # INTERFACE
{
	: >load.failed
	: >load.done
	while [ ! -e load.stop ]; do
		for command in "ethtool $1" "ethtool -S $1" "ethtool -i $1" "cat $dev/infiniband/mlx4_0/ports/1/state"; do
			$command >/dev/null 2>>load.failed || echo "$command failed" >>load.failed
		done
		echo >>load.done
	done &
	loading=$!
	until [ -s load.done ]; do usleep 10000; done
}

load_ends() # passes if nothing failed
{
	touch load.stop
	wait $loading
	rm load.stop
	[ ! -s load.failed ] && return
	cat load.failed
	return 1
}

model_number() # PATTERN: a number of the model's statistics
{
	card stats "${2:-0}" | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"
}

# Nothing was done to the card that no hardware stands; nobody's semaphore was taken from him, and
# none is left.
card_at_peace()
{
	stats=$(card stats 0)
	case $stats in
	*'"foreign_releases":0,"taken_now":0,'*'"violations":{"count":0,'*) return ;;
	esac
	echo "$stats"
	return 1
}
