// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl ini: board parameters in a file, an image or a card. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "card/rework.h"
#include "card/settings.h"
#include "card/subject.h"
#include "files/files.h"
#include "files/inputs.h"
#include "commands.h"

static struct look at = {.takes = LOOK_ANY}, both = {.takes = LOOK_ANY, .two = true};

static struct {
	const char *output, *psid, *name;
	bool allow_psid_change, ethernet_only;
	struct card_request request; /* of a card */
} given;

static const struct opt look_options[] = {
	LOOK_OPTIONS(at),
	{NULL},
};

static const struct opt diff_options[] = {
	LOOK_OPTIONS(both),
	{NULL},
};

static const struct opt dump_options[] = {
	LOOK_OPTIONS(at),
	{"output", 'o', OPT_OUTPUT, &given.output, "F.ini", "where the text goes (stdout)"},
	{NULL},
};

static const struct opt set_options[] = {
	{"output", 'o', OPT_OUTPUT, &given.output, "F.ini", "where the text goes (the same file)"},
	LOOK_OPTIONS(at),
	{"allow-learned", 0, OPT_FLAG, &given.request.recipe.allow_learned, NULL,
	 "on a card: burn what a learnt map compiled"},
	{"map", 0, OPT_TEXT, &given.request.recipe.map, "FILE",
	 "on a card: more parameters to compile, see params.tsv"},
	{"ini-text-only", 0, OPT_FLAG, &given.request.recipe.ini_text_only, NULL,
	 "on a card: record changed keys that cannot be compiled"},
	{"allow-psid-change", 0, OPT_FLAG, &given.allow_psid_change, NULL,
	 "on a card: although the PSID is among them"},
	{"allow-ethernet-only", 0, OPT_FLAG, &given.ethernet_only, NULL,
	 "on a card: although it loses InfiniBand"},
	CHANGE_OPTIONS(given.request.change),
	{NULL},
};

static const struct opt_rule set_rules[] = {
	{"map", "device", NULL},
	{"allow-learned", "device", NULL},
	{"ini-text-only", "device", NULL},
	{"allow-psid-change", "device", NULL},
	{"allow-ethernet-only", "device", NULL},
	{"backup", "device", "no-backup"},
	{"no-backup", "device", NULL},
	{NULL},
};

static const struct opt rebrand_options[] = {
	LOOK_OPTIONS(at),
	{"psid", 0, OPT_TEXT, &given.psid, "PSID", "the card's PSID"},
	{"name", 0, OPT_TEXT, &given.name, "NAME", "the board's name (unchanged)"},
	{"output", 'o', OPT_OUTPUT, &given.output, "F.ini",
	 "where the text goes (PSID.ini beside the source)"},
	{NULL},
};

/* What it is in, for messages. */
static const char *place(const char *card, const char *file)
{
	return file ? file : card ? card : "the card";
}

static void entries_json(struct out *out, const struct fw_ini *ini)
{
	out_array(out, "entries");
	for (size_t i = 0; i < ini->entries; i++) {
		out_object(out, NULL);
		out_text(out, "section", NULL, "%s", ini->entry[i].section);
		out_text(out, "key", NULL, "%s", ini->entry[i].key);
		out_text(out, "value", NULL, "%s", ini->entry[i].value);
		out_number(out, "line", NULL, ini->entry[i].line);
		out_close(out);
	}
	out_close(out);
}

static int dump(struct cli *cli, const struct subject *s, const struct fw_image *img,
		struct cx_err *err)
{
	struct fw_ini ini;
	int ret = 0;

	if (ini_inside(img, s->name, &ini, err))
		return -1;
	if (ini.doubt)
		out_note(&cli->out, "%s: the ini has a doubtful place: %s", s->name, ini.doubt);
	if (cli->json)
		out_text(&cli->out, "psid", NULL, "%s", fw_ini_psid(&ini) ? fw_ini_psid(&ini) : "");
	if (given.output)
		ret = file_save(cli, given.output, FILE_INI, ini.text, ini.len, err);
	else if (cli->json)
		entries_json(&cli->out, &ini);
	else
		ret = file_write(cli, "-", ini.text, ini.len, err);
	fw_ini_free(&ini);
	return ret;
}

static int run_dump(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	(void)argc;
	(void)argv;
	return subject_look(cli, &at, dump, err);
}

