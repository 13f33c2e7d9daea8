// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl list: every card of the machine. */
#include <stdlib.h>
#include <string.h>

#include "card/describe.h"
#include "card/subject.h"
#include "card/vpd.h"
#include "cli/table.h"
#include "dev/netlink.h"
#include "dev/pci.h"
#include "files/inputs.h"
#include "commands.h"

static struct {
	const char *sysroot;
} given;

static const struct opt options[] = {
	{"sysroot", 0, OPT_TEXT, &given.sysroot, "DIR",
	 "look at a tree of files, not this machine"},
	{NULL},
};

/* What a row shows, from wherever it is known. */
struct row {
	const struct cx_pci_card *pci;
	const struct cx_served *served; /* NULL: cxflash does not serve it */
	char psid[24], version[24], state[40];
	struct card_vpd vpd; /* with -v */
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

static const struct fw_board *guess(const struct row *row, const struct fw_boards *boards,
				    enum fw_board_by *by)
{
	const struct fw_board_clues clues = {
		.psid = row->psid,
		.part = card_vpd_part(&row->vpd),
		.device = row->pci->device,
		.subsystem = {row->pci->subsystem_vendor, row->pci->subsystem_device},
	};

	return fw_boards_guess(boards, &clues, by);
}

static void show_more(struct table *table, const struct row *row, const struct fw_boards *boards,
		      const struct fw_board *board, enum fw_chip chip, unsigned int rev)
{
	char text[CX_TEXT + 200];

	if (board)
		table_below(table, OUT_PLAIN, "  %s.",
			    fw_board_sentence(boards, board, chip, rev, text, sizeof(text)));
	table_below(table, OUT_PLAIN, "  VPD: %s.", card_vpd_line(&row->vpd, text, sizeof(text)));
}

static void show(struct cli *cli, const struct row *row, const struct fw_boards *boards,
		 struct table *table)
{
	enum fw_board_by by;
	const struct fw_board *board = guess(row, boards, &by);
	struct out *out = &cli->out;
	unsigned int rev;
	enum fw_chip chip;
	const char *chip_name = card_chip(row->pci, &chip, &rev);
	char name[64] = "-", how[48] = "", shown[112];

	if (row->served) {
		chip = row->served->info.chip_id;
		rev = row->served->info.chip_rev;
		chip_name = fw_chip_name(chip, rev);
	}
	if (board)
		snprintf(name, sizeof(name), "%s %s", board->vendor, board->board);
	if (board && by != FW_BOARD_BY_PSID)
		snprintf(how, sizeof(how), " (by its %s)", fw_board_by_words(by));
	out_object(out, NULL);
	out_text(out, "card", NULL, "%s", row->pci->name);
	out_text(out, "chip", NULL, "%s", chip_name);
	out_number(out, "device_id", NULL, row->pci->device);
	out_text(out, "board", NULL, "%s", name);
	if (board)
		out_text(out, "board_by", NULL, "%s", fw_board_by_name(by));
	out_text(out, "psid", NULL, "%s", row->psid);
	out_text(out, "fw_version", NULL, "%s", row->version);
	out_text(out, "fw_version_by", NULL, "%s",
		 !*row->version		 ? ""
		 : *row->pci->version_by ? row->pci->version_by
					 : "flash");
	out_text(out, "driver", NULL, "%s", row->pci->driver);
	out_text(out, "state", NULL, "%s", row->state);
	out_text(out, "interfaces", NULL, "%s", row->pci->interfaces);
	vpd_json(out, &row->vpd);
	out_close(out);
	snprintf(shown, sizeof(shown), "%s%s", name, how);
	table_row(table, (const char *[]){row->pci->name, chip_name, row->psid, row->version,
					  row->pci->driver, row->state, shown});
	if (cli->verbose)
		show_more(table, row, boards, board, chip, rev);
}

static int list(struct cli *cli, const struct cx_pci_root *root, const struct fw_boards *boards,
		struct cx_err *err)
{
	struct cx_served *served = NULL;
	struct cx_pci_card *pci = NULL;
	size_t pci_count, served_count = 0;
	struct cx_err why = {0};
	struct table table;
	int ret = -1;

	if (cx_pci_list(root, &pci, &pci_count, err))
		goto cleanup;
	if (!pci_count) {
		cx_pci_none(root, err);
		goto cleanup;
	}
	/* Without the module or without root there is less to tell, but no less to list. */
	if (!given.sysroot && cx_netlink_cards(&served, &served_count, &why))
		served_count = 0;
	table_begin(&table, &cli->out, "lllllll");
	table_head(&table, (const char *[]){"CARD", "CHIP", "PSID", "FIRMWARE", "DRIVER", "STATE",
					    "BOARD"});
	out_array(&cli->out, "cards");
	for (size_t i = 0; i < pci_count; i++) {
		struct row row = {.pci = &pci[i]};

		row.served = find_served(pci[i].name, served, served_count);
		fill(cli, &row);
		if (cli->verbose)
			card_vpd_read(&row.vpd, root, pci[i].name);
		show(cli, &row, boards, &table);
		card_vpd_free(&row.vpd);
	}
	out_close(&cli->out);
	table_end(&table);
	if (why.text[0])
		out_note(&cli->out, "%s", why.text);
	ret = 0;
cleanup:
	free(served);
	free(pci);
	return ret;
}

static int run(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct cx_pci_tree tree = {.path = {NULL}};
	struct fw_boards boards;
	int ret;

	(void)argc;
	(void)argv;
	if (boards_load(&boards, err))
		return -1;
	if (boards.doubt)
		out_note(&cli->out, "%s", boards.doubt);
	ret = given.sysroot ? cx_pci_tree(&tree, given.sysroot, err) : 0;
	if (!ret)
		ret = list(cli, given.sysroot ? &tree.root : &cx_pci_system, &boards, err);
	cx_pci_tree_free(&tree);
	fw_boards_free(&boards);
	return ret;
}

const struct command list_commands[] = {
	{
		.name = "list",
		.args = "",
		.what = "List every card: chip, PSID, firmware, driver, state, board",
		.options = options,
		.run = run,
	},
	{},
};
