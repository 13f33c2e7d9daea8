// SPDX-License-Identifier: GPL-2.0-only
/* The image a card gets: the release's code, the card's identity, the ROM of choice; and whether it
 * may have it. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../fw/rom.h"
#include "internal.h"

__attribute__((format(printf, 2, 3))) static void note(const struct burn_request *req,
						       const char *fmt, ...)
{
	char text[400];
	va_list ap;

	if (!req->note)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	req->note(text, req->ctx);
}

const struct fw_slot *burn_kept(const struct burn_survey *s)
{
	return &s->dump.slot[s->kept];
}

bool burn_same_bytes(const struct fw_image *a, const struct fw_image *b)
{
	return a->size == b->size && !memcmp(a->bytes, b->bytes, a->size);
}

int burn_copy_image(const struct fw_image *from, struct fw_image *to, struct cx_err *err)
{
	return fw_image_parse(from->bytes, from->size, to, err);
}

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* A sector size that is not stated is 64 KiB, the largest there is. */
static uint32_t larger_sector(uint32_t a, uint32_t b)
{
	return a == UINT32_MAX || b == UINT32_MAX ? UINT32_MAX : larger(a, b);
}

uint32_t burn_nv_reserve(const struct fw_image *a, const struct fw_image *b)
{
	struct fw_image both = {.info = a->info};
	uint32_t reserve;

	both.info.tags |= b->info.tags;
	both.info.nv_sectors = larger(a->info.nv_sectors, b->info.nv_sectors);
	both.info.nv_sector_log2k = larger_sector(a->info.nv_sector_log2k, b->info.nv_sector_log2k);
	reserve = fw_nv_reserve(&both);
	both.info.nv_sectors = larger(a->info.nv_pad, b->info.nv_pad);
	return reserve + fw_nv_reserve(&both);
}

/* ---- what is kept ---- */

static int check_kept(const struct burn_survey *s, struct cx_err *err)
{
	const char *name = s->flash->info.name;
	const struct fw_slot *slot;

	if (!s->dump.slots)
		return cx_fail(
			err, CX_REFUSED,
			"%s: there is no image on this flash: no identity to keep and nothing "
			"to fall back to",
			name);
	if (s->kept < 0)
		return cx_fail(err, CX_REFUSED,
			       "%s: no image on this flash can be taken apart (at 0x%" PRIx32
			       ": %s): no identity to keep and nothing to fall back to",
			       name, s->dump.slot[0].start, s->dump.slot[0].why.text);
	slot = burn_kept(s);
	if (!slot->img.failsafe)
		return cx_fail(err, CX_REFUSED,
			       "%s: the flash holds a non-failsafe image, which leaves no second "
			       "slot to burn into",
			       name);
	return 0;
}

static int check_section(const struct burn_survey *s, enum fw_section_type type, const char *what,
			 const char *way_out, struct cx_err *err)
{
	const struct fw_image *img = &burn_kept(s)->img;
	const struct fw_section *sec = fw_image_find(img, type, 0);

	if (!sec || sec->crc == sec->crc_want)
		return 0;
	return cx_fail(err, CX_REFUSED,
		       "%s: the card's %s section at 0x%" PRIx32
		       " is damaged, so its %s cannot be kept; %s",
		       s->flash->info.name, fw_section_name(type), sec->addr, what, way_out);
}

static bool same_identity(const struct fw_identity *a, const struct fw_identity *b)
{
	return a->blank == b->blank && !memcmp(a->guid, b->guid, sizeof(a->guid)) &&
	       !memcmp(a->mac, b->mac, sizeof(a->mac));
}

