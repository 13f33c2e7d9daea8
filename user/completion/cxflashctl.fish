# SPDX-License-Identifier: GPL-2.0-only
# fish completion for cxflashctl(8): the tool itself says what may follow, out of its table of commands.

function __cxflashctl_complete
	set -l words (commandline -opc)
	set -l word (commandline -ct)
	for line in ($words[1] --complete $words[2..-1] "$word" 2>/dev/null)
		switch $line
			case ':dirs'
				__fish_complete_directories $word
			case ':files'
				__fish_complete_path $word
			case ':files *'
				set -l endings (string split ' ' (string replace ':files ' '' $line))
				__fish_complete_path $word | string match -rie '(/|\.('(string join '|' $endings)'))(\t.*)?$'
			case '*'
				echo $line
		end
	end
end

complete -c cxflashctl -f -a '(__cxflashctl_complete)'
