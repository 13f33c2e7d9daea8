#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The power fails in every flash operation of a burn, through tool, module and card: the card boots
# one of the two images with its own identity, what the tool said was true, and the same command
# then completes the burn.
#
#	usage: test_cuts.sh NEW.bin OLD.bin PERCENT...
#
# The card 0 at 00:04.0 boots OLD's version, NEW and OLD are for its board. Each PERCENT is one go
# through all operations, which then end with so many of their bytes done. Up and down take turns.

. /tests/tap.sh
. /tests/tool.sh
new=$1 old=$2
shift 2
pci=0000:00:04.0
cd "$tap_tmp" || exit 1

burn() # RELEASE
{
	cxflashctl --json burn --no-backup --allow-downgrade -d $pci "$1" >lines 2>err
	code=$?
	keep_json lines --json
	return $code
}

cut() # OPERATION PERCENT
{
	from=$version to=$newer release=$new
	[ "$from" = "$older" ] || { to=$older release=$old; }
	card fault 0 cut="$1" cut-done="$2" >/dev/null || return 1
	burn "$release"
	code=$?
	said=$(last_state lines)
	tail -n 1 lines
	echo "$1 $2 $code $said" >>/results/cuts
	version=$(boots 0)
	card fault 0 none >/dev/null
	true_words $code "$said" "$version" "$from" "$to" || return 1
	identity $pci now && diff identity now || return 1
	ended=$code
	[ $code = 0 ] && return
	burn "$release"
	code=$?
	[ $code = 0 ] || [ $code = 2 ] || { cat lines err; return 1; }
	version=$(boots 0)
	[ "$version" = "$to" ] && cxflashctl verify -d $pci
}

modprobe cxflash && cxflashctl attach --takeover -d $pci >/dev/null || exit 1
identity $pci identity || exit 1
older=$(boots 0)
burn "$new" && newer=$(boots 0) && [ "$newer" != "$older" ] || { cat lines err; exit 1; }
version=$newer

for percent; do
	operation=0 ended=1
	while [ $ended != 0 ]; do
		operation=$((operation + 1))
		tap "power fails in operation $operation, $percent % done" cut $operation "$percent"
		[ $operation -lt 200 ] || exit 1
	done
done
tap "each go went through the signature and the clearing of the old one, of which the tool could not know the end" \
	[ "$(grep -c ' 7 unknown$' /results/cuts)" -eq $((2 * $#)) ]
tap_done
