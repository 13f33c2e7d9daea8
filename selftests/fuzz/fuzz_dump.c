// SPDX-License-Identifier: GPL-2.0-only
/*
 * Flash dumps. The first bytes choose chip, length and where the second half of the rest is laid,
 * so that a short input makes a flash with two slots; behind a first byte of ff the rest is the
 * flash as it is.
 */
#include "fw/image/verify.h"
#include "fuzz.h"

#define FLASH (256u << 10)

static const uint32_t at[] = {0x10000, 0x20000, 4, 0x30000};
static const enum fw_chip chips[] = {FW_CHIP_UNKNOWN, FW_CHIP_CONNECTX2, FW_CHIP_CONNECTX3PRO};

static void use(const uint8_t *flash, size_t len, const struct fw_slot *slot)
{
	const struct fw_image *img = &slot->img;
	uint8_t word[4];

	if (slot->state) {
		expect_reason(&slot->why);
		return;
	}
	expect(img->size <= len);
	fw_verify(img, FW_CHIP_UNKNOWN, len, NULL, NULL);
	if (!fw_gather(flash, len, slot->start, img->chunk_log2, 0, word, 4))
		expect(!memcmp(word, img->bytes, 4));
}

static void parse(const uint8_t *flash, size_t len, enum fw_chip chip)
{
	struct fw_dump dump;
	struct cx_err err;

	if (fw_dump_parse(flash, len, chip, &dump, &err)) {
		expect_reason(&err);
		return;
	}
	for (size_t i = 0; i < dump.slots; i++)
		use(flash, len, &dump.slot[i]);
	fw_dump_free(&dump);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t half, len;
	uint8_t *flash;

	if (size < 4)
		return 0;
	if (data[0] == 0xff) {
		parse(data + 1, size - 1, FW_CHIP_UNKNOWN);
		return 0;
	}
	half = (size - 4) / 2;
	if (half > 0x10000)
		half = 0x10000;
	len = FLASH - (data[2] | data[3] << 8) * 4;
	flash = malloc(FLASH);
	expect(flash);
	memset(flash, 0xff, FLASH);
	memcpy(flash, data + 4, half);
	memcpy(flash + at[data[1] % 4], data + 4 + half, half);
	/* exactly so long, for the sanitizer */
	flash = realloc(flash, len ? len : 1);
	expect(flash);
	parse(flash, len, chips[data[0] % 3]);
	free(flash);
	return 0;
}
