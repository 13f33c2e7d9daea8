// SPDX-License-Identifier: GPL-2.0-only
/* What the ports are, and who decides what they will be. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dev/machine_card.h"
#include "gather.h"
#include "interface.h"
#include "port.h"

/* ---- now ---- */

static void path_of(const struct port_view *v, const char *what, char *path)
{
	snprintf(path, PATH_MAX, "/sys/bus/pci/devices/%s/%s", v->card, what);
}

/* "ib", "eth", "auto (ib)" */
static bool read_type(const struct cx_machine *m, const struct port_view *v, unsigned int number,
		      struct port_info *p)
{
	char path[PATH_MAX], file[16], line[32];

	snprintf(file, sizeof(file), "mlx4_port%u", number);
	path_of(v, file, path);
	if (cx_machine_line(m, path, line, sizeof(line)))
		return false;
	snprintf(p->wished, sizeof(p->wished), "%.*s", (int)strcspn(line, " "), line);
	snprintf(p->type, sizeof(p->type), "%s", strstr(line, "ib") ? "ib" : "eth");
	return true;
}

static void read_ib(const struct cx_machine *m, const struct port_view *v, unsigned int number,
		    const char *ib, struct port_info *p)
{
	char path[PATH_MAX], what[128], line[32];

	snprintf(what, sizeof(what), "infiniband/%.63s/ports/%u/link_layer", ib, number);
	path_of(v, what, path);
	if (cx_machine_line(m, path, p->layer, sizeof(p->layer)))
		return;
	snprintf(p->ib, sizeof(p->ib), "%.63s", ib);
	snprintf(what, sizeof(what), "infiniband/%.63s/ports/%u/state", ib, number);
	path_of(v, what, path);
	if (!cx_machine_line(m, path, line, sizeof(line)) && strchr(line, ' '))
		snprintf(p->state, sizeof(p->state), "%.23s", strchr(line, ' ') + 1);
}

static void read_ports(const struct cx_machine *m, struct port_view *v)
{
	struct cx_names ib;
	char path[PATH_MAX];

	path_of(v, "infiniband", path);
	if (cx_machine_names(m, path, &ib))
		ib = (struct cx_names){0};
	for (v->count = 0; v->count < PORTS_MAX; v->count++) {
		struct port_info *p = &v->port[v->count];

		if (!read_type(m, v, v->count + 1, p))
			break;
		if (ib.count)
			read_ib(m, v, v->count + 1, ib.name[0], p);
		p->up = card_interface(m, v->card, v->count + 1, 0, p->netdev, sizeof(p->netdev));
	}
	if (ib.count) {
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/infiniband/%s/node_guid",
			 v->card, ib.name[0]);
		cx_machine_line(m, path, v->guid, sizeof(v->guid));
	}
	free(ib.name);
}

/* ---- after the next start ---- */

static const char *const parameter_word[] = {"", "ib", "eth"};

static struct port_source *add_source(struct port_view *v, enum port_rank rank)
{
	struct port_source *s;

	if (v->sources == sizeof(v->source) / sizeof(v->source[0]))
		return NULL;
	s = &v->source[v->sources++];
	*s = (struct port_source){.rank = rank};
	return s;
}

/* "2,2": one number for each port of every card. Anything else is another driver's. */
static void parameter(struct port_view *v, const char *value, const char *fmt, ...)
{
	struct port_source *s = add_source(v, PORT_PARAMETER);
	unsigned int first = 0, second = 0;
	char rest;
	va_list ap;
	int n;

	if (!s)
		return;
	va_start(ap, fmt);
	vsnprintf(s->place, sizeof(s->place), fmt, ap);
	va_end(ap);
	snprintf(s->text, sizeof(s->text), "port_type_array=%s", value);
	n = sscanf(value, "%u,%u%c", &first, &second, &rest);
	if (n == 3 || n < 1 || (n == 1 && strspn(value, "0123456789") != strlen(value)) ||
	    first > 2 || second > 2) {
		s->broken = true;
		return;
	}
	snprintf(s->says[0], sizeof(s->says[0]), "%s", parameter_word[first]);
	snprintf(s->says[1], sizeof(s->says[1]), "%s", parameter_word[second]);
}

static void option_line(const char *file, unsigned int line, const char *rest, void *ctx)
{
	const char *at = strstr(rest, "port_type_array=");
	char value[64];

	if (!at)
		return;
	at += strlen("port_type_array=");
	snprintf(value, sizeof(value), "%.*s", (int)strcspn(at, " \t"), at);
	parameter(ctx, value, "%s:%u", file, line);
}

