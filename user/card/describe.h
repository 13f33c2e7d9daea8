/* SPDX-License-Identifier: GPL-2.0-only */
/* Facts about a card or a file, in the words of query. */
#ifndef CXFLASH_CARD_DESCRIBE_H
#define CXFLASH_CARD_DESCRIBE_H

#include "cli/print.h"
#include "dev/pci.h"
#include "fw/board/boards.h"
#include "subject.h"

/* All that query prints; @full adds what only a developer asks for. */
int describe(struct out *out, const struct subject *s, bool full, struct cx_err *err);
/* The same as text and as JSON in memory, for a backup; the caller frees both. */
int describe_to_memory(const struct subject *s, char **text, size_t *text_len, char **json,
		       size_t *json_len, struct cx_err *err);

/* Parts of it that other commands show too. */
void describe_identity(struct out *out, const struct fw_identity *id);
/* A note if MACs and GUIDs do not belong together. */
void describe_apart(struct out *out, const struct fw_identity *id);
void describe_roms(struct out *out, const struct fw_image *img);
/* The ROMs in a ROM's bytes; NULL: there is no ROM. */
void describe_rom(struct out *out, const uint8_t *rom, size_t len);
/* What is known of a board's hardware, for JSON; text has it in words. */
void describe_hardware(struct out *out, const struct fw_board_hardware *hw);
/* What its files are named like, and what once carried them; for text only with labels of query. */
void describe_files(struct out *out, const struct fw_boards *boards, const struct fw_board *board,
		    bool labels);
/* What is known of the board that a card is by these clues, and where they disagree. */
int describe_board(struct out *out, const struct fw_board_clues *clues, enum fw_chip chip,
		   unsigned int rev, struct cx_err *err);
/* A board was found by its PSID without the suffix that somebody gave it. */
void describe_stem(struct out *out, const char *psid);
/*
 * The name of a card's chip while cxflash does not serve it: by its PCI id, and by the revision
 * that its driver tells. *chip is unknown without the latter, as the PCI id alone does not tell a
 * ConnectX from a ConnectX-2.
 */
const char *card_chip(const struct cx_pci_card *card, enum fw_chip *chip, unsigned int *rev);

#endif
