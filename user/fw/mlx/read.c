// SPDX-License-Identifier: GPL-2.0-only
/* A .mlx of the cxflash profile, cxflash-mlx(5), becomes a release. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "read.h"
#include "fw/image/edit.h"

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

	if (mlx_check_name(r, section) || mlx_check_name(r, name))
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

	if ((param && mlx_check_name(r, param)) || (by && mlx_check_name(r, by)))
		return -1;
	if (r->key->binds == FW_MAX_BINDS)
		return invalid(r, "more than %d bindings", FW_MAX_BINDS);
	if (!param == !field)
		return invalid(r, "a binding has either param or field");
	if (target < 0 || (field && target == FW_TARGET_WORD))
		return refuse(r, "field \"%s\" is not known", field);
	if (confidence < 0)
		return refuse(r, "confidence is verified, seen or claimed");
	if (!by != (confidence != FW_CLAIMED))
		return invalid(r, "a claim, and no other confidence, says by whom");
	if (transform < 0 || (transform == FW_AS_TEXT) != fw_target_is_text(target) ||
	    (field && transform == FW_AS_BOOL))
		return refuse(r, "as=\"%s\" is not how this target is read",
			      mlx_xml_attr(atts, "as"));
	if (mlx_xml_attr(atts, "absent") && mlx_number(r, atts, "absent", UINT32_MAX, &absent))
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

		if (mlx_number(r, atts, counts[i].name, UINT32_MAX, &n))
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
	{"header", NULL, "boot revision format failsafe end", "crc", false, mlx_begin_header, NULL},
	{"bsection", NULL, "name", "crc", true, mlx_begin_bsection, mlx_end_bsection},
	{"section", NULL, "name type param", "size crc linked", true, mlx_begin_section,
	 mlx_end_section},
	{"configuration", NULL, "param", "crc linked", false, mlx_begin_configuration,
	 mlx_end_section},
	{"word", "configuration", "address value mask", "", false, mlx_begin_word, NULL},
	{"param", "word", "path at size default", "", false, mlx_begin_param, NULL},
	{"guid", NULL, "param", "crc linked", true, mlx_begin_guid, mlx_end_section},
	{"info", NULL, "param", "crc linked", false, mlx_begin_info, mlx_end_info},
	{"field", "info", "tag", "size text", true, mlx_begin_field, mlx_end_field},
	{"ini", NULL, "param level", "crc linked", true, mlx_begin_ini, mlx_end_section},
	{"gap", NULL, "", "", true, mlx_begin_gap, mlx_end_section},
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
	if (!fw_is_chip(rel->chip))
		return cx_fail(err, CX_REFUSED,
			       "line 1: chip %s is none of " FW_CHIP_LIST "; " MLX_WAY_OUT,
			       rel->chip);
	return 0;
}

int fw_mlx_parse(const char *text, size_t len, struct fw_release **rel, struct cx_err *err)
{
	struct mlx_xml xml = {.elements = elements, .bytes = mlx_bytes, .err = err};
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
