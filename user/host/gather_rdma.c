// SPDX-License-Identifier: GPL-2.0-only
/* Facts: the RDMA device, its firmware and GUID, its ports and their network interfaces. */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fw/image/identity.h"
#include "gather.h"
#include "interface.h"

#define FAST_REGISTRATION (1ull << 21) /* IB_DEVICE_MEM_MGT_EXTENSIONS */
#define PORTS		  2

/* ---- the device ---- */

/* The first name in a folder of the card; "" none, and @key is not known if that is not sure. */
static void only_name(struct gather *g, const char *key, const char *folder, char *name,
		      size_t size)
{
	struct cx_names names;
	char path[PATH_MAX];
	int ret = cx_machine_names(g->m, card_path(g, folder, path), &names);

	*name = '\0';
	if (ret && ret != -ENOENT)
		fact_missing(g->f, key, path, ret);
	if (names.count)
		snprintf(name, size, "%s", names.name[0]);
	free(names.name);
}

static void board(struct gather *g, const char *folder)
{
	const struct fw_board *known;
	char path[PATH_MAX], psid[32];

	snprintf(path, sizeof(path), "%s/board_id", folder);
	if (!cx_machine_line(g->m, path, psid, sizeof(psid)))
		fact_set(g->f, "card.psid", path, "%s", psid);
	known = g->boards && *psid ? fw_boards_psid(g->boards, psid) : NULL;
	if (known)
		fact_set(g->f, "card.board", path, ", %s, %s %s", psid, known->vendor,
			 known->board);
	else if (*psid)
		fact_set(g->f, "card.board", path, ", %s", psid);
}

static void fast_registration(struct gather *g, const char *ib)
{
	char source[64];
	uint64_t flags;
	int ret = cx_machine_rdma(g->m, ib, &flags, source);

	if (ret)
		fact_missing(g->f, "frwr", source, ret);
	else
		fact_flag(g->f, "frwr", source, flags & FAST_REGISTRATION);
}

/* Without an RDMA device the driver of an interface still tells the version. */
static void version_by_interface(struct gather *g)
{
	char name[NAME_MAX + 1], path[PATH_MAX], version[64], source[64];
	int ret;

	only_name(g, "fw", "net", name, sizeof(name));
	if (!*name) {
		fact_set(g->f, "fw", card_path(g, "net", path), "%s", "");
		return;
	}
	ret = cx_machine_driver_info(g->m, name, version, sizeof(version), source);
	if (ret)
		fact_missing(g->f, "fw", source, ret);
	else
		fact_set(g->f, "fw", source, "%s", version);
}

static void device(struct gather *g, const char *ib, const char *folder)
{
	char path[PATH_MAX], text[64];

	fact_set(g->f, "ib", folder, "%s", ib);
	board(g, folder);
	snprintf(path, sizeof(path), "%s/hw_rev", folder);
	if (!cx_machine_line(g->m, path, text, sizeof(text)))
		fact_set(g->f, "ib.type", path, ", silicon revision %s", text);
	snprintf(path, sizeof(path), "%s/fw_ver", folder);
	gather_line(g, "fw", path);
	snprintf(path, sizeof(path), "%s/node_guid", folder);
	gather_line(g, "guid", path);
	fast_registration(g, ib);
}

/* ---- ports ---- */

struct port {
	unsigned int number;
	char folder[PATH_MAX]; /* of the RDMA device's port */
	bool infiniband;
	int rank;		  /* how near it is to carrying RDMA */
	bool counts;		  /* some error */
	unsigned long counter[3]; /* as in counters */
};

static const char *key(const struct port *p, const char *what)
{
	static char text[32];

	snprintf(text, sizeof(text), "port%u.%s", p->number, what);
	return text;
}

