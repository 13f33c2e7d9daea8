// SPDX-License-Identifier: GPL-2.0-only
/* Gather the facts, judge them layer by layer, say what comes first. */
#define _GNU_SOURCE
#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dev/machine_card.h"
#include "gather.h"

/* ---- services ---- */

static const struct {
	const char *name;
	enum host_service service;
	const char *found; /* facts of which one says that it is in use here */
	const char *frwr;  /* when it needs fast registration: a condition */
} services[] = {
	/* The server of NFS does without; so do the targets, and SRP. */
	{"nfs", HOST_NFS, "nfs.server|nfs.mount|nfs.mount_rdma", "!nfs.server"},
	{"smb-client", HOST_SMB_CLIENT, "smb.mount|smb.mount_rdma", ""},
	{"smb-server", HOST_SMB_SERVER, "ksmbd.loaded", ""},
	{"iser", HOST_ISER, "iser.target|iser.target_rdma|iser.session|iser.session_rdma",
	 "!iser.target !iser.target_rdma"},
	{"srp", HOST_SRP, "srp.target|srp.session", NULL},
	{"nvme", HOST_NVME, "nvme.target|nvme.target_rdma|nvme.host|nvme.host_rdma",
	 "!nvme.target !nvme.target_rdma"},
};
#define SERVICES (sizeof(services) / sizeof(services[0]))

static int one_service(const char *word, unsigned int *mask, struct cx_err *err)
{
	for (size_t i = 0; i < SERVICES; i++)
		if (!strcmp(word, services[i].name)) {
			*mask |= services[i].service;
			return 0;
		}
	if (strcmp(word, "all"))
		return cx_fail(err, CX_USAGE,
			       "--for %.40s: nfs, smb-client, smb-server, iser, srp, nvme or all "
			       "expected",
			       word);
	*mask |= HOST_ALL;
	return 0;
}

int host_services(const char *text, unsigned int *mask, struct cx_err *err)
{
	char *copy = strdup(text), *rest = copy, *word;
	int ret = copy ? 0 : cx_fail(err, CX_FAILED, "out of memory");

	*mask = 0;
	while (!ret && (word = strsep(&rest, ",")))
		ret = one_service(word, mask, err);
	free(copy);
	return ret;
}

const char *host_services_text(unsigned int mask, char *buf, size_t size)
{
	size_t used = 0;

	*buf = '\0';
	for (size_t i = 0; i < SERVICES && used < size; i++)
		if (mask & services[i].service)
			used += snprintf(buf + used, size - used, "%s%s", used ? ", " : "",
					 services[i].name);
	return buf;
}

static bool any_of(const struct facts *f, const char *keys)
{
	char copy[80], *rest = copy, *key;

	snprintf(copy, sizeof(copy), "%s", keys);
	while ((key = strsep(&rest, "|")))
		if (*fact_value(f, key, 0))
			return true;
	return false;
}

/* Samba never speaks RDMA: it counts where nothing else is served. */
static unsigned int in_use(const struct facts *f)
{
	unsigned int mask = 0;

	for (size_t i = 0; i < SERVICES; i++)
		if (any_of(f, services[i].found))
			mask |= services[i].service;
	return mask ? mask : *fact_value(f, "samba", 0) ? HOST_SMB_SERVER : 0;
}

/* want.SERVICE, want.smb; want.frwr: who needs fast registration; want.ip: who an address */
static void set_wishes(struct facts *f, unsigned int mask)
{
	unsigned int frwr = 0;
	char key[32], text[80];

	for (size_t i = 0; i < SERVICES; i++) {
		snprintf(key, sizeof(key), "want.%s", services[i].name);
		fact_flag(f, key, "--for", mask & services[i].service);
		if (mask & services[i].service && services[i].frwr &&
		    fact_holds(f, services[i].frwr, 0))
			frwr |= services[i].service;
	}
	fact_flag(f, "want.smb", "--for", mask & (HOST_SMB_CLIENT | HOST_SMB_SERVER));
	fact_set(f, "want.frwr", "--for", "%s", host_services_text(frwr, text, sizeof(text)));
	fact_flag(f, "want.ip", "--for", mask != HOST_SRP);
}

/* ---- the card ---- */

/* The virtual function that is meant: @name, or the first where there is no card at all. */
static bool find_vf(const struct cx_machine *m, const char *name, char *card)
{
	struct cx_names names;
	bool found = false;

	if (name) {
		snprintf(card, 16, "%s", name);
		return cx_machine_is_vf(m, name);
	}
	if (cx_machine_names(m, "/sys/bus/pci/devices", &names))
		return false;
	for (size_t i = 0; i < names.count && !found; i++) {
		found = cx_machine_is_vf(m, names.name[i]);
		if (found)
			snprintf(card, 16, "%.15s", names.name[i]);
	}
	free(names.name);
	return found;
}

static int find_card(const struct cx_machine *m, const char *name, char *card, struct cx_err *err)
{
	struct cx_pci_card found;
	char full[16];

	if (name && cx_pci_full_name(name, full, err))
		return -1;
	if (!cx_machine_card(m, name, &found, err)) {
		snprintf(card, 16, "%s", found.name);
		return 0;
	}
	return err->status == CX_NOT_FOUND && find_vf(m, name ? full : NULL, card) ? 0 : -1;
}

