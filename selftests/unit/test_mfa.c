// SPDX-License-Identifier: GPL-2.0-only
/* MFA bundles: what is in them, and what is none. */
#include "fw/pack/mfa.h"
#include "mfa_make.h"
#include "tap.h"

#define MAX (1u << 20)

static struct make_mfa m;

/* From a block of exactly that length, so that the sanitizer sees every read past it. */
static uint8_t *exact;

static int parse_some(size_t len, size_t max, size_t images, struct fw_mfa *mfa, struct cx_err *err)
{
	free(exact);
	exact = malloc(len ? len : 1);
	memcpy(exact, m.file.bytes, len);
	*err = (struct cx_err){0};
	return fw_mfa_parse(exact, len, max, images, mfa, err);
}

static int parse(struct fw_mfa *mfa, struct cx_err *err)
{
	return parse_some(m.file.len, MAX, 1000, mfa, err);
}

/* Two boards, the second with an image of its own and the first's as another release. */
static void make_two(int xz)
{
	uint32_t first, second;

	m = (struct make_mfa){0};
	first = make_toc(&m, "first image", 11);
	second = make_toc(&m, "the second image", 16);
	make_board(&m, "MT_1090120019", 1);
	make_record(&m, first, 1, 0, "");
	make_board(&m, "DEL09A0000009", 3);
	make_record(&m, second, 1, 0, "");
	make_record(&m, first, 2, 0, ""); /* of another type */
	make_record(&m, first, 1, 1, "old");
	make_file(&m, xz);
}

static void is_image(const struct fw_mfa *mfa, size_t i, const char *psid, const char *tag,
		     const char *bytes)
{
	if (!ok(i < mfa->images, "there is an image %zu", i))
		return;
	is_str(mfa->image[i].psid, psid, "its PSID");
	is_str(mfa->image[i].tag, tag, "its tag");
	ok(mfa->image[i].len == strlen(bytes) && !memcmp(mfa->image[i].bytes, bytes, strlen(bytes)),
	   "its bytes");
}

static void test_images(void)
{
	struct fw_mfa mfa;
	struct cx_err err;

	for (int xz = 0; xz < 8; xz++) {
		make_two(xz);
		if (!ok(!parse(&mfa, &err), "a bundle, sections packed: %d: %s", xz, err.text))
			continue;
		is_int(mfa.images, 3, "three images");
		is_image(&mfa, 0, "MT_1090120019", "", "first image");
		is_image(&mfa, 1, "DEL09A0000009", "", "the second image");
		is_image(&mfa, 2, "DEL09A0000009", "old", "the second imagefirst image");
		fw_mfa_free(&mfa);
	}
}

static void test_groups(void)
{
	uint32_t code, rom, other;
	struct fw_mfa mfa;
	struct cx_err err;

	m = (struct make_mfa){0};
	code = make_toc(&m, "code", 4);
	rom = make_toc(&m, "rom", 3);
	other = make_toc(&m, "other", 5);
	make_toc(&m, "", 0);
	make_board(&m, "TST_A", 4);
	make_record(&m, code, 1, 7, "");
	make_record(&m, other, 1, 7, ""); /* second of its group */
	make_record(&m, rom, 1, 8, "");
	make_record(&m, 3 * 28, 1, 9, ""); /* no bytes: it only states a version */
	make_board(&m, "TST_B", 2);
	make_record(&m, other, 1, 0, "sriov");
	make_record(&m, code, 1, 0, "plain");
	make_board(&m, "TST_NONE", 0);
	make_file(&m, 0);
	if (!ok(!parse(&mfa, &err), "groups and tags: %s", err.text))
		return;
	is_int(mfa.images, 3, "a board of parts, one of two images, one of none");
	is_image(&mfa, 0, "TST_A", "", "coderom");
	is_image(&mfa, 1, "TST_B", "sriov", "other");
	is_image(&mfa, 2, "TST_B", "plain", "code");
	is_int(mfa.unpacked, 7, "only what was joined took memory");
	fw_mfa_free(&mfa);
}

/* It is refused, with these words. */
static void refused(enum cx_status status, const char *part, const char *what)
{
	struct fw_mfa mfa;
	struct cx_err err;

	make_seal(&m);
	if (parse(&mfa, &err)) {
		is_int(err.status, status, "%s: refused", what);
		has_str(err.text, part, "%s: says so", what);
	} else {
		ok(false, "%s: refused", what);
		fw_mfa_free(&mfa);
	}
}

static uint8_t *section(int type)
{
	return m.file.bytes + m.section[type - 1];
}

