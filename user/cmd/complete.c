// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl --complete: what a shell may offer next, out of the table of commands. */
#include "complete.h"

#include <ctype.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "dev/pci.h"
#include "files/inputs.h"
#include "files/source.h"

#define ARCHIVES "zip tar gz tgz bz2 xz zst 7z cab exe mfa"

/* Where the line stands when its last word is to be completed. */
struct place {
	FILE *to;
	const char *word;	   /* what is typed of the last word */
	const char *group;	   /* "ini", while it can be one of several */
	const struct command *cmd; /* NULL: not yet said */
	const struct opt *value;   /* the option whose value the last word is */
	bool operands_only;	   /* after -- */
};

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

static void offer(const struct place *p, const char *word, const char *help)
{
	if (begins(word, p->word))
		fprintf(p->to, "%s%s%s\n", word, help ? "\t" : "", help ? help : "");
}

static void offer_options(const struct place *p, const struct opt *opt)
{
	for (; opt && opt->name; opt++) {
		char dashed[40];

		snprintf(dashed, sizeof(dashed), "--%s", opt->name);
		offer(p, dashed, opt->help);
		snprintf(dashed, sizeof(dashed), "-%c", opt->letter);
		if (opt->letter)
			offer(p, dashed, opt->help);
	}
}

/* The first words of all commands, each once, or the second words of a group. */
static void offer_commands(const struct place *p, const struct command_group *groups)
{
	const char *last = "";

	for_each_command(c, groups) {
		size_t len = strcspn(c->name, " ");
		char first[32];

		snprintf(first, sizeof(first), "%.*s", (int)len, c->name);
		if (p->group) {
			if (c->name[len] && !strcmp(first, p->group))
				offer(p, c->name + len + 1, c->what);
		} else if (strncmp(first, last, len) || last[len] != c->name[len]) {
			offer(p, first, c->name[len] ? "..." : c->what);
		}
		last = c->name;
	}
}

static void offer_cards(const struct place *p)
{
	struct cx_pci_card *card = NULL;
	struct cx_err err = {0};
	size_t count = 0;

	if (!cx_pci_list(&cx_pci_system, &card, &count, &err))
		for (size_t i = 0; i < count; i++)
			offer(p, card[i].name, card[i].chip);
	free(card);
}

static void offer_psids(const struct place *p)
{
	struct fw_boards boards;
	struct cx_err err = {0};

	if (boards_load(&boards, &err))
		return;
	for (size_t i = 0; i < boards.count; i++)
		if (boards.board[i].psid)
			offer(p, boards.board[i].psid, boards.board[i].board);
	fw_boards_free(&boards);
}

