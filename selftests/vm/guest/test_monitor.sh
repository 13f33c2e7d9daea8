#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# cxflashctl monitor: what happens to a card, through the tool, as it happens.
#
#	usage: test_monitor.sh NEW.bin
#
# The card is at 00:04.0 (tiny.flash of make-demo).

. /tests/tap.sh
. /tests/tool.sh
new=$1
card=0000:00:04.0
cd "$tap_tmp" || exit 1

tap "without the module there is nothing to listen to, and what to run" refused 3 1 \
	'modprobe cxflash' cxflashctl monitor
modprobe cxflash || exit 1
tap "a count that is none is refused" status 64 cxflashctl monitor --count 0

# A listener is process $listener; it hears what comes after this: its socket of generic netlink
# (protocol 16), whose number is that of the process in its lower 22 bits, is in a group.
listen() # FILE ARGUMENT...
{
	file=$1
	shift
	cxflashctl "$@" >"$file" 2>err &
	listener=$!
	until awk -v pid=$listener \
		'$2 == 16 && $3 % 4194304 == pid && $4 !~ /^0+$/ { found = 1 } END { exit !found }' /proc/net/netlink; do
		kill -0 $listener || { cat err; return 1; }
	done
}

heard() # FILE PATTERN: until that has been told
{
	until grep -q -- "$2" "$1"; do
		kill -0 $listener || { cat "$1" err; return 1; }
		usleep 10000 # it needs the processor
	done
}

# The kinds of events in their order, repeated ones once.
kinds() # FILE
{
	sed -n 's/.*"event": *"\([^"]*\)".*/\1/p' "$1" | uniq | tr '\n' ' '
}

life()
{
	listen events --json monitor && cxflashctl attach --takeover -d $card &&
		heard events '"came"' &&
		cxflashctl burn -y --no-backup -d $card "$new" && heard events '"session-ended"' &&
		cxflashctl detach -d $card && heard events '"went"' && kill $listener
	ret=$?
	wait $listener
	cp events /results/
	keep_json events --json
	cat events
	return $ret
}
tap "a card comes, is burnt, and goes" life
in_order()
{
	kinds events
	[ "$(kinds events)" = "came session-begun flash-changed session-ended went " ]
}
tap "that is what is told, in this order" in_order
tap "one object a line" sh -c "! grep -qv '^{.*}\$' events"
all_of()
{
	! grep -v "\"card\": *\"$card\"" events && ! grep -v '"binding": *"takeover"' events &&
		! grep '"flash-changed"' \
		events |
			grep -v '"session": *[1-9].*"addr": *[0-9]*, *"len": *[1-9][0-9]*, *"holds": *"new"'
}
tap "each with its card and how it is served, a change with session, range, and what is there now" \
	all_of

counted()
{
	listen lines monitor --count 2 && cxflashctl attach --takeover -d $card &&
		cxflashctl detach -d $card || return 1
	wait $listener || return 1
	cat lines
	[ "$(cat lines)" = "$card came (takeover)
$card went (takeover)" ]
}
tap "lines for people; --count ends it" counted
tap_done
