# SPDX-License-Identifier: GPL-2.0-only
#
# cxflashctl in a guest: what it said, and whether the card agrees. Sourced after tap.sh by tests
# that work in a folder of their own.
# shellcheck shell=sh

mkdir -p /results/json && tap_json=/results/json

# refused CODE LINES PATTERN COMMAND...: so many lines on standard error, one of which matches
refused()
{
	code=$1 lines=$2 pattern=$3
	shift 3
	status "$code" "$@" && [ "$(grep -c '^cxflashctl: ' err)" = "$lines" ] &&
		[ "$(wc -l <err)" = "$lines" ] &&
		grep -Eq -- "$pattern" err && return
	cat err
	return 1
}

# A burn in the background is process $burning. What it says is in lines and err.burn, which hold
# nothing of another.
start() # ARGUMENT...
{
	[ ! -s lines ] || keep_json lines --json
	: >lines
	: >err.burn
	cxflashctl --json burn "$@" >lines 2>err.burn &
	burning=$!
}

reached() # PATTERN: until that burn has said so
{
	until grep -qs -- "$1" lines; do
		kill -0 $burning 2>/dev/null || { cat lines err.burn; return 1; }
		usleep 10000 # it needs the processor
	done
}

# A burn like that which is held by its card: at a flash operation (hold-at=N), or at a command of
# the gateway (hold-command-at=N). Fails if it ends before.
start_at() # NUMBER KNOB=N ARGUMENT...
{
	held_card=$1
	card reset-stats "$1" >/dev/null && card fault "$1" "$2" >/dev/null || return 1
	shift 2
	start "$@"
	until [ "$(card count "$held_card" holds)" = "ok 1" ]; do
		kill -0 $burning 2>/dev/null || return 1
	done
}

# One that is in the middle of its writing, and held until the tool is stopped. It goes on with
# go_on.
start_held() # NUMBER ARGUMENT...
{
	held_card=$1
	shift
	start_at "$held_card" hold-at=2 "$@" || { cat lines err.burn; return 1; }
	kill -STOP $burning && card go "$held_card" >/dev/null
}

go_on()
{
	kill -CONT $burning
}

# What a message advises to run, as it is printed: one command a line.
advice() # FILE...
{
	sed -n "s/.*\(cxflashctl [a-z]* -d [^ ,;']*\).*/\1/p; s/.*\(modprobe cxflash\).*/\1/p" "$@"
}

# The commands' log is /results/syslog. A daemon writes it, some time after a command has spoken;
# but all in order.
log_begin()
{
	syslogd -O /results/syslog
	until [ -S /dev/log ]; do usleep 10000; done
}

log_settle()
{
	logger "settled $tap_count"
	until grep -q "settled $tap_count\$" /results/syslog; do usleep 10000; done
}

# What makes a card this card. Its driver is bound anew before: nothing is remembered from before a
# power cut.
identity() # CARD FILE
{
	cxflashctl detach -d "$1" && cxflashctl attach --takeover -d "$1" &&
		cxflashctl query --quick -d "$1" >query.out || return 1
	grep -E '^(GUIDs|MACs|VSD|PSID):' query.out >"$2"
}

# The version that the model's boot ROM starts when the power comes back.
boots() # NUMBER
{
	card power-cycle "$1" >/dev/null &&
		card booted "$1" | sed -n 's/^ok slot=.* version=\([^ ]*\) .*/\1/p'
}

last_state() # FILE: card_state of a command's JSON, "" if it did not come so far
{
	sed -n '$s/.*"card_state":"\([a-z]*\)".*/\1/p' "$1"
}

# true_words CODE STATE BOOTED OLD NEW: what the tool said of the card, and what the card then did.
# Nothing said (killed): one of the two images must boot.
true_words()
{
	case $1.$2.$3 in
	0.new."$5" | 1.new."$5" | 137.new."$5") ;;
	1.old."$4" | 1.unchanged."$4" | 137.unchanged."$4" | 3.unchanged."$4" | 4.unchanged."$4") ;;
	7.unknown."$4" | 7.unknown."$5" | 137.."$4" | 137.."$5") ;;
	*)
		echo "exit $1, card_state '$2', but of old $4 and new $5 the card boots '$3'"
		return 1
		;;
	esac
}
