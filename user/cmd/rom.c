// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl rom: the expansion ROM of an image or a card. */
#include "card/describe.h"
#include "card/rework.h"
#include "card/subject.h"
#include "files/files.h"
#include "files/recipe.h"
#include "fw/image/rom.h"
#include "commands.h"

static struct look at = {.takes = LOOK_ANY};

static struct {
	const char *output;
	struct card_request request; /* of a card */
} given;

static const char *new_rom; /* file of the ROM that rom replace puts in, */
static bool other_rom;	    /* which may be for another device */

static const struct opt info_options[] = {
	LOOK_OPTIONS(at),
	{NULL},
};

static const struct opt extract_options[] = {
	LOOK_OPTIONS(at),
	{"output", 'o', OPT_OUTPUT, &given.output, "F.rom", "where the ROM goes; - is stdout"},
	{NULL},
};

static const struct opt change_options[] = {
	{"output", 'o', OPT_OUTPUT, &given.output, "OUT", "where the result goes; - is stdout"},
	LOOK_OPTIONS(at),
	CHANGE_OPTIONS(given.request.change),
	{NULL},
};

static const struct opt replace_options[] = {
	{"output", 'o', OPT_OUTPUT, &given.output, "OUT", "where the result goes; - is stdout"},
	LOOK_OPTIONS(at),
	{"allow-other-rom", 0, OPT_FLAG, &other_rom, NULL, "the ROM may be for another device"},
	CHANGE_OPTIONS(given.request.change),
	{NULL},
};

static const struct opt_rule change_rules[] = {
	{"backup", "device", "no-backup"},
	{"no-backup", "device", NULL},
	{NULL},
};

static void show_rom(struct out *out, const struct subject *s, const uint8_t *rom, size_t len)
{
	struct fw_roms roms;
	struct cx_err why;
	char text[96];

	out_text(out, s->flash ? "card" : "file", NULL, "%s", s->name);
	out_number(out, "size", NULL, len);
	describe_rom(out, rom, len);
	if (!rom)
		return;
	if (fw_rom_parse(rom, len, 0, &roms, &why)) {
		out_text(out, "checksum", "Checksum", "%s", why.text);
		return;
	}
	out_text(out, "checksum", "Checksum", "%s",
		 roms.summed ? "right" : "none: only BIOS images have one");
	out_array(out, "images");
	for (size_t i = 0; i < roms.images; i++) {
		const struct fw_rom_image *image = &roms.image[i];

		out_object(out, NULL);
		out_text(out, NULL, "PCI image", "%s", fw_rom_image_text(image, text));
		out_number(out, "vendor_id", NULL, image->vendor);
		out_number(out, "device_id", NULL, image->device);
		out_number(out, "code_type", NULL, image->code);
		out_number(out, "address", NULL, image->at);
		out_number(out, "size", NULL, image->size);
		out_close(out);
	}
	out_close(out);
}

/* A file that is a ROM itself */
static bool is_rom_file(const struct subject *s)
{
	return !s->flash && !s->dump->slots && fw_rom_begins(s->source.bytes, s->source.len);
}

static int info(struct cli *cli, const struct subject *s, struct cx_err *err)
{
	const struct fw_section *rom;
	const struct fw_image *img;

	if (is_rom_file(s)) {
		show_rom(&cli->out, s, s->source.bytes, s->source.len);
		return 0;
	}
	if (subject_image(s, &img, err))
		return -1;
	rom = fw_image_find(img, FW_ROM, 0);
	show_rom(&cli->out, s, rom ? img->bytes + rom->data : NULL, rom ? rom->size : 0);
	return 0;
}

static int extract(struct cli *cli, const struct subject *s, const struct fw_image *img,
		   struct cx_err *err)
{
	const struct fw_section *rom = fw_image_find(img, FW_ROM, 0);

	if (!rom)
		return cx_fail(err, CX_NOT_FOUND, "%s: there is no ROM in it", s->name);
	if (file_save(cli, given.output, FILE_BYTES, img->bytes + rom->data, rom->size, err))
		return -1;
	out_number(&cli->out, "size", "Bytes", rom->size);
	describe_roms(&cli->out, img);
	return 0;
}

static int replace(struct cli *cli, struct fw_image *img, struct cx_err *err)
{
	if (assemble_rom(cli, new_rom, other_rom, img, err))
		return -1;
	describe_roms(&cli->out, img);
	return 0;
}

static int take_out(struct cli *cli, struct fw_image *img, struct cx_err *err)
{
	(void)cli;
	if (!fw_image_find(img, FW_ROM, 0))
		return cx_fail(err, CX_NOT_FOUND, "there is no ROM in it");
	return fw_image_set_rom(img, NULL, 0, err);
}

static int run_replace(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	(void)argc;
	if (rework_place("rom replace", &at, given.output, err))
		return -1;
	new_rom = argv[0];
	given.request.rom = BURN_ROM_IMAGE;
	given.request.may = other_rom ? BURN_MAY_OTHER_ROM : 0;
	return at.card ? rework_card(cli, at.card, &given.request, replace, "another ROM", err)
		       : rework_file(cli, at.file, given.output, replace, err);
}

static int run_remove(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	(void)argc;
	(void)argv;
	if (rework_place("rom remove", &at, given.output, err))
		return -1;
	given.request.rom = BURN_ROM_NONE;
	return at.card ? rework_card(cli, at.card, &given.request, take_out,
				     "an image without its ROM", err)
		       : rework_file(cli, at.file, given.output, take_out, err);
}

static int run_info(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct progress progress;
	struct subject s;
	int ret;

	(void)argc;
	(void)argv;
	progress_begin(&progress, cli, true);
	if (subject_open(&s, at.card, at.file, false, &progress, err))
		return -1;
	ret = info(cli, &s, err);
	subject_close(&s);
	return ret;
}

static int run_extract(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	(void)argc;
	(void)argv;
	if (!given.output)
		return cx_fail(err, CX_USAGE, "rom extract needs -o F.rom");
	return subject_look(cli, &at, extract, err);
}

const struct command rom_commands[] = {
	{
		.name = "rom info",
		.args = "[FILE|CARD]",
		.what = "Show the expansion ROMs of a card, an image or a ROM file",
		.options = info_options,
		.look = &at,
		.run = run_info,
	},
	{
		.name = "rom extract",
		.args = "[FILE|CARD]",
		.what = "Save the expansion ROM of a card or a file",
		.options = extract_options,
		.look = &at,
		.changes = true,
		.run = run_extract,
	},
	{
		.name = "rom replace",
		.args = "FILE ROM -o OUT | CARD ROM",
		.what = "Put another expansion ROM into an image, a dump or a card",
		.min_args = 1,
		.max_args = 1,
		.options = replace_options,
		.rules = change_rules,
		.look = &at,
		.changes = true,
		.run = run_replace,
	},
	{
		.name = "rom remove",
		.args = "FILE -o OUT | CARD",
		.what = "Take the expansion ROM out of an image, a dump or a card",
		.options = change_options,
		.rules = change_rules,
		.look = &at,
		.changes = true,
		.run = run_remove,
	},
	{},
};
