#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The life of the Debian packages on a file server, by dpkg and DKMS themselves: installed,
# upgraded, a kernel upgrade, removed, purged. All the time the kernel's own driver has the card 0
# at 00:04.0.
#
#	usage: test_packages.sh NEXT	the kernel that comes; the machine is that of
#					selftests/packages/machine
#	       test_packages.sh MODULE	once more, when that kernel runs: the module that was built
#					for it

. /tests/tap.sh
. /tests/tool.sh
. /tests/mlx4.sh
next=$1
this=$(uname -r)
machine=/machine
cd "$tap_tmp" || exit 1
mlx4_load || exit 1

after_the_upgrade()
{
	insmod "$next" && $ctl attach --beside -d $pci &&
		shows "^FW version: *$(runs)\$" $ctl query -d $pci &&
		status 0 $ctl verify -d $pci &&
		$ctl detach -d $pci && rmmod cxflash && [ "$(owner)" = mlx4_core ] && card_at_peace
}
if [ -f "$next" ]; then
	tap "the module built for the new kernel serves the card there" after_the_upgrade
	tap_done
	exit
fi

mount -t proc proc $machine/proc
mount -o bind /sys $machine/sys
mount -o bind /dev $machine/dev
ln -s /proc/self/fd /dev/fd # as udev has it; DKMS wants it

in_machine()
{
	chroot $machine /in "$@"
}

version_of() # old or new: that of the packages
{
	in_machine sh -c "dpkg-deb -f /debs/$1/cxflash-dkms_*.deb Version"
}

# Nothing that happened took the card from its driver, not for a moment: an interface that comes
# anew has another number.
interface=$(cat "$dev/net/$(net)/ifindex")
card reset-stats 0 >/dev/null
kept()
{
	[ "$(owner)" = mlx4_core ] && [ "$(cat "$dev/net/$(net)/ifindex")" = "$interface" ] &&
		ethtool "$(net)" >/dev/null && card_at_peace &&
		card stats 0 | grep '"resets":{"power":0,"bus":0,"flr":0,"soft":0}' >/dev/null && return
	echo "the card was taken from its driver:"
	card stats 0
	return 1
}

# put FOLDER: dpkg ends well, and nothing is left half done
put()
{
	in_machine sh -c "dpkg -i /debs/$1/*.deb" >said 2>&1 &&
		[ -z "$(in_machine dpkg --audit)" ] && kept && return
	cat said
	in_machine dpkg --audit
	return 1
}

# What modinfo says of the module of a kernel; nothing if there is none
info() # KERNEL FIELD
{
	in_machine modinfo -k "$1" -F "$2" cxflash 2>/dev/null
}

built() # KERNEL VERSION: for it, and signed by this machine's DKMS
{
	[ "$(info "$1" version)" = "$2" ] && info "$1" vermagic | grep "^$1 " >/dev/null &&
		[ "$(info "$1" signer)" = "DKMS module signing key" ] || { info "$1" ""; cat said; return 1; }
}

# The module that modprobe finds is this one, and what it shows of the card is what its driver runs.
loads() # VERSION
{
	in_machine modprobe cxflash && [ "$(cat /sys/module/cxflash/version)" = "$1" ] && kept &&
		in_machine cxflashctl attach --beside -d $pci &&
		shows "^FW version: *$(runs)\$" in_machine cxflashctl query -d $pci &&
		status 0 in_machine cxflashctl verify -d $pci &&
		in_machine cxflashctl detach -d $pci && kept
}

all_files()
{
	(cd $machine && find . -xdev \( -path ./proc -o -path ./sys -o -path ./dev -o -path ./debs \
		-o -path ./tmp -o -path ./var/cache -o -path ./var/log -o -path ./var/lib/dpkg \
		-o -path ./run \) -prune -o -print | sort)
}
all_files >before

