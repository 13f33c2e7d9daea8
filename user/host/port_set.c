// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changing the types of ports. mlx4_core takes all interfaces of the card away for any change, of
 * whichever port, remembers a type even if it refuses it, and on firmware without per-port types
 * takes a change of both only after it has refused the first of them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dev/machine_card.h"
#include "dev/machine_write.h"
#include "gather.h"
#include "interface.h"
#include "port.h"

#define WAIT_TENTHS 100 /* ten seconds: what the interfaces need is below two */

__attribute__((format(printf, 2, 3))) static void note(const struct port_options *opt,
						       const char *fmt, ...)
{
	char text[400];
	va_list ap;

	if (!opt->note)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	opt->note(text, opt->ctx);
}

/* ---- the request ---- */

int port_request(const char *text, char request[PORTS_MAX][8], struct cx_err *err)
{
	static const char *const types[] = {"ib", "eth", "auto"};
	unsigned int port = *text - '1';

	if (port >= PORTS_MAX || text[1] != '=')
		return cx_fail(err, CX_USAGE, "%.40s: PORT=TYPE expected, like 1=ib or 2=eth",
			       text);
	if (*request[port])
		return cx_fail(err, CX_USAGE, "port %u is named twice", port + 1);
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (!strcmp(text + 2, types[i])) {
			snprintf(request[port], 8, "%s", types[i]);
			return 0;
		}
	return cx_fail(err, CX_USAGE, "%.40s: ib, eth or auto expected", text);
}

static bool fulfilled(const struct port_view *v, char request[PORTS_MAX][8])
{
	for (unsigned int n = 0; n < v->count; n++)
		if (*request[n] && strcmp(request[n], v->port[n].wished))
			return false;
	return true;
}

/* Only a change of the actual type takes the interfaces away; pinning what was sensed does not. */
static bool disturbs(const struct port_view *v, char request[PORTS_MAX][8])
{
	for (unsigned int n = 0; n < v->count; n++)
		if (*request[n] && strcmp(request[n], v->port[n].type))
			return true;
	return false;
}

static const char *request_or_type(const struct port_view *v, char request[PORTS_MAX][8],
				   unsigned int n)
{
	return *request[n] ? request[n] : v->port[n].wished;
}

/* ---- refusals ---- */

/* The driver of the interfaces a type gives: is it there, or may it be loaded? */
static int check_module(const struct cx_machine *m, const struct port_view *v, const char *type,
			struct cx_err *err)
{
	const char *name = !strcmp(type, "ib") ? "mlx4_ib" : "mlx4_en";
	struct facts f = {0};
	struct gather g = {.m = m, .f = &f};
	char key[32];
	int ret = 0;

	cx_machine_line(m, "/proc/sys/kernel/osrelease", g.kernel, sizeof(g.kernel));
	gather_modules(&g);
	snprintf(key, sizeof(key), "%s.loaded", name);
	if (!*fact_value(&f, key, 0)) {
		snprintf(key, sizeof(key), "%s.file", name);
		if (!*fact_value(&f, key, 0))
			ret = cx_fail(err, CX_REFUSED,
				      "%s: the kernel %s has no %s, so the port would have no"
				      " interface",
				      v->card, g.kernel, name);
		snprintf(key, sizeof(key), "%s.blacklist", name);
		if (!ret && *fact_value(&f, key, 0))
			ret = cx_fail(err, CX_REFUSED,
				      "%s: %s is not to be loaded (%s), so the port would have no"
				      " interface",
				      v->card, name, fact_value(&f, key, 0));
	}
	facts_free(&f);
	return ret;
}

static int check_use(const struct cx_machine *m, const struct port_view *v,
		     const struct port_options *opt, struct cx_err *err)
{
	char uses[sizeof(err->text) - 200];
	struct cx_pci_card card;

	if (cx_machine_card(m, v->card, &card, err))
		return -1;
	cx_machine_uses(m, &card, uses, sizeof(uses));
	if (!*uses)
		return 0;
	if (!opt->force && !opt->dry_run)
		return cx_fail(err, CX_REFUSED,
			       "%s: is in use and both ports would fall: %s; end that first, or use"
			       " --force",
			       v->card, uses);
	note(opt, "both ports fall, and with them: %s", uses);
	return 0;
}

