// SPDX-License-Identifier: GPL-2.0-only
/*
 * A range of flash becomes the new bytes, whole and verified, or stays or returns to the old ones,
 * unless nobody wants those.
 *
 * Everything here runs with card->hw held.
 */
#include <linux/string.h>

#include "cxflash.h"

#define ATTEMPTS	3
#define SLICE		0x1000
#define SLICE_MS	1000 /* a slow card behind the configuration window */
#define PAGE_MS		300
#define ERASE_MARGIN_MS 300

/* Take the semaphore and wait for a part that is still busy with somebody else's command. */
static int begin_hold(struct cxflash_card *card)
{
	int err;

	err = cxflash_hold(card) ?: cxflash_nor_ready(card);
	if (err)
		cxflash_release(card);
	return err;
}

/* Let others have the semaphore for a moment if this hold has no @ms left. */
static int make_time(struct cxflash_card *card, unsigned int ms)
{
	if (cxflash_hold_lasts(card, ms))
		return 0;
	cxflash_release(card);
	return begin_hold(card);
}

/* Programming clears bits; setting one takes an erase. */
static bool needs_erase(const u8 *cur, const u8 *want, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++)
		if (want[i] & ~cur[i])
			return true;
	return false;
}

/* With @want, not NULL, the first slice that only an erase can make it is the last to be read. */
static int read_range(struct cxflash_card *card, u32 addr, u8 *buf, u32 len, const u8 *want)
{
	u32 off, n;
	int err = 0;

	for (off = 0; off < len && !err; off += n) {
		n = min_t(u32, SLICE, len - off);
		err = make_time(card, SLICE_MS) ?: cxflash_nor_read(card, addr + off, buf + off, n);
		if (want && needs_erase(buf + off, want + off, n))
			break;
		cond_resched();
	}
	return err;
}

/* @addr and @len are multiples of 16, @buf is aligned to words. */
int cxflash_sector_read(struct cxflash_card *card, u32 addr, u8 *buf, u32 len)
{
	int err;

	err = begin_hold(card) ?: read_range(card, addr, buf, len, NULL);
	cxflash_release(card);
	return err;
}

static int erase(struct cxflash_card *card, struct cxflash_write *w)
{
	int err;

	/*
	 * If the time for it has to be made, the range is not read again: a card so slow that
	 * reading leaves no time for the erase would leave none the second time either.
	 */
	err = make_time(card, cxflash_nor_erase_ms(card, w->len) + ERASE_MARGIN_MS);
	if (err)
		return err;
	w->changed = true;
	w->cur_read = false;
	w->course.erases++;
	err = cxflash_nor_erase(card, w->addr, w->len);
	memset(w->cur, 0xff, w->len);
	return err;
}

