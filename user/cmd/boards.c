// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl boards: what is known of a PSID or a board. */
#include "card/describe.h"
#include "cli/table.h"
#include "files/inputs.h"
#include "commands.h"

/* In full there are lines below the row, and so it is a table of its own. */
static void show(struct out *out, const struct fw_boards *boards, const struct fw_board *b,
		 bool in_full, struct table *table)
{
	struct fw_board_hardware hw = fw_board_hardware(boards, b);
	enum fw_chip chip = fw_device_chip(b->device);
	char twin[64] = "", sentence[400], words[200], other[200], device[8], name[160];

	fw_board_twin(boards, b, twin, sizeof(twin));
	fw_board_sentence(boards, b, FW_CHIP_UNKNOWN, 0, sentence, sizeof(sentence));
	out_object(out, NULL);
	out_text(out, "psid", NULL, "%s", b->psid ? b->psid : "");
	out_text(out, "vendor", NULL, "%s", b->vendor);
	out_text(out, "board", NULL, "%s", b->board);
	out_number(out, "device_id", NULL, b->device);
	if (chip != FW_CHIP_UNKNOWN)
		out_text(out, "chip", NULL, "%s", fw_chip_name(chip, 0));
	out_text(out, "confidence", NULL, "%s", fw_confidence_name(b->confidence));
	out_text(out, "newest_firmware", NULL, "%s", b->firmware ? b->firmware : "");
	out_text(out, "stock_twin", NULL, "%s", twin);
	if (chip == FW_CHIP_CONNECTX2)
		out_text(out, "rdma_floor", NULL, "%s", FW_SMB_DIRECT_CONNECTX2);
	describe_hardware(out, &hw);
	out_text(out, "subsystem", NULL, "%s", b->subsystem ? b->subsystem : "");
	out_text(out, "note", NULL, "%s", b->note ? b->note : "");
	out_text(out, "sentence", NULL, "%s", sentence);
	if (out->json)
		describe_files(out, boards, b, false);
	out_close(out);
	snprintf(device, sizeof(device), "0x%04x", b->device);
	snprintf(name, sizeof(name), "%s%s%s", b->board, *twin ? " = " : "", twin);
	table_row(table, (const char *[]){b->psid, b->vendor, device,
					  fw_confidence_name(b->confidence), b->firmware, name});
	if (!in_full)
		return;
	table_end(table);
	out_item_in(out, OUT_PLAIN, 4, "    %s.", sentence);
	if (fw_board_hardware_words(&hw, words, sizeof(words)))
		out_item_in(out, OUT_PLAIN, 4, "    Hardware: %s.", words);
	if (b->subsystem)
		out_item_in(out, OUT_PLAIN, 4, "    PCI subsystem: %s.", b->subsystem);
	if (b->device && fw_other_device(b->device, other, sizeof(other)))
		out_item_in(out, OUT_PLAIN, 4, "    It is %s.", other);
	if (!out->json)
		describe_files(out, boards, b, false);
	if (b->note)
		out_item_in(out, OUT_PLAIN, 4, "    Source: %s.", b->note);
}

/* How a word may mean a board; what comes first is meant if any board fits it. */
static bool by_psid(const struct fw_boards *boards, const struct fw_board *b, const char *word)
{
	return b == fw_boards_psid(boards, word);
}

static bool by_stem(const struct fw_boards *boards, const struct fw_board *b, const char *word)
{
	return b == fw_boards_stem(boards, word);
}

static bool by_subsystem(const struct fw_boards *boards, const struct fw_board *b, const char *word)
{
	(void)boards;
	return fw_board_has_subsystem(b, word);
}

static bool by_word(const struct fw_boards *boards, const struct fw_board *b, const char *word)
{
	bool exact;

	(void)boards;
	return !word || fw_board_matches(b, word) || fw_board_has_part(b, word, &exact);
}

static const struct way {
	bool (*fits)(const struct fw_boards *boards, const struct fw_board *b, const char *word);
	const char *name;
} ways[] = {
	{by_psid, "psid"},
	{by_stem, "psid_with_suffix"},
	{by_subsystem, "subsystem"},
	{by_word, "name"},
};

static const struct way *way_of(const struct fw_boards *boards, const char *word)
{
	for (const struct way *w = ways; word && w->fits != by_word; w++)
		for (size_t i = 0; i < boards->count; i++)
			if (w->fits(boards, &boards->board[i], word))
				return w;
	return &ways[sizeof(ways) / sizeof(ways[0]) - 1];
}

static size_t show_all(struct out *out, const struct fw_boards *boards, const char *word)
{
	const struct way *way = way_of(boards, word);
	struct table table;
	size_t found = 0;

	if (word)
		out_text(out, "found_by", NULL, "%s", way->name);
	if (way->fits == by_stem)
		describe_stem(out, word);
	table_begin(&table, out, "llllll");
	out_array(out, "boards");
	for (size_t i = 0; i < boards->count; i++) {
		const struct fw_board *b = &boards->board[i];

		if (!way->fits(boards, b, word))
			continue;
		if (!found++)
			table_head(&table,
				   (const char *[]){"PSID", "VENDOR", "DEVICE", "CONFIDENCE",
						    "FIRMWARE", "BOARD = STOCK TWIN"});
		show(out, boards, b, word != NULL, &table);
	}
	table_end(&table);
	out_close(out);
	return found;
}

static int run(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	const char *word = argc ? argv[0] : NULL;
	struct fw_boards boards;
	size_t found;

	if (boards_load(&boards, err))
		return -1;
	if (boards.doubt)
		out_note(&cli->out, "%s", boards.doubt);
	found = show_all(&cli->out, &boards, word);
	fw_boards_free(&boards);
	if (!found)
		return cx_fail(err, CX_NOT_FOUND,
			       "no board known by '%s'; add it to /etc/cxflash/boards.tsv if you"
			       " know it; " FW_BOARD_WANTED,
			       word);
	return 0;
}

const struct command boards_commands[] = {
	{
		.name = "boards",
		.args = "[PSID|PART|SUBSYSTEM|NAME]",
		.what = "Look up boards, their stock twins and their newest firmware",
		.max_args = 1,
		.run = run,
	},
	{},
};
