// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl: the table of subcommands, the global options and the dispatcher. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "card/look.h"
#include "cli/nearest.h"
#include "cli/terminal.h"
#include "files/files.h"
#include "commands.h"
#include "complete.h"

/* In the order in which --help shows them. */
static const struct command_group groups[] = {
	{"Look", {list_commands, query_commands, verify_commands, boards_commands}},
	{"Burn", {burn_commands, backup_commands, restore_commands}},
	{"Files",
	 {build_commands, ini_commands, ini_merge_commands, mlx_commands, rom_commands, id_commands,
	  image_list_commands, image_commands, image_config_commands, image_diff_commands}},
	{"Maps", {map_learn_commands, map_prove_commands, map_show_commands}},
	{"Card",
	 {attach_commands, read_commands, cr_commands, semaphore_commands, monitor_commands}},
	{"Host", {check_commands, port_commands, report_commands}},
	{NULL},
};

static struct {
	bool json, yes, dry_run, quiet, verbose, help, version;
	const char *color;
} given;

static const struct opt global_options[] = {
	{"json", 0, OPT_FLAG, &given.json, NULL, "print JSON: one object per line"},
	{"yes", 'y', OPT_FLAG, &given.yes, NULL, "answer the final question with yes"},
	{"dry-run", 'n', OPT_FLAG, &given.dry_run, NULL, "say what would be done, change nothing"},
	{"quiet", 'q', OPT_FLAG, &given.quiet, NULL, "no progress and no notes"},
	{"verbose", 'v', OPT_FLAG, &given.verbose, NULL, "say more"},
	{"color", 0, OPT_TEXT, &given.color, "auto|always|never", "colour (auto)"},
	{"help", 'h', OPT_FLAG, &given.help, NULL, "show this help"},
	{"version", 0, OPT_FLAG, &given.version, NULL, "show the version"},
	{NULL},
};

/* What a command line says. */
struct line {
	const struct command *cmd; /* NULL: help or the version is asked for */
	int argc;
	char **argv; /* operands */
};

/* ---- help ---- */

static void usage(FILE *to)
{
	fputs("Usage: cxflashctl [GLOBAL OPTION]... COMMAND [OPTION]... [OPERAND]...\n", to);
	for (const struct command_group *g = groups; g->title; g++) {
		fprintf(to, "\n%s:\n", g->title);
		for (const struct command *const *file = g->files; *file; file++)
			for (const struct command *c = *file; c->name; c++)
				fprintf(to, "  %-16s %s\n", c->name, c->what);
	}
	fputs("\nGlobal options:\n", to);
	opts_help(to, global_options);
	fputs("\n"
	      "What a command looks at is an operand, FILE or CARD, or -i FILE, or -d CARD;\n"
	      "nothing: the only card. CARD is a PCI address, or file:DUMP, a dump that stands\n"
	      "in for a card. FILE may be an archive; FILE::MEMBER is one file in it, by its\n"
	      "path or PSID.\n"
	      "\n"
	      "'cxflashctl COMMAND --help' shows the options of a command; the manual is\n"
	      "cxflashctl(8).\n",
	      to);
}

static void command_usage(FILE *to, const struct command *cmd)
{
	fprintf(to, "Usage: cxflashctl %s%s%s%s\n%s.\n", cmd->name,
		cmd->options ? " [OPTION]..." : "", *cmd->args ? " " : "", cmd->args, cmd->what);
	if (cmd->options) {
		fputs("\nOptions:\n", to);
		opts_help(to, cmd->options);
	}
	fputs("\nGlobal options:\n", to);
	opts_help(to, global_options);
}

static void options_json(struct out *out, const char *key, const struct opt *opt)
{
	out_array(out, key);
	for (; opt && opt->name; opt++) {
		out_object(out, NULL);
		out_text(out, "name", NULL, "--%s", opt->name);
		if (opt->letter)
			out_text(out, "letter", NULL, "-%c", opt->letter);
		if (opt->arg)
			out_text(out, "value", NULL, "%s", opt->arg);
		out_text(out, "what", NULL, "%s", opt->help);
		out_close(out);
	}
	out_close(out);
}

static void help_json(struct out *out, const struct command *cmd)
{
	out_array(out, "commands");
	for_each_command(c, groups) {
		if (cmd && c != cmd)
			continue;
		out_object(out, NULL);
		out_text(out, "name", NULL, "%s", c->name);
		out_text(out, "operands", NULL, "%s", c->args);
		out_text(out, "what", NULL, "%s", c->what);
		options_json(out, "options", c->options);
		out_close(out);
	}
	out_close(out);
	options_json(out, "global_options", global_options);
}

static int help(struct out *out, const struct command *cmd)
{
	if (given.version && out->json)
		out_text(out, "version", NULL, "%s", CXFLASH_VERSION);
	else if (given.version)
		puts("cxflashctl " CXFLASH_VERSION);
	else if (out->json)
		help_json(out, cmd);
	else if (cmd)
		command_usage(stdout, cmd);
	else
		usage(stdout);
	return 0;
}

