// SPDX-License-Identifier: GPL-2.0-only
/* Changing a card: what burn, restore and the changes in place share. */
#define _GNU_SOURCE
#include "change.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files/inputs.h"
#include "describe.h"
#include "verdict.h"

const struct burn_outcome change_none = {
	.card_state = BURN_UNCHANGED,
	.text = "nothing was changed",
};

/* ---- opening ---- */

/* Kernel lockdown as it stands: "none", "integrity", ...; "" if the kernel has none. */
static void read_lockdown(char *buf, size_t size)
{
	FILE *f = fopen("/sys/kernel/security/lockdown", "re");
	char line[128] = "", *begin;

	buf[0] = '\0';
	if (!f)
		return;
	if (fgets(line, sizeof(line), f)) {
		begin = strchr(line, '[');
		if (begin)
			snprintf(buf, size, "%.*s", (int)strcspn(begin + 1, "]"), begin + 1);
	}
	fclose(f);
}

static void show_driver(struct out *out, const struct cx_flash_info *info)
{
	char lockdown[32];

	if (!strcmp(info->binding, "file"))
		return;
	out_text(out, "binding", NULL, "%s", info->binding);
	out_text(out, NULL, "Attached", "%s%s", info->binding,
		 strcmp(info->binding, "beside")
			 ? ""
			 : " the driver that has it, which keeps working; what is burnt runs after "
			   "the next reset or reboot");
	read_lockdown(lockdown, sizeof(lockdown));
	if (!lockdown[0])
		return;
	out_text(out, "lockdown", NULL, "%s", lockdown);
	out_text(out, NULL, "Lockdown", "%s%s", lockdown,
		 strcmp(lockdown, "none") ? ", which leaves the flash to the signed module" : "");
}

int change_open(struct cli *cli, const char *card, struct subject *s, struct progress *progress,
		struct cx_err *err)
{
	struct cx_err busy;
	char text[200];

	/* Reading may be stopped as well, and then too the last word is what the card holds. */
	if (!cli->dry_run)
		progress->control.stop = stop_between_sectors();
	if (subject_open(s, card, NULL, !cli->dry_run, progress, err))
		return -1;
	out_text(&cli->out, "card", cli->card ? NULL : "Card", "%s", s->name);
	card_note_copies(&cli->out, &s->flash->info);
	show_driver(&cli->out, &s->flash->info);
	if (cli->dry_run && s->flash->ops->lock(s->flash, &busy))
		out_note(&cli->out, "%s: nothing could be written now (exit %d)", busy.text,
			 busy.status);
	if (burn_contact(&s->survey, text, sizeof(text), err)) {
		subject_close(s);
		return -1;
	}
	out_text(&cli->out, "first_contact", "First contact", "%s", text);
	return 0;
}

/* ---- saving ---- */

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

/* A card that has no VPD lacks nothing; but one that has should have it saved. */
static void note_vpd(struct out *out, const struct card_vpd *v)
{
	if (v->asked && !v->bytes && v->why.status != CX_NOT_FOUND)
		out_note(out, "the backup has no vpd.bin: %s", v->why.text);
}

static int save_in(struct subject *s, struct progress *progress, const char *dir,
		   struct cx_err *err)
{
	struct burn_backup_file extra[3] = {{.name = "query.txt"}, {.name = "query.json"}};
	char *text = NULL, *json = NULL;
	size_t extras;
	int ret;

	subject_function(s);
	/* A card without a readable image has no facts to record, but a flash to save. */
	if (s->dump->slots &&
	    describe_to_memory(s, &text, &extra[0].len, &json, &extra[1].len, err) &&
	    err->status != CX_INVALID)
		return -1;
	extra[0].bytes = text;
	extra[1].bytes = json;
	extras = text && json ? 2 : 0;
	if (s->vpd.bytes)
		extra[extras++] = (struct burn_backup_file){"vpd.bin", s->vpd.bytes, s->vpd.len};
	ret = burn_backup(&s->survey, dir, extra, extras, &progress->control, err);
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
	if (cli->dry_run && burn_backup_check(dir, err))
		return -1;
	if (cli->dry_run)
		out_text(&cli->out, "backup", "Would be saved in", "%s", dir);
	else if (save_in(s, progress, dir, err))
		return -1;
	else
		out_text(&cli->out, "backup", "Backup", "%s", dir);
	note_vpd(&cli->out, &s->vpd);
	out_flag(&cli->out, "dry_run", cli->dry_run);
	return 0;
}

/* ---- judging ---- */