/* The blocks from the first to the last that differ in the page at @off; false if none does. */
static bool find_difference(const struct cxflash_write *w, const u8 *want, u32 off, u32 end,
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

static int differs(struct cxflash_card *card, struct cxflash_write *w, const u8 *want, u32 off)
{
	while (w->cur[off] == want[off])
		off++;
	return cxflash_fail(card, -EIO, "0x%06x reads back as 0x%02x instead of 0x%02x",
			    w->addr + off, w->cur[off], want[off]);
}

/*
 * Program what differs, pages in descending order, so that what makes a range valid at its start
 * comes last. For a part that programs single bytes, a block is a page. Returns 1 if the semaphore
 * had to be given up in between: then the range must be looked at again. This ends, as at least
 * one page is programmed first, and none twice.
 */
static int program(struct cxflash_card *card, struct cxflash_write *w, u8 *want)
{
	u32 size = card->part->page == 1 ? FLASH_BLOCK : card->part->page;
	u32 page, off, end, first, last;
	bool any = false;
	int err;

	for (page = (w->addr + w->len - 1) & ~(size - 1); page + size > w->addr; page -= size) {
		off = max(page, w->addr) - w->addr;
		end = min(page + size, w->addr + w->len) - w->addr;
		if (find_difference(w, want, off, end, &first, &last)) {
			if (off >= w->done)
				return differs(card, w, want, first);
			if (any && !cxflash_hold_lasts(card, PAGE_MS))
				return make_time(card, PAGE_MS) ?: 1;
			err = make_time(card, PAGE_MS);
			if (err)
				return err;
			any = true;
			w->done = off;
			w->changed = true;
			w->cur_read = false;
			w->course.programs++;
			err = cxflash_nor_program(card, w->addr + first, want + first,
						  last - first);
			if (err)
				return err;
			cond_resched();
		}
		if (!page)
			break;
	}
	return 0;
}

/* Without a way back it is enough to have seen that only an erase can make the range @want. */
static int look(struct cxflash_card *card, struct cxflash_write *w, const u8 *want)
{
	int err;

	err = read_range(card, w->addr, w->cur, w->len, w->discard && !w->changed ? want : NULL);
	if (err)
		return err;
	w->cur_read = true;
	if (!w->changed)
		memcpy(w->old, w->cur, w->len);
	return 0;
}

/* The least that makes the range @want, from what it is seen to hold. Returns as program(). */
static int change(struct cxflash_card *card, struct cxflash_write *w, u8 *want)
{
	bool must_erase = needs_erase(w->cur, want, w->len);
	int err;

	if (must_erase && w->no_erase && !w->changed)
		return cxflash_fail(card, -EUCLEAN, "Bits have to be set, which takes an erase");
	if (must_erase && (w->no_erase || w->done < w->len))
		return differs(card, w, want, 0);
	err = cxflash_livefish_guard(card) ?: cxflash_nor_unprotect(card);
	if (err)
		return err;
	card->generation += card->generation == U32_MAX ? 2 : 1;
	if (must_erase)
		err = erase(card, w);
	return err ?: program(card, w, want);
}

/*
 * One attempt under one hold: look, do the least, look again. On a card too slow for that the hold
 * is renewed, and the work goes on from what the next look finds.
 */
static int attempt(struct cxflash_card *card, struct cxflash_write *w, u8 *want)
{
	bool complete = false;
	int err;

	w->done = w->len;
	err = begin_hold(card);
	while (!err) {
		err = look(card, w, want);
		if (err || !memcmp(w->cur, want, w->len))
			break;
		err = complete ? differs(card, w, want, 0) : change(card, w, want);
		complete = !err;
		err = min(err, 0);
	}
	cxflash_release(card);
	return err;
}

/* Trying again is for what may have been a fluke, or has left the range in pieces. */
static bool is_final(const struct cxflash_write *w, int err)
{
	return !err || err == -ENODEV || err == -EROFS || err == -EUCLEAN ||
	       (err == -ETIMEDOUT && !w->changed);
}

static int make(struct cxflash_card *card, struct cxflash_write *w, u8 *want)
{
	unsigned int n;
	int err;

	for (n = 1;; n++) {
		w->course.attempts++;
		err = attempt(card, w, want);
		if (is_final(w, err) || n == ATTEMPTS)
			return err;
	}
}

/* The write has failed after a change: put the old bytes back, and say what is there. */
static enum cxflash_holds restore(struct cxflash_card *card, struct cxflash_write *w)
{
	char why[sizeof(card->why)];
	enum cxflash_holds holds = CXFLASH_HOLDS_UNKNOWN;

	memcpy(why, card->why, sizeof(why));
	if (!make(card, w, w->old))
		holds = CXFLASH_HOLDS_OLD;
	else if (w->cur_read && !memcmp(w->cur, w->want, w->len))
		holds = CXFLASH_HOLDS_NEW;
	memcpy(card->why, why, sizeof(why));
	return holds;
}

/*
 * Make w->addr .. w->len hold w->want. Without no_erase the range is one erase unit, with it any
 * multiples of 16. w->course.holds is true whatever is returned.
 */
int cxflash_sector_write(struct cxflash_card *card, struct cxflash_write *w)
{
	int err;

	err = make(card, w, w->want);
	if (!err)
		w->course.holds = CXFLASH_HOLDS_NEW;
	else if (!w->changed)
		w->course.holds = CXFLASH_HOLDS_OLD;
	else if (err == -ENODEV || w->discard)
		w->course.holds = CXFLASH_HOLDS_UNKNOWN;
	else
		w->course.holds = restore(card, w);
	return err;
}
