// SPDX-License-Identifier: GPL-2.0-only
/* From the files a user names to an image. */
#include "recipe.h"

#include <stdlib.h>
#include <string.h>

#include "fw/image/rom.h"
#include "fw/image/verify.h"
#include "fw/release/release.h"
#include "files.h"
#include "folder.h"
#include "inputs.h"
#include "source.h"

/* The ini of a recipe, and where it is from. */
struct chosen {
	bool none; /* the release has no place for one: it is taken as it is */
	struct fw_ini ini;
	char *name; /* the file; NULL: the release itself */
};

static void free_chosen(struct chosen *c)
{
	if (!c->none)
		fw_ini_free(&c->ini);
	free(c->name);
}

/* What was typed that only an ini could obey. */
static int no_place(const struct recipe *r, struct cx_err *err)
{
	if (r->conf)
		return cx_fail(err, CX_REFUSED,
			       "%s: this release carries no ini, so %s cannot be compiled into it; "
			       "without --conf it is taken as it is",
			       r->fw, r->conf);
	if (r->set.count)
		return cx_fail(err, CX_REFUSED,
			       "%s: this release carries no ini, so there is nothing that --set %s "
			       "could change; without --set it is taken as it is",
			       r->fw, r->set.value[0]);
	return 0;
}

static int own_ini(struct cli *cli, const struct recipe *r, const struct fw_release *rel,
		   struct chosen *c, struct cx_err *err)
{
	if (!fw_release_own_ini(rel, &c->ini, err)) {
		out_text(&cli->out, "ini", "Ini", "%s", r->fw);
		return 0;
	}
	if (err->status == CX_NOT_FOUND)
		return cx_fail(err, CX_USAGE,
			       "%s carries no ini: it needs that of a board, --conf F.ini", r->fw);
	return cx_fail_in(err, r->fw);
}

/* The one for the card among those of a folder. Where none was named, the release's own will do if
 * it is that of the card. */
static int find_ini(struct cli *cli, const struct recipe *r, const char *psid,
		    const struct fw_release *rel, struct chosen *c, struct cx_err *err)
{
	struct cx_err none;
	const char *own;
	char *folder;
	int ret;

	folder = r->conf ? strdup(r->conf) : file_folder(r->fw);
	if (!folder)
		return cx_fail(err, CX_FAILED, "out of memory");
	ret = ini_find(folder, psid, &c->ini, &c->name, err);
	free(folder);
	if (!ret) {
		out_text(&cli->out, "ini", "Ini", "%s", c->name);
		return 0;
	}
	if (r->conf || err->status != CX_NOT_FOUND || fw_release_own_ini(rel, &c->ini, &none))
		return -1;
	own = fw_ini_psid(&c->ini);
	if (own && !strcmp(own, psid)) {
		out_text(&cli->out, "ini", "Ini", "%s, its own", r->fw);
		return 0;
	}
	fw_ini_free(&c->ini);
	return -1;
}

static int choose_ini(struct cli *cli, const struct recipe *r, const char *psid,
		      const struct fw_release *rel, struct chosen *c, struct cx_err *err)
{
	*c = (struct chosen){.none = !fw_release_takes_ini(rel)};
	if (c->none)
		return no_place(r, err);
	if (r->conf && !folder_is(r->conf)) {
		c->name = strdup(r->conf);
		return c->name ? ini_load_doubtful(r->conf, &c->ini, err)
			       : cx_fail(err, CX_FAILED, "out of memory");
	}
	if (!psid && r->conf)
		return cx_fail(err, CX_USAGE, "%s is a folder; --conf needs one ini file here",
			       r->conf);
	if (!psid)
		return own_ini(cli, r, rel, c, err);
	if (!*psid)
		return cx_fail(err, CX_REFUSED,
			       "the card has no PSID to find an ini by; name one with --conf FILE");
	return find_ini(cli, r, psid, rel, c, err);
}

/* The ROMs of an image; none if there is no ROM, or none that can be told. */
static void roms_of(const struct fw_image *img, struct fw_roms *roms)
{
	const struct fw_section *rom = fw_image_find(img, FW_ROM, 0);
	struct cx_err err;

	*roms = (struct fw_roms){0};
	if (rom &&
	    fw_rom_parse(img->bytes + rom->data, rom->size, img->info.device & 0xffff, roms, &err))
		*roms = (struct fw_roms){0};
}

static int check_rom(struct cli *cli, const struct fw_image *img, const uint8_t *rom, size_t len,
		     bool other, struct cx_err *err)
{
	uint16_t device = img->info.device & 0xffff;
	struct fw_roms old, new;
	char ids[96];

	if (len >= FW_MAGIC_SIZE && fw_has_magic(rom))
		return cx_fail(err, CX_INVALID,
			       "a firmware image, not a ROM; 'cxflashctl rom extract' takes its ROM"
			       " out");
	if (fw_rom_parse(rom, len, device, &new, err))
		return -1;
	if (!other && fw_has_tag(img, FW_TAG_DEVICE) && !fw_rom_fits(&new))
		return cx_fail(
			err, CX_REFUSED,
			"the ROM is for %s, the firmware for %04x:%04x, where no host starts "
			"it; --allow-other-rom puts it in all the same",
			fw_rom_ids(&new, ids, sizeof(ids)), FW_VENDOR_ID, device);
	roms_of(img, &old);
	fw_rom_doubts(&old, &new, device, out_note_text, &cli->out);
	return 0;
}

