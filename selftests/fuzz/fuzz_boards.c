// SPDX-License-Identifier: GPL-2.0-only
/* Any text as a table of boards, behind a small one: a refusal leaves the table as it was, and of
 * every row there is something to say. */
#include "fw/board/boards.h"
#include "fuzz.h"

static const char first[] =
	"psid\tvendor\tboard\tpci_device_id\tconfidence\tfirmware\tstock_twin\tnote\n"
	"TST0000000001\tTest\tBOARD\t0x673c\tseen\t2.9.1000\t-\t-\n";

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
		expect(fw_board_sentence(&boards, b, FW_CHIP_CONNECTX2, 0xb0, text,
					 sizeof(text))[0]);
	}
	fw_boards_free(&boards);
	return 0;
}
