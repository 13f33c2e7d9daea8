// SPDX-License-Identifier: GPL-2.0-only
/* Any text as a parameter map, behind a small one: a refusal leaves the map as it was. */
#include "fw/board/params.h"
#include "fuzz.h"

static const char first[] = "*\tHCA\tnum_pfs\tpfs\t0x1fffc\t4\t4\tnumber\tseen\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fw_params map = {0};
	struct cx_err err;

	expect(!fw_params_parse(first, strlen(first), &map, &err));
	if (fw_params_parse((const char *)data, size, &map, &err)) {
		expect_reason(&err);
		expect(map.rules == 1);
	}
	fw_params_free(&map);
	return 0;
}
