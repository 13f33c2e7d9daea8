#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# cxflashctl on images, against two judges: Debian's mstflint 4.21 for what an image is, and mkimage
# (which shares no line with cxflashctl) for what another board's image must be, byte for byte.
#
# B names the build folder, JUDGE_COUNT how many random images are tried, JUDGE_MUTATED how many
# damaged ones (18 are one of each kind), JUDGE_FLIPPED of how many bits are flipped, JUDGE_VALUES
# what keys are set to, CXFLASH_IMAGES a folder of real ones.
#
# Where cxflashctl and mstflint differ by intention:
#   full-image CRC, size word, stray sections, damaged zlib and LZMA streams, ROM checksum
#			mstflint lets them pass; they are errors here
#   an image whose section list runs in a circle
#			mstflint never ends
#   an image whose section list does not follow the addresses
#			mstflint takes the sections for the whole-image CRC in the order of the
#			list, cxflashctl the bytes
#			in their order; its checksum and the CRC that its sg puts go by the list,
#			too
#   flipped bits in a header word, the size word or between sections
#			only the whole-image CRC knows, which mstflint lets pass or, without the MIC
#			version, does not read
#   an Image Info that states no PSID, or one that is no text
#			no card can be matched with such an image
#   wording		judge.awk names each case

here=$(dirname "$0")
. "$here/tap.sh"
build=$(realpath "${B:-build}")
here=$(realpath "$here")
mkimage=$build/mkimage
cx=$(realpath "${CTL:-$build/cxflashctl}")
count=${JUDGE_COUNT:-10}
mutated=${JUDGE_MUTATED:-18}
flipped=${JUDGE_FLIPPED:-2}
values=${JUDGE_VALUES:-14}
images=${CXFLASH_IMAGES:+$(realpath "$CXFLASH_IMAGES")}
cd "$tap_tmp" || exit 1
for program in "$mkimage" "$cx" "$(command -v mstflint)"; do
	[ -x "$program" ] || { echo "Bail out! no ${program:-mstflint}"; exit 1; }
done

# Both see the same in an image, and both find it sound.
agree() # IMAGE [MSTFLINT OPTION]
{
	mstflint $2 -i "$1" query full >mst.q && mstflint $2 -i "$1" verify >mst.v ||
		{ cat mst.q mst.v; return 1; }
	"$cx" query -i "$1" --full >cx.q 2>cx.err && "$cx" verify -i "$1" >cx.v 2>cx.err ||
		{ cat cx.q cx.v cx.err; return 1; }
	! grep "wrong CRC" mst.v || [ "$unordered" ] || return 1
	nomacs=$(grep -c "Cannot get MAC address" mst.q)
	for who in mst cx; do
		awk -v nomacs="$nomacs" -f "$here/judge.awk" $who.q $who.v | sort -s \
			-k1,1 >$who.facts
	done
	diff mst.facts cx.facts
}

# The ini and the ROM that come out are those mstflint takes out.
parts() # IMAGE
{
	rm -f mst.rom cx.rom
	if mstflint -i "$1" dc mst.ini >mst.log 2>&1; then
		"$cx" ini dump "$1" -o cx.ini && cmp mst.ini cx.ini || return 1
	else
		rm -f mst.ini
	fi
	mstflint -i "$1" rrom mst.rom >mst.log 2>&1 || return 0
	"$cx" rom extract "$1" -o cx.rom && cmp mst.rom cx.rom
}

# export and build give the image back, with what dc took out of it, and so does build without .mlx.
round_trip() # IMAGE
{
	conf=
	[ ! -f mst.ini ] || conf="--conf mst.ini"
	size=$((0x$(od -An -tx1 -j48 -N4 "$1" | tr -d ' ')))
	"$cx" mlx export "$1" -o cx.mlx && "$cx" build --fw cx.mlx $conf -o cx.bin &&
		head -c $size "$1" | cmp - cx.bin &&
		"$cx" build --fw "$1" $conf -o cx.bin && head -c $size "$1" | cmp - cx.bin
}

