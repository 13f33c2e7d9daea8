#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# --map with a vendor's .mlx of the older text dialect (a made one: no vendor's is in the tree), and
# ini check.

. "$(dirname "$0")/cmd.sh"

"$mkimage" --chip connectx3pro --seed 3 --ini "$here/../image/MCX312B_synthetic.ini" -o f.bin \
	--ini-out f.ini || exit 1
# A bit of a word without a name that is 0, as do_sense = false is, and one that is 1.
status 0 "$ctl" image config f.bin --json && /usr/bin/python3 -ISc '
import json
words = [f for f in json.load(open("out"))["fields"]
         if "name" not in f and 0x20000 <= f["addr"] < 0x30000]
for wanted in (0, 1):
    word, bit = next((f, b) for f in words for b in range(32)
                     if f["mask"] >> b & 1 and f["value"] >> b & 1 == wanted)
    print("bit%d=%d addr%d=0x%x" % (wanted, bit, wanted, word["addr"]))' >bits && . ./bits || exit 1

mlx=fw-ConnectX3Pro-rel.mlx
write() # ADDRESS.BIT
{
	printf '%s\n' 'prepMLX version 2' '[FW]' 'FW.Major Rev ID = 2' 'FW.Minor Rev ID = 9' \
		'FW.SubMinor rev ID = 1' \
		"scratchpad.x.do_sense $1 1" 'scratchpad.y.z 0x20000.0 4 0x0 more' >$mlx
}
write "$addr0.$bit0"
tap "mlx show tells version and chip" shows '^FW version: +2.9.0001$' "$ctl" mlx show $mlx
tap "and counts" json 'o["dialect"], o["chip"], o["places"], o["unknown"]' 'text MT27520 2 2' \
	"$ctl" mlx show $mlx
tap "and names the lines that are not understood" \
	shows "^Note: 2 lines are not understood: $mlx:1, $mlx:2\$" "$ctl" mlx show $mlx
tap "and says what it is good for" shows 'with --map it can be the map' "$ctl" mlx show $mlx
tap "with -v every parameter" shows "^  $addr0\.$bit0 +1  scratchpad.x.do_sense\$" \
	"$ctl" -v mlx show $mlx
tap "its places in JSON" json 'o["parameters"][0]["path"], o["parameters"][0]["line"]' \
	'scratchpad.x.do_sense 6' \
	"$ctl" mlx show $mlx
/usr/bin/python3 -m zipfile -c kit.zip $mlx f.bin
tap "image list tells its version" json '[m["version"] for m in o["members"]][0]' 2.9.0001 \
	"$ctl" image list kit.zip
tap "no image comes of it alone" refused 6 "$mlx: line 1: .*old text dialect.*--fw RELEASE.bin" \
	"$ctl" build --fw $mlx --conf f.ini -o x.bin

without()
{
	refused 6 \
		'IB.do_sense = true, the release has false, and where it compiles this key is not known' \
		"$ctl" build --fw f.bin --conf f.ini --set IB.do_sense=true -o x.bin
}
tap "without a map the key is refused" without
compiled()
{
	status 0 "$ctl" build --fw f.bin --map $mlx --conf f.ini --set IB.do_sense=true \
		-o got.bin &&
		grep -q "^Note: $mlx, a vendor's .mlx of the older text dialect, gives the places of 2 parameters; columns" out &&
		grep -q "^Note: 2 lines are not understood: $mlx:1, $mlx:2" out &&
		grep -q "^Note: $mlx is of version 2.9.0001, the release of 2.10.0720" out &&
		grep -q "^Note: IB.do_sense = true: .*$addr0.$bit0 size 1) becomes 0x1, it was 0x0; the place is claimed by $mlx:6" out ||
		{ cat out; return 1; }
	mstflint -i got.bin verify >verify.log 2>&1 && ! grep "wrong CRC" verify.log ||
		{ cat verify.log; return 1; }
	# Nothing but that bit and the text of the ini changed.
	status 0 "$ctl" image diff f.bin got.bin --json && /usr/bin/python3 -ISc '
import json, sys
d = json.load(open("out"))
wanted = [(int(sys.argv[1], 16), 1 << int(sys.argv[2]))]
assert [(c["addr"], c["a"] ^ c["b"]) for c in d["config"]] == wanted, d
assert [k["key"] for k in d["ini"]] == ["do_sense"], d
' "$addr0" "$bit0"
}
tap "with it the key is compiled, and where from is told" compiled
exported()
{
	status 0 "$ctl" mlx export f.bin --map $mlx -o f.mlx &&
		grep -q "confidence=\"claimed\" by=\"$mlx:6\"" f.mlx &&
		status 0 "$ctl" build --fw f.mlx --conf f.ini --set IB.do_sense=true -o again.bin &&
		cmp got.bin again.bin
}
tap "mlx export keeps the claim" exported
burnt()
{
	"$ctl" id set f.bin --guid 0002c903000a0b00 --mac guid -o card.bin >id.log &&
		"$mkimage" --dump 2m --slot0 card.bin -o card.flash &&
		status 0 "$ctl" burn -d file:card.flash --fw f.bin --conf f.ini \
		--map $mlx --set IB.do_sense=true && grep -q "claimed by $mlx:6" out
}
tap "burn takes it too" burnt
tap "another name of the file, another chip: refused" refused 6 \
	'IB.do_sense = true, .* fw-ConnectX3-rel.mlx is for chip MT27500, the release for MT27520' \
	sh -c "cp $mlx fw-ConnectX3-rel.mlx; '$ctl' build --fw f.bin --map fw-ConnectX3-rel.mlx --conf f.ini --set IB.do_sense=true -o x.bin >o"
