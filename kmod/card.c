// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cards that are served: their list and lifetime.
 */
#include <linux/pm_runtime.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "card.h"

static LIST_HEAD(cards);
static DEFINE_MUTEX(cards_lock);
/* Under cards_lock. */
static bool cards_stopping; /* reboot, or the module is leaving */
static u32 cards_seq;	    /* grows with every card that comes or goes */

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
	cxflash_cr_init(&card->cr, pdev);
	cxflash_hold_init(&card->hold, &card->cr, binding == CXFLASH_BINDING_BESIDE);
	/* Another generation than that of the card before. */
	cxflash_nor_init(&card->nor, &card->hold, cxflash_op_new_cookie());
	mutex_init(&card->session.lock);
	cxflash_op_init(card);
	return card;
}

/*
 * Serve the card from now on; the list has a reference of its own. Its first operation, claimed for
 * @portid, is to be its identification, which the caller launches.
 */
int cxflash_card_add(struct cxflash_card *card, u32 portid, struct cxflash_why *why)
{
	struct cxflash_card *other;
	int err = 0;

	mutex_lock(&card->session.lock);
	cxflash_op_claim(card, portid, cxflash_op_identify);
	mutex_unlock(&card->session.lock);
	card->wq = alloc_ordered_workqueue("cxflash-%s", WQ_FREEZABLE, pci_name(card->pdev));
	if (!card->wq)
		return cxflash_fail(why, -ENOMEM, "Out of memory");
	mutex_lock(&cards_lock);
	list_for_each_entry(other, &cards, node)
		if (other->pdev == card->pdev)
			err = cxflash_fail(why, -EEXIST, "The card is served already");
	if (cards_stopping)
		err = cxflash_fail(why, -ESHUTDOWN, "The module or the machine is about to stop");
	if (!err) {
		kref_get(&card->ref);
		list_add_tail(&card->node, &cards);
		cards_seq++;
	}
	mutex_unlock(&cards_lock);
	if (err)
		destroy_workqueue(card->wq);
	return err;
}

/* The registers are out of reach from now on; whoever reads flash leaves them first. */
static void card_close(struct cxflash_card *card)
{
	cxflash_hold_lock(&card->hold);
	cxflash_cr_close(&card->cr);
	cxflash_hold_unlock(&card->hold);
}

/*
 * Stop serving the card, if that has not been done. Waits for the operation in work, and for a
 * reader to leave the registers.
 */
bool cxflash_card_end(struct cxflash_card *card)
{
	bool served;

	mutex_lock(&cards_lock);
	served = !list_empty(&card->node);
	list_del_init(&card->node);
	cards_seq++;
	mutex_unlock(&cards_lock);
	if (!served)
		return false;
	mutex_lock(&card->session.lock);
	card->session.dead = true;
	cxflash_event_session_end(card);
	mutex_unlock(&card->session.lock);
	destroy_workqueue(card->wq);
	card_close(card);
	mutex_lock(&card->session.lock);
	cxflash_event(card, CXFLASH_EVENT_WENT);
	mutex_unlock(&card->session.lock);
	if (card->binding == CXFLASH_BINDING_BESIDE)
		pm_runtime_put(&card->pdev->dev);
	cxflash_card_put(card);
	return true;
}

/* The card that is served beside the driver of @pdev, or of any function if that is NULL. */
struct cxflash_card *cxflash_card_beside(struct pci_dev *pdev)
{
	struct cxflash_card *card, *found = NULL;

	mutex_lock(&cards_lock);
	list_for_each_entry(card, &cards, node)
		if (card->binding == CXFLASH_BINDING_BESIDE && (!pdev || card->pdev == pdev))
			found = card;
	if (found)
		kref_get(&found->ref);
	mutex_unlock(&cards_lock);
	return found;
}

/*
 * The card of that name, or the @n-th to have come if @name is NULL; with a reference. *@seq, if
 * not NULL, tells one list from another.
 */
struct cxflash_card *cxflash_card_find(const char *name, unsigned int n, u32 *seq)
{
	struct cxflash_card *card, *found = NULL;

	mutex_lock(&cards_lock);
	if (seq)
		*seq = cards_seq + 1 ?: 1;
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

static struct cxflash_card *card_stop_next(void)
{
	struct cxflash_card *card, *found = NULL;

	mutex_lock(&cards_lock);
	cards_stopping = true;
	list_for_each_entry(card, &cards, node) {
		mutex_lock(&card->session.lock);
		card->session.dead = true;
		mutex_unlock(&card->session.lock);
		if (!READ_ONCE(card->cr.closed))
			found = card;
	}
	if (found)
		kref_get(&found->ref);
	mutex_unlock(&cards_lock);
	return found;
}

/*
 * Reboot, kexec, or the end of the module: no new operations, those in work end first, and so do
 * reads, none of which begins after this. The next kernel finds every semaphore free.
 */
void cxflash_card_stop_all(void)
{
	struct cxflash_card *card;

	while ((card = card_stop_next())) {
		flush_work(&card->op.work);
		card_close(card);
		cxflash_card_put(card);
	}
}

/* A socket has closed: its sessions end, and nobody hears of its operations. */
void cxflash_card_drop_client(u32 portid)
{
	struct cxflash_card *card;

	mutex_lock(&cards_lock);
	list_for_each_entry(card, &cards, node) {
		mutex_lock(&card->session.lock);
		if (card->session.owner == portid)
			cxflash_event_session_end(card);
		if (card->op.portid == portid)
			card->op.portid = 0;
		mutex_unlock(&card->session.lock);
	}
	mutex_unlock(&cards_lock);
}
