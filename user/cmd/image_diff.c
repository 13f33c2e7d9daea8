// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl image diff: what two images differ in. */
#include <string.h>

#include "card/settings.h"
#include "card/subject.h"
#include "files/map.h"
#include "fw/release/diff.h"
#include "commands.h"

static struct look at = {.takes = LOOK_ANY, .two = true};
static const char *map;

static const struct opt options[] = {
	LOOK_OPTIONS(at),
	{"map", 0, OPT_TEXT, &map, "FILE", "more parameters: see params.tsv"},
	{NULL},
};

static void show_word(const char *name, uint32_t addr, uint32_t a, uint32_t b, void *ctx)
{
	struct out *out = ctx;

	out_object(out, NULL);
	out_text(out, "name", NULL, "%s", name);
	out_number(out, "addr", NULL, addr);
	out_number(out, "a", NULL, a);
	out_number(out, "b", NULL, b);
	out_close(out);
	out_say(out, " Header 0x%02x, %s: 0x%08x, 0x%08x", addr, name, a, b);
}

static void section_json(struct out *out, const char *key, const struct fw_section *s)
{
	if (!s)
		return;
	out_object(out, key);
	out_number(out, "addr", NULL, s->addr);
	out_number(out, "size", NULL, s->size);
	out_number(out, "crc", NULL, s->crc);
	out_close(out);
}

static void show_section(const struct fw_section *a, const struct fw_section *b, uint32_t bytes,
			 uint32_t first, void *ctx)
{
	const struct fw_section *s = a ? a : b;
	struct out *out = ctx;
	char name[64];

	snprintf(name, sizeof(name), "%s%s at 0x%x", fw_section_name(s->type),
		 s->param >> 31 ? " (LZMA)" : "", s->addr);
	out_object(out, NULL);
	out_text(out, "name", NULL, "%s", fw_section_name(s->type));
	section_json(out, "a", a);
	section_json(out, "b", b);
	out_number(out, "differing_bytes", NULL, bytes);
	out_number(out, "first", NULL, first);
	out_close(out);
	if (!b)
		out_say_in(out, OUT_BAD, "-%s, 0x%x bytes", name, a->size);
	else if (!a)
		out_say_in(out, OUT_GOOD, "+%s, 0x%x bytes", name, b->size);
	else if (!bytes)
		out_say(out, " %s: the same bytes, but only the %s has the right CRC", name,
			a->crc == a->crc_want ? "first" : "second");
	else
		out_say(out, " %s: 0x%x bytes, 0x%x bytes; %u differ, the first at 0x%x", name,
			a->size, b->size, bytes, first);
}

static void show_value(struct out *out, const char *key, const struct fw_field *f)
{
	if (f && f->text)
		out_text(out, key, NULL, "%s", f->text);
	else if (f)
		out_number(out, key, NULL, f->value);
}

static void show_field(const struct fw_field *a, const struct fw_field *b, void *ctx)
{
	const struct fw_field *f = a ? a : b;
	char place[200], x[240], y[240];
	struct out *out = ctx;

	out_object(out, NULL);
	field_json(out, f);
	show_value(out, "a", a);
	show_value(out, "b", b);
	out_close(out);
	field_place(f, place, sizeof(place));
	if (a && b)
		out_say(out, " %u %s: %s, %s", f->section, place, field_value(a, x, sizeof(x)),
			field_value(b, y, sizeof(y)));
	else if (a)
		out_say_in(out, OUT_BAD, "-%u %s = %s", f->section, place,
			   field_value(a, x, sizeof(x)));
	else
		out_say_in(out, OUT_GOOD, "+%u %s = %s", f->section, place,
			   field_value(b, y, sizeof(y)));
}

static void show_inis(struct out *out, const struct settings *a, const struct settings *b)
{
	static const struct fw_ini none;

	if (a->has_ini != b->has_ini)
		out_note(out, "only the %s image carries an ini", a->has_ini ? "first" : "second");
	show_ini_diff(out, "ini", a->has_ini ? &a->ini : &none, b->has_ini ? &b->ini : &none);
}

static int compare(struct out *out, const struct fw_image *a, const struct fw_image *b,
		   struct cx_err *err)
{
	bool equal = a->size == b->size && !memcmp(a->bytes, b->bytes, a->size);
	struct settings x, y;

	out_flag(out, "equal", equal);
	if (equal) {
		out_say(out, "The images are equal.");
		return 0;
	}
	if (settings_open(a, map, &x, err))
		return -1;
	if (settings_open(b, map, &y, err)) {
		settings_close(&x);
		return -1;
	}
	out_array(out, "header");
	fw_diff_headers(a, b, show_word, out);
	out_close(out);
	out_array(out, "sections");
	fw_diff_sections(a, b, show_section, out);
	out_close(out);
	show_inis(out, &x, &y);
	out_array(out, "config");
	fw_diff_configs(&x.config, &y.config, show_field, out);
	out_close(out);
	settings_close(&x);
	settings_close(&y);
	return 0;
}

/* The image of a card or a file, with what it was read from. */
static int take(struct cli *cli, const char *card, const char *file, const char *key,
		struct subject *s, const struct fw_image **img, struct cx_err *err)
{
	struct progress progress;

	progress_begin(&progress, cli, true);
	if (subject_open(s, card, file, false, &progress, err))
		return -1;
	if (subject_image(s, img, err)) {
		subject_close(s);
		return -1;
	}
	out_text(&cli->out, key, NULL, "%s", s->name);
	return 0;
}

/* Also where it will not be needed, as of equal images. */
static int check_map(struct cx_err *err)
{
	struct fw_params params = {0};
	int ret = map ? map_add_table(map, &params, err) : 0;

	fw_params_free(&params);
	return ret;
}

static int run(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	const struct fw_image *a, *b;
	struct subject x, y;
	int ret;

	(void)argc;
	(void)argv;
	if (check_map(err) || take(cli, at.card, at.file, "a", &x, &a, err))
		return -1;
	ret = take(cli, at.other.card, at.other.file, "b", &y, &b, err);
	if (!ret) {
		ret = compare(&cli->out, a, b, err);
		subject_close(&y);
	}
	subject_close(&x);
	return ret;
}

const struct command image_diff_commands[] = {
	{
		.name = "image diff",
		.args = "[FILE|CARD] FILE|CARD",
		.what = "Tell what two images, or a card and an image, differ in",
		.options = options,
		.look = &at,
		.run = run,
	},
	{},
};
