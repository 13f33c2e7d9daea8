#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What a person sees: on a terminal of 80 columns, on a dumb one, and in a pipe.

. "$(dirname "$0")/cmd.sh"

# on COLUMNS TERM COMMAND...: what it writes to a terminal of its own goes to "out"
on()
{
	/usr/bin/python3 - "$@" <<-'PY'
		import fcntl, os, pty, struct, sys, termios
		columns, name, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
		mine, its = pty.openpty()
		fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
		child = os.fork()
		if not child:
		    os.setsid()
		    fcntl.ioctl(its, termios.TIOCSCTTY, 0)
		    for fd in range(3):
		        os.dup2(its, fd)
		    os.execvpe(command[0], command, dict(os.environ, TERM=name))
		os.close(its)
		with open("out", "wb") as out:
		    while True:
		        try:
		            bytes_ = os.read(mine, 65536)
		        except OSError: # the last of the other side is gone
		            break
		        if not bytes_:
		            break
		        out.write(bytes_)
		sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
	PY
}

# Lines, and what a line is drawn over with, are no wider than that; colours have no width.
fits() # COLUMNS
{
	/usr/bin/python3 - "$1" <<-'PY'
		import re, sys
		text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", open("out", encoding="utf-8", newline="").read())
		wide = [line for line in re.split("[\r\n]+", text) if len(line) > int(sys.argv[1])]
		print("\n".join(wide), end="")
		sys.exit(bool(wide) or not text.strip())
	PY
}

plain() # nothing that draws: a line ends as the terminal's driver has it, and no other way
{
	! tr -d '\n' <out | sed 's/\r$//' | grep -q "$(printf '\033')" &&
		[ "$(tr -cd '\r' <out | wc -c)" = "$(tr -cd '\n' <out | wc -c)" ]
}

# ---- tables ----

machine=$PWD/machine
card() # ADDRESS DEVICE PSID FIRMWARE
{
	at=$machine/sys/bus/pci/devices/$1
	mkdir -p "$at/infiniband/mlx4_0"
	echo 0x15b3 >"$at/vendor"
	echo "$2" >"$at/device"
	ln -s ../../drivers/mlx4_core "$at/driver"
	echo "$3" >"$at/infiniband/mlx4_0/board_id"
	echo "$4" >"$at/infiniband/mlx4_0/fw_ver"
}
card 0000:04:00.0 0x673c DEL09A0000009 2.9.1000
card 0000:82:00.0 0x1007 SYN12345678901 12.42.5000
board="Hewlett-Packard InfiniBand FDR/Ethernet 10/40Gb 2P 544+FLR-QSFP"
{
	printf 'psid\tvendor\tboard\tpci_device_id\tconfidence\tfirmware\tstock_twin\tnote\n'
	printf 'SYN12345678901\t%s\t%s\t0x1007\tseen\t-\t-\t-\n' "${board%% *}" "${board#* }"
} >long.tsv
export CXFLASH_BOARDS=$PWD/long.tsv

list_fits()
{
	on 80 xterm "$ctl" list --sysroot "$machine" && fits 80 &&
		grep -q '^0000:82:00.0 *[^ ].* SYN12345678901 *12.42.5000 *mlx4_core *in use' out &&
		grep -q "^    $board" out && grep -q '^    Dell C6100 QDR mezzanine' out
}
tap "list fits 80 columns, with a board's name on a line of its own" list_fits
one_line()
{
	on 200 xterm "$ctl" list --sysroot "$machine" && grep -q "^0000:82:00.0 .* $board" out &&
		[ "$(wc -l <out)" = 3 ]
}
tap "where there is room, a card is one line" one_line
in_pipe()
{
	[ "$("$ctl" list --sysroot "$machine" | grep -c "^0000:.* in use  *[HD]e")" = 2 ]
}
tap "and in a pipe in any case" in_pipe
columns()
{
	"$ctl" list --sysroot "$machine" >out && awk 'NR == 1 { at = index($0, "STATE") }
		substr($0, at, 6) == "in use" { n++ } END { exit n != 2 }' out
}
tap "what belongs together stands in one column" columns
boards_fit()
{
	on 80 xterm "$ctl" boards && fits 80 && on 80 xterm "$ctl" boards DEL09A &&
		grep -q '^DEL09A0000009 ' out
}
tap "boards fit 80 columns" boards_fit
words_whole()
{
	on 80 xterm "$ctl" boards DEL09A0000009 && fits 80 && grep -q '^    This is Dell' out &&
		sed 's/\r$//' out | awk 'NR > 2 && !/^    [^ ]/ { exit 1 }'
}
tap "what is known of a board is folded between words" words_whole
members()
{
	mkdir -p deep/releases-of-a-vendor/of-connectx-2 &&
		cp "$release" deep/releases-of-a-vendor/of-connectx-2 &&
		(cd deep && /usr/bin/python3 -m zipfile -c ../kit.zip releases-of-a-vendor) &&
		on 80 xterm "$ctl" image list kit.zip &&
		grep -q '^    releases-of-a-vendor/of-connectx-2/fw-' out &&
		"$ctl" image list kit.zip | grep -q '^image .* ConnectX-2  releases-of-a-vendor/'
}
tap "what is in an archive too" members

