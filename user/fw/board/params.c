// SPDX-License-Identifier: GPL-2.0-only
/* The parameter map: a table of text lines, checked hard because bits of hardware hang on it. */
#include "params.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fw/chip.h"
#include "ini.h"

#define MAX_RULES 4096 /* the largest ini seen has 148 keys */

enum column { CHIP, SECTION, KEY, PARAMETER, TARGET, BIT, SIZE, AS, CONFIDENCE, ABSENT, COLUMNS };
/* Further cells of a learned rule. */
enum learned { IN = COLUMNS, MOVES, VALUES, BOARDS, LEARNED_COLUMNS };

static const char *const target_name[] = {
	[FW_TARGET_WORD] = "word",
	[FW_TARGET_PSID] = "psid",
	[FW_TARGET_VSD] = "vsd",
	[FW_TARGET_PRS] = "prs",
	[FW_TARGET_DEVICE] = "device",
	[FW_TARGET_NV_SECTORS] = "nv_sectors",
	[FW_TARGET_SECTOR_LOG2K] = "sector_log2k",
	NULL,
};
static const char *const transform_name[] = {"number", "bool", "text", "inverted",
					     "log2",   "code", NULL};

static int by_name(const char *const *names, const char *name)
{
	for (int i = 0; names[i]; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

const char *fw_target_name(enum fw_target target)
{
	return target_name[target];
}

const char *fw_transform_name(enum fw_transform transform)
{
	return transform_name[transform];
}

int fw_target_by_name(const char *name)
{
	return by_name(target_name, name);
}

int fw_transform_by_name(const char *name)
{
	return by_name(transform_name, name);
}

/* "%20" is a blank: the cells of a code hold no characters that would end them. */
static bool is_quoted(const char *quoted, size_t len, const char *text)
{
	for (size_t i = 0; i < len; i++, text++) {
		unsigned int byte = (unsigned char)quoted[i];

		if (byte == '%' && sscanf(quoted + i + 1, "%2x", &byte) == 1)
			i += 2;
		if ((unsigned char)*text != byte)
			return false;
	}
	return !*text;
}

static int code_number(const char *code, const char *text, unsigned long *number)
{
	while (code && *code) {
		const char *equals = strchr(code, '='), *end = strchr(code, ';');

		if (!equals)
			return -1;
		if (is_quoted(code, equals - code, text)) {
			*number = strtoul(equals + 1, NULL, 16);
			return 0;
		}
		code = end ? end + 1 : NULL;
	}
	return -1;
}

int fw_rule_number(const struct fw_rule *rule, const char *text, unsigned long *number)
{
	if (rule->transform == FW_AS_CODE)
		return code_number(rule->code, text, number);
	if (rule->transform == FW_AS_TEXT || fw_ini_number(text, number))
		return -1;
	if (rule->transform == FW_AS_INVERTED)
		*number = !*number;
	if (rule->transform == FW_AS_LOG2) {
		if (!*number || *number & (*number - 1))
			return -1;
		*number = __builtin_ctzl(*number);
	}
	return 0;
}

bool fw_target_is_text(enum fw_target target)
{
	return target == FW_TARGET_PSID || target == FW_TARGET_VSD || target == FW_TARGET_PRS;
}

int fw_number(const char *text, unsigned long max, unsigned long *number)
{
	/* fw_ini_number() takes true and false as well. */
	if (*text < '0' || *text > '9' || fw_ini_number(text, number))
		return -1;
	return *number > max ? -1 : 0;
}

uint32_t fw_field_mask(unsigned int bit, unsigned int size)
{
	return (uint32_t)(((1ull << size) - 1) << bit);
}

static bool is_none(const char *cell)
{
	return !strcmp(cell, "-");
}

/* Cut the line at its tabs; false if it is not all cells of printable ASCII, of which the last may
 * be left out. */
static bool split(char *line, char *cell[LEARNED_COLUMNS])
{
	int n = 0;

	for (char *next = line; next; n++) {
		char *start = strsep(&next, "\t");

		if (n == LEARNED_COLUMNS || !*start)
			return false;
		for (const char *c = start; *c; c++)
			if (*c < 0x20 || *c > 0x7e)
				return false;
		cell[n] = start;
	}
	if (n == ABSENT)
		cell[n++] = "-";
	return n == COLUMNS || (n == LEARNED_COLUMNS && !strcmp(cell[CONFIDENCE], "learned"));
}

static int read_word_target(struct fw_rule *r, char *cell[COLUMNS], struct cx_err *err)
{
	unsigned long addr, bit, size;

	if (fw_number(cell[TARGET], FW_CR_SIZE - 4, &addr) || addr % 4)
		return cx_fail(
			err, CX_INVALID,
			"line %u: target '%s' is neither a word address below 0x%x nor one of "
			"psid vsd prs device nv_sectors sector_log2k",
			r->line, cell[TARGET], FW_CR_SIZE);
	if (fw_number(cell[BIT], 31, &bit) || fw_number(cell[SIZE], 32, &size) || !size ||
	    bit + size > 32)
		return cx_fail(err, CX_INVALID,
			       "line %u: bit %s and size %s are no field of 32 bits", r->line,
			       cell[BIT], cell[SIZE]);
	if (is_none(cell[PARAMETER]))
		return cx_fail(err, CX_INVALID, "line %u: bits of a word need a parameter name",
			       r->line);
	if (r->transform == FW_AS_TEXT || (r->transform == FW_AS_BOOL && size != 1))
		return cx_fail(err, CX_INVALID, "line %u: %lu bits cannot be read as %s", r->line,
			       size, cell[AS]);
	r->target = FW_TARGET_WORD;
	r->addr = addr;
	r->bit = bit;
	r->size = size;
	return 0;
}

static int read_field_target(struct fw_rule *r, char *cell[COLUMNS], struct cx_err *err)
{
	bool text = fw_target_is_text(r->target);

	if (!is_none(cell[PARAMETER]) || !is_none(cell[BIT]) || !is_none(cell[SIZE]))
		return cx_fail(
			err, CX_INVALID,
			"line %u: an Image Info field has no parameter, bit or size; write '-'",
			r->line);
	if (is_none(cell[KEY]))
		return cx_fail(err, CX_INVALID, "line %u: an Image Info field needs a key",
			       r->line);
	if (text != (r->transform == FW_AS_TEXT) || r->transform == FW_AS_BOOL)
		return cx_fail(err, CX_INVALID, "line %u: %s is read as %s, not as %s", r->line,
			       cell[TARGET], text ? "text" : "number", cell[AS]);
	return 0;
}

/* The target of @r has been read. */
static int read_absent(struct fw_rule *r, char *cell[COLUMNS], struct cx_err *err)
{
	unsigned long value,
		max = r->target == FW_TARGET_WORD ? fw_field_mask(0, r->size) : UINT32_MAX;

	if (is_none(cell[ABSENT]))
		return 0;
	if (is_none(cell[KEY]) || r->transform == FW_AS_TEXT ||
	    fw_number(cell[ABSENT], max, &value))
		return cx_fail(err, CX_INVALID,
			       "line %u: '%s' is no number that this key's bits could hold; '-' if "
			       "it is not known what they hold without the key",
			       r->line, cell[ABSENT]);
	r->absent_known = true;
	r->absent = value;
	return 0;
}

static char *copy_cell(const char *cell, bool *failed)
{
	char *copy;

	if (is_none(cell))
		return NULL;
	copy = strdup(cell);
	*failed |= !copy;
	return copy;
}

static void free_rule(struct fw_rule *r)
{
	free(r->chip);
	free(r->section);
	free(r->key);
	free(r->path);
	free(r->code);
}

static int read_rule(struct fw_rule *r, char *cell[LEARNED_COLUMNS], struct cx_err *err)
{
	int transform = fw_transform_by_name(cell[AS]);
	int confidence = fw_confidence_by_name(cell[CONFIDENCE]);
	int target = fw_target_by_name(cell[TARGET]);
	bool failed = false;

	if (strcmp(cell[CHIP], "*") && !fw_is_chip_part(cell[CHIP]))
		return cx_fail(err, CX_INVALID,
			       "line %u: chip '%s' is none of " FW_CHIP_PARTS " or *", r->line,
			       cell[CHIP]);
	if (is_none(cell[SECTION]) != is_none(cell[KEY]))
		return cx_fail(err, CX_INVALID, "line %u: a key needs its section, and the reverse",
			       r->line);
	if (transform < 0)
		return cx_fail(err, CX_INVALID, "line %u: '%s' is none of number, bool, text",
			       r->line, cell[AS]);
	if (confidence != FW_VERIFIED && confidence != FW_SEEN && confidence != FW_LEARNED)
		return cx_fail(err, CX_INVALID, "line %u: '%s' is none of verified, seen, learned",
			       r->line, cell[CONFIDENCE]);
	if (transform > FW_AS_TEXT && confidence != FW_LEARNED)
		return cx_fail(err, CX_INVALID,
			       "line %u: only a learned rule is read as %s; number, bool and text "
			       "are for others",
			       r->line, cell[AS]);
	r->transform = transform;
	r->confidence = confidence;
	if (target > FW_TARGET_WORD) {
		r->target = target;
		if (read_field_target(r, cell, err))
			return -1;
	} else if (read_word_target(r, cell, err)) {
		return -1;
	}
	if (read_absent(r, cell, err))
		return -1;
	r->chip = copy_cell(cell[CHIP], &failed);
	r->section = copy_cell(cell[SECTION], &failed);
	r->key = copy_cell(cell[KEY], &failed);
	r->path = copy_cell(cell[PARAMETER], &failed);
	if (transform == FW_AS_CODE)
		r->code = copy_cell(cell[VALUES], &failed);
	if (!failed)
		return 0;
	free_rule(r);
	return cx_fail(err, CX_FAILED, "out of memory for the parameter map");
}

static bool share_chip(const struct fw_rule *a, const struct fw_rule *b)
{
	return !strcmp(a->chip, "*") || !strcmp(b->chip, "*") || !strcmp(a->chip, b->chip);
}

/* One parameter has one place, and one bit belongs to one parameter. */
static int check_against(const struct fw_params *map, const struct fw_rule *r, struct cx_err *err)
{
	for (size_t i = 0; i < map->rules; i++) {
		const struct fw_rule *o = &map->rule[i];
		bool same_path, same_place;

		if (r->target != FW_TARGET_WORD || o->target != FW_TARGET_WORD || !share_chip(r, o))
			continue;
		if (r->confidence == FW_LEARNED || o->confidence == FW_LEARNED)
			continue; /* checked against the boards it was learnt from */
		same_path = !strcmp(r->path, o->path);
		same_place = r->addr == o->addr && r->bit == o->bit && r->size == o->size;
		if (same_path && !same_place)
			return cx_fail(err, CX_INVALID,
				       "line %u: parameter %s is at 0x%x.%u size %u already",
				       r->line, r->path, o->addr, o->bit, o->size);
		if (!same_path && r->addr == o->addr && r->bit < o->bit + o->size &&
		    o->bit < r->bit + r->size)
			return cx_fail(err, CX_INVALID,
				       "line %u: parameter %s overlaps %s (0x%x.%u size %u)",
				       r->line, r->path, o->path, o->addr, o->bit, o->size);
	}
	return 0;
}

/* Learnt rules for the header, for Image Info, or for no place at all name no word. */
static bool names_word(const char *target)
{
	unsigned long addr;

	return !fw_number(target, FW_CR_SIZE - 4, &addr);
}

static int add_line(struct fw_params *map, char *line, unsigned int number, struct cx_err *err)
{
	struct fw_rule r = {.line = number}, *more;
	size_t len = strlen(line);
	char *cell[LEARNED_COLUMNS];

	if (len && line[len - 1] == '\r')
		line[len - 1] = '\0';
	if (!line[strspn(line, " \t")] || *line == '#' || *line == '@')
		return 0;
	if (!split(line, cell))
		return cx_fail(
			err, CX_INVALID,
			"line %u: not %d or %d cells with one tab between each two (empty is '-')",
			number, ABSENT, COLUMNS);
	if (map->rules == MAX_RULES)
		return cx_fail(err, CX_INVALID, "line %u: more than %d rules", number, MAX_RULES);
	if (!strcmp(cell[CONFIDENCE], "learned") && !names_word(cell[TARGET]))
		return 0;
	if (read_rule(&r, cell, err))
		return -1;
	if (check_against(map, &r, err)) {
		free_rule(&r);
		return -1;
	}
	more = reallocarray(map->rule, map->rules + 1, sizeof(*more));
	if (!more) {
		free_rule(&r);
		return cx_fail(err, CX_FAILED, "out of memory for the parameter map");
	}
	map->rule = more;
	map->rule[map->rules++] = r;
	return 0;
}

int fw_params_parse(const char *text, size_t len, struct fw_params *map, struct cx_err *err)
{
	const size_t before = map->rules;
	unsigned int number = 0;
	char *copy, *next;
	int rc = 0;

	if (len && memchr(text, '\0', len))
		return cx_fail(err, CX_INVALID, "no parameter map: it holds NUL bytes");
	copy = strndup(len ? text : "", len);
	if (!copy)
		return cx_fail(err, CX_FAILED, "out of memory for the parameter map");
	next = copy;
	while (next && !rc)
		rc = add_line(map, strsep(&next, "\n"), ++number, err);
	free(copy);
	while (rc && map->rules > before)
		free_rule(&map->rule[--map->rules]);
	return rc;
}

/* user/data/params.tsv, as the linker puts it in. */
extern const char params_start[] __asm__("_binary_user_data_params_tsv_start");
extern const char params_end[] __asm__("_binary_user_data_params_tsv_end");

int fw_params_builtin(struct fw_params *map, struct cx_err *err)
{
	if (fw_params_parse(params_start, params_end - params_start, map, err))
		return cx_fail_in(err, "user/data/params.tsv");
	return 0;
}

void fw_params_free(struct fw_params *map)
{
	for (size_t i = 0; i < map->rules; i++)
		free_rule(&map->rule[i]);
	free(map->rule);
	memset(map, 0, sizeof(*map));
}
