// SPDX-License-Identifier: GPL-2.0-only
/* Taking images apart: what is read, and what is refused. */
#include "fw/image/image.h"
#include "fs2_make.h"
#include "tap.h"

/* Parse from a block of exactly @len bytes, so that the sanitizer sees every read past it. */
static int parse(const uint8_t *bytes, size_t len, struct fw_image *img, struct cx_err *err)
{
	uint8_t *exact = malloc(len ? len : 1);
	int ret;

	if (!exact)
		abort();
	memcpy(exact, bytes, len);
	memset(err, 0, sizeof(*err));
	ret = fw_image_parse(exact, len, img, err);
	free(exact);
	return ret;
}

static void reads_all(void)
{
	struct fs2 m = fs2_make(&(struct fs2_options){0});
	struct fw_image img;
	struct cx_err err;
	char text[20];

	if (!ok(!parse(m.at, m.len, &img, &err), "a sound image is taken apart"))
		return;
	is_int(img.size, m.len, "size");
	is_int(img.size_word, m.len, "size word");
	ok(img.failsafe && img.chunk_log2 == 20, "failsafe, chunks of 1 MiB");
	is_int(img.info_addr, m.part[INFO] + 16, "Image Info pointer");
	is_int(img.guid_addr, m.part[GUIDS] + 16, "GUID pointer");
	is_int(img.crc, img.crc_want, "whole-image CRC");
	is_int(img.sections, 2 + PARTS, "boot sections and all others");
	for (size_t i = 0; i < img.sections; i++) {
		const struct fw_section *s = &img.section[i];

		is_int(s->addr, i < 2 ? m.boot[i] : m.part[i - 2], "section %zu, %s, begins there",
		       i, fw_section_name(s->type));
		is_int(s->crc, s->crc_want, "and its CRC is right");
	}
	is_int(img.section[2 + PACKED].param, 0x80160000, "param");
	is_str(fw_version_text(&img.info.version, text), "2.9.1000", "version");
	is_int(img.info.date, 0x20170905, "date");
	is_int(img.info.time, 0x140336, "time");
	is_int(img.info.device, 0x673c, "device type");
	is_str(img.info.psid, "SYN0000000001", "PSID");
	is_str(img.info.vsd, "a VSD", "VSD");
	is_str(img.info.product, "02.09.10.00", "product");
	is_int(img.info.vendor, 0x15b3, "vendor");
	ok(img.info.hw_count == 1 && img.info.hw[0] == 0xb00190, "hardware list");
	is_int(img.info.mic.major, 2, "MIC version");
	ok(img.info.nv_sectors == 2 && !img.info.nv_pad && img.info.nv_sector_log2k == 2,
	   "NV configuration");
	is_str(img.info.prs, "syn.prs", "PRS name");
	is_int(img.info.tags, 0x180dbe, "which tags there are");
	is_int(img.id.entries, 6, "GUID entries");
	ok(!img.id.blank && img.id.has_vsd, "identity is set");
	is_int(img.id.guid[3], 0x0002c90300123453, "system image GUID");
	is_int(img.id.mac[1], 0x0002c9123451, "MAC of port 2");
	fw_image_free(&img);
	free(m.at);
}

