// SPDX-License-Identifier: GPL-2.0-only
/* May this card have this image? Every check adds its finding, so that a verdict is complete. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fw/image/rom.h"
#include "internal.h"

static bool has_device(const struct fw_image *img)
{
	return fw_has_tag(img, FW_TAG_DEVICE);
}

static const char *psid_or_none(const char *psid)
{
	return *psid ? psid : "(none)";
}

/* ---- the image as it came ---- */

struct first_bad {
	bool found;
	struct fw_finding finding;
};

static void keep_bad(const struct fw_finding *finding, void *ctx)
{
	struct first_bad *bad = ctx;

	if (finding->grade == FW_BAD && !bad->found)
		*bad = (struct first_bad){true, *finding};
}

/* @flash_size 0: its size does not matter yet. */
static bool verifies(const struct burn_survey *s, const struct fw_image *img, uint32_t flash_size,
		     struct burn_verdict *v)
{
	struct first_bad bad = {0};

	if (!fw_verify(img, s->chip, flash_size, keep_bad, &bad))
		return true;
	burn_refuse(v, "image", CX_INVALID, "the image does not verify: %s at 0x%" PRIx32 ": %s",
		    bad.finding.name, bad.finding.addr, bad.finding.text);
	return false;
}

bool burn_judge_image(const struct burn_survey *s, const struct burn_request *req,
		      struct burn_verdict *v)
{
	struct cx_err why;
	bool sound;

	if (fw_fits_chip(req->image, s->chip, s->chip_rev, &why))
		burn_refuse(v, "chip", why.status, "%s", why.text);
	else
		burn_find(v, "chip", BURN_FINE, "the image is for the card's %s, revision %02X",
			  fw_chip_name(s->chip, s->chip_rev), s->chip_rev);
	sound = verifies(s, req->image, 0, v);
	if (sound)
		burn_find(v, "image", BURN_FINE, "the image verifies");
	return sound;
}

/* ---- what is on the card ---- */

/* Is there an image to keep, and room beside it? */
static void judge_kept(const struct burn_survey *s, struct burn_verdict *v)
{
	const struct fw_slot *slot = s->dump.slot;

	if (s->unclear.status)
		burn_object(v, "card", BURN_MAY_RISK, "%s", s->unclear.text);
	else if (!s->dump.slots)
		burn_object(v, "card", BURN_MAY_RISK,
			    "there is no image on this flash: no identity to keep and nothing to "
			    "fall back to");
	else if (s->kept < 0)
		burn_object(v, "card", BURN_MAY_RISK,
			    "no image on this flash can be taken apart (at 0x%" PRIx32
			    ": %.120s): no identity to keep and nothing to fall back to",
			    slot->start, slot->why.text);
	else if (!burn_kept(s)->img.failsafe)
		burn_object(v, "card", BURN_MAY_RISK,
			    "the flash holds a non-failsafe image, which leaves no second slot to "
			    "burn into");
	else if (s->bad[s->kept])
		burn_find(v, "card", BURN_NOTE,
			  "the image on the card has %zu defect%s, which go%s with it",
			  s->bad[s->kept], s->bad[s->kept] == 1 ? "" : "s",
			  s->bad[s->kept] == 1 ? "es" : "");
	else
		burn_find(v, "card", BURN_FINE, "the image at 0x%" PRIx32 " is good and is kept",
			  burn_kept(s)->start);
}

static void judge_chunks(const struct burn_survey *s, const struct fw_image *img,
			 struct burn_verdict *v)
{
	const struct fw_image *card = s->kept < 0 ? NULL : &burn_kept(s)->img;
	uint32_t size = s->flash->info.size;

