// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl image: the insides of an image. */
#include "../fw/checksum.h"
#include "card.h"
#include "cmd.h"

static const char *card;

static const struct opt options[] = {
	{"device", 'd', OPT_TEXT, &card, "CARD", "PCI address, or file:DUMP"},
	{NULL},
};

static int show(struct cli *cli, const struct subject *s, const struct fw_image *img,
		struct cx_err *err)
{
	struct out *out = &cli->out;

	(void)err;
	out_text(out, s->flash ? "card" : "file", NULL, "%s", s->name);
	out_say(out, "%-10s %-10s %-10s %-6s %s", "HEADER", "DATA BYTES", "PARAM", "CRC",
		"SECTION");
	out_array(out, "sections");
	for (size_t i = 0; i < img->sections; i++) {
		const struct fw_section *sec = &img->section[i];
		const char *name = fw_section_name(sec->type);

		out_object(out, NULL);
		out_text(out, "name", NULL, "%s", name);
		if (sec->type != FW_BOOT2)
			out_number(out, "type", NULL, sec->type);
		out_number(out, "addr", NULL, sec->addr);
		out_number(out, "data", NULL, sec->data);
		out_number(out, "size", NULL, sec->size);
		out_number(out, "param", NULL, sec->param);
		out_number(out, "crc", NULL, sec->crc);
		out_close(out);
		out_say(out, "0x%08x 0x%08x 0x%08x 0x%04x %s", sec->addr, sec->size, sec->param,
			sec->crc, name);
	}
	out_close(out);
	return 0;
}

static int checksum(struct cli *cli, const struct subject *s, const struct fw_image *img,
		    struct cx_err *err)
{
	char text[FW_CHECKSUM_TEXT];

	if (fw_image_checksum(img, text, err))
		return cx_fail_in(err, s->name);
	out_text(&cli->out, s->flash ? "card" : "file", NULL, "%s", s->name);
	out_text(&cli->out, "checksum", NULL, "%s", text);
	out_say(&cli->out, "%s", text);
	return 0;
}

static int run_sections(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	return subject_look(cli, card, argc ? argv[0] : NULL, show, err);
}

static int run_checksum(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	return subject_look(cli, card, argc ? argv[0] : NULL, checksum, err);
}

const struct command cmd_image_sections = {
	.name = "image sections",
	.args = "[FILE]",
	.what = "List the sections of an image",
	.max_args = 1,
	.options = options,
	.run = run_sections,
};

const struct command cmd_image_checksum = {
	.name = "image checksum",
	.args = "[FILE]",
	.what = "Print the checksum of a release, whatever card it is on",
	.max_args = 1,
	.options = options,
	.run = run_checksum,
};
