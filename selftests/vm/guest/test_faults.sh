#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What goes wrong round a burn, and each exit status: the card is in the state that the message
# says.
#
#	usage: test_faults.sh NEW.bin OLD.bin IMAGE-OF-ANOTHER-CHIP.bin
#
# The card 0 at 00:04.0 boots OLD's version.

. /tests/tap.sh
. /tests/tool.sh
new=$1 old=$2 other=$3
pci=0000:00:04.0
dev=/sys/bus/pci/devices/$pci
cd "$tap_tmp" || exit 1
ctl=cxflashctl
options="--no-backup --allow-downgrade -d $pci"
burn="--json burn $options"

semaphore() # [VALUE]: by another program, which takes it by reading
{
	mstmcra $dev/config 0xf03fc "$@"
}

mend()
{
	card fault 0 none
	card power-cycle 0
	modprobe cxflash
	$ctl detach -d $pci
	$ctl attach --takeover -d $pci
} >/dev/null 2>&1

other_image() # the one that does not boot now
{
	from=$(boots 0)
	to=$newer release=$new
	[ "$from" = "$older" ] || { to=$older release=$old; }
}

# A burn while that happens; then the card is looked at, and the burn is finished. The tool is held
# meanwhile, in the middle of its writing; the module goes on with its sector.
happens() # EXPECTED-STATUSES COMMAND...
{
	statuses=$1
	shift
	other_image
	start_held 0 $options "$release" || return 1
	"$@"
	go_on
	judge_burn
}

# The model lets that happen at a flash operation in the middle.
happens_at() # EXPECTED-STATUSES KNOB=VALUE
{
	statuses=$1
	other_image
	card fault 0 "$2" >/dev/null || return 1
	start $options "$release"
	judge_burn
}

judge_burn()
{
	wait $burning
	code=$?
	said=$(last_state lines)
	tail -n 1 lines
	cat err.burn
	mend
	case " $statuses " in
	*" $code "*) ;;
	*) echo "exit status $code, not one of $statuses"; return 1 ;;
	esac
	true_words $code "$said" "$(boots 0)" "$from" "$to" && finished
}

reason() # PATTERN: in the last message of a burn, which is no errno's text
{
	grep -Eq -- "$1" err.burn &&
		! grep -E '(Protocol not supported|No such file or directory|No such device)$' \
		err.burn
}

finished()
{
	$ctl $burn "$release" >lines 2>err
	code=$?
	[ $code = 0 ] || [ $code = 2 ] || { cat lines err; return 1; }
	[ "$(boots 0)" = "$to" ] && $ctl verify -d $pci >/dev/null &&
		$ctl query -d $pci | grep -E '^(GUIDs|MACs|VSD|PSID):' | diff identity -
}

unchanged() # STATUS: what the last refused command said
{
	grep -q '"card_state":"unchanged"' out && grep -q "\"exit\":$1[,}]" out &&
		[ "$(boots 0)" = "$version" ]
}

refuses() # STATUS PATTERN ARGUMENT...: and nothing was changed
{
	code=$1 pattern=$2
	shift 2
	status "$code" $ctl "$@" && grep -Eq -- "$pattern" err && unchanged "$code" && return
	cat out err
	return 1
}

modprobe cxflash && $ctl attach --takeover -d $pci >/dev/null || exit 1
identity $pci identity >/dev/null || exit 1
older=$(boots 0)
card reset-stats 0 >/dev/null
tap "0: a burn that is done" status 0 $ctl $burn "$new"
commands() # AT-MOST: of the gateway, since they were counted anew; 65,536 read the whole flash
{
	sent=$(card count 0 commands)
	echo "${sent#ok } commands"
	[ "${sent#ok }" -gt 0 ] && [ "${sent#ok }" -le "$1" ]
}
tap "for which it looks at headers, and at the units that it writes" commands 4500
newer=$(boots 0)
version=$newer

tap "64: no image given" status 64 $ctl $burn
tap "3: no such card" status 3 $ctl --json burn --no-backup -d 1f:00.0 "$old"
tap "3: no such file" refuses 3 'nothing.bin' $burn nothing.bin
tap "2: these very bytes are there already" status 2 $ctl $burn "$new"
head -c 4000 "$old" >cut.bin
tap "5: an image that is cut off" refuses 5 'cut.bin' $burn cut.bin
{ head -c 1500 "$old"; printf 'x'; tail -c +1502 "$old"; } >bent.bin
tap "5: an image with a bent byte" refuses 5 'CRC|crc' $burn bent.bin
tap "6: an image for another chip" refuses 6 'chip|ConnectX|hardware' $burn "$other"
tap "6: an older version, unasked" refuses 6 '--allow-downgrade' --json burn --no-backup -d $pci \
	"$old"

