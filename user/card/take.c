// SPDX-License-Identifier: GPL-2.0-only
/* A card that is taken for one command, and given back at its end. */
#include "take.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "dev/clock.h"
#include "dev/netlink.h"
#include "dev/pci.h"
#include "dev/running.h"

#define LINKS_MS 60000
#define PROBE_MS 3000 /* a driver needs a moment after its probe to tell what runs */
#define PAUSE_MS 100

/* For those who come when the terminal has gone. */
__attribute__((format(printf, 2, 3))) static void tell_log(const char *card, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	syslog(LOG_NOTICE, "%s: %s", card, printable(text));
}

/* ---- take ---- */

/* Of the interfaces of a card those that have a carrier. */
static void find_links(const struct cx_pci_card *card, char *links, size_t size)
{
	char names[sizeof(card->interfaces)], path[PATH_MAX], carrier[4], *save = NULL;
	size_t used = 0;

	*links = '\0';
	snprintf(names, sizeof(names), "%s", card->interfaces);
	for (char *name = strtok_r(names, " ", &save); name && used < size;
	     name = strtok_r(NULL, " ", &save)) {
		FILE *f;

		snprintf(path, sizeof(path), "%s/class/net/%s/carrier", cx_pci_system.sysfs, name);
		f = fopen(path, "re");
		if (f && fgets(carrier, sizeof(carrier), f) && *carrier == '1')
			used += snprintf(links + used, size - used, "%s%s", used ? " " : "", name);
		if (f)
			fclose(f);
	}
}

static int take_over(struct cli *cli, const struct cx_pci_card *card,
		     const struct take_options *opt, struct take *t, struct cx_err *err)
{
	struct cx_pci_options pci = {.takeover = true, .force = opt->force};

	if (cli->dry_run)
		return cx_fail(err, CX_USAGE,
			       "%s: a dry run takes no card from its driver; --beside reads it "
			       "while %s keeps it",
			       card->name, *card->driver ? card->driver : "nobody");
	find_links(card, t->links, sizeof(t->links));
	openlog("cxflashctl", LOG_PID, LOG_DAEMON);
	stop_between_sectors();
	if (cx_pci_attach(&cx_pci_system, card->name, &pci, err))
		return -1;
	t->over = true;
	tell_log(card->name, "taken from %s", *card->driver ? card->driver : "nobody");
	if (*card->driver)
		out_text(&cli->out, "taken_from", "Taken from", "%s%s%s", card->driver,
			 *card->interfaces ? ", with " : "", card->interfaces);
	return 0;
}

int take_card(struct cli *cli, const char *name, const struct take_options *opt, struct take *t,
	      struct cx_err *err)
{
	bool asked = opt->takeover || opt->beside;
	struct cx_pci_card card;
	struct cx_err unknown;
	char binding[16];

	*t = (struct take){0};
	if (name && !strncmp(name, "file:", 5))
		return asked ? cx_fail(err, CX_USAGE, "%s: no driver has a file", name) : 0;
	if (cx_pci_find(&cx_pci_system, name, &card, asked ? err : &unknown))
		return asked ? -1 : 0; /* opening it says what there is */
	if (card_binding(card.name, binding, sizeof(binding), asked ? err : &unknown))
		return asked ? -1 : 0;
	if (opt->takeover && !strcmp(binding, "beside"))
		return cx_fail(err, CX_BUSY,
			       "%s is attached beside %s; before it can be taken: cxflashctl "
			       "detach -d %s",
			       card.name, card.driver, card.name);
	if (*binding)
		return 0;
	if (!asked)
		return *card.driver && strcmp(card.driver, "cxflash")
			       ? card_choice(&card, "burn", err)
			       : 0;
	memcpy(t->name, card.name, sizeof(t->name));
	memcpy(t->driver, card.driver, sizeof(t->driver));
	if (opt->takeover)
		return take_over(cli, &card, opt, t, err);
	stop_between_sectors();
	if (cx_netlink_attach(card.name, err))
		return -1;
	t->beside = true;
	return 0;
}

/* ---- give back ---- */

void take_running(const char *name, char *version, size_t size)
{
	uint64_t end = cx_now_ms() + PROBE_MS;
	struct cx_pci_card card;
	struct cx_err unknown;

	*version = '\0';
	do {
		if (cx_pci_find(&cx_pci_system, name, &card, &unknown) || !*card.driver)
			return;
		snprintf(version, size, "%s", card.fw_version);
	} while (!*version && cx_now_ms() < end && !stop_pause(PAUSE_MS));
}

/* As its chip tells through the config window. */
static void ask_chip(const char *name, char *version, size_t size)
{
	struct cx_flash *flash;
	struct cx_err unknown;
	uint16_t v[3];

	if (cx_netlink_attach(name, &unknown))
		return;
	if (!cx_flash_open_card(name, &flash, &unknown)) {
		if (cx_running(flash, v))
			snprintf(version, size, "%u.%u.%u", v[0], v[1], v[2]);
		flash->ops->close(flash);
	}
	cx_netlink_detach(name, &unknown);
}

