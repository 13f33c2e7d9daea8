#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What may be said to a command: one rule for what it looks at, options that mean nothing where they
# are given, words that are mistyped, and one JSON object whatever happens.

. "$(dirname "$0")/cmd.sh"

flash=files/dell-c6100.flash
cp $stock_ini board.ini && cp $release fw.bin && cp $flash card.flash &&
	cp board.ini named-otherwise.txt || exit 1
"$mkimage" --rom pxe:3.4.900:673c -o rom.bin --rom-out new.rom

# ---- one rule for what to look at ----

# Each looks into a file, said in two ways, and into a card, said in two ways; REST stands behind
# it.
cat >lookers <<END
query
verify
ini dump
ini get
ini get|PS_INFO.Name
ini check
rom info
id show
image sections
image config
image checksum
END
same() # OPERAND OPTION COMMAND [REST]: said as an operand and by the option, the result is the same
{
	operand=$1 option=$2 command=$3 rest=$4
	status 0 "$ctl" $command $operand $rest && mv out by_operand &&
		status 0 "$ctl" $command $option $operand $rest &&
		cmp out by_operand && status 0 "$ctl" $command $rest $option $operand &&
		cmp out by_operand
}
while IFS='|' read -r command rest; do
	tap "$command $rest: an operand is a file, and so is -i" same fw.bin -i "$command" "$rest"
	tap "$command $rest: an operand is a card, and so is -d" same file:card.flash \
		-d "$command" "$rest"
	case $rest in
	"")
		tap "$command: not both" refused 64 'only one can be meant' \
			"$ctl" $command -i fw.bin -d file:card.flash
		[ "$command" = "ini get" ] ||
			tap "$command: nor two operands" refused 64 \
			'one thing too many|unknown|there is no' \
			"$ctl" $command fw.bin card.flash ;;
	esac
	tap "$command: a card by its address is looked for" refused 3 'ff:1f.7' \
		"$ctl" $command ff:1f.7 $rest
done <lookers
outputs()
{
	for command in "rom extract" "mlx export" "ini dump"; do
		case $command in rom*) file=rom.bin ;; *) file=fw.bin ;; esac
		status 0 "$ctl" $command $file -o one && status 0 "$ctl" $command -i $file -o two &&
			cmp one two &&
			status 0 "$ctl" $command file:card.flash -o one &&
			status 0 "$ctl" $command -d file:card.flash -o two &&
			cmp one two || return 1
	done
}
tap "what is saved comes from either, too" outputs
changes()
{
	status 0 "$ctl" id set fw.bin --vsd x -o one &&
		status 0 "$ctl" id set -i fw.bin --vsd x -o two && cmp one two &&
		status 0 "$ctl" rom replace fw.bin new.rom -o one &&
		status 0 "$ctl" rom replace -i fw.bin new.rom -o two && cmp one two &&
		status 0 "$ctl" rom remove -i rom.bin -o two &&
		status 0 "$ctl" ini set -i board.ini PS_INFO.Name=x -o two.ini &&
		"$ctl" ini get two.ini PS_INFO.Name | grep -qx x
}
tap "and what is changed" changes
card_operand()
{
	cp card.flash changed.flash
	status 0 "$ctl" id set -y file:changed.flash --vsd "rack 9" &&
		"$ctl" id show -d file:changed.flash | grep -q 'rack 9' &&
		status 0 "$ctl" read file:changed.flash -o raw && cmp raw changed.flash &&
		status 0 "$ctl" backup file:changed.flash -o saved &&
		status 2 "$ctl" restore -y file:changed.flash saved &&
		status 2 "$ctl" burn file:changed.flash saved/image-slot1.bin
}
tap "a card may be the first operand wherever -d names one" card_operand
compared()
{
	status 0 "$ctl" image diff fw.bin rom.bin && mv out plain &&
		status 0 "$ctl" image diff -i fw.bin rom.bin && cmp out plain &&
		status 0 "$ctl" image diff file:card.flash fw.bin && mv out plain &&
		status 0 "$ctl" image diff -d file:card.flash fw.bin &&
		cmp out plain && status 0 "$ctl" image diff -d file:card.flash -i fw.bin &&
		cmp out plain &&
		status 0 "$ctl" image diff file:card.flash file:card.flash &&
		status 0 "$ctl" ini diff file:card.flash board.ini &&
		mv out plain && status 0 "$ctl" ini diff -d file:card.flash board.ini &&
		cmp out plain
}
tap "two things are compared, whatever they are" compared
tap "three are not" refused 64 'one thing too many' "$ctl" ini diff board.ini fw.bin rom.bin
tap "and none is not" refused 64 'two things can be compared' "$ctl" image diff
tap "an ini may have any name" shows '^MHQH29C_A1-A2$' \
	"$ctl" ini get named-otherwise.txt PS_INFO.Name