/* What differs between the kinds of images. */
static void reads_kinds(void)
{
	static const struct {
		const char *name;
		struct fs2_options opt;
	} kind[] = {
		{"non-failsafe", {.nonfailsafe = true}},
		{"one boot section", {.one_boot = true}},
		{"list ends with 0", {.end_zero = true}},
		{"old GUID section", {.entries = 4}},
		{"32 GUID entries", {.entries = 32}},
		{"blank GUIDs", {.blank = true}},
		{"no ROM", {.no_rom = true}},
		{"64 KiB chunks", {.chunk_log2 = 16}},
		{"8 MiB chunks", {.chunk_log2 = 23}},
	};

	for (size_t i = 0; i < sizeof(kind) / sizeof(kind[0]); i++) {
		const struct fs2_options *o = &kind[i].opt;
		struct fs2 m = fs2_make(o);
		struct fw_image img;
		struct cx_err err;

		if (!ok(!parse(m.at, m.len, &img, &err), "%s: is taken apart", kind[i].name)) {
			diag("%s", err.text);
			continue;
		}
		is_int(img.sections, PARTS + 2 - o->one_boot - o->no_rom, "%s: sections",
		       kind[i].name);
		is_int(img.chunk_log2,
		       o->nonfailsafe  ? 0
		       : o->chunk_log2 ? o->chunk_log2
				       : 20,
		       "%s: chunk size", kind[i].name);
		is_int(img.id.blank, o->blank, "%s: blank or not", kind[i].name);
		is_int(img.id.entries, o->entries ? o->entries : 6, "%s: entries", kind[i].name);
		if (o->entries == 4)
			is_int(img.id.mac[0], 0x0002c9123451, "%s: MAC derived from the port GUID",
			       kind[i].name);
		fw_image_free(&img);
		free(m.at);
	}
}

/* Oddities that are no damage. */
static void reads_oddities(void)
{
	struct fs2 m = fs2_make(&(struct fs2_options){0});
	uint8_t *padded = malloc(m.len + 4096);
	struct fw_image img;
	struct cx_err err;
	uint8_t *head;

	if (!padded)
		abort();
	memcpy(padded, m.at, m.len);
	memset(padded + m.len, 0xff, 4096);
	if (ok(!parse(padded, m.len + 4096, &img, &err), "padding behind the image")) {
		is_int(img.size, m.len, "does not belong to it");
		fw_image_free(&img);
	}
	free(padded);

	fs2_set(m.at + 0x2c, 0);
	if (ok(!parse(m.at, m.len, &img, &err), "no Image Info pointer")) {
		ok(!img.info_addr && !img.info.tags && !img.id.has_vsd, "nothing is read then");
		fw_image_free(&img);
	}
	fs2_pointer(&m, 0x2c, m.part[INFO] + 16);

	head = m.at + m.part[CODE];
	fs2_set(head, 4);
	fs2_set(head + 4, 253); /* bytes, rounded up to 256 */
	if (ok(!parse(m.at, m.len, &img, &err), "an EMT section, whose size is in bytes")) {
		is_int(img.section[2 + CODE].size, 256, "rounded up to words");
		fw_image_free(&img);
	}
	fs2_set(head, 77);
	fs2_set(head + 4, 64);
	if (ok(!parse(m.at, m.len, &img, &err), "a section of unknown type")) {
		is_str(fw_section_name(img.section[2 + CODE].type), "UNKNOWN", "and its name");
		is_int(img.section[2 + CODE].size, 256, "its size is in dwords");
		fw_image_free(&img);
	}
	fs2_set(head, 0);
	if (ok(!parse(m.at, m.len, &img, &err), "a section of type 0")) {
		is_str(fw_section_name(img.section[2 + CODE].type), "UNKNOWN",
		       "is not taken for a boot section");
		fw_image_free(&img);
	}
	fs2_set(head, 1);

	/* jump addresses before the second configuration, on the way only */
	fs2_set(m.at + m.part[PACKED] + 12, m.part[JUMPS]);
	fs2_set(m.at + m.part[JUMPS] + 12, m.part[CONFIG2]);
	fs2_set(m.at + m.part[CONFIG2] + 12, m.part[INI]);
	if (ok(!parse(m.at, m.len, &img, &err), "sections linked out of order")) {
		is_int(img.section[2 + CONFIG2].type, FW_JUMP, "are listed as linked");
		is_int(img.size, m.len, "and all of them are in the image");
		fw_image_free(&img);
	}
	free(m.at);
}

