// SPDX-License-Identifier: GPL-2.0-only
/* Changing a card by a plan: what burn and restore share. */
#define _GNU_SOURCE
#include "change.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "describe.h"

const struct burn_outcome change_none = {
	.card_state = BURN_UNCHANGED,
	.text = "nothing was changed",
};

/* A dump has its backups beside it, a card in the usual place. */
static char *home_of(const struct subject *s, const char *home)
{
	char *beside;

	if (home)
		return strdup(home);
	if (strncmp(s->name, "file:", 5))
		return strdup(BURN_BACKUP_HOME);
	return asprintf(&beside, "%s.backup", s->name + 5) < 0 ? NULL : beside;
}

static int save_in(struct subject *s, struct progress *progress, const char *dir,
		   struct cx_err *err)
{
	struct burn_backup_file extra[2] = {{.name = "query.txt"}, {.name = "query.json"}};
	char *text = NULL, *json = NULL;
	int ret;

	/* A card without a readable image has no facts to record, but a flash to save. */
	if (s->dump->slots &&
	    describe_to_memory(s, &text, &extra[0].len, &json, &extra[1].len, err) &&
	    err->status != CX_INVALID)
		return -1;
	extra[0].bytes = text;
	extra[1].bytes = json;
	ret = burn_backup(&s->survey, dir, extra, text && json ? 2 : 0, &progress->control, err);
	progress_end(progress);
	free(text);
	free(json);
	return ret;
}

/* A dated folder that does not exist yet: two backups may fall into one second. */
static int new_folder(const struct subject *s, const char *home, char *path, size_t size,
		      struct cx_err *err)
{
	char *in = home_of(s, home);
	size_t len;
	int ret;

	if (!in)
		return cx_fail(err, CX_FAILED, "out of memory");
	ret = burn_backup_path(&s->survey, in, path, size, err);
	free(in);
	if (ret)
		return -1;
	len = strlen(path);
	for (unsigned int n = 2; !access(path, F_OK); n++)
		snprintf(path + len, size - len, "-%u", n);
	return 0;
}

int save_card(struct cli *cli, struct subject *s, struct progress *progress, const char *home,
	      const char *dir, struct cx_err *err)
{
	char path[4096];

	if (!dir && new_folder(s, home, path, sizeof(path), err))
		return -1;
	if (!dir)
		dir = path;
	if (save_in(s, progress, dir, err))
		return -1;
	out_text(&cli->out, "backup", "Backup", "%s", dir);
	return 0;
}

static void show_plan(struct out *out, const struct burn_plan *plan)
{
	out_object(out, "plan");
	out_number(out, "start", NULL, plan->start);
	out_number(out, "old_start", NULL, plan->old_start);
	out_number(out, "unit", NULL, plan->unit);
	out_number(out, "erase_units", NULL, plan->erase_units);
	out_number(out, "program_units", NULL, plan->program_units);
	out_number(out, "skip_units", NULL, plan->skip_units);
	out_number(out, "write_bytes", NULL, plan->write_bytes);
	out_close(out);
	if (plan->whole_dump)
		out_text(out, NULL, "Plan",
			 "the whole flash; %zu units of %u KiB erased, %zu only"
			 " programmed, %zu already right",
			 plan->erase_units, plan->unit >> 10, plan->program_units,
			 plan->skip_units);
	else
		out_text(out, NULL, "Plan",
			 "slot at 0x%x; %zu units of %u KiB erased, %zu only"
			 " programmed, %zu already right",
			 plan->start, plan->erase_units, plan->unit >> 10, plan->program_units,
			 plan->skip_units);
}

int change_card(struct cli *cli, struct subject *s, struct progress *progress,
		const struct burn_plan *plan, const struct change_options *opt,
		struct burn_outcome *outcome, struct cx_err *err)
{
	int ret;

	*outcome = change_none;
	show_plan(&cli->out, plan);
	ret = burn_rehearse(&s->survey, plan, &progress->control, err);
	progress_end(progress);
	if (ret)
		return -1;
	if (cli->dry_run) {
		out_say(&cli->out, "A dry run: the rehearsal was right, the card was left alone.");
		return 0;
	}
	if (!opt->no_backup && save_card(cli, s, progress, opt->backup_home, NULL, err))
		return -1;
	progress->control.stop = stop_between_sectors();
	ret = burn_execute(&s->survey, plan, &progress->control, outcome, err);
	progress_end(progress);
	/* A part that stays busy half-way through is no "busy, nothing done". */
	if (ret && err->status != CX_UNKNOWN && outcome->card_state != BURN_UNCHANGED)
		err->status = CX_FAILED;
	return ret;
}

void change_ending(struct cli *cli, const struct burn_outcome *outcome)
{
	struct out *out = &cli->out;

	out_flag(out, "dry_run", cli->dry_run);
	out_number(out, "erases", NULL, outcome->erases);
	out_number(out, "programs", NULL, outcome->programs);
	out_number(out, "retries", NULL, outcome->retries);
	if (outcome->boot_failed)
		out_text(out, "boot_address", "Boot address",
			 "could not be set, so only a power cycle loads the new image: %s",
			 outcome->boot_why);
	out_text(out, "message", NULL, "%s", outcome->text);
	out_text(out, "card_state", "Card state", "%s", burn_card_state_name(outcome->card_state));
	out_say(out, "%s.", outcome->text);
}
