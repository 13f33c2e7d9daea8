// SPDX-License-Identifier: GPL-2.0-only
/* Progress of long work, and signals that stop it between two sectors. */
#include "progress.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "terminal.h"

#define TTY_STEP     0.1 /* seconds between two updates of a line */
#define PIPE_STEP    2.0 /* and between two plain lines at least, */
#define PIPE_PERCENT 20	 /* as well as this much progress */
#define SHORT	     3.0 /* reading that took less is no news */

static double since(const struct timespec *then)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - then->tv_sec) + (now.tv_nsec - then->tv_nsec) / 1e9;
}

static const struct {
	const char *name, *words;
} stages[] = {
	[BURN_READ] = {"read", "Reading the flash"},
	[BURN_REHEARSE] = {"rehearse", "Rehearsing in memory"},
	[BURN_WRITE] = {"write", "Writing the new image"},
	[BURN_VERIFY] = {"verify", "Reading it back"},
	[BURN_SIGN] = {"sign", "Making it bootable"},
};

const char *progress_stage_name(enum burn_stage stage)
{
	return stages[stage].name;
}

static unsigned int percent(uint64_t done, uint64_t total)
{
	return total ? done * 100 / total : 100;
}

/* " 123 KiB/s, 4 s left" once a guess is worth something. */
static void forecast(const struct progress *p, uint64_t done, uint64_t total, char *text,
		     size_t size)
{
	double spent = since(&p->begin);

	text[0] = '\0';
	if (done && spent > 1.0 && done < total)
		snprintf(text, size, "  %.0f KiB/s, %.0f s left", done / spent / 1024,
			 spent * (total - done) / done);
}

static void show_json(const struct progress *p, uint64_t done, uint64_t total)
{
	char card[48] = "";

	if (p->card)
		snprintf(card, sizeof(card), "\"card\":\"%s\",", p->card);
	printf("{%s\"stage\":\"%s\",\"done\":%llu,\"total\":%llu,\"percent\":%u}\n", card,
	       progress_stage_name(p->stage), (unsigned long long)done, (unsigned long long)total,
	       percent(done, total));
	fflush(stdout);
}

static void show_terminal(struct progress *p, uint64_t done, uint64_t total)
{
	FILE *to = p->passing ? stderr : stdout;
	char more[48];

	forecast(p, done, total, more, sizeof(more));
	fprintf(to, "\r%-24s %3u %%%s\033[K", stages[p->stage].words, percent(done, total), more);
	p->open = true;
	if (done == total && !p->passing) {
		fprintf(to, "  %.1f s\n", since(&p->begin));
		p->open = false;
	}
	fflush(to);
}

static void show_line(const struct progress *p, uint64_t done, uint64_t total)
{
	char more[48];

	forecast(p, done, total, more, sizeof(more));
	progress_line(p->lines, p->line, "%s: %s: %u %%%s", p->card, stages[p->stage].words,
		      percent(done, total), more);
}

static void show_pipe(const struct progress *p, uint64_t done, uint64_t total)
{
	char more[48];

	if (done == total) {
		printf("%s: done, %.1f s\n", stages[p->stage].words, since(&p->begin));
	} else {
		forecast(p, done, total, more, sizeof(more));
		printf("%s: %u %%%s\n", stages[p->stage].words, percent(done, total), more);
	}
	fflush(stdout);
}

/* Is this moment worth telling? */
static bool worth_it(const struct progress *p, uint64_t done, uint64_t total)
{
	if (p->json && (!done || done == total))
		return true;
	/* The flash is read in several goes. */
	if (done == total)
		return p->open || p->stage != BURN_READ || since(&p->begin) >= SHORT;
	if (p->terminal && !p->json)
		return since(&p->shown) >= TTY_STEP;
	return since(&p->shown) >= PIPE_STEP &&
	       percent(done, total) >= p->shown_percent + PIPE_PERCENT;
}

/* Several cards at once are each at something else. */
static void tell_what_stops(const struct progress *p, enum burn_stage stage)
{
	if (p->lines)
		return;
	switch (stage) {
	case BURN_READ:
	case BURN_REHEARSE:
		stop_means("before anything is written");
		break;
	case BURN_WRITE:
		stop_means(p->must_finish ? "after the whole image, as nothing on the card starts "
					    "before"
					  : "finishing what is being written");
		break;
	case BURN_VERIFY:
		stop_means(p->must_finish ? "after the whole image, as nothing on the card starts "
					    "before"
					  : "finishing what is being read back");
		break;
	case BURN_SIGN:
		stop_means("after the burn, which is as good as done");
		break;
	}
}

