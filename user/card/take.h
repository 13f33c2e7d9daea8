/* SPDX-License-Identifier: GPL-2.0-only */
/* A card that is taken for one command, and given back at its end. */
#ifndef CXFLASH_CARD_TAKE_H
#define CXFLASH_CARD_TAKE_H

#include "cli/cli.h"
#include "subject.h"

struct take_options {
	bool takeover; /* take it from its driver */
	bool beside;   /* let the driver keep it */
	bool force;    /* although it is in use */
};

/* What was done, to be undone. */
struct take {
	char name[16]; /* PCI address; "" nothing was done */
	bool over, beside;
	char driver[32]; /* that it goes back to; "" none */
	char links[128]; /* interfaces that had a carrier, separated by blanks */
};

/*
 * Have cxflash serve @card (NULL: the only one) if it does not yet. Of another driver's card
 * without a flag: CX_BUSY with both ways. From here on the command outlives its terminal, logs to
 * syslog, and is stopped by SIGINT and SIGTERM between two sectors only.
 */
int take_card(struct cli *cli, const char *card, const struct take_options *opt, struct take *t,
	      struct cx_err *err);

/* The running firmware as the driver that has just got the card tells, "" if it does not. */
void take_running(const char *name, char *version, size_t size);

/*
 * Give it back, wait until its links are as they were, and tell which firmware runs. A card whose
 * state is unknown is kept, because its driver would reset it, and because verify has to reach it.
 * *outcome is that of the burn.
 */
int take_end(struct cli *cli, struct take *t, const struct burn_outcome *outcome,
	     struct cx_err *err);

#endif
