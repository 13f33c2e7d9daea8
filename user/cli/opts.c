// SPDX-License-Identifier: GPL-2.0-only
/* Command-line options. */
#include "opts.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nearest.h"
#include "print.h"

int opts_number(const char *text, unsigned long *value)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	char *end;

	if (!isxdigit((unsigned char)text[hex ? 2 : 0]))
		return -1;
	errno = 0;
	*value = strtoul(text, &end, hex ? 16 : 10);
	return *end || errno ? -1 : 0;
}

static const struct opt *find(const struct opt *opt, const char *name, size_t len, char letter)
{
	for (; opt && opt->name; opt++)
		if (name ? strlen(opt->name) == len && !strncmp(opt->name, name, len)
			 : letter && opt->letter == letter)
			return opt;
	return NULL;
}

static int append(struct opt_list *list, const char *value, struct cx_err *err)
{
	const char **more = realloc(list->value, (list->count + 1) * sizeof(*more));

	if (!more)
		return cx_fail(err, CX_FAILED, "out of memory");
	more[list->count++] = value;
	list->value = more;
	return 0;
}

static int store(const struct opt *opt, const char *value, struct cx_err *err)
{
	struct opt_number *number = opt->to;
	const char **text = opt->to;

	switch (opt->kind) {
	case OPT_FLAG:
		*(bool *)opt->to = true;
		return 0;
	case OPT_TEXT:
	case OPT_OUTPUT:
		if (*text)
			return cx_fail(err, CX_USAGE, "--%s is given twice", opt->name);
		*text = value;
		return 0;
	case OPT_NUMBER:
		if (number->given)
			return cx_fail(err, CX_USAGE, "--%s is given twice", opt->name);
		if (opts_number(value, &number->value))
			return cx_fail(err, CX_USAGE,
				       "--%s %s: not a number (decimal or 0x hex expected)",
				       opt->name, value);
		number->given = true;
		return 0;
	case OPT_LIST:
		return append(opt->to, value, err);
	}
	return 0;
}

/* The value is the next word; one of our own options there means that the value was forgotten. */
static int store_next(char **argv, int argc, const struct opt *global, const struct opt *own,
		      const struct opt *opt, struct cx_err *err)
{
	const char *name = argc > 1 && !strncmp(argv[1], "--", 2) ? argv[1] + 2 : "";

	if (argc < 2)
		return cx_fail(err, CX_USAGE, "%s needs a value (%s)", argv[0], opt->arg);
	if (find(own, name, strlen(name), 0) || find(global, name, strlen(name), 0))
		return cx_fail(err, CX_USAGE,
			       "%s needs a value (%s), and %s is an option; --%s=%s if it is meant",
			       argv[0], opt->arg, argv[1], opt->name, argv[1]);
	return store(opt, argv[1], err) ? -1 : 2;
}

static void consider(struct nearest *n, const struct opt *opt)
{
	for (; opt && opt->name; opt++)
		nearest_consider(n, opt->name, opt->name);
}

/* @global is NULL in front of the command, where @own are the options that may stand there. */
static int unknown(const char *dashes, const char *name, size_t len, const struct opt *global,
		   const struct opt *own, struct cx_err *err)
{
	char typed[64];
	struct nearest n;

	snprintf(typed, sizeof(typed), "%.*s", (int)len, name);
	n = nearest_to(typed);
	consider(&n, own);
	consider(&n, global);
	if (n.answer)
		return cx_fail(err, CX_USAGE, "unknown option %s%s; did you mean --%s?", dashes,
			       typed, n.answer);
	return cx_fail(err, CX_USAGE, "unknown option %s%s; %s", dashes, typed,
		       global ? "--help shows those of this command"
			      : "in front of the command there are only global ones, see --help");
}

/* "--name", "--name VALUE" or "--name=VALUE". Returns how many of argv were used. */
static int parse_long(char **argv, int argc, const struct opt *global, const struct opt *own,
		      struct cx_err *err)
{
	const char *name = argv[0] + 2, *equals = strchr(name, '=');
	size_t len = equals ? (size_t)(equals - name) : strlen(name);
	const struct opt *opt = find(own, name, len, 0);

	if (!opt)
		opt = find(global, name, len, 0);
	if (!opt)
		return unknown("--", name, len, global, own, err);
	if (opt->kind == OPT_FLAG && equals)
		return cx_fail(err, CX_USAGE, "--%s takes no value", opt->name);
	if (opt->kind == OPT_FLAG || equals)
		return store(opt, equals ? equals + 1 : NULL, err) ? -1 : 1;
	return store_next(argv, argc, global, own, opt, err);
}

/* The other case of it may be one, or all of it a long option. */
static int unknown_letter(char letter, const struct opt *global, const struct opt *own,
			  struct cx_err *err)
{
	char other = isupper((unsigned char)letter) ? tolower((unsigned char)letter)
						    : toupper((unsigned char)letter);
	const struct opt *opt = find(own, NULL, 0, other);

