// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl burn: put firmware onto a card, failsafe, keeping what makes the card this card. */
#include <string.h>

#include "assemble.h"
#include "change.h"
#include "cmd.h"
#include "describe.h"
#include "files.h"
#include "inputs.h"

static struct {
	const char *card;
	struct recipe recipe;
	const char *rom_word;
	enum burn_rom rom;
	bool allow_psid_change, allow_downgrade;
	struct change_options change;
} given;

static const struct opt options[] = {
	{"device", 'd', OPT_TEXT, &given.card, "CARD", "PCI address, or file:DUMP"},
	{"fw", 'f', OPT_TEXT, &given.recipe.fw, "F.mlx|F.bin", "assemble from this release"},
	{"conf", 'c', OPT_TEXT, &given.recipe.conf, "F.ini|DIR",
	 "ini for --fw, or the folder where the card's PSID finds one"},
	{"set", 0, OPT_LIST, &given.recipe.set, "SECTION.KEY=VALUE", "change a parameter"},
	{"map", 0, OPT_TEXT, &given.recipe.map, "FILE", "more parameters: see params.tsv"},
	{"ini-text-only", 0, OPT_FLAG, &given.recipe.ini_text_only, NULL,
	 "record changed keys that cannot be compiled"},
	{"rom", 0, OPT_TEXT, &given.rom_word, "keep|image|none",
	 "expansion ROM; the card's by default"},
	{"allow-psid-change", 0, OPT_FLAG, &given.allow_psid_change, NULL,
	 "burn an image of another board"},
	{"allow-downgrade", 0, OPT_FLAG, &given.allow_downgrade, NULL, "burn an older version"},
	{"backup", 0, OPT_TEXT, &given.change.backup_home, "DIR",
	 "folder of backups (" BURN_BACKUP_HOME ")"},
	{"no-backup", 0, OPT_FLAG, &given.change.no_backup, NULL, "do not save the card first"},
	{NULL},
};

static int choose_rom(struct cx_err *err)
{
	static const char *const word[] = {"keep", "image", "none"};

	given.rom = BURN_ROM_KEEP;
	if (!given.rom_word)
		return 0;
	for (size_t i = 0; i < 3; i++)
		if (!strcmp(given.rom_word, word[i])) {
			given.rom = (enum burn_rom)i;
			return 0;
		}
	return cx_fail(err, CX_USAGE, "--rom %s: keep, image or none expected", given.rom_word);
}

/* The image to burn: the file itself, or assembled for the PSID of this card. */
static int get_image(struct cli *cli, const struct subject *s, const char *file,
		     struct fw_image *img, struct cx_err *err)
{
	const struct fw_image *on_card;
	struct cx_err no_image;
	const char *psid = subject_image(s, &on_card, &no_image) ? "" : image_psid(on_card);

	return file ? image_load(file, psid, img, err)
		    : assemble(cli, &given.recipe, psid, img, err);
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
	struct cx_err refusal, other;
	int ret = burn_plan(&s->survey, req, &progress->control, plan, err);

	if (!ret || err->status != CX_REFUSED || !cli->may_ask || cli->dry_run)
		return ret;
	refusal = *err;
	req->note = NULL; /* said already */
	for (unsigned int allow = 1; allow <= 3; allow++) {
		req->allow_downgrade = given.allow_downgrade || allow & 1;
		req->allow_psid_change = given.allow_psid_change || allow & 2;
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
		     const struct fw_image *img, struct burn_outcome *outcome, struct cx_err *err)
{
	struct burn_request req = {
		.image = img,
		.rom = given.rom,
		.allow_psid_change = given.allow_psid_change,
		.allow_downgrade = given.allow_downgrade,
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
	ret = change_card(cli, s, progress, &plan, &given.change, outcome, err);
	burn_plan_free(&plan);
	return ret;
}

static int burn(struct cli *cli, const char *file, struct burn_outcome *outcome, struct cx_err *err)
{
	struct progress progress;
	struct fw_image img;
	struct subject s;
	int ret;

	if (file_check(file ? file : given.recipe.fw, err))
		return -1;
	if (given.recipe.conf && file_check(given.recipe.conf, err))
		return -1;
	progress_begin(&progress, cli, false);
	if (subject_open(&s, given.card, NULL, !cli->dry_run, &progress, err))
		return -1;
	out_text(&cli->out, "card", "Card", "%s", s.name);
	ret = get_image(cli, &s, file, &img, err);
	if (!ret) {
		ret = burn_onto(cli, &s, &progress, &img, outcome, err);
		fw_image_free(&img);
	}
	subject_close(&s);
	return ret;
}

static int run(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct burn_outcome outcome = change_none;
	int ret;

	if ((argc == 1) == (given.recipe.fw != NULL))
		return cx_fail(err, CX_USAGE,
			       "burn needs IMAGE.bin, or --fw F.mlx|F.bin to assemble one");
	if (argc && (given.recipe.conf || given.recipe.set.count || given.recipe.map))
		return cx_fail(
			err, CX_USAGE,
			"--conf, --set and --map belong to --fw: an image is burnt as it is");
	if (choose_rom(err))
		return -1;
	ret = burn(cli, argc ? argv[0] : NULL, &outcome, err);
	if (ret && err->status == CX_NOTHING) {
		out_say(&cli->out, "Nothing to do: %s.", err->text);
		ret = CX_NOTHING;
	}
	change_ending(cli, &outcome);
	return ret;
}

const struct command cmd_burn = {
	.name = "burn",
	.args = "[IMAGE.bin]",
	.what = "Burn an image, or assemble one for the card and burn it",
	.max_args = 1,
	.options = options,
	.changes = true,
	.run = run,
};