/* Two good images of two cards: which of them this card is cannot be told. */
static int check_one_identity(const struct burn_survey *s, struct cx_err *err)
{
	const struct fw_slot *slot = s->dump.slot;

	if (!burn_slot_good(s, 0) || !burn_slot_good(s, 1) ||
	    same_identity(&slot[0].img.id, &slot[1].img.id))
		return 0;
	return cx_fail(err, CX_REFUSED,
		       "%s: both images are good but their identities differ: node GUID %016" PRIx64
		       ", MAC %012" PRIx64 " at 0x%" PRIx32 " and node GUID %016" PRIx64
		       ", MAC %012" PRIx64 " at 0x%" PRIx32,
		       s->flash->info.name, slot[0].img.id.guid[0], slot[0].img.id.mac[0],
		       slot[0].start, slot[1].img.id.guid[0], slot[1].img.id.mac[0], slot[1].start);
}

static int put_identity(const struct burn_survey *s, const struct burn_request *req,
			struct fw_image *img, struct cx_err *err)
{
	const struct fw_identity *id = req->identity ? req->identity : &burn_kept(s)->img.id;

	if (id->blank)
		return cx_fail(err, CX_REFUSED, "%s: %s are blank: the card would not start",
			       s->flash->info.name,
			       req->identity ? "the GUIDs it is to get" : "the card's GUIDs");
	if (!req->identity &&
	    (check_one_identity(s, err) ||
	     check_section(s, FW_GUID, "GUIDs and MACs", "restore a backup", err) ||
	     check_section(s, FW_INFO, "VSD", "restore a backup", err)))
		return -1;
	return fw_image_set_identity(img, id, err);
}

static void note_roms(const struct burn_request *req, const struct fw_image *card,
		      const struct fw_section *rom)
{
	struct fw_roms roms;
	struct cx_err why;

	if (fw_rom_parse(card->bytes + rom->data, rom->size, &roms, &why)) {
		note(req, "the card's ROM, which is kept: %s", why.text);
		return;
	}
	for (size_t i = 0; i < roms.count; i++)
		if (roms.rom[i].device && roms.rom[i].device != (req->image->info.device & 0xffff))
			note(req,
			     "the card's ROM, which is kept, is for device 0x%04x; the image is "
			     "for 0x%04x",
			     roms.rom[i].device, req->image->info.device & 0xffff);
}

static int put_rom(const struct burn_survey *s, const struct burn_request *req,
		   struct fw_image *img, struct cx_err *err)
{
	const struct fw_image *card = &burn_kept(s)->img;
	const struct fw_section *rom = fw_image_find(card, FW_ROM, 0);

	if (req->rom == BURN_ROM_IMAGE)
		return 0;
	if (req->rom == BURN_ROM_NONE || !rom)
		return fw_image_set_rom(img, NULL, 0, err);
	if (check_section(s, FW_ROM, "ROM", "choose with --rom image or --rom none", err))
		return -1;
	note_roms(req, card, rom);
	return fw_image_set_rom(img, card->bytes + rom->data, rom->size, err);
}

/* ---- may the card have it? ---- */

static int check_psid(const struct burn_survey *s, const struct burn_request *req,
		      struct cx_err *err)
{
	const char *card = burn_kept(s)->img.info.psid, *image = req->image->info.psid;

	if (!strcmp(card, image))
		return 0;
	if (!req->allow_psid_change)
		return cx_fail(err, CX_REFUSED,
			       "the image is for PSID %s, the card is %s; --allow-psid-change "
			       "burns it all the same",
			       *image ? image : "(none)", *card ? card : "(none)");
	note(req, "the PSID changes from %s to %s", *card ? card : "(none)", image);
	return 0;
}

static int check_version(const struct burn_survey *s, const struct burn_request *req,
			 struct cx_err *err)
{
	const struct fw_info *card = &burn_kept(s)->img.info, *image = &req->image->info;
	char was[20], is[20];

	if (!burn_has_version(&burn_kept(s)->img) ||
	    fw_version_compare(&image->version, &card->version) >= 0)
		return 0;
	fw_version_text(&card->version, was);
	fw_version_text(&image->version, is);
	if (!req->allow_downgrade)
		return cx_fail(err, CX_REFUSED,
			       "the image has firmware %s, the card already has %s; "
			       "--allow-downgrade burns it all the same",
			       is, was);
	note(req, "the firmware goes back from %s to %s", was, is);
	return 0;
}

