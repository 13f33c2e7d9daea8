// SPDX-License-Identifier: GPL-2.0-only
/* Text as editors and shells leave it. */
#include "text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CURE "save it anew as plain text in UTF-8"

enum fw_encoding fw_text_encoding(const uint8_t *bytes, size_t len, size_t *mark)
{
	static const struct {
		uint8_t bytes[4], len;
		enum fw_encoding encoding;
	} marks[] = {
		{{0xff, 0xfe, 0, 0}, 4, FW_TEXT_UTF32},	 {{0, 0, 0xfe, 0xff}, 4, FW_TEXT_UTF32},
		{{0xff, 0xfe}, 2, FW_TEXT_UTF16_LITTLE}, {{0xfe, 0xff}, 2, FW_TEXT_UTF16_BIG},
		{{0xef, 0xbb, 0xbf}, 3, FW_TEXT_BYTES},
	};
	unsigned int zeros = 0;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		*mark = marks[i].len;
		if (len >= *mark && !memcmp(bytes, marks[i].bytes, *mark))
			return marks[i].encoding;
	}
	*mark = 0;
	for (size_t i = 0; i < 4 && i < len; i++)
		zeros |= !bytes[i] << i;
	if (len >= 4 && (zeros == 0xe || zeros == 0x7))
		return FW_TEXT_UTF32;
	if (len >= 4 && zeros == 0xa)
		return FW_TEXT_UTF16_LITTLE;
	return len >= 4 && zeros == 0x5 ? FW_TEXT_UTF16_BIG : FW_TEXT_BYTES;
}