# Another PSID and name: from .bin and from .mlx, the bytes mkimage makes for that ini.
rebrand() # MKIMAGE OPTION...
{
	"$cx" ini rebrand mst.ini --psid SYN0000000042 --name SYNTHETIC_42 -o new.ini &&
		"$mkimage" "$@" --ini new.ini --pad 0 -o want.bin &&
		"$cx" build --fw cx.mlx --conf new.ini -o got.bin && cmp want.bin got.bin &&
		"$cx" build --fw f.bin --conf new.ini -o got.bin && cmp want.bin got.bin &&
		agree got.bin && "$here/only-rebranded" f.bin got.bin
}

# Changed keys whose words are known: what mkimage compiles for the new ini, whichever way it is
# built.
changed() # SEED SECTION.KEY=VALUE...
{
	seed=$1
	shift
	"$mkimage" --chip connectx3pro --seed "$seed" --ini generate -o f.bin --ini-out mst.ini &&
		"$cx" ini set mst.ini "$@" -o new.ini && "$cx" mlx export f.bin -o cx.mlx &&
		"$mkimage" --chip connectx3pro --seed "$seed" --ini new.ini -o want.bin &&
		"$cx" build --fw cx.mlx --conf new.ini -o got.bin && cmp want.bin got.bin &&
		"$cx" build --fw f.bin --conf new.ini -o got.bin && cmp want.bin got.bin &&
		"$cx" build --fw f.bin --conf mst.ini $(printf -- '--set %s ' "$@") -o got.bin &&
		cmp want.bin got.bin && agree got.bin
}

# The same through a flash dump, whose chunks lie apart.
dumped() # SLOT MKIMAGE OPTION...
{
	slot=$1
	shift
	"$mkimage" "$@" -o f.bin --ini-out mst.ini &&
		"$mkimage" "$@" --dump 2m:"$slot" -o f.flash &&
		agree f.flash --striped_image && "$cx" ini dump f.flash -o cx.ini &&
		cmp mst.ini cx.ini &&
		"$cx" mlx export f.flash -o cx.mlx &&
		"$cx" build --fw cx.mlx --conf mst.ini -o got.bin &&
		cmp f.bin got.bin
}

# A key whose words nobody knows: refused by name, or recorded in the text alone.
unknown_key() # SECTION.KEY=VALUE
{
	"$mkimage" --ini generate -o f.bin --ini-out mst.ini &&
		"$cx" ini set mst.ini "$1" -o new.ini && "$mkimage" --ini new.ini -o want.bin ||
		return 1
	"$cx" build --fw f.bin --conf new.ini -o got.bin 2>cx.err
	[ $? -eq 6 ] && grep "${1%=*}" cx.err || { cat cx.err; return 1; }
	"$cx" build --fw f.bin --conf new.ini --ini-text-only -o got.bin >cx.err 2>&1 &&
		grep "${1%=*}" cx.err &&
		cmp want.bin got.bin
}

# The checksum of a release, and the bytes of an image with other GUIDs and MACs. mstflint dies of
# some images without a VSD, and for one without pointer to its Image Info it leaves out bytes of
# the header instead.
identity() # IMAGE
{
	if mstflint -i "$1" checksum >mst.cs 2>&1 &&
		[ "$(od -An -tx1 -j45 -N3 "$1")" != " 00 00 00" ]; then
		"$cx" image checksum "$1" >cx.cs &&
			sed -n 's/^Checksum: //p' mst.cs | cmp - cx.cs || return 1
	fi
	cp "$1" mst.bin && mstflint -y -i mst.bin --guid 0x0002c903000a0b00 --mac 0x0002c90a0b01 \
		sg >mst.log 2>&1 ||
		{ grep "not supported" mst.log; return; } # blank GUIDs
	"$cx" id set "$1" --guid 0002c903000a0b00 --mac 0002c90a0b01 -o got.bin &&
		head -c $(stat -c %s got.bin) mst.bin |
		cmp - got.bin
}

random() # SEED
{
	"$mkimage" --random "$1" -o f.bin -v >f.made || return 1
	unordered=$(grep '^unordered' f.made)
	agree f.bin && parts f.bin && round_trip f.bin || return 1
	[ "$unordered" ] || identity f.bin || return 1
	[ ! -f mst.ini ] || rebrand --random "$1"
}

