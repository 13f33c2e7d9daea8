// SPDX-License-Identifier: GPL-2.0-only
#include "fw/image/crc.h"
#include "fs2_make.h"
#include "tap.h"

/* A section of placeholder GUIDs and its stored CRC, from a real image (fs2-image 12, 18). */
static void golden(void)
{
	static const uint8_t guids[] = {
		0, 0, 0,    6, 0,    0, 0,    12,   0, 0, 0,	0, 0,	 1, 0xd1, 0x90, /* header */
		0, 2, 0xc9, 0, 1,    0, 0xd0, 0x50, 0, 2, 0xc9, 0, 1,	 0, 0xd0, 0x51,
		0, 2, 0xc9, 0, 1,    0, 0xd0, 0x52, 0, 2, 0xc9, 0, 1,	 0, 0xd0, 0x50,
		0, 0, 0,    2, 0xc9, 0, 0,    1,    0, 0, 0,	2, 0xc9, 0, 0,	  2,
	};

	is_int(fw_crc(guids, sizeof(guids)), 0x024d, "the GUID section of a real image");
}

static void against_bitwise(const uint8_t *bytes)
{
	size_t wrong = 0;

	for (size_t len = 0; len <= 1024; len += 4)
		wrong += fw_crc(bytes + len / 4, len) != fs2_crc(bytes + len / 4, len);
	is_int(wrong, 0, "equals the bitwise one for every length up to 1024, at any alignment");
}

static void in_pieces(const uint8_t *bytes)
{
	size_t wrong = 0;

	for (size_t cut = 0; cut <= 512; cut += 4) {
		uint16_t crc = fw_crc_feed(FW_CRC_INIT, bytes, cut);

		crc = fw_crc_finish(fw_crc_feed(crc, bytes + cut, 512 - cut));
		wrong += crc != fw_crc(bytes, 512);
	}
	is_int(wrong, 0, "a CRC fed in two pieces is that of the whole");
}

static void detects(uint8_t *bytes)
{
	uint16_t right = fw_crc(bytes, 256);
	size_t missed = 0;

	for (size_t bit = 0; bit < 256 * 8; bit++) {
		bytes[bit / 8] ^= 0x80 >> bit % 8;
		missed += fw_crc(bytes, 256) == right;
		bytes[bit / 8] ^= 0x80 >> bit % 8;
	}
	is_int(missed, 0, "every single flipped bit of 256 bytes changes it");

	for (size_t at = 0; at + 2 <= 256; at++)
		for (unsigned int burst = 1; burst < 0x10000; burst += 257) {
			bytes[at] ^= burst >> 8;
			bytes[at + 1] ^= burst;
			missed += fw_crc(bytes, 256) == right;
			bytes[at] ^= burst >> 8;
			bytes[at + 1] ^= burst;
		}
	is_int(missed, 0, "and so do bursts of up to 16 bits");
}

int main(void)
{
	uint8_t bytes[2048];
	uint32_t seed = 1;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = fs2_rand(&seed);
	golden();
	is_int(fw_crc(bytes, 0), fs2_crc(bytes, 0), "of nothing");
	against_bitwise(bytes);
	in_pieces(bytes);
	detects(bytes);
	return tap_done();
}
