// SPDX-License-Identifier: GPL-2.0-only
/* A learnt map as text: its rules beside the evidence that they follow from. */
#define _GNU_SOURCE
#include "table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char head[] =
	"# SPDX-License-Identifier: CC0-1.0\n"
	"# Learnt from images by cxflashctl map learn; cxflash-map(5) describes it. The lines "
	"with\n"
	"# '@' are the evidence: reading the table checks each rule against it.\n"
	"#\n"
	"#chip\tsection\tkey\tparameter\ttarget\tbit\tsize\tas\tconfidence\tabsent\tin\tmoves"
	"\tvalues\tboards\n";

struct line {
	char *at;
	size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void put(struct line *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (l->used < l->size)
		l->used += vsnprintf(l->at + l->used, l->size - l->used, fmt, ap);
	va_end(ap);
}

/* The first claim of the same key for the same field of the other section, of which this one is
 * the second half; or the reverse. */
static const struct fw_claim *other_half(const struct fw_learning *l, const struct fw_claim *c)
{
	const struct fw_spot *at = &l->ev->moved[c->word].at;

	for (size_t i = 0; i < l->claims; i++) {
		const struct fw_claim *o = &l->claim[i];
		const struct fw_spot *there = &l->ev->moved[o->word].at;

		if (o != c && o->learnt && o->factor == c->factor && o->word != c->word &&
		    at->kind == FW_SPOT_WORD && there->kind == FW_SPOT_WORD &&
		    there->addr == at->addr && o->how == c->how && o->bit == c->bit &&
		    o->size == c->size && o->moves == c->moves)
			return o;
	}
	return NULL;
}

static void put_target(struct line *to, const struct fw_spot *at)
{
	if (at->kind == FW_SPOT_WORD)
		put(to, "\t0x%x", at->addr);
	else if (at->kind == FW_SPOT_HEADER)
		put(to, "\theader:0x%x", at->addr);
	else
		put(to, "\tinfo:%u+%u", at->addr >> 16, at->addr & 0xffff);
}

static const char *as(const struct fw_claim *c)
{
	static const char *const name[] = {
		[FW_TO_FLAG] = "bool", [FW_TO_INVERTED] = "inverted", [FW_TO_NUMBER] = "number",
		[FW_TO_LOG2] = "log2", [FW_TO_CODE] = "code",
	};

	return name[c->how];
}

/* What one board of a class says; NULL: nothing. */
static const char *class_said(const struct fw_learning *l, size_t factor, unsigned int class)
{
	for (size_t i = 0; i < l->ev->boards; i++)
		if (set_has(&l->view[factor].of[class], i))
			return l->ev->factor[factor].said[i];
	return NULL;
}

static void put_quoted(struct line *to, const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~' || *text == '%' || *text == '=' || *text == ';')
			put(to, "%%%02x", (unsigned char)*text);
		else
			put(to, "%c", *text);
}

/* "XFI=1;HAWK3=2", or the values of a number. */
static void put_values(struct line *to, const struct fw_learning *l, size_t factor,
		       const struct fw_claim *c)
{
	const struct fw_view *v = &l->view[factor];
	bool first = true;

	put(to, "\t");
	for (unsigned int k = 0; k < v->classes; k++) {
		const char *said = class_said(l, factor, k);
		uint32_t field;

		if (!said || (c && c->how == FW_TO_CODE && fw_claim_field(l, c, said, &field)))
			continue;
		put(to, "%s", first ? "" : ";");
		put_quoted(to, said);
		if (c && c->how == FW_TO_CODE)
			put(to, "=0x%x", field);
		first = false;
	}
	if (first)
		put(to, "-");
}

void fw_rule_line(const struct fw_learning *l, size_t claim, char *text, size_t size)
{
	const struct fw_claim *c = &l->claim[claim], *other;
	const struct fw_factor *f = &l->ev->factor[c->factor];
	const struct fw_spot *at = &l->ev->moved[c->word].at;
	struct line to = {text, size, 0};
	uint32_t absent;

	text[0] = '\0';
	if (!c->learnt)
		return;
	other = other_half(l, c);
	if (other && other < c)
		return;
	put(&to, "%s\t%s\t%s\tlearnt.%s.%s@%x.%u", l->ev->chip, f->section, f->key, f->section,
	    f->key, at->addr, c->bit);
	put_target(&to, at);
	put(&to, "\t%u\t%u\t%s\tlearned", c->bit, c->size, as(c));
	if (fw_claim_field(l, c, NULL, &absent))
		put(&to, "\t-");
	else
		put(&to, "\t0x%x", absent);
	put(&to, at->kind != FW_SPOT_WORD ? "\t-" : other ? "\t1,2" : "\t%u", at->section);
	put(&to, "\t0x%x", c->moves >> c->bit);
	put_values(&to, l, c->factor, c);
	put(&to, "\t%u", set_count(&l->use));
}

static void nowhere_line(const struct fw_learning *l, size_t factor, char *text, size_t size)
{
	const struct fw_factor *f = &l->ev->factor[factor];
	struct line to = {text, size, 0};

	text[0] = '\0';
	if (f->kind != FW_KEY || !l->nowhere[factor])
		return;
	put(&to, "%s\t%s\t%s\t-\tnowhere\t-\t-\ttext\tlearned\t-\t-\t-", l->ev->chip, f->section,
	    f->key);
	put_values(&to, l, factor, NULL);
	put(&to, "\t%u", set_count(&l->use));
}

static void write_release(const struct fw_learning *l, char *line, FILE *out)
{
	fputc('\n', out);
	fw_evidence_write(l->ev, out);
	for (size_t f = 0; f < l->ev->factors; f++)
		for (size_t i = 0; i < l->claims; i++) {
			if (l->claim[i].factor != f)
				continue;
			fw_rule_line(l, i, line, FW_RULE_LINE);
			if (*line)
				fprintf(out, "%s\n", line);
		}
	for (size_t f = 0; f < l->ev->factors; f++) {
		nowhere_line(l, f, line, FW_RULE_LINE);
		if (*line)
			fprintf(out, "%s\n", line);
	}
}

int fw_map_write(const struct fw_map *map, char **text, size_t *len, struct cx_err *err)
{
	char *line = malloc(FW_RULE_LINE);
	FILE *out = line ? open_memstream(text, len) : NULL;
	int bad;

	if (!out) {
		free(line);
		return cx_fail(err, CX_FAILED, "out of memory for the map");
	}
	fputs(head, out);
	for (size_t r = 0; r < map->releases; r++)
		write_release(&map->learning[r], line, out);
	free(line);
	bad = ferror(out);
	bad |= fclose(out);
	if (!bad)
		return 0;
	free(*text);
	return cx_fail(err, CX_FAILED, "out of memory for the map");
}

void fw_map_free(struct fw_map *map)
{
	for (size_t r = 0; r < map->releases; r++) {
		if (map->learning && map->learning[r].ev)
			fw_learning_free(&map->learning[r]);
		fw_evidence_free(&map->evidence[r]);
	}
	free(map->evidence);
	free(map->learning);
	memset(map, 0, sizeof(*map));
}

static int learn_all(struct fw_map *map, struct cx_err *err)
{
	map->learning = calloc(map->releases + 1, sizeof(*map->learning));
	if (!map->learning)
		return cx_fail(err, CX_FAILED, "out of memory for the map");
	for (size_t r = 0; r < map->releases; r++)
		if (fw_learn(&map->evidence[r], NULL, &map->learning[r], err))
			return -1;
	return 0;
}

bool fw_is_learnt_map(const char *text, size_t len)
{
	return len && (*text == '@' || memmem(text, len, "\n@", 2));
}

/* What a table states of each release, line by line. */
struct reading {
	struct fw_map *map;
	struct {
		char *text;
		size_t release;
		unsigned int number;
	} * rule;
	size_t rules;
};

static bool is_rule(const char *line)
{
	const char *cell = strstr(line, "\tlearned\t");

	return *line != '#' && cell;
}

static int add_rule(struct reading *r, const char *line, unsigned int number, struct cx_err *err)
{
	void *more;

	if (!r->map->releases)
		return cx_fail(err, CX_INVALID,
			       "line %u: a learned rule without the release it was learnt from",
			       number);
	more = reallocarray(r->rule, r->rules + 1, sizeof(*r->rule));
	if (more)
		r->rule = more;
	if (more)
		r->rule[r->rules].text = strdup(line);
	if (!more || !r->rule[r->rules].text)
		return cx_fail(err, CX_FAILED, "out of memory for the map");
	r->rule[r->rules].release = r->map->releases - 1;
	r->rule[r->rules++].number = number;
	return 0;
}

static int read_text(struct reading *r, char *text, struct cx_err *err)
{
	unsigned int number = 0;

	for (char *next = text; next;) {
		char *line = strsep(&next, "\n");
		size_t len = strlen(line);

		number++;
		if (len && line[len - 1] == '\r')
			line[len - 1] = '\0';
		if (*line == '@' &&
		    fw_evidence_line(&r->map->evidence, &r->map->releases, line, number, err))
			return -1;
		if (is_rule(line) && add_rule(r, line, number, err))
			return -1;
	}
	for (size_t i = 0; i < r->map->releases; i++)
		if (fw_evidence_complete(&r->map->evidence[i], err))
			return -1;
	return 0;
}

/* Is the line of the table there? It is used up. */
static bool take_rule(struct reading *r, size_t release, const char *line)
{
	for (size_t i = 0; i < r->rules; i++)
		if (r->rule[i].release == release && r->rule[i].text &&
		    !strcmp(r->rule[i].text, line)) {
			free(r->rule[i].text);
			r->rule[i].text = NULL;
			return true;
		}
	return false;
}

/* A key of which a person took a line out is not built any more: half of it would be worse. */
static int check_release(struct reading *r, size_t release, char *line)
{
	struct fw_learning *l = &r->map->learning[release];
	bool *gone = calloc(l->ev->factors + 1, sizeof(*gone));

	if (!gone)
		return -1;
	for (size_t i = 0; i < l->claims; i++) {
		fw_rule_line(l, i, line, FW_RULE_LINE);
		if (*line && !take_rule(r, release, line))
			gone[l->claim[i].factor] = true;
	}
	for (size_t f = 0; f < l->ev->factors; f++) {
		nowhere_line(l, f, line, FW_RULE_LINE);
		if (*line && !take_rule(r, release, line))
			gone[f] = true;
	}
	for (size_t f = 0; f < l->ev->factors; f++)
		if (gone[f])
			l->buildable[f] = l->nowhere[f] = false;
	free(gone);
	return 0;
}

static int check_rules(struct reading *r, struct cx_err *err)
{
	char *line = malloc(FW_RULE_LINE);
	bool told = line != NULL;

	for (size_t i = 0; told && i < r->map->releases; i++)
		told = !check_release(r, i, line);
	free(line);
	if (!told)
		return cx_fail(err, CX_FAILED, "out of memory for the map");
	for (size_t i = 0; i < r->rules; i++)
		if (r->rule[i].text)
			return cx_fail(err, CX_INVALID,
				       "line %u: this learned rule does not follow from the boards "
				       "of the table; make it anew from the images",
				       r->rule[i].number);
	return 0;
}

int fw_map_parse(const char *text, size_t len, struct fw_map *map, struct cx_err *err)
{
	struct reading r = {.map = map};
	char *copy = strndup(text, len);
	int rc = -1;

	memset(map, 0, sizeof(*map));
	if (!copy)
		cx_fail(err, CX_FAILED, "out of memory for the map");
	else if (strlen(copy) != len)
		cx_fail(err, CX_INVALID, "a NUL byte at 0x%zx: no table", strlen(copy));
	else
		rc = read_text(&r, copy, err) || learn_all(map, err) || check_rules(&r, err) ? -1
											     : 0;
	for (size_t i = 0; i < r.rules; i++)
		free(r.rule[i].text);
	free(r.rule);
	free(copy);
	if (rc)
		fw_map_free(map);
	return rc;
}

static int gather(const struct fw_sample *sample, size_t samples, size_t first, bool *taken,
		  struct fw_map *map, struct cx_err *err)
{
	const struct fw_sample **one = calloc(samples, sizeof(const struct fw_sample *));
	struct fw_evidence *more;
	size_t count = 0;
	int rc;

