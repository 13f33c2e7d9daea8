#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A card that the kernel's own driver has: what is told of it, a burn beside the driver, a burn that
# takes the card.
#
#	usage: test_mlx4.sh NEW.bin OLD.bin
#
# The card 0 at 00:04.0 boots OLD's version; its first port is an Ethernet port, its second either.
# The card 1 at 00:05.0 is like it.

. /tests/tap.sh
. /tests/tool.sh
. /tests/mlx4.sh
new=$1 old=$2
cd "$tap_tmp" || exit 1
to=$(version "$new") from=$(version "$old")

printf 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' >/etc/passwd
find / -xdev -maxdepth 4 -type d -exec chmod a+rx {} + # the initramfs is root's alone
tap "mlx4_core, mlx4_en and mlx4_ib take the cards" mlx4_load
tap "they run what is in the flash" [ "$(runs)" = "$from" ]
tap "the PSID is that of the image" [ "$(cat $dev/infiniband/*/board_id)" = SYN1200110023 ]
tap "the GUID too" [ "$(cat $dev/infiniband/*/node_guid)" = 0002:c903:00d0:e0f0 ]
tap "and the MAC" [ "$(cat "$dev/net/$(net)/address")" = 00:02:c9:d0:e0:f0 ]

tap "list, without the module and without root" \
	shows "^$pci  ConnectX-3 Pro +SYN1200110023 +$from  mlx4_core  in use" \
	su nobody -c "$ctl list"
query="su nobody -c '$ctl query -d $pci'"
tap "query, too: PSID," shows '^PSID: *SYN1200110023$' sh -c "$query"
tap "version, and by whom," grep -A1 "^Running: *$from\$" out
tap "who is the ib device," grep -q '^As told by: *mlx4_0$' out
tap "interfaces" grep -q "^Interfaces: *$(net)\$" out

modprobe cxflash || exit 1
beside()
{
	card port 0 1 up >/dev/null && ip link set "$(net)" up && card reset-stats 0 >/dev/null
	before=$(model_number hcr_commands)
	load_begins "$(net)"
	status 0 $ctl burn $options --beside "$new"
	ret=$?
	load_ends && [ $ret = 0 ] && [ "$(model_number hcr_commands)" -gt $((before + 50)) ] &&
		card_at_peace &&
		[ "$(owner)" = mlx4_core ]
}
tap "a burn beside it while it works: none of its commands fails" beside
tap "it goes on with the old version" [ "$(runs)" = "$from" ]
not_yet()
{
	$ctl attach --beside -d $pci >/dev/null &&
		shows "^Running: *$from, not what is in the flash" $ctl query -d $pci &&
		grep -q "^FW version: *$to" out && $ctl detach -d $pci >/dev/null
}
tap "query says so" not_yet
tap "devlink reload: the new version runs" \
	sh -c "devlink dev reload pci/$pci && ethtool -i $(net) | grep 'version: $to'"
tap "and query says so" shows "^Running: *$to\$" $ctl query -d $pci

rebound()
{
	status 0 $ctl burn $options --beside "$old" && [ "$(runs)" = "$to" ] &&
		echo $pci >$drivers/unbind && echo $pci >$drivers/bind && [ "$(runs)" = "$from" ]
}
tap "a burn beside an idle one, unbind and bind: that version runs" rebound

# ---- taken ----

kept() # REASON: it is not taken
{
	refused 6 1 "$1" $ctl burn $options --takeover "$new" && [ "$(owner)" = mlx4_core ]
}
in_use()
{
	ip link set "$(net)" up && kept "$(net) is up" && ip link set "$(net)" down
}
tap "a card with an interface up is not taken" in_use
configured()
{
	ip addr add 10.1.2.3/24 dev "$(net)" && kept "$(net) is down with 10.1.2.3" &&
		ip addr flush dev "$(net)"
}
tap "nor one with an address" configured
bridged()
{
	modprobe bridge && ip link add br0 type bridge && ip link set "$(net)" master br0 &&
		kept "$(net) belongs to br0" &&
		ip link del br0
}
tap "nor one in a bridge" bridged
bonded()
{
	modprobe bonding && { [ -e /sys/class/net/bond0 ] || ip link add bond0 type bond; } &&
		ip link set "$(net)" master bond0 && ip link set "$(net)" down &&
		kept "$(net) belongs to bond0" &&
		ip link set "$(net)" nomaster && ip link del bond0
}
tap "nor one in a bond" bonded
opened() # DEVICE
{
	exec 7<>"$1" && kept "$2"
	ret=$?
	exec 7<&-
	return $ret
}
tap "nor one whose verbs are in use" opened /dev/infiniband/uverbs0 'uverbs0'
tap "nor one whose MADs are" opened /dev/infiniband/umad0 'umad0'

# Its second port comes up as InfiniBand; this is what an administrator made of it.
set_port()
{
	[ "$(cat $dev/mlx4_port2)" = ib ] && echo eth >$dev/mlx4_port2 &&
		[ "$(cat $dev/mlx4_port2)" = eth ]
}
tap "a port gets another type" set_port
name=$(net)
taken()
{
	status 0 $ctl --json burn $options --takeover "$new" && tail -n 1 out >last && cat last &&
		grep -q '"taken_from":"mlx4_core' last &&
		grep -q "\"fw_version_running\":\"$to\"" last &&
		grep -q '"cold_boot_needed":false' last && [ "$(owner)" = mlx4_core ] &&
		[ "$(net)" = "$name" ] &&
		[ "$(runs)" = "$to" ] && [ "$(cat $dev/mlx4_port1)" = eth ]
}
tap "an idle one is taken, burnt, given back, and runs the new version under its old name" taken
kept_type()
{
	[ "$(cat $dev/mlx4_port2)" = eth ] && echo ib >$dev/mlx4_port2
}
tap "its ports are what they were set to" kept_type
forced()
{
	ip link set "$(net)" up || return 1
	until [ -e configured ]; do usleep 100000; [ "$(net)" ] &&
		ip link set "$(net)" up; done 2>/dev/null &
	status 0 $ctl burn $options --takeover --force "$old" && [ "$(runs)" = "$from" ]
	ret=$?
	touch configured
	wait $!
	rm configured
	ip link set "$(net)" down
	return $ret
}
tap "forced, one that is up" forced
both()
{
	for card in 0000:00:04.0 0000:00:05.0; do
		status 0 $ctl burn --no-backup -d $card --takeover "$new" &&
			[ "$(runs /sys/bus/pci/devices/$card)" = "$to" ] ||
			return 1
	done
}
tap "two cards, one after the other" both
tap "the card saw nothing that no hardware stands" card_at_peace
rmmod mlx4_ib
tap "without the RDMA driver the interface tells the version" shows "^Running: *$to\$" su nobody \
	-c "$ctl query -d $pci"
tap "which is said" grep -q "^As told by: *$(net)\$" out
tap "the PSID is not known then" grep -q '^PSID: *its driver does not tell' out
tap_done
