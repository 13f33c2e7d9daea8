// SPDX-License-Identifier: GPL-2.0-only
/* Lines of a vendor's text .mlx. */
#include "text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fw/release/release_model.h"

/* Names that imgen has for the three numbers of a release's version (mlx-ini 1b). */
static const char *const version_name[][3] = {
	{"FW.Major Rev ID", "FW.Minor Rev ID", "FW.SubMinor rev ID"},
	{"FWInfo.FW_VER_MAJOR", "FWInfo.FW_VER_MINOR", "FWInfo.FW_VER_SUBMINOR"},
};

struct reader {
	struct fw_mlx_text *mlx;
	size_t room;
	unsigned int line;
	unsigned int have;  /* numbers of the version, as bits */
	uint16_t number[3]; /* of them */
};

bool fw_is_mlx_text(const char *text, size_t len)
{
	while (len && isspace((unsigned char)*text)) {
		text++;
		len--;
	}
	return len && *text != '<';
}

/* Dot-separated names of letters, digits and _, each with indices in brackets: at least two. */
static bool is_path(const char *path)
{
	size_t dots = 0, name = 0;

	for (; *path; path++) {
		if (isalnum((unsigned char)*path) || *path == '_') {
			name++;
		} else if (*path == '.' && name) {
			dots++;
			name = 0;
		} else if (*path == '[' && name && isdigit((unsigned char)path[1])) {
			path += strspn(path + 1, "0123456789") + 1;
			if (*path != ']' || (path[1] && path[1] != '.' && path[1] != '['))
				return false;
		} else {
			return false;
		}
	}
	return dots && name;
}

/* Digits of a base and nothing else. */
static bool read_digits(const char *text, int base, unsigned long max, unsigned long *number)
{
	char *end;

	if (!isxdigit((unsigned char)*text))
		return false;
	*number = strtoul(text, &end, base);
	return !*end && end - text <= 10 && *number <= max;
}

/* "0x1f99c.17": the address is hexadecimal, the bit decimal. */
static bool read_place(char *text, struct fw_place *p)
{
	char *dot = strchr(text, '.');
	unsigned long addr, bit;

	if (!dot)
		return false;
	*dot = '\0';
	if (!strncasecmp(text, "0x", 2))
		text += 2;
	if (!read_digits(text, 16, FW_CR_SIZE - 4, &addr) || addr % 4 ||
	    !read_digits(dot + 1, 10, 31, &bit))
		return false;
	p->addr = addr;
	p->bit = bit;
	return true;
}

static char *next_column(char **rest)
{
	char *column = *rest + strspn(*rest, " \t");

	*rest = column + strcspn(column, " \t");
	if (**rest)
		*(*rest)++ = '\0';
	return column;
}

/* Is it a place? The line is cut up. */
static bool read_columns(char *line, struct fw_place *p)
{
	char *path = next_column(&line), *place = next_column(&line), *size = next_column(&line);
	unsigned long bits;

	if (!is_path(path) || !read_place(place, p) || !read_digits(size, 10, 32, &bits) || !bits ||
	    p->bit + bits > 32)
		return false;
	p->path = path;
	p->size = bits;
	p->more = line[strspn(line, " \t")];
	return true;
}

/* "FW.Major Rev ID = 2", with or without the sign; the numbers of a version, nothing else. */
static bool read_version(struct reader *r, const char *line)
{
	for (size_t i = 0; i < 6; i++) {
		const char *name = version_name[i / 3][i % 3], *at;
		unsigned long number;
		size_t len = strlen(name);

		if (strncmp(line, name, len))
			continue;
		at = line + len + strspn(line + len, " \t");
		at += *at == '=';
		at += strspn(at, " \t");
		if (at == line + len || fw_number(at, UINT16_MAX, &number))
			continue;
		r->have |= 1 << i % 3;
		r->number[i % 3] = number;
		return true;
	}
	return false;
}

static int add_place(struct reader *r, const struct fw_place *p)
{
	struct fw_mlx_text *m = r->mlx;

	if (m->places == r->room) {
		size_t room = r->room ? 2 * r->room : 64;
		struct fw_place *more = reallocarray(m->place, room, sizeof(*more));

		if (!more)
			return -1;
		m->place = more;
		r->room = room;
	}
	m->place[m->places++] = *p;
	m->further += p->more;
	return 0;
}

static int read_line(struct reader *r, char *line)
{
	struct fw_mlx_text *m = r->mlx;
	struct fw_place p = {.line = ++r->line};
	size_t len = strlen(line);

	while (len && isspace((unsigned char)line[len - 1]))
		line[--len] = '\0';
	line += strspn(line, " \t");
	if (!*line || read_version(r, line))
		return 0;
	if (read_columns(line, &p))
		return add_place(r, &p);
	if (m->unknown < FW_MLX_TEXT_SHOWN)
		m->unknown_line[m->unknown] = r->line;
	m->unknown++;
	return 0;
}

static int by_path(const void *a, const void *b)
{
	const struct fw_place *x = a, *y = b;
	int d = strcasecmp(x->path, y->path);

	return d ? d : (x->line > y->line) - (x->line < y->line);
}

int fw_mlx_text_parse(const char *text, size_t len, struct fw_mlx_text *mlx, struct cx_err *err)
{
	struct reader r = {.mlx = mlx};
	char *rest;

	memset(mlx, 0, sizeof(*mlx));
	if (len && memchr(text, '\0', len))
		return cx_fail(err, CX_INVALID, "no text: it holds NUL bytes");
	rest = mlx->text = strndup(len ? text : "", len);
	while (rest && *rest)
		if (read_line(&r, strsep(&rest, "\n")))
			goto no_memory;
	if (!mlx->text)
		goto no_memory;
	if (mlx->places)
		qsort(mlx->place, mlx->places, sizeof(*mlx->place), by_path);
	mlx->has_version = r.have == 7;
	mlx->version = (struct fw_version){r.number[0], r.number[1], r.number[2]};
	return 0;

no_memory:
	fw_mlx_text_free(mlx);
	return cx_fail(err, CX_FAILED, "out of memory for a .mlx of %zu bytes", len);
}

void fw_mlx_text_free(struct fw_mlx_text *mlx)
{
	free(mlx->text);
	free(mlx->place);
	memset(mlx, 0, sizeof(*mlx));
}

const char *fw_mlx_text_chip(const char *name)
{
	static const char *const chip[][2] = {
		{"25408", "MT25408"},	  {"connectx", "MT25408"},     {"connectx2", "MT25408"},
		{"connectx3", "MT27500"}, {"connectx3pro", "MT27520"},
	};
	const char *slash = strrchr(name, '/');
	size_t len;

	name = slash ? slash + 1 : name;
	if (strncasecmp(name, "fw-", 3))
		return NULL;
	name += 3;
	len = strcspn(name, "-.");
	for (size_t i = 0; i < sizeof(chip) / sizeof(chip[0]); i++)
		if (len == strlen(chip[i][0]) && !strncasecmp(name, chip[i][0], len))
			return chip[i][1];
	return NULL;
}
