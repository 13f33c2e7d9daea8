#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Help and manuals tell of the same commands and options, the examples of the manuals run, and the
# installed tree is complete.

. "$(dirname "$0")/cmd.sh"
top=$here/../..
# The overview and the pages of some commands
cat "$top"/user/man/cxflashctl*.8 >manual
man=manual

"$ctl" --help >help || exit 1
sed -n '/^Global options:/q; s/^  \([a-z]*\( [a-z][a-z]*\)\{0,1\}\)  .*/\1/p' help >commands

tap "there are commands" sh -c '[ "$(wc -l <commands)" -ge 20 ]'

# The manual has a section for each command.
in_manual()
{
	while read -r command; do
		grep -Eq "^\.Ss $command( |$)" "$man" ||
			{ echo "no section on $command"; return 1; }
	done <commands
	sed -n 's/^\.Ss \([a-z][a-z]*\( [a-z][a-z]*\)\{0,1\}\).*/\1/p' "$man" | sort -u >sections
	sort commands | diff - sections
}
tap "every command has its section in the manual, and every section its command" in_manual

own_options() # COMMAND: long options that are its own
{
	"$ctl" $1 --help | sed -n '/^Options:/,/^$/s/^ *\(-., \)\{0,1\} *--\([a-z-]*\).*/\2/p'
}

options_in_manual()
{
	while read -r command; do
		sed -n "/^\.Ss $command\( \|$\)/,/^\.S[sh] \(list\|JSON\|EXAMPLES\|SEE\)/p" \
			"$man" >section
		for option in $(own_options "$command"); do
			case $option in
			# Of these the short form is described.
			device | image | output | fw | conf) continue ;;
			esac
			grep -q "Fl -*$option" section ||
				{ echo "$command --$option is not in the manual"; return 1; }
		done
	done <commands
}
tap "the manual has every option" options_in_manual

make -s -C "$top" B="$B" "$B/man/cxflash.4" || exit 1
lint()
{
	set -- "$B/man/cxflash.4" "$top"/user/man/*.[58]
	# Those that are installed have the version where mandoc wants a system's name.
	mandoc -Tlint "$@" 2>lint.err |
		grep -vE 'referenced manual not found|operating system explicitly specified' >lint.log
	grep -v 'mandoc.db' lint.err >>lint.log
	if command -v groff >/dev/null; then
		groff -mdoc -ww -z -Tutf8 "$@" >>lint.log 2>&1
	fi
	[ ! -s lint.log ] || { cat lint.log; return 1; }
}
tap "mandoc and groff find nothing in the manuals" lint
operations()
{
	sed -n '/^operations:/,/^mcast-groups:/s/^      name: //p' \
		"$top/include/uapi/cxflash.yaml" | sort >wanted
	sed -n '/^\.Sh NETLINK/,/^\.Sh PERM/s/^\.It Cm //p' "$B/man/cxflash.4" | sort | diff \
		wanted - && [ "$(wc -l <wanted)" -ge 10 ]
}
tap "cxflash(4) has every operation of the netlink family" operations
parameters()
{
	sed -n 's/^module_param(\([^,]*\),.*/\1/p' "$top"/kmod/*.c | sort >wanted
	sed -n '/^\.Sh MODULE PARAM/,/^\.Sh NETLINK/s/^\.It Cm \([^ ]*\) Ns =.*/\1/p' \
		"$B/man/cxflash.4" | sort | diff wanted -
}
tap "and every parameter of the module" parameters

