/* SPDX-License-Identifier: GPL-2.0-only */
/* Changing a card: what burn, restore and the changes in place share. */
#ifndef CXFLASH_CARD_CHANGE_H
#define CXFLASH_CARD_CHANGE_H

#include "cli/cli.h"
#include "subject.h"

struct change_options {
	bool no_backup;
	const char *backup_home; /* folder the dated backup goes into; NULL: the usual one */
	const char *question;	 /* what is to be consented to; NULL: asking for it was enough */
	unsigned int agreed;	 /* BURN_MAY_* that no flag stands for, but the command itself */
};

/* Rows for the table of options of such a command. */
#define CHANGE_OPTIONS(to)                                                                    \
	{"backup",	    0,	   OPT_TEXT,                                                  \
	 &(to).backup_home, "DIR", "folder of backups (" BURN_BACKUP_HOME ")"},               \
	{                                                                                     \
		"no-backup", 0, OPT_FLAG, &(to).no_backup, NULL, "do not save the card first" \
	}

/*
 * Open a card to change it: read it, keep others out, and make sure that it is understood before
 * anything is written (burn_contact). A dry run opens one that another holds, too.
 */
int change_open(struct cli *cli, const char *card, struct subject *s, struct progress *progress,
		struct cx_err *err);

/*
 * Judge what @req asks for, show the verdict, get the consent that is missing, and do it:
 * change_card().
 */
int change_image(struct cli *cli, struct subject *s, struct progress *progress,
		 struct burn_request *req, const struct change_options *opt,
		 struct burn_outcome *outcome, struct cx_err *err);

/*
 * Show the plan, rehearse it, save the card, execute. With --dry-run it ends before the card is
 * saved. *outcome is valid in success and failure.
 */
int change_card(struct cli *cli, struct subject *s, struct progress *progress,
		const struct burn_plan *plan, const struct change_options *opt,
		struct burn_outcome *outcome, struct cx_err *err);

/* An outcome before anything was done. */
extern const struct burn_outcome change_none;
/*
 * The last words of a command that may have changed a card: what it holds now. Returns what the
 * command returns, given what its work did.
 */
int change_end(struct cli *cli, int ret, const struct burn_outcome *outcome,
	       const struct cx_err *err);

/* Save a card in @dir, or in a new dated folder of @home (NULL: the usual one). */
int save_card(struct cli *cli, struct subject *s, struct progress *progress, const char *home,
	      const char *dir, struct cx_err *err);

#endif
