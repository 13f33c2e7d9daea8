// SPDX-License-Identifier: GPL-2.0-only
/* Puts the parts of an image together (fs2-image 3, 6, 7). */
#include <string.h>

#include "image.h"

#define HEADER_SIZE 0x38

const struct section *image_find(const struct image *img, uint32_t type)
{
	size_t i;

	for (i = 0; i < img->sections; i++)
		if (!img->section[i].boot && img->section[i].type == type)
			return &img->section[i];
	return NULL;
}

static struct section *add_section(struct image *img)
{
	if (img->sections == MAX_SECTIONS)
		die("more than %d sections", MAX_SECTIONS);
	return &img->section[img->sections++];
}

static void add_boot(struct image *img, const struct spec *spec, unsigned int index, uint32_t load)
{
	struct section *s = add_section(img);

	s->boot = true;
	s->addr = s->data = img->bytes.len;
	code_boot(spec, index, load, &img->bytes);
	s->size = img->bytes.len - s->addr;
	buf_word(&img->bytes, 0); /* CRC */
}

/* The size word counts dwords, but bytes for an EMT section (fs2-image 7). */
static void add(struct image *img, uint32_t type, uint32_t param, struct buf *body)
{
	struct section *s = add_section(img);
	size_t stated = body->len;

	buf_fill(body, 0, -body->len & 3);
	s->type = type;
	s->addr = img->bytes.len;
	s->data = s->addr + 16;
	s->size = body->len;
	buf_word(&img->bytes, type);
	buf_word(&img->bytes, type == SEC_EMT ? stated : body->len / 4);
	buf_word(&img->bytes, param);
	buf_word(&img->bytes, s->data + s->size + 4);
	buf_put(&img->bytes, body->at, body->len);
	buf_word(&img->bytes, 0); /* CRC */
	body->len = 0;
}

static void add_code(struct image *img, const struct spec *spec, unsigned int from, unsigned int to)
{
	struct buf body = {0};
	uint32_t param;

	for (; from < to; from++) {
		param = code_body(spec, from, &body);
		add(img, SEC_DDR, param, &body);
	}
}

static void add_rom(struct image *img, const struct spec *spec)
{
	struct buf body = {0};

	if (!spec->rom.len)
		return;
	buf_put(&body, spec->rom.at, spec->rom.len);
	add(img, SEC_ROM, 0, &body);
}

static void add_config(struct image *img, const struct spec *spec, unsigned int stage)
{
	struct buf body = {0};

	config_make(spec, stage, &body);
	add(img, SEC_CONFIG, 0, &body);
}

static void add_jumps(struct image *img, const struct spec *spec)
{
	struct buf body = {0};

	code_jumps(spec, &body);
	add(img, SEC_JUMP, 0, &body);
}

/* fs2-image 12: node, ports 1 and 2, system image, then the two MACs; further entries are zero. */
static void add_identity(struct image *img, const struct spec *spec)
{
	struct buf body = {0};
	unsigned int i;
	uint64_t id;

	for (i = 0; i < spec->guid_entries; i++) {
		id = i < 4 ? spec->guid[i] : i < 6 ? spec->mac[i - 4] : 0;
		if (spec->blank_guids)
			id = UINT64_MAX;
		buf_word(&body, id >> 32);
		buf_word(&body, id);
	}
	add(img, SEC_GUID, 0, &body);
	info_make(spec, &body);
	add(img, SEC_INFO, 0, &body);
}

static void add_filled(struct image *img, const struct spec *spec, uint32_t type, size_t len)
{
	struct rng r = rng_seed(spec->seed + type, "filled");
	struct buf body = {0};

	if (!len)
		return;
	rng_code(&r, &body, len);
	add(img, type, 0, &body);
}

static void add_texts(struct image *img, const struct spec *spec)
{
	struct buf body = {0};

	if (spec->ini.len && !spec->no_ini) {
		zip(&body, &spec->ini, spec->ini_level);
		add(img, SEC_INI, 0, &body);
	}
	if (spec->hash.len) {
		zip(&body, &spec->hash, 9);
		add(img, SEC_HASH, 0, &body);
	}
}

static void add_rare(struct image *img, const struct spec *spec)
{
	add_filled(img, spec, SEC_DDRZ, spec->ddrz ? 256 : 0);
	add_filled(img, spec, SEC_EMT, spec->emt);
	add_filled(img, spec, SEC_BOARD_ID, spec->board_id);
	add_filled(img, spec, SEC_USER_DATA, spec->user_data);
	add_filled(img, spec, spec->unknown_type, spec->unknown_type ? 64 : 0);
}

