// SPDX-License-Identifier: GPL-2.0-only
/* The strict verifier (fs2-image 17). */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "verify.h"
#include "fw/words.h"
#include "edit.h"
#include "info.h"
#include "packed.h"
#include "rom.h"

#define MAX_INFLATED	   (4u << 20) /* ini and hash texts have some kB; this only stops a bomb */
#define MAX_CX2_CHUNK_LOG2 20	      /* it looks no further for an image (fs2-image 2) */
#define MAX_RESERVE	   0x10000u

/* What is being judged, at which place, and how it went. */
struct judge {
	const struct fw_image *img;
	enum fw_chip chip;
	fw_finding_fn fn;
	void *ctx;
	struct fw_finding at; /* the current place */
	bool silent;	      /* nothing was found there yet */
	size_t bad;
};

__attribute__((format(printf, 3, 4))) static void say(struct judge *j, enum fw_grade grade,
						      const char *fmt, ...)
{
	va_list ap;

	j->silent = false;
	j->at.grade = grade;
	va_start(ap, fmt);
	vsnprintf(j->at.text, sizeof(j->at.text), fmt, ap);
	va_end(ap);
	if (grade == FW_BAD)
		j->bad++;
	if (j->fn)
		j->fn(&j->at, j->ctx);
}

static void go_to(struct judge *j, const char *name, uint32_t addr, uint32_t len)
{
	j->at.name = name;
	j->at.addr = addr;
	j->at.len = len;
	j->silent = true;
}

static void leave(struct judge *j)
{
	if (j->silent)
		say(j, FW_GOOD, "OK");
}

static bool has_tag(const struct fw_image *img, enum fw_tag tag)
{
	return img->info.tags >> tag & 1;
}

static void judge_header(struct judge *j)
{
	const struct fw_image *img = j->img;

	go_to(j, "Header", 0, FW_HEADER_SIZE);
	if (img->bytes[0x24])
		say(j, FW_WARNING, "format byte at 0x24 is %u, images seen have 0",
		    img->bytes[0x24]);
	if (j->chip == FW_CHIP_CONNECTX2 && img->chunk_log2 > MAX_CX2_CHUNK_LOG2)
		say(j, FW_BAD,
		    "chunk size 0x%x at 0x28: a %s looks for images up to 0x%x only, it would not "
		    "find this one",
		    1u << img->chunk_log2, fw_chip_name(j->chip, img->bytes[0x20]),
		    1u << MAX_CX2_CHUNK_LOG2);
	if (img->size_word != img->size)
		say(j, FW_BAD, "size word at 0x30 is 0x%x, the last section ends at 0x%x",
		    img->size_word, img->size);
	if (!img->info_addr)
		say(j, FW_WARNING,
		    "no Image Info pointer at 0x2c: version, PSID and chip are unknown");
	leave(j);
}

/* Records of {address, value, mask} (fs2-image 8); the rules were seen in one image. */
static void judge_config(struct judge *j, const struct fw_section *s)
{
	uint32_t before = 0, unsorted = 0, outside = 0, first_unsorted = 0, first_outside = 0;

	if (s->size % 12)
		say(j, FW_WARNING, "0x%x bytes are no whole number of 12-byte records", s->size);
	for (uint32_t at = 0; at + 12 <= s->size; at += 12) {
		const uint8_t *rec = j->img->bytes + s->data + at;
		uint32_t addr = fw_get32(rec);

		if (at && addr <= before && !unsorted++)
			first_unsorted = addr;
		if (fw_get32(rec + 4) & ~fw_get32(rec + 8) && !outside++)
			first_outside = addr;
		before = addr;
	}
	if (unsorted)
		say(j, FW_WARNING, "%u addresses do not ascend, first 0x%x", unsorted,
		    first_unsorted);
	if (outside)
		say(j, FW_WARNING, "%u values have bits outside their mask, first at 0x%x", outside,
		    first_outside);
}

/*
 * What a decoder says is a fault of the image, but for memory: then nothing is known of it, which
 * is not enough to be good.
 */
static void say_undecoded(struct judge *j, const struct cx_err *err)
{
	if (err->status == CX_FAILED)
		say(j, FW_BAD, "not judged, and nothing is known to be wrong: %s", err->text);
	else
		say(j, FW_BAD, "%s", err->text);
}

