// SPDX-License-Identifier: GPL-2.0-only
/* Is it an ini of such a card: contradictions, PSIDs, sections (mlx-ini 2). */
#define _GNU_SOURCE
#include "ini_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PSID_MAX 16

/* Where a PSID may be stated, in the order in which mlxburn looks (mlx-ini 2b). */
const struct fw_psid_place fw_psid_place[FW_PSID_PLACES] = {
	{"PSID", "PSID"},
	{"ADAPTER", "PSID"},
	{"image_info", "psid"},
};

/* Remember the first reason only: it is the one a person mends first. */
int fw_ini_doubt(struct fw_ini *ini, const char *fmt, ...)
{
	va_list ap;
	int n = 0;

	if (ini->doubt)
		return 0;
	va_start(ap, fmt);
	n = vasprintf(&ini->doubt, fmt, ap);
	va_end(ap);
	if (n < 0)
		ini->doubt = NULL;
	return n < 0 ? -1 : 0;
}

static int compare_entries(const void *a, const void *b)
{
	const struct fw_ini_entry *x = *(const struct fw_ini_entry *const *)a;
	const struct fw_ini_entry *y = *(const struct fw_ini_entry *const *)b;
	int d = strcmp(x->section, y->section);

	if (!d)
		d = strcasecmp(x->key, y->key);
	return d ? d : (x->line > y->line) - (x->line < y->line);
}

static int find_contradiction(struct fw_ini *ini)
{
	const struct fw_ini_entry **sorted = calloc(ini->entries + 1, sizeof(*sorted));
	int rc = 0;

	if (!sorted)
		return -1;
	for (size_t i = 0; i < ini->entries; i++)
		sorted[i] = &ini->entry[i];
	qsort(sorted, ini->entries, sizeof(*sorted), compare_entries);
	for (size_t i = 1; i < ini->entries && !rc; i++) {
		const struct fw_ini_entry *a = sorted[i - 1], *b = sorted[i];

		if (!strcmp(a->section, b->section) && !strcasecmp(a->key, b->key) &&
		    strcmp(a->value, b->value))
			rc = fw_ini_doubt(
				ini, "line %u: %s.%s is '%s' here and '%s' on line %u; keep one",
				b->line, b->section, b->key, b->value, a->value, a->line);
	}
	free(sorted);
	return rc;
}

bool fw_is_psid(const char *s)
{
	size_t len = strlen(s);

	for (size_t i = 0; i < len; i++)
		if (s[i] <= 0x20 || s[i] > 0x7e)
			return false;
	return len >= 1 && len <= PSID_MAX;
}

static bool states_psid(const struct fw_ini_entry *e)
{
	for (size_t i = 0; i < FW_PSID_PLACES; i++)
		if (!strcmp(e->section, fw_psid_place[i].section) &&
		    !strcasecmp(e->key, fw_psid_place[i].key))
			return true;
	return false;
}

static int check_psids(struct fw_ini *ini)
{
	const struct fw_ini_entry *first = NULL;

	for (size_t i = 0; i < ini->entries; i++) {
		const struct fw_ini_entry *e = &ini->entry[i];

		if (!states_psid(e))
			continue;
		if (!fw_is_psid(e->value))
			return fw_ini_doubt(
				ini,
				"line %u: the PSID '%s' is not 1 to 16 ASCII characters "
				"without blanks",
				e->line, e->value);
		if (first && strcmp(first->value, e->value))
			return fw_ini_doubt(ini,
					    "line %u: PSID '%s' here and '%s' on line %u; keep one",
					    e->line, e->value, first->value, first->line);
		first = e;
	}
	return 0;
}

int fw_ini_check(struct fw_ini *ini, struct cx_err *err)
{
	if (!find_contradiction(ini) && !check_psids(ini))
		return 0;
	return cx_fail(err, CX_FAILED, "out of memory for an ini of %zu bytes", ini->len);
}

const char *fw_ini_psid(const struct fw_ini *ini)
{
	for (size_t i = 0; i < FW_PSID_PLACES; i++) {
		const char *psid = fw_ini_get(ini, fw_psid_place[i].section, fw_psid_place[i].key);

		if (psid && *psid)
			return psid;
	}
	return NULL;
}

/* The sections of inis for these cards (mlx-ini 2c), and where else a PSID may be stated. */
static bool is_known_section(const char *name)
{
	static const char *const known[] = {
		"PS_INFO", "ADAPTER", "HCA", "IB", "PLL", "FW", "PSID", "image_info",
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(name, known[i]))
			return true;
	return false;
}

/* Is entry @n the first of its section, or with @key the first of its key? */
static const struct fw_ini_entry *earlier(const struct fw_ini *ini, size_t n, bool key)
{
	const struct fw_ini_entry *e = &ini->entry[n];

	for (size_t i = 0; i < n; i++)
		if (!strcmp(ini->entry[i].section, e->section) &&
		    (!key || !strcasecmp(ini->entry[i].key, e->key)))
			return &ini->entry[i];
	return NULL;
}

size_t fw_ini_oddities(const struct fw_ini *ini, fw_ini_oddity_fn fn, void *ctx)
{
	size_t count = 0;
	char text[256];

	for (size_t i = 0; i < ini->entries && count < FW_INI_ODDITIES; i++) {
		const struct fw_ini_entry *e = &ini->entry[i], *first = earlier(ini, i, true);

		if (first)
			snprintf(text, sizeof(text), "line %u: %.60s.%.60s is on line %u already",
				 e->line, e->section, e->key, first->line);
		else if (!is_known_section(e->section) && !earlier(ini, i, false))
			snprintf(text, sizeof(text),
				 "line %u: section [%.60s] is none that inis of these cards have",
				 e->line, e->section);
		else
			continue;
		fn(text, ctx);
		count++;
	}
	if (!fw_ini_psid(ini)) {
		fn("it states no PSID, so no card can find it", ctx);
		count++;
	}
	return count;
}