/* CRCs are not the parser's business: a damaged card must still show what it holds. */
static void tolerates_wrong_crcs(void)
{
	struct fs2 m = fs2_make(&(struct fs2_options){0});
	struct fw_image img;
	struct cx_err err;

	m.at[m.part[CODE] + 20] ^= 1;
	m.at[m.boot[0] + 12] ^= 1;
	m.at[0x23] ^= 1;
	if (ok(!parse(m.at, m.len, &img, &err), "wrong CRCs do not stop the parser")) {
		ok(img.section[0].crc != img.section[0].crc_want, "boot section: seen");
		ok(img.section[2 + CODE].crc != img.section[2 + CODE].crc_want, "code: seen");
		ok(img.section[2 + INFO].crc == img.section[2 + INFO].crc_want, "info: is right");
		ok(img.crc != img.crc_want, "whole image: seen");
		is_str(img.info.psid, "SYN0000000001", "PSID is still read");
		fw_image_free(&img);
	}
	free(m.at);
}

/* One damage each, and what must be said. */
static void set_tag_word(struct fs2 *m, unsigned int tag, uint32_t word)
{
	uint8_t *at = m->at + m->part[INFO] + 16;

	while (at[0] != tag)
		at += 4 + (fs2_get(at) & 0xffffff);
	fs2_set(at, word);
}

static void no_magic(struct fs2 *m)
{
	m->at[5] ^= 1;
}

static void fs3(struct fs2 *m)
{
	m->at[0x24] = 3;
}

static void failsafe_sum(struct fs2 *m)
{
	m->at[0x2b] ^= 1;
}

static void info_sum(struct fs2 *m)
{
	m->at[0x2f] ^= 4;
}

static void info_outside(struct fs2 *m)
{
	fs2_pointer(m, 0x2c, m->len + 16);
}

static void info_elsewhere(struct fs2 *m)
{
	fs2_pointer(m, 0x2c, m->part[CODE] + 16);
}

static void guid_outside(struct fs2 *m)
{
	fs2_set(m->at + 0x34, 0xfffffff0);
}

static void guid_elsewhere(struct fs2 *m)
{
	fs2_set(m->at + 0x34, m->part[GUIDS] + 20);
}

static void guid_count(struct fs2 *m)
{
	fs2_set(m->at + m->part[CODE], 6);
	fs2_set(m->at + 0x34, m->part[CODE] + 16);
	fs2_set(m->at + m->part[CODE] + 4, 66);
	fs2_set(m->at + m->part[CODE] + 12, 0);
}

static void boot_small(struct fs2 *m)
{
	fs2_set(m->at + m->boot[0] + 4, 3);
}

static void boot_big(struct fs2 *m)
{
	fs2_set(m->at + m->boot[1] + 4, 1048577);
}

static void boot_long(struct fs2 *m)
{
	fs2_set(m->at + m->boot[1] + 4, 1048576);
}

static void size_big(struct fs2 *m)
{
	fs2_set(m->at + m->part[CODE] + 4, 0x100001);
}

static void size_wraps(struct fs2 *m)
{
	fs2_set(m->at + m->part[CODE] + 4, 0x40000001);
}

static void size_long(struct fs2 *m)
{
	fs2_set(m->at + m->part[INI] + 4, fs2_get(m->at + m->part[INI] + 4) + 1);
}

static void emt_wraps(struct fs2 *m)
{
	fs2_set(m->at + m->part[CODE], 4);
	fs2_set(m->at + m->part[CODE] + 4, 0xfffffffe);
}

static void next_outside(struct fs2 *m)
{
	fs2_set(m->at + m->part[CODE] + 12, m->len);
}

static void next_ones(struct fs2 *m)
{
	fs2_set(m->at + m->part[CODE] + 12, 0xffffffff);
}

static void next_erased(struct fs2 *m)
{
	memset(m->at + m->part[CODE] + 32, 0xff, 16);
	fs2_set(m->at + m->part[CODE] + 36, 1);
	fs2_set(m->at + m->part[CODE] + 12, m->part[CODE] + 32);
}

static void next_unaligned(struct fs2 *m)
{
	fs2_set(m->at + m->part[CODE] + 12, m->part[CONFIG2] + 2);
}

