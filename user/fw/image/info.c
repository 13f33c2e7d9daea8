// SPDX-License-Identifier: GPL-2.0-only
/* Image Info: its records, and what they say the image is for. */
#include <stdio.h>
#include <string.h>

#include "crc.h"
#include "info.h"
#include "fw/words.h"

struct record {
	unsigned int tag;
	uint32_t len;
	const uint8_t *data;
};

/* The tags that are understood, and the least data each must have. */
static const uint8_t least[32] = {
	[FW_TAG_VERSION] = 8, [FW_TAG_TIME] = 8,     [FW_TAG_DEVICE] = 4,    [FW_TAG_PSID] = 16,
	[FW_TAG_VSD] = 4,     [FW_TAG_PRODUCT] = 16, [FW_TAG_VENDOR] = 4,    [FW_TAG_HW] = 4,
	[FW_TAG_MIC] = 8,     [FW_TAG_MIN_FIT] = 8,  [FW_TAG_NV_CONFIG] = 8, [FW_TAG_PRS] = 4,
};

/* The record at offset @at of the section, which is then moved behind it. */
static int next_record(const uint8_t *bytes, const struct fw_section *section, uint32_t *at,
		       struct record *rec, struct cx_err *err)
{
	uint32_t word;

	if (section->size - *at < 4)
		return cx_fail(err, CX_INVALID,
			       "Image Info at 0x%x: no end tag before the section's end",
			       section->addr);
	word = fw_get32(bytes + section->data + *at);
	rec->tag = word >> 24;
	rec->len = word & 0xffffff;
	rec->data = bytes + section->data + *at + 4;
	if (rec->len % 4 || rec->len > section->size - *at - 4)
		return cx_fail(
			err, CX_INVALID,
			"Image Info at 0x%x: tag %u at offset 0x%x: length 0x%x is no multiple "
			"of 4 or exceeds the section (0x%x bytes)",
			section->addr, rec->tag, *at, rec->len, section->size);
	*at += 4 + rec->len;
	return 0;
}

static void take_text(char *to, size_t room, const struct record *rec)
{
	memcpy(to, rec->data, rec->len < room ? rec->len : room);
}

static struct fw_version take_version(const struct record *rec)
{
	uint32_t second = fw_get32(rec->data + 4);

	return (struct fw_version){
		.major = fw_get32(rec->data) >> 16,
		.minor = second >> 16,
		.subminor = second & 0xffff,
	};
}

static int take_hw(struct fw_info *info, const struct record *rec, struct cx_err *err)
{
	const size_t room = sizeof(info->hw) / sizeof(info->hw[0]);

	for (uint32_t i = 0; i < rec->len; i += 4) {
		uint32_t hw = fw_get32(rec->data + i);

		if (!hw)
			break;
		if (info->hw_count == room)
			return cx_fail(err, CX_INVALID,
				       "Image Info: the hardware list (tag %u) has more than %zu "
				       "entries",
				       rec->tag, room);
		info->hw[info->hw_count++] = hw;
	}
	return 0;
}

static void take_nv_config(struct fw_info *info, const struct record *rec)
{
	info->nv_sectors = fw_get32(rec->data);
	info->nv_pad = fw_get32(rec->data + 4);
	if (rec->len >= 12)
		info->nv_sector_log2k = fw_get32(rec->data + 8);
}

static int take(struct fw_info *info, const struct record *rec, struct cx_err *err)
{
	switch (rec->tag) {
	case FW_TAG_VERSION:
		info->version = take_version(rec);
		break;
	case FW_TAG_TIME:
		info->time = fw_get32(rec->data) & 0xffffff;
		info->date = fw_get32(rec->data + 4);
		break;
	case FW_TAG_DEVICE:
		info->device = fw_get32(rec->data);
		break;
	case FW_TAG_PSID:
		take_text(info->psid, sizeof(info->psid) - 1, rec);
		break;
	case FW_TAG_VSD:
		take_text(info->vsd, sizeof(info->vsd) - 1, rec);
		break;
	case FW_TAG_PRODUCT:
		take_text(info->product, sizeof(info->product) - 1, rec);
		break;
	case FW_TAG_VENDOR:
		info->vendor = fw_get32(rec->data) & 0xffff;
		break;
	case FW_TAG_HW:
		return take_hw(info, rec, err);
	case FW_TAG_MIC:
		info->mic = take_version(rec);
		break;
	case FW_TAG_MIN_FIT:
		for (size_t i = 0; i < 4; i++)
			info->min_fit[i] = rec->data[2 * i] << 8 | rec->data[2 * i + 1];
		break;
	case FW_TAG_NV_CONFIG:
		take_nv_config(info, rec);
		break;
	case FW_TAG_PRS:
		take_text(info->prs, sizeof(info->prs) - 1, rec);
		break;
	}
	return 0;
}