archive()
{
	/usr/bin/python3 -c 'import zipfile; zipfile.ZipFile("kit.zip", "w").write("fw.bin")'
	status 0 "$ctl" image list kit.zip && mv out plain &&
		status 0 "$ctl" image list -i kit.zip && cmp out plain &&
		status 0 "$ctl" image extract -i kit.zip -o two && cmp two fw.bin &&
		status 0 "$ctl" query kit.zip::fw.bin
}
tap "an archive, too" archive
tap "a file behind -d is told of" refused 64 '-d fw.bin is a file: -i fw.bin' "$ctl" query -d fw.bin
tap "also where only a card will do" refused 64 \
	'a dump that stands in for a card is -d file:card.flash' \
	"$ctl" backup -d card.flash
tap "or as an operand" refused 64 \
	'card.flash is a file; a dump that stands in for a card is named file:card.flash' \
	"$ctl" backup card.flash
tap "a card behind -i is told of" refused 64 '-i 04:00.0 is a card: -d 04:00.0' \
	"$ctl" query -i 04:00.0
cp fw.bin 04:00.0
tap "a name that is both is asked about" refused 64 '04:00.0 is a card and a file' \
	"$ctl" query 04:00.0
tap "and said by -i" status 0 "$ctl" query -i 04:00.0
rm 04:00.0

# ---- options that mean nothing where they are given ----

"$ctl" build --fw fw.bin --conf board.ini -o good.bin >/dev/null 2>&1
watch=board.ini
while IFS='|' read -r pattern line; do
	tap "$line" refused 64 "$pattern" "$ctl" $line
