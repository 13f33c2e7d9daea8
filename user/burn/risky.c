// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writing without a second image to fall back to. The signature still comes last: a power cut
 * leaves a card that starts nothing and waits in recovery mode, never one that starts half an
 * image.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* Blocks that an image at @start touches, one byte each, into @block. */
static void mark_blocks(const struct fw_image *img, uint32_t start, uint32_t flash_size,
			uint8_t *block)
{
	unsigned int log2 = img->failsafe ? img->chunk_log2 : 0;
	uint32_t phys, n;

	for (uint32_t at = 0; at < img->size; at += n) {
		n = burn_piece(at, img->size - at, start, log2, &phys);
		if (phys > flash_size || n > flash_size - phys)
			return;
		for (uint32_t i = phys / BURN_BLOCK; i * BURN_BLOCK < phys + n; i++)
			block[i] = 1;
	}
}

/* Does the good image at @start stay as it is while the plan's image is written? */
static bool survives(const struct burn_builder *b, const struct burn_survey *s, uint32_t start)
{
	uint8_t mine[FW_MAX_SIZE / BURN_BLOCK] = {0}, its[FW_MAX_SIZE / BURN_BLOCK] = {0};
	const struct fw_slot *slot = NULL;

	for (size_t i = 0; i < s->dump.slots; i++)
		if (s->dump.slot[i].start == start && burn_slot_good(s, i))
			slot = &s->dump.slot[i];
	if (!slot)
		return false;
	mark_blocks(&b->plan->image, b->plan->start, b->size, mine);
	mark_blocks(&slot->img, start, b->size, its);
	for (size_t i = 0; i < b->size / BURN_BLOCK; i++)
		if (mine[i] && its[i])
			return false;
	return true;
}

/* Every signature but that at the plan's start is cleared: those of images that the plan spares
 * (@late) at the end, the others before anything else, lest half an image be started. */
static int clear_others(struct burn_builder *b, const struct burn_survey *s, bool late,
			struct cx_err *err)
{
	const uint32_t *start;
	size_t n = fw_start_candidates(s->chip, &start);

	for (size_t i = 0; i < n && start[i] + FW_MAGIC_SIZE <= b->size; i++) {
		if (start[i] == b->plan->start || !fw_has_magic(b->now + start[i]) ||
		    survives(b, s, start[i]) != late)
			continue;
		memset(b->want + start[i], 0, 4);
		if (burn_add_clear(b, start[i], err))
			return -1;
	}
	return 0;
}

int burn_add_risky(struct burn_builder *b, const struct burn_survey *s, struct cx_err *err)
{
	const struct fw_image *img = &b->plan->image;
	unsigned int log2 = img->failsafe ? img->chunk_log2 : 0;
	uint32_t start = b->plan->start;

	return clear_others(b, s, false, err) ||
	       burn_put(b, start, log2, img->bytes, img->size, err) ||
	       burn_add_slot(b, start, log2, img->size, err) ||
	       burn_add_step(b, BURN_STEP_BOOT, start, 0, NULL, err) ||
	       clear_others(b, s, true, err);
}

static int clear_all(struct burn_builder *b, const struct burn_survey *s, struct cx_err *err)
{
	const uint32_t *start;
	size_t n = fw_start_candidates(s->chip, &start);

	for (size_t i = 0; i < n && start[i] + FW_MAGIC_SIZE <= b->size; i++)
		if (fw_has_magic(b->now + start[i]) && burn_add_clear(b, start[i], err))
			return -1;
	return 0;
}

/* The signatures of the dump are the last of it, that which starts first. */
int burn_add_risky_dump(struct burn_builder *b, const struct burn_survey *s, const uint8_t *dump,
			struct cx_err *err)
{
	const uint32_t *start;
	size_t n = fw_start_candidates(s->chip, &start);

	memcpy(b->want, dump, b->size);
	for (size_t i = 0; i < n && start[i] + FW_MAGIC_SIZE <= b->size; i++)
		if (fw_has_magic(dump + start[i]))
			memset(b->want + start[i], 0xff, FW_MAGIC_SIZE);
	if (clear_all(b, s, err) || burn_add_content(b, 0, 0, b->size - b->plan->nv_reserve, err))
		return -1;
	for (size_t i = 0; i < n && start[i] + FW_MAGIC_SIZE <= b->size; i++)
		if (fw_has_magic(dump + start[i]) &&
		    burn_add_sign(b, start[i], dump + start[i], err))
			return -1;
	return burn_add_step(b, BURN_STEP_BOOT, b->plan->start, 0, NULL, err);
}
