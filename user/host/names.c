// SPDX-License-Identifier: GPL-2.0-only
/* Names in a record: of servers, shares, folders, targets; and addresses. */
#define _GNU_SOURCE
#include "names.h"

#include <stdlib.h>
#include <string.h>

/* A path of a mount, as the kernel writes it and as we show it. */
static void mask_path(struct mask *mask, const char *at, size_t len, const char *name)
{
	char *raw = strndup(at, len), *plain = raw ? strdup(raw) : NULL;

	if (plain) {
		cx_machine_unescape(plain);
		mask_word(mask, plain, name);
		mask_alias(mask, raw, plain);
	} else {
		mask->lost = true;
	}
	free(raw);
	free(plain);
}

/* Servers, shares, and where they are mounted; the record has no more of a mount. */
static void mask_mounts(struct mask *mask, const char *line)
{
	size_t source, place;

	for (; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		source = strcspn(line, " \n");
		if (line[source] != ' ')
			continue;
		place = strcspn(line + source + 1, " \n");
		mask_path(mask, line, source, "SOURCE");
		mask_path(mask, line + source + 1, place, "/mnt/");
	}
}

/* The part of a path that follows @before, up to one of @ends; a target is called by its host. */
static void mask_part(struct mask *mask, const char *path, const char *before, const char *ends,
		      const char *name)
{
	const char *at = strstr(path, before);
	char *part;

	if (!at)
		return;
	at += strlen(before);
	part = strndup(at, strcspn(at, ends));
	if (part && strcmp(part, "0.0.0.0"))
		mask_word(mask, part, name);
	mask->lost |= !part;
	free(part);
}

void mask_names(struct mask *mask, const struct record *r, const struct facts *f)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct record_entry *e = &r->entry[i];

		if (e->kind == 'f' && !strcmp(e->path, "/proc/mounts"))
			mask_mounts(mask, e->bytes);
		mask_part(mask, e->path, "/target/iscsi/iqn.", "/", "TARGET");
		mask_part(mask, e->path, "/np/", ":/", "ADDRESS");
		mask_part(mask, e->path, "/subsystems/", "/", "SUBSYSTEM");
	}
	mask_word(mask, fact_value(f, "port.address", 1), "ADDRESS");
	mask_word(mask, fact_value(f, "port.address", 2), "ADDRESS");
}
