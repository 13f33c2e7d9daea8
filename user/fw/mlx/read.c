// SPDX-License-Identifier: GPL-2.0-only
/* A .mlx of the cxflash profile, cxflash-mlx(5), becomes a release. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fw/image/edit.h"
#include "fw/image/info.h"
#include "fw/release/release_model.h"
#include "fw/words.h"
#include "xml.h"

struct mlx_reader {
	struct mlx_xml *xml;
	struct fw_release *rel;
	bool header;	    /* was there */
	bool linked;	    /* sections state their number in the list */
	size_t room;	    /* allocated bytes of the last part */
	size_t sections;    /* begun so far */
	size_t field;	    /* where the open <field> begins in its part */
	uint32_t address;   /* of the open <word> */
	struct fw_key *key; /* the open <key> */
};

#define refuse(r, ...)	mlx_xml_fail((r)->xml, CX_REFUSED, __VA_ARGS__)
#define invalid(r, ...) mlx_xml_fail((r)->xml, CX_INVALID, __VA_ARGS__)
#define no_memory(r)	mlx_xml_fail((r)->xml, CX_FAILED, "out of memory")

/* The attribute as a number, decimal or 0x hex. */
static int read_number(struct mlx_reader *r, const char **atts, const char *name, unsigned long max,
		       unsigned long *number)
{
	const char *text = mlx_xml_attr(atts, name);

	if (fw_number(text, max, number))
		return invalid(r, "%s=\"%s\" is no number from 0 to 0x%lx", name, text, max);
	return 0;
}

/* Sections, keys and parameters: printable ASCII, as in an ini. */
static int check_name(struct mlx_reader *r, const char *name)
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

/* Text of an element that holds bytes. */
static int take_bytes(void *ctx, const uint8_t *bytes, size_t len)
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
	return stated ? read_number(r, atts, "linked", UINT32_MAX, place) : 0;
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
	if ((param && read_number(r, atts, "param", UINT32_MAX, &number)) ||
	    (crc && read_number(r, atts, "crc", UINT32_MAX, &crc_word)))
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

static int begin_header(void *ctx, const char **atts)
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
	if (read_number(r, atts, "revision", UINT16_MAX, &revision) ||
	    read_number(r, atts, "format", UINT32_MAX, &format) ||
	    read_number(r, atts, "failsafe", UINT32_MAX, &failsafe) ||
	    read_number(r, atts, "end", UINT32_MAX, &end) ||
	    (rel->crc_kept && read_number(r, atts, "crc", UINT16_MAX, &crc)))
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

static int begin_bsection(void *ctx, const char **atts)
{
	struct mlx_reader *r = ctx;
	const char *name = mlx_xml_attr(atts, "name");

	if (strcmp(name, fw_section_name(FW_BOOT2)))
		return refuse(r, "bsection \"%s\": only BOOT2 is known", name);
	return begin_part(r, FW_PART_BOOT, 0, atts) ? 0 : -1;
}

static int end_bsection(void *ctx)
{
	struct mlx_reader *r = ctx;
	const struct fw_part *p = open_part(r);

	if (p->len % 4 || p->len < 28 || fw_get32(p->bytes + 4) != p->len / 4 - 3)
		return invalid(r, "0x%zx bytes: not what the second word of this BOOT2 says",
			       p->len);
	return 0;
}

