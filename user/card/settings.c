// SPDX-License-Identifier: GPL-2.0-only
/* What an image tells a card to do, named and beside its ini. */
#include "settings.h"

#include <stdlib.h>

#include "files/inputs.h"
#include "files/map.h"
#include "fw/release/diff.h"
#include "subject.h"

int ini_inside(const struct fw_image *img, const char *name, struct fw_ini *ini, struct cx_err *err)
{
	return ini_of(img, ini, err) ? cx_fail_in(err, name) : 0;
}

/* No image is in the file; if keys are, it is an ini whatever its name. */
static int ini_or_neither(const char *path, const struct cx_err *no_image, struct fw_ini *ini,
			  struct cx_err *err)
{
	if (!ini_load(path, ini, err))
		return 0;
	*err = *no_image;
	return -1;
}

/* The ini in a file, or the one inside the image of a file or a card. */
int ini_from(struct cli *cli, const char *card, const char *file, struct fw_ini *ini,
	     struct cx_err *err)
{
	const struct fw_image *img;
	struct progress progress;
	struct subject s;
	bool none;
	int ret;

	if (file && fw_name_ends_in(file, ".ini"))
		return ini_load(file, ini, err);
	progress_begin(&progress, cli, true);
	if (subject_open(&s, card, file, false, &progress, err))
		return -1;
	none = file && !s.dump->slots;
	ret = subject_image(&s, &img, err) || ini_inside(img, s.name, ini, err) ? -1 : 0;
	subject_close(&s);
	if (ret && none) {
		struct cx_err no_image = *err;

		return ini_or_neither(file, &no_image, ini, err);
	}
	return ret;
}

static int open_ini(const struct fw_image *img, struct settings *s, struct cx_err *err)
{
	s->has_ini = !ini_of(img, &s->ini, err);
	return s->has_ini || err->status == CX_NOT_FOUND ? 0 : -1;
}

int settings_open(const struct fw_image *img, const char *map, struct settings *s,
		  struct cx_err *err)
{
	*s = (struct settings){0};
	if (!fw_params_builtin(&s->map, err) && (!map || !map_add_table(map, &s->map, err)) &&
	    !fw_config_read(img, &s->map, &s->config, err) && !open_ini(img, s, err))
		return 0;
	settings_close(s);
	return -1;
}

void settings_close(struct settings *s)
{
	if (s->has_ini)
		fw_ini_free(&s->ini);
	fw_config_free(&s->config);
	fw_params_free(&s->map);
}

static void show_key(const char *section, const char *key, const char *a, const char *b, void *ctx)
{
	struct out *out = ctx;

	out_object(out, NULL);
	out_text(out, "section", NULL, "%s", section);
	out_text(out, "key", NULL, "%s", key);
	if (a)
		out_text(out, "a", NULL, "%s", a);
	if (b)
		out_text(out, "b", NULL, "%s", b);
	out_close(out);
	if (a)
		out_say_in(out, OUT_BAD, "-%s.%s=%s", section, key, a);
	if (b)
		out_say_in(out, OUT_GOOD, "+%s.%s=%s", section, key, b);
}

size_t show_ini_diff(struct out *out, const char *key, const struct fw_ini *a,
		     const struct fw_ini *b)
{
	size_t count;

	out_array(out, key);
	count = fw_diff_inis(a, b, show_key, out);
	out_close(out);
	return count;
}

const char *field_place(const struct fw_field *f, char *buf, size_t size)
{
	const char *name = fw_field_name(f);

	if (!name)
		snprintf(buf, size, "0x%05x mask 0x%08x", f->addr, f->mask);
	else if (f->section)
		snprintf(buf, size, "0x%05x.%u %s", f->addr, f->bit, name);
	else
		snprintf(buf, size, "Image Info %s", name);
	return buf;
}

const char *field_value(const struct fw_field *f, char *buf, size_t size)
{
	if (f->text)
		snprintf(buf, size, "%s", f->text);
	else
		snprintf(buf, size, f->rules ? "0x%x" : "0x%08x", f->value);
	return buf;
}

void field_json(struct out *out, const struct fw_field *f)
{
	const char *name = fw_field_name(f);

	out_number(out, "section", NULL, f->section);
	if (name)
		out_text(out, "name", NULL, "%s", name);
	if (!f->section)
		return;
	out_number(out, "addr", NULL, f->addr);
	out_number(out, "mask", NULL, f->mask);
	if (name) {
		out_number(out, "bit", NULL, f->bit);
		out_number(out, "size", NULL, f->rule[0]->size);
	}
}
