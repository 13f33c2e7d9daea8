#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What the commands write, and where: nothing in a dry run, one thing on standard output, a changed
# file that stays the file it was, and JSON that any reader takes.

. "$(dirname "$0")/cmd.sh"

card=files/dell-c6100.flash
cp $stock_ini board.ini && cp $release fw.bin && cp $card card.flash || exit 1
"$ctl" ini rebrand board.ini --psid DEL09A0000009 -o dell.ini >/dev/null
"$ctl" build --fw fw.bin --conf dell.ini -o dell.bin >/dev/null 2>&1
"$mkimage" --rom pxe:3.4.900:673c -o rom.bin --rom-out new.rom
"$ctl" backup -d file:card.flash -o saved >/dev/null
cp card.flash burnt.flash &&
	"$ctl" burn -y -q --no-backup -d file:burnt.flash dell.bin >/dev/null || exit 1
cat >table.map <<-'END'
	MT25408	-	-	x.y	0x1f99c	0	1	number	seen
END

# ---- a dry run writes nothing, anywhere ----

# One line for each command that writes: what it is called with. All of them are to succeed.
cat >writers <<END
build --fw fw.bin --conf dell.ini -o OUT.bin
burn -d file:card.flash dell.bin
backup -d file:card.flash
backup -d file:card.flash -o OUT
restore -d file:burnt.flash saved
restore -d file:burnt.flash --dump saved
read -d file:card.flash -o OUT.flash
ini dump fw.bin -o OUT.ini
ini set board.ini PS_INFO.Name=x
ini set board.ini PS_INFO.Name=x -o OUT.ini
ini set -d file:card.flash PS_INFO.Name=x
ini rebrand board.ini --psid NEW0000000001
ini rebrand board.ini --psid NEW0000000001 -o OUT.ini
mlx export fw.bin -o OUT.mlx
rom extract card.flash -o OUT.rom
rom replace fw.bin new.rom -o OUT.bin
rom replace -d file:card.flash new.rom
rom remove rom.bin -o OUT.bin
rom remove rom.bin -o rom.bin
rom remove -d file:card.flash
id set fw.bin --vsd x -o OUT.bin
id set fw.bin --vsd x -o fw.bin
id set -d file:card.flash --vsd x
image sections fw.bin --extract OUT
image extract fw.bin -o OUT.bin
map learn fw.bin dell.bin -o OUT.tsv
END

everything() # every name here, with all that a write would change
{
	find . ! -name listing.\* ! -name out ! -name err ! -name tap.log ! -path . \
		-printf '%p %i %m %U %s %T@ %C@\n' | sort
}

dry() # COMMAND LINE
{
	everything >listing.before
	set -- $1
	status 0 "$ctl" "$@" --dry-run || return 1
	[ -s out ] || { echo "it says nothing"; return 1; }
	everything | diff listing.before - && json 'o["dry_run"]' True "$ctl" -n "$@" &&
		everything | diff listing.before -
}
while read -r line; do
	tap "a dry run of $line writes nothing, and says what it would" dry "$line"
done <writers

# Every command is in that list, or refuses a dry run.
all_commands()
{
	status 0 "$ctl" --json --help && mv out help.json && /usr/bin/python3 -ISc 'import json
for c in json.load(open("help.json"))["commands"]: print(c["name"])' >commands && [ -s commands ] ||
	return 1
	while read -r command; do
		grep -q "^$command " writers && continue
		case $command in
		attach | detach | "semaphore clear" | "port set") continue ;; # a card's, not a file's
		esac
		"$ctl" -n $command x y z >out 2>err </dev/null
		[ $? = 64 ] || { echo "$command takes --dry-run and is not tested"; return 1; }
	done <commands
}
tap "there is no other command that writes" all_commands
tap "a dry run into a pipe pipes nothing" \
	sh -c "[ -z \"\$('$ctl' -n build --fw fw.bin --conf dell.ini -o - 2>err)\" ]"
tap "a dry run finds what would fail: no such folder" refused 3 'nowhere/x.bin: No such' \
	"$ctl" -n build --fw fw.bin --conf dell.ini -o nowhere/x.bin
