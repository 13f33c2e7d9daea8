# SPDX-License-Identifier: GPL-2.0-only
#
# TAP for shell tests: "ok" and "not ok" lines, what went wrong as comments, the plan at the end;
# and what tests of commands expect of one, in a folder of their own.
# shellcheck shell=sh

tap_count=0
tap_failed=0
tap_tmp=$(mktemp -d)
tap_kept=0
tap_last= # a command with tests that come after all others
tap_json= # a folder: what commands print with --json is kept there, to be held against user/schema
trap 'rm -rf "$tap_tmp"' EXIT
trap 'exit 1' INT TERM

# tap NAME COMMAND...: one test, passed if the command succeeds; its output shows if it does not
tap()
{
	tap_name=$1
	shift
	tap_count=$((tap_count + 1))
	if "$@" >"$tap_tmp/tap.log" 2>&1; then
		echo "ok $tap_count - $tap_name"
	else
		tap_failed=$((tap_failed + 1))
		echo "not ok $tap_count - $tap_name"
		sed 's/^/# /' "$tap_tmp/tap.log" | head -40
	fi
}

tap_skip() # NAME REASON
{
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

# keep_json FILE COMMAND...: that is what the command has printed; each test's in a file of its own
keep_json()
{
	kept=$1
	shift
	[ "$tap_json" ] || return 0
	case " $* " in *" --json "*) ;; *) return ;; esac
	while [ -e "$tap_json/$tap_count.$tap_kept" ]; do
		tap_kept=$((tap_kept + 1))
	done
	cp "$kept" "$tap_json/$tap_count.$tap_kept"
}

# status CODE COMMAND...: the command ends with this exit code; its words are in out and err
status()
{
	wanted=$1
	shift
	"$@" >out 2>err </dev/null
	got=$?
	keep_json out "$@"
	[ $got = "$wanted" ] && return
	echo "exit status $got instead of $wanted: $*"
	cat out err
	return 1
}

# shows PATTERN COMMAND...: it succeeds and prints that
shows()
{
	pattern=$1
	shift
	status 0 "$@" || return 1
	grep -Eq -- "$pattern" out && return
	echo "no '$pattern' in:"
	cat out
	return 1
}

tap_done()
{
	$tap_last
	echo "1..$tap_count"
	[ "$tap_failed" -eq 0 ]
}