	if (!img->failsafe)
		burn_object(v, "flash", BURN_MAY_RISK,
			    "the image is non-failsafe: it would leave the card no second slot");
	else if (!burn_slot_size(size, img->chunk_log2))
		burn_refuse(v, "flash", CX_REFUSED,
			    "a flash of 0x%" PRIx32
			    " bytes has no room for two slots in chunks of 0x%x",
			    size, 1u << img->chunk_log2);
	else if (card && card->failsafe && card->chunk_log2 != img->chunk_log2)
		burn_object(v, "flash", BURN_MAY_RISK,
			    "the image is made for a chunk size of 0x%x, the card's flash is "
			    "divided into chunks of 0x%x",
			    1u << img->chunk_log2, 1u << card->chunk_log2);
	else
		burn_find(v, "flash", BURN_FINE,
			  "0x%" PRIx32 " bytes in chunks of 0x%x, as the image expects", size,
			  1u << img->chunk_log2);
	if (card && card->info.nv_pad != img->info.nv_pad)
		burn_object(v, "nv", BURN_MAY_CHANGE_PSID,
			    "the image expects the NV configuration %" PRIu32
			    " sectors from the end of the flash, the card's firmware %" PRIu32
			    ": its configuration would be lost",
			    img->info.nv_pad, card->info.nv_pad);
}

int burn_check_writable(const struct cx_flash_info *info, struct cx_err *err)
{
	if (!info->write_protected)
		return 0;
	return cx_fail(err, CX_REFUSED,
		       "the flash part is protected from writing: of its status register 0x%02x "
		       "the bits 0x%02x are set; whoever set them has to clear them",
		       info->status, info->status & info->protect_bits);
}

void burn_judge_card(const struct burn_survey *s, const struct burn_request *req,
		     struct burn_verdict *v)
{
	struct cx_err why;

	judge_kept(s, v);
	judge_chunks(s, req->image, v);
	if (burn_check_writable(&s->flash->info, &why))
		burn_refuse(v, "flash", why.status, "%s", why.text);
}

/* ---- which board it is ---- */

/* What the boards table says of the two PSIDs, for the end of a sentence. */
static const char *relation(const struct fw_boards *boards, const char *card, const char *image,
			    char *buf, size_t size)
{
	const struct fw_board *from = fw_boards_psid(boards, card);
	const struct fw_board *to = fw_boards_psid(boards, image);
	char twin[64] = "";

	if (!from || !to) {
		snprintf(buf, size, "; of %s nothing is known here", from ? image : card);
		return buf;
	}
	fw_board_twin(boards, from, twin, sizeof(twin));
	if (from->twin && (!strcmp(from->twin, image) || !strncmp(to->board, twin, strlen(twin))))
		snprintf(buf, size, "; %s %s is the stock twin of this %s %s", to->vendor,
			 to->board, from->vendor, from->board);
	else
		snprintf(buf, size,
			 "; %s %s is another board than this %s %s as far as is known here",
			 to->vendor, to->board, from->vendor, from->board);
	return buf;
}

static void judge_psid(const struct burn_survey *s, const struct burn_request *req,
		       struct burn_verdict *v)
{
	const char *image = req->image->info.psid;
	const char *card = s->kept < 0 ? "" : burn_kept(s)->img.info.psid;
	char known[200] = "";

	if (s->kept >= 0 && !strcmp(card, image)) {
		burn_find(v, "psid", BURN_FINE, "%s, as the card's", psid_or_none(image));
		return;
	}
	if (!*card) {
		/* mstflint compares nothing then either (burn-behaviour 5.8). */
		burn_find(v, "psid", BURN_NOTE,
			  "the card has no PSID that could be compared; it becomes %s",
			  psid_or_none(image));
		return;
	}
	if (req->boards)
		relation(req->boards, card, image, known, sizeof(known));
	burn_object(v, "psid", BURN_MAY_CHANGE_PSID, "the image is for PSID %s, the card is %s%s",
		    psid_or_none(image), card, known);
}

static const char *const ports_name[] = {
	[FW_PORTS_UNKNOWN] = "unknown",
	[FW_PORTS_VPI] = "VPI",
	[FW_PORTS_EN] = "EN (Ethernet only)",
};

static uint16_t device_of_card(const struct burn_survey *s)
{
	const struct cx_flash_info *info = &s->flash->info;

	if (info->pci_device && !info->recovery)
		return info->pci_device;
	return s->kept >= 0 && has_device(&burn_kept(s)->img)
		       ? burn_kept(s)->img.info.device & 0xffff
		       : 0;
}

/*
 * What the table knows of the board that firmware with this PSID is for, or of a card by its part
 * number, which counts more: it stays what it is.
 */
struct known {
	const struct fw_board *board; /* NULL: nothing */
	enum fw_board_by by;
	struct fw_board_hardware hw;
};