static void next_back(struct fs2 *m)
{
	fs2_set(m->at + m->part[INI] + 12, m->part[CONFIG1]);
}

static void next_self(struct fs2 *m)
{
	fs2_set(m->at + m->part[INI] + 12, m->part[INI]);
}

static void next_inside(struct fs2 *m)
{
	fs2_set(m->at + m->part[CODE] + 32, 1); /* looks like a section of no data */
	fs2_set(m->at + m->part[CODE] + 36, 0);
	fs2_set(m->at + m->part[CODE] + 12, m->part[CODE] + 32);
}

static void next_header(struct fs2 *m)
{
	fs2_set(m->at + m->part[INI] + 12, 0x20);
}

static void list_early(struct fs2 *m)
{
	fs2_set(m->at + m->part[CONFIG1] + 12, 0);
}

static void tlv_long(struct fs2 *m)
{
	set_tag_word(m, 20, 20 << 24 | 32);
}

static void tlv_wraps(struct fs2 *m)
{
	set_tag_word(m, 20, 20 << 24 | 0xfffffc);
}

static void tlv_odd(struct fs2 *m)
{
	set_tag_word(m, 20, 20 << 24 | 23);
}

static void tlv_no_end(struct fs2 *m)
{
	set_tag_word(m, 255, 30 << 24);
}

static void tlv_early_end(struct fs2 *m)
{
	set_tag_word(m, 20, 0xff000000);
}

static void tlv_end_with_data(struct fs2 *m)
{
	set_tag_word(m, 20, 0xff000018);
}

static void tlv_short(struct fs2 *m)
{
	set_tag_word(m, 1, 2 << 24 | 4);
}

static void tlv_twice(struct fs2 *m)
{
	set_tag_word(m, 7, 4 << 24 | 16);
}

static void hw_many(struct fs2 *m)
{
	uint8_t *at = m->at + m->part[INFO] + 16;

	set_tag_word(m, 10, 30 << 24 | 8);
	set_tag_word(m, 5, 10 << 24 | 208);
	while (at[0] != 10)
		at += 4 + (fs2_get(at) & 0xffffff);
	memset(at + 4, 1, 208);
}

static void refuses(void)
{
	static const struct {
		const char *name;
		void (*damage)(struct fs2 *m);
		const char *text;
	} damage[] = {
		{"magic", no_magic, "magic"},
		{"format byte 3", fs3, "FS3"},
		{"byte sum of the failsafe word", failsafe_sum, "0x28"},
		{"byte sum of the info pointer", info_sum, "0x2c"},
		{"info pointer outside", info_outside, "0x2c"},
		{"info pointer to another section", info_elsewhere, "0x2c"},
		{"GUID pointer outside", guid_outside, "0xfffffff0"},
		{"GUID pointer beside its section", guid_elsewhere, "0x34"},
		{"33 GUIDs", guid_count, "4 or 6..32 entries"},
		{"boot section too small", boot_small, "BOOT2 section at 0x38"},
		{"boot section too big", boot_big, "0x100001 dwords"},
		{"boot section beyond the end", boot_long, "beyond the end"},
		{"section too big", size_big, "size too big (0x100001 dwords)"},
		{"section size that wraps", size_wraps, "size too big"},
		{"section beyond the end", size_long, "beyond the end"},
		{"EMT size that wraps", emt_wraps, "size too big (0xfffffffe bytes)"},
		{"next pointer at the end", next_outside, "outside the image"},
		{"next pointer of all ones", next_ones, "0xffffffff"},
		{"next pointer to erased flash", next_erased, "erased"},
		{"next pointer not of whole words", next_unaligned, "outside the image"},
		{"list leads back", next_back, "overlaps"},
		{"section that is its own next", next_self, "overlaps"},
		{"section within a section", next_inside, "overlaps"},
		{"section within the header", next_header, "overlaps"},
		{"list ends before info and GUIDs", list_early, "0x2c"},
		{"tag longer than its section", tlv_long, "tag 20"},
		{"tag of 16 MiB", tlv_wraps, "tag 20"},
		{"tag of odd length", tlv_odd, "tag 20"},
		{"no end tag", tlv_no_end, "no end tag"},
		{"end tag too early", tlv_early_end, "end tag"},
		{"end tag with data", tlv_end_with_data, "end tag"},
		{"tag too short", tlv_short, "tag 2 has 4 bytes"},
		{"two PSIDs", tlv_twice, "tag 4 appears twice"},
		{"hardware list of nine", hw_many, "more than 8"},
	};
	struct fs2 whole = fs2_make(&(struct fs2_options){0});

	for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		struct fs2 m = fs2_clone(&whole);
		struct fw_image img;
		struct cx_err err;
		int ret;

		damage[i].damage(&m);
		ret = parse(m.at, m.len, &img, &err);
		ok(ret == -1 && err.status == CX_INVALID, "%s: refused", damage[i].name);
		has_str(err.text, damage[i].text, "%s: the place is named", damage[i].name);
		if (!ret)
			fw_image_free(&img);
		free(m.at);
	}
	free(whole.at);
}