static void judge_ddr(struct judge *j, const struct fw_section *s)
{
	struct cx_err err;

	/* Bit 31 of the load address: packed (fs2-image 10). */
	if (s->param >> 31 && fw_unlzma_check(j->img->bytes + s->data, s->size, &err))
		say_undecoded(j, &err);
}

static void judge_zlib(struct judge *j, const struct fw_section *s)
{
	struct cx_err err;
	uint8_t *out;
	size_t len;

	if (fw_inflate(j->img->bytes + s->data, s->size, MAX_INFLATED, &out, &len, &err))
		say_undecoded(j, &err);
	else
		free(out);
}

static void judge_rom(struct judge *j, const struct fw_section *s)
{
	uint16_t device = j->img->info.device & 0xffff;
	struct fw_roms roms;
	struct cx_err err;
	char ids[96];

	if (fw_rom_parse(j->img->bytes + s->data, s->size, device, &roms, &err)) {
		say_undecoded(j, &err);
		return;
	}
	if (!roms.count)
		say(j, FW_WARNING, "no \"mlxsign:\" signature, the version of the ROM is unknown");
	if (has_tag(j->img, FW_TAG_DEVICE) && !fw_rom_fits(&roms))
		say(j, FW_WARNING,
		    "no host starts this ROM on a card with device id 0x%04x: it is for %s", device,
		    fw_rom_ids(&roms, ids, sizeof(ids)));
	for (size_t i = 0; i < roms.count; i++)
		if (roms.rom[i].device && has_tag(j->img, FW_TAG_DEVICE) &&
		    roms.rom[i].device != device)
			say(j, FW_WARNING, "ROM is for device 0x%04x, the firmware for 0x%04x",
			    roms.rom[i].device, device);
}

static void judge_guids(struct judge *j, const struct fw_section *s)
{
	const struct fw_identity *id = &j->img->id;

	if (s->data != j->img->guid_addr)
		return;
	if (id->blank) {
		say(j, FW_WARNING,
		    "blank: a card does not start from this image before it is given GUIDs");
		return;
	}
	for (size_t i = 0; i < 2; i++) {
		if (id->mac[i] >> 48)
			say(j, FW_WARNING, "MAC of port %zu, 0x%llx, has more than 48 bits", i + 1,
			    (unsigned long long)id->mac[i]);
		else if (id->mac[i] >> 40 & 1)
			say(j, FW_WARNING, "MAC of port %zu, %012llx, is a multicast address",
			    i + 1, (unsigned long long)id->mac[i]);
	}
}

static bool is_printable(const char *text)
{
	while (*text > ' ' && *text <= '~')
		text++;
	return !*text;
}

static void judge_info(struct judge *j, const struct fw_section *s)
{
	const struct fw_image *img = j->img;

	if (s->data != img->info_addr)
		return;
	if (!has_tag(img, FW_TAG_VERSION))
		say(j, FW_BAD, "no firmware version (tag %u)", FW_TAG_VERSION);
	if (!has_tag(img, FW_TAG_DEVICE) && !img->info.hw_count)
		say(j, FW_BAD, "neither hardware list (tag %u) nor device type (tag %u)", FW_TAG_HW,
		    FW_TAG_DEVICE);
	else if (!img->info.hw_count)
		say(j, FW_WARNING, "no hardware list (tag %u)", FW_TAG_HW);
	if (!has_tag(img, FW_TAG_PSID))
		say(j, FW_BAD, "no PSID (tag %u)", FW_TAG_PSID);
	else if (!img->info.psid[0] || !is_printable(img->info.psid))
		say(j, FW_BAD, "the PSID (tag %u) is not 1 to 16 printable characters",
		    FW_TAG_PSID);
}

