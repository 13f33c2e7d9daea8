// SPDX-License-Identifier: GPL-2.0-only
/* A table of boards, put together from samples, written as text and read back. */
#include "evidence.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool fw_same_said(const char *a, const char *b)
{
	unsigned long x, y;

	if (!a || !b)
		return !a && !b;
	return !strcmp(a, b) || (!fw_ini_number(a, &x) && !fw_ini_number(b, &y) && x == y);
}

/* Texts that have a place of their own on every image, or none: no part of a configuration. */
static bool is_identity(const char *section, const char *key)
{
	static const struct {
		const char *section, *key;
	} text[] = {
		{"PS_INFO", "Name"},	    {"PS_INFO", "Description"}, {"PS_INFO", "PRS_name"},
		{"PSID", "PSID"},	    {"ADAPTER", "PSID"},	{"image_info", "psid"},
		{"ADAPTER", "adapter_vsd"},
	};

	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		if (!strcmp(text[i].section, section) && !strcasecmp(text[i].key, key))
			return true;
	return false;
}

const char *fw_spot_text(const struct fw_spot *at, char *buf, size_t size)
{
	switch (at->kind) {
	case FW_SPOT_WORD:
		snprintf(buf, size, "word 0x%x of Configuration #%u", at->addr, at->section);
		break;
	case FW_SPOT_HEADER:
		snprintf(buf, size, "header word 0x%x", at->addr);
		break;
	case FW_SPOT_INFO:
		snprintf(buf, size, "Image Info tag %u, byte %u", at->addr >> 16,
			 at->addr & 0xffff);
		break;
	case FW_SPOT_TAG:
		snprintf(buf, size, "Image Info tag %u as a whole", at->addr);
		break;
	case FW_SPOT_SECTION:
		snprintf(buf, size, "section of type %u as a whole", at->section);
		break;
	}
	return buf;
}

void fw_evidence_free(struct fw_evidence *ev)
{
	for (size_t i = 0; i < ev->boards; i++)
		free(ev->board[i]);
	for (size_t f = 0; f < ev->factors; f++) {
		for (size_t i = 0; ev->factor[f].said && i < ev->boards; i++)
			free(ev->factor[f].said[i]);
		free(ev->factor[f].said);
		free(ev->factor[f].section);
		free(ev->factor[f].key);
	}
	for (size_t w = 0; w < ev->words; w++)
		free(ev->moved[w].value);
	free(ev->factor);
	free(ev->moved);
	memset(ev, 0, sizeof(*ev));
}

static void *grow(void *array, size_t count, size_t size)
{
	char *grown = array;

	if (!(count & (count - 1)))
		grown = reallocarray(array, count ? 2 * count : 1, size);
	if (grown)
		memset(grown + count * size, 0, size);
	return grown;
}

/* A new factor with a value for each board; what it says is still NULL. */
static struct fw_factor *add_factor(struct fw_evidence *ev, const char *section, const char *key)
{
	struct fw_factor *f = grow(ev->factor, ev->factors, sizeof(*f));

	if (!f)
		return NULL;
	ev->factor = f;
	f += ev->factors++;
	f->section = strdup(section);
	f->key = strdup(key);
	f->said = calloc(ev->boards, sizeof(*f->said));
	return f->section && f->key && f->said ? f : NULL;
}

static struct fw_moved *add_moved(struct fw_evidence *ev, const struct fw_spot *at)
{
	struct fw_moved *m = grow(ev->moved, ev->words, sizeof(*m));

	if (!m)
		return NULL;
	ev->moved = m;
	m += ev->words++;
	m->at = *at;
	m->value = calloc(ev->boards, sizeof(*m->value));
	return m->value ? m : NULL;
}

static bool has_factor(const struct fw_evidence *ev, const char *section, const char *key)
{
	for (size_t f = 0; f < ev->factors; f++)
		if (!strcmp(ev->factor[f].section, section) && !strcasecmp(ev->factor[f].key, key))
			return true;
	return false;
}

static bool key_moves(const struct fw_sample *const *s, size_t n, const char *section,
		      const char *key)
{
	const char *first = fw_ini_get(&s[0]->ini, section, key);

	for (size_t i = 1; i < n; i++)
		if (!fw_same_said(first, fw_ini_get(&s[i]->ini, section, key)))
			return true;
	return false;
}

static int add_key(struct fw_evidence *ev, const struct fw_sample *const *s, const char *section,
		   const char *key)
{
	struct fw_factor *f;

	if (is_identity(section, key) || has_factor(ev, section, key) ||
	    !key_moves(s, ev->boards, section, key))
		return 0;
	f = add_factor(ev, section, key);
	if (!f)
		return -1;
	for (size_t i = 0; i < ev->boards; i++) {
		const char *said = fw_ini_get(&s[i]->ini, section, key);

		f->said[i] = said ? strdup(said) : NULL;
		if (said && !f->said[i])
			return -1;
	}
	return 0;
}

static int add_keys(struct fw_evidence *ev, const struct fw_sample *const *s)
{
	for (size_t i = 0; i < ev->boards; i++)
		for (size_t k = 0; k < s[i]->ini.entries; k++)
			if (add_key(ev, s, s[i]->ini.entry[k].section, s[i]->ini.entry[k].key))
				return -1;
	return 0;
}

static int add_number(struct fw_evidence *ev, const char *name, bool length, const uint32_t *number)
{
	struct fw_factor *f;
	char text[16];
	bool moves = false;

	for (size_t i = 1; i < ev->boards; i++)
		moves |= number[i] != number[0];
	if (!moves)
		return 0;
	f = add_factor(ev, "", name);
	if (!f)
		return -1;
	f->kind = length ? FW_LENGTH : FW_HIDDEN;
	for (size_t i = 0; i < ev->boards; i++) {
		snprintf(text, sizeof(text), "0x%x", number[i]);
		f->said[i] = strdup(text);
		if (!f->said[i])
			return -1;
	}
	return 0;
}

