# SPDX-License-Identifier: GPL-2.0-only
#
# Lines of more than 100 columns. Without "all" what stands in quotes, and what is as good as all of
# the line, is left aside, and so is a document in a script.

FNR == 1 { until = "" }

until != "" {
	line = $0
	sub(/^\t+/, "", line)
	if (line == until)
		until = ""
	next
}

!all && match($0, /<<-?['"]?[A-Z]+/) {
	until = substr($0, RSTART, RLENGTH)
	gsub(/[^A-Z]/, "", until)
}

# Most lines are short even if each tab were as wide as a tab can be.
{
	line = $0
	if (length(line) + 7 * gsub(/\t/, "&", line) <= 100)
		next
	while (at = index(line, "\t"))
		line = substr(line, 1, at - 1) substr("        ", 1, 8 - (at - 1) % 8) substr(line, at + 1)
	if (length(line) <= 100)
		next
	bare = line
	gsub(/\\["'\\]/, "", bare)
	gsub(/'[^']*'|"[^"]*"/, "", bare)
	if (all || length(bare) > 60)
		print FILENAME ":" FNR ": " length(line) " columns"
}
