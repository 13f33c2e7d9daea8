#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# map learn, map prove, map show, and building with what was learnt, on made releases whose map is
# known. MAP_RELEASES: how many random ones are judged (12), from seed MAP_FIRST on (1).

. "$(dirname "$0")/cmd.sh"

mkdir images others
"$mkimage" --release 10 -o images && mv images/truth.tsv . || exit 1

tap "map learn writes a table" status 0 "$ctl" map learn images -o map.tsv
tap "it tells what was learnt" json 'o["releases"][0]["boards"], o["releases"][0]["learnt"] > 5' \
	'39 True' "$ctl" map learn images
tap "and what was not, and what would decide it" shows 'never parts from|decide' \
	"$ctl" map learn images
tap "the rules are learned, with their section" \
	grep -Eq '	learned	.*	(1|2|1,2)	0x' map.tsv
again()
{
	status 0 "$ctl" map learn images -o - && cmp out map.tsv
}
tap "the same images give the same table" again
tap "map show tells keys and values" shows ' can be built\.$' "$ctl" map show map.tsv
tap "as JSON too" json 'len([k for k in o["releases"][0]["keys"] if k["buildable"]]) > 0' True \
	"$ctl" map show map.tsv
tap "map show tells a table by hand too" shows 'IB.port1_802_3ap_kx4_enable: word 0x1f99c' \
	"$ctl" map show "$here/../../user/data/params.tsv"
tap "map prove finds nothing wrong" json 'o["wrong_images"], o["boards"]' '0 39' \
	"$ctl" map prove images
tap "map prove of the table itself too" json 'o["wrong_images"]' 0 \
	"$ctl" map prove images --map map.tsv
tap "image config takes the table" shows 'learnt\.' "$ctl" image config images/000.bin --map map.tsv

# A flag that can be built, on a board that states it: set, built, and seen in the word.
/usr/bin/python3 - >flag <<'END'
import re
evidence = {}
for line in open("map.tsv"):
    cell = line.rstrip("\n").split("\t")
    if cell[0] == "@board":
        evidence.setdefault("boards", []).append(cell[1].split()[0])
    if cell[0] == "@key":
        evidence[cell[1], cell[2]] = cell[3:]
    if len(cell) > 10 and cell[8] == "learned" and cell[7] == "bool" and cell[10] in "12":
        values = evidence[cell[1], cell[2]]
        for board, value in zip(evidence["boards"], values):
            if value != "\\-":
                new = "true" if value in ("0", "0x0", "false") else "false"
                print(board, cell[1] + "." + cell[2], new, int(cell[4], 16), int(cell[5]))
END
built()
{
	while read -r board key value addr bit; do
		"$ctl" ini dump "$board" -o own.ini >log 2>&1 || return 1
		"$ctl" build --fw "$board" --conf own.ini --map map.tsv --set "$key=$value" \
			-o new.bin >out 2>err || continue
		grep -q "^Note: $key = $value: word 0x.* becomes 0x.*, it was 0x.*learnt from" \
			out || { cat out; return 1; }
		status 0 "$ctl" image diff "$board" new.bin --json && /usr/bin/python3 -ISc '
import json, sys
d = json.load(open("out"))
wanted = {(int(sys.argv[1]), 1 << int(sys.argv[2]))}
assert {(c["addr"], c["a"] ^ c["b"]) for c in d["config"]} == wanted, d["config"]
' "$addr" "$bit" && echo "$board $key $value" >made && return
	done <flag
	echo "no flag could be built"
	return 1
}
tap "a flag is built: that bit and no other" built
burnt()
{
	read -r board key value <made && "$ctl" ini dump "$board" -o own.ini >log &&
		"$ctl" id set "$board" --guid 0002c903000a0b00 --mac guid -o card.bin >id.log &&
		"$mkimage" --dump 4m --slot0 card.bin -o card.flash || return 1
	refused 6 'learnt from images.*--allow-learned' \
		"$ctl" burn -y -q -d file:card.flash --fw "$board" --conf own.ini --map map.tsv \
		--set "$key=$value" &&
		"$ctl" burn -y -n --no-failsafe -d file:card.flash --fw "$board" --conf own.ini \
		--map map.tsv --set "$key=$value" \
			--allow-learned >out 2>err
	! grep allow-learned err && grep -q "^Note: $key = $value: word" out
}
tap "it is burnt with --allow-learned only" burnt
unlearnt()
{
	read -r board key value <made && "$ctl" ini dump "$board" -o own.ini >log &&
		grep -v "	${key%%.*}	${key#*.}	learnt" map.tsv >less.tsv &&
		refused 6 "$key = $value, the release has" "$ctl" build -q --fw "$board" \
		--conf own.ini --map less.tsv --set "$key=$value" -o x.bin
}
tap "a rule that is taken out is not built by" unlearnt
tap "a rule that does not follow is refused" refused 5 \
	'bad.tsv: line [0-9]*: this learned rule does not follow' \
	sh -c "sed '/	learned	/{s/	bool	/	inverted	/}' map.tsv >bad.tsv; '$ctl' build --fw images/000.bin --conf own.ini --map bad.tsv -o x.bin"