static void show(enum burn_stage stage, uint64_t done, uint64_t total, void *ctx)
{
	struct progress *p = ctx;

	tell_what_stops(p, stage);
	if (p->silent)
		return;
	if (done == 0) {
		p->stage = stage;
		clock_gettime(CLOCK_MONOTONIC, &p->begin);
		p->shown = p->begin;
		p->shown_percent = 0;
	}
	if (!worth_it(p, done, total))
		return;
	clock_gettime(CLOCK_MONOTONIC, &p->shown);
	p->shown_percent = percent(done, total);
	if (p->json)
		show_json(p, done, total);
	else if (p->lines)
		show_line(p, done, total);
	else if (p->terminal)
		show_terminal(p, done, total);
	else
		show_pipe(p, done, total);
}

static volatile sig_atomic_t stop;
static const char *volatile stop_words = "before anything is done";
static bool stoppable;

void progress_begin(struct progress *p, const struct cli *cli, bool passing)
{
	passing |= cli->out.raw;
	*p = (struct progress){
		.json = cli->json,
		.passing = passing,
		.terminal = terminal_draws(passing ? STDERR_FILENO : STDOUT_FILENO),
		.control = {.progress = show, .ctx = p, .stop = stoppable ? &stop : NULL},
		.card = cli->card,
		.lines = cli->lines,
		.line = cli->line,
	};
	p->silent = cli->quiet || (passing && (p->json || !p->terminal));
}

void progress_end(struct progress *p)
{
	if (!p->open)
		return;
	if (p->passing)
		fputs("\r\033[K", stderr);
	else
		putchar('\n');
	p->open = false;
}

/* ---- several at once ---- */

void progress_lines_begin(struct progress_lines *lines, const struct cli *cli, unsigned int count)
{
	pthread_mutex_init(&lines->lock, NULL);
	lines->count = count;
	lines->terminal = terminal_draws(STDOUT_FILENO);
	lines->width = terminal_width(STDOUT_FILENO);
	lines->silent = cli->quiet || cli->json;
	stop_means("finishing what each card is at");
	for (unsigned int i = 0; i < count && lines->terminal && !lines->silent; i++)
		putchar('\n');
}

void progress_line(struct progress_lines *lines, unsigned int line, const char *fmt, ...)
{
	unsigned int up = lines->count - line;
	char text[160];
	va_list ap;

	if (lines->silent)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	printable(text);
	pthread_mutex_lock(&lines->lock);
	/* What is longer than the terminal is wide would take a second line. */
	if (lines->terminal)
		printf("\033[%uA\r%.*s\033[K\033[%uB\r", up,
		       (int)(lines->width ? lines->width : 80) - 1, text, up);
	else
		printf("%s\n", text);
	fflush(stdout);
	pthread_mutex_unlock(&lines->lock);
}

void progress_lines_end(struct progress_lines *lines)
{
	pthread_mutex_destroy(&lines->lock);
}

/* ---- signals ---- */

static void on_signal(int signal)
{
	static const char begin[] = "\ncxflashctl: stopping: ", end[] = "\n";
	int interrupted = errno; /* of whatever the signal came between */
	const char *words = stop_words;
	struct iovec text[] = {
		{(void *)begin, sizeof(begin) - 1},
		{(void *)words, strlen(words)},
		{(void *)end, 1},
	};
	ssize_t ignored;

	(void)signal;
	stop = 1;
	ignored = writev(STDERR_FILENO, text, 3);
	(void)ignored;
	errno = interrupted;
}

void stop_means(const char *words)
{
	stop_words = words;
}

bool stop_pause(unsigned int ms)
{
	struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	if (!stop)
		nanosleep(&time, NULL);
	return stop;
}

static void catch_signals(void)
{
	struct sigaction act = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	act.sa_handler = SIG_IGN;
	sigaction(SIGHUP, &act, NULL);
	sigaction(SIGPIPE, &act, NULL);
	stoppable = true;
}

const volatile sig_atomic_t *stop_between_sectors(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, catch_signals);
	return &stop;
}
