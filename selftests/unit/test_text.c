// SPDX-License-Identifier: GPL-2.0-only
/* Texts in every encoding that editors and shells leave, whole and damaged. */
#include "fw/text.h"

#include <stdlib.h>

#include "tap.h"

#define TEXT "[A]\nb = \xc3\xa9\xe2\x82\xac\xf0\x9f\x99\x82\n" /* of two, three and four bytes */

static const uint16_t units[] = {'[', 'A',  ']',    '\n',   'b',    ' ', '=',
				 ' ', 0xe9, 0x20ac, 0xd83d, 0xde42, '\n'};

/* TEXT in UTF-16 from @to on; returns its length. */
static size_t put(uint8_t *to, bool big)
{
	size_t n = sizeof(units) / sizeof(units[0]);

	for (size_t i = 0; i < n; i++) {
		to[2 * i + !big] = units[i] >> 8;
		to[2 * i + big] = units[i];
	}
	return 2 * n;
}

/* @bytes become @want, or a refusal that says @says. Copied, so that a read beyond the end is seen.
 */
static void case_is(const char *name, const void *bytes, size_t len, const char *want,
		    const char *was, const char *says)
{
	uint8_t *exact = malloc(len ? len : 1);
	struct cx_err err = {0};
	const char *it_was = "";
	char *text = NULL;
	size_t got = 0;
	int rc;

	memcpy(exact, bytes, len);
	rc = fw_text_plain(exact, len, &text, &got, &it_was, &err);
	free(exact);
	if (says) {
		if (!ok(rc && err.status == CX_INVALID, "%s is refused", name))
			free(text);
		has_str(err.text, says, "  and says why");
		return;
	}
	if (!ok(!rc, "%s %s", name, err.text))
		return;
	ok(got == strlen(want) && !memcmp(text, want, got + 1), "  is the text");
	if (was)
		has_str(it_was ? it_was : "nothing", was, "  and what it was");
	else
		ok(!it_was, "  and nothing was changed");
	free(text);
}

#define IS(name, bytes, want, was) case_is(name, bytes, sizeof(bytes) - 1, want, was, NULL)
#define NO(name, bytes, says)	   case_is(name, bytes, sizeof(bytes) - 1, NULL, NULL, says)

static void utf16(void)
{
	uint8_t buf[80];

	for (int big = 0; big < 2; big++) {
		size_t len;

		memcpy(buf, big ? "\xfe\xff" : "\xff\xfe", 2);
		len = 2 + put(buf + 2, big);
		case_is("UTF-16 with a mark", buf, len, TEXT, "UTF-16", NULL);
		case_is("and without", buf + 2, len - 2, TEXT, "UTF-16", NULL);
		case_is("an odd number of bytes", buf, len - 1, NULL, NULL,
			"ends in the middle of a character");
		case_is("half a pair at the end", buf, len - 4, NULL, NULL,
			"line 2: half of a pair");
		memcpy(buf + len - 6, buf + len - 4, 4);
		case_is("the other half alone", buf, len - 2, NULL, NULL, "line 2: half of a pair");
		case_is("nothing but the mark", buf, 2, "", "UTF-16", NULL);
		buf[8] = buf[9] = 0;
		case_is("a NUL in it", buf, 20, NULL, NULL, "line 1: NUL bytes");
	}
	/* Every length of a cut gives a shorter text or a refusal. */
	put(buf, false);
	for (size_t len = 0; len <= 26; len++) {
		struct cx_err err = {0};
		uint8_t *exact = malloc(len ? len : 1);
		const char *was;
		char *text = NULL;
		size_t got;

		memcpy(exact, buf, len);
		if (fw_text_plain(exact, len, &text, &got, &was, &err)) {
			ok(err.status == CX_INVALID && *err.text, "cut at %zu: %s", len, err.text);
		} else {
			ok(got <= strlen(TEXT), "cut at %zu is shorter", len);
			free(text);
		}
		free(exact);
	}
}

static size_t plain_len(const char *bytes, size_t len)
{
	struct cx_err err;
	const char *was;
	char *text;

	if (fw_text_plain((const uint8_t *)bytes, len, &text, &len, &was, &err))
		return 0;
	free(text);
	return len;
}

