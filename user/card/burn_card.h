/* SPDX-License-Identifier: GPL-2.0-only */
/* The burn of one card, from opening it to its last word. */
#ifndef CXFLASH_CARD_BURN_CARD_H
#define CXFLASH_CARD_BURN_CARD_H

#include "files/recipe.h"
#include "fw/image/identity.h"
#include "change.h"

/* What a card is to get; the same for every card of a machine. One of the first three says what. */
struct card_request {
	const char *image;    /* a ready image */
	struct recipe recipe; /* with .fw: assembled, for the card's PSID */
	/* The card's own image, changed. */
	int (*rework)(struct cli *cli, struct fw_image *img, struct cx_err *err);
	enum burn_rom rom;
	unsigned int may;		    /* BURN_MAY_*, by flags */
	const char *identity;		    /* a backup or an image whose identity the card gets */
	struct fw_identity_request numbers; /* on top of that, or of the card's own */
	struct change_options change;
};

/*
 * Burn @card (NULL: the only one). Keeps no state of its own, so that several cards can be burnt at
 * once, each with its own @cli. *outcome is valid in success and failure; CX_NOTHING is a failure
 * too.
 */
int burn_card(struct cli *cli, const struct card_request *request, const char *card,
	      struct burn_outcome *outcome, struct cx_err *err);

#endif
