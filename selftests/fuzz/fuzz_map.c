// SPDX-License-Identifier: GPL-2.0-only
/* Any text as a learnt table: what is read is written, and reads as the same. */
#include "fuzz.h"
#include "fw/map/table.h"

#define MOST                                                                                \
	4096 /* what there is to find is in the first lines; learning takes far longer than \
		reading */

static void check_again(const struct fw_map *map)
{
	char *text, *again;
	size_t len, len2;
	struct fw_map second;
	struct cx_err err;

	expect(!fw_map_write(map, &text, &len, &err));
	expect(!fw_map_parse(text, len, &second, &err));
	expect(!fw_map_write(&second, &again, &len2, &err));
	expect(len == len2 && !memcmp(text, again, len));
	fw_map_free(&second);
	free(again);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fw_map map;
	struct cx_err err;

	if (size > MOST)
		return 0;
	if (fw_map_parse((const char *)data, size, &map, &err)) {
		expect_reason(&err);
		return 0;
	}
	check_again(&map);
	fw_map_free(&map);
	return 0;
}
