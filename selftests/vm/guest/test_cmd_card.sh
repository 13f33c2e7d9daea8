#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The commands on a card: who has it, what is on it, a burn that is stopped and one that is not.
#
#	usage: test_cmd_card.sh RELEASE.bin INI
#
# The card is a Dell C6100 mezzanine with firmware 2.9.1000 at 00:04.0 (dell-1m.flash of
# make-demo, busy times of the data sheet); RELEASE.bin and INI are those of the stock board.

. /tests/tap.sh
. /tests/tool.sh
release=$1 ini=$2
card=0000:00:04.0
cd "$tap_tmp" || exit 1

ctl=cxflashctl
tap "list needs no module" shows "^$card +ConnectX.* free " $ctl list
tap "a card cannot be opened without it, and what to run" refused 3 1 'modprobe cxflash' $ctl query
modprobe cxflash || exit 1
tap "a free card is not attached by itself, and what to run" refused 3 1 \
	"cxflashctl attach -d $card" $ctl query
tap "no such card" refused 3 1 '0000:1f:00.0' $ctl query -d 1f:00.0
tap "nothing to detach" status 2 $ctl detach

# mlx4_core has the card while it tries to start it, which takes as long as another has the
# semaphore, at most ten seconds, and two more (and fails: the model runs no firmware).
held()
{
	card fault 0 sem-held=forever >/dev/null || return 1
	modprobe mlx4_core &
	while [ ! -e /sys/bus/pci/devices/$card/driver ]; do
		kill -0 $! 2>/dev/null || return 1
	done
	refused 4 2 'attach --beside' $ctl verify && grep -q 'attach --takeover' err &&
		refused 4 2 '--takeover' $ctl attach
	ret=$?
	card fault 0 sem-held=0 >/dev/null
	wait
	return $ret
}
tap "a card of another driver is refused, with both ways out" held

dry_attach()
{
	shows "driver_override" $ctl attach -n && [ ! -e /sys/bus/pci/devices/$card/driver ]
}
tap "attach --dry-run shows what it would write, and writes nothing" dry_attach
tap "attach takes a free card" shows 'takeover' $ctl attach -d 00:04.0
tap "in JSON too" status 2 $ctl --json attach -d 00:04.0
tap "which then is attached already" status 2 $ctl attach
tap "list shows what is on it" \
	shows "^$card +ConnectX-2 +DEL09A0000009 +2.9.1000 +cxflash +takeover +Dell C6100" $ctl list
cheap_list()
{
	card reset-stats 0 >/dev/null && $ctl list >/dev/null || return 1
	took=$(card stats 0 | sed 's/.*"cr_accesses":\([0-9]*\).*/\1/')
	echo "# $took accesses of CR space"
	[ "$took" -gt 0 ] && [ "$took" -le 400 ]
}
tap "for at most 400 accesses of its CR space" cheap_list
same_facts()
{
	$ctl query >query && grep -q '^Running: *2.9.1000$' query &&
		grep -q '^GUIDs: *0002c90300a1b2c0 ' query &&
		grep -q '^ROM: *type=PXE version=3.2.100$' query &&
		grep -q "^About it: *This is Dell's version of MHQH29C" query
}
tap "query tells versions, identity, ROM and board" same_facts
has_vpd()
{
	grep -q '^VPD: *"Hawk Dual Port", part number 0TESTC6100, revision A2, serial number 0*TS1234X567$' query &&
		shows '"vpd":{"size":[0-9]*,"name":"Hawk Dual Port","part_number":"0TESTC6100"' \
		$ctl --json list -v
}
tap "what its maker wrote into it" has_vpd
tap "CR space has the running version" shows '^0x1f068  0x000903e8$' $ctl cr read 0x1f064 2
tap "cr dump shows what can be read without harm" shows '^0xf0014  0x00b00190$' $ctl cr dump
cr_json()
{
	shows '"addr":127080,"value":590824' $ctl --json cr read 0x1f064 2 &&
		shows '"addr":983060,' $ctl --json cr dump
}
tap "both in JSON" cr_json
tap "nobody holds the flash semaphore" shows '^Flash semaphore .*: *free$' $ctl semaphore show
tap "nothing to clear" status 2 $ctl semaphore clear --yes
semaphore_json()
{
	shows '"flash":"free"' $ctl --json semaphore show &&
		status 2 $ctl --json semaphore clear --yes
}
tap "both in JSON" semaphore_json
stuck_semaphore()
{
	card fault 0 sem-held=forever || return 1
	shows '^Flash semaphore .*: *held$' $ctl semaphore show &&
		grep -q 'cxflashctl semaphore clear -d' out &&
		refused 6 1 '--yes' $ctl semaphore clear &&
		shows 'now it is free' $ctl semaphore clear --yes &&
		shows ': *free$' $ctl semaphore show
}
tap "a semaphore that a dead program holds is shown, and cleared" stuck_semaphore
printf 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' >/etc/passwd
find / -xdev -maxdepth 4 -type d -exec chmod a+rx {} + # the initramfs is root's alone
tap "who is not root is told so" refused 6 1 'run as root' su nobody -c "$ctl query"
tap "CR space beyond the last word" refused 64 1 'up to 1 ' $ctl cr read 0xffffc 2

