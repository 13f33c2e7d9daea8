// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl query: what a card or a file is. */
#include <string.h>

#include "card/describe.h"
#include "card/look.h"
#include "card/vpd.h"
#include "dev/pci.h"
#include "commands.h"
#include "ready.h"

static struct look at = {.takes = LOOK_ANY};

static struct {
	bool full, quick;
	const char *sysroot;
} given;

static const struct opt options[] = {
	LOOK_OPTIONS(at),
	{"full", 0, OPT_FLAG, &given.full, NULL, "also what only developers ask for"},
	{"quick", 0, OPT_FLAG, &given.quick, NULL,
	 "a glance at a card: read little, verify nothing"},
	{"sysroot", 0, OPT_TEXT, &given.sysroot, "DIR",
	 "look at a tree of files, not this machine"},
	{NULL},
};

static const struct opt_rule rules[] = {
	{"quick", NULL, "full"},
	{"sysroot", NULL, "quick"},
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

/* What the kernel and its driver tell of a card whose flash is out of reach. */
static int describe_known(struct out *out, const struct cx_pci_root *root,
			  const struct cx_pci_card *card, bool full, struct cx_err *err)
{
	struct card_vpd vpd = {0};
	enum fw_chip chip;
	unsigned int rev;
	const char *name = card_chip(card, &chip, &rev);
	const char *silent = *card->driver ? "its driver does not tell" : "no driver has it";
	struct fw_board_clues clues = {
		.psid = card->board_id,
		.device = card->device,
		.subsystem = {card->subsystem_vendor, card->subsystem_device},
	};
	int ret;

	card_vpd_read(&vpd, root, card->name);
	clues.part = card_vpd_part(&vpd);
	out_text(out, "card", "Card", "%s", card->name);
	out_text(out, "chip", "Chip", "%s", name);
	out_number(out, "device_id", "Device ID", card->device);
	out_text(out, "driver", NULL, "%s", card->driver);
	out_text(out, NULL, "Driver", "%s", *card->driver ? card->driver : "none");
	out_text(out, "interfaces", *card->interfaces ? "Interfaces" : NULL, "%s",
		 card->interfaces);
	out_known(out, "fw_version_running", "Running", card->fw_version, silent);
	out_text(out, "fw_version_by", *card->version_by ? "As told by" : NULL, "%s",
		 card->version_by);
	out_known(out, "psid", "PSID", card->board_id, silent);
	describe_vpd(out, &vpd, full);
	ret = describe_board(out, &clues, chip, rev, err);
	card_vpd_free(&vpd);
	return ret;
}

static int describe_held(struct cli *cli, const struct cx_pci_card *card, struct cx_err *err)
{
	if (describe_known(&cli->out, &cx_pci_system, card, given.full || cli->verbose, err))
		return -1;
	out_note(&cli->out,
		 "%s has the card, so its flash is not read; with no outage: %scxflashctl attach "
		 "--beside -d %s, and query again",
		 card->driver, cx_pci_module_loaded(&cx_pci_system) ? "" : "modprobe cxflash, ",
		 card->name);
	ready_firmware(&cli->out, card->name);
	return 0;
}

static int describe_tree(struct cli *cli, struct cx_err *err)
{
	struct cx_pci_tree tree;
	struct cx_pci_card card;
	int ret;

	if (cx_pci_tree(&tree, given.sysroot, err))
		return -1;
	ret = cx_pci_find(&tree.root, at.card, &card, err);
	if (!ret)
		ret = describe_known(&cli->out, &tree.root, &card, given.full || cli->verbose, err);
	cx_pci_tree_free(&tree);
	return ret;
}

/* A file that holds a VPD, as a backup has it. */
static int describe_vpd_file(struct cli *cli, struct card_vpd *vpd, struct cx_err *err)
{
	struct fw_board_clues clues = {.part = card_vpd_part(vpd)};
	int ret;

	out_text(&cli->out, "file", "File", "%s", at.file);
	out_null(&cli->out, "psid");
	describe_vpd(&cli->out, vpd, true);
	ret = describe_board(&cli->out, &clues, FW_CHIP_UNKNOWN, 0, err);
	if (!ret && vpd->why.status) {
		*err = vpd->why;
		ret = cx_fail_in(err, at.file);
	}
	return ret;
}

static int describe_subject(struct cli *cli, bool is_card, struct cx_err *err)
{
	struct progress progress;
	struct subject s;
	int ret;

	progress_begin(&progress, cli, true);
	if (given.quick ? subject_glance(&s, at.card, err)
			: subject_open(&s, at.card, at.file, false, &progress, err))
		return -1;
	if (!given.quick)
		subject_function(&s);
	ret = describe(&cli->out, &s, given.full || (cli->verbose && !given.quick), err);
	if (!ret && is_card)
		ready_firmware(&cli->out, s.name);
	subject_close(&s);
	return ret;
}

static int run(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct cx_pci_card card;
	struct card_vpd vpd;
	bool is_card;
	int ret;

	(void)argc;
	(void)argv;
	if (given.quick && at.file)
		return cx_fail(err, CX_USAGE, "--quick is for cards; %s is a file", at.file);
	if (given.sysroot && at.file)
		return cx_fail(err, CX_USAGE, "--sysroot is for cards; %s is a file", at.file);
	if (given.sysroot)
		return describe_tree(cli, err);
	is_card = !at.file && (!at.card || strncmp(at.card, "file:", 5));
	if (is_card && held(at.card, &card))
		return describe_held(cli, &card, err);
	ret = at.file ? card_vpd_file(&vpd, at.file, err) : 0;
	if (ret > 0) {
		ret = describe_vpd_file(cli, &vpd, err);
		card_vpd_free(&vpd);
	} else if (!ret) {
		ret = describe_subject(cli, is_card, err);
	}
	return ret;
}

const struct command query_commands[] = {
	{
		.name = "query",
		.args = "[FILE|CARD]",
		.what = "Show versions, identity, PSID, ROM and board",
		.options = options,
		.rules = rules,
		.look = &at,
		.run = run,
	},
	{},
};
