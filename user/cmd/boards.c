// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl boards: what is known of a PSID or a board. */
#include "files/inputs.h"
#include "commands.h"

static void show(struct out *out, const struct fw_boards *boards, const struct fw_board *b,
		 bool in_full)
{
	enum fw_chip chip = fw_device_chip(b->device);
	char twin[64] = "", sentence[400];

	fw_board_twin(boards, b, twin, sizeof(twin));
	fw_board_sentence(boards, b, FW_CHIP_UNKNOWN, 0, sentence, sizeof(sentence));
	out_object(out, NULL);
	out_text(out, "psid", NULL, "%s", b->psid ? b->psid : "");
	out_text(out, "vendor", NULL, "%s", b->vendor);
	out_text(out, "board", NULL, "%s", b->board);
	out_number(out, "device_id", NULL, b->device);
	if (chip != FW_CHIP_UNKNOWN)
		out_text(out, "chip", NULL, "%s", fw_chip_name(chip, 0));
	out_text(out, "confidence", NULL, "%s", fw_board_confidence_name(b->confidence));
	out_text(out, "newest_firmware", NULL, "%s", b->firmware ? b->firmware : "");
	out_text(out, "stock_twin", NULL, "%s", twin);
	if (chip == FW_CHIP_CONNECTX2)
		out_text(out, "rdma_floor", NULL, "%s", FW_SMB_DIRECT_CONNECTX2);
	out_text(out, "note", NULL, "%s", b->note ? b->note : "");
	out_text(out, "sentence", NULL, "%s", sentence);
	out_close(out);
	out_say(out, "%-17s %-11s 0x%04x %-10s %-10s %s%s%s", b->psid ? b->psid : "-", b->vendor,
		b->device, fw_board_confidence_name(b->confidence), b->firmware ? b->firmware : "-", b->board,
		*twin ? " = " : "", twin);
	if (!in_full)
		return;
	out_say(out, "    %s.", sentence);
	if (b->note)
		out_say(out, "    Source: %s.", b->note);
}

static int run(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	const char *word = argc ? argv[0] : NULL;
	const struct fw_board *exact = NULL;
	struct out *out = &cli->out;
	struct fw_boards boards;
	size_t found = 0;

	if (boards_load(&boards, err))
		return -1;
	if (boards.doubt)
		out_note(out, "%s", boards.doubt);
	if (word)
		exact = fw_boards_psid(&boards, word);
	out_array(out, "boards");
	for (size_t i = 0; i < boards.count; i++) {
		const struct fw_board *b = &boards.board[i];

		if (exact ? b != exact : word && !fw_board_matches(b, word))
			continue;
		if (!found++)
			out_say(out, "%-17s %-11s %-6s %-10s %-10s %s", "PSID", "VENDOR", "DEVICE",
				"CONFIDENCE", "FIRMWARE", "BOARD = STOCK TWIN");
		show(out, &boards, b, word != NULL);
	}
	out_close(out);
	fw_boards_free(&boards);
	if (!found)
		return cx_fail(err, CX_NOT_FOUND,
			       "no board known by '%s'; add it to /etc/cxflash/boards.tsv if you"
			       " know it",
			       word);
	return 0;
}

const struct command boards_commands[] = {
	{
		.name = "boards",
		.args = "[PSID|NAME]",
		.what = "Look up boards, their stock twins and their newest firmware",
		.max_args = 1,
		.run = run,
	},
	{},
};
