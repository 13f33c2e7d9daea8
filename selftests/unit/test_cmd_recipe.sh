#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# From a release to an image where no ini is named: there is none, or it is the release's own. And
# numbers in every dress that people and tools give them.

. "$(dirname "$0")/cmd.sh"

flash=files/dell-c6100.flash
mkdir alone && cp $release stock.bin || exit 1
"$ctl" ini rebrand $stock_ini --psid DEL09A0000009 -o dell.ini >/dev/null
"$ctl" build --fw stock.bin --conf dell.ini -o alone/own.bin >/dev/null 2>&1
"$mkimage" --chip connectx2 --psid DEL09A0000009 --version 2.10.720 -o alone/bare.bin
"$mkimage" --chip connectx2 --psid MT_0EF0110009 --version 2.10.720 -o alone/other.bin

# ---- a release without an ini ----

burnt() # RELEASE OPTION...: onto a fresh card; verify finds it right
{
	cp $flash card.flash
	status 0 "$ctl" burn -y --no-backup -d file:card.flash --fw "$@" &&
		status 0 "$ctl" verify -d file:card.flash &&
		json 'o["fw_version"], o["psid"], o["guids"]["node"]' \
			"2.10.0720 DEL09A0000009 0002c90300a1b2c0" "$ctl" query -d file:card.flash
}
tap "a release without an ini is burnt, with the card's identity" burnt alone/bare.bin
watch=$flash
tap "but not onto another board" refused 6 'MT_0EF0110009.*--allow-psid-change' \
	"$ctl" burn -d file:$flash --fw alone/other.bin
tap "an ini that was named has no place in it" refused 6 \
	'alone/bare.bin: this release carries no ini, so dell.ini cannot be .*without --conf' \
	"$ctl" burn -d file:$flash --fw alone/bare.bin --conf dell.ini
tap "nor has a parameter" refused 6 \
	'alone/bare.bin: .*nothing that --set IB.do_sense=false could change; without --set' \
	"$ctl" burn -d file:$flash --fw alone/bare.bin --set IB.do_sense=false
tap "in a build, too" refused 6 'carries no ini, so dell.ini cannot' \
	"$ctl" build --fw alone/bare.bin --conf dell.ini -o x.bin
watch=
bare()
{
	status 0 "$ctl" build --fw alone/bare.bin -o again.bin && cmp again.bin alone/bare.bin
}
tap "a build of it is the image itself" bare

# ---- a release with an ini of its own ----

tap "its own ini is taken where it is the card's and the folder has none" burnt alone/own.bin
tap "which is said" shows '^Ini: +alone/own.bin, its own$' \
	"$ctl" burn -n -d file:$flash --fw alone/own.bin
from_folder()
{
	mkdir both && cp alone/own.bin both &&
		"$ctl" ini set dell.ini PS_INFO.Name=FOLDER -o both/x.ini >/dev/null &&
		burnt both/own.bin && "$ctl" ini get -d file:card.flash \
		PS_INFO.Name | grep -qx FOLDER
}
tap "the one in the folder goes before it" from_folder
tap "another board's own is not taken" refused 3 'no ini for PSID DEL09A0000009' \
	sh -c "cp stock.bin alone/stock.bin; '$ctl' burn -d file:$flash --fw alone/stock.bin"
set_own()
{
	"$ctl" ini dump stock.bin -o stock.ini >/dev/null &&
		status 0 "$ctl" build --fw stock.bin --set PS_INFO.Name=SET -o one.bin &&
		status 0 "$ctl" build --fw stock.bin --conf stock.ini --set PS_INFO.Name=SET \
		-o two.bin && cmp one.bin two.bin &&
		! cmp -s one.bin stock.bin
}
tap "build --set without --conf changes the image's own ini" set_own
itself()
{
	status 0 "$ctl" build --fw stock.bin -o same.bin && cmp same.bin stock.bin
}
tap "build without either is the image itself" itself

# ---- an old image of this card, with the numbers of then ----

cp $flash then.flash && "$ctl" backup file:then.flash -o then >/dev/null &&
	cp then/image-slot0.bin then.bin
