// SPDX-License-Identifier: GPL-2.0-only
/* The ini parser, and that a change touches its line only. */
#include "fw/board/ini.h"
#include "tap.h"

#include <stdlib.h>

static const char board[] = "\xef\xbb\xbf;; made by nobody\r\n"
			    "[PS_INFO]\r\n"
			    "Name = A; B  \r\n"
			    "Description=x = y\r\n"
			    "\r\n"
			    "  [ADAPTER]  \r\n"
			    "PSID\t=\tTST0000000001\r\n"
			    "# another comment\r\n"
			    "// and another\r\n"
			    "empty =\r\n"
			    "gpio = 0x0Ff\r\n"
			    "[HCA]\n"
			    "gpio = 1";

static struct fw_ini take(const char *text)
{
	struct fw_ini ini;
	struct cx_err err;

	if (fw_ini_parse(text, strlen(text), &ini, &err)) {
		ok(false, "parses: %s", err.text);
		exit(tap_done());
	}
	return ini;
}

static void test_read(void)
{
	struct fw_ini ini = take(board);

	is_int(ini.entries, 6, "six keys");
	is_str(fw_ini_get(&ini, "PS_INFO", "name"), "A; B", "key without case, ';' is text inside");
	is_str(fw_ini_get(&ini, "PS_INFO", "Description"), "x = y", "'=' is text inside");
	ok(!fw_ini_get(&ini, "ps_info", "Name"), "section with case");
	is_str(fw_ini_get(&ini, "ADAPTER", "empty"), "", "an empty value");
	is_str(fw_ini_get(&ini, "HCA", "gpio"), "1", "no line end at the end");
	is_str(fw_ini_psid(&ini), "TST0000000001", "PSID");
	is_int(ini.entry[2].line, 7, "line numbers count from 1");
	ok(ini.len == strlen(board) && !memcmp(ini.text, board, ini.len), "text byte for byte");
	fw_ini_free(&ini);
}

