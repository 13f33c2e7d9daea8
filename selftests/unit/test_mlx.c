// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
/* The .mlx grammar: the example of the man page builds, and each bad construct names its line. */
#include "made.h"
#include "tap.h"

#define PAGE "user/man/cxflash-mlx.5"

/* The n-th literal display of the man page that begins with @first, as a reader copies it. */
static char *display(const char *page, const char *first)
{
	const char *at = strstr(page, first);
	const char *end = at ? strstr(at, ".Ed\n") : NULL;
	char *text = end ? calloc(1, end - at + 1) : NULL;
	size_t n = 0;

	for (; text && at < end; at++)
		if (*at != '\\')
			text[n++] = *at;
	return text;
}

static char *mlx, *own_ini;

static bool parses(const char *text, size_t len, struct cx_err *err)
{
	struct fw_release *rel;

	if (fw_mlx_parse(text, len, &rel, err))
		return false;
	fw_release_free(rel);
	return true;
}

static int mstflint(const char *path, const char *what)
{
	char command[400];

	snprintf(command, sizeof(command), "mstflint -i %s %s >&2", path, what);
	return system(command);
}

static void test_example(void)
{
	struct fw_release *rel = NULL, *again = NULL;
	struct fw_image img[2] = {0};
	struct cx_err err = {CX_OK, ""};
	struct fw_ini ini = made_ini(own_ini, strlen(own_ini));

	if (!ok(!fw_mlx_parse(mlx, strlen(mlx), &rel, &err), "the example parses %s", err.text))
		goto out;
	is_str(fw_release_chip(rel), "MT25408", "its chip");
	is_int(fw_release_version(rel).minor, 10, "its version");
	if (!ok(!fw_build(rel, &ini, NULL, &img[0], &err), "the example builds %s", err.text))
		goto out;
	is_str(img[0].info.psid, "SYN0000000001", "its PSID");
	ok(img[0].failsafe && img[0].chunk_log2 == 20, "its failsafe word");
	again = made_release(&img[0], NULL, &err);
	if (ok(again && !fw_build(again, &ini, NULL, &img[1], &err), "and again from its image"))
		ok(img[0].size == img[1].size && !memcmp(img[0].bytes, img[1].bytes, img[0].size),
		   "with the same bytes");
	if (access("/usr/bin/mstflint", X_OK)) {
		tap_skip("mstflint is not installed");
	} else {
		const char *path = made_path(".bin");

		made_write(path, img[0].bytes, img[0].size);
		is_int(mstflint(path, "verify"), 0, "mstflint verifies it");
		is_int(mstflint(path, "query full"), 0, "and queries it");
		unlink(path);
	}
out:
	fw_image_free(&img[0]);
	fw_image_free(&img[1]);
	fw_ini_free(&ini);
	fw_release_free(rel);
	fw_release_free(again);
}

