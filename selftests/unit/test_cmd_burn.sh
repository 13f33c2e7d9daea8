#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Burns, backups and restores on dumps that stand in for cards. Debian's mstflint judges what a card
# holds.

. "$(dirname "$0")/cmd.sh"

ship=files/dell-c6100.flash
sed -e 's/^PSID.*/PSID = DEL09A0000009/' $stock_ini >files/DEL09A0000009.ini
"$ctl" mlx export $release -o files/fw-ConnectX2-rel.mlx >/dev/null || exit 1
"$ctl" build --fw $release --conf files/DEL09A0000009.ini -o new.bin >/dev/null 2>&1 || exit 1

query() # FLASH: what mstflint says of the image that boots
{
	mstflint --striped_image -i "$1" query full || return 1
}

sound() # FLASH: mstflint finds nothing wrong in it
{
	mstflint --striped_image -i "$1" verify >verify.log 2>&1 && ! grep "wrong CRC" verify.log &&
		return
	cat verify.log
	return 1
}

card() # NAME: a new card as it was shipped
{
	cp $ship "$1.flash"
	rm -rf "$1.flash.backup"
}

holds() # FLASH VERSION: that version, whole, with the card's own identity, PSID and ROM
{
	sound "$1" || return 1
	query "$1" >now && query $ship >shipped || return 1
	grep -q "^FW Version: *$2\$" now || { cat now; return 1; }
	for field in GUIDs MACs VSD PSID "Rom Info" "Device ID"; do
		grep "^$field:" shipped >field.was
		grep "^$field:" now >field.is
		diff field.was field.is || return 1
	done
}

tail_of() # FLASH BYTES
{
	tail -c "$2" "$1"
}

# The way of the article: a release and the ini that the card's PSID finds.
dry_run()
{
	card a
	shows 'slot at 0x100000; .* units' \
		"$ctl" burn -n -d file:a.flash --fw files/fw-ConnectX2-rel.mlx &&
		cmp a.flash $ship && [ ! -e a.flash.backup ]
}
tap "a dry run plans, rehearses and changes nothing" dry_run
tap "and says so in JSON" json 'str(o["dry_run"]) + o["card_state"]' Trueunchanged \
	"$ctl" burn -n -d file:a.flash --fw files/fw-ConnectX2-rel.mlx
by_mlx()
{
	status 0 "$ctl" burn -d file:a.flash --fw files/fw-ConnectX2-rel.mlx &&
		grep -q '^Card state: *new$' out &&
		holds a.flash 2.10.0720
}
tap "burn --fw .mlx: new firmware, the card's identity, PSID and ROM" by_mlx
by_bin()
{
	card b
	status 0 "$ctl" burn -d file:b.flash --fw $release && cmp a.flash b.flash
}
tap "burn --fw .bin of the stock board: the same flash, byte for byte" by_bin
by_image()
{
	card c
	status 0 "$ctl" burn -d file:c.flash new.bin && cmp a.flash c.flash
}
tap "burn of a ready image: the same again" by_image
tap "again there is nothing to do" status 2 \
	"$ctl" burn -d file:a.flash --fw files/fw-ConnectX2-rel.mlx
tap "which JSON tells too" json 'o["exit"]' 2 "$ctl" burn -d file:a.flash new.bin
tap "query says which slot boots now" json 'o["slots"][0]["start"]' 1048576 \
	"$ctl" query -d file:a.flash
every_line_json()
{
	card d
	status 0 "$ctl" burn --json -d file:d.flash new.bin || return 1
	/usr/bin/python3 -c '
import json, sys
lines = [json.loads(line) for line in open("out")]
stages = [l["stage"] for l in lines[:-1]]
assert {"read", "rehearse", "write", "verify", "sign"} == set(stages), stages
assert all(0 <= l["percent"] <= 100 for l in lines[:-1])
assert lines[-1]["card_state"] == "new" and lines[-1]["new_version"] == "2.10.0720", lines[-1]
'
}
tap "with --json every line is an object, the outcome last" every_line_json
tap "--quiet keeps progress away" \
	sh -c "cp $ship q.flash; '$ctl' burn -q -d file:q.flash new.bin >out && ! grep -q Reading out"

