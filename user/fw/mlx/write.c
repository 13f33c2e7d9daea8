// SPDX-License-Identifier: GPL-2.0-only
/* A release as a .mlx of the cxflash profile, cxflash-mlx(5). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fw/image/info.h"
#include "fw/release/release_model.h"
#include "fw/words.h"

#define BYTES_A_LINE 64

static const char digit[] = "0123456789abcdef";

/* Lines of hex; with @gap a blank between bytes, as bsection has it (mlx-ini 1c). */
static void put_hex(FILE *out, const uint8_t *bytes, size_t len, bool gap)
{
	char line[3 * BYTES_A_LINE + 1];

	for (size_t at = 0; at < len;) {
		size_t n = 0;

		for (size_t i = 0; i < BYTES_A_LINE && at < len; i++, at++) {
			if (gap && i)
				line[n++] = ' ';
			line[n++] = digit[bytes[at] >> 4];
			line[n++] = digit[bytes[at] & 15];
		}
		line[n++] = '\n';
		fwrite(line, 1, n, out);
	}
}

/* Only what no XML parser and no editor changes on its way is written as text. */
static bool is_plain(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			return false;
	return true;
}

static void put_plain(FILE *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		switch (text[i]) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		default:
			putc(text[i], out);
		}
	}
}

/* name="text", or name-hex="..." where the text is not plain. */
static void put_text(FILE *out, const char *name, const char *text, size_t len)
{
	if (is_plain(text, len)) {
		fprintf(out, " %s=\"", name);
		put_plain(out, text, len);
	} else {
		fprintf(out, " %s-hex=\"", name);
		for (size_t i = 0; i < len; i++)
			fprintf(out, "%02x", (uint8_t)text[i]);
	}
	putc('"', out);
}

static void put_header(FILE *out, const struct fw_release *rel)
{
	fprintf(out, "<!-- %s Firmware image -->\n<cxflash profile=\"1\"/>\n", rel->chip);
	fprintf(out,
		"<header boot=\"%08x %08x %08x %08x\" revision=\"0x%04x\" format=\"0x%08x\" "
		"failsafe=\"0x%08x\" end=\"0x%08x\"",
		rel->boot[0], rel->boot[1], rel->boot[2], rel->boot[3], rel->revision, rel->format,
		rel->failsafe, rel->end);
	if (rel->crc_kept)
		fprintf(out, " crc=\"0x%04x\"", rel->crc);
	fputs("/>\n", out);
}

static void put_words(FILE *out, const struct fw_release *rel, size_t index)
{
	const struct fw_part *p = &rel->part[index];

	for (size_t at = 0; at < p->len; at += FW_WORD_SIZE) {
		uint32_t addr = fw_get32(p->bytes + at), value = fw_get32(p->bytes + at + 4);
		bool open = false;

		fprintf(out, "<word address=\"0x%05x\" value=\"0x%08x\" mask=\"0x%08x\"", addr,
			value, fw_get32(p->bytes + at + 8));
		for (size_t i = 0; i < rel->parameters; i++) {
			const struct fw_param *m = &rel->parameter[i];

			if (m->part != index || m->offset != at)
				continue;
			fputs(open ? "" : ">\n", out);
			open = true;
			fputs(" <param", out);
			put_text(out, "path", m->path, strlen(m->path));
			fprintf(out, " at=\"0x%05x.%u\" size=\"%u\" default=\"0x%x\"/>\n", addr,
				m->bit, m->size,
				(value & fw_field_mask(m->bit, m->size)) >> m->bit);
		}
		fputs(open ? "</word>\n" : "/>\n", out);
	}
}

/* The records of the Image Info the header points to; fw_image_parse() has proved their form. */
static void put_fields(FILE *out, const struct fw_part *p)
{
	for (size_t at = 0; at < p->len;) {
		uint32_t tag = p->bytes[at], len = fw_get32(p->bytes + at) & 0xffffff;
		const char *data = (const char *)p->bytes + at + 4;
		size_t text = strnlen(data, len), used = len;

		at += 4 + len;
		if (tag == FW_TAG_END)
			break;
		while (used && !data[used - 1])
			used--;
		fprintf(out, "<field tag=\"%u\"", tag);
		if (text && text == used && is_plain(data, text)) {
			fprintf(out, " size=\"%u\"", len);
			put_text(out, "text", data, text);
			fputs("/>\n", out);
		} else {
			fputs(len > BYTES_A_LINE ? ">\n" : ">", out);
			for (size_t i = 0; i < len; i++) {
				putc(digit[(uint8_t)data[i] >> 4], out);
				putc(digit[data[i] & 15], out);
				if (i % BYTES_A_LINE == BYTES_A_LINE - 1)
					putc('\n', out);
			}
			fputs("</field>\n", out);
		}
	}
}

