#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Cards that cannot be burnt failsafe: blank, damaged, non-failsafe, divided otherwise, with too
# many signatures, without an identity. Each is refused with the way out, and then burnt by it.
# Debian's mstflint judges what the card holds.

. "$(dirname "$0")/cmd.sh"

sed -e 's/^PSID.*/PSID = DEL09A0000009/' $stock_ini >dell.ini
"$ctl" build --fw $release --conf dell.ini -o new.bin >/dev/null 2>&1 || exit 1
mk() # OPTION...: an image or a dump of the demo's card
{
	"$mkimage" --chip connectx2 --ini dell.ini --guid 0002c90300a1b2c0 --mac 0002c9a1b2c0 \
		--vsd "DELL C6100" "$@"
}
given="--guid 0002c90300e1a200 --mac 0002c9e1a200"

query() # FLASH
{
	mstflint --striped_image -i "$1" query full >now 2>&1 || { cat now; return 1; }
}

# The new firmware, whole, where the chip looks first, for mstflint and for verify
holds() # FLASH GUID
{
	mstflint --striped_image -i "$1" verify >verify.log 2>&1 && ! grep "wrong CRC" verify.log ||
		{ cat verify.log; return 1; }
	status 0 "$ctl" verify -d "file:$1" && query "$1" && grep -q "^GUIDs: *$2" now &&
		grep -q '^FW Version: *2.10.0*720' now &&
		json '[s["start"] for s in o["slots"]]' '[0]' "$ctl" query -d "file:$1"
}

blank() # FILE
{
	head -c 2097152 /dev/zero | tr '\0' '\377' >"$1"
}

# A blank flash.
blank blank.flash
watch=blank.flash
tap "a blank flash: refused, with the flag" refused 6 \
	'no image on this flash.*--no-failsafe burns it all the same' \
	"$ctl" burn -d file:blank.flash new.bin $given
tap "and without an identity, with those" refused 6 \
	'identity cannot be read; give it with --guid and --mac, or with --identity' \
	"$ctl" burn -y -d file:blank.flash new.bin --no-failsafe
tap "the flag alone is not enough" refused 6 'besides --no-failsafe it takes --yes' \
	"$ctl" burn -d file:blank.flash new.bin --no-failsafe $given
tap "GUIDs without MACs are no identity" refused 6 'both must be given' \
	"$ctl" burn -y -d file:blank.flash new.bin --no-failsafe --guid 0002c90300e1a200
tap "a dry run shows that it is not failsafe" shows '^Plan: *NOT failsafe: slot at 0x0' \
	"$ctl" burn -n -d file:blank.flash new.bin --no-failsafe $given
tap "and JSON too" json 'o["plan"]["failsafe"]' False \
	"$ctl" burn -n -d file:blank.flash new.bin --no-failsafe $given
watch=
by_flags()
{
	status 0 "$ctl" burn -y -d file:blank.flash new.bin --no-failsafe $given &&
		holds blank.flash 0002c90300e1a200
}
tap "burnt with an identity by flags" by_flags
tap "the next burn of it is failsafe" json 'str(o["plan"]["failsafe"]) + str(o["plan"]["start"])' \
	True1048576 \
	"$ctl" burn -n -d file:blank.flash new.bin --no-failsafe --vsd again
