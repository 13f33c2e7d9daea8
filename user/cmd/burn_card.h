/* SPDX-License-Identifier: GPL-2.0-only */
/* The burn of one card, from opening it to its last word. */
#ifndef CXFLASH_CMD_BURN_CARD_H
#define CXFLASH_CMD_BURN_CARD_H

#include "assemble.h"
#include "change.h"

/* What a card is to get; the same for every card of a machine. */
struct burn_order {
	const char *image; /* a ready image; NULL: assemble by the recipe, for the card's PSID */
	struct recipe recipe;
	enum burn_rom rom;
	bool allow_psid_change, allow_downgrade;
	struct change_options change;
};

/*
 * Burn @card (NULL: the only one). Keeps no state of its own, so that several cards can be burnt at
 * once, each with its own @cli. *outcome is valid in success and failure; CX_NOTHING is a failure
 * too.
 */
int burn_card(struct cli *cli, const struct burn_order *order, const char *card,
	      struct burn_outcome *outcome, struct cx_err *err);

#endif