tap "a folder where a file is to go" refused 1 'saved: Is a directory' \
	"$ctl" -n rom remove rom.bin -o saved
tap "a folder that is there" refused 6 'saved is there already' \
	"$ctl" -n image sections fw.bin --extract saved
tap "a backup that is there" refused 6 'saved: exists and is not empty' \
	"$ctl" -n backup -d file:card.flash -o saved

# Few places of the tool write files: one for what people name, one for backups, one for reports,
# which no dry run makes.
one_place()
{
	grep -lE '\b(O_WRONLY|O_CREAT|O_TRUNC|fopen|creat|mkdir|mkstemp|mkostemp|freopen|rename|truncate|ftruncate)\b' \
		-r "$here/../../user" --include='*.c' | sed 's:.*/user/::' | sort >places
	for place in $(cat places); do
		case $place in
		files/files.c | files/bundle.c | burn/backup.c) ;;
		# sysfs, the dump that stands in for a card, and the machine's settings
		dev/* | host/*) ;;
		*) # to read
			! grep -nE '\b(O_WRONLY|O_CREAT|O_TRUNC|creat|mkdir|mkstemp|mkostemp|freopen|rename|truncate|ftruncate)\b|fopen\([^)]*"[wa]' \
				"$here/../../user/$place" || return 1 ;;
		esac
	done
	grep -qx files/files.c places
}
tap "nothing else in the tool opens a file to write" one_place

# ---- standard output carries one thing ----

# Each writes to -o FILE what it writes to -o -; and nothing but a note or an error is on standard
# error.
cat >pipes <<END
build --fw fw.bin --conf dell.ini
read -d file:card.flash
ini dump fw.bin
ini set board.ini PS_INFO.Name=x
ini rebrand board.ini --psid NEW0000000001
mlx export fw.bin
mlx export --map table.map fw.bin
rom extract card.flash
rom replace fw.bin new.rom
rom remove rom.bin
id set fw.bin --vsd x
image extract fw.bin
END
pipe() # COMMAND LINE
{
	set -- $1
	rm -f file
	status 0 "$ctl" "$@" -o file || return 1
	"$ctl" "$@" -o - >piped 2>err </dev/null && cmp file piped || { cat err; return 1; }
	! grep -v '^Note: ' err || return 1
	"$ctl" -v "$@" -o /dev/stdout 2>err </dev/null | cmp file - || return 1
	json 'o["exit"], "want standard output" in o["error"]' '64 True' "$ctl" "$@" -o - &&
		[ "$(wc -l <out)" = 1 ]
}
while read -r line; do
	tap "$line: into a pipe goes what goes into a file" pipe "$line"
done <pipes
names()
{
	"$ctl" rom remove rom.bin -o file >out || return 1
	for name in /dev/fd/1 /proc/self/fd/1 redirected; do
		"$ctl" rom remove rom.bin -o $name >redirected 2>err </dev/null &&
			cmp file redirected || { cat err; return 1; }
	done
}
tap "standard output has more names" names
text()
{
	"$ctl" ini dump fw.bin >piped 2>err && "$ctl" ini dump fw.bin -o file >out && cmp file piped
}
tap "ini dump without -o is the ini, and no more" text
tap "with --json it is JSON, and no more" \
	json '[e["value"] for e in o["entries"] if e["key"] == "Name"], o["psid"]' \
	"['MHQH29C_A1-A2'] MT_0EF0110009" "$ctl" ini dump fw.bin

# ---- names that promise something else ----

tap "no ini goes into a .bin" refused 64 \
	'new.bin: .*cxflashctl build --fw fw.bin --set PS_INFO.Name=x -o new.bin' \
	"$ctl" ini set fw.bin PS_INFO.Name=x -o new.bin
for name in new.bin NEW.BIN new.rom new.mrom new.flash new.img new.mlx; do
	tap "no ini dump goes into $name" refused 64 "$name: .*text of an ini" \
		"$ctl" ini dump fw.bin -o $name
done
tap "no .mlx goes into a .bin" refused 64 'new.bin: .*text of a .mlx' \
	"$ctl" mlx export fw.bin -o new.bin
tap "no image goes into an .ini" refused 64 'new.ini: .*bytes of an image' \
	"$ctl" id set fw.bin --vsd x -o new.ini
tap "nor a ROM into a .mlx" refused 64 'new.mlx: .*bytes of an image' \
	"$ctl" rom extract card.flash -o new.mlx
tap "of which none is left" sh -c '! ls new.bin NEW.BIN new.[mfi]* 2>/dev/null'

# ---- a file that is changed stays the file it was ----

set_name() # FILE: ini set in place
{
	status 0 "$ctl" ini set "$1" PS_INFO.Name=CHANGED &&
		"$ctl" ini get "$1" PS_INFO.Name | grep -qx CHANGED
}
no_litter() # FOLDER
{
	[ -z "$(find "$1" -name '*cxflash*')" ]
}
# Who is not root may not write where nobody may, and who writes a file with his rights takes those.
modes="600 640 666 1644"
[ "$(id -u)" != 0 ] || modes="$modes 444 4755"
keeps_mode()
{
	for mode in $modes; do
		cp board.ini mode.ini && chmod $mode mode.ini && set_name mode.ini &&
			[ "$(stat -c %a mode.ini)" = $mode ] || return 1
		rm -f mode.ini
	done
	no_litter .
}
tap "its mode" keeps_mode
keeps_mode_of_output()
{
	cp fw.bin private.bin && chmod 600 private.bin &&
		status 0 "$ctl" id set fw.bin --vsd x -o private.bin &&
		[ "$(stat -c %a private.bin)" = 600 ] && ! cmp -s fw.bin private.bin
}
tap "also of an -o that is there" keeps_mode_of_output
new_mode()
{
	(umask 027 && "$ctl" id set fw.bin --vsd x -o fresh.bin >/dev/null) &&
		[ "$(stat -c %a fresh.bin)" = 640 ]
}
tap "a new one is as the umask says" new_mode
keeps_link()
{
	mkdir -p real linked && cp board.ini real/target.ini &&
		ln -s ../real/target.ini linked/one.ini &&
		ln -s one.ini linked/two.ini && set_name linked/two.ini && [ -L linked/one.ini ] &&
		[ -L linked/two.ini ] &&
		[ ! -L real/target.ini ] &&
		"$ctl" ini get real/target.ini PS_INFO.Name | grep -qx CHANGED && no_litter real &&
		no_litter linked
}
tap "its links, followed to the end" keeps_link
full_link()
{
	cp board.ini real/full.ini && ln -s "$PWD/real/full.ini" linked/full.ini &&
		set_name linked/full.ini &&
		[ -L linked/full.ini ] &&
		"$ctl" ini get real/full.ini PS_INFO.Name | grep -qx CHANGED
}
tap "also by full path" full_link
dangling()
{
	ln -s ../real/later.bin linked/later.bin &&
		status 0 "$ctl" id set fw.bin --vsd x -o linked/later.bin &&
		[ -L linked/later.bin ] && [ -s real/later.bin ] && [ ! -L real/later.bin ]
}
tap "a link to what is not there yet" dangling
ln -s round.ini round.ini
tap "links in a circle" refused 1 'round.bin: Too many levels' \
	sh -c "ln -s round.bin round.bin; '$ctl' id set fw.bin --vsd x -o round.bin"
cp board.ini hard.ini && ln hard.ini other.ini
tap "a second name, which would get lost, is a refusal" refused 6 'hard.ini has 2 names' \
	"$ctl" ini set hard.ini PS_INFO.Name=x
tap "and nothing is changed" cmp hard.ini board.ini
if [ "$(id -u)" = 0 ]; then
	keeps_owner()
	{
		cp board.ini owned.ini && chown 1234:4321 owned.ini && chmod 640 owned.ini &&
			set_name owned.ini &&
			[ "$(stat -c %u:%g:%a owned.ini)" = 1234:4321:640 ]
	}
	tap "its owner" keeps_owner
else
	tap_skip "its owner" "not root"
fi
# What a user without privileges gets to hear; the folder is everybody's.
as_user()
{
	setpriv --reuid=1234 --regid=1234 --clear-groups "$@"
}
if as_user "$ctl" --version >/dev/null 2>&1; then
	mkdir shared && cp board.ini shared/ && chmod 777 shared && chmod 755 . &&
		chmod 666 shared/board.ini
	tap "a file that would change its owner is refused" refused 6 \
		'shared/board.ini belongs to another user' \
		as_user "$ctl" ini set shared/board.ini PS_INFO.Name=x
	tap "and nothing is left beside it" no_litter shared
	cp board.ini shared/readonly.ini && chown 1234 shared/readonly.ini &&
		chmod 444 shared/readonly.ini
	tap "one that may not be written is not" refused 1 \
		'shared/readonly.ini: Permission denied' \
		as_user "$ctl" ini set shared/readonly.ini PS_INFO.Name=x
else
	tap_skip "another's file" "not root, or the tool is where only root may look"
fi
cp board.ini noted.ini
if /usr/bin/python3 -c 'import os; os.setxattr("noted.ini", "user.note", b"mine")' 2>/dev/null; then
	keeps_attributes()
	{
		set_name noted.ini && /usr/bin/python3 -c \
			'import os; assert os.getxattr("noted.ini", "user.note") == b"mine"'
	}
	tap "its extended attributes" keeps_attributes
else
	tap_skip "its extended attributes" "a file system without"
fi
on_disk() # file, then folder, in the order that a power cut cannot break
{
	cp board.ini synced.ini &&
		ASAN_OPTIONS=detect_leaks=0 strace -f -o calls \
		-e trace=openat,fsync,rename,renameat,renameat2 \
		"$ctl" ini set synced.ini PS_INFO.Name=x >out 2>err || { cat err; return 1; }
	sed -n 's/^[0-9]* *\(fsync\|rename\).*/\1/p' calls | tr '\n' ' ' >order
	[ "$(cat order)" = "fsync rename fsync " ] || { cat calls; return 1; }
}
if command -v strace >/dev/null; then
	tap "it is on the disk before it has the name, and then the name" on_disk
