// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
/* The line to the card model, on the guest's second serial port. */
#include "world.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static void give_up(const char *what)
{
	fprintf(stderr, "# the card model: %s: %m\n", what);
	exit(1);
}

const char *model(const char *fmt, ...)
{
	static char line[65536];
	char request[256], *words;
	size_t n = 0;
	va_list ap;
	int lock, fd;

	lock = open("/run/lock/card", O_CREAT | O_RDWR, 0600);
	fd = open("/dev/ttyS1", O_RDWR | O_NOCTTY);
	if (lock < 0 || fd < 0 || flock(lock, LOCK_EX))
		give_up("cannot open the line");
	va_start(ap, fmt);
	vsnprintf(request, sizeof(request), fmt, ap);
	va_end(ap);
	words = strchrnul(request, ' ');
	dprintf(fd, "%.*s %u%s\n", (int)(words - request), request, function_index(), words);
	while (n < sizeof(line) - 1) {
		ssize_t got = read(fd, line + n, 1);

		if (got != 1)
			give_up("no answer");
		if (line[n] == '\n')
			break;
		n++;
	}
	line[n] = '\0';
	close(fd);
	close(lock);
	if (strncmp(line, "ok", 2)) {
		fprintf(stderr, "# the card model: %s\n", line);
		exit(1);
	}
	return line + (line[2] == ' ' ? 3 : 2);
}

long model_stat(const char *path)
{
	const char *at = model("stats");
	char key[64], copy[64], *word, *save = NULL;

	snprintf(copy, sizeof(copy), "%s", path);
	for (word = strtok_r(copy, ".", &save); word; word = strtok_r(NULL, ".", &save)) {
		snprintf(key, sizeof(key), "\"%s\":", word);
		at = strstr(at, key);
		if (!at) {
			fprintf(stderr, "# the card model has no %s\n", path);
			exit(1);
		}
		at += strlen(key);
	}
	return strtol(*at == '[' ? at + 1 : at, NULL, 10);
}

long commands_done(void)
{
	return atol(model("count commands"));
}

void wait_commands(long then, long n)
{
	model("wait commands %ld", then + n);
}
