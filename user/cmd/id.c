// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl id: what makes a card this card and no other. */
#include "card.h"
#include "cmd.h"
#include "describe.h"

static const char *card;

static const struct opt options[] = {
	{"device", 'd', OPT_TEXT, &card, "CARD", "PCI address, or file:DUMP"},
	{NULL},
};

static int show(struct cli *cli, const struct subject *s, const struct fw_image *img,
		struct cx_err *err)
{
	(void)err;
	out_text(&cli->out, s->flash ? "card" : "file", NULL, "%s", s->name);
	describe_identity(&cli->out, &img->id);
	return 0;
}

static int run(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	return subject_look(cli, card, argc ? argv[0] : NULL, show, err);
}

const struct command cmd_id_show = {
	.name = "id show",
	.args = "[FILE]",
	.what = "Show GUIDs, MACs and VSD of a card or a file",
	.max_args = 1,
	.options = options,
	.run = run,
};
