// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl restore: put a backup, or a part of it, back onto its card. */
#include "card/change.h"
#include "card/look.h"
#include "card/describe.h"
#include "card/verdict.h"
#include "commands.h"

static struct look at = {.takes = LOOK_CARD};

static struct {
	bool image, identity, whole, force, no_failsafe;
	struct change_options change;
} given;

static const struct opt options[] = {
	LOOK_CARD_OPTION(at),
	{"image", 0, OPT_FLAG, &given.image, NULL, "the image only, with the card's identity"},
	{"identity", 0, OPT_FLAG, &given.identity, NULL,
	 "the identity only, into the card's image"},
	{"dump", 0, OPT_FLAG, &given.whole, NULL, "the whole raw flash"},
	{"force", 0, OPT_FLAG, &given.force, NULL, "although it is the backup of another card"},
	{"no-failsafe", 0, OPT_FLAG, &given.no_failsafe, NULL,
	 "although nothing on the card starts meanwhile"},
	CHANGE_OPTIONS(given.change),
	{NULL},
};

static const struct opt_rule rules[] = {
	{"image", NULL, "identity dump"},
	{"identity", NULL, "dump"},
	{"backup", NULL, "no-backup"},
	{NULL},
};

static const char *what(void)
{
	return given.whole	? "whole flash"
	       : given.image	? "image"
	       : given.identity ? "identity"
				: "image and identity";
}

/* By the path of a burn: the other slot, and the one that boots is kept. */
static int restore_image(struct cli *cli, struct subject *s, struct progress *progress,
			 const struct burn_backup_set *set, struct burn_outcome *outcome,
			 struct cx_err *err)
{
	struct burn_request req = {
		.image = &set->image,
		.identity = given.image ? NULL : &set->image.id,
		.rom = BURN_ROM_IMAGE,
		.may = given.no_failsafe ? BURN_MAY_RISK : 0,
	};

	if (given.identity && subject_image(s, &req.image, err))
		return -1;
	given.change.agreed = BURN_MAY_CHANGE_PSID | BURN_MAY_GO_BACK | BURN_MAY_LOSE_IB;
	return change_image(cli, s, progress, &req, &given.change, outcome, err);
}

static int restore_dump(struct cli *cli, struct subject *s, struct progress *progress,
			const struct burn_backup_set *set, struct burn_outcome *outcome,
			struct cx_err *err)
{
	struct burn_plan plan;
	int ret;

	ret = burn_plan_dump(&s->survey, set->dump, set->dump_len,
			     given.no_failsafe ? BURN_MAY_RISK : 0, &progress->control, &plan, err);
	progress_end(progress);
	if (ret)
		return -1;
	ret = plan.risky ? verdict_confirm_risk(cli, fw_image_psid(&plan.image), err)
			 : cli_consent(cli, given.change.question, err);
	if (!ret)
		ret = change_card(cli, s, progress, &plan, &given.change, outcome, err);
	burn_plan_free(&plan);
	return ret;
}

static int restore_onto(struct cli *cli, struct subject *s, struct progress *progress,
			const struct burn_backup_set *set, const char *dir,
			struct burn_outcome *outcome, struct cx_err *err)
{
	char version[20], question[2 * CX_TEXT];

	if (!given.force && burn_backup_is_of(set, &s->survey, err))
		return -1;
	fw_version_text(&set->image.info.version, version);
	out_text(&cli->out, "new_version", "Backup of", "%s", version);
	out_text(&cli->out, "new_psid", "PSID", "%s", fw_image_psid(&set->image));
	out_text(&cli->out, "what", "To be restored", "%s", what());
	snprintf(question, sizeof(question), "%s is about to get the %s of %s", s->name, what(),
		 dir);
	given.change.question = question;
	return given.whole ? restore_dump(cli, s, progress, set, outcome, err)
			   : restore_image(cli, s, progress, set, outcome, err);
}

static int restore(struct cli *cli, const char *dir, struct burn_outcome *outcome,
		   struct cx_err *err)
{
	struct burn_backup_set set;
	struct progress progress;
	struct subject s;
	int ret;

	if (burn_backup_load(dir, &set, err))
		return -1;
	progress_begin(&progress, cli, false);
	ret = change_open(cli, at.card, &s, &progress, err);
	if (!ret) {
		ret = restore_onto(cli, &s, &progress, &set, dir, outcome, err);
		subject_close(&s);
	}
	burn_backup_free(&set);
	return ret;
}

static int run(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct burn_outcome outcome = change_none;

	(void)argc;
	return change_end(cli, restore(cli, argv[0], &outcome, err), &outcome, err);
}

const struct command restore_commands[] = {
	{
		.name = "restore",
		.args = "[CARD] DIR",
		.what = "Put a backup, or a part of it, back onto its card",
		.min_args = 1,
		.max_args = 1,
		.options = options,
		.rules = rules,
		.look = &at,
		.changes = true,
		.card_state = true,
		.run = run,
	},
	{},
};
