// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cards that are served while their own driver keeps them: how that begins and ends.
 */
#include <linux/device.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/pci.h>
#include <linux/pm_runtime.h>
#include <linux/string.h>

#include "netlink.h"

static char *owner;
module_param(owner, charp, 0400);
MODULE_PARM_DESC(owner, "A driver besides mlx4_core that is known to honour the flash semaphore");

/* Whether the driver that has the card waits for 0xf03fc before it resets it. */
static int beside_owner_refused(const struct device *dev, struct cxflash_why *why)
{
	if (!dev->driver)
		return cxflash_fail(why, -ENOTCONN,
				    "No driver holds the card; bind it to cxflash instead");
	if (!strcmp(dev->driver->name, "mlx4_core") || (owner && !strcmp(dev->driver->name, owner)))
		return 0;
	return cxflash_fail(why, -EOPNOTSUPP, "%s is not known to heed the flash semaphore",
			    dev->driver->name);
}

static int beside_launch(struct cxflash_card *card, struct genl_info *info)
{
	int err;

	mutex_lock(&card->session.lock);
	err = cxflash_reply_launch(card, info, 0);
	mutex_unlock(&card->session.lock);
	if (err)
		cxflash_card_end(card);
	return err;
}

/* With the lock of the device held, so that its driver neither comes nor goes. */
static int beside_attach(struct cxflash_card *card, struct genl_info *info, struct cxflash_why *why)
{
	struct device *dev = &card->pdev->dev;
	int err;

	err = beside_owner_refused(dev, why);
	if (err)
		return err;
	/* Asleep it has no registers; its owner knows when it may sleep, but not of us. */
	err = pm_runtime_get_sync(dev);
	if (err < 0)
		err = cxflash_fail(why, err, "The card does not wake up");
	else
		err = cxflash_ids_reach(&card->cr, why);
	if (!err)
		err = cxflash_card_add(card, info->snd_portid, why);
	if (err) {
		pm_runtime_put(dev);
		return err;
	}
	err = beside_launch(card, info);
	if (!err)
		dev_info(dev, "cxflash: served beside %s\n", dev_driver_string(dev));
	return err;
}

/* The device's lock is not waited for: its driver's probe may take a minute. */
static int beside_try_attach(struct cxflash_card *card, struct genl_info *info,
			     struct cxflash_why *why)
{
	int err;

	if (!device_trylock(&card->pdev->dev))
		return cxflash_fail(why, -EBUSY,
				    "The card's driver is just coming or going; try again");
	err = beside_attach(card, info, why);
	device_unlock(&card->pdev->dev);
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
	card = cxflash_card_find(nla_data(name), 0, NULL);
	if (card) {
		cxflash_card_put(card);
		put_device(dev);
		NL_SET_ERR_MSG_ATTR(info->extack, name, "The card is served already");
		return -EEXIST;
	}
	card = cxflash_card_alloc(to_pci_dev(dev), CXFLASH_BINDING_BESIDE);
	put_device(dev);
	if (!card)
		return cxflash_no_memory(info->extack);
	err = cxflash_refused(info->extack, name, beside_try_attach(card, info, &why), &why);
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
		cxflash_hold_unlock(&card->hold);
	}
	mutex_unlock(&card->session.lock);
	if (!err)
		cxflash_card_end(card);
	return err;
}

/* The driver beside which a card is served comes or goes, or the card goes. */
static int beside_bus_event(struct notifier_block *nb, unsigned long event, void *data)
{
	struct pci_dev *pdev = to_pci_dev(data);
	struct cxflash_card *card;

	switch (event) {
	case BUS_NOTIFY_DEL_DEVICE:
	case BUS_NOTIFY_UNBIND_DRIVER:
	case BUS_NOTIFY_UNBOUND_DRIVER:
	case BUS_NOTIFY_DRIVER_NOT_BOUND:
		card = cxflash_card_beside(pdev);
		if (!card)
			break;
		if (cxflash_card_end(card))
			dev_info(&pdev->dev, "cxflash: no longer served\n");
		cxflash_card_put(card);
	}
	return NOTIFY_DONE;
}

struct notifier_block cxflash_bus_notifier = { .notifier_call = beside_bus_event };
