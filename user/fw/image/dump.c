// SPDX-License-Identifier: GPL-2.0-only
/* Images in the raw bytes of a flash, and back into them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump.h"
#include "fw/words.h"
#include "edit.h"

size_t fw_start_candidates(enum fw_chip chip, const uint32_t **start)
{
	static const uint32_t candidate[] = {0,	       0x10000,	 0x20000,  0x40000,  0x80000,
					     0x100000, 0x200000, 0x400000, 0x800000, 0x1000000};

	*start = candidate;
	return chip == FW_CHIP_CONNECTX2 ? 6 : sizeof(candidate) / sizeof(candidate[0]);
}

#define SMALLEST_PART  (1u << 19)
#define MAX_CHUNK_LOG2 23 /* bits 2:0 of the failsafe word, plus 16 */

uint32_t fw_phys(uint32_t addr, uint32_t start, unsigned int chunk_log2)
{
	uint32_t chunk = 1u << chunk_log2;

	if (!chunk_log2)
		return addr;
	return (addr & (chunk - 1)) | (start ? chunk : 0) | (addr << 1 & ~(2 * chunk - 1));
}

/*
 * Where the contiguous address @addr lies, and in @len, which comes in as the length wanted, how
 * much follows it there in one piece. -1 if that leaves the dump.
 */
static int piece(size_t dump_len, uint32_t start, unsigned int chunk_log2, uint32_t addr,
		 size_t *len, size_t *phys)
{
	uint32_t left;

	*phys = fw_phys(addr, start, chunk_log2);
	if (chunk_log2) {
		left = (1u << chunk_log2) - (addr & ((1u << chunk_log2) - 1));
		if (*len > left)
			*len = left;
	}
	return *phys > dump_len || *len > dump_len - *phys ? -1 : 0;
}

static bool addressable(unsigned int chunk_log2, uint32_t addr, size_t len)
{
	return chunk_log2 <= MAX_CHUNK_LOG2 && addr <= FW_MAX_SIZE && len <= FW_MAX_SIZE - addr;
}

int fw_gather(const uint8_t *dump, size_t dump_len, uint32_t start, unsigned int chunk_log2,
	      uint32_t addr, uint8_t *to, size_t len)
{
	if (!addressable(chunk_log2, addr, len))
		return -1;
	while (len) {
		size_t phys, part = len;

		if (piece(dump_len, start, chunk_log2, addr, &part, &phys))
			return -1;
		memcpy(to, dump + phys, part);
		addr += part;
		to += part;
		len -= part;
	}
	return 0;
}

int fw_scatter(uint8_t *dump, size_t dump_len, uint32_t start, unsigned int chunk_log2,
	       uint32_t addr, const uint8_t *from, size_t len)
{
	if (!addressable(chunk_log2, addr, len))
		return -1;
	while (len) {
		size_t phys, part = len;

		if (piece(dump_len, start, chunk_log2, addr, &part, &phys))
			return -1;
		memcpy(dump + phys, from, part);
		addr += part;
		from += part;
		len -= part;
	}
	return 0;
}

/* How many contiguous bytes the slot at @start has in a dump. */
static uint32_t slot_len(size_t dump_len, uint32_t start, unsigned int chunk_log2)
{
	size_t pair = 2ul << chunk_log2, chunk = 1ul << chunk_log2;
	size_t rest = dump_len % pair, own;

	if (start)
		own = rest > chunk ? rest - chunk : 0;
	else
		own = rest < chunk ? rest : chunk;
	own += dump_len / pair * chunk;
	return own < FW_MAX_SIZE ? own : FW_MAX_SIZE;
}

static int parse_striped(const uint8_t *bytes, size_t len, uint32_t start, unsigned int chunk_log2,
			 struct fw_image *img, struct cx_err *err)
{
	uint32_t own = slot_len(len, start, chunk_log2);
	uint8_t *copy = malloc(own);
	int ret;

