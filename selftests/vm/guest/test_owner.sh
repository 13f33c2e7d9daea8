#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A card in use is burnt by choice only: beside its driver, or taken from it and given back.
#
#	usage: test_owner.sh NEW.bin OLD.bin
#
# The card 0 at 00:04.0 boots OLD's version. Its owner is the stand-in for mlx4_core, which resets
# the chip at its probe and has a network interface.

. /tests/tap.sh
. /tests/tool.sh
new=$1 old=$2
pci=0000:00:04.0
dev=/sys/bus/pci/devices/$pci
cd "$tap_tmp" || exit 1
ctl=cxflashctl
options="--no-backup --allow-downgrade"
burn="burn $options"

owner() # says which driver has the card
{
	basename "$(readlink $dev/driver)"
}

has_driver()
{
	[ "$(owner)" = "$1" ] && return
	echo "driver is $(owner)"
	return 1
}

net()
{
	ls $dev/net
}

insmod /tests/device/cxowner-"$(uname -r)".ko reset_at_probe=1 interface=1 && modprobe cxflash ||
	exit 1
log_begin
echo cxowner >$dev/driver_override && echo $pci >/sys/bus/pci/drivers_probe || exit 1
older=$(card booted 0 | sed 's/.*version=\([^ ]*\) .*/\1/')

tap "a burn of another driver's card is refused, with both ways out" refused 4 2 \
	'burn --beside' $ctl $burn "$new"
tap "the second line is the other way" grep -q 'burn --takeover' err
tap "query shows what the driver tells" shows "^Driver: *cxowner" $ctl query
tap "and how to see the flash" grep -q 'attach --beside -d 0000:00:04.0' out
tap "its interfaces too" grep -q "^Interfaces: *$(net)" out
tap "a dry run takes no card" refused 64 1 'dry run' $ctl $burn -n --takeover "$new"
tap "but reads it beside its driver" shows 'dry run' $ctl $burn -n --beside "$new"
tap "and leaves" refused 4 2 '--beside' $ctl verify
tap "both ways at once are a mistake" refused 64 1 'exclude' $ctl $burn --beside --takeover "$new"

beside()
{
	shows 'next reset or a reboot' $ctl $burn --beside "$new" && has_driver cxowner || return 1
	card booted 0 | grep "version=$older" || return 1
	echo 1 >$dev/reset_chip && newer=$(card booted 0 | sed 's/.*version=\([^ ]*\) .*/\1/') &&
		[ "$newer" != "$older" ]
}
tap "a burn beside: no outage, the owner's reset loads it" beside
newer=$(card booted 0 | sed 's/.*version=\([^ ]*\) .*/\1/')

attached_beside()
{
	status 0 $ctl attach --beside &&
		refused 4 1 'attached beside cxowner; .* detach -d' $ctl $burn --takeover "$old"
	ret=$?
	$ctl detach >/dev/null && has_driver cxowner && return $ret
}
tap "a card that is attached beside is not taken over silently" attached_beside

in_use()
{
	ifconfig "$(net)" 10.1.2.3 up && route add default gw 10.1.2.9
	refused 6 1 "$(net) is up with 10.1.2.3 and carries the default route" $ctl $burn \
		--takeover "$old" &&
		has_driver cxowner
}
tap "a card with an interface up is not taken" in_use

configured()
{
	ifconfig "$(net)" down
	refused 6 1 "$(net) is down with 10.1.2.3" $ctl $burn --takeover "$old" &&
		has_driver cxowner || return 1
	ifconfig "$(net)" 0.0.0.0 && ifconfig "$(net)" down
}
tap "nor one whose interface is down but has an address" configured

bridged()
{
	ifconfig "$(net)" down
	ip link add br0 type bridge 2>/dev/null || brctl addbr br0 || return 1
	brctl addif br0 "$(net)" &&
		refused 6 1 "$(net) belongs to br0" $ctl $burn --takeover "$old" &&
		brctl delif br0 "$(net)"
}
if modprobe bridge 2>/dev/null || [ -e /proc/sys/net/bridge ]; then
	tap "nor one that is in a bridge" bridged
fi
ifconfig "$(net)" down

taken()
{
	status 0 $ctl --json $burn --takeover "$old" && tail -n 1 out >last && cat last &&
		grep -q '"taken_from":"cxowner' last && grep -q '"driver":"cxowner"' last &&
		grep -q "\"fw_version_running\":\"$older\"" last &&
		grep -q '"cold_boot_needed":false' last &&
		has_driver cxowner && [ "$(cat $dev/driver_override)" = cxowner ]
}
tap "taken, burnt, given back, and it runs the new firmware" taken
log_settle
tap "the log has it, for those whose terminal has gone" sh -c \
	'grep "taken from cxowner" /results/syslog && grep "is in place" /results/syslog && grep "back with cxowner" /results/syslog'

lazy()
{
	echo 0 >/sys/module/cxowner/parameters/reset_at_probe
	shows 'cold boot needed' $ctl $burn --takeover "$new" && has_driver cxowner &&
		[ "$(boots 0)" = "$newer" ]
	ret=$?
	echo 1 >/sys/module/cxowner/parameters/reset_at_probe
	return $ret
}
tap "where the version did not change, a cold boot is needed" lazy