/* "4: ACTIVE" */
static void state_line(struct gather *g, const struct port *p, const char *file, const char *what)
{
	char path[PATH_MAX + 16], line[64], *name;
	int ret;

	snprintf(path, sizeof(path), "%s/%s", p->folder, file);
	ret = cx_machine_line(g->m, path, line, sizeof(line));
	name = strstr(line, ": ");
	if (ret || !name)
		fact_missing(g->f, key(p, what), path, ret ? ret : EINVAL);
	else
		fact_set(g->f, key(p, what), path, "%s", name + 2);
}

/* Data rate in Mb/s of "40 Gb/sec (4X QDR)"; that of Ethernet is without its encoding already. */
static unsigned int data_mbps(const char *rate, bool infiniband)
{
	double gbps = strtod(rate, NULL);

	if (!infiniband)
		return lround(gbps * 1000);
	if (strstr(rate, "SDR") || strstr(rate, "DDR") || strstr(rate, "QDR"))
		return lround(gbps * 800);
	if (strstr(rate, "FDR10"))
		return lround(gbps * 1000);
	return lround(gbps * 1000 * 64 / 66);
}

static void rate(struct gather *g, const struct port *p, bool infiniband)
{
	char path[PATH_MAX + 16], line[64];
	unsigned int mbps;
	int ret;

	snprintf(path, sizeof(path), "%s/rate", p->folder);
	ret = cx_machine_line(g->m, path, line, sizeof(line));
	if (ret) {
		fact_missing(g->f, key(p, "rate"), path, ret);
		return;
	}
	mbps = data_mbps(line, infiniband);
	fact_set(g->f, key(p, "rate"), path, "%s", line);
	fact_set(g->f, key(p, "mbps"), path, "%u", mbps);
	fact_set(g->f, key(p, "gbps"), path, "%.*f", mbps % 1000 ? 1 : 0, mbps / 1000.0);
	if (strchr(line, '('))
		fact_set(g->f, key(p, "width"), path, "%.2s", strchr(line, '(') + 1);
}

/* Who manages the subnet: one here (bit 1 of the capabilities, IsSM), or one at a LID. */
static void subnet_manager(struct gather *g, const struct port *p)
{
	char path[PATH_MAX + 16], line[64];

	snprintf(path, sizeof(path), "%s/cap_mask", p->folder);
	if (!cx_machine_line(g->m, path, line, sizeof(line)) && strtoul(line, NULL, 16) & 2) {
		fact_set(g->f, key(p, "sm"), path, "; the subnet manager runs here");
		return;
	}
	snprintf(path, sizeof(path), "%s/sm_lid", p->folder);
	if (!cx_machine_line(g->m, path, line, sizeof(line)) && strtoul(line, NULL, 16))
		fact_set(g->f, key(p, "sm"), path, "; subnet manager at LID %lu",
			 strtoul(line, NULL, 16));
}

static void type(struct gather *g, const struct port *p)
{
	char path[PATH_MAX], file[16];

	snprintf(file, sizeof(file), "mlx4_port%u", p->number);
	gather_line(g, key(p, "type"), card_path(g, file, path));
	fact_flag(g->f, key(p, "sensed"), path,
		  !strncmp(fact_value(g->f, "port.type", p->number), "auto", 4));
}

/* ---- their interfaces ---- */

static void mode(struct gather *g, const struct port *p, const char *name)
{
	char file[NAME_MAX + 16], path[PATH_MAX], text[32];

	snprintf(file, sizeof(file), "net/%s/mode", name);
	if (!cx_machine_line(g->m, card_path(g, file, path), text, sizeof(text)))
		fact_set(g->f, key(p, "ipmode"), path, ", %s mode, MTU %lu", text,
			 card_interface_number(g->m, g->card, name, "mtu"));
}

