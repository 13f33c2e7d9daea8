// SPDX-License-Identifier: GPL-2.0-only
/* Any text as a parameter map, behind the built-in one: a refusal leaves the map as it was. */
#include "../../user/fw/params.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fw_params map = {0};
	struct cx_err err;
	size_t before;

	expect(!fw_params_builtin(&map, &err));
	before = map.rules;
	if (fw_params_parse((const char *)data, size, &map, &err)) {
		expect_reason(&err);
		expect(map.rules == before);
	}
	fw_params_free(&map);
	return 0;
}