	if (!copy)
		return cx_fail(err, CX_FAILED, "out of memory");
	ret = fw_gather(bytes, len, start, chunk_log2, 0, copy, own);
	if (ret)
		cx_fail(err, CX_INVALID, "the slot at 0x%x reaches beyond the dump", start);
	else
		ret = fw_image_parse(copy, own, img, err);
	free(copy);
	return ret;
}

static bool sections_sound(const struct fw_image *img)
{
	for (size_t i = 0; i < img->sections; i++)
		if (!fw_section_sound(img, &img->section[i]))
			return false;
	return true;
}

/*
 * The image at the dump's beginning. A file of exactly the size the header states is contiguous, a
 * raw dump is striped (fs2-image 4); but files get padded and size words damaged, so where that
 * layout does not hold together and the other one does, the other one it is.
 */
static int parse_first(const uint8_t *bytes, size_t len, unsigned int chunk_log2, bool alone,
		       struct fw_image *img, struct cx_err *err)
{
	bool striped = !alone || len != fw_get32(bytes + 0x30);
	struct fw_image other;
	struct cx_err ignored;
	int ret;

	if (striped)
		ret = parse_striped(bytes, len, 0, chunk_log2, img, err);
	else
		ret = fw_image_parse(bytes, len, img, err);
	if (!ret && sections_sound(img))
		return 0;

	if (striped ? fw_image_parse(bytes, len, &other, &ignored)
		    : parse_striped(bytes, len, 0, chunk_log2, &other, &ignored))
		return ret;
	if (!sections_sound(&other)) {
		fw_image_free(&other);
		return ret;
	}
	if (!ret)
		fw_image_free(img);
	*img = other;
	return 0;
}

static int parse_slot(const uint8_t *bytes, size_t len, bool alone, struct fw_slot *slot)
{
	const uint8_t *head = bytes + slot->start;
	unsigned int chunk_log2;
	uint32_t failsafe;

	if (len - slot->start < FW_HEADER_SIZE)
		return cx_fail(&slot->why, CX_INVALID,
			       "the dump is cut short: it ends in the image's header, 0x%zx bytes "
			       "behind its beginning",
			       len - slot->start);
	failsafe = fw_get32(head + 0x28);
	if (failsafe != fw_byte_summed(failsafe))
		return cx_fail(&slot->why, CX_INVALID,
			       "failsafe word 0x%08x: its bytes do not sum to 0, the chunk size is "
			       "unknown",
			       failsafe);
	chunk_log2 = failsafe & 8 ? 16 + (failsafe & 7) : 0;
	if (!slot->start)
		return chunk_log2
			       ? parse_first(bytes, len, chunk_log2, alone, &slot->img, &slot->why)
			       : fw_image_parse(bytes, len, &slot->img, &slot->why);
	if (!chunk_log2)
		return cx_fail(&slot->why, CX_INVALID,
			       "a non-failsafe image must start at 0x0, not at 0x%x", slot->start);
	if (slot->start != 1u << chunk_log2)
		return cx_fail(
			&slot->why, CX_INVALID,
			"a failsafe image must start at 0x0 or at its chunk size 0x%x, not at "
			"0x%x",
			1u << chunk_log2, slot->start);
	return parse_striped(bytes, len, slot->start, chunk_log2, &slot->img, &slot->why);
}

/*
 * An image that cannot be taken apart: is the file shorter than the header's size word says? Where
 * it is a contiguous image or a striped flash, the lesser counts.
 */
static void tell_cut(const uint8_t *bytes, size_t len, struct fw_slot *slot)
{
	const uint8_t *head = bytes + slot->start;
	uint32_t size, failsafe;
	unsigned int chunk_log2;
	size_t ends;
	bool part = len && !(len & (len - 1));

	if (len - slot->start < FW_HEADER_SIZE)
		return;
	size = fw_get32(head + 0x30);
	failsafe = fw_get32(head + 0x28);
	chunk_log2 = failsafe & 8 && (slot->start || part) ? 16 + (failsafe & 7) : 0;
	if (size < FW_HEADER_SIZE || size > FW_MAX_SIZE || size % 4)
		return;
	ends = fw_phys(size - 1, slot->start, chunk_log2) + (size_t)1;
	if (ends <= len)
		return;
	cx_fail_after(
		&slot->why,
		"; the file is cut %s: it has 0x%zx bytes and this image ends at 0x%zx, 0x%zx "
		"or more are missing; copy or read it anew, all of the flash",
		part && ends <= 2 * len ? "in half" : "short", len, ends, ends - len);
}