static void test_psid_places(void)
{
	static const struct {
		const char *text, *psid;
	} cases[] = {
		{"[PSID]\nPSID=A1\n", "A1"},
		{"[ADAPTER]\npsid=A2\n", "A2"},
		{"[image_info]\npsid=A3\n", "A3"},
		{"[image_info]\npsid=A4\n[ADAPTER]\nPSID=A4\n", "A4"},
		{"[HCA]\nPSID=A5\n", NULL},
		{"[PSID]\nPSID=ABCDEFGHIJKLMNOP\n", "ABCDEFGHIJKLMNOP"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fw_ini ini = take(cases[i].text);
		const char *psid = fw_ini_psid(&ini);

		ok(cases[i].psid ? psid && !strcmp(psid, cases[i].psid) : !psid, "PSID place %zu",
		   i);
		fw_ini_free(&ini);
	}
}

static void test_refusals(void)
{
	static const struct {
		const char *text;
		size_t len;
		const char *says;
	} cases[] = {
#define CASE(text, says) {text, sizeof(text) - 1, says}
		CASE("a = 1\n[A]\n", "line 1: a key before"),
		CASE("[A]\n\nwhat is this\n", "line 3: neither"),
		CASE("[A\nb = 1\n", "line 1: neither"),
		CASE("[]\n", "line 1: neither"),
		CASE("[A] ; why\n", "line 1: neither"),
		CASE("[A]\n = 1\n", "line 2: neither"),
		CASE("[A]\nb = 1\nc = 2\nB = 2\n", "line 4: A.B is '2' here and '1' on line 2"),
		CASE("[A]\nb = 1\n[C]\n[A]\nb = 2\n", "line 5: A.b is '2' here"),
		CASE("[A]\nb = 1\0\n", "line 2: neither"),
		CASE("[A]\nb = 1\001\n", "line 2: neither"),
		CASE("[A]\nb\xff = 1\n", "line 2: neither"),
		CASE("[ADAPTER]\nPSID =\n", "line 2: the PSID ''"),
		CASE("[ADAPTER]\nPSID = ABCDEFGHIJKLMNOPQ\n", "line 2: the PSID 'ABC"),
		CASE("[ADAPTER]\nPSID = A B\n", "line 2: the PSID 'A B'"),
		CASE("", "there is no key"),
		CASE("\xef\xbb\xbf; nothing\n[ADAPTER]\n", "there is no key"),
		CASE("[ADAPTER]\nPSID = \xe4\n",
		     "line 2: the value of PSID holds the byte 0xe4, which is no UTF-8"),
		CASE("[A]\nName = caf\xe9 noir\n", "'iconv -f WINDOWS-1252 -t UTF-8'"),
		CASE("[ADAPTER]\nPSID = \xc3\xa4\n", "line 2: the PSID"),
		CASE("[A]\nb = \xe2\x80\x9c"
		     "1\xe2\x80\x9d\n",
		     "line 2: the value of b begins with a curly quote (U+201C); type it in plain "
		     "ASCII"),
		CASE("[A]\nb = 1\xc2\xa0\n",
		     "line 2: the value of b ends with a no-break space (U+00A0)"),
		CASE("[A]\nb = \x93"
		     "1\x94\n",
		     "begins with a curly quote (0x93 of Windows-1252)"),
		CASE("[A]\n\nb\xc2\xa0= 1\n",
		     "line 3: neither [SECTION] nor key = value nor ; comment; it "
		     "holds a no-break space (U+00A0), type it"),
		CASE("[\xe2\x80\x98"
		     "A]\n",
		     "line 1: neither [SECTION] nor key = value nor ; comment; it holds a curly"),
		CASE("[PSID]\nPSID=A\n[ADAPTER]\nPSID=B\n",
		     "line 4: PSID 'B' here and 'A' on line 2"),
#undef CASE
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fw_ini ini;
		struct cx_err err = {0};

		if (!ok(fw_ini_parse(cases[i].text, cases[i].len, &ini, &err), "refusal %zu", i)) {
			fw_ini_free(&ini);
			continue;
		}
		is_int(err.status, CX_INVALID, "  status");
		has_str(err.text, cases[i].says, "  says why");
		ok(!fw_ini_read(cases[i].text, cases[i].len, &ini, &err), "  read as found");
		has_str(ini.doubt, cases[i].says, "  with that doubt");
		fw_ini_free(&ini);
	}
}

static void test_as_found(void)
{
	static const char text[] = "[A]\nb = 1\nb = 2\nrubbish\nc = 3\n\0\0";
	struct fw_ini ini;
	struct cx_err err;

	ok(!fw_ini_read(text, sizeof(text), &ini, &err), "a doubtful text is read");
	is_str(fw_ini_get(&ini, "A", "b"), "2", "of a key stated twice the last counts");
	is_str(fw_ini_get(&ini, "A", "c"), "3", "what follows rubbish is read");
	is_int(ini.len, strlen(text), "NUL bytes at the end are dropped");
	fw_ini_free(&ini);

	ok(!fw_ini_parse("[A]\nb = 1\nB = 1\n", 16, &ini, &err),
	   "twice the same is no contradiction");
	fw_ini_free(&ini);
}

/* Files as people make them: what is read surely is read, and how it was is told. */
static void test_files(void)
{
	static const char wide[] = "\xff\xfe[\0A\0]\0\r\0\n\0b\0=\0001\0\r\0\n\0";
	struct fw_ini ini;
	struct cx_err err = {0};

	if (ok(!fw_ini_parse_file((const uint8_t *)wide, sizeof(wide) - 1, &ini, &err), "UTF-16 %s",
	       err.text)) {
		is_str(ini.text, "[A]\r\nb=1\r\n", "  is the text");
		has_str(ini.was, "UTF-16", "  and tells so");
		ok(!fw_ini_set(&ini, "A", "b", "2", &err) && ini.was, "  also when it was changed");
		fw_ini_free(&ini);
	}
	if (ok(!fw_ini_parse_file((const uint8_t *)board, sizeof(board) - 1, &ini, &err),
	       "plain")) {
		ok(!ini.was && ini.len == sizeof(board) - 1, "  stays as it is");
		fw_ini_free(&ini);
	}
	ok(fw_ini_read_file((const uint8_t *)wide, sizeof(wide) - 2, &ini, &err) &&
		   err.status == CX_INVALID,
	   "a file cut short is no doubt, but no text");
	ok(!fw_ini_parse("[PS_INFO]\nName = Dell\xe2\x80\x99s\n; \x93 \xe9\n", 32, &ini, &err),
	   "inside a value, and in a comment, a curly quote is text");
	fw_ini_free(&ini);
}

/* An ini without a key is none, but may get one. */
static struct fw_ini take_any(const char *text)
{
	struct fw_ini ini;
	struct cx_err err;

	if (fw_ini_read(text, strlen(text), &ini, &err))
		abort();
	return ini;
}

static void set_is(const char *text, const char *section, const char *key, const char *value,
		   const char *want)
{
	struct fw_ini ini = take_any(text);
	struct cx_err err = {0};

	if (ok(!fw_ini_set(&ini, section, key, value, &err), "set %s.%s %s", section, key,
	       err.text))
		is_str(ini.text, want, "  the text");
	is_str(fw_ini_get(&ini, section, key), value, "  the value");
	fw_ini_free(&ini);
}

static void test_set(void)
{
	set_is("[A]\r\nb =  1 \t\r\nc = 2\r\n", "A", "B", "77", "[A]\r\nb =  77 \t\r\nc = 2\r\n");
	set_is("[A]\nb=\nc=2", "A", "b", "x y", "[A]\nb=x y\nc=2");
	set_is("[A]\nb=1\n\n; end of A\n[C]\nd=1\n", "A", "n", "5",
	       "[A]\nb=1\nn = 5\n\n; end of A\n[C]\nd=1\n");
	set_is("[A]\r\n[C]\r\nd=1\r\n", "A", "n", "5", "[A]\r\nn = 5\r\n[C]\r\nd=1\r\n");
	set_is("[A]\nb=1", "A", "n", "5", "[A]\nb=1\nn = 5\n");
	set_is("[A]\r\nb=1", "D", "n", "5", "[A]\r\nb=1\r\n\r\n[D]\r\nn = 5\r\n");
	set_is("", "D", "n", "", "[D]\nn = \n");
	set_is("[A]\nb=1\nB=1\n", "A", "b", "2", "[A]\nb=2\nB=2\n");
	set_is("[A]\nb=1\n[B]\nb=1\n", "B", "b", "2", "[A]\nb=1\n[B]\nb=2\n");
	set_is("\xef\xbb\xbf", "D", "n", "1", "\xef\xbb\xbf[D]\nn = 1\n");
}

static void test_set_refusals(void)
{
	static const char *const cases[][3] = {
		{"A]", "b", "1"},   {"", "b", "1"},    {"A", "", "1"},	  {"A", "b=c", "1"},
		{"A", " b", "1"},   {"A", ";b", "1"},  {"A", "[b", "1"},  {"A", "b", "1\n[X]"},
		{"A", "b\nc", "1"}, {"A\n", "b", "1"}, {"A", "//b", "1"}, {"A", "b", "1\r"},
	};
	struct fw_ini ini = take("[A]\nb = 1\n[ADAPTER]\nPSID = X1\n");
	char *before = strdup(ini.text);
	struct cx_err err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		err.status = CX_OK;
		ok(fw_ini_set(&ini, cases[i][0], cases[i][1], cases[i][2], &err) &&
			   err.status == CX_USAGE,
		   "set %zu is refused", i);
	}
	ok(fw_ini_set(&ini, "ADAPTER", "PSID", "much too long a PSID", &err) &&
		   err.status == CX_INVALID,
	   "so is a PSID that is none");
	ok(fw_ini_set(&ini, "PSID", "PSID", "X2", &err), "and one that contradicts another place");
	is_str(ini.text, before, "and nothing has changed");
	free(before);
	fw_ini_free(&ini);
}

