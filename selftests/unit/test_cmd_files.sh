#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The commands that look into files and make new ones. Debian's mstflint judges the images.

. "$(dirname "$0")/cmd.sh"

# mstflint's words for a field of an image
mst() # FILE FIELD [MSTFLINT OPTION]
{
	mstflint $3 -i "$1" query full | sed -n "s/^$2: *//p" | sed 's/ *$//'
}

shows_failing() # CODE PATTERN COMMAND...
{
	code=$1 shown=$2
	shift 2
	status "$code" "$@" && cat out err | grep -Eq -- "$shown" || { cat out err; return 1; }
}

verified() # FILE: mstflint finds nothing wrong, not even what it lets pass
{
	mstflint -i "$1" verify >verify.log 2>&1 && ! grep "wrong CRC" verify.log ||
		{ cat verify.log; return 1; }
}

# query FILE [MSTFLINT OPTION]: every fact both tools tell is the same
query_agrees()
{
	"$ctl" query -i "$1" >ours || return 1
	for field in GUIDs MACs VSD PSID; do
		echo "$field: $(sed -n "s/^$field: *//p" ours | tr -s ' ')"
	done >ours.facts
	for field in GUIDs MACs VSD PSID; do
		echo "$field: $(mst "$1" $field "$2" | tr -s ' ')"
	done >theirs.facts
	diff ours.facts theirs.facts || return 1
	[ "$(sed -n 's/^FW version: *//p' ours)" = "$(mst "$1" 'FW Version' "$2")" ] || return 1
	[ "$(sed -n 's/^Device ID: *\([0-9]*\).*/\1/p' ours)" = "$(mst "$1" 'Device ID' "$2")" ] ||
		return 1
	rom=$(mst "$1" 'Rom Info' "$2")
	[ "$(sed -n 's/^ROM: *//p' ours)" = "${rom:-none}" ]
}

tap "query agrees with mstflint on a release" query_agrees $release
tap "and on a dump of a card" query_agrees files/dell-c6100.flash --striped_image
tap "and on a ConnectX-3 Pro" query_agrees $cx3_release
tap "query says whose board it is, and from where on RDMA works" \
	shows "This is Dell's version of MHQH29C; 2.10.720 is the newest known; below 2.9.8350 Windows" \
	"$ctl" query -i files/dell-c6100.flash
tap "and how sure that is" json 'o["board"]["confidence"]' seen \
	"$ctl" query -i files/dell-c6100.flash
tap "query tells the slots of a dump" json 'o["slots"][0]["active"]' True \
	"$ctl" query -i files/dell-c6100.flash
tap "query --full has the image's size" json 'o["image_size"]' "$(stat -c %s $release)" \
	"$ctl" query --full -i $release
tap "a dump that stands in for a card tells the same" json 'o["psid"]' DEL09A0000009 \
	"$ctl" query -d file:files/dell-c6100.flash

tap "verify finds no error in a release" status 0 "$ctl" verify -i $release
tap "and has a line for each section" shows '0x00000000-0x[0-9a-f]*.*Full Image +OK' \
	"$ctl" verify -i $release
tap "verify counts errors in JSON" json 'o["errors"]' 0 "$ctl" verify -i files/dell-c6100.flash

export_build() # IMAGE: .mlx and back, byte for byte
{
	"$ctl" mlx export "$1" -o export.mlx && "$ctl" ini dump "$1" -o export.ini &&
		"$ctl" build --fw export.mlx --conf export.ini -o again.bin && cmp "$1" again.bin
}
tap "mlx export and build give a release back, byte for byte" export_build $release
tap "and that of a ConnectX-3 Pro" export_build $cx3_release
tap "mlx show tells the version" json 'o["fw_version"]' 2.42.5000 "$ctl" mlx show export.mlx

rebranded()
{
	"$ctl" ini rebrand $stock_ini --psid DEL09A0000009 --name C6100 -o dell.ini || return 1
	diff $stock_ini dell.ini >changes
	[ "$(grep -c '^[<>]' changes)" = 4 ] && grep -q '^> PSID *= *DEL09A0000009' changes &&
		grep -q '^> Name *= *C6100' changes
}
tap "ini rebrand changes PSID and Name, and no other byte" rebranded
rebranded_there()
{
	cp $stock_ini folder.ini && "$ctl" ini rebrand folder.ini --psid NEW0000000001 &&
		"$ctl" ini get NEW0000000001.ini ADAPTER.PSID | grep -qx NEW0000000001
}
tap "without -o it makes PSID.ini" rebranded_there
tap "but not over a file" refused 6 'NEW0000000001.ini is there already; -o' "$ctl" ini rebrand \
	folder.ini --psid NEW0000000001
