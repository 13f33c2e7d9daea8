/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is known of boards by their PSID: user/data/boards.tsv, built into the tool, and a table of
 * the same form that a person keeps. The format is described in the head of that file.
 */
#ifndef CXFLASH_FW_BOARD_BOARDS_H
#define CXFLASH_FW_BOARD_BOARDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fw/chip.h"
#include "fw/confidence.h"
#include "fw/err.h"

/* Strings are owned by the table; NULL is "not known". */
struct fw_board {
	char *psid, *vendor, *board;
	uint16_t device;	       /* PCI device id, 0 unknown */
	enum fw_confidence confidence; /* FW_SEEN, FW_INFERRED or FW_CLAIMED */
	char *firmware;		       /* newest seen or published */
	char *twin; /* stock board it equals: its PSID, else its name; NULL for a stock board */
	char *note;
	unsigned int ports;	/* 1 or 2, 0 unknown */
	enum fw_ports protocol; /* what they can be */
	bool first_silicon;	/* revision A0, which takes no image for A1 */
	bool rev_c;		/* board of revision C, which takes no image for the one before */
	char *subsystem;	/* PCI subsystem ids, "15b3:0022", with one blank between two */
};

struct fw_boards {
	struct fw_board *board;
	size_t count;
	char *doubt; /* what of a person's table was left out, and why; NULL: nothing */
};

/*
 * Add the rows of @text to *@boards, which was zeroed before the first call; of two rows with one
 * PSID the later counts. CX_INVALID with "line N"; *@boards is then as before.
 */
int fw_boards_parse(const char *text, size_t len, struct fw_boards *boards, struct cx_err *err);
/*
 * The same of a table of remarks, which never stops work: lines that cannot be read are left out,
 * and boards->doubt names the first of them after @name. Only memory can fail.
 */
int fw_boards_read(const char *name, const char *text, size_t len, struct fw_boards *boards,
		   struct cx_err *err);
/* Say that all of the table @name was left out. */
int fw_boards_doubt(struct fw_boards *boards, const char *name, const char *why,
		    struct cx_err *err);
int fw_boards_builtin(struct fw_boards *boards, struct cx_err *err);
void fw_boards_free(struct fw_boards *boards);

/* By PSID, exactly; NULL if unknown. */
const struct fw_board *fw_boards_psid(const struct fw_boards *boards, const char *psid);
/*
 * The board whose PSID @psid begins with, followed by a mark and a suffix of somebody's own, as in
 * MT_0DD0120009_CX3. A hint, no proof: such a firmware was made for a board of its own.
 */
const struct fw_board *fw_boards_stem(const struct fw_boards *boards, const char *psid);
/*
 * Is @part its part number, as its VPD or the name of its ini tells it? The revisions behind it do
 * not count, nor the one letter that stock part numbers may end in (MCX354A-FCBT). *exact: without
 * such a letter.
 */
bool fw_board_has_part(const struct fw_board *board, const char *part, bool *exact);
/* The row for a part number; of several the last, which counts most. NULL: none, or @part is. */
const struct fw_board *fw_boards_part(const struct fw_boards *boards, const char *part);
/* Is @ids ("15b3:0022") one of its PCI subsystem ids? */
bool fw_board_has_subsystem(const struct fw_board *board, const char *ids);

/* What a card tells of itself; members that are NULL or 0 are not known. */
struct fw_board_clues {
	const char *psid;
	const char *part;      /* of the VPD */
	const char *ini_name;  /* PS_INFO.Name */
	uint16_t device;       /* PCI */
	uint16_t subsystem[2]; /* vendor, device */
};

/* By what a board was found, the surest first. */
enum fw_board_by {
	FW_BOARD_BY_PSID,
	FW_BOARD_BY_PART,
	FW_BOARD_BY_INI,  /* its name there */
	FW_BOARD_BY_STEM, /* of a PSID with a suffix: see fw_boards_stem() */
	FW_BOARD_BY_SUBSYSTEM,
};

const char *fw_board_by_name(enum fw_board_by by);  /* "psid", "part_number", ... for programs */
const char *fw_board_by_words(enum fw_board_by by); /* "PSID", "part number", ... for people */

/*
 * The one board that fits best. The part number counts more than the PSID, which is the firmware's;
 * of several boards with one part number it is the PSID's. By the subsystem ids only if just one
 * row has them. NULL if nothing fits.
 */
const struct fw_board *fw_boards_guess(const struct fw_boards *boards,
				       const struct fw_board_clues *clues, enum fw_board_by *by);

/* What is known of a board's hardware, by its row, its device id and its stock twin. */
struct fw_board_hardware {
	unsigned int ports;
	enum fw_ports protocol;
	bool first_silicon, rev_c;
};

struct fw_board_hardware fw_board_hardware(const struct fw_boards *boards,
					   const struct fw_board *board);
/* The same in words, "two ports, InfiniBand and Ethernet"; NULL if nothing is known. */
const char *fw_board_hardware_words(const struct fw_board_hardware *hw, char *buf, size_t size);
/* Does @word, letters of any case, occur in PSID, vendor, board, twin or note? */
bool fw_board_matches(const struct fw_board *board, const char *word);
/* Name of the stock board it equals, without its revision range ("MHQH29C"); NULL if none is known.
 */
const char *fw_board_twin(const struct fw_boards *boards, const struct fw_board *board, char *buf,
			  size_t size);

/*
 * One plain sentence: whose board it is, the newest firmware known, and what older firmware cannot
 * do. @chip and @rev as the card or the image says, FW_CHIP_UNKNOWN if neither is at hand.
 */
const char *fw_board_sentence(const struct fw_boards *boards, const struct fw_board *board,
			      enum fw_chip chip, unsigned int rev, char *buf, size_t size);

/* What helps to have a board added, for whoever has one that the table does not know. */
#define FW_BOARD_WANTED                                                                          \
	"to have it added, send what 'cxflashctl report -o FILE.tar.xz' collects (PSID, device " \
	"and subsystem ids, part number, name of the ini, versions; masked, no firmware)"

/* SMB Direct: the oldest ConnectX-2 firmware that has it (users 4: Windows Server 2012 and later).
 */
#define FW_SMB_DIRECT_CONNECTX2 "2.9.8350"

#endif
