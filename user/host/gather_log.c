// SPDX-License-Identifier: GPL-2.0-only
/* Facts: the gravest message of the kernel about the card since its driver last started on it. */
#define _GNU_SOURCE
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

/* Of a card, of its driver as a whole, or of the IOMMU on the card. */
static bool concerns(const struct gather *g, const char *line)
{
	return strstr(line, g->card) ||
	       (strstr(line, "mlx4") && !strstr(line, "mlx4_core 0000:") &&
		!strstr(line, "mlx4_en 0000:")) ||
	       (strstr(line, "DMAR") && strstr(line, g->card + 5));
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
	char *text, *rest, *line, source[64], next[200];
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
		fact_text(g->f, worst->next, 0, next, sizeof(next));
		fact_set(g->f, "log.state", source, "%s", host_state_name(worst->state));
		fact_set(g->f, "log.meaning", source, "%s", worst->meaning);
		fact_set(g->f, "log.next", source, "%s", next);
	}
	free(text);
}
