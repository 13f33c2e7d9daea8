/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A table for people: columns as wide as what is in them. Its last column, names mostly, moves to
 * lines of its own where a row would not fit the terminal. In a pipe a row is one line in any case.
 */
#ifndef CXFLASH_CLI_TABLE_H
#define CXFLASH_CLI_TABLE_H

#include "print.h"

#define TABLE_COLUMNS 8

struct table_line;

struct table {
	struct out *out;
	const char *align; /* 'l' or 'r' for each column */
	struct table_line *line;
	size_t lines;
};

/* Nothing in JSON, or where standard output is a file. @align is kept. */
void table_begin(struct table *t, struct out *out, const char *align);
/* What stands above the columns. */
void table_head(struct table *t, const char *const *cell);
/* A text for each column, NULL or "": "-". */
void table_row(struct table *t, const char *const *cell);
/* A line below the last row, that no column is made wider for. */
void table_below(struct table *t, enum out_color color, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Print it. What follows is a table of its own. */
void table_end(struct table *t);

#endif
