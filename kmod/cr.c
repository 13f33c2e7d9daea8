// SPDX-License-Identifier: GPL-2.0-only
/*
 * CR space: through BAR0, or through the window at 0x58/0x5c of configuration space.
 */
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/ktime.h>

#include "cr.h"

/* Configuration space (flash-access 2.1). */
#define WINDOW_ADDRESS 0x58
#define WINDOW_DATA    0x5c
#define WINDOW_READ    1 /* in the address, where it cannot be read back */

/* Answers in place of data (flash-access 2). */
#define CR_DEAD	       0xffffffffu
#define CR_NO_ACCESS   0xbadacce5u
#define CR_SECURE_HOST 0xbad0cafeu

#define FLUSH_TRIES 1000

/*
 * Where the window rests between sequences. A reset moves it to 0; others that use it leave it
 * elsewhere, as no program reads this word of a card that has firmware. Reading it changes nothing.
 */
#define WINDOW_CANARY CR_LINK_RESET

/* A card reads its flash while it boots; mlx4_core gives it a second (kernel-driver 6.1). */
#define BOOT_MS	  1500
#define SILENT_MS 5000

void cxflash_cr_init(struct cxflash_cr *cr, struct pci_dev *pdev)
{
	cr->pdev = pdev;
	mutex_init(&cr->lock);
}

/* The device id answers; what else does nobody knows before the boot is over. */
void cxflash_cr_lost(struct cxflash_cr *cr, bool patient)
{
	lockdep_assert_held(&cr->lock);
	if (!cr->booting)
		cr->silent = jiffies + (patient ? msecs_to_jiffies(SILENT_MS) : 0);
	WRITE_ONCE(cr->resets, cr->resets + 1);
	cr->booting = true;
	cr->answers = false;
	cr->dirty = false;
	WRITE_ONCE(cr->moved, false);
}

/* The window is at @at, where we did not leave it. */
static void cr_window_lost(struct cxflash_cr *cr, u32 at)
{
	cxflash_cr_lost(cr, true);
	WRITE_ONCE(cr->moved, at && at != CR_DEAD);
}

/*
 * Go to @addr. False if somebody has moved the window since we last did: that is a reset, and what
 * the sequence would do from here on would be done to a card that boots. Without preemption, as
 * whoever resets the card between the look and the move is not noticed.
 */
static bool cr_window_move(struct cxflash_cr *cr, u32 addr)
{
	u32 at = cr->at;

	if (cr->torn)
		return false;
	if (at)
		pci_read_config_dword(cr->pdev, WINDOW_ADDRESS, &at);
	if (at != cr->at) {
		cr->torn = true;
		cr_window_lost(cr, at);
		return false;
	}
	if (at != addr)
		pci_write_config_dword(cr->pdev, WINDOW_ADDRESS, addr);
	cr->at = addr;
	return true;
}

/* Whether the window is ours from sequence to sequence. */
static bool cr_window_kept(const struct cxflash_cr *cr)
{
	return cr->way == CXFLASH_ACCESS_CONFIG && cr->access == CXFLASH_ACCESS_CONFIG &&
	       !cr->window_blind;
}

static u32 cr_window_get(struct cxflash_cr *cr, u32 addr)
{
	u32 val = CR_DEAD, back = addr;

	if (!cr_window_kept(cr))
		pci_write_config_dword(cr->pdev, WINDOW_ADDRESS,
				       cr->window_blind ? addr | WINDOW_READ : addr);
	else if (!cr_window_move(cr, addr))
		return CR_DEAD;
	pci_read_config_dword(cr->pdev, WINDOW_DATA, &val);
	/* A reset in between moves the window to CR 0, and no semaphore has been taken. */
	if (!val && (addr == CR_SEMAPHORE || addr == CR_SEMAPHORE2))
		pci_read_config_dword(cr->pdev, WINDOW_ADDRESS, &back);
	return back ? val : CR_DEAD;
}

static u32 cr_window_read(struct cxflash_cr *cr, u32 addr)
{
	u32 val;

	preempt_disable();
	val = cr_window_get(cr, addr);
	preempt_enable();
	return val;
}

