// SPDX-License-Identifier: GPL-2.0-only
/* The elements of a .mlx that make up the image: header, sections, configuration words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fw/image/info.h"
#include "fw/words.h"
#include "read.h"

int mlx_number(struct mlx_reader *r, const char **atts, const char *name, unsigned long max,
	       unsigned long *number)
{
	const char *text = mlx_xml_attr(atts, name);

	if (fw_number(text, max, number))
		return invalid(r, "%s=\"%s\" is no number from 0 to 0x%lx", name, text, max);
	return 0;
}

int mlx_check_name(struct mlx_reader *r, const char *name)
{
	for (const char *c = name; *c; c++)
		if (*c < 0x20 || *c > 0x7e)
			return invalid(r, "a name with other than printable ASCII characters");
	return *name ? 0 : invalid(r, "an empty name");
}

/* The part that is being read is the last one. */
static struct fw_part *open_part(struct mlx_reader *r)
{
	return &r->rel->part[r->rel->parts - 1];
}

static int append(struct mlx_reader *r, const void *bytes, size_t len)
{
	struct fw_part *p = open_part(r);

	if (len > FW_MAX_SIZE - p->len)
		return invalid(r, "more than 0x%x bytes", FW_MAX_SIZE);
	if (p->len + len > r->room) {
		size_t room = 2 * (p->len + len) + 64;
		uint8_t *more = realloc(p->bytes, room);

		if (!more)
			return no_memory(r);
		p->bytes = more;
		r->room = room;
	}
	if (len)
		memcpy(p->bytes + p->len, bytes, len);
	p->len += len;
	return 0;
}

static int append_word(struct mlx_reader *r, uint32_t word)
{
	uint8_t bytes[4];

	fw_put32(bytes, word);
	return append(r, bytes, sizeof(bytes));
}

int mlx_bytes(void *ctx, const uint8_t *bytes, size_t len)
{
	return append(ctx, bytes, len);
}

/* Sections are linked as they stand, or all of them state their number in the list. */
static int read_place(struct mlx_reader *r, const char **atts, unsigned long *place)
{
	bool stated = mlx_xml_attr(atts, "linked");

	*place = ++r->sections;
	if (*place > 1 && stated != r->linked)
		return invalid(r, "either all sections are linked by number, or none");
	r->linked = stated;
	return stated ? mlx_number(r, atts, "linked", UINT32_MAX, place) : 0;
}

/* A new part, at a place where one of its kind may stand (fs2-image 6, 7). */
static struct fw_part *begin_part(struct mlx_reader *r, int kind, uint32_t type, const char **atts)
{
	const char *crc = mlx_xml_attr(atts, "crc"), *param = mlx_xml_attr(atts, "param");
	struct fw_release *rel = r->rel;
	size_t n = rel->parts;
	bool after_boot = n && rel->part[n - 1].kind == FW_PART_BOOT;
	unsigned long number = 0, crc_word = 0, place = 0;
	struct fw_part *p;

	if (kind == FW_PART_BOOT && n && (n > 1 || !after_boot)) {
		invalid(r, "one or two boot sections come first, no more");
		return NULL;
	}
	if (kind == FW_PART_SECTION && !n) {
		invalid(r, "a boot section (<bsection>) must come first");
		return NULL;
	}
	if (kind == FW_PART_SECTION && n == 1 && (type < FW_DDR || type > FW_HASH)) {
		invalid(r, "type %u behind a single boot section would be taken for a second one",
			type);
		return NULL;
	}
	if (kind == FW_PART_GAP && (!n || rel->part[n - 1].kind != FW_PART_SECTION)) {
		invalid(r, "a gap can only follow a section");
		return NULL;
	}
	if ((param && mlx_number(r, atts, "param", UINT32_MAX, &number)) ||
	    (crc && mlx_number(r, atts, "crc", UINT32_MAX, &crc_word)))
		return NULL;
	if (kind == FW_PART_SECTION && read_place(r, atts, &place))
		return NULL;
	p = fw_release_add_part(rel);
	if (!p) {
		no_memory(r);
		return NULL;
	}
	p->kind = kind;
	p->place = place;
	p->type = type;
	p->param = number;
	p->crc_kept = crc;
	p->crc = crc_word;
	r->room = 0;
	return p;
}

/* "80343811 80c00000 bdc80807 00000002" */
static int read_boot_words(const char *text, uint32_t word[4])
{
	if (strlen(text) != 4 * 9 - 1)
		return -1;
	for (size_t i = 0; i < 4; i++, text += 9) {
		if (strspn(text, "0123456789abcdefABCDEF") != 8 || (i < 3 && text[8] != ' '))
			return -1;
		word[i] = strtoul(text, NULL, 16);
	}
	return 0;
}

