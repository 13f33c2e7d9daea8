// SPDX-License-Identifier: GPL-2.0-only
#include "fw/image/rom.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fw_roms roms;
	struct cx_err err;
	char text[96];

	if (fw_rom_parse(data, size, 0x1003, &roms, &err)) {
		expect_reason(&err);
		return 0;
	}
	expect(roms.count <= FW_MAX_ROMS && roms.images <= FW_MAX_ROM_IMAGES);
	for (size_t i = 0; i < roms.images; i++)
		expect(strlen(fw_rom_image_text(&roms.image[i], text)) < sizeof(text) &&
		       roms.image[i].size <= size - roms.image[i].at);
	fw_rom_ids(&roms, text, sizeof(text));
	for (size_t i = 0; i < roms.count; i++)
		expect(strlen(fw_rom_text(&roms.rom[i], text)) < sizeof(text));
	return 0;
}
