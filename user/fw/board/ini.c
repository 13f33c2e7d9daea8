// SPDX-License-Identifier: GPL-2.0-only
/* The .ini text: read it, ask it, change single lines of it (mlx-ini 2). */
#define _GNU_SOURCE
#include "ini.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fw/text.h"

#define PSID_MAX 16
#define UTF8_BOM "\xef\xbb\xbf"

/* One line of the text, as pointers into it. */
struct line {
	enum { LINE_EMPTY, LINE_SECTION, LINE_KEY, LINE_JUNK } kind;
	const char *start, *next;    /* @next: first byte of the next line */
	const char *name, *name_end; /* section or key */
	const char *value, *value_end;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void trim(const char **start, const char **end)
{
	while (*start < *end && is_blank(**start))
		(*start)++;
	while (*end > *start && is_blank((*end)[-1]))
		(*end)--;
}

static bool is_text(const char *start, const char *end)
{
	for (; start < end; start++)
		if (((unsigned char)*start < 0x20 && *start != '\t') || *start == 0x7f)
			return false;
	return true;
}

/* Names are plain ASCII: a stray byte in one would be a key that nobody can ask for. */
static bool is_name(const char *start, const char *end)
{
	if (start == end)
		return false;
	for (; start < end; start++)
		if ((unsigned char)*start < 0x20 || (unsigned char)*start > 0x7e)
			return false;
	return true;
}

static bool is_comment(const char *start, const char *end)
{
	return *start == ';' || *start == '#' || (end - start >= 2 && !memcmp(start, "//", 2));
}

static struct line scan_line(const char *start, const char *text_end)
{
	const char *lf = memchr(start, '\n', text_end - start);
	struct line l = {.kind = LINE_JUNK, .start = start, .next = lf ? lf + 1 : text_end};
	const char *end = lf ? lf : text_end;
	const char *eq;

