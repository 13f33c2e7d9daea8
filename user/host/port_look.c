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
#include "config.h"
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

/* NULL: there is no room for one more. */
__attribute__((format(printf, 3, 4))) static struct port_source *
add_source(struct port_view *v, enum port_rank rank, const char *fmt, ...)
{
	struct port_source *s;
	va_list ap;

	if (v->sources == sizeof(v->source) / sizeof(v->source[0])) {
		v->sources_left_out++;
		return NULL;
	}
	s = &v->source[v->sources++];
	*s = (struct port_source){.rank = rank};
	va_start(ap, fmt);
	vsnprintf(s->place, sizeof(s->place), fmt, ap);
	va_end(ap);
	return s;
}

/* A place of which nobody knows what it says. */
static void unread(struct port_view *v, const char *path, long error)
{
	struct port_source *s;

	if (error >= 0 || error == -ENOENT)
		return;
	s = add_source(v, PORT_FIRMWARE, "%s", path);
	if (!s)
		return;
	s->but = "it may have a say too";
	snprintf(s->text, sizeof(s->text), "cannot be read: %s", strerror((int)-error));
}

/*
 * "2,2": one number for each port of every card; mlx4_core makes "0,1" its "1,1". False: it is
 * another driver's.
 */
static bool array(const char *value, unsigned int number[PORTS_MAX])
{
	char rest;
	int n;

	number[0] = number[1] = 0;
	n = sscanf(value, "%u,%u%c", &number[0], &number[1], &rest);
	if (n == 2 && !number[0] && number[1] == 1)
		number[0] = 1;
	return (n == 2 || (n == 1 && strspn(value, "0123456789") == strlen(value))) &&
	       number[0] <= 2 && number[1] <= 2;
}

static void parameter(struct port_view *v, struct port_source *s, const char *value)
{
	unsigned int number[PORTS_MAX], loaded[PORTS_MAX];

	if (!s)
		return;
	snprintf(s->text, sizeof(s->text), "port_type_array=%s", value);
	s->broken = !array(value, number);
	if (s->broken)
		return;
	for (unsigned int n = 0; n < PORTS_MAX; n++)
		snprintf(s->says[n], sizeof(s->says[n]), "%s", parameter_word[number[n]]);
	/* Of several the last counts, so this is the word that should be in force. */
	v->stale = array(v->parameter, loaded) && memcmp(loaded, number, sizeof(loaded));
}

static void option_line(const struct config_line *line, void *ctx)
{
	static const char option[] = "port_type_array=";
	const char *at = line->text ? strstr(line->text, option) : NULL;
	struct port_view *v = ctx;
	char *value;

	if (!line->text)
		unread(v, line->file, line->error);
	if (!at)
		return;
	at += strlen(option);
	value = strndup(at, strcspn(at, " \t"));
	if (value)
		parameter(v, add_source(v, PORT_PARAMETER, "%s:%u", line->file, line->number),
			  value);
	else
		v->sources_left_out++;
	free(value);
}

static void known_type(const char *word, char *says, size_t size)
{
	if (!strcmp(word, "ib") || !strcmp(word, "eth") || !strcmp(word, "auto"))
		snprintf(says, size, "%s", word);
}

/* "0000:04:00.0 eth eth" */
static void by_address(const struct cx_machine *m, struct port_view *v, const char *path,
		       enum port_rank rank, const char *but)
{
	char *text, *rest, *line, card[32], first[8], second[8];
	long len = cx_machine_file(m, path, &text);
	struct port_source *s;
	unsigned int number = 0;

	unread(v, path, len);
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		number++;
		*second = '\0';
		if (*line == '#' || sscanf(line, "%31s %7s %7s", card, first, second) < 2 ||
		    strcmp(card, v->card))
			continue;
		s = add_source(v, but ? PORT_FIRMWARE : rank, "%s:%u", path, number);
		if (!s)
			break;
		s->but = but;
		snprintf(s->text, sizeof(s->text), "%.119s", line);
		if (but)
			continue;
		known_type(first, s->says[0], sizeof(s->says[0]));
		known_type(second, s->says[1], sizeof(s->says[1]));
	}
	free(text);
}

/* Red Hat's and SUSE's rdma-core has mlx4_core loaded by a script that reads mlx4.conf. */
static void note_script(const struct config_line *line, void *ctx)
{
	bool *script = ctx;

	*script |= line->text && strstr(line->text, "mlx4-setup");
}

static void other_rule(const struct config_line *line, void *ctx)
{
	struct port_view *v = ctx;
	struct port_source *s;

	if (!strcmp(line->file, PORT_RULES))
		return;
	if (!line->text) {
		unread(v, line->file, line->error);
		return;
	}
	s = add_source(v, PORT_FIRMWARE, "%s:%u", line->file, line->number);
	if (!s)
		return;
	s->but = "a rule of somebody else, which may have a say too";
	snprintf(s->text, sizeof(s->text), "%.119s", line->text);
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
	long len = cx_machine_file(m, PORT_RULES, &text);
	struct port_source *s;
	unsigned int number = 0;

	unread(v, PORT_RULES, len);
	snprintf(key, sizeof(key), "KERNEL==\"%s\"", v->card);
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		number++;
		if (*line == '#' || !strstr(line, key))
			continue;
		s = add_source(v, PORT_OUR_RULE, PORT_RULES ":%u", number);
		if (!s)
			break;
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

static int kernel_option(const struct cx_machine *m, struct port_view *v)
{
	int error;
	char *value = config_option(m, "mlx4_core.port_type_array", &error);

	if (value && *value)
		parameter(v, add_source(v, PORT_PARAMETER, "the kernel's command line"), value);
	free(value);
	unread(v, "/proc/cmdline", error == -ENOMEM ? 0 : error);
	return error == -ENOMEM ? error : 0;
}

static int read_sources(const struct cx_machine *m, struct port_view *v, struct cx_err *err)
{
	bool script = false;

	/* What is not there has no say: without the driver nothing was loaded with anything. */
	if (cx_machine_line(m, "/sys/module/mlx4_core/parameters/port_type_array", v->parameter,
			    sizeof(v->parameter)))
		*v->parameter = '\0';
	if (config_modprobe(m, "options", "mlx4_core", option_line, v) ||
	    config_modprobe(m, "install", "mlx4_core", note_script, &script) || kernel_option(m, v))
		return cx_fail(err, CX_FAILED, "out of memory");
	by_address(m, v, "/etc/rdma/mlx4.conf", PORT_MLX4_CONF,
		   script ? NULL : "nothing here reads that file");
	by_address(m, v, "/etc/infiniband/connectx.conf", PORT_FIRMWARE,
		   "for MLNX_OFED's own driver");
	if (config_udev(m, "mlx4_port", other_rule, v))
		return cx_fail(err, CX_FAILED, "out of memory");
	our_rule(m, v);
	decide(v);
	return 0;
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
	if (read_sources(m, v, err))
		return -1;
	fixed(m, v, &card);
	return 0;
}