static int get_one(struct out *out, const struct fw_ini *ini, const char *path, const char *name,
		   struct cx_err *err)
{
	const char *key, *value;
	char *section;

	if (fw_ini_name(name, &section, &key, err))
		return -1;
	value = fw_ini_get(ini, section, key);
	free(section);
	if (!value)
		return cx_fail(err, CX_NOT_FOUND, "%s: there is no %s in it", path, name);
	out_text(out, "value", NULL, "%s", value);
	out_say(out, "%s", value);
	return 0;
}

static int run_get(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct fw_ini ini;
	int ret = 0;

	if (ini_from(cli, at.card, at.file, &ini, err))
		return -1;
	if (argc) {
		ret = get_one(&cli->out, &ini, place(at.card, at.file), argv[0], err);
	} else {
		entries_json(&cli->out, &ini);
		for (size_t i = 0; i < ini.entries; i++)
			out_say(&cli->out, "%s.%s=%s", ini.entry[i].section, ini.entry[i].key,
				ini.entry[i].value);
	}
	fw_ini_free(&ini);
	return ret;
}

static int save(struct cli *cli, const struct fw_ini *ini, const char *path, struct cx_err *err)
{
	const char *psid = fw_ini_psid(ini);

	if (psid_confirm(cli, psid, NULL, err))
		return -1;
	if (ini->was)
		out_note(&cli->out, "it was %s, and becomes UTF-8", ini->was);
	if (file_save(cli, path, FILE_INI, ini->text, ini->len, err))
		return -1;
	out_known(&cli->out, "psid", "PSID", psid ? psid : "", "none");
	return 0;
}

/* Text and compiled words of the card's own image, by the path of a burn. */
static int compile(struct cli *cli, struct fw_image *img, struct cx_err *err)
{
	return reassemble(cli, &given.request.recipe, img, err);
}

static int set_on_card(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	if (given.output)
		return cx_fail(err, CX_USAGE,
			       "ini set: -o %s belongs to a file; %s is changed itself",
			       given.output, at.card);
	given.request.recipe.for_card = true;
	given.request.recipe.set = (struct opt_list){argc, (const char **)argv};
	given.request.may = (given.allow_psid_change ? BURN_MAY_CHANGE_PSID : 0) |
			    (given.ethernet_only ? BURN_MAY_LOSE_IB : 0);
	return rework_card(cli, at.card, &given.request, compile, "other board parameters", err);
}

/* An image is wanted, but only a text would be made: which command makes the image. */
static int no_image(int argc, char **argv, struct cx_err *err)
{
	char set[300] = "";
	size_t used = 0;

	for (int i = 0; i < argc && used < sizeof(set); i++)
		used += snprintf(set + used, sizeof(set) - used, " --set %s", argv[i]);
	if (given.output)
		return cx_fail(err, CX_USAGE,
			       "%s: 'ini set' makes the text of an ini; an image with other "
			       "parameters is made by: cxflashctl build --fw %s%s -o %s",
			       given.output, at.file, set, given.output);
	return cx_fail(err, CX_USAGE,
		       "%s is no .ini file; name one with -o F.ini, or have an image made: "
		       "cxflashctl build --fw %s%s -o OUT.bin",
		       at.file, at.file, set);
}

static int run_set(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct fw_ini ini;
	int ret = 0;

	if (!argc || (!at.card && !at.file))
		return cx_fail(err, CX_USAGE,
			       "ini set needs FILE and SECTION.KEY=VALUE, or -d CARD and "
			       "SECTION.KEY=VALUE");
	if (at.card)
		return set_on_card(cli, argc, argv, err);
	if (!fw_name_ends_in(at.file, ".ini") &&
	    (!given.output || !file_fits(given.output, FILE_INI)))
		return no_image(argc, argv, err);
	if (!given.output && file_member(at.file))
		return cx_fail(err, CX_USAGE, "%s is in an archive; name a file with -o F.ini",
			       at.file);
	if (ini_from(cli, NULL, at.file, &ini, err))
		return -1;
	for (int i = 0; i < argc && !ret; i++)
		ret = fw_ini_assign(&ini, argv[i], err);
	if (!ret)
		ret = save(cli, &ini, given.output ? given.output : at.file, err);
	fw_ini_free(&ini);
	return ret;
}

