// SPDX-License-Identifier: GPL-2.0-only
/* A table for people. */
#define _GNU_SOURCE
#include "table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "fw/text.h"

struct table_line {
	char *cell[TABLE_COLUMNS]; /* or only the first: a line below a row */
	bool head, below;
	enum out_color color;
};

void table_begin(struct table *t, struct out *out, const char *align)
{
	*t = (struct table){.out = out, .align = align};
}

static struct table_line *add(struct table *t)
{
	struct table_line *line = reallocarray(t->line, t->lines + 1, sizeof(*line));

	if (!line)
		out_no_memory();
	t->line = line;
	line += t->lines++;
	*line = (struct table_line){.color = OUT_PLAIN};
	return line;
}

static bool unwanted(const struct table *t)
{
	return t->out->json || t->out->raw;
}

void table_head(struct table *t, const char *const *cell)
{
	table_row(t, cell);
	if (t->lines)
		t->line[t->lines - 1].head = true;
}

void table_row(struct table *t, const char *const *cell)
{
	struct table_line *line;

	if (unwanted(t))
		return;
	line = add(t);
	for (size_t i = 0; t->align[i]; i++) {
		line->cell[i] = strdup(cell[i] && *cell[i] ? cell[i] : "-");
		if (!line->cell[i])
			out_no_memory();
		printable(line->cell[i]);
	}
}

void table_below(struct table *t, enum out_color color, const char *fmt, ...)
{
	struct table_line *line;
	va_list ap;

	if (unwanted(t))
		return;
	line = add(t);
	line->below = true;
	line->color = color;
	va_start(ap, fmt);
	if (vasprintf(&line->cell[0], fmt, ap) < 0)
		out_no_memory();
	va_end(ap);
}

/* In characters; what is printable is UTF-8. */
static size_t width(const char *text)
{
	size_t chars = 0;
	uint32_t code;

	for (; *text; chars++)
		text += fw_utf8(text, &code);
	return chars;
}

/* Sets how wide each column is; returns the sum. */
static size_t measure(const struct table *t, size_t *wide)
{
	size_t sum = 0;

	for (size_t i = 0; t->align[i]; i++) {
		wide[i] = 0;
		for (size_t n = 0; n < t->lines; n++) {
			size_t w = t->line[n].below ? 0 : width(t->line[n].cell[i]);

			wide[i] = w > wide[i] ? w : wide[i];
		}
		sum += wide[i];
	}
	return sum;
}

/* The head of a last column that has gone from the table would look like a name. */
static void print_row(const struct table *t, size_t n, const size_t *wide, size_t gap, bool folded)
{
	char *const *cell = t->line[n].cell;
	size_t last = strlen(t->align) - 1;
	size_t columns = folded ? last : last + 1;
	FILE *to = t->out->to;

	for (size_t i = 0; i < columns; i++) {
		int pad = wide[i] - width(cell[i]);

		if (t->align[i] == 'r')
			fprintf(to, "%*s%s", pad, "", cell[i]);
		else
			fprintf(to, "%s%*s", cell[i], i + 1 < columns ? pad : 0, "");
		fprintf(to, "%*s", i + 1 < columns ? (int)gap : 0, "");
	}
	if (folded && !t->line[n].head)
		fprintf(to, "\n    %s", cell[last]);
	putc('\n', to);
}

static void print(const struct table *t)
{
	size_t wide[TABLE_COLUMNS] = {0}, gaps = strlen(t->align) - 1;
	size_t sum = measure(t, wide), gap = 2;
	unsigned int room = t->out->width;
	bool folded = room && sum + gap * gaps > room;

	if (folded) {
		sum -= wide[gaps];
		gap = sum + 2 * (gaps - 1) > room ? 1 : 2;
	}
	for (size_t n = 0; n < t->lines; n++) {
		if (t->line[n].below)
			out_say_in(t->out, t->line[n].color, "%s", t->line[n].cell[0]);
		else
			print_row(t, n, wide, gap, folded);
	}
}

void table_end(struct table *t)
{
	if (t->lines)
		print(t);
	for (size_t n = 0; n < t->lines; n++)
		for (size_t i = 0; i < TABLE_COLUMNS; i++)
			free(t->line[n].cell[i]);
	free(t->line);
	table_begin(t, t->out, t->align);
}