/* The order of the real file. */
static void add_usual(struct image *img, const struct spec *spec)
{
	add_config(img, spec, 1);
	add_rom(img, spec);
	add_identity(img, spec);
	add_code(img, spec, 0, spec->ddr_count);
	add_rare(img, spec);
	add_config(img, spec, 2);
	add_jumps(img, spec);
	add_texts(img, spec);
}

/* The order of the smallest image flint is known to accept (fs2-image 19). */
static void add_code_first(struct image *img, const struct spec *spec)
{
	add_code(img, spec, 0, 1);
	add_rom(img, spec);
	add_code(img, spec, 1, spec->ddr_count);
	add_config(img, spec, 1);
	add_jumps(img, spec);
	add_rare(img, spec);
	add_texts(img, spec);
	add_identity(img, spec);
}

/* @low with the top byte that makes the sum of its bytes 0 modulo 256. */
static uint32_t byte_summed(uint32_t low)
{
	uint8_t sum = (low >> 16) + (low >> 8) + low;

	return (uint32_t)(uint8_t)-sum << 24 | low;
}

static void finish_header(struct image *img, const struct spec *spec)
{
	struct rng r = rng_seed(spec->seed, "header");
	uint8_t *at = img->bytes.at;
	unsigned int i;

	for (i = 0; i < 4; i++)
		set_word(at + 0x10 + 4 * i, (rng_word(&r) & ~spec->header_mask[i]) |
						    (spec->header_value[i] & spec->header_mask[i]));
	set_word(at + 0x20, (uint32_t)spec->chip->rev << 24 | 0xffff);
	set_word(at + 0x24, 4);
	set_word(at + 0x28, byte_summed(spec->nonfailsafe ? 0 : 8 | (spec->chunk_log2 - 16)));
	if (!spec->no_info_pointer)
		set_word(at + 0x2c, byte_summed(image_find(img, SEC_INFO)->data));
	set_word(at + 0x30, img->bytes.len);
	set_word(at + 0x34, image_find(img, SEC_GUID)->data);
}

static void link_to(struct image *img, size_t *last, size_t next)
{
	set_word(img->bytes.at + img->section[*last].addr + 12, img->section[next].addr);
	*last = next;
}

/* The end of the list. Unordered, it leads from the first section to the even ones backwards, then
 * to the odd ones. */
static void link_sections(struct image *img, const struct spec *spec)
{
	size_t first = spec->boot_sections, last = first, i;

	if (spec->unordered) {
		for (i = img->sections; i-- > first + 1;)
			if (i % 2 == 0)
				link_to(img, &last, i);
		for (i = first + 1; i < img->sections; i++)
			if (i % 2)
				link_to(img, &last, i);
	} else {
		last = img->sections - 1;
	}
	set_word(img->bytes.at + img->section[last].addr + 12, spec->last_ff ? 0xff000000 : 0);
}

void image_seal(struct image *img)
{
	uint8_t *at = img->bytes.at;
	const struct section *s;
	uint16_t crc;

	for (s = img->section; s < img->section + img->sections; s++) {
		crc = crc16(at + s->addr, s->data + s->size - s->addr);
		if (!s->boot && s->type == SEC_GUID && img->blank_guids)
			crc = 0xffff;
		set_word(at + s->data + s->size, crc);
	}
	at[0x22] = at[0x23] = 0xff;
	if (img->blank_guids)
		return;
	crc = crc16(at, img->bytes.len);
	at[0x22] = crc >> 8;
	at[0x23] = crc;
}

void image_make(const struct spec *spec, struct image *img)
{
	static const uint32_t magic[] = {0x4d544657, 0x8cdfd000, 0xdead9270, 0x4154beef};
	uint32_t load = 0x00100040;
	unsigned int i;

	memset(img, 0, sizeof(*img));
	img->blank_guids = spec->blank_guids;
	for (i = 0; i < ARRAY_LEN(magic); i++)
		buf_word(&img->bytes, magic[i]);
	buf_fill(&img->bytes, 0, HEADER_SIZE - img->bytes.len);
	for (i = 0; i < spec->boot_sections; i++) {
		add_boot(img, spec, i, load);
		load += 4 * get_word(img->bytes.at + img->section[i].addr + 4);
	}
	if (spec->code_first)
		add_code_first(img, spec);
	else
		add_usual(img, spec);
	link_sections(img, spec);
	finish_header(img, spec);
	image_seal(img);
}
