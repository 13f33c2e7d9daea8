// SPDX-License-Identifier: GPL-2.0-only
/* The burn of one card, from opening it to its last word. */
#include "burn_card.h"

#include <string.h>

#include "describe.h"
#include "inputs.h"

/* The image to burn: the file itself, or assembled for the PSID of this card. */
static int get_image(struct cli *cli, const struct subject *s, const struct burn_order *order,
		     struct fw_image *img, struct cx_err *err)
{
	const struct fw_image *on_card;
	struct cx_err no_image;
	const char *psid = subject_image(s, &on_card, &no_image) ? "" : image_psid(on_card);

	return order->image ? image_load(order->image, psid, img, err)
			    : assemble(cli, &order->recipe, psid, img, err);
}

static void show_version(struct out *out, const char *version_key, const char *psid_key,
			 const char *label, const struct fw_image *img)
{
	char text[20];

	fw_version_text(&img->info.version, text);
	out_text(out, version_key, NULL, "%s", text);
	out_text(out, psid_key, NULL, "%s", image_psid(img));
	out_text(out, NULL, label, "%s, PSID %s", text, image_psid(img));
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

static void note(const char *text, void *ctx)
{
	out_note(&((struct cli *)ctx)->out, "%s", text);
}

/*
 * Plan; where a refusal would fall with a permission, ask for it at the terminal. PSID and version
 * may both stand in the way, so all three combinations are tried.
 */
static int plan_or_ask(struct cli *cli, struct subject *s, struct progress *progress,
		       struct burn_request *req, struct burn_plan *plan, struct cx_err *err)
{
	const struct burn_request asked = *req;
	struct cx_err refusal, other;
	int ret = burn_plan(&s->survey, req, &progress->control, plan, err);

	if (!ret || err->status != CX_REFUSED || !cli->may_ask || cli->dry_run)
		return ret;
	refusal = *err;
	req->note = NULL; /* said already */
	for (unsigned int allow = 1; allow <= 3; allow++) {
		req->allow_downgrade = asked.allow_downgrade || allow & 1;
		req->allow_psid_change = asked.allow_psid_change || allow & 2;
		if (burn_plan(&s->survey, req, &progress->control, plan, &other))
			continue;
		if (cli_ask(refusal.text))
			return 0;
		burn_plan_free(plan);
		break;
	}
	*err = refusal;
	return -1;
}

static int burn_onto(struct cli *cli, struct subject *s, struct progress *progress,
		     const struct burn_order *order, const struct fw_image *img,
		     struct burn_outcome *outcome, struct cx_err *err)
{
	struct burn_request req = {
		.image = img,
		.rom = order->rom,
		.allow_psid_change = order->allow_psid_change,
		.allow_downgrade = order->allow_downgrade,
		.note = note,
		.ctx = cli,
	};
	struct burn_plan plan;
	int ret;

	show_versions(&cli->out, s, img);
	ret = plan_or_ask(cli, s, progress, &req, &plan, err);
	progress_end(progress);
	if (ret)
		return -1;
	ret = change_card(cli, s, progress, &plan, &order->change, outcome, err);
	burn_plan_free(&plan);
	return ret;
}

int burn_card(struct cli *cli, const struct burn_order *order, const char *card,
	      struct burn_outcome *outcome, struct cx_err *err)
{
	struct progress progress;
	struct fw_image img;
	struct subject s;
	int ret;

	*outcome = change_none;
	progress_begin(&progress, cli, false);
	if (subject_open(&s, card, NULL, !cli->dry_run, &progress, err))
		return -1;
	out_text(&cli->out, "card", "Card", "%s", s.name);
	ret = get_image(cli, &s, order, &img, err);
	if (!ret) {
		ret = burn_onto(cli, &s, &progress, order, &img, outcome, err);
		fw_image_free(&img);
	}
	subject_close(&s);
	return ret;
}