# ---- help ----

helps()
{
	on 80 xterm "$ctl" --help && fits 80 || return 1
	sed -n 's/\r$//; /^Global/q; s/^\([A-Z][a-z]*\):$/\1/p' out | paste -sd' ' >groups
	[ "$(cat groups)" = "Look Burn Files Maps Card Host" ] || { cat groups; return 1; }
	sed -n '/^Global options:/q; s/^  \([a-z]*\( [a-z][a-z]*\)\{0,1\}\)  .*/\1/p' out >commands
	[ "$(wc -l <commands)" -ge 30 ] || return 1
	while read -r command; do
		# shellcheck disable=SC2086 # two words
		on 80 xterm "$ctl" $command --help </dev/null && fits 80 ||
			{ echo "$command"; return 1; }
	done <commands
}
tap "--help groups the commands as a person thinks, and fits 80 columns" helps

# ---- progress, verdict, colour ----

cp files/dell-c6100.flash old.flash &&
	"$ctl" ini rebrand $stock_ini --psid DEL09A0000009 -o dell.ini >/dev/null &&
	"$ctl" build --fw $release --conf dell.ini -o dell.bin >/dev/null 2>&1 || exit 1
esc=$(printf '\033')
burn() # TERM: the verdict, then the burn
{
	cp old.flash "$1.flash"
	on 80 "$1" "$ctl" burn -n -d "file:$1.flash" $release
	[ $? = 6 ] && mv out "verdict.$1" &&
		on 80 "$1" "$ctl" burn --no-backup -d "file:$1.flash" dell.bin
}
# A verdict's text stays in its column; words are not torn.
folded()
{
	sed "s/$esc\[[0-9;]*m//g; s/\r$//" verdict.xterm | sed -n '/^ ok \{7\}chip/,/^[^ ]/p' >lines
	! grep -v '^ [a-z]* *[a-z]* *[^ ]' lines | grep -v '^ \{20\}[^ ]' | grep '^ ' &&
		grep -q '^ \{20\}[^ ]' lines && awk 'length($0) > 80 { exit 1 }' lines
}
draws()
{
	burn xterm && grep -q "^$esc\[31m refused " verdict.xterm && folded &&
		grep -q "$(printf '\r')Writing the new image    100 %$esc\[K  [0-9.]* s" out &&
		"$ctl" query xterm.flash | grep -q 2.10.0720
}
tap "a terminal gets a verdict in colours, and a line that is drawn over" draws
dumb()
{
	burn dumb && plain && grep -q '^Writing the new image: done, ' out && mv verdict.dumb out &&
		plain && grep -q '^ refused ' out
}
tap "a dumb one gets plain lines" dumb
no_color()
{
	NO_COLOR=1 on 80 xterm "$ctl" burn -n -d file:old.flash $release
	[ $? = 6 ] && ! grep -q "$esc\[3" out && grep -q '^ refused ' out
}
tap "NO_COLOR in the environment: none" no_color
always()
{
	"$ctl" --color always burn -n -d file:old.flash $release >out 2>err
	[ $? = 6 ] && grep -q "^$esc\[31m refused " out
}
tap "--color always: in a pipe too" always
unnamed()
{
	cp old.flash un.flash && on 80 "" "$ctl" burn --no-backup -d file:un.flash dell.bin && plain
}
tap "a terminal without a name is dumb" unnamed
tap_done
