#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Is what mkimage makes what it was asked to make? The judge is Debian's mstflint 4.21.
# B names the build folder, MKIMAGE_COUNT how many random images are tried.

here=$(dirname "$0")
. "$here/tap.sh"
mkimage=${B:-build}/mkimage
count=${MKIMAGE_COUNT:-30}
cd "$tap_tmp" || exit 1
mkimage=$(cd "$OLDPWD" && realpath "$mkimage")
here=$(cd "$OLDPWD" && realpath "$here")

same() # EXPECTED ACTUAL: equal texts, blanks at line ends aside
{
	sed 's/ *$//' "$1" >same.1
	sed 's/ *$//' "$2" >same.2
	diff -u same.1 same.2
}

# The judge's words about the image $1 are those that follow from its facts in $2.
judged() # IMAGE FACTS [MSTFLINT OPTION]
{
	mstflint $3 -i "$1" query full >query.got || { cat query.got; return 1; }
	awk -v want=query -f "$here/facts.awk" "$2" >query.want
	same query.want query.got || return 1
	mstflint $3 -i "$1" verify >verify.got || { cat verify.got; return 1; }
	# It takes sections in the order of their list, for the whole-image CRC too, which is over
	# the bytes as they lie.
	! grep "wrong CRC" verify.got || grep -q "^unordered" "$2" || return 1
	awk -v want=verify -f "$here/facts.awk" "$2" >verify.want
	sed -n 's/^ *\(\/0x.*\)/\1/p' verify.got | grep -v "(Full Image)" >verify.lines
	if grep -q "^unordered" "$2"; then
		sort -o verify.want verify.want && sort -o verify.lines verify.lines || return 1
	fi
	same verify.want verify.lines || return 1
	grep -q "^chunk" "$2" || return 0
	grep -q "Chunk size $(sed -n 's/^chunk //p' "$2"):" verify.got
}

# What was put in comes out again: ini and ROM, byte for byte.
contents() # IMAGE FACTS INI ROM [MSTFLINT OPTION]
{
	if ! grep -qx "ini 0" "$2"; then
		mstflint $5 -i "$1" dc got.ini && cmp "$3" got.ini || return 1
	fi
	# rrom takes no notice of --striped_image
	if ! grep -qx "rom 0" "$2" && [ -z "$5" ]; then
		rm -f got.rom
		mstflint $5 -i "$1" rrom got.rom && cmp "$4" got.rom || return 1
	fi
}

sound() # MKIMAGE OPTION...
{
	"$mkimage" "$@" -v -o f.bin --ini-out f.ini --rom-out f.rom >f.facts &&
		judged f.bin f.facts && contents f.bin f.facts f.ini f.rom
}

dumped() # DUMP SLOT MKIMAGE OPTION...: the same through a striped flash dump
{
	dump=$1
	slot=$2
	shift 2
	"$mkimage" "$@" --dump "$dump:$slot" -v -o f.flash --ini-out f.ini \
		--rom-out f.rom >f.facts &&
		judged f.flash f.facts --striped_image &&
		contents f.flash f.facts f.ini f.rom --striped_image
}

# The judge finds fault: verify fails, or (for what it lets pass) says the given text.
refused() # DAMAGE
{
	"$mkimage" --ini generate --rom pxe:1.2.3:673c --corrupt "$1" -o f.bin || return 1
	mstflint -i f.bin verify >verify.got 2>&1
	[ $? -eq 1 ] || { cat verify.got; return 1; }
}

passed() # DAMAGE [TEXT]
{
	"$mkimage" --ini generate --rom pxe:1.2.3:673c --corrupt "$1" -o f.bin || return 1
	mstflint -i f.bin verify >verify.got 2>&1 && grep -q "${2:-bootable}" verify.got ||
		{ cat verify.got; return 1; }
}

says() # TEXT COMMAND...: the command fails and says the text
{
	text=$1
	shift
	"$@" >says.got 2>&1 && return 1
	cat says.got
	grep -q "$text" says.got
}

for chip in connectx connectx2 connectx3 connectx3pro; do
	tap "$chip" sound --chip $chip --ini generate --rom pxe:3.4.752:1007