static int check(const struct cx_machine *m, const struct port_view *v, char request[PORTS_MAX][8],
		 const struct port_options *opt, struct cx_err *err)
{
	if (*v->fixed)
		return cx_fail(err, CX_REFUSED, "%s: %s", v->card, v->fixed);
	for (unsigned int n = 0; n < PORTS_MAX; n++) {
		if (!*request[n])
			continue;
		if (n >= v->count)
			return cx_fail(err, CX_REFUSED,
				       "%s: its firmware has %u port, and no port %u", v->card,
				       v->count, n + 1);
		if (strcmp(request[n], "auto") && check_module(m, v, request[n], err))
			return -1;
	}
	return disturbs(v, request) ? check_use(m, v, opt, err) : 0;
}

static void warn(const struct port_view *v, char request[PORTS_MAX][8],
		 const struct port_options *opt)
{
	bool eth = false, sensed = false;

	for (unsigned int n = 0; n < v->count; n++) {
		eth |= !strcmp(request[n], "eth");
		sensed |= !strcmp(request[n], "auto");
	}
	if (v->count == 2 && !strcmp(request_or_type(v, request, 0), "eth") &&
	    !strcmp(request_or_type(v, request, 1), "ib"))
		note(opt, "Ethernet on port 1 and InfiniBand on port 2 is unusual: not every"
			  " firmware and driver has it");
	if (eth && v->cx2)
		note(opt, "RoCE on a ConnectX-2 has no full flow control; for RDMA InfiniBand is"
			  " its better half");
	if (sensed)
		note(opt, "auto follows the cable: pulling it can take the interfaces of both"
			  " ports away");
}

/* ---- writing ---- */

static int put(const struct cx_machine *m, const struct port_view *v, unsigned int n,
	       const char *type, const struct port_options *opt)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/mlx4_port%u", v->card, n + 1);
	if (opt->show)
		opt->show(path, type, opt->ctx);
	if (opt->dry_run)
		return 0;
	return opt->put ? opt->put(m, path, type) : cx_machine_put(m, path, type);
}

static void a_tenth(const struct cx_machine *m)
{
	(void)m;
	nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
}

/* Has each port what belongs to its type? */
static bool complete(const struct port_view *v)
{
	for (unsigned int n = 0; n < v->count; n++) {
		const struct port_info *p = &v->port[n];

		if (!strcmp(p->type, "ib") ? !*p->ib : !*p->netdev)
			return false;
	}
	return v->count;
}

static int look_again(const struct cx_machine *m, const struct port_view *before,
		      const struct port_options *opt, struct port_view *after, struct cx_err *err)
{
	for (int i = 0; i < WAIT_TENTHS; i++) {
		if (port_look(m, before->card, after, err))
			return -1;
		if (complete(after))
			return 0;
		if (opt->wait)
			opt->wait(m);
		else
			a_tenth(m);
	}
	return 0;
}

/*
 * Firmware that wants both ports alike refuses the first of two changes, and then does both with
 * the second. Returns the errno of the write that counts, *@at its port.
 */
static int put_all(const struct cx_machine *m, const struct port_view *v,
		   char request[PORTS_MAX][8], const struct port_options *opt, unsigned int *at)
{
	int ret = 0;

	for (int n = v->count - 1; n >= 0; n--) {
		if (!*request[n])
			continue;
		ret = put(m, v, n, request[n], opt);
		if (ret)
			*at = n;
		if (ret && (ret != -EOPNOTSUPP || !strcmp(request[n], "auto")))
			break;
	}
	return ret;
}

/* The old types again, in the same order; what mlx4_core says to it is seen in the end. */
static void put_back(const struct cx_machine *m, const struct port_view *v,
		     const struct port_options *opt)
{
	for (int n = v->count - 1; n >= 0; n--)
		put(m, v, n, v->port[n].wished, opt);
}

static int explain(const struct port_view *before, const struct port_view *after,
		   char request[PORTS_MAX][8], unsigned int at, int error, struct cx_err *err)
{
	bool back = true;
	char now[64] = "";

	for (unsigned int n = 0; n < before->count; n++) {
		back &= n < after->count && !strcmp(after->port[n].wished, before->port[n].wished);
		snprintf(now + strlen(now), sizeof(now) - strlen(now), "%sport %u %s",
			 n ? ", " : "", n + 1, n < after->count ? after->port[n].wished : "gone");
	}
	return cx_fail(err, error == -EACCES || error == -EPERM ? CX_REFUSED : CX_FAILED,
		       "%s: port %u does not become %s: %s%s; %s: %s; dmesg has the driver's words",
		       before->card, at + 1, request[at], strerror(-error),
		       error == -EOPNOTSUPP
			       ? " (the firmware has only the other type, or wants both"
				 " ports alike: then name both)"
		       : error == -EACCES ? " (root, and no SR-IOV)"
					  : "",
		       back ? "it was put back" : "it could not be put back", now);
}

