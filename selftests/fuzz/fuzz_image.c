// SPDX-License-Identifier: GPL-2.0-only
/*
 * Images: taking apart, verifying, sealing, changing. Sealing gives every input that can be taken
 * apart right CRCs, so that what is behind them is reached too.
 */
#include "fw/image/edit.h"
#include "fw/image/verify.h"
#include "fuzz.h"

static void use(const struct fw_image *img)
{
	struct cx_err err;
	size_t len;
	char *text;

	fw_verify(img, FW_CHIP_UNKNOWN, 0x200000, NULL, NULL);
	if (fw_fits_chip(img, FW_CHIP_CONNECTX2, 0xb0, &err))
		expect_reason(&err);
	if (fw_image_ini(img, &text, &len, &err)) {
		expect_reason(&err);
		return;
	}
	expect(text[len] == '\0');
	free(text);
}

/* To have the identity one has changes nothing, but that whole-image CRCs without GUIDs are blank.
 */
static void change_identity(struct fw_image *img)
{
	struct fw_identity id = img->id;
	struct cx_err err;
	uint8_t *before = malloc(img->size);

	expect(before);
	memcpy(before, img->bytes, img->size);
	expect(!fw_image_set_identity(img, &id, &err));
	expect(id.blank || !memcmp(before, img->bytes, img->size));
	expect(!fw_image_sound(img, &err));
	free(before);
}

static void change_rom(struct fw_image *img)
{
	static const uint8_t rom[509] = {0x55, 0xaa, 1};
	size_t sections = img->sections;
	struct cx_err err;

	if (fw_image_set_rom(img, rom, sizeof(rom), &err)) {
		expect_reason(&err);
		expect(err.status == CX_REFUSED || err.status == CX_INVALID);
		return;
	}
	expect(!fw_image_sound(img, &err));
	expect(img->sections == sections || img->sections == sections + 1);
	expect(fw_image_find(img, FW_ROM, 0));
	sections = img->sections;
	expect(!fw_image_set_rom(img, NULL, 0, &err));
	expect(!fw_image_sound(img, &err));
	expect(img->sections == sections - 1);
	expect(!fw_image_find(img, FW_ROM, 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fw_image img, sealed;
	struct cx_err err;

	if (fw_image_parse(data, size, &img, &err)) {
		expect_reason(&err);
		return 0;
	}
	use(&img);
	expect(!fw_image_seal(img.bytes, img.size, img.info_addr, img.guid_addr, &sealed, &err));
	fw_image_free(&img);
	expect(!fw_image_sound(&sealed, &err));
	use(&sealed);
	change_identity(&sealed);
	change_rom(&sealed);
	fw_image_free(&sealed);
	return 0;
}
