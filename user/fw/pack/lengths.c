// SPDX-License-Identifier: GPL-2.0-only
/* The lengths in the headers of ar and cpio archives, held against the bytes that are there. */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lengths.h"

#define AR_MAGIC  8
#define AR_HEADER 60
#define AR_SIZE	  48 /* ten decimal digits, filled up with blanks */

#define CPIO_HEADER 110 /* "070701" or "070702", then 13 numbers of 8 hexadecimal digits */
#define CPIO_NAME   94

/* A number of up to @digits digits; what is no number is 0, which the library refuses or skips. */
static unsigned long long number(const uint8_t *at, size_t digits, int base)
{
	char text[16] = "";

	memcpy(text, at, digits);
	return strtoull(text, NULL, base);
}

bool fw_ar_lengths_fit(const uint8_t *bytes, size_t len)
{
	size_t at = AR_MAGIC;

	while (at < len && len - at >= AR_HEADER) {
		unsigned long long size = number(bytes + at + AR_SIZE, 10, 10);

		at += AR_HEADER;
		if (size > len - at)
			return false;
		at += size + size % 2;
	}
	return true;
}

static bool is_cpio_header(const uint8_t *at)
{
	for (size_t i = 0; i < CPIO_HEADER; i++)
		if (!isxdigit(at[i]))
			return false;
	return true;
}

/* The library looks for the next header where it finds none: each place that may be one is asked.
 */
bool fw_cpio_lengths_fit(const uint8_t *bytes, size_t len)
{
	const uint8_t *end = bytes + len, *at = bytes;

	while ((at = memmem(at, end - at, "07070", 5)) && end - at >= CPIO_HEADER) {
		if (is_cpio_header(at) &&
		    number(at + CPIO_NAME, 8, 16) > (size_t)(end - at) - CPIO_HEADER)
			return false;
		at++;
	}
	return true;
}
