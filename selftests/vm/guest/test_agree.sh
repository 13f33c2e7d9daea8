#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# After every kind of change that cxflashctl makes, an unmodified mstflint reads the card: it finds
# every section good, and says of version, PSID, identity and ROM what was asked for.
#
#	usage: test_agree.sh MSTFLINT NEW.bin OLD.bin ROM.bin PSID.bin
#
# The card 0 at 00:04.0 boots OLD's version. ROM and PSID are of NEW's version; ROM has an expansion
# ROM, PSID another PSID.

. /tests/tap.sh
. /tests/tool.sh
flint=$1 new_bin=$2 old_bin=$3 rom_bin=$4 psid_bin=$5
pci=0000:00:04.0
dev=/sys/bus/pci/devices/$pci
way=resource0 # by which mstflint comes to the card
cd "$tap_tmp" || exit 1
ctl=cxflashctl

# Changes go beside nobody's driver: the card is free, taken for each, and given back.
agrees() # FIELD=VALUE...: after a power cycle
{
	card power-cycle 0 >/dev/null
	"$flint" -d $dev/$way verify >verify.log 2>&1 || { cat verify.log; return 1; }
	"$flint" -d $dev/$way query full >query.log 2>&1 || { cat query.log; return 1; }
	for wanted; do
		sed -n "s/^${wanted%%=*}: *//p" query.log | tr \
			-s ' ' | grep -Eq "^${wanted#*=} *\$" && continue
		echo "no $wanted in:"
		cat query.log
		return 1
	done
}

changed() # ARGUMENT... -- FIELD=VALUE...
{
	arguments=
	while [ "$1" != -- ]; do
		arguments="$arguments $1"
		shift
	done
	shift
	status 0 $ctl $arguments && agrees "$@"
}

modprobe cxflash || exit 1
"$flint" -d $dev/$way query full >first 2>&1 || { cat first; exit 1; }
field()
{
	sed -n "s/^$1: *//p" first | tr -s ' ' | sed 's/ *$//'
}
old=$(field "FW Version") psid=$(field PSID) guids=$(field GUIDs) macs=$(field MACs) vsd=$(field \
	VSD)
burn="burn --takeover --no-backup -d $pci"

tap "a burn" changed burn --takeover --backup /root/backup -d $pci "$new_bin" -- "PSID=$psid" \
	"GUIDs=$guids" "MACs=$macs" "VSD=$vsd"
new=$(sed -n 's/^FW Version: *//p' query.log)
tap "with another version than before" [ "$new" != "$old" ]
tap "a downgrade" changed $burn --allow-downgrade "$old_bin" -- "FW Version=$old" "GUIDs=$guids"
tap "a burn that brings a ROM" changed $burn --rom image "$rom_bin" -- "FW Version=$new" \
	"Rom Info=type=PXE version=3.4.752.*"
tap "one that keeps it" changed $burn --allow-downgrade --rom keep "$old_bin" -- "FW Version=$old" \
	"Rom Info=type=PXE version=3.4.752.*"
no_rom()
{
	changed $burn --rom none "$new_bin" -- "FW Version=$new" "GUIDs=$guids" &&
		! grep -q 'type=PXE' query.log
}
tap "one that takes it away" no_rom
tap "another identity" changed $burn --allow-downgrade --yes --guid 0002c90300aaaa10 \
	--mac 0002c9aaaa10 "$old_bin" -- \
	"GUIDs=0002c90300aaaa10 0002c90300aaaa11 0002c90300aaaa12 0002c90300aaaa13" \
	"MACs=0002c9aaaa10 0002c9aaaa11"
tap "another PSID" changed $burn --allow-psid-change --yes "$psid_bin" -- "PSID=SYN1200110077" \
	"GUIDs=0002c90300aaaa10 .*"
$ctl attach --takeover -d $pci >/dev/null
restored()
{
	status 0 $ctl restore -d $pci --yes --force --no-backup /root/backup/* &&
		$ctl detach -d $pci &&
		agrees "FW Version=$old" "PSID=$psid" "GUIDs=$guids" "MACs=$macs" "VSD=$vsd"
}
tap "all of it restored from the backup" restored

insmod /tests/device/cxowner-"$(uname -r)".ko
echo cxowner >$dev/driver_override && echo $pci >/sys/bus/pci/drivers_probe
way=config # its owner keeps the BAR
tap "a burn beside its driver" changed burn --beside --no-backup -d $pci "$new_bin" \
	-- "FW Version=$new" "PSID=$psid" "GUIDs=$guids"
tap_done
