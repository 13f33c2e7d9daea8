// SPDX-License-Identifier: GPL-2.0-only
/*
 * The promise of a release: built with the ini of the image it came from, it is that image byte for
 * byte, straight and by way of a .mlx.
 */
#include "fs2_make.h"
#include "made.h"
#include "tap.h"

/* Did the image come out the same on both ways? If not, *err says why where there is a reason. */
static bool comes_back(const struct fw_image *img, struct cx_err *err)
{
	struct fw_release *rel[2] = {made_release(img, NULL, err), NULL};
	bool has_ini = fw_image_find(img, FW_INI, 0);
	struct fw_ini ini = {0};
	bool same = true;

	if (rel[0])
		rel[1] = made_by_mlx(rel[0], err);
	if (has_ini)
		ini = made_own_ini(img);
	for (int way = 0; way < 2; way++) {
		struct fw_image out;

		if (!rel[way] || fw_build(rel[way], has_ini ? &ini : NULL, NULL, &out, err)) {
			same = false;
			continue;
		}
		same &= out.size == img->size && !memcmp(out.bytes, img->bytes, out.size);
		fw_image_free(&out);
	}
	fw_ini_free(&ini);
	fw_release_free(rel[0]);
	fw_release_free(rel[1]);
	return same;
}

static void test_variants(void)
{
	static const char *const variants[] = {
		"--chip connectx --ini " MADE_MHQH,
		"--chip connectx2 --ini " MADE_MHQH,
		"--chip connectx3 --ini generate",
		MADE_PRO,
		"--boot2 1 --ini " MADE_MHQH,
		"--nonfailsafe --ini " MADE_MHQH,
		"--blank-guids --ini " MADE_MHQH,
		"--guid-entries 4 --ini " MADE_MHQH,
		"--guid-entries 8 --ini " MADE_MHQH,
		"--last-next 0 --ini " MADE_MHQH,
		"--no-info-pointer --ini " MADE_MHQH,
		"--no-mic --ini " MADE_MHQH,
		"--no-tag 20 --no-tag 5 --ini " MADE_MHQH,
		"--no-ini",
		"--rom pxe:3.4.752:673c+uefi:14.11.49:673c --ini " MADE_MHQH,
		"--emt 7 --user-data 64 --board-id 32 --ddrz --unknown-section 77 --ini " MADE_MHQH,
		"--code-first --ini " MADE_MHQH,
		"--chunk 16 --ini " MADE_MHQH,
		"--pad 4096 --ini " MADE_MHQH,
		"--access-key 0123456789abcdef --min-fit 1.2.3.4 --ini " MADE_MHQH,
		"--ddr 12:60k --words 400 --ini " MADE_MHQH,
	};
	char options[200];

	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		struct fw_image img = made_image(variants[i]);
		struct cx_err err = {CX_OK, ""};

		ok(comes_back(&img, &err), "comes back: %s %s", variants[i], err.text);
		fw_image_free(&img);
	}
	for (int level = 0; level < 10; level++) {
		struct fw_image img;
		struct cx_err err = {CX_OK, ""};

		snprintf(options, sizeof(options), "--ini-level %d --ini " MADE_MHQH, level);
		img = made_image(options);
		ok(comes_back(&img, &err), "comes back: ini at zlib level %d %s", level, err.text);
		fw_image_free(&img);
	}
}

static void test_random(void)
{
	unsigned int bad = 0;
	char options[40];

	for (int seed = 1; seed <= 60; seed++) {
		struct cx_err err = {CX_OK, ""};
		struct fw_image img;

		snprintf(options, sizeof(options), "--random %d", seed);
		img = made_image(options);
		if (!comes_back(&img, &err)) {
			diag("--random %d: %s", seed, err.text);
			bad++;
		}
		fw_image_free(&img);
	}
	is_int(bad, 0, "60 random images come back");
}

/* Sections of any type, size and content, with gaps; the ini any text in any zlib dress. */
struct soup {
	struct fs2 m;
	uint32_t seed, info, guid, last;
};

static uint32_t pick(struct soup *s, uint32_t n)
{
	return fs2_rand(&s->seed) % n;
}

