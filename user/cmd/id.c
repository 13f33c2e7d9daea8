// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl id: what makes a card this card and no other. */
#include "card/describe.h"
#include "card/rework.h"
#include "card/subject.h"
#include "fw/image/identity.h"
#include "commands.h"

static const char *shown;

static const struct opt options[] = {
	{"device", 'd', OPT_TEXT, &shown, "CARD", "PCI address, or file:DUMP"},
	{NULL},
};

static struct {
	const char *output, *card;
	struct burn_order order; /* of a card */
} given;

static const struct opt set_options[] = {
	{"guid", 0, OPT_TEXT, &given.order.wish.guid, "BASE|mac",
	 "node, port 1, port 2, system image: +0 to +3; or from the MACs"},
	{"mac", 0, OPT_TEXT, &given.order.wish.mac, "BASE|guid",
	 "port 1, port 2: +0, +1; or from the GUIDs"},
	{"vsd", 0, OPT_TEXT, &given.order.wish.vsd, "TEXT",
	 "vendor specific data, at most 208 bytes"},
	{"blank", 0, OPT_FLAG, &given.order.wish.blank, NULL, "no GUIDs and MACs at all"},
	{"output", 'o', OPT_TEXT, &given.output, "OUT", "where the result goes; - is stdout"},
	{"device", 'd', OPT_TEXT, &given.card, "CARD",
	 "change this card: PCI address, or file:DUMP"},
	CHANGE_OPTIONS(given.order.change),
	{NULL},
};

static void note(const char *text, void *ctx)
{
	out_note(&((struct cli *)ctx)->out, "%s", text);
}

static int show(struct cli *cli, const struct subject *s, const struct fw_image *img,
		struct cx_err *err)
{
	(void)err;
	out_text(&cli->out, s->flash ? "card" : "file", NULL, "%s", s->name);
	describe_identity(&cli->out, &img->id);
	fw_identity_doubts(&img->id, note, cli);
	return 0;
}

static int set(struct cli *cli, struct fw_image *img, struct cx_err *err)
{
	struct fw_identity_wish wish = given.order.wish;
	struct fw_identity id = img->id;
	char how[FW_IDENTITY_HOW];

	wish.chip = fw_image_chip(img, NULL);
	wish.how = how;
	if (fw_identity_wish(&id, &wish, err) || fw_image_set_identity(img, &id, err))
		return -1;
	if (*how)
		out_note(&cli->out, "%s", how);
	if (!cli->out.raw)
		describe_identity(&cli->out, &img->id);
	fw_identity_doubts(&img->id, note, cli);
	return 0;
}

/* The identity is the burn's own business. */
static int same_image(struct cli *cli, struct fw_image *img, struct cx_err *err)
{
	(void)cli;
	(void)img;
	(void)err;
	return 0;
}

static int run_set(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	const struct fw_identity_wish *w = &given.order.wish;

	if (!w->guid && !w->mac && !w->vsd && !w->blank)
		return cx_fail(err, CX_USAGE,
			       "id set needs at least one of --guid, --mac, --vsd, --blank");
	if (rework_place("id set", given.card, argc, given.output, err))
		return -1;
	if (given.card)
		return rework_card(cli, given.card, &given.order, same_image, "another identity",
				   err);
	return rework_file(cli, argv[0], given.output, set, err);
}

static int run(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	return subject_look(cli, shown, argc ? argv[0] : NULL, show, err);
}

const struct command id_commands[] = {
	{
		.name = "id show",
		.args = "[FILE]",
		.what = "Show GUIDs, MACs and VSD of a card or a file",
		.max_args = 1,
		.options = options,
		.run = run,
	},
	{
		.name = "id set",
		.args = "FILE -o OUT | -d CARD",
		.what = "Give an image, a dump or a card other GUIDs, MACs or VSD",
		.max_args = 1,
		.options = set_options,
		.changes = true,
		.run = run_set,
	},
	{},
};
