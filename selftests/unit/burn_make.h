/* SPDX-License-Identifier: GPL-2.0-only */
/* Flashes with made images in their slots, and the chip's rule of what boots, for burn tests. */
#ifndef CXFLASH_BURN_MAKE_H
#define CXFLASH_BURN_MAKE_H

#include "burn/burn.h"
#include "dev/file.h"
#include "fs2_make.h"
#include "tap.h"

/* What tells one made image from another. */
struct make {
	struct fs2_options opt;
	uint32_t subminor; /* of 2.9; 0: 1000 */
	const char *psid;  /* NULL: SYN0000000001 */
	uint32_t card;	   /* low word of the node GUID; 0: as made */
	uint32_t seed;	   /* of the code; 0: as made */
	uint32_t device;   /* 0: 0x673c */
};

#define OTHER_CARD 0x00777700u

/* Not 0: so many bytes of code in every image that states how many. */
static uint32_t make_code;

/* Of the last burn_plan(). */
static struct burn_verdict verdict;

static inline const struct fs2_options *make_opt(struct fs2_options *opt)
{
	if (make_code && opt->code)
		opt->code = make_code;
	return opt;
}

static inline struct fs2 make_image(const struct make *how)
{
	struct fs2_options opt = how->opt;
	struct fs2 m = fs2_make(make_opt(&opt));
	uint8_t *info = m.at + m.part[INFO] + 16, *guids = m.at + m.part[GUIDS] + 16;
	uint8_t *code = m.at + m.part[CODE] + 16;
	uint32_t size = 4 * fs2_get(code - 12), seed = how->seed;

	if (how->subminor)
		fs2_set(info + 8, 9 << 16 | how->subminor);
	if (how->psid) {
		memset(info + 36, 0, 16);
		memcpy(info + 36, how->psid, strlen(how->psid));
	}
	if (how->device)
		fs2_set(info + 28, how->device); /* tag 3, behind tags 1 and 2 of 12 bytes each */
	for (unsigned int i = 0; how->card && i < 6; i++)
		fs2_set(guids + 8 * i + 4, how->card + i);
	for (uint32_t i = 0; how->seed && i < size; i++)
		code[i] = fs2_rand(&seed);
	fs2_reseal(&m, INFO);
	fs2_reseal(&m, GUIDS);
	fs2_reseal(&m, CODE);
	fs2_reseal_whole(&m);
	return m;
}

/* The same, taken apart; the caller frees it. */
static inline struct fw_image make_parsed(const struct make *how)
{
	struct fs2 m = make_image(how);
	struct fw_image img;
	struct cx_err err;

	if (fw_image_parse(m.at, m.len, &img, &err)) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	free(m.at);
	return img;
}

/* A flash in memory that stands in for a ConnectX-2. */
struct bench {
	uint8_t *bytes;
	struct cx_flash *f;
	struct cx_flash_ops ops; /* so that a test can replace some */
};

#define BENCH_SIZE (1u << 20)

/* Is there a finding on @about, judged so, with these words? */
static inline bool found(const char *about, enum burn_judgement judgement, const char *says)
{
	for (size_t i = 0; i < verdict.findings; i++) {
		const struct burn_finding *f = &verdict.finding[i];

		if (!strcmp(f->about, about) && f->judgement == judgement && strstr(f->text, says))
			return true;
	}
	for (size_t i = 0; i < verdict.findings; i++)
		diag("%u %s: %s", verdict.finding[i].judgement, verdict.finding[i].about,
		     verdict.finding[i].text);
	return false;
}

/* A flash after power-on: the bytes are what they are. */
static inline void bench_power(struct bench *b, uint32_t erase_sizes)
{
	struct cx_flash_info info = {
		.name = "bench",
		.chip_id = 0x190,
		.chip_rev = 0xb0,
		.size = BENCH_SIZE,
		.erase_sizes = erase_sizes,
		.erase_4k_ms = 70, /* an M25PX32 */
		.erase_64k_ms = 600,
		.program_us = 800,
		.page_size = 256,
	};
	struct cx_err err;

	if (cx_flash_open_memory(&info, b->bytes, &b->f, &err))
		abort();
	b->ops = *b->f->ops;
	b->f->ops = &b->ops;
}