static void refuses_truncated(void)
{
	struct fs2 m = fs2_make(&(struct fs2_options){0});
	size_t taken = 0, silent = 0;

	for (size_t len = 0; len < m.len; len++) {
		struct fw_image img;
		struct cx_err err;

		if (!parse(m.at, len, &img, &err)) {
			fw_image_free(&img);
			taken++;
		}
		silent += !err.text[0] || err.status != CX_INVALID;
	}
	is_int(taken, 0, "cut off at each of its %zu lengths, it is refused", m.len);
	is_int(silent, 0, "and each time it is said why");
	free(m.at);
}

/* A huge file is no huge image: addresses have 24 bits. */
static void refuses_beyond_16m(void)
{
	size_t len = FW_MAX_SIZE + 65536;
	struct fs2 m = fs2_make(&(struct fs2_options){0});
	uint8_t *big = calloc(1, len);
	struct fw_image img;
	struct cx_err err;

	if (!big)
		abort();
	memcpy(big, m.at, m.len);
	if (ok(!fw_image_parse(big, len, &img, &err), "16 MiB and more behind the image")) {
		is_int(img.size, m.len, "do not belong to it");
		fw_image_free(&img);
	}
	fs2_set(big + m.part[INI] + 12, FW_MAX_SIZE);
	memcpy(big + FW_MAX_SIZE, m.at + m.part[CODE], 16 + 256 + 4);
	ok(fw_image_parse(big, len, &img, &err) == -1, "a section at 16 MiB is refused");
	free(big);
	free(m.at);
}

/* What compares sections goes through all of them for each. */
static void refuses_thousands(void)
{
	const uint32_t sections = 5000;
	struct fs2 m = fs2_make(&(struct fs2_options){0});
	uint8_t *many = calloc(1, m.len + 20 * sections);
	struct fw_image img;
	struct cx_err err;

	if (!many)
		abort();
	memcpy(many, m.at, m.len);
	fs2_set(many + m.part[INI] + 12, m.len);
	for (uint32_t i = 0, at = m.len; i < sections; i++, at += 20) {
		fs2_set(many + at, FW_DDR);
		fs2_set(many + at + 12, i + 1 < sections ? at + 20 : 0xff000000);
	}
	ok(fw_image_parse(many, m.len + 20 * sections, &img, &err) == -1 &&
		   err.status == CX_INVALID,
	   "an image of thousands of sections is refused");
	has_str(err.text, "more than 4096 sections, the next one at 0x", "with the place");
	fs2_set(many + m.len + 20 * 4000 + 12, 0xff000000);
	if (ok(!fw_image_parse(many, m.len + 20 * sections, &img, &err), "4000 are read")) {
		ok(img.sections > 4000 && img.size == m.len + 20 * 4001, "all of them");
		fw_image_free(&img);
	}
	free(many);
	free(m.at);
}

