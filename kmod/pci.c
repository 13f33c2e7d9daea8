// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which PCI functions are served, and by which right.
 *
 * Only the flash-recovery ids, which no other driver wants, bind by themselves. Any other card is
 * bound by user space through driver_override (takeover), or served through configuration space
 * while its own driver keeps it (beside).
 */
#include <linux/io.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/reboot.h>

#include "netlink.h"

static void __iomem *cxflash_map_bar(struct pci_dev *pdev, int *err)
{
	if (!(pci_resource_flags(pdev, 0) & IORESOURCE_MEM) || pci_resource_len(pdev, 0) < CR_SIZE)
		return NULL;
	*err = pcim_iomap_regions(pdev, BIT(0), KBUILD_MODNAME);
	return *err ? NULL : pcim_iomap_table(pdev)[0];
}

static void cxflash_serve(struct cxflash_card *card)
{
	struct device *dev = &card->pdev->dev;
	struct cxflash_cr *cr = &card->cr;

	dev_set_drvdata(dev, card);
	mutex_lock(&card->session.lock);
	cxflash_op_launch(card);
	mutex_unlock(&card->session.lock);
	flush_work(&card->op.work);
	if (card->op.error)
		dev_warn(dev, "%s; the flash part is unknown for now\n", card->op.why.text);
	dev_info(dev, "chip 0x%03x rev 0x%02x, flash part %s, through %s\n", cr->chip_id,
		 cr->chip_rev, card->nor.flash.part->name,
		 cr->access == CXFLASH_ACCESS_BAR0 ? "BAR0" : "configuration space");
}

/* With driver_override, the id that is given says nothing. */
static int cxflash_probe(struct pci_dev *pdev, const struct pci_device_id *unused)
{
	enum cxflash_binding binding = CXFLASH_BINDING_TAKEOVER;
	struct cxflash_why why = { "" };
	struct cxflash_card *card;
	int err = 0;

	if (pci_match_id(cxflash_ids_recovery, pdev))
		binding = CXFLASH_BINDING_RECOVERY;
	card = cxflash_card_alloc(pdev, binding);
	if (!card)
		return -ENOMEM;
	/* What fails where a BAR got no address does not matter to the window. */
	if (!pcim_enable_device(pdev))
		card->cr.bar = cxflash_map_bar(pdev, &err);
	if (err)
		err = cxflash_fail(&why, err, "BAR0 cannot be claimed");
	else
		err = cxflash_ids_reach(&card->cr, &why) ?: cxflash_card_add(card, 0, &why);
	if (err)
		dev_err(&pdev->dev, "%s\n", why.text);
	else
		cxflash_serve(card);
	cxflash_card_put(card);
	return err;
}

static void cxflash_remove(struct pci_dev *pdev)
{
	struct cxflash_card *card = pci_get_drvdata(pdev);

	cxflash_card_end(pdev, card->binding);
}

/*
 * A PCI reset of a card bound to us: the operation in work ends first, and no other starts until
 * the reset has ended. Both are called by the same task.
 */
static void cxflash_reset_prepare(struct pci_dev *pdev)
{
	struct cxflash_card *card = pci_get_drvdata(pdev);

	cxflash_cr_reset_waits(&card->cr);
	mutex_lock(&card->hold.lock);
	cxflash_cr_suspend(&card->cr);
}

static void cxflash_reset_done(struct pci_dev *pdev)
{
	struct cxflash_card *card = pci_get_drvdata(pdev);

	cxflash_cr_resume(&card->cr);
	mutex_unlock(&card->hold.lock);
}

static const struct pci_error_handlers cxflash_err_handler = {
	.reset_prepare = cxflash_reset_prepare,
	.reset_done = cxflash_reset_done,
};

static struct pci_driver cxflash_driver = {
	.name = KBUILD_MODNAME,
	.id_table = cxflash_ids_recovery,
	.probe = cxflash_probe,
	.remove = cxflash_remove,
	.err_handler = &cxflash_err_handler,
};

static int cxflash_reboot_event(struct notifier_block *nb, unsigned long event, void *data)
{
	cxflash_card_stop_all();
	return NOTIFY_DONE;
}

static struct notifier_block cxflash_reboot_notifier = { .notifier_call = cxflash_reboot_event };

static int __init cxflash_init(void)
{
	int err;

	err = register_reboot_notifier(&cxflash_reboot_notifier);
	if (err)
		return err;
	err = bus_register_notifier(&pci_bus_type, &cxflash_bus_notifier);
	if (err)
		goto err_reboot;
	err = pci_register_driver(&cxflash_driver);
	if (err)
		goto err_bus;
	err = cxflash_netlink_init();
	if (err)
		goto err_driver;
	return 0;

err_driver:
	pci_unregister_driver(&cxflash_driver);
err_bus:
	bus_unregister_notifier(&pci_bus_type, &cxflash_bus_notifier);
err_reboot:
	unregister_reboot_notifier(&cxflash_reboot_notifier);
	return err;
}

/* The family goes last, so that the end of an operation in work is still told. */
static void __exit cxflash_exit(void)
{
	cxflash_card_stop_all();
	pci_unregister_driver(&cxflash_driver);
	while (cxflash_card_end(NULL, CXFLASH_BINDING_BESIDE))
		;
	cxflash_netlink_exit();
	bus_unregister_notifier(&pci_bus_type, &cxflash_bus_notifier);
	unregister_reboot_notifier(&cxflash_reboot_notifier);
}

module_init(cxflash_init);
module_exit(cxflash_exit);

MODULE_AUTHOR("The cxflash authors");
MODULE_DESCRIPTION("Flash and CR space of Mellanox ConnectX to ConnectX-3 Pro");
MODULE_LICENSE("GPL");
MODULE_VERSION(CXFLASH_VERSION);