static inline void bench_open(struct bench *b, uint32_t erase_sizes)
{
	b->bytes = malloc(BENCH_SIZE);
	if (!b->bytes)
		abort();
	memset(b->bytes, 0xff, BENCH_SIZE);
	/* The NV configuration of the made images: two sectors of 4 KiB. */
	for (uint32_t i = BENCH_SIZE - 0x2000; i < BENCH_SIZE; i++)
		b->bytes[i] = i * 7;
	bench_power(b, erase_sizes);
}

static inline void bench_close(struct bench *b)
{
	b->f->ops->close(b->f);
	free(b->bytes);
}

/* Put an image into slot 0 or 1 as a finished burn leaves it. */
static inline void bench_put(struct bench *b, unsigned int slot, const struct make *how)
{
	struct fs2 m = make_image(how);

	if (how->opt.nonfailsafe)
		memcpy(b->bytes, m.at, m.len);
	else
		fs2_stripe(&m, how->opt.chunk_log2, slot, b->bytes, BENCH_SIZE);
	free(m.at);
}

/* The same in slot 0, and its signature at two more places where an image may start. */
static inline void bench_put_three(struct bench *b, const struct make *how)
{
	bench_put(b, 0, how);
	memcpy(b->bytes + 0x10000, b->bytes, 16);
	memcpy(b->bytes + 0x20000, b->bytes, 16);
}

/* Read and judged; a test that is about something else cannot go on without. */
static inline void bench_survey(struct bench *b, struct burn_survey *s)
{
	struct cx_err err;

	if (burn_survey(b->f, NULL, s, &err)) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
}

static inline uint32_t bench_start(unsigned int slot, const struct make *how)
{
	return slot ? 1u << how->opt.chunk_log2 : 0;
}

/*
 * The image that begins at @start in one piece, as long as its size word says: no good image is
 * longer or shorter. Returns its length, 0 if none can begin so.
 */
static inline size_t bench_gather(const uint8_t *flash, uint32_t start, uint8_t *to)
{
	uint32_t failsafe = fs2_get(flash + start + 0x28), len = fs2_get(flash + start + 0x30);
	uint32_t chunk = failsafe & 8 ? 0x10000u << (failsafe & 7) : BENCH_SIZE;

	if (len > BENCH_SIZE / (failsafe & 8 ? 2 : 1) || (start && start != chunk))
		return 0;
	for (uint32_t at = 0; at < len; at += chunk)
		memcpy(to + at, flash + 2 * at + start, len - at < chunk ? len - at : chunk);
	return len;
}

/*
 * What a chip does at power-on: it takes the lowest signature (flash-access 14). NULL if the image
 * there is not strictly good, with the reason in *why; else the image, for the caller to free. No
 * more of the flash is looked at than the chip looks at: tests do this after thousands of cuts.
 */
static inline struct fw_image *boot(const uint8_t *flash, struct cx_err *why)
{
	static uint8_t bytes[BENCH_SIZE];
	uint32_t first = BENCH_SIZE, signatures = 0;
	struct fw_image *img;

	for (uint32_t start = 0; start < BENCH_SIZE; start = start ? 2 * start : 0x10000)
		if (fw_has_magic(flash + start) && !signatures++)
			first = start;
	cx_fail(why, CX_INVALID, !signatures ? "no signature" : "%u signatures", signatures);
	if (!signatures || signatures > 2)
		return NULL;
	img = malloc(sizeof(*img));
	if (!img)
		abort();
	if (fw_image_parse(bytes, bench_gather(flash, first, bytes), img, why)) {
		free(img);
		return NULL;
	}
	if (!fw_verify(img, FW_CHIP_CONNECTX2, BENCH_SIZE, NULL, NULL)) {
		why->text[0] = 0;
		return img;
	}
	cx_fail(why, CX_INVALID, "the image at 0x%x does not verify", first);
	fw_image_free(img);
	free(img);
	return NULL;
}

static inline void boot_free(struct fw_image *img)
{
	if (img)
		fw_image_free(img);
	free(img);
}

#endif
