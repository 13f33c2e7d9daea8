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

#include "cxflash.h"

/* clang-format off */
#define CARD(id, chip) { PCI_VDEVICE(MELLANOX, id), .driver_data = (chip) }

/* Ids as in flash-access 1. */
static const struct pci_device_id recovery_ids[] = {
	CARD(0x0191, CHIP_CX), CARD(0x01f6, CHIP_CX3), CARD(0x01f8, CHIP_CX3_PRO), {}
};
MODULE_DEVICE_TABLE(pci, recovery_ids);

#define CX3_FAMILY 0 /* reserved ids, of ConnectX-3 or -3 Pro */

/* Deliberately not in the module's alias table: these belong to mlx4_core. */
static const struct pci_device_id takeover_ids[] = {
	CARD(0x6340, CHIP_CX), CARD(0x634a, CHIP_CX), CARD(0x6354, CHIP_CX),
	CARD(0x6368, CHIP_CX), CARD(0x6372, CHIP_CX), CARD(0x6732, CHIP_CX),
	CARD(0x673c, CHIP_CX), CARD(0x6746, CHIP_CX), CARD(0x6750, CHIP_CX),
	CARD(0x675a, CHIP_CX), CARD(0x6764, CHIP_CX), CARD(0x676e, CHIP_CX),
	CARD(0x6778, CHIP_CX),
	CARD(0x1003, CHIP_CX3), CARD(0x1007, CHIP_CX3_PRO),
	CARD(0x1005, CX3_FAMILY), CARD(0x1006, CX3_FAMILY), CARD(0x1008, CX3_FAMILY),
	CARD(0x1009, CX3_FAMILY), CARD(0x100a, CX3_FAMILY), CARD(0x100b, CX3_FAMILY),
	CARD(0x100c, CX3_FAMILY), CARD(0x100d, CX3_FAMILY), CARD(0x100e, CX3_FAMILY),
	CARD(0x100f, CX3_FAMILY), CARD(0x1010, CX3_FAMILY),
	{}
};

/* What people may try, for a refusal that says what they have (kernel-driver 6.4). */
static const struct {
	u16 first;
	u16 last;
	const char *why;
} foreign[] = {
	{ 0x1002, 0x1002, "A virtual function has no flash; name its physical function" },
	{ 0x1004, 0x1004, "A virtual function has no flash; name its physical function" },
	{ 0x5a44, 0x5a45, "InfiniHost is an FS1 chip; cxflash serves ConnectX to ConnectX-3 Pro" },
	{ 0x5e8c, 0x6282, "InfiniHost III is an FS1 chip; cxflash serves ConnectX to -3 Pro" },
	{ 0x01ff, 0x01ff, "Connect-IB is an FS3 chip; use mstflint or devlink" },
	{ 0x1011, 0x1012, "Connect-IB is an FS3 chip; use mstflint or devlink" },
	{ 0x0209, 0x0228, "ConnectX-4 and later are FS3 chips or newer; use mstflint or devlink" },
	{ 0x1013, 0x10ff, "ConnectX-4 and later are FS3 chips or newer; use mstflint or devlink" },
	{ 0xa2d0, 0xa2ff, "BlueField is an FS4 chip or newer; use mstflint or devlink" },
};

/* clang-format on */
static int refuse(struct cxflash_card *card)
{
	const char *why = "Not a Mellanox card of the FS2 generation (ConnectX to ConnectX-3 Pro)";
	struct pci_dev *pdev = card->pdev;
	size_t i;

	if (pdev->vendor == PCI_VENDOR_ID_MELLANOX)
		for (i = 0; i < ARRAY_SIZE(foreign); i++)
			if (pdev->device >= foreign[i].first && pdev->device <= foreign[i].last)
				why = foreign[i].why;
	if (pdev->is_virtfn)
		why = foreign[0].why;
	return cxflash_fail(card, -EOPNOTSUPP, "%s", why);
}

static bool chip_fits(const struct cxflash_card *card, unsigned long chip)
{
	if (chip == CX3_FAMILY)
		return card->chip_id == CHIP_CX3 || card->chip_id == CHIP_CX3_PRO;
	if (chip == CHIP_CX)
		return card->chip_id == chip && (card->chip_rev == 0xa0 || card->chip_rev == 0xb0);
	return card->chip_id == chip;
}

/* Reach the card, and make sure that it is what its PCI id says. */
int cxflash_reach(struct cxflash_card *card)
{
	const struct pci_device_id *recovery = pci_match_id(recovery_ids, card->pdev);
	const struct pci_device_id *id = recovery ?: pci_match_id(takeover_ids, card->pdev);
	int err;

	if (!id || card->pdev->is_virtfn)
		return refuse(card);
	err = cxflash_cr_open(card);
	if (err)
		return err;
	if (!chip_fits(card, id->driver_data))
		return cxflash_fail(card, -EOPNOTSUPP,
				    "Hardware id 0x%03x, revision 0x%02x is not of this PCI id",
				    card->chip_id, card->chip_rev);
	if (recovery)
		card->recovery = true;
	return 0;
}

