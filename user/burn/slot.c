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

/* Pages of [addr, end) in which the part has a bit to clear. */
static size_t pages_to_program(const struct burn_builder *b, uint32_t addr, uint32_t end,
			       bool erased)
{
	uint32_t page = b->info->page_size, in;
	size_t pages = 0;

	for (; addr < end; addr = addr / page * page + page) {
		for (in = addr; in < end && in < addr / page * page + page; in++)
			if (b->want[in] != (erased ? 0xff : b->now[in]))
				break;
		pages += in < end && in < addr / page * page + page;
	}
	return pages;
}

static uint64_t program_us(const struct burn_builder *b, uint32_t addr, uint32_t end, bool erased)
{
	return (uint64_t)pages_to_program(b, addr, end, erased) * b->info->program_us;
}

static uint64_t erase_us(const struct burn_builder *b, uint32_t len)
{
	return 1000ull * (len == BURN_BLOCK ? b->info->erase_64k_ms : b->info->erase_4k_ms);
}

/* What it costs the part itself. */
static void count_time(struct burn_builder *b, uint32_t addr, uint32_t len, bool erases)
{
	b->plan->pages += pages_to_program(b, addr, addr + len, erases);
	b->plan->busy_us += program_us(b, addr, addr + len, erases);
	if (erases)
		b->plan->busy_us += erase_us(b, len);
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

/* ---- blocks ---- */

/* What lies behind @end in an erased range is behind the image too, and is not brought back. */
static int add_erase(struct burn_builder *b, uint32_t addr, uint32_t len, uint32_t end,
		     struct cx_err *err)
{
	if (addr + len > end)
		memset(b->want + end, 0xff, addr + len - end);
	return add_write(b, addr, len, b->content_flags, true, err);
}

static uint64_t unit_us(const struct burn_builder *b, uint32_t addr, uint32_t end)
{
	bool erased = need_of(b, addr) == ERASE;

	if (end > addr + b->unit)
		end = addr + b->unit;
	return (erased ? erase_us(b, b->unit) : 0) + program_us(b, addr, end, erased);
}

/*
 * Is it cheaper to erase this block at once than the units in it that need it? Where nothing has to
 * be erased and all of it to be programmed, one write is less talk.
 */
static bool whole_block(const struct burn_builder *b, uint32_t block, uint32_t end,
			const size_t units[3])
{
	uint64_t us = 0;

	if (!b->block_erase || b->unit == BURN_BLOCK ||
	    block + BURN_BLOCK > b->size - b->plan->nv_reserve)
		return false;
	if (!units[ERASE])
		return !units[SKIP];
	for (uint32_t addr = block; addr < end; addr += b->unit)
		us += unit_us(b, addr, end);
	return erase_us(b, BURN_BLOCK) + program_us(b, block, end, true) < us;
}

/* One 64 KiB block, whose first @len bytes are wanted. */
static int plan_block(struct burn_builder *b, uint32_t block, uint32_t len, struct cx_err *err)
{
	uint32_t n = BURN_BLOCK / b->unit, used = (len + b->unit - 1) / b->unit, end = block + len;
	size_t units[3] = {0};

	for (uint32_t addr = block; addr < block + BURN_BLOCK; addr += b->unit)
		units[need_of(b, addr)]++;
	if (whole_block(b, block, end, units)) {
		count_units(b, used, units[ERASE] ? 0 : units[PROGRAM], units[ERASE] ? n : 0);
		return units[ERASE] ? add_erase(b, block, BURN_BLOCK, end, err)
				    : add_write(b, block, BURN_BLOCK, b->content_flags, false, err);
	}
	count_units(b, used, units[PROGRAM], units[ERASE]);
	for (uint32_t addr = block; addr < block + BURN_BLOCK; addr += b->unit) {
		enum need need = need_of(b, addr);
		int ret = 0;

		if (need != SKIP && addr + b->unit > b->size - b->plan->nv_reserve)
			ret = write_beside_nv(b, addr, need, err);
		else if (need == ERASE)
			ret = add_erase(b, addr, b->unit, end, err);
		else if (need == PROGRAM)
			ret = add_write(b, addr, b->unit, b->content_flags, false, err);
		if (ret)
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
