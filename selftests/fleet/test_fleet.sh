#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A rollout over four hosts, by ssh. "full" does it with more hosts and more that goes wrong.

if [ -z "${FLEET_DIR:-}" ]; then
	here=$(cd "$(dirname "$0")" && pwd)
	export B=${B:-build}
	dir=$(mktemp -d)
	trap 'rm -rf "$dir"' EXIT
	"$here/make-cards" "$dir" 4 && "$here/world" "$dir" 4 "$here/$(basename "$0")"
	exit
fi
. "$(dirname "$0")/story.sh"
targets=(-e '{"cxflash_targets": "fs01,fs02,fs03,fs04", "cxflash_serial": [1, 3], "cxflash_check": false}')

tap "the collection is installed, a policy written from a folder" begin_rollout

check_mode()
{
	cards >before
	play 0 check site --check --diff "${targets[@]}" -e cxflash_install=none -e cxflash_executable="$CXFLASHCTL" || return 1
	cards | diff before - || return 1
	[ ! -e cxflash-records ] || { find cxflash-records; return 1; }
	grep -q '^-firmware: 2.40.5030' check.log && grep -q '^+firmware: 2.42.5000' check.log &&
		report 'c["fs01 card0"]["verdict"]' outdated && report 'r["counts"]["outdated"]' 5
}
tap "check mode predicts, with a diff, and changes nothing" check_mode
left_nothing()
{
	! find host/*/upper/var/lib/cxflash host/*/upper/root/.ansible/tmp -type f 2>/dev/null | grep .
}
tap "nothing is left on the hosts" left_nothing

# The connection to fs02 is cut while its card is written; fs04 has a card that somebody else writes.
first_run()
{
	hold fs02 8
	fleet-host run fs04 flock /srv/cards/card0.flash sleep infinity &
	lock=$!
	{
		wait_until is_held
		fleet-host cut fs02
		wait_until state_is fs02 card0 lost
		kill -CONT $(held)
	} &
	play 2 first site "${targets[@]}"
	local status=$?
	kill $lock
	fleet-host run fs04 pkill sleep
	return $status
}
tap "a locked card is no success of the play" first_run
told()
{
	grep -q 'fs04 file:/srv/cards/card0.flash: failed: .*another program is writing it' first.log &&
		report 'c["fs04 card0"]["problems"][0]' failed && report 'c["fs04 card0"]["in_flash"]' 2.40.5030
}
tap "and is told with the tool's words" told
survived()
{
	[ "$(version fs02 card0)" = 2.42.5000 ] && state_is fs02 card0 done && report 'c["fs02 card0"]["in_flash"]' 2.42.5000
}
tap "a write goes on without its connection, and its outcome is fetched" survived
predicted()
{
	(burnt first; echo "fs04 card0") | sort >first.burnt
	burnt check | diff - first.burnt && [ "$(wc -l <first.burnt)" = 5 ]
}
tap "what was burnt is what check mode said, but for the locked card" predicted
identities()
{
	report 'len(set(row["guids"]["node"] for row in r["cards"]))' 5 && report 'len(r["duplicates"])' 0
}
tap "each card has its own GUIDs" identities
saved()
{
	local folder
	for folder in cxflash-records/fs0[1-3]/*/*/; do
		(cd "$folder" && sha256sum --quiet -c SHA256SUMS) || return 1
	done
	"$CXFLASHCTL" query -i cxflash-records/fs01/*/*/dump.bin | grep -q 'FW version: *2.40.5030'
}
tap "each was saved on the controller before" saved

second_run()
{
	cards >before
	play 0 second site "${targets[@]}" && [ "$(burnt second)" = "fs04 card0" ] &&
		! cards | diff before - | grep '^>' | grep -v fs04 && report 'r["counts"]["outdated"]' 0
}
tap "the second run burns what was left, and nothing else" second_run

back()
{
	play 0 back rollback -e cxflash_targets=fs03 -e cxflash_check=false && [ "$(version fs03 card0)" = 2.40.5030 ] &&
		[ "$(version fs03 card1)" = 2.40.5030 ] && [ "$(version fs01 card0)" = 2.42.5000 ]
}
tap "rollback gives one host its old firmware, on both of its cards" back

wrong_sum()
{
	cards >before
	printf x >>firmware/fw-ConnectX2-2_42_5000.bin
	play 2 sum site "${targets[@]}" && grep -q 'it is not the file that was listed' sum.log && ! grep -q 'fs0[1-4]' sum.log &&
		cards | diff before -
}
tap "an image with another checksum ends the play before a host is touched" wrong_sum
tap_done
