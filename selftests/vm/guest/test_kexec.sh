#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# kexec in the middle of a read, and of a burn with a reader beside it: the next kernel finds the
# flash semaphore free, and a card that works.
#
#	usage: test_kexec.sh NEW.bin
#
# The card is at 00:04.0 (tiny.flash of make-demo). /kexec has the kernel, as Debian ships it.

. /tests/tap.sh
. /tests/tool.sh
new=$1
pci=0000:00:04.0
cd "$tap_tmp" || exit 1

# The same guest again, which runs the same command.
load()
{
	(cd / && find . -xdev ! -path './tmp/*' ! -path ./initrd | cpio -o -H newc) >/initrd &&
		kexec -l /kexec/vmlinuz-* --initrd=/initrd \
		--command-line="$(cat /proc/cmdline) again" && rm /initrd
}

read_on()
{
	while :; do
		cxflashctl read -d $pci -o dump
	done
}

free()
{
	card stats 0 >stats && grep '"taken_now":0,' stats
}

# Into the next kernel when the card has done so much more
leave() # WHAT MORE
{
	card wait 0 "$1" $(($(card count 0 "$1" | cut -d ' ' -f 2) + $2)) >/dev/null && kexec -e
	echo "Bail out! the machine goes on"
	exit 1
}

starts=$(grep -ow again /proc/cmdline | wc -l)
if [ "$starts" = 1 ] && ! free; then
	echo "Bail out! a reader left the flash semaphore taken"
	exit 1
fi
if [ "$starts" -lt 2 ]; then
	modprobe cxflash && cxflashctl attach --takeover -d $pci && load ||
		{ echo "Bail out! nothing to start"; exit 1; }
	read_on >/dev/null 2>&1 &
	[ "$starts" = 1 ] || leave commands 3000
	start -y --no-backup -d $pci "$new"
	leave operations 5
fi

tap "the flash semaphore is free" free
served()
{
	modprobe cxflash && cxflashctl attach --takeover -d $pci &&
		status 0 cxflashctl query -d $pci
}
tap "the card is served" served
tap "the burn that was cut off is done anew" status 0 cxflashctl burn -y --no-backup -d $pci "$new"
rules()
{
	card stats 0 >stats && grep '"violations":{"count":0' stats
}
tap "nothing was done to the card that no hardware stands" rules
tap_done