static void interface(struct gather *g, const struct port *p, bool infiniband)
{
	char name[NAME_MAX + 1], path[PATH_MAX], address[64], source[64];
	bool up = card_interface(g->m, g->card, p->number, infiniband ? HOST_IPOIB : HOST_ETHERNET,
				 name, sizeof(name));
	int ret;

	fact_set(g->f, key(p, "netdev"), card_path(g, "net", path), "%s", name);
	fact_flag(g->f, key(p, "up"), path, up);
	if (!*name)
		return;
	ret = cx_machine_address(g->m, name, address, sizeof(address), source);
	if (ret)
		fact_missing(g->f, key(p, "address"), source, ret);
	else
		fact_set(g->f, key(p, "address"), source, "%s", address);
	if (infiniband)
		mode(g, p, name);
}

/* ---- errors on the cable ---- */

/* Counters of the port, which stop when they are full. */
static const struct counter {
	const char *file, *name;
	unsigned long full;
} counters[] = {
	{"symbol_error", "symbol errors", 0xffff},
	{"port_rcv_errors", "receive errors", 0xffff},
	{"link_error_recovery", "recoveries", 0xff},
};
#define COUNTERS (sizeof(counters) / sizeof(*counters))

static void append(char *list, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void append(char *list, size_t size, const char *fmt, ...)
{
	size_t used = strlen(list);
	va_list ap;

	va_start(ap, fmt);
	if (used)
		used += snprintf(list + used, size - used, ", ");
	vsnprintf(list + used, size - used, fmt, ap);
	va_end(ap);
}

static const char *counter_path(const struct port *p, size_t i, char *path)
{
	snprintf(path, PATH_MAX + 64, "%s/counters/%s", p->folder, counters[i].file);
	return path;
}

/* port.errors: what is counted, "" nothing; port.errors_full: those that count no more. */
static void read_counters(struct gather *g, struct port *p)
{
	char path[PATH_MAX + 64], line[32], seen[160] = "", full[160] = "";
	int ret;

	for (size_t i = 0; i < COUNTERS; i++) {
		ret = cx_machine_line(g->m, counter_path(p, i, path), line, sizeof(line));
		if (ret == -ENOENT)
			return;
		if (ret) {
			fact_missing(g->f, key(p, "errors"), path, ret);
			return;
		}
		p->counter[i] = strtoul(line, NULL, 10);
		if (p->counter[i])
			append(seen, sizeof(seen), "%lu %s", p->counter[i], counters[i].name);
		if (p->counter[i] >= counters[i].full)
			append(full, sizeof(full), "%s", counters[i].name);
	}
	fact_set(g->f, key(p, "errors"), path, "%s", seen);
	fact_set(g->f, key(p, "errors_full"), path, "%s", full);
	fact_flag(g->f, key(p, "counted"), path, true);
	p->counts = *seen;
}

static void read_again(struct gather *g, const struct port *p)
{
	char path[PATH_MAX + 64], line[32], grown[160] = "";
	unsigned long now;

	for (size_t i = 0; i < COUNTERS; i++) {
		if (cx_machine_line_later(g->m, counter_path(p, i, path), line, sizeof(line)))
			continue; /* the port is gone by now, which the other layers say */
		now = strtoul(line, NULL, 10);
		if (now > p->counter[i])
			append(grown, sizeof(grown), "%lu more %s", now - p->counter[i],
			       counters[i].name);
	}
	fact_set(g->f, key(p, "errors_grown"), p->folder, "%s", grown);
}

/* Errors of the past say little, new ones say that the cable is bad: look again if there are any.
 */
static void errors(struct gather *g, struct port *ports, unsigned int count)
{
	bool any = false;

	for (unsigned int i = 0; i < count; i++) {
		if (ports[i].infiniband && ports[i].rank)
			read_counters(g, &ports[i]);
		any |= ports[i].counts;
	}
	if (!any || !cx_machine_wait(g->m))
		return;
	for (unsigned int i = 0; i < count; i++)
		if (ports[i].counts)
			read_again(g, &ports[i]);
}

/* ---- together ---- */

static int rank(const char *state)
{
	static const char *const order[] = {"INIT", "ARMED", "ACTIVE_DEFER", "ACTIVE"};

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		if (!strcmp(state, order[i]))
			return i + 1;
	return 0;
}

static void port(struct gather *g, struct port *p)
{
	char path[PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/link_layer", p->folder);
	gather_line(g, key(p, "layer"), path);
	p->infiniband = !strcmp(fact_value(g->f, "port.layer", p->number), "InfiniBand");
	fact_set(g->f, key(p, "number"), p->folder, "%u", p->number);
	state_line(g, p, "state", "state");
	state_line(g, p, "phys_state", "phys");
	p->rank = rank(fact_value(g->f, "port.state", p->number));
	if (p->rank >= 3)
		fact_set(g->f, key(p, "active"), p->folder, "yes");
	rate(g, p, p->infiniband);
	type(g, p);
	interface(g, p, p->infiniband);
	if (p->infiniband) {
		subnet_manager(g, p);
		fact_set(g->f, "ib.infiniband", path, "yes");
	}
}

static bool addressed(struct gather *g, const struct port *p)
{
	return p->rank >= 3 && *fact_value(g->f, "port.up", p->number) &&
	       *fact_value(g->f, "port.address", p->number);
}

/* What each port has to know of the other. */
static void compare(struct gather *g, const struct port *p, const struct port *other)
{
	if (other->rank > p->rank)
		fact_set(g->f, key(p, "other"), other->folder, "yes");
	if (addressed(g, other))
		fact_set(g->f, key(p, "other_ip"), other->folder, "yes");
}

static void fastest(struct gather *g, const struct port *p, unsigned int count)
{
	unsigned long best = 0, mbps;
	const char *source = "";

	for (unsigned int i = 0; i < count; i++) {
		mbps = p[i].rank < 3
			       ? 0
			       : strtoul(fact_value(g->f, "port.mbps", p[i].number), NULL, 10);
		if (mbps > best) {
			best = mbps;
			source = p[i].folder;
		}
	}
	if (!best)
		return;
	fact_set(g->f, "rate.mbps", source, "%lu", best);
	fact_set(g->f, "rate.gbps", source, "%.*f", best % 1000 ? 1 : 0, best / 1000.0);
}

static void identity(struct gather *g)
{
	const struct fact *guid = fact_find(g->f, "guid", 0);
	struct fw_identity id = {0};
	struct cx_err err;

	if (!guid || guid->error) {
		if (guid)
			fact_missing(g->f, "identity", guid->source, guid->error);
		return;
	}
	if (fw_guid_read(guid->value, &id.guid[0], &err)) {
		fact_missing(g->f, "identity", guid->source, EINVAL);
		return;
	}
	if (!id.guid[0] || id.guid[0] == UINT64_MAX)
		fact_set(g->f, "identity", guid->source, "%s",
			 *fact_value(g->f, "ib.infiniband", 0) ? "blank" : "ethernet");
	else
		fact_set(g->f, "identity", guid->source, "%s",
			 fw_identity_is_release(&id) ? "placeholder" : "own");
}

void gather_rdma(struct gather *g)
{
	char ib[NAME_MAX + 1], folder[PATH_MAX], what[NAME_MAX + 32];
	struct port ports[PORTS];
	unsigned int count = 0;

	only_name(g, "ib", "infiniband", ib, sizeof(ib));
	if (!*ib) {
		version_by_interface(g);
		return;
	}
	snprintf(what, sizeof(what), "infiniband/%s", ib);
	device(g, ib, card_path(g, what, folder));
	for (; count < PORTS; count++) {
		struct port *p = &ports[count];

		*p = (struct port){.number = count + 1};
		snprintf(what, sizeof(what), "infiniband/%s/ports/%u", ib, p->number);
		if (!cx_machine_has(g->m, card_path(g, what, p->folder)))
			break;
		port(g, p);
	}
	fact_set(g->f, "ports", folder, "%u", count);
	errors(g, ports, count);
	if (count == PORTS) {
		compare(g, &ports[0], &ports[1]);
		compare(g, &ports[1], &ports[0]);
	}
	fastest(g, ports, count);
	identity(g);
}
