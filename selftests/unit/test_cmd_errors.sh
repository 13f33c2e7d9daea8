#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Bad input: the documented exit code, one line that names the place and the next step, and nothing
# written.

. "$(dirname "$0")/cmd.sh"

card=files/dell-c6100.flash
watch=$card
burn="$ctl burn -d file:$card"
cp $stock_ini dell.ini && "$ctl" ini rebrand dell.ini --psid DEL09A0000009 -o dell.ini >/dev/null
"$ctl" build --fw $release --conf dell.ini -o good.bin >/dev/null 2>&1

# Usage.
tap "no command" refused 64 'no command given' "$ctl"
tap "an unknown command" refused 64 "unknown command 'flash'" "$ctl" flash
tap "an unknown second word" refused 64 'ini needs one of: dump, get, set, rebrand, check, diff' \
	"$ctl" ini polish
tap "an unknown option" refused 64 'unknown option --frobnicate' "$ctl" query --frobnicate
tap "an option without its value" refused 64 '-d needs a value' "$ctl" query -d
tap "a long option without its value" refused 64 '--device needs a value \(CARD\)' \
	"$ctl" query --device
tap "a value that is not wanted" refused 64 '--yes takes no value' $burn good.bin --yes=no
tap "an unknown letter" refused 64 'unknown option -Z' $burn good.bin -Z
tap "an option given twice" refused 64 '--device is given twice' "$ctl" query -d a -d b
tap "a bad number" refused 64 '--addr x1: not a number' "$ctl" read -d file:$card -o x --addr x1
tap "too many operands" refused 64 \
	'b is one thing too many; usage: cxflashctl burn \[CARD\] IMAGE.bin' $burn a b
tap "burn without an image" refused 64 'burn needs IMAGE.bin, or --fw' $burn
tap "burn with two" refused 64 'burn needs IMAGE.bin, or --fw' $burn good.bin --fw good.bin
tap "--conf with a ready image" refused 64 '--conf means nothing here without --fw' $burn good.bin \
	--conf dell.ini
tap "which JSON tells with the card's state, too" json 'str(o["exit"]) + o["card_state"]' \
	64unchanged $burn
tap "and what fits no command at all is an object, too" json 'o["exit"]' 64 \
	"$ctl" restore -d file:$card
tap "a bad --rom" refused 64 'keep, image or none' $burn good.bin --rom maybe
tap "a card and a file" refused 64 'only one can be meant' "$ctl" query -d file:$card -i good.bin
tap "query both quick and full" refused 64 '--quick and --full exclude each other' \
	"$ctl" query -d file:$card --quick --full
tap "read without a place" refused 64 'read needs -o DUMP' "$ctl" read -d file:$card
tap "read to where JSON goes" refused 64 'both want standard output' \
	"$ctl" read -d file:$card -o - --json
tap "build without a place" refused 64 'build needs --fw' "$ctl" build --fw $release --conf dell.ini
tap "build from a folder of inis" refused 64 'files is a folder; --conf needs one ini file here' \
	"$ctl" build --fw $release --conf files -o x.bin
tap "rom extract without a place" refused 64 'rom extract needs -o F.rom' \
	"$ctl" rom extract -d file:$card
tap "mlx export without a place" refused 64 'mlx export needs -o F.mlx' "$ctl" mlx export $release
tap "image extract without a place" refused 64 'image extract needs -o OUT' \
	"$ctl" image extract good.bin
tap "ini rebrand without a PSID" refused 64 'ini rebrand needs --psid' "$ctl" ini rebrand dell.ini
tap "ini set without a parameter" refused 64 'ini set needs FILE and SECTION.KEY=VALUE' \
	"$ctl" ini set dell.ini
tap "ini set of no SECTION.KEY" refused 64 'Name: SECTION.KEY expected' \
	"$ctl" ini set dell.ini Name=x
tap "ini set of no value" refused 64 'PS_INFO.Name: SECTION.KEY=VALUE expected' \
	"$ctl" ini set dell.ini PS_INFO.Name
