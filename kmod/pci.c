// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which PCI functions are served, and by which right.
 *
 * Only the flash-recovery ids, which no other driver wants, bind by themselves. Any other card is
 * bound by user space through driver_override (takeover), or served through configuration space
 * while its own driver keeps it (beside).
 */
#include <linux/device.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/pci.h>
#include <linux/reboot.h>

#include "cxflash.h"

#define BAR 0

#define ATTACH_MS 8 /* a netlink request is not kept waiting */

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
	{ 0x0246, 0x0246, "SwitchX is a switch; cxflash serves ConnectX to ConnectX-3 Pro" },
	{ 0xc738, 0xc738, "SwitchX is a switch; cxflash serves ConnectX to ConnectX-3 Pro" },
	{ 0x01ff, 0x01ff, "Connect-IB is an FS3 chip; use mstflint or devlink" },
	{ 0x1011, 0x1012, "Connect-IB is an FS3 chip; use mstflint or devlink" },
	{ 0x0209, 0x0228, "ConnectX-4 and later are FS3 chips or newer; use mstflint or devlink" },
	{ 0x1013, 0x10ff, "ConnectX-4 and later are FS3 chips or newer; use mstflint or devlink" },
	{ 0xa2d0, 0xa2ff, "BlueField is an FS4 chip or newer; use mstflint or devlink" },
};

/* clang-format on */
static int refuse(struct pci_dev *pdev, const char **why)
{
	size_t i;

	*why = "Not a Mellanox card of the FS2 generation (ConnectX to ConnectX-3 Pro)";
	if (pdev->vendor == PCI_VENDOR_ID_MELLANOX)
		for (i = 0; i < ARRAY_SIZE(foreign); i++)
			if (pdev->device >= foreign[i].first && pdev->device <= foreign[i].last)
				*why = foreign[i].why;
	if (pdev->is_virtfn)
		*why = "A virtual function has no flash; name its physical function";
	return -EOPNOTSUPP;
}

static bool chip_fits(const struct cxflash_card *card, unsigned long chip)
{
	if (chip == CX3_FAMILY)
		return card->chip_id == CHIP_CX3 || card->chip_id == CHIP_CX3_PRO;
	if (chip == CHIP_CX)
		return card->chip_id == chip && (card->chip_rev == 0xa0 || card->chip_rev == 0xb0);
	return card->chip_id == chip;
}

/* Reach the card, make sure that it is what its PCI id says, and serve it. */
static int serve(struct cxflash_card *card, unsigned int patience_ms, const char **why)
{
	const struct pci_device_id *recovery = pci_match_id(recovery_ids, card->pdev);
	const struct pci_device_id *id = recovery ?: pci_match_id(takeover_ids, card->pdev);
	int err;

	if (!id || card->pdev->is_virtfn)
		return refuse(card->pdev, why);
	err = cxflash_cr_open(card, why);
	if (err)
		return err;
	if (!chip_fits(card, id->driver_data)) {
		dev_err(&card->pdev->dev, "cxflash: hardware id 0x%03x, revision 0x%02x\n",
			card->chip_id, card->chip_rev);
		*why = "The hardware id at CR 0xf0014 is not one of this PCI id";
		return -EOPNOTSUPP;
	}
	if (recovery)
		card->recovery = true;
	cxflash_card_identify(card, patience_ms);
	return cxflash_card_add(card, why);
}

static void __iomem *map_bar(struct pci_dev *pdev, int *err)
{
	if (!(pci_resource_flags(pdev, BAR) & IORESOURCE_MEM) ||
	    pci_resource_len(pdev, BAR) < CR_SIZE)
		return NULL;
	*err = pcim_iomap_regions(pdev, BIT(BAR), KBUILD_MODNAME);
	return *err ? NULL : pcim_iomap_table(pdev)[BAR];
}

/* With driver_override, the id that is given says nothing. */
static int probe(struct pci_dev *pdev, const struct pci_device_id *unused)
{
	const char *why = "Out of memory";
	enum cxflash_binding binding = CXFLASH_BINDING_TAKEOVER;
	struct cxflash_card *card;
	int err;

	err = pcim_enable_device(pdev);
	if (err)
		return err;
	if (pci_match_id(recovery_ids, pdev))
		binding = CXFLASH_BINDING_RECOVERY;
	card = cxflash_card_alloc(pdev, binding);
	if (!card)
		return -ENOMEM;
	card->bar = map_bar(pdev, &err);
	if (err)
		why = "BAR0 is claimed by another";
	else
		err = serve(card, SEMAPHORE_MS, &why);
	if (err) {
		dev_err(&pdev->dev, "%s\n", why);
		cxflash_card_put(card);
		return err;
	}
	pci_set_drvdata(pdev, card);
	dev_info(&pdev->dev, "chip 0x%03x rev 0x%02x, flash part %s, through %s\n", card->chip_id,
		 card->chip_rev, card->part->name,
		 card->access == CXFLASH_ACCESS_BAR0 ? "BAR0" : "configuration space");
	return 0;
}

