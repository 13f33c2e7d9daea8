#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The flash semaphore between the kernel's own driver, mstflint and cxflashctl, in all pairs: who
# comes second waits or is refused, nothing is torn, and the card boots what was said. The driver
# has it for an instant only, until its reset frees it; test_mlx4_resets.sh is about that.
#
#	usage: test_mlx4_locks.sh MSTFLINT NEW.bin OLD.bin
#
# The card 0 at 00:04.0 boots OLD's version, and its part is a slow one: an erase takes 3 s, a page
# 5 ms.

. /tests/tap.sh
. /tests/tool.sh
. /tests/mlx4.sh
flint=$1 new=$2 old=$3
cd "$tap_tmp" || exit 1

# mstflint finds the way past the driver by itself. It is stopped in the middle of its burn until
# burnt_by_mstflint.
burns() # IMAGE
{
	card reset-stats 0 >/dev/null
	(exec "$flint" -y -d $pci -i "$1" burn) >first.out 2>&1 &
	first=$!
	card wait 0 operations 1 >/dev/null
	kill -STOP $first
}

burnt_by_mstflint()
{
	kill -CONT $first
	wait $first && return
	cat first.out
	return 1
}

# We burn, and the first erase has begun. It is not made longer than it may be: a part that takes
# longer is given up.
start_erasing() # IMAGE
{
	card reset-stats 0 >/dev/null
	start $options --beside "$1"
	card wait 0 operations 1 >/dev/null
}

# After a power cycle this version runs, the driver says so, and mstflint finds every section good.
boots_good() # VERSION
{
	echo $pci >$drivers/unbind
	ran=$(boots 0)
	echo $pci >$drivers/bind && [ "$ran" = "$1" ] && [ "$(runs)" = "$1" ] &&
		"$flint" -d $pci verify >verify.out && return
	echo "boots '$ran' instead of $1"
	cat verify.out
	return 1
}

other() # the image whose version does not run
{
	if [ "$(runs)" = "$(version "$new")" ]; then echo "$old"; else echo "$new"; fi
}

# mstflint has it for its whole burn. The driver waits 10 s for it; on a slow machine that is too
# short, and then the reload has to be repeated, as its message says.
driver_waits_for_mstflint()
{
	image=$(other)
	burns "$image"
	devlink dev reload pci/$pci >second.out 2>&1 &
	second=$!
	card wait 0 refusals 1 >/dev/null
	burnt_by_mstflint || return 1
	wait $second || devlink dev reload pci/$pci || { cat second.out; return 1; }
	driver_back && card_at_peace && [ "$(runs)" = "$(version "$image")" ]
}

driver_waits_for_us()
{
	image=$(other)
	from=$(runs)
	start_erasing "$image"
	devlink dev reload pci/$pci || return 1
	wait $burning
	code=$?
	said=$(last_state lines)
	echo "# meanwhile the driver was refused $(model_number \
		busy_reads) times; the burn ended with $code, '$said'"
	driver_back && card_at_peace || return 1
	[ "$said" != new ] || from=$(version "$image")
	case $code.$said in 0.new | 1.old | 1.unchanged) ;; *) cat lines err.burn; return 1 ;; esac
	boots_good "$from"
}

# Between two holds of ours mstflint has it for each 16 bytes that it reads.
mstflint_waits_for_us()
{
	image=$(other)
	start_erasing "$image"
	"$flint" -d $pci query >second.out 2>&1 &
	second=$!
	wait $burning || { cat lines err.burn; return 1; }
	wait $second && grep -q '^PSID' second.out || { cat second.out; return 1; }
	card_at_peace && boots_good "$(version "$image")"
}

we_are_refused()
{
	image=$(other)
	burns "$image"
	refused 4 1 "process $first .mstflint. has its configuration space open" $ctl burn \
		$options --beside "$image"
	ret=$?
	burnt_by_mstflint && [ $ret = 0 ] && card_at_peace && boots_good "$(version "$image")"
}

hold_under() # MS
{
	for kind in longest_hold_ms longest_hold_modelled_ms; do
		longest=$(model_number $kind)
		echo "# $kind: $longest"
		[ "$longest" -gt 0 ] && [ "$longest" -lt "$1" ] || return 1
	done
}

mlx4_load && modprobe cxflash || exit 1
tap "mstflint burns, and the driver waits for it" driver_waits_for_mstflint
tap "cxflashctl burns, and the driver waits for a sector only" driver_waits_for_us
tap "cxflashctl burns, and mstflint looks in between" mstflint_waits_for_us
tap "no hold of cxflashctl's is half as long as the driver bears" hold_under 6000
tap "mstflint burns, and cxflashctl is refused" we_are_refused
tap_done
