// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any text as a .mlx: it is refused, or it is a release that is written and read again, and that
 * makes the same image both times.
 */
#include "fw/release/release.h"
#include "fuzz.h"

static const char board[] = "[ADAPTER]\nPSID = TST0000000001\n[HCA]\nnum_pfs = 2\n";

static int build(const struct fw_release *rel, struct fw_image *img)
{
	static const struct fw_build_options text_only = {.ini_text_only = true};
	struct fw_ini ini;
	struct cx_err err;
	int rc;

	expect(!fw_ini_parse(board, strlen(board), &ini, &err));
	rc = fw_build(rel, &ini, &text_only, img, &err);
	if (rc) {
		expect_reason(&err);
		rc = fw_build(rel, NULL, &text_only, img, &err);
	}
	fw_ini_free(&ini);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fw_release *rel, *again;
	struct fw_image one, two;
	struct cx_err err;
	size_t len;
	char *text;
	int rc;

	if (fw_mlx_parse((const char *)data, size, &rel, &err)) {
		expect_reason(&err);
		expect(!strncmp(err.text, "line ", 5));
		return 0;
	}
	expect(!fw_mlx_write(rel, &text, &len, &err));
	expect(!fw_mlx_parse(text, len, &again, &err));
	free(text);
	rc = build(rel, &one);
	expect(build(again, &two) == rc);
	if (!rc) {
		expect(one.size == two.size && !memcmp(one.bytes, two.bytes, one.size));
		fw_image_free(&one);
		fw_image_free(&two);
	}
	fw_release_free(rel);
	fw_release_free(again);
	return 0;
}