done <<END
--map means nothing here without --device|ini set board.ini --map /nonexistent PS_INFO.Name=x
--ini-text-only means nothing here without --device|ini set board.ini --ini-text-only PS_INFO.Name=x
--allow-psid-change means nothing here without --device|ini set board.ini --allow-psid-change PS_INFO.Name=x
--allow-ethernet-only means nothing here without --device|ini set board.ini --allow-ethernet-only PS_INFO.Name=x
--allow-learned means nothing here without --device|ini set board.ini --allow-learned PS_INFO.Name=x
--allow-learned means nothing here without --fw|burn -d file:card.flash good.bin --allow-learned
--backup means nothing here without --device|ini set board.ini --backup x PS_INFO.Name=x
--no-backup means nothing here without --device|ini set board.ini --no-backup PS_INFO.Name=x
-o x.ini belongs to a file|ini set -d file:card.flash -o x.ini PS_INFO.Name=x
--backup means nothing here without --device|id set fw.bin --vsd x -o x.bin --backup x
--no-backup means nothing here without --device|id set fw.bin --vsd x -o x.bin --no-backup
--blank and --guid exclude each other|id set fw.bin --blank --guid 0002c903000a0b00 -o x.bin
-o x.bin belongs to a file|id set -d file:card.flash --vsd x -o x.bin
--backup means nothing here without --device|rom replace fw.bin new.rom -o x.bin --backup x
--no-backup means nothing here without --device|rom remove rom.bin -o x.bin --no-backup
--map means nothing here without --conf or --set|build --fw fw.bin --map /nonexistent -o x.bin
--ini-text-only means nothing here without --conf or --set|build --fw fw.bin --ini-text-only -o x.bin
--allow-other-rom means nothing here without --rom|build --fw fw.bin --conf board.ini --allow-other-rom -o x.bin
unknown option --allow-other-rom|rom remove rom.bin --allow-other-rom -o x.bin
--conf means nothing here without --fw|burn -d file:card.flash good.bin --conf board.ini
--set means nothing here without --fw|burn -d file:card.flash good.bin --set PS_INFO.Name=x
--map means nothing here without --fw|burn -d file:card.flash good.bin --map /nonexistent
--ini-text-only means nothing here without --fw|burn -d file:card.flash good.bin --ini-text-only
--force means nothing here without --takeover|burn -d file:card.flash good.bin --force
--force means nothing here without --takeover|burn -d 04:00.0 good.bin --force --beside
--takeover and --beside exclude each other|burn -d 04:00.0 good.bin --takeover --beside
--backup and --no-backup exclude each other|burn -d file:card.flash good.bin --backup x --no-backup
--all and --device exclude each other|burn --all -d 04:00.0 good.bin
--all and --device exclude each other|burn --all 04:00.0 good.bin
--all and --identity exclude each other|burn --all good.bin --identity saved
--all and --guid exclude each other|burn --all good.bin --guid 0002c903000a0b00
--all and --mac exclude each other|burn --all good.bin --mac 0002c90a0b00
no driver has a file|burn -d file:card.flash good.bin --beside
--image and --identity exclude each other|restore -d file:card.flash --image --identity saved
--image and --dump exclude each other|restore -d file:card.flash --image --dump saved
--identity and --dump exclude each other|restore -d file:card.flash --identity --dump saved
--backup and --no-backup exclude each other|restore -d file:card.flash --backup x --no-backup saved
--quick and --full exclude each other|query -d file:card.flash --quick --full
--quick is for cards; fw.bin is a file|query fw.bin --quick
--force means nothing here without --takeover|attach -d 04:00.0 --force
--force means nothing here without --takeover|attach -d 04:00.0 --beside --force
--addr is given twice|read -d file:card.flash -o x --addr 0 --addr 16
--rules and --for exclude each other|check --rules --for nfs
unknown option --map|boards --map x
changes nothing that --dry-run|boards -n
END
watch=
tap "a map that is not there, of images that are equal" refused 3 '/nonexistent: No such' \
	"$ctl" image diff fw.bin fw.bin --map /nonexistent
tap "nothing was written" sh -c '! ls x.bin x.ini x 2>/dev/null'

# Every option of every command is known to this test, so that a new one is thought through.
options_known()
{
	status 0 "$ctl" --json --help && mv out help.json && /usr/bin/python3 -IS - <<-'END'
		import json
		# Options that always mean something, or whose commands refuse them above.
		always = set("--device --image --output --full --fw --addr --len --guid --mac --vsd --psid --name --extract --for "
		             "--sysroot --with-identity --persistent --count --all --identity --dump --rom --allow-downgrade --no-failsafe "
		             "--base --oem --new --take".split())
		ruled = set("--allow-learned --allow-ethernet-only --allow-other-rom --quick --takeover --beside --force --conf --set --map --ini-text-only --allow-psid-change --backup "
		            "--no-backup --blank --rules".split())
		for c in json.load(open("help.json"))["commands"]:
		    for o in c["options"]:
		        assert o["name"] in always | ruled, (c["name"], o["name"])
	END
}
tap "there is no other option" options_known

# ---- mistyped words ----

while IFS='|' read -r pattern line; do
	tap "$line" refused 64 "$pattern" "$ctl" $line
