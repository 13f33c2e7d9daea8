// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hardware semaphore under which flash may be used, and the sequences of registers in a hold.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/sched/signal.h>

#include "hold.h"
#include "trace.h"

#define SEMAPHORE_MS 5000
#define HOLD_MS	     4000 /* and what began before: mlx4_core waits 10 s (kernel-driver 6.1) */
#define TURN_MS	     1000
#define GAP_MS	     30
#define TAKE_TRIES   3 /* resets of the card */

void cxflash_hold_init(struct cxflash_hold *hold, struct cxflash_cr *cr, bool shared)
{
	hold->cr = cr;
	hold->shared = shared;
	mutex_init(&hold->lock);
	hold->released = jiffies - HZ;
	hold->last_gap = jiffies;
}

/* For an operation, which waits for the card as long as that may take. */
void cxflash_hold_lock(struct cxflash_hold *hold)
{
	/* A reader that looks every millisecond is to see it free. */
	if (atomic_read(&hold->waiting))
		usleep_range(2000, 3000);
	mutex_lock(&hold->lock);
	hold->ms = WORK_MS;
}

/* For a reader, who waits no longer than @ms for this, and for the card afterwards. */
int cxflash_hold_lock_within(struct cxflash_hold *hold, unsigned int ms, struct cxflash_why *why)
{
	ktime_t end = ktime_add_ms(ktime_get(), ms);
	int err = 0;

	atomic_inc(&hold->waiting);
	while (!err && !mutex_trylock(&hold->lock)) {
		if (fatal_signal_pending(current))
			err = -EINTR;
		else if (ktime_after(ktime_get(), end))
			err = cxflash_fail(why, -EALREADY, "The card is at work for another");
		else
			usleep_range(500, 1000);
	}
	atomic_dec(&hold->waiting);
	if (!err)
		hold->ms = ms;
	return err;
}

void cxflash_hold_unlock(struct cxflash_hold *hold)
{
	mutex_unlock(&hold->lock);
}

static void hold_lose_one(struct cxflash_hold *hold, u32 semaphore)
{
	trace_cxflash_hold(hold->cr->pdev, semaphore, HOLD_LOST);
	hold->left = READ_ONCE(hold->cr->moved);
}

/*
 * A reset frees the semaphore, which may be another's by now: the hold is over, and nothing is
 * given back.
 */
static int hold_lost(struct cxflash_hold *hold, struct cxflash_why *why)
{
	if (hold->held2)
		hold_lose_one(hold, CR_SEMAPHORE2);
	if (hold->held)
		hold_lose_one(hold, CR_SEMAPHORE);
	hold->held = false;
	hold->held2 = false;
	cxflash_cr_unpin(hold->cr);
	return cxflash_fail(why, -ECONNRESET, "A reset of the card came in between");
}

/* Begin a sequence of registers. */
int cxflash_hold_begin(struct cxflash_hold *hold, struct cxflash_why *why)
{
	struct cxflash_cr *cr = hold->cr;
	int err;

	lockdep_assert_held(&hold->lock);
	err = cxflash_cr_begin(cr, cr->access, hold->ms, why);
	if (err)
		return err;
	if (!hold->held && !hold->held2)
		hold->resets = cr->resets;
	if (hold->resets == cr->resets)
		return 0;
	cxflash_cr_end(cr);
	return hold_lost(hold, why);
}

/* End it, with the failure @err if that is not 0; whatever a reset has torn is nothing. */
int cxflash_hold_end(struct cxflash_hold *hold, int err, struct cxflash_why *why)
{
	struct cxflash_cr *cr = hold->cr;
	bool torn = cr->torn || (hold->shared && hold->resets != cr->resets);

	lockdep_assert_held(&hold->lock);
	cxflash_cr_end(cr);
	return torn ? hold_lost(hold, why) : err;
}

/* In a sequence: the card that has just answered @val is gone, or has been reset. */
bool cxflash_hold_silent(struct cxflash_hold *hold, u32 val)
{
	return cxflash_cr_silent(hold->cr, val, hold->shared);
}

int cxflash_hold_gone(struct cxflash_why *why)
{
	return cxflash_fail(why, -ENODEV,
			    "The card is gone: its device id register reads all ones");
}

/* A card that is gone reads all ones, as blank flash does. -ECONNRESET: its owner has reset it. */
static int hold_read(struct cxflash_hold *hold, u32 addr, u32 *val, struct cxflash_why *why)
{
	int err;

	err = cxflash_hold_begin(hold, why);
	if (err)
		return err;
	*val = cxflash_cr_read(hold->cr, addr);
	if (cxflash_hold_silent(hold, *val))
		err = cxflash_hold_gone(why);
	return cxflash_hold_end(hold, err, why);
}

int cxflash_hold_alive(struct cxflash_hold *hold, struct cxflash_why *why)
{
	u32 id;

	return hold_read(hold, CR_DEVICE_ID, &id, why);
}