# The reader of the output goes after one line, and the terminal hangs up.
orphan()
{
	{
		$ctl $burn --takeover "$old" 2>err &
		echo $! >pid
		wait $!
		echo $? >code
	} | head -n 1 >/dev/null &
	while [ ! -s pid ] || [ "$(owner)" != cxflash ]; do
		[ ! -s code ] || { cat code err; return 1; }
	done
	kill -HUP "$(cat pid)"
	wait
	[ "$(cat code)" = 1 ] && grep -q 'standard output cannot be written' err &&
		has_driver cxowner && [ "$(boots 0)" = "$older" ] && return
	cat code err
	return 1
}
tap "without its terminal it finishes and gives the card back" orphan

interrupted()
{
	start_held 0 $options --takeover "$new" && kill -INT $burning || return 1
	go_on
	wait $burning
	code=$?
	cat lines err.burn
	[ $code = 1 ] && grep -q 'stopping: finishing what is being written' err.burn &&
		has_driver cxowner &&
		case $(last_state lines) in unchanged | old) [ "$(boots \
			0)" = "$older" ] ;; *) false ;; esac
}
tap "interrupted, it says what the card holds and gives it back" interrupted

killed()
{
	start_held 0 $options --takeover "$new" && kill -9 $burning || return 1
	wait $burning
	has_driver cxflash && shows 'back with cxowner' $ctl detach && has_driver cxowner &&
		[ "$(cat $dev/driver_override)" = cxowner ] && [ ! -e /run/cxflash/$pci ]
}
tap "killed half-way, detach gives the card to its owner" killed

# What was killed may have had little left to do.
[ "$(boots 0)" = "$older" ] || status 0 $ctl $burn --takeover "$old"

# Somebody configures the network as interfaces come. The name that this one has now is not the one
# it comes back with.
linked()
{
	ip link set dev "$(net)" name cxlongername0 && ifconfig cxlongername0 up || return 1
	until [ -e configured ]; do sleep 1; ifconfig "$(net)" up; done 2>/dev/null &
	status 0 $ctl $burn --takeover --force "$new" && has_driver cxowner &&
		[ "$(cat $dev/net/*/carrier)" = 1 ]
	ret=$?
	touch configured
	wait
	ifconfig "$(net)" down
	return $ret
}
tap "forced, it waits until the link is back" linked

# And now nobody does.
no_link()
{
	ifconfig "$(net)" up && link=$(net)
	status 1 $ctl --json $burn --takeover --force "$old" && has_driver cxowner &&
		[ "$(boots 0)" = "$older" ] &&
		grep -q "is back, but $link had a link before and none has one after 60 seconds; look at the network" err &&
		tail -n 1 out | grep -q '"card_state":"new"' && return
	cat out err
	return 1
}
tap "without it, it says so after a minute; the card is back" no_link

# Nor does it wait on when it is interrupted: the card is back, and the rest is said.
not_waited()
{
	ifconfig "$(net)" up && log_settle && : >/results/syslog
	start $options --takeover --force "$new"
	until grep -q 'back with cxowner' /results/syslog; do
		kill -0 $burning 2>/dev/null || { cat lines err.burn; return 1; }
	done
	kill -INT $burning
	wait $burning
	code=$?
	cat lines err.burn
	ifconfig "$(net)" down
	[ $code = 1 ] && grep -q 'stopping: no longer waiting for the links' err.burn &&
		has_driver cxowner &&
		grep -q 'without a wait; look at the network' err.burn &&
		tail -n 1 lines | grep -q '"card_state":"new"' &&
		[ "$(boots 0)" = "$newer" ]
}
tap "interrupted in that minute, it waits no longer" not_waited
[ "$(boots 0)" = "$older" ] || status 0 $ctl $burn --takeover "$old"

unknown()
{
	card fault 0 vanish-at="$1" >/dev/null
	status 7 $ctl $burn --takeover "$new" && has_driver cxflash &&
		grep -q 'stays with cxflash' out || return 1
	card power-cycle 0 >/dev/null # the semaphore went with the card
	shows 'back with cxowner' $ctl detach
}
card reset-stats 0 >/dev/null
$ctl $burn --takeover "$new" >/dev/null
ops=$(card stats 0 | sed 's/.*"flash_operations":\([0-9]*\).*/\1/')
$ctl $burn --takeover "$old" >/dev/null
tap "a card that vanishes with its signature is not given back: its state is unknown" unknown \
	$((ops - 1))
# Beside its driver too it stays attached, as the advice has to reach it. All of it works as it is
# printed.
unknown_beside()
{
	# What was cut short would only be finished: a known image first, so that the burn takes as
	# long as the one before.
	$ctl $burn --takeover "$old" >/dev/null
	[ "$(boots 0)" = "$older" ] || { echo "the card runs $(boots 0)"; return 1; }
	card fault 0 vanish-at=$((ops - 1)) >/dev/null
	status 7 $ctl $burn --beside "$new" && has_driver cxowner &&
		grep -q 'stays attached beside cxowner' out || return 1
	card power-cycle 0 >/dev/null # as above
	advice out err | sort -r -u >advised # verify, then detach
	cat out err advised
	[ "$(grep -c . advised)" = 2 ] && grep -q "^$ctl verify -d $pci$" advised &&
		grep -q "^$ctl detach -d $pci$" advised || return 1
	while read -r command; do
		# shellcheck disable=SC2086 # words
		status 0 $command || return 1
	done <advised
	has_driver cxowner && status 0 $ctl $burn --beside "$new"
}
tap "beside its driver such a card stays attached, and what is advised works" unknown_beside
tap_done
