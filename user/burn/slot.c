// SPDX-License-Identifier: GPL-2.0-only
/*
 * Giving one slot its content, as steps: a slot loses its signature before its content, and gets it
 * back after its content was verified. The erase units are chosen here.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* ---- steps ---- */

int burn_add_step(struct burn_builder *b, enum burn_step_kind kind, uint32_t addr, uint32_t len,
		  const uint8_t *bytes, struct cx_err *err)
{
	struct burn_plan *p = b->plan;
	struct burn_step *more = realloc(p->step, (p->steps + 1) * sizeof(*more));
	uint8_t *copy = NULL;

	if (more)
		p->step = more;
	if (bytes)
		copy = malloc(len);
	if (!more || (bytes && !copy)) {
		free(copy);
		return cx_fail(err, CX_FAILED, "out of memory");
	}
	if (bytes)
		memcpy(copy, bytes, len);
	p->step[p->steps++] =
		(struct burn_step){.kind = kind, .addr = addr, .len = len, .bytes = copy};
	return 0;
}

int burn_add_clear(struct burn_builder *b, uint32_t start, struct cx_err *err)
{
	memset(b->now + start, 0, 4);
	return burn_add_step(b, BURN_STEP_CLEAR, start, FW_MAGIC_SIZE, NULL, err);
}

/* What it costs the part itself: every page that has a bit to clear. */
static void count_time(struct burn_builder *b, uint32_t addr, uint32_t len, bool erases)
{
	const struct cx_flash_info *info = b->info;
	uint32_t page = info->page_size;
	size_t pages = 0;

	for (uint32_t at = addr; at < addr + len; at = at / page * page + page) {
		uint32_t end = at / page * page + page;
		bool change = false;

		for (uint32_t i = at; i < end && i < addr + len; i++)
			change |= b->want[i] != (erases ? 0xff : b->now[i]);
		pages += change;
	}
	b->plan->pages += pages;
	b->plan->busy_us += (uint64_t)pages * info->program_us;
	if (erases)
		b->plan->busy_us +=
			1000ull * (len == BURN_BLOCK ? info->erase_64k_ms : info->erase_4k_ms);
}

static int add_write(struct burn_builder *b, uint32_t addr, uint32_t len, unsigned int flags,
		     bool erases, struct cx_err *err)
{
	count_time(b, addr, len, erases);
	if (burn_add_step(b, BURN_STEP_WRITE, addr, len, b->want + addr, err))
		return -1;
	b->plan->step[b->plan->steps - 1].flags = flags;
	b->plan->step[b->plan->steps - 1].erases = erases;
	b->plan->write_bytes += len;
	memcpy(b->now + addr, b->want + addr, len);
	return 0;
}

/* ---- erase units ---- */

/* How much has to be done to a unit, by the rule that programming only clears bits. */
enum need { SKIP, PROGRAM, ERASE };

static enum need need_of(const struct burn_builder *b, uint32_t addr)
{
	enum need need = SKIP;

	for (uint32_t i = addr; i < addr + b->unit; i++) {
		if ((b->now[i] & b->want[i]) != b->want[i])
			return ERASE;
		if (b->now[i] != b->want[i])
			need = PROGRAM;
	}
	return need;
}

/* Of a block, of which @used units belong to the slot's new content. */
static void count_units(struct burn_builder *b, size_t used, size_t program, size_t erase)
{
	b->plan->skip_units += used > program + erase ? used - program - erase : 0;
	b->plan->program_units += program;
	b->plan->erase_units += erase;
}

/* A unit that reaches into the NV reserve is never erased. */
static int write_beside_nv(struct burn_builder *b, uint32_t addr, enum need need,
			   struct cx_err *err)
{
	uint32_t end = b->size - b->plan->nv_reserve;

	if (need == ERASE)
		return cx_fail(err, CX_REFUSED,
			       "the flash can only erase 0x%" PRIx32 " bytes at once, and those at "
			       "0x%" PRIx32 " hold NV configuration (from 0x%" PRIx32
			       " on) beside the new image",
			       b->unit, addr, end);
	return add_write(b, addr, end - addr, CX_WRITE_NO_ERASE, false, err);
}