	trim(&start, &end);
	if (start == end || is_comment(start, end)) {
		l.kind = LINE_EMPTY;
		return l;
	}
	if (*start == '[') {
		l.name = start + 1;
		l.name_end = end - 1;
		if (end[-1] == ']' && is_name(l.name, l.name_end))
			l.kind = LINE_SECTION;
		return l;
	}
	eq = memchr(start, '=', end - start);
	if (!eq)
		return l;
	l.name = start;
	l.name_end = eq;
	trim(&l.name, &l.name_end);
	l.value = eq + 1;
	l.value_end = end;
	trim(&l.value, &l.value_end);
	if (is_name(l.name, l.name_end) && is_text(l.value, l.value_end))
		l.kind = LINE_KEY;
	return l;
}

static const char *first_line(const struct fw_ini *ini)
{
	bool bom = ini->len >= 3 && !memcmp(ini->text, UTF8_BOM, 3);

	return ini->text + (bom ? 3 : 0);
}

static bool line_names(const struct line *l, const char *name, bool fold)
{
	size_t len = l->name_end - l->name;

	return strlen(name) == len &&
	       !(fold ? strncasecmp(l->name, name, len) : memcmp(l->name, name, len));
}

/* One block holds the three strings of an entry; entry.section is its start. */
static int add_entry(struct fw_ini *ini, size_t *room, const struct line *section,
		     const struct line *l, unsigned int number)
{
	size_t s = section->name_end - section->name, k = l->name_end - l->name,
	       v = l->value_end - l->value;
	struct fw_ini_entry *e;
	char *block;

	if (ini->entries == *room) {
		size_t more = *room ? 2 * *room : 64;

		e = reallocarray(ini->entry, more, sizeof(*e));
		if (!e)
			return -1;
		ini->entry = e;
		*room = more;
	}
	block = calloc(1, s + k + v + 3);
	if (!block)
		return -1;
	e = &ini->entry[ini->entries++];
	e->section = memcpy(block, section->name, s);
	e->key = memcpy(block + s + 1, l->name, k);
	e->value = memcpy(block + s + k + 2, l->value, v);
	e->line = number;
	return 0;
}

/* ---- what is wrong with it ---- */

/* Where a PSID may be stated, in the order in which mlxburn looks (mlx-ini 2b). */
static const struct psid_place {
	const char *section, *key;
} psid_place[] = {
	{"PSID", "PSID"},
	{"ADAPTER", "PSID"},
	{"image_info", "psid"},
};
#define PSID_PLACES (sizeof(psid_place) / sizeof(psid_place[0]))

/*
 * Remember a reason for which fw_ini_parse() refuses the ini, the first only: it is the one a
 * person mends first. -1: out of memory.
 */
static int __attribute__((format(printf, 2, 3))) ini_doubt(struct fw_ini *ini, const char *fmt, ...)
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

/* A line that says nothing, and what in it may be the reason. */
static int doubt_junk(struct fw_ini *ini, const struct line *l, unsigned int number)
{
	char what[64] = "";
	size_t len;

	for (const char *c = l->start; c < l->next; c += len ? len : 1)
		if (fw_text_dressed(c, &len, what, sizeof(what)))
			break;
	return ini_doubt(ini, "line %u: neither [SECTION] nor key = value nor ; comment%s%s%s",
			 number, *what ? "; it holds " : "", what,
			 *what ? ", type it in plain ASCII" : "");
}

/* Quotes and blanks that are none would become a part of the value; so would another encoding. */
static int doubt_value(struct fw_ini *ini, const struct line *l, unsigned int number)
{
	char what[64];
	uint32_t code;
	size_t len;

	for (const char *c = l->value; c < l->value_end; c += len) {
		bool dressed = fw_text_dressed(c, &len, what, sizeof(what));

		if (dressed && (c == l->value || c + len >= l->value_end))
			return ini_doubt(ini,
					 "line %u: the value of %.*s %s with %s; type it in plain "
					 "ASCII, without quotes",
					 number, (int)(l->name_end - l->name), l->name,
					 c == l->value ? "begins" : "ends", what);
		len = fw_utf8(c, &code);
		if (!len)
			return ini_doubt(
				ini,
				"line %u: the value of %.*s holds the byte 0x%02x, which is "
				"no UTF-8; if the file is in Latin-1 or Windows-1252, 'iconv "
				"-f WINDOWS-1252 -t UTF-8' makes it UTF-8",
				number, (int)(l->name_end - l->name), l->name, (uint8_t)*c);
	}
	return 0;
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
			rc = ini_doubt(ini,
				       "line %u: %s.%s is '%s' here and '%s' on line %u; keep one",
				       b->line, b->section, b->key, b->value, a->value, a->line);
	}
	free(sorted);
	return rc;
}

static bool is_psid(const char *s)
{
	size_t len = strlen(s);

	for (size_t i = 0; i < len; i++)
		if (s[i] <= 0x20 || s[i] > 0x7e)
			return false;
	return len >= 1 && len <= PSID_MAX;
}

static bool states_psid(const struct fw_ini_entry *e)
{
	for (size_t i = 0; i < PSID_PLACES; i++)
		if (!strcmp(e->section, psid_place[i].section) &&
		    !strcasecmp(e->key, psid_place[i].key))
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
		if (!is_psid(e->value))
			return ini_doubt(ini,
					 "line %u: the PSID '%s' is not 1 to 16 ASCII characters "
					 "without blanks",
					 e->line, e->value);
		if (first && strcmp(first->value, e->value))
			return ini_doubt(ini,
					 "line %u: PSID '%s' here and '%s' on line %u; keep one",
					 e->line, e->value, first->value, first->line);
		first = e;
	}
	return 0;
}

static int check_ini(struct fw_ini *ini, struct cx_err *err)
{
	if (!find_contradiction(ini) && !check_psids(ini) &&
	    (ini->entries || !ini_doubt(ini, "there is no key = value in it")))
		return 0;
	return cx_fail(err, CX_FAILED, "out of memory for an ini of %zu bytes", ini->len);
}

