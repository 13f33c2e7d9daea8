# SPDX-License-Identifier: GPL-2.0-only
#
# One form for what mstflint and cxflashctl say, so that diff can compare them: "field value" lines.
# Reads the text of query or of verify, from either program. What one of them leaves out or words
# differently by intention is made equal here, each with its reason.

function say(field, value)
{
	sub(/ +$/, "", value)
	print field, value
}

function iso(date,   part)
{
	split(date, part, ".")
	return sprintf("%04d-%02d-%02d", part[3], part[2], part[1])
}

{
	colon = index($0, ":")
	title = tolower(substr($0, 1, colon - 1))
	value = substr($0, colon + 1)
	sub(/^ +/, "", value)
}

# mstflint writes day.month.year, which no program can sort and half the world misreads.
title == "fw release date" { say("date", value ~ /-/ ? value : iso(value)); next }

# Both, with the same words
title == "fw version" || title == "mic version" || title == "min fit version" ||
title == "product version" || title == "prs name" || title == "psid" { say(title, value); next }

title == "device id" { say(title, value + 0); next }

title == "hw access key" { say(title, value); next }

# mstflint leaves out what is 0; cxflashctl tells "none" from "no config area".
title == "config sectors" || title == "config pad" { if (value + 0) say(title, value); next }

title == "rom info" || (title == "rom" && value != "none") { say("rom", value); next }
/^ +type=/ { sub(/^ +/, ""); say("rom", $0); next }

# mstflint shows no MACs unless the section has six entries (nomacs); cxflashctl derives those of an
# old section and says so, and shows those of a longer one.
title == "macs" { if (!nomacs) say("macs", $2 " " $3); next }
title == "guids" { say("guids", $2 " " $3 " " $4 " " $5); next }

# mstflint prints an empty VSD where there is none.
title == "vsd" { if (value != "") say("vsd", value); next }

# verify: the image, and every section. Both have found them sound, so what counts is which there
# are. mstflint judges the full image in images with a MIC version only, and no header.
/FS2 non.failsafe image/ { say("layout", "not striped"); next }
/FS2 failsafe image/ {
	sub(/.*[Cc]hunk size /, "")
	sub(/[:,].*/, "")
	say("layout", $0)
	next
}

/^ *\/0x.*\/ \(.*\) / {
	place = substr($1, 2) " " substr($2, 1, 10)
	sub(/^[^(]*\([^(]*\(/, "")
	sub(/(\)| \().*/, "") # UNKNOWN (99): the number is mstflint's only
	if ($0 != "Full Image")
		say("section", place " " $0)
	next
}

/^ +0x.*\) / {
	place = $1 " " $2
	sub(/^ +[^ ]+ [^ ]+ +/, "")
	name = substr($0, 1, 18)
	sub(/ +$/, "", name)
	if (name != "Full Image" && name != "Header")
		say("section", place " " name)
	next
}
