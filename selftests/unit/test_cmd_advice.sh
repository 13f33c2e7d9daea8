#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# How a burn ends, and what it then advises, on dumps that stand in for cards: no name is cut, and
# every command works as it is printed. A limit of the file size lets writes fail from an address
# on.

. "$(dirname "$0")/cmd.sh"

PATH=$tap_tmp/bin:$PATH
mkdir bin && ln -s "$ctl" bin/cxflashctl
cp $stock_ini dell.ini && "$ctl" ini rebrand dell.ini --psid DEL09A0000009 -o dell.ini >/dev/null
"$ctl" build --fw $release --conf dell.ini -o new.bin >/dev/null 2>&1
"$ctl" build --fw $release --conf dell.ini --set PS_INFO.Name=OTHER -o next.bin >/dev/null 2>&1 ||
	exit 1

# limited KIB COMMAND...: its files end there
limited()
{
	kib=$1
	shift
	bash -c 'trap "" XFSZ; ulimit -f "$1"; shift; exec "$@"' limited "$kib" "$@"
}

# run_advice FILE: the command that a message names, as a shell reads it
run_advice()
{
	sed -n 's/.*run \(cxflashctl .*\), then burn again.*/\1/p' "$1" | sort -u >advised
	cat advised
	[ "$(wc -l <advised)" = 1 ] && sh -c "$(cat advised)" >advice.out 2>&1 && return
	cat "$1" advice.out
	return 1
}

deep=$tap_tmp
for part in aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb \
	"it's c c"; do
	deep=$deep/$part
done
long=$(printf '%0200d' 0)

# Names.
long_names()
{
	mkdir -p "$deep" && cp files/dell-c6100.flash "$deep/$long-1.flash" &&
		cp files/dell-c6100.flash "$deep/$long-2.flash" || return 1
	for n in 1 2; do
		status 0 "$ctl" burn -d "file:$deep/$long-$n.flash" new.bin || return 1
		grep -qF "file:$deep/$long-$n.flash: 2.10.0720" out || { cat out; return 1; }
		grep -qF "Backup:           $deep/$long-$n.flash.backup/" out ||
			{ cat out; return 1; }
		cmp files/dell-c6100.flash "$deep/$long-$n.flash.backup"/*/dump.bin || return 1
	done
	grep -qxF "card               file:$deep/$long-2.flash" \
		"$deep/$long-2.flash.backup"/*/identity.txt
}
tap "a long path is whole in messages and in the backup, and no two dumps share one" long_names
tap "and in an error" refused 3 "file:$deep/$long-3.flash: cannot be opened" \
	"$ctl" query -d "file:$deep/$long-3.flash"

# Endings.
tap "done: burn again, and there is nothing to do" status 2 \
	"$ctl" burn -d "file:$deep/$long-1.flash" new.bin

unknown()
{
	# The new image is in the upper slot, so that the next one goes down, and what is left fails
	# at the old signature.
	status 7 limited 1024 "$ctl" burn --no-backup -d "file:$deep/$long-1.flash" next.bin ||
		return 1
	grep -qF "do not power off" out && run_advice out &&
		status 0 "$ctl" burn --no-backup -d "file:$deep/$long-1.flash" next.bin
}
tap "unknown: verify as it is printed, then burn again" unknown

old()
{
	cp files/dell-c6100.flash "$deep/it's.flash" || return 1
	status 1 limited 1100 "$ctl" burn --no-backup -d "file:$deep/it's.flash" new.bin || return 1
	grep -q 'so the old image still starts' out &&
		grep -q 'burn again, which begins by reading it' out || { cat out; return 1; }
	status 0 "$ctl" burn --no-backup -d "file:$deep/it's.flash" new.bin
}
tap "old: burn again" old

risky()
{
	head -c 2097152 /dev/zero | tr '\0' '\377' >"$deep/blank it's.flash"
	id="--guid 0002c90300a1b2c0 --mac 0002c9a1b2c0"
	# shellcheck disable=SC2086 # words
	status 7 limited 60 "$ctl" burn -y --no-backup --no-failsafe $id \
		-d "file:$deep/blank it's.flash" new.bin || return 1
	grep -q 'burn again with --no-failsafe' out || { cat out; return 1; }
	# shellcheck disable=SC2086 # words
	status 0 "$ctl" burn -y --no-backup --no-failsafe $id -d "file:$deep/blank it's.flash" \
		new.bin
}
tap "unknown without a second image: burn again with --no-failsafe" risky

# A refusal names the flag that burns it all the same.
permitted() # ARGUMENT...
{
	cp files/dell-c6100.flash p.flash
	[ -z "$first" ] || status 0 "$ctl" burn --no-backup -d file:p.flash "$first" || return 1
	status 6 "$ctl" burn --no-backup -d file:p.flash "$@" || return 1
	flag=$(sed -n 's/.*; \(--[a-z-]*\) burns it all the same.*/\1/p' err)
	[ "$flag" ] || { cat err; return 1; }
	status 0 "$ctl" burn -y --no-backup -d file:p.flash "$@" "$flag"
}
first=
tap "refused for its PSID: with the flag that is named it is burnt" permitted $release
first=new.bin
"$mkimage" --chip connectx2 --ini dell.ini --version 2.9.900 -o older.bin 2>/dev/null
tap "refused for its age: likewise" permitted older.bin
tap_done