/* What repeats must hold both slots: two equal ones are no repetition. */
size_t fw_dump_first_copy(const uint8_t *bytes, size_t len)
{
	uint32_t failsafe =
		len >= FW_HEADER_SIZE && fw_has_magic(bytes) ? fw_get32(bytes + 0x28) : 0;
	size_t least = SMALLEST_PART;

	if (!failsafe || (len & (len - 1)))
		return len;
	if (failsafe & 8 && 2u << (16 + (failsafe & 7)) > least)
		least = 2u << (16 + (failsafe & 7));
	while (len / 2 >= least && !memcmp(bytes, bytes + len / 2, len / 2))
		len /= 2;
	return len;
}

int fw_dump_parse(const uint8_t *bytes, size_t len, enum fw_chip chip, struct fw_dump *dump,
		  struct cx_err *err)
{
	const uint32_t *start;
	size_t candidates = fw_start_candidates(chip, &start);
	uint32_t found[3];
	size_t count = 0;

	for (size_t i = 0; i < candidates && count < 3; i++)
		if (start[i] + (size_t)FW_MAGIC_SIZE <= len && fw_has_magic(bytes + start[i]))
			found[count++] = start[i];
	if (count > 2)
		return cx_fail(
			err, CX_INVALID,
			"more than two images start here (at 0x%x, 0x%x and 0x%x): it cannot "
			"be told which count",
			found[0], found[1], found[2]);

	memset(dump, 0, sizeof(*dump));
	dump->slots = count;
	for (size_t i = 0; i < count; i++) {
		struct fw_slot *slot = &dump->slot[i];

		slot->start = found[i];
		slot->state = parse_slot(bytes, len, count == 1, slot);
		if (slot->state)
			tell_cut(bytes, len, slot);
	}
	return 0;
}

void fw_dump_free(struct fw_dump *dump)
{
	for (size_t i = 0; i < dump->slots; i++)
		if (!dump->slot[i].state)
			fw_image_free(&dump->slot[i].img);
	dump->slots = 0;
}

/* A file that is longer than its image, and as long as a flash part, is a dump of one. */
uint32_t fw_dump_flash(const struct fw_dump *dump, size_t len)
{
	bool part = len >= SMALLEST_PART && len <= FW_MAX_SIZE && !(len & (len - 1));

	return part && dump->slots && (dump->slot[0].state || dump->slot[0].img.size < len) ? len
											    : 0;
}

/* Can the bytes behind the slot's image be written without an erase? */
static int check_room(const uint8_t *bytes, size_t len, const struct fw_slot *slot, uint32_t size,
		      struct cx_err *err)
{
	uint8_t byte;

	for (uint32_t at = slot->img.size; at < size; at++) {
		if (fw_gather(bytes, len, slot->start, slot->img.chunk_log2, at, &byte, 1))
			return cx_fail(
				err, CX_REFUSED,
				"the image would have 0x%x bytes, the slot at 0x%x ends at 0x%x",
				size, slot->start, at);
		if (byte != 0xff)
			return cx_fail(
				err, CX_REFUSED,
				"the image would have 0x%x bytes, but the slot at 0x%x holds "
				"something else from 0x%x on",
				size, slot->start, at);
	}
	return 0;
}

int fw_dump_put(uint8_t *bytes, size_t len, const struct fw_slot *slot, const struct fw_image *new,
		struct cx_err *err)
{
	const uint8_t erased = 0xff;

	if (check_room(bytes, len, slot, new->size, err))
		return -1;
	for (uint32_t at = new->size; at < slot->img.size; at++)
		fw_scatter(bytes, len, slot->start, slot->img.chunk_log2, at, &erased, 1);
	return fw_scatter(bytes, len, slot->start, slot->img.chunk_log2, 0, new->bytes, new->size);
}
