// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl query: what a card or a file is. */
#include "cmd.h"
#include "describe.h"

static struct {
	const char *card, *file;
	bool full;
} given;

static const struct opt options[] = {
	{"device", 'd', OPT_TEXT, &given.card, "CARD", "PCI address, or file:DUMP"},
	{"image", 'i', OPT_TEXT, &given.file, "FILE", "an image or a dump to look into"},
	{"full", 0, OPT_FLAG, &given.full, NULL, "also what only developers ask for"},
	{NULL},
};

static int run(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct progress progress;
	struct subject s;
	int ret;

	(void)argc;
	(void)argv;
	progress_begin(&progress, cli, true);
	if (subject_open(&s, given.card, given.file, false, &progress, err))
		return -1;
	ret = describe(&cli->out, &s, given.full || cli->verbose, err);
	subject_close(&s);
	return ret;
}

const struct command cmd_query = {
	.name = "query",
	.args = "",
	.what = "Show versions, identity, PSID, ROM and board of a card or a file",
	.options = options,
	.run = run,
};