by_typing()
{
	blank typed.flash
	printf 'DEL09A0000009\n' | script -qec "$ctl burn -d file:typed.flash new.bin $given" \
		typed >out 2>&1 &&
		grep -q 'recovery mode' out && holds typed.flash 0002c90300e1a200 ||
		{ cat out; return 1; }
}
tap "at a terminal the PSID is typed, after a word on recovery mode" by_typing
by_backup()
{
	"$ctl" backup -d file:files/dell-c6100.flash -o saved >/dev/null && blank other.flash &&
		status 0 "$ctl" burn -y -d file:other.flash new.bin --no-failsafe \
		--identity saved && holds other.flash 0002c90300a1b2c0 &&
		grep -q '^VSD: *DELL C6100 MEZZ SN 0RT3X7' now
}
tap "burnt with the identity of a backup" by_backup
restored()
{
	blank other.flash
	watch=other.flash
	refused 6 'nothing would boot.*--no-failsafe' \
		"$ctl" restore -y -d file:other.flash --dump saved &&
		refused 6 'besides --no-failsafe it takes --yes' "$ctl" restore \
		-d file:other.flash --dump --no-failsafe saved
	ret=$?
	watch=
	[ $ret = 0 ] && status 0 "$ctl" restore -y -d file:other.flash --dump --no-failsafe saved &&
		cmp other.flash files/dell-c6100.flash && blank other.flash &&
		status 0 "$ctl" restore -y -d file:other.flash --no-failsafe saved &&
		status 0 "$ctl" verify -d file:other.flash
}
tap "a backup goes back onto a blank flash: the dump, and the image" restored

# Other states that have nothing to fall back to.
burns() # FLASH REASON [FLAG...]: refused for that reason, then burnt, with the card's own GUIDs
{
	flash=$1 reason=$2
	shift 2
	watch=$flash
	refused 6 "$reason.*--no-failsafe" "$ctl" burn -d "file:$flash" new.bin "$@"
	ret=$?
	watch=
	[ $ret = 0 ] && status 0 "$ctl" burn -y -d "file:$flash" new.bin --no-failsafe "$@" &&
		holds "$flash" 0002c90300a1b2c0
}
own="--guid 0002c90300a1b2c0 --mac 0002c9a1b2c0"
nonfailsafe()
{
	mk --nonfailsafe --version 2.9.1000 --dump 2m:0 -o nofs.flash &&
		burns nofs.flash 'holds a non-failsafe image'
}
tap "a non-failsafe flash" nonfailsafe
other_chunks()
{
	mk --chunk 19 --version 2.9.1000 --dump 2m:1 -o chunks.flash &&
		burns chunks.flash 'chunk size of 0x100000.*chunks of 0x80000'
}
tap "a flash with another chunk size" other_chunks
damaged()
{
	cp files/dell-c6100.flash damaged.flash
	printf '\1\1\1\1' | dd of=damaged.flash bs=1 seek=$((0x28)) conv=notrunc status=none
	burns damaged.flash 'can be taken apart' $own
}
tap "a flash whose image is ruined" damaged
three()
{
	cp files/dell-c6100.flash three.flash
	for at in $((0x40000)) $((0x80000)); do
		dd if=three.flash of=three.flash bs=16 count=1 seek=$((at / 16)) conv=notrunc \
			status=none
	done
	refused 5 'three.flash: more than two images start here \(at 0x0, 0x40000 and 0x80000\)' \
		"$ctl" query -d file:three.flash &&
		refused 5 'more than two images' "$ctl" query --quick -d file:three.flash &&
		refused 5 'more than two images' "$ctl" verify -d file:three.flash &&
		burns three.flash 'more than two images' $own
}
tap "three signatures" three
single()
{
	mk --nonfailsafe --version 2.10.720 -o single.bin &&
		cp files/dell-c6100.flash single.flash && watch=single.flash
	refused 6 'image is non-failsafe.*--no-failsafe' "$ctl" burn -d file:single.flash single.bin
	ret=$?
	watch=
	[ $ret = 0 ] && status 0 "$ctl" burn -y -d file:single.flash single.bin --no-failsafe &&
		holds single.flash 0002c90300a1b2c0
}
tap "a non-failsafe image" single
large()
{
	# More than half the flash, which only a non-failsafe image may be.
	mk --nonfailsafe --version 2.10.720 --ddr 12:120k -o large.bin &&
		[ "$(stat -c %s large.bin)" -gt 600000 ] &&
		mk --chunk 19 --version 2.9.1000 --dump 1m:1 -o large.flash && watch=large.flash
	refused 6 'non-failsafe.*--no-failsafe' "$ctl" burn -d file:large.flash large.bin
	ret=$?
	watch=
	[ $ret = 0 ] && status 0 "$ctl" burn -y -d file:large.flash large.bin --no-failsafe &&
		holds large.flash 0002c90300a1b2c0
}
tap "an image that is larger than a slot" large
too_large()
{
	mk --chunk 19 --version 2.10.720 --ddr 12:120k -o toolarge.bin &&
		mk --chunk 19 --version 2.9.1000 --dump 1m:0 -o small.flash &&
		watch=small.flash
	refused 6 \
		'with identity and ROM the image has 0x[0-9a-f]* bytes; a slot has 0x80000.*--rom none' \
		"$ctl" burn -y -d file:small.flash toolarge.bin --no-failsafe
	ret=$?
	watch=
	return $ret
}
tap "a failsafe image that is larger than a slot fits nowhere" too_large