/*
 * Who has the flash keeps configuration space locked until he gives the flash back. So no other
 * program moves the window in between, which would look like a reset, and leave the semaphore taken
 * by nobody; mstflint moves it just to look at the semaphore. And resets through the PCI core wait:
 * a card that boots while its flash is busy finds no firmware.
 */
static int hold_try(struct cxflash_hold *hold, u32 semaphore, u32 *val, struct cxflash_why *why)
{
	int err;

	if (semaphore == CR_SEMAPHORE)
		cxflash_cr_pin(hold->cr);
	err = hold_read(hold, semaphore, val, why);
	if (err || *val)
		cxflash_cr_unpin(hold->cr);
	return err;
}

/*
 * Reading a free semaphore takes it: 0 means that it is ours now. Returns 1 where the card has no
 * such semaphore; 0xf03a0 is known by the values 0 and 1 only (flash-access 3).
 */
static int hold_take_one(struct cxflash_hold *hold, u32 semaphore, struct cxflash_why *why)
{
	unsigned int ms = min_t(unsigned int, hold->ms, SEMAPHORE_MS);
	unsigned long end = jiffies + msecs_to_jiffies(ms);
	bool late = false;
	u32 val;
	int err;

	for (;;) {
		err = hold_try(hold, semaphore, &val, why);
		if (err)
			return err;
		if (!val) {
			trace_cxflash_hold(hold->cr->pdev, semaphore, HOLD_TAKEN);
			return 0;
		}
		if (semaphore == CR_SEMAPHORE2 && val != 1)
			return 1;
		if (late)
			break;
		late = time_after(jiffies, end);
		usleep_range(1000, 1500);
	}
	trace_cxflash_hold(hold->cr->pdev, semaphore, HOLD_REFUSED);
	return cxflash_fail(why, ms < SEMAPHORE_MS ? -EAGAIN : -ETIMEDOUT,
			    "Semaphore 0x%05x stayed taken %s", semaphore,
			    hold->left ? "since another tool moved the window; clear it"
				       : "by another");
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

static int hold_take_all(struct cxflash_hold *hold, struct cxflash_why *why)
{
	int err;

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
	else
		hold->left = false;
	return err;
}

/*
 * Take the card's flash from everybody else; hold->lock orders our own. An owner's reset meanwhile
 * is waited for.
 */
int cxflash_hold_take(struct cxflash_hold *hold, struct cxflash_why *why)
{
	unsigned int tries = TAKE_TRIES;
	int err;

	lockdep_assert_held(&hold->lock);
	hold_leave_gap(hold);
	do
		err = hold_take_all(hold, why);
	while (err == -ECONNRESET && --tries);
	return err;
}

static bool hold_is_lost(const struct cxflash_hold *hold)
{
	return hold->resets != READ_ONCE(hold->cr->resets);
}

static void hold_release_one(struct cxflash_hold *hold, u32 semaphore)
{
	if (hold_is_lost(hold)) {
		hold_lose_one(hold, semaphore);
		return;
	}
	cxflash_cr_write(hold->cr, semaphore, 0);
	trace_cxflash_hold(hold->cr->pdev, semaphore, HOLD_RELEASED);
}

/* Give back what is still ours. */
void cxflash_hold_release(struct cxflash_hold *hold)
{
	ktime_t end = ktime_add_ms(ktime_get(), WORK_MS);
	struct cxflash_cr *cr = hold->cr;
	int err = -EBUSY;

	lockdep_assert_held(&hold->lock);
	/* A reset that is waited for shows that there is nothing to give back. */
	while ((hold->held || hold->held2) && err == -EBUSY && !hold_is_lost(hold) &&
	       ktime_before(ktime_get(), end)) {
		err = cxflash_cr_begin(cr, cr->access, REQUEST_MS, NULL);
		if (err)
			continue;
		if (hold->held)
			hold_release_one(hold, CR_SEMAPHORE);
		if (hold->held2)
			hold_release_one(hold, CR_SEMAPHORE2);
		cxflash_cr_end(cr);
	}
	hold->held = false;
	hold->held2 = false;
	cxflash_cr_unpin(cr);
	hold->released = jiffies;
}

/* Whether @ms more fit into this hold. */
bool cxflash_hold_lasts(struct cxflash_hold *hold, unsigned int ms)
{
	return time_before(jiffies + msecs_to_jiffies(ms), hold->since + msecs_to_jiffies(HOLD_MS));
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

	hold->ms = REQUEST_MS;
	err = cxflash_hold_begin(hold, why);
	if (err)
		return err;
	for (i = 0; i < n; i++) {
		val = cxflash_cr_read(cr, addr[i]);
		if (cxflash_hold_silent(hold, val)) {
			err = cxflash_hold_gone(why);
			break;
		}
		if (addr[i] == CR_SEMAPHORE2 && val > 1)
			continue;
		if (!val || clear)
			cxflash_cr_write(cr, addr[i], 0);
		state[i] = val ? CXFLASH_SEMAPHORE_STATE_HELD : CXFLASH_SEMAPHORE_STATE_FREE;
	}
	return cxflash_hold_end(hold, err, why);
}
