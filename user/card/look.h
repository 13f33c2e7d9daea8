/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a command looks at, by one rule for all of them: an operand that is a file or a card, -i
 * FILE, or -d CARD; "file:DUMP" is a card. Nothing said: the only card.
 */
#ifndef CXFLASH_CARD_LOOK_H
#define CXFLASH_CARD_LOOK_H

#include <stdbool.h>

#include "fw/err.h"

enum look_takes {
	LOOK_FILE = 1,
	LOOK_CARD = 2,
	LOOK_ANY = LOOK_FILE | LOOK_CARD,
};

struct look {
	enum look_takes takes;
	bool two;		 /* compares: .other is a second one */
	const char *card, *file; /* one of them, or neither: the only card */
	struct {
		const char *card, *file;
	} other;
};

/* Rows for the table of options of such a command. */
#define LOOK_CARD_OPTION(to)                                                             \
	{                                                                                \
		"device", 'd', OPT_TEXT, &(to).card, "CARD", "PCI address, or file:DUMP" \
	}
#define LOOK_FILE_OPTION(to)                                     \
	{                                                        \
		"image", 'i', OPT_TEXT, &(to).file, "FILE",      \
			"a file to look into, instead of a card" \
	}
#define LOOK_OPTIONS(to) LOOK_CARD_OPTION(to), LOOK_FILE_OPTION(to)

/*
 * Complete what the options have said by the operands, of which those that were used are taken from
 * the front of argv: *argc counts what is left at argv + the returned number. -1: CX_USAGE.
 */
int look_operands(struct look *look, int *argc, char **argv, struct cx_err *err);

/* A card, or a dump that stands in for one, by its name alone? */
bool look_is_card(const char *name);

#endif
