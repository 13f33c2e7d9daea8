// SPDX-License-Identifier: GPL-2.0-only
/* A table of boards as lines of text, written and read back. */
#include <stdlib.h>
#include <string.h>

#include "evidence.h"

/* A tab would end a cell; "\-" is what is not stated. */
static void write_cell(FILE *out, const char *text)
{
	fputc('\t', out);
	if (!text) {
		fputs("\\-", out);
		return;
	}
	for (; *text; text++)
		if (*text == '\\')
			fputs("\\\\", out);
		else if (*text == '\t')
			fputs("\\t", out);
		else
			fputc(*text, out);
}

static const char *const factor_line[] = {
	[FW_KEY] = "@key", [FW_HIDDEN] = "@hidden", [FW_LENGTH] = "@length"};
static const char *const spot_name[] = {
	[FW_SPOT_WORD] = "word", [FW_SPOT_HEADER] = "header",	[FW_SPOT_INFO] = "info",
	[FW_SPOT_TAG] = "tag",	 [FW_SPOT_SECTION] = "section",
};
#define SPOTS (sizeof(spot_name) / sizeof(spot_name[0]))

int fw_evidence_write(const struct fw_evidence *ev, FILE *out)
{
	char version[20];

	fprintf(out, "@release\t%s\t%s\t", ev->chip, fw_version_text(&ev->version, version));
	for (size_t i = 0; i < sizeof(ev->release); i++)
		fprintf(out, "%02x", ev->release[i]);
	fprintf(out, "\t%zu\t%zu\t%zu\n", ev->boards, ev->factors, ev->words);
	for (size_t i = 0; i < ev->boards; i++) {
		fputs("@board", out);
		write_cell(out, ev->board[i]);
		fputc('\n', out);
	}
	for (size_t f = 0; f < ev->factors; f++) {
		fputs(factor_line[ev->factor[f].kind], out);
		write_cell(out, ev->factor[f].section);
		write_cell(out, ev->factor[f].key);
		for (size_t i = 0; i < ev->boards; i++)
			write_cell(out, ev->factor[f].said[i]);
		fputc('\n', out);
	}
	for (size_t w = 0; w < ev->words; w++) {
		const struct fw_spot *at = &ev->moved[w].at;

		fprintf(out, "@word\t%s\t%u\t0x%x\t0x%08x", spot_name[at->kind], at->section,
			at->addr, at->mask);
		for (size_t i = 0; i < ev->boards; i++)
			fprintf(out, "\t%x", ev->moved[w].value[i]);
		fputc('\n', out);
	}
	return ferror(out) ? -1 : 0;
}

/* The next cell of *@line with its escapes undone, in place; false if there is none. *@cell is NULL
 * for what is not stated. */
static bool read_cell(char **line, char **cell)
{
	char *from = *line ? strsep(line, "\t") : NULL, *to = from;

	*cell = from;
	if (!from)
		return false;
	if (!strcmp(from, "\\-")) {
		*cell = NULL;
		return true;
	}
	for (; *from; from++) {
		if (*from == '\\' && (from[1] == '\\' || from[1] == 't'))
			*to++ = *++from == 't' ? '\t' : '\\';
		else
			*to++ = *from;
	}
	*to = '\0';
	return true;
}

static bool read_number(char **line, unsigned long max, int base, unsigned long *number)
{
	char *cell, *end;

	if (!read_cell(line, &cell) || !cell || !*cell || *cell == '-' || *cell == '+' ||
	    *cell == ' ')
		return false;
	*number = strtoul(cell, &end, base);
	return !*end && *number <= max;
}

static bool read_digest(char **line, uint8_t *digest)
{
	char *cell;

	if (!read_cell(line, &cell) || !cell || strlen(cell) != 2 * FW_MAP_DIGEST)
		return false;
	for (size_t i = 0; i < FW_MAP_DIGEST; i++) {
		unsigned int byte;

		if (sscanf(cell + 2 * i, "%2x", &byte) != 1)
			return false;
		digest[i] = byte;
	}
	return true;
}

static bool read_version(char **line, struct fw_version *v)
{
	unsigned int a, b, c;
	char *cell;

	if (!read_cell(line, &cell) || !cell || sscanf(cell, "%u.%u.%u", &a, &b, &c) != 3)
		return false;
	*v = (struct fw_version){.major = a, .minor = b, .subminor = c};
	return true;
}

