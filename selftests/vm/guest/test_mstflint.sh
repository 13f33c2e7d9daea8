#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# An unmodified mstflint and cxflashctl work on two equal cards, and each on what the other left.
# What mstflint sees judges the card model; what it says of cxflashctl's work judges cxflashctl.
#
#	usage: test_mstflint.sh MSTFLINT RELEASE.bin OLD-VERSION NEW-VERSION
#
# The cards are 0 at 00:04.0 and 1 at 00:05.0, both running OLD-VERSION from slot 0; RELEASE.bin
# carries their PSID.

. /tests/tap.sh
flint=$1 release=$2 old=$3 new=$4
bar=/sys/bus/pci/devices/0000:00
cd "$tap_tmp" || exit 1

# What mstflint says of a card, without what a burn may change.
query() # SLOT FILE
{
	"$flint" -d "$bar:$1.0/resource0" query full >"$2" || { cat "$2"; return 1; }
}

kept() # FILE: identity, PSID and ROM
{
	grep -E '^(GUIDs|MACs|VSD|PSID|Rom Info|Device ID):' "$1"
}

version() # FILE VERSION
{
	grep -E "^FW Version: +$2\$" "$1" || { cat "$1"; return 1; }
}

old_version()
{
	query 04 before && version before "$old" && query 05 other && diff before other
}

same_by_window()
{
	"$flint" -d 0000:00:04.0 query full >window && diff before window
}

verifies() # SLOT
{
	"$flint" -d "$bar:$1.0/resource0" verify
}

burnt() # SLOT: the new version, and everything that belongs to the card
{
	query "$1" "after.$1" && version "after.$1" "$new" || return 1
	kept before >kept.before
	kept "after.$1" >kept.after
	diff kept.before kept.after
}

boots() # CARD: after the power was off, the card runs the new firmware from slot 1
{
	card power-cycle "$1" || return 1
	card booted "$1" | tee booted
	grep -q "^ok slot=1 .*version=$new " booted
}

# A slot has a driver only as long as a command needs it: mstflint maps BAR 0 itself.
ctl() # SLOT COMMAND...
{
	slot=$1
	shift
	cxflashctl attach --takeover -d "00:$slot.0" || return 1
	cxflashctl "$@" -d "00:$slot.0"
	status=$?
	cxflashctl detach -d "00:$slot.0" && return $status
}

ctl_sees_burn()
{
	ctl 04 query >ctl.query || { cat ctl.query; return 1; }
	for word in $(kept before | sed -n 's/^\(GUIDs\|MACs\|PSID\)://p'); do
		grep -qi "$word" ctl.query || { echo "no $word in:"; cat ctl.query; return 1; }
	done
	grep -q "$new" ctl.query || { cat ctl.query; return 1; }
}

same_image()
{
	"$flint" -d $bar:04.0/resource0 ri by-mstflint.bin &&
		"$flint" -d $bar:05.0/resource0 ri by-ctl.bin &&
		cmp by-mstflint.bin by-ctl.bin
}

modprobe cxflash || exit 1
tap "mstflint queries the card through BAR 0" old_version
tap "and through the configuration window" same_by_window
tap "and verifies it" verifies 04
tap "mstflint burns a release" "$flint" -y -d $bar:04.0/resource0 -i "$release" burn
tap "the card has the new version and its own identity" burnt 04
tap "mstflint verifies what mstflint burnt" verifies 04
tap "the card boots it" boots 0
tap "cxflashctl verifies what mstflint burnt" ctl 04 verify
tap "cxflashctl sees the same versions and identity" ctl_sees_burn
tap "cxflashctl burns the same release on the other card" ctl 05 burn --yes "$release"
tap "mstflint sees the new version and the card's identity" burnt 05
tap "mstflint verifies what cxflashctl burnt" verifies 05
tap "the other card boots it" boots 1
tap "both tools made the same image" same_image
tap_done
