// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl query: what a card or a file is. */
#include <string.h>

#include "card/describe.h"
#include "card/look.h"
#include "dev/pci.h"
#include "commands.h"
#include "ready.h"

static struct look at = {.takes = LOOK_ANY};

static struct {
	bool full, quick;
} given;

static const struct opt options[] = {
	LOOK_OPTIONS(at),
	{"full", 0, OPT_FLAG, &given.full, NULL, "also what only developers ask for"},
	{"quick", 0, OPT_FLAG, &given.quick, NULL,
	 "a glance at a card: read little, verify nothing"},
	{NULL},
};

static const struct opt_rule rules[] = {
	{"quick", NULL, "full"},
	{NULL},
};

/*
 * Is it a card that another driver holds? Then its flash is out of reach, but the driver tells
 * something.
 */
static bool held(const char *name, struct cx_pci_card *card)
{
	struct cx_err unknown;
	char binding[16];

	return !cx_pci_find(&cx_pci_system, name, card, &unknown) && *card->driver &&
	       strcmp(card->driver, "cxflash") &&
	       (card_binding(card->name, binding, sizeof(binding), &unknown) || !*binding);
}

static int describe_held(struct out *out, const struct cx_pci_card *card, struct cx_err *err)
{
	enum fw_chip chip;
	unsigned int rev;
	const char *name = card_chip(card, &chip, &rev);

	out_text(out, "card", "Card", "%s", card->name);
	out_text(out, "chip", "Chip", "%s", name);
	out_number(out, "device_id", "Device ID", card->device);
	out_text(out, "driver", "Driver", "%s", card->driver);
	out_text(out, "interfaces", *card->interfaces ? "Interfaces" : NULL, "%s",
		 card->interfaces);
	out_known(out, "fw_version_running", "Running", card->fw_version, "its driver does not tell");
	out_text(out, "fw_version_by", *card->version_by ? "As told by" : NULL, "%s",
		 card->version_by);
	out_known(out, "psid", "PSID", card->board_id, "its driver does not tell");
	if (*card->board_id && describe_board(out, card->board_id, chip, rev, err))
		return -1;
	out_note(out,
		 "%s has the card, so its flash is not read; with no outage: %scxflashctl attach "
		 "--beside -d %s, and query again",
		 card->driver, cx_pci_module_loaded(&cx_pci_system) ? "" : "modprobe cxflash, ",
		 card->name);
	return 0;
}

static int run(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct progress progress;
	struct cx_pci_card card;
	struct subject s;
	bool is_card;
	int ret;

	(void)argc;
	(void)argv;
	if (given.quick && at.file)
		return cx_fail(err, CX_USAGE, "--quick is for cards; %s is a file", at.file);
	is_card = !at.file && (!at.card || strncmp(at.card, "file:", 5));
	if (is_card && held(at.card, &card)) {
		ret = describe_held(&cli->out, &card, err);
		if (!ret)
			ready_firmware(&cli->out, card.name);
		return ret;
	}
	progress_begin(&progress, cli, true);
	if (given.quick ? subject_glance(&s, at.card, err)
			: subject_open(&s, at.card, at.file, false, &progress, err))
		return -1;
	ret = describe(&cli->out, &s, given.full || (cli->verbose && !given.quick), err);
	if (!ret && is_card)
		ready_firmware(&cli->out, s.name);
	subject_close(&s);
	return ret;
}

const struct command query_commands[] = {
	{
		.name = "query",
		.args = "[FILE|CARD]",
		.what = "Show versions, identity, PSID, ROM and board of a card or a file",
		.options = options,
		.rules = rules,
		.look = &at,
		.run = run,
	},
	{},
};