/* Versions are written with and without leading zeros. */
static bool same_version(const char *a, const char *b)
{
	uint16_t x[3], y[3];

	return cx_running_text(a, x) && cx_running_text(b, y) && !memcmp(x, y, sizeof(x));
}

static void tell_running(struct cli *cli, const struct take *t, const struct burn_outcome *outcome)
{
	struct out *out = &cli->out;
	char running[24];

	if (!*t->driver) {
		out_text(out, "driver", NULL, "%s", "");
		out_say(out,
			"%s has no driver, as before: nothing has reset it; reboot, or load "
			"mlx4_core, which does.",
			t->name);
		return;
	}
	take_running(t->name, running, sizeof(running));
	if (!*running)
		ask_chip(t->name, running, sizeof(running));
	out_text(out, "driver", NULL, "%s", t->driver);
	out_text(out, "fw_version_running", NULL, "%s", running);
	out_say(out, "%s is back with %s; running: %s.", t->name, t->driver,
		*running ? running : "unknown");
	tell_log(t->name, "back with %s; running firmware: %s", t->driver,
		 *running ? running : "unknown");
	if (outcome->card_state != BURN_NEW || !*outcome->version)
		return;
	out_flag(out, "cold_boot_needed", !same_version(running, outcome->version));
	if (!same_version(running, outcome->version))
		out_note(out,
			 "%s does not run %s yet: cold boot needed (switch the machine off and "
			 "on)",
			 t->name, outcome->version);
}

static unsigned int count_names(const char *names)
{
	unsigned int count = *names != '\0';

	for (; *names; names++)
		count += *names == ' ';
	return count;
}

/*
 * Its interfaces come back by the drivers, their links by whoever configures the network. Names may
 * have changed; so many links are enough.
 */
static int wait_links(const struct take *t, struct cx_err *err)
{
	uint64_t end = cx_now_ms() + LINKS_MS;
	struct cx_pci_card card;
	char links[sizeof(t->links)] = "", waited[32] = "without a wait";
	struct cx_err unknown;

	stop_means("no longer waiting for the links of the card, which is back");
	while (*t->links) {
		if (!cx_pci_find(&cx_pci_system, t->name, &card, &unknown))
			find_links(&card, links, sizeof(links));
		if (count_names(links) >= count_names(t->links))
			return 0;
		if (cx_now_ms() >= end)
			snprintf(waited, sizeof(waited), "after %d seconds", LINKS_MS / 1000);
		else if (!stop_pause(PAUSE_MS))
			continue;
		return cx_fail(err, CX_FAILED,
			       "%s: is back, but %s had a link before and %s has one %s; look at "
			       "the network: ip link",
			       t->name, t->links, *links ? links : "none", waited);
	}
	return 0;
}

/* Its state has to be found out first, by somebody who reaches it. */
static int keep(struct cli *cli, const struct take *t, const struct burn_outcome *outcome)
{
	tell_log(t->name, "stays with cxflash: %s", outcome->text);
	if (t->over)
		out_say(&cli->out,
			"%s stays with cxflash, because %s would reset it; when verify finds it "
			"right: cxflashctl detach -d %s",
			t->name, *t->driver ? t->driver : "a driver", t->name);
	else
		out_say(&cli->out,
			"%s stays attached beside %s, which must not reset it now; when verify "
			"finds it right: cxflashctl detach -d %s",
			t->name, *t->driver ? t->driver : "its driver", t->name);
	return 0;
}

static int give_back(struct cli *cli, const struct take *t, const struct burn_outcome *outcome,
		     struct cx_err *err)
{
	struct cx_pci_options pci = {0};

	stop_means("giving the card back");
	tell_log(t->name, "%s", outcome->text);
	if (cx_pci_detach(&cx_pci_system, t->name, &pci, err)) {
		tell_log(t->name, "could not be given back: %s", err->text);
		return -1;
	}
	tell_running(cli, t, outcome);
	return wait_links(t, err);
}

static int leave_beside(struct cli *cli, const struct take *t, const struct burn_outcome *outcome,
			struct cx_err *err)
{
	int ret = cx_netlink_detach(t->name, err);

	if (outcome->card_state == BURN_NEW)
		out_say(&cli->out,
			"%s was with %s all the time; it runs the new firmware after its next "
			"reset or a reboot.",
			t->name, *t->driver ? t->driver : "no driver");
	return ret;
}

int take_end(struct cli *cli, struct take *t, const struct burn_outcome *outcome,
	     struct cx_err *err)
{
	int ret = 0;

	if ((t->over || t->beside) && outcome->card_state == BURN_UNKNOWN)
		ret = keep(cli, t, outcome);
	else if (t->over)
		ret = give_back(cli, t, outcome, err);
	else if (t->beside)
		ret = leave_beside(cli, t, outcome, err);
	*t = (struct take){0};
	return ret;
}