int mlx_begin_header(void *ctx, const char **atts)
{
	struct mlx_reader *r = ctx;
	struct fw_release *rel = r->rel;
	const char *boot = mlx_xml_attr(atts, "boot");
	unsigned long revision, format, failsafe, end, crc = 0;

	if (r->header)
		return invalid(r, "a second <header>");
	r->header = true;
	if (read_boot_words(boot, rel->boot))
		return invalid(r, "boot=\"%s\" is not four words of hex digits", boot);
	rel->crc_kept = mlx_xml_attr(atts, "crc");
	if (mlx_number(r, atts, "revision", UINT16_MAX, &revision) ||
	    mlx_number(r, atts, "format", UINT32_MAX, &format) ||
	    mlx_number(r, atts, "failsafe", UINT32_MAX, &failsafe) ||
	    mlx_number(r, atts, "end", UINT32_MAX, &end) ||
	    (rel->crc_kept && mlx_number(r, atts, "crc", UINT16_MAX, &crc)))
		return -1;
	if (end && end != 0xff000000)
		return invalid(r, "end=\"0x%lx\": only 0 and 0xff000000 end the sections", end);
	rel->revision = revision;
	rel->format = format;
	rel->failsafe = failsafe;
	rel->end = end;
	rel->crc = crc;
	return 0;
}

int mlx_begin_bsection(void *ctx, const char **atts)
{
	struct mlx_reader *r = ctx;
	const char *name = mlx_xml_attr(atts, "name");

	if (strcmp(name, fw_section_name(FW_BOOT2)))
		return refuse(r, "bsection \"%s\": only BOOT2 is known", name);
	return begin_part(r, FW_PART_BOOT, 0, atts) ? 0 : -1;
}

int mlx_end_bsection(void *ctx)
{
	struct mlx_reader *r = ctx;
	const struct fw_part *p = open_part(r);

	if (p->len % 4 || p->len < 28 || fw_get32(p->bytes + 4) != p->len / 4 - 3)
		return invalid(r, "0x%zx bytes: not what the second word of this BOOT2 says",
			       p->len);
	return 0;
}

int mlx_begin_section(void *ctx, const char **atts)
{
	struct mlx_reader *r = ctx;
	const char *name = mlx_xml_attr(atts, "name"), *size = mlx_xml_attr(atts, "size");
	unsigned long type, bytes = 0;
	struct fw_part *p;

	if (mlx_number(r, atts, "type", UINT32_MAX, &type) ||
	    (size && mlx_number(r, atts, "size", FW_MAX_SIZE, &bytes)))
		return -1;
	if (strcmp(name, type ? fw_section_name(type) : "UNKNOWN"))
		return refuse(r, "section \"%s\" of type %lu: that type is \"%s\"", name, type,
			      type ? fw_section_name(type) : "UNKNOWN");
	if (type == FW_INI && r->rel->ini == FW_NO_PART)
		return invalid(r, "the first section of type 9 is written as <ini>");
	if (!size != (type != FW_EMT))
		return invalid(r, "type 4, and no other, states its size in bytes");
	p = begin_part(r, FW_PART_SECTION, type, atts);
	if (!p)
		return -1;
	p->size_word = bytes;
	return 0;
}

int mlx_end_section(void *ctx)
{
	struct mlx_reader *r = ctx;
	struct fw_part *p = open_part(r);

	if (p->len % 4)
		return invalid(r, "0x%zx bytes are no multiple of 4", p->len);
	if (p->kind == FW_PART_SECTION && p->type != FW_EMT)
		p->size_word = p->len / 4;
	else if (p->kind == FW_PART_SECTION && ((p->size_word + 3) & ~3u) != p->len)
		return invalid(r, "0x%zx bytes for a size of 0x%x", p->len, p->size_word);
	return 0;
}

/* A section that exists once, at the index @at of the release. */
static int begin_single(struct mlx_reader *r, enum fw_section_type type, size_t *at,
			const char **atts)
{
	if (*at != FW_NO_PART)
		return invalid(r, "a second one of these");
	if (!begin_part(r, FW_PART_SECTION, type, atts))
		return -1;
	*at = r->rel->parts - 1;
	return 0;
}

int mlx_begin_guid(void *ctx, const char **atts)
{
	struct mlx_reader *r = ctx;

	return begin_single(r, FW_GUID, &r->rel->guid, atts);
}

int mlx_begin_ini(void *ctx, const char **atts)
{
	struct mlx_reader *r = ctx;
	unsigned long level;

	if (mlx_number(r, atts, "level", 9, &level))
		return -1;
	r->rel->ini_level = level;
	return begin_single(r, FW_INI, &r->rel->ini, atts);
}

int mlx_begin_gap(void *ctx, const char **atts)
{
	return begin_part(ctx, FW_PART_GAP, 0, atts) ? 0 : -1;
}

int mlx_begin_info(void *ctx, const char **atts)
{
	struct mlx_reader *r = ctx;

	return begin_single(r, FW_INFO, &r->rel->info, atts);
}

