// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl check: is this machine ready for RDMA, which layer is not, what to run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "card/look.h"
#include "host/check.h"
#include "host/show.h"
#include "commands.h"
#include "ready.h"

static struct look at = {.takes = LOOK_CARD};

static struct {
	const char *services, *sysroot;
	bool rules;
} given;

static const struct opt options[] = {
	LOOK_CARD_OPTION(at),
	{"for", 0, OPT_TEXT, &given.services, "SERVICE",
	 "nfs, smb-client, smb-server, iser, srp, nvme, all"},
	{"sysroot", 0, OPT_TEXT, &given.sysroot, "DIR",
	 "look at a tree of files, not this machine"},
	{"rules", 0, OPT_FLAG, &given.rules, NULL, "show every rule, look at nothing"},
	{NULL},
};

static const struct opt_rule rules[] = {
	{"rules", NULL, "device for sysroot"},
	{NULL},
};

static int run(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct cx_machine machine = {.root = given.sysroot ? given.sysroot : "", .patient = true};
	struct host_report report;
	unsigned int services = 0;
	int ret;

	(void)argc;
	(void)argv;
	if (given.rules) {
		host_show_rules(&cli->out);
		return 0;
	}
	if (given.services && host_services(given.services, &services, err))
		return -1;
	if (ready_check(&machine, at.card, services, &report, err))
		return -1;
	host_show(&cli->out, &report);
	ret = report.readiness == HOST_READY ? CX_OK : CX_FAILED;
	host_report_free(&report);
	return ret;
}

const struct command check_commands[] = {
	{
		.name = "check",
		.args = "[CARD]",
		.what = "Is this machine ready for RDMA, what is not, what to run",
		.options = options,
		.rules = rules,
		.look = &at,
		.run = run,
	},
	{},
};