# Back and forth between the slots.
back()
{
	"$mkimage" --chip connectx2 --ini files/DEL09A0000009.ini --seed 3 --version 2.9.1200 \
		-o older.bin
	refused 6 '--allow-downgrade' "$ctl" burn -d file:a.flash older.bin &&
		status 0 "$ctl" burn -d file:a.flash older.bin --allow-downgrade &&
		holds a.flash 2.9.1200 &&
		json 'o["slots"][0]["start"]' 0 "$ctl" query -d file:a.flash
}
tap "a downgrade needs its flag, and goes to the other slot" back
other_board()
{
	card e
	refused 6 'besides --allow-psid-change it takes --yes' "$ctl" burn -d file:e.flash \
		$release --allow-psid-change &&
		status 0 "$ctl" burn -y -d file:e.flash $release --allow-psid-change &&
		sound e.flash && query e.flash >now &&
		grep -q 'PSID: *MT_0EF0110009' now && grep -q 'GUIDs: *0002c90300a1b2c0' now
}
tap "another PSID needs its flag, and the GUIDs stay the card's" other_board
rom_none()
{
	card f
	status 0 "$ctl" burn -d file:f.flash new.bin --rom none && sound f.flash &&
		! query f.flash | grep 'Rom Info'
}
tap "--rom none leaves the ROM out" rom_none
rom_image()
{
	"$mkimage" --chip connectx2 --ini files/DEL09A0000009.ini --rom pxe:3.4.999:673c -o rom.bin
	card g
	status 0 "$ctl" burn -d file:g.flash rom.bin --rom image &&
		query g.flash | grep -q 'Rom Info: .*version=3.4.999'
}
tap "--rom image takes the image's" rom_image
cx3()
{
	cp files/cx3.flash x.flash
	tail_of x.flash 8192 >nv.was
	status 0 "$ctl" burn -d file:x.flash $cx3_release && sound x.flash &&
		query x.flash | grep -q 'FW Version: *2.42.5000' &&
		tail_of x.flash 8192 | cmp - nv.was
}
tap "a ConnectX-3 Pro keeps its NV configuration" cx3
repair()
{
	card h
	# The old slot as shipped, and beside it the new one with its signature and a wrong byte of
	# code.
	"$ctl" burn -q -d file:h.flash new.bin >/dev/null && printf '\125' |
		dd of=h.flash bs=1 seek=$((0x108000)) conv=notrunc status=none
	head -c $((0x100000)) $ship >both.flash
	tail -c +$((0x100001)) h.flash >>both.flash
	refused 5 'both.flash: .* but the image at 0x0 is good and boots' \
		"$ctl" verify -i both.flash &&
		status 0 "$ctl" burn -d file:both.flash new.bin && cmp both.flash c.flash
}
tap "a damaged second image is replaced" repair

# Who else is there.
watch=$ship
tap "another writer holds it" refused 4 'another program is writing it' flock $ship \
	"$ctl" burn -d file:$ship new.bin
dry_while_held()
{
	shows 'another program is writing it: nothing could be written now \(exit 4\)' flock $ship \
		"$ctl" burn -n -d file:$ship new.bin
}
tap "a dry run tells so, and goes on" dry_while_held
tap "no place for the backup, so nothing is written" refused 1 'new.bin.*Not a directory' \
	"$ctl" burn -d file:$ship new.bin --backup new.bin
watch=
write_fails()
{
	card w
	# Writes behind 1 MiB fail: the other slot is out of reach.
	(
		trap '' XFSZ
		ulimit -f 2048
		refused 1 'w.flash: .*(File too large|cannot write)' \
			"$ctl" burn -d file:w.flash new.bin --no-backup
	) && cmp w.flash $ship && grep -Eq '^Card state: *(unchanged|old)$' out
}
tap "a flash that cannot be written keeps its image" write_fails
ask() # ANSWER
{
	card t
	"$mkimage" --chip connectx2 --ini files/DEL09A0000009.ini --version 2.7.700 -o oldest.bin
	printf '%s\n' "$1" | script -qec "$ctl burn -d file:t.flash oldest.bin" typed >out 2>&1
}
tap_yes()
{
	ask y && holds t.flash 2.7.0700 && grep -q 'Go on all the same' out ||
		{ cat out; return 1; }
}
tap_no()
{
	ask n
	[ $? = 6 ] && cmp t.flash $ship || { cat out; return 1; }
}
tap "at a terminal a refusal becomes a question: yes" tap_yes
tap "and no" tap_no
ask_interrupt()
{
	card t
	{
		until grep -q 'Go on all the same' typing; do sleep 0.1; done
		printf '\003'
	} | timeout 60 script -qefc "exec $ctl burn -d file:t.flash oldest.bin" typed >typing 2>&1
	[ $? = 6 ] && grep -q 'stopping' typing && grep -q '^Card state: *unchanged' typing &&
		cmp t.flash $ship && return
	cat typing
	return 1
}
tap "and Ctrl-C is a no, after which the card's state is said" ask_interrupt

