// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SPI gateway, and the hardware semaphore under which it may be used.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>

#include "cxflash.h"

/* The gateway's command word (flash-access 4). */
#define GW_ENABLE BIT(13)
#define GW_GO	  BIT(30)

#define SEMAPHORE_MS  5000
#define CR_MS	      3000 /* longer than a PCI reset keeps configuration space */
#define GATEWAY_MS    10
#define GATEWAY_TRIES 100
#define HOLD_MS	      5000 /* and a second to spare: mlx4_core waits 10 s (kernel-driver 6.1) */
#define TURN_MS	      1000
#define GAP_MS	      30

/*
 * For the holder of card->hw. A reset frees the semaphore, and the hold that it has hit is over: if
 * it reads 0, this reading has taken it anew. If it reads 1, there was no reset after all.
 */
static int begin(struct cxflash_card *card, unsigned int patience_ms)
{
	u32 val;
	int err;

	err = cxflash_cr_begin(card, card->access, patience_ms);
	if (err == -ENODEV)
		return cxflash_fail(card, err, "The card has left");
	if (err)
		return cxflash_fail(card, err, "A PCI reset of the card takes longer than %u ms",
				    patience_ms);
	if (!card->lost || !card->held)
		return 0;
	card->lost = false;
	val = cxflash_cr_read(card, CR_SEMAPHORE);
	if (val && val != ~0u)
		return 0;
	cxflash_cr_end(card);
	card->held = !val;
	card->held2 = false;
	return cxflash_fail(card, -ECONNRESET, "A PCI reset of the card came in between");
}

static int read_word(struct cxflash_card *card, u32 addr, u32 *val)
{
	int err;

	err = begin(card, CR_MS);
	if (err)
		return err;
	*val = cxflash_cr_read(card, addr);
	cxflash_cr_end(card);
	return 0;
}

static int fail_gone(struct cxflash_card *card)
{
	return cxflash_fail(card, -ENODEV,
			    "The card is gone: its device id register reads all ones");
}

/* A card that is gone reads all ones, as blank flash does. */
int cxflash_alive(struct cxflash_card *card)
{
	u32 id;
	int err;

	err = read_word(card, CR_DEVICE_ID, &id);
	return !err && id == ~0u ? fail_gone(card) : err;
}

/*
 * Reading a free semaphore takes it: 0 means that it is ours now. A card that its own driver resets
 * answers all ones for a second; any other that does so is gone. Returns 1 where the card has no
 * such semaphore; 0xf03a0 is known by the values 0 and 1 only (flash-access 3).
 */
static int take(struct cxflash_card *card, u32 semaphore)
{
	unsigned long end = jiffies + msecs_to_jiffies(SEMAPHORE_MS);
	bool late = false;
	u32 val;
	int err;

	for (;;) {
		err = read_word(card, semaphore, &val);
		if (err || !val)
			return err;
		if (val == ~0u && (late || card->binding != CXFLASH_BINDING_BESIDE)) {
			err = cxflash_alive(card);
			if (err)
				return err;
		}
		if (semaphore == CR_SEMAPHORE2 && val != 1 && val != ~0u)
			return 1;
		if (late)
			break;
		late = time_after(jiffies, end);
		usleep_range(1000, 1500);
	}
	return cxflash_fail(card, -ETIMEDOUT, "Semaphore 0x%05x stayed taken by another for %d ms",
			    semaphore, SEMAPHORE_MS);
}

/*
 * mlx4_core, which waits for the semaphore before it resets the card, looks every few milliseconds
 * and gives up after 10 s. Back-to-back holds would starve it, so it gets a gap once in a while.
 */
static void leave_gap(struct cxflash_card *card)
{
	unsigned long idle = jiffies - card->released;
	unsigned long gap = msecs_to_jiffies(GAP_MS);

	if (idle < gap) {
		if (time_before(jiffies, card->last_gap + msecs_to_jiffies(TURN_MS)))
			return;
		msleep(jiffies_to_msecs(gap - idle));
	}
	card->last_gap = jiffies;
}

/* Take the card's flash from everybody else. Called with card->hw held, which orders our own. */
int cxflash_hold(struct cxflash_card *card)
{
	int err;

	leave_gap(card);
	card->lost = false;
	if (card->chip_id != CHIP_CX) {
		err = take(card, CR_SEMAPHORE2);
		if (err < 0)
			return err;
		card->held2 = !err;
	}
	err = take(card, CR_SEMAPHORE);
	card->held = !err;
	card->hold_start = jiffies;
	if (err)
		cxflash_release(card);
	return err;
}

/* Leaves card->why alone: it may hold the reason for the release. */
void cxflash_release(struct cxflash_card *card)
{
	if ((card->held || card->held2) && !cxflash_cr_begin(card, card->access, CR_MS)) {
		if (card->held)
			cxflash_cr_write(card, CR_SEMAPHORE, 0);
		if (card->held2)
			cxflash_cr_write(card, CR_SEMAPHORE2, 0);
		cxflash_cr_end(card);
	}
	card->held = false;
	card->held2 = false;
	card->released = jiffies;
}

