// SPDX-License-Identifier: GPL-2.0-only
/* The chips, and how hardware and files name them. */
#include "chip.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	enum fw_chip chip;
	const char *part;
} parts[] = {
	{FW_CHIP_CONNECTX2, "MT25408"},
	{FW_CHIP_CONNECTX3, "MT27500"},
	{FW_CHIP_CONNECTX3PRO, "MT27520"},
};

/* flash-access 1 */
static const struct fw_device devices[] = {
	{0x6340, FW_CHIP_CONNECTX2, 0, FW_PORTS_VPI, false},
	{0x634a, FW_CHIP_CONNECTX2, 0, FW_PORTS_VPI, false},
	{0x6354, FW_CHIP_CONNECTX2, 0xa0, FW_PORTS_VPI, false},
	{0x6368, FW_CHIP_CONNECTX2, 0, FW_PORTS_EN, false},
	{0x6372, FW_CHIP_CONNECTX2, 0, FW_PORTS_EN, false},
	{0x6732, FW_CHIP_CONNECTX2, 0, FW_PORTS_VPI, false},
	{0x673c, FW_CHIP_CONNECTX2, 0, FW_PORTS_VPI, false},
	{0x6746, FW_CHIP_CONNECTX2, 0xb0, FW_PORTS_VPI, false},
	{0x6750, FW_CHIP_CONNECTX2, 0, FW_PORTS_EN, false},
	{0x675a, FW_CHIP_CONNECTX2, 0, FW_PORTS_EN, false},
	{0x6764, FW_CHIP_CONNECTX2, 0xb0, FW_PORTS_EN, false},
	{0x676e, FW_CHIP_CONNECTX2, 0xb0, FW_PORTS_EN, false},
	{0x6778, FW_CHIP_CONNECTX2, 0xb0, FW_PORTS_VPI, false},
	{0x1003, FW_CHIP_CONNECTX3, 0, FW_PORTS_UNKNOWN, false},
	{0x1007, FW_CHIP_CONNECTX3PRO, 0, FW_PORTS_UNKNOWN, false},
	{0x0191, FW_CHIP_CONNECTX2, 0, FW_PORTS_UNKNOWN, true},
	{0x01f6, FW_CHIP_CONNECTX3, 0, FW_PORTS_UNKNOWN, true},
	{0x01f8, FW_CHIP_CONNECTX3PRO, 0, FW_PORTS_UNKNOWN, true},
};

const char *fw_chip_name(enum fw_chip chip, unsigned int rev)
{
	switch (chip) {
	case FW_CHIP_CONNECTX2:
		/* They share hardware and PCI ids, the revision tells them apart (flash-access 2).
		 */
		return rev == 0xa0   ? "ConnectX"
		       : rev == 0xb0 ? "ConnectX-2"
				     : "ConnectX/ConnectX-2";
	case FW_CHIP_CONNECTX3:
		return "ConnectX-3";
	case FW_CHIP_CONNECTX3PRO:
		return "ConnectX-3 Pro";
	case FW_CHIP_UNKNOWN:
		break;
	}
	return "unknown chip";
}

enum fw_chip fw_chip_of_hw(uint32_t hw)
{
	switch (hw & 0xffff) {
	case FW_CHIP_CONNECTX2:
	case FW_CHIP_CONNECTX3:
	case FW_CHIP_CONNECTX3PRO:
		return hw & 0xffff;
	}
	return FW_CHIP_UNKNOWN;
}

const char *fw_chip_part(enum fw_chip chip)
{
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (parts[i].chip == chip)
			return parts[i].part;
	return NULL;
}

bool fw_is_chip_part(const char *part)
{
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (!strcmp(parts[i].part, part))
			return true;
	return false;
}

const struct fw_device *fw_device(uint16_t id)
{
	for (size_t i = 0; i < ARRAY_LEN(devices); i++)
		if (devices[i].id == id)
			return &devices[i];
	return NULL;
}

enum fw_chip fw_device_chip(uint16_t id)
{
	const struct fw_device *d = fw_device(id);

	return d && !d->recovery ? d->chip : FW_CHIP_UNKNOWN;
}

enum fw_ports fw_device_ports(uint16_t id)
{
	const struct fw_device *d = fw_device(id);

	return d ? d->ports : FW_PORTS_UNKNOWN;
}

/* ---- of other generations (kernel-driver 6, pci.ids) ---- */

static const struct {
	uint16_t id;
	const char *name;
} others[] = {
	{0x5a44, "an InfiniHost"},
	{0x5a45, "an InfiniHost in flash recovery"},
	{0x5e8c, "an InfiniHost III Lx"},
	{0x5e8d, "an InfiniHost III Lx in flash recovery"},
	{0x6274, "an InfiniHost III Lx"},
	{0x6278, "an InfiniHost III Ex"},
	{0x6279, "an InfiniHost III Ex in flash recovery"},
	{0x6282, "an InfiniHost III Ex"},
	{0x1011, "a Connect-IB"},
	{0x01ff, "a Connect-IB in flash recovery"},
	{0x1013, "a ConnectX-4"},
	{0x1015, "a ConnectX-4 Lx"},
	{0x1017, "a ConnectX-5"},
	{0x1019, "a ConnectX-5 Ex"},
	{0x101b, "a ConnectX-6"},
};

const char *fw_other_device(uint16_t id, char *buf, size_t size)
{
	bool older = id > 0x5000 && id < 0x6300;
	const char *name = NULL;

	for (size_t i = 0; i < ARRAY_LEN(others) && !name; i++)
		if (others[i].id == id)
			name = others[i].name;
	if (!name && id >= 0x0209 && id <= 0x0228)
		name = "a later card in flash recovery";
	if (!name)
		return NULL;
	snprintf(buf, size, "%s, %s", name,
		 older ? "which takes images of an older format, FS1; " FW_OURS
		       : "which takes images of a later format, FS3 or FS4; " FW_OURS
			 ", mstflint is for this card");
	return buf;
}