/* "file:DUMP": the shells know of files, but not behind a colon. */
static void offer_dumps(const struct place *p)
{
	char pattern[4096];
	glob_t found;

	offer(p, "file:", "the raw flash of a card in a file");
	if (!begins(p->word, "file:"))
		return;
	snprintf(pattern, sizeof(pattern), "%s*", p->word + strlen("file:"));
	if (glob(pattern, GLOB_MARK, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		fprintf(p->to, "file:%s\n", found.gl_pathv[i]);
	globfree(&found);
}

/* "ARCHIVE::": what is in it. */
static void offer_members(const struct place *p)
{
	size_t len = (size_t)(strstr(p->word, "::") - p->word);
	struct fw_container box;
	struct cx_err err = {0};
	char *archive = strndup(p->word, len);
	uint8_t *bytes;

	if (archive && !source_open(archive, &bytes, &box, &err)) {
		for (size_t i = 0; i < box.members; i++) {
			if (begins(box.member[i].path, p->word + len + 2))
				fprintf(p->to, "%s::%s\n", archive, box.member[i].path);
		}
		fw_container_free(&box);
		free(bytes);
	}
	free(archive);
}

static bool all_of(const char *text, int (*is)(int))
{
	for (; *text; text++)
		if (!is((unsigned char)*text))
			return false;
	return true;
}

/* What stands for one operand or value in help: "CARD", "keep", "F.bin", "DIR", ... */
static void offer_kind(const struct place *p, const char *kind)
{
	const char *dot = strrchr(kind, '.');

	if (all_of(kind, islower))
		offer(p, kind, NULL);
	else if (!strcmp(kind, "PSID"))
		offer_psids(p);
	else if (!strcmp(kind, "DIR") || !strcmp(kind, "BACKUP"))
		fprintf(p->to, ":dirs\n");
	else if (!strcmp(kind, "CARD")) {
		offer_cards(p);
		offer_dumps(p);
	} else if (dot && islower((unsigned char)dot[1]))
		fprintf(p->to, ":files %s " ARCHIVES "\n", dot + 1);
	else if (!strcmp(kind, "FILE") || !strcmp(kind, "A") || !strcmp(kind, "B") ||
		 !strcmp(kind, "DUMP") || !strcmp(kind, "ROM") || !strcmp(kind, "OUT"))
		fprintf(p->to, ":files\n");
}

/* @args as help shows them: "[PSID|NAME]", "FILE -o OUT | -d CARD"; the values of options are not
 * operands. */
static void offer_kinds(const struct place *p, const char *args)
{
	char copy[200], *next = copy, *kind;
	const char *before = "";

	if (strstr(p->word, "::")) {
		offer_members(p);
		return;
	}
	snprintf(copy, sizeof(copy), "%s", args);
	while ((kind = strsep(&next, " |[]"))) {
		char *more = strstr(kind, "...");

		if (!more)
			more = strstr(kind, "::");
		if (more)
			*more = '\0';
		if (*kind && *kind != '-' && *before != '-')
			offer_kind(p, kind);
		if (*kind)
			before = kind;
	}
}

static const struct opt *find_option(const struct opt *opt, const char *word)
{
	for (; opt && opt->name; opt++) {
		if (word[1] == '-' ? !strcmp(opt->name, word + 2)
				   : opt->letter && opt->letter == word[1] && !word[2])
			return opt;
	}
	return NULL;
}

/* The command that @word names, or ends after the first of two words; NULL if none does. */
static const struct command *find(const struct command_group *groups, struct place *p,
				  const char *word)
{
	char name[64];

	snprintf(name, sizeof(name), "%s%s%s", p->group ? p->group : "", p->group ? " " : "", word);
	for_each_command(c, groups) {
		if (!strcmp(c->name, name))
			return c;
		if (!p->group && begins(c->name, word) && c->name[strlen(word)] == ' ') {
			p->group = word;
			return NULL;
		}
	}
	return NULL;
}

/* One word before the last. */
static void pass(struct place *p, const struct command_group *groups, const struct opt *global,
		 const char *word)
{
	const struct opt *opt;

	if (p->value) {
		p->value = NULL;
	} else if (!strcmp(word, "--")) {
		p->operands_only = true;
	} else if (*word == '-' && !p->operands_only) {
		opt = find_option(p->cmd ? p->cmd->options : NULL, word);
		if (!opt)
			opt = find_option(global, word);
		p->value = opt && opt->kind != OPT_FLAG ? opt : NULL;
	} else if (!p->cmd) {
		p->cmd = find(groups, p, word);
	}
}

void complete(FILE *to, const struct command_group *groups, const struct opt *global, int argc,
	      char **argv)
{
	struct place p = {.to = to, .word = argc ? argv[argc - 1] : ""};

	for (int i = 0; i + 1 < argc; i++)
		pass(&p, groups, global, argv[i]);
	if (p.value) {
		if (p.value->kind != OPT_NUMBER)
			offer_kinds(&p, p.value->arg);
	} else if (*p.word == '-' && !p.operands_only) {
		offer_options(&p, p.cmd ? p.cmd->options : NULL);
		offer_options(&p, global);
	} else if (!p.cmd) {
		offer_commands(&p, groups);
	} else {
		offer_kinds(&p, p.cmd->args);
	}
}