	if (!one)
		return cx_fail(err, CX_FAILED, "out of memory for %zu images", samples);
	for (size_t i = first; i < samples; i++)
		if (!taken[i] && !memcmp(sample[i].release, sample[first].release, FW_MAP_DIGEST)) {
			taken[i] = true;
			if (!sample[i].doubt)
				one[count++] = &sample[i];
		}
	more = reallocarray(map->evidence, map->releases + 1, sizeof(*more));
	if (more)
		map->evidence = more;
	rc = !count ? 0
	     : more ? fw_evidence_gather(one, count, &more[map->releases], err)
		    : cx_fail(err, CX_FAILED, "out of memory for %zu images", samples);
	map->releases += !rc && count;
	free(one);
	return rc;
}

int fw_map_learn(const struct fw_sample *sample, size_t samples, struct fw_map *map,
		 struct cx_err *err)
{
	bool *taken = calloc(samples + 1, sizeof(*taken));
	int rc = taken ? 0 : cx_fail(err, CX_FAILED, "out of memory for %zu images", samples);

	memset(map, 0, sizeof(*map));
	for (size_t i = 0; !rc && i < samples; i++)
		if (!taken[i])
			rc = gather(sample, samples, i, taken, map, err);
	free(taken);
	if (!rc)
		rc = learn_all(map, err);
	if (rc)
		fw_map_free(map);
	return rc;
}
