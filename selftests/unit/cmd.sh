# SPDX-License-Identifier: GPL-2.0-only
#
# What the tests of the commands share: the tool under sanitizers, made files, and expectations of
# exit codes and of the one line on standard error. B names the build folder.
# shellcheck shell=sh

here=$(cd "$(dirname "$0")" && pwd)
B=$(realpath "${B:-build}")
mkimage=$B/mkimage
. "$here/../image/tap.sh"
export CXFLASH_BOARDS=/dev/null
# script(1) runs its command by the user's shell, and shells differ in what they make of Ctrl-C.
export SHELL=/bin/sh
ctl=$(realpath "${CTL:-$B/san/cxflashctl}")
[ -x "$ctl" ] && [ -x "$mkimage" ] || {
	echo "no $ctl or no $mkimage; run: make build/san/cxflashctl build/mkimage" >&2
	exit 1
}
cd "$tap_tmp" || exit 1
mkdir files
tap_json=$(mktemp -d) || exit 1
trap 'rm -rf "$tap_tmp" "$tap_json"' EXIT
# As a selftest may be called from anywhere, make-demo gets full paths. IMAGES: it has been called.
if [ "$IMAGES" ]; then
	cp -r "$IMAGES/." files
else
	B=$B "$here/../image/make-demo" files >make.log 2>&1 || { cat make.log; exit 1; }
fi
release=files/fw-ConnectX2-rel-2_10_0720-MHQH29C.bin
stock_ini=files/MHQH29C_A1-A2.ini
cx3_release=files/fw-ConnectX3Pro-rel-2_42_5000.bin

# At the end: what commands printed as JSON is what the schemas say.
tap_last=all_json
all_json()
{
	[ "$(ls "$tap_json")" ] || return 0
	if ! /usr/bin/python3 -c 'import importlib.util, sys
sys.exit(not importlib.util.find_spec("jsonschema"))'; then
		tap_skip "JSON" "no python3-jsonschema"
		return
	fi
	tap "all JSON is as the schemas say" "$here/../schema/validate" "$tap_json"
}

# refused CODE PATTERN COMMAND...: and one line on standard error, which matches; the files of
# CHANGED stay as they are
refused()
{
	pattern=$2
	code=$1
	shift 2
	[ -z "$watch" ] || cp "$watch" watched || return 1
	status "$code" "$@" || return 1
	[ -z "$watch" ] || cmp "$watch" watched || return 1
	{ IFS= read -r only_line && ! read -r _; } <err || only_line=
	case $only_line in
	"cxflashctl: "*) ;;
	*)
		echo "not one line that begins with cxflashctl:"
		cat err
		return 1
		;;
	esac
	grep -Eq -- "$pattern" err && return
	echo "no '$pattern' in:"
	cat err
	return 1
}
watch=

# json EXPRESSION VALUE COMMAND...: the last line it prints is an object o of which EXPRESSION is
# VALUE
json()
{
	expression=$1 value=$2
	shift 2
	"$@" --json >out 2>err </dev/null
	keep_json out --json
	got=$(/usr/bin/python3 -ISc "import json
for last in open('out'): pass
o = json.loads(last)
print($expression)") || { cat out err; return 1; }
	[ "$got" = "$value" ] && return
	echo "$expression is '$got', not '$value':"
	cat out err
	return 1
}