static void __iomem *map_bar(struct pci_dev *pdev, int *err)
{
	if (!(pci_resource_flags(pdev, 0) & IORESOURCE_MEM) || pci_resource_len(pdev, 0) < CR_SIZE)
		return NULL;
	*err = pcim_iomap_regions(pdev, BIT(0), KBUILD_MODNAME);
	return *err ? NULL : pcim_iomap_table(pdev)[0];
}

/* With driver_override, the id that is given says nothing. */
static int probe(struct pci_dev *pdev, const struct pci_device_id *unused)
{
	enum cxflash_binding binding = CXFLASH_BINDING_TAKEOVER;
	struct cxflash_card *card;
	int err = 0;

	if (pci_match_id(recovery_ids, pdev))
		binding = CXFLASH_BINDING_RECOVERY;
	card = cxflash_card_alloc(pdev, binding);
	if (!card)
		return -ENOMEM;
	/* What fails where a BAR got no address does not matter to the window. */
	if (!pcim_enable_device(pdev))
		card->bar = map_bar(pdev, &err);
	if (err)
		err = cxflash_fail(card, err, "BAR0 cannot be claimed");
	else
		err = cxflash_reach(card) ?: cxflash_card_add(card, 0);
	if (err) {
		dev_err(&pdev->dev, "%s\n", card->why);
	} else {
		pci_set_drvdata(pdev, card);
		queue_work(card->wq, &card->op.work);
		flush_work(&card->op.work);
		if (card->op.error)
			dev_warn(&pdev->dev, "%s; the flash part is unknown for now\n",
				 card->op.message);
		dev_info(&pdev->dev, "chip 0x%03x rev 0x%02x, flash part %s, through %s\n",
			 card->chip_id, card->chip_rev, card->part->name,
			 card->access == CXFLASH_ACCESS_BAR0 ? "BAR0" : "configuration space");
	}
	cxflash_card_put(card);
	return err;
}

static void remove(struct pci_dev *pdev)
{
	struct cxflash_card *card = pci_get_drvdata(pdev);

	cxflash_card_end(pdev, card->binding);
}

static void reset_prepare(struct pci_dev *pdev)
{
	cxflash_cr_suspend(pci_get_drvdata(pdev));
}

static void reset_done(struct pci_dev *pdev)
{
	cxflash_cr_resume(pci_get_drvdata(pdev));
}

static const struct pci_error_handlers err_handler = {
	.reset_prepare = reset_prepare,
	.reset_done = reset_done,
};

static struct pci_driver driver = {
	.name = KBUILD_MODNAME,
	.id_table = recovery_ids,
	.probe = probe,
	.remove = remove,
	.err_handler = &err_handler,
};

static int reboot_event(struct notifier_block *nb, unsigned long event, void *data)
{
	cxflash_cards_stop();
	return NOTIFY_DONE;
}

static struct notifier_block reboot_notifier = { .notifier_call = reboot_event };

static int __init cxflash_init(void)
{
	int err;

	err = register_reboot_notifier(&reboot_notifier);
	if (err)
		return err;
	err = bus_register_notifier(&pci_bus_type, &cxflash_bus_notifier);
	if (err)
		goto err_reboot;
	err = pci_register_driver(&driver);
	if (err)
		goto err_bus;
	err = cxflash_netlink_init();
	if (err)
		goto err_driver;
	return 0;

err_driver:
	pci_unregister_driver(&driver);
err_bus:
	bus_unregister_notifier(&pci_bus_type, &cxflash_bus_notifier);
err_reboot:
	unregister_reboot_notifier(&reboot_notifier);
	return err;
}

/* The family goes last, so that the end of an operation in work is still told. */
static void __exit cxflash_exit(void)
{
	cxflash_cards_stop();
	pci_unregister_driver(&driver);
	while (cxflash_card_end(NULL, CXFLASH_BINDING_BESIDE))
		;
	cxflash_netlink_exit();
	bus_unregister_notifier(&pci_bus_type, &cxflash_bus_notifier);
	unregister_reboot_notifier(&reboot_notifier);
}

module_init(cxflash_init);
module_exit(cxflash_exit);

MODULE_DESCRIPTION("Flash and CR space of Mellanox ConnectX to ConnectX-3 Pro");
MODULE_LICENSE("GPL");
MODULE_VERSION(CXFLASH_VERSION);
