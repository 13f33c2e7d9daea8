/* SPDX-License-Identifier: GPL-2.0-only */
/* Burning a card that may have to be taken first, and every card of the machine. */
#ifndef CXFLASH_CARD_BURN_ALL_H
#define CXFLASH_CARD_BURN_ALL_H

#include "burn_card.h"
#include "take.h"

/*
 * Take, burn, give back, and say how it ended. Returns the exit code, or -1 with *err. *outcome is
 * valid in success and failure.
 */
int burn_one(struct cli *cli, const struct card_request *request, const struct take_options *take,
	     const char *card, struct burn_outcome *outcome, struct cx_err *err);

/*
 * Every card at once, each in a thread of its own; but those that are taken from their drivers one
 * after the other, and no further one if the links of the last do not come back. A card that fails
 * stops no other. Returns the gravest exit code (0 or 2), or -1 with it in err->status.
 */
int burn_all(struct cli *cli, const struct card_request *request, const struct take_options *take,
	     struct cx_err *err);

#endif
