// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cards that are served: their list and lifetime, the session lock, the operation in work.
 */
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "cxflash.h"

static LIST_HEAD(cards);
static DEFINE_MUTEX(cards_lock);
static bool stopping; /* reboot, or the module is leaving; under cards_lock */
static atomic_t last_cookie;

/* Never 0. */
static u32 new_cookie(void)
{
	return atomic_inc_return(&last_cookie) ?: atomic_inc_return(&last_cookie);
}

static void card_free(struct kref *ref)
{
	struct cxflash_card *card = container_of(ref, struct cxflash_card, ref);

	pci_dev_put(card->pdev);
	kfree(card);
}

void cxflash_card_put(struct cxflash_card *card)
{
	kref_put(&card->ref, card_free);
}

/*
 * The worker. A change that has begun is finished whatever happens to its client or to the binding
 * of the card: card->dead keeps new operations out, not this one.
 */
static void op_work(struct work_struct *work)
{
	struct cxflash_card *card = container_of(work, struct cxflash_card, op.work);
	struct cxflash_op *op = &card->op;
	int err;

	mutex_lock(&card->hw);
	err = op->run(card);
	mutex_lock(&card->lock);
	op->error = -err;
	strscpy(op->message, err ? card->why : "", sizeof(op->message));
	if (op->write)
		op->course = op->write->course;
	kvfree(op->write);
	op->write = NULL;
	op->running = false;
	/* The client may ask for the hardware at once; the next operation waits for the event. */
	mutex_unlock(&card->hw);
	cxflash_netlink_done(card);
	mutex_unlock(&card->lock);
}

/* Takes a reference to @pdev. */
struct cxflash_card *cxflash_card_alloc(struct pci_dev *pdev, enum cxflash_binding binding)
{
	struct cxflash_card *card;

	card = kzalloc(sizeof(*card), GFP_KERNEL);
	if (!card)
		return NULL;
	kref_init(&card->ref);
	INIT_LIST_HEAD(&card->node);
	card->pdev = pci_dev_get(pdev);
	card->binding = binding;
	mutex_init(&card->cr_lock);
	mutex_init(&card->hw);
	mutex_init(&card->lock);
	INIT_WORK(&card->op.work, op_work);
	card->released = jiffies - HZ;
	card->last_gap = jiffies;
	card->generation = new_cookie(); /* another than that of the card before */
	card->part = &cxflash_no_part;
	return card;
}

/*
 * Serve the card from now on; the list has a reference of its own. Its first operation, claimed for
 * @portid, is to be its identification, which the caller queues.
 */
int cxflash_card_add(struct cxflash_card *card, u32 portid)
{
	struct cxflash_card *other;
	int err = 0;

	cxflash_op_claim(card, portid, cxflash_run_identify);
	card->wq = alloc_ordered_workqueue("cxflash-%s", WQ_FREEZABLE, pci_name(card->pdev));
	if (!card->wq)
		return cxflash_fail(card, -ENOMEM, "Out of memory");
	mutex_lock(&cards_lock);
	list_for_each_entry(other, &cards, node)
		if (other->pdev == card->pdev)
			err = cxflash_fail(card, -EEXIST, "The card is served already");
	if (stopping)
		err = cxflash_fail(card, -ESHUTDOWN, "The module or the machine is about to stop");
	if (!err) {
		kref_get(&card->ref);
		list_add_tail(&card->node, &cards);
	}
	mutex_unlock(&cards_lock);
	if (err)
		destroy_workqueue(card->wq);
	return err;
}

/*
 * Stop serving @pdev (NULL: any card), if it is served by that right. Waits for
 * the operation in work, and for a reader to leave the registers.
 */
bool cxflash_card_end(struct pci_dev *pdev, enum cxflash_binding binding)
{
	struct cxflash_card *card, *found = NULL;

	mutex_lock(&cards_lock);
	list_for_each_entry(card, &cards, node)
		if (card->binding == binding && (!pdev || card->pdev == pdev))
			found = card;
	if (found)
		list_del_init(&found->node);
	mutex_unlock(&cards_lock);
	if (!found)
		return false;
	mutex_lock(&found->lock);
	found->dead = true;
	found->session = 0;
	mutex_unlock(&found->lock);
	destroy_workqueue(found->wq);
	mutex_lock(&found->hw);
	cxflash_cr_close(found);
	mutex_unlock(&found->hw);
	cxflash_card_put(found);
	return true;
}

/* The card of that name, or the @n-th to have come if @name is NULL; with a reference. */
struct cxflash_card *cxflash_card_find(const char *name, unsigned int n)
{
	struct cxflash_card *card, *found = NULL;

	mutex_lock(&cards_lock);
	list_for_each_entry(card, &cards, node) {
		if (name ? strcmp(pci_name(card->pdev), name) : n--)
			continue;
		kref_get(&card->ref);
		found = card;
		break;
	}
	mutex_unlock(&cards_lock);
	return found;
}

static struct cxflash_card *find_running(void)
{
	struct cxflash_card *card, *found = NULL;

	mutex_lock(&cards_lock);
	stopping = true;
	list_for_each_entry(card, &cards, node) {
		mutex_lock(&card->lock);
		card->dead = true;
		if (card->op.running)
			found = card;
		mutex_unlock(&card->lock);
	}
	if (found)
		kref_get(&found->ref);
	mutex_unlock(&cards_lock);
	return found;
}

/* Reboot, kexec, or the end of the module: no new operations, and those in work end first. */
void cxflash_cards_stop(void)
{
	struct cxflash_card *card;

	while ((card = find_running())) {
		flush_work(&card->op.work);
		cxflash_card_put(card);
	}
}

/* A socket has closed: its sessions end, and nobody hears of its operations. */
void cxflash_cards_drop_client(u32 portid)
{
	struct cxflash_card *card;

	mutex_lock(&cards_lock);
	list_for_each_entry(card, &cards, node) {
		mutex_lock(&card->lock);
		if (card->session && card->owner == portid)
			card->session = 0;
		if (card->op.portid == portid)
			card->op.portid = 0;
		mutex_unlock(&card->lock);
	}
	mutex_unlock(&cards_lock);
}

/*
 * Read which flash part the card has. If that fails, the next lock tries again. A lock operation
 * that fails leaves no lock behind; no other session can have begun meanwhile.
 */
int cxflash_run_identify(struct cxflash_card *card)
{
	int err;

	err = cxflash_hold(card);
	if (!err) {
		/* Busy parts do not tell their id; how long to wait is known from the last time. */
		if (card->flash_size)
			err = cxflash_nor_ready(card);
		if (!err)
			err = cxflash_nor_identify(card);
		cxflash_release(card);
	}
	if (err) {
		mutex_lock(&card->lock);
		card->session = 0;
		mutex_unlock(&card->lock);
	}
	return err;
}

/* Called with card->lock held, when no operation is in work. */
void cxflash_op_claim(struct cxflash_card *card, u32 portid, int (*run)(struct cxflash_card *card))
{
	struct cxflash_op *op = &card->op;

	op->cookie = new_cookie();
	op->portid = portid;
	op->run = run;
	op->running = true;
}

/* The same, for the operation just claimed, which then never was. */
void cxflash_op_drop(struct cxflash_card *card)
{
	card->op.running = false;
	card->op.cookie = 0;
	kvfree(card->op.write);
	card->op.write = NULL;
}
