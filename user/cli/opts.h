/* SPDX-License-Identifier: GPL-2.0-only */
/* Command-line options: one table serves parsing, --help and the usage line. */
#ifndef CXFLASH_CLI_OPTS_H
#define CXFLASH_CLI_OPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "fw/err.h"

enum opt_kind {
	OPT_FLAG,   /* bool * */
	OPT_TEXT,   /* const char **; given twice is an error */
	OPT_OUTPUT, /* the same: where the result goes, perhaps to standard output */
	OPT_NUMBER, /* struct opt_number *: decimal or 0x */
	OPT_LIST,   /* struct opt_list *: may be given several times */
};

struct opt_number {
	bool given;
	unsigned long value;
};

struct opt_list {
	size_t count;
	const char **value; /* owned by the process */
};

struct opt {
	const char *name; /* without dashes; NULL ends a table */
	char letter;	  /* 0: long form only */
	enum opt_kind kind;
	void *to;
	const char *arg; /* name of the value in help; NULL for a flag */
	const char *help;
};

/* Names of options, separated by blanks: @option means nothing without one of @with, and nothing
 * together with any of @without. */
struct opt_rule {
	const char *option; /* NULL ends a table */
	const char *with, *without;
};

/*
 * Take the options of @own and @global out of argv[0..argc-1], wherever they stand before "--", and
 * move the operands to its front; returns how many operands there are, or -1 (CX_USAGE). With
 * @leading_only parsing stops at the first operand.
 */
int opts_parse(int argc, char **argv, const struct opt *global, const struct opt *own,
	       bool leading_only, struct cx_err *err);
/* Does every option of @own that was given mean something beside the others? CX_USAGE. */
int opts_agree(const struct opt *own, const struct opt_rule *rules, struct cx_err *err);
void opts_help(FILE *to, const struct opt *opt);

/* A number as people write it: decimal or 0x hex, nothing else. */
int opts_number(const char *text, unsigned long *value);

#endif
