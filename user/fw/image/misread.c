// SPDX-License-Identifier: GPL-2.0-only
/* What an SPI programmer, a wrong clip or a shell's > made of a flash: swapped, shifted, or text.
 */
#include "misread.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "fw/text.h"
#include "dump.h"
#include "fw/words.h"

#define FIRST_LINE 60

/* ---- order of the bytes ---- */

/* Where the byte that belongs at @i was put; a word is 4 bytes. */
static size_t reversed4(size_t i)
{
	return i ^ 3;
}

static size_t reversed2(size_t i)
{
	return i ^ 1;
}

static size_t halves(size_t i)
{
	return i ^ 2;
}

static size_t same(size_t i)
{
	return i;
}

static uint8_t mirrored(uint8_t byte)
{
	uint8_t out = 0;

	for (int i = 0; i < 8; i++)
		out |= (byte >> i & 1) << (7 - i);
	return out;
}

static uint8_t inverted(uint8_t byte)
{
	return ~byte;
}

static const struct dress {
	size_t (*place)(size_t i);
	uint8_t (*byte)(uint8_t byte);
	const char *what;
} dresses[] = {
	{reversed4, NULL,
	 "each word of 4 bytes has its bytes reversed; 'objcopy -I binary -O binary "
	 "--reverse-bytes=4 FILE RIGHT' puts them right"},
	{reversed2, NULL,
	 "the two bytes of each pair are swapped; 'dd conv=swab if=FILE of=RIGHT' puts them right"},
	{halves, NULL,
	 "the halves of each word of 4 bytes are swapped; 'objcopy -I binary -O binary "
	 "--reverse-bytes=4 FILE HALF' and then 'dd conv=swab if=HALF of=RIGHT' put them right"},
	{same, mirrored,
	 "the bits of each byte are in reverse order; read the flash with the programmer set to "
	 "most significant bit first"},
	{same, inverted,
	 "every bit is inverted; read the flash with the programmer's data line not inverted"},
};

static bool has_magic_in(const uint8_t *at, const struct dress *d)
{
	uint8_t magic[FW_MAGIC_SIZE];

	for (size_t i = 0; i < FW_MAGIC_SIZE; i++)
		magic[i] = d->byte ? d->byte(at[d->place(i)]) : at[d->place(i)];
	return fw_has_magic(magic);
}

static const char *swapped(const uint8_t *bytes, size_t len)
{
	const uint32_t *start;
	size_t n = fw_start_candidates(FW_CHIP_UNKNOWN, &start);

	for (size_t k = 0; k < sizeof(dresses) / sizeof(dresses[0]); k++)
		for (size_t i = 0; i < n && start[i] + (size_t)FW_MAGIC_SIZE <= len; i++)
			if (has_magic_in(bytes + start[i], &dresses[k]))
				return dresses[k].what;
	return NULL;
}

/* ---- place ---- */

/* The signature stands somewhere, but nowhere that a card looks. */
static bool shifted(const uint8_t *bytes, size_t len, char *buf, size_t size)
{
	for (size_t at = 1; at + FW_MAGIC_SIZE <= len; at++) {
		if (!fw_has_magic(bytes + at))
			continue;
		snprintf(buf, size,
			 "a signature stands at 0x%zx, where no card looks: are there 0x%zx bytes "
			 "too many before it? 'tail -c +%zu FILE' leaves them out",
			 at, at, at + 1);
		return true;
	}
	return false;
}

/* ---- of another generation ---- */

/* Failsafe images of the generation before say so at 0x24; so does each pointer sector, of 64 KiB.
 */
#define FS1_SIGNATURE 0x5a445a44

static bool older(const uint8_t *bytes, size_t len, char *buf, size_t size)
{
	static const uint32_t place[] = {0x24, 0x8, 0x10008, 0x20008};

	for (size_t i = 0; i < sizeof(place) / sizeof(place[0]); i++)
		if (place[i] + 4 <= len && fw_get32(bytes + place[i]) == FS1_SIGNATURE) {
			snprintf(buf, size,
				 "its signature at 0x%x is that of FS1, the images of InfiniHost "
				 "cards; " FW_OURS,
				 place[i]);
			return true;
		}
	return false;
}

/* The generation after began with another signature from some card on. */
static bool later(const uint8_t *bytes, size_t len, char *buf, size_t size)
{
	static const uint8_t fs4[FW_MAGIC_SIZE] = {0x4d, 0x54, 0x46, 0x57, 0xab, 0xcd, 0xef, 0x00,
						   0xfa, 0xde, 0x12, 0x34, 0x56, 0x78, 0xde, 0xad};

	if (len < sizeof(fs4) || memcmp(bytes, fs4, sizeof(fs4)))
		return false;
	snprintf(
		buf, size,
		"its signature is that of FS4, the images of ConnectX-5 and later cards; " FW_OURS);
	return true;
}

/* ---- text ---- */

/* One character of UTF-16 or of bytes; -1: none that is in a text. */
static int character(const uint8_t *bytes, size_t at, bool wide, bool big)
{
	uint8_t low = wide ? bytes[at + big] : bytes[at], high = wide ? bytes[at + !big] : 0;

	/* From 0xf5 on no byte is one of UTF-8. */
	if (high || !low || low == 0x7f || low >= 0xf5 || (low < 0x20 && !strchr("\t\n\r\f", low)))
		return -1;
	return low;
}

static bool is_text(const uint8_t *bytes, size_t len, bool wide, bool big, char *line, size_t size)
{
	size_t step = wide ? 2 : 1, n = 0;
	bool ended = false;

	if (len < 8 * step)
		return false;
	for (size_t at = 0; at + step <= len && at < 4096; at += step) {
		int c = character(bytes, at, wide, big);

		if (c < 0)
			return false;
		ended |= n && (c == '\n' || c == '\r');
		if (!ended && c >= 0x20 && n + 1 < size)
			line[n++] = c;
	}
	line[n] = 0;
	return true;
}

static bool text(const uint8_t *bytes, size_t len, char *buf, size_t size)
{
	size_t mark;
	enum fw_encoding encoding = fw_text_encoding(bytes, len, &mark);
	bool big = encoding == FW_TEXT_UTF16_BIG, wide = big || encoding == FW_TEXT_UTF16_LITTLE;
	char line[FIRST_LINE];

	if (!is_text(bytes + mark, len - mark, wide, big, line, sizeof(line)))
		return false;
	snprintf(buf, size,
		 "it is text%s, a message saved in place of the bytes? It begins: \"%s\"",
		 wide ? " in UTF-16" : "", line);
	return true;
}

const char *fw_misread(const uint8_t *bytes, size_t len, char *buf, size_t size)
{
	const char *what;

	if (older(bytes, len, buf, size) || later(bytes, len, buf, size))
		return buf;
	what = swapped(bytes, len);
	if (what)
		snprintf(buf, size, "%s", what);
	return what || shifted(bytes, len, buf, size) || text(bytes, len, buf, size) ? buf : NULL;
}
