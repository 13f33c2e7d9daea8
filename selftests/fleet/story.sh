# SPDX-License-Identifier: GPL-2.0-only
#
# What the controllers in a fleet's tests share, inside "world".
# shellcheck shell=bash

. "$(dirname "${BASH_SOURCE[0]}")/fleet.sh"
export ANSIBLE_PRIVATE_KEY_FILE=$FLEET_DIR/key ANSIBLE_HOST_KEY_CHECKING=False
export ANSIBLE_SSH_CONTROL_PATH_DIR=$tap_tmp/cp

# A folder as an administrator has one: the collection's examples, and a policy from the firmware
# there is.
begin_rollout()
{
	install_collection >"$tap_tmp/install.log" || { cat "$tap_tmp/install.log"; return 1; }
	cp "$collection"/examples/* "$FLEET_DIR/" && cd "$FLEET_DIR" &&
		/usr/bin/python3 "$collection/scripts/cxflash-policy" --executable "$CXFLASHCTL" \
		firmware >policy.yml
}

# play STATUS NAME PLAYBOOK ARGUMENT...: a play ends with that status; NAME.log has what it said
play()
{
	local wanted=$1 log=$FLEET_DIR/$2.log playbook=$3 got
	shift 3
	ansible-playbook "cxflash.cxflash.$playbook" -e cxflash_local_executable="$CXFLASHCTL" \
		"$@" >"$log" 2>&1 </dev/null
	got=$?
	[ $got = "$wanted" ] && return
	echo "exit status $got instead of $wanted:"
	grep -vE '^(ok|skipping): ' "$log" | tail -n 60
	return 1
}

# The cards that a play says it has burnt, or in check mode would burn
burnt() # NAME
{
	sed -n '/^TASK .* Burn what the policy says/,/^TASK .* Remember what was done/p' \
		"$FLEET_DIR/$1.log" |
		sed -n 's/^changed: \[\(.*\)\] => (item=file:.*cards.\(.*\).flash)/\1 \2/p' | sort
}

# report EXPRESSION VALUE: of the report, whose cards are c["HOST CARD"]
report()
{
	local got
	got=$(/usr/bin/python3 -c '
import json, sys
r = json.load(open("cxflash-report/report.json"))
c = {"%s %s" % (row["host"], row["card"].replace("file:/srv/cards/", "").replace(".flash", "")): row
     for row in r["cards"]}
print(eval(sys.argv[1]))' "$1") || return 1
	[ "$got" = "$2" ] && return
	echo "$1 is '$got', not '$2'"
	return 1
}

# What is in the cards of all hosts
cards()
{
	(cd "$FLEET_DIR/host" && sha256sum ./*/upper/srv/cards/*.flash)
}

version() # HOST CARD
{
	"$CXFLASHCTL" --json query -i "$FLEET_DIR/host/$1/upper/srv/cards/$2.flash" |
		sed 's/.*"fw_version":"\([^"]*\)".*/\1/'
}

# The tool that stands still in the middle of a write; it is that of a host with a "hold". It is
# in a tracer's hands, so that its state alone does not tell a signal from one of its calls.
held()
{
	local pid
	for pid in $(pgrep -x cxflashctl); do
		! grep -qs get_signal "/proc/$pid/stack" || echo "$pid"
	done
}

# hold HOST N: from now on it stops before the Nth write to a flash
hold()
{
	echo "$2" >"$FLEET_DIR/host/$1/hold"
	fleet-host power-off "$1" && fleet-host power-on "$1" && fleet-host wait "$1"
}

wait_until() # COMMAND...
{
	until "$@" >/dev/null 2>&1; do sleep 0.2; done
}

is_held()
{
	[ "$(held)" ]
}

state_is() # HOST CARD STATE: what the record on the controller says
{
	grep -q "\"state\": \"$3\"" "$FLEET_DIR/cxflash-records/$1/file-srv-cards-$2.flash.json"
}