static struct known known_of(const struct fw_boards *boards, const char *psid, const char *part)
{
	const struct fw_board_clues clues = {.psid = psid, .part = part};
	struct known k = {0};

	k.board = boards ? fw_boards_guess(boards, &clues, &k.by) : NULL;
	if (k.board)
		k.hw = fw_board_hardware(boards, k.board);
	return k;
}

/*
 * What the firmware makes of the ports: its device id says so, where that tells (ConnectX-2), else
 * the board that it is for.
 */
static enum fw_ports ports_of(uint16_t device, const struct fw_board_hardware *hw)
{
	enum fw_ports ports = fw_device_ports(device);

	return ports == FW_PORTS_UNKNOWN ? hw->protocol : ports;
}

static void judge_protocol(const struct burn_survey *s, const struct burn_request *req,
			   enum fw_ports from, enum fw_ports to, struct burn_verdict *v)
{
	uint16_t is = device_of_card(s), becomes = req->image->info.device & 0xffff;

	if (from == FW_PORTS_VPI && to == FW_PORTS_EN)
		burn_object(v, "ports", BURN_MAY_LOSE_IB,
			    "the ports are VPI (device id 0x%04x) and become EN (0x%04x), Ethernet "
			    "only: the card loses InfiniBand",
			    is, becomes);
	else if (is && from == FW_PORTS_UNKNOWN && to == FW_PORTS_EN)
		burn_find(v, "ports", BURN_NOTE,
			  "the image is EN (Ethernet only); whether the card's ports could be "
			  "InfiniBand is not known here");
	else if (is && to != FW_PORTS_UNKNOWN && from != FW_PORTS_UNKNOWN && from != to)
		burn_find(v, "ports", BURN_NOTE,
			  "the ports are %s (device id 0x%04x) and become %s (0x%04x)",
			  ports_name[from], is, ports_name[to], becomes);
	else if (is != becomes && is)
		burn_find(v, "ports", BURN_NOTE, "the device id 0x%04x becomes 0x%04x", is,
			  becomes);
	else if (to == FW_PORTS_UNKNOWN)
		burn_find(v, "ports", BURN_FINE,
			  "device id 0x%04x, whose ports are as the ini says", becomes);
	else
		burn_find(v, "ports", BURN_FINE, "%s, device id 0x%04x", ports_name[to], becomes);
}

/* Ports and revision of the board itself, which no firmware changes; nothing if it stays that. */
static void judge_hardware(const struct known *card, const struct known *image,
			   struct burn_verdict *v)
{
	const struct fw_board_hardware *is = &card->hw, *want = &image->hw;
	const char *board, *other;

	if (!card->board || !image->board || card->board == image->board)
		return;
	board = card->board->board;
	other = image->board->board;
	if (is->ports == 2 && want->ports == 1)
		burn_find(v, "board", BURN_NOTE,
			  "%s has two ports, the image is for %s, which has one: port 2 would be "
			  "lost",
			  board, other);
	else if (is->ports == 1 && want->ports == 2)
		burn_find(v, "board", BURN_NOTE,
			  "%s has one port, the image is for %s, which has two: the second leads "
			  "nowhere",
			  board, other);
	if (is->rev_c && !want->rev_c)
		burn_object(v, "board", BURN_MAY_CHANGE_PSID,
			    "%s is a board of revision C, on which images for revision A, as for "
			    "%s, do not work",
			    board, other);
	if (is->first_silicon && !want->first_silicon)
		burn_object(v, "board", BURN_MAY_CHANGE_PSID,
			    "%s has silicon of revision A0, which takes no image for A1, as for %s",
			    board, other);
}

static void judge_ports(const struct burn_survey *s, const struct burn_request *req,
			const struct known *card, struct burn_verdict *v)
{
	struct known image = known_of(req->boards, req->image->info.psid, NULL);

	if (!has_device(req->image))
		burn_find(v, "ports", BURN_NOTE,
			  "the image does not say what the card's device id becomes");
	else
		judge_protocol(s, req, ports_of(device_of_card(s), &card->hw),
			       ports_of(req->image->info.device & 0xffff, &image.hw), v);
	judge_hardware(card, &image, v);
}

