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

void cxflash_cr_init(struct cxflash_cr *cr, struct pci_dev *pdev)
{
	cr->pdev = pdev;
	mutex_init(&cr->lock);
}

static u32 cr_window_read(struct cxflash_cr *cr, u32 addr)
{
	u32 val = CR_DEAD, back = addr;

	pci_write_config_dword(cr->pdev, WINDOW_ADDRESS,
			       cr->window_blind ? addr | WINDOW_READ : addr);
	pci_read_config_dword(cr->pdev, WINDOW_DATA, &val);
	/* A reset in between moves the window to CR 0, and no semaphore has been taken. */
	if (!val && (addr == CR_SEMAPHORE || addr == CR_SEMAPHORE2))
		pci_read_config_dword(cr->pdev, WINDOW_ADDRESS, &back);
	return back ? val : CR_DEAD;
}

/* Where the address cannot be read back, writing it is what starts the access. */
static void cr_window_write(struct cxflash_cr *cr, u32 addr, u32 val)
{
	if (cr->window_blind) {
		pci_write_config_dword(cr->pdev, WINDOW_DATA, val);
		pci_write_config_dword(cr->pdev, WINDOW_ADDRESS, addr);
	} else {
		pci_write_config_dword(cr->pdev, WINDOW_ADDRESS, addr);
		pci_write_config_dword(cr->pdev, WINDOW_DATA, val);
	}
}

/*
 * A write to ConnectX rev A0, ConnectX-3 and -3 Pro has arrived when a zero written after it reads
 * back (flash-access 2.3). The read that follows tells a card that never answers.
 */
static void cr_flush(struct cxflash_cr *cr)
{
	unsigned int tries = FLUSH_TRIES;

	iowrite32be(0, cr->bar + CR_FLUSH);
	while (ioread32be(cr->bar + CR_FLUSH) && --tries)
		cpu_relax();
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
 * 0, -ENODEV, or -EAGAIN during a reset. The configuration space of a card behind the window is
 * locked, against user space and resets. That lock is never waited for: a reset holds it while it
 * waits for this card's operation in reset_prepare(), and lets us go on.
 */
static int cr_try_begin(struct cxflash_cr *cr)
{
	u32 back = 0;

	lockdep_assert_held(&cr->lock);
	if (cr->closed)
		return -ENODEV;
	if (cr->resetting)
		return -EAGAIN;
	if (cr->way != CXFLASH_ACCESS_CONFIG)
		return 0;
	cr->cfg_locked = pci_cfg_access_trylock(cr->pdev);
	if (!cr->cfg_locked && !READ_ONCE(cr->reset_waits)) {
		cr->lost = true;
		return -EAGAIN;
	}
	pci_read_config_dword(cr->pdev, WINDOW_ADDRESS, &cr->window);
	if (cr->access != CXFLASH_ACCESS_CONFIG) { /* which of its variants is not known yet */
		pci_write_config_dword(cr->pdev, WINDOW_ADDRESS, CR_DEVICE_ID);
		pci_read_config_dword(cr->pdev, WINDOW_ADDRESS, &back);
		cr->window_blind = back == CR_NO_ACCESS;
	}
	return 0;
}

/*
 * Begin a sequence of CR accesses that must not be torn apart. -ENODEV: the card is served no more;
 * -EBUSY: a PCI reset lasts longer than @ms. @way: cr->access, or the window.
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
		if (err == -ENODEV)
			return cxflash_fail(why, err, "The card has left");
		if (ktime_after(ktime_get(), end))
			return cxflash_fail(why, -EBUSY,
					    "A PCI reset of the card takes longer than %u ms", ms);
		usleep_range(500, 1000);
	}
}

/*
 * The window goes back to where it was: whoever reads all of configuration space reads one CR word
 * with it, and reading takes semaphores. Where that is unknown, it rests on the device id.
 */
void cxflash_cr_end(struct cxflash_cr *cr)
{
	lockdep_assert_held(&cr->lock);
	if (cr->way == CXFLASH_ACCESS_CONFIG)
		pci_write_config_dword(cr->pdev, WINDOW_ADDRESS,
				       cr->window_blind ? CR_DEVICE_ID | WINDOW_READ : cr->window);
	if (cr->cfg_locked) {
		cr->cfg_locked = false;
		pci_cfg_access_unlock(cr->pdev);
	}
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

/* After this the card's registers are out of reach for good. */
void cxflash_cr_close(struct cxflash_cr *cr)
{
	mutex_lock(&cr->lock);
	cr->closed = true;
	mutex_unlock(&cr->lock);
}

/* A PCI reset has locked configuration space, and waits for the operation in work. */
void cxflash_cr_reset_waits(struct cxflash_cr *cr)
{
	WRITE_ONCE(cr->reset_waits, true);
}

/* No sequence begins between these two. */
void cxflash_cr_suspend(struct cxflash_cr *cr)
{
	mutex_lock(&cr->lock);
	cr->resetting = true;
	mutex_unlock(&cr->lock);
}

void cxflash_cr_resume(struct cxflash_cr *cr)
{
	mutex_lock(&cr->lock);
	cr->resetting = false;
	cr->dirty = false;
	WRITE_ONCE(cr->reset_waits, false);
	mutex_unlock(&cr->lock);
}