int assemble_rom(struct cli *cli, const char *path, bool other, struct fw_image *img,
		 struct cx_err *err)
{
	struct source s;
	int ret;

	if (source_read(path, SOURCE_ROM, NULL, &s, err))
		return -1;
	ret = check_rom(cli, img, s.bytes, s.len, other, err);
	if (ret)
		cx_fail_in(err, s.name);
	else
		ret = fw_image_set_rom(img, s.bytes, s.len, err);
	source_free(&s);
	return ret;
}

static int choose_rom(struct cli *cli, const struct recipe *r, struct fw_image *img,
		      struct cx_err *err)
{
	if (!strcmp(r->rom, "none"))
		return fw_image_set_rom(img, NULL, 0, err);
	return assemble_rom(cli, r->rom, r->other_rom, img, err);
}

struct first_error {
	char text[300];
};

static void keep_first(const struct fw_finding *f, void *ctx)
{
	struct first_error *first = ctx;

	if (f->grade == FW_BAD && !first->text[0])
		snprintf(first->text, sizeof(first->text), "%s at 0x%x: %s", f->name, f->addr,
			 f->text);
}

static int check(const struct fw_image *img, struct cx_err *err)
{
	struct first_error first = {""};

	if (!fw_verify(img, FW_CHIP_UNKNOWN, 0, keep_first, &first))
		return 0;
	return cx_fail(err, CX_INVALID, "the assembled image does not verify: %s", first.text);
}

/* A PSID in other letters than those of the card, or of the release's own ini. */
static int confirm_psid(struct cli *cli, const struct fw_ini *ini, const char *psid,
			const struct fw_release *rel, struct cx_err *err)
{
	struct fw_ini own;
	struct cx_err none;
	int ret;

	if (psid || fw_release_own_ini(rel, &own, &none))
		return psid_confirm(cli, fw_ini_psid(ini), psid, err);
	ret = psid_confirm(cli, fw_ini_psid(ini), fw_ini_psid(&own), err);
	fw_ini_free(&own);
	return ret;
}

/* @c->name: what an error of the ini is in. @psid: the card's, or NULL. */
static int build(struct cli *cli, const struct recipe *r, const char *psid,
		 const struct fw_release *rel, struct chosen *c, struct fw_image *img,
		 struct cx_err *err)
{
	unsigned int learned = 0;
	/* With another ROM it is another image, and judged with that. */
	struct fw_build_options opt = {
		.ini_text_only = r->ini_text_only,
		.strict = !r->rom,
		.note = out_note_text,
		.ctx = &cli->out,
		.learned = &learned,
	};
	struct fw_ini *ini = c->none ? NULL : &c->ini;

	if (ini && !ini->doubt)
		fw_ini_oddities(ini, out_note_text, &cli->out);
	for (size_t i = 0; i < r->set.count; i++)
		if (fw_ini_assign(ini, r->set.value[i], err))
			return cx_fail_in(err, "--set");
	if (ini && !ini->doubt && confirm_psid(cli, ini, psid, rel, err))
		return c->name ? cx_fail_in(err, c->name) : -1;
	if (fw_build(rel, ini, &opt, img, err))
		return c->name ? cx_fail_in(err, c->name) : -1;
	if (learned && r->for_card && !r->allow_learned) {
		fw_image_free(img);
		return cx_fail(
			err, CX_REFUSED,
			"%u key%s of this image would be compiled by rules that were learnt "
			"from images, and that no card has proved; an image that verified has "
			"bricked a card before. --allow-learned burns it",
			learned, learned == 1 ? "" : "s");
	}
	if (!r->rom || (!choose_rom(cli, r, img, err) && !check(img, err)))
		return 0;
	fw_image_free(img);
	return -1;
}

int assemble(struct cli *cli, const struct recipe *r, const char *psid, struct fw_image *img,
	     struct cx_err *err)
{
	struct fw_release *rel;
	struct chosen c;
	int ret = -1;

	if (release_load(r->fw, r->map, out_note_text, &cli->out, &rel, err))
		return -1;
	if (choose_ini(cli, r, psid, rel, &c, err)) {
		free(c.name);
	} else {
		ret = build(cli, r, psid, rel, &c, img, err);
		free_chosen(&c);
	}
	fw_release_free(rel);
	return ret;
}

int reassemble(struct cli *cli, const struct recipe *r, struct fw_image *img, struct cx_err *err)
{
	struct fw_release *rel;
	struct fw_image new;
	struct chosen c = {0};
	int ret;

	if (release_of(img, r->map, out_note_text, &cli->out, &rel, err))
		return -1;
	ret = ini_of(img, &c.ini, err);
	if (!ret) {
		ret = build(cli, r, fw_image_psid(img), rel, &c, &new, err);
		free_chosen(&c);
	}
	fw_release_free(rel);
	if (ret)
		return -1;
	fw_image_free(img);
	*img = new;
	return 0;
}
