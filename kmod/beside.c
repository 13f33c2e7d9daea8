// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cards that are served while their own driver keeps them: how that begins and ends.
 */
#include <linux/device.h>
#include <linux/notifier.h>
#include <linux/pci.h>

#include "netlink.h"

/*
 * The card is put on the list before its driver is looked for again, so that the notifier
 * cannot miss a driver that leaves at this moment.
 */
static int beside_attach(struct cxflash_card *card, struct genl_info *info,
			 struct cxflash_why *why)
{
	struct device *dev = &card->pdev->dev;
	int err;

	if (!dev->driver)
		return cxflash_fail(why, -ENOTCONN,
				    "No driver holds the card; bind it to cxflash instead");
	err = cxflash_ids_reach(&card->cr, why) ?: cxflash_card_add(card, info->snd_portid, why);
	if (err)
		return err;
	if (!READ_ONCE(dev->driver))
		cxflash_card_end(card->pdev, CXFLASH_BINDING_BESIDE);
	mutex_lock(&card->session.lock);
	if (card->session.dead) {
		cxflash_op_drop(card);
		err = cxflash_fail(why, -ENOTCONN, "The driver that held the card has just left");
	} else {
		err = cxflash_reply_launch(card, info, 0);
		if (!err)
			dev_info(dev, "cxflash: served beside %s\n", dev_driver_string(dev));
	}
	mutex_unlock(&card->session.lock);
	if (err)
		cxflash_card_end(card->pdev, CXFLASH_BINDING_BESIDE);
	return err;
}

int cxflash_attach_doit(struct sk_buff *request, struct genl_info *info)
{
	struct nlattr *name = info->attrs[CXFLASH_A_NAME];
	struct cxflash_why why = { "" };
	struct cxflash_card *card;
	struct device *dev;
	int err;

	dev = bus_find_device_by_name(&pci_bus_type, NULL, nla_data(name));
	if (!dev) {
		NL_SET_ERR_MSG_ATTR(info->extack, name, "There is no such PCI function");
		return -ENODEV;
	}
	card = cxflash_card_alloc(to_pci_dev(dev), CXFLASH_BINDING_BESIDE);
	put_device(dev);
	if (!card)
		return cxflash_no_memory(info->extack);
	err = cxflash_refused(info->extack, name, beside_attach(card, info, &why), &why);
	cxflash_card_put(card);
	return err;
}

/* Not during a read either, whose end would be waited for. */
int cxflash_detach_doit(struct sk_buff *request, struct genl_info *info)
{
	struct cxflash_card *card = info->user_ptr[0];
	int err;

	if (card->binding != CXFLASH_BINDING_BESIDE) {
		NL_SET_ERR_MSG(info->extack, "The card is bound to cxflash; unbind it instead");
		return -EOPNOTSUPP;
	}
	mutex_lock(&card->session.lock);
	err = cxflash_busy_refused(card, info) ?: cxflash_work_refused(card, info);
	if (!err) {
		card->session.dead = true;
		cxflash_cr_close(&card->cr);
		mutex_unlock(&card->hold.lock);
	}
	mutex_unlock(&card->session.lock);
	if (!err)
		cxflash_card_end(card->pdev, CXFLASH_BINDING_BESIDE);
	return err;
}

/* The driver beside which a card is served comes or goes, or the card goes. */
static int beside_bus_event(struct notifier_block *nb, unsigned long event, void *data)
{
	struct pci_dev *pdev = to_pci_dev(data);

	switch (event) {
	case BUS_NOTIFY_DEL_DEVICE:
	case BUS_NOTIFY_UNBIND_DRIVER:
	case BUS_NOTIFY_UNBOUND_DRIVER:
	case BUS_NOTIFY_DRIVER_NOT_BOUND:
		if (cxflash_card_end(pdev, CXFLASH_BINDING_BESIDE))
			dev_info(&pdev->dev, "cxflash: no longer served\n");
	}
	return NOTIFY_DONE;
}

struct notifier_block cxflash_bus_notifier = { .notifier_call = beside_bus_event };
