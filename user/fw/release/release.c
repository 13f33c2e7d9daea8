// SPDX-License-Identifier: GPL-2.0-only
/* What a release is made of, and how the parameter map joins it. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fw/image/info.h"
#include "fw/image/packed.h"
#include "fw/words.h"
#include "release_model.h"

struct fw_release *fw_release_new(void)
{
	struct fw_release *rel = calloc(1, sizeof(*rel));

	if (rel) {
		rel->info = rel->guid = rel->ini = FW_NO_PART;
		rel->ini_level = 9; /* the vendor's (fs2-image 14) */
	}
	return rel;
}

static void free_bind(struct fw_bind *b)
{
	free(b->path);
	free(b->by);
}

void fw_release_free(struct fw_release *rel)
{
	if (!rel)
		return;
	for (size_t i = 0; i < rel->parts; i++)
		free(rel->part[i].bytes);
	for (size_t i = 0; i < rel->parameters; i++)
		free(rel->parameter[i].path);
	for (size_t i = 0; i < rel->keys; i++) {
		struct fw_key *k = &rel->key[i];

		for (size_t b = 0; b < k->binds; b++)
			free_bind(&k->bind[b]);
		free(k->bind);
		free(k->section);
		free(k->name);
		free(k->value);
		free(k->why);
	}
	if (rel->compiler)
		rel->compiler->free(rel->compiler);
	free(rel->part);
	free(rel->parameter);
	free(rel->key);
	free(rel);
}

/* @array with room for one element more, which is zeroed; it grows at powers of two. NULL: it is as
 * it was. */
static void *grow(void *array, size_t count, size_t size)
{
	char *grown = array;

	if (!(count & (count - 1)))
		grown = reallocarray(array, count ? 2 * count : 1, size);
	if (grown)
		memset(grown + count * size, 0, size);
	return grown;
}

struct fw_part *fw_release_add_part(struct fw_release *rel)
{
	struct fw_part *grown = grow(rel->part, rel->parts, sizeof(*grown));

	if (!grown)
		return NULL;
	rel->part = grown;
	return &grown[rel->parts++];
}

struct fw_key *fw_release_key(const struct fw_release *rel, const char *section, const char *name)
{
	for (size_t i = 0; i < rel->keys; i++)
		if (!strcmp(rel->key[i].section, section) && !strcasecmp(rel->key[i].name, name))
			return &rel->key[i];
	return NULL;
}

struct fw_key *fw_release_add_key(struct fw_release *rel, const char *section, const char *name,
				  const char *value)
{
	struct fw_key *k = grow(rel->key, rel->keys, sizeof(*k));

	if (!k)
		return NULL;
	rel->key = k;
	k += rel->keys++;
	k->section = strdup(section);
	k->name = strdup(name);
	k->value = value ? strdup(value) : NULL;
	return k->section && k->name && (k->value || !value) ? k : NULL;
}

int fw_key_bind(struct fw_key *key, const struct fw_bind *bind)
{
	struct fw_bind *b;

	for (size_t i = 0; i < key->binds; i++) {
		b = &key->bind[i];
		if (b->target != bind->target || (b->path && strcmp(b->path, bind->path)))
			continue;
		if (!b->absent_known) {
			b->absent_known = bind->absent_known;
			b->absent = bind->absent;
		}
		return 0;
	}
	b = grow(key->bind, key->binds, sizeof(*b));
	if (!b)
		return -1;
	key->bind = b;
	b += key->binds++;
	*b = *bind;
	b->path = bind->path ? strdup(bind->path) : NULL;
	b->by = bind->by ? strdup(bind->by) : NULL;
	return (bind->path && !b->path) || (bind->by && !b->by) ? -1 : 0;
}

bool fw_release_has_param(const struct fw_release *rel, const char *path)
{
	for (size_t i = 0; i < rel->parameters; i++)
		if (!strcmp(rel->parameter[i].path, path))
			return true;
	return false;
}

int fw_release_add_param(struct fw_release *rel, const struct fw_param *param, struct cx_err *err)
{
	const uint8_t *word = rel->part[param->part].bytes + param->offset;
	uint32_t addr = fw_get32(word), field = fw_field_mask(param->bit, param->size);
	struct fw_param *p;

	if (field & ~fw_get32(word + 8))
		return cx_fail(err, CX_INVALID,
			       "parameter %s (0x%x.%u size %u) leaves the word's mask 0x%08x",
			       param->path, addr, param->bit, param->size, fw_get32(word + 8));
	for (size_t i = 0; i < rel->parameters; i++) {
		p = &rel->parameter[i];
		if (p->part != param->part || p->offset != param->offset ||
		    !(fw_field_mask(p->bit, p->size) & field))
			continue;
		if (!strcmp(p->path, param->path) && p->bit == param->bit && p->size == param->size)
			return 0;
		return cx_fail(err, CX_INVALID,
			       "parameter %s (0x%x.%u size %u) overlaps %s (bit %u size %u)",
			       param->path, addr, param->bit, param->size, p->path, p->bit,
			       p->size);
	}
	p = grow(rel->parameter, rel->parameters, sizeof(*p));
	if (!p)
		goto no_memory;
	rel->parameter = p;
	p += rel->parameters++;
	*p = *param;
	p->path = strdup(param->path);
	if (p->path)
		return 0;
no_memory:
	return cx_fail(err, CX_FAILED, "out of memory for the release");
}

