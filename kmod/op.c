// SPDX-License-Identifier: GPL-2.0-only
/*
 * The operation in work: claimed by a request, launched when the client has its cookie, run by the
 * card's worker. One at a time for each card.
 */
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "card.h"

static atomic_t op_last_cookie;

/* Never 0. */
u32 cxflash_op_new_cookie(void)
{
	return atomic_inc_return(&op_last_cookie) ?: atomic_inc_return(&op_last_cookie);
}

/*
 * A change that has begun is finished whatever happens to its client or to the binding of the
 * card: session.dead keeps new operations out, not this one.
 */
static void op_work(struct work_struct *work)
{
	struct cxflash_card *card = container_of(work, struct cxflash_card, op.work);
	struct cxflash_op *op = &card->op;
	struct cxflash_why why = { "" };
	int err;

	cxflash_hold_lock(&card->hold);
	err = op->run(card, &why);
	mutex_lock(&card->session.lock);
	op->error = -err;
	op->why = why;
	if (op->write) {
		op->course = op->write->course;
		op->course.addr = op->write->addr;
		op->course.len = op->write->len;
		if (op->course.erases || op->course.programs)
			cxflash_event(card, CXFLASH_EVENT_FLASH_CHANGED);
	}
	kvfree(op->write);
	op->write = NULL;
	WRITE_ONCE(op->running, false);
	/* The client may ask for the hardware at once; the next operation waits for the event. */
	cxflash_hold_unlock(&card->hold);
	cxflash_event_op_done(card);
	mutex_unlock(&card->session.lock);
	wake_up_all(&op->ended);
}

void cxflash_op_init(struct cxflash_card *card)
{
	INIT_WORK(&card->op.work, op_work);
	init_waitqueue_head(&card->op.ended);
}

/* When no operation is in work. */
void cxflash_op_claim(struct cxflash_card *card, u32 portid, cxflash_run_t *run)
{
	struct cxflash_op *op = &card->op;

	lockdep_assert_held(&card->session.lock);
	op->cookie = cxflash_op_new_cookie();
	op->portid = portid;
	op->run = run;
	op->wrote = run == cxflash_op_write;
	WRITE_ONCE(op->running, true);
}

/* The operation just claimed never was. */
void cxflash_op_drop(struct cxflash_card *card)
{
	lockdep_assert_held(&card->session.lock);
	WRITE_ONCE(card->op.running, false);
	card->op.cookie = 0;
	kvfree(card->op.write);
	card->op.write = NULL;
}

void cxflash_op_launch(struct cxflash_card *card)
{
	lockdep_assert_held(&card->session.lock);
	if (card->op.run == cxflash_op_identify)
		cxflash_event(card, card->session.cookie ? CXFLASH_EVENT_SESSION_BEGUN
							 : CXFLASH_EVENT_CAME);
	queue_work(card->wq, &card->op.work);
}

/* Whether it has ended, within @ms. */
bool cxflash_op_wait(struct cxflash_card *card, unsigned int ms)
{
	struct cxflash_op *op = &card->op;

	return wait_event_timeout(op->ended, !READ_ONCE(op->running), msecs_to_jiffies(ms));
}

/*
 * Read which flash part the card has. If that fails, the next lock tries again. A lock operation
 * that fails leaves no lock behind; no other session can have begun meanwhile.
 */
int cxflash_op_identify(struct cxflash_card *card, struct cxflash_why *why)
{
	struct cxflash_nor *nor = &card->nor;
	int err;

	err = cxflash_hold_take(&card->hold, why);
	if (!err) {
		/* Busy parts do not tell their id; how long to wait is known from the last time. */
		if (nor->flash.size)
			err = cxflash_nor_ready(nor, why);
		if (!err)
			err = cxflash_nor_identify(nor, why);
		cxflash_hold_release(&card->hold);
	}
	if (err) {
		mutex_lock(&card->session.lock);
		cxflash_event_session_end(card);
		mutex_unlock(&card->session.lock);
	}
	return err;
}

int cxflash_op_write(struct cxflash_card *card, struct cxflash_why *why)
{
	return cxflash_sector_write(&card->nor, card->op.write, why);
}

int cxflash_op_boot(struct cxflash_card *card, struct cxflash_why *why)
{
	return cxflash_gateway_boot(&card->hold, card->op.boot_addr, why);
}
