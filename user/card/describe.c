// SPDX-License-Identifier: GPL-2.0-only
/* Facts about a card or a file, in the words of query. */
#define _GNU_SOURCE
#include "describe.h"

#include <stdlib.h>
#include <string.h>

#include "files/inputs.h"
#include "fw/board/carriers.h"
#include "fw/board/ini.h"
#include "fw/image/identity.h"
#include "fw/image/rom.h"

static void describe_version(struct out *out, const char *key, const char *label,
			     const struct fw_version *version)
{
	char text[20];

	out_text(out, key, label, "%s", fw_version_text(version, text));
}

/* What makes the card load what is in its flash. */
static const char *how_to_load(const struct cx_flash_info *info, char *buf, size_t size)
{
	if (!strcmp(info->binding, "takeover"))
		snprintf(buf, size,
			 "'cxflashctl detach -d %s' gives it back to its driver, which resets it",
			 info->name);
	else if (!strcmp(info->binding, "beside"))
		snprintf(buf, size, "it is loaded at the next reset or reboot");
	else
		snprintf(buf, size, "reboot, or switch the machine off and on");
	return buf;
}

static void describe_running(struct out *out, const struct subject *s, const struct fw_image *img)
{
	const struct fw_version *running = &s->survey.running;
	char text[20], how[160];

	if (!s->flash || !strcmp(s->flash->info.binding, "file"))
		return;
	if (!s->survey.has_running) {
		out_null(out, "fw_version_running");
		out_text(out, NULL, "Running", "%s",
			 s->flash->info.recovery ? "nothing: the card is in flash recovery"
						 : "unknown");
		return;
	}
	fw_version_text(running, text);
	out_text(out, "fw_version_running", NULL, "%s", text);
	if (!fw_version_compare(running, &img->info.version))
		out_text(out, NULL, "Running", "%s", text);
	else
		out_text(out, NULL, "Running", "%s, not what is in the flash; %s", text,
			 how_to_load(&s->flash->info, how, sizeof(how)));
}

static void describe_firmware(struct out *out, const struct subject *s, const struct fw_image *img)
{
	const struct fw_info *info = &img->info;

	out_text(out, "image_type", "Image type", "FS2 %s",
		 img->failsafe ? "failsafe" : "non-failsafe");
	if (fw_has_tag(img, FW_TAG_VERSION))
		describe_version(out, "fw_version", "FW version", &info->version);
	describe_running(out, s, img);
	if (fw_has_tag(img, FW_TAG_TIME)) /* BCD */
		out_text(out, "fw_release_date", "FW release date", "%04x-%02x-%02x",
			 info->date >> 16, info->date >> 8 & 0xff, info->date & 0xff);
	if (fw_has_tag(img, FW_TAG_PRODUCT) && info->product[0])
		out_text(out, "product_version", "Product version", "%s", info->product);
}

static void describe_device(struct out *out, const struct subject *s, const struct fw_image *img)
{
	unsigned int rev;
	enum fw_chip chip = fw_image_chip(img, &rev);

	if (s->chip != FW_CHIP_UNKNOWN) {
		chip = s->chip;
		rev = s->chip_rev;
	}
	if (chip != FW_CHIP_UNKNOWN && rev)
		out_text(out, "chip", "Chip", "%s, revision %02X", fw_chip_name(chip, rev), rev);
	else if (chip != FW_CHIP_UNKNOWN)
		out_text(out, "chip", "Chip", "%s", fw_chip_name(chip, rev));
	if (fw_has_tag(img, FW_TAG_DEVICE)) {
		out_number(out, "device_id", NULL, img->info.device & 0xffff);
		out_text(out, NULL, "Device ID", "%u (0x%x)", img->info.device & 0xffff,
			 img->info.device & 0xffff);
	}
}

