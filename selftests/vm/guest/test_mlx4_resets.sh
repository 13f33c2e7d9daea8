#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel's own driver resets its card, or leaves it, in the middle of a burn beside it: it comes
# back, the burn says what became of it, the card boots one of the two images, and nobody's
# semaphore was freed.
#
#	usage: test_mlx4_resets.sh SEED COUNT KIND,... NEW.bin OLD.bin NEXT.bin
#
# COUNT moments for each KIND, which is a function below. The card 0 at 00:04.0 boots OLD's version.
#
# Suspend is none of them: under QEMU 7.2 a directly loaded kernel does not come back from S3, with
# or without a card, and its clock does not wake it from s2idle. mlx4_core unloads the card for both
# as it does for "rebind".

. /tests/tap.sh
. /tests/tool.sh
. /tests/mlx4.sh
seed=$1 count=$2 kinds=$(echo "$3" | tr , ' ')
shift 3
cd "$tap_tmp" || exit 1

images=
for image; do
	images="$images${images:+ }$image,$(version "$image")"
done

# The next image in turn that is not what boots: $release and its version, $to.
turn()
{
	images="${images#* } ${images%% *}"
	release=${images%%,*} to=${images%% *}
	to=${to#*,}
	[ "$to" != "$version" ] || turn
}

reload()
{
	devlink dev reload pci/$pci
}

rebind()
{
	echo $pci >$drivers/unbind && echo $pci >$drivers/bind
}

removal()
{
	rmmod mlx4_ib mlx4_en mlx4_core && mlx4_load
}

# mlx4_core is not told of this one. It finds out when its next command has not ended for a minute,
# and resets the chip.
pci_reset()
{
	echo 1 >$dev/reset
}

# The firmware reports a fatal error by itself; its driver finds out within 5 s and resets the chip.
fatal_error()
{
	card wait 0 resets 1 >/dev/null
}

disturbed() # KIND COMMANDS: after so many commands of the gateway
{
	turn
	card fault 0 none >/dev/null && card fault 0 busy=datasheet >/dev/null &&
		card reset-stats 0 >/dev/null
	[ "$1" != fatal_error ] || card fault 0 hca-error-at-command="$2" >/dev/null
	start $options --beside "$release"
	[ "$1" = fatal_error ] || card wait 0 commands "$2" >/dev/null
	$1
	acted=$?
	wait $burning
	code=$?
	said=$(last_state lines)
	driver_back
	echo "$1 $2 $code '$said' $(grep -c . err.burn)" >>/results/resets
	tail -n 1 lines | cut -c 1-60
	cat err.burn
	[ $acted = 0 ] && card_at_peace || return 1
	echo $pci >$drivers/unbind
	from=$version version=$(boots 0)
	echo $pci >$drivers/bind || return 1
	true_words $code "$said" "$version" "$from" "$to" && [ "$(runs)" = "$version" ]
}

mlx4_load && modprobe cxflash || exit 1
card port 0 1 up >/dev/null
version=$(runs)

# How many commands a burn takes; the next one may take a few less, as it waits otherwise for the
# part.
turn
card reset-stats 0 >/dev/null
cxflashctl burn $options --beside "$release" >/dev/null || exit 1
commands=$(model_number gateway_commands)
reload
version=$(runs)
echo "# seed $seed; a burn takes $commands commands"

tap_undisturbed()
{
	[ "$version" = "$to" ] && card_at_peace
}
tap "undisturbed, a burn is good" tap_undisturbed
for permille in $(awk -v seed="$seed" -v n="$count" \
	'BEGIN { srand(seed); while (n--) printf "%d ", 1 + rand() * 850 }'); do
	for kind in $kinds; do
		at=$((1 + commands * permille / 1000))
		tap "$kind after command $at" disturbed "$kind" $at
		permille=$(((permille * 7 + 113) % 850)) # the next kind at another moment
	done
done
tap_done
