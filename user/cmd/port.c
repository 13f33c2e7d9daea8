// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl port: InfiniBand, Ethernet or auto; now and after a reboot. */
#include <stdlib.h>
#include <string.h>

#include "card/look.h"
#include "dev/netlink.h"
#include "host/port.h"
#include "commands.h"

static struct look at = {.takes = LOOK_CARD};

static struct {
	const char *sysroot;
	bool persistent, force;
} given;

static const struct opt show_options[] = {
	LOOK_CARD_OPTION(at),
	{"sysroot", 0, OPT_TEXT, &given.sysroot, "DIR",
	 "look at a tree of files, not this machine"},
	{NULL},
};

static const struct opt set_options[] = {
	LOOK_CARD_OPTION(at),
	{"persistent", 0, OPT_FLAG, &given.persistent, NULL, "also after a reboot, by a udev rule"},
	{"force", 0, OPT_FLAG, &given.force, NULL, "although the card is in use"},
	{"sysroot", 0, OPT_TEXT, &given.sysroot, "DIR", "change a tree of files, not this machine"},
	{NULL},
};

/* ---- show ---- */

static const char *or_dash(const char *text)
{
	return *text ? text : "-";
}

static void show_ports(struct out *out, const struct port_view *v, const char *key)
{
	if (v->count)
		out_say(out, "%-5s %-10s %-9s %-13s %-12s %s", "PORT", "TYPE", "STATE",
			"RDMA DEVICE", "INTERFACE", "AFTER A REBOOT");
	out_array(out, key);
	for (unsigned int n = 0; n < v->count; n++) {
		const struct port_info *p = &v->port[n];
		bool sensed = !strcmp(p->wished, "auto");
		char type[24], reboot[48];

		snprintf(reboot, sizeof(reboot), "%s%s",
			 *p->reboot ? p->reboot : "as the firmware decides",
			 p->reboot_rank == PORT_PARAMETER ? ", or as it senses" : "");
		snprintf(type, sizeof(type), sensed ? "auto (%s)" : "%s", p->type);
		out_say(out, "%-5u %-10s %-9s %-13s %-12s %s", n + 1, type, or_dash(p->state),
			or_dash(p->ib), or_dash(p->netdev), reboot);
		out_object(out, NULL);
		out_number(out, "port", NULL, n + 1);
		out_text(out, "type", NULL, "%s", p->type);
		out_text(out, "wished", NULL, "%s", p->wished);
		out_text(out, "state", NULL, "%s", p->state);
		out_text(out, "ib_device", NULL, "%s", p->ib);
		out_text(out, "interface", NULL, "%s", p->netdev);
		out_flag(out, "up", p->up);
		if (*p->reboot)
			out_text(out, "after_reboot", NULL, "%s", p->reboot);
		else
			out_null(out, "after_reboot");
		out_close(out);
	}
	out_close(out);
}

/* Does anything else rank above it? */
static bool overridden(const struct port_view *v, const struct port_source *s)
{
	for (size_t i = 0; i < v->sources; i++)
		if (v->source[i].rank > s->rank)
			return true;
	return false;
}

static void show_sources(struct out *out, const struct port_view *v)
{
	out_array(out, "sources");
	for (size_t i = 0; i < v->sources; i++) {
		const struct port_source *s = &v->source[i];

		out_say(out, "%s: %s%s%s%s", s->place, s->text, s->but ? "; " : "",
			s->but ? s->but : "",
			s->broken		    ? "; mlx4_core does not load with that"
			: s->but		    ? ""
			: overridden(v, s)	    ? "; overridden by what follows"
			: s->rank == PORT_PARAMETER ? "; for every card, and only where the"
						      " firmware senses nothing"
						    : "");
		out_object(out, NULL);
		out_text(out, "place", NULL, "%s", s->place);
		out_text(out, "text", NULL, "%s", s->text);
		out_flag(out, "broken", s->broken);
		out_flag(out, "overridden", !s->but && overridden(v, s));
		if (s->but)
			out_text(out, "but", NULL, "%s", s->but);
		else
			out_null(out, "but");
		out_close(out);
	}
	out_close(out);
}

/* What mlx4_core was loaded with may be older than what is written in the files. */
static void show_parameter(struct out *out, const struct port_view *v)
{
	if (*v->parameter)
		out_text(out, "parameter", NULL, "%s", v->parameter);
	else
		out_null(out, "parameter");
	out_flag(out, "stale", v->stale);
	if (v->stale)
		out_note(out,
			 "mlx4_core was loaded with port_type_array=%s: before that was changed,"
			 " or from an initramfs that has an older copy: %s",
			 v->parameter, v->initramfs);
	if (v->sources_left_out)
		out_note(out, "%zu more places have a say, and are not shown", v->sources_left_out);
}

static int run_show(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct cx_machine machine = {.root = given.sysroot ? given.sysroot : ""};
	struct out *out = &cli->out;
	struct port_view v;

	(void)argc;
	(void)argv;
	if (port_look(&machine, at.card, &v, err))
		return -1;
	out_text(out, "card", "Card", "%s", v.card);
	out_known(out, "driver", "Driver", v.driver, "none");
	show_ports(out, &v, "ports");
	show_sources(out, &v);
	show_parameter(out, &v);
	out_flag(out, "settable", !*v.fixed);
	if (*v.fixed)
		out_note(out, "cannot be set: %s", v.fixed);
	return 0;
}

