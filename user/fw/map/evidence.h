/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the images of one release say together: a table of boards by what their inis state, and by
 * the words that are not the same on all of them. Everything that is learnt follows from it, so it
 * goes into the table that is written, and whoever uses that can see and check it.
 */
#ifndef CXFLASH_FW_MAP_EVIDENCE_H
#define CXFLASH_FW_MAP_EVIDENCE_H

#include <stdio.h>

#include "sample.h"
#include "set.h"

#define FW_FACTORS 2048 /* keys that move; the largest ini seen states 148 */
#define FW_MOVED   4096 /* words that move; an image has some 850 */

/* What bits may follow: a key of the ini, or something that no ini states. */
struct fw_factor {
	enum { FW_KEY, FW_HIDDEN, FW_LENGTH } kind;
	char *section, *key; /* section "" if it is no key */
	char **said;	     /* of each board; NULL: not stated */
};

struct fw_moved {
	struct fw_spot at;
	uint32_t *value; /* of each board */
};

struct fw_evidence {
	char chip[8];
	struct fw_version version;
	uint8_t release[FW_MAP_DIGEST];
	size_t boards;
	char *board[FW_BOARDS]; /* "NAME PSID" */
	struct fw_factor *factor;
	size_t factors;
	struct fw_moved *moved;
	size_t words;
	size_t promised_factors, promised_words; /* by the line of a table */
};

/*
 * Put samples of one release together. CX_REFUSED for more than FW_BOARDS. The caller frees with
 * fw_evidence_free().
 */
int fw_evidence_gather(const struct fw_sample *const *sample, size_t samples,
		       struct fw_evidence *ev, struct cx_err *err);
void fw_evidence_free(struct fw_evidence *ev);

/* As lines of a table that begin with '@'; -1 if @out fails. */
int fw_evidence_write(const struct fw_evidence *ev, FILE *out);
/*
 * One such line, with @number; "@release" begins a new element of *@ev, of which there are
 * *@releases. CX_INVALID with "line N".
 */
int fw_evidence_line(struct fw_evidence **ev, size_t *releases, char *line, unsigned int number,
		     struct cx_err *err);
/* Is everything there that the first line promised? */
int fw_evidence_complete(const struct fw_evidence *ev, struct cx_err *err);

/* What evidence.c and evidence_text.c share. A new factor or word with a value for each board, of
 * which nothing is said yet; NULL for lack of memory. */
struct fw_factor *fw_evidence_add_factor(struct fw_evidence *ev, const char *section,
					 const char *key);
struct fw_moved *fw_evidence_add_word(struct fw_evidence *ev, const struct fw_spot *at);
bool fw_evidence_has(const struct fw_evidence *ev, const char *section, const char *key);
/* Texts that have a place of their own on every image, or none: no part of a configuration. */
bool fw_is_identity(const char *section, const char *key);

/* Do the two texts say the same: the same number, or the same words? */
bool fw_same_said(const char *a, const char *b);

/* "0x1f99c of #2", "header 0x10", "tag 10 + 4", ... */
const char *fw_spot_text(const struct fw_spot *at, char *buf, size_t size);

#endif