/* ---- which command ---- */

/* Which command argv names; *words is how many arguments its name took. */
static const struct command *find_command(int argc, char **argv, int *words)
{
	for_each_command(c, groups) {
		const char *blank = strchr(c->name, ' ');
		size_t first = blank ? (size_t)(blank - c->name) : strlen(c->name);

		if (strlen(argv[0]) != first || strncmp(argv[0], c->name, first))
			continue;
		*words = blank ? 2 : 1;
		if (!blank || (argc > 1 && !strcmp(argv[1], blank + 1)))
			return c;
	}
	return NULL;
}

/* What can follow @group ("ini"), for a message; an empty string if that is no group. */
static void members(const char *group, char *text, size_t size)
{
	size_t len = strlen(group), used = 0;

	text[0] = '\0';
	for_each_command(c, groups)
		if (used < size && !strncmp(c->name, group, len) && c->name[len] == ' ')
			used += snprintf(text + used, size - used, "%s%s", used ? ", " : "",
					 c->name + len + 1);
}

/* "inni dump", "ini-dump", "qeury", or the second word alone: which command is that? */
static const char *nearest_command(int argc, char **argv, bool group)
{
	char both[80], one[80], first[40];
	struct nearest two, single;

	snprintf(both, sizeof(both), "%s %s", argv[0], argc > 1 ? argv[1] : "");
	snprintf(one, sizeof(one), "%s", argv[0]);
	for (char *c = one; *c; c++)
		if (*c == '-' || *c == '_')
			*c = ' ';
	two = nearest_to(both);
	single = nearest_to(one);
	for_each_command(c, groups) {
		const char *blank = strchr(c->name, ' ');

		snprintf(first, sizeof(first), "%.*s", (int)strcspn(c->name, " "), c->name);
		nearest_consider(&single, c->name, c->name);
		nearest_consider(&single, first, c->name);
		if (blank)
			nearest_consider(&two, c->name, c->name);
		if (blank && !strcmp(argv[0], blank + 1))
			nearest_consider(&single, blank + 1, c->name);
	}
	if (group)
		return argc > 1 ? two.answer : NULL;
	return two.answer && (!single.answer || two.distance <= single.distance) ? two.answer
										 : single.answer;
}

static int no_command(int argc, char **argv, struct cx_err *err)
{
	char text[200], meant[80] = "";
	const char *near;

	members(argv[0], text, sizeof(text));
	near = nearest_command(argc, argv, *text);
	if (near)
		snprintf(meant, sizeof(meant), "; did you mean 'cxflashctl %s'?", near);
	if (*text && argc > 1)
		return cx_fail(err, CX_USAGE, "unknown command '%.40s %.40s'%s %s needs one of: %s",
			       argv[0], argv[1], *meant ? meant : ";", argv[0], text);
	if (*text)
		return cx_fail(err, CX_USAGE, "%s needs one of: %s; see 'cxflashctl --help'",
			       argv[0], text);
	return cx_fail(err, CX_USAGE, "unknown command '%.80s'%s", argv[0],
		       *meant ? meant : "; see 'cxflashctl --help'");
}

static int parse(int argc, char **argv, struct line *line, struct cx_err *err)
{
	int words;

	argc = opts_parse(argc, argv, NULL, global_options, true, err);
	if (argc < 0)
		return -1;
	if (given.version)
		return 0;
	if (argc && !strcmp(argv[0], "help")) {
		given.help = true;
		argc--;
		argv++;
	}
	if (!argc && !given.help)
		return cx_fail(err, CX_USAGE, "no command given; see 'cxflashctl --help'");
	if (!argc)
		return 0;
	line->cmd = find_command(argc, argv, &words);
	if (!line->cmd)
		return no_command(argc, argv, err);
	line->argv = argv + words;
	line->argc = opts_parse(argc - words, line->argv, global_options, line->cmd->options, false,
				err);
	return line->argc < 0 ? -1 : 0;
}

/* ---- what cannot be meant ---- */

static int want_color(bool *color, struct cx_err *err)
{
	const char *when = given.color ? given.color : "auto";

	if (!strcmp(when, "auto"))
		*color = terminal_draws(STDOUT_FILENO) && !getenv("NO_COLOR");
	else if (!strcmp(when, "always") || !strcmp(when, "never"))
		*color = !strcmp(when, "always");
	else
		return cx_fail(err, CX_USAGE, "--color %s: auto, always or never expected", when);
	return 0;
}

/* Does the result itself go to standard output? Then nothing else does. */
static bool wants_stdout(const struct command *cmd)
{
	for (const struct opt *opt = cmd->options; opt && opt->name; opt++) {
		const char *output = opt->kind == OPT_OUTPUT ? *(const char **)opt->to : NULL;

		if (output)
			return file_is_stdout(output);
	}
	return cmd->data && !given.json;
}

