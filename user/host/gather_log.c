// SPDX-License-Identifier: GPL-2.0-only
/* Facts: the gravest message of the kernel about the card since its driver last started on it. */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gather.h"
#include "messages.h"

/* Everything that was said before belongs to an earlier start. */
static char *since_start(const struct gather *g, char *text)
{
	char start[48], *at, *last = text;

	snprintf(start, sizeof(start), "mlx4_core: Initializing %s", g->card);
	for (at = text; (at = strstr(at, start)); at += strlen(start))
		last = at;
	return last;
}

/* "0000:04:00.0" at the beginning of @text */
static bool is_address(const char *text)
{
	static const char pattern[] = "xxxx:xx:xx.x";

	for (size_t i = 0; pattern[i]; i++)
		if (pattern[i] == 'x' ? !isxdigit((unsigned char)text[i]) : text[i] != pattern[i])
			return false;
	return true;
}

/* Does a driver name another function than ours before its words? */
static bool of_another(const char *line)
{
	static const char *const driver[] = {"mlx4_core ", "mlx4_en "};

	for (size_t i = 0; i < sizeof(driver) / sizeof(*driver); i++) {
		const char *at = strstr(line, driver[i]);

		if (at && is_address(at + strlen(driver[i])))
			return true;
	}
	return false;
}

/*
 * Of a card, of its driver as a whole, or of the IOMMU on the card, which names it without its
 * domain: "DMAR: [DMA Read] Request device [04:00.0]", "[IO_PAGE_FAULT device=04:00.0".
 */
static bool concerns(const struct gather *g, const char *line)
{
	return strstr(line, g->card) || (strstr(line, "mlx4") && !of_another(line)) ||
	       ((strstr(line, "DMAR") || strstr(line, "IO_PAGE_FAULT")) &&
		strstr(line, g->card + 5));
}

static const struct host_message *explain(const char *line)
{
	for (size_t i = 0; i < host_message_count; i++)
		if (strstr(line, host_messages[i].text))
			return &host_messages[i];
	return NULL;
}

/* Without priority, time, driver and address. */
static const char *bare(const struct gather *g, const char *line)
{
	const char *at = strstr(line, g->card);

	if (at) {
		at += strlen(g->card);
		return at + strspn(at, ": ");
	}
	at = strstr(line, "] ");
	return at ? at + 2 : line;
}

static bool graver(const struct host_message *one, const struct host_message *two)
{
	return !two || (one->state == HOST_FAIL && two->state != HOST_FAIL);
}

void gather_log(struct gather *g)
{
	const struct host_message *worst = NULL, *found;
	char *text, *rest, *line, *next, source[64];
	const char *said = "";
	long len = cx_machine_log(g->m, &text, source);

	if (len < 0) {
		fact_missing(g->f, "log", source, len);
		return;
	}
	rest = since_start(g, text);
	while ((line = strsep(&rest, "\n"))) {
		found = concerns(g, line) ? explain(line) : NULL;
		if (!found || found->state == HOST_PASS || !graver(found, worst))
			continue;
		worst = found;
		said = line;
	}
	fact_set(g->f, "log", source, "%s", worst ? bare(g, said) : "");
	if (worst) {
		next = fact_text(g->f, worst->next, 0);
		g->f->lost |= !next;
		fact_set(g->f, "log.state", source, "%s", host_state_name(worst->state));
		fact_set(g->f, "log.meaning", source, "%s", worst->meaning);
		fact_set(g->f, "log.next", source, "%s", next ? next : "");
		free(next);
	}
	free(text);
}