/* Whether @ms more fit into this hold. */
bool cxflash_hold_lasts(struct cxflash_card *card, unsigned int ms)
{
	return time_before(jiffies + msecs_to_jiffies(ms),
			   card->hold_start + msecs_to_jiffies(HOLD_MS));
}

/*
 * Who has the semaphores, for a request with card->hw held: reading takes a free one, which is
 * given back at once; @clear gives back another's, too. 0xf03a0: as in take().
 */
int cxflash_semaphores(struct cxflash_card *card, bool clear, u32 state[2])
{
	static const u32 addr[] = { CR_SEMAPHORE, CR_SEMAPHORE2 };
	unsigned int i, n = card->chip_id == CHIP_CX ? 1 : 2;
	u32 val;
	int err;

	err = begin(card, REQUEST_MS);
	if (err)
		return err;
	for (i = 0; i < n && !err; i++) {
		val = cxflash_cr_read(card, addr[i]);
		if (val == ~0u && cxflash_cr_read(card, CR_DEVICE_ID) == ~0u) {
			err = fail_gone(card);
		} else if (addr[i] == CR_SEMAPHORE || val <= 1) {
			if (!val || clear)
				cxflash_cr_write(card, addr[i], 0);
			state[i] =
				val ? CXFLASH_SEMAPHORE_STATE_HELD : CXFLASH_SEMAPHORE_STATE_FREE;
		}
	}
	cxflash_cr_end(card);
	return err;
}

/* Between begin and end. A command of 20 bytes takes some 10 us on the wire. */
static int wait_idle(struct cxflash_card *card)
{
	unsigned long end = jiffies + msecs_to_jiffies(GATEWAY_MS);
	unsigned int tries;
	bool late;
	u32 val;

	for (tries = 0;; tries++) {
		late = tries >= GATEWAY_TRIES && time_after(jiffies, end);
		val = cxflash_cr_read(card, CR_GW_COMMAND);
		if (!(val & GW_GO))
			return 0;
		if (val == ~0u && cxflash_cr_read(card, CR_DEVICE_ID) == ~0u)
			return fail_gone(card);
		if (late)
			return cxflash_fail(card, -ETIMEDOUT,
					    "The SPI gateway stayed busy (CR 0xf0400 reads 0x%08x)",
					    val);
		if (tries >= GATEWAY_TRIES / 2)
			usleep_range(10, 20);
	}
}

/*
 * One gateway command, with its phases as in flash-access 4; the address register is written only
 * if there is an address phase, @data moved only if there is a data phase, in whole words.
 */
int cxflash_gateway(struct cxflash_card *card, u32 cmd, u32 addr, __be32 *data)
{
	unsigned int words = cmd & GW_DATA_PHASE ? DIV_ROUND_UP(1 << (cmd >> 8 & 7), 4) : 0;
	unsigned int i;
	int err;

	err = begin(card, CR_MS);
	if (err)
		return err;
	if (!(cmd & GW_READ))
		for (i = 0; i < words; i++)
			cxflash_cr_write(card, CR_GW_DATA + 4 * i, be32_to_cpu(data[i]));
	if (cmd & GW_ADDRESS)
		cxflash_cr_write(card, CR_GW_ADDRESS, addr);
	cxflash_cr_write(card, CR_GW_COMMAND, cmd | GW_ENABLE | GW_GO);
	err = wait_idle(card);
	if (!err && cmd & GW_READ)
		for (i = 0; i < words; i++)
			data[i] = cpu_to_be32(cxflash_cr_read(card, CR_GW_DATA + 4 * i));
	cxflash_cr_end(card);
	return err;
}

/*
 * A card that booted without firmware resets itself on link loss unless told not to, which would
 * tear a write (flash-access 6). Part of every write, as a reset undoes it.
 */
int cxflash_livefish_guard(struct cxflash_card *card)
{
	u32 val;
	int err;

	err = begin(card, CR_MS);
	if (err)
		return err;
	if (cxflash_cr_read(card, CR_LIVEFISH) > 0xfff00000) {
		val = cxflash_cr_read(card, CR_LINK_RESET);
		if (val == ~0u && cxflash_cr_read(card, CR_DEVICE_ID) == ~0u)
			err = fail_gone(card);
		else if ((val >> 27 & 3) != 2)
			cxflash_cr_write(card, CR_LINK_RESET, (val & ~(3u << 27)) | 2u << 27);
	}
	cxflash_cr_end(card);
	return err;
}

/* Where the card starts from at its next soft reset (flash-access 8). */
int cxflash_set_boot(struct cxflash_card *card, u32 addr)
{
	int err;

	err = cxflash_hold(card);
	if (err)
		return err;
	err = begin(card, CR_MS);
	if (!err) {
		cxflash_cr_write(card, CR_BOOT, addr << 8);
		cxflash_cr_end(card);
		err = cxflash_alive(card);
	}
	cxflash_release(card);
	return err;
}
