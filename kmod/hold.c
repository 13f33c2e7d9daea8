// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hardware semaphore under which flash may be used, and the sequences of registers in a hold.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>

#include "hold.h"

#define SEMAPHORE_MS 5000
#define HOLD_MS	     5000 /* and a second to spare: mlx4_core waits 10 s (kernel-driver 6.1) */
#define TURN_MS	     1000
#define GAP_MS	     30

void cxflash_hold_init(struct cxflash_hold *hold, struct cxflash_cr *cr, bool shared)
{
	hold->cr = cr;
	hold->shared = shared;
	mutex_init(&hold->lock);
	hold->released = jiffies - HZ;
	hold->last_gap = jiffies;
}

/*
 * Begin a sequence of registers. A reset frees the semaphore, and the hold that it has hit is over:
 * if it reads 0, this reading has taken it anew. If it reads 1, there was no reset after all.
 */
int cxflash_hold_begin(struct cxflash_hold *hold, unsigned int ms, struct cxflash_why *why)
{
	u32 val;
	int err;

	lockdep_assert_held(&hold->lock);
	err = cxflash_cr_begin(hold->cr, hold->cr->access, ms, why);
	if (err)
		return err;
	if (!hold->cr->lost || !hold->held)
		return 0;
	hold->cr->lost = false;
	val = cxflash_cr_read(hold->cr, CR_SEMAPHORE);
	if (val && val != ~0u)
		return 0;
	cxflash_cr_end(hold->cr);
	hold->held = !val;
	hold->held2 = false;
	return cxflash_fail(why, -ECONNRESET, "A PCI reset of the card came in between");
}

void cxflash_hold_end(struct cxflash_hold *hold)
{
	lockdep_assert_held(&hold->lock);
	cxflash_cr_end(hold->cr);
}

static int hold_read(struct cxflash_hold *hold, u32 addr, u32 *val, struct cxflash_why *why)
{
	int err;

	err = cxflash_hold_begin(hold, CR_MS, why);
	if (err)
		return err;
	*val = cxflash_cr_read(hold->cr, addr);
	cxflash_hold_end(hold);
	return 0;
}

int cxflash_hold_gone(struct cxflash_why *why)
{
	return cxflash_fail(why, -ENODEV,
			    "The card is gone: its device id register reads all ones");
}

/* A card that is gone reads all ones, as blank flash does. */
int cxflash_hold_alive(struct cxflash_hold *hold, struct cxflash_why *why)
{
	u32 id;
	int err;

	err = hold_read(hold, CR_DEVICE_ID, &id, why);
	return !err && id == ~0u ? cxflash_hold_gone(why) : err;
}

/*
 * Reading a free semaphore takes it: 0 means that it is ours now. A card that its own driver resets
 * answers all ones for a second; any other that does so is gone. Returns 1 where the card has no
 * such semaphore; 0xf03a0 is known by the values 0 and 1 only (flash-access 3).
 */
static int hold_take_one(struct cxflash_hold *hold, u32 semaphore, struct cxflash_why *why)
{
	unsigned long end = jiffies + msecs_to_jiffies(SEMAPHORE_MS);
	bool late = false;
	u32 val;
	int err;

	for (;;) {
		err = hold_read(hold, semaphore, &val, why);
		if (err || !val)
			return err;
		if (val == ~0u && (late || !hold->shared)) {
			err = cxflash_hold_alive(hold, why);
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
	return cxflash_fail(why, -ETIMEDOUT, "Semaphore 0x%05x stayed taken by another for %d ms",
			    semaphore, SEMAPHORE_MS);
}

/*
 * mlx4_core, which waits for the semaphore before it resets the card, looks every few milliseconds
 * and gives up after 10 s. Back-to-back holds would starve it, so it gets a gap once in a while.
 */
static void hold_leave_gap(struct cxflash_hold *hold)
{
	unsigned long idle = jiffies - hold->released;
	unsigned long gap = msecs_to_jiffies(GAP_MS);

	if (idle < gap) {
		if (time_before(jiffies, hold->last_gap + msecs_to_jiffies(TURN_MS)))
			return;
		msleep(jiffies_to_msecs(gap - idle));
	}
	hold->last_gap = jiffies;
}

/* Take the card's flash from everybody else; hold->lock orders our own. */
int cxflash_hold_take(struct cxflash_hold *hold, struct cxflash_why *why)
{
	int err;

	lockdep_assert_held(&hold->lock);
	hold_leave_gap(hold);
	hold->cr->lost = false;
	if (hold->cr->chip_id != CHIP_CX) {
		err = hold_take_one(hold, CR_SEMAPHORE2, why);
		if (err < 0)
			return err;
		hold->held2 = !err;
	}
	err = hold_take_one(hold, CR_SEMAPHORE, why);
	hold->held = !err;
	hold->since = jiffies;
	if (err)
		cxflash_hold_release(hold);
	return err;
}

void cxflash_hold_release(struct cxflash_hold *hold)
{
	struct cxflash_cr *cr = hold->cr;

	lockdep_assert_held(&hold->lock);
	if ((hold->held || hold->held2) && !cxflash_cr_begin(cr, cr->access, CR_MS, NULL)) {
		if (hold->held)
			cxflash_cr_write(cr, CR_SEMAPHORE, 0);
		if (hold->held2)
			cxflash_cr_write(cr, CR_SEMAPHORE2, 0);
		cxflash_cr_end(cr);
	}
	hold->held = false;
	hold->held2 = false;
	hold->released = jiffies;
}

/* Whether @ms more fit into this hold. */
bool cxflash_hold_lasts(struct cxflash_hold *hold, unsigned int ms)
{
	return time_before(jiffies + msecs_to_jiffies(ms),
			   hold->since + msecs_to_jiffies(HOLD_MS));
}

/*
 * Who has the semaphores, for a request: reading takes a free one, which is given back at once;
 * @clear gives back another's, too. 0xf03a0: as in hold_take_one().
 */
int cxflash_hold_semaphores(struct cxflash_hold *hold, bool clear, u32 state[2],
			    struct cxflash_why *why)
{
	static const u32 addr[] = { CR_SEMAPHORE, CR_SEMAPHORE2 };
	unsigned int i, n = hold->cr->chip_id == CHIP_CX ? 1 : 2;
	struct cxflash_cr *cr = hold->cr;
	u32 val;
	int err;

	err = cxflash_hold_begin(hold, REQUEST_MS, why);
	if (err)
		return err;
	for (i = 0; i < n && !err; i++) {
		val = cxflash_cr_read(cr, addr[i]);
		if (val == ~0u && cxflash_cr_read(cr, CR_DEVICE_ID) == ~0u) {
			err = cxflash_hold_gone(why);
		} else if (addr[i] == CR_SEMAPHORE || val <= 1) {
			if (!val || clear)
				cxflash_cr_write(cr, addr[i], 0);
			state[i] =
				val ? CXFLASH_SEMAPHORE_STATE_HELD : CXFLASH_SEMAPHORE_STATE_FREE;
		}
	}
	cxflash_hold_end(hold);
	return err;
}
