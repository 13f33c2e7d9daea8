#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The ways of the people who put newer firmware onto OEM cards: another board's image, two ROMs, no
# PSID, two inis, the same version. Debian's mstflint judges what a card holds.

. "$(dirname "$0")/cmd.sh"
unset CXFLASH_BOARDS # the boards table is part of the verdict

query() # FLASH
{
	mstflint --striped_image -i "$1" query full >now 2>&1 || { cat now; return 1; }
}

sound() # FLASH
{
	mstflint --striped_image -i "$1" verify >verify.log 2>&1 && ! grep "wrong CRC" verify.log &&
		return
	cat verify.log
	return 1
}

# verdict ABOUT: what a dry run finds on it
verdict()
{
	/usr/bin/python3 -c '
import json, sys
for f in json.loads(open("out").read().splitlines()[-1])["verdict"]:
    if f["about"] == sys.argv[1]:
        print(f["verdict"], f.get("exit", ""), f.get("flag", ""), f["text"])' "$1"
}

# judged CODE ABOUT PATTERN COMMAND...: the dry run ends so, and its JSON verdict on ABOUT says that
judged()
{
	wanted=$1 about=$2 pattern=$3
	shift 3
	status "$wanted" "$@" --json --dry-run || return 1
	verdict "$about" >found
	grep -Eq -- "$pattern" found && return
	echo "no '$pattern' on $about in:"
	verdict "$about"
	return 1
}

# ibm.flash: an MHQH19B of IBM; mt.bin: the stock board's image
"$mkimage" --chip connectx2 --seed 7 --device-id 0x673c --psid IBM0D90000009 --version 2.7.200 \
	--guid 0002c90300b1a200 \
	--mac 0002c9b1a200 --vsd "IBM 46M2203" --rom pxe:3.3.500:673c --ini generate --dump 2m:0 \
	-o ibm.flash || exit 1
"$mkimage" --chip connectx2 --seed 8 --device-id 0x673c --psid MT_0D90110009 --version 2.9.1000 \
	--rom pxe:3.3.400:673c \
	--ini generate -o mt.bin || exit 1
cp ibm.flash ibm.shipped

# OEM to stock.
watch=ibm.flash
tap "stock firmware on an IBM card: refused, and why" refused 6 \
	'MT_0D90110009.*IBM0D90000009; Mellanox MHQH19B-XTR_A1-A3 is the stock twin of this IBM .*--allow-psid-change' \
	"$ctl" burn -d file:ibm.flash mt.bin
tap "the verdict names exit code and flag" judged 6 psid '^refused 6 --allow-psid-change ' \
	"$ctl" burn -d file:ibm.flash mt.bin
tap "with the flag a dry run is content" judged 0 psid '^allowed .*IBM0D90000009' \
	"$ctl" burn -d file:ibm.flash mt.bin --allow-psid-change
tap "the board is known" judged 0 board '^ok .*MHQH19B-XTR' \
	"$ctl" burn -d file:ibm.flash mt.bin --allow-psid-change
tap "but a burn wants a yes, too" refused 6 'besides --allow-psid-change it takes --yes' \
	"$ctl" burn -d file:ibm.flash mt.bin --allow-psid-change
tap "and a yes is not enough without the flag" refused 6 '--allow-psid-change' \
	"$ctl" burn -y -d file:ibm.flash mt.bin
watch=
typed() # ANSWER FLAG...
{
	answer=$1
	shift
	cp ibm.shipped typed.flash
	printf '%s\n' "$answer" | script -qec "$ctl burn -d file:typed.flash mt.bin $*" \
		typed >out 2>&1
}
type_psid()
{
	typed MT_0D90110009 && query typed.flash && grep -q 'PSID: *MT_0D90110009' now &&
		grep -q 'type the PSID' out ||
		{ cat out; return 1; }
}
type_y()
{
	typed y
	[ $? = 6 ] && cmp typed.flash ibm.shipped || { cat out; return 1; }
}
type_other()
{
	typed IBM0D90000009 --allow-psid-change
	[ $? = 6 ] && cmp typed.flash ibm.shipped || { cat out; return 1; }
}
tap "at a terminal the PSID is typed" type_psid
tap "a y is not enough there" type_y
tap "nor is the old PSID, with the flag" type_other
to_stock()
{
	status 0 "$ctl" burn -y -d file:ibm.flash mt.bin --allow-psid-change && sound ibm.flash &&
		query ibm.flash &&
		grep -q 'PSID: *MT_0D90110009' now && grep -q 'FW Version: *2.9.1000' now &&
		grep -q 'GUIDs: *0002c90300b1a200' now && grep -q 'VSD: *IBM 46M2203' now
}
tap "to stock, with the card's GUIDs, MACs and VSD" to_stock
tap "an image of another chip has no flag" judged 6 chip '^refused 6  the image is for hardware' \
	"$ctl" burn -d file:ibm.flash $cx3_release --allow-psid-change