/* ---- set ---- */

static void say_write(const char *path, const char *value, void *ctx)
{
	struct cli *cli = ctx;

	if (cli->dry_run || cli->verbose)
		out_say(&cli->out, "%s <- %s", path, value);
}

static void say_note(const char *text, void *ctx)
{
	struct cli *cli = ctx;

	out_note(&cli->out, "%s", text);
}

/* A reset would follow a burn, and would find a card that is being registered. */
static int check_flash(const char *card, struct cx_err *err)
{
	enum cx_semaphore state[2];
	struct cx_served *served;
	struct cx_err unknown;
	bool locked = false;
	size_t count;

	if (cx_netlink_cards(&served, &count, &unknown))
		return 0; /* nobody serves the card, so nobody burns it */
	for (size_t i = 0; i < count; i++)
		locked |= !strcmp(served[i].info.name, card) && served[i].lock_owner;
	free(served);
	if (locked)
		return cx_fail(err, CX_BUSY, "%s: its flash is being worked on; wait for that",
			       card);
	if (!cx_netlink_semaphore(card, false, state, &unknown) && state[0] == CX_SEMAPHORE_HELD)
		return cx_fail(err, CX_BUSY,
			       "%s: its flash semaphore is held; 'cxflashctl semaphore show -d %s'",
			       card, card);
	return 0;
}

/* Is our rule that already? */
static bool persists(const struct port_view *v, char request[PORTS_MAX][8])
{
	for (unsigned int n = 0; n < v->count; n++)
		if (*request[n] && (v->port[n].reboot_rank != PORT_OUR_RULE ||
				    strcmp(v->port[n].reboot, request[n])))
			return false;
	return true;
}

static int persist(struct cli *cli, const struct cx_machine *m, struct port_view *v,
		   char request[PORTS_MAX][8], const struct port_options *opt, struct cx_err *err)
{
	char all[PORTS_MAX][8];

	/* A rule says all of a card: what is not named stays as our rule has it. */
	for (unsigned int n = 0; n < PORTS_MAX; n++)
		snprintf(all[n], sizeof(all[n]), "%s",
			 *request[n] || v->port[n].reboot_rank != PORT_OUR_RULE
				 ? request[n]
				 : v->port[n].reboot);
	if (port_persist(m, v, all, opt, err))
		return -1;
	out_note(&cli->out,
		 "udev sets it at every start; to have it before the root file system is there "
		 "too: %s",
		 v->initramfs);
	for (size_t i = 0; i < v->sources; i++) {
		const struct port_source *s = &v->source[i];

		if (s->rank != PORT_OUR_RULE)
			out_note(&cli->out, "%s was left alone; %s: %s", s->place,
				 s->but ? s->but : "our rule comes after it", s->text);
	}
	return 0;
}

static int set(struct cli *cli, const struct cx_machine *m, char request[PORTS_MAX][8],
	       const struct port_options *opt, struct cx_err *err)
{
	struct port_view before, after;
	bool nothing;

	if (port_look(m, at.card, &before, err) ||
	    (!given.sysroot && check_flash(before.card, err)))
		return -1;
	out_text(&cli->out, "card", "Card", "%s", before.card);
	show_ports(&cli->out, &before, "before");
	nothing = port_set(m, &before, request, opt, &after, err);
	if (nothing && err->status == CX_FAILED)
		show_ports(&cli->out, &after, "ports");
	if (nothing &&
	    (err->status != CX_NOTHING || !given.persistent || persists(&before, request)))
		return -1;
	if (given.persistent && !persists(&before, request) &&
	    persist(cli, m, &before, request, opt, err))
		return -1;
	if (cli->dry_run)
		return 0;
	if (port_look(m, before.card, &after, err))
		return -1;
	show_ports(&cli->out, &after, "ports");
	for (unsigned int n = 0; n < after.count; n++)
		if (*request[n] && !strcmp(after.port[n].type, "ib") &&
		    !strcmp(after.port[n].state, "INIT"))
			out_note(&cli->out,
				 "port %u waits for a subnet manager: cxflashctl check"
				 " -d %s",
				 n + 1, after.card);
	return 0;
}

static int run_set(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct cx_machine machine = {.root = given.sysroot ? given.sysroot : ""};
	struct port_options opt = {
		.force = given.force,
		.dry_run = cli->dry_run,
		.persistent = given.persistent,
		.show = say_write,
		.note = say_note,
		.ctx = cli,
	};
	char request[PORTS_MAX][8] = {"", ""};

	for (int i = 0; i < argc; i++)
		if (port_request(argv[i], request, err))
			return -1;
	return set(cli, &machine, request, &opt, err);
}

const struct command port_commands[] = {
	{
		.name = "port show",
		.args = "[CARD]",
		.what = "What the ports are, and will be after a reboot",
		.options = show_options,
		.look = &at,
		.run = run_show,
	},
	{
		.name = "port set",
		.args = "[CARD] PORT=ib|eth|auto...",
		.what = "Make ports InfiniBand, Ethernet or auto",
		.min_args = 1,
		.max_args = PORTS_MAX,
		.options = set_options,
		.look = &at,
		.changes = true,
		.run = run_set,
	},
	{},
};
