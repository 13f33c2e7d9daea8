#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A card changed without a new image: id set, rom remove, rom replace, ini set; and parts of a
# backup put back. Debian's mstflint judges what a card holds.

. "$(dirname "$0")/cmd.sh"

ship=files/dell-c6100.flash

query() # FLASH
{
	mstflint --striped_image -i "$1" query full >now 2>&1 || { cat now; return 1; }
}

sound() # FLASH: mstflint and verify find nothing wrong in it
{
	mstflint --striped_image -i "$1" verify >verify.log 2>&1 && ! grep "wrong CRC" verify.log ||
		{ cat verify.log; return 1; }
	status 0 "$ctl" verify -d "file:$1"
}

has() # FLASH FIELD VALUE: mstflint says so
{
	query "$1" && grep -q "^$2: *$3" now && return
	cat now
	return 1
}

# other_slot FLASH: the image that boots is alone, and in the second slot
other_slot()
{
	json '[s["start"] for s in o["slots"]]' '[1048576]' "$ctl" query -d "file:$1"
}

card() # NAME: a new card as it was shipped
{
	cp $ship "$1.flash"
	rm -rf "$1.flash.backup"
}

# Identity.
card a
watch=a.flash
tap "id set wants a yes" refused 6 'about to get another identity; say --yes' "$ctl" id set \
	-d file:a.flash --guid 0002c90300e1a200
typed_n()
{
	printf 'n\n' | script -qec "$ctl id set -d file:a.flash --guid 0002c90300e1a200" \
		typed >typing 2>&1
	[ $? = 6 ] && grep -q 'about to get another identity' typing &&
		grep -q 'not confirmed' typing && cmp a.flash $ship && return
	cat typing
	return 1
}
tap "typed at a terminal, and an n is a no" typed_n
tap "and changes nothing in a dry run" shows 'become 0002c90300e1a200' \
	"$ctl" id set -n -d file:a.flash --guid 0002c90300e1a200
tap "a file and a card are too much" refused 64 'a.bin is one thing too many' \
	"$ctl" id set a.bin -d file:a.flash --guid 0002c90300e1a200
tap "no card starts with blank GUIDs" refused 6 'blank: the card would not start' \
	"$ctl" id set -y -d file:a.flash --blank
