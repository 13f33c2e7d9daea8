// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl id: what makes a card this card and no other. */
#include "card/describe.h"
#include "card/rework.h"
#include "card/subject.h"
#include "fw/image/identity.h"
#include "commands.h"

static struct look at = {.takes = LOOK_ANY};

static const struct opt options[] = {
	LOOK_OPTIONS(at),
	{NULL},
};

static struct {
	const char *output;
	struct card_request request; /* of a card */
} given;

static const struct opt set_options[] = {
	{"guid", 0, OPT_TEXT, &given.request.numbers.guid, "BASE|mac",
	 "node, port 1, port 2, system image: +0 to +3; or from the MACs"},
	{"mac", 0, OPT_TEXT, &given.request.numbers.mac, "BASE|guid",
	 "port 1, port 2: +0, +1; or from the GUIDs"},
	{"vsd", 0, OPT_TEXT, &given.request.numbers.vsd, "TEXT",
	 "vendor specific data, at most 208 bytes"},
	{"blank", 0, OPT_FLAG, &given.request.numbers.blank, NULL, "no GUIDs and MACs at all"},
	{"output", 'o', OPT_OUTPUT, &given.output, "OUT", "where the result goes; - is stdout"},
	LOOK_OPTIONS(at),
	CHANGE_OPTIONS(given.request.change),
	{NULL},
};

static const struct opt_rule rules[] = {
	{"blank", NULL, "guid mac"},
	{"backup", "device", "no-backup"},
	{"no-backup", "device", NULL},
	{NULL},
};

static int show(struct cli *cli, const struct subject *s, const struct fw_image *img,
		struct cx_err *err)
{
	(void)err;
	out_text(&cli->out, s->flash ? "card" : "file", NULL, "%s", s->name);
	describe_identity(&cli->out, &img->id);
	fw_identity_doubts(&img->id, out_note_text, &cli->out);
	return 0;
}

static int set(struct cli *cli, struct fw_image *img, struct cx_err *err)
{
	struct fw_identity_request numbers = given.request.numbers;
	struct fw_identity id = img->id;
	char how[FW_IDENTITY_HOW];

	numbers.chip = fw_image_chip(img, NULL);
	numbers.how = how;
	if (fw_identity_change(&id, &numbers, err) || fw_image_set_identity(img, &id, err))
		return -1;
	if (*how)
		out_note(&cli->out, "%s", how);
	describe_identity(&cli->out, &img->id);
	fw_identity_doubts(&img->id, out_note_text, &cli->out);
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
	const struct fw_identity_request *w = &given.request.numbers;

	(void)argc;
	(void)argv;
	if (!w->guid && !w->mac && !w->vsd && !w->blank)
		return cx_fail(err, CX_USAGE,
			       "id set needs at least one of --guid, --mac, --vsd, --blank");
	if (rework_place("id set", &at, given.output, err))
		return -1;
	if (at.card)
		return rework_card(cli, at.card, &given.request, same_image, "another identity",
				   err);
	return rework_file(cli, at.file, given.output, set, err);
}

static int run(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	(void)argc;
	(void)argv;
	return subject_look(cli, &at, show, err);
}

const struct command id_commands[] = {
	{
		.name = "id show",
		.args = "[FILE|CARD]",
		.what = "Show GUIDs, MACs and VSD of a card or a file",
		.options = options,
		.look = &at,
		.run = run,
	},
	{
		.name = "id set",
		.args = "FILE -o OUT | CARD",
		.what = "Give an image, a dump or a card other GUIDs, MACs or VSD",
		.options = set_options,
		.rules = rules,
		.look = &at,
		.changes = true,
		.run = run_set,
	},
	{},
};