static void bytes(void)
{
	IS("UTF-8", TEXT, TEXT, NULL);
	IS("UTF-8 with a mark keeps it", "\xef\xbb\xbf[A]\n", "\xef\xbb\xbf[A]\n", NULL);
	IS("Latin-1", "; \xe9\n", "; \xe9\n", NULL);
	IS("no text", "", "", NULL);
	IS("one letter", "x", "x", NULL);
	NO("UTF-32 with a mark", "\xff\xfe\0\0[\0\0\0", "UTF-32; save");
	NO("the other one", "\0\0\xfe\xff\0\0\0[", "UTF-32");
	NO("UTF-32 without", "[\0\0\0A\0\0\0", "UTF-32");
	NO("the other one", "\0\0\0[\0\0\0A", "UTF-32");
	NO("UTF-16 behind bytes", "[A]\nb=1\nc\0=\0002\0\n\0",
	   "line 3: NUL bytes in a text: from there");
	ok(plain_len("[A]\n\0\0", 6) == 6, "zeros at the end are left to whoever reads them");
}

static void lines(void)
{
	IS("CR alone", "[A]\rb=1\r", "[A]\nb=1\n", "line ends of CR alone");
	IS("CR and LF", "[A]\r\nb=1\r\n", "[A]\r\nb=1\r\n", NULL);
	IS("CR twice and LF", "[A]\r\r\nb=1\r\r\n", "[A]\r\r\nb=1\r\r\n", NULL);
	IS("cut before the LF", "[A]\r\nb=1\r", "[A]\r\nb=1\r", NULL);
	NO("some of this and some of that", "[A]\nb=1\n; x\rc=2\n",
	   "line 3: a carriage return in the middle");
	IS("CR alone in UTF-16", "[\0A\0]\0\r\0b\0", "[A]\nb", "UTF-16 with line ends of CR alone");
}

/* Every character there is comes through UTF-16 and back, but for the halves of pairs. */
static void all_characters(void)
{
	unsigned int bad = 0;

	for (uint32_t c = 1; c <= 0x10ffff; c += c < 0x3000 ? 1 : 61) {
		uint8_t wide[10] = {0xff, 0xfe, 'x', 0};
		size_t len = 6, text_len, n;
		struct cx_err err;
		const char *was;
		char *text;
		uint32_t code;

		if (c == '\r')
			continue;
		if (c < 0x10000) {
			wide[4] = c;
			wide[5] = c >> 8;
		} else {
			uint32_t high = 0xd800 + ((c - 0x10000) >> 10), low = 0xdc00 + (c & 0x3ff);

			wide[4] = high;
			wide[5] = high >> 8;
			wide[6] = low;
			wide[7] = low >> 8;
			len = 8;
		}
		if (fw_text_plain(wide, len, &text, &text_len, &was, &err)) {
			bad += c < 0xd800 || c >= 0xe000;
			continue;
		}
		n = fw_utf8(text + 1, &code);
		bad += (c >= 0xd800 && c < 0xe000) || n != text_len - 1 || code != c;
		free(text);
	}
	is_int(bad, 0, "every character is what it was");
}

static void dressed(void)
{
	static const struct {
		const char *text, *says;
		size_t len;
	} cases[] = {
		{"\xe2\x80\x9cx", "a curly quote (U+201C)", 3},
		{"\xe2\x80\x99", "a curly quote (U+2019)", 3},
		{"\xc2\xa0", "a no-break space (U+00A0)", 2},
		{"\xe2\x80\x93", "a dash (U+2013)", 3},
		{"\xef\xbb\xbf", "a byte order mark (U+FEFF)", 3},
		{"\x93x", "a curly quote (0x93 of Windows-1252)", 1},
		{"\xa0", "a no-break space (0xa0 of Windows-1252)", 1},
		{"\"", NULL, 0},
		{"x", NULL, 0},
		{"", NULL, 0},
		{"\xc3\xa9", NULL, 0},
		{"\xe9", NULL, 0},
		{"\xe2\x80", NULL, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char buf[64];
		size_t len;
		const char *got = fw_text_dressed(cases[i].text, &len, buf, sizeof(buf));

		if (!cases[i].says) {
			ok(!got, "no dress: %zu", i);
			continue;
		}
		is_str(got, cases[i].says, "named: %zu", i);
		is_int(len, cases[i].len, "  and its length");
	}
}

int main(void)
{
	utf16();
	bytes();
	lines();
	all_characters();
	dressed();
	return tap_done();
}