void describe_rom(struct out *out, const uint8_t *bytes, size_t len)
{
	struct fw_roms roms;
	struct cx_err err;
	char text[96];

	out_array(out, "roms");
	if (!bytes) {
		out_text(out, NULL, "ROM", "none");
	} else if (fw_rom_parse(bytes, len, 0, &roms, &err)) {
		out_text(out, NULL, "ROM", "%zu bytes: %s", len, err.text);
	} else {
		if (!roms.count)
			out_text(out, NULL, "ROM", "without a version, for %s",
				 roms.images ? fw_rom_ids(&roms, text, sizeof(text))
					     : "no device that it names");
		for (size_t i = 0; i < roms.count; i++) {
			const struct fw_rom *rom = &roms.rom[i];

			out_object(out, NULL);
			out_text(out, "type", NULL, "%s", fw_rom_product_name(rom->product));
			out_text(out, "version", NULL, "%u.%u.%u", rom->version[0], rom->version[1],
				 rom->version[2]);
			out_number(out, "device_id", NULL, rom->device);
			if (rom->port)
				out_number(out, "port", NULL, rom->port);
			if (rom->protocol != 0xff)
				out_text(out, "protocol", NULL, "%s",
					 fw_rom_protocol_name(rom->protocol));
			if (rom->cpu)
				out_text(out, "cpu", NULL, "%s", fw_rom_cpu_name(rom->cpu));
			out_close(out);
			out_text(out, NULL, "ROM", "%s", fw_rom_text(rom, text));
		}
	}
	out_close(out);
}

void describe_roms(struct out *out, const struct fw_image *img)
{
	const struct fw_section *rom = fw_image_find(img, FW_ROM, 0);

	describe_rom(out, rom ? img->bytes + rom->data : NULL, rom ? rom->size : 0);
}

static void identity_json(struct out *out, const struct fw_identity *id)
{
	static const char *const guid[] = {"node", "port1", "port2", "sys_image"};

	out_object(out, "guids");
	for (size_t i = 0; i < 4; i++)
		out_text(out, guid[i], NULL, "%016llx", (unsigned long long)id->guid[i]);
	out_close(out);
	out_object(out, "macs");
	for (size_t i = 0; i < 2; i++)
		out_text(out, guid[1 + i], NULL, "%012llx", (unsigned long long)id->mac[i]);
	out_close(out);
}

void describe_identity(struct out *out, const struct fw_identity *id)
{
	/* Whoever has many cards looks for those that are not told apart. */
	out_text(out, "identity", NULL, "%s",
		 id->blank		      ? "blank"
		 : fw_identity_is_release(id) ? "release"
					      : "own");
	if (id->blank) {
		out_null(out, "guids");
		out_null(out, "macs");
		out_text(out, NULL, "GUIDs, MACs", "not set (blank)");
	} else {
		if (out->json)
			identity_json(out, id);
		out_text(out, NULL, "Description", "%-16s %-16s %-16s %s", "Node", "Port1", "Port2",
			 "Sys image");
		out_text(out, NULL, "GUIDs", "%016llx %016llx %016llx %016llx",
			 (unsigned long long)id->guid[0], (unsigned long long)id->guid[1],
			 (unsigned long long)id->guid[2], (unsigned long long)id->guid[3]);
		out_text(out, NULL, "MACs", "%-16s %012llx     %012llx%s", "",
			 (unsigned long long)id->mac[0], (unsigned long long)id->mac[1],
			 id->entries < 6 ? "     (derived from the GUIDs)" : "");
	}
	if (id->has_vsd)
		out_text(out, "vsd", "VSD", "%s", id->vsd);
}

void describe_apart(struct out *out, const struct fw_identity *id)
{
	char text[FW_IDENTITY_HOW];

	if (*fw_identity_apart(id, text))
		out_note(out, "%s", text);
}

/* @to: "" if there is none. */
static void describe_ini_name(struct out *out, const struct fw_image *img, char *to, size_t size)
{
	struct fw_ini ini;
	struct cx_err err;
	const char *name;
	char *text;
	size_t len;

	*to = '\0';
	if (fw_image_ini(img, &text, &len, &err)) {
		out_text(out, NULL, "Name", "%s",
			 err.status == CX_NOT_FOUND ? "unknown: no ini in the image" : err.text);
		return;
	}
	if (!fw_ini_read(text, len, &ini, &err)) {
		name = fw_ini_get(&ini, "PS_INFO", "Name");
		if (name) {
			out_text(out, "ini_name", "Name", "%s", name);
			snprintf(to, size, "%s", name);
		}
		fw_ini_free(&ini);
	} else {
		out_text(out, NULL, "Name", "unknown: %s", err.text);
	}
	free(text);
}

void describe_hardware(struct out *out, const struct fw_board_hardware *hw)
{
	if (hw->ports)
		out_number(out, "ports", NULL, hw->ports);
	if (hw->protocol)
		out_text(out, "protocol", NULL, "%s", hw->protocol == FW_PORTS_VPI ? "VPI" : "EN");
}

/* Where describe_files() puts them. */
struct files {
	struct out *out;
	bool labels;
};

