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

static struct {
	const char *card, *output, *psid, *name;
	bool allow_psid_change;
	struct burn_order order; /* of a card */
} given;

static const struct opt dump_options[] = {
	{"device", 'd', OPT_TEXT, &given.card, "CARD", "PCI address, or file:DUMP"},
	{"output", 'o', OPT_TEXT, &given.output, "F.ini", "where the text goes (stdout)"},
	{NULL},
};

static const struct opt set_options[] = {
	{"output", 'o', OPT_TEXT, &given.output, "F.ini", "where the text goes (the same file)"},
	{"device", 'd', OPT_TEXT, &given.card, "CARD",
	 "change this card: PCI address, or file:DUMP"},
	{"map", 0, OPT_TEXT, &given.order.recipe.map, "FILE",
	 "more parameters to compile: see params.tsv"},
	{"ini-text-only", 0, OPT_FLAG, &given.order.recipe.ini_text_only, NULL,
	 "on a card: record changed keys that cannot be compiled"},
	{"allow-psid-change", 0, OPT_FLAG, &given.allow_psid_change, NULL,
	 "on a card: although the PSID is among them"},
	CHANGE_OPTIONS(given.order.change),
	{NULL},
};

static const struct opt rebrand_options[] = {
	{"psid", 0, OPT_TEXT, &given.psid, "PSID", "the card's PSID"},
	{"name", 0, OPT_TEXT, &given.name, "NAME", "the board's name (unchanged)"},
	{"output", 'o', OPT_TEXT, &given.output, "F.ini",
	 "where the text goes (PSID.ini beside the source)"},
	{NULL},
};

/* The ini text inside an image. */
static int embedded(const struct fw_image *img, const char *name, struct fw_ini *ini,
		    struct cx_err *err)
{
	return ini_of(img, ini, err) ? cx_fail_in(err, name) : 0;
}

/* The ini in @path: an ini file, or the one inside an image or a dump. */
static int ini_from(const char *path, struct fw_ini *ini, struct cx_err *err)
{
	const struct fw_image *img;
	struct subject s;
	int ret;

	if (fw_name_ends_in(path, ".ini"))
		return ini_load(path, ini, err);
	if (subject_open(&s, NULL, path, false, NULL, err))
		return -1;
	ret = subject_image(&s, &img, err) || embedded(img, path, ini, err) ? -1 : 0;
	subject_close(&s);
	return ret;
}

static int dump(struct cli *cli, const struct subject *s, const struct fw_image *img,
		struct cx_err *err)
{
	struct fw_ini ini;
	int ret;

	cli->out.raw = !given.output || !strcmp(given.output, "-");
	if (embedded(img, s->name, &ini, err))
		return -1;
	if (ini.doubt)
		out_note(&cli->out, "%s: the ini has a doubtful place: %s", s->name, ini.doubt);
	if (cli->json)
		out_text(&cli->out, "psid", NULL, "%s", fw_ini_psid(&ini) ? fw_ini_psid(&ini) : "");
	ret = cli->json && !given.output
		      ? 0
		      : file_write(given.output ? given.output : "-", ini.text, ini.len, err);
	fw_ini_free(&ini);
	return ret;
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

static int run_dump(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	return subject_look(cli, given.card, argc ? argv[0] : NULL, dump, err);
}

/* Cut "SECTION.KEY" in two; both are allocated in one piece that *section names. */
static int split_name(const char *name, char **section, char **key, struct cx_err *err)
{
	const char *dot = strchr(name, '.');

	if (!dot || dot == name || !dot[1])
		return cx_fail(err, CX_USAGE, "%s: SECTION.KEY expected, as in PS_INFO.Name", name);
	*section = strdup(name);
	if (!*section)
		return cx_fail(err, CX_FAILED, "out of memory");
	(*section)[dot - name] = '\0';
	*key = *section + (dot - name) + 1;
	return 0;
}

static int get_one(struct out *out, const struct fw_ini *ini, const char *path, const char *name,
		   struct cx_err *err)
{
	char *section, *key;
	const char *value;

	if (split_name(name, &section, &key, err))
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

