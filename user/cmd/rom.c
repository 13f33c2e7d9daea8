// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl rom: the expansion ROM of an image or a card. */
#include "card.h"
#include "cmd.h"
#include "describe.h"
#include "files.h"

static struct {
	const char *card, *output;
} given;

static const struct opt info_options[] = {
	{"device", 'd', OPT_TEXT, &given.card, "CARD", "PCI address, or file:DUMP"},
	{NULL},
};

static const struct opt extract_options[] = {
	{"device", 'd', OPT_TEXT, &given.card, "CARD", "PCI address, or file:DUMP"},
	{"output", 'o', OPT_TEXT, &given.output, "F.rom", "where the ROM goes; - is stdout"},
	{NULL},
};

static int info(struct cli *cli, const struct subject *s, const struct fw_image *img,
		struct cx_err *err)
{
	const struct fw_section *rom = fw_image_find(img, FW_ROM, 0);

	(void)err;
	out_text(&cli->out, s->flash ? "card" : "file", NULL, "%s", s->name);
	out_number(&cli->out, "size", NULL, rom ? rom->size : 0);
	describe_roms(&cli->out, img);
	return 0;
}

static int extract(struct cli *cli, const struct subject *s, const struct fw_image *img,
		   struct cx_err *err)
{
	const struct fw_section *rom = fw_image_find(img, FW_ROM, 0);

	if (!rom)
		return cx_fail(err, CX_NOT_FOUND, "%s: there is no ROM in it", s->name);
	if (file_write(given.output, img->bytes + rom->data, rom->size, err))
		return -1;
	if (given.output[0] == '-' && !given.output[1])
		return 0;
	out_text(&cli->out, "output", "Saved in", "%s", given.output);
	out_number(&cli->out, "size", "Bytes", rom->size);
	describe_roms(&cli->out, img);
	return 0;
}

static int run_info(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	return subject_look(cli, given.card, argc ? argv[0] : NULL, info, err);
}

static int run_extract(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	if (!given.output)
		return cx_fail(err, CX_USAGE, "rom extract needs -o F.rom");
	return subject_look(cli, given.card, argc ? argv[0] : NULL, extract, err);
}

const struct command cmd_rom_info = {
	.name = "rom info",
	.args = "[FILE]",
	.what = "Show the expansion ROMs of a card or a file",
	.max_args = 1,
	.options = info_options,
	.run = run_info,
};

const struct command cmd_rom_extract = {
	.name = "rom extract",
	.args = "[FILE]",
	.what = "Save the expansion ROM of a card or a file",
	.max_args = 1,
	.options = extract_options,
	.run = run_extract,
};
