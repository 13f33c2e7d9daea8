/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CR space, the lowest floor: cr.c reaches the registers, ids.c says whose they are.
 */
#ifndef CXFLASH_CR_H
#define CXFLASH_CR_H

#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/types.h>

#include <linux/cxflash.h>

/* Registers (flash-access 2 to 8). */
#define CR_SPACE      0x100000 /* its size; s390 has another CR_SIZE */
#define CR_BOOT	      0xf0000
#define CR_DEVICE_ID  0xf0014
#define CR_FLUSH      0xf0380
#define CR_SEMAPHORE2 0xf03a0 /* ConnectX-3 and -3 Pro only */
#define CR_SEMAPHORE  0xf03fc
#define CR_GW_COMMAND 0xf0400
#define CR_GW_ADDRESS 0xf0404
#define CR_GW_DATA    0xf0410
#define CR_LIVEFISH   0x41270
#define CR_LINK_RESET 0xf3834
#define CR_VERSION    0x1f064 /* four words */

#define CHIP_CX	     0x190 /* ConnectX (revision a0) and ConnectX-2 (b0) */
#define CHIP_CX3     0x1f5
#define CHIP_CX3_PRO 0x1f7

#define REQUEST_MS 5 /* what a netlink request may wait for the card */

/* Why something failed, one sentence; who does not want to know gives NULL. */
struct cxflash_why {
	char text[80];
};

/* A failure and its sentence; has the value of @err. */
#define cxflash_fail(why, err, fmt, ...)                                               \
	({                                                                             \
		struct cxflash_why *_why = (why);                                      \
		if (_why)                                                              \
			scnprintf(_why->text, sizeof(_why->text), fmt, ##__VA_ARGS__); \
		(err);                                                                 \
	})

struct cxflash_cr {
	struct pci_dev *pdev;
	void __iomem *bar; /* NULL: BAR0 is not ours, or has no address */

	/* Found by cxflash_cr_open(), before anybody else knows the card. */
	enum cxflash_access access;
	u16 chip_id;
	u8 chip_rev;
	bool recovery;
	bool flush; /* writes need CR_FLUSH before the next read */

	struct mutex lock;	 /* held for one sequence of registers, 16 bytes of flash at most */
	enum cxflash_access way; /* of the sequence under way: access, or the window to compare */
	bool dirty;		 /* a write waits for its flush */
	bool closed;
	bool resetting;	  /* between cxflash_cr_suspend() and _resume() */
	bool reset_waits; /* for the operation in work, with configuration space; not locked */

	/* The window, and configuration space. */
	bool window_blind; /* its address cannot be read back */
	bool cfg_locked;
	bool pinned; /* the lock outlives the sequence, as the flash is ours */
	bool torn;   /* a reset came in this sequence: what is left of it does nothing */
	u32 at;	     /* where we left the window, which any reset moves to 0; 0: not ours yet */
	u32 window;  /* where it was found, to be put back in the end */
	u32 foreign; /* where another has moved it, to be put back there */

	bool moved; /* another has moved the window, which may not have been a reset */

	/* Resets. Nothing is sent to a card that boots from the flash. */
	u32 resets;	      /* that were seen, or may have been */
	bool booting;	      /* since the last of them */
	bool answers;	      /* its device id, again */
	unsigned long ready;  /* jiffies, when the boot is over */
	unsigned long silent; /* jiffies, until when it may answer nothing at all */
};

/* cr.c */
void cxflash_cr_init(struct cxflash_cr *cr, struct pci_dev *pdev);
int cxflash_cr_open(struct cxflash_cr *cr, struct cxflash_why *why);
void cxflash_cr_close(struct cxflash_cr *cr);
int cxflash_cr_begin(struct cxflash_cr *cr, enum cxflash_access way, unsigned int ms,
		     struct cxflash_why *why);
void cxflash_cr_end(struct cxflash_cr *cr);
void cxflash_cr_lost(struct cxflash_cr *cr, bool patient);
bool cxflash_cr_silent(struct cxflash_cr *cr, u32 val, bool patient);
void cxflash_cr_pin(struct cxflash_cr *cr);
void cxflash_cr_unpin(struct cxflash_cr *cr);
bool cxflash_cr_is_closed(u32 id);
u32 cxflash_cr_read(struct cxflash_cr *cr, u32 addr);
void cxflash_cr_write(struct cxflash_cr *cr, u32 addr, u32 val);
void cxflash_cr_reset_waits(struct cxflash_cr *cr);
void cxflash_cr_suspend(struct cxflash_cr *cr);
void cxflash_cr_resume(struct cxflash_cr *cr);

/* ids.c */
extern const struct pci_device_id cxflash_ids_recovery[];
int cxflash_ids_reach(struct cxflash_cr *cr, struct cxflash_why *why);

#endif