static void test_dress(void)
{
	static const char *const cases[][3] = {
		{"EXAMPLE & Co", "EXAMPLE &amp; Co", "&amp; for &"},
		{"EXAMPLE & Co", "EXAMPLE &apos;&nbsp; Co", "an & of no standard entity"},
		{"<end ", "<!-- a comment & more -->\n<end ", "a comment"},
		{"0002c90300001000 0002", "0002C903\t00001000\r\n00 02", "blanks in bytes"},
		{"0001fb94 00100000", "<!-- in it --> 0001fb94 00100000", "a comment in bytes"},
		{"<!-- MT25408 Firmware image -->", "<!--MT25408  Firmware\timage-->",
		 "other blanks in line 1"},
		{"value=\"EXAMPLE & Co\"", "value-hex=\"4558\"", "a value in hex"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *at = strstr(mlx, cases[i][0]), *text = NULL;
		struct cx_err err = {CX_OK, ""};
		int n;

		n = at ? asprintf(&text, "%.*s%s%s", (int)(at - mlx), mlx, cases[i][1],
				  at + strlen(cases[i][0]))
		       : -1;
		ok(n > 0 && parses(text, n, &err), "%s: fine %s", cases[i][2], err.text);
		free(text);
	}
}

/* What is put in the place of what, and what is said about it: with the line of the first @where,
 * or of the place itself; a @where that is not there is the end. */
static const struct bad {
	const char *find, *put, *where;
	enum cx_status status;
	const char *says;
} bads[] = {
	{"<!-- MT25408 Firmware image -->", "MT25408 Firmware image", NULL, CX_REFUSED,
	 "old text dialect"},
	{"<!-- MT25408 Firmware image -->", "<!-- MT25408X Firmware image -->", NULL, CX_REFUSED,
	 "old text dialect"},
	{"<!-- MT25408 Firmware image -->", "<!-- MT254081 Firmware image -->", NULL, CX_REFUSED,
	 "old text dialect"},
	{"<!-- MT25408 Firmware image -->", "", NULL, CX_REFUSED, "old text dialect"},
	{"<!-- MT25408 Firmware image -->", "<!-- MT4115 Firmware image -->", NULL, CX_REFUSED,
	 "MT4115"},
	{"<!-- MT25408 Firmware image -->", "<!-- MT27500 Firmware image -->", "</info>",
	 CX_INVALID, "Image Info is for chip MT25408, line 1 says MT27500"},
	{"<cxflash profile=\"1\"/>", "<mimage/>", NULL, CX_REFUSED, "<mimage> where"},
	{"<cxflash profile=\"1\"/>", "<section name=\"x\"/>", NULL, CX_REFUSED, "<section> where"},
	{"<cxflash profile=\"1\"/>", "<cxflash profile=\"2\"/>", NULL, CX_REFUSED, "profile 2"},
	{"<cxflash profile=\"1\"/>", "<cxflash profile=\"1\"/><cxflash profile=\"1\"/>", NULL,
	 CX_INVALID, "a second <cxflash>"},
	{"<cxflash profile=\"1\"/>", "<?xml version=\"1.0\"?>", NULL, CX_INVALID,
	 "not well-formed"},
	{"<cxflash profile=\"1\"/>", "<?perl 1?>", NULL, CX_REFUSED,
	 "processing instruction <?perl"},
	{"<cxflash profile=\"1\"/>", "<!DOCTYPE a [<!ENTITY b \"c\">]>", NULL, CX_INVALID,
	 "not well-formed"},
	{"<cxflash profile=\"1\"/>", "</cxflash-mlx-root>", "<header", CX_INVALID, "junk"},
	{"<guid param", "<cxflash-mlx-root/>\n<guid param", NULL, CX_REFUSED, "is no element"},
	{"<guid param", "<group name=\"FW\"/>\n<guid param", NULL, CX_REFUSED,
	 "<group> is no element"},
	{"<guid param", "<word address=\"0\" value=\"0\" mask=\"0\"/>\n<guid param", NULL,
	 CX_REFUSED, "<word> is no element"},
	{"<word address=\"0x1f068\"", "<perl/><word address=\"0x1f068\"", NULL, CX_REFUSED,
	 "no element <perl> of the cxflash profile in <configuration>"},
	{"0001fb94 00100000", "<word/>", NULL, CX_REFUSED, "no element <word>"},
	{"<guid param=\"0x00000000\"", "<guid param=\"0x00000000\" stage=\"1\"", NULL, CX_REFUSED,
	 "<guid> has no attribute 'stage'"},
	{"<guid param=\"0x00000000\"", "<guid", NULL, CX_INVALID,
	 "<guid> lacks its attribute param"},
	{"<guid param=\"0x00000000\"", "<guid param=\"zero\"", NULL, CX_INVALID, "param=\"zero\""},
	{"<guid param=\"0x00000000\"", "<guid param=\"0x100000000\"", NULL, CX_INVALID,
	 "no number from 0 to 0xffffffff"},
	{"<guid param=\"0x00000000\"", "<guid param=\"-1\"", NULL, CX_INVALID, "param=\"-1\""},
	{"<guid param=\"0x00000000\"", "text <guid param=\"0x00000000\"", NULL, CX_REFUSED,
	 "text outside"},
	{"boot=\"00000000 00000000 ", "boot=\"00000000 ", "<header", CX_INVALID, "four words"},
	{"boot=\"00000000 00000000 ", "boot=\"0000000000000000 ", "<header", CX_INVALID,
	 "four words"},
	{"end=\"0xff000000\"", "end=\"0x10\"", "<header", CX_INVALID, "only 0 and 0xff000000"},
	{"failsafe=\"0xf400000c\"", "failsafe=\"0xf400000b\"", "<end ", CX_INVALID,
	 "failsafe word 0xf400000b"},
	{"format=\"0x00000004\"", "format=\"0x03000004\"", "<end ", CX_INVALID, "FS3"},
	{"name=\"BOOT2\"", "name=\"ENC_PUBLIC_KEY\"", NULL, CX_REFUSED, "only BOOT2 is known"},
	{"00 10 00 40 00 00 00 04", "00 10 00 40 00 00 00 05", "</bsection>", CX_INVALID,
	 "second word of this"},
	{"00 10 00 40 00", "00 10 00 40 0", "</bsection>", CX_INVALID, "odd number of hex digits"},
	{"00 10 00 40 00", "00 10 00 4g 00", NULL, CX_INVALID, "'g' is no hex digit"},
	{"0x1f064\" value", "0x1f063\" value", NULL, CX_INVALID, "0x1f063 is not word-aligned"},
	{"0x1f064\" value", "0x1f068\" value", "<word address=\"0x1f068\" value=\"0x000a",
	 CX_INVALID, "0x1f068 does not ascend"},
	{"\"0x1f064\" value", "\"0x100000\" value", NULL, CX_INVALID, "address=\"0x100000\""},
	{"value=\"0x00020000\"", "value=\"0x00020001\"", NULL, CX_INVALID, "bits outside mask"},
	{"at=\"0x1fd2c.16\"", "at=\"0x1fd2c\"", "<param", CX_INVALID, "no address.bit"},
	{"at=\"0x1fd2c.16\"", "at=\"0x1fd30.16\"", "<param", CX_INVALID,
	 "not in the word it stands in"},
	{"at=\"0x1fd2c.16\"", "at=\"0x1fd2c.32\"", "<param", CX_INVALID, "no address.bit"},
	{"at=\"0x1fd2c.16\"", "at=\"0x1fd2c.17\"", "<param", CX_INVALID, "no field of 32 bits"},
	{"size=\"16\" default", "size=\"0\" default", "<param", CX_INVALID, "no field of 32 bits"},
	{"default=\"0x22\"", "default=\"0x23\"", "<param", CX_INVALID, "has 0x22 in these bits"},
	{"0x002215b3\" mask=\"0xffffffff\"", "0x002215b3\" mask=\"0x7fffffff\"", "<param",
	 CX_INVALID, "leaves the word's mask 0x7fffffff"},
	{"</word>", "<param path=\"p\" at=\"0x1fd2c.8\" size=\"8\" default=\"0x14\"/></word>", NULL,
	 CX_INVALID, "0x15 in these bits"},
	{"</word>", "<param path=\"p\" at=\"0x1fd2c.15\" size=\"2\" default=\"0x0\"/></word>", NULL,
	 CX_INVALID, "overlaps HCA.hca_header_subsystem_id"},
	{"00000002c9001001", "", "<end ", CX_INVALID, "GUID section"},
	{"<field tag=\"1\">", "<field tag=\"255\">", NULL, CX_INVALID, "tag=\"255\""},
	{"00020000 000a02d0<", "00020000 000a02<", NULL, CX_INVALID, "no multiple of 4"},
	{"<field tag=\"1\">00020000 000a02d0", "<field tag=\"1\">00020000", "</info>", CX_INVALID,
	 "tag 1 has 4 bytes"},
	{"size=\"16\" text=\"SYN", "size=\"12\" text=\"SYN", NULL, CX_INVALID,
	 "the text is longer"},
	{"size=\"16\" text=\"SYN", "text=\"SYN", NULL, CX_INVALID, "text and size go together"},
	{"type=\"1\" param=\"0x00100000\"", "type=\"2\" param=\"0x00100000\"", NULL, CX_REFUSED,
	 "that type is \"Configuration\""},
	{"\"DDR\" type=\"1\"", "\"FW Configuration\" type=\"9\"", NULL, CX_INVALID,
	 "written as <ini>"},
	{"\"DDR\" type=\"1\"", "\"DDR\" type=\"1\" size=\"12\"", NULL, CX_INVALID,
	 "type 4, and no other"},
	{"\"DDR\" type=\"1\"", "\"EMT Service\" type=\"4\"", NULL, CX_INVALID,
	 "type 4, and no other"},
	{"\"DDR\" type=\"1\"", "\"EMT Service\" type=\"4\" size=\"8\"", "</section>", CX_INVALID,
	 "0xc bytes for a size of 0x8"},
	{"48656c6c6f2c2063", "48656c6c6f2c", "</section>", CX_INVALID, "no multiple of 4"},
	{"<guid param=\"0x00000000\">",
	 "<bsection name=\"BOOT2\"></bsection><guid param=\"0x00000000\">", NULL, CX_INVALID,
	 "one or two boot sections come first"},
	{"<bsection name", "<section name=\"DDR\" type=\"1\" param=\"0\"/><bsection name", NULL,
	 CX_INVALID, "(<bsection>) must come first"},
	{"<configuration param",
	 "<section name=\"UNKNOWN\" type=\"77\" param=\"0\"/><configuration param", NULL,
	 CX_INVALID, "would be taken for a second"},
	{"<configuration param", "<gap>00000000</gap><configuration param", NULL, CX_INVALID,
	 "a gap can only follow a section"},
	{"<ini param=\"0x00000000\" level=\"9\"/>",
	 "<ini param=\"0x00000000\" level=\"9\"/><ini param=\"0x00000000\" level=\"9\"/>", NULL,
	 CX_INVALID, "a second one"},
	{"<ini param=\"0x00000000\" level=\"9\"/>", "<ini param=\"0x00000000\" level=\"10\"/>",
	 NULL, CX_INVALID, "level=\"10\""},
	{"<ini param=\"0x00000000\" level=\"9\"/>",
	 "<ini param=\"0x00000000\" level=\"9\">01020304</ini>", "<end ", CX_INVALID, "zlib"},
	{"<key section=\"HCA\" name=\"hca_header_subsystem_id\"",
	 "<key section=\"ADAPTER\" name=\"psid\"", NULL, CX_INVALID, "ADAPTER.psid appears twice"},
	{"field=\"psid\"", "field=\"guid\"", NULL, CX_REFUSED, "field \"guid\" is not known"},
	{"field=\"psid\"", "field=\"word\"", NULL, CX_REFUSED, "field \"word\" is not known"},
	{"field=\"psid\"", "field=\"psid\" param=\"p\"", NULL, CX_INVALID, "either param or field"},
	{"field=\"psid\" as=\"text\"", "field=\"psid\" as=\"number\"", NULL, CX_REFUSED,
	 "as=\"number\""},
	{"field=\"psid\" as=\"text\"", "as=\"text\"", NULL, CX_INVALID, "either param or field"},
	{"confidence=\"verified\"", "confidence=\"sure\"", NULL, CX_REFUSED,
	 "verified, seen or claimed"},
	{"confidence=\"verified\"", "confidence=\"learned\"", NULL, CX_REFUSED,
	 "verified, seen or claimed"},
	{"confidence=\"verified\"", "confidence=\"claimed\"", NULL, CX_INVALID, "says by whom"},
	{"as=\"text\" confidence=\"verified\"", "as=\"text\" confidence=\"verified\" absent=\"0\"",
	 NULL, CX_INVALID, "this target is text"},
	{"as=\"number\"", "as=\"number\" absent=\"none\"", NULL, CX_INVALID, "absent=\"none\""},
	{"confidence=\"verified\"", "confidence=\"seen\" by=\"x\"", NULL, CX_INVALID,
	 "says by whom"},
	{"value=\"0x22\"", "value=\"0x22\" value-hex=\"30\"", NULL, CX_INVALID,
	 "value and value-hex"},
	{"value=\"0x22\"", "value-hex=\"3\"", NULL, CX_INVALID, "is no hex"},
	{"value=\"0x22\"", "value-hex=\"zz\"", NULL, CX_INVALID, "is no hex"},
	{"value=\"0x22\"", "value-hex=\"3000\"", NULL, CX_INVALID, "one line of text"},
	{"value=\"0x22\"", "value-hex=\"300a\"", NULL, CX_INVALID, "one line of text"},
	{"section=\"HCA\" name=\"hca", "section=\"HCA\" name=\"\xc3\xa9", NULL, CX_INVALID,
	 "printable ASCII"},
	{"path=\"HCA.hca_header_subsystem_id\"", "path=\"\"", NULL, CX_INVALID, "empty name"},
	{"sections=\"7\"", "sections=\"8\"", NULL, CX_INVALID, "but the file has 7"},
	{"params=\"1\"", "params=\"0\"", NULL, CX_INVALID, "params=\"0\", but the file has 1"},
	{"keys=\"3\"", "keys=\"2\"", NULL, CX_INVALID, "keys=\"2\", but the file has 3"},
	{"<end sections=\"7\" params=\"1\" keys=\"3\"/>", "", "the end", CX_INVALID, "cut short"},
	{"keys=\"3\"/>", "keys=\"3\"/>\n<gap/>", "<gap", CX_INVALID, "<gap> behind the end"},
	{"</info>", "", "<section", CX_REFUSED, "no element <section>"},
	{"</guid>", "</giud>", NULL, CX_INVALID, "not well-formed: mismatched tag"},
};

static unsigned int line_of(const char *text, const char *at)
{
	unsigned int line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

static void test_bad(void)
{
	for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
		const struct bad *b = &bads[i];
		char *at = strstr(mlx, b->find), *text = NULL, *place, line[32];
		struct cx_err err = {CX_OK, ""};

		if (!ok(at, "bad %zu: the example has '%s'", i, b->find))
			continue;
		if (asprintf(&text, "%.*s%s%s", (int)(at - mlx), mlx, b->put,
			     at + strlen(b->find)) < 0)
			abort();
		ok(!parses(text, strlen(text), &err), "  '%s' is refused", b->put);
		is_int(err.status, b->status, "  with the status");
		place = b->where ? strstr(text, b->where) : text + (at - mlx);
		if (!place)
			place = text + strlen(text);
		snprintf(line, sizeof(line), "line %u: ", line_of(text, place));
		ok(!strncmp(err.text, line, strlen(line)), "  with %sgot: %s", line, err.text);
		has_str(err.text, b->says, "  says why");
		has_str(err.text, "--fw RELEASE.bin", "  and the way out");
		free(text);
	}
}

/* A list of sections that does not follow their addresses: it is kept, and must be a list. */
static void test_unordered(void)
{
	static const struct {
		const char *find, *put, *says;
	} wrong[] = {
		{" linked=\"3\"", " linked=\"2\"", "is there twice"},
		{" linked=\"3\"", " linked=\"99\"", "is there twice, or has no place"},
		{" linked=\"3\"", " linked=\"0\"", "has no place"},
		{" linked=\"3\"", "", "either all sections are linked by number, or none"},
		{" linked=\"1\"", "", "either all sections are linked by number, or none"},
		{" linked=\"1\"", " linked=\"14\"", "does not begin at the first"},
	};
	struct fw_image img = made_image("--unordered --ddr 6:300 --ini " MADE_MHQH), again;
	struct fw_ini ini = made_own_ini(&img);
	struct cx_err err = {CX_OK, ""};
	struct fw_release *rel = made_release(&img, NULL, &err), *back;
	char *text = NULL, *changed = NULL, *at;
	size_t len = 0;

	if (!ok(rel && !fw_mlx_write(rel, &text, &len, &err), "is exported %s", err.text))
		return;
	ok(!fw_mlx_parse(text, len, &back, &err) && !fw_build(back, &ini, NULL, &again, &err),
	   "and built again %s", err.text);
	ok(again.size == img.size && !memcmp(again.bytes, img.bytes, img.size), "byte for byte");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		at = strstr(text, wrong[i].find);
		if (asprintf(&changed, "%.*s%s%s", (int)(at - text), text, wrong[i].put,
			     at + strlen(wrong[i].find)) < 0)
			abort();
		ok(!parses(changed, strlen(changed), &err) && err.status == CX_INVALID,
		   "'%s' for '%s' is refused", wrong[i].put, wrong[i].find);
		has_str(err.text, wrong[i].says, "  says why");
		free(changed);
	}
	free(text);
	fw_image_free(&again);
	fw_release_free(back);
	fw_release_free(rel);
	fw_ini_free(&ini);
	fw_image_free(&img);
}

