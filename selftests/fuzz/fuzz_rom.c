// SPDX-License-Identifier: GPL-2.0-only
#include "fw/image/rom.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fw_roms roms;
	struct cx_err err;
	char text[96];

	if (fw_rom_parse(data, size, &roms, &err)) {
		expect_reason(&err);
		return 0;
	}
	expect(roms.count && roms.count <= FW_MAX_ROMS);
	for (size_t i = 0; i < roms.count; i++)
		expect(strlen(fw_rom_text(&roms.rom[i], text)) < sizeof(text));
	return 0;
}