static void test_frame(void)
{
	struct fw_mfa mfa;
	struct cx_err err;

	make_two(7);
	m.file.bytes[m.file.len - 10] ^= 0x10;
	ok(parse(&mfa, &err) && err.status == CX_INVALID, "a flipped bit is found");
	has_str(err.text, "CRC32", "by the CRC");
	make_two(7);
	m.file.bytes[5] = 1;
	refused(CX_INVALID, "version 1.1", "another major version");
	make_two(0);
	m.file.bytes[0] = 'X';
	refused(CX_INVALID, "does not begin with MFAR", "another magic");
	make_two(0);
	section(1)[0] = 2;
	refused(CX_INVALID, "section of type 2 at 0x10, where MAP", "sections in another order");
	make_two(0);
	section(3)[3] = 2;
	refused(CX_INVALID, "DATA section at 0x", "an unknown flag");
	make_two(0);
	section(2)[4] = 1;
	refused(CX_INVALID, "TOC section at 0x", "a section beyond the end");
	make_two(0);
	section(2)[7] = m.file.len - 4 - m.section[1] - 8;
	refused(CX_INVALID, "ends before its DATA section", "no room for DATA");
	make_two(7);
	section(2)[8 + 14] ^= 0xff;
	refused(CX_INVALID, "MFA section: TOC: xz", "damaged xz");
}

static void test_map(void)
{
	make_two(0);
	section(1)[8] = 0;
	refused(CX_INVALID, "entry at 0x0 has no PSID", "a board without a name");
	make_two(0);
	section(1)[9] = '/';
	refused(CX_INVALID, "no PSID", "a PSID with a slash");
	make_two(0);
	section(1)[8 + 32] = 250;
	refused(CX_INVALID, "board MT_1090120019 at 0x0 states", "more images than there is room");
	make_two(0);
	section(1)[8 + 34] = 0xff;
	refused(CX_INVALID, "board MT_1090120019 at 0x0 states",
		"more metadata than there is room");
	make_two(0);
	section(1)[8 + 36 + 15 + 1] = 1;
	refused(CX_INVALID, "points to 0x10000 in a TOC of 0x38", "an offset beyond the TOC");
	make_two(0);
	section(1)[8 + 36 + 15 + 8] = 0x1b;
	refused(CX_INVALID, "a tag that is no text", "an escape in a tag");
	make_two(0);
	section(2)[8 + 1] = 1;
	refused(CX_INVALID, "states 0xb bytes at 0x10000, DATA has 0x1b", "an offset beyond DATA");
	make_two(0);
	section(2)[8 + 4] = 0xff;
	refused(CX_INVALID, "(board MT_1090120019) states 0xff00000b bytes", "a size beyond DATA");
	make_two(0);
	memset(section(2) + 8 + 4, 0, 4);
	refused(CX_INVALID, "an image without bytes", "an image of no bytes");
	make_two(0);
	pile_bytes(&m.map, "odd", 3);
	make_file(&m, 0);
	refused(CX_INVALID, "is cut off", "a MAP with a rest");
}

static void test_limits(void)
{
	struct fw_mfa mfa;
	struct cx_err err;

	make_two(7);
	ok(parse_some(m.file.len, 100, 1000, &mfa, &err) && err.status == CX_REFUSED,
	   "no more bytes than allowed: %s", err.text);
	make_two(0);
	ok(parse_some(m.file.len, 26, 1000, &mfa, &err) && err.status == CX_REFUSED,
	   "joined ones count: %s", err.text);
	if (ok(!parse_some(m.file.len, 27, 3, &mfa, &err), "just enough: %s", err.text))
		fw_mfa_free(&mfa);
	ok(parse_some(m.file.len, MAX, 2, &mfa, &err) && err.status == CX_REFUSED,
	   "no more images than allowed: %s", err.text);
}

/*
 * Every truncation is seen; every changed byte under a right CRC is refused or harmless. Unpacking
 * takes long under sanitizers: where all sections are packed, one bit of each byte is changed.
 */
static void test_damage(void)
{
	unsigned int wrong = 0, taken = 0;
	struct fw_mfa mfa;
	struct cx_err err;

	for (int xz = 0; xz < 8; xz += 7) {
		make_two(xz);
		for (size_t len = 0; len < m.file.len; len++)
			if (!parse_some(len, MAX, 1000, &mfa, &err) || err.status != CX_INVALID)
				wrong++;
		for (size_t i = 0; i < m.file.len - 4; i++)
			for (int bit = xz ? i % 8 : 0; bit < 8; bit += xz ? 8 : 1) {
				m.file.bytes[i] ^= 1 << bit;
				make_seal(&m);
				if (!parse(&mfa, &err)) {
					taken++;
					fw_mfa_free(&mfa);
				} else if (err.status == CX_OK || strchr(err.text, '\n')) {
					wrong++;
				}
				m.file.bytes[i] ^= 1 << bit;
			}
	}
	is_int(wrong, 0, "cut or damaged bundles are refused in one line");
	ok(taken, "%u changes were in names, metadata or images", taken);
}

int main(void)
{
	test_images();
	test_groups();
	test_frame();
	test_map();
	test_limits();
	test_damage();
	free(exact);
	return tap_done();
}
