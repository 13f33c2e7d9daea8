// SPDX-License-Identifier: GPL-2.0-only
/*
 * CR space: through BAR0, or through the window at 0x58/0x5c of configuration space.
 */
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/ktime.h>

#include "cxflash.h"

/* Configuration space (flash-access 2.1). */
#define WINDOW_ADDRESS 0x58
#define WINDOW_DATA    0x5c
#define WINDOW_READ    1 /* in the address, where it cannot be read back */

/* Answers in place of data (flash-access 2). */
#define CR_DEAD	       0xffffffffu
#define CR_NO_ACCESS   0xbadacce5u
#define CR_SECURE_HOST 0xbad0cafeu

#define FLUSH_TRIES 1000

static u32 window_read(struct cxflash_card *card, u32 addr)
{
	u32 val = CR_DEAD, back = addr;

	pci_write_config_dword(card->pdev, WINDOW_ADDRESS,
			       card->window_blind ? addr | WINDOW_READ : addr);
	pci_read_config_dword(card->pdev, WINDOW_DATA, &val);
	/* A reset in between moves the window to CR 0, and no semaphore has been taken. */
	if (!val && (addr == CR_SEMAPHORE || addr == CR_SEMAPHORE2))
		pci_read_config_dword(card->pdev, WINDOW_ADDRESS, &back);
	return back ? val : CR_DEAD;
}

/* Where the address cannot be read back, writing it is what starts the access. */
static void window_write(struct cxflash_card *card, u32 addr, u32 val)
{
	if (card->window_blind) {
		pci_write_config_dword(card->pdev, WINDOW_DATA, val);
		pci_write_config_dword(card->pdev, WINDOW_ADDRESS, addr);
	} else {
		pci_write_config_dword(card->pdev, WINDOW_ADDRESS, addr);
		pci_write_config_dword(card->pdev, WINDOW_DATA, val);
	}
}

/*
 * A write to ConnectX rev A0, ConnectX-3 and -3 Pro has arrived when a zero written after it reads
 * back (flash-access 2.3). The read that follows tells a card that never answers.
 */
static void flush(struct cxflash_card *card)
{
	unsigned int tries = FLUSH_TRIES;

	iowrite32be(0, card->bar + CR_FLUSH);
	while (ioread32be(card->bar + CR_FLUSH) && --tries)
		cpu_relax();
	card->dirty = false;
}

/* One word of CR space, between cxflash_cr_begin() and cxflash_cr_end(). */
u32 cxflash_cr_read(struct cxflash_card *card, u32 addr)
{
	if (card->way == CXFLASH_ACCESS_CONFIG)
		return window_read(card, addr);
	if (card->dirty)
		flush(card);
	return ioread32be(card->bar + addr);
}

void cxflash_cr_write(struct cxflash_card *card, u32 addr, u32 val)
{
	if (card->way == CXFLASH_ACCESS_CONFIG) {
		window_write(card, addr, val);
		return;
	}
	iowrite32be(val, card->bar + addr);
	card->dirty = card->flush;
}

/*
 * With card->cr_lock held: 0, -ENODEV, or -EAGAIN during a reset. The configuration space of a card
 * behind the window is locked, against user space and resets. That lock is never waited for: a
 * reset holds it while it waits for this card's operation in reset_prepare(), and lets us go on.
 */
static int try_begin(struct cxflash_card *card)
{
	u32 back = 0;

	if (card->closed)
		return -ENODEV;
	if (card->resetting)
		return -EAGAIN;
	if (card->way != CXFLASH_ACCESS_CONFIG)
		return 0;
	card->cfg_locked = pci_cfg_access_trylock(card->pdev);
	if (!card->cfg_locked && !READ_ONCE(card->reset_waits)) {
		card->lost = true;
		return -EAGAIN;
	}
	pci_read_config_dword(card->pdev, WINDOW_ADDRESS, &card->window);
	if (card->access != CXFLASH_ACCESS_CONFIG) { /* which of its variants is not known yet */
		pci_write_config_dword(card->pdev, WINDOW_ADDRESS, CR_DEVICE_ID);
		pci_read_config_dword(card->pdev, WINDOW_ADDRESS, &back);
		card->window_blind = back == CR_NO_ACCESS;
	}
	return 0;
}

