#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The arrows between the rooms of user/ run one way: what a file includes is in its own room, or in
# one that its room may look into. Whoever asks what can harm a card reads burn, dev and fw, and
# knows from here that nothing else is on that path.

cd "$(dirname "$0")/../.." || exit 1
. selftests/image/tap.sh

# room: the rooms it may include from. A room of fw sees those before it; control.h, types only, is
# what burn and the progress line agree on.
rooms='
fw:
fw/image:	fw
fw/board:	fw fw/image
fw/release:	fw fw/image fw/board
fw/mlx:		fw fw/image fw/board fw/release
fw/pack:	fw fw/image fw/board fw/release fw/mlx
fw/map:		fw fw/image fw/board fw/release
dev:		fw
burn:		fw fw/image fw/board/boards.h dev cli/control.h
cli:		fw
host:		fw fw/image fw/board cli files dev
files:		cli fw fw/image fw/board fw/release fw/mlx fw/pack fw/map
card:		cli files fw fw/image fw/board fw/release fw/mlx fw/pack fw/map burn dev
cmd:		cli files card host fw fw/image fw/board fw/release fw/mlx fw/pack fw/map burn dev
'

# Includes of a room's files that are in none of the rooms allowed to it, one a line. In includes, a
# name without a folder is in the room itself.
backward() # TREE ROOM ALLOWED...
{
	local tree=$1 room=$2
	shift 2
	grep -Hn '^#include "' "$tree/$room"/*.[ch] 2>/dev/null |
		while IFS=: read -r file line include; do
		include=${include#*\"}
		include=${include%%\"*}
		from=${include%/*}
		[ "$from" != "$include" ] || continue
		for place; do
			[ "$place" = "$from" ] || [ "$place" = "$include" ] && continue 2
		done
		echo "$file:$line includes $include"
	done
}

# Both fail with what they find.
none() { [ -z "$1" ] || { echo "$1"; return 1; }; }
some() { [ -n "$1" ]; }

while IFS=: read -r room allowed; do
	[ -d "user/${room:-none}" ] || continue
	# shellcheck disable=SC2086 # a list of words
	tap "$room looks into no room but:${allowed:- itself}" none \
		"$(backward user "$room" $allowed)"
done <<<"${rooms//$'\t'/ }"

# The arrows of the committed picture, against those that the includes make; graphviz leaves out
# what follows.
picture()
{
	sed -n 's#.*<title>\(.*\)&\#45;&gt;\(.*\)</title>.*#\1 \2#p' \
		docs/rooms.svg | sort >"$tap_tmp/drawn"
	docs/rooms | sed -n 's/ -> / /p' | tr -d '";\t' | sort >"$tap_tmp/real"
	[ "$(wc -l <"$tap_tmp/real")" -ge 10 ] && diff "$tap_tmp/drawn" "$tap_tmp/real" ||
		{ echo "make docs/rooms.svg"; return 1; }
}
if command -v tred >/dev/null; then
	tap "the picture in docs/architecture.md shows the rooms as they are" picture
else
	tap_skip "the picture in docs/architecture.md" "no graphviz"
fi

unknown()
{
	find user -name '*.[ch]' -printf '%P\n' | sed 's#/[^/]*$##' | sort \
		-u | while read -r room; do
		grep -q "^$room:" <<<"$rooms" || echo "user/$room"
	done
}
tap "every folder with sources is a room of the list" none "$(unknown)"
tap "no include climbs out of its folder" none \
	"$(grep -rn '^#include "\.\.' user --include='*.[ch]')"

headless()
{
	find user -name '*.[ch]' | while read -r f; do
		sed -n 2p "$f" | grep -q '^/\*' || echo "$f"
	done
}
tap "every file begins with a headline" none "$(headless)"

mkdir -p "$tap_tmp/fw/image"
echo '#include "burn/burn.h"' >"$tap_tmp/fw/image/x.c"
tap "an arrow that runs back is seen" some "$(backward "$tap_tmp" fw/image fw)"
tap_done
