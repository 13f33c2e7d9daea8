// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl restore: put a backup back onto its card. */
#include "change.h"
#include "cmd.h"
#include "describe.h"

static struct {
	const char *card;
	bool whole, force;
	struct change_options change;
} given;

static const struct opt options[] = {
	{"device", 'd', OPT_TEXT, &given.card, "CARD", "PCI address, or file:DUMP"},
	{"dump", 0, OPT_FLAG, &given.whole, NULL,
	 "the whole raw flash, not image and identity only"},
	{"force", 0, OPT_FLAG, &given.force, NULL, "although it is the backup of another card"},
	{"backup", 0, OPT_TEXT, &given.change.backup_home, "DIR",
	 "folder of backups (" BURN_BACKUP_HOME ")"},
	{"no-backup", 0, OPT_FLAG, &given.change.no_backup, NULL, "do not save the card first"},
	{NULL},
};

static int make_plan(struct subject *s, const struct burn_backup_set *set,
		     struct progress *progress, struct burn_plan *plan, struct cx_err *err)
{
	struct burn_request req = {
		.image = &set->image,
		.identity = &set->image.id,
		.rom = BURN_ROM_IMAGE,
		.allow_psid_change = true,
		.allow_downgrade = true,
	};
	int ret;

	if (given.whole)
		ret = burn_plan_dump(&s->survey, set->dump, set->dump_len, &progress->control, plan,
				     err);
	else
		ret = burn_plan(&s->survey, &req, &progress->control, plan, err);
	progress_end(progress);
	return ret;
}

static int restore_onto(struct cli *cli, struct subject *s, struct progress *progress,
			const struct burn_backup_set *set, const char *dir,
			struct burn_outcome *outcome, struct cx_err *err)
{
	char version[20], question[400];
	struct burn_plan plan;
	int ret;

	if (!given.force && burn_backup_is_of(set, &s->survey, err))
		return -1;
	fw_version_text(&set->image.info.version, version);
	out_text(&cli->out, "card", "Card", "%s", s->name);
	out_text(&cli->out, "new_version", "To be restored", "%s", version);
	out_text(&cli->out, "new_psid", "PSID", "%s", image_psid(&set->image));
	if (make_plan(s, set, progress, &plan, err))
		return -1;
	snprintf(question, sizeof(question), "%s is about to get the %s of %.200s", s->name,
		 given.whole ? "whole flash" : "image and identity", dir);
	ret = cli_consent(cli, question, err);
	if (!ret)
		ret = change_card(cli, s, progress, &plan, &given.change, outcome, err);
	burn_plan_free(&plan);
	return ret;
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
	ret = subject_open(&s, given.card, NULL, !cli->dry_run, &progress, err);
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
	int ret;

	(void)argc;
	ret = restore(cli, argv[0], &outcome, err);
	if (ret && err->status == CX_NOTHING) {
		out_say(&cli->out, "Nothing to do: %s.", err->text);
		ret = CX_NOTHING;
	}
	change_ending(cli, &outcome);
	return ret;
}

const struct command cmd_restore = {
	.name = "restore",
	.args = "DIR",
	.what = "Put a backup back onto its card",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.changes = true,
	.run = run,
};