/*
 * Begin a sequence of CR accesses that must not be torn apart. -ENODEV: the card is served no more;
 * -EBUSY: a PCI reset lasts longer than @ms. @way: card->access, or the window.
 */
int cxflash_cr_begin(struct cxflash_card *card, enum cxflash_access way, unsigned int ms)
{
	ktime_t end = ktime_add_ms(ktime_get(), ms);
	int err;

	for (;;) {
		mutex_lock(&card->cr_lock);
		card->way = way;
		err = try_begin(card);
		if (!err)
			return 0;
		mutex_unlock(&card->cr_lock);
		if (err == -ENODEV)
			return err;
		if (ktime_after(ktime_get(), end))
			return -EBUSY;
		usleep_range(500, 1000);
	}
}

/*
 * The window goes back to where it was: whoever reads all of configuration space reads one CR word
 * with it, and reading takes semaphores. Where that is unknown, it rests on the device id.
 */
void cxflash_cr_end(struct cxflash_card *card)
{
	if (card->way == CXFLASH_ACCESS_CONFIG)
		pci_write_config_dword(card->pdev, WINDOW_ADDRESS,
				       card->window_blind ? CR_DEVICE_ID | WINDOW_READ
							  : card->window);
	if (card->cfg_locked) {
		card->cfg_locked = false;
		pci_cfg_access_unlock(card->pdev);
	}
	mutex_unlock(&card->cr_lock);
}

/* Whether this device id says that the way to it is closed; so does a BAR behind a deaf bridge. */
bool cxflash_cr_is_closed(u32 id)
{
	return id == CR_DEAD || id == CR_NO_ACCESS || !id;
}

/* Find the way to the card (BAR0 if it is mapped and answers, else the window) and its chip. */
int cxflash_cr_open(struct cxflash_card *card)
{
	u32 id = CR_DEAD;
	int err;

	card->access = CXFLASH_ACCESS_BAR0;
	if (card->bar) {
		id = ioread32be(card->bar + CR_DEVICE_ID);
		card->recovery = ioread32be(card->bar + CR_LIVEFISH) > 0xfff00000;
	}
	if (cxflash_cr_is_closed(id)) {
		err = cxflash_cr_begin(card, CXFLASH_ACCESS_CONFIG, REQUEST_MS);
		if (err)
			return cxflash_fail(card, err, "A PCI reset keeps the card; try again");
		card->access = CXFLASH_ACCESS_CONFIG;
		id = cxflash_cr_read(card, CR_DEVICE_ID);
		card->recovery = cxflash_cr_read(card, CR_LIVEFISH) > 0xfff00000;
		cxflash_cr_end(card);
	}
	card->chip_id = id;
	card->chip_rev = id >> 16;
	card->flush = card->access == CXFLASH_ACCESS_BAR0 &&
		      (card->chip_id != CHIP_CX || card->chip_rev == 0xa0);

	switch (id) {
	case 0:
	case CR_NO_ACCESS:
		return cxflash_fail(card, -EOPNOTSUPP,
				    "Neither BAR0 nor configuration space reaches the card");
	case CR_DEAD:
		return cxflash_fail(card, -ENODEV,
				    "The card is dead: its device id register reads all ones");
	case CR_SECURE_HOST:
		return cxflash_fail(card, -EOPNOTSUPP,
				    "The card is in secure-host mode, which closes its flash");
	}
	return 0;
}

/* After this the card's registers are out of reach for good. */
void cxflash_cr_close(struct cxflash_card *card)
{
	mutex_lock(&card->cr_lock);
	card->closed = true;
	mutex_unlock(&card->cr_lock);
}

/*
 * A PCI reset of a card bound to us: the operation in work ends first, and no other starts until
 * the reset has ended. Both are called by the same task.
 */
void cxflash_cr_suspend(struct cxflash_card *card)
{
	WRITE_ONCE(card->reset_waits, true);
	mutex_lock(&card->hw);
	mutex_lock(&card->cr_lock);
	card->resetting = true;
	mutex_unlock(&card->cr_lock);
}

void cxflash_cr_resume(struct cxflash_card *card)
{
	mutex_lock(&card->cr_lock);
	card->resetting = false;
	card->dirty = false;
	mutex_unlock(&card->cr_lock);
	WRITE_ONCE(card->reset_waits, false);
	mutex_unlock(&card->hw);
}
