#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What a user installs: the Debian packages, and the module that DKMS makes and signs. "make guest"
# has had DKMS build the guest's module out of the package; "make dkms-install" is tried here, with
# DKMS and its trees in folders of the test.
#
#	usage: test_packages.sh		B and KVER as in "make check-full"

cd "$(dirname "$0")/../.." || exit 1
. selftests/image/tap.sh
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
module=updates/dkms/cxflash.ko

packages_made()
{
	DEB_BUILD_OPTIONS="nocheck parallel=$(nproc)" make --no-print-directory deb \
		DEB="$tap_tmp/deb" >"$tap_tmp/build.log" 2>&1 ||
		{ tail -n 20 "$tap_tmp/build.log"; return 1; }
	dpkg-deb -x "$tap_tmp"/deb/cxflash-dkms_*.deb "$tap_tmp/dkms" &&
		dpkg-deb -x "$tap_tmp"/deb/cxflashctl_*.deb "$tap_tmp/ctl" &&
		dpkg-deb -x "$tap_tmp"/deb/ansible-collection-cxflash_*.deb "$tap_tmp/collection"
}

hardened()
{
	blhc --debian --arch="$(dpkg --print-architecture)" "$tap_tmp/build.log" &&
		hardening-check --nocfprotection "$tap_tmp/ctl/usr/sbin/cxflashctl"
}

# The test may run as root, lintian would rather not.
policy()
{
	lintian --info --display-info --pedantic --fail-on error,warning,info,pedantic \
		"$tap_tmp"/deb/*.changes 2>"$tap_tmp/lintian.err" &&
		! grep -v 'root privileges' "$tap_tmp/lintian.err"
}

one_version()
{
	[ "$version" = "$(dpkg-parsechangelog -l packaging/debian/changelog -S Version)" ] ||
		{ echo "changelog"; return 1; }
	[ "cxflashctl $version" = "$("$tap_tmp/ctl/usr/sbin/cxflashctl" --version)" ] ||
		{ echo "cxflashctl"; return 1; }
	zcat "$tap_tmp/ctl/usr/share/man/man8/cxflashctl.8.gz" | grep -qx "\.Os cxflash $version" ||
		{ echo "manual"; return 1; }
	[ "$version" = "$(modinfo -F version "$B/guest/$KVER/modules/lib/modules/$KVER/$module")" ]
}

all_the_source()
{
	for f in Kbuild dkms.conf kmod include; do
		diff -r "$f" "$tap_tmp/dkms/usr/src/cxflash-$version/$f" || return 1
	done
}

# Found where Ansible looks, without a word of where it is but for the unpacked root
collection()
{
	ANSIBLE_HOME=$tap_tmp/ansible LC_ALL=C.UTF-8 \
		ANSIBLE_COLLECTIONS_PATH=$tap_tmp/collection/usr/share/ansible/collections \
		ansible-doc -t module cxflash.cxflash.cxflash_firmware | grep -q allow_downgrade &&
		[ -x "$tap_tmp/collection/usr/share/ansible/collections/ansible_collections/cxflash/cxflash/scripts/cxflash-policy" ]
}

# Every Debian kernel that a guest has been made for
guests_signed()
{
	for ko in "$B"/guest/*-amd64/modules/lib/modules/*/"$module"*; do
		[ "$(modinfo -F signer "$ko")" = "DKMS module signing key" ] ||
			{ echo "$ko: not signed by DKMS"; return 1; }
		kver=${ko%/"$module"*}
		modinfo -F vermagic "$ko" | grep -q "^${kver##*/} " ||
			{ echo "$ko: for another kernel"; return 1; }
	done
}

# dkms TARGET: "make dkms-install" or "dkms-remove" as root would call it, but for the places
dkms()
{
	mkdir -p "$tap_tmp/host/tree" "$tap_tmp/host/lib/modules/$KVER"
	sign_file=/lib/modules/$KVER/build/scripts/sign-file \
	mok_signing_key=$tap_tmp/host/mok.key mok_certificate=$tap_tmp/host/mok.pub \
	make --no-print-directory "$1" KVER="$KVER" DESTDIR="$tap_tmp/host" \
	DKMS="dkms --no-depmod --dkmstree $tap_tmp/host/tree \
		--sourcetree $tap_tmp/host/usr/src --installtree $tap_tmp/host/lib/modules"
}

installed()
{
	dkms dkms-install || return 1
	set -- "$tap_tmp/host/lib/modules/$KVER/$module"*
	[ "$(modinfo -F signer "$1")" = "DKMS module signing key" ] &&
		modinfo -F sig_key "$1" | tr -d ': \n' >"$tap_tmp/key" &&
		openssl x509 -inform DER -in "$tap_tmp/host/mok.pub" -noout \
		-serial | grep -qix "serial=0*$(cat "$tap_tmp/key")"
}

removed()
{
	dkms dkms-remove || return 1
	find "$tap_tmp/host" -name '*cxflash*' | grep . && return 1
	return 0
}

tap "make deb makes the packages" packages_made
tap "the tool is hardened, and every compilation and link asked for it" hardened
tap "lintian finds nothing, pedantry included" policy
tap "one version everywhere" one_version
tap "cxflash-dkms has the whole source of the module" all_the_source
tap "ansible finds the collection in its package" collection
tap "the guests' modules are signed by DKMS, each for its kernel" guests_signed
tap "make dkms-install" installed
tap "make dkms-install over an older one" installed
tap "make dkms-remove leaves nothing" removed
tap_done
