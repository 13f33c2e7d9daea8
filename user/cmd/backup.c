// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl backup: save everything that is on a card. */
#include "card/change.h"
#include "card/look.h"
#include "commands.h"

static struct look at = {.takes = LOOK_CARD};

static struct {
	const char *output;
} given;

static const struct opt options[] = {
	LOOK_CARD_OPTION(at),
	{"output", 'o', OPT_TEXT, &given.output, "DIR",
	 "new folder; by default a dated one in " BURN_BACKUP_HOME},
	{NULL},
};

static int run(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct progress progress;
	struct subject s;
	int ret;

	(void)argc;
	(void)argv;
	progress_begin(&progress, cli, false);
	if (subject_open(&s, at.card, NULL, true, &progress, err))
		return -1;
	out_text(&cli->out, "card", "Card", "%s", s.name);
	ret = save_card(cli, &s, &progress, NULL, given.output, err);
	subject_close(&s);
	return ret;
}

const struct command backup_commands[] = {
	{
		.name = "backup",
		.args = "[CARD]",
		.what = "Save dump, images, ini, ROM and identity of a card",
		.options = options,
		.look = &at,
		.changes = true,
		.run = run,
	},
	{},
};