size_t fw_utf8(const char *text, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const uint8_t *c = (const uint8_t *)text;
	size_t len = c[0] < 0x80   ? 1
		     : c[0] < 0xc2 ? 0
		     : c[0] < 0xe0 ? 2
		     : c[0] < 0xf0 ? 3
		     : c[0] < 0xf5 ? 4
				   : 0;

	*code = len > 1 ? c[0] & (0xff >> (len + 1)) : c[0];
	for (size_t i = 1; i < len; i++) {
		if ((c[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (c[i] & 0x3f);
	}
	if (!len || *code < least[len] || (*code >= 0xd800 && *code < 0xe000) || *code > 0x10ffff)
		return 0;
	return len;
}

/* ---- UTF-16 ---- */

static uint32_t unit(const uint8_t *bytes, bool big)
{
	return bytes[big] | bytes[!big] << 8;
}

static char *put_utf8(char *to, uint32_t code)
{
	if (code < 0x80) {
		*to++ = code;
		return to;
	}
	if (code < 0x800) {
		*to++ = 0xc0 | code >> 6;
	} else if (code < 0x10000) {
		*to++ = 0xe0 | code >> 12;
		*to++ = 0x80 | (code >> 6 & 0x3f);
	} else {
		*to++ = 0xf0 | code >> 18;
		*to++ = 0x80 | (code >> 12 & 0x3f);
		*to++ = 0x80 | (code >> 6 & 0x3f);
	}
	*to++ = 0x80 | (code & 0x3f);
	return to;
}

/* @to has room for three bytes for each unit. -1: half a pair, on line *@line. */
static int decode(const uint8_t *bytes, size_t units, bool big, char *to, size_t *len,
		  unsigned int *line)
{
	char *at = to;

	for (*line = 1; units; units--, bytes += 2) {
		uint32_t code = unit(bytes, big), low;

		if (code >= 0xd800 && code < 0xe000) {
			low = units > 1 ? unit(bytes + 2, big) : 0;
			if (code >= 0xdc00 || low < 0xdc00 || low >= 0xe000)
				return -1;
			code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
			bytes += 2;
			units--;
		}
		*line += code == '\n';
		at = put_utf8(at, code);
	}
	*at = '\0';
	*len = at - to;
	return 0;
}

static int from_utf16(const uint8_t *bytes, size_t len, bool big, char **text, size_t *text_len,
		      struct cx_err *err)
{
	unsigned int line;

	if (len % 2)
		return cx_fail(
			err, CX_INVALID,
			"text in UTF-16 that ends in the middle of a character: cut short, or "
			"a program without UTF-16 has written to it; " CURE);
	*text = malloc(len / 2 * 3 + 1);
	if (!*text)
		return cx_fail(err, CX_FAILED, "out of memory");
	if (!decode(bytes, len / 2, big, *text, text_len, &line))
		return 0;
	free(*text);
	return cx_fail(
		err, CX_INVALID,
		"line %u: half of a pair of UTF-16, in a text that is UTF-16 otherwise; " CURE,
		line);
}

/* ---- line ends ---- */

/* The CR that ends no line: neither at the end nor followed by CRs and an LF. */
static const char *lone_cr(const char *text, size_t len)
{
	const char *end = text + len, *cr = text, *next;

	while ((cr = memchr(cr, '\r', end - cr))) {
		for (next = cr; next < end && *next == '\r';)
			next++;
		if (next < end && *next != '\n')
			return cr;
		cr = next;
	}
	return NULL;
}

static unsigned int line_of(const char *text, const char *at)
{
	unsigned int line = 1;

	while (text < at)
		line += *text++ == '\n';
	return line;
}

static int mend_lines(char *text, size_t len, const char **was, struct cx_err *err)
{
	const char *cr = lone_cr(text, len);

	if (!cr)
		return 0;
	if (memchr(text, '\n', len))
		return cx_fail(
			err, CX_INVALID,
			"line %u: a carriage return in the middle of the line: some lines end "
			"in CR alone, others do not; " CURE,
			line_of(text, cr));
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\r')
			text[i] = '\n';
	*was = *was ? "UTF-16 with line ends of CR alone" : "a text with line ends of CR alone";
	return 0;
}

/* ---- all of it ---- */

static int copy(const uint8_t *bytes, size_t len, char **text, size_t *text_len, struct cx_err *err)
{
	*text = malloc(len + 1);
	if (!*text)
		return cx_fail(err, CX_FAILED, "out of memory");
	if (len)
		memcpy(*text, bytes, len);
	(*text)[len] = '\0';
	*text_len = len;
	return 0;
}

/* Zeros at the end are padding; elsewhere somebody has appended UTF-16 to bytes. */
static int check_zeros(const char *text, size_t len, struct cx_err *err)
{
	const char *zero;

	while (len && !text[len - 1])
		len--;
	zero = memchr(text, '\0', len);
	if (!zero)
		return 0;
	return cx_fail(err, CX_INVALID,
		       "line %u: NUL bytes in a text: from there on it may be UTF-16, as "
		       "PowerShell's >> appends; " CURE,
		       line_of(text, zero));
}

int fw_text_plain(const uint8_t *bytes, size_t len, char **text, size_t *text_len, const char **was,
		  struct cx_err *err)
{
	size_t mark;
	enum fw_encoding encoding = fw_text_encoding(bytes, len, &mark);
	int rc;

	*was = NULL;
	if (encoding == FW_TEXT_UTF32)
		return cx_fail(err, CX_INVALID, "text in UTF-32; " CURE);
	if (encoding == FW_TEXT_BYTES) {
		rc = copy(bytes, len, text, text_len, err);
	} else {
		*was = "UTF-16, as PowerShell's > writes";
		rc = from_utf16(bytes + mark, len - mark, encoding == FW_TEXT_UTF16_BIG, text,
				text_len, err);
	}
	if (rc)
		return -1;
	if (!check_zeros(*text, *text_len, err) && !mend_lines(*text, *text_len, was, err))
		return 0;
	free(*text);
	return -1;
}

/* ---- what stands for ASCII ---- */

static const struct dressed {
	uint16_t code;
	uint8_t windows; /* in code page 1252; 0: not there */
	const char *name;
} dresses[] = {
	{0x2018, 0x91, "a curly quote"},
	{0x2019, 0x92, "a curly quote"},
	{0x201a, 0x82, "a curly quote"},
	{0x201c, 0x93, "a curly quote"},
	{0x201d, 0x94, "a curly quote"},
	{0x201e, 0x84, "a curly quote"},
	{0x00ab, 0, "an angle quote"},
	{0x00bb, 0, "an angle quote"},
	{0x2013, 0x96, "a dash"},
	{0x2014, 0x97, "a dash"},
	{0x2011, 0, "a dash"},
	{0x2212, 0, "a minus sign"},
	{0x00a0, 0xa0, "a no-break space"},
	{0x202f, 0, "a no-break space"},
	{0x200b, 0, "a space of no width"},
	{0xfeff, 0, "a byte order mark"},
	{0xff1d, 0, "a wide equals sign"},
};

const char *fw_text_dressed(const char *c, size_t *len, char *buf, size_t size)
{
	uint32_t code;

	*len = fw_utf8(c, &code);
	for (size_t i = 0; i < sizeof(dresses) / sizeof(dresses[0]); i++) {
		const struct dressed *d = &dresses[i];

		if (*len ? code != d->code : !d->windows || (uint8_t)*c != d->windows)
			continue;
		if (*len)
			snprintf(buf, size, "%s (U+%04X)", d->name, d->code);
		else
			snprintf(buf, size, "%s (0x%02x of Windows-1252)", d->name, d->windows);
		*len += !*len;
		return buf;
	}
	return NULL;
}