/* Where the address cannot be read back, writing it is what starts the access. */
static void cr_window_write(struct cxflash_cr *cr, u32 addr, u32 val)
{
	preempt_disable();
	if (cr->window_blind) {
		pci_write_config_dword(cr->pdev, WINDOW_DATA, val);
		pci_write_config_dword(cr->pdev, WINDOW_ADDRESS, addr);
	} else if (cr_window_move(cr, addr)) {
		pci_write_config_dword(cr->pdev, WINDOW_DATA, val);
	}
	preempt_enable();
}

/*
 * A write to ConnectX rev A0, ConnectX-3 and -3 Pro has arrived when a zero written after it reads
 * back (flash-access 2.3). The read that follows tells a card that never answers; one that is gone
 * lets each read take up to 50 ms.
 */
static void cr_flush(struct cxflash_cr *cr)
{
	unsigned int tries = FLUSH_TRIES;
	u32 val;

	iowrite32be(0, cr->bar + CR_FLUSH);
	do
		val = ioread32be(cr->bar + CR_FLUSH);
	while (val && val != CR_DEAD && --tries);
	cr->dirty = false;
}

/* One word of CR space, between cxflash_cr_begin() and cxflash_cr_end(). */
u32 cxflash_cr_read(struct cxflash_cr *cr, u32 addr)
{
	lockdep_assert_held(&cr->lock);
	if (cr->way == CXFLASH_ACCESS_CONFIG)
		return cr_window_read(cr, addr);
	if (cr->dirty)
		cr_flush(cr);
	return ioread32be(cr->bar + addr);
}

void cxflash_cr_write(struct cxflash_cr *cr, u32 addr, u32 val)
{
	lockdep_assert_held(&cr->lock);
	if (cr->way == CXFLASH_ACCESS_CONFIG) {
		cr_window_write(cr, addr, val);
		return;
	}
	iowrite32be(val, cr->bar + addr);
	cr->dirty = cr->flush;
}

/*
 * The configuration space of a card behind the window is locked, against user space and resets.
 * That lock is never waited for: a reset holds it while it waits for this card's operation in
 * reset_prepare(), and lets us go on.
 */
static bool cr_lock_config(struct cxflash_cr *cr)
{
	if (cr->cfg_locked || READ_ONCE(cr->reset_waits))
		return true;
	cr->cfg_locked = pci_cfg_access_trylock(cr->pdev);
	/* Maybe it was a reset; who cannot see that must believe it. */
	if (!cr->cfg_locked && cr->window_blind && !cr->booting)
		cxflash_cr_lost(cr, true);
	return cr->cfg_locked;
}

static void cr_unlock_config(struct cxflash_cr *cr)
{
	if (cr->cfg_locked)
		pci_cfg_access_unlock(cr->pdev);
	cr->cfg_locked = false;
}

/*
 * Find the window where we left it, or else know why not. Another program may be between its
 * address and its data, so that is where the window rests from now on.
 */
static void cr_find_window(struct cxflash_cr *cr)
{
	u32 at, back = 0;

	pci_read_config_dword(cr->pdev, WINDOW_ADDRESS, &at);
	if (!cr_window_kept(cr)) {
		cr->window = at == CR_DEAD ? 0 : at;
		if (cr->access == CXFLASH_ACCESS_CONFIG)
			return;
		pci_write_config_dword(cr->pdev, WINDOW_ADDRESS, CR_DEVICE_ID);
		pci_read_config_dword(cr->pdev, WINDOW_ADDRESS, &back);
		cr->window_blind = back == CR_NO_ACCESS;
	} else if (at != cr->at) {
		if (cr->at) {
			cr_window_lost(cr, at);
			cr->foreign = cr->moved ? at : 0;
		}
		cr->at = 0;
	}
}

/* Whether the card has booted; all that is read before is its id. */
static int cr_look_at_boot(struct cxflash_cr *cr)
{
	u32 id = cxflash_cr_read(cr, CR_DEVICE_ID);

	if (id == CR_DEAD || !id) {
		cr->answers = false;
		return time_after(jiffies, cr->silent) ? -ENXIO : -EAGAIN;
	}
	if (!cr->answers)
		cr->ready = jiffies + msecs_to_jiffies(BOOT_MS);
	cr->answers = true;
	if (time_before(jiffies, cr->ready))
		return -EBUSY;
	cr->booting = false;
	return 0;
}