# The examples of a page, with the files they name: each line does what it says. A look at the
# machine is one at a made-up machine; it may find that all is not well. A page with examples that
# need a card is run by a guest (vm/guest/test_cmd_card.sh).
blocks() # PAGE: what is to be typed
{
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/p' "$top/user/man/$1" |
		awk '/^\.Bd -literal/ { text = ""; next }
			/^\.Ed/ && text ~ /(^|\n)cxflashctl / && text !~ /cxflashctl attach/ {
				printf "%s", text
			}
			{ text = text $0 "\n" }'
}
cxflashctl()
{
	case "$*" in
	*--rules) "$ctl" "$@" ;;
	check* | port*) "$ctl" "$@" --sysroot ../machine || [ $? = 1 ] ;;
	*) "$ctl" "$@" ;;
	esac
}
made_up()
{
	/usr/bin/python3 -B - "$here/../host" <<-'END'
		import sys
		sys.path.insert(0, sys.argv[1])
		import tree
		tree.load(sys.argv[1] + "/machines/article-before").unpack("machine")
	END
}
# What the pages name besides: the images of a release, an updater with one in it, and an image.
named()
{
	mkdir examples/images && "$mkimage" --release 10 -o examples/images >release.log &&
		cp $release examples/fw.bin &&
		(cd files && /usr/bin/python3 -m zipfile -c ../kit.zip \
			"${release#files/}") && { printf 'MZ the program that unpacks it '; cat \
				kit.zip; } \
			>examples/mlnx_updater
}
examples() # PAGE
{
	rm -rf examples && mkdir examples && cp files/* examples/ && named || return 1
	blocks "$1" >examples/run
	grep -q '^cxflashctl' examples/run || { echo "no examples in $1"; return 1; }
	(cd examples && set -e && . ./run)
}
made_up || exit 1
for page in $(cd "$top/user/man" && grep -l '^\.Sh EXAMPLES' *.[58]); do
	case $page in
	cxflash-mlx.5) continue ;; # the file in it is built by test_mlx
	cxflashctl-json.5)
		command -v jq >/dev/null ||
			{ tap_skip "the examples of $page" "no jq"; continue; } ;;
	esac
	tap "the examples of $page run as they stand" examples $page
done
all_have_examples()
{
	for page in "" -burn -ini -map -check -port; do
		grep -q '^\.Sh EXAMPLES' "$top/user/man/cxflashctl$page.8" ||
			{ echo "$page"; return 1; }
	done
}
tap "each page of commands has some" all_have_examples
# The ini that cxflash-ini(5) shows is one.
shown_ini()
{
	sed -n '/^\.Sh EXAMPLES/,/^\.Ed/{ /^\.Bd/,/^\.Ed/{ /^\./d; p } }' \
		"$top/user/man/cxflash-ini.5" \
		>shown.ini && status 0 "$ctl" ini check shown.ini &&
		shows '^MT_0EF0110009$' "$ctl" ini get shown.ini ADAPTER.PSID
}
tap "the ini that cxflash-ini(5) shows is one" shown_ini
# For a browser: each page has its text, and what it links to is there, or on the net.
html()
{
	make -s -C "$top" B="$B" html || return 1
	[ "$(ls "$B/html" | grep -c '\.html$')" -ge 12 ] || return 1
	for page in "$B"/html/*.html; do
		grep -q '<h1 class="Sh" id="NAME">' "$page" && [ "$(wc -c <"$page")" -gt 3000 ] ||
			{ echo "$page is empty"; return 1; }
		for link in $(sed -n 's/<a class="Xr" href="/\n&/gp' "$page" |
			sed -n 's/^<a class="Xr" href="\([^"]*\)".*/\1/p'); do
			case $link in
			https://*) ;;
			*) [ -e "$B/html/$link" ] || { echo "$page: $link"; return 1; } ;;
			esac
		done
	done
}
tap "the manuals for a browser" html
explain()
{
	while read -r command; do
		shows "^Usage: cxflashctl $command" "$ctl" $command --help || return 1
	done <commands
}
tap "each command explains itself" explain
tap "the version is that of the package" \
	shows "^cxflashctl $(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$top/dkms.conf")\$" \
	"$ctl" --version

installs()
{
	make -s -C "$top" B="$B" DESTDIR="$tap_tmp/root" PREFIX=/usr install || return 1
	root/usr/sbin/cxflashctl --version && [ -s root/usr/share/man/man8/cxflashctl.8 ] &&
		[ -s root/usr/share/man/man5/cxflash-mlx.5 ] &&
		[ -s root/usr/share/man/man4/cxflash.4 ] &&
		[ -s root/usr/share/zsh/site-functions/_cxflashctl ] &&
		[ -s root/usr/share/bash-completion/completions/cxflashctl ] &&
		[ -s root/usr/share/cxflash/boards.tsv ] &&
		[ -s root/usr/share/cxflash/schema/query.json ] &&
		[ -s root/usr/share/man/man5/cxflashctl-json.5 ]
}
tap "make install installs tool, manuals, data and completion" installs
uninstalls()
{
	make -s -C "$top" B="$B" DESTDIR="$tap_tmp/root" PREFIX=/usr uninstall &&
		[ -z "$(find root -type f)" ]
}
tap "and uninstall takes them away" uninstalls
tap_done
