#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The commands that compare and change images: checksum, diff, config, rom replace and remove, id
# set. Debian's mstflint judges what it can.

. "$(dirname "$0")/cmd.sh"

verified() # FILE
{
	"$ctl" verify -i "$1" >verify.log 2>&1 && mstflint -i "$1" verify >>verify.log 2>&1 &&
		! grep "wrong CRC" verify.log || { cat verify.log; return 1; }
}

checksum_agrees() # FILE
{
	[ "$("$ctl" image checksum "$1")" = "$(mstflint -i "$1" \
		checksum | sed -n 's/^Checksum: //p')" ]
}
tap "image checksum is mstflint's" checksum_agrees $release
tap "on a ConnectX-3 Pro too" checksum_agrees $cx3_release
dump_checksum()
{
	"$ctl" backup -d file:files/dell-c6100.flash -o bundle >backup.log &&
		set -- bundle/image*.bin &&
		[ "$("$ctl" image checksum "$1")" = "$("$ctl" image checksum \
			files/dell-c6100.flash)" ]
}
tap "a dump has the checksum of the image in it" dump_checksum
tap "a checksum in JSON" json 'len(o["checksum"])' 32 "$ctl" image checksum $release
"$mkimage" --corrupt section-data:5 -o bad.bin
tap "a damaged image has none" refused 5 'bad.bin: damaged image: .* at 0x' \
	"$ctl" image checksum bad.bin

"$mkimage" --chip connectx3pro --seed 3 --ini generate --rom pxe:3.4.752:1007 -o a.bin \
	--ini-out a.ini
tap "image diff of an image and itself" shows '^The images are equal.$' \
	"$ctl" image diff a.bin a.bin
tap "says so in JSON" json 'o["equal"]' True "$ctl" image diff a.bin a.bin
"$ctl" build --fw a.bin --conf a.ini --set IB.nego_rx1_ffe_tap0=7 --set ADAPTER.PSID=ABC0000000001 \
	-o b.bin >build.log
diff_tells()
{
	status 0 "$ctl" image diff a.bin b.bin || return 1
	for line in '^-ADAPTER.PSID=SYN0000000001$' '^\+ADAPTER.PSID=ABC0000000001$' '^\+IB.nego_rx1_ffe_tap0=7$' \
		'^ 0 Image Info psid: SYN0000000001, ABC0000000001$' \
		'^ 2 0x33358.16 IB.nego_rx1_ffe_tap0: 0x[0-9a-f]*, 0x7$' '^ Image Info at .*, 0x[0-9a-f]* bytes; .* differ'
	do
		grep -Eq -- "$line" out || { echo "no $line in:"; cat out; return 1; }
	done
	[ "$(grep -c '^ [0-9] ' out)" = 2 ]
}
tap "image diff tells sections, keys and fields, and no others" diff_tells
tap "in JSON too" \
	json '[f["name"] for f in o["config"]], o["config"][1]["b"], o["config"][1]["bit"]' \
	"['psid', 'IB.nego_rx1_ffe_tap0'] 7 16" "$ctl" image diff a.bin b.bin
tap "a card and an image compare" shows '^[-+ ]' \
	"$ctl" image diff -d file:files/dell-c6100.flash $release
tap "three things do not" refused 64 'b.bin is one thing too many' \
	"$ctl" image diff -d file:files/dell-c6100.flash a.bin b.bin
tap "a missing file is named" refused 3 'nowhere.bin' "$ctl" image diff a.bin nowhere.bin

tap "image config names fields" shows '^2  0x33358.16 IB.nego_rx1_ffe_tap0 = 0x7$' \
	"$ctl" image config b.bin
tap "and shows the ini's value below" shows '^    IB.nego_rx1_ffe_tap0 = 7$' \
	"$ctl" image config b.bin
tap "bits without a name as address, mask and value" \
	shows '^1  0x1fd00 mask 0x0000ffff = 0x000015b3$' \
	"$ctl" image config b.bin
tap "nothing disagrees in a built image" json 'o["disagreements"]' 0 "$ctl" image config b.bin
disagrees()
{
	printf 'MT27520\tIB\taba_tx9_preemp\tIB.aba_tx9_ob_bias\t0x334b4\t26\t4\tnumber\tseen\n' >wrong.map &&
		status 0 "$ctl" image config a.bin --map wrong.map && grep -q 'DISAGREES' out &&
		grep -q '^[1-9][0-9]* keys of the ini say something else' out
}
tap "a disagreement is called one" disagrees
tap "a map that names bits twice is refused" refused 5 'two.map: line 1' sh -c \
	"printf 'MT27520\t-\t-\tx.y\t0x334b4\t25\t4\tnumber\tseen\n' >two.map; '$ctl' image config a.bin --map two.map"
