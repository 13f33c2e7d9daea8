// SPDX-License-Identifier: GPL-2.0-only
/* Any text as an ini: it is refused or kept byte for byte, and a change is a change. */
#include "fw/board/ini.h"
#include "fuzz.h"

static void change(struct fw_ini *ini)
{
	struct cx_err err;
	const char *value;

	if (fw_ini_set(ini, "HCA", "num_pfs", "2", &err)) {
		expect_reason(&err);
	} else {
		value = fw_ini_get(ini, "HCA", "num_pfs");
		expect(value && !strcmp(value, "2"));
	}
	if (fw_ini_rebrand(ini, "TST0000000001", "name", &err)) {
		expect_reason(&err);
	} else {
		value = fw_ini_psid(ini);
		expect(value && !strcmp(value, "TST0000000001"));
	}
}

/* As a file, in whatever encoding: refused, or a text with a key that is UTF-8 if that was UTF-16.
 */
static void file(const uint8_t *data, size_t size)
{
	struct fw_ini ini;
	struct cx_err err;

	if (fw_ini_parse_file(data, size, &ini, &err)) {
		expect_reason(&err);
		return;
	}
	expect(ini.entries && strlen(ini.text) == ini.len);
	fw_ini_free(&ini);
}

/* No more keys than this are in it. */
static size_t equal_signs(const uint8_t *data, size_t size)
{
	size_t n = 0;

	while (size--)
		n += data[size] == '=';
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t text = size;
	struct fw_ini ini;
	struct cx_err err;

	file(data, size);
	while (text && !data[text - 1])
		text--;
	if (fw_ini_read((const char *)data, size, &ini, &err)) {
		expect_reason(&err);
		expect(text > FW_INI_MAX || equal_signs(data, text) > FW_INI_KEYS);
		return 0;
	}
	expect(ini.len == text && (!text || !memcmp(ini.text, data, text)));
	fw_ini_free(&ini);
	if (fw_ini_parse((const char *)data, size, &ini, &err)) {
		expect_reason(&err);
		return 0;
	}
	change(&ini);
	fw_ini_free(&ini);
	return 0;
}