/* The table against the image: a PSID says which device id belongs to it. */
static void judge_table(const struct burn_request *req, struct burn_verdict *v)
{
	const char *psid = req->image->info.psid;
	const struct fw_board *board, *stem;

	if (!req->boards || !*psid)
		return;
	board = fw_boards_psid(req->boards, psid);
	stem = board ? NULL : fw_boards_stem(req->boards, psid);
	if (stem)
		burn_find(v, "board", BURN_NOTE,
			  "%s is the PSID of %s %s with a suffix of somebody's own: for his board, "
			  "of which nothing is known here",
			  psid, stem->vendor, stem->board);
	else if (!board)
		burn_find(v, "board", BURN_NOTE, "nothing is known here of boards with PSID %s",
			  psid);
	else if (board->device && has_device(req->image) &&
		 board->device != (req->image->info.device & 0xffff))
		burn_find(v, "board", BURN_NOTE,
			  "%s is %s %s with device id 0x%04x (%s), the image says 0x%04x", psid,
			  board->vendor, board->board, board->device,
			  fw_confidence_name(board->confidence), req->image->info.device & 0xffff);
	else
		burn_find(v, "board", BURN_FINE, "%s is %s %s", psid, board->vendor, board->board);
}

/* The part number against the firmware that is on the card. */
static void judge_part(const char *part, const char *psid, const struct known *card,
		       struct burn_verdict *v)
{
	if (card->board && card->by == FW_BOARD_BY_PART)
		burn_find(v, "board", BURN_NOTE,
			  "by the part number %s in its VPD the card is %s %s, which its firmware, "
			  "%s, is not for",
			  part, card->board->vendor, card->board->board, psid_or_none(psid));
}

void burn_judge_board(const struct burn_survey *s, const struct burn_request *req,
		      struct burn_verdict *v)
{
	const char *psid = s->kept < 0 ? "" : burn_kept(s)->img.info.psid;
	struct known card = known_of(req->boards, psid, req->part);

	judge_psid(s, req, v);
	judge_table(req, v);
	judge_part(req->part, psid, &card, v);
	judge_ports(s, req, &card, v);
}

/* ---- the merged image ---- */

static void judge_version(const struct burn_survey *s, const struct fw_image *img,
			  struct burn_verdict *v)
{
	const struct fw_image *card = s->kept < 0 ? NULL : &burn_kept(s)->img;
	char was[20], is[20];
	int newer;

	fw_version_text(&img->info.version, is);
	if (!card || !burn_has_version(card)) {
		burn_find(v, "version", BURN_FINE, "%s; the card's is not known", is);
		return;
	}
	fw_version_text(&card->info.version, was);
	newer = fw_version_compare(&img->info.version, &card->info.version);
	if (newer > 0)
		burn_find(v, "version", BURN_FINE, "an upgrade from %s to %s", was, is);
	else if (newer < 0)
		burn_object(v, "version", BURN_MAY_GO_BACK,
			    "the image has firmware %s, the card already has %s", is, was);
	else if (burn_same_bytes(card, img))
		burn_find(v, "version", BURN_FINE, "the same, %s, and the very same bytes", is);
	else
		burn_find(v, "version", BURN_NOTE, "the same, %s, as the card has, but other bytes",
			  is);
}

static bool fits(const struct burn_survey *s, const struct fw_image *img, struct burn_verdict *v)
{
	uint32_t reserve = burn_nv_reserve(s, img), room = s->flash->info.size;

	if (img->failsafe)
		room = burn_slot_size(room, img->chunk_log2);
	if (reserve < room && img->size <= room - reserve) {
		burn_find(v, "size", BURN_FINE,
			  "with identity and ROM 0x%" PRIx32 " bytes; there is room for 0x%" PRIx32,
			  img->size, room - reserve);
		return true;
	}
	burn_refuse(v, "size", CX_REFUSED,
		    "with identity and ROM the image has 0x%" PRIx32 " bytes; a slot has 0x%" PRIx32
		    ", of which 0x%" PRIx32
		    " are reserved for NV configuration; a smaller ROM (--rom none) may help",
		    img->size, room, reserve);
	return false;
}

void burn_judge_result(const struct burn_survey *s, const struct fw_image *img,
		       struct burn_verdict *v)
{
	judge_version(s, img, v);
	if (fits(s, img, v))
		verifies(s, img, s->flash->info.size, v);
}
