/* SPDX-License-Identifier: GPL-2.0-only */
/* The chips of the FS2 generation: names, part numbers, PCI device ids. */
#ifndef CXFLASH_FW_CHIP_H
#define CXFLASH_FW_CHIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FW_VENDOR_ID 0x15b3 /* PCI */

/* Hardware ids, low half of CR 0xf0014 (flash-access 2). */
enum fw_chip {
	FW_CHIP_UNKNOWN = 0,
	FW_CHIP_CONNECTX2 = 0x190, /* ConnectX too: they differ in revision only */
	FW_CHIP_CONNECTX3 = 0x1f5,
	FW_CHIP_CONNECTX3PRO = 0x1f7,
};

/*
 * "ConnectX-2"; @rev is the silicon revision, bits 23:16 of CR 0xf0014, 0 if it is not known: then
 * the two chips that share a hardware id are named together.
 */
const char *fw_chip_name(enum fw_chip chip, unsigned int rev);

/* The chip of a hardware id, of which only the low 16 bits count. */
enum fw_chip fw_chip_of_hw(uint32_t hw);

/* The vendor's part number, "MT25408"; NULL for FW_CHIP_UNKNOWN. */
const char *fw_chip_part(enum fw_chip chip);
bool fw_is_chip_part(const char *part);
#define FW_CHIP_PARTS "MT25408, MT27500, MT27520"

/* What the ports of a card can be; ConnectX-3 ids do not tell: their boards differ in the ini. */
enum fw_ports { FW_PORTS_UNKNOWN, FW_PORTS_VPI, FW_PORTS_EN };

/* A PCI device id of vendor FW_VENDOR_ID (flash-access 1). */
struct fw_device {
	uint16_t id;
	enum fw_chip chip;
	uint8_t rev; /* silicon revision, where the id tells it; else 0 */
	enum fw_ports ports;
	bool recovery; /* no firmware runs: the card waits for a flash that it can boot */
};

/* NULL: no physical function of these chips. Virtual functions (1002, 1004) have no flash. */
const struct fw_device *fw_device(uint16_t id);

/* The chip of an id that firmware sets, so not of those of flash recovery. */
enum fw_chip fw_device_chip(uint16_t id);
enum fw_ports fw_device_ports(uint16_t id);

/*
 * Of the same vendor, but of a generation before or after these: what it is and whose images it
 * takes, in a sentence for a refusal. NULL: nothing is known of such an id.
 */
const char *fw_other_device(uint16_t id, char *buf, size_t size);
/* What these chips' images are called, for sentences that name another format. */
#define FW_OURS "cxflash is for FS2, the images of ConnectX to ConnectX-3 Pro"

#endif
