// SPDX-License-Identifier: GPL-2.0-only
/* An image becomes a release: the reverse of assemble.c. */
#include <stdlib.h>
#include <string.h>

#include "fw/image/dump.h"
#include "fw/image/edit.h"
#include "fw/words.h"
#include "release_model.h"

static void take_header(struct fw_release *rel, const struct fw_image *img)
{
	const uint8_t *h = img->bytes;

	for (size_t i = 0; i < 4; i++)
		rel->boot[i] = fw_get32(h + 0x10 + 4 * i);
	rel->revision = fw_get32(h + 0x20) >> 16;
	rel->format = fw_get32(h + 0x24);
	rel->failsafe = fw_get32(h + 0x28);
	rel->end = img->section[img->sections - 1].next;
	rel->crc_kept = img->crc != img->crc_want;
	rel->crc = img->crc;
}

static int take_bytes(struct fw_part *p, const uint8_t *bytes, size_t len)
{
	p->len = len;
	p->bytes = malloc(len + 1);
	if (!p->bytes)
		return -1;
	memcpy(p->bytes, bytes, len);
	return 0;
}

/* @place: its number in the list, from 1. */
static int take_section(struct fw_release *rel, const struct fw_image *img,
			const struct fw_section *s, size_t place)
{
	struct fw_part *p = fw_release_add_part(rel);
	size_t index = rel->parts - 1;

	if (!p)
		return -1;
	p->kind = s->type == FW_BOOT2 && s->addr == s->data ? FW_PART_BOOT : FW_PART_SECTION;
	if (p->kind == FW_PART_SECTION) {
		p->place = place;
		p->type = s->type;
		p->param = s->param;
		p->size_word = fw_get32(img->bytes + s->addr + 4);
		if (s->data == img->info_addr)
			rel->info = index;
		if (s->data == img->guid_addr)
			rel->guid = index;
		if (s == fw_image_find(img, FW_INI, 0))
			rel->ini = index;
	}
	p->crc_kept = s->crc != s->crc_want;
	p->crc = s->crc;
	return take_bytes(p, img->bytes + s->data, s->size);
}

static int by_address(const void *a, const void *b)
{
	const struct fw_section *x = *(const struct fw_section *const *)a,
				*y = *(const struct fw_section *const *)b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static int take_gap(struct fw_release *rel, const uint8_t *bytes, size_t len)
{
	struct fw_part *gap = fw_release_add_part(rel);

	if (!gap)
		return -1;
	gap->kind = FW_PART_GAP;
	return take_bytes(gap, bytes, len);
}

/* Parts stand in the order of their addresses, which need not be the order of the list. */
static int take_sections(struct fw_release *rel, const struct fw_image *img, struct cx_err *err)
{
	const struct fw_section **s = calloc(img->sections, sizeof(const struct fw_section *));
	uint32_t at = FW_HEADER_SIZE;
	size_t boots = 0;
	int rc = s ? 0 : -1;

	for (size_t i = 0; !rc && i < img->sections; i++) {
		s[i] = &img->section[i];
		boots += s[i]->type == FW_BOOT2;
	}
	if (!rc)
		qsort(s, img->sections, sizeof(const struct fw_section *), by_address);
	for (size_t i = 0; !rc && i < img->sections; i++) {
		if (s[i]->addr > at)
			rc = take_gap(rel, img->bytes + at, s[i]->addr - at);
		if (!rc)
			rc = take_section(rel, img, s[i], s[i] - img->section - boots + 1);
		at = s[i]->data + s[i]->size + 4;
	}
	free(s);
	return rc ? cx_fail(err, CX_FAILED, "out of memory for the release") : 0;
}

/* Which zlib level made the stream; another text is then packed as the vendor would have. */
static int find_level(struct fw_release *rel, const char *text, size_t len, struct cx_err *err)
{
	const struct fw_part *p = &rel->part[rel->ini];

	for (int level = 9; level >= 0; level--) {
		uint8_t *body;
		size_t body_len;
		bool same;

		if (fw_pack_ini(text, len, level, &body, &body_len, err))
			return -1;
		same = body_len == p->len && !memcmp(body, p->bytes, body_len);
		free(body);
		if (same) {
			rel->ini_level = level;
			break;
		}
	}
	return 0;
}

static int take_ini(struct fw_release *rel, struct cx_err *err)
{
	struct fw_ini ini = {0};
	char *text = NULL;
	size_t len;
	int rc = -1;

	if (rel->ini == FW_NO_PART)
		return 0;
	if (fw_release_text(rel, &text, &len, err) || find_level(rel, text, len, err) ||
	    fw_ini_read(text, len, &ini, err))
		goto out;
	for (size_t i = 0; i < ini.entries; i++) {
		const struct fw_ini_entry *e = &ini.entry[i];

		if (fw_release_key(rel, e->section, e->key))
			continue;
		if (!fw_release_add_key(rel, e->section, e->key,
					fw_ini_get(&ini, e->section, e->key))) {
			cx_fail(err, CX_FAILED, "out of memory for the release");
			goto out;
		}
	}
	rc = 0;
out:
	fw_ini_free(&ini);
	free(text);
	return rc;
}

/* The promise a release makes: laid out again, it is the image it came from. */
static int check_lossless(const struct fw_release *rel, const struct fw_image *img,
			  struct cx_err *err)
{
	uint8_t *bytes;
	size_t size;
	bool same;

	if (fw_assemble(rel, rel->part, &bytes, &size, err))
		return -1;
	same = size == img->size && !memcmp(bytes, img->bytes, size);
	free(bytes);
	return same ? 0
		    : cx_fail(err, CX_INVALID,
			      "the image has a layout that cannot be taken apart without loss");
}

int fw_release_from_image(const struct fw_image *img, const struct fw_params *map,
			  struct fw_release **out, struct cx_err *err)
{
	struct fw_release *rel;
	const char *chip;

	if (fw_image_sound(img, err))
		return -1;
	rel = fw_release_new();
	if (!rel)
		return cx_fail(err, CX_FAILED, "out of memory for the release");
	/* MT25408 is also the one number mlxburn has for all of them (mlx-ini 1a). */
	chip = fw_chip_part(fw_image_chip(img, NULL));
	strcpy(rel->chip, chip ? chip : "MT25408");
	take_header(rel, img);
	if (take_sections(rel, img, err) || check_lossless(rel, img, err) || take_ini(rel, err) ||
	    fw_release_bind(rel, map, err)) {
		fw_release_free(rel);
		return -1;
	}
	*out = rel;
	return 0;
}
