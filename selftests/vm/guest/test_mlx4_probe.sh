#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Cards that the kernel's own driver cannot take: what is said of them, and that the advice works.
#
#	usage: test_mlx4_probe.sh NEW.bin
#
# The card 0 at 00:04.0 is good, a ConnectX-2. Both others are blank: that at 00:05.0 shows a
# recovery id, that at 00:06.0 its usual one.

. /tests/tap.sh
. /tests/tool.sh
. /tests/mlx4.sh
new=$1
recovery=0000:00:05.0 silent=0000:00:06.0
devices=/sys/bus/pci/devices
cd "$tap_tmp" || exit 1
to=$(version "$new")

driven() # CARD: by mlx4_core
{
	[ "$(owner $devices/"$1")" = mlx4_core ]
}

mlx4_load || exit 1
tap "the chip's name goes by the silicon that the driver tells" shows "^$pci  ConnectX-2 " $ctl list
tap "mlx4_core does not take a card whose firmware does not answer" \
	sh -c "[ ! -e $devices/$silent/driver ]"
tap "list says which is in recovery mode" shows "^$recovery .* flash recovery" $ctl list
tap "and which is just free" grep -q "^$silent .* free" out
modprobe cxflash || exit 1

# ---- recovery mode ----

identity="--guid 0002c90300d0e1f0 --mac guid"
tap "query says what is wrong with the one" refused 5 1 'no firmware image in it' $ctl query \
	-d $recovery
tap "it can be burnt" status 0 $ctl burn --yes --no-backup --no-failsafe $identity -d $recovery \
	"$new"
tap "detach says that a power cycle is needed" \
	shows 'in recovery mode: .* switch the machine off and on' $ctl detach -d $recovery
back()
{
	# off and on, and the bus is scanned anew, for it shows another id
	echo 1 >$devices/$recovery/remove && card power-cycle 1 cold >/dev/null &&
		echo 1 >/sys/bus/pci/rescan &&
		driven $recovery && [ "$(runs $devices/$recovery)" = "$to" ] || return 1
	# this machine has two interrupt lines; mlx4_core warns when it leaves one that another of
	# its cards uses
	echo $recovery >$drivers/unbind
}
tap "after which mlx4_core has it, and it runs" back

# ---- no firmware ----

attach_silent()
{
	refused 6 1 'No driver holds the card' $ctl attach --beside -d $silent &&
		status 0 $ctl attach -d $silent
}
tap "a card that no driver took is not served beside one, but taken" attach_silent
tap "query says what is wrong with the other" refused 5 1 'no firmware image in it' $ctl query \
	-d $silent
identity="--guid 0002c90300d0e2f0 --mac guid"
tap "it can be burnt too" status 0 $ctl burn --yes --no-backup --no-failsafe $identity -d $silent \
	"$new"
given_back()
{
	shows 'no driver has it now' $ctl detach -d $silent && echo $silent >$drivers/bind &&
		[ "$(runs $devices/$silent)" = "$to" ]
}
tap "given back, mlx4_core takes it, and it runs" given_back

# ---- the semaphore ----

held()
{
	echo $pci >$drivers/unbind && card fault 0 sem-held=forever >/dev/null &&
		! echo $pci >$drivers/bind 2>/dev/null
}
tap "with the semaphore held its probe fails after 10 s" held
advice()
{
	status 0 $ctl attach -d $pci && refused 1 1 'semaphore show' $ctl query -d $pci
}
tap "query asks who holds it" advice
tap "semaphore show shows it" shows '^Flash semaphore .*: held' $ctl semaphore show -d $pci
tap "and clear frees it" shows 'now it is free' $ctl semaphore clear --yes -d $pci
probed()
{
	status 0 $ctl detach -d $pci && echo $pci >$drivers/bind && driven $pci && [ "$(runs)" ]
}
tap "then the probe succeeds" probed
for n in 0 1 2; do
	tap "card $n: nothing that no hardware stands" \
		sh -c "card stats $n | grep '\"violations\":{\"count\":0,'"
done
tap_done