static int count_operands(const struct line *line, struct cx_err *err)
{
	const struct command *cmd = line->cmd;
	const struct look *look = cmd->look;
	const char *extra;

	if (line->argc < cmd->min_args ||
	    (look && look->takes == LOOK_FILE && !look->file && !look->two))
		return cx_fail(err, CX_USAGE, "usage: cxflashctl %s %s", cmd->name, cmd->args);
	if (line->argc <= cmd->max_args)
		return 0;
	extra = line->argv[cmd->max_args];
	if (look && look->takes == LOOK_CARD && !look->card && !access(extra, F_OK))
		return cx_fail(err, CX_USAGE,
			       "%s is a file; a dump that stands in for a card is named file:%s; "
			       "usage: cxflashctl %s %s",
			       extra, extra, cmd->name, cmd->args);
	return cx_fail(err, CX_USAGE, "%s is one thing too many; usage: cxflashctl %s %s", extra,
		       cmd->name, cmd->args);
}

static int check(struct line *line, struct cli *cli, struct cx_err *err)
{
	const struct command *cmd = line->cmd;
	int used = cmd->look ? look_operands(cmd->look, &line->argc, line->argv, err) : 0;

	if (used < 0)
		return -1;
	line->argv += used;
	cli->out.raw = wants_stdout(cmd);
	if (opts_agree(cmd->options, cmd->rules, err) || count_operands(line, err))
		return -1;
	if (given.dry_run && !cmd->changes)
		return cx_fail(err, CX_USAGE, "%s changes nothing that --dry-run could spare",
			       cmd->name);
	if (given.json && cli->out.raw)
		return cx_fail(err, CX_USAGE,
			       "-o - and --json both want standard output; name a file with -o");
	return want_color(&cli->out.color, err);
}

/* ---- from the first word to the exit code ---- */

/* JSON is asked for also where the rest of the line cannot be understood. */
static bool asks_for_json(int argc, char **argv)
{
	for (int i = 0; i < argc && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], "--json"))
			return true;
	return false;
}

/* What the result is of; NULL if that cannot be made out. */
static const char *result_of(const struct line *line)
{
	if (given.version)
		return "version";
	if (given.help)
		return "help";
	return line->cmd ? line->cmd->name : NULL;
}

static void begin(struct cli *cli, bool json, const char *command)
{
	*cli = (struct cli){
		.json = json,
		.yes = given.yes,
		.dry_run = given.dry_run,
		.quiet = given.quiet,
		.verbose = given.verbose,
		.may_ask = !json && isatty(STDIN_FILENO) && isatty(STDERR_FILENO),
		.out = {.to = stdout,
			.json = json,
			.quiet = given.quiet,
			.width = terminal_width(STDOUT_FILENO)},
	};
	out_begin(&cli->out);
	if (command)
		out_text(&cli->out, "command", NULL, "%s", command);
}

static int run(struct cli *cli, struct line *line, struct cx_err *err)
{
	if (given.help || given.version)
		return help(&cli->out, line->cmd);
	if (!check(line, cli, err))
		return line->cmd->run(cli, line->argc, line->argv, err);
	if (line->cmd->card_state)
		out_text(&cli->out, "card_state", NULL, "unchanged");
	return -1;
}

/* The text of an error is one line, or two where there is a choice to explain. */
static void complain(const char *text)
{
	char copy[sizeof(((struct cx_err *)0)->text)], *next = copy;

	snprintf(copy, sizeof(copy), "%s", text);
	while (next)
		fprintf(stderr, "cxflashctl: %s\n", printable(strsep(&next, "\n")));
}

/* In JSON an error is one line in any case. */
static void error_json(struct out *out, const char *text)
{
	char copy[sizeof(((struct cx_err *)0)->text)];

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *c = copy; *c; c++)
		if (*c == '\n')
			*c = ' ';
	out_text(out, "error", NULL, "%s", copy);
}

int main(int argc, char **argv)
{
	bool json = asks_for_json(argc - 1, argv + 1);
	struct line line = {0};
	struct cx_err err = {0};
	struct cli cli;
	int code;

	if (argc > 1 && !strcmp(argv[1], "--complete")) {
		complete(stdout, groups, global_options, argc - 2, argv + 2);
		return 0;
	}
	code = parse(argc - 1, argv + 1, &line, &err);
	begin(&cli, code < 0 ? json : given.json, result_of(&line));
	if (!code)
		code = run(&cli, &line, &err);
	else if (line.cmd && line.cmd->card_state)
		out_text(&cli.out, "card_state", NULL, "unchanged");
	if (code < 0) {
		code = err.status;
		cli.out.depth = 0; /* wherever it was when that happened */
		fflush(stdout);
		complain(err.text);
		error_json(&cli.out, err.text);
	}
	if (cli.json)
		out_number(&cli.out, "exit", NULL, code);
	if (out_end(&cli.out)) {
		complain("standard output cannot be written");
		code = code == CX_OK ? CX_FAILED : code;
	}
	return code;
}