/* A reset since the last access would not be noticed any more where we move the window unseen. */
static void cr_window_rest(struct cxflash_cr *cr, u32 rest)
{
	preempt_disable();
	if (cr_window_kept(cr)) {
		cr_window_move(cr, rest);
	} else {
		pci_write_config_dword(cr->pdev, WINDOW_ADDRESS, rest);
		cr->at = rest;
	}
	preempt_enable();
}

/* Leave the registers to others, but keep cr->lock. */
static void cr_leave(struct cxflash_cr *cr)
{
	bool gateway = cr->at >= CR_GW_COMMAND && cr->at < CR_GW_DATA + 16;
	u32 rest = cr->window;

	if (cr_window_kept(cr))
		rest = cr->foreign ?: gateway ? 0 : WINDOW_CANARY;
	else if (cr->window_blind)
		rest = CR_DEVICE_ID | WINDOW_READ;
	/* The next sequence of the gateway comes at once. */
	if (cr->way == CXFLASH_ACCESS_CONFIG && rest)
		cr_window_rest(cr, rest);
	/* But not where looking at configuration space takes a semaphore. */
	if (!cr->booting && (cr->foreign == CR_SEMAPHORE || cr->foreign == CR_SEMAPHORE2))
		cr->foreign = 0;
	cr->torn = false;
	if (!cr->pinned)
		cr_unlock_config(cr);
}

/* 0; -ENODEV; or -EAGAIN during a reset, -EBUSY during the boot after it, -ENXIO if none comes. */
static int cr_try_begin(struct cxflash_cr *cr)
{
	int err = 0;

	lockdep_assert_held(&cr->lock);
	if (cr->closed)
		return -ENODEV;
	if (cr->resetting)
		return -EAGAIN;
	if (cr->way == CXFLASH_ACCESS_CONFIG) {
		if (!cr_lock_config(cr))
			return -EAGAIN;
		cr_find_window(cr);
	}
	if (cr->booting)
		err = cr_look_at_boot(cr);
	if (err) {
		cr_leave(cr);
		cr_unlock_config(cr);
	}
	return err;
}

static int cr_refuse(int err, unsigned int ms, struct cxflash_why *why)
{
	switch (err) {
	case -ENODEV:
		return cxflash_fail(why, err, "The card has left");
	case -ENXIO:
		return cxflash_fail(why, -ENODEV,
				    "The card is gone: its device id register reads all ones");
	case -EBUSY:
		return cxflash_fail(why, err, "The card boots after a reset; try again in 2 s");
	}
	return cxflash_fail(why, -EBUSY, "A PCI reset of the card takes longer than %u ms", ms);
}

/*
 * Begin a sequence of CR accesses that must not be torn apart. -ENODEV: the card is served no more,
 * or gone; -EBUSY: a reset, and the boot after it, last longer than @ms. @way: cr->access, or the
 * window.
 */
int cxflash_cr_begin(struct cxflash_cr *cr, enum cxflash_access way, unsigned int ms,
		     struct cxflash_why *why)
{
	ktime_t end = ktime_add_ms(ktime_get(), ms);
	int err;

	for (;;) {
		mutex_lock(&cr->lock);
		cr->way = way;
		err = cr_try_begin(cr);
		if (!err)
			return 0;
		mutex_unlock(&cr->lock);
		if ((err != -EAGAIN && err != -EBUSY) || ktime_after(ktime_get(), end))
			return cr_refuse(err, ms, why);
		usleep_range(500, 1000);
	}
}

void cxflash_cr_end(struct cxflash_cr *cr)
{
	lockdep_assert_held(&cr->lock);
	cr_leave(cr);
	mutex_unlock(&cr->lock);
}

/*
 * In a sequence: whether the card that has just answered @val answers nothing, or boots. @patient:
 * it has an owner, who may have reset it, and is not gone yet.
 */
bool cxflash_cr_silent(struct cxflash_cr *cr, u32 val, bool patient)
{
	if (cr->torn)
		return true;
	if (val != CR_DEAD || cxflash_cr_read(cr, CR_DEVICE_ID) != CR_DEAD)
		return false;
	if (!cr->torn)
		cxflash_cr_lost(cr, patient);
	return true;
}

