// SPDX-License-Identifier: GPL-2.0-only
/*
 * A glance at a card: what it says of itself, without reading its images. Of each image only the
 * header, the section headers up to the GUID and Image Info sections, those two, and a ROM that
 * comes before them are read; makers of images put it there (fs2-image 7, 13). Nothing is verified.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fw/words.h"
#include "internal.h"

#define BLOCK	      16u /* what the flash is read by */
#define HEADER_BLOCKS 0x40u
#define SECTION	      16u    /* bytes of a section's header */
#define MAX_SECTIONS  64u    /* before those that are looked for; images have about twenty in all */
#define INFO_BYTES    0x140u /* what Image Info usually takes */
#define LABEL_BYTES   0x1c0u /* and the most that a list reads of it */
#define TOGETHER      0x400u /* two sections so near are read at once */

struct glance {
	struct burn_survey *s;
	uint8_t *have; /* one byte for each block of the flash */
	uint32_t start, limit;
	unsigned int log2;
};

static uint32_t word(const struct glance *g, uint32_t addr)
{
	return fw_get32(g->s->bytes + fw_phys(addr, g->start, g->log2));
}

/* The blocks of a physical range that were not read yet, as few reads as they take. */
static int read_blocks(struct glance *g, uint32_t addr, uint32_t len, struct cx_err *err)
{
	struct cx_flash *f = g->s->flash;
	uint32_t block = addr / BLOCK, end = (addr + len + BLOCK - 1) / BLOCK, n;

	for (; block < end; block += n ? n : 1) {
		for (n = 0; block + n < end && !g->have[block + n]; n++)
			g->have[block + n] = 1;
		if (n &&
		    f->ops->read(f, block * BLOCK, g->s->bytes + block * BLOCK, n * BLOCK, err))
			return -1;
	}
	return 0;
}

/* Have a contiguous range of the image. */
static int fetch(struct glance *g, uint32_t addr, uint32_t len, struct cx_err *err)
{
	uint32_t phys, n;

	if (addr % 4 || addr > g->limit || len > g->limit - addr)
		return cx_fail(err, CX_INVALID,
			       "0x%" PRIx32 " bytes at 0x%" PRIx32 " leave the slot (0x%" PRIx32
			       ")",
			       len, addr, g->limit);
	for (uint32_t end = addr + len; addr < end; addr += n) {
		n = burn_piece(addr, end - addr, g->start, g->log2, &phys);
		if (read_blocks(g, phys, n, err))
			return -1;
	}
	return 0;
}

/* The image's header, and how it lies in the flash. */
static int fetch_header(struct glance *g, struct cx_err *err)
{
	uint32_t size = g->s->flash->info.size, failsafe;

	if (read_blocks(g, g->start, HEADER_BLOCKS, err))
		return -1;
	failsafe = fw_get32(g->s->bytes + g->start + 0x28);
	g->log2 = failsafe & 8 ? 16 + (failsafe & 7) : 0;
	g->limit = g->log2 ? burn_slot_size(size, g->log2) : size;
	if (g->start && g->start != (g->log2 ? 1u << g->log2 : 0))
		return cx_fail(err, CX_INVALID,
			       "the failsafe word 0x%08" PRIx32 " says that no image starts here",
			       failsafe);
	return 0;
}

/* Both sections that a glance is about, where they are neighbours. */
static int fetch_together(struct glance *g, struct cx_err *err)
{
	uint32_t info = word(g, 0x2c) & 0xffffff, guid = word(g, 0x34);

	if (guid < SECTION || guid % 4 || info <= guid || info - guid > TOGETHER ||
	    info + INFO_BYTES > g->limit)
		return 0; /* they come when the list leads there */
	return fetch(g, guid - SECTION, info + INFO_BYTES - guid + SECTION, err);
}

/* Over one or two boot sections, which say their sizes only. */
static int skip_boot(struct glance *g, uint32_t *addr, struct cx_err *err)
{
	uint32_t dwords;

	for (unsigned int i = 0; i < 2; i++) {
		if (fetch(g, *addr, 8, err))
			return -1;
		dwords = word(g, *addr + 4);
		if (i && word(g, *addr) >= FW_DDR && word(g, *addr) <= FW_HASH)
			return 0;
		if (dwords > g->limit / 4)
			return cx_fail(err, CX_INVALID,
				       "BOOT2 section at 0x%" PRIx32 ": its size, 0x%" PRIx32
				       " dwords, is more than the slot has",
				       *addr, dwords);
		*addr += (dwords + 4) * 4;
	}
	return 0;
}

static int fetch_sections(struct glance *g, struct cx_err *err)
{
	bool guid = false, info = false;
	uint32_t addr = FW_HEADER_SIZE, type, size;

	if (skip_boot(g, &addr, err))
		return -1;
	for (unsigned int n = 0; n < MAX_SECTIONS; n++) {
		if (fetch(g, addr, SECTION, err))
			return -1;
		type = word(g, addr);
		size = word(g, addr + 4);
		if (size > g->limit / 4)
			return 0; /* the parser will say it better */
		if ((type == FW_ROM || type == FW_GUID || type == FW_INFO) &&
		    fetch(g, addr + SECTION, size * 4, err))
			return -1;
		guid |= type == FW_GUID;
		info |= type == FW_INFO;
		addr = word(g, addr + 12);
		if ((guid && info) || !addr || addr == 0xff000000)
			return 0;
	}
	return 0;
}

