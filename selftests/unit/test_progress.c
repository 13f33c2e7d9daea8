// SPDX-License-Identifier: GPL-2.0-only
/*
 * Progress as it comes to a terminal, where a line is drawn again, and to a pipe. Nothing here
 * fails because time goes by: what is waited for may take longer.
 */
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "cli/progress.h"
#include "tap.h"

static struct cli cli;

/* A stage in up to four steps: so many ms later, so much is done. */
struct scene {
	enum burn_stage stage;
	bool passing;
	struct {
		unsigned int ms, done;
	} step[4];
	size_t steps;
	const char *then; /* what comes after it */
	bool interrupted; /* as by Ctrl-C, in front of that */
};

static const struct scene write_stage = {
	BURN_WRITE, false, {{0, 0}, {150, 40}, {150, 60}, {0, 100}}, 4, "", false};
static const struct scene left_open = {BURN_VERIFY, false,	     {{0, 0}, {150, 40}},
				       2,	    "then an error", false};
static const struct scene passing = {BURN_READ, true, {{0, 0}, {150, 40}, {0, 100}}, 3, "", false};
static const struct scene interrupted = {BURN_WRITE, false, {{0, 0}}, 1, "", true};
static const struct scene slow_stage = {BURN_WRITE, false, {{0, 0}, {2200, 40}, {0, 100}},
					3,	    "",	   false};

static void play(const struct scene *s)
{
	struct progress p;

	if (s->interrupted)
		stop_between_sectors();
	progress_begin(&p, &cli, s->passing);
	for (size_t i = 0; i < s->steps; i++) {
		usleep(s->step[i].ms * 1000);
		p.control.progress(s->stage, s->step[i].done, 100, p.control.ctx);
	}
	if (s->interrupted)
		raise(SIGINT);
	progress_end(&p);
	fputs(s->then, stdout);
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

/* What @scene, NULL: two cards, prints to a terminal or a pipe. */
static const char *shown(const struct scene *scene, bool terminal)
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
		if (scene)
			play(scene);
		else
			two_cards();
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

	setenv("TERM", "xterm", 1);
	one_line(shown(&write_stage, true));
	text = shown(&left_open, true);
	has_str(text, "\rReading it back           40 %", "a line that is not finished");
	has_str(text, "\033[K\nthen an error", "is ended before anything else is said");
	text = shown(&passing, true);
	has_str(text, "\rReading the flash         40 %", "where the result is something else");
	ok(!strchr(text, '\n') && !strcmp(text + strlen(text) - 4, "\r\033[K"), "it is wiped away");
	is_str(shown(&passing, false), "", "and not there without a terminal");

	text = shown(&slow_stage, false);
	has_str(text, "Writing the new image: 40 %", "a pipe gets a plain line on the way");
	has_str(text, "\nWriting the new image: done, ", "and one at the end");
	ok(!strpbrk(text, "\r\033"), "and nothing that draws");

	is_str(shown(NULL, true),
	       "\n\n"
	       "\033[2A\rfirst: 10 %\033[K\033[2B\r"
	       "\033[1A\rsecond: 20 %\033[K\033[1B\r"
	       "\033["
	       "2A\r0000000000000000000000000000000000000000000000000000000000000000000000000000000"
	       "\033[K\033[2B\r",
	       "each of several cards has its line, no longer than a terminal is wide");
	text = shown(NULL, false);
	ok(!strncmp(text, "first: 10 %\nsecond: 20 %\n0000", 29),
	   "in a pipe they follow each other");

	setenv("TERM", "dumb", 1);
	text = shown(&slow_stage, true);
	has_str(text, "Writing the new image: 40 %", "a dumb terminal gets what a pipe gets");
	ok(!strpbrk(text, "\r\033"), "and nothing that draws");
	setenv("TERM", "xterm", 1);

	cli.quiet = true;
	is_str(shown(&interrupted, false),
	       "\ncxflashctl: stopping: finishing what is being written\n",
	       "an interrupt is answered, in words that go for every size of a write");
	is_str(shown(&write_stage, true), "", "--quiet: nothing");
	is_str(shown(NULL, true), "", "nor of several");
	cli = (struct cli){.json = true};
	text = shown(&write_stage, true);
	is_str(text,
	       "{\"stage\":\"write\",\"done\":0,\"total\":100,\"percent\":0}\n"
	       "{\"stage\":\"write\",\"done\":100,\"total\":100,\"percent\":100}\n",
	       "--json: one object a line, also at a terminal");
	return tap_done();
}
