// SPDX-License-Identifier: GPL-2.0-only
/* Any three inis, parted by bytes 1: merged, or refused with a reason and the new one as it was. */
#include "fw/board/merge.h"
#include "fuzz.h"

static enum fw_merge_take answer(const struct fw_merge_key *key, void *ctx)
{
	expect(key->section && key->key && (key->base.value || key->oem.value));
	return *(enum fw_merge_take *)ctx;
}

/* What was carried is what the vendor has, when it is done once more. */
static void again(const struct fw_ini *base, const struct fw_ini *oem, struct fw_ini *new)
{
	enum fw_merge_take take = FW_MERGE_OEM;
	struct fw_merged merged;
	struct cx_err err;

	if (fw_ini_merge(base, oem, new, answer, &take, &merged, &err)) {
		expect_reason(&err);
		return;
	}
	expect(!fw_ini_merge(base, oem, new, answer, &take, &merged, &err));
	expect(!merged.carried || fw_ini_psid(oem));
}

static void three(const struct fw_ini *base, const struct fw_ini *oem, const uint8_t *data,
		  size_t size)
{
	enum fw_merge_take take = FW_MERGE_NONE;
	struct fw_merged merged;
	struct fw_ini new;
	struct cx_err err;

	if (fw_ini_parse((const char *)data, size, &new, &err))
		return;
	if (fw_ini_merge(base, oem, &new, answer, &take, &merged, &err)) {
		expect_reason(&err);
		expect(new.len <= size && !memcmp(new.text, data, new.len));
	}
	again(base, oem, &new);
	fw_ini_free(&new);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *a = size ? memchr(data, 1, size) : NULL;
	const uint8_t *b = a ? memchr(a + 1, 1, data + size - a - 1) : NULL;
	struct fw_ini base, oem;
	struct cx_err err;

	if (!b || size > 65536 || fw_ini_parse((const char *)data, a - data, &base, &err))
		return 0;
	if (!fw_ini_parse((const char *)a + 1, b - a - 1, &oem, &err)) {
		three(&base, &oem, b + 1, data + size - b - 1);
		fw_ini_free(&oem);
	}
	fw_ini_free(&base);
	return 0;
}