/* Does the list of sections lead through them as they stand? */
static bool in_order(const struct fw_release *rel)
{
	size_t place = 0;

	for (size_t i = 0; i < rel->parts; i++)
		if (rel->part[i].kind == FW_PART_SECTION && rel->part[i].place != ++place)
			return false;
	return true;
}

static void put_section(FILE *out, const struct fw_part *p, const char *element, bool linked)
{
	fprintf(out, "<%s", element);
	if (!strcmp(element, "section")) {
		fprintf(out, " name=\"%s\" type=\"%u\"", fw_section_name(p->type), p->type);
		if (p->type == FW_EMT) /* bytes here, not dwords (fs2-image 7) */
			fprintf(out, " size=\"0x%x\"", p->size_word);
	}
	fprintf(out, " param=\"0x%08x\"", p->param);
	if (p->crc_kept)
		fprintf(out, " crc=\"0x%08x\"", p->crc);
	if (linked)
		fprintf(out, " linked=\"%zu\"", p->place);
}

static void put_part(FILE *out, const struct fw_release *rel, size_t i, bool linked)
{
	const struct fw_part *p = &rel->part[i];
	const char *element = i == rel->info	    ? "info"
			      : i == rel->guid	    ? "guid"
			      : i == rel->ini	    ? "ini"
			      : fw_words_regular(p) ? "configuration"
						    : "section";

	if (p->kind == FW_PART_BOOT) {
		element = "bsection";
		fputs("<bsection name=\"BOOT2\"", out);
		if (p->crc_kept)
			fprintf(out, " crc=\"0x%08x\"", p->crc);
	} else if (p->kind == FW_PART_GAP) {
		element = "gap";
		fputs("<gap", out);
	} else {
		put_section(out, p, element, linked);
	}
	if (i == rel->ini)
		fprintf(out, " level=\"%d\"", rel->ini_level);
	fputs(">\n", out);
	if (i == rel->info)
		put_fields(out, p);
	else if (!strcmp(element, "configuration"))
		put_words(out, rel, i);
	else
		put_hex(out, p->bytes, p->len, p->kind == FW_PART_BOOT);
	fprintf(out, "</%s>\n", element);
}

static void put_bind(FILE *out, const struct fw_bind *b)
{
	fputs(" <bind", out);
	if (b->target == FW_TARGET_WORD)
		put_text(out, "param", b->path, strlen(b->path));
	else
		fprintf(out, " field=\"%s\"", fw_target_name(b->target));
	fprintf(out, " as=\"%s\" confidence=\"%s\"", fw_transform_name(b->transform),
		fw_confidence_name(b->confidence));
	if (b->by)
		put_text(out, "by", b->by, strlen(b->by));
	if (b->absent_known)
		fprintf(out, " absent=\"0x%x\"", b->absent);
	fputs("/>\n", out);
}

static void put_key(FILE *out, const struct fw_key *k)
{
	fputs("<key", out);
	put_text(out, "section", k->section, strlen(k->section));
	put_text(out, "name", k->name, strlen(k->name));
	if (k->value)
		put_text(out, "value", k->value, strlen(k->value));
	fputs(k->binds ? ">\n" : "/>\n", out);
	for (size_t i = 0; i < k->binds; i++)
		put_bind(out, &k->bind[i]);
	fputs(k->binds ? "</key>\n" : "", out);
}

int fw_mlx_write(const struct fw_release *rel, char **text, size_t *len, struct cx_err *err)
{
	if (rel->compiler)
		return cx_fail(err, CX_REFUSED,
			       "a learnt map lives by the boards it was learnt from, which a .mlx "
			       "has no place for; give it to build and burn with --map");
	char *buffer = NULL;
	FILE *out = open_memstream(&buffer, len);
	bool linked = !in_order(rel);

	if (!out)
		return cx_fail(err, CX_FAILED, "out of memory for a .mlx");
	put_header(out, rel);
	for (size_t i = 0; i < rel->parts; i++)
		put_part(out, rel, i, linked);
	for (size_t i = 0; i < rel->keys; i++)
		put_key(out, &rel->key[i]);
	fprintf(out, "<end sections=\"%zu\" params=\"%zu\" keys=\"%zu\"/>\n", rel->parts,
		rel->parameters, rel->keys);
	if (ferror(out) | fclose(out)) {
		free(buffer);
		return cx_fail(err, CX_FAILED, "out of memory for a .mlx");
	}
	*text = buffer;
	return 0;
}
