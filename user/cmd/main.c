// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl: the table of subcommands, the global options and the dispatcher. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "complete.h"

/* In the order in which --help shows them. */
static const struct command_group groups[] = {
	{"Look", {list_commands, query_commands, verify_commands, boards_commands}},
	{"Burn", {burn_commands, backup_commands, restore_commands}},
	{"Files",
	 {build_commands, ini_commands, mlx_commands, rom_commands, id_commands,
	  image_list_commands, image_commands, image_config_commands, image_diff_commands}},
	{"Card",
	 {attach_commands, read_commands, cr_commands, semaphore_commands, monitor_commands}},
	{"Host", {check_commands, port_commands}},
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

static void usage(FILE *to)
{
	fputs("Usage: cxflashctl [GLOBAL OPTION]... COMMAND [OPTION]... "
	      "[OPERAND]...\n",
	      to);
	for (const struct command_group *g = groups; g->title; g++) {
		fprintf(to, "\n%s:\n", g->title);
		for (const struct command *const *file = g->files; *file; file++)
			for (const struct command *c = *file; c->name; c++)
				fprintf(to, "  %-16s %s\n", c->name, c->what);
	}
	fputs("\nGlobal options:\n", to);
	opts_help(to, global_options);
	fputs("\nFILE may be an archive; FILE::MEMBER is one file in it, by its path or PSID.\n",
	      to);
	fputs("\n'cxflashctl COMMAND --help' shows the options of a command; cxflashctl(8) is the"
	      " manual.\n",
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

static int no_command(const char *name, struct cx_err *err)
{
	char text[200];

	members(name, text, sizeof(text));
	if (*text)
		return cx_fail(err, CX_USAGE, "%s needs one of: %s; see 'cxflashctl --help'", name,
			       text);
	return cx_fail(err, CX_USAGE, "unknown command '%s'; see 'cxflashctl --help'", name);
}

static int want_color(bool *color, struct cx_err *err)
{
	const char *when = given.color ? given.color : "auto";

	if (!strcmp(when, "auto"))
		*color = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	else if (!strcmp(when, "always") || !strcmp(when, "never"))
		*color = !strcmp(when, "always");
	else
		return cx_fail(err, CX_USAGE, "--color %s: auto, always or never expected", when);
	return 0;
}

static int run(const struct command *cmd, int argc, char **argv, struct cli *cli,
	       struct cx_err *err)
{
	cli->json = given.json;
	cli->yes = given.yes;
	cli->dry_run = given.dry_run;
	cli->quiet = given.quiet;
	cli->verbose = given.verbose;
	cli->may_ask = !given.json && isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
	cli->out.to = stdout;
	cli->out.json = given.json;
	cli->out.quiet = given.quiet;
	out_begin(&cli->out);
	if (argc < cmd->min_args || argc > cmd->max_args)
		return cx_fail(err, CX_USAGE, "usage: cxflashctl %s %s", cmd->name, cmd->args);
	if (given.dry_run && !cmd->changes)
		return cx_fail(err, CX_USAGE, "%s changes nothing that --dry-run could spare",
			       cmd->name);
	if (want_color(&cli->out.color, err))
		return -1;
	return cmd->run(cli, argc, argv, err);
}

/* Everything between the command line and the exit code, without the ending. */
static int dispatch(int argc, char **argv, struct cli *cli, struct cx_err *err)
{
	const struct command *cmd;
	int words;

	argc = opts_parse(argc, argv, global_options, NULL, true, err);
	if (argc < 0)
		return -1;
	if (given.version) {
		puts("cxflashctl " CXFLASH_VERSION);
		return 0;
	}
	if (argc && !strcmp(argv[0], "help")) {
		given.help = true;
		argc--;
		argv++;
	}
	if (!argc) {
		if (!given.help)
			return cx_fail(err, CX_USAGE, "no command given; see 'cxflashctl --help'");
		usage(stdout);
		return 0;
	}
	cmd = find_command(argc, argv, &words);
	if (!cmd)
		return no_command(argv[0], err);
	argc = opts_parse(argc - words, argv + words, global_options, cmd->options, false, err);
	if (argc < 0)
		return -1;
	if (given.help) {
		command_usage(stdout, cmd);
		return 0;
	}
	return run(cmd, argc, argv + words, cli, err);
}

/* The text of an error is one line, or two where there is a choice to explain. */
static void complain(const char *text)
{
	char copy[sizeof(((struct cx_err *)0)->text)], *next = copy;

	snprintf(copy, sizeof(copy), "%s", text);
	while (next)
		fprintf(stderr, "cxflashctl: %s\n", printable(strsep(&next, "\n")));
}

int main(int argc, char **argv)
{
	struct cx_err err = {0};
	struct cli cli = {0};
	int code;

	if (argc > 1 && !strcmp(argv[1], "--complete")) {
		complete(stdout, groups, global_options, argc - 2, argv + 2);
		return 0;
	}
	code = dispatch(argc - 1, argv + 1, &cli, &err);
	if (code < 0) {
		code = err.status;
		fflush(stdout);
		complain(err.text);
		if (cli.json)
			out_text(&cli.out, "error", NULL, "%s", err.text);
	}
	if (cli.json)
		out_number(&cli.out, "exit", NULL, code);
	if (cli.out.to ? out_end(&cli.out) : fflush(stdout)) {
		complain("standard output cannot be written");
		code = code == CX_OK ? CX_FAILED : code;
	}
	return code;
}
