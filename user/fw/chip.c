// SPDX-License-Identifier: GPL-2.0-only
/* The chips, and which image is for which. */
#include <stdio.h>

#include "fw/image/dump.h"
#include "fw/image/info.h"
#include "fw/image/verify.h"

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

size_t fw_start_candidates(enum fw_chip chip, const uint32_t **start)
{
	static const uint32_t candidate[] = {0,	       0x10000,	 0x20000,  0x40000,  0x80000,
					     0x100000, 0x200000, 0x400000, 0x800000, 0x1000000};

	*start = candidate;
	return chip == FW_CHIP_CONNECTX2 ? 6 : sizeof(candidate) / sizeof(candidate[0]);
}

static enum fw_chip chip_of_hw(uint32_t hw)
{
	switch (hw & 0xffff) {
	case FW_CHIP_CONNECTX2:
	case FW_CHIP_CONNECTX3:
	case FW_CHIP_CONNECTX3PRO:
		return hw & 0xffff;
	}
	return FW_CHIP_UNKNOWN;
}

/* PCI device ids (flash-access 1). */
enum fw_chip fw_device_chip(uint16_t device)
{
	switch (device) {
	case 0x6340:
	case 0x634a:
	case 0x6354:
	case 0x6368:
	case 0x6372:
	case 0x6732:
	case 0x673c:
	case 0x6746:
	case 0x6750:
	case 0x675a:
	case 0x6764:
	case 0x676e:
	case 0x6778:
		return FW_CHIP_CONNECTX2;
	case 0x1003:
		return FW_CHIP_CONNECTX3;
	case 0x1007:
		return FW_CHIP_CONNECTX3PRO;
	}
	return FW_CHIP_UNKNOWN;
}

enum fw_ports fw_device_ports(uint16_t device)
{
	switch (device) {
	case 0x6368:
	case 0x6372:
	case 0x6750:
	case 0x675a:
	case 0x6764:
	case 0x676e:
		return FW_PORTS_EN;
	}
	return fw_device_chip(device) == FW_CHIP_CONNECTX2 ? FW_PORTS_VPI : FW_PORTS_UNKNOWN;
}

enum fw_chip fw_image_chip(const struct fw_image *img)
{
	for (unsigned int i = 0; i < img->info.hw_count; i++)
		if (chip_of_hw(img->info.hw[i]) != FW_CHIP_UNKNOWN)
			return chip_of_hw(img->info.hw[i]);
	if (img->info.hw_count || !(img->info.tags >> FW_TAG_DEVICE & 1))
		return FW_CHIP_UNKNOWN;
	return fw_device_chip(img->info.device & 0xffff);
}

static int fits_by_list(const struct fw_image *img, enum fw_chip chip, unsigned int rev,
			struct cx_err *err)
{
	char list[160] = "";
	size_t n = 0;

	for (unsigned int i = 0; i < img->info.hw_count; i++) {
		uint32_t hw = img->info.hw[i];

		if ((hw & 0xffff) == chip && (hw >> 16 & 0xff) == rev)
			return 0;
		n += snprintf(list + n, sizeof(list) - n, "%s0x%x rev 0x%02x", i ? ", " : "",
			      hw & 0xffff, hw >> 16 & 0xff);
	}
	return cx_fail(err, CX_REFUSED,
		       "the image is for hardware %s; the card is a %s (0x%x rev 0x%02x)", list,
		       fw_chip_name(chip, rev), chip, rev);
}

int fw_fits_chip(const struct fw_image *img, enum fw_chip chip, unsigned int rev,
		 struct cx_err *err)
{
	uint16_t device = img->info.device & 0xffff;
	unsigned int header_rev = img->bytes[0x20];

	if (chip == FW_CHIP_UNKNOWN)
		return cx_fail(err, CX_REFUSED, "the card's chip is unknown: no image fits it");
	if (img->info.hw_count)
		return fits_by_list(img, chip, rev, err);
	if (!(img->info.tags >> FW_TAG_DEVICE & 1))
		return cx_fail(
			err, CX_REFUSED,
			"the image names neither hardware (tag 10) nor device type (tag 3); the "
			"card is a %s",
			fw_chip_name(chip, rev));
	if (fw_device_chip(device) != chip)
		return cx_fail(err, CX_REFUSED,
			       "the image is for device type 0x%04x (%s); the card is a %s", device,
			       fw_chip_name(fw_device_chip(device), header_rev),
			       fw_chip_name(chip, rev));
	/* One id, two generations: the header's revision byte is all that tells them apart. */
	if (chip == FW_CHIP_CONNECTX2 && header_rev && header_rev != rev)
		return cx_fail(
			err, CX_REFUSED,
			"the image is for revision 0x%02x (%s); the card is a %s (rev 0x%02x)",
			header_rev, fw_chip_name(chip, header_rev), fw_chip_name(chip, rev), rev);
	return 0;
}
