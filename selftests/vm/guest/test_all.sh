#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Every card of a machine at once, each by its own PSID from one folder.
#
#	usage: test_all.sh NEW.bin OLD.bin INI
#
# The cards 0 to 3 at 00:04.0 to 00:07.0 boot OLD's version; card 1 has another PSID than NEW. INI
# is the board's.

. /tests/tap.sh
. /tests/tool.sh
new=$1 old=$2 ini=$3
at=0000:00:0
ctl=cxflashctl
cd "$tap_tmp" || exit 1

version() # NUMBER: in the flash
{
	cxflashctl query -d $at$((4 + $1)).0 | sed -n 's/^FW version: *//p'
}

owned() # NUMBER: its owner takes the card
{
	dev=/sys/bus/pci/devices/$at$((4 + $1)).0
	echo cxowner >$dev/driver_override && echo $at$((4 + $1)).0 >/sys/bus/pci/drivers_probe &&
		[ "$(basename "$(readlink $dev/driver)")" = cxowner ]
}

line() # NUMBER PATTERN: the closing line of a card
{
	grep "^$at$((4 + $1)).0  " out | tail -n 1 | grep -E -- "$2"
}

insmod /tests/device/cxowner-"$(uname -r)".ko reset_at_probe=1 && modprobe cxflash || exit 1
log_begin
mkdir fw && cp "$new" fw/ || exit 1
older=$(card booted 0 | sed 's/.*version=\([^ ]*\) .*/\1/')
for n in 0 1 2; do
	$ctl attach -d $at$((4 + n)).0 >/dev/null || exit 1
done
owned 3 || exit 1

# Card 0 is burnt; 1 has no ini; the semaphore of 2 is held for ever; 3 has another driver.
card fault 2 sem-held=forever >/dev/null
one_good()
{
	status 4 $ctl burn --all --no-backup --fw fw &&
		grep -q '^cxflashctl: 3 of 4 cards were not burnt' err
}
tap "one card is burnt although three fail, and the gravest failure is the exit code" one_good
tap "the good one has its line" line 0 'burnt .* new .* is in place'
tap "the one without firmware too" line 1 'failed .* unchanged .*no ini for PSID SYN1200110099'
tap "the one whose semaphore is held" line 2 'busy .* unchanged .*[Ss]emaphore'
tap "the one of another driver" line 3 'busy .* unchanged .*belongs to cxowner'
tap "progress has the card's name before it" grep -q "^${at}4.0: Writing the new image: 100 %" out
cp out /results/all.out

# With an ini for its PSID card 1 is assembled for; 2 is free again; 3 is taken and given back.
$ctl ini rebrand "$ini" --psid SYN1200110099 -o fw/other.ini >/dev/null || exit 1
card fault 2 sem-held=0 >/dev/null
owned 3
tap "now all four" status 0 $ctl --json burn --all --takeover --no-backup --fw fw
every_line_names()
{
	cp out /results/all.json
	! head -n -1 out | grep -v '"card":"0000:00:0[4-7].0"' &&
		tail -n 1 out | grep -q '"cards":4,"failed":0,.*"exit":0' &&
		[ "$(grep -c '"card_state"' out)" = 4 ]
}
tap "in JSON every line names its card, the last one is the sum" every_line_names
all_new()
{
	newer=$(boots 0)
	[ "$newer" != "$older" ] || return 1
	for n in 1 2 3; do
		[ "$(boots $n)" = "$newer" ] || { card booted $n; return 1; }
	done
}
tap "all four boot it" all_new
tap "the one with the other PSID still has it" sh -c 'card booted 1 | grep psid=SYN1200110099'
tap "once more there is nothing to do for the three" status 4 $ctl burn --all --no-backup --fw fw
tap "as their lines say" line 0 'nothing to do'

# Three cards of an owner: taken one by one.
for n in 0 1 2; do
	$ctl detach -d $at$((4 + n)).0 >/dev/null
	owned $n || exit 1
done
rm fw/*.bin && cp "$old" fw/
log_settle
: >/results/syslog
in_turn()
{
	status 0 $ctl burn --all --takeover --no-backup --allow-downgrade --fw fw || return 1
	log_settle
	sed -n 's/.*: 0000:00:0\([4-7]\).0: \(taken\|back\).*/\1 \2/p' /results/syslog >turns
	printf '%s\n' "4 taken" "4 back" "5 taken" "5 back" "6 taken" "6 back" "7 taken" \
		"7 back" | diff turns -
}
tap "cards that are taken go one by one" in_turn

# Interrupted at the first one, no other loses its driver for nothing.
interrupted()
{
	rm fw/*.bin && cp "$new" fw/
	: >/results/syslog
	start_held 0 --all --takeover --no-backup --fw fw && kill -INT $burning || return 1
	go_on
	wait $burning
	code=$?
	log_settle
	cat lines err.burn /results/syslog
	[ $code = 1 ] && [ "$(grep -c 'taken from' /results/syslog)" = 1 ] &&
		[ "$(grep -c '"card_state":"unchanged".*stopped as asked before it was taken' \
			lines)" = 3 ]
}
tap "interrupted, no further one is taken" interrupted

# The second one does not come back: its driver goes while it is burnt.
not_back()
{
	rm fw/*.bin && cp "$new" fw/
	echo 0 >/sys/bus/pci/drivers_autoprobe
	start_held 1 --all --takeover --no-backup --fw fw || return 1
	rmmod cxowner
	go_on
	wait $burning
	code=$?
	cat lines err.burn
	[ $code = 1 ] && grep '"card":"0000:00:06.0"' \
		lines | grep '"exit":6' | grep -q 'not taken, because' &&
		grep '"card":"0000:00:05.0"' lines | grep '"card_state":"new"' | grep -q '"exit":1'
}
tap "where one does not come back, no further one is taken" not_back
tap_done