static void soup_open(struct soup *s, uint32_t type)
{
	if (s->last) {
		if (!pick(s, 6))
			fs2_noise(&s->m, 4 * (1 + pick(s, 9)), s->seed);
		fs2_set(s->m.at + s->last + 12, s->m.len);
	}
	s->last = s->m.len;
	fs2_word(&s->m, type);
	fs2_word(&s->m, 0);
	fs2_word(&s->m, fs2_rand(&s->seed) & 0x7fffffff);
	fs2_word(&s->m, 0);
}

static void soup_close(struct soup *s)
{
	uint8_t *head = s->m.at + s->last;
	uint32_t bytes = s->m.len - s->last - 16;

	/* An EMT section counts bytes, and its last word may be partly used. */
	fs2_set(head + 4, fs2_get(head) == 4 && bytes ? bytes - pick(s, 4) : bytes / 4);
	fs2_word(&s->m, 0);
}

static void soup_ini(struct soup *s)
{
	static const char *const texts[] = {
		"[ADAPTER]\r\nPSID = SOUP000000001\r\n; crlf\r\n",
		"",
		"rubbish\n[ADAPTER]\nPSID = A\nPSID = B\n\n key = \x01\xff\n",
		"[A]\nb = <&>\"' &amp; \xc3\xa9\t|\n[ADAPTER]\nx==1\n",
		"[PS_INFO]\nName = <n>; &lt; &amp;amp; \"m'\n[HCA]\nnum_pfs = 1\nNUM_PFS = 0x1\n",
	};
	static const int strategy[] = {Z_DEFAULT_STRATEGY, Z_HUFFMAN_ONLY, Z_FILTERED, Z_FIXED};
	char text[256] = "";
	const char *from = texts[pick(s, 5)];
	size_t len = strlen(from) + (pick(s, 3) ? 0 : pick(s, 9)); /* NUL bytes behind it */
	uint8_t packed[600];
	z_stream z = {.next_in = (uint8_t *)text,
		      .avail_in = len,
		      .next_out = packed,
		      .avail_out = sizeof(packed)};

	memcpy(text, from, strlen(from));
	if (deflateInit2(&z, pick(s, 10), Z_DEFLATED, 9 + pick(s, 7), 1 + pick(s, 9),
			 strategy[pick(s, 4)]) != Z_OK ||
	    deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	soup_open(s, 9);
	fs2_data(&s->m, packed, z.total_out);
	if (!pick(s, 3))
		fs2_noise(&s->m, 4 * pick(s, 4), s->seed); /* behind the stream */
	soup_close(s);
	deflateEnd(&z);
}

static void soup_section(struct soup *s)
{
	uint32_t type = 1 + pick(s, 14);

	if (s->last && type == 14)
		type = fs2_rand(&s->seed) | 0x100;
	if (type == 5 || type == 9 || type == 12 || type > 12)
		type = s->last ? 13 + pick(s, 9) : 8; /* these must hold something real */
	if (type == 6 || type == 10)
		type = 7;
	soup_open(s, type);
	fs2_noise(&s->m, 4 * pick(s, 60), s->seed);
	soup_close(s);
}

static void soup_fill(struct soup *s, bool has_ini)
{
	static const struct fs2_options o;
	int many = pick(s, 8);

	s->m.len = 0x38;
	fs2_boot(&s->m, 0, 4 + pick(s, 30));
	if (pick(s, 2))
		fs2_boot(&s->m, 1, 4 + pick(s, 30));
	for (int i = 0; i < many; i++)
		soup_section(s);
	soup_open(s, 6);
	s->guid = s->m.len;
	s->m.blank = !pick(s, 4);
	for (int i = 0; i < 12; i++)
		fs2_word(&s->m, s->m.blank ? 0xffffffff : fs2_rand(&s->seed) & 0xfeff);
	soup_close(s);
	if (pick(s, 2))
		soup_section(s);
	/* fs2_info() writes the section header too, which the chain of links needs to know of. */
	soup_open(s, 10);
	s->info = s->m.len;
	s->m.len = s->last;
	fs2_info(&s->m, &o);
	if (has_ini)
		soup_ini(s);
	while (pick(s, 3))
		soup_section(s);
	fs2_set(s->m.at + s->last + 12, pick(s, 2) ? 0 : 0xff000000);
}

/* Links are in; now pointers, size and CRCs. */
static void soup_seal(struct soup *s)
{
	static const struct fs2_options o;
	uint8_t *at = s->m.at;
	uint32_t addr = 0x38, boots = s->m.boot[1] ? 2 : 1;

	s->m.part[INFO] = s->info - 16;
	s->m.part[GUIDS] = s->guid - 16;
	fs2_header(&s->m, &o);
	for (uint32_t i = 0; i < boots; i++) {
		fs2_reseal_boot(&s->m, i);
		addr += 4 * (fs2_get(at + addr + 4) + 4);
	}
	for (;;) {
		uint32_t type = fs2_get(at + addr), size = fs2_get(at + addr + 4),
			 next = fs2_get(at + addr + 12),
			 len = 16 + (type == 4 ? (size + 3) & ~3u : 4 * size);
		bool blank = type == 6 && s->m.blank;

		fs2_set(at + addr + len, blank ? 0xffff : fs2_crc(at + addr, len));
		if (!next || next == 0xff000000)
			break;
		addr = next;
	}
	for (int i = 0x10; i < 0x20; i++) /* words nobody interprets */
		at[i] = fs2_rand(&s->seed);
	at[0x20] = fs2_rand(&s->seed);
	at[0x25] = fs2_rand(&s->seed);
	fs2_reseal_whole(&s->m);
}

static void test_soup(void)
{
	unsigned int bad = 0, parsed = 0;

	for (uint32_t seed = 1; seed <= 400; seed++) {
		struct soup s = {.m = {.at = calloc(1, 65536)}, .seed = seed * 2654435761u};
		struct cx_err err = {CX_OK, ""};
		struct fw_image img;

		if (!s.m.at)
			abort();
		soup_fill(&s, pick(&s, 4));
		soup_seal(&s);
		if (fw_image_parse(s.m.at, s.m.len, &img, &err)) {
			diag("seed %u: %s", seed, err.text);
		} else {
			parsed++;
			if (!comes_back(&img, &err)) {
				diag("seed %u: %s", seed, err.text);
				bad++;
			}
			fw_image_free(&img);
		}
		free(s.m.at);
	}
	is_int(parsed, 400, "400 images of arbitrary sections parse");
	is_int(bad, 0, "and all come back");
}

static void test_damaged(void)
{
	static const char *const damages[] = {
		"full-crc",  "size-word",  "section-crc:0", "section-crc:3", "section-data:0",
		"boot2-crc", "boot2-data", "flip:700",	    "ini-stream",
	};
	char options[200];

	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		struct fw_release *rel;
		struct cx_err err = {CX_OK, ""};
		struct fw_image img;

		snprintf(options, sizeof(options), "--corrupt %s --ini " MADE_MHQH, damages[i]);
		img = made_image(options);
		rel = made_release(&img, NULL, &err);
		ok(!rel && err.status == CX_INVALID && err.text[0], "refused: %s: %s", damages[i],
		   err.text);
		fw_release_free(rel);
		fw_image_free(&img);
	}
}

static void test_facts(void)
{
	static const char *const chips[][2] = {
		{"connectx", "MT25408"},
		{"connectx2", "MT25408"},
		{"connectx3", "MT27500"},
		{"connectx3pro", "MT27520"},
	};
	char options[100];

	for (size_t i = 0; i < 4; i++) {
		struct cx_err err = {CX_OK, ""};
		struct fw_image img;
		struct fw_release *rel;
		struct fw_version v;

		snprintf(options, sizeof(options), "--chip %s --version 2.42.5000", chips[i][0]);
		img = made_image(options);
		rel = made_release(&img, NULL, &err);
		if (ok(rel, "%s has a release %s", chips[i][0], err.text)) {
			is_str(fw_release_chip(rel), chips[i][1], "  and a chip");
			v = fw_release_version(rel);
			ok(v.major == 2 && v.minor == 42 && v.subminor == 5000, "  and a version");
		}
		fw_release_free(rel);
		fw_image_free(&img);
	}
}

int main(void)
{
	test_facts();
	test_variants();
	test_random();
	test_soup();
	test_damaged();
	return tap_done();
}
