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

static const struct mask_word *known(const struct mask *m, const char *from)
{
	for (size_t i = 0; i < m->words; i++)
		if (!strcmp(m->word[i].from, from))
			return &m->word[i];
	return NULL;
}

/* @to may be NULL, as nothing could be made of it. */
static void add(struct mask *m, const char *from, char *to)
{
	struct mask_word *more = realloc(m->word, (m->words + 1) * sizeof(*more));
	char *copy = strdup(from);

	if (more)
		m->word = more;
	if (!more || !copy || !to) {
		m->lost = true;
		free(copy);
		free(to);
		return;
	}
	m->word[m->words].from = copy;
	m->word[m->words++].to = to;
}

void mask_word(struct mask *m, const char *from, const char *name)
{
	char *to;

	if (strlen(from) < 2 || known(m, from))
		return;
	if (asprintf(&to, "%s%zu", name, m->words + 1) < 0)
		to = NULL;
	add(m, from, to);
}

void mask_alias(struct mask *m, const char *alias, const char *from)
{
	const struct mask_word *word = known(m, from);

	if (word && strlen(alias) >= 2 && !known(m, alias))
		add(m, alias, strdup(word->to));
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

/*
 * 0002c90300a1b2c0, 0002:c903:00a1:b2c0, a GID of eight such groups or of 32 digits; 0002c9a1b2c0,
 * 00:02:c9:a1:b2:c0, and the address of an IPoIB interface, twenty bytes.
 */
static bool is_identity(size_t digits, size_t groups)
{
	switch (groups) {
	case 1:
		return digits == 12 || digits == 16 || digits == 32;
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

/* May one begin here? After a name ("enx0002c9a1b2c0"), and not in the middle of a UUID. */
static bool begins(const char *text, size_t at)
{
	bool hex = at > 1 && text[at - 1] == 'x' && text[at - 2] == '0';

	/* 0x and a number is one only if it cannot be an address in memory. */
	if (hex)
		return strncmp(text + at, "0000", 4) && strncmp(text + at, "ffff", 4);
	return !at || text[at - 1] == 'x' ||
	       (!isalnum((unsigned char)text[at - 1]) && !strchr(":-", text[at - 1]));
}

static void mask_numbers(const struct mask *m, char *text, size_t len)
{
	size_t digits, groups, n;

	for (size_t at = 0; at < len; at += n ? n : 1) {
		n = 0;
		if (!isxdigit((unsigned char)text[at]) || !begins(text, at))
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
	FILE *to = m->lost ? NULL : open_memstream(&result, masked);

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