/* The counts that follow are a promise, which bounds what is read. */
static int read_release(struct fw_evidence **ev, size_t *releases, char *line)
{
	unsigned long boards, factors, words;
	struct fw_evidence *e, new = {0};
	char *chip;

	if (!read_cell(&line, &chip) || !chip || strlen(chip) >= sizeof(new.chip))
		return 1;
	strcpy(new.chip, chip);
	if (!read_version(&line, &new.version) || !read_digest(&line, new.release) ||
	    !read_number(&line, FW_BOARDS, 10, &boards) || !boards ||
	    !read_number(&line, FW_FACTORS, 10, &factors) ||
	    !read_number(&line, FW_MOVED, 10, &words) || line)
		return 1;
	e = reallocarray(*ev, *releases + 1, sizeof(*e));
	if (!e)
		return -1;
	*ev = e;
	new.boards = boards;
	new.promised_factors = factors;
	new.promised_words = words;
	e[(*releases)++] = new;
	return 0;
}

static int read_board(struct fw_evidence *ev, char *line)
{
	char *cell;
	size_t i = 0;

	while (i < ev->boards && ev->board[i])
		i++;
	if (i == ev->boards || !read_cell(&line, &cell) || !cell || line)
		return 1;
	ev->board[i] = strdup(cell);
	return ev->board[i] ? 0 : -1;
}

static int read_factor(struct fw_evidence *ev, int kind, char *line)
{
	char *section, *key, *cell;
	struct fw_factor *f;

	if (ev->factors == ev->promised_factors || !read_cell(&line, &section) || !section ||
	    !read_cell(&line, &key) || !key || !*key || (kind == FW_KEY) == !*section ||
	    fw_evidence_has(ev, section, key) || fw_is_identity(section, key))
		return 1;
	f = fw_evidence_add_factor(ev, section, key);
	if (!f)
		return -1;
	f->kind = kind;
	for (size_t i = 0; i < ev->boards; i++) {
		if (!read_cell(&line, &cell) || (!cell && kind != FW_KEY))
			return 1;
		f->said[i] = cell ? strdup(cell) : NULL;
		if (cell && !f->said[i])
			return -1;
	}
	return line ? 1 : 0;
}

static int read_word(struct fw_evidence *ev, char *line)
{
	unsigned long section, addr, mask, value;
	struct fw_spot at = {0};
	struct fw_moved *m;
	size_t kind = 0;
	char *cell;

	if (ev->words == ev->promised_words || !read_cell(&line, &cell) || !cell)
		return 1;
	while (kind < SPOTS && strcmp(spot_name[kind], cell))
		kind++;
	if (kind == SPOTS || !read_number(&line, UINT32_MAX, 10, &section) ||
	    !read_number(&line, UINT32_MAX, 16, &addr) ||
	    !read_number(&line, UINT32_MAX, 16, &mask))
		return 1;
	at = (struct fw_spot){kind, section, addr, mask};
	for (size_t w = 0; w < ev->words; w++)
		if (!fw_spot_order(&ev->moved[w].at, &at))
			return 1;
	m = fw_evidence_add_word(ev, &at);
	if (!m)
		return -1;
	for (size_t i = 0; i < ev->boards; i++) {
		if (!read_number(&line, UINT32_MAX, 16, &value) || (value & ~mask))
			return 1;
		m->value[i] = value;
	}
	return line ? 1 : 0;
}

static int read_line(struct fw_evidence **ev, size_t *releases, const char *what, char *line)
{
	struct fw_evidence *last = *releases ? &(*ev)[*releases - 1] : NULL;

	if (!strcmp(what, "@release"))
		return read_release(ev, releases, line);
	if (!last)
		return 1;
	if (!strcmp(what, "@board"))
		return read_board(last, line);
	if (!strcmp(what, "@word"))
		return read_word(last, line);
	for (int kind = FW_KEY; kind <= FW_LENGTH; kind++)
		if (!strcmp(what, factor_line[kind]))
			return read_factor(last, kind, line);
	return 1;
}

int fw_evidence_line(struct fw_evidence **ev, size_t *releases, char *line, unsigned int number,
		     struct cx_err *err)
{
	const char *what = strsep(&line, "\t");
	int rc = read_line(ev, releases, what, line);

	if (rc < 0)
		return cx_fail(err, CX_FAILED, "out of memory for the map");
	if (rc)
		return cx_fail(err, CX_INVALID,
			       "line %u: '%s' is not what map learn writes here; make the table "
			       "anew from the images",
			       number, what);
	return 0;
}

int fw_evidence_complete(const struct fw_evidence *ev, struct cx_err *err)
{
	bool boards = true;

	for (size_t i = 0; i < ev->boards; i++)
		boards &= ev->board[i] != NULL;
	if (boards && ev->factors == ev->promised_factors && ev->words == ev->promised_words)
		return 0;
	return cx_fail(err, CX_INVALID,
		       "lines with '@' are missing: what was learnt cannot be checked; make the "
		       "table anew from the images");
}
