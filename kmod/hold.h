/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hold of a card's flash, and what may be done to the card only under it: hold.c has the
 * hardware semaphore, gateway.c the SPI gateway.
 */
#ifndef CXFLASH_HOLD_H
#define CXFLASH_HOLD_H

#include "cr.h"

#define FLASH_BLOCK 16 /* what the gateway moves at once */

struct cxflash_hold {
	struct cxflash_cr *cr;
	bool shared; /* the card has an owner, who may reset it */

	struct mutex lock; /* held, and slept under, for one operation or one message of a read */
	atomic_t waiting;  /* for the lock, by looking again and again */
	unsigned int ms;   /* that whoever has the lock waits for the card */
	bool held;	   /* CR_SEMAPHORE is ours */
	bool held2;	   /* CR_SEMAPHORE2 */
	u32 resets;	   /* cr->resets, when they were taken */
	bool left;	   /* one of them may still be taken by us, who lost it to another tool */
	unsigned long since;
	unsigned long released;
	unsigned long last_gap;
};

#define WORK_MS 10000 /* longer than a PCI reset and the boot after it take */

/* hold.c; all but init and lock with hold->lock held */
void cxflash_hold_init(struct cxflash_hold *hold, struct cxflash_cr *cr, bool shared);
void cxflash_hold_lock(struct cxflash_hold *hold);
int cxflash_hold_lock_within(struct cxflash_hold *hold, unsigned int ms, struct cxflash_why *why);
void cxflash_hold_unlock(struct cxflash_hold *hold);
int cxflash_hold_take(struct cxflash_hold *hold, struct cxflash_why *why);
void cxflash_hold_release(struct cxflash_hold *hold);
bool cxflash_hold_lasts(struct cxflash_hold *hold, unsigned int ms);
int cxflash_hold_begin(struct cxflash_hold *hold, struct cxflash_why *why);
int cxflash_hold_end(struct cxflash_hold *hold, int err, struct cxflash_why *why);
int cxflash_hold_gone(struct cxflash_why *why);
bool cxflash_hold_silent(struct cxflash_hold *hold, u32 val);
int cxflash_hold_alive(struct cxflash_hold *hold, struct cxflash_why *why);
int cxflash_hold_semaphores(struct cxflash_hold *hold, bool clear, u32 state[2],
			    struct cxflash_why *why);

/* Phases of a gateway command (flash-access 4). */
#define GW_READ	      BIT(0)
#define GW_OPCODE(op) ((op) << 16 | BIT(2))
#define GW_ADDRESS    BIT(3)
#define GW_DATA(log2) ((log2) << 8 | BIT(4))
#define GW_DATA_PHASE BIT(4)
#define GW_HOLD	      BIT(5)

/* gateway.c; with hold->lock held */
int cxflash_gateway(struct cxflash_hold *hold, u32 cmd, u32 addr, __be32 *data,
		    struct cxflash_why *why);
int cxflash_gateway_guard(struct cxflash_hold *hold, struct cxflash_why *why);
int cxflash_gateway_boot(struct cxflash_hold *hold, u32 addr, struct cxflash_why *why);

#endif