no_relation()
{
	"$mkimage" --chip connectx2 --psid MT_0EF0110009 --version 2.10.720 -o mhqh29c.bin
	judged 6 psid 'is another board than this IBM' "$ctl" burn -d file:ibm.shipped mhqh29c.bin
}
tap "an image of another board is told from a twin" no_relation

# Two ROMs: HP's card has a newer one than the stock image.
"$mkimage" --chip connectx2 --seed 9 --device-id 0x6750 --psid HP_0F60000010 --version 2.9.1000 \
	--guid 0002c90300c1a200 \
	--mac 0002c9c1a200 --rom pxe:3.3.500:6750 --ini generate --dump 2m:0 -o hp.shipped || exit 1
"$mkimage" --chip connectx2 --seed 10 --device-id 0x6750 --psid HP_0F60000010 --version 2.9.1200 \
	--rom pxe:3.3.400:6750 \
	--ini generate -o hp.bin || exit 1
tap "two ROMs: both versions are shown" judged 0 rom \
	"the card's is kept; on the card: type=PXE version=3.3.500.*in the image: type=PXE version=3.3.400" \
	"$ctl" burn -d file:hp.shipped hp.bin
tap "and which is older" judged 0 rom '^note .*3.3.400.* is older than the one it replaces' \
	"$ctl" burn -d file:hp.shipped hp.bin --rom image
rom() # CHOICE PATTERN
{
	cp hp.shipped hp.flash
	status 0 "$ctl" burn -d file:hp.flash hp.bin $1 && sound hp.flash && query hp.flash ||
		return 1
	case $2 in
	"") ! grep 'Rom Info' now ;;
	*) grep -q "Rom Info: .*version=$2" now ;;
	esac
}
tap "without a word the card's ROM stays" rom "" 3.3.500
tap "--rom keep" rom "--rom keep" 3.3.500
tap "--rom image" rom "--rom image" 3.3.400
tap "--rom none" rom "--rom none" ""

# A card without PSID (MHRH2A): nothing finds an ini by itself.
mkdir inis
"$mkimage" --chip connectx2 --seed 11 --device-id 0x673c --no-tag 4 --version 2.9.1000 \
	--guid 0002c90300d1a200 \
	--mac 0002c9d1a200 --dump 2m:0 -o nopsid.flash || exit 1
sed -e 's/^PSID.*/PSID = MT_0F10110008/' $stock_ini >inis/MHRH2A.ini
watch=nopsid.flash
tap "a card without PSID finds no ini in a folder" refused 6 \
	'no PSID to find an ini by; name one with --conf FILE' \
	"$ctl" burn -d file:nopsid.flash --fw $release --conf inis
watch=
tap "with a named ini the verdict tells what it becomes" judged 0 psid \
	'^note .*no PSID.*becomes MT_0F10110008' \
	"$ctl" burn -d file:nopsid.flash --fw $release --conf inis/MHRH2A.ini
named_ini()
{
	status 0 "$ctl" burn -d file:nopsid.flash --fw $release --conf inis/MHRH2A.ini &&
		sound nopsid.flash &&
		query nopsid.flash && grep -q 'PSID: *MT_0F10110008' now &&
		grep -q 'GUIDs: *0002c90300d1a200' now
}
tap "and the PSID is set" named_ini

