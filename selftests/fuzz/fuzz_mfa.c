// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as an MFA bundle. A CRC32 that a fuzzer cannot guess would hide the rest, so the last
 * word is made right, but for inputs of odd length.
 */
#include <zlib.h>

#include "fw/pack/mfa.h"
#include "fuzz.h"

#define MAX	   (4u << 20)
#define MAX_IMAGES 1000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	struct fw_mfa mfa;
	struct cx_err err;
	uint32_t crc;

	if (size)
		memcpy(copy, data, size);
	if (size >= 4 && !(size & 1)) {
		crc = crc32(0, copy, size - 4);
		for (int i = 0; i < 4; i++)
			copy[size - 4 + i] = crc >> (24 - 8 * i);
	}
	if (fw_mfa_parse(copy, size, MAX, MAX_IMAGES, &mfa, &err)) {
		expect_reason(&err);
		free(copy);
		return 0;
	}
	expect(mfa.images <= MAX_IMAGES && mfa.unpacked <= MAX);
	for (size_t i = 0; i < mfa.images; i++) {
		uint8_t sum = 0;

		expect(mfa.image[i].psid[0] && mfa.image[i].len);
		for (size_t at = 0; at < mfa.image[i].len && at < 4096; at++)
			sum += mfa.image[i].bytes[at] +
			       mfa.image[i].bytes[mfa.image[i].len - 1 - at];
		(void)sum;
	}
	fw_mfa_free(&mfa);
	free(copy);
	return 0;
}