else
	tap_skip "it is on the disk before it has the name" "no strace"
fi
full_disk()
{
	cp board.ini whole.ini
	(trap '' XFSZ; ulimit -f 1; refused 1 'whole.ini: File too large' \
		"$ctl" ini set whole.ini PS_INFO.Name=x) &&
		cmp whole.ini board.ini && no_litter .
}
tap "no room: the old file stays, and nothing beside it" full_disk

# ---- JSON for every reader ----

vsd() # BYTES: as printf writes them; nothing in them acts on a terminal, or ends JSON
{
	"$mkimage" --vsd "$(printf "$1")" -o vsd.bin || return 1
	status 0 "$ctl" query -i vsd.bin --json && mv out query &&
		status 0 "$ctl" id show vsd.bin --json && mv out show &&
		status 0 "$ctl" id set vsd.bin --mac 0002c9000010 -o vsd2.bin --json &&
		mv out set &&
		status 0 "$ctl" image config vsd.bin --json && mv out config &&
		status 0 "$ctl" query -i vsd.bin || return 1
	/usr/bin/python3 -ISc 'import json, unicodedata
for name in "query", "show", "set", "config", "out":
    text = open(name, "rb").read().decode("utf-8", "strict")
    if name == "out":
        text = text.replace("\n", "")
    else:
        json.loads(text)
    assert not any(unicodedata.category(c) == "Cc" for c in text.rstrip("\n")), (name, text)'
}
for bytes in '\300\200' '\340\200\200' '\340\237\277' '\355\240\200' '\355\277\277' '\355\240\275\355\270\200' '\360\200\200\200' \
	'\360\217\277\277' '\364\220\200\200' '\365\200\200\200' '\377\376' '\200' '\303' '\342\202' '\001\033[31m\177' '"\\\b\t' \
	'\302\205' '\342\200\256x' '\303\251\342\202\254\360\237\230\200'; do
	tap "a VSD of $bytes" vsd "$bytes"
done
kept()
{
	vsd '\303\251\342\202\254\360\237\230\200' &&
		json 'ascii(o["vsd"])' "'\\xe9\\u20ac\\U0001f600'" "$ctl" query -i vsd.bin
}
tap "what is right stays" kept
tap_done
