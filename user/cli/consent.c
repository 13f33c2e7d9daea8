// SPDX-License-Identifier: GPL-2.0-only
/* Questions to the person at the terminal. */
#include <ctype.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* A signal that is only noted ends the wait: fgets() would go on. A terminal gives line by line. */
static bool read_answer(char *answer, int size)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};

	return poll(&in, 1, -1) > 0 && fgets(answer, size, stdin);
}

bool cli_ask(const char *question)
{
	char text[sizeof(((struct cx_err *)0)->text)], answer[16];

	snprintf(text, sizeof(text), "%s", question);
	fflush(stdout);
	fprintf(stderr, "%s\nGo on all the same? [y/N] ", printable(text));
	if (!read_answer(answer, sizeof(answer)))
		return false;
	return tolower((unsigned char)answer[0]) == 'y';
}

bool cli_ask_word(const char *what, const char *word)
{
	char text[200], answer[64];

	snprintf(text, sizeof(text), "%s", what);
	fflush(stdout);
	fprintf(stderr, "To go on all the same, type %s: ", printable(text));
	if (!read_answer(answer, sizeof(answer)))
		return false;
	answer[strcspn(answer, "\r\n")] = '\0';
	return !strcmp(answer, word);
}

int cli_consent(const struct cli *cli, const char *question, struct cx_err *err)
{
	if (cli->yes || cli->dry_run)
		return 0;
	if (!cli->may_ask)
		return cx_fail(err, CX_REFUSED, "%s; say --yes if that is meant", question);
	return cli_ask(question) ? 0 : cx_fail(err, CX_REFUSED, "not confirmed");
}