/*
 * One 64 KiB block, whose first @len bytes are wanted. Erasing it at once costs about as much as
 * eight of its sixteen 4 KiB sectors (data sheets of M25PX, S25FL1, N25Q), so from there on it is
 * one unit; also when all of it is programmed anyway.
 */
static int plan_block(struct burn_builder *b, uint32_t block, uint32_t len, struct cx_err *err)
{
	bool beside_nv = block + BURN_BLOCK > b->size - b->plan->nv_reserve;
	uint32_t n = BURN_BLOCK / b->unit, used = (len + b->unit - 1) / b->unit;
	size_t units[3] = {0};

	for (uint32_t addr = block; addr < block + BURN_BLOCK; addr += b->unit)
		units[need_of(b, addr)]++;
	if (b->block_erase && b->unit < BURN_BLOCK && !beside_nv &&
	    (units[ERASE] * 2 >= n || !units[SKIP])) {
		count_units(b, used, units[ERASE] ? 0 : units[PROGRAM], units[ERASE] ? n : 0);
		return add_write(b, block, BURN_BLOCK, 0, units[ERASE], err);
	}
	count_units(b, used, units[PROGRAM], units[ERASE]);
	for (uint32_t addr = block; addr < block + BURN_BLOCK; addr += b->unit) {
		enum need need = need_of(b, addr);
		bool in_nv = addr + b->unit > b->size - b->plan->nv_reserve;

		if (need == SKIP)
			continue;
		if (in_nv ? write_beside_nv(b, addr, need, err)
			  : add_write(b, addr, b->unit, 0, need == ERASE, err))
			return -1;
	}
	return 0;
}

/* ---- slots ---- */

int burn_put(struct burn_builder *b, uint32_t start, unsigned int chunk_log2, const uint8_t *bytes,
	     uint32_t len, struct cx_err *err)
{
	if (fw_scatter(b->want, b->size, start, chunk_log2, 0, bytes, len))
		return cx_fail(err, CX_REFUSED,
			       "0x%" PRIx32 " bytes do not fit the slot at 0x%" PRIx32, len, start);
	return 0;
}

/* With the unit as it is without its signature, for a second try; not where NV bytes are in it. */
int burn_add_sign(struct burn_builder *b, uint32_t start, const uint8_t *magic, struct cx_err *err)
{
	bool beside_nv = start + b->unit > b->size - b->plan->nv_reserve;

	if (burn_add_step(b, BURN_STEP_SIGN, start, beside_nv ? FW_MAGIC_SIZE : b->unit,
			  beside_nv ? NULL : b->want + start, err))
		return -1;
	memcpy(b->want + start, magic, FW_MAGIC_SIZE);
	memcpy(b->now + start, magic, FW_MAGIC_SIZE);
	return 0;
}

int burn_add_content(struct burn_builder *b, uint32_t start, unsigned int chunk_log2, uint32_t len,
		     struct cx_err *err)
{
	uint32_t phys, n;

	for (uint32_t at = 0; at < len; at += n) {
		n = burn_piece(at, len - at, start, chunk_log2, &phys);
		if (n > BURN_BLOCK)
			n = BURN_BLOCK;
		if (plan_block(b, phys, n, err))
			return -1;
	}
	for (uint32_t at = 0; at < len; at += n) {
		n = burn_piece(at, len - at, start, chunk_log2, &phys);
		if (n > BURN_BLOCK)
			n = BURN_BLOCK;
		n = (n + 15) & ~15u; /* reads come in blocks of 16 bytes */
		if (burn_add_step(b, BURN_STEP_VERIFY, phys, n, b->want + phys, err))
			return -1;
	}
	return 0;
}

int burn_add_slot(struct burn_builder *b, uint32_t start, unsigned int chunk_log2, uint32_t len,
		  struct cx_err *err)
{
	bool is_signed = fw_has_magic(b->want + start);
	uint8_t magic[FW_MAGIC_SIZE];

	if (fw_has_magic(b->now + start) && burn_add_clear(b, start, err))
		return -1;
	memcpy(magic, b->want + start, FW_MAGIC_SIZE);
	if (is_signed)
		memset(b->want + start, 0xff, FW_MAGIC_SIZE);
	if (burn_add_content(b, start, chunk_log2, len, err))
		return -1;
	return is_signed ? burn_add_sign(b, start, magic, err) : 0;
}
