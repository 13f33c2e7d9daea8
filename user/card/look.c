// SPDX-License-Identifier: GPL-2.0-only
/* What a command looks at: operand, -i FILE or -d CARD. */
#include "look.h"

#include <string.h>
#include <unistd.h>

#include "dev/pci.h"
#include "files/files.h"

bool look_is_card(const char *name)
{
	struct cx_err none;
	char full[16];

	return !strncmp(name, "file:", 5) || !cx_pci_full_name(name, full, &none);
}

static bool is_file(const char *name)
{
	return !access(name, F_OK) || file_member(name);
}

/* A file behind -d, a card behind -i: the other one was meant. */
static int check_options(const struct look *l, struct cx_err *err)
{
	if (l->card && !look_is_card(l->card) && is_file(l->card) && l->takes & LOOK_FILE)
		return cx_fail(
			err, CX_USAGE,
			"-d %s is a file: -i %s looks into it, -d file:%s has a dump stand in "
			"for a card",
			l->card, l->card, l->card);
	if (l->card && !look_is_card(l->card) && is_file(l->card))
		return cx_fail(err, CX_USAGE,
			       "-d %s is a file; a dump that stands in for a card is -d file:%s",
			       l->card, l->card);
	if (l->file && l->takes & LOOK_CARD && look_is_card(l->file) && !is_file(l->file))
		return cx_fail(err, CX_USAGE, "-i %s is a card: -d %s", l->file, l->file);
	return 0;
}

/* 1: the operand is what to look at; 0: it is something else. */
static int take(const struct look *l, const char *operand, const char **card, const char **file,
		struct cx_err *err)
{
	bool is = l->takes & LOOK_CARD && look_is_card(operand);

	if (is && is_file(operand))
		return cx_fail(err, CX_USAGE,
			       "%s is a card and a file: say which with -d %s or -i ./%s", operand,
			       operand, operand);
	if (is) {
		*card = operand;
		return 1;
	}
	if (!(l->takes & LOOK_FILE))
		return 0;
	*file = operand;
	return 1;
}

/* Of two, what was said first comes first; of one operand alone the other is the only card. */
static int take_two(struct look *l, int argc, char **argv, struct cx_err *err)
{
	int used = 0, ret = 1;

	if (l->card && l->file) {
		l->other.file = l->file;
		l->file = NULL;
		return 0;
	}
	if (!l->card && !l->file && argc > 1)
		ret = take(l, argv[used++], &l->card, &l->file, err);
	if (ret > 0 && used < argc)
		ret = take(l, argv[used++], &l->other.card, &l->other.file, err);
	else if (ret > 0)
		ret = cx_fail(err, CX_USAGE,
			      "two things can be compared: files, or cards, or a card and a file");
	return ret < 0 ? -1 : used;
}

int look_operands(struct look *l, int *argc, char **argv, struct cx_err *err)
{
	int used = 0;

	if (check_options(l, err))
		return -1;
	if (l->two)
		used = take_two(l, *argc, argv, err);
	else if (l->card && l->file)
		return cx_fail(err, CX_USAGE, "-d %s and -i %s: only one can be meant", l->card,
			       l->file);
	else if (!l->card && !l->file && *argc)
		used = take(l, argv[0], &l->card, &l->file, err);
	*argc -= used < 0 ? 0 : used;
	return used;
}