static int check_layout(const struct burn_survey *s, const struct burn_request *req,
			struct cx_err *err)
{
	const struct fw_image *card = &burn_kept(s)->img, *img = req->image;
	uint32_t slot = burn_slot_size(s->flash->info.size, card->chunk_log2);

	if (!img->failsafe)
		return cx_fail(err, CX_REFUSED,
			       "the image is non-failsafe: it would leave the card no second slot");
	if (img->chunk_log2 != card->chunk_log2)
		return cx_fail(err, CX_REFUSED,
			       "the image is made for a chunk size of 0x%x, the card's flash is "
			       "divided into chunks of 0x%x",
			       1u << img->chunk_log2, 1u << card->chunk_log2);
	if (!slot)
		return cx_fail(err, CX_REFUSED,
			       "a flash of 0x%" PRIx32
			       " bytes has no room for two slots in chunks of 0x%x",
			       s->flash->info.size, 1u << card->chunk_log2);
	if (card->info.nv_pad != img->info.nv_pad && !req->allow_psid_change)
		return cx_fail(err, CX_REFUSED,
			       "the image expects the NV configuration %" PRIu32
			       " sectors from the end of the flash, the card's firmware %" PRIu32
			       ": its configuration would be lost; --allow-psid-change burns it "
			       "all the same",
			       img->info.nv_pad, card->info.nv_pad);
	return 0;
}

static int check_size(const struct burn_survey *s, const struct fw_image *img, struct cx_err *err)
{
	uint32_t slot = burn_slot_size(s->flash->info.size, img->chunk_log2);
	uint32_t reserve = burn_nv_reserve(&burn_kept(s)->img, img);

	if (reserve < slot && img->size <= slot - reserve)
		return 0;
	return cx_fail(err, CX_REFUSED,
		       "with identity and ROM the image has 0x%" PRIx32
		       " bytes; a slot has 0x%" PRIx32 ", of which 0x%" PRIx32
		       " are reserved for NV configuration; a smaller ROM (--rom none) may help",
		       img->size, slot, reserve);
}

struct first_bad {
	bool found;
	struct fw_finding finding;
};

static void keep_bad(const struct fw_finding *finding, void *ctx)
{
	struct first_bad *bad = ctx;

	if (finding->verdict == FW_BAD && !bad->found)
		*bad = (struct first_bad){true, *finding};
}

/* @flash_size 0: its size does not matter yet. */
static int check_verifies(const struct burn_survey *s, const struct fw_image *img,
			  uint32_t flash_size, struct cx_err *err)
{
	struct first_bad bad = {0};

	if (!fw_verify(img, s->chip, flash_size, keep_bad, &bad))
		return 0;
	return cx_fail(err, CX_INVALID, "the image does not verify: %s at 0x%" PRIx32 ": %s",
		       bad.finding.name, bad.finding.addr, bad.finding.text);
}

int burn_compose(const struct burn_survey *s, const struct burn_request *req, struct fw_image *img,
		 struct cx_err *err)
{
	/* The image as it came first, so that nothing is built on a broken one. */
	if (check_kept(s, err) || fw_fits_chip(req->image, s->chip, s->chip_rev, err) ||
	    check_verifies(s, req->image, 0, err) || check_psid(s, req, err) ||
	    check_version(s, req, err) || check_layout(s, req, err) ||
	    burn_copy_image(req->image, img, err))
		return -1;
	if (put_rom(s, req, img, err) || put_identity(s, req, img, err) ||
	    check_size(s, img, err) || check_verifies(s, img, s->flash->info.size, err)) {
		fw_image_free(img);
		return -1;
	}
	if (s->bad[s->kept])
		note(req, "the image on the card has %zu defects; they go with it",
		     s->bad[s->kept]);
	return 0;
}
