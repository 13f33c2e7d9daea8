#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The tool is killed at random moments of burns: the card boots one of the two images with its own identity, and the
# next burn goes on.
#
#	usage: test_kill.sh MSTFLINT COUNT SEED IMAGE...
#
# COUNT kills hit a burn at work, which then has no last word; a machine that is busy at one moment and idle at the next
# needs more tries for them. The card 0 at 00:04.0 boots another version than that of the first IMAGE. With three of
# them a slot never holds already what is burnt into it.

. /tests/tap.sh
. /tests/tool.sh
flint=$1 count=$2 seed=$3
shift 3
pci=0000:00:04.0
options="--no-backup --allow-downgrade -d $pci"
cd "$tap_tmp" || exit 1

milliseconds()
{
	awk '{ printf "%d\n", $1 * 1000 }' /proc/uptime
}

# The next image in turn that is not what boots: $release and its version, $to. $images are such pairs.
turn()
{
	images="${images#* } ${images%% *}"
	release=${images%%,*} to=${images%% *}
	to=${to#*,}
	[ "$to" != "$version" ] || turn
}

# Most of the time nothing is written yet; so most kills come when something is. A slot may already hold all but its
# signature. A burn that is over before it was seen to write is no hit, but judged as all are.
writing='"stage":"\(write\|verify\|sign\)"'
killed() # MILLISECONDS [PATTERN]: so long after the burn began, or after it said that
{
	from=$version
	turn
	begun=$(milliseconds)
	start $options "$release"
	[ $# = 1 ] || ! reached "$2" || begun=$(milliseconds)
	usleep $(($1 * 1000))
	kill -9 $burning 2>/dev/null
	wait $burning
	code=$?
	took=$(($(milliseconds) - begun))
	# The module finishes the sector in flight, and the lock falls with it.
	while cxflashctl list | grep -q locked; do usleep 50000; done
	said=$(last_state lines)
	version=$(boots 0)
	[ "$code,$said" != 137, ] || hits=$((hits + 1))
	echo "$1 $code '$said' $version $(tail -n 1 lines | cut -c 1-60)" >>/results/kills
	cat err.burn
	true_words $code "$said" "$version" "$from" "$to" || return 1
	cxflashctl query -d $pci | grep -E '^(GUIDs|MACs|VSD|PSID):' | diff identity -
}

images=
for image; do
	images="$images${images:+ }$image,$(cxflashctl query -i "$image" | sed -n 's/^FW version: *//p')"
done
modprobe cxflash && cxflashctl attach --takeover -d $pci >/dev/null || exit 1
identity $pci identity >/dev/null || exit 1
begun=$(milliseconds)
start $options "$1"
reached "$writing" || exit 1
writes=$(milliseconds)
wait $burning || exit 1
whole=$(($(milliseconds) - begun)) rest=$(($(milliseconds) - writes))
version=$(boots 0)
echo "# seed $seed; a burn takes $whole ms, the last $rest from its first write on"
hits=0 tries=0
for permille in $(awk -v seed="$seed" -v n=$((4 * count)) 'BEGIN { srand(seed); while (n--) printf "%d ", rand() * 1000 }'); do
	[ $hits -lt "$count" ] || break
	tries=$((tries + 1))
	if [ $((tries % 4)) = 0 ]; then
		ms=$((whole * permille / 1000))
		tap "killed after $ms of $whole ms" killed $ms
		[ $code = 137 ] || whole=$took
	else
		ms=$((rest * permille / 1000))
		tap "killed $ms of $rest ms after it began to write" killed $ms "$writing"
		[ $code = 137 ] || rest=$took
	fi
done
finish()
{
	turn
	cxflashctl burn $options "$release" && [ "$(boots 0)" = "$to" ] && cxflashctl verify -d $pci && cxflashctl detach -d $pci &&
		"$flint" -d /sys/bus/pci/devices/$pci/resource0 verify
}
tap "a burn succeeds after all that, and mstflint verifies it" finish
tap "$count kills hit a burn at work" [ $hits -ge "$count" ]
tap "half of them one that wrote" [ "$(grep -Ec "^[0-9]+ 137 '' .*\"(write|verify|sign)\"" /results/kills)" -ge $((count / 2)) ]
tap_done