# An image nobody can make again: its ini and its ROM are changed and put back.
real() # IMAGE
{
	unordered=
	agree "$1" && parts "$1" && identity "$1" && round_trip "$1" || return 1
	if [ -f mst.ini ]; then
		"$cx" ini rebrand mst.ini --psid SYN0000000042 --name SYNTHETIC_42 -o new.ini &&
			"$cx" build --fw "$1" --conf new.ini -o got.bin && agree got.bin &&
			"$here/only-rebranded" "$1" got.bin || return 1
	fi
	if [ -f mst.rom ]; then
		"$cx" rom remove "$1" -o bare.bin && "$cx" verify -i bare.bin >cx.v &&
			"$cx" rom replace bare.bin mst.rom -o got.bin && agree got.bin || return 1
	fi
	damaged_real "$1"
}

# No single bit of it may flip unseen, nor its end be missing.
damaged_real() # IMAGE
{
	size=$((0x$(od -An -tx1 -j48 -N4 "$1" | tr -d ' ')))
	for n in 1 2 3 4 5 6 7 8 9 10; do
		at=$((n * 2654435761 % size))
		head -c $size "$1" >bad.bin
		byte=$(od -An -tu1 -j$at -N1 bad.bin)
		printf "\\$(printf %o $((byte ^ (1 << n % 8))))" | dd of=bad.bin bs=1 seek=$at \
			conv=notrunc 2>dd.log
		"$cx" verify -i bad.bin >cx.v 2>&1
		[ $? -eq 5 ] || { echo "a bit of byte $at flips unseen"; cat cx.v; return 1; }
		head -c $((at & ~3)) "$1" >bad.bin
		"$cx" verify -i bad.bin >cx.v 2>&1
		[ $? -eq 5 ] || { echo "only $at bytes of it go unseen"; cat cx.v; return 1; }
	done
}

# One of many damages, chosen by the seed, to a random image: what mstflint refuses cxflashctl
# refuses, naming the same sections; what cxflashctl takes, both see alike; and what only cxflashctl
# refuses is a case of the list above.
mutated() # SEED
{
	"$mkimage" --random "$1" --pad 0 -o f.bin || return 1
	size=$(stat -c %s f.bin)
	where=$(($1 * 2654435761 % (size * 8)))
	set -- "$1" flip:$where flip:$((where % 448)) section-crc:$(($1 % 7)) \
		section-data:$(($1 % 7)) full-crc size-word \
		header-word section-size:$(($1 % 5)) next-pointer:$(($1 % 5)) \
		truncate:$(($1 % 9 * 4 + 4)) boot2-crc \
		boot2-data tlv-early-end tlv-length info-range guid-range failsafe-word magic
	seed=$1
	shift $((seed % 18 + 1))
	if "$mkimage" --random "$seed" --pad 0 --corrupt "$1" -o bad.bin 2>mk.err; then
		what=$1
	else
		what=flip:$where # it has no such section
		"$mkimage" --random "$seed" --pad 0 --corrupt $what -o bad.bin || return 1
	fi
	timeout 20 mstflint -i bad.bin verify >mst.v 2>&1
	theirs=$?
	"$cx" verify -i bad.bin >cx.v 2>&1
	ours=$?
	echo "$what: mstflint $theirs, cxflashctl $ours"
	echo "$ours:$theirs" >>verdicts
	case $ours:$theirs in
	0:0)
		unordered=1 # its order may be what was damaged
		agree bad.bin || return 1
		;;
	5:0)
		grep -qE "$only_ours" cx.v || { echo "not on the list:"; cat cx.v; return 1; }
		;;
	5:*)
		# Sections mstflint finds bad are bad for both, if there is an image at all.
		sed -n '/Full Image/d; s|^ */\(0x[0-9a-f]*\)-.*rong CRC.*|\1|p' mst.v >bad.sections
		grep -q "^FS2" cx.v || return 0
		while read -r at; do
			grep -E "^  $at-" cx.v | grep -qv ' OK' ||
				{ echo "section at $at:"; cat mst.v cx.v; return 1; }
		done <bad.sections
		;;
	*)
		cat mst.v cx.v
		return 1
		;;
	esac
}
only_ours='Full Image +(CRC|.*too)|size word at 0x30|PSID|LZMA|zlib|ROM .*sum|Image at 0x0: .*(overlaps|outside the image)'

