// SPDX-License-Identifier: GPL-2.0-only
/* The image a card gets: the release's code, the card's identity, the ROM of choice. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fw/image/rom.h"
#include "internal.h"

/* ---- the ROM ---- */

/* The ROMs of an image, and a line on them. */
static const char *roms_of(const struct fw_image *img, uint16_t device, struct fw_roms *roms,
			   char *buf, size_t size)
{
	const struct fw_section *sec = img ? fw_image_find(img, FW_ROM, 0) : NULL;
	struct cx_err why;
	char one[96];
	size_t n = 0;

	*roms = (struct fw_roms){0};
	snprintf(buf, size, "none");
	if (!sec)
		return buf;
	if (fw_rom_parse(img->bytes + sec->data, sec->size, device, roms, &why)) {
		*roms = (struct fw_roms){0};
		snprintf(buf, size, "%.80s", why.text);
		return buf;
	}
	if (!roms->count)
		snprintf(buf, size, "a ROM without a version");
	for (size_t i = 0; i < roms->count && n < size; i++)
		n += snprintf(buf + n, size - n, "%s%s", i ? ", " : "",
			      fw_rom_text(&roms->rom[i], one));
	return buf;
}

static void note_rom(const char *text, void *ctx)
{
	burn_find(ctx, "rom", BURN_NOTE, "%s", text);
}

/* Both sides with their versions, and what is lost or older by the choice. */
static void judge_roms(const struct burn_request *req, enum burn_rom choice,
		       const struct fw_image *card, struct burn_verdict *v)
{
	static const char *const word[] = {"the card's is kept", "the image's is taken",
					   "it is left out"};
	uint16_t device = req->image->info.device & 0xffff;
	struct fw_roms has, brings, *taken;
	char a[150], b[150];

	roms_of(card, device, &has, a, sizeof(a));
	roms_of(req->image, device, &brings, b, sizeof(b));
	burn_find(v, "rom", BURN_FINE, "%s; on the card: %s; in the image: %s", word[choice], a, b);
	if (choice == BURN_ROM_KEEP)
		fw_rom_doubts(&brings, &has, device, note_rom, v);
	else if (choice == BURN_ROM_IMAGE)
		fw_rom_doubts(&has, &brings, device, note_rom, v);
	else
		return;
	/* A ROM that was on this card is no stranger to it, whatever it says. */
	if (choice == BURN_ROM_KEEP && card && (card->info.device & 0xffff) == device)
		return;
	taken = choice == BURN_ROM_KEEP ? &has : &brings;
	if (!fw_rom_fits(taken))
		burn_object(v, "rom", BURN_MAY_OTHER_ROM,
			    "no host starts this ROM on the card: it is for %s, the firmware for "
			    "%04x:%04x; --rom image or none leaves it out",
			    fw_rom_ids(taken, a, sizeof(a)), FW_VENDOR_ID, device);
}

static int put_rom(const struct burn_survey *s, const struct burn_request *req,
		   struct burn_verdict *v, struct fw_image *img, struct cx_err *err)
{
	const struct fw_image *card = s->kept < 0 ? NULL : &burn_kept(s)->img;
	const struct fw_section *rom = card ? fw_image_find(card, FW_ROM, 0) : NULL;
	/* Of a card that cannot be read nothing can be kept. */
	enum burn_rom choice = card || req->rom == BURN_ROM_NONE ? req->rom : BURN_ROM_IMAGE;

	judge_roms(req, choice, card, v);
	if (choice == BURN_ROM_IMAGE)
		return 0;
	if (choice == BURN_ROM_NONE || !rom)
		return fw_image_set_rom(img, NULL, 0, err);
	if (burn_kept_damaged(s, FW_ROM)) {
		burn_refuse(v, "rom", CX_REFUSED,
			    "the card's ROM section at 0x%" PRIx32
			    " is damaged, so its ROM cannot be kept; choose with --rom image or "
			    "--rom none",
			    rom->addr);
		return 0;
	}
	return fw_image_set_rom(img, card->bytes + rom->data, rom->size, err);
}

/* ---- all of it ---- */

static int merge(const struct burn_survey *s, const struct burn_request *req,
		 struct burn_verdict *v, struct fw_image *img, struct cx_err *err)
{
	if (put_rom(s, req, v, img, err))
		return -1;
	burn_put_identity(s, req, v, img);
	burn_judge_result(s, img, v);
	return burn_refusal(v, err);
}

int burn_compose(const struct burn_survey *s, const struct burn_request *req,
		 struct burn_verdict *v, struct fw_image *img, struct cx_err *err)
{
	bool sound;

	*v = (struct burn_verdict){.may = req->may};
	sound = burn_judge_image(s, req, v);
	burn_judge_card(s, req, v);
	burn_judge_board(s, req, v);
	/* Nothing is built on a broken image. */
	if (!sound)
		return burn_refusal(v, err);
	if (burn_copy_image(req->image, img, err))
		return -1;
	if (!merge(s, req, v, img, err))
		return 0;
	fw_image_free(img);
	return -1;
}
