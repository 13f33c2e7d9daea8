/* SPDX-License-Identifier: GPL-2.0-only */
/* What was found before anything is touched, shown, and the consent that it may still need. */
#ifndef CXFLASH_CARD_VERDICT_H
#define CXFLASH_CARD_VERDICT_H

#include "burn/burn.h"
#include "cli/cli.h"

/* JSON has all of it; text what should be known, and with @detail what is fine, too. */
void verdict_show(struct out *out, const struct burn_verdict *v, bool detail);

/* The keys that the ini of @image changes on a card that runs @old (NULL: nothing readable). */
void verdict_show_ini(struct out *out, const struct fw_image *old, const struct fw_image *image,
		      bool detail);

/*
 * A burn was refused: does the person at the terminal permit it? *may is then what was granted.
 * What the machine cannot undo is granted by typing @psid, the PSID the card will have.
 */
bool verdict_ask(const struct cli *cli, const struct burn_verdict *v, const char *psid,
		 unsigned int *may);

/*
 * A burn was permitted by flags; the dangerous ones, but for those of @agreed, want --yes or the
 * PSID typed as well.
 */
int verdict_confirm(const struct cli *cli, const struct burn_verdict *v, unsigned int agreed,
		    const char *psid, struct cx_err *err);

/* Likewise of a plan that had no verdict: nothing on the card starts while it is carried out. */
int verdict_confirm_risk(const struct cli *cli, const char *psid, struct cx_err *err);

#endif