done
tap "device id" sound --device-id 26438
tap "PSID of 16 characters" sound --psid X6275_QDR_IB_2.5
tap "version with a long minor" sound --version 2.110.7
tap "date" sound --date 20090131 --time 235959
tap "VSD of 208 characters" sound --vsd "$(printf '%0208d' 7)"
tap "product, PRS name" sound --product 02.42.50.00 --prs board_2mb.prs
tap "GUIDs and MACs" sound --guid 0002c90300a1b2c0 --mac 0002c9a1b2c0
tap "four GUID entries" sound --guid-entries 4
tap "three ROMs" sound --rom clp:8.18.468:673c+uefi:14.9.90:673c:2+pxe:3.4.752:673c:2:1
tap "ini, poorly compressed" sound --ini generate --ini-level 1
tap "one boot section" sound --boot2 1
tap "not failsafe" sound --nonfailsafe
tap "chunk of 64 KiB" sound --chunk 16
tap "list ends with 0" sound --last-next 0
tap "config area" sound --nv-sectors 3 --nv-pad 1 --nv-sector-log2k 4
tap "access key" sound --access-key 0123456789abcdef
tap "minimum FIT version" sound --min-fit 1.22.333.4444
tap "no MIC version" sound --no-mic
tap "no info pointer" sound --no-info-pointer
tap "further sections" sound --emt 77 --user-data 100 --board-id 16 --ddrz --unknown-section 99 \
	--hash "$here/image.h"
tap "code first" sound --code-first --ini generate
tap "padding" sound --pad 4096
tap "twelve code sections" sound --ddr 12:20k --lzma-end-marker
tap "many configuration words" sound --words 800
for ini in "$here"/*.ini; do
	tap "${ini##*/}" sound --chip connectx3pro --ini "$ini"
done

tap "dump, slot 0" dumped 1m 0 --chunk 16 --ddr 12:60k --ini generate --rom pxe:1.2.3:673c
tap "dump, slot 1" dumped 1m 1 --chunk 16 --ddr 12:60k --ini generate --rom pxe:1.2.3:673c
tap "dump, slot 1, 1 MiB chunks" dumped 2m 1 --ini generate
tap "an image too long for its slot" says "does not fit" \
	"$mkimage" --ddr 12:100k --dump 256k:1 --chunk 16 -o f.bin

two_slots()
{
	"$mkimage" --version 2.9.1000 -v -o a.bin >a.facts &&
		"$mkimage" --version 2.10.720 -o b.bin &&
		"$mkimage" --dump 2m --slot0 a.bin --slot1 b.bin -o f.flash &&
		judged f.flash a.facts --striped_image &&
		tail -c 1m f.flash | head -c "$(stat -c %s b.bin)" | cmp - b.bin
}
tap "a dump of two images" two_slots

blank()
{
	"$mkimage" --blank-guids -o f.bin && says "BLANK GUIDS" mstflint -i f.bin verify
}
tap "blank GUIDs" blank

seed=1
while [ "$seed" -le "$count" ]; do
	tap "random image $seed" sound --random $seed
	seed=$((seed + 1))
done

# What the judge must refuse, and what it is known to let pass (fs2-image 17).
for damage in magic format-byte failsafe-word info-pointer info-range guid-range guid-count \
	boot2-crc \
	boot2-data boot2-size section-crc:0 section-crc:2 section-data:1 section-data:3 \
	section-size:1 \
	next-pointer:2 next-unaligned:2 tlv-early-end tlv-length truncate:4 truncate:2000 \
	flip:3000 \
	copies:3 unaligned; do
	tap "refused: $damage" refused $damage
done
for damage in size-word list-end:2 tlv-no-end config-order config-mask ini-stream lzma-size \
	rom-checksum rom-signature mac-multicast copies:2; do
	tap "let pass: $damage" passed $damage
done
tap "let pass with a word: full-crc" passed full-crc "wrong CRC"
tap "let pass with a word: header-word" passed header-word "wrong CRC"

tap "unknown damage" says "not known" "$mkimage" --corrupt nonsense -o f.bin
tap "no output file" says "missing" "$mkimage" --seed 1
tap "no such ini" says "No such file" "$mkimage" --ini /nonexistent -o f.bin

same_seed()
{
	"$mkimage" --random 5 -o a.bin && "$mkimage" --random 5 -o b.bin && cmp a.bin b.bin &&
		"$mkimage" --random 6 -o b.bin && ! cmp -s a.bin b.bin
}
tap "the seed makes the image" same_seed
tap_done