tap "ini set on a card and into a file" refused 64 '-o x.ini belongs to a file' \
	"$ctl" ini set -d file:$card -o x.ini PS_INFO.Name=x
tap "ini set in an image" refused 64 'good.bin is no .ini file; name one with -o' "$ctl" ini set \
	good.bin PS_INFO.Name=x
tap "--dry-run where nothing changes" refused 64 'changes nothing' "$ctl" query -n -i good.bin
tap "--color of no kind" refused 64 'auto, always or never' "$ctl" --color red list
tap "attach both ways" refused 64 'exclude each other' "$ctl" attach --takeover --beside -d 04:00.0
tap "read behind the end" refused 64 'ends at 0x200000' \
	"$ctl" read -d file:$card -o x --addr 0x200000
tap "read over the end" refused 64 'from 0x1ffff0 on' \
	"$ctl" read -d file:$card -o x --addr 0x1ffff0 --len 17
tap "a CR address between words" refused 64 'multiple of 4' "$ctl" cr read -d 04:00.0 0x1f066
tap "no PCI address" refused 64 'fish' "$ctl" query -d fish

# No such card or file.
if [ "${EMULATOR-}" ]; then # of another architecture, by qemu-user
	tap_skip "no card" "no generic netlink under $EMULATOR"
else
	tap "no card at all" refused 3 'no .*card|No such|cxflash' "$ctl" query
	tap "no such card" refused 3 '0000:ff:1f.7' "$ctl" query -d ff:1f.7
fi
tap "no such dump" refused 3 'file:nowhere.bin: .*No such file' "$ctl" query -d file:nowhere.bin
tap "no such file to look into" refused 3 'nowhere.bin: No such file' "$ctl" verify -i nowhere.bin
tap "no such image to burn" refused 3 'nowhere.bin: No such file' $burn nowhere.bin
tap "no such release" refused 3 'nowhere.mlx: No such file' $burn --fw nowhere.mlx
tap "no such ini" refused 3 'nowhere.ini: No such file' $burn --fw $release --conf nowhere.ini
tap "no such folder of inis" refused 3 'nowhere: No such file' $burn --fw $release --conf nowhere
tap "no such backup to take the identity from, said before any card is touched" \
	refused 3 'nowhere: No such file' "$ctl" burn -d ff:1f.7 good.bin --identity nowhere
tap "nor map" refused 3 'nowhere: No such file' "$ctl" burn -d ff:1f.7 --fw $release --map nowhere
tap "no such backup" refused 3 'nowhere' "$ctl" restore -d file:$card nowhere
tap "no such parameter" refused 3 'there is no PS_INFO.Colour in it' \
	"$ctl" ini get dell.ini PS_INFO.Colour
tap "no such board" refused 3 "no board known by 'MT_NOTHING'" "$ctl" boards MT_NOTHING
tap "no ROM to extract" refused 3 'there is no ROM in it' "$ctl" rom extract $release -o x
mkdir empty
tap "no ini for the PSID, and how to make one" \
	refused 3 \
	'no ini for PSID DEL09A0000009 among the 0 .ini files of empty; .*cxflashctl ini rebrand' \
	$burn --fw $release --conf empty

# Inis.
mkdir twice
cp dell.ini twice/a.ini && cp dell.ini twice/b.INI
tap "two inis with one PSID, both named" refused 6 \
	'twice/a.ini and twice/b.INI both carry PSID DEL09A0000009' \
	$burn --fw $release --conf twice
mkdir broken
{ cat dell.ini; echo 'this is no line of an ini'; } >broken/x.ini
tap "an unreadable ini among those of a folder" refused 3 \
	'cannot be read: broken/x.ini: line [0-9]+' $burn --fw $release --conf broken
tap "an unreadable ini by name" refused 5 'broken/x.ini: .*line [0-9]+' $burn --fw $release \
	--conf broken/x.ini