static int plan_or_ask(struct cli *cli, struct subject *s, struct progress *progress,
		       struct burn_request *req, const struct change_options *opt,
		       struct burn_plan *plan, struct cx_err *err)
{
	bool detail = cli->dry_run || cli->verbose;
	struct burn_verdict verdict;
	unsigned int may;
	int ret;

	ret = burn_plan(&s->survey, req, &progress->control, &verdict, plan, err);
	progress_end(progress);
	verdict_show(&cli->out, &verdict, detail);
	if (!ret) {
		ret = verdict_confirm(cli, &verdict, opt->agreed, fw_image_psid(req->image), err);
		if (ret)
			burn_plan_free(plan);
		return ret;
	}
	if (!verdict_ask(cli, &verdict, fw_image_psid(req->image), &may))
		return -1;
	req->may |= may;
	return burn_plan(&s->survey, req, &progress->control, &verdict, plan, err);
}

int change_image(struct cli *cli, struct subject *s, struct progress *progress,
		 struct burn_request *req, const struct change_options *opt,
		 struct burn_outcome *outcome, struct cx_err *err)
{
	const struct fw_image *old = s->survey.kept < 0 ? NULL : &s->dump->slot[s->survey.kept].img;
	struct fw_boards boards;
	struct burn_plan plan;
	int ret;

	*outcome = change_none;
	if (boards_load(&boards, err))
		return -1;
	if (boards.doubt)
		out_note(&cli->out, "%s", boards.doubt);
	subject_function(s);
	req->boards = &boards;
	req->part = card_vpd_part(&s->vpd);
	req->may |= opt->agreed;
	verdict_show_ini(&cli->out, old, req->image, cli->dry_run || cli->verbose);
	ret = plan_or_ask(cli, s, progress, req, opt, &plan, err);
	progress_end(progress);
	req->boards = NULL;
	req->part = NULL;
	fw_boards_free(&boards);
	if (ret)
		return -1;
	ret = opt->question ? cli_consent(cli, opt->question, err) : 0;
	if (!ret)
		ret = change_card(cli, s, progress, &plan, opt, outcome, err);
	burn_plan_free(&plan);
	return ret;
}

/* ---- doing it ---- */

static void show_plan(struct out *out, const struct burn_plan *plan)
{
	char where[40], takes[64] = "";

	out_object(out, "plan");
	out_number(out, "start", NULL, plan->start);
	out_number(out, "old_start", NULL, plan->old_start);
	out_number(out, "unit", NULL, plan->unit);
	out_number(out, "erase_units", NULL, plan->erase_units);
	out_number(out, "program_units", NULL, plan->program_units);
	out_number(out, "skip_units", NULL, plan->skip_units);
	out_number(out, "write_bytes", NULL, plan->write_bytes);
	out_number(out, "pages", NULL, plan->pages);
	if (plan->busy_us)
		out_number(out, "busy_ms", NULL, plan->busy_us / 1000);
	out_flag(out, "failsafe", !plan->risky);
	out_close(out);
	snprintf(where, sizeof(where), plan->whole_dump ? "the whole flash" : "slot at 0x%x",
		 plan->start);
	if (plan->busy_us)
		snprintf(takes, sizeof(takes), "; the part needs about %.0f s for it",
			 plan->busy_us / 1e6 + 0.5);
	out_text(out, NULL, "Plan",
		 "%s%s; %zu units of %u KiB erased, %zu only programmed, %zu already right%s",
		 plan->risky ? "NOT failsafe: " : "", where, plan->erase_units, plan->unit >> 10,
		 plan->program_units, plan->skip_units, takes);
}

int change_card(struct cli *cli, struct subject *s, struct progress *progress,
		const struct burn_plan *plan, const struct change_options *opt,
		struct burn_outcome *outcome, struct cx_err *err)
{
	struct cx_err late;
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
	progress->must_finish = plan->risky;
	ret = burn_execute(&s->survey, plan, &progress->control, outcome, err);
	progress_end(progress);
	/* The flash holds what was said; but whoever asks next may find it locked. */
	if (s->flash->ops->unlock(s->flash, &late))
		out_note(&cli->out, "the lock could not be given back: %s", late.text);
	/* A part that stays busy half-way through is no "busy, nothing done". */
	if (ret && err->status != CX_UNKNOWN && outcome->card_state != BURN_UNCHANGED)
		err->status = CX_FAILED;
	return ret;
}

int change_end(struct cli *cli, int ret, const struct burn_outcome *outcome,
	       const struct cx_err *err)
{
	struct out *out = &cli->out;

	if (ret && err->status == CX_NOTHING) {
		out_say(out, "Nothing to do: %s.", err->text);
		ret = CX_NOTHING;
	}
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
	return ret;
}