# Backup and restore.
backup_whole()
{
	card k
	status 0 "$ctl" backup -d file:k.flash -o saved &&
		(cd saved && sha256sum -c --quiet SHA256SUMS) &&
		cmp saved/dump.bin k.flash && ls saved &&
		"$ctl" verify -i saved/image-slot0.bin >/dev/null &&
		grep -q 'PSID: *DEL09A0000009' saved/query.txt &&
		grep -q 0002c90300a1b2c0 saved/identity.txt &&
		/usr/bin/python3 \
		-c 'import json; assert json.load(open("saved/query.json"))["psid"] == "DEL09A0000009"'
}
tap "backup saves everything, with checksums" backup_whole
tap "but not below a file" refused 1 'new.bin/a: cannot be made: Not a directory' \
	"$ctl" backup -d file:k.flash -o new.bin/a/b
tap "but not into a folder in use" refused 6 'saved: exists and is not empty' \
	"$ctl" backup -d file:k.flash -o saved
by_itself()
{
	card l
	status 0 "$ctl" burn -d file:l.flash new.bin && cmp l.flash.backup/*/dump.bin $ship &&
		(cd l.flash.backup/* && sha256sum -c --quiet SHA256SUMS)
}
tap "burn makes a backup by itself" by_itself
no_backup()
{
	card m
	status 0 "$ctl" burn -d file:m.flash new.bin --no-backup && [ ! -e m.flash.backup ]
}
tap "but not with --no-backup" no_backup
tap "restore wants a yes" refused 6 '--yes' "$ctl" restore -d file:l.flash l.flash.backup/*
restore()
{
	status 0 "$ctl" restore --yes -d file:l.flash saved && holds l.flash 2.9.1000 &&
		json 'o["card_state"]' new "$ctl" burn -d file:l.flash new.bin
}
tap "restore brings the old image back" restore
restore_dump()
{
	status 0 "$ctl" restore --yes --dump -d file:m.flash saved && holds m.flash 2.9.1000
}
tap "restore --dump brings the whole flash back" restore_dump
other_card()
{
	"$mkimage" --chip connectx2 --ini files/DEL09A0000009.ini --version 2.9.1000 \
		--guid 0002c90300ffff00 \
		--mac 0002c9ffff00 --dump 2m:0 -o other.flash
	watch=other.flash
	refused 6 'GUID.*--force' "$ctl" restore --yes -d file:other.flash saved || return 1
	watch=
	status 0 "$ctl" restore --yes --force -d file:other.flash saved &&
		holds other.flash 2.9.1000
}
tap "a backup of another card needs --force" other_card
spoilt()
{
	cp -r saved spoilt && printf x | dd of=spoilt/dump.bin bs=1 seek=5000 conv=notrunc \
		status=none
	watch=k.flash
	refused 5 'spoilt' "$ctl" restore --yes -d file:k.flash spoilt
	ret=$?
	watch=
	return $ret
}
tap "a spoilt backup is refused" spoilt
watch=k.flash
mkdir -p unlisted nolist/SHA256SUMS emptylist
: >emptylist/SHA256SUMS
tap "a folder without checksums is no finished backup" refused 5 'unlisted: is no finished backup' \
	"$ctl" restore --yes -d file:k.flash unlisted
tap "nor is one with an empty list of them" refused 5 \
	'emptylist: is no finished backup, as its SHA256SUMS is empty' \
	"$ctl" restore --yes -d file:k.flash emptylist
tap "checksums that cannot be read are another matter" refused 5 \
	'nolist/SHA256SUMS: is no file of a backup' \
	"$ctl" restore --yes -d file:k.flash nolist
resummed() # NAME: a copy of the backup whose checksums are right whatever it holds
{
	(cd "$1" && sha256sum $(ls | grep -v SHA256SUMS) >SHA256SUMS)
}
no_image()
{
	cp -r saved noimage && printf 'no image' >noimage/image-slot0.bin && resummed noimage &&
		refused 5 'noimage/image-slot0.bin: ' "$ctl" restore --yes -d file:k.flash noimage
}
tap "a backup whose image is none" no_image
three_signatures()
{
	cp -r saved three && for at in 262144 524288; do
		dd if=saved/dump.bin of=three/dump.bin bs=16 count=1 seek=$((at / 16)) \
			conv=notrunc status=none
	done && resummed three &&
		refused 5 'the dump: .*more than two images' \
		"$ctl" restore --yes --dump -d file:k.flash three
}
tap "a dump that no card starts from" three_signatures
half_a_dump()
{
	cp -r saved halved && head -c 1048576 saved/dump.bin >halved/dump.bin && resummed halved &&
		refused 6 'the dump has 0x100000 bytes, the flash 0x200000' \
		"$ctl" restore --yes --dump -d file:k.flash halved
}
tap "a dump of another part" half_a_dump
watch=
tap_done
