// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whose registers they are: the PCI ids of the cards that can be served, and what to tell the
 * owner of another.
 */
#include <linux/module.h>
#include <linux/pci.h>

#include "cr.h"

/* clang-format off */
#define CARD(id, chip) { PCI_VDEVICE(MELLANOX, id), .driver_data = (chip) }

/* Ids as in flash-access 1. */
const struct pci_device_id cxflash_ids_recovery[] = {
	CARD(0x0191, CHIP_CX), CARD(0x01f6, CHIP_CX3), CARD(0x01f8, CHIP_CX3_PRO), {}
};
MODULE_DEVICE_TABLE(pci, cxflash_ids_recovery);

#define CX3_FAMILY 0 /* reserved ids, of ConnectX-3 or -3 Pro */

/* Deliberately not in the module's alias table: these belong to mlx4_core. */
static const struct pci_device_id ids_takeover[] = {
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
} ids_foreign[] = {
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
static int ids_refuse(struct pci_dev *pdev, struct cxflash_why *why)
{
	const char *text = "Not a Mellanox card of the FS2 generation (ConnectX to ConnectX-3 Pro)";
	size_t i;

	if (pdev->vendor == PCI_VENDOR_ID_MELLANOX)
		for (i = 0; i < ARRAY_SIZE(ids_foreign); i++)
			if (pdev->device >= ids_foreign[i].first &&
			    pdev->device <= ids_foreign[i].last)
				text = ids_foreign[i].why;
	if (pdev->is_virtfn)
		text = ids_foreign[0].why;
	return cxflash_fail(why, -EOPNOTSUPP, "%s", text);
}

static bool ids_chip_fits(const struct cxflash_cr *cr, unsigned long chip)
{
	if (chip == CX3_FAMILY)
		return cr->chip_id == CHIP_CX3 || cr->chip_id == CHIP_CX3_PRO;
	if (chip == CHIP_CX)
		return cr->chip_id == chip && (cr->chip_rev == 0xa0 || cr->chip_rev == 0xb0);
	return cr->chip_id == chip;
}

/* Reach the card, and make sure that it is what its PCI id says. */
int cxflash_ids_reach(struct cxflash_cr *cr, struct cxflash_why *why)
{
	const struct pci_device_id *recovery = pci_match_id(cxflash_ids_recovery, cr->pdev);
	const struct pci_device_id *id = recovery ?: pci_match_id(ids_takeover, cr->pdev);
	int err;

	if (!id || cr->pdev->is_virtfn)
		return ids_refuse(cr->pdev, why);
	err = cxflash_cr_open(cr, why);
	if (err)
		return err;
	if (!ids_chip_fits(cr, id->driver_data))
		return cxflash_fail(why, -EOPNOTSUPP,
				    "Hardware id 0x%03x, revision 0x%02x is not of this PCI id",
				    cr->chip_id, cr->chip_rev);
	if (recovery)
		cr->recovery = true;
	return 0;
}
