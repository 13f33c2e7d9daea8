/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Progress of long work, and signals that stop it between two sectors.
 *
 * At a terminal it is one updating line; in a pipe, or at a terminal that is dumb, a plain line
 * every fifth of the way and at the end of each stage; with --json one object a line. A command
 * whose result is something else (query, verify) shows it at a terminal only, and wipes it away. Of
 * several cards at once each has a line of its own at the terminal, its name before each plain
 * line, and "card" in each object.
 */
#ifndef CXFLASH_CLI_PROGRESS_H
#define CXFLASH_CLI_PROGRESS_H

#include <pthread.h>
#include <time.h>

#include "cli.h"
#include "control.h"

/* As JSON names it: "read", "rehearse", ... */
const char *progress_stage_name(enum burn_stage stage);

struct progress {
	struct burn_control control; /* to be handed to the burn library */
	bool json, silent, passing;  /* passing: at a terminal only, wiped away */
	bool terminal;
	enum burn_stage stage;
	struct timespec begin, shown;
	unsigned int shown_percent;
	bool open;	  /* an unfinished line is on the terminal */
	bool must_finish; /* nothing on the card starts until all is written */
	const char *card; /* of several; else NULL */
	struct progress_lines *lines;
	unsigned int line;
};

/* A line for each of several cards, updated in place; in a pipe they come one after the other. */
struct progress_lines {
	pthread_mutex_t lock;
	unsigned int count, width;
	bool terminal, silent;
};

void progress_lines_begin(struct progress_lines *lines, const struct cli *cli, unsigned int count);
void progress_line(struct progress_lines *lines, unsigned int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void progress_lines_end(struct progress_lines *lines);

/* @passing: see above. @p must not move afterwards. */
void progress_begin(struct progress *p, const struct cli *cli, bool passing);
/* Before any other output: end an unfinished line. */
void progress_end(struct progress *p);

/*
 * From here on SIGINT and SIGTERM set the flag that is returned, and say what is being finished;
 * SIGHUP and SIGPIPE are ignored, so that the work is finished although its terminal has gone.
 * Progress that begins later carries the flag.
 */
const volatile sig_atomic_t *stop_between_sectors(void);
/* What is to be finished if the signal comes now, a literal: "finishing what is being written". */
void stop_means(const char *words);
/* Sleep, but not on when the signal comes. True: it has come, and nothing is to be waited for. */
bool stop_pause(unsigned int ms);

#endif