sed 's/^\(PSID.*\)/\1\nPSID = OTHER00000001/' dell.ini >twofold.ini
tap "a contradictory ini" refused 5 'twofold.ini: .*line [0-9]+.*PSID' $burn --fw $release \
	--conf twofold.ini
sed '/^PSID/d' dell.ini >nameless.ini
tap "an ini without a PSID" refused 6 'nameless.ini: .*PSID' \
	"$ctl" build --fw $release --conf nameless.ini -o x.bin
tap "an unknown key" refused 6 'IB.frobnicate' $burn --fw $release --conf dell.ini \
	--set IB.frobnicate=1
tap "a changed key that cannot be compiled" refused 6 'PLL.core_f' $burn --fw $release \
	--conf dell.ini --set PLL.core_f=45
tap "a PSID that is too long" refused 64 'no PSID: 1 to 16' \
	"$ctl" ini rebrand dell.ini --psid DEL09A00000091234 -o x.ini
tap "a --set that is none" refused 64 '--set: Name: SECTION.KEY expected' \
	"$ctl" build --fw $release --conf dell.ini --set Name=x -o x.bin
tap "a map that is none" refused 5 'dell.ini: line [0-9]+' \
	"$ctl" build --fw $release --conf dell.ini --map dell.ini -o x.bin
# A table of remarks never stops work.
typo()
{
	printf 'psid\tvendor\tboard\tpci_device_id\tconfidence\tfirmware\tstock_twin\tnote\nMINE\tme\tmine\t673c\tseen\t-\t-\t-\n' >typo.tsv
	for table in typo.tsv dell.ini files nowhere.tsv; do
		for command in "query -i good.bin" "burn -n -d file:$card good.bin" "boards DEL09A0000009"; do
			# shellcheck disable=SC2086 # words
			status 0 env CXFLASH_BOARDS=$table "$ctl" $command &&
				grep "^Note: .*$table: " out || { cat out err; return 1; }
		done
	done
	shows 'line 2: device id .673c. is not of the form' env CXFLASH_BOARDS=typo.tsv \
		"$ctl" query -i good.bin
}
tap "a typo in the table of boards, or what is none, is noted and stops nothing" typo
tap "an unwritable output" refused 3 'nowhere/x.bin: No such file' \
	"$ctl" build --fw $release --conf dell.ini -o nowhere/x.bin

# Images.
head -c 50000 good.bin >short.bin
tap "a truncated image" refused 5 'short.bin: ' $burn short.bin
tap "verify of it" refused 5 'short.bin: ' "$ctl" verify -i short.bin
LC_ALL=C awk \
	'BEGIN { for (x = 7; n++ < 200; x = x * 16807 % 2147483647) printf "%c", 128 + x % 128 }' >noise.bin
tap "and to change something in it" refused 5 'short.bin: ' "$ctl" rom remove short.bin -o x.bin
tap "a file that is no image" refused 5 'noise.bin: no firmware image in it' $burn noise.bin
tap "and has none to be changed" refused 5 'noise.bin: no firmware image in it' \
	"$ctl" id set noise.bin --vsd x -o x.bin
tap "and is no ROM" refused 5 'noise.bin: ' \
	"$ctl" build --fw $release --conf dell.ini --rom noise.bin -o x.bin
: >nothing.bin
tap "a .mlx to look into is told from a broken image" refused 5 \
	"some.mlx: no firmware image .*'cxflashctl build --fw' makes" \
	sh -c "echo 'x y 1' >some.mlx; '$ctl' query -i some.mlx"
tap "an ini too" refused 5 "dell.ini: no firmware image .* it is an ini" "$ctl" verify -i dell.ini
tap "a ROM too" refused 5 "some.rom: no firmware image .* it is a ROM" \
	sh -c "printf 'U\\252\\1' >some.rom; '$ctl' id show some.rom"
tap "an image given as an ini" refused 5 \
	"good.bin: a firmware image, not an ini; 'cxflashctl ini dump'" \
	"$ctl" build --fw good.bin --conf good.bin -o x.bin