static void describe_carrier(const struct fw_carrier *c, void *ctx)
{
	const struct files *f = ctx;
	char text[400];

	out_object(f->out, NULL);
	if (c->firmware)
		out_text(f->out, "firmware", NULL, "%s", c->firmware);
	out_text(f->out, "carrier", NULL, "%s", c->carrier);
	if (c->holds)
		out_text(f->out, "holds", NULL, "%s", c->holds);
	if (c->source)
		out_text(f->out, "source", NULL, "%s", c->source);
	out_close(f->out);
	snprintf(text, sizeof(text), "%s%s%s%s%s", c->carrier, c->firmware ? ": " : "",
		 c->firmware ? c->firmware : "", c->holds ? ": " : "", c->holds ? c->holds : "");
	if (f->labels)
		out_text(f->out, NULL, "Once carried by", "%s", text);
	else
		out_item_in(f->out, OUT_PLAIN, 4, "    Once carried by %s.", text);
}

void describe_files(struct out *out, const struct fw_boards *boards, const struct fw_board *board,
		    bool labels)
{
	struct files f = {out, labels};
	char image[128], ini[80];
	struct cx_err why;

	if (fw_board_image_name(boards, board, image, sizeof(image)) &&
	    fw_board_ini_name(boards, board, ini, sizeof(ini))) {
		out_text(out, "image_file", NULL, "%s", image);
		out_text(out, "ini_file", NULL, "%s", ini);
		if (labels)
			out_text(out, NULL, "Stock files", "%s, %s", image, ini);
		else
			out_item_in(out, OUT_PLAIN, 4, "    Stock files are named like %s, %s.",
				    image, ini);
	}
	out_array(out, "carriers");
	if (fw_carriers(board, describe_carrier, &f, &why))
		out_note(out, "%s", why.text);
	out_close(out);
}

static void describe_row(struct out *out, const struct fw_boards *boards,
			 const struct fw_board *board, enum fw_board_by by, enum fw_chip chip,
			 unsigned int rev)
{
	struct fw_board_hardware hw = fw_board_hardware(boards, board);
	char text[400], twin[64], words[200];

	fw_board_sentence(boards, board, chip, rev, text, sizeof(text));
	out_object(out, "board");
	out_text(out, "vendor", NULL, "%s", board->vendor);
	out_text(out, "name", NULL, "%s", board->board);
	if (fw_board_twin(boards, board, twin, sizeof(twin)))
		out_text(out, "stock_twin", NULL, "%s", twin);
	if (board->firmware)
		out_text(out, "newest_firmware", NULL, "%s", board->firmware);
	describe_hardware(out, &hw);
	out_text(out, "confidence", NULL, "%s", fw_confidence_name(board->confidence));
	out_text(out, "found_by", NULL, "%s", fw_board_by_name(by));
	out_text(out, "sentence", NULL, "%s", text);
	if (out->json)
		describe_files(out, boards, board, true);
	out_close(out);
	out_text(out, NULL, "Board", "%s %s [%s]%s%s", board->vendor, board->board,
		 fw_confidence_name(board->confidence), by == FW_BOARD_BY_PSID ? "" : ", by its ",
		 by == FW_BOARD_BY_PSID ? "" : fw_board_by_words(by));
	out_text(out, NULL, "About it", "%s.", text);
	if (fw_board_hardware_words(&hw, words, sizeof(words)))
		out_text(out, NULL, "Hardware", "%s", words);
	if (!out->json)
		describe_files(out, boards, board, true);
}

const char *card_chip(const struct cx_pci_card *card, enum fw_chip *chip, unsigned int *rev)
{
	*chip = card->silicon < 0 ? FW_CHIP_UNKNOWN : fw_device_chip(card->device);
	*rev = card->silicon < 0 ? 0 : (unsigned int)card->silicon;
	return *chip == FW_CHIP_CONNECTX2 && (*rev == 0xa0 || *rev == 0xb0)
		       ? fw_chip_name(*chip, *rev)
		       : card->chip;
}

void describe_stem(struct out *out, const char *psid)
{
	out_note(out,
		 "%s is a PSID with a suffix of somebody's own: firmware for that board, not for "
		 "the "
		 "stock board shown",
		 psid);
}

/* What the firmware says it is for is not what the board says that it is, or is not known. */
static void describe_doubt(struct out *out, const struct fw_boards *boards,
			   const struct fw_board_clues *clues, const struct fw_board *board,
			   enum fw_board_by by)
{
	const struct fw_board *other;

