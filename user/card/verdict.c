// SPDX-License-Identifier: GPL-2.0-only
/* What was found before anything is touched, shown, and the consent that it may still need. */
#include "verdict.h"

#include <stdlib.h>
#include <string.h>

#include "files/inputs.h"
#include "fw/release/diff.h"
#include "settings.h"

/* Permissions that a wrong answer to makes a card unusable with. */
#define DANGEROUS (BURN_MAY_CHANGE_PSID | BURN_MAY_RISK | BURN_MAY_LOSE_IB)

#define INDENT 20 /* of the text in a line of the verdict */

static const char *const word[] = {
	[BURN_FINE] = "ok",
	[BURN_NOTE] = "note",
	[BURN_ALLOWED] = "allowed",
	[BURN_REFUSED] = "refused",
};

static void finding_json(struct out *out, const struct burn_finding *f)
{
	out_object(out, NULL);
	out_text(out, "about", NULL, "%s", f->about);
	out_text(out, "verdict", NULL, "%s", word[f->judgement]);
	out_text(out, "text", NULL, "%s", f->text);
	if (f->judgement == BURN_REFUSED)
		out_number(out, "exit", NULL, f->status);
	if (f->may)
		out_text(out, "flag", NULL, "%s", burn_flag(f->may));
	out_close(out);
}

static void finding_text(struct out *out, const struct burn_finding *f)
{
	static const enum out_color color[] = {
		[BURN_FINE] = OUT_GOOD,
		[BURN_NOTE] = OUT_WARN,
		[BURN_ALLOWED] = OUT_WARN,
		[BURN_REFUSED] = OUT_BAD,
	};

	if (f->judgement == BURN_REFUSED)
		out_item_in(out, color[f->judgement], INDENT, " %-8s %-9s %s (exit %d)",
			    word[f->judgement], f->about, f->text, f->status);
	else
		out_item_in(out, color[f->judgement], INDENT, " %-8s %-9s %s", word[f->judgement],
			    f->about, f->text);
}

void verdict_show(struct out *out, const struct burn_verdict *v, bool detail)
{
	out_array(out, "verdict");
	for (size_t i = 0; i < v->findings; i++)
		finding_json(out, &v->finding[i]);
	out_close(out);
	for (size_t i = 0; i < v->findings; i++) {
		if (detail)
			finding_text(out, &v->finding[i]);
		else if (v->finding[i].judgement == BURN_NOTE ||
			 v->finding[i].judgement == BURN_ALLOWED)
			out_note(out, "%s: %s", v->finding[i].about, v->finding[i].text);
	}
}

/* ---- ini ---- */

static void count_key(const char *section, const char *key, const char *a, const char *b, void *ctx)
{
	(void)section;
	(void)key;
	(void)a;
	(void)b;
	(void)ctx;
}

void verdict_show_ini(struct out *out, const struct fw_image *old, const struct fw_image *image,
		      bool detail)
{
	struct fw_ini was, is;
	struct cx_err why;
	size_t keys;

	if (!old || ini_of(old, &was, &why)) {
		out_text(out, NULL, "Ini keys", "cannot be compared, the card shows none");
		return;
	}
	if (ini_of(image, &is, &why)) {
		out_text(out, NULL, "Ini keys", "cannot be compared, the image has none");
		fw_ini_free(&was);
		return;
	}
	keys = fw_diff_inis(&was, &is, count_key, NULL);
	if (!keys)
		out_text(out, NULL, "Ini keys", "none differs");
	else
		out_text(out, NULL, "Ini keys", "%zu %s%s", keys, keys == 1 ? "differs" : "differ",
			 detail ? " (- on the card, + in the image):" : "; --dry-run shows them");
	if (detail || out->json)
		show_ini_diff(out, "ini_differences", &was, &is);
	fw_ini_free(&is);
	fw_ini_free(&was);
}

/* ---- consent ---- */

static bool type_psid(const char *psid)
{
	char question[128];

	snprintf(question, sizeof(question), "the PSID that the card will have, %.16s", psid);
	return *psid ? cli_ask_word(question, psid) : cli_ask("The card will have no PSID.");
}

#define RISK                                                                                    \
	"while it is written nothing on this card starts, and a power cut then needs recovery " \
	"mode"

static void say(const char *text)
{
	char copy[sizeof(((struct burn_finding *)0)->text)];

	snprintf(copy, sizeof(copy), "%s", text);
	fprintf(stderr, "%s\n", printable(copy));
}

/* What is to be permitted, once more, before the question. */
static void say_all(const struct burn_verdict *v, enum burn_judgement judgement, unsigned int may)
{
	bool risk = false;

	fflush(stdout);
	for (size_t i = 0; i < v->findings; i++) {
		const struct burn_finding *f = &v->finding[i];

		if (f->judgement != judgement || !(f->may & may))
			continue;
		say(f->text);
		risk |= f->may == BURN_MAY_RISK;
	}
	if (risk)
		say("Not failsafe: " RISK ".");
}

bool verdict_ask(const struct cli *cli, const struct burn_verdict *v, const char *psid,
		 unsigned int *may)
{
	*may = burn_missing(v);
	if (!*may || !cli->may_ask || cli->dry_run)
		return false;
	say_all(v, BURN_REFUSED, *may);
	return *may & DANGEROUS ? type_psid(psid) : cli_ask("Nothing else stands in the way.");
}

int verdict_confirm(const struct cli *cli, const struct burn_verdict *v, unsigned int agreed,
		    const char *psid, struct cx_err *err)
{
	const unsigned int asks = DANGEROUS & ~agreed;
	const struct burn_finding *first = NULL;

	for (size_t i = v->findings; i-- > 0;)
		if (v->finding[i].judgement == BURN_ALLOWED && v->finding[i].may & asks)
			first = &v->finding[i];
	if (!first || cli->yes || cli->dry_run)
		return 0;
	if (!cli->may_ask)
		return cx_fail(err, CX_REFUSED,
			       "%s: besides %s it takes --yes, or the PSID typed at a terminal",
			       first->text, burn_flag(first->may));
	say_all(v, BURN_ALLOWED, asks);
	return type_psid(psid) ? 0 : cx_fail(err, CX_REFUSED, "not confirmed");
}

int verdict_confirm_risk(const struct cli *cli, const char *psid, struct cx_err *err)
{
	if (cli->yes || cli->dry_run)
		return 0;
	if (!cli->may_ask)
		return cx_fail(err, CX_REFUSED,
			       RISK ": besides %s it takes --yes, or the PSID typed at a terminal",
			       burn_flag(BURN_MAY_RISK));
	fflush(stdout);
	say("Not failsafe: " RISK ".");
	return type_psid(psid) ? 0 : cx_fail(err, CX_REFUSED, "not confirmed");
}