bool fw_words_regular(const struct fw_part *part)
{
	uint32_t least = 0;

	if (part->kind != FW_PART_SECTION || part->type != FW_CONFIG || part->len % FW_WORD_SIZE)
		return false;
	for (size_t at = 0; at < part->len; at += FW_WORD_SIZE) {
		uint32_t addr = fw_get32(part->bytes + at);

		if (addr % 4 || addr < least || addr >= FW_CR_SIZE ||
		    (fw_get32(part->bytes + at + 4) & ~fw_get32(part->bytes + at + 8)))
			return false;
		least = addr + 4;
	}
	return true;
}

int fw_release_name_bits(struct fw_release *rel, const struct fw_rule *r, struct cx_err *err)
{
	uint32_t field = fw_field_mask(r->bit, r->size);

	for (size_t i = 0; i < rel->parts; i++) {
		const struct fw_part *p = &rel->part[i];

		if (!fw_words_regular(p))
			continue;
		for (size_t at = 0; at < p->len; at += FW_WORD_SIZE) {
			struct fw_param param = {r->path, i, at, r->bit, r->size};

			if (fw_get32(p->bytes + at) == r->addr &&
			    !(field & ~fw_get32(p->bytes + at + 8)) &&
			    fw_release_add_param(rel, &param, err))
				return -1;
		}
	}
	return 0;
}

int fw_release_bind(struct fw_release *rel, const struct fw_params *map, struct cx_err *err)
{
	for (size_t i = 0; i < map->rules; i++) {
		const struct fw_rule *r = &map->rule[i];
		const struct fw_bind bind = {.target = r->target,
					     .path = r->path,
					     .transform = r->transform,
					     .confidence = r->confidence,
					     .absent_known = r->absent_known,
					     .absent = r->absent};
		struct fw_key *key;

		if (strcmp(r->chip, "*") && strcmp(r->chip, rel->chip))
			continue;
		if (r->confidence == FW_LEARNED)
			continue; /* map/use.c compiles by those */
		if (r->target == FW_TARGET_WORD && fw_release_name_bits(rel, r, err))
			return cx_fail_in(err, "the parameter map does not fit this release");
		if (!r->key || rel->ini == FW_NO_PART)
			continue;
		key = fw_release_key(rel, r->section, r->key);
		if (!key)
			key = fw_release_add_key(rel, r->section, r->key, NULL);
		/* A word the release lacks is bound all the same: a key that has one of its two
		 * places must not be compiled by half. */
		if (!key || fw_key_bind(key, &bind))
			return cx_fail(err, CX_FAILED, "out of memory for the release");
	}
	return 0;
}

int fw_release_text(const struct fw_release *rel, char **text, size_t *len, struct cx_err *err)
{
	const struct fw_part *p = &rel->part[rel->ini];

	if (fw_inflate(p->bytes, p->len, FW_INI_MAX, (uint8_t **)text, len, err))
		return cx_fail_in(err, "the release's ini");
	return 0;
}

const char *fw_release_chip(const struct fw_release *rel)
{
	return rel->chip;
}

int fw_release_info(const struct fw_release *rel, struct fw_info *info, struct cx_err *err)
{
	const struct fw_part *p = &rel->part[rel->info];
	const struct fw_section s = {.type = FW_INFO, .size = p->len};

	return fw_info_parse(p->bytes, &s, info, err);
}

struct fw_version fw_release_version(const struct fw_release *rel)
{
	struct fw_info info = {0};
	struct cx_err err;

	/* A release without the tag has no version to tell; so has one whose records were written
	 * wrong by hand, and fw_build() will say that. */
	if (rel->info == FW_NO_PART || fw_release_info(rel, &info, &err))
		memset(&info, 0, sizeof(info));
	return info.version;
}

bool fw_release_takes_ini(const struct fw_release *rel)
{
	return rel->ini != FW_NO_PART;
}

int fw_release_own_ini(const struct fw_release *rel, struct fw_ini *ini, struct cx_err *err)
{
	char *text;
	size_t len;
	int ret;

	if (rel->ini == FW_NO_PART || !rel->part[rel->ini].len)
		return cx_fail(err, CX_NOT_FOUND, "the release carries no ini of its own");
	if (fw_release_text(rel, &text, &len, err))
		return -1;
	ret = fw_ini_read(text, len, ini, err);
	free(text);
	return ret;
}
