// SPDX-License-Identifier: GPL-2.0-only
/* GUIDs, MACs, addresses and names taken out of a text. */
#define _GNU_SOURCE
#include "mask.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define OWN_DIGITS 6 /* what a vendor numbers */
#define LONGEST	   64

int mask_begin(struct mask *m)
{
	*m = (struct mask){0};
	if (getrandom(&m->secret, sizeof(m->secret), 0) != sizeof(m->secret))
		return -errno;
	m->secret = (m->secret & 0xffffff) | 1;
	return 0;
}

void mask_free(struct mask *m)
{
	for (size_t i = 0; i < m->words; i++) {
		free(m->word[i].from);
		free(m->word[i].to);
	}
	free(m->word);
	*m = (struct mask){0};
}

void mask_word(struct mask *m, const char *from, const char *name)
{
	struct mask_word *more, word;

	if (strlen(from) < 2)
		return;
	for (size_t i = 0; i < m->words; i++)
		if (!strcmp(m->word[i].from, from))
			return;
	more = realloc(m->word, (m->words + 1) * sizeof(*more));
	if (!more)
		return;
	m->word = more;
	word.from = strdup(from);
	if (asprintf(&word.to, "%s%zu", name, m->words + 1) < 0 || !word.from) {
		free(word.from);
		return;
	}
	m->word[m->words++] = word;
}

/* A run of hex digits in groups: how many digits each group has if all have the same, and how many
 * groups there are. Returns its length. */
static size_t measure(const char *text, size_t len, size_t *digits, size_t *groups)
{
	size_t at = 0, group = 0;

	*digits = *groups = 0;
	while (at < len && (isxdigit((unsigned char)text[at]) || text[at] == ':')) {
		if (text[at++] != ':') {
			group++;
			continue;
		}
		*digits = *groups && *digits != group ? SIZE_MAX : group;
		(*groups)++;
		group = 0;
	}
	*digits = *groups && *digits != group ? SIZE_MAX : group;
	(*groups)++;
	return at;
}

/* 0002c90300a1b2c0, 0002:c903:00a1:b2c0, a GID of eight such groups; 0002c9a1b2c0,
 * 00:02:c9:a1:b2:c0, and the address of an IPoIB interface, twenty bytes. */
static bool is_identity(size_t digits, size_t groups)
{
	switch (groups) {
	case 1:
		return digits == 12 || digits == 16;
	case 4:
		return digits == 4;
	case 6:
	case 20:
		return digits == 2;
	case 8:
		return digits == 2 || digits == 4;
	}
	return false;
}

/* Numbers that are nobody's: none, and those of a release's files. */
static bool is_nobody(const char *digits)
{
	size_t len = strlen(digits);

	return strspn(digits, "0") == len || strspn(digits, "fF") == len ||
	       !strncmp(digits, "0002c9000100d05", 15) || !strncmp(digits, "0002c900000", 11);
}

static void mask_number(const struct mask *m, char *text, size_t len)
{
	char digits[LONGEST + 1], own[OWN_DIGITS + 1];
	size_t count = 0;

	for (size_t i = 0; i < len; i++)
		if (text[i] != ':')
			digits[count++] = text[i];
	digits[count] = '\0';
	if (is_nobody(digits))
		return;
	snprintf(own, sizeof(own), "%06lx",
		 (strtoul(digits + count - OWN_DIGITS, NULL, 16) + m->secret) & 0xffffff);
	for (size_t i = len, left = OWN_DIGITS; left; i--)
		if (text[i - 1] != ':')
			text[i - 1] = own[--left];
}

static void mask_numbers(const struct mask *m, char *text, size_t len)
{
	size_t digits, groups, n;

	for (size_t at = 0; at < len; at += n ? n : 1) {
		n = 0;
		if (!isxdigit((unsigned char)text[at]) ||
		    (at && (isalnum((unsigned char)text[at - 1]) || text[at - 1] == ':')))
			continue;
		n = measure(text + at, len - at, &digits, &groups);
		if (n <= LONGEST && is_identity(digits, groups) &&
		    (at + n == len || !isalnum((unsigned char)text[at + n])))
			mask_number(m, text + at, n);
	}
}

/* The longest that stands here. */
static const struct mask_word *word_at(const struct mask *m, const char *text, size_t len)
{
	const struct mask_word *best = NULL;
	size_t longest = 0;

	for (size_t i = 0; i < m->words; i++) {
		size_t n = strlen(m->word[i].from);

		if (n > longest && n <= len && !memcmp(text, m->word[i].from, n)) {
			best = &m->word[i];
			longest = n;
		}
	}
	return best;
}

char *mask_text(const struct mask *m, const char *text, size_t len, size_t *masked)
{
	char *result = NULL;
	FILE *to = open_memstream(&result, masked);

	if (!to)
		return NULL;
	for (size_t at = 0; at < len;) {
		const struct mask_word *word = m->off ? NULL : word_at(m, text + at, len - at);

		fwrite(word ? word->to : text + at, 1, word ? strlen(word->to) : 1, to);
		at += word ? strlen(word->from) : 1;
	}
	if (fclose(to)) {
		free(result);
		return NULL;
	}
	if (!m->off)
		mask_numbers(m, result, *masked);
	return result;
}
