#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The flash semaphore between the kernel's own driver, mstflint and cxflashctl, in all pairs: who comes second waits or
# is refused, and the card keeps an image that boots.
#
#	usage: test_mlx4_locks.sh MSTFLINT NEW.bin OLD.bin
#
# The card 0 at 00:04.0 boots OLD's version, and its part is as slow as its data sheet allows.

. /tests/tap.sh
. /tests/tool.sh
. /tests/mlx4.sh
flint=$1 new=$2 old=$3
cd "$tap_tmp" || exit 1
to=$(version "$new") from=$(version "$old")
# mstflint takes the way past the driver by itself.
flint() # ARGUMENT...
{
	"$flint" -y -d $pci "$@" >flint.out 2>&1
	code=$?
	cat flint.out
	return $code
}

held() # until the first operation of the part is under way, which ends at "card go 0"
{
	card wait 0 holds 1 >/dev/null
}

arm() # hold the Nth operation from now
{
	card fault 0 none >/dev/null && card fault 0 busy=datasheet >/dev/null && card reset-stats 0 >/dev/null &&
		card fault 0 hold-at="$1" >/dev/null
}

boots_good() # VERSION...: after a power cycle one of these runs, and the driver says so
{
	echo $pci >$drivers/unbind
	ran=$(boots 0)
	echo $pci >$drivers/bind
	case " $* " in *" $ran "*) [ "$(runs)" = "$ran" ] && flint verify ;; *) echo "boots '$ran'"; false ;; esac
}

# mstflint holds the semaphore for its whole burn. The driver wants it for a reset, and waits for at most 10 s.
flint_then_driver()
{
	arm 1
	flint -i "$new" burn >first.out &
	held
	devlink dev reload pci/$pci >second.out 2>&1 &
	second=$!
	card go 0 >/dev/null
	wait %1 || { cat first.out; return 1; }
	wait $second || cat second.out # too late is no fault of anybody's; then the driver left it
	driver_back && card_at_peace && boots_good "$to"
}

driver_while_ours()
{
	arm 1
	start $options --beside "$old"
	held
	devlink dev reload pci/$pci &
	reload=$!
	card go 0 >/dev/null
	wait $reload && wait $burning
	code=$?
	driver_back && card_at_peace || return 1
	before=$to
	said=$(last_state lines)
	boots_good "$from" "$to" && true_words $code "$said" "$ran" "$before" "$from"
}

# Between two holds of ours mstflint may have it: who comes late is refused, or finds the flash changed under him.
flint_while_ours()
{
	before=$(runs)
	arm 1
	start $options --beside "$new"
	held
	flint query >second.out &
	second=$!
	card go 0 >/dev/null
	wait $burning
	code=$?
	wait $second
	grep -Eq 'FW Version|semaphore' second.out || { cat second.out; return 1; }
	said=$(last_state lines)
	card_at_peace && boots_good "$before" "$to" && true_words $code "$said" "$ran" "$before" "$to"
}

ours_while_flint()
{
	before=$(runs)
	arm 1
	flint -i "$old" burn >first.out &
	held
	refused 4 1 'semaphore' $ctl burn $options --beside "$new"
	ret=$?
	card go 0 >/dev/null
	wait %1 || { cat first.out; return 1; }
	[ $ret = 0 ] && card_at_peace && boots_good "$from"
}

short_holds()
{
	longest=$(card stats 0 | sed -n 's/.*"longest_hold_ms":\([0-9]*\).*/\1/p')
	echo "$longest ms"
	[ "$longest" -lt 6000 ]
}

mlx4_load && modprobe cxflash || exit 1
tap "mstflint burns, and the driver resets" flint_then_driver
tap "cxflashctl burns, and the driver resets" driver_while_ours
tap "no hold of cxflashctl comes near to what the driver bears" short_holds
tap "cxflashctl burns, and mstflint looks" flint_while_ours
tap "mstflint burns, and cxflashctl is refused" ours_while_flint
tap_done