/* ---- reading ---- */

static int read_lines(struct fw_ini *ini, struct cx_err *err)
{
	const char *end = ini->text + ini->len;
	struct line l, section = {0};
	unsigned int number = 0;
	size_t room = 0;
	int rc = 0;

	for (const char *at = first_line(ini); at < end && !rc; at = l.next) {
		number++;
		l = scan_line(at, end);
		if (l.kind == LINE_SECTION)
			section = l;
		else if (l.kind == LINE_JUNK)
			rc = doubt_junk(ini, &l, number);
		else if (l.kind == LINE_KEY && !section.name)
			rc = ini_doubt(ini, "line %u: a key before the first [SECTION]", number);
		else if (l.kind == LINE_KEY && ini->entries == FW_INI_KEYS)
			return cx_fail(err, CX_INVALID,
				       "line %u: more than %d keys: no ini of such a card", number,
				       FW_INI_KEYS);
		else if (l.kind == LINE_KEY)
			rc = doubt_value(ini, &l, number) ||
			     add_entry(ini, &room, &section, &l, number);
	}
	return rc ? cx_fail(err, CX_FAILED, "out of memory for an ini of %zu bytes", ini->len) : 0;
}

int fw_ini_read(const char *text, size_t len, struct fw_ini *ini, struct cx_err *err)
{
	memset(ini, 0, sizeof(*ini));
	while (len && !text[len - 1])
		len--;
	if (len > FW_INI_MAX)
		return cx_fail(err, CX_INVALID, "%zu bytes are no ini: the limit is %u", len,
			       FW_INI_MAX);
	ini->text = malloc(len + 1);
	if (!ini->text)
		return cx_fail(err, CX_FAILED, "out of memory for an ini of %zu bytes", len);
	if (len)
		memcpy(ini->text, text, len);
	ini->text[len] = '\0';
	ini->len = len;
	if (!read_lines(ini, err) && !check_ini(ini, err))
		return 0;
	fw_ini_free(ini);
	return -1;
}

/* @ini with a doubt is none. */
static int refuse_doubt(struct fw_ini *ini, struct cx_err *err)
{
	if (!ini->doubt)
		return 0;
	cx_fail(err, CX_INVALID, "%s", ini->doubt);
	fw_ini_free(ini);
	return -1;
}

int fw_ini_parse(const char *text, size_t len, struct fw_ini *ini, struct cx_err *err)
{
	return fw_ini_read(text, len, ini, err) || refuse_doubt(ini, err) ? -1 : 0;
}

int fw_ini_read_file(const uint8_t *bytes, size_t len, struct fw_ini *ini, struct cx_err *err)
{
	const char *was;
	char *text;
	int rc;

	if (fw_text_plain(bytes, len, &text, &len, &was, err))
		return -1;
	rc = fw_ini_read(text, len, ini, err);
	free(text);
	if (!rc)
		ini->was = was;
	return rc;
}

int fw_ini_parse_file(const uint8_t *bytes, size_t len, struct fw_ini *ini, struct cx_err *err)
{
	return fw_ini_read_file(bytes, len, ini, err) || refuse_doubt(ini, err) ? -1 : 0;
}

void fw_ini_free(struct fw_ini *ini)
{
	for (size_t i = 0; i < ini->entries; i++)
		free(ini->entry[i].section);
	free(ini->entry);
	free(ini->text);
	free(ini->doubt);
	memset(ini, 0, sizeof(*ini));
}

const char *fw_ini_get(const struct fw_ini *ini, const char *section, const char *key)
{
	for (size_t i = ini->entries; i-- > 0;) {
		const struct fw_ini_entry *e = &ini->entry[i];

		if (!strcmp(e->section, section) && !strcasecmp(e->key, key))
			return e->value;
	}
	return NULL;
}

