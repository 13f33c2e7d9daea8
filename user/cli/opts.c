// SPDX-License-Identifier: GPL-2.0-only
/* Command-line options. */
#include "opts.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
		if (*text)
			return cx_fail(err, CX_USAGE, "--%s is given twice", opt->name);
		*text = value;
		return 0;
	case OPT_NUMBER:
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
		return cx_fail(err, CX_USAGE, "unknown option --%.*s", (int)len, name);
	if (opt->kind == OPT_FLAG && equals)
		return cx_fail(err, CX_USAGE, "--%s takes no value", opt->name);
	if (opt->kind == OPT_FLAG || equals)
		return store(opt, equals ? equals + 1 : NULL, err) ? -1 : 1;
	if (argc < 2)
		return cx_fail(err, CX_USAGE, "--%s needs a value (%s)", opt->name, opt->arg);
	return store(opt, argv[1], err) ? -1 : 2;
}

/* "-x", "-xyz" (flags), "-o VALUE" or "-oVALUE". Returns how many of argv were used. */
static int parse_short(char **argv, int argc, const struct opt *global, const struct opt *own,
		       struct cx_err *err)
{
	for (const char *letter = argv[0] + 1; *letter; letter++) {
		const struct opt *opt = find(own, NULL, 0, *letter);

		if (!opt)
			opt = find(global, NULL, 0, *letter);
		if (!opt)
			return cx_fail(err, CX_USAGE, "unknown option -%c", *letter);
		if (opt->kind == OPT_FLAG) {
			if (store(opt, NULL, err))
				return -1;
			continue;
		}
		if (letter[1])
			return store(opt, letter + 1, err) ? -1 : 1;
		if (argc < 2)
			return cx_fail(err, CX_USAGE, "-%c needs a value (%s)", *letter, opt->arg);
		return store(opt, argv[1], err) ? -1 : 2;
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

void opts_help(FILE *to, const struct opt *opt)
{
	for (; opt && opt->name; opt++) {
		char left[64], letter[8] = "   ";

		if (opt->letter)
			snprintf(letter, sizeof(letter), "-%c,", opt->letter);
		snprintf(left, sizeof(left), "%s --%s%s%s", letter, opt->name, opt->arg ? " " : "",
			 opt->arg ? opt->arg : "");
		fprintf(to, "  %-30s %s\n", left, opt->help);
	}
}