/* PSID.ini beside the source; never over a file that is there. */
static char *rebranded_path(const char *source, struct cx_err *err)
{
	char *folder = file_folder(source), name[32], *path = NULL;

	snprintf(name, sizeof(name), "%s.ini", given.psid);
	if (folder)
		path = file_path(folder, name);
	free(folder);
	if (!path) {
		cx_fail(err, CX_FAILED, "out of memory");
	} else if (strchr(name, '/')) {
		cx_fail(err, CX_USAGE, "PSID %s makes no file name; name one with -o", given.psid);
	} else if (!access(path, F_OK)) {
		cx_fail(err, CX_REFUSED, "%s is there already; -o %s replaces it", path, path);
	} else {
		return path;
	}
	free(path);
	return NULL;
}

static int run_rebrand(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	char *path = NULL;
	struct fw_ini ini;
	int ret;

	(void)argc;
	(void)argv;
	if (!given.psid)
		return cx_fail(err, CX_USAGE, "ini rebrand needs --psid, the PSID of the card");
	if (ini_from(cli, at.card, at.file, &ini, err))
		return -1;
	ret = fw_ini_rebrand(&ini, given.psid, given.name, err);
	if (!ret && !given.output) {
		path = rebranded_path(at.file ? at.file : "", err);
		ret = path ? 0 : -1;
	}
	if (!ret)
		ret = save(cli, &ini, given.output ? given.output : path, err);
	free(path);
	fw_ini_free(&ini);
	return ret;
}

static int run_check(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	const char *psid, *in = place(at.card, at.file);
	struct fw_ini ini;

	(void)argc;
	(void)argv;
	if (ini_from(cli, at.card, at.file, &ini, err))
		return -1;
	if (ini.doubt) {
		cx_fail(err, CX_INVALID, "%s: %s", in, ini.doubt);
		fw_ini_free(&ini);
		return -1;
	}
	psid = fw_ini_psid(&ini);
	out_text(&cli->out, at.file ? "file" : "card", at.file ? "File" : "Card", "%s", in);
	out_known(&cli->out, "psid", "PSID", psid ? psid : "", "none");
	out_number(&cli->out, "keys", "Keys", ini.entries);
	fw_ini_oddities(&ini, out_note_text, &cli->out);
	fw_ini_free(&ini);
	return 0;
}

static int run_diff(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct fw_ini a, b;

	(void)argc;
	(void)argv;
	if (ini_from(cli, both.card, both.file, &a, err))
		return -1;
	if (ini_from(cli, both.other.card, both.other.file, &b, err)) {
		fw_ini_free(&a);
		return -1;
	}
	if (!show_ini_diff(&cli->out, "differences", &a, &b))
		out_say(&cli->out, "No key differs.");
	fw_ini_free(&a);
	fw_ini_free(&b);
	return 0;
}

const struct command ini_commands[] = {
	{
		.name = "ini dump",
		.args = "[FILE|CARD]",
		.what = "Print the ini of an image or a card",
		.options = dump_options,
		.look = &at,
		.changes = true,
		.data = true,
		.run = run_dump,
	},
	{
		.name = "ini get",
		.args = "[FILE|CARD] [SECTION.KEY]",
		.what = "Print one parameter, or all, of an ini, an image or a card",
		.max_args = 1,
		.options = look_options,
		.look = &at,
		.run = run_get,
	},
	{
		.name = "ini set",
		.args = "FILE|CARD SECTION.KEY=VALUE...",
		.what = "Change parameters in an ini, or on a card",
		.max_args = 1000,
		.options = set_options,
		.rules = set_rules,
		.look = &at,
		.changes = true,
		.run = run_set,
	},
	{
		.name = "ini rebrand",
		.args = "[FILE|CARD] --psid PSID",
		.what = "Make the ini of a board into that of an equal OEM card",
		.options = rebrand_options,
		.look = &at,
		.changes = true,
		.run = run_rebrand,
	},
	{
		.name = "ini check",
		.args = "[FILE|CARD]",
		.what = "Check an ini, or the one inside an image or a card",
		.options = look_options,
		.look = &at,
		.run = run_check,
	},
	{
		.name = "ini diff",
		.args = "[FILE|CARD] FILE|CARD",
		.what = "Compare two inis key by key",
		.options = diff_options,
		.look = &both,
		.run = run_diff,
	},
	{},
};