tap "evidence that is cut off is refused" refused 5 "cut.tsv: lines with '@' are missing" \
	sh -c "grep -v '^@word' map.tsv >cut.tsv; '$ctl' map show cut.tsv"
tap "a damaged line is named" refused 5 \
	"odd.tsv: line [0-9]*: '@word' is not what map learn writes" \
	sh -c "sed '0,/^@word/s/^@word	/@word	x/' map.tsv >odd.tsv; '$ctl' map show odd.tsv"
tap "map prove wants a learnt table" refused 5 'params.tsv: not a table that map learn wrote' \
	"$ctl" map prove images --map "$here/../../user/data/params.tsv"
tap "mlx export has no place for it" refused 6 'a .mlx has no place for' \
	sh -c "'$ctl' mlx export images/000.bin --map map.tsv -o x.mlx"

# What cannot be learnt from
tap "a file without an image is refused" refused 5 'map.tsv: no firmware image' \
	"$ctl" map learn map.tsv
twice()
{
	"$ctl" ini dump images/001.bin -o twice.ini >log &&
		sed -i 's/^\(PSID = .*\)/\1\n\1/' twice.ini &&
		mkdir -p twice && cp images/00[2-9].bin twice/ &&
		"$mkimage" --chip connectx3 --ini twice.ini -o twice/a.bin &&
		"$mkimage" --chip connectx3 --ini "$here/../image/MHQH29C_A1-A2.ini" \
		-o twice/b.bin &&
		shows 'a.bin is left out: its ini states ADAPTER.PSID twice' "$ctl" map learn twice
}
tap "an ini that states a key twice is named" twice
tap "releases are told apart" json 'len(o["releases"])' 2 \
	sh -c "mkdir others/11; cp images/00[0-9].bin others/; '$mkimage' --release 11 -o others/11; '$ctl' map learn others \$1" -
tap "an archive does as a folder" json 'o["releases"][0]["boards"]' 39 \
	sh -c "tar -cf images.tar images; '$ctl' map learn images.tar \$1" -
foreign()
{
	read -r board key value <made && "$mkimage" --release 12 -o others &&
		"$ctl" ini dump others/000.bin -o foreign.ini >log &&
		refused 6 "$key = .*(learnt from another release|not)" "$ctl" build -q \
		--fw others/000.bin --conf foreign.ini --map map.tsv --set "$key=$value" -o x.bin
}
tap "on another release a flag proves nothing" foreign

# Copies of a board whose words the map that is built in knows, each with other values, give its
# places back.
known_copies()
{
	"$ctl" ini dump "$cx3_release" -o known.ini >log 2>&1 && mkdir known &&
		/usr/bin/python3 - "$here/../../user/data/params.tsv" known.ini >sets <<'END'
import random, re, sys
random.seed(5)
has = {k.lower() for k in re.findall(r"^\s*(\w+)\s*=", open(sys.argv[2]).read(), re.M)}
rules = [line.rstrip("\n").split("\t") for line in open(sys.argv[1]) if line.startswith("MT27520\tIB")]
rules = [r for r in rules if r[8] == "verified" and r[2].lower() in has]
for board in range(24):
    print(*("--set=IB.%s=%d" % (r[2], random.randrange(1 << int(r[6]))) for r in rules))
END
	i=0
	while read -r sets; do
		# shellcheck disable=SC2086 # a list of options
		"$ctl" build -q --fw "$cx3_release" --conf known.ini $sets \
			-o known/$i.bin >out 2>&1 || { cat out; return 1; }
		i=$((i + 1))
	done <sets
	"$ctl" map learn known -o known.tsv >out 2>&1 || { cat out; return 1; }
	/usr/bin/python3 - "$here/../../user/data/params.tsv" known.tsv sets <<'END'
import sys
def places(path, confidence):
    rows = (line.rstrip("\n").split("\t") for line in open(path) if line.startswith("MT27520\t"))
    return {(r[2].lower(), r[4], r[5]) for r in rows if len(r) > 8 and r[8] == confidence and r[4].startswith("0x")}
moved = {s[len("--set=IB."):].split("=")[0].lower() for s in open(sys.argv[3]).readline().split()}
known = {p for p in places(sys.argv[1], "verified") if p[0] in moved}
learnt = places(sys.argv[2], "learned")
assert len(known) > 40, known
assert learnt == known, (learnt - known, known - learnt)
END
}
tap "copies of a known board give its known places back" known_copies

judged()
{
	CXFLASH_BOARDS=/dev/null "$here/../image/judge-map" "${CTL:-$B/cxflashctl}" "$mkimage" \
		"${MAP_FIRST:-1}" "${MAP_RELEASES:-12}" >judged || { cat judged; return 1; }
	tail -n 1 judged | sed 's/^/# /'
}
judged_say()
{
	judged >said
	rc=$?
	cat said
	return $rc
}
tap "random releases: no false rule, no wrong image" judged_say
[ ! -s judged ] || sed 's/^#*/# /' judged
tap_done