	if (ini_from(argv[0], &ini, err))
		return -1;
	if (argc > 1) {
		ret = get_one(&cli->out, &ini, argv[0], argv[1], err);
	} else {
		entries_json(&cli->out, &ini);
		for (size_t i = 0; i < ini.entries; i++)
			out_say(&cli->out, "%s.%s=%s", ini.entry[i].section, ini.entry[i].key,
				ini.entry[i].value);
	}
	fw_ini_free(&ini);
	return ret;
}

static int set_one(struct fw_ini *ini, char *text, struct cx_err *err)
{
	char *equals = strchr(text, '='), *section, *key;
	int ret;

	if (!equals)
		return cx_fail(err, CX_USAGE, "%s: SECTION.KEY=VALUE expected", text);
	*equals = '\0';
	if (split_name(text, &section, &key, err))
		return -1;
	ret = fw_ini_set(ini, section, key, equals + 1, err);
	free(section);
	return ret;
}

static int save(struct cli *cli, const struct fw_ini *ini, const char *path, struct cx_err *err)
{
	const char *psid = fw_ini_psid(ini);

	if (file_write(path, ini->text, ini->len, err))
		return -1;
	if (!strcmp(path, "-"))
		return 0;
	out_text(&cli->out, "output", "Saved in", "%s", path);
	out_text(&cli->out, "psid", "PSID", "%s", psid ? psid : "none");
	return 0;
}

/* Text and compiled words of the card's own image, by the path of a burn. */
static int compile(struct cli *cli, struct fw_image *img, struct cx_err *err)
{
	return reassemble(cli, &given.order.recipe, img, err);
}

static int set_on_card(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	if (given.output)
		return cx_fail(err, CX_USAGE, "ini set works on a file and -o, or on -d CARD");
	given.order.recipe.set = (struct opt_list){argc, (const char **)argv};
	given.order.may = given.allow_psid_change ? BURN_MAY_CHANGE_PSID : 0;
	return rework_card(cli, given.card, &given.order, compile, "other board parameters", err);
}

static int run_set(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct fw_ini ini;
	int ret = 0;

	if (given.card)
		return set_on_card(cli, argc, argv, err);
	if (argc < 2)
		return cx_fail(err, CX_USAGE,
			       "ini set needs FILE and SECTION.KEY=VALUE, or -d CARD and "
			       "SECTION.KEY=VALUE");

	if (!given.output && (!fw_name_ends_in(argv[0], ".ini") || file_member(argv[0])))
		return cx_fail(err, CX_USAGE, "%s is no .ini file; name one with -o F.ini",
			       argv[0]);
	if (ini_from(argv[0], &ini, err))
		return -1;
	for (int i = 1; i < argc && !ret; i++)
		ret = set_one(&ini, argv[i], err);
	if (!ret)
		ret = save(cli, &ini, given.output ? given.output : argv[0], err);
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
	if (!given.psid)
		return cx_fail(err, CX_USAGE, "ini rebrand needs --psid, the PSID of the card");
	if (ini_from(argv[0], &ini, err))
		return -1;
	ret = fw_ini_rebrand(&ini, given.psid, given.name, err);
	if (!ret && !given.output) {
		path = rebranded_path(argv[0], err);
		ret = path ? 0 : -1;
	}
	if (!ret)
		ret = save(cli, &ini, given.output ? given.output : path, err);
	free(path);
	fw_ini_free(&ini);
	return ret;
}

static void note(const char *text, void *ctx)
{
	out_note(&((struct cli *)ctx)->out, "%s", text);
}

static int run_check(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	const char *psid;
	struct fw_ini ini;

	(void)argc;
	if (ini_from(argv[0], &ini, err))
		return -1;
	if (ini.doubt) {
		cx_fail(err, CX_INVALID, "%s: %s", argv[0], ini.doubt);
		fw_ini_free(&ini);
		return -1;
	}
	psid = fw_ini_psid(&ini);
	out_text(&cli->out, "file", "File", "%s", argv[0]);
	out_text(&cli->out, "psid", "PSID", "%s", psid ? psid : "none");
	out_number(&cli->out, "keys", "Keys", ini.entries);
	fw_ini_oddities(&ini, note, cli);
	fw_ini_free(&ini);
	return 0;
}

static int run_diff(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct fw_ini a, b;

	(void)argc;
	if (ini_from(argv[0], &a, err))
		return -1;
	if (ini_from(argv[1], &b, err)) {
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
		.args = "[FILE]",
		.what = "Print the ini of an image or a card",
		.max_args = 1,
		.options = dump_options,
		.run = run_dump,
	},
	{
		.name = "ini get",
		.args = "FILE [SECTION.KEY]",
		.what = "Print one parameter, or all, of an ini or an image",
		.min_args = 1,
		.max_args = 2,
		.run = run_get,
	},
	{
		.name = "ini set",
		.args = "FILE SECTION.KEY=VALUE... | -d CARD SECTION.KEY=VALUE...",
		.what = "Change parameters in an ini, every other byte stays; or on a card",
		.min_args = 1,
		.max_args = 1000,
		.options = set_options,
		.changes = true,
		.run = run_set,
	},
	{
		.name = "ini rebrand",
		.args = "FILE --psid PSID",
		.what = "Make the ini of a board into that of an equal OEM card",
		.min_args = 1,
		.max_args = 1,
		.options = rebrand_options,
		.run = run_rebrand,
	},
	{
		.name = "ini check",
		.args = "FILE",
		.what = "Check an ini, or the one inside an image",
		.min_args = 1,
		.max_args = 1,
		.run = run_check,
	},
	{
		.name = "ini diff",
		.args = "A B",
		.what = "Compare two inis key by key",
		.min_args = 2,
		.max_args = 2,
		.run = run_diff,
	},
	{},
};
