// SPDX-License-Identifier: GPL-2.0-only
/* Any text as a table of boards, behind a small one: a refusal leaves the table as it was, and of
 * every row there is something to say. */
#include "fw/board/boards.h"
#include "fuzz.h"

static const char first[] =
	"psid\tvendor\tboard\tpci_device_id\tconfidence\tfirmware\tstock_twin\tnote\n"
	"TST0000000001\tTest\tBOARD\t0x673c\tseen\t2.9.1000\t-\t-\n";

/* Every way to find a board, by what stands in the row itself. */
static void look_up(const struct fw_boards *boards, const struct fw_board *b)
{
	struct fw_board_hardware hw = fw_board_hardware(boards, b);
	struct fw_board_clues clues = {.psid = b->psid, .part = b->board, .device = b->device};
	unsigned int ids[2];
	enum fw_board_by by;
	char text[256];

	expect(hw.ports <= 2);
	fw_board_hardware_words(&hw, text, sizeof(text));
	if (b->subsystem && sscanf(b->subsystem, "%4x:%4x", &ids[0], &ids[1]) == 2) {
		clues.subsystem[0] = (uint16_t)ids[0];
		clues.subsystem[1] = (uint16_t)ids[1];
		snprintf(text, sizeof(text), "%.9s", b->subsystem);
		expect(fw_board_has_subsystem(b, text));
	}
	if (b->psid) {
		expect(fw_boards_guess(boards, &clues, &by));
		expect(*fw_board_by_name(by) && *fw_board_by_words(by));
		snprintf(text, sizeof(text), "%s_X", b->psid);
		expect(strlen(b->psid) < 13 || fw_boards_stem(boards, text));
	}
	clues.psid = NULL;
	fw_boards_guess(boards, &clues, &by);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fw_boards boards = {0};
	struct cx_err err;
	char text[512];

	expect(!fw_boards_parse(first, strlen(first), &boards, &err));
	if (fw_boards_parse((const char *)data, size, &boards, &err)) {
		expect_reason(&err);
		expect(boards.count == 1);
	}
	for (size_t i = 0; i < boards.count && i < 100; i++) {
		const struct fw_board *b = &boards.board[i];

		expect(!b->psid || fw_boards_psid(&boards, b->psid));
		expect(fw_board_matches(b, b->vendor));
		fw_board_twin(&boards, b, text, sizeof(text));
		look_up(&boards, b);
		expect(fw_board_sentence(&boards, b, FW_CHIP_CONNECTX2, 0xb0, text,
					 sizeof(text))[0]);
	}
	fw_boards_free(&boards);
	return 0;
}
