#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The tool is killed at random moments of burns: the card boots one of the two images with its own identity, and the
# next burn goes on.
#
#	usage: test_kill.sh NEW.bin OLD.bin COUNT SEED
#
# COUNT kills hit a burn at work; a machine that is busy at one moment and idle at the next needs more tries for them.
# The card 0 at 00:04.0 boots OLD's version.

. /tests/tap.sh
. /tests/tool.sh
new=$1 old=$2 count=$3 seed=$4
pci=0000:00:04.0
cd "$tap_tmp" || exit 1

burn() # RELEASE
{
	cxflashctl --json burn --no-backup --allow-downgrade -d $pci "$1"
}

milliseconds()
{
	awk '{ printf "%d\n", $1 * 1000 }' /proc/uptime
}

# The image that does not boot now is burnt, again and again until that comes to its end.
killed_after() # MILLISECONDS
{
	from=$version to=$newer release=$new
	[ "$from" = "$older" ] || { to=$older release=$old; }
	begun=$(milliseconds)
	burn "$release" >lines 2>err &
	usleep $(($1 * 1000))
	kill -9 $! 2>/dev/null
	wait $!
	code=$?
	[ $code = 137 ] || whole=$(($(milliseconds) - begun))
	# The module finishes the sector in flight, and the lock falls with it.
	while cxflashctl list | grep -q locked; do usleep 50000; done
	said=$(last_state lines)
	version=$(boots 0)
	echo "$1 $code $said $(tail -n 1 lines | cut -c 1-60)" >>/results/kills
	cat err
	true_words $code "$said" "$version" "$from" "$to" || return 1
	cxflashctl query -d $pci | grep -E '^(GUIDs|MACs|VSD|PSID):' | diff identity -
}

modprobe cxflash && cxflashctl attach --takeover -d $pci >/dev/null || exit 1
identity $pci identity >/dev/null || exit 1
older=$(boots 0)
begun=$(milliseconds)
burn "$new" >lines && newer=$(boots 0) && [ "$newer" != "$older" ] || { cat lines; exit 1; }
whole=$(($(milliseconds) - begun))
version=$newer
echo "# seed $seed; a burn takes $whole ms"
hits=0
for permille in $(awk -v seed="$seed" -v n=$((4 * count)) 'BEGIN { srand(seed); while (n--) printf "%d ", rand() * 1000 }'); do
	[ $hits -lt "$count" ] || break
	ms=$((whole * permille / 1000))
	tap "killed after $ms of $whole ms" killed_after $ms
	hits=$(grep -c ' 137 ' /results/kills)
done
finish()
{
	burn "$new" || [ $? = 2 ] || return 1
	[ "$(boots 0)" = "$newer" ] && cxflashctl verify -d $pci && cxflashctl detach -d $pci &&
		mstflint -d /sys/bus/pci/devices/$pci/resource0 verify
}
tap "the burn is finished after all that, and mstflint verifies it" finish
tap "$count kills hit a burn at work" [ $hits -ge "$count" ]
tap_done
