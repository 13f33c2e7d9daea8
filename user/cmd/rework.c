// SPDX-License-Identifier: GPL-2.0-only
/* A changed copy of an image file, or of a dump with one image. */
#include "rework.h"

#include <string.h>

#include "card.h"
#include "files.h"

struct first_error {
	char text[300];
};

static void keep_first(const struct fw_finding *f, void *ctx)
{
	struct first_error *first = ctx;

	if (f->verdict == FW_BAD && !first->text[0])
		snprintf(first->text, sizeof(first->text), "%s at 0x%x: %s", f->name, f->addr,
			 f->text);
}

static const struct fw_slot *only_slot(const struct subject *s, struct cx_err *err)
{
	const struct fw_slot *slot = &s->dump->slot[0];
	const struct fw_image *img;

	if (s->dump->slots > 1) {
		cx_fail(err, CX_REFUSED,
			"%s: a dump with two images, at 0x%x and 0x%x; change the image file and "
			"put "
			"it in with 'cxflashctl burn -d file:%s IMAGE'",
			s->name, s->dump->slot[0].start, s->dump->slot[1].start, s->name);
		return NULL;
	}
	return subject_image(s, &img, err) ? NULL : slot;
}

/* A raw flash, not an image that begins at the file's first byte and may be padded. */
static bool is_dump(const struct subject *s, const struct fw_slot *slot)
{
	return s->flash_size || slot->start ||
	       memcmp(s->bytes, slot->img.bytes, slot->img.size) != 0;
}

static int save(const struct subject *s, const struct fw_slot *slot, const struct fw_image *img,
		const char *output, struct cx_err *err)
{
	if (!is_dump(s, slot))
		return file_write(output, img->bytes, img->size, err);
	if (fw_dump_put(s->bytes, s->len, slot, img, err))
		return cx_fail_in(err, s->name);
	return file_write(output, s->bytes, s->len, err);
}

static int change_copy(struct cli *cli, const struct subject *s, const struct fw_slot *slot,
		       const char *output, rework_fn change, struct cx_err *err)
{
	struct first_error first = {""};
	struct fw_image img;
	int ret = -1;

	if (fw_image_parse(slot->img.bytes, slot->img.size, &img, err))
		return cx_fail_in(err, s->name);
	cli->out.raw = !strcmp(output, "-");
	if (change(cli, &img, err))
		cx_fail_in(err, s->name);
	else if (fw_verify(&img, FW_CHIP_UNKNOWN, s->flash_size, keep_first, &first))
		cx_fail(err, CX_REFUSED, "%s: the result would not verify: %s", s->name,
			first.text);
	else
		ret = save(s, slot, &img, output, err);
	if (!ret && !cli->out.raw) {
		out_text(&cli->out, "output", "Saved in", "%s", output);
		out_number(&cli->out, "size", "Image size", img.size);
	}
	fw_image_free(&img);
	return ret;
}

int rework_file(struct cli *cli, const char *path, const char *output, rework_fn change,
		struct cx_err *err)
{
	const struct fw_slot *slot;
	struct progress progress;
	struct subject s;
	int ret = -1;

	progress_begin(&progress, cli, true);
	if (subject_open(&s, NULL, path, false, &progress, err))
		return -1;
	slot = only_slot(&s, err);
	if (slot)
		ret = change_copy(cli, &s, slot, output, change, err);
	subject_close(&s);
	return ret;
}