static void judge_section(struct judge *j, const struct fw_section *s)
{
	go_to(j, fw_section_name(s->type), s->addr, s->data + s->size + 4 - s->addr);
	if (!fw_section_sound(j->img, s)) {
		say(j, FW_BAD, "CRC is 0x%x, should be 0x%x", s->crc, s->crc_want);
		return;
	}
	switch (s->type) {
	case FW_CONFIG:
		judge_config(j, s);
		break;
	case FW_DDR:
		judge_ddr(j, s);
		break;
	case FW_INI:
	case FW_HASH:
		judge_zlib(j, s);
		break;
	case FW_ROM:
		judge_rom(j, s);
		break;
	case FW_GUID:
		judge_guids(j, s);
		break;
	case FW_INFO:
		judge_info(j, s);
		break;
	}
	leave(j);
}

/* Bytes of a sector of the NV configuration (fs2-image 11 tag 19, 15). */
static uint64_t nv_sector(const struct fw_image *img)
{
	uint32_t log2k = img->info.nv_sector_log2k;

	/* More than the whole flash is as good as the whole flash. */
	return log2k == UINT32_MAX ? 0x10000 : 1024ull << (log2k < 14 ? log2k : 14);
}

uint32_t fw_nv_reserve(const struct fw_image *img)
{
	uint64_t reserve = img->info.nv_sectors * nv_sector(img);

	return reserve < MAX_RESERVE ? reserve : MAX_RESERVE;
}

static void judge_room(struct judge *j, uint32_t flash_size)
{
	const struct fw_image *img = j->img;
	uint64_t kept, room;

	kept = (img->failsafe ? 1 : 2) * (uint64_t)fw_nv_reserve(img) +
	       img->info.nv_pad * nv_sector(img);
	room = img->failsafe ? flash_size / 2 : flash_size;
	room = room > kept ? room - kept : 0;
	if (img->size > room)
		say(j, FW_BAD,
		    "0x%x bytes are too many for %s a flash of 0x%x bytes: there is room for "
		    "0x%llx",
		    img->size, img->failsafe ? "one slot of" : "", flash_size,
		    (unsigned long long)room);
	if (img->failsafe && 1u << img->chunk_log2 > flash_size / 2)
		say(j, FW_BAD,
		    "chunk size 0x%x leaves no second slot on a flash of 0x%x bytes; a dump of "
		    "this "
		    "length is cut in half, 0x%x bytes of it are missing",
		    1u << img->chunk_log2, flash_size, (2u << img->chunk_log2) - flash_size);
}

static bool is_for(const struct fw_image *img, enum fw_chip chip)
{
	for (unsigned int i = 0; i < img->info.hw_count; i++)
		if ((img->info.hw[i] & 0xffff) == chip)
			return true;
	return fw_image_chip(img, NULL) == chip || fw_image_chip(img, NULL) == FW_CHIP_UNKNOWN;
}

static void judge_whole(struct judge *j, uint32_t flash_size)
{
	const struct fw_image *img = j->img;

	go_to(j, "Full Image", 0, img->size);
	if (img->crc != img->crc_want && fw_image_crc_counts(img))
		say(j, FW_BAD, "CRC at 0x22 is 0x%x, should be 0x%x", img->crc, img->crc_want);
	else if (img->crc != img->crc_want && img->crc != 0xffff)
		say(j, FW_WARNING, "CRC at 0x22 is 0x%x, should be 0x%x or blank (not binding: %s)",
		    img->crc, img->crc_want, img->id.blank ? "blank GUIDs" : "no MIC version tag");
	if (j->chip != FW_CHIP_UNKNOWN && !is_for(img, j->chip))
		say(j, FW_BAD, "the image is for a %s, not for a %s",
		    fw_chip_name(fw_image_chip(img, NULL), img->bytes[0x20]),
		    fw_chip_name(j->chip, 0));
	if (flash_size)
		judge_room(j, flash_size);
	if (j->silent && img->crc != img->crc_want)
		say(j, FW_GOOD, "OK, with a blank CRC");
	leave(j);
}

size_t fw_verify(const struct fw_image *img, enum fw_chip chip, uint32_t flash_size,
		 fw_finding_fn fn, void *ctx)
{
	struct judge j = {
		.img = img,
		.chip = chip == FW_CHIP_UNKNOWN ? fw_image_chip(img, NULL) : chip,
		.fn = fn,
		.ctx = ctx,
	};

	judge_header(&j);
	for (size_t i = 0; i < img->sections; i++)
		judge_section(&j, &img->section[i]);
	judge_whole(&j, flash_size);
	return j.bad;
}