static void remove(struct pci_dev *pdev)
{
	cxflash_card_end(pci_get_drvdata(pdev));
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

static struct pci_dev *find_function(const char *name)
{
	unsigned int domain, bus, slot, function;
	struct pci_dev *pdev;

	if (sscanf(name, "%x:%x:%x.%x", &domain, &bus, &slot, &function) != 4)
		return NULL;
	pdev = pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(slot, function));
	if (pdev && strcmp(pci_name(pdev), name)) {
		pci_dev_put(pdev);
		pdev = NULL;
	}
	return pdev;
}

/*
 * Serve a card beside its driver. The card is on the list before the driver is looked for, so that
 * bus_event() cannot miss a driver that leaves at this moment.
 */
static int attach(struct pci_dev *pdev, const char **why)
{
	struct cxflash_card *card;
	int err;

	if (pdev->dev.driver == &driver.driver) {
		*why = "The card is bound to cxflash already";
		return -EEXIST;
	}
	if (!pdev->dev.driver) {
		*why = "No driver holds the card; bind it to cxflash instead";
		return -ENOTCONN;
	}
	card = cxflash_card_alloc(pdev, CXFLASH_BINDING_BESIDE);
	if (!card) {
		*why = "Out of memory";
		return -ENOMEM;
	}
	err = serve(card, ATTACH_MS, why);
	if (err) {
		cxflash_card_put(card);
		return err;
	}
	if (!READ_ONCE(pdev->dev.driver) && cxflash_card_end_beside(pdev)) {
		*why = "The driver that held the card has just left it";
		return -ENOTCONN;
	}
	dev_info(&pdev->dev, "cxflash: served beside %s\n", dev_driver_string(&pdev->dev));
	return 0;
}

int cxflash_attach(const char *name, const char **why)
{
	struct pci_dev *pdev;
	int err;

	pdev = find_function(name);
	if (!pdev) {
		*why = "There is no such PCI function";
		return -ENODEV;
	}
	err = attach(pdev, why);
	pci_dev_put(pdev);
	return err;
}

/* The driver beside which a card is served comes or goes, or the card goes. */
static int bus_event(struct notifier_block *nb, unsigned long event, void *data)
{
	struct pci_dev *pdev = to_pci_dev(data);

	switch (event) {
	case BUS_NOTIFY_DEL_DEVICE:
	case BUS_NOTIFY_UNBIND_DRIVER:
	case BUS_NOTIFY_UNBOUND_DRIVER:
	case BUS_NOTIFY_DRIVER_NOT_BOUND:
		if (cxflash_card_end_beside(pdev))
			dev_info(&pdev->dev, "cxflash: no longer served\n");
	}
	return NOTIFY_DONE;
}

static struct notifier_block bus_notifier = { .notifier_call = bus_event };

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
	err = bus_register_notifier(&pci_bus_type, &bus_notifier);
	if (err)
		goto err_reboot;
	err = cxflash_netlink_init();
	if (err)
		goto err_bus;
	err = pci_register_driver(&driver);
	if (err)
		goto err_netlink;
	return 0;

err_netlink:
	cxflash_netlink_exit();
err_bus:
	bus_unregister_notifier(&pci_bus_type, &bus_notifier);
err_reboot:
	unregister_reboot_notifier(&reboot_notifier);
	return err;
}

/* The family goes last, so that the end of an operation in work is still told. */
static void __exit cxflash_exit(void)
{
	cxflash_cards_stop();
	pci_unregister_driver(&driver);
	while (cxflash_card_end_beside(NULL))
		;
	cxflash_netlink_exit();
	bus_unregister_notifier(&pci_bus_type, &bus_notifier);
	unregister_reboot_notifier(&reboot_notifier);
}

module_init(cxflash_init);
module_exit(cxflash_exit);

MODULE_DESCRIPTION("Flash and CR space of Mellanox ConnectX to ConnectX-3 Pro");
MODULE_LICENSE("GPL");
MODULE_VERSION(CXFLASH_VERSION);