static int parse(struct glance *g, struct fw_image *img, struct cx_err *err)
{
	struct burn_survey *s = g->s;
	uint8_t *bytes = malloc(g->limit);
	int ret;

	if (!bytes)
		return cx_fail(err, CX_FAILED, "out of memory");
	ret = fw_gather(s->bytes, s->flash->info.size, g->start, g->log2, 0, bytes, g->limit);
	if (ret)
		cx_fail(err, CX_INVALID, "the slot leaves the flash");
	else
		ret = fw_image_parse_front(bytes, g->limit, img, err);
	free(bytes);
	return ret;
}

/* -1: the card could not be read; an image that cannot be taken apart is a slot of that state. */
static int look_at(struct glance *g, uint32_t start, struct cx_err *err)
{
	struct burn_survey *s = g->s;
	struct fw_slot *slot = &s->dump.slot[s->dump.slots];

	g->start = start;
	g->log2 = 0;
	*slot = (struct fw_slot){.start = start};
	if (fetch_header(g, &slot->why) || fetch_together(g, &slot->why) ||
	    fetch_sections(g, &slot->why) || parse(g, &slot->img, &slot->why))
		slot->state = -1;
	if (slot->state && slot->why.status != CX_INVALID) {
		*err = slot->why;
		return -1;
	}
	s->dump.slots++;
	return 0;
}

static int look(struct glance *g, struct cx_err *err)
{
	struct burn_survey *s = g->s;
	const uint32_t *start;
	size_t n = fw_start_candidates(s->chip, &start);

	for (size_t i = 0; i < n && start[i] + FW_HEADER_SIZE <= s->flash->info.size; i++) {
		if (read_blocks(g, start[i], start[i] ? FW_MAGIC_SIZE : HEADER_BLOCKS, err))
			return -1;
		if (!fw_has_magic(s->bytes + start[i]))
			continue;
		if (s->dump.slots == 2)
			return cx_fail(err, CX_INVALID,
				       "%s: more than two images start in this flash",
				       s->flash->info.name);
		if (look_at(g, start[i], err))
			return -1;
	}
	return 0;
}

/* ---- for a list ---- */

static int fetch_info(struct glance *g, struct fw_info *info, struct cx_err *err)
{
	uint8_t bytes[LABEL_BYTES];
	uint32_t at = (word(g, 0x2c) & 0xffffff) - SECTION, len = LABEL_BYTES;

	if (at > g->limit)
		return cx_fail(err, CX_INVALID, "its header names no Image Info");
	if (len > g->limit - at)
		len = g->limit - at;
	if (fetch(g, at, len, err))
		return -1;
	if (fw_gather(g->s->bytes, g->s->flash->info.size, g->start, g->log2, at, bytes, len))
		return cx_fail(err, CX_INVALID, "the slot leaves the flash");
	if (fw_info_size(bytes) > len)
		return cx_fail(err, CX_INVALID, "its Image Info is larger than a list reads");
	return fw_info_read(bytes, len, info, err);
}

static int label(struct glance *g, struct fw_info *info, struct cx_err *err)
{
	struct burn_survey *s = g->s;
	const uint32_t *start;
	size_t n = fw_start_candidates(s->chip, &start);

	for (size_t i = 0; i < n && start[i] + FW_HEADER_SIZE <= s->flash->info.size; i++) {
		if (read_blocks(g, start[i], start[i] ? FW_MAGIC_SIZE : HEADER_BLOCKS, err))
			return -1;
		if (!fw_has_magic(s->bytes + start[i]))
			continue;
		g->start = start[i];
		return fetch_header(g, err) || fetch_info(g, info, err) ? -1 : 0;
	}
	return cx_fail(err, CX_INVALID, "there is no image on this flash");
}

int burn_label(struct cx_flash *flash, struct fw_info *info, struct cx_err *err)
{
	struct burn_survey s;
	struct glance g = {.s = &s};
	int ret;

	if (burn_survey_begin(flash, &s, err))
		return -1;
	g.have = calloc(flash->info.size / BLOCK, 1);
	ret = g.have ? label(&g, info, err) : cx_fail(err, CX_FAILED, "out of memory");
	free(g.have);
	burn_survey_free(&s);
	return ret ? cx_fail_in(err, flash->info.name) : 0;
}

int burn_glance(struct cx_flash *flash, struct burn_survey *s, struct cx_err *err)
{
	struct glance g = {.s = s};
	int ret;

	if (burn_survey_begin(flash, s, err))
		return -1;
	s->glance = true;
	g.have = calloc(flash->info.size / BLOCK, 1);
	ret = g.have ? look(&g, err)
		     : cx_fail(err, CX_FAILED, "%s: out of memory", flash->info.name);
	free(g.have);
	if (ret)
		burn_survey_free(s);
	else
		burn_survey_end(s);
	return ret;
}
