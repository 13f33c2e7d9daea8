// SPDX-License-Identifier: GPL-2.0-only
/* A changed copy of an image file, or of a dump with one image; or a card changed in place. */
#include "rework.h"

#include <string.h>

#include "files/files.h"
#include "files/source.h"
#include "fw/image/verify.h"

struct first_error {
	char text[300];
};

static void keep_first(const struct fw_finding *f, void *ctx)
{
	struct first_error *first = ctx;

	if (f->grade == FW_BAD && !first->text[0])
		snprintf(first->text, sizeof(first->text), "%s at 0x%x: %s", f->name, f->addr,
			 f->text);
}

/* What is changed a copy of. */
struct original {
	struct source file;
	struct fw_dump dump;
};

static int check_only(const struct original *o, struct cx_err *err)
{
	const struct fw_slot *slot = o->dump.slot;

	if (!o->dump.slots) {
		source_no_image(&o->file, err);
		return cx_fail_in(err, o->file.name);
	}
	if (o->dump.slots > 1)
		return cx_fail(
			err, CX_REFUSED,
			"%s: a dump with two images, at 0x%x and 0x%x; change it as a card is "
			"changed: -d file:%s instead of FILE and -o",
			o->file.name, slot[0].start, slot[1].start, o->file.name);
	if (!slot->state)
		return 0;
	*err = slot->why;
	return cx_fail_in(err, o->file.name);
}

/* A raw flash, not an image that begins at the file's first byte and may be padded. */
static bool is_dump(const struct original *o)
{
	const struct fw_slot *slot = o->dump.slot;

	return fw_dump_flash(&o->dump, o->file.len) || slot->start ||
	       memcmp(o->file.bytes, slot->img.bytes, slot->img.size) != 0;
}

static int save(struct cli *cli, const struct original *o, const struct fw_image *img,
		const char *output, struct cx_err *err)
{
	if (!is_dump(o))
		return file_save(cli, output, FILE_BYTES, img->bytes, img->size, err);
	if (fw_dump_put(o->file.bytes, o->file.len, o->dump.slot, img, err))
		return cx_fail_in(err, o->file.name);
	return file_save(cli, output, FILE_BYTES, o->file.bytes, o->file.len, err);
}

static int change_copy(struct cli *cli, const struct original *o, const char *output,
		       rework_fn change, struct cx_err *err)
{
	const struct fw_image *from = &o->dump.slot[0].img;
	struct first_error first = {""};
	struct fw_image img;
	int ret = -1;

	if (fw_image_parse(from->bytes, from->size, &img, err))
		return cx_fail_in(err, o->file.name);
	if (change(cli, &img, err))
		cx_fail_in(err, o->file.name);
	else if (fw_verify(&img, FW_CHIP_UNKNOWN, fw_dump_flash(&o->dump, o->file.len), keep_first,
			   &first))
		cx_fail(err, CX_REFUSED, "%s: the result would not verify: %s", o->file.name,
			first.text);
	else
		ret = save(cli, o, &img, output, err);
	if (!ret)
		out_number(&cli->out, "size", "Image size", img.size);
	fw_image_free(&img);
	return ret;
}

int rework_file(struct cli *cli, const char *path, const char *output, rework_fn change,
		struct cx_err *err)
{
	struct original o;
	int ret = -1;

	if (source_read(path, SOURCE_IMAGE, NULL, &o.file, err))
		return -1;
	if (fw_dump_parse(o.file.bytes, o.file.len, FW_CHIP_UNKNOWN, &o.dump, err)) {
		cx_fail_in(err, o.file.name);
		goto cleanup;
	}
	source_note_copies(&o.file, out_note_text, &cli->out);
	if (!check_only(&o, err))
		ret = change_copy(cli, &o, output, change, err);
	fw_dump_free(&o.dump);
cleanup:
	source_free(&o.file);
	return ret;
}

int rework_card(struct cli *cli, const char *card, struct card_request *request, rework_fn change,
		const char *gets, struct cx_err *err)
{
	struct burn_outcome outcome = change_none;
	char question[CX_TEXT];
	int ret;

	snprintf(question, sizeof(question), "%s is about to get %s", card, gets);
	request->rework = change;
	request->change.question = question;
	ret = burn_card(cli, request, card, &outcome, err);
	return change_end(cli, ret, &outcome, err);
}

int rework_place(const char *command, const struct look *at, const char *output, struct cx_err *err)
{
	if (at->card && output)
		return cx_fail(err, CX_USAGE, "%s: -o %s belongs to a file; %s is changed itself",
			       command, output, at->card);
	if (at->card || (at->file && output))
		return 0;
	return cx_fail(err, CX_USAGE, "%s needs FILE and -o OUT, or -d CARD", command);
}