# cxflashctl refuses with exit 5 and names the place; mstflint's verdict is PASS, FAIL or HANG.
refused() # DAMAGE MSTFLINT PLACE
{
	"$mkimage" --chip connectx3pro --ini generate --rom pxe:3.4.752:1007 --corrupt "$1" \
		-o bad.bin ||
		return 1
	"$cx" verify -i bad.bin >cx.v 2>&1
	status=$?
	cat cx.v
	[ $status -eq 5 ] || { echo "exit $status, not 5"; return 1; }
	grep -qE -- "$3" cx.v || { echo "says nothing of '$3'"; return 1; }
	[ "$2" = HANG ] && return 0
	mstflint -i bad.bin verify >mst.v 2>&1
	[ $? -eq "$([ "$2" = PASS ]; echo $?)" ] ||
		{ echo "mstflint did not $2:"; cat mst.v; return 1; }
}

# A rule seen in one image only is a warning; both let the image pass.
warned() # DAMAGE PLACE
{
	"$mkimage" --chip connectx3pro --ini generate --rom pxe:3.4.752:1007 --corrupt "$1" \
		-o bad.bin &&
		"$cx" verify -i bad.bin >cx.v 2>&1 && mstflint -i bad.bin verify >mst.v 2>&1 &&
		grep -qE -- "$2" cx.v || { cat cx.v; return 1; }
}

blank()
{
	"$mkimage" --blank-guids --ini generate -o f.bin --ini-out mst.ini && round_trip f.bin &&
		"$cx" verify -i f.bin >cx.v && grep "GUID.*blank" cx.v &&
		! mstflint -i f.bin verify >mst.v 2>&1 && grep "BLANK GUIDS" mst.v
}

# No single bit of an image may flip unseen.
flips() # SEED
{
	"$mkimage" --random "$1" --pad 0 -o f.bin || return 1
	bits=$(($(stat -c %s f.bin) * 8))
	for n in 1 2 3 4 5 6 7 8 9 10; do
		bit=$((($1 * 2654435761 + n * 40503 * 65537) % bits))
		"$mkimage" --random "$1" --pad 0 --corrupt flip:$bit -o bad.bin || return 1
		"$cx" verify -i bad.bin >cx.v 2>&1
		[ $? -eq 5 ] || { echo "bit $bit of image $1 flips unseen"; cat cx.v; return 1; }
	done
}

# Nor may its end be missing.
cuts() # SEED
{
	"$mkimage" --random "$1" --pad 0 -o f.bin || return 1
	size=$(stat -c %s f.bin)
	for cut in 4 $((size / 5)) $((size / 2)) $((size * 4 / 5)) $((size - 32)) $((size - 4)); do
		head -c $(((size - cut) & ~3)) f.bin >bad.bin
		"$cx" verify -i bad.bin >cx.v 2>&1
		[ $? -eq 5 ] || { echo "$cut bytes less go unseen"; cat cx.v; return 1; }
	done
}

seed=1
while [ "$seed" -le "$count" ]; do
	tap "image $seed" random $seed
	seed=$((seed + 1))
done

for n in $values; do
	tap "PCI identity $n" changed $n HCA.hca_header_subsystem_id=0x5$n \
		HCA.hca_header_class_code=0x0207$n
	tap "device id $n" changed $n ADAPTER.adapter_dev_id=0x1$n HCA.hca_header_device_id=0x1$n
	tap "GPIO $n" changed $n ADAPTER.gpio_mode1=0x8$n ADAPTER.gpio_mode0=$n \
		ADAPTER.gpio_default_val=0xf00000$n ADAPTER.gpio_pull_up=0 \
		ADAPTER.gpio_pull_enable=0xffffffff
	tap "Ethernet speeds $n" changed $n IB.port1_802_3ap_kx4_ability=$((n % 2)) \
		IB.port1_802_3ap_kx4_enable=true IB.port2_802_3ap_kx4_ability=1 \
		IB.port2_802_3ap_kx4_enable=false
	tap "receivers $n" changed $n IB.nego_rx1_ffe_tap0=$n IB.nego_rx1_ffe_tap1=0x$n \
		IB.nego_rx1_ffe_tap4=255 IB.nego_eth_rx1_slicer_ind_en=$n \
		IB.nego_eth_rx1_slicer1_enable=7 \
		IB.nego_eth_rx12_slicer2_enable=9 IB.nego_eth_rx12_ffe_tap2=0 \
		IB.nego_eth_rx12_ffe_tap3=$n
	tap "transmitters $n" changed $n IB.force_tx7_ob_bias=$((n % 16)) \
		IB.force_tx7_ob_preemp_main=0x2a \
		IB.aba_tx8_preemp=3 IB.aba_tx8_main_polarity=1 IB.aba_tx9_ob_preemp_post=$n \
		IB.aba_tx9_post_polarity=0 IB.aba_non_mlpn_tx8_ob_preemp_pre=$n \
		IB.aba_non_mlpn_tx8_pre_polarity=1
	tap "config area $n" changed $n ADAPTER.nv_config_sectors=$((n % 5)) \
		FW.log_flash_sector_size=$((n % 7))