no_notes()
{
	refused 5 'noise.bin: line 1: ' "$ctl" build --fw good.bin --conf noise.bin -o x.bin &&
		! grep Note: out
}
tap "noise given as an ini, of which nothing is noted" no_notes
tap "an empty file" refused 5 'nothing.bin: ' $burn nothing.bin
"$ctl" mlx export $release -o rel.mlx >/dev/null
tap "a .mlx given as an image" refused 5 'rel.mlx: .*use --fw rel.mlx' $burn rel.mlx
tap "an ini given as a release" refused 5 'dell.ini: ' $burn --fw dell.ini --conf dell.ini
head -n 20 rel.mlx >cut.mlx
tap "a truncated .mlx" refused 5 \
	'cut.mlx: line [0-9]+: the file ends inside an element: it is cut short' $burn \
	--fw cut.mlx --conf dell.ini
{ echo '<!-- MT25408 Firmware image -->'; echo \
	'<group name="FW"><param name="x"/></group>'; } >vendor.mlx
tap "a .mlx of unknown constructs, with the way out" refused 6 'vendor.mlx: .*line 2.*--fw' $burn \
	--fw vendor.mlx --conf dell.ini
"$mkimage" --dump 2m --slot0 good.bin --slot1 $release -o two.flash
tap "a dump of two images given as an image" refused 5 'two images' $burn two.flash

flip() # FROM TO OFFSET: one bit
{
	cp "$1" "$2" && printf '%b' "\\0$(printf %o $(($(od -An -tu1 -j "$3" -N 1 "$1") ^ 1)))" |
		dd of="$2" bs=1 seek="$3" conv=notrunc status=none
}
for damage in full-crc size-word failsafe-word info-pointer info-range guid-range; do
	"$mkimage" --chip connectx2 --ini files/MHQH29C_A1-A2.ini --psid DEL09A0000009 \
		--corrupt $damage -o $damage.bin
	tap "an image with $damage damaged" refused 5 "$damage.bin: |verif" $burn $damage.bin
	tap "verify of it" refused 5 "$damage.bin: " "$ctl" verify -i $damage.bin
done
tap "one flipped bit in code" flip good.bin flipped.bin 20000
tap "is found" refused 5 'CRC|verif' $burn flipped.bin
tap "and verify says where" refused 5 'flipped.bin: [1-9][0-9]* error' "$ctl" verify -i flipped.bin

# Safety checks.
tap "an image of another chip" refused 6 'is for hardware 0x1f7.*the card is a ConnectX-2' $burn \
	$cx3_release --allow-psid-change
tap "an image of another board, and the flag" refused 6 'MT_0EF0110009.*--allow-psid-change' $burn \
	$release
"$mkimage" --chip connectx2 --ini dell.ini --version 2.7.700 -o old.bin
tap "an older image, and the flag" refused 6 '2.7.0*700.*--allow-downgrade' $burn old.bin
blank()
{
	head -c 2097152 /dev/zero | tr '\0' '\377' >blank.flash
}
tap "a blank flash" blank
watch=blank.flash
tap "has no image to query" refused 5 'no firmware image' "$ctl" query -d file:blank.flash
tap "and none to keep" refused 6 'no image on this flash' "$ctl" burn -d file:blank.flash good.bin
tap "and no PSID to find an ini by" refused 6 \
	'no PSID to find an ini by; name one with --conf FILE' \
	"$ctl" burn -d file:blank.flash --fw $release
watch=$card
tap "CR space of a dump" refused 6 'file:' "$ctl" cr read -d file:$card 0xf0014
tap "and all that is open of it" refused 6 'file:' "$ctl" cr dump -d file:$card
tap "JSON tells the error and the exit code" \
	json 'str(o["exit"]) + o["card_state"] + str("PSID" in o["error"])' 6unchangedTrue \
	$burn $release
tap "a full output device" refused 1 'No space left' "$ctl" ini dump $release -o /dev/full
tap_done
