#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The arithmetic of the benchmark, against examples computed by hand. B names the build folder.

cd "$(dirname "$0")/../.." || exit 1
. selftests/image/tap.sh
floor=${B:-build}/floor

flash() # FILE: 128 KiB, the first block erased, the second all zeros
{
	{
		head -c 65536 /dev/zero | tr '\0' '\377'
		head -c 65536 /dev/zero
	} >"$tap_tmp/$1"
}

put() # FILE ADDR: 32 bytes of 5a
{
	printf 'ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ' | dd of="$tap_tmp/$1" bs=1 seek="$2" \
		conv=notrunc status=none
}

prints() # TEXT COMMAND...
{
	wanted=$1
	shift
	"$@" | grep -F -- "$wanted" && return
	"$@"
	return 1
}

# Two beats of one page, programmed and read back: a write enable (1 W, 1 R, 1 byte), two beats (4 +
# 1 + 1 W, 1 R, 20 bytes; 4 + 1 W, 1 R, 16 bytes), a look at the status (1 W, 2 R, 5 bytes), two
# reads (2 W, 5 R, 20 bytes each): 15 reads, 17 writes, 82 bytes = 15 + 1.7 + 26.24 us = 0.043 ms,
# and 0.64 ms for the page.
one_page()
{
	flash a
	cp "$tap_tmp/a" "$tap_tmp/b"
	put b 4096
	prints '"erases_4k":0,"erases_64k":0,"pages":1,"cr_reads":15,"cr_writes":17,"spi_bytes":82,"erase_ms":0.000,"program_ms":0.640,"access_ms":0.043,"total_ms":0.683}' \
		"$floor" --64k 600 --program 640 "$tap_tmp/a" "$tap_tmp/b" 4096 32
}

# The same with the flush: one read and one write more for each of the six commands.
flushed()
{
	prints '"cr_reads":21,"cr_writes":23' "$floor" --flush --64k 600 --program 640 \
		"$tap_tmp/a" "$tap_tmp/b" 4096 32
}

# Through the window each of the 32 accesses is 3 us.
by_window()
{
	prints '"access_ms":0.122,"total_ms":0.762' "$floor" --window --64k 600 --program 640 \
		"$tap_tmp/a" "$tap_tmp/b" 4096 32
}

# In the block of zeros a bit has to be set, which takes an erase: by the part the small one or the
# large one. The rest of the block is not the image's and is lost. The second page is the one that
# differs elsewhere.
erased()
{
	put b 69632
	prints '"erases_4k":1,"erases_64k":0,"pages":2' "$floor" --4k 45 --64k 150 --program 700 \
		"$tap_tmp/a" "$tap_tmp/b" 69632 32 &&
		prints '"erases_4k":0,"erases_64k":1,"pages":2' "$floor" --64k 600 --program 640 \
		"$tap_tmp/a" "$tap_tmp/b" 69632 32
}

# 4 MiB are 262,144 blocks of 5 reads, 2 writes and 20 bytes.
reading()
{
	prints '"cr_reads":1310720,"cr_writes":524288,"spi_bytes":5242880' "$floor" --read 4194304
}

# A burn as the card model logs it: survey, one sector in one hold, the whole slot once more, the
# signature. Modelled: 105 reads, 41 writes, 3 cycles, 250 bytes = 105 + 4.1 + 4.5 + 80 us, 600 ms
# and 2 x 0.64 ms.
log()
{
	cat <<-'END'
		0 part m25p32 0 600 640 cx2
		0 other 000000 0 1 0 9 9 9 0 0 0 9
		0 mark begin cxflashctl key
		0 take 000000 0 10 0 0 1 0 0 0 0 0
		0 read 000000 32 20 0 2 10 4 0 0 0 40
		0 release 000000 0 30 0 0 0 1 0 0 3 0
		0 take 000000 0 40 0 0 1 0 0 0 0 0
		0 read 100000 32 50 0 2 10 4 0 0 0 40
		0 enable 000000 0 60 0 1 1 1 0 0 0 1
		0 erase 100000 65536 70 600000 1 1 2 0 0 0 4
		0 status 000000 2 606070 0 2 4 2 0 0 0 10
		0 enable 000000 0 606080 0 1 1 1 0 0 0 1
		0 program 100000 32 606100 640 2 32 11 0 0 0 36
		0 status 000000 1 606750 0 1 2 1 0 0 0 5
		0 read 100000 32 606760 0 2 10 4 0 0 0 40
		0 release 000000 0 606770 0 0 0 1 0 0 0 0
		0 take 000000 0 606780 0 0 1 0 0 0 0 0
		0 read 100000 32 606790 0 2 10 4 0 0 0 40
		0 release 000000 0 606800 0 0 0 1 0 0 0 0
		0 take 000000 0 606810 0 0 1 0 0 0 0 0
		0 enable 000000 0 606820 0 1 1 1 0 0 0 1
		0 program 100000 16 606830 640 1 19 2 0 0 0 27
		0 status 000000 1 607480 0 1 0 0 0 0 0 5
		0 release 000000 0 607490 0 0 0 1 0 0 0 0
		0 mark end cxflashctl key
	END
}

tally()
{
	log >"$tap_tmp/log"
	python3 -B - "$tap_tmp/log" <<-'END'
		import sys
		sys.path.insert(0, "bench")
		import tally
		parts, runs = tally.read_log(sys.argv[1])
		(program, item, lines), = runs["0"]
		run = tally.describe(lines, lambda addr: True)
		assert parts["0"] == ["m25p32", "0", "600", "640", "cx2"], parts
		assert (run["cr_reads"], run["cr_writes"], run["config_cycles"], run["spi_bytes"]) == (105, 41, 3, 250), run
		assert abs(run["modelled_ms"] - (0.1936 + 600 + 1.28)) < 1e-9, run["modelled_ms"]
		assert run["erases"] == {"4096": 0, "65536": 1} and run["pages"] == 2 and run["takes"] == 4, run
		assert abs(run["late"]["erase"] - 0.01) < 1e-9, run["late"]
		passes = {name: p["accesses"] for name, p in run["passes"].items()}
		assert passes == {"survey": 16, "compare": 15, "erase": 11, "program": 48, "read-back": 15, "verify": 16,
		                  "finish": 25}, passes
		assert sum(p["modelled_ms"] for p in run["passes"].values()) - run["modelled_ms"] < 1e-9
		union, one = tally.overlap([lines, lines])
		assert abs(union - 601.28) < 1e-6 and union == one, (union, one)
	END
}

tap "the floor of one page" one_page
tap "with the flush" flushed
tap "through the window" by_window
tap "the cheaper erase" erased
tap "the floor of reading" reading
tap "counts, modelled time and passes of a logged burn" tally

# Every bar of the picture in the tree ends with the seconds of the results in the tree.
picture()
{
	/usr/bin/python3 - <<-'END'
		import json, re
		svg = open("bench/times.svg").read()
		drawn = sorted(float(s) for s in re.findall(r">\s*([0-9.]+) s<", svg) if "." in s)
		wanted = sorted(round(run["modelled_ms"] / 1000, 1)
		                for model in json.load(open("bench/results.json"))["models"].values()
		                for work in ("first-592", "first-800", "upgrade", "key", "rom")
		                for name, run in model["runs"][work].items() if name != "mstflint-window")
		assert len(wanted) >= 20 and drawn == wanted, (drawn, wanted)
	END
}
tap "the picture shows what the results say; bench/plot draws it" picture
tap_done