done

for slot in 0 1; do
	tap "dump, slot $slot" dumped $slot --ini generate --rom pxe:1.2.3:673c
	tap "dump in small chunks, slot $slot" dumped $slot --chip connectx3 --ini generate \
		--chunk 16 \
		--ddr 12:60k --rom uefi:14.9.90:1003
done
tap "a key nobody knows" unknown_key HCA.total_vfs=77
tap "a new key" unknown_key IB.cx3_spec1_3_ib_support_port0=1

while read -r verdict damage place; do
	tap "refused: $damage" refused "$damage" "$verdict" "$place"
done <<END
FAIL magic magic
FAIL format-byte FS3.*0x24|0x24.*FS3
FAIL failsafe-word failsafe word
FAIL info-pointer 0x2c
FAIL info-range 0x2c
FAIL guid-range 0x34
FAIL guid-count (GUID|Image Info)
FAIL boot2-crc BOOT2.*CRC
FAIL boot2-data BOOT2.*CRC
FAIL boot2-size BOOT2.*0x38
FAIL section-crc:0 Configuration.*CRC
FAIL section-crc:1 ROM.*CRC
FAIL section-crc:2 GUID.*CRC
FAIL section-crc:3 Image Info.*CRC
FAIL section-crc:4 DDR.*CRC
FAIL section-crc:12 FW Configuration.*CRC
FAIL section-data:0 Configuration.*CRC
FAIL section-data:5 DDR.*(CRC|LZMA)
FAIL section-size:1 ROM.*0x[0-9a-f]+
FAIL next-pointer:2 0xf00000
FAIL next-unaligned:2 0x[0-9a-f]+
FAIL tlv-early-end Image Info.*end tag
FAIL tlv-length Image Info.*tag
FAIL truncate:4 FW Configuration.*0x[0-9a-f]+
FAIL unaligned multiple of 4
FAIL copies:3 0x10000.*0x20000
PASS full-crc 0x22
PASS header-word Full Image.*CRC
PASS size-word 0x30
PASS list-end:6 0x30
PASS tlv-no-end Image Info.*end tag
PASS ini-stream FW Configuration
PASS lzma-size DDR
PASS rom-checksum ROM.*sum
HANG next-loop:2 0x[0-9a-f]+
HANG next-loop:0 0x[0-9a-f]+
END
tap "warned: config-order" warned config-order "Configuration.*ascend"
tap "warned: config-mask" warned config-mask "Configuration.*mask"
tap "warned: rom-signature" warned rom-signature "ROM.*signature"
tap "warned: mac-multicast" warned mac-multicast "multicast"

tap "blank GUIDs" blank

seed=1001
while [ "$seed" -le $((1000 + flipped)) ]; do
	tap "flipped bits of image $seed" flips $seed
	tap "image $seed cut short" cuts $seed
	seed=$((seed + 1))
done

seed=5001
while [ "$seed" -le $((5000 + mutated)) ]; do
	tap "damaged image $seed" mutated $seed
	seed=$((seed + 1))
done
sort verdicts | uniq -c | sed 's/^/# damaged images, exit status of cxflashctl and mstflint: /'

# Without real ones, made ones go the same way.
if [ -z "$images" ]; then
	mkdir images && images=$tap_tmp/images &&
		"$mkimage" --ini generate --rom pxe:1.2.3:673c -o images/made-cx2.bin &&
		"$mkimage" --chip connectx3pro --ini generate --rom pxe:3.4.752:1007 --pad 512 \
		-o images/made-cx3.bin || exit 1
fi
for image in "$images"/*.bin; do
	tap "image of a folder: ${image##*/}" real "$image"
done
tap_done
