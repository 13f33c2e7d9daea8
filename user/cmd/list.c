// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl list: every card of the machine. */
#include <stdlib.h>
#include <string.h>

#include "card/describe.h"
#include "card/subject.h"
#include "dev/netlink.h"
#include "dev/pci.h"
#include "files/inputs.h"
#include "commands.h"

/* What a row shows, from wherever it is known. */
struct row {
	const struct cx_pci_card *pci;
	const struct cx_served *served; /* NULL: cxflash does not serve it */
	char psid[24], version[24], state[40];
};

static const struct cx_served *find_served(const char *name, const struct cx_served *served,
					   size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(served[i].info.name, name))
			return &served[i];
	return NULL;
}

/* The driver knows what runs; of a card that cxflash has, the flash is asked for that little. */
static void look_into_flash(struct cli *cli, struct row *row)
{
	struct cx_flash *flash;
	struct fw_info info;
	struct cx_err err;
	int ret;

	if (card_open(row->pci->name, &flash, &err)) {
		out_note(&cli->out, "%s", err.text);
		return;
	}
	ret = burn_label(flash, &info, &err);
	flash->ops->close(flash);
	if (ret) {
		out_note(&cli->out, "%s; more: cxflashctl query -d %s", err.text, row->pci->name);
		return;
	}
	snprintf(row->psid, sizeof(row->psid), "%s", info.psid);
	fw_version_text(&info.version, row->version);
}

static void fill(struct cli *cli, struct row *row)
{
	const struct cx_pci_card *pci = row->pci;

	snprintf(row->psid, sizeof(row->psid), "%s", pci->board_id);
	snprintf(row->version, sizeof(row->version), "%s", pci->fw_version);
	if (row->served && (!*row->psid || !*row->version))
		look_into_flash(cli, row);
	if (row->served)
		snprintf(row->state, sizeof(row->state), "%s%s", row->served->info.binding,
			 row->served->lock_owner ? ", locked" : "");
	else if (pci->recovery)
		snprintf(row->state, sizeof(row->state), "flash recovery");
	else
		snprintf(row->state, sizeof(row->state), "%s", *pci->driver ? "in use" : "free");
}

static const char *or_dash(const char *text)
{
	return *text ? text : "-";
}

static void show(struct cli *cli, const struct row *row, const struct fw_boards *boards)
{
	const struct fw_board *board = fw_boards_psid(boards, row->psid);
	struct out *out = &cli->out;
	unsigned int rev;
	enum fw_chip chip;
	const char *chip_name = card_chip(row->pci, &chip, &rev);
	char name[64] = "-", sentence[400];

	if (row->served) {
		chip = row->served->info.chip_id;
		rev = row->served->info.chip_rev;
		chip_name = fw_chip_name(chip, rev);
	}
	if (board)
		snprintf(name, sizeof(name), "%s %s", board->vendor, board->board);
	out_object(out, NULL);
	out_text(out, "card", NULL, "%s", row->pci->name);
	out_text(out, "chip", NULL, "%s", chip_name);
	out_number(out, "device_id", NULL, row->pci->device);
	out_text(out, "board", NULL, "%s", name);
	out_text(out, "psid", NULL, "%s", row->psid);
	out_text(out, "fw_version", NULL, "%s", row->version);
	out_text(out, "fw_version_by", NULL, "%s",
		 !*row->version		 ? ""
		 : *row->pci->version_by ? row->pci->version_by
					 : "flash");
	out_text(out, "driver", NULL, "%s", row->pci->driver);
	out_text(out, "state", NULL, "%s", row->state);
	out_text(out, "interfaces", NULL, "%s", row->pci->interfaces);
	out_close(out);
	out_say(out, "%-13s %-19s %-17s %-10s %-10s %-12s %s", row->pci->name, chip_name,
		or_dash(row->psid), or_dash(row->version), or_dash(row->pci->driver), row->state,
		name);
	if (board && cli->verbose)
		out_say(out, "  %s.",
			fw_board_sentence(boards, board, chip, rev, sentence, sizeof(sentence)));
}

static int run(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct cx_served *served = NULL;
	struct cx_pci_card *pci = NULL;
	size_t pci_count, served_count = 0;
	struct fw_boards boards;
	struct cx_err why = {0};
	int ret = -1;

	(void)argc;
	(void)argv;
	if (boards_load(&boards, err))
		return -1;
	if (boards.doubt)
		out_note(&cli->out, "%s", boards.doubt);
	if (cx_pci_list(&cx_pci_system, &pci, &pci_count, err))
		goto cleanup;
	if (!pci_count) {
		cx_pci_none(&cx_pci_system, err);
		goto cleanup;
	}
	/* Without the module or without root there is less to tell, but no less to list. */
	if (cx_netlink_cards(&served, &served_count, &why))
		served_count = 0;
	out_say(&cli->out, "%-13s %-19s %-17s %-10s %-10s %-12s %s", "CARD", "CHIP", "PSID",
		"FIRMWARE", "DRIVER", "STATE", "BOARD");
	out_array(&cli->out, "cards");
	for (size_t i = 0; i < pci_count; i++) {
		struct row row = {.pci = &pci[i]};

		row.served = find_served(pci[i].name, served, served_count);
		fill(cli, &row);
		show(cli, &row, &boards);
	}
	out_close(&cli->out);
	if (why.text[0])
		out_note(&cli->out, "%s", why.text);
	ret = 0;
cleanup:
	free(served);
	free(pci);
	fw_boards_free(&boards);
	return ret;
}

const struct command list_commands[] = {
	{
		.name = "list",
		.args = "",
		.what = "List every card: chip, PSID, firmware, driver, state, board",
		.run = run,
	},
	{},
};
