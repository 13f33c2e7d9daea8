// SPDX-License-Identifier: GPL-2.0-only
/* The table of boards: what it says, and what it refuses. */
#include <stdlib.h>

#include "fw/board/boards.h"
#include "tap.h"

#define TITLES "psid\tvendor\tboard\tpci_device_id\tconfidence\tfirmware\tstock_twin\tnote\n"

static const char *sentence(const struct fw_boards *b, const char *psid, enum fw_chip chip,
			    unsigned int rev)
{
	static char text[400];
	const struct fw_board *board = fw_boards_psid(b, psid);

	return board ? fw_board_sentence(b, board, chip, rev, text, sizeof(text)) : "";
}

static void builtin(void)
{
	struct fw_boards b = {0};
	struct cx_err err;
	size_t odd = 0, twins = 0;
	char twin[64];

	if (!ok(!fw_boards_builtin(&b, &err), "the built-in table parses"))
		return;
	ok(b.count > 80, "and has %zu boards", b.count);
	for (size_t i = 0; i < b.count; i++) {
		const struct fw_board *board = &b.board[i];
		bool stock = !strcmp(board->vendor, "Mellanox");

		if (!board->twin)
			continue;
		twins++;
		odd += stock || !fw_board_twin(&b, board, twin, sizeof(twin)) ||
		       !strncmp(twin, "MT_", 3) || strlen(twin) < 5;
	}
	ok(twins >= 8 && !odd,
	   "each of the %zu stock twins has a name, and is one of a board of another", twins);
	for (size_t i = 0; i < b.count; i++)
		if (b.board[i].psid && fw_boards_psid(&b, b.board[i].psid) != &b.board[i])
			odd++;
	ok(!odd, "no PSID is listed twice");
	is_str(sentence(&b, "DEL09A0000009", FW_CHIP_CONNECTX2, 0xb0),
	       "This is Dell's version of MHQH29C; 2.10.720 is the newest known; below 2.9.8350 "
	       "Windows Server 2012 gets no RDMA",
	       "Dell's C6100 mezzanine");
	is_str(sentence(&b, "IBM0D90000009", FW_CHIP_CONNECTX2, 0xb0),
	       "This is IBM's version of MHQH19B-XTR; 2.9.1000 is the newest known; below 2.9.8350 "
	       "Windows Server 2012 gets no RDMA",
	       "a twin that is named by its PSID");
	is_str(sentence(&b, "DEL08C0000001", FW_CHIP_CONNECTX2, 0xa0),
	       "This is Dell's ConnectX rev A0; no stock twin is known; a ConnectX of the first "
	       "generation, so Windows Server 2012 gets no RDMA with any firmware",
	       "a ConnectX of the first generation");
	is_str(sentence(&b, "MT_1200111023", FW_CHIP_CONNECTX3PRO, 0),
	       "This is Mellanox's own board; 2.42.5000 is the newest known",
	       "a stock ConnectX-3 Pro");
	ok(!fw_boards_psid(&b, "MT_NOTHING"), "an unknown PSID");
	fw_boards_free(&b);
}

static void added(void)
{
	static const char text[] =
		"# mine\n\n" TITLES "DEL09A0000009\tMe\tMine\t-\tclaimed\t-\tMHGH29-XTC\tby me\n";
	struct fw_boards b = {0};
	struct cx_err err;

	if (!ok(!fw_boards_builtin(&b, &err) && !fw_boards_parse(text, sizeof(text) - 1, &b, &err),
		"a table joins another"))
		return;
	is_str(fw_boards_psid(&b, "DEL09A0000009")->vendor, "Me", "and counts before it");
	ok(fw_board_matches(&b.board[b.count - 1], "mhgh29"), "a word is found in any case");
	ok(!fw_board_matches(&b.board[b.count - 1], "mhgh28"), "and another one is not");
	fw_boards_free(&b);
}

static void bad(const char *text, const char *place, const char *what)
{
	struct fw_boards b = {0};
	struct cx_err err = {0};
	int ret = fw_boards_parse(text, strlen(text), &b, &err);

	ok(ret == -1 && err.status == CX_INVALID && !b.count, "%s is refused", what);
	ok(!strncmp(err.text, place, strlen(place)), "with its place: %s", err.text);
	fw_boards_free(&b);
}