tap "ini diff tells what differs" shows '^\+ADAPTER.PSID=DEL09A0000009' \
	"$ctl" ini diff $stock_ini dell.ini
tap "as JSON too" json '[d["key"] for d in o["differences"]].count("PSID")' 1 \
	"$ctl" ini diff $stock_ini dell.ini
tap "ini get takes a parameter out of an image" shows '^MHQH29C_A1-A2$' \
	"$ctl" ini get $release PS_INFO.Name
tap "as JSON too" json 'o["value"]' MHQH29C_A1-A2 "$ctl" ini get $release PS_INFO.Name
ini_set()
{
	cp dell.ini set.ini && "$ctl" ini set set.ini IB.do_sense=false PS_INFO.Name=x || return 1
	"$ctl" ini get set.ini IB.do_sense | grep -qx false &&
		"$ctl" ini get set.ini PS_INFO.Name | grep -qx x
}
tap "ini set changes a file in place" ini_set

build_for_dell() # RELEASE OUT
{
	"$ctl" build --fw "$1" --conf dell.ini -o "$2" && verified "$2" &&
		[ "$(mst "$2" PSID)" = DEL09A0000009 ]
}
tap "build from a .bin for another board; mstflint verifies" build_for_dell $release from-bin.bin
made_of_mlx()
{
	"$ctl" mlx export $release -o rel.mlx && build_for_dell rel.mlx from-mlx.bin &&
		cmp from-bin.bin from-mlx.bin
}
tap "build from the .mlx makes the same bytes" made_of_mlx
build_set()
{
	"$ctl" build --fw $release --conf dell.ini --set PS_INFO.Name=SET -o set.bin &&
		"$ctl" ini get set.bin PS_INFO.Name | grep -qx SET
}
tap "build --set changes a parameter" build_set
build_rom()
{
	"$ctl" rom extract files/dell-c6100.flash -o rom.bin &&
		"$ctl" build --fw $release --conf dell.ini --rom rom.bin \
		-o rom-in.bin && verified rom-in.bin &&
		[ "$(mst rom-in.bin 'Rom Info')" = "type=PXE version=3.2.100" ] &&
		"$ctl" build --fw rom-in.bin --conf dell.ini --rom none -o rom-out.bin &&
		verified rom-out.bin &&
		"$ctl" rom info rom-out.bin | grep -q 'ROM: *none'
}
tap "build puts a ROM in and takes it out" build_rom
rom_bytes()
{
	mstflint --striped_image -i files/dell-c6100.flash rrom theirs.rom && cmp rom.bin theirs.rom
}
tap "rom extract gives the bytes that mstflint gives" rom_bytes

tap "id show tells the identity" shows 'GUIDs: +0002c90300a1b2c0 0002c90300a1b2c1' \
	"$ctl" id show files/dell-c6100.flash
sections()
{
	"$ctl" image sections $release |
		sed -n 's/^\(0x[0-9a-f]*\) .* 0x[0-9a-f]* \(.*\)/\1 \2/p' >ours
	"$mkimage" --chip connectx2 --seed 210 --ini $stock_ini --version 2.10.720 --date 20120418 \
		--time 101500 \
		--ddr 10:18k -v -o same.bin |
			sed -n 's/^section \(0x[0-9a-f]*\)-.* 0x[0-9a-f]* \(.*\)/\1 \2/p' >theirs
	cmp same.bin $release && diff theirs ours
}
tap "image sections lists the sections that were made" sections
tap "boards finds a PSID" shows 'stock twin|MHQH29C' "$ctl" boards DEL09A0000009
tap "and a name, whatever its case" shows 'MT_0EF0110009' "$ctl" boards mhqh29c
printf 'psid\tvendor\tboard\tpci_device_id\tconfidence\tfirmware\tstock_twin\tnote\nMY_1\tMe\tMine\t0x673c\tclaimed\t-\t-\t-\n' >mine.tsv
tap "and tells scripts chip and RDMA floor" \
	json 'o["boards"][0]["chip"], o["boards"][0]["rdma_floor"]' \
	'ConnectX/ConnectX-2 2.9.8350' "$ctl" boards DEL09A0000009