	if (!opt)
		opt = find(global, NULL, 0, other);
	if (opt)
		return cx_fail(err, CX_USAGE, "unknown option -%c; did you mean -%c, --%s?", letter,
			       other, opt->name);
	return unknown("-", &letter, 1, global, own, err);
}

/* "-x", "-xyz" (flags), "-o VALUE" or "-oVALUE". Returns how many of argv were used. */
static int parse_short(char **argv, int argc, const struct opt *global, const struct opt *own,
		       struct cx_err *err)
{
	size_t len = strcspn(argv[0] + 1, "=");

	/* "-mac" would be m, a, c; other tools have it so. */
	if (len > 1 && (find(own, argv[0] + 1, len, 0) || find(global, argv[0] + 1, len, 0)))
		return unknown("-", argv[0] + 1, len, global, own, err);
	for (const char *letter = argv[0] + 1; *letter; letter++) {
		const struct opt *opt = find(own, NULL, 0, *letter);

		if (!opt)
			opt = find(global, NULL, 0, *letter);
		if (!opt)
			return unknown_letter(*letter, global, own, err);
		if (opt->kind == OPT_FLAG) {
			if (store(opt, NULL, err))
				return -1;
			continue;
		}
		if (letter[1])
			return store(opt, letter + 1, err) ? -1 : 1;
		return store_next(argv, argc, global, own, opt, err);
	}
	return 1;
}

int opts_parse(int argc, char **argv, const struct opt *global, const struct opt *own,
	       bool leading_only, struct cx_err *err)
{
	int operands = 0, at = 0;

	while (at < argc) {
		int used;

		if (!strcmp(argv[at], "--")) {
			at++;
			break;
		}
		if (argv[at][0] != '-' || !argv[at][1]) {
			if (leading_only)
				break;
			argv[operands++] = argv[at++];
			continue;
		}
		used = argv[at][1] == '-' ? parse_long(argv + at, argc - at, global, own, err)
					  : parse_short(argv + at, argc - at, global, own, err);
		if (used < 0)
			return -1;
		at += used;
	}
	while (at < argc)
		argv[operands++] = argv[at++];
	return operands;
}

static bool is_given(const struct opt *opt)
{
	switch (opt->kind) {
	case OPT_FLAG:
		return *(const bool *)opt->to;
	case OPT_TEXT:
	case OPT_OUTPUT:
		return *(const char *const *)opt->to;
	case OPT_NUMBER:
		return ((const struct opt_number *)opt->to)->given;
	case OPT_LIST:
		return ((const struct opt_list *)opt->to)->count;
	}
	return false;
}

/* The first of the names that was given; NULL if none was. */
static const struct opt *first_given(const struct opt *own, const char *names)
{
	for (size_t len; *names; names += len + (names[len] == ' ')) {
		const struct opt *opt;

		len = strcspn(names, " ");
		opt = find(own, names, len, 0);
		if (opt && is_given(opt))
			return opt;
	}
	return NULL;
}

/* "--a", "--a or --b", "--a, --b or --c" */
static const char *list_names(const char *names, char *text, size_t size)
{
	size_t used = 0;

	for (size_t len; *names && used < size; names += len + (names[len] == ' ')) {
		const char *join = !used ? "" : strchr(names, ' ') ? ", " : " or ";

		len = strcspn(names, " ");
		used += snprintf(text + used, size - used, "%s--%.*s", join, (int)len, names);
	}
	return text;
}

int opts_agree(const struct opt *own, const struct opt_rule *rules, struct cx_err *err)
{
	const struct opt *other;
	char names[120];

	for (const struct opt_rule *r = rules; r && r->option; r++) {
		if (!first_given(own, r->option))
			continue;
		other = r->without ? first_given(own, r->without) : NULL;
		if (other)
			return cx_fail(err, CX_USAGE, "--%s and --%s exclude each other", r->option,
				       other->name);
		if (r->with && !first_given(own, r->with))
			return cx_fail(err, CX_USAGE, "--%s means nothing here without %s",
				       r->option, list_names(r->with, names, sizeof(names)));
	}
	return 0;
}

/* Help is read at 80 columns; what an option does begins in this one. */
#define HELP_AT	   33
#define HELP_WIDTH (80 - HELP_AT)

/* The text, folded at blanks. */
static void help_text(FILE *to, const char *text)
{
	for (size_t at; at = text_fold(text, HELP_WIDTH, 0), text[at]; text += at + 1)
		fprintf(to, "%.*s\n%*s", (int)at, text, HELP_AT, "");
	fprintf(to, "%s\n", text);
}

void opts_help(FILE *to, const struct opt *opt)
{
	for (; opt && opt->name; opt++) {
		char left[64], letter[8] = "   ";

		if (opt->letter)
			snprintf(letter, sizeof(letter), "-%c,", opt->letter);
		snprintf(left, sizeof(left), "%s --%s%s%s", letter, opt->name, opt->arg ? " " : "",
			 opt->arg ? opt->arg : "");
		fprintf(to, "  %-30s ", left);
		help_text(to, opt->help);
	}
}