$ctl ini rebrand "$ini" --psid DEL09A0000009 -o DEL09A0000009.ini >/dev/null
dry_burn()
{
	shows 'slot at 0x80000' $ctl burn -n --fw "$release" --conf . &&
		shows '2.9.1000' $ctl query
}
tap "a dry run leaves the card alone" dry_burn
tap "an image of another board is refused" refused 6 1 '--allow-psid-change' $ctl burn "$release"

stopped_reading()
{
	# Nothing is written, however late the signal comes: the first flash operation does not end
	# before.
	card fault 0 hold-at=1 >/dev/null
	start --fw "$release" --conf .
	reached '"stage":"read"' && kill -INT $burning || return 1
	until grep -q stopping err.burn; do usleep 10000; done
	card fault 0 hold-at=0 >/dev/null
	card go 0 >/dev/null
	wait $burning
	code=$?
	# On a machine that is that busy it was reading no longer.
	grep -q '"stage":"write"' lines || [ -z "$(ls /var/lib/cxflash/backup 2>/dev/null)" ] ||
		code=backup
	rm -rf /var/lib/cxflash/backup
	[ $code = 1 ] &&
		grep -q 'stopping: \(before anything\|finishing what\) is\( being\)\? written' err.burn &&
		tail -n 1 lines | grep -q '"card_state":"\(unchanged\|old\)"' && return
	echo "$code"
	cat lines err.burn
	return 1
}
tap "a burn that is interrupted while it reads says that nothing was changed, and leaves no backup" stopped_reading

# Between two writes; the other slot may be half written, and the card boots what it did.
stopped()
{
	start_held 0 --no-backup --fw "$release" --conf . && kill -INT $burning || return 1
	go_on
	wait $burning
	[ $? = 1 ] && grep -q 'finishing what is being written' err.burn &&
		tail -n 1 lines | grep -q '"card_state":"\(old\|unchanged\)"' &&
		return
	cat lines err
	return 1
}
tap "an interrupted burn stops between two writes" stopped
tap "and the old image boots" shows '^Slot at 0x0: *2.9.1000 .* boots' $ctl query

locked()
{
	start_held 0 --fw "$release" --conf . || return 1
	refused 4 1 'lock|busy|client' $ctl burn --no-backup --fw "$release" --conf .
	ret=$?
	go_on
	[ $ret = 0 ] || return 1
	wait $burning
	[ $? = 0 ] && tail -n 1 lines | grep -q '"card_state":"new"' && return
	cat lines err.burn
	return 1
}
tap "two burns at once: one is refused, the other one ends well" locked
tap "with a backup, which is whole" sh -c 'cd /var/lib/cxflash/backup/* && sha256sum -cs SHA256SUMS'
saved_vpd()
{
	cmp /var/lib/cxflash/backup/*/vpd.bin /sys/bus/pci/devices/$card/vpd &&
		grep -q ' vpd.bin$' /var/lib/cxflash/backup/*/SHA256SUMS &&
		shows 'part number 0TESTC6100' $ctl query -i /var/lib/cxflash/backup/*/vpd.bin
}
tap "and has the VPD as the kernel reads it" saved_vpd
# As of a card whose VPD is broken, and a kernel that waits for it.
stuck_vpd()
{
	mkfifo stuck && mount --bind stuck /sys/bus/pci/devices/$card/vpd || return 1
	shows 'the backup has no vpd.bin: .*did not give the VPD within 5 s' $ctl backup -o without
	found=$?
	umount /sys/bus/pci/devices/$card/vpd
	[ $found = 0 ] && [ -s without/SHA256SUMS ] && [ ! -e without/vpd.bin ]
}
tap "a VPD that the kernel does not come back with is given up after 5 s, and told of" stuck_vpd
tap "the flash has the new firmware, the chip runs the old" \
	shows '^Running: *2.9.1000, not what is in the flash' $ctl query
tap "verify finds nothing wrong" shows 'verifies' $ctl verify
tap "again there is nothing to do" status 2 $ctl burn --fw "$release" --conf .
tap "detach gives it back" shows 'no driver has it now' $ctl detach
tap "which can be said again, in JSON" status 2 $ctl --json detach
tap "and it is free" shows "^$card .* free " $ctl list

# What the manual shows for a card, as it stands there: all succeeds, and there is nothing left to
# burn (2).
manual()
{
	mkdir manual && cd manual && cp "$release" . &&
		sed -n '/^\.Sh EXAMPLES/,/^\.Ed/{ /^\.Bd/,/^\.Ed/{ /^\./d; p } }' /tests/cxflashctl.8 >typed &&
		[ "$(grep -c '^cxflashctl ' typed)" = 7 ] || return 1
	while read -r line; do
		# shellcheck disable=SC2086 # as it is typed
		$line >out 2>err </dev/null
		code=$?
		[ $code = 0 ] || [ "$code ${line%% --fw*}" = "2 cxflashctl burn" ] ||
			[ "$code ${line%% --fw*}" = "2 cxflashctl burn --dry-run" ] ||
			{ echo "$line: $code"; cat out err; return 1; }
	done <typed
}
tap "the example of the manual runs as it stands" manual
tap_done
