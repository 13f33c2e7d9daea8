#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Help, manual and completion tell of the same commands and options, and the installed tree is complete.

. "$(dirname "$0")/cmd.sh"
top=$here/../..
man=$top/user/man/cxflashctl.8
completion=$top/user/completion/cxflashctl

"$ctl" --help >help || exit 1
sed -n '/^Commands:/,/^$/s/^  \([a-z]*\( [a-z][a-z]*\)\{0,1\}\)  .*/\1/p' help >commands
sed -n '/^Global options:/,/^$/s/^ *\(-., \)\{0,1\} *--\([a-z-]*\).*/\2/p' help >global

tap "there are commands" sh -c '[ "$(wc -l <commands)" -ge 20 ]'

# The manual has a section for each command.
in_manual()
{
	while read -r command; do
		grep -Eq "^\.Ss $command( |$)" "$man" || { echo "no section on $command"; return 1; }
	done <commands
	sed -n '/^\.Sh COMMANDS/,/^\.Sh JSON/s/^\.Ss \([a-z]*\( [a-z][a-z]*\)\{0,1\}\).*/\1/p' "$man" | sort -u >sections
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
		sed -n "/^\.Ss $command\( \|$\)/,/^\.S[sh] \(list\|JSON\)/p" "$man" >section
		for option in $(own_options "$command"); do
			case $option in
			device | image | output | fw | conf) continue ;; # the short form is described
			esac
			grep -q "Fl -*$option" section || { echo "$command --$option is not in the manual"; return 1; }
		done
	done <commands
}
tap "the manual has every option" options_in_manual

cat >complete.bash <<'END'
# complete WORD...: what the completion offers for the last word
_init_completion() { cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} words=("${COMP_WORDS[@]}") cword=$COMP_CWORD; }
_filedir() { COMPREPLY=(FILES); }
source "$completion"
COMP_WORDS=(cxflashctl "$@")
COMP_CWORD=$#
_cxflashctl
printf '%s\n' "${COMPREPLY[@]}"
END
offers() # WORD...
{
	completion=$completion bash complete.bash "$@" | sort -u
}
completes_commands()
{
	offers "" >offered
	sed 's/ .*//' commands | sort -u | diff - offered || return 1
	for group in $(sed -n 's/ .*//p' commands | sort | uniq -d) id image cr; do
		offers "$group" "" >offered
		sed -n "s/^$group //p" commands | sort | diff - offered || return 1
	done
}
tap "completion offers the commands" completes_commands
completes_options()
{
	while read -r command; do
		{ own_options "$command"; cat global; } | sed 's/^/--/' | sort >wanted
		offers $command - | grep -- '^--' | diff wanted - || { echo "of $command"; return 1; }
	done <commands
}
tap "and of each command the options, no more and no fewer" completes_options
tap "and the choices of --rom" sh -c "completion='$completion' bash complete.bash burn --rom '' | grep -qx keep"
tap "and files" sh -c "completion='$completion' bash complete.bash verify -i '' | grep -qx FILES"

lint()
{
	mandoc -Tlint "$man" 2>&1 | grep -v 'mandoc.db lacks\|referenced manual not found' >lint.log
	[ ! -s lint.log ] || { cat lint.log; return 1; }
}
tap "mandoc finds nothing in the manual" lint
explain()
{
	while read -r command; do
		shows "^Usage: cxflashctl $command" "$ctl" $command --help || return 1
	done <commands
}
tap "each command explains itself" explain
tap "the version is that of the package" shows "^cxflashctl $(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$top/dkms.conf")\$" \
	"$ctl" --version

installs()
{
	make -s -C "$top" B="$B" DESTDIR="$tap_tmp/root" PREFIX=/usr install || return 1
	root/usr/sbin/cxflashctl --version && [ -s root/usr/share/man/man8/cxflashctl.8 ] &&
		[ -s root/usr/share/man/man5/cxflash-mlx.5 ] &&
		[ -s root/usr/share/bash-completion/completions/cxflashctl ] && [ -s root/usr/share/cxflash/boards.tsv ]
}
tap "make install installs tool, manuals, data and completion" installs
uninstalls()
{
	make -s -C "$top" B="$B" DESTDIR="$tap_tmp/root" PREFIX=/usr uninstall && [ -z "$(find root -type f)" ]
}
tap "and uninstall takes them away" uninstalls
tap_done
