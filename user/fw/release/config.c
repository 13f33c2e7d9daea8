// SPDX-License-Identifier: GPL-2.0-only
/* What a card obeys, field by field, beside what its ini says. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "fw/image/info.h"
#include "fw/words.h"
#include "release_model.h"

/* A configuration being read. */
struct reader {
	const struct fw_image *img;
	const struct fw_rule **rule; /* those that fit the chip, by place */
	size_t rules;
	struct fw_config *config;
};

static int by_place(const void *a, const void *b)
{
	const struct fw_rule *x = *(const struct fw_rule *const *)a;
	const struct fw_rule *y = *(const struct fw_rule *const *)b;

	if (x->target != y->target)
		return x->target < y->target ? -1 : 1;
	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	if (x->bit != y->bit)
		return x->bit < y->bit ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

static bool same_place(const struct fw_rule *a, const struct fw_rule *b)
{
	return a->target == b->target && a->addr == b->addr && a->bit == b->bit &&
	       a->size == b->size;
}

/* The rules that can hold for this chip, in one list that fields point into. */
static int choose_rules(struct reader *r, const struct fw_params *map, struct cx_err *err)
{
	enum fw_chip chip = fw_image_chip(r->img, NULL);
	const char *part = chip == FW_CHIP_UNKNOWN ? "" : fw_chip_part(chip);

	r->rule = calloc(map->rules + 1, sizeof(*r->rule));
	if (!r->rule)
		return cx_fail(err, CX_FAILED, "out of memory");
	for (size_t i = 0; i < map->rules; i++)
		if (!strcmp(map->rule[i].chip, "*") || !strcmp(map->rule[i].chip, part))
			r->rule[r->rules++] = &map->rule[i];
	qsort(r->rule, r->rules, sizeof(*r->rule), by_place);
	r->config->rule = r->rule;
	return 0;
}

static int add_field(struct fw_config *config, const struct fw_field *field, struct cx_err *err)
{
	struct fw_field *more = config->field;

	if (!(config->fields & (config->fields - 1)))
		more = reallocarray(more, config->fields ? 2 * config->fields : 1, sizeof(*more));
	if (!more)
		return cx_fail(err, CX_FAILED, "out of memory");
	config->field = more;
	more[config->fields++] = *field;
	return 0;
}

/* First rule of the list at or behind @addr. */
static size_t first_rule(const struct reader *r, uint32_t addr)
{
	size_t low = 0, high = r->rules;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct fw_rule *rule = r->rule[middle];

		if (rule->target == FW_TARGET_WORD && rule->addr < addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The named fields of a word, then the bits that are left. */
static int read_word(struct reader *r, unsigned int section, const uint8_t *word,
		     struct cx_err *err)
{
	uint32_t addr = fw_get32(word), value = fw_get32(word + 4), mask = fw_get32(word + 8);
	struct fw_field f = {.section = section, .addr = addr};
	uint32_t named = 0;

	for (size_t i = first_rule(r, addr), n; i < r->rules; i += n) {
		const struct fw_rule *rule = r->rule[i];
		uint32_t bits = fw_field_mask(rule->bit, rule->size);

		if (rule->target != FW_TARGET_WORD || rule->addr != addr)
			break;
		for (n = 1; i + n < r->rules && same_place(rule, r->rule[i + n]);)
			n++;
		if (bits & ~mask || bits & named)
			continue;
		named |= bits;
		f.mask = bits;
		f.bit = rule->bit;
		f.value = (value & bits) >> rule->bit;
		f.rule = &r->rule[i];
		f.rules = n;
		if (add_field(r->config, &f, err))
			return -1;
	}
	f.mask = mask & ~named;
	f.value = value & ~named;
	f.bit = f.mask ? __builtin_ctz(f.mask) : 0;
	f.rule = NULL;
	f.rules = 0;
	return f.mask || f.value ? add_field(r->config, &f, err) : 0;
}

static int read_section(struct reader *r, unsigned int number, const struct fw_section *s,
			struct cx_err *err)
{
	if (s->size % FW_WORD_SIZE)
		return cx_fail(err, CX_INVALID,
			       "Configuration section at 0x%x: 0x%x bytes are no list of words of "
			       "%u bytes",
			       s->addr, s->size, FW_WORD_SIZE);
	for (uint32_t at = 0; at < s->size; at += FW_WORD_SIZE)
		if (read_word(r, number, r->img->bytes + s->data + at, err))
			return -1;
	return 0;
}

/* The field of Image Info that a target means; false if the image has none. */
static bool info_field(const struct fw_image *img, enum fw_target target, struct fw_field *f)
{
	const struct fw_info *info = &img->info;

	f->text = NULL;
	switch (target) {
	case FW_TARGET_PSID:
		f->addr = FW_TAG_PSID;
		f->text = info->psid;
		break;
	case FW_TARGET_VSD:
		f->addr = FW_TAG_VSD;
		f->text = info->vsd;
		break;
	case FW_TARGET_PRS:
		f->addr = FW_TAG_PRS;
		f->text = info->prs;
		break;
	case FW_TARGET_DEVICE:
		f->addr = FW_TAG_DEVICE;
		f->value = info->device & 0xffff;
		break;
	case FW_TARGET_NV_SECTORS:
		f->addr = FW_TAG_NV_CONFIG;
		f->value = info->nv_sectors;
		break;
	case FW_TARGET_SECTOR_LOG2K:
		f->addr = FW_TAG_NV_CONFIG;
		f->value = info->nv_sector_log2k;
		if (f->value == UINT32_MAX)
			return false;
		break;
	case FW_TARGET_WORD:
		return false;
	}
	return info->tags >> f->addr & 1;
}

static int read_info(struct reader *r, struct cx_err *err)
{
	struct fw_field f = {.mask = 0xffffffff};

	for (size_t i = 0; i < r->rules; i += f.rules) {
		f.rule = &r->rule[i];
		for (f.rules = 1;
		     i + f.rules < r->rules && r->rule[i + f.rules]->target == r->rule[i]->target;)
			f.rules++;
		if (info_field(r->img, r->rule[i]->target, &f) && add_field(r->config, &f, err))
			return -1;
	}
	return 0;
}

static int by_address(const void *a, const void *b)
{
	const struct fw_field *x = a, *y = b;

	return fw_field_order(x, y);
}

int fw_field_order(const struct fw_field *x, const struct fw_field *y)
{
	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	if (!x->section && x->rule[0]->target != y->rule[0]->target)
		return x->rule[0]->target < y->rule[0]->target ? -1 : 1;
	if (x->bit != y->bit)
		return x->bit < y->bit ? -1 : 1;
	return x->mask < y->mask ? -1 : x->mask > y->mask;
}

int fw_config_read(const struct fw_image *img, const struct fw_params *map,
		   struct fw_config *config, struct cx_err *err)
{
	struct reader r = {.img = img, .config = config};
	unsigned int number = 0;

	memset(config, 0, sizeof(*config));
	if (choose_rules(&r, map, err) || read_info(&r, err))
		goto fail;
	for (size_t i = 0; i < img->sections; i++)
		if (img->section[i].type == FW_CONFIG &&
		    read_section(&r, ++number, &img->section[i], err))
			goto fail;
	if (config->fields)
		qsort(config->field, config->fields, sizeof(*config->field), by_address);
	return 0;
fail:
	fw_config_free(config);
	return -1;
}

void fw_config_free(struct fw_config *config)
{
	free(config->field);
	free(config->rule);
	memset(config, 0, sizeof(*config));
}

const char *fw_field_name(const struct fw_field *field)
{
	if (!field->rules)
		return NULL;
	return field->section ? field->rule[0]->path : fw_target_name(field->rule[0]->target);
}

enum fw_agreement fw_field_judge(const struct fw_field *field, const struct fw_rule *rule,
				 const struct fw_ini *ini, const char **value)
{
	unsigned long number;

	*value = rule->key ? fw_ini_get(ini, rule->section, rule->key) : NULL;
	if (!*value)
		return FW_NO_KEY;
	if (field->text)
		return strcmp(*value, field->text) ? FW_DISAGREES : FW_AGREES;
	if (fw_rule_number(rule, *value, &number))
		return FW_DISAGREES;
	return number == field->value ? FW_AGREES : FW_DISAGREES;
}
