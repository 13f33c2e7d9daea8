// SPDX-License-Identifier: GPL-2.0-only
/* The burn of one card, from opening it to its last word. */
#include "burn_card.h"

#include "files/folder.h"
#include "files/inputs.h"
#include "describe.h"

static int own_image(struct cli *cli, const struct subject *s, const struct card_request *request,
		     struct fw_image *img, struct cx_err *err)
{
	const struct fw_image *own;

	if (subject_image(s, &own, err) || fw_image_parse(own->bytes, own->size, img, err))
		return -1;
	if (!request->rework(cli, img, err))
		return 0;
	fw_image_free(img);
	return cx_fail_in(err, s->name);
}

static int get_image(struct cli *cli, const struct subject *s, const struct card_request *request,
		     struct fw_image *img, struct cx_err *err)
{
	const struct fw_image *on_card;
	struct cx_err no_image;
	const char *psid = subject_image(s, &on_card, &no_image) ? "" : fw_image_psid(on_card);

	if (request->rework)
		return own_image(cli, s, request, img, err);
	if (request->image)
		return image_load(request->image, psid, out_note_text, &cli->out, img, err);
	return folder_is(request->recipe.fw)
		       ? folder_image(cli, &request->recipe, psid, s->chip, s->chip_rev, img, err)
		       : assemble(cli, &request->recipe, psid, img, err);
}

/* The numbers of a card, if they can be believed. */
static bool believable(const struct fw_image *img)
{
	const struct fw_section *sec = fw_image_find(img, FW_GUID, 0);

	return sec && sec->crc == sec->crc_want;
}

/* The identity of a backup, or of an image. */
static int saved_identity(const char *path, struct fw_identity *id, struct cx_err *err)
{
	struct burn_backup_set set;
	struct fw_image img;

	if (folder_is(path)) {
		if (burn_backup_load(path, &set, err))
			return -1;
		*id = set.image.id;
		burn_backup_free(&set);
		return 0;
	}
	if (image_load(path, NULL, NULL, NULL, &img, err))
		return -1;
	*id = img.id;
	fw_image_free(&img);
	return 0;
}

/* The identity that was asked for; *asked tells whether one was. */
static int get_identity(struct cli *cli, const struct subject *s,
			const struct card_request *request, struct fw_identity *id, bool *asked,
			struct cx_err *err)
{
	struct fw_identity_request numbers = request->numbers, *w = &numbers;
	char how[FW_IDENTITY_HOW];
	const struct fw_image *own;
	struct cx_err none;

	*asked = request->identity || w->guid || w->mac || w->vsd || w->blank;
	*id = (struct fw_identity){.entries = 6, .blank = true};
	if (!*asked)
		return 0;
	if (request->identity) {
		if (saved_identity(request->identity, id, err))
			return -1;
	} else if (!subject_image(s, &own, &none)) {
		*id = own->id;
		id->blank |= !believable(own) || !burn_one_identity(&s->survey);
	}
	numbers.chip = s->chip;
	numbers.how = how;
	if (fw_identity_change(id, w, err))
		return -1;
	if (*how)
		out_note(&cli->out, "%s", how);
	return 0;
}

static void show_version(struct out *out, const char *version_key, const char *psid_key,
			 const char *label, const struct fw_image *img)
{
	char text[20];

	fw_version_text(&img->info.version, text);
	out_text(out, version_key, NULL, "%s", text);
	out_text(out, psid_key, NULL, "%s", fw_image_psid(img));
	out_text(out, NULL, label, "%s, PSID %s", text, fw_image_psid(img));
}

static void show_versions(struct out *out, const struct subject *s, const struct fw_image *img)
{
	const struct fw_image *old;
	struct cx_err no_image;

	if (subject_image(s, &old, &no_image))
		out_text(out, NULL, "On the card", "%s", no_image.text);
	else
		show_version(out, "old_version", "old_psid", "On the card", old);
	show_version(out, "new_version", "new_psid", "To be burnt", img);
}

/* Who burns a backup over the same firmware wanted the numbers in it. */
static void tell_other(const struct subject *s, const struct burn_request *req, const char *file,
		       struct cx_err *err)
{
	char what[300];

	if (burn_left_identity(&s->survey, req, what, sizeof(what)))
		cx_fail_after(err,
			      "; but what identifies a card is different in the image: %s; to give "
			      "the card that, add --identity %s",
			      what, file);
}

static int burn_onto(struct cli *cli, struct subject *s, struct progress *progress,
		     const struct card_request *request, const struct fw_image *img,
		     struct burn_outcome *outcome, struct cx_err *err)
{
	struct burn_request req = {.image = img, .rom = request->rom, .may = request->may};
	struct fw_identity id;
	bool asked;
	int ret;

	show_versions(&cli->out, s, img);
	if (get_identity(cli, s, request, &id, &asked, err))
		return -1;
	if (asked)
		req.identity = &id;
	ret = change_image(cli, s, progress, &req, &request->change, outcome, err);
	if (ret && err->status == CX_NOTHING && request->image)
		tell_other(s, &req, request->image, err);
	return ret;
}

int burn_card(struct cli *cli, const struct card_request *request, const char *card,
	      struct burn_outcome *outcome, struct cx_err *err)
{
	struct progress progress;
	struct fw_image img;
	struct subject s;
	int ret;

	*outcome = change_none;
	progress_begin(&progress, cli, false);
	if (change_open(cli, card, &s, &progress, err))
		return -1;
	ret = get_image(cli, &s, request, &img, err);
	if (!ret) {
		ret = burn_onto(cli, &s, &progress, request, &img, outcome, err);
		fw_image_free(&img);
	}
	subject_close(&s);
	return ret;
}