int fw_info_parse(const uint8_t *bytes, const struct fw_section *section, struct fw_info *info,
		  struct cx_err *err)
{
	struct record rec;
	uint32_t at = 0;

	memset(info, 0, sizeof(*info));
	info->nv_sector_log2k = UINT32_MAX;
	for (;;) {
		if (next_record(bytes, section, &at, &rec, err))
			return -1;
		if (rec.tag == FW_TAG_END)
			break;
		if (rec.tag >= 32)
			continue;
		/* Which of two PSIDs counts would depend on the reader. */
		if (least[rec.tag] && info->tags >> rec.tag & 1)
			return cx_fail(err, CX_INVALID, "Image Info at 0x%x: tag %u appears twice",
				       section->addr, rec.tag);
		if (rec.len < least[rec.tag])
			return cx_fail(err, CX_INVALID,
				       "Image Info at 0x%x: tag %u has %u bytes, it needs %u",
				       section->addr, rec.tag, rec.len, least[rec.tag]);
		info->tags |= 1u << rec.tag;
		if (take(info, &rec, err))
			return -1;
	}
	if (rec.len || at != section->size)
		return cx_fail(
			err, CX_INVALID,
			"Image Info at 0x%x: the end tag ends at offset 0x%x, the section at "
			"0x%x",
			section->addr, at, section->size);
	return 0;
}

#define SECTION_HEADER 16u
#define MAX_INFO       0x10000u

uint32_t fw_info_size(const uint8_t *header)
{
	uint32_t dwords = fw_get32(header + 4);

	if (fw_get32(header) != FW_INFO || dwords > MAX_INFO / 4)
		return 0;
	return SECTION_HEADER + dwords * 4 + 4;
}

int fw_info_read(const uint8_t *bytes, size_t len, struct fw_info *info, struct cx_err *err)
{
	struct fw_section section = {.type = FW_INFO, .data = SECTION_HEADER};
	uint32_t size = len < SECTION_HEADER ? 0 : fw_info_size(bytes);

	if (!size || size > len)
		return cx_fail(err, CX_INVALID,
			       "there is no Image Info section where the header "
			       "says that it begins");
	section.size = size - SECTION_HEADER - 4;
	if (fw_get32(bytes + size - 4) != fw_crc(bytes, size - 4))
		return cx_fail(err, CX_INVALID, "the Image Info section has a wrong CRC");
	return fw_info_parse(bytes, &section, info, err);
}

uint32_t fw_info_tag(const struct fw_image *img, enum fw_tag tag, uint32_t *len)
{
	const struct fw_section *info = NULL;
	struct record rec;
	struct cx_err err;
	uint32_t at = 0;

	for (size_t i = 0; i < img->sections && !info; i++)
		if (img->section[i].type == FW_INFO && img->section[i].data == img->info_addr)
			info = &img->section[i];
	if (!info)
		return 0;
	while (!next_record(img->bytes, info, &at, &rec, &err) && rec.tag != FW_TAG_END) {
		if (rec.tag != tag)
			continue;
		*len = rec.len;
		return rec.data - img->bytes;
	}
	return 0;
}

bool fw_has_tag(const struct fw_image *img, enum fw_tag tag)
{
	return img->info.tags >> tag & 1;
}

const char *fw_image_psid(const struct fw_image *img)
{
	return fw_has_tag(img, FW_TAG_PSID) ? img->info.psid : "";
}

enum fw_chip fw_image_chip(const struct fw_image *img, unsigned int *rev)
{
	const struct fw_device *device = NULL;
	unsigned int unused;

	if (!rev)
		rev = &unused;
	*rev = 0;
	for (unsigned int i = 0; i < img->info.hw_count; i++) {
		enum fw_chip chip = fw_chip_of_hw(img->info.hw[i]);

		*rev = img->info.hw[i] >> 16 & 0xff;
		if (chip != FW_CHIP_UNKNOWN)
			return chip;
	}
	if (!img->info.hw_count && fw_has_tag(img, FW_TAG_DEVICE))
		device = fw_device(img->info.device & 0xffff);
	if (!device || device->recovery)
		return FW_CHIP_UNKNOWN;
	/* Of the Image Info of a .mlx there are no bytes of an image around. */
	*rev = img->bytes && img->bytes[0x20] ? img->bytes[0x20] : device->rev;
	return device->chip;
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
	if (!fw_has_tag(img, FW_TAG_DEVICE))
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
