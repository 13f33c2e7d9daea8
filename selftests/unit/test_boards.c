// SPDX-License-Identifier: GPL-2.0-only
/* The table of boards: what it says, and what it refuses. */
#include <stdlib.h>

#include "fw/board/boards.h"
#include "fw/board/carriers.h"
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
	ok(b.count > 130, "and has %zu boards", b.count);
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

	ok(!fw_boards_read("mine.tsv", rows, strlen(rows), &b, &err),
	   "a table with bad rows is read");
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
	ok(!fw_boards_read("zero", zero, sizeof(zero), &b, &err) && b.doubt,
	   "nor has what is no text");
	fw_boards_free(&b);
	ok(!fw_boards_read("none", NULL, 0, &b, &err) && !b.count && !b.doubt,
	   "an empty one is no doubt");
	fw_boards_free(&b);
}

#define MORE                                                               \
	"psid\tvendor\tboard\tpci_device_id\tconfidence\tfirmware\tstock_" \
	"twin\tnote\thardware\tsubsystem\n"

static const char *psid_of(const struct fw_board *b)
{
	return b && b->psid ? b->psid : "(none)";
}

/* By whatever a card tells: what is its own counts more than what its firmware says. */
static void guesses(void)
{
	struct fw_board_clues c = {.psid = "MT_1090120019", .part = "MCX311A-XCAT"};
	struct fw_boards b = {0};
	struct cx_err err;
	enum fw_board_by how;
	bool exact;

	if (!ok(!fw_boards_builtin(&b, &err), "the built-in table"))
		return;
	is_str(psid_of(fw_boards_stem(&b, "MT_0DD0120009_CX3")), "MT_0DD0120009", "a suffix");
	ok(!fw_boards_stem(&b, "MT_0DD0120009") && !fw_boards_stem(&b, "MT_0DD01200091"),
	   "is one only behind a mark");
	is_str(psid_of(fw_boards_guess(&b, &c, &how)), "MT_1170110023",
	       "the part number counts more than the PSID");
	is_int(how, FW_BOARD_BY_PART, "and is named");
	c.part = "MCX354A-FCBT";
	is_str(psid_of(fw_boards_guess(&b, &c, &how)), "MT_1090120019", "both agree");
	is_int(how, FW_BOARD_BY_PSID, "so it is the PSID's board");
	c.part = "NO-SUCH-PART1";
	is_str(psid_of(fw_boards_guess(&b, &c, &how)), "MT_1090120019", "an unknown part number");
	c = (struct fw_board_clues){.ini_name = "649283-B21_Cx-Dx"};
	ok(fw_boards_guess(&b, &c, &how) && fw_boards_guess(&b, &c, &how)->rev_c,
	   "the name of an ini");
	is_int(how, FW_BOARD_BY_INI, "is named");
	c = (struct fw_board_clues){.psid = "MT_0DD0120009_CX3"};
	is_str(psid_of(fw_boards_guess(&b, &c, &how)), "MT_0DD0120009", "a PSID with a suffix");
	is_int(how, FW_BOARD_BY_STEM, "is told from one without");
	c = (struct fw_board_clues){.device = 0x6750, .subsystem = {0x15b3, 0x0018}};
	ok(fw_boards_guess(&b, &c, &how) && !strcmp(fw_boards_guess(&b, &c, &how)->vendor, "HP"),
	   "subsystem ids, of that device id");
	is_int(how, FW_BOARD_BY_SUBSYSTEM, "are named");
	c = (struct fw_board_clues){.device = 0x1003, .subsystem = {0x103c, 0x1777}};
	ok(!fw_boards_guess(&b, &c, &how), "ids of two boards name none");
	ok(!fw_board_has_part(fw_boards_psid(&b, "MT_1090120019"), "MCX354A-FCCT", &exact),
	   "another part number");
	ok(!fw_board_has_part(fw_boards_psid(&b, "MT_1090120019"), "MCX354A-FCBTX", &exact),
	   "two letters more");
	ok(!fw_boards_part(&b, "ConnectX") && !fw_boards_part(&b, "") && !fw_boards_part(&b, NULL),
	   "what is no part number");
	fw_boards_free(&b);
}

/* ---- files ---- */

static char carried[2000];

static void note_carrier(const struct fw_carrier *c, void *ctx)
{
	(void)ctx;
	ok(*c->carrier && c->source, "%s: %s", c->carrier, c->source);
	snprintf(carried + strlen(carried), sizeof(carried) - strlen(carried), "%s %s|",
		 c->firmware ? c->firmware : "?", c->carrier);
}

/* What a board's files are named like, and what carried them, by the board that it equals. */
static void file_names(const struct fw_boards *b, const char *psid, const char *image,
		       const char *ini, const char *carrier)
{
	const struct fw_board *board = fw_boards_psid(b, psid);
	char text[128];
	struct cx_err err;

	if (!ok(board != NULL, "%s", psid))
		return;
	if (image)
		is_str(fw_board_image_name(b, board, text, sizeof(text)), image, "its image");
	else
		ok(!fw_board_image_name(b, board, text, sizeof(text)),
		   "its image's name is not known");
	if (ini)
		is_str(fw_board_ini_name(b, board, text, sizeof(text)), ini, "its ini");
	else
		ok(!fw_board_ini_name(b, board, text, sizeof(text)), "nor its ini's");
	*carried = '\0';
	ok(!fw_carriers(board, note_carrier, NULL, &err), "the table of carriers is read");
	if (carrier)
		has_str(carried, carrier, "what carried them");
	else
		is_str(carried, "", "nothing is known to carry them");
}