tap "but no floor where there is none" \
	json 'o["boards"][0]["chip"], o["boards"][0].get("rdma_floor")' 'ConnectX-3 None' \
	"$ctl" boards MT_1090120019
cp $stock_ini old.ini && "$ctl" ini rebrand old.ini --psid OEM0000000001 -o oem.ini >/dev/null &&
	"$ctl" ini set oem.ini HCA.mine=7 PS_INFO.Name=MINE >/dev/null &&
	"$ctl" ini set old.ini HCA.fresh=1 -o new.ini >/dev/null || exit 1
merged() # COUNTS NEW NAME OPTION...
{
	rm -f got.ini
	counts=$1 new=$2 name=$3
	shift 3
	json 'o["carried"], o["conflicts"]' "$counts" \
		"$ctl" ini merge --base old.ini --oem oem.ini --new "$new" -o got.ini "$@" &&
		[ "$("$ctl" ini get got.ini HCA.mine)" = 7 ] &&
		[ "$("$ctl" ini get got.ini ADAPTER.PSID)" = OEM0000000001 ] &&
		[ "$("$ctl" ini get got.ini PS_INFO.Name)" = "$name" ]
}
tap "ini merge carries what the vendor changed" merged "3 0" new.ini MINE
tap "the new release's keys stay" shows '^1$' "$ctl" ini get got.ini HCA.fresh
"$ctl" ini set new.ini PS_INFO.Name=NEWER >/dev/null || exit 1
tap "a conflict is refused, with the way out" refused 6 \
	'1 key was changed both.*--take oem or --take new' \
	"$ctl" ini merge --base old.ini --oem oem.ini --new new.ini -o never.ini
tap "and listed with its lines" \
	grep -Eq 'conflict: PS_INFO.Name: base .* \(line [0-9]+\), oem MINE \(line [0-9]+\), new NEWER \(line [0-9]+\)' out
tap "nothing is written then" test ! -e never.ini
tap "--take oem decides" merged "3 1" new.ini MINE --take oem
tap "--take new decides" merged "2 1" new.ini NEWER --take new
tap "an operand may be an image or a card" json 'o["conflicts"]' 0 \
	"$ctl" ini merge --base $release --oem file:files/dell-c6100.flash \
	--new $release -o got.ini
tap "all four are needed" refused 64 'needs --base, --oem, --new and -o' "$ctl" ini merge \
	--base old.ini --oem oem.ini -o x.ini
tap "--take takes two words" refused 64 'oem or new expected' \
	"$ctl" ini merge --base old.ini --oem oem.ini --new new.ini -o x.ini --take x
tap "a PSID with a suffix finds its stock board, as a hint" \
	json 'o["found_by"], len(o["boards"]), "suffix" in o["notes"][0]' \
	"psid_with_suffix 1 True" "$ctl" boards MT_0DD0120009_CX3
tap "subsystem ids find boards" json 'o["found_by"], sorted({b["vendor"] for b in o["boards"]})' \
	"subsystem ['HP', 'Mellanox']" \
	"$ctl" boards 15b3:0018
tap "the part number on the box does" shows 'MT_1090120019.*MCX354A-FCB' "$ctl" boards MCX354A-FCBT
tap "ports are told" json 'o["boards"][0]["ports"], o["boards"][0]["protocol"]' "1 EN" \
	"$ctl" boards MT_1170110023
tap "a card of another generation is named" \
	shows 'InfiniHost III Lx, which takes images of an older format, FS1' \
	"$ctl" boards MT_03F0110001
tap "an unknown board: what to send" refused 3 "report -o FILE.tar.xz" "$ctl" boards NOSUCH
fs() # FILE OFFSET BYTES...: a file of zeros with these bytes
{
	head -c 262144 /dev/zero >"$1" &&
		printf "$3" | dd of="$1" bs=1 seek=$(($2)) conv=notrunc status=none
}
fs fs1.bin 0x24 'ZDZD' && fs fs1ps.bin 0x10008 'ZDZD' &&
	fs fs4.bin 0 'MTFW\253\315\357\000\372\336\0224\126x\336\255' && cp $release fs3.bin &&
	printf '\003' | dd of=fs3.bin bs=1 seek=36 conv=notrunc status=none || exit 1