	if (!clues->psid || !*clues->psid || by == FW_BOARD_BY_PSID)
		return;
	other = fw_boards_psid(boards, clues->psid);
	if (by == FW_BOARD_BY_STEM)
		describe_stem(out, clues->psid);
	else if (other)
		out_note(out,
			 "the part number %s in its VPD is that of %s %s; its firmware, %s, is for "
			 "%s %s",
			 clues->part, board->vendor, board->board, clues->psid, other->vendor,
			 other->board);
	else
		out_note(out, "PSID %s is not in the table of known boards; " FW_BOARD_WANTED,
			 clues->psid);
}

int describe_board(struct out *out, const struct fw_board_clues *clues, enum fw_chip chip,
		   unsigned int rev, struct cx_err *err)
{
	const struct fw_board *board;
	struct fw_boards boards;
	enum fw_board_by by;

	if (boards_load(&boards, err))
		return -1;
	if (boards.doubt)
		out_note(out, "%s", boards.doubt);
	board = fw_boards_guess(&boards, clues, &by);
	if (board) {
		describe_row(out, &boards, board, by, chip, rev);
		describe_doubt(out, &boards, clues, board, by);
	} else {
		out_null(out, "board");
		out_text(out, NULL, "Board", "not in the table of known boards; " FW_BOARD_WANTED);
	}
	fw_boards_free(&boards);
	return 0;
}

static void describe_slot(struct out *out, const struct subject *s, size_t i)
{
	const struct fw_slot *slot = &s->dump->slot[i];
	bool good = subject_slot_good(s, i), active = s->active == (int)i;
	bool judged = !s->survey.glance || slot->state;
	char label[24], version[20] = "unreadable", word[CX_TEXT];

	out_object(out, NULL);
	out_number(out, "start", NULL, slot->start);
	out_text(out, "state", NULL, "%s", !judged ? "unverified" : good ? "good" : "bad");
	out_flag(out, "active", active);
	if (!slot->state) {
		fw_version_text(&slot->img.info.version, version);
		out_text(out, "fw_version", NULL, "%s", version);
		out_text(out, "psid", NULL, "%s", fw_image_psid(&slot->img));
	} else {
		out_text(out, "why", NULL, "%s", slot->why.text);
	}
	out_close(out);
	snprintf(label, sizeof(label), "Slot at 0x%x", slot->start);
	if (slot->state)
		out_text(out, NULL, label, "%s", slot->why.text);
	else if (!judged)
		out_text(out, NULL, label, "%s %s, not verified", version,
			 fw_image_psid(&slot->img));
	else if (good)
		out_text(out, NULL, label, "%s %s, good%s", version, fw_image_psid(&slot->img),
			 active ? ", boots" : "");
	else
		out_text(out, NULL, label, "%s %s, BAD; why: cxflashctl verify %s %s%s", version,
			 fw_image_psid(&slot->img), s->flash ? "-d" : "-i",
			 cx_shell_word(s->name, word, sizeof(word)), active ? ", boots" : "");
}

static void describe_slots(struct out *out, const struct subject *s)
{
	const struct fw_slot *slot = s->dump->slot;
	bool flash = s->flash || s->flash_size;

	size_t copies = s->flash ? s->flash->info.copies : s->source.copies;

	if (copies > 1)
		out_number(out, "copies", NULL, copies);
	if (s->flash)
		card_note_copies(out, &s->flash->info);
	else
		source_note_copies(&s->source, out_note_text, out);
	out_array(out, "slots");
	if (flash || out->json)
		for (size_t i = 0; i < s->dump->slots; i++)
			describe_slot(out, s, i);
	out_close(out);
	if (flash && s->dump->slots == 1 && !slot->state && slot->img.failsafe)
		out_say(out, "The other slot is empty.");
}