static int begin_section(void *ctx, const char **atts)
{
	struct mlx_reader *r = ctx;
	const char *name = mlx_xml_attr(atts, "name"), *size = mlx_xml_attr(atts, "size");
	unsigned long type, bytes = 0;
	struct fw_part *p;

	if (read_number(r, atts, "type", UINT32_MAX, &type) ||
	    (size && read_number(r, atts, "size", FW_MAX_SIZE, &bytes)))
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

static int end_section(void *ctx)
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

static int begin_guid(void *ctx, const char **atts)
{
	struct mlx_reader *r = ctx;

	return begin_single(r, FW_GUID, &r->rel->guid, atts);
}

static int begin_ini(void *ctx, const char **atts)
{
	struct mlx_reader *r = ctx;
	unsigned long level;

	if (read_number(r, atts, "level", 9, &level))
		return -1;
	r->rel->ini_level = level;
	return begin_single(r, FW_INI, &r->rel->ini, atts);
}

static int begin_gap(void *ctx, const char **atts)
{
	return begin_part(ctx, FW_PART_GAP, 0, atts) ? 0 : -1;
}

static int begin_info(void *ctx, const char **atts)
{
	struct mlx_reader *r = ctx;

	return begin_single(r, FW_INFO, &r->rel->info, atts);
}

static int begin_field(void *ctx, const char **atts)
{
	struct mlx_reader *r = ctx;
	const char *text = mlx_xml_attr(atts, "text");
	unsigned long tag, size;

	if (read_number(r, atts, "tag", FW_TAG_END - 1, &tag))
		return -1;
	r->field = open_part(r)->len;
	if (append_word(r, tag << 24))
		return -1;
	if (!text != !mlx_xml_attr(atts, "size"))
		return invalid(r, "text and size go together");
	if (!text)
		return 0;
	if (read_number(r, atts, "size", 0xffff, &size))
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

static int end_field(void *ctx)
{
	struct mlx_reader *r = ctx;
	uint8_t *head = open_part(r)->bytes + r->field;
	size_t len = open_part(r)->len - r->field - 4;

	if (len % 4 || len > 0xffffff)
		return invalid(r, "0x%zx bytes are no multiple of 4, or too many", len);
	fw_put32(head, (uint32_t)head[0] << 24 | len);
	return 0;
}

static int end_info(void *ctx)
{
	struct mlx_reader *r = ctx;
	struct fw_image img = {0};
	enum fw_chip chip;
	struct cx_err why;

	if (append_word(r, (uint32_t)FW_TAG_END << 24) || end_section(r))
		return -1;
	if (fw_release_info(r->rel, &img.info, &why))
		return invalid(r, "%s", why.text);
	chip = fw_image_chip(&img, NULL);
	if (chip != FW_CHIP_UNKNOWN && strcmp(fw_chip_part(chip), r->rel->chip))
		return invalid(r, "Image Info is for chip %s, line 1 says %s", fw_chip_part(chip),
			       r->rel->chip);
	return 0;
}

static int begin_configuration(void *ctx, const char **atts)
{
	return begin_part(ctx, FW_PART_SECTION, FW_CONFIG, atts) ? 0 : -1;
}

static int begin_word(void *ctx, const char **atts)
{
	struct mlx_reader *r = ctx;
	const struct fw_part *p = open_part(r);
	unsigned long address, value, mask;

	if (read_number(r, atts, "address", FW_CR_SIZE - 4, &address) ||
	    read_number(r, atts, "value", UINT32_MAX, &value) ||
	    read_number(r, atts, "mask", UINT32_MAX, &mask))
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

static int begin_param(void *ctx, const char **atts)
{
	struct mlx_reader *r = ctx;
	const struct fw_part *p = open_part(r);
	struct fw_param param = {.part = r->rel->parts - 1, .offset = p->len - FW_WORD_SIZE};
	unsigned long bit, size, value;
	uint32_t field;
	struct cx_err why;

	if (check_name(r, mlx_xml_attr(atts, "path")) ||
	    read_bit_address(r, mlx_xml_attr(atts, "at"), &bit) ||
	    read_number(r, atts, "size", 32, &size) ||
	    read_number(r, atts, "default", UINT32_MAX, &value))
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

static int begin_cxflash(void *ctx, const char **atts)
{
	struct mlx_reader *r = ctx;
	const char *profile = mlx_xml_attr(atts, "profile");

	if (strcmp(profile, "1"))
		return refuse(r, "profile %s is not known, 1 is", profile);
	return 0;
}

static int decode_hex(struct mlx_reader *r, const char *hex, char **text)
{
	size_t digits = strlen(hex), len = digits / 2;
	char *out;

	if (digits % 2 || strspn(hex, "0123456789abcdefABCDEF") != digits)
		return invalid(r, "value-hex=\"%s\" is no hex", hex);
	out = calloc(1, len + 1);
	if (!out)
		return no_memory(r);
	for (size_t i = 0; i < len; i++)
		out[i] = mlx_hex_digit(hex[2 * i]) << 4 | mlx_hex_digit(hex[2 * i + 1]);
	if (strlen(out) != len || strchr(out, '\n')) {
		free(out);
		return invalid(r, "value-hex=\"%s\" is not the hex of one line of text", hex);
	}
	*text = out;
	return 0;
}

static int begin_key(void *ctx, const char **atts)
{
	struct mlx_reader *r = ctx;
	const char *section = mlx_xml_attr(atts, "section"), *name = mlx_xml_attr(atts, "name");
	const char *value = mlx_xml_attr(atts, "value"), *hex = mlx_xml_attr(atts, "value-hex");
	char *decoded = NULL;

	if (check_name(r, section) || check_name(r, name))
		return -1;
	if (r->rel->keys == FW_MAX_KEYS)
		return invalid(r, "more than %d keys", FW_MAX_KEYS);
	if (fw_release_key(r->rel, section, name))
		return invalid(r, "%s.%s appears twice", section, name);
	if (value && hex)
		return invalid(r, "%s.%s has value and value-hex", section, name);
	if (hex && decode_hex(r, hex, &decoded))
		return -1;
	r->key = fw_release_add_key(r->rel, section, name, hex ? decoded : value);
	free(decoded);
	return r->key ? 0 : no_memory(r);
}

static int begin_bind(void *ctx, const char **atts)
{
	struct mlx_reader *r = ctx;
	const char *param = mlx_xml_attr(atts, "param"), *field = mlx_xml_attr(atts, "field");
	const char *by = mlx_xml_attr(atts, "by");
	int transform = fw_transform_by_name(mlx_xml_attr(atts, "as"));
	int confidence = fw_confidence_by_name(mlx_xml_attr(atts, "confidence"));
	int target = param ? FW_TARGET_WORD : field ? fw_target_by_name(field) : -1;
	unsigned long absent = 0;
	struct fw_bind bind;

	if ((param && check_name(r, param)) || (by && check_name(r, by)))
		return -1;
	if (r->key->binds == FW_MAX_BINDS)
		return invalid(r, "more than %d bindings", FW_MAX_BINDS);
	if (!param == !field)
		return invalid(r, "a binding has either param or field");
	if (target < 0 || (field && target == FW_TARGET_WORD))
		return refuse(r, "field \"%s\" is not known", field);
	if (confidence != FW_VERIFIED && confidence != FW_SEEN && confidence != FW_CLAIMED)
		return refuse(r, "confidence is verified, seen or claimed");
	if (!by != (confidence != FW_CLAIMED))
		return invalid(r, "a claim, and no other confidence, says by whom");
	if (transform < 0 || transform > FW_AS_TEXT ||
	    (transform == FW_AS_TEXT) != fw_target_is_text(target) ||
	    (field && transform == FW_AS_BOOL))
		return refuse(r, "as=\"%s\" is not how this target is read",
			      mlx_xml_attr(atts, "as"));
	if (mlx_xml_attr(atts, "absent") && read_number(r, atts, "absent", UINT32_MAX, &absent))
		return -1;
	if (mlx_xml_attr(atts, "absent") && transform == FW_AS_TEXT)
		return invalid(r, "absent=\"0x%lx\" is a number, this target is text", absent);
	bind = (struct fw_bind){.target = target,
				.path = (char *)param,
				.transform = transform,
				.confidence = confidence,
				.by = (char *)by,
				.absent_known = mlx_xml_attr(atts, "absent"),
				.absent = absent};
	return fw_key_bind(r->key, &bind) ? no_memory(r) : 0;
}

/* The ini stream and the keys say the same thing twice: they must agree. */
static int check_ini(struct mlx_reader *r)
{
	struct fw_release *rel = r->rel;
	struct fw_ini ini = {0};
	struct cx_err why;
	char *text = NULL;
	size_t len;
	int rc = -1;

	if (rel->ini == FW_NO_PART && rel->keys)
		return invalid(r, "keys, but no <ini> that states them");
	if (rel->ini == FW_NO_PART || !rel->part[rel->ini].len)
		return 0;
	if (fw_release_text(rel, &text, &len, &why) || fw_ini_read(text, len, &ini, &why)) {
		invalid(r, "%s", why.text);
		goto out;
	}
	for (size_t i = 0; i < rel->keys; i++) {
		const struct fw_key *k = &rel->key[i];
		const char *value = fw_ini_get(&ini, k->section, k->name);

		if (!value == !k->value && (!value || !strcmp(value, k->value)))
			continue;
		invalid(r, "%s.%s: the key says %s, the bytes of <ini> %s", k->section, k->name,
			k->value ? k->value : "nothing", value ? value : "nothing");
		goto out;
	}
	for (size_t i = 0; i < ini.entries; i++) {
		if (fw_release_key(rel, ini.entry[i].section, ini.entry[i].key))
			continue;
		invalid(r, "%s.%s is in the bytes of <ini>, but there is no such <key>",
			ini.entry[i].section, ini.entry[i].key);
		goto out;
	}
	rc = 0;
out:
	fw_ini_free(&ini);
	free(text);
	return rc;
}

/* Laid out, the parts must be an image: pointers, counts and CRCs that were written by hand. */
static int check_image(struct mlx_reader *r)
{
	struct fw_image img;
	struct cx_err why;
	uint8_t *bytes;
	size_t size;
	int rc;

	if (fw_assemble(r->rel, r->rel->part, &bytes, &size, &why))
		return mlx_xml_fail(r->xml, why.status, "%s", why.text);
	rc = fw_image_parse(bytes, size, &img, &why);
	free(bytes);
	if (rc)
		return invalid(r, "the release makes no image: %s", why.text);
	rc = fw_image_sound(&img, &why);
	fw_image_free(&img);
	return rc ? invalid(r, "the release makes no image: %s", why.text) : 0;
}

static int begin_end(void *ctx, const char **atts)
{
	struct mlx_reader *r = ctx;
	const struct fw_release *rel = r->rel;
	const struct {
		const char *name;
		size_t count;
	} counts[] = {
		{"sections", rel->parts},
		{"params", rel->parameters},
		{"keys", rel->keys},
	};

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		unsigned long n;

		if (read_number(r, atts, counts[i].name, UINT32_MAX, &n))
			return -1;
		if (n != counts[i].count)
			return invalid(r, "%s=\"%lu\", but the file has %zu", counts[i].name, n,
				       counts[i].count);
	}
	if (!r->header)
		return invalid(r, "no <header>");
	if (!rel->parts || rel->part[rel->parts - 1].kind != FW_PART_SECTION)
		return invalid(r, "a section must come last");
	if (check_ini(r) || check_image(r))
		return -1;
	r->xml->done = true;
	return 0;
}

static const struct mlx_element elements[] = {
	{"cxflash", NULL, "profile", "", false, begin_cxflash, NULL},
	{"header", NULL, "boot revision format failsafe end", "crc", false, begin_header, NULL},
	{"bsection", NULL, "name", "crc", true, begin_bsection, end_bsection},
	{"section", NULL, "name type param", "size crc linked", true, begin_section, end_section},
	{"configuration", NULL, "param", "crc linked", false, begin_configuration, end_section},
	{"word", "configuration", "address value mask", "", false, begin_word, NULL},
	{"param", "word", "path at size default", "", false, begin_param, NULL},
	{"guid", NULL, "param", "crc linked", true, begin_guid, end_section},
	{"info", NULL, "param", "crc linked", false, begin_info, end_info},
	{"field", "info", "tag", "size text", true, begin_field, end_field},
	{"ini", NULL, "param level", "crc linked", true, begin_ini, end_section},
	{"gap", NULL, "", "", true, begin_gap, end_section},
	{"key", NULL, "section name", "value value-hex", false, begin_key, NULL},
	{"bind", "key", "as confidence", "param field by absent", false, begin_bind, NULL},
	{"end", NULL, "sections params keys", "", false, begin_end, NULL},
	{NULL, NULL, NULL, NULL, false, NULL, NULL},
};

/* "<!-- MT25408 Firmware image -->": what tells the new dialect from the old (mlx-ini 1a). */
static int read_first_line(const char *text, size_t len, struct fw_release *rel, struct cx_err *err)
{
	const char *lf = memchr(text, '\n', len);
	char line[128], chip[6] = "";
	int digits = 0, used = 0;

	snprintf(line, sizeof(line), "%.*s", (int)(lf ? lf - text : (ptrdiff_t)len), text);
	if (sscanf(line, "<!-- MT%5[0-9]%n Firmware image%n", chip, &digits, &used) != 1 || !used ||
	    strlen(chip) < 3 || (line[digits] != ' ' && line[digits] != '\t'))
		return cx_fail(
			err, CX_REFUSED,
			"line 1: no '<!-- MT25408 Firmware image -->': a .mlx of the old text "
			"dialect, whose grammar is not public, or none at all; " MLX_WAY_OUT);
	snprintf(rel->chip, sizeof(rel->chip), "MT%s", chip);
	if (!fw_is_chip_part(rel->chip))
		return cx_fail(err, CX_REFUSED,
			       "line 1: chip %s is none of " FW_CHIP_PARTS "; " MLX_WAY_OUT,
			       rel->chip);
	return 0;
}

int fw_mlx_parse(const char *text, size_t len, struct fw_release **rel, struct cx_err *err)
{
	struct mlx_xml xml = {.elements = elements, .bytes = take_bytes, .err = err};
	struct mlx_reader r = {.xml = &xml, .rel = fw_release_new()};

	if (!r.rel)
		return cx_fail(err, CX_FAILED, "out of memory");
	xml.ctx = &r;
	if (read_first_line(text, len, r.rel, err) || mlx_xml_parse(&xml, text, len)) {
		fw_release_free(r.rel);
		return -1;
	}
	*rel = r.rel;
	return 0;
}
