// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes as a VPD: nothing outside them is read, and what is kept of them can be printed. */
#include "fw/board/vpd.h"
#include "fuzz.h"

static void expect_text(const char *text, size_t size)
{
	expect(memchr(text, '\0', size));
	for (; *text; text++)
		expect(*text >= ' ' && *text <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fw_vpd vpd;
	struct cx_err err;

	if (fw_vpd_parse(data, size, &vpd, &err))
		expect_reason(&err);
	expect(vpd.fields <= FW_VPD_FIELDS);
	expect_text(vpd.name, sizeof(vpd.name));
	for (size_t i = 0; i < vpd.fields; i++) {
		expect(strlen(vpd.field[i].keyword) == 2);
		expect_text(vpd.field[i].text, sizeof(vpd.field[i].text));
	}
	expect(!fw_vpd_part(&vpd) || vpd.sum == FW_VPD_SUM_RIGHT || vpd.whole);
	expect(!vpd.sum || fw_vpd_sum_name(vpd.sum));
	fw_vpd_begins(data, size);
	return 0;
}