static void describe_full(struct out *out, const struct fw_image *img)
{
	const struct fw_info *info = &img->info;

	if (fw_has_tag(img, FW_TAG_MIC))
		out_text(out, "mic_version", "MIC version", "%u.%u.%u", info->mic.major,
			 info->mic.minor, info->mic.subminor);
	if (fw_has_tag(img, FW_TAG_MIN_FIT))
		out_text(out, "min_fit_version", "Min FIT version", "%u.%u.%u.%u", info->min_fit[0],
			 info->min_fit[1], info->min_fit[2], info->min_fit[3]);
	if (fw_has_tag(img, FW_TAG_ACCESS_KEY))
		out_text(out, "hw_access_key", "HW access key", "Enabled");
	if (fw_has_tag(img, FW_TAG_NV_CONFIG)) {
		out_number(out, "config_sectors", "Config sectors", info->nv_sectors);
		out_number(out, "config_pad", "Config pad", info->nv_pad);
	}
	if (fw_has_tag(img, FW_TAG_PRS))
		out_text(out, "prs_name", "PRS name", "%s", info->prs);
	out_number(out, "image_size", "Image size", img->size);
	out_number(out, "chunk_size", "Chunk size", img->chunk_log2 ? 1u << img->chunk_log2 : 0);
	out_number(out, "sections", "Sections", img->sections);
	out_array(out, "hardware");
	for (unsigned int i = 0; i < info->hw_count; i++)
		out_text(out, "", "Hardware", "%x revision %02x", info->hw[i] & 0xffff,
			 info->hw[i] >> 16 & 0xff);
	out_close(out);
}

static void describe_flash(struct out *out, const struct cx_flash_info *info)
{
	out_object(out, "flash");
	out_known(out, "part", "Flash part", info->part, "a file");
	out_number(out, "size", "Flash size", info->size);
	out_number(out, "page_size", NULL, info->page_size);
	out_number(out, "erase_sizes", NULL, info->erase_sizes);
	out_text(out, "jedec_id", NULL, "%06x", info->jedec);
	out_text(out, "status", NULL, "%02x", info->status);
	out_flag(out, "write_protected", info->write_protected);
	if (info->write_protected)
		out_text(out, NULL, "Write protect", "on, status register %02x", info->status);
	out_text(out, "binding", NULL, "%s", info->binding);
	out_flag(out, "config_access", info->config_access);
	out_text(out, NULL, "Served as", "%s%s", info->binding,
		 info->config_access ? ", through the config window" : "");
	out_close(out);
}

int describe(struct out *out, const struct subject *s, bool full, struct cx_err *err)
{
	struct fw_board_clues clues = {.subsystem = {s->subsystem[0], s->subsystem[1]}};
	char ini_name[128] = "";
	const struct fw_image *img;
	unsigned int rev;
	enum fw_chip chip;

	if (subject_image(s, &img, err))
		return -1;
	chip = s->chip != FW_CHIP_UNKNOWN ? s->chip : fw_image_chip(img, &rev);
	if (s->chip != FW_CHIP_UNKNOWN)
		rev = s->chip_rev;
	out_text(out, s->flash ? "card" : "file", s->flash ? "Card" : "File", "%s", s->name);
	describe_firmware(out, s, img);
	describe_device(out, s, img);
	describe_roms(out, img);
	describe_identity(out, &img->id);
	describe_apart(out, &img->id);
	out_known(out, "psid", "PSID", fw_image_psid(img), "none");
	if (!s->survey.glance)
		describe_ini_name(out, img, ini_name, sizeof(ini_name));
	describe_vpd(out, &s->vpd, full);
	clues.psid = fw_image_psid(img);
	clues.part = card_vpd_part(&s->vpd);
	clues.ini_name = *ini_name ? ini_name : NULL;
	clues.device = s->flash ? s->flash->info.pci_device : 0;
	if (describe_board(out, &clues, chip, rev, err))
		return -1;
	describe_slots(out, s);
	if (full) {
		describe_full(out, img);
		if (s->flash)
			describe_flash(out, &s->flash->info);
	}
	return 0;
}

static int to_memory(const struct subject *s, bool json, char **text, size_t *len,
		     struct cx_err *err)
{
	struct out out = {.json = json};
	int ret;

	*text = NULL;
	out.to = open_memstream(text, len);
	if (!out.to)
		return cx_fail(err, CX_FAILED, "out of memory");
	out_begin(&out);
	ret = describe(&out, s, true, err);
	if (out_end(&out) && !ret)
		ret = cx_fail(err, CX_FAILED, "out of memory");
	fclose(out.to);
	if (ret) {
		free(*text);
		*text = NULL;
	}
	return ret;
}

int describe_to_memory(const struct subject *s, char **text, size_t *text_len, char **json,
		       size_t *json_len, struct cx_err *err)
{
	if (to_memory(s, false, text, text_len, err))
		return -1;
	if (!to_memory(s, true, json, json_len, err))
		return 0;
	free(*text);
	*text = NULL;
	return -1;
}