/* ---- judging ---- */

static int add(struct host_report *r, const struct host_rule *rule, unsigned int port,
	       struct cx_err *err)
{
	struct host_finding *more = realloc(r->finding, (r->count + 1) * sizeof(*more));

	if (!more)
		return cx_fail(err, CX_FAILED, "out of memory");
	r->finding = more;
	more += r->count++;
	*more = (struct host_finding){.rule = rule, .port = port};
	more->fact = fact_find(&r->facts, rule->read, port);
	more->seen = fact_text(&r->facts, rule->seen, port);
	more->next = fact_text(&r->facts, rule->next, port);
	return more->seen && more->next ? 0 : cx_fail(err, CX_FAILED, "out of memory");
}

static int judge(struct host_report *r, enum host_layer layer, unsigned int port,
		 struct cx_err *err)
{
	for (size_t i = 0; i < host_rule_count; i++)
		if (host_rules[i].layer == layer && fact_holds(&r->facts, host_rules[i].when, port))
			return add(r, &host_rules[i], port, err);
	return 0;
}

/* The layers of ports together, port by port, as a reader wants them. */
static int judge_all(struct host_report *r, struct cx_err *err)
{
	unsigned int ports = strtoul(fact_value(&r->facts, "ports", 0), NULL, 10);
	int layer = 0;

	for (; layer < LAYER_TYPE; layer++)
		if (judge(r, layer, 0, err))
			return -1;
	for (unsigned int port = 1; port <= ports; port++)
		for (layer = LAYER_TYPE; layer <= LAYER_IP; layer++)
			if (judge(r, layer, port, err))
				return -1;
	for (layer = LAYER_IP + 1; layer < LAYERS; layer++)
		if (judge(r, layer, 0, err))
			return -1;
	return 0;
}

/*
 * What fails comes before what cannot be read, and that before what could be better. A layer that
 * waits for another has nothing to be done for it.
 */
static void conclude(struct host_report *r)
{
	const struct host_finding *first[HOST_SKIP + 1] = {NULL};

	for (size_t i = 0; i < r->count; i++) {
		const struct host_finding *f = &r->finding[i];
		enum host_state state = f->rule->state;

		if (state == HOST_SKIP && !host_layers[f->rule->layer].needed)
			continue;
		if (!first[state])
			first[state] = f;
	}
	r->readiness = first[HOST_FAIL]	  ? HOST_NOT_READY
		       : first[HOST_SKIP] ? HOST_UNCLEAR
					  : HOST_READY;
	r->first = first[HOST_FAIL]   ? first[HOST_FAIL]
		   : first[HOST_SKIP] ? first[HOST_SKIP]
				      : first[HOST_WARN];
}

/* A tree may tell what was in the flash. */
static void flash_of_tree(struct gather *g, const char *key)
{
	char path[40], line[64];
	int ret;

	snprintf(path, sizeof(path), "/ask/flash/%s", g->card);
	ret = cx_machine_line(g->m, path, line, sizeof(line));
	if (!ret) {
		fact_set(g->f, key, path, "%s", line);
	} else if (ret != -ENOENT) {
		fact_missing(g->f, key, path, ret);
		fact_flag(g->f, "flash.served", path, true);
		fact_set(g->f, "flash.why", path, "%s: %s", path, strerror(-ret));
	}
}

static void gather_flash(struct gather *g, const struct host_flash *flash)
{
	static const char key[] = "flash", source[] = "the card's flash";

	if (*g->m->root)
		flash_of_tree(g, key);
	if (flash && flash->version && *flash->version)
		fact_set(g->f, key, source, "%s", flash->version);
	fact_missing(g->f, key, source, ENODATA);
	fact_flag(g->f, "flash.served", source, flash && flash->served);
	fact_set(g->f, "flash.why", source, "%s",
		 flash && flash->why ? flash->why : "this is a tree of files");
}

int host_check(const struct cx_machine *m, const char *card, unsigned int wanted,
	       const struct fw_boards *boards, const struct host_flash *flash,
	       struct host_report *r, struct cx_err *err)
{
	struct gather g = {.m = m, .f = &r->facts, .boards = boards};

	*r = (struct host_report){0};
	if (find_card(m, card, r->card, err))
		return -1;
	snprintf(g.card, sizeof(g.card), "%s", r->card);
	gather_system(&g);
	gather_card(&g);
	gather_modules(&g);
	gather_pcie(&g);
	gather_rdma(&g);
	gather_log(&g);
	gather_services(&g);
	gather_flash(&g, flash);
	r->services = wanted ? wanted : in_use(&r->facts);
	set_wishes(&r->facts, r->services);
	if (r->facts.lost) {
		cx_fail(err, CX_FAILED, "out of memory");
	} else if (!judge_all(r, err)) {
		conclude(r);
		return 0;
	}
	host_report_free(r);
	return -1;
}

void host_report_free(struct host_report *r)
{
	facts_free(&r->facts);
	for (size_t i = 0; i < r->count; i++) {
		free(r->finding[i].seen);
		free(r->finding[i].next);
	}
	free(r->finding);
	*r = (struct host_report){0};
}

const char *host_readiness_name(enum host_readiness readiness)
{
	static const char *const name[] = {"ready", "not-ready", "cannot-tell"};

	return name[readiness];
}