tap "nor does one that is cut into chunks of half the flash" refused 6 \
	'a flash of 0x100000 bytes has no room for two slots in chunks of 0x100000' \
	"$ctl" burn -y -d file:small.flash new.bin --no-failsafe
typed_no()
{
	blank typed.flash
	blank typed.shipped
	printf 'another\n' | script \
		-qec "$ctl restore -d file:typed.flash --dump --no-failsafe saved" typed >out 2>&1
	[ $? = 6 ] && grep -q 'recovery mode' out && grep -q 'not confirmed' out &&
		cmp typed.flash typed.shipped || { cat out; return 1; }
}
tap "a restore is not done where another PSID is typed" typed_no

half_way()
{
	blank half.flash
	# Writes behind 1 MiB fail: the second stripe of the image is out of reach.
	(
		trap '' XFSZ
		ulimit -f 2048
		refused 7 'half.flash: .*(File too large|cannot write)' \
			"$ctl" burn -y --no-backup -d file:half.flash toolarge.bin \
			--no-failsafe $given
	) || return 1
	grep -q '^Card state: *unknown$' out &&
		grep -q 'do not power off.*burn again with --no-failsafe' out &&
		status 0 "$ctl" burn -y -d file:half.flash toolarge.bin --no-failsafe $given &&
		status 0 "$ctl" verify -d file:half.flash
}
tap "a write that fails half-way: state unknown, and the same again brings it to life" half_way

