/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * GUIDs, MACs, addresses and names taken out of a text that strangers will read. What is one number
 * stays one number, wherever it stands, and numbers that follow each other still do: the vendor's
 * half is kept, a secret of this mask is added to the other.
 */
#ifndef CXFLASH_HOST_MASK_H
#define CXFLASH_HOST_MASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mask {
	uint32_t secret; /* 24 bits */
	bool off;	 /* change nothing */
	bool lost;	 /* a word is not among them, as memory ran out */
	struct mask_word {
		char *from, *to;
	} * word;
	size_t words;
};

/* Draw the secret. -errno. */
int mask_begin(struct mask *m);
void mask_free(struct mask *m);
/* Have @from become "NAMEn" wherever it stands; one that is too short to be told apart does not. */
void mask_word(struct mask *m, const char *from, const char *name);
/* Another way to write @from, which becomes the same. */
void mask_alias(struct mask *m, const char *alias, const char *from);
/* The text without them, with a zero byte behind it; NULL without memory, also for a word. */
char *mask_text(const struct mask *m, const char *text, size_t len, size_t *masked);

#endif
