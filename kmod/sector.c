// SPDX-License-Identifier: GPL-2.0-only
/*
 * A range of flash becomes the new bytes, whole and verified, or stays or returns to the old ones,
 * unless nobody wants those.
 *
 * Everything here runs with nor->hold->lock held.
 */
#include <linux/sched.h>
#include <linux/string.h>

#include "nor.h"

#define ATTEMPTS	3
#define SLICE_MS	1000 /* a slow card behind the configuration window */
#define PAGE_MS		300
#define ERASE_MARGIN_MS 300

/* Take the semaphore and wait for a part that is still busy with somebody else's command. */
static int sector_take(struct cxflash_nor *nor, struct cxflash_why *why)
{
	int err;

	err = cxflash_hold_take(nor->hold, why) ?: cxflash_nor_ready(nor, why);
	if (err)
		cxflash_hold_release(nor->hold);
	return err;
}

/* Let others have the semaphore for a moment if this hold has no @ms left. */
static int sector_renew(struct cxflash_nor *nor, unsigned int ms, struct cxflash_why *why)
{
	if (cxflash_hold_lasts(nor->hold, ms))
		return 0;
	cxflash_hold_release(nor->hold);
	return sector_take(nor, why);
}

/* Programming clears bits; setting one takes an erase. */
static bool sector_needs_erase(const u8 *cur, const u8 *want, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++)
		if (want[i] & ~cur[i])
			return true;
	return false;
}

/* With @want, not NULL, the first slice that only an erase can make it is the last to be read. */
static int sector_read_range(struct cxflash_nor *nor, u32 addr, u8 *buf, u32 len, const u8 *want,
			     struct cxflash_why *why)
{
	u32 off, n;
	int err = 0;

	for (off = 0; off < len && !err; off += n) {
		n = min_t(u32, FLASH_SLICE, len - off);
		err = sector_renew(nor, SLICE_MS, why);
		if (!err)
			err = cxflash_nor_read(nor, addr + off, buf + off, n, why);
		if (want && sector_needs_erase(buf + off, want + off, n))
			break;
		cond_resched();
	}
	return err;
}

/*
 * What has been read blank need not be read again before it is programmed, as the read-back proves
 * it. A reset, a change, or another session, and it is forgotten.
 */
static void sector_remember(struct cxflash_nor *nor, u32 addr, const u8 *buf, u32 len)
{
	u32 at;

	if (nor->blank_resets != nor->hold->resets)
		bitmap_zero(nor->blank, FLASH_MAX / FLASH_SLICE);
	nor->blank_resets = nor->hold->resets;
	for (at = round_up(addr, FLASH_SLICE); at + FLASH_SLICE <= addr + len; at += FLASH_SLICE)
		__assign_bit(at / FLASH_SLICE, nor->blank,
			     !memchr_inv(buf + at - addr, 0xff, FLASH_SLICE));
}

static void sector_forget(struct cxflash_nor *nor, u32 addr, u32 len)
{
	u32 first = addr / FLASH_SLICE;

	bitmap_clear(nor->blank, first, DIV_ROUND_UP(addr + len, FLASH_SLICE) - first);
}

/* For a whole erase unit. */
static bool sector_known_blank(const struct cxflash_nor *nor, u32 addr, u32 len)
{
	u32 end = (addr + len) / FLASH_SLICE;

	return nor->blank_resets == nor->hold->resets &&
	       find_next_zero_bit(nor->blank, end, addr / FLASH_SLICE) == end;
}

/*
 * @addr and @len are multiples of 16, @buf is aligned to words. -EAGAIN: the card was at work for
 * another longer than the reader waits.
 */
int cxflash_sector_read(struct cxflash_nor *nor, u32 addr, u8 *buf, u32 len,
			struct cxflash_why *why)
{
	int err;

	lockdep_assert_held(&nor->hold->lock);
	err = sector_take(nor, why) ?: sector_read_range(nor, addr, buf, len, NULL, why);
	if (!err)
		sector_remember(nor, addr, buf, len);
	cxflash_hold_release(nor->hold);
	return err;
}

