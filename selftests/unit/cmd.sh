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
tool=$(realpath "${CTL:-$B/san/cxflashctl}")
[ -x "$tool" ] && [ -x "$mkimage" ] || {
	echo "no $tool or no $mkimage; run: make build/san/cxflashctl build/mkimage" >&2
	exit 1
}
cd "$tap_tmp" || exit 1
mkdir files
# The tool; what it prints with --json is kept. To anything but a file or a pipe it prints itself.
cmd_tmp=$(mktemp -d) && chmod 755 "$cmd_tmp" || exit 1 # some tests call it as another user
trap 'rm -rf "$tap_tmp" "$cmd_tmp"' EXIT
mkdir "$cmd_tmp/json"
ctl=$cmd_tmp/cxflashctl
cat >"$ctl" <<END
#!/bin/sh
for word; do [ "\$word" != --json ] || json=1; done
[ "\$json" ] && { [ -f /dev/stdout ] || [ -p /dev/stdout ]; } || exec "$tool" "\$@"
said=\$(mktemp "$cmd_tmp/json/XXXXXX") || exit 99
"$tool" "\$@" >"\$said"
code=\$?
cat "\$said"
exit \$code
END
chmod +x "$ctl"
# As a selftest may be called from anywhere, make-demo gets full paths.
B=$B "$here/../image/make-demo" files >make.log 2>&1 || { cat make.log; exit 1; }
release=files/fw-ConnectX2-rel-2_10_0720-MHQH29C.bin
stock_ini=files/MHQH29C_A1-A2.ini
cx3_release=files/fw-ConnectX3Pro-rel-2_42_5000.bin

# At the end: what commands printed as JSON is what the schemas say.
tap_last=all_json
all_json()
{
	if ! /usr/bin/python3 -c 'import jsonschema' 2>/dev/null; then
		tap_skip "JSON" "no python3-jsonschema"
	elif [ -n "$(ls "$cmd_tmp/json")" ]; then
		tap "all JSON is as the schemas say" "$here/../schema/validate" "$cmd_tmp/json"
	fi
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
	if [ "$(wc -l <err)" != 1 ] || ! grep -q '^cxflashctl: ' err; then
		echo "not one line that begins with cxflashctl:"
		cat err
		return 1
	fi
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
	got=$(tail -n 1 out | /usr/bin/python3 \
		-c "import json, sys; o = json.load(sys.stdin); print($expression)") ||
		{ cat out err; return 1; }
	[ "$got" = "$value" ] && return
	echo "$expression is '$got', not '$value':"
	cat out err
	return 1
}