int port_set(const struct cx_machine *m, const struct port_view *before, char request[PORTS_MAX][8],
	     const struct port_options *opt, struct port_view *after, struct cx_err *err)
{
	unsigned int at = 0;
	struct cx_err why;
	int ret;

	*after = *before;
	if (check(m, before, request, opt, err))
		return -1;
	if (fulfilled(before, request))
		return cx_fail(err, CX_NOTHING, "%s: its ports are that already", before->card);
	warn(before, request, opt);
	ret = put_all(m, before, request, opt, &at);
	if (opt->dry_run)
		return 0;
	if (look_again(m, before, opt, after, err))
		return -1;
	if (!ret && fulfilled(after, request)) {
		if (complete(after))
			return 0;
		return cx_fail(err, CX_FAILED,
			       "%s: its ports are that now, and an interface is missing; dmesg and"
			       " 'cxflashctl check -d %s' say why",
			       before->card, before->card);
	}
	put_back(m, before, opt);
	if (look_again(m, before, opt, after, &why)) {
		*err = why;
		return -1;
	}
	return explain(before, after, request, at, ret ? ret : -EIO, err);
}

/* ---- after a reboot ---- */

/* The rules of other cards, as they are; what cannot be read is not to be lost either. */
static char *other_rules(const struct cx_machine *m, const char *card, struct cx_err *err)
{
	char *text, *rest, *line, *kept = NULL, kernel[32], about[32];
	long len = cx_machine_file(m, PORT_RULES, &text);
	size_t size;
	FILE *to;

	if (len < 0 && len != -ENOENT) {
		cx_fail(err, CX_FAILED,
			"%s cannot be read: %s; the types hold until the next reboot only",
			PORT_RULES, strerror((int)-len));
		return NULL;
	}
	to = open_memstream(&kept, &size);
	if (!to)
		goto no_memory;
	if (len < 0)
		fputs("# Types of the ports of ConnectX cards; written by cxflashctl port set"
		      " --persistent.\n",
		      to);
	snprintf(kernel, sizeof(kernel), "KERNEL==\"%s\"", card);
	snprintf(about, sizeof(about), "# %s ", card);
	rest = text;
	while ((line = strsep(&rest, "\n")))
		if (*line && !strstr(line, kernel) && strncmp(line, about, strlen(about)))
			fprintf(to, "%s\n", line);
	free(text);
	if (!fclose(to))
		return kept;
	text = kept;
no_memory:
	free(text);
	cx_fail(err, CX_FAILED, "out of memory");
	return NULL;
}

int port_persist(const struct cx_machine *m, const struct port_view *v, char request[PORTS_MAX][8],
		 const struct port_options *opt, struct cx_err *err)
{
	char *kept = other_rules(m, v->card, err), *text = NULL;
	char writes[128] = "";
	int ret;

	if (!kept)
		return -1;

	/* udevd's own ATTR{} leaves the newline away (systemd 252), without which none is taken. */
	for (int n = v->count - 1; n >= 0; n--)
		if (*request[n])
			snprintf(writes + strlen(writes), sizeof(writes) - strlen(writes),
				 "%secho %s >%%S%%p/mlx4_port%d", *writes ? "; " : "", request[n],
				 n + 1);
	if (asprintf(&text,
		     "%s# %s PSID %s, node GUID %s: a card in another slot has another address\n"
		     "ACTION==\"add|bind\", SUBSYSTEM==\"pci\", DRIVER==\"mlx4_core\","
		     " KERNEL==\"%s\", RUN+=\"/bin/sh -c '%s'\"\n",
		     kept, v->card, *v->psid ? v->psid : "unknown", *v->guid ? v->guid : "unknown",
		     v->card, writes) < 0) {
		free(kept);
		return cx_fail(err, CX_FAILED, "out of memory");
	}
	if (opt->show)
		opt->show(PORT_RULES, writes, opt->ctx);
	ret = opt->dry_run ? 0 : cx_machine_replace(m, PORT_RULES, text);
	free(kept);
	free(text);
	if (ret)
		return cx_fail(err, CX_FAILED, "%s: %s; the types hold until the next reboot only",
			       PORT_RULES, strerror(-ret));
	return 0;
}