/* "0000:04:00.0 eth eth" */
static void mlx4_conf(const struct cx_machine *m, struct port_view *v)
{
	char *text, *rest, *line, card[32], first[8], second[8];
	struct port_source *s;
	unsigned int number = 0;

	if (cx_machine_file(m, "/etc/rdma/mlx4.conf", &text) < 0)
		return;
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		number++;
		*second = '\0';
		if (*line == '#' || sscanf(line, "%31s %7s %7s", card, first, second) < 2 ||
		    strcmp(card, v->card))
			continue;
		s = add_source(v, PORT_MLX4_CONF);
		if (!s)
			break;
		snprintf(s->place, sizeof(s->place), "/etc/rdma/mlx4.conf:%u", number);
		snprintf(s->text, sizeof(s->text), "%.119s", line);
		snprintf(s->says[0], sizeof(s->says[0]), "%s", first);
		snprintf(s->says[1], sizeof(s->says[1]), "%s", second);
	}
	free(text);
}

/* What a rule writes into the port's file. */
static void rule_says(const char *line, unsigned int port, char *says, size_t size)
{
	static const char *const types[] = {"ib", "eth", "auto"};
	char write[48];

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		snprintf(write, sizeof(write), "echo %s >%%S%%p/mlx4_port%u", types[i], port);
		if (strstr(line, write))
			snprintf(says, size, "%s", types[i]);
	}
}

static void our_rule(const struct cx_machine *m, struct port_view *v)
{
	char *text, *rest, *line, key[32];
	struct port_source *s;
	unsigned int number = 0;

	if (cx_machine_file(m, PORT_RULES, &text) < 0)
		return;
	snprintf(key, sizeof(key), "KERNEL==\"%s\"", v->card);
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		number++;
		if (*line == '#' || !strstr(line, key))
			continue;
		s = add_source(v, PORT_OUR_RULE);
		if (!s)
			break;
		snprintf(s->place, sizeof(s->place), PORT_RULES ":%u", number);
		snprintf(s->text, sizeof(s->text), "the rule that port set --persistent wrote");
		rule_says(line, 1, s->says[0], sizeof(s->says[0]));
		rule_says(line, 2, s->says[1], sizeof(s->says[1]));
	}
	free(text);
}

/* The last that has a say about a port wins. */
static void decide(struct port_view *v)
{
	for (size_t i = 0; i < v->sources; i++)
		for (unsigned int n = 0; n < v->count; n++) {
			const char *says = v->source[i].says[n];
			struct port_info *p = &v->port[n];

			if (!*says || (int)v->source[i].rank < p->reboot_rank)
				continue;
			memcpy(p->reboot, says, sizeof(p->reboot));
			p->reboot_rank = v->source[i].rank;
		}
}

static void read_sources(const struct cx_machine *m, struct port_view *v)
{
	char value[64];

	modprobe_lines(m, "options", "mlx4_core", option_line, v);
	command_line(m, "mlx4_core.port_type_array", value, sizeof(value));
	if (*value)
		parameter(v, value, "the kernel's command line");
	mlx4_conf(m, v);
	our_rule(m, v);
	decide(v);
}

/* ---- may it be changed? ---- */

static void fixed(const struct cx_machine *m, struct port_view *v, const struct cx_pci_card *card)
{
	char path[PATH_MAX], text[64];
	struct facts f = {0};
	struct gather g = {.m = m, .f = &f};

	snprintf(g.card, sizeof(g.card), "%s", v->card);
	gather_system(&g);
	gather_card(&g);
	snprintf(v->initramfs, sizeof(v->initramfs), "%.63s", fact_value(&f, "os.initramfs", 0));
	v->cx2 = *fact_value(&f, "card.cx2", 0);
	path_of(v, "sriov_numvfs", path);
	if (card->recovery)
		snprintf(v->fixed, sizeof(v->fixed), "it is in flash recovery and has no ports");
	else if (strcmp(v->driver, "mlx4_core"))
		snprintf(v->fixed, sizeof(v->fixed), "%.31s%s",
			 *v->driver ? v->driver : "no driver",
			 !strcmp(v->driver, "cxflash")
				 ? " has it; give it back first: cxflashctl detach"
				 : " has it, and the types of ports are mlx4_core's");
	else if (!v->count)
		snprintf(v->fixed, sizeof(v->fixed), "mlx4_core shows no port of it");
	else if (*fact_value(&f, "vfs", 0) ||
		 (!cx_machine_line(m, path, text, sizeof(text)) && strtoul(text, NULL, 10)))
		snprintf(v->fixed, sizeof(v->fixed),
			 "virtual functions are on, and mlx4_core changes no type then");
	facts_free(&f);
}

int port_look(const struct cx_machine *m, const char *name, struct port_view *v, struct cx_err *err)
{
	struct cx_pci_card card;
	struct cx_err none;
	char full[16];

	*v = (struct port_view){0};
	if (cx_machine_card(m, name, &card, err)) {
		if (name && !cx_pci_full_name(name, full, &none) && cx_machine_is_vf(m, full))
			cx_fail(err, CX_REFUSED,
				"%s: is a virtual function; the host that lent it decides what its"
				" port is",
				full);
		return -1;
	}
	snprintf(v->card, sizeof(v->card), "%s", card.name);
	snprintf(v->driver, sizeof(v->driver), "%s", card.driver);
	snprintf(v->psid, sizeof(v->psid), "%s", card.board_id);
	read_ports(m, v);
	read_sources(m, v);
	fixed(m, v, &card);
	return 0;
}