tap "bits that are not what the ini says: refused" refused 6 \
	"IB.do_sense: the release's ini says false, but scratchpad.x.do_sense" \
	sh -c "sed -i 's/do_sense .*/do_sense $addr1.$bit1 1/' $mlx; '$ctl' build --fw f.bin --map $mlx --conf f.ini --set IB.do_sense=true -o x.bin >o"
tap "image config wants a table" refused 6 "$mlx: a .mlx claims places when an image is built" \
	"$ctl" image config f.bin --map $mlx
tap "a map of the newer dialect is refused" refused 6 'f.mlx: a .mlx of the newer dialect' \
	"$ctl" build --fw f.bin --map f.mlx --conf f.ini -o x.bin
tap "a map that is not there" refused 3 'nowhere.mlx' \
	"$ctl" build --fw f.bin --map nowhere.mlx --conf f.ini -o x.bin

# ini check
printf '[ADAPTER]\nPSID = ABC0000000001\n[fw_boot_config]\nx = 1\n[ADAPTER]\npsid = ABC0000000001\n' >odd.ini
tap "ini check finds a good ini good" json 'o["psid"], o.get("notes")' 'SYN1200110023 None' \
	"$ctl" ini check f.ini
tap "and the one in an image" json 'o["psid"], o.get("notes")' 'SYN1200110023 None' \
	"$ctl" ini check f.bin
tap "an unknown section is told with its line" shows '^Note: line 4: section \[fw_boot_config\]' \
	"$ctl" ini check odd.ini
tap "a key stated twice too" shows '^Note: line 6: ADAPTER.psid is on line 2 already' \
	"$ctl" ini check odd.ini
tap "no PSID too" shows '^Note: it states no PSID' \
	sh -c "printf '[IB]\nx=1\n' >no.ini; '$ctl' ini check no.ini"
tap "a PSID of 17 characters is an error" refused 5 \
	"bad.ini: line 2: the PSID '12345678901234567'" \
	sh -c "printf '[ADAPTER]\nPSID = 12345678901234567\n' >bad.ini; '$ctl' ini check bad.ini"
tap "two values of a key too" refused 5 "bad.ini: line 3: IB.X is '2' here and '1' on line 2" \
	sh -c "printf '[IB]\nx=1\nX=2\n' >bad.ini; '$ctl' ini check bad.ini"
tap "and a line that is nothing" refused 5 'bad.ini: line 2: neither' \
	sh -c "printf '[IB]\njunk\n' >bad.ini; '$ctl' ini check bad.ini"
tap "build tells of an unknown section" shows '^Note: line [0-9]*: section \[Whatever\]' \
	sh -c "(cat f.ini; printf '[Whatever]\nx = 1\n') >w.ini; '$ctl' build --fw f.bin --conf w.ini --ini-text-only -o x.bin"
tap_done
