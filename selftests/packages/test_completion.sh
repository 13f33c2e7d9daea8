#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What bash, zsh and fish complete, typed into each of them on a terminal of 80 columns, and what
# the tool offers to them.

cd "$(dirname "$0")/../.." || exit 1
. selftests/image/tap.sh
top=$PWD
ctl=$(realpath "${CTL:-${B:-build}/cxflashctl}")
export CXFLASH_BOARDS=/dev/null
unset CDPATH

mkdir -p "$tap_tmp/bin" "$tap_tmp/home" "$tap_tmp/work/saved" "$tap_tmp/vendor"
ln -s "$ctl" "$tap_tmp/bin/cxflashctl"
touch "$tap_tmp/work/stock.ini" "$tap_tmp/work/stock.txt"
cp "$top/user/completion/cxflashctl" "$top/user/completion/_cxflashctl" \
	"$top/user/completion/cxflashctl.fish" "$tap_tmp/vendor"
cd "$tap_tmp/work" || exit 1
printf 'GUID' >inner.bin
/usr/bin/python3 -m zipfile -c kit.zip inner.bin
rm inner.bin

offers() # WORD...: just the words
{
	"$ctl" --complete "$@" | sed 's/\t.*//'
}

"$ctl" --help |
	sed -n '/^Global options:/q; s/^  \([a-z]*\( [a-z][a-z]*\)\{0,1\}\)  .*/\1/p' >commands

# Each command can be reached word by word, and each of its options is offered, no more and no
# fewer.
all_commands()
{
	[ "$(wc -l <commands)" -ge 20 ] || return 1
	offers "" | sort >got
	sed 's/ .*//' commands | sort -u | diff - got || return 1
	while read -r command; do
		case $command in
		*\ *) offers "${command% *}" "" | grep -qx "${command#* }" ||
			{ echo "no $command"; return 1; } ;;
		esac
		# shellcheck disable=SC2086 # two words
		{ "$ctl" $command --help && "$ctl" --help; } |
			sed -n 's/^ *\(-., \)\{0,1\} *\(--[a-z-]*\).*/\2/p' | sort -u >wanted
		# shellcheck disable=SC2086
		offers $command - | grep '^--' | sort | diff wanted - ||
			{ echo "of $command"; return 1; }
	done <commands
}

choices()
{
	[ "$(offers burn --rom "" | paste -sd' ')" = "keep image none" ] &&
		offers query -d "" | grep -qx file: &&
		[ "$(offers query -d file:kit)" = file:kit.zip ] &&
		[ "$(offers image extract kit.zip::)" = kit.zip::inner.bin ] &&
		offers --json boards DEL09A | grep -qx DEL09A0000009 &&
		offers restore "" | grep -qx :dirs &&
		[ -z "$(offers read --addr "")" ] && ! offers burn -- - | grep -q "^-"
}

# The shells, each in a tmux of its own, under a name that no server that is about to end has
screen()
{
	tmux -L "cx$$-$sh" "$@" 2>>tmux.log
}

# on_screen PATTERN: it appears, sooner or later
on_screen()
{
	tries=0
	until screen capture-pane -p -J | grep -Eq -- "$1"; do
		tries=$((tries + 1))
		[ $tries -lt 600 ] ||
			{ echo "no '$1' on the screen:"; screen capture-pane -p; return 1; }
		sleep 0.1
	done
}

start() # SHELL
{
	case $1 in
	bash)
		printf '%s\n' "PS1='ready> '" '. /usr/share/bash-completion/bash_completion' \
			". $tap_tmp/vendor/cxflashctl" >rc.bash
		shell="bash --noprofile --rcfile $PWD/rc.bash -i" ;;
	zsh)
		printf '%s\n' "PS1='ready> '" "fpath=($tap_tmp/vendor \$fpath)" \
			'autoload -Uz compinit' 'compinit -D -u' >"$tap_tmp/home/.zshrc"
		shell="zsh -d -i" ;;
	fish)
		shell="fish --no-config -i -C 'function fish_prompt; echo -n \"ready> \"; end; source $tap_tmp/vendor/cxflashctl.fish'" ;;
	esac
	env -u TMUX -u ZDOTDIR HOME="$tap_tmp/home" XDG_CONFIG_HOME="$tap_tmp/home" \
		XDG_DATA_HOME="$tap_tmp/home" \
		PATH="$tap_tmp/bin:$PATH" TERM=screen LC_ALL=C.UTF-8 \
		tmux -L "cx$$-$sh" -f /dev/null new-session -d -x 80 -y 24 "$shell" &&
		on_screen '^ready> '
}

# completes TYPED WANTED: what stands behind the prompt after a tab
completes()
{
	screen send-keys C-u
	on_screen '^ready> *$' || return 1
	screen send-keys -l -- "$1"
	on_screen "^ready> $1" || return 1
	screen send-keys Tab
	on_screen "^ready> $2"
}

in_shell() # SHELL
{
	start "$1" || return 1
	completes 'cxflashctl verif' 'cxflashctl verify' &&
		completes 'cxflashctl ini reb' 'cxflashctl ini rebrand' &&
		completes 'cxflashctl burn --allow-p' 'cxflashctl burn --allow-psid-change' &&
		completes 'cxflashctl burn --rom im' 'cxflashctl burn --rom image' &&
		completes 'cxflashctl boards DEL09A' 'cxflashctl boards DEL09A0000009' &&
		completes 'cxflashctl build --conf stoc' 'cxflashctl build --conf stock.ini' &&
		completes 'cxflashctl restore sav' 'cxflashctl restore saved/' &&
		completes 'cxflashctl image extract kit.zip::in' \
			'cxflashctl image extract kit.zip(::|\\:\\:)inner.bin'
}

tap "every command and option is offered, no more and no fewer" all_commands
tap "choices, cards, dumps, members of archives, PSIDs, folders" choices
for sh in bash zsh fish; do
	if command -v $sh >/dev/null && command -v tmux >/dev/null; then
		tap $sh in_shell $sh
		screen kill-server
	else
		tap_skip $sh "no $sh or no tmux"
	fi
done
tap_done