static int sector_erase(struct cxflash_nor *nor, struct cxflash_write *w, struct cxflash_why *why)
{
	unsigned int ms = cxflash_part_erase_ms(nor->flash.part, w->len)->max + ERASE_MARGIN_MS;
	int err;

	/*
	 * If the time for it has to be made, the range is not read again: a card so slow that
	 * reading leaves no time for the erase would leave none the second time either.
	 */
	err = sector_renew(nor, ms, why);
	if (err)
		return err;
	w->changed = true;
	w->cur_read = false;
	w->course.erases++;
	err = cxflash_nor_erase(nor, w->addr, w->len, why);
	memset(w->cur, 0xff, w->len);
	return err;
}

/* The blocks from the first to the last that differ in the page at @off; false if none does. */
static bool sector_find_difference(const struct cxflash_write *w, const u8 *want, u32 off, u32 end,
				   u32 *first, u32 *last)
{
	while (off < end && !memcmp(w->cur + off, want + off, FLASH_BLOCK))
		off += FLASH_BLOCK;
	if (off == end)
		return false;
	while (!memcmp(w->cur + end - FLASH_BLOCK, want + end - FLASH_BLOCK, FLASH_BLOCK))
		end -= FLASH_BLOCK;
	*first = off;
	*last = end;
	return true;
}

static int sector_differs(const struct cxflash_write *w, const u8 *want, u32 off,
			  struct cxflash_why *why)
{
	while (w->cur[off] == want[off])
		off++;
	return cxflash_fail(why, -EIO, "0x%06x reads back as 0x%02x instead of 0x%02x",
			    w->addr + off, w->cur[off], want[off]);
}

/*
 * Program what differs, pages in descending order, so that what makes a range valid at its start
 * comes last. For a part that programs single bytes, a block is a page. Returns 1 if the semaphore
 * had to be given up in between: then the range must be looked at again. This ends, as at least
 * one page is programmed first, and none twice.
 */
static int sector_program(struct cxflash_nor *nor, struct cxflash_write *w, u8 *want,
			  struct cxflash_why *why)
{
	u32 size = nor->flash.part->page == 1 ? FLASH_BLOCK : nor->flash.part->page;
	u32 page, off, end, first, last;
	bool any = false;
	int err;

	for (page = (w->addr + w->len - 1) & ~(size - 1); page + size > w->addr; page -= size) {
		off = max(page, w->addr) - w->addr;
		end = min(page + size, w->addr + w->len) - w->addr;
		if (sector_find_difference(w, want, off, end, &first, &last)) {
			if (off >= w->done)
				return sector_differs(w, want, first, why);
			if (any && !cxflash_hold_lasts(nor->hold, PAGE_MS))
				return sector_renew(nor, PAGE_MS, why) ?: 1;
			err = sector_renew(nor, PAGE_MS, why);
			if (err)
				return err;
			any = true;
			w->done = off;
			w->changed = true;
			w->cur_read = false;
			w->course.programs++;
			err = cxflash_nor_program(nor, w->addr + first, want + first, last - first,
						  why);
			if (err)
				return err;
			cond_resched();
		}
		if (!page)
			break;
	}
	return 0;
}

/* Nobody wants the old bytes back, and a read-back follows: something is going to be programmed. */
static bool sector_need_not_look(const struct cxflash_nor *nor, const struct cxflash_write *w,
				 const u8 *want)
{
	return w->discard && !w->no_erase && !w->changed &&
	       sector_known_blank(nor, w->addr, w->len) && memchr_inv(want, 0xff, w->len);
}

/* Without a way back it is enough to have seen that only an erase can make the range @want. */
static int sector_look(struct cxflash_nor *nor, struct cxflash_write *w, const u8 *want,
		       struct cxflash_why *why)
{
	int err;