static void rebrand_is(const char *text, const char *psid, const char *name, const char *want)
{
	struct fw_ini ini = take(text);
	struct cx_err err = {0};

	if (ok(!fw_ini_rebrand(&ini, psid, name, &err), "rebrand to %s %s", psid, err.text))
		is_str(ini.text, want, "  the text");
	is_str(fw_ini_psid(&ini), psid, "  the PSID");
	fw_ini_free(&ini);
}

static void test_rebrand(void)
{
	struct fw_ini ini = take("[ADAPTER]\nPSID = A\n");
	struct cx_err err;

	rebrand_is("[ADAPTER]\r\nPSID = A \r\n[PS_INFO]\r\nName=x\r\n", "DEL09A0000009", NULL,
		   "[ADAPTER]\r\nPSID = DEL09A0000009 \r\n[PS_INFO]\r\nName=x\r\n");
	rebrand_is("[PSID]\nPSID=A\n[ADAPTER]\npsid=A\n[PS_INFO]\nName=x\n", "B", "new name",
		   "[PSID]\nPSID=B\n[ADAPTER]\npsid=B\n[PS_INFO]\nName=new name\n");
	rebrand_is("[ADAPTER]\nb=1\n", "B", NULL, "[ADAPTER]\nb=1\nPSID = B\n");
	rebrand_is("[HCA]\nb=1\n", "B", NULL, "[HCA]\nb=1\n\n[ADAPTER]\nPSID = B\n");

	ok(fw_ini_rebrand(&ini, "", NULL, &err) && err.status == CX_USAGE, "no empty PSID");
	ok(fw_ini_rebrand(&ini, "12345678901234567", NULL, &err), "none of 17 characters");
	ok(fw_ini_rebrand(&ini, "B", "a\nb", &err), "no name of two lines");
	is_str(ini.text, "[ADAPTER]\nPSID = A\n", "and nothing has changed");
	fw_ini_free(&ini);
}