int mlx_begin_field(void *ctx, const char **atts)
{
	struct mlx_reader *r = ctx;
	const char *text = mlx_xml_attr(atts, "text");
	unsigned long tag, size;

	if (mlx_number(r, atts, "tag", FW_TAG_END - 1, &tag))
		return -1;
	r->field = open_part(r)->len;
	if (append_word(r, tag << 24))
		return -1;
	if (!text != !mlx_xml_attr(atts, "size"))
		return invalid(r, "text and size go together");
	if (!text)
		return 0;
	if (mlx_number(r, atts, "size", 0xffff, &size))
		return -1;
	if (strlen(text) > size)
		return invalid(r, "the text is longer than size=\"%lu\"", size);
	if (append(r, text, strlen(text)))
		return -1;
	for (size_t i = strlen(text); i < size; i++)
		if (append(r, "", 1))
			return -1;
	return 0;
}

int mlx_end_field(void *ctx)
{
	struct mlx_reader *r = ctx;
	uint8_t *head = open_part(r)->bytes + r->field;
	size_t len = open_part(r)->len - r->field - 4;

	if (len % 4 || len > 0xffffff)
		return invalid(r, "0x%zx bytes are no multiple of 4, or too many", len);
	fw_put32(head, (uint32_t)head[0] << 24 | len);
	return 0;
}

int mlx_end_info(void *ctx)
{
	struct mlx_reader *r = ctx;
	struct fw_image img = {0};
	enum fw_chip chip;
	struct cx_err why;

	if (append_word(r, (uint32_t)FW_TAG_END << 24) || mlx_end_section(r))
		return -1;
	if (fw_release_info(r->rel, &img.info, &why))
		return invalid(r, "%s", why.text);
	chip = fw_image_chip(&img);
	if (chip != FW_CHIP_UNKNOWN && strcmp(fw_chip_part(chip), r->rel->chip))
		return invalid(r, "Image Info is for chip %s, line 1 says %s", fw_chip_part(chip),
			       r->rel->chip);
	return 0;
}

int mlx_begin_configuration(void *ctx, const char **atts)
{
	return begin_part(ctx, FW_PART_SECTION, FW_CONFIG, atts) ? 0 : -1;
}

int mlx_begin_word(void *ctx, const char **atts)
{
	struct mlx_reader *r = ctx;
	const struct fw_part *p = open_part(r);
	unsigned long address, value, mask;

	if (mlx_number(r, atts, "address", FW_CR_SIZE - 4, &address) ||
	    mlx_number(r, atts, "value", UINT32_MAX, &value) ||
	    mlx_number(r, atts, "mask", UINT32_MAX, &mask))
		return -1;
	if (address % 4)
		return invalid(r, "address 0x%lx is not word-aligned", address);
	if (p->len && fw_get32(p->bytes + p->len - FW_WORD_SIZE) >= address)
		return invalid(r, "address 0x%lx does not ascend", address);
	if (value & ~mask)
		return invalid(r, "value 0x%lx has bits outside mask 0x%lx", value, mask);
	r->address = address;
	return append_word(r, address) || append_word(r, value) || append_word(r, mask) ? -1 : 0;
}

/* "0x1f99c.17" */
static int read_bit_address(struct mlx_reader *r, const char *at, unsigned long *bit)
{
	const char *dot = strchr(at, '.');
	unsigned long address;
	char copy[16];

	if (!dot || dot - at >= (ptrdiff_t)sizeof(copy) || fw_number(dot + 1, 31, bit))
		return invalid(r, "at=\"%s\" is no address.bit", at);
	snprintf(copy, sizeof(copy), "%.*s", (int)(dot - at), at);
	if (fw_number(copy, UINT32_MAX, &address) || address != r->address)
		return invalid(r, "at=\"%s\" is not in the word it stands in, 0x%x", at,
			       r->address);
	return 0;
}

int mlx_begin_param(void *ctx, const char **atts)
{
	struct mlx_reader *r = ctx;
	const struct fw_part *p = open_part(r);
	struct fw_param param = {.part = r->rel->parts - 1, .offset = p->len - FW_WORD_SIZE};
	unsigned long bit, size, value;
	uint32_t field;
	struct cx_err why;

	if (mlx_check_name(r, mlx_xml_attr(atts, "path")) ||
	    read_bit_address(r, mlx_xml_attr(atts, "at"), &bit) ||
	    mlx_number(r, atts, "size", 32, &size) ||
	    mlx_number(r, atts, "default", UINT32_MAX, &value))
		return -1;
	if (!size || bit + size > 32)
		return invalid(r, "bit %lu and size %lu are no field of 32 bits", bit, size);
	field = (fw_get32(p->bytes + param.offset + 4) & fw_field_mask(bit, size)) >> bit;
	if (value != field)
		return invalid(r, "default=\"0x%lx\", but the word's value has 0x%x in these bits",
			       value, field);
	param.path = (char *)mlx_xml_attr(atts, "path");
	param.bit = bit;
	param.size = size;
	if (fw_release_add_param(r->rel, &param, &why))
		return mlx_xml_fail(r->xml, why.status, "%s", why.text);
	return 0;
}
