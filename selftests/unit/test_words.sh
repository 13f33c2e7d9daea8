#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What the text of an errno must not be in the sources of the tool: all that is said. A message has
# words of its own beside the place and that text.

. "$(dirname "$0")/../image/tap.sh"
cd "$(dirname "$0")/../.." || exit 1

bare() # FILE...: calls of cx_fail whose words are an errno's only
{
	/usr/bin/python3 - "$@" <<'END'
import re, sys
found = 0
for name in sys.argv[1:]:
    text = open(name).read()
    for call in re.finditer(r'cx_fail\(([^;]*?\b(?:strerror|nl_geterror)\([^;]*)\);', text):
        words = ''.join(re.findall(r'"((?:[^"\\]|\\.)*)"', call.group(1)))
        if not re.search(r'[a-z]{3}', re.sub(r'%[-.*0-9a-z]*[sdxuz]', '', words)):
            print('%s:%d: "%s"' % (name, text.count('\n', 0, call.start()) + 1, words))
            found += 1
sys.exit(found > 0)
END
}

cat >"$tap_tmp/bad.c" <<'END'
	return cx_fail(err, CX_FAILED, "%s: %s", path,
		       strerror(errno));
	return cx_fail(err, CX_FAILED, "%s: cannot be opened: %s", path, strerror(errno));
END
finds()
{
	! bare "$tap_tmp/bad.c" >"$tap_tmp/found" && [ "$(wc -l <"$tap_tmp/found")" = 1 ] &&
		grep -q ':1: ' "$tap_tmp/found"
}
tap "a message that is an errno's text is found, and no other" finds
tap "there is none about cards" bare user/dev/*.c user/burn/*.c user/card/*.c user/cli/*.c
tap "no deadline goes by the wall clock" \
	sh -c '! grep -n "time(NULL)\|gettimeofday\|CLOCK_REALTIME" user/dev/*.c user/card/*.c user/cli/*.c user/cmd/*.c'
tap_done