without_headers()
{
	put old && grep 'kernel headers for this kernel do not seem to be installed' said ||
		{ cat said; return 1; }
	[ "$(in_machine dpkg-query -W -f '${Status},' cxflash-dkms cxflashctl)" = \
		"install ok installed,install ok installed," ]
}
tap "without kernel headers dpkg ends well, with a sentence" without_headers
old=$(version_of old) new=$(version_of new)
tap "and the tool works on what needs no module" \
	shows "DELL|Dell" in_machine cxflashctl boards DEL09A0000009
no_module()
{
	! in_machine modprobe cxflash && [ "$(in_machine dkms status)" = "cxflash/$old: added" ]
}
tap "there is no module yet" no_module

headers()
{
	put headers && built "$this" "$old"
}
tap "with the headers comes the module for the running kernel, signed" headers
tap "it is not loaded by that" [ ! -e /sys/module/cxflash ]
tap "it loads, and serves the card beside its driver" loads "$old"

upgraded()
{
	put new && built "$this" "$new" &&
		[ "$(in_machine dkms status)" = "cxflash/$new, $this, x86_64: installed" ] &&
		[ ! -e "$machine/usr/src/cxflash-$old" ] &&
		[ "$(find $machine/lib/modules -name 'cxflash.ko*' | wc -l)" = 1 ]
}
tap "an upgrade builds the new module in the old one's place" upgraded
tap "the old one goes on until it is unloaded" [ "$(cat /sys/module/cxflash/version)" = "$old" ]
reloaded()
{
	rmmod cxflash && loads "$new"
}
tap "then the new one serves the card" reloaded

kernel_upgrade()
{
	put kernel && built "$next" "$new" && built "$this" "$new"
}
tap "a new kernel gets the module, and the running one keeps it" kernel_upgrade
for kernel in "$this" "$next"; do
	mkdir -p "/results/$kernel"
	file=$machine$(info "$kernel" filename)
	case $file in
	*.xz) xz -dc "$file" ;;
	*) cat "$file" ;;
	esac >"/results/$kernel/cxflash.ko"
done
cp $machine/var/lib/dkms/mok.pub /results/

again()
{
	put new && built "$this" "$new" && built "$next" "$new"
}
tap "the same version once more changes nothing" again

# What the metrics' timer has written would be told for ever.
metrics=$machine/var/lib/prometheus/node-exporter
mkdir -p $metrics && : >$metrics/cxflash.prom
removed()
{
	in_machine dpkg -r cxflashctl cxflash-dkms >said 2>&1 && kept &&
		[ -z "$(find $machine/lib/modules -name '*cxflash*')" ] &&
		[ -z "$(in_machine dkms status)" ] && [ ! -e $metrics/cxflash.prom ] && return
	cat said
	return 1
}
tap "removal takes the module from every kernel" removed
tap "what is loaded stays until it is unloaded" rmmod cxflash

# What came since then belongs to a package that is there, is depmod's, the boot loader's links, or
# the key of DKMS. A card's backup is its owner's.
backups=$machine/var/lib/cxflash/backup
purged()
{
	mkdir -p $backups && : >$backups/card.bin
	in_machine dpkg -P cxflashctl cxflash-dkms >said 2>&1 && kept &&
		grep 'the backups of cards in .* are kept' said &&
		[ -e $backups/card.bin ] || { cat said; return 1; }
	rm -r $machine/var/lib/cxflash $machine/var/lib/prometheus
	# Packages still name what has moved to /usr as it was.
	in_machine sh -c 'cat /var/lib/dpkg/info/*.list' |
		sed -E 's,^,.,; s,^\./(bin|sbin|lib[0-9x]*)/,./usr/\1/,' | cat - before >known
	all_files | sort - known known | uniq -u |
		grep -vE '^\./(lib|usr/lib)/modules/[^/]*/modules\.' |
		grep -vE '^\./var/lib/dkms/mok\.(key|pub)$' |
		grep -vE '^\./(boot/)?(vmlinuz|initrd\.img)(\.old)?$' >left
	cat left
	[ ! -s left ] &&
		! in_machine dpkg -l cxflashctl cxflash-dkms 2>/dev/null | grep -E '^[a-z][^n]'
}
tap "purge leaves nothing but the backups of cards, and says so" purged
tap_done
