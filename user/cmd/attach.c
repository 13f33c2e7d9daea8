// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl attach and detach: who has a card. */
#include <stdlib.h>
#include <string.h>

#include "card/look.h"
#include "card/subject.h"
#include "card/take.h"
#include "dev/netlink.h"
#include "dev/pci.h"
#include "commands.h"

static struct look at = {.takes = LOOK_CARD};

static struct {
	bool takeover, beside, force;
} given;

static const struct opt attach_options[] = {
	LOOK_CARD_OPTION(at),
	{"takeover", 0, OPT_FLAG, &given.takeover, NULL,
	 "take the card from its driver; its interfaces vanish until detach"},
	{"beside", 0, OPT_FLAG, &given.beside, NULL,
	 "let the driver keep it; new firmware runs after the next reset"},
	{"force", 0, OPT_FLAG, &given.force, NULL, "although its interfaces are up"},
	{NULL},
};

static const struct opt_rule attach_rules[] = {
	{"takeover", NULL, "beside"},
	{"force", "takeover", NULL},
	{NULL},
};

static const struct opt detach_options[] = {
	LOOK_CARD_OPTION(at),
	{NULL},
};

static void show_write(const char *path, const char *value, void *ctx)
{
	struct cli *cli = ctx;

	if (cli->dry_run || cli->verbose)
		out_say(&cli->out, "echo '%s' > %s", value, path);
}

static struct cx_pci_options sysfs_options(struct cli *cli)
{
	return (struct cx_pci_options){
		.takeover = given.takeover,
		.force = given.force,
		.dry_run = cli->dry_run,
		.show = show_write,
		.ctx = cli,
	};
}

static int attach_beside(struct cli *cli, const struct cx_pci_card *card, struct cx_err *err)
{
	if (cli->dry_run) {
		out_say(&cli->out, "cxflash would serve %s beside %s, through the config window.",
			card->name, card->driver);
		return 0;
	}
	return cx_netlink_attach(card->name, err);
}

static int attach(struct cli *cli, const struct cx_pci_card *card, struct cx_err *err)
{
	struct cx_pci_options opt = sysfs_options(cli);
	bool foreign = *card->driver && strcmp(card->driver, "cxflash");

	if (given.beside)
		return attach_beside(cli, card, err);
	if (foreign && !given.takeover)
		return card_choice(card, "attach", err);
	return cx_pci_attach(&cx_pci_system, card->name, &opt, err);
}

static int run_attach(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct cx_pci_card card;
	char binding[16];

	(void)argc;
	(void)argv;
	if (cx_pci_find(&cx_pci_system, at.card, &card, err) ||
	    card_binding(card.name, binding, sizeof(binding), err))
		return -1;
	out_text(&cli->out, "card", NULL, "%s", card.name);
	if (*binding) {
		out_text(&cli->out, "binding", NULL, "%s", binding);
		out_say(&cli->out, "Nothing to do: cxflash serves %s already (%s).", card.name,
			binding);
		return CX_NOTHING;
	}
	if (attach(cli, &card, err))
		return -1;
	if (cli->dry_run)
		return 0;
	if (card_binding(card.name, binding, sizeof(binding), err))
		return -1;
	out_text(&cli->out, "binding", NULL, "%s", binding);
	out_say(&cli->out, "%s is attached (%s). Give it back with: cxflashctl detach -d %s",
		card.name, binding, card.name);
	return 0;
}

static void report_driver(struct out *out, const char *name)
{
	struct cx_pci_card card;
	char running[24];
	struct cx_err err;

	take_running(name, running, sizeof(running));
	if (cx_pci_find(&cx_pci_system, name, &card, &err))
		return;
	out_text(out, "driver", NULL, "%s", card.driver);
	out_text(out, "fw_version_running", NULL, "%s", running);
	if (!*card.driver)
		out_say(out, "%s is detached; no driver has it now%s.", name,
			card.recovery ? ", and none will while it is in recovery mode: when its "
					"flash is good, switch the machine off and on"
				      : "");
	else
		out_say(out, "%s is back with %s%s%s.", name, card.driver,
			*running ? ", which runs firmware " : "", running);
}

static int run_detach(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct cx_pci_options opt = sysfs_options(cli);
	struct cx_err no_module;
	struct cx_pci_card card;
	char binding[16];
	int ret;

	(void)argc;
	(void)argv;
	if (cx_pci_find(&cx_pci_system, at.card, &card, err))
		return -1;
	/* Without the module there is no card beside, but perhaps a takeover to be tidied. */
	if (card_binding(card.name, binding, sizeof(binding), &no_module) &&
	    no_module.status != CX_NOT_FOUND) {
		*err = no_module;
		return -1;
	}
	out_text(&cli->out, "card", NULL, "%s", card.name);
	if (strcmp(binding, "beside"))
		ret = cx_pci_detach(&cx_pci_system, card.name, &opt, err);
	else
		ret = cli->dry_run ? 0 : cx_netlink_detach(card.name, err);
	if (ret && err->status == CX_NOTHING) {
		out_say(&cli->out, "Nothing to do: %s.", err->text);
		return CX_NOTHING;
	}
	if (ret)
		return -1;
	if (!cli->dry_run)
		report_driver(&cli->out, card.name);
	return 0;
}

const struct command attach_commands[] = {
	{
		.name = "attach",
		.args = "[CARD]",
		.what = "Make cxflash serve a card, taken over or beside its driver",
		.options = attach_options,
		.rules = attach_rules,
		.look = &at,
		.changes = true,
		.run = run_attach,
	},
	{
		.name = "detach",
		.args = "[CARD]",
		.what = "Give a card back to the driver that had it",
		.options = detach_options,
		.look = &at,
		.changes = true,
		.run = run_detach,
	},
	{},
};
