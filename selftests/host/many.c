// SPDX-License-Identifier: GPL-2.0-only
/*
 * What "check" says of many trees, in one process: that is what makes it cheap under sanitizers. A
 * line of standard input is "FOLDER SERVICES", or FOLDER alone; a line of standard output the
 * object with layers and verdict, or with why there is none.
 */
#include <stdlib.h>
#include <string.h>

#include "host/check.h"
#include "host/show.h"

static int judge(char *line)
{
	char *folder = strsep(&line, " "), *services = line;
	struct out out = {.to = stdout, .json = true};
	const struct cx_machine machine = {.root = folder};
	struct host_report report;
	unsigned int wanted = 0;
	struct cx_err err;

	out_begin(&out);
	if ((services && host_services(services, &wanted, &err)) ||
	    host_check(&machine, NULL, wanted, NULL, NULL, &report, &err)) {
		out_text(&out, "error", NULL, "%s", err.text);
	} else {
		host_show(&out, &report);
		host_report_free(&report);
	}
	return out_end(&out) || fflush(stdout);
}

int main(void)
{
	char *line = NULL;
	size_t room = 0;
	int bad = 0;

	while (!bad && getline(&line, &room, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		bad = judge(line);
	}
	free(line);
	return bad ? 1 : 0;
}
