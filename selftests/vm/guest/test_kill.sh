#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The tool is killed in the middle of burns: the card boots one of the two images with its own
# identity, and the next burn goes on.
#
#	usage: test_kill.sh MSTFLINT COUNT IMAGE...
#
# COUNT kills are spread evenly over the flash operations of a burn, from the first erase to the
# last bit of the old signature; the card holds the one that was chosen until the tool is dead. One
# more comes when it has said that it reads. The card 0 at 00:04.0 boots another version than that
# of the first IMAGE. With three of them a slot never holds already what is burnt into it.

. /tests/tap.sh
. /tests/tool.sh
flint=$1 count=$2
shift 2
pci=0000:00:04.0
options="--no-backup --allow-downgrade -d $pci"
cd "$tap_tmp" || exit 1

# The next image in turn that is not what boots: $release and its version, $to. $images are such
# pairs.
turn()
{
	images="${images#* } ${images%% *}"
	release=${images%%,*} to=${images%% *}
	to=${to#*,}
	[ "$to" != "$version" ] || turn
}

counted() # COUNTER: since the counters were reset
{
	card count 0 "$1" | sed -n 's/^ok //p'
}

# In flash operation N, or when it reads. A burn that finds a part of its work done is shorter than
# the one that was counted: it may end before. It is judged all the same, but is no hit.
killed() # N|read
{
	from=$version
	turn
	if [ "$1" = read ]; then
		start $options "$release" && reached '"stage":"read"' && kill -9 $burning
	elif start_at 0 hold-at="$1" $options "$release"; then
		hits=$((hits + 1))
		kill -9 $burning
		card go 0 >/dev/null
	fi
	wait $burning
	code=$?
	card fault 0 none >/dev/null
	# The module finishes the sector in flight, and the lock falls with it.
	while cxflashctl list | grep -q locked; do usleep 50000; done
	said=$(last_state lines)
	version=$(boots 0)
	stage=$(sed -n 's/.*"stage":"\([a-z]*\)".*/\1/p' lines | tail -n 1)
	echo "$1 $code '$said' $version $stage" >>/results/kills
	cat err.burn
	true_words $code "$said" "$version" "$from" "$to" || return 1
	cxflashctl query -d $pci | grep -E '^(GUIDs|MACs|VSD|PSID):' | diff identity -
}

images=
for image; do
	images="$images${images:+ }$image,$(cxflashctl query \
		-i "$image" | sed -n 's/^FW version: *//p')"
done
modprobe cxflash && cxflashctl attach --takeover -d $pci >/dev/null || exit 1
identity $pci identity >/dev/null || exit 1
card reset-stats 0 >/dev/null && cxflashctl burn $options "$1" >/dev/null || exit 1
operations=$(counted operations)
version=$(boots 0)
echo "# a burn is $operations flash operations"
hits=0 n=0
while [ $n -lt "$count" ]; do
	at=$((1 + n * (operations - 1) / count))
	tap "killed in flash operation $at of $operations" killed $at
	n=$((n + 1))
done
tap "killed while it reads" killed read
finish()
{
	turn
	cxflashctl burn $options "$release" && [ "$(boots 0)" = "$to" ] &&
		cxflashctl verify -d $pci && cxflashctl detach -d $pci &&
		"$flint" -d /sys/bus/pci/devices/$pci/resource0 verify
}
tap "a burn succeeds after all that, and mstflint verifies it" finish
tap "of $count kills $hits hit a burn at work, two of three" [ $((hits * 3)) -ge $((count * 2)) ]
tap_done