	if (sector_need_not_look(nor, w, want)) {
		memset(w->cur, 0xff, w->len);
		return 0;
	}
	err = sector_read_range(nor, w->addr, w->cur, w->len,
				w->discard && !w->changed ? want : NULL, why);
	if (err)
		return err;
	w->cur_read = true;
	if (!w->changed)
		memcpy(w->old, w->cur, w->len);
	return 0;
}

/* The least that makes @want of what the range is seen to hold. Returns as sector_program(). */
static int sector_change(struct cxflash_nor *nor, struct cxflash_write *w, u8 *want,
			 struct cxflash_why *why)
{
	bool must_erase = sector_needs_erase(w->cur, want, w->len);
	int err;

	if (must_erase && w->no_erase && !w->changed)
		return cxflash_fail(why, -EUCLEAN, "Bits have to be set, which takes an erase");
	if (must_erase && (w->no_erase || w->done < w->len))
		return sector_differs(w, want, 0, why);
	err = cxflash_gateway_guard(nor->hold, why) ?: cxflash_nor_unprotect(nor, why);
	if (err)
		return err;
	sector_forget(nor, w->addr, w->len);
	WRITE_ONCE(nor->generation, nor->generation + (nor->generation == U32_MAX ? 2 : 1));
	if (must_erase)
		err = sector_erase(nor, w, why);
	return err ?: sector_program(nor, w, want, why);
}

/*
 * One attempt under one hold: look, do the least, look again. On a card too slow for that the hold
 * is renewed, and the work goes on from what the next look finds.
 */
static int sector_attempt(struct cxflash_nor *nor, struct cxflash_write *w, u8 *want,
			  struct cxflash_why *why)
{
	bool complete = false;
	int err;

	w->done = w->len;
	err = sector_take(nor, why);
	while (!err) {
		err = sector_look(nor, w, want, why);
		if (err || !memcmp(w->cur, want, w->len))
			break;
		err = complete ? sector_differs(w, want, 0, why) : sector_change(nor, w, want, why);
		complete = !err;
		err = min(err, 0);
	}
	cxflash_hold_release(nor->hold);
	return err;
}

/* Trying again is for what may have been a fluke, or has left the range in pieces. */
static bool sector_is_final(const struct cxflash_write *w, int err)
{
	return !err || err == -ENODEV || err == -EROFS || err == -EUCLEAN ||
	       (err == -ETIMEDOUT && !w->changed);
}

static int sector_make(struct cxflash_nor *nor, struct cxflash_write *w, u8 *want,
		       struct cxflash_why *why)
{
	unsigned int n;
	int err;

	for (n = 1;; n++) {
		w->course.attempts++;
		err = sector_attempt(nor, w, want, why);
		if (sector_is_final(w, err) || n == ATTEMPTS)
			return err;
	}
}

/* The write has failed after a change: put the old bytes back, and say what is there. */
static enum cxflash_holds sector_restore(struct cxflash_nor *nor, struct cxflash_write *w)
{
	if (!sector_make(nor, w, w->old, NULL))
		return CXFLASH_HOLDS_OLD;
	if (w->cur_read && !memcmp(w->cur, w->want, w->len))
		return CXFLASH_HOLDS_NEW;
	return CXFLASH_HOLDS_UNKNOWN;
}

/*
 * Make w->addr .. w->len hold w->want. Without no_erase the range is one erase unit, with it any
 * multiples of 16. w->course.holds is true whatever is returned.
 */
int cxflash_sector_write(struct cxflash_nor *nor, struct cxflash_write *w, struct cxflash_why *why)
{
	int err;

	lockdep_assert_held(&nor->hold->lock);
	err = sector_make(nor, w, w->want, why);
	if (!err)
		w->course.holds = CXFLASH_HOLDS_NEW;
	else if (!w->changed)
		w->course.holds = CXFLASH_HOLDS_OLD;
	else if (err == -ENODEV || w->discard)
		w->course.holds = CXFLASH_HOLDS_UNKNOWN;
	else
		w->course.holds = sector_restore(nor, w);
	return err;
}