static void odd_bytes(void)
{
	static const char crlf[] =
		"psid\tvendor\tboard\tpci_device_id\tconfidence\tfirmware\tstock_twin\tnote\r\n"
		"MY_1\tMe\tMine\t-\tclaimed\t-\t-\tby me\r\n";
	static const char nul[] = TITLES "MY_1\tMe\tMine\t-\tclaimed\t-\t-\t\0-\n";
	struct fw_boards b = {0};
	struct cx_err err = {0};

	if (ok(!fw_boards_parse(crlf, sizeof(crlf) - 1, &b, &err), "a table with CRLF %s",
	       err.text))
		is_str(b.board[0].note, "by me", "and no CR in it");
	fw_boards_free(&b);
	ok(fw_boards_parse(nul, sizeof(nul) - 1, &b, &err) && err.status == CX_INVALID,
	   "a table with a NUL byte is refused, not read to there: %s", err.text);
	ok(!fw_boards_parse(NULL, 0, &b, &err) && !b.count, "no bytes are no boards");
	fw_boards_free(&b);
}

/* A table of remarks never stops work: what can be read of it counts, and what cannot is named. */
static void remarks(void)
{
	static const char rows[] = TITLES "ONE\tv\tb\t0x673c\tseen\t-\t-\t-\n"
					  "TWO\tv\tb\t673c\tseen\t-\t-\t-\n"
					  "too few\tcolumns\n"
					  "THREE\tv\tb\t-\tclaimed\t-\t-\t-\n";
	static const char zero[] = "psid\0vendor";
	struct fw_boards b = {0};
	struct cx_err err;

	ok(!fw_boards_read("mine.tsv", rows, strlen(rows), &b, &err), "a table with bad rows is read");
	is_int(b.count, 2, "its good rows count");
	ok(fw_boards_psid(&b, "ONE") && fw_boards_psid(&b, "THREE"), "before and behind them");
	has_str(b.doubt, "mine.tsv: ", "the doubt names the table");
	has_str(b.doubt, "line 3: device id '673c'", "the line, and what is wrong with it");
	has_str(b.doubt, "and 1 more line)", "and how many more there are");
	fw_boards_free(&b);

	ok(!fw_boards_read("dell.ini", "[PS_INFO]\nName = x\n", 20, &b, &err) && !b.count,
	   "what is no table has no rows");
	has_str(b.doubt, "dell.ini: ", "and is named");
	fw_boards_free(&b);
	ok(!fw_boards_read("zero", zero, sizeof(zero), &b, &err) && b.doubt, "nor has what is no text");
	fw_boards_free(&b);
	ok(!fw_boards_read("none", NULL, 0, &b, &err) && !b.count && !b.doubt,
	   "an empty one is no doubt");
	fw_boards_free(&b);
}

int main(void)
{
	remarks();
	builtin();
	added();
	odd_bytes();
	bad("a\tb\n", "line 1:", "a row of two columns");
	bad("psid\tv\tboard\tpci_device_id\tconfidence\tfirmware\tstock_twin\tnote\n",
	    "line 1:", "a wrong title");
	bad(TITLES "A\tv\tb\t673c\tseen\t-\t-\t-\n", "line 2:", "a device id without 0x");
	bad(TITLES "A\tv\tb\t0x673cc\tseen\t-\t-\t-\n", "line 2:", "a device id of five digits");
	bad(TITLES "A\tv\tb\t-\tsure\t-\t-\t-\n", "line 2:", "an unknown confidence");
	bad(TITLES "A\t-\tb\t-\tseen\t-\t-\t-\n", "line 2:", "a board of nobody");
	bad(TITLES "ABCDEFGHIJKLMNOPQ\tv\tb\t-\tseen\t-\t-\t-\n",
	    "line 2:", "a PSID of 17 characters");
	bad(TITLES "A\tv\tb\t-\tseen\t-\t-\t-\nB\tv\n",
	    "line 3:", "a table of which one row is good");
	return tap_done();
}