done <<END
unknown command 'qeury'; did you mean 'cxflashctl query'|qeury
unknown command 'quer'; did you mean 'cxflashctl query'|quer -d 04:00.0
unknown command 'verfy'; did you mean 'cxflashctl verify'|verfy fw.bin
unknown command 'BURN'; did you mean 'cxflashctl burn'|BURN fw.bin
did you mean 'cxflashctl ini check'. ini needs one of: dump|ini chekc board.ini
did you mean 'cxflashctl ini dump'|inni dump
did you mean 'cxflashctl ini dump'|ini-dump
did you mean 'cxflashctl image list'|image_list kit.zip
did you mean 'cxflashctl ini rebrand'|rebrand board.ini
did you mean 'cxflashctl rom extract'|rom extrat fw.bin
unknown command 'frobnicate'; see 'cxflashctl --help'|frobnicate
unknown option --devise; did you mean --device|query --devise 04:00.0
unknown option --dev; did you mean --device|query --dev 04:00.0
unknown option --jsn; did you mean --json|query --jsn fw.bin
unknown option --outptu; did you mean --output|ini dump --outptu x fw.bin
unknown option --allow-psid; did you mean --allow-psid-change|burn -d file:card.flash good.bin --allow-psid
unknown option -D; did you mean -d, --device|query -D 04:00.0
unknown option -mac; did you mean --mac|id set fw.bin -mac 0002c90a0b00 -o x.bin
unknown option -device; did you mean --device|query -device 04:00.0
unknown option -psid; did you mean --psid|ini rebrand board.ini -psid X
unknown option --frobnicate; --help shows|query --frobnicate
in front of the command there are only global ones|-d 04:00.0 query
END

# ---- one JSON object, whatever happens ----

one_object() # CODE COMMAND LINE...
{
	wanted=$1
	shift
	"$@" >out 2>err </dev/null
	got=$?
	[ $got = "$wanted" ] || {
		echo "exit status $got instead of $wanted"
		cat out err
		return 1
	}
	keep_json out --json
	/usr/bin/python3 -ISc 'import json, sys
text = open("out").read()
o = json.loads(text)
assert text.count("\n") == 1 and isinstance(o, dict) and o["exit"] == int(sys.argv[1]), text
assert bool(o.get("error")) == (int(sys.argv[1]) not in (0, 2)), text' "$wanted"
}
while read -r code line; do
	tap "--json $line" one_object "$code" "$ctl" --json $line
	tap "$line --json" one_object "$code" "$ctl" $line --json
done <<END
64 query --frobnicate
64 query -Z
64 query --device
64 query -d
64 query -d a -d b
64 burn
64 burn --frobnicate
64 frobnicate
64 ini
64 ini frobnicate
64 query a b c
64 query -n fw.bin
64 --color red list
64 image list
64 read -d file:card.flash -o - --addr x
64 id set fw.bin --vsd x -o -
64 -Q
3 query nowhere.bin
3 verify -i nowhere.bin
5 verify -i new.rom
0 query fw.bin
0 --help
0 --version
0 ini dump --help
0 help burn
END
tap "nothing at all" one_object 64 "$ctl" --json
tap "a card that may have been written says what it holds, also of a word nobody knows" \
	json 'o["exit"], o["card_state"]' '64 unchanged' "$ctl" burn --frobnicate
tap "and restore" json 'o["exit"], o["card_state"]' '64 unchanged' "$ctl" restore --image --dump x
tap "help is JSON" json '[c["name"] for c in o["commands"]][:2]' "['list', 'query']" "$ctl" --help
tap "an error of two lines is one in JSON" json '"?" in o["error"]' False "$ctl" query -d ff:1f.7
tap "an option where a value is to be is a forgotten value" refused 64 \
	'-o needs a value .*, and --yes is an option' \
	"$ctl" build -o --yes
tap_done