static void test_numbers(void)
{
	static const struct {
		const char *text;
		bool good;
		unsigned long number;
	} cases[] = {
		{"0", true, 0},
		{"010", true, 10},
		{"0x10", true, 16},
		{"0XfF", true, 255},
		{"true", true, 1},
		{"False", true, 0},
		{"4294967296", true, 1ul << 32},
		{"", false, 0},
		{"0x", false, 0},
		{"-1", false, 0},
		{"+1", false, 0},
		{" 1", false, 0},
		{"1 ", false, 0},
		{"0x0x1", false, 0},
		{"1h", false, 0},
		{"XFI", false, 0},
		{"0x10000000000000000", false, 0},
		{"1 // comment", false, 0},
		{"0x-1", false, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned long n = 0;
		bool good = !fw_ini_number(cases[i].text, &n);

		ok(good == cases[i].good && (!good || n == cases[i].number), "number '%s'",
		   cases[i].text);
	}
}

/* Whatever is set on whatever text: the key has the value, all other keys have theirs. */
static void test_any(void)
{
	static const char *const piece[] = {"[A]", "[B]", "a = 1", "b=2", "c = x", ";k", "", " "};
	static const char *const eol[] = {"\n", "\r\n"};
	unsigned int seed = 1, bad = 0;

	for (int round = 0; round < 3000; round++) {
		char text[512] = "[Z]\nz=0\n";
		struct fw_ini before, after;
		struct cx_err err;
		const char *section = rand_r(&seed) % 2 ? "A" : "N";

		for (int i = rand_r(&seed) % 20; i > 0; i--) {
			strcat(text, piece[rand_r(&seed) % 8]);
			strcat(text, eol[rand_r(&seed) % 2]);
		}
		before = take(text);
		after = take(text);
		if (fw_ini_set(&after, section, "b", "new", &err) ||
		    strcmp(fw_ini_get(&after, section, "b"), "new"))
			bad++;
		for (size_t i = 0; i < before.entries; i++) {
			const struct fw_ini_entry *e = &before.entry[i];
			bool it = !strcmp(e->section, section) && !strcmp(e->key, "b");

			if (!it && strcmp(fw_ini_get(&after, e->section, e->key), e->value))
				bad++;
		}
		fw_ini_free(&before);
		fw_ini_free(&after);
	}
	is_int(bad, 0, "3000 random changes change what they should");
}

/* Every search goes through all keys: a text may not have so many that this takes minutes. */
static void test_keys(void)
{
	char *text = calloc(FW_INI_KEYS + 2, 16), *at = text;
	struct fw_ini ini;
	struct cx_err err;

	if (!text)
		abort();
	at += sprintf(at, "[A]\n");
	for (int i = 0; i < FW_INI_KEYS; i++)
		at += sprintf(at, "k%d = 1\n", i);
	if (ok(!fw_ini_read(text, strlen(text), &ini, &err), "as many keys as there may be")) {
		is_int(ini.entries, FW_INI_KEYS, "  are there");
		ok(!ini.doubt, "  without a doubt");
		fw_ini_free(&ini);
	}
	sprintf(at, "one = more\n");
	ok(fw_ini_read(text, strlen(text), &ini, &err) && err.status == CX_INVALID,
	   "one more is refused");
	has_str(err.text, "line 2050: more than 2048 keys", "  with its line");
	free(text);
}

int main(void)
{
	test_read();
	test_psid_places();
	test_refusals();
	test_as_found();
	test_files();
	test_set();
	test_set_refusals();
	test_rebrand();
	test_numbers();
	test_any();
	test_keys();
	return tap_done();
}
