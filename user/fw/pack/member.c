// SPDX-License-Identifier: GPL-2.0-only
/* What the members of an archive are, told by their bytes. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "member.h"
#include "fw/image/rom.h"
#include "fw/mlx/text.h"
#include "fw/release/release.h"

const char *fw_kind_name(enum fw_kind kind)
{
	static const char *const name[] = {"other", "image", "dump", "mlx", "ini", "rom"};

	return name[kind];
}

static enum fw_kind kind_of_name(const char *path)
{
	if (fw_name_ends_in(path, ".mlx"))
		return FW_KIND_MLX;
	if (fw_name_ends_in(path, ".ini"))
		return FW_KIND_INI;
	if (fw_name_ends_in(path, ".mrom") || fw_name_ends_in(path, ".rom"))
		return FW_KIND_ROM;
	return FW_KIND_OTHER;
}

static void chip_of_image(const struct fw_image *img, struct fw_facts *f)
{
	f->chip = fw_image_chip(img, NULL);
	for (unsigned int i = 0; i < img->info.hw_count && !f->rev; i++)
		if ((img->info.hw[i] & 0xffff) == f->chip)
			f->rev = img->info.hw[i] >> 16 & 0xff;
}

/* A raw flash, not an image that begins at the file's first byte. */
static bool is_dump(const struct fw_dump *dump, size_t len)
{
	return dump->slots > 1 || dump->slot[0].start || fw_dump_flash(dump, len);
}

/* The first image that can be taken apart speaks for the file. */
static void facts_of_slots(const struct fw_dump *dump, struct fw_facts *f)
{
	f->why = dump->slot[0].why;
	for (size_t i = 0; i < dump->slots; i++) {
		const struct fw_image *img = &dump->slot[i].img;

		if (dump->slot[i].state)
			continue;
		f->why.status = CX_OK;
		if (fw_has_tag(img, FW_TAG_VERSION))
			fw_version_text(&img->info.version, f->version);
		snprintf(f->psid, sizeof(f->psid), "%s", img->info.psid);
		chip_of_image(img, f);
		return;
	}
}

static bool facts_of_image(const struct fw_member *m, struct fw_facts *f)
{
	struct fw_dump dump;
	bool found;

	if (fw_dump_parse(m->bytes, m->len, FW_CHIP_UNKNOWN, &dump, &f->why)) {
		f->kind = FW_KIND_DUMP;
		return true;
	}
	found = dump.slots;
	if (found) {
		f->kind = is_dump(&dump, m->len) ? FW_KIND_DUMP : FW_KIND_IMAGE;
		facts_of_slots(&dump, f);
	}
	fw_dump_free(&dump);
	return found;
}

/* A vendor's, of the older dialect: it makes no image, but its version is told. */
static void facts_of_mlx_text(const struct fw_member *m, struct fw_facts *f)
{
	struct fw_mlx_text mlx;

	if (fw_mlx_text_parse((const char *)m->bytes, m->len, &mlx, &f->why))
		return;
	if (mlx.has_version)
		fw_version_text(&mlx.version, f->version);
	fw_mlx_text_free(&mlx);
}

static void facts_of_mlx(const struct fw_member *m, struct fw_facts *f)
{
	struct fw_release *rel;
	struct fw_version version;

	if (fw_is_mlx_text((const char *)m->bytes, m->len)) {
		facts_of_mlx_text(m, f);
		return;
	}
	if (fw_mlx_parse((const char *)m->bytes, m->len, &rel, &f->why))
		return;
	version = fw_release_version(rel);
	fw_version_text(&version, f->version);
	fw_release_free(rel);
}

static void facts_of_ini(const struct fw_member *m, struct fw_facts *f)
{
	struct fw_ini ini;
	const char *psid;

	if (fw_ini_parse_file(m->bytes, m->len, &ini, &f->why))
		return;
	psid = fw_ini_psid(&ini);
	snprintf(f->psid, sizeof(f->psid), "%s", psid ? psid : "");
	fw_ini_free(&ini);
}

static void facts_of_rom(const struct fw_member *m, struct fw_facts *f)
{
	struct fw_roms roms;

	if (fw_rom_parse(m->bytes, m->len, 0, &roms, &f->why) || !roms.count)
		return;
	snprintf(f->version, sizeof(f->version), "%u.%u.%u", roms.rom[0].version[0],
		 roms.rom[0].version[1], roms.rom[0].version[2]);
}

void fw_member_facts(const struct fw_member *member, struct fw_facts *facts)
{
	*facts = (struct fw_facts){.kind = kind_of_name(member->path)};
	switch (facts->kind) {
	case FW_KIND_MLX:
		facts_of_mlx(member, facts);
		break;
	case FW_KIND_INI:
		facts_of_ini(member, facts);
		break;
	case FW_KIND_ROM:
		facts_of_rom(member, facts);
		break;
	default:
		facts_of_image(member, facts);
	}
}
