#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A folder of firmware for several boards: what a card takes out of it, on dumps that stand in for
# cards.

. "$(dirname "$0")/cmd.sh"

mkdir fw
cp files/tiny-new.bin fw/
cp files/tinycx2-new.bin fw/
cp "$here/../image/MCX312B_synthetic.ini" stock.ini
cp files/tiny.flash card.flash
cp files/tiny-other.flash other.flash
burn="burn --no-backup --fw fw"

burnt() # FLASH FILE PSID
{
	json "o['firmware'] + ' ' + o['new_psid']" "$2 $3" "$ctl" $burn -d "file:$1" &&
		mstflint --striped_image -i "$1" verify
}

tap "the image with the card's PSID" burnt card.flash fw/tiny-new.bin \
	"$(sed -n 's/^PSID *= *//p' stock.ini)"
tap "which is there now" status 2 "$ctl" $burn -d file:card.flash
watch=other.flash
tap "no image and no ini for the PSID" refused 3 'no ini for PSID SYN1200110099' \
	"$ctl" $burn -d file:other.flash
watch=
"$ctl" ini rebrand stock.ini --psid SYN1200110099 -o fw/other.ini >/dev/null || exit 1
tap "with an ini, the only release for its chip" burnt other.flash fw/tiny-new.bin SYN1200110099

cp files/tiny.flash card.flash
watch=card.flash
cp files/tiny-old.bin fw/
tap "two images with the PSID are one too many" refused 6 \
	'tiny-new.bin and fw/tiny-old.bin both carry PSID' \
	"$ctl" $burn -d file:card.flash
cp files/tiny-other.flash other.flash
watch=other.flash
tap "and so are two releases for the chip" refused 6 'tiny-new.bin and fw/tiny-old.bin could both' \
	"$ctl" $burn -d file:other.flash
rm fw/tiny-*.bin
head -c 3000 files/tiny-new.bin >fw/cut.bin
tap "a file that cannot be read may be why nothing fits" refused 3 \
	'no release for a ConnectX-3 Pro; one file cannot be read: fw/cut.bin: ' \
	"$ctl" $burn -d file:other.flash
rm fw/cut.bin
tap "nothing for the chip" refused 3 'no release for a ConnectX-3 Pro' \
	"$ctl" $burn -d file:other.flash
# Which chip an image is for has one answer, in a folder as by its name.
either_way() # MKIMAGE-OPTION...
{
	"$mkimage" --chip connectx3pro --psid SYN1200110099 --version 2.42.5100 "$@" -o fw/it.bin &&
		json "o['firmware']" fw/it.bin "$ctl" -n $burn -d file:other.flash &&
		status 0 "$ctl" -n burn --no-backup -d file:other.flash fw/it.bin
	found=$?
	rm fw/it.bin
	return $found
}
tap "an image whose hardware list has the chip second" either_way --hw-list 0xb00190,0x1f7
tap "one that has no such list" either_way --no-tag 10
tap "a folder that is not there" refused 3 'nowhere' \
	"$ctl" burn --no-backup --fw nowhere -d file:other.flash

head -c 1048576 /dev/zero | tr '\0' '\377' >blank.flash
watch=blank.flash
tap "a card without a PSID finds nothing in a folder" refused 6 \
	'no PSID to find its firmware in fw by; name a file' \
	"$ctl" $burn -d file:blank.flash
watch=
tap "--all and a card exclude each other" refused 64 'exclude' \
	"$ctl" $burn --all -d file:other.flash
tap "one identity is not for all cards" refused 64 '--all and --guid exclude each other' \
	"$ctl" $burn --all --guid 0002c90300000000
tap "both ways to a card in use exclude each other" refused 64 'exclude' \
	"$ctl" $burn --beside --takeover -d 04:00.0
tap "a file has no driver" refused 64 'no driver has a file' \
	"$ctl" $burn --takeover -d file:other.flash
tap_done
