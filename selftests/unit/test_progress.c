// SPDX-License-Identifier: GPL-2.0-only
/*
 * Progress as it comes to a terminal, where a line is drawn again, and to a pipe. Nothing here
 * fails because time goes by: what is waited for may take longer.
 */
#include <pty.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "../../user/cmd/progress.h"
#include "tap.h"

static struct cli cli;

/* What @scene prints to a terminal or a pipe. */
static const char *shown(void (*scene)(void), bool terminal)
{
	static char text[4096];
	struct termios raw = {0};
	int ends[2];
	size_t used = 0;
	ssize_t n;
	pid_t pid;

	cfmakeraw(&raw);
	if (terminal ? openpty(&ends[0], &ends[1], NULL, &raw, NULL) : pipe(ends))
		abort();
	pid = fork();
	if (pid < 0)
		abort();
	if (!pid) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		scene();
		fflush(stdout);
		_exit(0);
	}
	close(ends[1]);
	while ((n = read(ends[0], text + used, sizeof(text) - 1 - used)) > 0)
		used += n;
	text[used] = '\0';
	close(ends[0]);
	waitpid(pid, NULL, 0);
	return text;
}

static void tell(struct progress *p, enum burn_stage stage, uint64_t done)
{
	p->control.progress(stage, done, 100, p->control.ctx);
}

static void write_stage(void)
{
	struct progress p;

	progress_begin(&p, &cli, false);
	tell(&p, BURN_WRITE, 0);
	usleep(150000);
	tell(&p, BURN_WRITE, 40);
	usleep(150000);
	tell(&p, BURN_WRITE, 60);
	tell(&p, BURN_WRITE, 100);
	progress_end(&p);
}

static void left_open(void)
{
	struct progress p;

	progress_begin(&p, &cli, false);
	tell(&p, BURN_VERIFY, 0);
	usleep(150000);
	tell(&p, BURN_VERIFY, 40);
	progress_end(&p);
	fputs("then an error", stdout);
}

static void passing(void)
{
	struct progress p;

	progress_begin(&p, &cli, true);
	tell(&p, BURN_READ, 0);
	usleep(150000);
	tell(&p, BURN_READ, 40);
	tell(&p, BURN_READ, 100);
	progress_end(&p);
}

static void slow_stage(void)
{
	struct progress p;

	progress_begin(&p, &cli, false);
	tell(&p, BURN_WRITE, 0);
	usleep(2200000);
	tell(&p, BURN_WRITE, 40);
	tell(&p, BURN_WRITE, 100);
	progress_end(&p);
}

static void two_cards(void)
{
	struct progress_lines lines = {0};

	progress_lines_begin(&lines, &cli, 2);
	progress_line(&lines, 0, "first: %u %%", 10);
	progress_line(&lines, 1, "second: %u %%", 20);
	progress_line(&lines, 0, "%0100d", 7);
	progress_lines_end(&lines);
}

static void one_line(const char *text)
{
	const char *at40 = strstr(text, "\rWriting the new image     40 %");
	const char *at60 = strstr(text, "\rWriting the new image     60 %");
	const char *end = strstr(text, "\033[K\rWriting the new image    100 %\033[K  ");

	ok(at40 && at60 && end && at40 < at60 && at60 < end, "a line is drawn again and again");
	ok(end && strchr(text, '\n') == text + strlen(text) - 1,
	   "and is one line, whose end tells the time");
}

int main(void)
{
	const char *text;

	one_line(shown(write_stage, true));
	text = shown(left_open, true);
	has_str(text, "\rReading it back           40 %", "a line that is not finished");
	has_str(text, "\033[K\nthen an error", "is ended before anything else is said");
	text = shown(passing, true);
	has_str(text, "\rReading the flash         40 %", "where the result is something else");
	ok(!strchr(text, '\n') && !strcmp(text + strlen(text) - 4, "\r\033[K"), "it is wiped away");
	is_str(shown(passing, false), "", "and not there without a terminal");

	text = shown(slow_stage, false);
	has_str(text, "Writing the new image: 40 %", "a pipe gets a plain line on the way");
	has_str(text, "\nWriting the new image: done, ", "and one at the end");
	ok(!strpbrk(text, "\r\033"), "and nothing that draws");

	is_str(shown(two_cards, true),
	       "\n\n"
	       "\033[2A\rfirst: 10 %\033[K\033[2B\r"
	       "\033[1A\rsecond: 20 %\033[K\033[1B\r"
	       "\033["
	       "2A\r0000000000000000000000000000000000000000000000000000000000000000000000000000000"
	       "\033[K\033[2B\r",
	       "each of several cards has its line, no longer than a terminal is wide");
	text = shown(two_cards, false);
	ok(!strncmp(text, "first: 10 %\nsecond: 20 %\n0000", 29),
	   "in a pipe they follow each other");

	cli.quiet = true;
	is_str(shown(write_stage, true), "", "--quiet: nothing");
	is_str(shown(two_cards, true), "", "nor of several");
	cli = (struct cli){.json = true};
	text = shown(write_stage, true);
	is_str(text,
	       "{\"stage\":\"write\",\"done\":0,\"total\":100,\"percent\":0}\n"
	       "{\"stage\":\"write\",\"done\":100,\"total\":100,\"percent\":100}\n",
	       "--json: one object a line, also at a terminal");
	return tap_done();
}