# Identities that cannot be kept. All of these are burnt failsafe, with the flags.
kept_in() # FLASH REASON: refused; with flags burnt into the other slot
{
	watch=$1
	refused 6 "$2.*--guid and --mac" "$ctl" burn -d "file:$1" new.bin
	ret=$?
	watch=
	[ $ret = 0 ] && status 0 "$ctl" burn -d "file:$1" new.bin $given && query "$1" &&
		grep -q "^GUIDs: *0002c90300e1a200" now &&
		status 0 "$ctl" verify -d "file:$1" &&
		json '[s["start"] for s in o["slots"]]' '[1048576]' "$ctl" query -d "file:$1"
}
no_guids()
{
	"$mkimage" --chip connectx2 --ini dell.ini --version 2.9.1000 --blank-guids --vsd mine \
		--dump 2m:0 -o id.flash &&
		kept_in id.flash 'GUIDs are blank' && query id.flash && grep -q '^VSD: *mine' now
}
tap "blank GUIDs; the VSD stays the card's" no_guids
placeholders()
{
	"$mkimage" --chip connectx2 --ini dell.ini --version 2.9.1000 --dump 2m:0 -o id.flash &&
		kept_in id.flash "those of the release's files"
}
tap "the GUIDs of a release's files" placeholders
two_cards()
{
	mk --version 2.9.1000 -o one.bin &&
		"$mkimage" --chip connectx2 --ini dell.ini --guid 0002c90300f1a200 \
		--mac 0002c9f1a200 -o two.bin &&
		"$mkimage" --dump 2m --slot0 one.bin --slot1 two.bin -o id.flash &&
		refused 6 'both must be given' \
		"$ctl" burn -d file:id.flash new.bin --guid 0002c90300a1b2c0 &&
		kept_in id.flash \
		'0002c90300a1b2c0, MAC 0002c9a1b2c0 at 0x0 and node GUID 0002c90300f1a200, MAC 0002c9f1a200 at 0x100000'
}
tap "two good images of two cards: both are shown" two_cards
old_section()
{
	mk --guid-entries 4 --version 2.9.1000 --dump 2m:0 -o old.flash &&
		shows 'note .*4 entries and no MACs.*0002c9a1b2c1, 0002c9a1b2c2' \
		"$ctl" burn -n -d file:old.flash new.bin &&
		status 0 "$ctl" burn -d file:old.flash new.bin && query old.flash &&
		grep -q '^MACs: *0002c9a1b2c1 *0002c9a1b2c2' now
}
tap "an old section of 4 entries: the MACs follow" old_section
en_to_vpi()
{
	"$mkimage" --chip connectx2 --psid MT_0F60110010 --device-id 0x6750 --version 2.9.1000 \
		--guid ffffffffffffffff \
		--mac 0002c9a1b2c1 --dump 2m:0 -o en.flash 2>mk.err || { cat mk.err; return 1; }
	shows 'note .*ports are EN \(Ethernet only\) \(device id 0x6750\) and become VPI' \
		"$ctl" burn -n -d file:en.flash new.bin --allow-psid-change &&
		shows 'derived from its MACs: 0002c90300a1b2c0, 0002c90300a1b2c1, 0002c90300a1b2c2, 0002c90300a1b2c3' \
			"$ctl" burn -n -d file:en.flash new.bin --allow-psid-change &&
		status 0 "$ctl" burn -y -d file:en.flash new.bin --allow-psid-change &&
		query en.flash &&
		grep -q '^GUIDs: *0002c90300a1b2c0 0002c90300a1b2c1' now
}
tap "from Ethernet to VPI: the missing GUIDs follow from the MACs" en_to_vpi
# Its GUIDs carry the card's number in their middle: two such cards would get the same MACs.
without_macs()
{
	mk2="--chip connectx2 --psid DEL09A0000009 --device-id 0x673c --version 2.9.1000 --mac ffffffffffff"
	# shellcheck disable=SC2086 # words
	"$mkimage" $mk2 --guid 003048c712340000 --dump 2m:0 -o super.flash 2>mk.err &&
		"$mkimage" $mk2 --guid 0002c90300a1b2c0 --dump 2m:0 -o plain.flash 2>>mk.err ||
		{ cat mk.err; return 1; }
	shows 'note .*has no MACs, and stays without: .* c7[0-9a-f]*, is no filler' \
		"$ctl" burn -n -d file:super.flash new.bin &&
		shows 'note .*derived from its GUIDs: .*node and port 1 without their middle, 0300: 0002c9a1b2c0' \
			"$ctl" burn -n -d file:plain.flash new.bin &&
		refused 6 'give the MACs with --mac' "$ctl" burn -n -d file:super.flash new.bin \
		--mac guid
}
tap "MACs are derived from GUIDs only where no number is lost" without_macs
no_vsd_tag()
{
	mk --no-tag 5 --version 2.10.720 -o novsd.bin && cp files/dell-c6100.flash vsd.flash &&
		watch=vsd.flash
	refused 6 \
		"no VSD tag, the card's VSD .DELL C6100 MEZZ SN 0RT3X7. cannot be kept; --vsd ''" \
		"$ctl" burn -d file:vsd.flash novsd.bin
	ret=$?
	watch=
	[ $ret = 0 ] && status 0 "$ctl" burn -d file:vsd.flash novsd.bin --vsd '' &&
		status 0 "$ctl" verify -d file:vsd.flash
}
tap "an image without a VSD tag" no_vsd_tag
tap_done