/* The stream and the keys state the board's ini twice. */
static void test_contradicting_ini(void)
{
	struct fw_image img = made_image("--ini " MADE_MHQH);
	struct cx_err err = {CX_OK, ""};
	struct fw_release *rel = made_release(&img, NULL, &err);
	char *text = NULL, *at;
	size_t len = 0;

	ok(rel && !fw_mlx_write(rel, &text, &len, &err) && parses(text, len, &err), "an export %s",
	   err.text);
	at = strstr(text, "value=\"0x0022\"");
	at[12] = '3';
	ok(!parses(text, len, &err) && err.status == CX_INVALID, "a key the stream contradicts");
	has_str(err.text, "hca_header_subsystem_id: the key says 0x0023, the bytes of <ini> 0x0022",
		"  is named");
	at[12] = '2';
	at = strstr(text, "name=\"dpdp_en\"");
	at[6] = 'D';
	ok(parses(text, len, &err), "key names have no case");
	at[7] = 'x';
	ok(!parses(text, len, &err), "a key the stream has not");
	free(text);
	fw_release_free(rel);
	fw_image_free(&img);
}

static uint32_t seed = 1;

static uint32_t pick(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static void mutate(char *text, size_t *len, size_t room)
{
	static const char *const token[] = {"<",	  ">",	   "\"",     "&",  "/>",
					    "0x",	  "ff",	   "<word ", "</", "param",
					    "size=\"4\"", "<gap>", "</gap>", "\n", "<!--"};
	size_t at = pick(*len), n = 1 + pick(40), from;

	switch (pick(5)) {
	case 0:
		text[at] = pick(256);
		break;
	case 1:
		text[at] ^= 1 << pick(8);
		break;
	case 2: /* remove */
		if (at + n < *len) {
			memmove(text + at, text + at + n, *len - at - n);
			*len -= n;
		}
		break;
	case 3: /* repeat something elsewhere */
		from = pick(*len);
		if (*len + n < room && from + n < *len) {
			char copy[64];

			memcpy(copy, text + from, n);
			memmove(text + at + n, text + at, *len - at);
			memcpy(text + at, copy, n);
			*len += n;
		}
		break;
	case 4:
		n = strlen(token[from = pick(15)]);
		if (at + n < *len)
			memcpy(text + at, token[from], n);
	}
}

static void test_mutations(void)
{
	struct fw_ini ini = made_ini(own_ini, strlen(own_ini));
	size_t room = strlen(mlx) + 4096, base = strlen(mlx);
	char *text = malloc(room);
	unsigned int unsaid = 0, good = 0;

	if (!text)
		abort();
	for (int round = 0; round < 20000; round++) {
		struct cx_err err = {CX_OK, ""};
		struct fw_release *rel;
		size_t len = base;

		memcpy(text, mlx, len);
		for (int i = 1 + pick(3); i > 0; i--)
			mutate(text, &len, room);
		if (fw_mlx_parse(text, len, &rel, &err)) {
			unsaid += strncmp(err.text, "line ", 5) != 0 || err.status == CX_OK;
		} else {
			struct fw_image img;

			good++;
			if (!fw_build(rel, &ini, NULL, &img, &err))
				fw_image_free(&img);
			fw_release_free(rel);
		}
	}
	is_int(unsaid, 0, "20000 damaged files are refused with their line");
	ok(good > 100, "but for those %u that still make sense", good);
	free(text);
	fw_ini_free(&ini);
}

int main(void)
{
	size_t len = 0;
	char *page = made_read(PAGE, &len);

	mlx = page ? display(page, "<!\\-\\- MT25408 Firmware image \\-\\->\n<cxflash") : NULL;
	own_ini = page ? display(page, "[PS_INFO]\n") : NULL;
	if (!ok(mlx && own_ini, "the man page has an example"))
		return tap_done();
	test_example();
	test_dress();
	test_bad();
	test_unordered();
	test_contradicting_ini();
	test_mutations();
	free(mlx);
	free(own_ini);
	free(page);
	return tap_done();
}