static void ini_text(void)
{
	struct fs2 m = fs2_make(&(struct fs2_options){0});
	struct fw_image img;
	struct cx_err err;
	size_t len = 0;
	char *text;

	if (!ok(!parse(m.at, m.len, &img, &err), "an image with an ini"))
		return;
	if (ok(!fw_image_ini(&img, &text, &len, &err), "its ini inflates")) {
		is_str(text, FS2_INI, "to the text that went in");
		is_int(len, strlen(FS2_INI), "with its length");
		free(text);
	}
	img.bytes[m.part[INI] + 16 + 9] ^= 0x40;
	ok(fw_image_ini(&img, &text, &len, &err) == -1 && err.status == CX_INVALID,
	   "a damaged stream is refused");
	has_str(err.text, "FW Configuration section at 0x", "with its place");
	img.section[2 + INI].type = FW_USER_DATA;
	ok(fw_image_ini(&img, &text, &len, &err) == -1 && err.status == CX_NOT_FOUND,
	   "an image without an ini says so");
	fw_image_free(&img);
	free(m.at);
}

/* The code section turned into an ini of @len bytes. */
static int long_ini(size_t len, char **text, size_t *got, struct cx_err *err)
{
	struct fs2 m = fs2_make(&(struct fs2_options){.code = 8192});
	uint8_t *plain = malloc(len);
	uLongf packed = 8192;
	struct fw_image img;
	int ret;

	if (!plain)
		abort();
	memset(plain, ';', len);
	if (compress2(m.at + m.part[CODE] + 16, &packed, plain, len, 9) != Z_OK)
		abort();
	free(plain);
	fs2_set(m.at + m.part[CODE], 9);
	if (parse(m.at, m.len, &img, err))
		abort();
	ret = fw_image_ini(&img, text, got, err);
	fw_image_free(&img);
	free(m.at);
	return ret;
}

static void ini_lengths(void)
{
	static const size_t fits[] = {8191, 8192, 8193, 100000, 1 << 20};
	struct cx_err err;
	size_t len = 0;
	char *text;

	for (size_t i = 0; i < sizeof(fits) / sizeof(fits[0]); i++) {
		if (!ok(!long_ini(fits[i], &text, &len, &err), "an ini of %zu bytes", fits[i]))
			continue;
		ok(len == fits[i] && strspn(text, ";") == len && !text[len], "is read whole");
		free(text);
	}
	ok(long_ini((1 << 20) + 1, &text, &len, &err) == -1 && err.status == CX_INVALID,
	   "an ini over 1 MiB is refused");
	has_str(err.text, "more than 1048576 bytes", "and it is said why");
}

static void versions(void)
{
	static const struct {
		struct fw_version v;
		const char *text;
	} version[] = {
		{{2, 9, 1000}, "2.9.1000"},
		{{2, 42, 5}, "2.42.0005"},
		{{2, 100, 7}, "2.0100.0007"},
		{{65535, 65535, 65535}, "65535.65535.65535"},
	};
	char text[20];

	for (size_t i = 0; i < sizeof(version) / sizeof(version[0]); i++)
		is_str(fw_version_text(&version[i].v, text), version[i].text, "version text");
	for (size_t i = 0; i + 1 < sizeof(version) / sizeof(version[0]); i++) {
		ok(fw_version_compare(&version[i].v, &version[i + 1].v) < 0, "%s is older",
		   version[i].text);
		ok(fw_version_compare(&version[i + 1].v, &version[i].v) > 0, "%s is newer",
		   version[i + 1].text);
	}
	is_int(fw_version_compare(&version[0].v, &version[0].v), 0, "a version is its own age");
}

int main(void)
{
	reads_all();
	reads_kinds();
	reads_oddities();
	tolerates_wrong_crcs();
	refuses();
	refuses_truncated();
	refuses_beyond_16m();
	refuses_thousands();
	ini_text();
	ini_lengths();
	versions();
	return tap_done();
}