tap "every field of the configuration is counted" json \
	'len([f for f in o["fields"] if "name" in f]) == o["named"]' True "$ctl" image config a.bin

# A body as dd takes it out of the file by what image sections tells, and the code as xz unpacks it.
"$mkimage" --chip connectx3pro --ini generate --ddr 4:9k --hash /dev/null --rom pxe:3.4.752:1007 \
	-o parts.bin \
	--ini-out parts.ini --rom-out parts.rom
extracted()
{
	status 0 "$ctl" image sections parts.bin --extract parts --json && mv out sections.json ||
		return 1
	/usr/bin/python3 - <<-'END'
		import glob, json, lzma
		image = open("parts.bin", "rb").read()
		sections = json.load(open("sections.json"))["sections"]
		packed = 0
		for n, s in enumerate(sections):
		    files = sorted(glob.glob("parts/%02d-*" % n))
		    stored = [f for f in files if f.endswith(".packed")] or files
		    assert open(stored[0], "rb").read() == image[s["data"]:s["data"] + s["size"]], files
		    if s["name"] != "DDR" or not s["param"] >> 31:
		        continue
		    body = open(stored[0], "rb").read()
		    size = int.from_bytes(body[4:8], "little")
		    filters = [{"id": lzma.FILTER_LZMA1, "lc": 0, "lp": 1, "pb": 2, "dict_size": 0x1000}]
		    code = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters).decompress(body[8:], size)
		    unpacked = [f for f in files if f.endswith(".bin")]
		    assert open(unpacked[0], "rb").read() == code and len(code) == size, files
		    packed += 1
		assert packed == 2, packed
	END
}
tap "image sections --extract saves bodies, and unpacked code" extracted
tap "the ini" cmp parts.ini parts/*-fw-configuration.ini
tap "the ROM" cmp parts.rom parts/*-rom.bin
tap "but not over a folder" refused 6 'parts is there already' \
	"$ctl" image sections parts.bin --extract parts
"$mkimage" --corrupt lzma-size -o bomb.bin
tap "code that does not unpack to what it states is refused with its place" refused 5 \
	'bomb.bin: DDR section at 0x[0-9a-f]*: LZMA' \
	sh -c "rm -rf bomb; '$ctl' image sections bomb.bin --extract bomb >sections"

"$mkimage" --rom pxe:3.4.900:1007 -o newer.bin --rom-out newer.rom
"$mkimage" --rom pxe:3.4.100:1007 -o older.bin --rom-out older.rom
"$mkimage" --rom uefi:14.9.90:1003 -o other.bin --rom-out other.rom
rom_replaced()
{
	status 0 "$ctl" rom replace a.bin newer.rom -o rom.bin || return 1
	! grep Note: out && verified rom.bin && mstflint -i rom.bin rrom got.rom &&
		cmp got.rom newer.rom &&
		[ "$(mstflint -i rom.bin \
			query | sed -n 's/^Rom Info: *//p')" = "type=PXE version=3.4.900" ]
}
tap "rom replace; mstflint finds the new one" rom_replaced
tap "an older ROM is told of" \
	shows '^Note: the ROM type=PXE version=3.4.100.* is older than the one it replaces, .*3.4.752' \
	"$ctl" rom replace a.bin older.rom -o rom.bin
tap "and one for another device" shows '^Note: the ROM type=UEFI .* is for device id 4099' \
	"$ctl" rom replace --allow-other-rom a.bin other.rom -o rom.bin
tap "and one that is lost" shows '^Note: the ROM type=PXE version=3.4.752.* has no successor' \
	"$ctl" rom replace --allow-other-rom a.bin other.rom -o rom.bin
tap "notes are in JSON" json 'len(o["notes"]), o["roms"][0]["version"]' '1 3.4.100' \
	"$ctl" rom replace a.bin older.rom -o rom.bin
"$ctl" ini dump a.bin -o own.ini
tap "build tells of an older ROM as well" \
	shows '^Note: the ROM type=PXE version=3.4.100.* is older than the one it replaces, .*3.4.752' \
	"$ctl" build --fw a.bin --conf own.ini --rom older.rom -o rom.bin
tap "and of one for another device" shows '^Note: the ROM type=UEFI .* is for device id 4099' \
	"$ctl" build --fw a.bin --conf own.ini --rom other.rom --allow-other-rom -o rom.bin
tap "and takes no firmware image for one" refused 5 \
	"newer.bin: a firmware image, not a ROM; 'cxflashctl rom extract'" \
	"$ctl" build --fw a.bin --conf own.ini --rom newer.bin -o rom.bin
