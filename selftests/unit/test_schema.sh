#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The schemas of JSON: there is one for each command, cxflashctl-json(5) has the same names, and the
# judge that all other tests ask finds what is wrong.

. "$(dirname "$0")/cmd.sh"
top=$here/../..
schemas=$top/user/schema
if ! /usr/bin/python3 -c 'import jsonschema' 2>/dev/null; then
	echo "1..0 # SKIP no python3-jsonschema"
	exit 0
fi

"$ctl" --json --help | /usr/bin/python3 -c '
import json, sys
for c in json.load(sys.stdin)["commands"]: print(c["name"].replace(" ", "-"))' >commands
complete()
{
	[ "$(wc -l <commands)" -ge 30 ] || return 1
	{ cat commands; printf '%s\n' common help version; } | sort >wanted
	ls "$schemas" | sed 's/\.json$//' | sort | diff wanted -
}
tap "each command has a schema, and each schema a command" complete

valid()
{
	/usr/bin/python3 - "$schemas" <<-'END'
		import json, os, sys, jsonschema
		for name in os.listdir(sys.argv[1]):
		    schema = json.load(open(os.path.join(sys.argv[1], name)))
		    jsonschema.Draft202012Validator.check_schema(schema)
		    assert schema["$id"] == "urn:cxflash:json:1:" + name[:-5], name
		    assert "additionalProperties" not in json.dumps(schema), f"{name}: a new name would break who checks"
	END
}
tap "each is a schema, under its name, and open for names to come" valid

in_manual()
{
	"$here/../schema/manual" "$top/user/man/cxflashctl-json.5" >page &&
		diff "$top/user/man/cxflashctl-json.5" page
}
tap "cxflashctl-json(5) has their words; make json-manual puts them there" in_manual

# wrong NAME SED: what a good command prints, made wrong so, is found
wrong()
{
	tap "found: $1" found "$2"
}
found()
{
	"$ctl" --json query -i $release >good && "$here/../schema/validate" good || return 1
	sed "$1" good >bad && ! cmp -s good bad || { echo "nothing is changed"; return 1; }
	! "$here/../schema/validate" bad
}
wrong "a name that no schema has" 's/^{/{"extra":1,/'
wrong "one inside" 's/"slots":\[{/&"extra":1,/'
wrong "one in what several commands have" 's/"node":/"nodes":/'
wrong "another type" 's/"device_id":\([0-9]*\)/"device_id":"\1"/'
wrong "another word than those of the list" 's/"state":"good"/"state":"fine"/'
wrong "an error of a success" 's/"exit":0/"error":"x","exit":0/'
wrong "no exit status" 's/,"exit":0//'
wrong "a name too few" 's/"active":[a-z]*,//'
wrong "a command that does not exist" 's/"command":"query"/"command":"queer"/'
wrong "two results" 'p'
tap_done
