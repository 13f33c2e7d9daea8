# SPDX-License-Identifier: GPL-2.0-only
#
# The operations of the netlink family for cxflash(4), out of include/uapi/cxflash.yaml: its line @OPERATIONS@ becomes a
# list of all that stands under "operations". Sentences begin new lines, as mdoc wants it.
#
#	awk -f operations.awk cxflash.yaml cxflash.4.in

# A paragraph of the YAML as mdoc
function sentences(text,    n, part, i, line)
{
	gsub(/\\/, "\\e", text)
	gsub(/ +/, " ", text)
	while (match(text, /[.;:] [A-Z]/)) {
		wrap(substr(text, 1, RSTART))
		text = substr(text, RSTART + 2)
	}
	wrap(text)
}

function wrap(text,    at)
{
	sub(/^ /, "", text)
	while (length(text) > 78) {
		for (at = 78; at > 1 && substr(text, at, 1) != " "; at--)
			;
		print substr(text, 1, at - 1)
		text = substr(text, at + 1)
	}
	if (text != "")
		print text
}

function flush()
{
	if (name == "")
		return
	names[++count] = name
	docs[count] = doc
	name = doc = ""
}

FNR == NR {
	if (/^[a-z]/) {
		flush()
		inside = /^operations:/
	} else if (inside && /^      name: /) {
		flush()
		name = $2
	} else if (inside && /^      doc: /) {
		indoc = 1
		doc = $0
		sub(/^      doc: (>-)?/, "", doc)
	} else if (/^      [a-z-]/) {
		indoc = 0
	} else if (inside && indoc) {
		sub(/^ +/, " ")
		doc = doc $0
	}
	next
}

/^@OPERATIONS@$/ {
	flush()
	print ".Bl -tag -width Ds"
	for (i = 1; i <= count; i++) {
		print ".It Cm " names[i]
		sentences(docs[i])
	}
	print ".El"
	next
}

{ print }
