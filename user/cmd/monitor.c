// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl monitor: what happens to cards, as it happens. */
#include <stdlib.h>

#include "dev/monitor.h"
#include "commands.h"

static const char *count;

static const struct opt options[] = {
	{"count", 'c', OPT_TEXT, &count, "N", "end after so many events"},
	{NULL},
};

struct monitor {
	struct cli *cli;
	unsigned long left; /* 0: no end */
};

/* One object a line, or one line: whoever reads along sees it at once. */
static int show(const struct cx_event *e, void *ctx, struct cx_err *err)
{
	struct monitor *m = ctx;
	struct out out = {.to = m->cli->out.to, .json = m->cli->json};

	out_begin(&out);
	if (!e) {
		out_text(&out, "event", NULL, "lost");
		out_say(&out, "Some events were lost");
	} else {
		out_text(&out, "card", NULL, "%s", e->card);
		out_text(&out, "event", NULL, "%s", e->what);
		out_text(&out, "binding", NULL, "%s", e->binding);
		if (e->session) {
			out_number(&out, "session", NULL, e->session);
			out_number(&out, "client", NULL, e->client);
		}
		if (e->changed) {
			out_number(&out, "addr", NULL, e->addr);
			out_number(&out, "len", NULL, e->len);
			out_text(&out, "holds", NULL, "%s", e->holds);
			out_say(&out, "%s %s 0x%06x..0x%06x: %s", e->card, e->what, e->addr,
				e->addr + e->len - 1, e->holds);
		} else {
			out_say(&out, "%s %s (%s)", e->card, e->what, e->binding);
		}
	}
	if (out_end(&out))
		return cx_fail(err, CX_FAILED, "standard output cannot be written");
	return m->left && !--m->left;
}

static int run_monitor(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct monitor m = {.cli = cli};
	char *end = NULL;

	(void)argc;
	(void)argv;
	if (count) {
		m.left = strtoul(count, &end, 10);
		if (!m.left || *end || *count == '-')
			return cx_fail(err, CX_USAGE, "-c %s: that is no number of events", count);
	}
	return cx_monitor(show, &m, err) < 0 ? -1 : 0;
}

const struct command monitor_commands[] = {
	{
		.name = "monitor",
		.args = "",
		.what = "What happens to cards, as it happens",
		.options = options,
		.run = run_monitor,
	},
	{},
};
