// SPDX-License-Identifier: GPL-2.0-only
#include "fw/err.h"
#include "tap.h"

int main(void)
{
	char longer[sizeof(((struct cx_err *)0)->text) + 100];
	struct cx_err err;

	is_int(cx_fail(&err, CX_BUSY, "slot %d", 1), -1, "a failure is -1");
	is_int(err.status, CX_BUSY, "with its status");
	is_str(err.text, "slot 1", "and text");
	is_int(cx_fail_in(&err, "card"), -1, "put in a place");
	is_str(err.text, "card: slot 1", "it names it");
	is_int(err.status, CX_BUSY, "and keeps its status");

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	cx_fail_in(&err, longer);
	is_str(err.text, "card: slot 1", "a place longer than the room is left out");
	cx_fail(&err, CX_FAILED, "%s", longer);
	is_int(strlen(err.text), sizeof(err.text) - 1, "a long text is cut");
	cx_fail_in(&err, "file");
	ok(!strncmp(err.text, "file: xx", 8) && strlen(err.text) == sizeof(err.text) - 1,
	   "and cut again to make room for the place");
	return tap_done();
}
