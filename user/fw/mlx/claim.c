// SPDX-License-Identifier: GPL-2.0-only
/* Which key a parameter of a vendor's text .mlx belongs to, as far as that cannot be mistaken. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fw/release/release_model.h"
#include "fw/words.h"
#include "text.h"

/* The places by their last component, and what was found for the key at hand. */
struct search {
	const struct fw_mlx_text *mlx;
	const struct fw_place **by_name;
	const struct fw_place *found;
	const struct fw_place *other; /* what contradicts it */
};

static const char *last_name(const char *path)
{
	return strrchr(path, '.') + 1; /* a path has a dot */
}

static int compare_names(const void *a, const void *b)
{
	const struct fw_place *x = *(const struct fw_place *const *)a,
			      *y = *(const struct fw_place *const *)b;
	int d = strcasecmp(last_name(x->path), last_name(y->path));

	return d ? d : x < y ? -1 : x > y;
}

static bool same_place(const struct fw_place *a, const struct fw_place *b)
{
	return !strcmp(a->path, b->path) && a->addr == b->addr && a->bit == b->bit &&
	       a->size == b->size;
}

/* A parameter that is stated twice alike is one; everything else is two. */
static void find(struct search *s, const struct fw_place *p)
{
	if (!s->found)
		s->found = p;
	else if (!s->other && !same_place(s->found, p))
		s->other = p;
}

static void find_path(struct search *s, const char *path)
{
	size_t low = 0, high = s->mlx->places;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (strcasecmp(s->mlx->place[middle].path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < s->mlx->places && !strcasecmp(s->mlx->place[low].path, path); low++)
		find(s, &s->mlx->place[low]);
}

/* Is the component before the last one @parent? NULL: never mind. */
static bool has_parent(const char *path, const char *parent)
{
	size_t len = parent ? strlen(parent) : 0, before = last_name(path) - 1 - path;

	return !parent || (before >= len && !strncasecmp(path + before - len, parent, len) &&
			   (before == len || path[before - len - 1] == '.'));
}

static void find_name(struct search *s, const char *name, const char *parent)
{
	size_t low = 0, high = s->mlx->places;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (strcasecmp(last_name(s->by_name[middle]->path), name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < s->mlx->places && !strcasecmp(last_name(s->by_name[low]->path), name); low++)
		if (has_parent(s->by_name[low]->path, parent))
			find(s, s->by_name[low]);
}

/* "port1_X" is "port[0].eth_X": an ini counts Ethernet ports from 1 (mlx-ini 1b, 6b). */
static int find_port(struct search *s, const char *key)
{
	char parent[24], *name;
	unsigned int port;
	int used = 0;

	if (sscanf(key, "port%2u_%n", &port, &used) != 1 || !used || !port)
		return 0;
	snprintf(parent, sizeof(parent), "port[%u]", port - 1);
	if (asprintf(&name, "eth_%s", key + used) < 0)
		return -1;
	find_name(s, name, parent);
	free(name);
	return 0;
}

static int find_key(struct search *s, const struct fw_key *k)
{
	s->found = s->other = NULL;
	if (!strcmp(k->section, "FW"))
		find_path(s, k->name);
	if (s->found)
		return 0;
	find_name(s, k->name, NULL);
	return find_port(s, k->name);
}

__attribute__((format(printf, 2, 3))) static int because(struct fw_key *k, const char *fmt, ...)
{
	va_list ap;
	int len;

	free(k->why);
	va_start(ap, fmt);
	len = vasprintf(&k->why, fmt, ap);
	va_end(ap);
	if (len < 0)
		k->why = NULL;
	return len < 0 ? -1 : 0;
}

/* One path is one place, or a key of the map would be compiled into both. */
static bool known_elsewhere(const struct fw_release *rel, const struct fw_place *p)
{
	for (size_t i = 0; i < rel->parameters; i++) {
		const struct fw_param *m = &rel->parameter[i];

		if (!strcmp(m->path, p->path) &&
		    (fw_get32(rel->part[m->part].bytes + m->offset) != p->addr ||
		     m->bit != p->bit || m->size != p->size))
			return true;
	}
	return false;
}

/* "FILE:LINE" in the ASCII that a .mlx of the cxflash profile can carry. */
static char *origin(const char *name, unsigned int line)
{
	char *by;

	if (asprintf(&by, "%s:%u", name, line) < 0)
		return NULL;
	for (char *c = by; *c; c++)
		if (*c < 0x20 || *c > 0x7e)
			*c = '?';
	return by;
}

/* Give the key the place that was found. @name is the file's. */
static int claim(struct fw_release *rel, struct fw_key *k, const struct search *s, const char *name)
{
	const struct fw_place *p = s->found;
	const struct fw_rule rule = {.path = (char *)p->path,
				     .target = FW_TARGET_WORD,
				     .addr = p->addr,
				     .bit = p->bit,
				     .size = p->size,
				     .transform = FW_AS_NUMBER,
				     .confidence = FW_CLAIMED};
	const char *chip = fw_mlx_text_chip(name);
	struct fw_bind bind = {.target = FW_TARGET_WORD,
			       .path = (char *)p->path,
			       .transform = FW_AS_NUMBER,
			       .confidence = FW_CLAIMED};
	unsigned long value;
	struct cx_err why;
	int rc;

	if (s->other)
		return because(k, "%s has two places for it, in lines %u and %u", name,
			       p->line < s->other->line ? p->line : s->other->line,
			       p->line < s->other->line ? s->other->line : p->line);
	if (!chip)
		return because(k,
			       "which chip %s is for can only be told by the vendor's name for it, "
			       "like fw-ConnectX3Pro-rel.mlx",
			       name);
	if (strcmp(chip, rel->chip))
		return because(k, "%s is for chip %s, the release for %s", name, chip, rel->chip);
	if (fw_ini_number(k->value, &value))
		return because(k,
			       "%s:%u has a place for it, but which number '%s' stands for is not "
			       "known",
			       name, p->line, k->value);
	if (known_elsewhere(rel, p))
		return because(k, "%s:%u puts %s at 0x%x.%u size %u, the parameter map elsewhere",
			       name, p->line, p->path, p->addr, p->bit, p->size);
	if (fw_release_name_bits(rel, &rule, &why))
		return because(k, "%s:%u: %s", name, p->line, why.text);
	if (!fw_release_has_param(rel, p->path))
		return because(k,
			       "%s:%u puts it at 0x%x.%u size %u, which no configuration word of "
			       "this release owns",
			       name, p->line, p->addr, p->bit, p->size);
	bind.by = origin(name, p->line);
	if (!bind.by)
		return -1;
	rc = fw_key_bind(k, &bind);
	free(bind.by);
	return rc;
}

int fw_release_claim(struct fw_release *rel, const struct fw_mlx_text *mlx, const char *name,
		     struct cx_err *err)
{
	struct search s = {.mlx = mlx, .by_name = calloc(mlx->places + 1, sizeof(*s.by_name))};
	int rc = s.by_name ? 0 : -1;

	for (size_t i = 0; !rc && i < mlx->places; i++)
		s.by_name[i] = &mlx->place[i];
	if (!rc)
		qsort(s.by_name, mlx->places, sizeof(*s.by_name), compare_names);
	for (size_t i = 0; !rc && i < rel->keys; i++) {
		struct fw_key *k = &rel->key[i];

		if (k->binds || !k->value)
			continue;
		rc = find_key(&s, k);
		if (!rc && s.found)
			rc = claim(rel, k, &s, name);
	}
	free(s.by_name);
	return rc ? cx_fail(err, CX_FAILED, "out of memory for %s", name) : 0;
}
