#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What a distribution relies on: flags, folders, versions, and an archive that is the same bytes
# whoever packs it.

cd "$(dirname "$0")/../.." || exit 1
. selftests/image/tap.sh
top=$PWD
version=$(make -s VERSION)
ctl=$(realpath "${CTL:-${B:-build}/cxflashctl}")

# What make would run, nothing being built yet
plan() # VARIABLE=VALUE... TARGET
{
	env -u WERROR MAKEFLAGS= make -n B="$tap_tmp/none" "$@" 2>&1
}

# every PATTERN TEXT: each line of the plan that matches PATTERN has TEXT, and there is one
every()
{
	grep -E -- "$1" "$tap_tmp/plan" >"$tap_tmp/lines" || { echo "no line with $1"; return 1; }
	! grep -vF -- "$2" "$tap_tmp/lines" | head -n 3 | grep .
}

flags()
{
	plan CC=cc-of-mine CPPFLAGS=-DOF_MINE CFLAGS=-Os LDFLAGS=-Wl,--of-mine LDLIBS=-lmine all \
		>"$tap_tmp/plan" || return 1
	every ' -c -o ' 'cc-of-mine ' && every ' -c -o ' ' -DOF_MINE ' && every ' -c -o ' ' -Os ' || return 1
	every '-o [^ ]*/cxflashctl ' 'cc-of-mine -Os -Wl,--of-mine ' && every '-o [^ ]*/cxflashctl ' ' -lmine' || return 1
	plan LD=ld-of-mine all >"$tap_tmp/plan" && every ' -r -b binary ' 'ld-of-mine ' || return 1
	! plan all | grep -e -Werror || return 1
	plan WERROR=-Werror all >"$tap_tmp/plan" && every ' -c -o ' ' -Werror '
}

from_the_environment()
{
	CFLAGS=-Os CPPFLAGS=-DOF_MINE LDFLAGS=-Wl,--of-mine plan all >"$tap_tmp/plan" || return 1
	every ' -c -o ' ' -DOF_MINE -Os ' && every '-o [^ ]*/cxflashctl ' ' -Os -Wl,--of-mine '
}

# put VARIABLE=VALUE...: install into an empty root, and take it away again; the places are in
# "places"
put()
{
	env MAKEFLAGS= make -s B="${B:-build}" DESTDIR="$tap_tmp/root" "$@" install || return 1
	(cd "$tap_tmp/root" && find . -type f | sort) >"$tap_tmp/places"
	env MAKEFLAGS= make -s B="${B:-build}" DESTDIR="$tap_tmp/root" "$@" uninstall || return 1
	! find "$tap_tmp/root" -type f | grep .
}

places()
{
	put && grep -qx ./usr/local/sbin/cxflashctl "$tap_tmp/places" || return 1
	put PREFIX=/usr sbindir=/usr/bin && grep -qx ./usr/bin/cxflashctl "$tap_tmp/places" &&
		grep -qx ./usr/share/man/man8/cxflashctl.8 "$tap_tmp/places" || return 1
	put PREFIX=/opt/cx mandir=/opt/man bashcompletiondir=/opt/bash &&
		grep -qx ./opt/man/man8/cxflashctl.8 "$tap_tmp/places" &&
		grep -qx ./opt/bash/cxflashctl "$tap_tmp/places"
}

one_version()
{
	[ "$version" = "$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)" ] || { echo dkms.conf; return 1; }
	[ "$version" = "$(dpkg-parsechangelog -l packaging/debian/changelog -S Version)" ] || { echo debian; return 1; }
	[ "$version" = "$(sed -n 's/^## \([0-9.]*\)$/\1/p' CHANGELOG.md | head -n 1)" ] || { echo CHANGELOG.md; return 1; }
	for spec in packaging/rpm/*.spec; do
		sed -n '/^%changelog/,$p' "$spec" | grep -m 1 '^\*' | grep -q -- " - $version-" ||
			{ echo "$spec"; return 1; }
	done
	[ "cxflashctl $version" = "$("$ctl" --version)" ] || { "$ctl" --version; return 1; }
	env MAKEFLAGS= make -s B="${B:-build}" DESTDIR="$tap_tmp/manuals" PREFIX=/usr install ||
		return 1
	set -- "$tap_tmp"/manuals/usr/share/man/man[458]/*
	[ $# -ge 10 ] || return 1
	! grep -Lx -- "\.Os cxflash $version" "$@" | grep .
}

# The archive, packed by others: another folder, umask, zone, language and time
same_archive()
{
	packaging/dist cx >"$tap_tmp/a.tar" || return 1
	mkdir "$tap_tmp/elsewhere" && tar -C "$tap_tmp/elsewhere" -xf "$tap_tmp/a.tar" || return 1
	(cd "$tap_tmp/elsewhere/cx" && umask 077 && export TZ=Asia/Tokyo LC_ALL=C.UTF-8 &&
		packaging/dist cx) \
		>"$tap_tmp/b.tar" &&
		cmp "$tap_tmp/a.tar" "$tap_tmp/b.tar" || return 1
	! tar -tvf "$tap_tmp/a.tar" | grep -v ' 0/0 '
}

# It is all there is, and no more.
whole_archive()
{
	tar -tf "$tap_tmp/a.tar" | sed 's#^cx/##' | sort >"$tap_tmp/packed"
	if [ -e .git ]; then
		git -c safe.directory="$top" ls-files | sort | diff - "$tap_tmp/packed"
	else
		! grep -E '^build/|\.o$' "$tap_tmp/packed"
	fi
}

tap "the flags that are given reach every compilation and the link" flags
tap "from the environment, too" from_the_environment
tap "make install goes where it is told, and make uninstall takes all away" places
tap "one version: of the tool, the manuals, the packages and the changes" one_version
tap "the archive is the same bytes, packed here or by whoever has unpacked it" same_archive
tap "and has every file of the source" whole_archive
tap_done
