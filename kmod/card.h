/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A card that is served, and its clients: card.c has the list, op.c the operation in work, event.c
 * what clients are told unasked.
 *
 * Locks, outer to inner:
 *
 *	cards_lock (card.c)	the list
 *	hold.lock		the hardware, for one operation or one message of a read
 *	session.lock		who may what, and the operation; never over anything slow
 *	nor.lock, cr.lock	what is known of the part; one sequence of registers
 *
 * Whoever has cards_lock or session.lock takes hold.lock by trylock only.
 */
#ifndef CXFLASH_CARD_H
#define CXFLASH_CARD_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <net/genetlink.h>

#include "nor.h"

struct cxflash_card;

typedef int cxflash_run_t(struct cxflash_card *card, struct cxflash_why *why);

/* The newest asynchronous operation of a card; under session.lock. */
struct cxflash_op {
	struct work_struct work;
	wait_queue_head_t ended;
	cxflash_run_t *run;
	u32 cookie; /* 0: there was none yet */
	u32 portid; /* who hears of its end; 0: nobody, his socket is closed */
	bool running;
	struct cxflash_write *write;
	u32 boot_addr;
	u32 error;
	struct cxflash_why why;
	bool wrote; /* course is that of a write */
	struct cxflash_course course;
};

struct cxflash_session {
	struct mutex lock; /* for what follows, and the operation */
	bool dead;	   /* no more operations */
	u32 cookie;	   /* 0: nobody holds the session lock */
	u32 owner;
	bool announced; /* the session's first write is in the log */
};

struct cxflash_card {
	struct kref ref;
	struct list_head node;
	struct pci_dev *pdev;
	struct pci_saved_state *config; /* of a card bound to us, when it was */
	enum cxflash_binding binding;
	struct cxflash_cr cr;
	struct cxflash_hold hold;
	struct cxflash_nor nor;
	struct cxflash_session session;
	struct cxflash_op op;
	struct workqueue_struct *wq;
};

/* event.c */
extern struct genl_family cxflash_family;
void cxflash_event_open(bool open);
void cxflash_event(struct cxflash_card *card, enum cxflash_event event);
void cxflash_event_session_end(struct cxflash_card *card);
int cxflash_event_fill_op(struct sk_buff *skb, const struct cxflash_op *op);
void cxflash_event_op_done(struct cxflash_card *card);

/* op.c; claim, drop and launch with session.lock held */
u32 cxflash_op_new_cookie(void);
void cxflash_op_init(struct cxflash_card *card);
void cxflash_op_claim(struct cxflash_card *card, u32 portid, cxflash_run_t *run);
void cxflash_op_drop(struct cxflash_card *card);
void cxflash_op_launch(struct cxflash_card *card);
bool cxflash_op_wait(struct cxflash_card *card, unsigned int ms);
cxflash_run_t cxflash_op_identify;
cxflash_run_t cxflash_op_write;
cxflash_run_t cxflash_op_boot;

/* card.c */
struct cxflash_card *cxflash_card_alloc(struct pci_dev *pdev, enum cxflash_binding binding);
void cxflash_card_put(struct cxflash_card *card);
int cxflash_card_add(struct cxflash_card *card, u32 portid, struct cxflash_why *why);
bool cxflash_card_end(struct cxflash_card *card);
struct cxflash_card *cxflash_card_beside(struct pci_dev *pdev);
struct cxflash_card *cxflash_card_find(const char *name, unsigned int n, u32 *seq);
void cxflash_card_stop_all(void);
void cxflash_card_drop_client(u32 portid);

#endif