/* Line ends of a new line: those of the line before it, else those of the file. */
static const char *line_end_like(const struct fw_ini *ini, const char *after)
{
	if (after > ini->text && after[-1] == '\n')
		return after - ini->text >= 2 && after[-2] == '\r' ? "\r\n" : "\n";
	return memmem(ini->text, ini->len, "\r\n", 2) ? "\r\n" : "\n";
}

/*
 * Write the text with @value in every line that states one of the keys; false if none does. *@last
 * is the end of the last key, or of the head, of @home's section; NULL if there is none.
 */
static bool replace_value(const struct fw_ini *ini, FILE *out, const struct psid_place *place,
			  size_t places, const struct psid_place *home, const char *value,
			  const char **last)
{
	const char *end = ini->text + ini->len, *done = ini->text;
	struct line l, section = {0};
	bool found = false;

	*last = NULL;
	for (const char *at = first_line(ini); at < end; at = l.next) {
		l = scan_line(at, end);
		if (l.kind == LINE_SECTION)
			section = l;
		if (!section.name || (l.kind != LINE_SECTION && l.kind != LINE_KEY))
			continue;
		if (line_names(&section, home->section, false))
			*last = l.next;
		for (size_t i = 0; l.kind == LINE_KEY && i < places; i++) {
			if (!line_names(&section, place[i].section, false) ||
			    !line_names(&l, place[i].key, true))
				continue;
			fwrite(done, 1, l.value - done, out);
			fputs(value, out);
			done = l.value_end;
			found = true;
			break;
		}
	}
	if (found)
		fwrite(done, 1, end - done, out);
	return found;
}

/* Write the text with a new line after @after, or with a new section at the end if that is NULL. */
static void add_line(const struct fw_ini *ini, FILE *out, const struct psid_place *home,
		     const char *value, const char *after)
{
	const char *end = ini->text + ini->len, *at = after ? after : end;
	const char *eol = line_end_like(ini, at);

	fwrite(ini->text, 1, at - ini->text, out);
	if (at > first_line(ini) && at[-1] != '\n')
		fputs(eol, out);
	if (!after)
		fprintf(out, "%s[%s]%s", at > first_line(ini) ? eol : "", home->section, eol);
	fprintf(out, "%s = %s%s", home->key, value, eol);
	fwrite(at, 1, end - at, out);
}

/* All lines that state a key change at once: in between, the text would contradict itself. */
static int change(struct fw_ini *ini, const struct psid_place *place, size_t places,
		  const struct psid_place *home, const char *value, struct cx_err *err)
{
	struct fw_ini changed;
	const char *last;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int rc;

	if (!out)
		goto no_memory;
	if (!replace_value(ini, out, place, places, home, value, &last))
		add_line(ini, out, home, value, last);
	if (fclose(out)) {
		free(text);
		goto no_memory;
	}
	rc = fw_ini_parse(text, len, &changed, err);
	free(text);
	if (rc)
		return -1;
	changed.was = ini->was;
	fw_ini_free(ini);
	*ini = changed;
	return 0;

no_memory:
	return cx_fail(err, CX_FAILED, "out of memory for an ini of %zu bytes", ini->len);
}

int fw_ini_set(struct fw_ini *ini, const char *section, const char *key, const char *value,
	       struct cx_err *err)
{
	const struct psid_place place = {section, key};
	const char *start = key, *end = key + strlen(key);

	if (!is_name(section, section + strlen(section)) || strpbrk(section, "[]"))
		return cx_fail(err, CX_USAGE, "'%s' is no section name of an ini", section);
	trim(&start, &end);
	if (!is_name(key, end) || start != key || *end || strchr(key, '=') || *key == '[' ||
	    is_comment(key, end))
		return cx_fail(err, CX_USAGE, "'%s' is no key name of an ini", key);
	if (!is_text(value, value + strlen(value)))
		return cx_fail(err, CX_USAGE, "the value for %s.%s holds a control character",
			       section, key);
	return change(ini, &place, 1, &place, value, err);
}

