#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What README, CONTRIBUTING, SECURITY and the CI's definition name is there: files, tests, targets
# of make, commands and options of the tool.

. "$(dirname "$0")/../image/tap.sh"
cd "$(dirname "$0")/../.." || exit 1
B=${B:-build}
ctl=${CTL:-$B/san/cxflashctl}

# Each row says who cannot do what; what shows it is a test, and the test is there.
claims()
{
	/usr/bin/python3 - <<-'PY'
		import os, re, sys
		rows = [line.split("|")[1:-1] for line in open("SECURITY.md") if line.startswith("| ")][1:]
		rows = [row for row in rows if "---" not in row[0]]
		assert len(rows) >= 10, rows
		wrong = []
		for row in rows:
		    names = re.findall(r"`([^`]+)`", re.sub(r"\([^)]*\)", "", row[3]))
		    folder = ""
		    for name in names:
		        folder = os.path.dirname(name.rstrip("/")) if "/" in name else folder
		        path = name if "/" in name else os.path.join(folder, name)
		        if not os.path.exists(path):
		            wrong.append(path)
		    if not names:
		        wrong.append("no test: " + row[0])
		print("\n".join(wrong))
		sys.exit(bool(wrong))
	PY
}
tap "SECURITY names a test for each claim, and each is there" claims

# Paths in the text are from the top of the tree; made ones are in build/.
paths()
{
	/usr/bin/python3 - <<-'PY'
		import glob, os, re, sys
		tops = {name for name in os.listdir(".") if os.path.isdir(name)} - {"build"}
		wrong, seen = [], 0
		for page in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "docs/architecture.md"):
		    text = open(page).read()
		    home = os.path.dirname(page)
		    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
		        seen += 1
		        if not os.path.exists(os.path.join(home, target)):
		            wrong.append(f"{page}: ({target})")
		    for path in re.findall(r"[\w.][\w./*-]*/[\w./*-]*\w", text):
		        path = path.removeprefix("./")
		        if path.split("/")[0] in tops and "NAME" not in path:
		            seen += 1
		            if not glob.glob(path) and not glob.glob(path + ".*"):
		                wrong.append(f"{page}: {path}")
		    for heading in re.findall(r"\]\(#([\w-]+)\)", text):
		        titles = [re.sub(r"[^\w -]", "", t.lower()).strip().replace(" ", "-")
		                  for t in re.findall(r"^#+ (.*)", text, re.M)]
		        if heading not in titles:
		            wrong.append(f"{page}: #{heading}")
		assert seen > 60, seen
		print("\n".join(wrong))
		sys.exit(bool(wrong))
	PY
}
tap "every file and heading that the pages name is there" paths

targets()
{
	grep -ohE '(^|`|    )make [a-zA-Z][a-z0-9-]*( [a-z][a-z-]*)*([^/a-z-]|$)' README.md \
		CONTRIBUTING.md .ci/run .github/workflows/*.yml |
		sed 's/.*make //; s/[^a-zA-Z -].*//' | tr -s ' ' '\n' | sort -u >"$tap_tmp/named"
	[ "$(wc -l <"$tap_tmp/named")" -ge 10 ] || return 1
	while read -r target; do
		grep -qsE "^([a-zA-Z/ \$()-]* )?$target( [a-z -]*)?:" Makefile selftests/*/*.mk \
			bench/*.mk ||
			{ echo "make $target"; return 1; }
	done <"$tap_tmp/named"
}
tap "every target of make that they name is there" targets

# Each command line of cxflashctl in README: the command and its options exist. How it ends is
# another matter.
options()
{
	sed -n 's/^[ >$]*\(cxflashctl [^#|&>]*\).*/\1/p; s/`\(cxflashctl [^`|&]*\)`/\n\1\n/gp' \
		README.md |
		grep '^cxflashctl ' | sort -u >"$tap_tmp/lines"
	[ "$(wc -l <"$tap_tmp/lines")" -ge 20 ] || return 1
	"$ctl" --json --help >"$tap_tmp/help.json" && /usr/bin/python3 - "$tap_tmp" <<-'PY'
		import json, sys
		help_ = json.load(open(sys.argv[1] + "/help.json"))
		flags = {o[k] for o in help_["global_options"] for k in ("name", "letter") if k in o}
		commands = {c["name"]: {o[k] for o in c["options"] for k in ("name", "letter") if k in o}
		            for c in help_["commands"]}
		wrong = []
		for line in open(sys.argv[1] + "/lines"):
		    words = line.split()[1:]
		    while words and words[0].startswith("-"):
		        words.pop(0)
		    name = next((" ".join(words[:n]) for n in (2, 1) if " ".join(words[:n]) in commands), None)
		    if not name:
		        wrong.append(line)
		    elif any(w.startswith("-") and w.split("=")[0] not in commands[name] | flags for w in words):
		        wrong.append(line)
		print("".join(wrong), end="")
		sys.exit(bool(wrong))
	PY
}
tap "every command line of cxflashctl in README is one" options

# What README has to be tried without a card is tried, as it stands.
try()
{
	sed -n '/^<!-- try -->$/,/^[^ ]/{ s/^    //p }' README.md >"$tap_tmp/tried"
	[ "$(grep -c '^cxflashctl ' "$tap_tmp/tried")" -ge 5 ] || return 1
	ln -s "$PWD/selftests" "$tap_tmp/selftests"
	(cd "$tap_tmp" && cxflashctl() { "$tool" "$@"; } && set -e && . ./tried)
}
tool=$(realpath "$ctl")
B=$(realpath "$B")
export B CXFLASH_BOARDS=/dev/null
tap "what README has to be tried without a card" try

ci()
{
	grep -q 'make check$' .ci/run &&
		grep -q '^ *run: make check$' .github/workflows/check.yml &&
		grep -q 'container: debian:12' .github/workflows/check.yml
}
tap "the CI of a public forge calls the same make check" ci
tap_done