"$ctl" id set -y --no-backup file:then.flash --guid 0002c90300112230 --mac 0002c9112230 >/dev/null
left='the image has other numbers than the card: node GUID 0002c90300a1b2c0, .*MAC 1 0002c9a1b2c0, MAC 2 0002c9a1b2c1; .*--identity with this file'
stays()
{
	status 2 "$ctl" burn -y --no-backup file:then.flash then.bin &&
		grep -q "^Note: identity: $left" out &&
		grep -q '^Nothing to do: .*: node GUID 0002c90300a1b2c0, .*MAC 1 0002c9a1b2c0.*; .*--identity then.bin\.$' out
}
other_vsd()
{
	cp then.flash vsd.flash &&
		"$ctl" id set -y --no-backup file:vsd.flash --guid 0002c90300a1b2c0 \
		--mac 0002c9a1b2c0 \
		--vsd "of now" >/dev/null &&
		status 2 "$ctl" burn -y --no-backup file:vsd.flash then.bin &&
		grep -q '^Nothing to do: .*different in the image: VSD ".*--identity then.bin\.$' \
		out
}
tap "a VSD alone, too" other_vsd
tap "its numbers stay behind, which is said" stays
tap "also in JSON" json '[f["verdict"] for f in o["verdict"] if "other numbers" in f["text"]]' \
	"['note']" "$ctl" burn -n file:then.flash then.bin
tap "what is not an identity is none" refused 6 'the GUIDs it is to get are blank' \
	sh -c "'$ctl' id set stock.bin --blank -o blank.bin >/dev/null && '$ctl' burn -y file:then.flash then.bin --identity blank.bin"
tap "a file that is no image has none" refused 5 'dell.ini: no firmware image' \
	"$ctl" burn -y file:then.flash then.bin --identity dell.ini
numbers_back()
{
	status 0 "$ctl" burn -y --no-backup file:then.flash then.bin --identity then.bin &&
		! grep 'other numbers' out &&
		"$ctl" id show file:then.flash | grep -q '0002c9a1b2c0 *0002c9a1b2c1'
}
tap "--identity FILE brings them back" numbers_back
tap "a release's own numbers are nobody's" \
	sh -c "! '$ctl' burn -n file:then.flash --fw stock.bin --conf dell.ini 2>&1 | grep 'other numbers'"

# ---- numbers ----

takes() # OPTION NUMBER...: all of them are the same
{
	option=$1
	shift
	first=
	for number; do
		status 0 "$ctl" id set alone/own.bin $option "$number" -o number.bin || return 1
		[ -n "$first" ] || { cp number.bin first.bin; first=1; }
		cmp number.bin first.bin || { echo "$number"; return 1; }
	done
}
tap "a MAC in every dress" takes --mac 0002c9a1b2c0 0002C9A1B2C0 0x0002c9a1b2c0 0X0002C9A1B2C0 \
	00:02:c9:a1:b2:c0 00-02-C9-A1-B2-C0 \
	0002.c9a1.b2c0 0:2:c9:a1:b2:c0 '00 02 c9 a1 b2 c0' 0002c9:a1b2c0 ' 0002c9a1b2c0 ' \
	2.c9a1.b2c0
tap "a GUID in every dress" takes --guid 0002c90300a1b2c0 0002C90300A1B2C0 0x0002c90300a1b2c0 \
	0002:c903:00a1:b2c0 \
	00:02:c9:03:00:a1:b2:c0 00-02-C9-03-00-A1-B2-C0 0002.c903.00a1.b2c0 2:c903:a1:b2c0 \
	0002c903:00a1b2c0 0x0002c903-00a1b2c0
while IFS='|' read -r option number pattern; do
	tap "$option $number" refused 64 "$pattern" \
		"$ctl" id set alone/own.bin $option "$number" -o x.bin
done <<END
--mac|2c9a1b2c0|12 hex digits expected, these are 9; if zeros at the front were left away, it is 0002c9a1b2c0
--mac|00:02:c9:a1:b2|12 hex digits expected, these are 10, as in
--mac|0002c90300a1b2c0|these are 16; 16 are a GUID, which --guid takes
--mac|000:2c9a1b2c0|grouped oddly
--mac|0002c9a1b2g0|'g' is none
--mac|00::02:c9:a1:b2|':' is none and separates nothing
--guid|2c90300a1b2c0|16 hex digits expected, these are 13; if zeros .* it is 0002c90300a1b2c0
--guid|0002c9a1b2c0|these are 12; 12 are a MAC, which --mac takes
--guid|fe80:0000:0000:0000:0002:c903:00a1:b2c1|32 are a GID, and its GUID is the last 16: 0002c90300a1b2c1
--guid|80:00:02:08:fe:80:00:00:00:00:00:00:00:02:c9:03:00:a1:b2:c1|40 are the address of an IPoIB .*: 0002c90300a1b2c1
--guid|80:00:02:08:fe:80:00:00:00:00:00:00:00:02:c9:03:00:a1:b2:c1:00|these are more than 40
END
tap_done