int fw_ini_name(const char *name, char **section, const char **key, struct cx_err *err)
{
	const char *dot = strchr(name, '.');

	if (!dot || dot == name || !dot[1])
		return cx_fail(err, CX_USAGE, "%s: SECTION.KEY expected, as in PS_INFO.Name", name);
	*section = strdup(name);
	if (!*section)
		return cx_fail(err, CX_FAILED, "out of memory");
	(*section)[dot - name] = '\0';
	*key = *section + (dot - name) + 1;
	return 0;
}

int fw_ini_assign(struct fw_ini *ini, const char *text, struct cx_err *err)
{
	const char *equals = strchr(text, '='), *key;
	char *name, *section;
	int rc;

	if (!equals)
		return cx_fail(err, CX_USAGE, "%s: SECTION.KEY=VALUE expected", text);
	name = strndup(text, equals - text);
	if (!name)
		return cx_fail(err, CX_FAILED, "out of memory");
	rc = fw_ini_name(name, &section, &key, err);
	free(name);
	if (rc)
		return -1;
	rc = fw_ini_set(ini, section, key, equals + 1, err);
	free(section);
	return rc;
}

int fw_ini_remove(struct fw_ini *ini, const char *section, const char *key, struct cx_err *err)
{
	const char *end = ini->text + ini->len, *next;
	struct line l, head = {0};
	struct fw_ini left;
	char *text = malloc(ini->len + 1);
	size_t len = first_line(ini) - ini->text;

	if (!text)
		return cx_fail(err, CX_FAILED, "out of memory for an ini of %zu bytes", ini->len);
	memcpy(text, ini->text, len);
	for (const char *at = first_line(ini); at < end; at = next) {
		l = scan_line(at, end);
		next = l.next;
		if (l.kind == LINE_SECTION)
			head = l;
		if (l.kind == LINE_KEY && head.name && line_names(&head, section, false) &&
		    line_names(&l, key, true))
			continue;
		memcpy(text + len, at, next - at);
		len += next - at;
	}
	if (fw_ini_parse(text, len, &left, err)) {
		free(text);
		return -1;
	}
	free(text);
	left.was = ini->was;
	fw_ini_free(ini);
	*ini = left;
	return 0;
}

int fw_ini_rebrand(struct fw_ini *ini, const char *psid, const char *name, struct cx_err *err)
{
	if (!is_psid(psid))
		return cx_fail(err, CX_USAGE,
			       "'%s' is no PSID: 1 to 16 ASCII characters without blanks", psid);
	if (name && fw_ini_set(ini, "PS_INFO", "Name", name, err))
		return -1;
	/* ADAPTER is where every FS2 ini seen states it (mlx-ini 2c). */
	return change(ini, psid_place, PSID_PLACES, &psid_place[1], psid, err);
}

int fw_ini_number(const char *value, unsigned long *number)
{
	int base = 10;
	char *end;

	if (!strcasecmp(value, "true") || !strcasecmp(value, "false")) {
		*number = !strcasecmp(value, "true");
		return 0;
	}
	if (value[0] == '0' && (value[1] == 'x' || value[1] == 'X')) {
		value += 2;
		base = 16;
	}
	/* strtoul() would take blanks, signs and a second 0x as well. */
	if (!(base == 16 ? isxdigit((unsigned char)*value) : isdigit((unsigned char)*value)))
		return -1;
	if (base == 16 && (value[1] == 'x' || value[1] == 'X'))
		return -1;
	errno = 0;
	*number = strtoul(value, &end, base);
	return errno || *end ? -1 : 0;
}

/* ---- what is odd of it ---- */

const char *fw_ini_psid(const struct fw_ini *ini)
{
	for (size_t i = 0; i < PSID_PLACES; i++) {
		const char *psid = fw_ini_get(ini, psid_place[i].section, psid_place[i].key);

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

	if (ini->was) {
		snprintf(text, sizeof(text), "it was %s, and is taken as UTF-8", ini->was);
		fn(text, ctx);
		count++;
	}
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