static int add_hidden(struct fw_evidence *ev, const struct fw_sample *const *s)
{
	static const char *const length[FW_DERIVED] = {"size",	     "info pointer", "GUID pointer",
						       "ROM length", "ini length",   "ini pointer"};
	uint32_t number[FW_BOARDS];

	for (size_t h = 0; h < FW_HIDDEN_KINDS + FW_DERIVED; h++) {
		bool derived = h >= FW_HIDDEN_KINDS;

		for (size_t i = 0; i < ev->boards; i++)
			number[i] = derived ? s[i]->derived[h - FW_HIDDEN_KINDS] : s[i]->hidden[h];
		if (add_number(ev, derived ? length[h - FW_HIDDEN_KINDS] : fw_hidden_name[h],
			       derived, number))
			return -1;
	}
	return 0;
}

static const struct fw_spot_value *find_spot(const struct fw_sample *s, const struct fw_spot *at)
{
	size_t low = 0, high = s->spots;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = fw_spot_order(&s->spot[middle].at, at);

		if (!order)
			return &s->spot[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Digests become the numbers of contents, from 0: fewer bits to look at. */
static void number_contents(uint32_t *value, size_t boards)
{
	uint32_t digest[FW_BOARDS];
	size_t known = 0;

	for (size_t i = 0; i < boards; i++) {
		size_t k = 0;

		while (k < known && digest[k] != value[i])
			k++;
		if (k == known)
			digest[known++] = value[i];
		value[i] = k;
	}
}

/* Does the word move in the other section that has it? There it must obey the same key, so it is
 * needed even if it stands still. */
static bool moves_elsewhere(const struct fw_sample *const *s, size_t n, const struct fw_spot *at)
{
	struct fw_spot other = *at;

	if (at->kind != FW_SPOT_WORD)
		return false;
	for (other.section = 1; other.section <= 2; other.section++) {
		const struct fw_spot_value *first = find_spot(s[0], &other);

		for (size_t i = 1; first && other.section != at->section && i < n; i++)
			if (find_spot(s[i], &other)->value != first->value)
				return true;
	}
	return false;
}

/* A word that only some boards have is told by what has it: a tag as a whole. */
static int add_spot(struct fw_evidence *ev, const struct fw_sample *const *s,
		    const struct fw_spot_value *first)
{
	bool told_whole = first->at.kind == FW_SPOT_TAG || first->at.kind == FW_SPOT_SECTION;
	uint32_t value[FW_BOARDS];
	struct fw_moved *m;
	bool moves = false;

	for (size_t i = 0; i < ev->boards; i++) {
		const struct fw_spot_value *v = find_spot(s[i], &first->at);

		if (!v && !told_whole)
			return 0;
		value[i] = v ? v->value : 0;
		moves |= value[i] != value[0];
	}
	if (!moves && !moves_elsewhere(s, ev->boards, &first->at))
		return 0;
	if (told_whole)
		number_contents(value, ev->boards);
	m = add_moved(ev, &first->at);
	if (!m)
		return -1;
	memcpy(m->value, value, ev->boards * sizeof(*value));
	return 0;
}

static int add_spots(struct fw_evidence *ev, const struct fw_sample *const *s)
{
	for (size_t i = 0; i < ev->boards; i++)
		for (size_t k = 0; k < s[i]->spots; k++) {
			const struct fw_spot_value *v = &s[i]->spot[k];
			bool before = false;

			for (size_t b = 0; b < i && !before; b++)
				before = find_spot(s[b], &v->at);
			if (!before && add_spot(ev, s, v))
				return -1;
		}
	return 0;
}

static int add_boards(struct fw_evidence *ev, const struct fw_sample *const *s)
{
	char text[400];

	for (size_t i = 0; i < ev->boards; i++) {
		snprintf(text, sizeof(text), "%.300s %s", s[i]->name, s[i]->psid);
		ev->board[i] = strdup(text);
		if (!ev->board[i])
			return -1;
	}
	return 0;
}

int fw_evidence_gather(const struct fw_sample *const *s, size_t samples, struct fw_evidence *ev,
		       struct cx_err *err)
{
	memset(ev, 0, sizeof(*ev));
	if (samples > FW_BOARDS)
		return cx_fail(err, CX_REFUSED,
			       "%zu images of one release: at most %d are learnt from at once",
			       samples, FW_BOARDS);
	ev->boards = samples;
	memcpy(ev->chip, s[0]->chip, sizeof(ev->chip));
	ev->version = s[0]->version;
	memcpy(ev->release, s[0]->release, sizeof(ev->release));
	if (add_boards(ev, s) || add_keys(ev, s) || add_hidden(ev, s) || add_spots(ev, s)) {
		fw_evidence_free(ev);
		return cx_fail(err, CX_FAILED, "out of memory for %zu boards", samples);
	}
	if (ev->factors > FW_FACTORS || ev->words > FW_MOVED) {
		size_t factors = ev->factors, words = ev->words;

		fw_evidence_free(ev);
		return cx_fail(err, CX_REFUSED,
			       "%zu keys and %zu words differ between the boards: no release of "
			       "such cards",
			       factors, words);
	}
	return 0;
}

/* --- as lines of a table --- */

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
	    has_factor(ev, section, key) || is_identity(section, key))
		return 1;
	f = add_factor(ev, section, key);
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
	m = add_moved(ev, &at);
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
