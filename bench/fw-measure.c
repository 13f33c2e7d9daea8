// SPDX-License-Identifier: GPL-2.0-only
/*
 * fw-measure RUNS COMMAND...: the least processor time in microseconds, and the most resident
 * memory in KiB, of several runs. A program of its own, and a small one: what a shell or Python
 * starts counts their memory until it is another program.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int run(char **command, struct rusage *usage)
{
	pid_t child = fork();
	int status;

	if (!child) {
		int null = open("/dev/null", O_WRONLY);

		if (null >= 0 && dup2(null, 1) == 1)
			execvp(command[0], command);
		_exit(127);
	}
	return child < 0 || wait4(child, &status, 0, usage) != child || status ? -1 : 0;
}

static long microseconds(const struct rusage *u)
{
	return (u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000000L + u->ru_utime.tv_usec +
	       u->ru_stime.tv_usec;
}

int main(int argc, char **argv)
{
	int runs = argc > 2 ? atoi(argv[1]) : 0;
	long least = -1, most = 0;

	if (runs < 1)
		return 64;
	for (int i = 0; i < runs; i++) {
		struct rusage usage;

		if (run(argv + 2, &usage)) {
			fprintf(stderr, "fw-measure: %s failed\n", argv[2]);
			return 1;
		}
		if (least < 0 || microseconds(&usage) < least)
			least = microseconds(&usage);
		if (usage.ru_maxrss > most)
			most = usage.ru_maxrss;
	}
	printf("%ld %ld\n", least, most);
	return 0;
}