/* Keep configuration space locked from sequence to sequence, so that PCI resets wait. */
void cxflash_cr_pin(struct cxflash_cr *cr)
{
	mutex_lock(&cr->lock);
	cr->pinned = cr->access == CXFLASH_ACCESS_CONFIG;
	mutex_unlock(&cr->lock);
}

void cxflash_cr_unpin(struct cxflash_cr *cr)
{
	mutex_lock(&cr->lock);
	cr->pinned = false;
	cr_unlock_config(cr);
	mutex_unlock(&cr->lock);
}

/* Whether this device id says that the way to it is closed; so does a BAR behind a deaf bridge. */
bool cxflash_cr_is_closed(u32 id)
{
	return id == CR_DEAD || id == CR_NO_ACCESS || !id;
}

static int cr_open_window(struct cxflash_cr *cr, u32 *id)
{
	if (cxflash_cr_begin(cr, CXFLASH_ACCESS_CONFIG, REQUEST_MS, NULL))
		return -EBUSY;
	cr->access = CXFLASH_ACCESS_CONFIG;
	*id = cxflash_cr_read(cr, CR_DEVICE_ID);
	cr->recovery = cxflash_cr_read(cr, CR_LIVEFISH) > 0xfff00000;
	cxflash_cr_end(cr);
	return 0;
}

/* Find the way to the card (BAR0 if it is mapped and answers, else the window) and its chip. */
int cxflash_cr_open(struct cxflash_cr *cr, struct cxflash_why *why)
{
	u32 id = CR_DEAD;

	cr->access = CXFLASH_ACCESS_BAR0;
	if (cr->bar) {
		id = ioread32be(cr->bar + CR_DEVICE_ID);
		cr->recovery = ioread32be(cr->bar + CR_LIVEFISH) > 0xfff00000;
	}
	if (cxflash_cr_is_closed(id) && cr_open_window(cr, &id))
		return cxflash_fail(why, -EBUSY, "A PCI reset keeps the card; try again");
	cr->chip_id = id;
	cr->chip_rev = id >> 16;
	cr->flush = cr->access == CXFLASH_ACCESS_BAR0 &&
		    (cr->chip_id != CHIP_CX || cr->chip_rev == 0xa0);

	switch (id) {
	case 0:
	case CR_NO_ACCESS:
		return cxflash_fail(why, -EOPNOTSUPP,
				    "Neither BAR0 nor configuration space reaches the card");
	case CR_DEAD:
		return cxflash_fail(why, -ENODEV,
				    "The card is dead: its device id register reads all ones");
	case CR_SECURE_HOST:
		return cxflash_fail(why, -EOPNOTSUPP,
				    "The card is in secure-host mode, which closes its flash");
	}
	return 0;
}

/* After this the card's registers are out of reach for good, and the window is where it was. */
void cxflash_cr_close(struct cxflash_cr *cr)
{
	u32 at = 0;

	mutex_lock(&cr->lock);
	cr->way = cr->access;
	if (!cr->closed && !cr->resetting && cr_window_kept(cr) && cr->at && cr_lock_config(cr)) {
		pci_read_config_dword(cr->pdev, WINDOW_ADDRESS, &at);
		if (at == cr->at)
			pci_write_config_dword(cr->pdev, WINDOW_ADDRESS, cr->window);
		cr_unlock_config(cr);
	}
	WRITE_ONCE(cr->closed, true);
	mutex_unlock(&cr->lock);
}

/* A PCI reset has locked configuration space, and waits for the operation in work. */
void cxflash_cr_reset_waits(struct cxflash_cr *cr)
{
	WRITE_ONCE(cr->reset_waits, true);
}

/* No sequence begins between these two, and there may have been no reset after all. */
void cxflash_cr_suspend(struct cxflash_cr *cr)
{
	mutex_lock(&cr->lock);
	if (cr->dirty)
		cr_flush(cr);
	cr->resetting = true;
	mutex_unlock(&cr->lock);
}

void cxflash_cr_resume(struct cxflash_cr *cr)
{
	mutex_lock(&cr->lock);
	cr->resetting = false;
	cr->at = 0;
	cxflash_cr_lost(cr, true);
	WRITE_ONCE(cr->reset_waits, false);
	mutex_unlock(&cr->lock);
}
