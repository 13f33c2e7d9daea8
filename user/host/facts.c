// SPDX-License-Identifier: GPL-2.0-only
/* Facts: keeping them, conditions on them, texts of them. */
#define _GNU_SOURCE
#include "facts.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TERM 80 /* a term of a condition, or the key in a text: the table's own words */

static void free_fact(struct fact *fact)
{
	free(fact->key);
	free(fact->value);
	free(fact->source);
	free(fact);
}

/* A fact with no value yet; NULL: it is known already, or memory ran out. */
static struct fact *add(struct facts *f, const char *key, const char *source)
{
	struct fact *fact, **more;

	if (fact_find(f, key, 0))
		return NULL;
	more = realloc(f->list, (f->count + 1) * sizeof(*more));
	if (more)
		f->list = more;
	fact = more ? calloc(1, sizeof(*fact)) : NULL;
	if (!fact) {
		f->lost = true;
		return NULL;
	}
	fact->key = strdup(key);
	fact->source = strdup(source);
	fact->value = strdup("");
	if (!fact->key || !fact->source || !fact->value) {
		free_fact(fact);
		f->lost = true;
		return NULL;
	}
	f->list[f->count++] = fact;
	return fact;
}

void facts_free(struct facts *f)
{
	for (size_t i = 0; i < f->count; i++)
		free_fact(f->list[i]);
	free(f->list);
	*f = (struct facts){0};
}

void fact_set(struct facts *f, const char *key, const char *source, const char *fmt, ...)
{
	struct fact *fact = add(f, key, source);
	char *value;
	va_list ap;

	if (!fact)
		return;
	va_start(ap, fmt);
	if (vasprintf(&value, fmt, ap) < 0) {
		f->lost = true;
	} else {
		free(fact->value);
		fact->value = value;
	}
	va_end(ap);
}

void fact_flag(struct facts *f, const char *key, const char *source, bool flag)
{
	fact_set(f, key, source, "%s", flag ? "yes" : "");
}

void fact_missing(struct facts *f, const char *key, const char *source, int error)
{
	struct fact *fact = add(f, key, source);

	if (fact)
		fact->error = abs(error);
}

const struct fact *fact_find(const struct facts *f, const char *key, unsigned int port)
{
	char of_port[40];

	if (port && !strncmp(key, "port.", 5)) {
		snprintf(of_port, sizeof(of_port), "port%u%s", port, key + 4);
		key = of_port;
	}
	for (size_t i = 0; i < f->count; i++)
		if (!strcmp(f->list[i]->key, key))
			return f->list[i];
	return NULL;
}

const char *fact_value(const struct facts *f, const char *key, unsigned int port)
{
	const struct fact *fact = fact_find(f, key, port);

	return fact ? fact->value : "";
}

int version_order(const char *a, const char *b)
{
	while (*a || *b) {
		unsigned long x = strtoul(a, (char **)&a, 10), y = strtoul(b, (char **)&b, 10);

		if (x != y)
			return x < y ? -1 : 1;
		a = *a == '.' ? a + 1 : "";
		b = *b == '.' ? b + 1 : "";
	}
	return 0;
}

/* ---- conditions ---- */

static bool one_of(const char *value, const char *list)
{
	size_t len;

	for (; *list; list += len + (list[len] == '|')) {
		len = strcspn(list, "|");
		if (strlen(value) == len && !strncmp(value, list, len))
			return true;
	}
	return false;
}

static bool compare(const struct facts *f, const char *value, char how, const char *with,
		    unsigned int port)
{
	int order;

	if (isalpha((unsigned char)*with))
		with = fact_value(f, with, port);
	if (!*value || !*with)
		return false;
	order = version_order(value, with);
	return how == '<' ? order < 0 : order > 0;
}

/* @term is one word, which is taken apart. */
static bool term_holds(const struct facts *f, char *term, unsigned int port)
{
	char first = *term, *key = term + (first == '!' || first == '?');
	char *end = key + strcspn(key, "!=<>"), how = *end, *with;
	const struct fact *fact;

	with = end + 1 + (how == '!');
	*end = '\0';
	fact = fact_find(f, key, port);
	if (first == '?')
		return fact && fact->error;
	if (first == '!')
		return !fact || (!fact->error && !*fact->value);
	if (!fact || fact->error)
		return false;
	switch (how) {
	case '\0':
		return *fact->value;
	case '=':
		return one_of(fact->value, with);
	case '!':
		return *fact->value && !one_of(fact->value, with);
	default:
		return compare(f, fact->value, how, with, port);
	}
}

bool fact_holds(const struct facts *f, const char *condition, unsigned int port)
{
	char term[TERM];
	size_t len;

	for (; *condition; condition += len) {
		condition += strspn(condition, " ");
		len = strcspn(condition, " ");
		/* A rule that is too long never holds, which its test sees. */
		if (len >= sizeof(term))
			return false;
		memcpy(term, condition, len);
		term[len] = '\0';
		if (len && !term_holds(f, term, port))
			return false;
	}
	return true;
}

/* ---- texts ---- */

static void fill_in(const struct facts *f, const char *key, unsigned int port, FILE *to)
{
	const struct fact *fact = fact_find(f, key + (*key == '?'), port);

	if (fact && *key == '?')
		fprintf(to, "%s: %s", fact->source, strerror(fact->error));
	else if (fact)
		fputs(fact->value, to);
}

char *fact_text(const struct facts *f, const char *text, unsigned int port)
{
	char *result = NULL, key[TERM];
	size_t len;
	FILE *to = open_memstream(&result, &len);

	if (!to)
		return NULL;
	while (*text) {
		len = strcspn(text, "{");
		fwrite(text, 1, len, to);
		text += len;
		if (!*text)
			break;
		len = strcspn(text, "}");
		snprintf(key, sizeof(key), "%.*s", (int)len - 1, text + 1);
		fill_in(f, key, port, to);
		text += len + (text[len] == '}');
	}
	if (fclose(to)) {
		free(result);
		return NULL;
	}
	return result;
}