# --conf names a file or a folder; two inis with one PSID.
sed -e 's/^PSID.*/PSID = DEL09A0000009/' $stock_ini >inis/dell.ini
conf() # CONF
{
	cp files/dell-c6100.flash conf.flash
	status 0 "$ctl" burn -d file:conf.flash --fw $release --conf "$1" && sound conf.flash &&
		query conf.flash &&
		grep -q 'FW Version: *2.10.0*720' now && grep -q 'PSID: *DEL09A0000009' now
}
tap "--conf names a file" conf inis/dell.ini
mv conf.flash by-file.flash
tap "--conf names a folder" conf inis
tap "which comes to the same" cmp conf.flash by-file.flash
tap "no ini in the folder has the PSID" refused 3 'DEL09A0000009' \
	"$ctl" burn -d file:files/dell-c6100.flash --fw $release --conf files
cp inis/dell.ini inis/dell-again.ini
tap "two inis with one PSID: both are named" refused 6 'dell.*dell' \
	"$ctl" burn -d file:files/dell-c6100.flash --fw $release --conf inis

# The very same bytes, and the same version with others.
tap "the very same bytes: nothing to do" status 2 \
	"$ctl" burn -d file:conf.flash --fw $release --conf inis/dell.ini
same_version()
{
	"$ctl" build --fw $release --conf inis/dell.ini --rom none -o same.bin >/dev/null 2>&1 &&
		judged 0 version '^note .*the same, 2.10.0*720, as the card has, but other bytes' \
			"$ctl" burn -d file:conf.flash same.bin --rom none &&
		status 0 "$ctl" burn -d file:conf.flash same.bin --rom none &&
		grep -q '^Note: version: the same' out && sound conf.flash
}
tap "the same version with other bytes is burnt, with a note" same_version

# What else the verdict tells.
tap "ini differences by key" \
	json '[(d["key"], d["a"], d["b"]) for d in o["ini_differences"] if d["key"] == "Name"]' \
	"[('Name', 'C6100_QDR_MEZZ', 'MHQH29C_A1-A2')]" \
	"$ctl" burn -n -d file:files/dell-c6100.flash --fw $release --conf inis/dell.ini
tap "and as text" shows '^\+PS_INFO.Name=MHQH29C_A1-A2' \
	"$ctl" burn -n -d file:files/dell-c6100.flash --fw $release --conf inis/dell.ini
tap "first contact" shows '^First contact: .*read twice and equal' \
	"$ctl" burn -n -d file:files/dell-c6100.flash --fw $release --conf inis/dell.ini
tap "an upgrade" judged 0 version '^ok .*an upgrade from 2.9.1000 to 2.10.0*720' \
	"$ctl" burn -d file:files/dell-c6100.flash --fw $release --conf inis/dell.ini
older()
{
	"$mkimage" --chip connectx2 --psid MT_0D90110009 --version 2.8.600 -o older.bin
	judged 6 version "^refused 6 --allow-downgrade" "$ctl" burn -d file:ibm.flash older.bin
}
tap "a downgrade, and the flag" older

# Of another layout, or silent on its device id.
nv="--nv-sectors 2 --nv-sector-log2k 2"
cx3() # OPTION...
{
	"$mkimage" --chip connectx3pro --psid SYN1200110012 $nv "$@"
}
cx3 --nv-pad 2 --version 2.40.5000 --guid 0002c90300a1b2c0 --mac 0002c9a1b2c0 --dump 2m:0 \
	-o nv.flash || exit 1
nv_elsewhere()
{
	cx3 --nv-pad 3 --version 2.42.5000 -o nv.bin && watch=nv.flash &&
		judged 6 nv \
		'^refused 6 --allow-psid-change .*3 sectors from the end of the flash, the card.s firmware 2: its config' \
			"$ctl" burn -d file:nv.flash nv.bin &&
		refused 6 'its configuration would be lost' "$ctl" burn -d file:nv.flash nv.bin
	ret=$?
	watch=
	return $ret
}
tap "an image that keeps its NV configuration elsewhere" nv_elsewhere
device_id()
{
	cx3 --nv-pad 2 --version 2.42.5000 --device-id 0x1003 -o device.bin &&
		judged 0 ports '^note .*0x1007 becomes 0x1003' \
		"$ctl" burn -d file:nv.flash device.bin
}
tap "an image that changes the device id" device_id
no_device_id()
{
	cx3 --nv-pad 2 --version 2.42.5000 --no-tag 3 -o silent.bin &&
		judged 0 ports '^note .*does not say what the card.s device id' \
		"$ctl" burn -d file:nv.flash silent.bin
}
tap "and one that does not tell its device id" no_device_id
tap_done
