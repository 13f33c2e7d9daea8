/* SPDX-License-Identifier: GPL-2.0-only */
/* What somebody may have meant who mistyped a word. */
#ifndef CXFLASH_CLI_NEAREST_H
#define CXFLASH_CLI_NEAREST_H

struct nearest {
	const char *typed;
	const char *answer; /* the best so far; NULL: none is near */
	unsigned int distance;
};

/* Nothing but what is nearer than this counts: a third of the letters wrong, but one at least. */
struct nearest nearest_to(const char *typed);
/* Is @word nearer than what was? Then @answer is what was meant. */
void nearest_consider(struct nearest *n, const char *word, const char *answer);

#endif
