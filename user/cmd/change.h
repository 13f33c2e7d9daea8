/* SPDX-License-Identifier: GPL-2.0-only */
/* Changing a card by a plan: what burn and restore share. */
#ifndef CXFLASH_CMD_CHANGE_H
#define CXFLASH_CMD_CHANGE_H

#include "card.h"
#include "cmd.h"

struct change_options {
	bool no_backup;
	const char *backup_home; /* folder the dated backup goes into; NULL: the usual one */
};

/*
 * Show the plan, rehearse it, save the card, execute. With --dry-run it ends before the card is
 * saved. *outcome is valid in success and failure.
 */
int change_card(struct cli *cli, struct subject *s, struct progress *progress,
		const struct burn_plan *plan, const struct change_options *opt,
		struct burn_outcome *outcome, struct cx_err *err);

/* An outcome before anything was done. */
extern const struct burn_outcome change_none;
/* The last words of a command that may have changed a card: what it holds now. */
void change_ending(struct cli *cli, const struct burn_outcome *outcome);

/* Save a card in @dir, or in a new dated folder of @home (NULL: the usual one). */
int save_card(struct cli *cli, struct subject *s, struct progress *progress, const char *home,
	      const char *dir, struct cx_err *err);

#endif