tap "a firmware image is no ROM" refused 5 \
	"newer.bin: a firmware image, not a ROM; 'cxflashctl rom extract'" \
	"$ctl" rom replace a.bin newer.bin -o rom.bin
tap "nor is an ini" refused 5 'a.ini: .*55 aa' "$ctl" rom replace a.bin a.ini -o rom.bin
"$mkimage" --rom clp:1.2.3:1007:ff+pxe:3.4.5:1007:1:1:1+virtio:6.7.8:1007:2:2:3 -o three.bin
tap "rom info tells every image of a ROM" json \
	'[(r["type"], r.get("port"), r.get("protocol"), r.get("cpu")) for r in o["roms"]], o["checksum"]' \
	"[('CLP', None, None, None), ('PXE', 1, 'ETH', 'AMD64'), ('UEFI Virtio net', 2, 'VPI', 'AMD64,AARCH64')] right" \
	"$ctl" rom info three.bin
"$mkimage" --rom pxe:3.4.5:1007 --corrupt rom-checksum -o sum.bin
tap "and a wrong checksum" \
	shows '^Checksum: +the bytes of the PCI image at 0x0 sum to 0x[0-9a-f]*, not to 0$' \
	"$ctl" rom info sum.bin
"$mkimage" --rom uefi:14.9.90:1007 -o uefi.bin
tap "UEFI has none" shows '^Checksum: +none: only BIOS images' "$ctl" rom info uefi.bin
rom_removed()
{
	rm got.rom && "$ctl" rom remove a.bin -o bare.bin && verified bare.bin &&
		! mstflint -i bare.bin rrom got.rom >rrom.log &&
		grep -q "does not contain a ROM" rrom.log && "$ctl" rom extract a.bin -o a.rom &&
		"$ctl" rom replace bare.bin a.rom -o again.bin && cmp a.bin again.bin
}
tap "rom remove, and the same ROM again gives the same image" rom_removed
archived()
{
	/usr/bin/python3 \
		-c 'import zipfile; z = zipfile.ZipFile("kit.zip", "w"); z.write("a.bin"); z.write("newer.rom", "x.mrom")' &&
		"$ctl" rom replace kit.zip kit.zip::x.mrom -o kit.bin &&
		"$ctl" rom replace a.bin newer.rom -o plain.bin &&
		cmp kit.bin plain.bin
}
tap "image and ROM come out of archives" archived
tap "rom info of a ROM by itself" json 'o["file"], o["roms"][0]["version"], o["checksum"]' \
	'newer.rom 3.4.900 right' \
	"$ctl" rom info newer.rom
tap "and of one in an archive" json 'o["roms"][0]["version"]' 3.4.900 \
	"$ctl" rom info kit.zip::x.mrom
printf '\125\252\1' >stub.rom
tap "a ROM that is cut off is told of" shows '^ROM: +3 bytes: 3 bytes are too short' \
	"$ctl" rom info stub.rom
tap "no ROM cannot be removed" refused 3 'bare.bin: there is no ROM' \
	"$ctl" rom remove bare.bin -o x.bin
rom_in_dump() # SLOT
{
	"$mkimage" --chip connectx3pro --seed 3 --ini a.ini --chunk 16 --ddr 12:30k --dump 2m:$1 \
		-o one.flash &&
		"$ctl" rom replace one.flash newer.rom -o two.flash && verified_dump two.flash &&
		mstflint --striped_image -i two.flash \
		query | grep -q "Rom Info: *type=PXE version=3.4.900" &&
		"$ctl" rom extract two.flash -o got.rom && cmp got.rom newer.rom &&
		[ "$(stat -c %s two.flash)" = 2097152 ] &&
		"$ctl" rom remove two.flash -o three.flash &&
		cmp one.flash three.flash
}
verified_dump()
{
	"$ctl" verify -i "$1" >verify.log 2>&1 &&
		mstflint --striped_image -i "$1" verify >>verify.log 2>&1 ||
		{ cat verify.log; return 1; }
}
tap "a ROM goes into a dump and out of it again, slot 0" rom_in_dump 0
tap "slot 1" rom_in_dump 1
"$mkimage" --dump 2m --slot0 $release --slot1 $release -o both.flash
tap "a dump with two images is refused with the way out" refused 6 \
	"both.flash: a dump with two images.*: -d file:both.flash instead of FILE" \
	"$ctl" rom remove both.flash -o x.flash
"$mkimage" --chip connectx2 --seed 5 -o cx2.bin
"$mkimage" --chip connectx3 --seed 6 --chunk 20 -o cx3.bin
"$mkimage" --dump 2m --slot0 cx2.bin --slot1 cx3.bin -o mixed.flash
tap "slots of two chips do not both verify" refused 5 \
	'mixed.flash: 1 error, but the image at 0x0 is good and boots' \
	"$ctl" verify -i mixed.flash
