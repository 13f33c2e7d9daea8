/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cxflashctl: what every subcommand shares.
 *
 * A subcommand is one row in a table of user/cmd: its name, its options and its run function. The
 * dispatcher parses the options, checks the number of arguments, prints the error and ends the
 * output; run() only does the work.
 */
#ifndef CXFLASH_CLI_CLI_H
#define CXFLASH_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "fw/err.h"
#include "opts.h"
#include "print.h"

struct cli {
	bool json, yes, dry_run, quiet, verbose;
	bool may_ask; /* somebody sits at a terminal */
	struct out out;
	/* Of several cards at work at once: */
	const char *card; /* this one; NULL there is only one */
	struct progress_lines *lines;
	unsigned int line;
};

struct command {
	const char *name; /* "burn", or "ini dump" */
	const char *args; /* operands as the usage line shows them */
	const char *what; /* one line for the list of commands */
	int min_args, max_args;
	const struct opt *options;
	const struct opt_rule *rules; /* which of them mean nothing, when; NULL: all do */
	struct look *look;	      /* what it looks at, by options and operands; NULL: nothing */
	bool changes;		      /* something: --dry-run means something */
	bool data;	 /* standard output is a file if neither -o nor --json says otherwise */
	bool card_state; /* JSON tells what the card holds, whatever happens */
	/*
	 * Operands are what is left behind the one that @look took. Returns the exit code, or -1
	 * with *err filled: then the dispatcher prints err->text and ends with err->status.
	 */
	int (*run)(struct cli *cli, int argc, char **argv, struct cx_err *err);
};

/* Ask at the terminal (only with .may_ask); no answer is a no. */
bool cli_ask(const char *question);
/* Ask for something to be typed, so that it cannot be answered without reading. */
bool cli_ask_word(const char *what, const char *word);
/* Consent to what @question announces: --yes gives it, the terminal is asked, else CX_REFUSED
 * naming
 * --yes. */
int cli_consent(const struct cli *cli, const char *question, struct cx_err *err);

#endif