static void files(void)
{
	struct fw_boards b = {0};
	struct cx_err err;

	if (!ok(!fw_boards_builtin(&b, &err), "the built-in table"))
		return;
	file_names(&b, "MT_1090120019", "fw-ConnectX3-rel-*-MCX354A-FCB*.bin", "MCX354A-FCB*.ini",
		   "2.40.5030 ConnectX3-rel-2_40_5030.tgz|");
	file_names(&b, "HP_0280210019", "fw-ConnectX3-rel-*-MCX354A-FCB*.bin", "MCX354A-FCB*.ini",
		   "? the firmware updater package of MLNX_OFED 4.9");
	file_names(&b, "DEL09A0000009", "fw-ConnectX2-rel-*-MHQH29C*.bin", "MHQH29C*.ini",
		   "2.10.720 the installer of WinOF 4.2");
	file_names(&b, "MT_1200111023", "fw-ConnectX3Pro-rel-*-MCX312B-XCC*.bin",
		   "MCX312B-XCC*.ini", "2.40.5030 ConnectX3Pro-rel-2_40_5030.tgz|");
	file_names(&b, "IBM1080111023", "fw-ConnectX3-rel-*-MCX312A-XCB*.bin", "MCX312A-XCB*.ini",
		   "? IBM's kits");
	file_names(&b, "HP_1370110017", NULL, NULL, NULL);
	file_names(&b, "MT_03F0110001", NULL, NULL, NULL);
	file_names(&b, "MT_1090110019", NULL, NULL, "ConnectX3-rel-2_36_5000-web.tgz");
	ok(!strstr(carried, "IBM"), "another vendor's kit is not for it");
	fw_boards_free(&b);
}

static void hardware(void)
{
	static const char own[] =
		MORE "MY_1090000019\tMe\tMine\t0x1003\tseen\t-\tMCX354A-FCB\tx\t-\t-\n"
		     "MY_2\tMe\tMine\t-\tseen\t-\t-\tx\t1 EN A0 C\t15b3:0001 103c:00ff\n";
	struct fw_board_hardware hw;
	struct fw_boards b = {0};
	struct cx_err err;
	char text[200];

	if (!ok(!fw_boards_builtin(&b, &err) && !fw_boards_parse(own, strlen(own), &b, &err),
		"a table of ten columns: %s", err.text))
		return;
	hw = fw_board_hardware(&b, fw_boards_psid(&b, "MT_1170110023"));
	is_str(fw_board_hardware_words(&hw, text, sizeof(text)), "one port, Ethernet only",
	       "a stock board");
	hw = fw_board_hardware(&b, fw_boards_psid(&b, "MY_1090000019"));
	is_str(fw_board_hardware_words(&hw, text, sizeof(text)),
	       "two ports, InfiniBand and Ethernet (VPI)", "what is not stated is the twin's");
	hw = fw_board_hardware(&b, fw_boards_psid(&b, "SUN0070000001"));
	ok(!fw_board_hardware_words(&hw, text, sizeof(text)), "of some boards nothing is known");
	hw = fw_board_hardware(&b, fw_boards_psid(&b, "MY_2"));
	has_str(fw_board_hardware_words(&hw, text, sizeof(text)),
		"A0, which takes no image for A1, board of revision C", "silicon and board");
	ok(fw_board_has_subsystem(fw_boards_psid(&b, "MY_2"), "103C:00FF") &&
		   !fw_board_has_subsystem(fw_boards_psid(&b, "MY_2"), "103c:00"),
	   "either of two subsystem ids");
	fw_boards_free(&b);
}

/* Cards before and after these: named, with what their images are. */
static void other_generations(void)
{
	char text[200];

	has_str(fw_other_device(0x6274, text, sizeof(text)),
		"an InfiniHost III Lx, which takes images of an older format, FS1",
		"a card before");
	has_str(fw_other_device(0x1011, text, sizeof(text)),
		"a Connect-IB, which takes images of a later format", "a card after");
	has_str(fw_other_device(0x020b, text, sizeof(text)), "flash recovery", "one in recovery");
	ok(!fw_other_device(0x1003, text, sizeof(text)) &&
		   !fw_other_device(0x1234, text, sizeof(text)),
	   "ours is no other, nor is any id");
}

int main(void)
{
	guesses();
	files();
	hardware();
	other_generations();
	bad(MORE "A\tv\tb\t-\tseen\t-\t-\t-\t3\t-\n", "line 2: hardware", "three ports");
	bad(MORE "A\tv\tb\t-\tseen\t-\t-\t-\t-\t15b3\n", "line 2: subsystem",
	    "half a subsystem id");
	bad(MORE "A\tv\tb\t-\tseen\t-\t-\t-\t-\t0x1b:0x22\n", "line 2: subsystem", "one with 0x");
	bad(MORE "A\tv\tb\t-\tseen\t-\t-\t-\t-\t15b3:0001,15b3:0002\n", "line 2: subsystem",
	    "two with a comma");
	bad(MORE "A\tv\tb\t-\tseen\t-\t-\t-\n", "line 2: 8 columns instead of 10",
	    "a row of the older form");
	bad(TITLES "A\tv\tb\t-\tseen\t-\t-\t-\t-\t-\n", "line 2: 10 columns instead of 8",
	    "a row of the newer form");
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
