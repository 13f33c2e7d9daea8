// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl semaphore show, semaphore clear: who keeps a card's flash from us. */
#include "card/look.h"
#include "dev/netlink.h"
#include "dev/openers.h"
#include "dev/pci.h"
#include "commands.h"

static struct look at = {.takes = LOOK_CARD};

static const struct opt options[] = {
	LOOK_CARD_OPTION(at),
	{NULL},
};

static const char *name_of(enum cx_semaphore state)
{
	return state == CX_SEMAPHORE_FREE ? "free" : "held";
}

/* The card does not tell whose it is; programs of this machine can be seen. */
static void show_openers(struct cli *cli, const char *name)
{
	char text[1024];

	cx_pci_openers(&cx_pci_system, name, text, sizeof(text));
	if (*text)
		out_text(&cli->out, "openers", "Maybe by", "%s", text);
}

static int show(struct cli *cli, const char *name, bool clear, struct cx_err *err)
{
	enum cx_semaphore state[2];
	bool held;

	if (cx_netlink_semaphore(name, clear, state, err))
		return -1;
	out_text(&cli->out, "card", "Card", "%s", name);
	out_text(&cli->out, "flash", "Flash semaphore (0xf03fc)", "%s", name_of(state[0]));
	if (state[1] != CX_SEMAPHORE_ABSENT)
		out_text(&cli->out, "second", "Second semaphore (0xf03a0)", "%s",
			 name_of(state[1]));
	held = state[0] == CX_SEMAPHORE_HELD || state[1] == CX_SEMAPHORE_HELD;
	if (held)
		show_openers(cli, name);
	if (!clear && held)
		out_say(&cli->out,
			"If nobody is at work on the card, it was left so: cxflashctl semaphore "
			"clear -d "
			"%s",
			name);
	if (!clear)
		return 0;
	if (!held) {
		out_say(&cli->out, "Nothing to do: it was free.");
		return CX_NOTHING;
	}
	out_say(&cli->out, "So it was; now it is free.");
	return 0;
}

static int run_show(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct cx_pci_card found;

	(void)argc;
	(void)argv;
	if (cx_pci_find(&cx_pci_system, at.card, &found, err))
		return -1;
	return show(cli, found.name, false, err);
}

static int run_clear(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct cx_pci_card found;

	(void)argc;
	(void)argv;
	if (cx_pci_find(&cx_pci_system, at.card, &found, err))
		return -1;
	if (cli->dry_run)
		return show(cli, found.name, false, err);
	if (cli_consent(cli,
			"Whoever holds the semaphore, mlx4_core or mstflint for instance, may be "
			"writing the flash or resetting the card; clear it only if he is dead",
			err))
		return -1;
	return show(cli, found.name, true, err);
}

const struct command semaphore_commands[] = {
	{
		.name = "semaphore show",
		.args = "[CARD]",
		.what = "Whether somebody holds a card's flash semaphore",
		.options = options,
		.look = &at,
		.run = run_show,
	},
	{
		.name = "semaphore clear",
		.args = "[CARD]",
		.what = "Free a flash semaphore whose holder has died",
		.options = options,
		.look = &at,
		.changes = true,
		.run = run_clear,
	},
	{},
};