tap "an FS1 image is named" refused 5 'at 0x24 is that of FS1, the images of InfiniHost' \
	"$ctl" query -i fs1.bin
tap "and a flash of one" refused 5 'at 0x10008 is that of FS1' "$ctl" verify -i fs1ps.bin
tap "an FS3 image" refused 5 'FS3 image .*Connect-IB' "$ctl" query -i fs3.bin
tap "an FS4 image" refused 5 'FS4, the images of ConnectX-5' "$ctl" query -i fs4.bin
tap "a person's own table joins in" env CXFLASH_BOARDS=mine.tsv "$ctl" boards MY_1
read_range()
{
	"$ctl" read -d file:files/dell-c6100.flash -o part --addr 0x35 --len 1001 &&
		tail -c +54 files/dell-c6100.flash | head -c 1001 | cmp - part
}
tap "read saves any range" read_range
tap "read can be a pipe" \
	sh -c "'$ctl' read -d file:files/dell-c6100.flash -o - | cmp - files/dell-c6100.flash"

# ---- dumps and images that are not whole, or more than whole ----

flash=files/dell-c6100.flash
size=$(stat -c %s $release)
head -c 1048576 $flash >half.flash
tap "a dump cut in half is none, and what is missing is told" shows_failing 5 \
	'cut in half, 0x100000 bytes of it are missing' \
	"$ctl" verify half.flash
head -c $((size - 4)) $release >short.bin
tap "an image cut short" refused 5 \
	"short.bin: .*the file is cut short: it has $(printf 0x%x \
	$((size - 4))) bytes and this image ends at $(printf 0x%x \
	"$size"), 0x4 or more are missing" \
	"$ctl" image checksum short.bin
tap "also as what is to be burnt" refused 5 'short.bin: .*cut short: .*read it anew' \
	"$ctl" burn -n -d file:$flash short.bin
head -c 40 $release >head.bin
tap "in its header" refused 5 'head.bin: the dump is cut short: it ends in the image.s header' \
	"$ctl" image checksum head.bin
head -c 65536 $flash >part.flash
tap "a part of a dump is cut in half if all of it would be twice that" refused 5 \
	'part.flash: .*the file is cut in half: it has 0x10000 bytes and this image ends at 0x15700, 0x5700 or more are missing' \
	"$ctl" image checksum part.flash
"$mkimage" --chip connectx2 --psid DEL09A0000009 --version 2.10.720 -o whole.bin
cp whole.bin spoilt.bin &&
	printf '\377\377\377' | dd of=spoilt.bin bs=1 seek=4096 conv=notrunc 2>/dev/null
tap "what is damaged but whole is not called short" \
	sh -c "'$ctl' verify spoilt.bin 2>&1 | grep -v cut | grep -q . && ! '$ctl' verify spoilt.bin 2>&1 | grep cut"
cat $flash $flash >twice.flash
twice='Note: twice.flash holds the same flash 2 times, .*only the first copy, 0x200000 bytes, is taken'
tap "a part that was read as a larger one: query says so" shows "$twice" "$ctl" query twice.flash
tap "and a burn of it" shows_failing 2 "$twice" "$ctl" burn -n -d file:$flash twice.flash
tap "and a build from it" shows "$twice" "$ctl" build --fw twice.flash -o from-twice.bin
tap "as a card too" shows "Note: file:twice.flash holds the same flash 2 times" \
	"$ctl" query -d file:twice.flash
tap "whose flash is the first copy" \
	json 'o["copies"]' 2 "$ctl" query -d file:twice.flash
tap "and it verifies" status 0 "$ctl" verify file:twice.flash
part_of_it()
{
	refused 6 'holds the same flash 2 times, .*cxflashctl read file:twice.flash -o PART' \
		"$ctl" id set -y --no-backup file:twice.flash --vsd other &&
		cat $flash $flash | cmp - twice.flash || return 1
	shows 'holds the same flash 2 times' "$ctl" read file:twice.flash -o part2.flash &&
		cmp part2.flash $flash
}
tap "and nothing is written into it, but the way out works" part_of_it
tap "and a dry run of a burn says so" shows_failing 2 \
	'file:twice.flash holds the same flash 2 times' "$ctl" burn -n -d file:twice.flash $flash
tap "and a change of it" shows "$twice" "$ctl" id set twice.flash --vsd x -o changed.flash
tap_done