watch=
id_set()
{
	status 0 "$ctl" id set -y -d file:a.flash --guid 0002c90300e1a200 --mac guid &&
		sound a.flash && other_slot a.flash &&
		has a.flash GUIDs 0002c90300e1a200 &&
		has a.flash MACs '0002c9e1a200 *0002c9e1a201' &&
		has a.flash "FW Version" 2.9.1000 &&
		has a.flash VSD 'DELL C6100 MEZZ SN 0RT3X7' && cmp a.flash.backup/*/dump.bin $ship
}
tap "id set: into the other slot, everything else stays, a backup is made" id_set
tap "again there is nothing to do" status 2 \
	"$ctl" id set -y -d file:a.flash --guid 0002c90300e1a200 --mac guid
vsd()
{
	status 0 "$ctl" id set -y -d file:a.flash --vsd "rack 9" && sound a.flash &&
		has a.flash VSD 'rack 9' &&
		has a.flash GUIDs 0002c90300e1a200
}
tap "the VSD alone" vsd

# ROM.
rom_remove()
{
	card b
	status 0 "$ctl" rom remove -y -d file:b.flash && sound b.flash && other_slot b.flash &&
		query b.flash &&
		! grep 'Rom Info' now && has b.flash GUIDs 0002c90300a1b2c0
}
tap "rom remove" rom_remove
tap "of a card without one" refused 3 'no ROM' "$ctl" rom remove -y -d file:b.flash
rom_replace()
{
	"$mkimage" --chip connectx2 --rom pxe:3.4.999:673c --rom-out new.rom -o with.bin &&
		status 0 "$ctl" rom replace -y -d file:b.flash new.rom && sound b.flash &&
		has b.flash "Rom Info" '.*version=3.4.999' &&
		has b.flash VSD 'DELL C6100'
}
tap "rom replace" rom_replace
no_rom_file()
{
	watch=b.flash
	refused 5 "$release" "$ctl" rom replace -y -d file:b.flash $release
	ret=$?
	watch=
	return $ret
}
tap "with what is no ROM" no_rom_file

# Board parameters.
ini_set()
{
	card c
	status 0 "$ctl" ini set -y -d file:c.flash PS_INFO.Name=SPARE && sound c.flash &&
		other_slot c.flash &&
		status 0 "$ctl" ini get c.flash PS_INFO.Name && grep -qx SPARE out &&
		has c.flash GUIDs 0002c90300a1b2c0 &&
		has c.flash "Rom Info" '.*version=3.2.100'
}
tap "ini set: the image is compiled anew, identity and ROM stay" ini_set
watch=c.flash
tap "a key that cannot be compiled" refused 6 'gpio_default_val' \
	"$ctl" ini set -y -d file:c.flash ADAPTER.gpio_default_val=0x00fd0000
tap "the PSID needs its flag" refused 6 '--allow-psid-change' \
	"$ctl" ini set -y -d file:c.flash ADAPTER.PSID=MT_0EF0110009
tap "a key without a value" refused 64 'SECTION.KEY=VALUE' \
	"$ctl" ini set -y -d file:c.flash PS_INFO.Name
watch=
ini_psid()
{
	status 0 "$ctl" ini set -y -d file:c.flash ADAPTER.PSID=MT_0EF0110009 --allow-psid-change &&
		sound c.flash &&
		has c.flash PSID MT_0EF0110009
}
tap "and with it the card has another one" ini_psid

# Parts of a backup.
card d
tap "a backup" status 0 "$ctl" backup -d file:d.flash -o saved
changed() # a card with other firmware, identity and ROM, on a backup of what it was
{
	card e
	"$ctl" build --fw $release --conf files/DEL.ini -o new.bin >/dev/null 2>&1 &&
		"$ctl" burn -y -q --no-backup -d file:e.flash new.bin --rom none \
		--guid 0002c90300e1a200 --mac 0002c9e1a200 --vsd other >/dev/null
}
sed -e 's/^PSID.*/PSID = DEL09A0000009/' $stock_ini >files/DEL.ini
tap "a card that became another one" changed
watch=e.flash
tap "its backup is that of another card" refused 6 'backup is of another card.*--force' \
	"$ctl" restore -y -d file:e.flash saved
tap "two parts exclude each other" refused 64 'exclude each other' \
	"$ctl" restore -y -d file:e.flash --image --dump saved
watch=
restore_image()
{
	changed && status 0 "$ctl" restore -y --force -d file:e.flash --image saved &&
		sound e.flash &&
		has e.flash "FW Version" 2.9.1000 && has e.flash GUIDs 0002c90300e1a200 &&
		has e.flash VSD other &&
		has e.flash "Rom Info" '.*version=3.2.100'
}
tap "restore --image: firmware and ROM come back, the identity stays" restore_image
restore_identity()
{
	changed && status 0 "$ctl" restore -y --force -d file:e.flash --identity saved &&
		sound e.flash &&
		has e.flash "FW Version" 2.10.0*720 && has e.flash GUIDs 0002c90300a1b2c0 &&
		has e.flash VSD 'DELL C6100' &&
		! grep 'Rom Info' now
}
tap "restore --identity: the identity comes back, the firmware stays" restore_identity
restore_both()
{
	changed && status 0 "$ctl" restore -y --force -d file:e.flash saved && sound e.flash &&
		has e.flash "FW Version" 2.9.1000 && has e.flash GUIDs 0002c90300a1b2c0 &&
		has e.flash VSD 'DELL C6100'
}
tap "restore: both" restore_both
restore_dump()
{
	changed && status 0 "$ctl" restore -y --force -d file:e.flash --dump saved &&
		sound e.flash && cmp e.flash $ship
}
tap "restore --dump: every byte" restore_dump

# No room for the backup: nothing is written, nothing is left behind. The flash has 2 MiB.
no_room() # SIZE-OF-THE-DISK PATTERN: what is said
{
	card f
	mkdir -p small || return 1
	(
		unshare -rm true || exit 77 # in the chroot of a build daemon
		unshare -rm sh -c '
			mount -t tmpfs -o size=$1 none small || exit 77
			"$0" burn -d file:f.flash new.bin --backup small >out 2>err </dev/null
			[ $? = 1 ] && [ -z "$(ls small)" ]' "$ctl" "$1"
	) >mounted 2>&1
	case $? in
	77) room_limit || return 1 ;;
	0) grep -q "$2" err || { cat err; return 1; } ;;
	*) cat mounted out err; return 1 ;;
	esac
	grep -q '^Card state: *unchanged$' out && cmp f.flash $ship
}
# Where nothing can be mounted, files may not grow beyond 1 MiB.
room_limit()
{
	(
		trap '' XFSZ
		ulimit -f 1024
		status 1 "$ctl" burn -d file:f.flash new.bin --backup small
	) && grep -q 'File too large' err && [ -z "$(ls small)" ]
}
tap "no room for the backup: nothing is written, nothing is left behind" no_room 1m \
	'No space left on device: the flash has 0x200000 bytes'
tap "nor where the flash fits, and the image beside it does not" no_room 2056k \
	'image-slot0.bin: cannot be written: No space left on device'
tap_done
