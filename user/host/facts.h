/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is known of a machine, before anybody judges it: facts, each with where it was read, or why
 * it could not be. The gatherers (gather.h) write them, the rules (rules.h) read them.
 */
#ifndef CXFLASH_HOST_FACTS_H
#define CXFLASH_HOST_FACTS_H

#include <stdbool.h>
#include <stddef.h>

struct fact {
	char *key; /* "driver", "port1.state" */
	char *value;
	char *source; /* a path, or a command that shows the same */
	int error;    /* errno: it could not be read, .value is "" */
};

struct facts {
	struct fact **list; /* each has its own memory, so that a fact stays where it is */
	size_t count;
	bool lost; /* memory ran out */
};

/* The value is "" for no, like a file that is not there; a key is set once, the first time counts.
 */
void fact_set(struct facts *f, const char *key, const char *source, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* "yes" or "". */
void fact_flag(struct facts *f, const char *key, const char *source, bool flag);
/* Give it all back. */
void facts_free(struct facts *f);
/* It could not be read; @error is an errno or its negative. */
void fact_missing(struct facts *f, const char *key, const char *source, int error);

/* NULL: nobody has set it. A key "port.x" is that of port @port: "port1.x". */
const struct fact *fact_find(const struct facts *f, const char *key, unsigned int port);
/* Its value, "" if it is not known. */
const char *fact_value(const struct facts *f, const char *key, unsigned int port);

/*
 * Does a condition hold? Its terms are separated by blanks, and all have to:
 *
 *	key		it is known and not ""
 *	!key		it is "", or nobody has set it; not if it could not be read
 *	?key		it could not be read
 *	key=a|b		it is one of these; key!=a|b: it is known and none of them
 *	key<x, key>x	as numbers, or versions: piece by piece between the dots; x may be a key
 */
bool fact_holds(const struct facts *f, const char *condition, unsigned int port);

/*
 * A text filled in: "{key}" becomes the value, or nothing. "{?key}" becomes why it could not be
 * read, "PATH: reason". The caller free()s it; NULL without memory.
 */
char *fact_text(const struct facts *f, const char *text, unsigned int port);

/* Order of two versions or numbers, as strcmp(). */
int version_order(const char *a, const char *b);

#endif
