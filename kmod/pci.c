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
#include <linux/slab.h>

#include "netlink.h"

#define PROBE_MS 1000 /* that the flash part is waited for */

static void __iomem *cxflash_map_bar(struct pci_dev *pdev, int *err)
{
	void __iomem *bar;

	if (!(pci_resource_flags(pdev, 0) & IORESOURCE_MEM) || pci_resource_len(pdev, 0) < CR_SPACE)
		return NULL;
	bar = cxflash_iomap_region(pdev, 0, KBUILD_MODNAME);
	if (!IS_ERR(bar))
		return bar;
	*err = PTR_ERR(bar);
	return NULL;
}

/* A part that does not answer at once is identified later: another may have the semaphore. */
static void cxflash_serve(struct cxflash_card *card)
{
	struct device *dev = &card->pdev->dev;
	struct cxflash_cr *cr = &card->cr;

	mutex_lock(&card->session.lock);
	cxflash_op_launch(card);
	mutex_unlock(&card->session.lock);
	if (!cxflash_op_wait(card, PROBE_MS))
		dev_info(dev, "the flash part has not answered yet\n");
	mutex_lock(&card->session.lock);
	if (!card->op.running && card->op.error)
		dev_warn(dev, "%s; the flash part is unknown for now\n", card->op.why.text);
	mutex_unlock(&card->session.lock);
	dev_info(dev, "chip 0x%03x rev 0x%02x, flash part %s, through %s\n", cr->chip_id,
		 cr->chip_rev, cxflash_nor_flash(&card->nor).part->name,
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
	if (err) {
		dev_err(&pdev->dev, "%s\n", why.text);
		cxflash_card_put(card);
		return err;
	}
	pci_save_state(pdev);
	card->config = pci_store_saved_state(pdev);
	pci_set_drvdata(pdev, card);
	cxflash_serve(card);
	return 0;
}

static void cxflash_remove(struct pci_dev *pdev)
{
	struct cxflash_card *card = pci_get_drvdata(pdev);

	cxflash_card_end(card);
	kfree(card->config);
	cxflash_card_put(card);
}

/*
 * Resets of a card bound to us: the operation in work ends first, and none goes on until the card
 * has booted again.
 */
static void cxflash_reset_prepare(struct pci_dev *pdev)
{
	struct cxflash_card *card = pci_get_drvdata(pdev);

	cxflash_cr_reset_waits(&card->cr);
	cxflash_hold_lock(&card->hold);
	cxflash_cr_suspend(&card->cr);
	cxflash_hold_unlock(&card->hold);
}

static void cxflash_reset_done(struct pci_dev *pdev)
{
	struct cxflash_card *card = pci_get_drvdata(pdev);

	cxflash_cr_resume(&card->cr);
}

/* An error of the link. Where no reset can help, nobody calls us again before remove(). */
static pci_ers_result_t cxflash_error_detected(struct pci_dev *pdev, pci_channel_state_t state)
{
	struct cxflash_card *card = pci_get_drvdata(pdev);

	if (state == pci_channel_io_perm_failure) {
		cxflash_cr_close(&card->cr);
		return PCI_ERS_RESULT_DISCONNECT;
	}
	cxflash_reset_prepare(pdev);
	return state == pci_channel_io_normal ? PCI_ERS_RESULT_CAN_RECOVER
					      : PCI_ERS_RESULT_NEED_RESET;
}

/* What the PCI core has saved is gone if it has restored it once, after another reset. */
static pci_ers_result_t cxflash_slot_reset(struct pci_dev *pdev)
{
	struct cxflash_card *card = pci_get_drvdata(pdev);

	if (pci_load_saved_state(pdev, card->config))
		return PCI_ERS_RESULT_DISCONNECT;
	pci_restore_state(pdev);
	return PCI_ERS_RESULT_RECOVERED;
}

static const struct pci_error_handlers cxflash_err_handler = {
	.error_detected = cxflash_error_detected,
	.slot_reset = cxflash_slot_reset,
	.resume = cxflash_reset_done,
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
	struct cxflash_card *card;

	cxflash_card_stop_all();
	pci_unregister_driver(&cxflash_driver);
	while ((card = cxflash_card_beside(NULL))) {
		cxflash_card_end(card);
		cxflash_card_put(card);
	}
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