semaphore >/dev/null
tap "4: another program holds the semaphore for ever" refuses 4 '[Ss]emaphore' $burn "$old"
brief()
{
	{ sleep 2; semaphore 0; } >/dev/null &
	status 0 $ctl $burn "$old"
	ret=$?
	wait
	[ $ret = 0 ] && [ "$(boots 0)" = "$older" ]
}
tap "0: it gives it back in time" brief
version=$older
greedy() # takes it whenever it is free, and never gives it back
{
	for i in 1 2 3 4 5 6 7 8 9 10; do semaphore; done >/dev/null
}
tap "another program takes the semaphore in the middle of a burn" happens "0 1 4" greedy

# The second one asks while the first one is at it.
second()
{
	$ctl $burn "$release" >lines.second 2>err.second
	echo $? >code.second
}
tap "two burns at once: the first ends well" happens 0 second
tap "4: and the second is refused" [ "$(cat code.second)" = 4 ]

version=$(boots 0)
mkdir /small && mount -t tmpfs -o size=512k small /small || exit 1
full()
{
	release=$new
	[ "$version" = "$older" ] || release=$old
	card reset-stats 0 >/dev/null
	refuses 1 '[Nn]o space' --json burn --backup /small --allow-downgrade -d $pci "$release" &&
		commands 4500 && [ -z "$(ls /small)" ]
}
tap "1: the disk has no room for a backup; the flash is not read, and nothing is left there" full

unbind()
{
	echo $pci >/sys/bus/pci/drivers/cxflash/unbind
}
tap "the card is unbound in the middle of a burn" happens "1 7" unbind
tap "and that is the reason, with what to run" reason \
	"taken from cxflash, .*cxflashctl attach -d $pci"
tap "the module is removed in the middle of a burn" happens "1 7" rmmod cxflash
tap "and that is the reason, with what to run" reason \
	'the kernel module has been removed: run modprobe cxflash'
tap "the card vanishes in the middle of a burn" happens_at "1 7" vanish-at=3
tap "the flash part stays busy in the middle of a burn" happens_at "1 7" hold-at=3
tap "the flash part programs nothing any more" happens "0 1 7" card fault 0 write-protected=1

# Old bytes of the slot that does not boot are not put back; what boots is not touched.
flips()
{
	[ "$(boots 0)" = "$older" ] || status 0 $ctl $burn "$old" || return 1
	card fault 0 program-flip=forever >/dev/null
	status 1 $ctl $burn "$new" && grep -q '"card_state":"old"' out &&
		grep -q 'still starts its old image' out || {
		cat out err
		return 1
	}
	mend
	to=$newer release=$new
	true_words 1 old "$(boots 0)" "$older" "$newer" && finished
}
tap "1: the flash part programs wrong bits; the old image still boots" flips

# The last but one operation of a burn is the signature. Burns in turn do the same each time.
signature()
{
	[ "$(boots 0)" = "$older" ] || status 0 $ctl $burn "$old" || return 1
	card reset-stats 0 >/dev/null
	status 0 $ctl $burn "$new" || return 1
	operations=$(card stats 0 | sed 's/.*"flash_operations":\([0-9]*\).*/\1/')
	status 0 $ctl $burn "$old" || return 1
	card fault 0 vanish-at=$((operations - 1)) >/dev/null
	status 7 $ctl $burn "$new" && grep -q '"card_state":"unknown"' out &&
		grep -q 'do not power off and do not reset; run cxflashctl verify' out || return 1
	mend
	to=$newer release=$new
	true_words 7 unknown "$(boots 0)" "$older" "$newer" && finished
}
tap "7: the card vanishes with the signature" signature

# The last one, as it cannot be undone.
mount -t securityfs securityfs /sys/kernel/security
tap "a dry run tells that the kernel is not locked down" shows '^Lockdown: *none$' $ctl burn \
	-n $options "$old"
locked_down()
{
	echo integrity >/sys/kernel/security/lockdown || return 1
	shows '^Lockdown: *integrity, which leaves the flash to the signed module$' $ctl burn \
		$options "$old" &&
		[ "$(boots 0)" = "$older" ] && status 0 $ctl $burn "$new" &&
		tail -n 1 out | grep '"lockdown":"integrity"'
}
tap "under lockdown it tells so, and burns all the same" locked_down
tap_done