tap "and it is told why" grep -q 'the image is for a ConnectX-3, not for a ConnectX' out
occupied()
{
	"$mkimage" --chip connectx3pro --seed 3 --ini a.ini --dump 2m:0 -o one.flash &&
		size=$((0x$(od -An -tx1 -j48 -N4 one.flash | tr -d ' '))) &&
		printf X | dd of=one.flash bs=1 seek=$((size + 64)) conv=notrunc 2>dd.log &&
		refused 6 'one.flash: .* holds something else from 0x' \
		"$ctl" rom replace one.flash newer.rom -o x.flash
}
tap "nothing else in a dump is overwritten" occupied
tap "-o is needed" refused 64 'rom replace needs FILE and -o OUT, or -d CARD' \
	"$ctl" rom replace a.bin newer.rom
pipe()
{
	"$ctl" rom remove a.bin -o - >piped.bin && cmp piped.bin bare.bin
}
tap "the result can be a pipe" pipe

set_id_agrees() # FILE
{
	cp "$1" theirs.bin && mstflint -y -i theirs.bin --guid 0x0002c903000a0b00 \
		--mac 0x0002c90a0b00 sg >sg.log 2>&1 &&
		"$ctl" id set "$1" --guid 0002:c903:000a:0b00 --mac 00:02:c9:0a:0b:00 -o ours.bin &&
		cmp ours.bin theirs.bin &&
		verified ours.bin
}
tap "id set makes the bytes that mstflint sg makes" set_id_agrees $release
tap "on a ConnectX-3 Pro too" set_id_agrees $cx3_release
set_vsd_agrees()
{
	cp $cx3_release theirs.bin &&
		mstflint -y -i theirs.bin --vsd "a card of mine" sv >sv.log 2>&1 &&
		"$ctl" id set $cx3_release --vsd "a card of mine" -o ours.bin &&
		cmp ours.bin theirs.bin
}
tap "and id set --vsd those of mstflint sv" set_vsd_agrees
derived()
{
	"$ctl" id set a.bin --guid f45214030001b8a0 --mac guid -o ours.bin &&
		mstflint -i ours.bin query | grep -q 'MACs: *f4521401b8a1 *f4521401b8a2' &&
		"$ctl" id set a.bin --mac f4521401b8a1 --guid mac -o back.bin &&
		cmp ours.bin back.bin
}
tap "MACs follow from GUIDs and GUIDs from MACs" derived
blanked()
{
	"$ctl" id set a.bin --blank -o blank.bin &&
		mstflint -i blank.bin query | grep -q 'GUIDs/MACs values and their CRC' &&
		"$mkimage" --chip connectx3pro --seed 3 --ini a.ini --rom pxe:3.4.752:1007 \
		--blank-guids -o want.bin &&
		cmp blank.bin want.bin
}
tap "id set --blank gives the image that never had numbers" blanked
tap "half an identity is refused on it" refused 6 'both must be given' \
	"$ctl" id set blank.bin --mac 0002c9000010 -o x.bin
id_in_dump()
{
	"$mkimage" --dump 2m:1 --ini generate -o one.flash &&
		"$ctl" id set one.flash --guid 0002c903000a0b00 -o two.flash &&
		mstflint --striped_image -i two.flash \
		query | grep -q 'GUIDs: *0002c903000a0b00 0002c903000a0b01' &&
		verified_dump two.flash
}
tap "an identity goes into a dump" id_in_dump
tap "JSON tells whose numbers they are: those of the release" json 'o["identity"]' release \
	"$ctl" id show $release
tap "no one's" json 'o["identity"]' blank "$ctl" query -i blank.bin
tap "a card's own" json 'o["identity"]' own "$ctl" id show files/tiny.flash
tap "numbers of the release are told of" shows '^Note: GUIDs and MACs are those of the release' \
	"$ctl" id show $release
tap "and are no card's own after id set" json '"release" in str(o.get("notes"))' False \
	"$ctl" id set $release --guid 0002c903000a0b00 --mac guid -o x.bin
tap "a multicast MAC is refused" refused 6 'a.bin: MAC 0102c9000010 is a multicast' \
	"$ctl" id set a.bin --mac 0102c9000010 -o x.bin
tap "a GUID that is none is refused" refused 64 '16 hex digits' \
	"$ctl" id set a.bin --guid 12 -o x.bin
tap "a VSD of 209 bytes is refused" refused 6 'at most 208' \
	"$ctl" id set a.bin --vsd "$(printf '%0209d' 0)" -o x.bin
tap "something must be set" refused 64 'at least one of' "$ctl" id set a.bin -o x.bin
tap_done
