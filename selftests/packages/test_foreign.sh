#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The spec for RPM and the PKGBUILD for Arch Linux, read by rpm and bash: every file that make
# install puts down is in a package, and where these systems want it.

cd "$(dirname "$0")/../.." || exit 1
. selftests/image/tap.sh
B=$(realpath "${B:-build}")
version=$(make -s VERSION)

spec()
{
	rpmspec "$@" --define "upstream $version" packaging/rpm/cxflash.spec
}

names()
{
	spec -q --builtrpms --qf '%{name} %{version}\n' | sort >"$tap_tmp/names" &&
		printf '%s\n' "cxflash-dkms $version" "cxflashctl $version" |
		diff - "$tap_tmp/names"
}

# What %files of the tool lists, with rpm's macros replaced, against what is installed
listed()
{
	env MAKEFLAGS= make -s B="$B" DESTDIR="$tap_tmp/rpm" PREFIX=/usr \
		sbindir="$(rpm -E %_sbindir)" install || return 1
	spec -P | sed -n '/^%files -n cxflashctl/,/^%files dkms/p' | grep '^/' >"$tap_tmp/patterns"
	(cd "$tap_tmp/rpm" && find . -type f -printf '/%P\n') >"$tap_tmp/installed"
	while read -r pattern; do
		case $pattern in *\**) ;; *) pattern=$pattern'*' ;; esac
		# shellcheck disable=SC2254 # it is a pattern
		while read -r file; do
			case $file in $pattern) echo "$file" ;; esac
		done <"$tap_tmp/installed"
	done <"$tap_tmp/patterns" | sort -u >"$tap_tmp/packed"
	sort "$tap_tmp/installed" | diff - "$tap_tmp/packed"
}

# package FUNCTION: one of the PKGBUILD's, on this tree; what it makes is in $tap_tmp/FUNCTION
arch_package()
{
	mkdir -p "$tap_tmp/src" "$tap_tmp/$1" && ln -sfn "$PWD" "$tap_tmp/src/cxflash-$version" ||
		return 1
	sed "s/@VERSION@/$version/; s/@SHA256@/0/" packaging/arch/PKGBUILD >"$tap_tmp/PKGBUILD" ||
		return 1
	(cd "$tap_tmp/src" && MAKEFLAGS="B=$B" pkgdir="$tap_tmp/$1" bash -ec '. ../PKGBUILD; "$0"' \
		"$1")
}

arch()
{
	arch_package package_cxflashctl &&
		[ -x "$tap_tmp/package_cxflashctl/usr/bin/cxflashctl" ] &&
		[ -s "$tap_tmp/package_cxflashctl/usr/share/zsh/site-functions/_cxflashctl" ] ||
		return 1
	arch_package package_cxflash-dkms &&
		[ -s "$tap_tmp/package_cxflash-dkms/usr/src/cxflash-$version/dkms.conf" ] ||
		return 1
	# Arch has no /usr/sbin and no /usr/local.
	! find "$tap_tmp"/package_* -path '*/sbin/*' -o -path '*/usr/local/*' | grep .
}

if command -v rpmspec >/dev/null; then
	tap "the spec makes two packages of this version" names
	tap "the spec lists every file that is installed" listed
else
	tap_skip "the spec" "no rpmspec"
fi
tap "the PKGBUILD makes both packages, in Arch's folders" arch
tap_done
