// SPDX-License-Identifier: GPL-2.0-only
/*
 * Facts: what the PCIe links between card and processor carry. Speed and width of the card and of
 * every bridge above it, as the kernel's pcie_bandwidth_available() counts them; a bridge that
 * shows no link is none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gather.h"

struct link {
	char speed[16]; /* "8.0 GT/s" */
	unsigned int width, mbps;
};

/* Mb/s of a lane after its encoding: 8b/10b up to 5 GT/s, 128b/130b from 8. */
static unsigned int lane_mbps(const char *speed)
{
	static const struct {
		double speed;
		unsigned int mbps;
	} known[] = {{2.5, 2000}, {5, 4000}, {8, 7876}, {16, 15753}, {32, 31507}};
	double n = strtod(speed, NULL);

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (n == known[i].speed)
			return known[i].mbps;
	return 0;
}

/* @which: "current" or "max". False: no link is shown. */
static bool read_link(struct gather *g, const char *function, const char *which, struct link *l)
{
	char path[PATH_MAX], text[32];
	double speed;

	*l = (struct link){0};
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s_link_width", function, which);
	if (cx_machine_line(g->m, path, text, sizeof(text)))
		return false;
	l->width = strtoul(text, NULL, 10);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s_link_speed", function, which);
	if (cx_machine_line(g->m, path, text, sizeof(text)))
		return false;
	speed = strtod(text, NULL);
	snprintf(l->speed, sizeof(l->speed), "%.1f GT/s", speed);
	l->mbps = l->width * lane_mbps(text);
	return l->mbps;
}

static void gbps_text(unsigned int mbps, char *text, size_t size)
{
	snprintf(text, size, "%.1f", mbps / 1000.0);
}

static void set_link(struct gather *g, const char *key, const char *source, const struct link *l)
{
	char name[32], text[16];

	snprintf(name, sizeof(name), "pcie.%s_link", key);
	fact_set(g->f, name, source, "%s x%u", l->speed, l->width);
	snprintf(name, sizeof(name), "pcie.%s_mbps", key);
	fact_set(g->f, name, source, "%u", l->mbps);
	snprintf(name, sizeof(name), "pcie.%s_gbps", key);
	gbps_text(l->mbps, text, sizeof(text));
	fact_set(g->f, name, source, "%s", text);
}

struct walk {
	struct link now, could; /* the least of what was passed */
	char limit[16];		/* where .now is */
};

static void pass(struct gather *g, const char *function, struct walk *w)
{
	struct link now, max;

	if (read_link(g, function, "current", &now) && now.mbps <= w->now.mbps) {
		w->now = now;
		snprintf(w->limit, sizeof(w->limit), "%.15s", function);
	}
	if (read_link(g, function, "max", &max) && max.mbps < w->could.mbps)
		w->could = max;
}

/* The folders of the real path are the bridges, the nearest to the processor first. */
static void climb(struct gather *g, struct walk *w)
{
	char path[PATH_MAX], real[PATH_MAX], *slash, *last;

	if (cx_machine_real(g->m, card_path(g, "", path), real, sizeof(real)))
		return;
	while ((slash = strrchr(real, '/'))) {
		*slash = '\0';
		last = strrchr(real, '/');
		if (!last || strlen(last + 1) != 12 || last[5] != ':')
			break;
		pass(g, last + 1, w);
	}
}

/* A packet of 128 or 256 bytes has 24 around it. */
static void set_data(struct gather *g, const char *source, unsigned int mbps)
{
	fact_set(g->f, "pcie.data", source, "%.0f to %.0f", mbps / 1000.0 * 128 / 152,
		 mbps / 1000.0 * 256 / 280);
}

void gather_pcie(struct gather *g)
{
	struct walk w = {0};
	struct link now, max;
	char path[PATH_MAX], text[16], width[16];
	int ret = cx_machine_line(g->m, card_path(g, "current_link_width", path), width,
				  sizeof(width));

	if (ret) {
		fact_missing(g->f, "pcie.link", path, ret);
		return;
	}
	if (!read_link(g, g->card, "current", &now)) {
		fact_set(g->f, "pcie.link", path, "%s", "");
		return;
	}
	if (!read_link(g, g->card, "max", &max))
		max = now;
	w.now = now;
	w.could = max;
	snprintf(w.limit, sizeof(w.limit), "%s", g->card);
	/* A guest's bridges are made up; its card has the link that it has. */
	if (!*fact_value(g->f, "vm", 0))
		climb(g, &w);
	fact_set(g->f, "pcie.link", path, "%s x%u", now.speed, now.width);
	fact_set(g->f, "pcie.mbps", path, "%u", w.now.mbps);
	gbps_text(w.now.mbps, text, sizeof(text));
	fact_set(g->f, "pcie.gbps", path, "%s", text);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/current_link_width", w.limit);
	fact_set(g->f, "pcie.limit", path, "%s", w.limit);
	set_link(g, "limit", path, &w.now);
	set_data(g, path, w.now.mbps);
	card_path(g, "max_link_width", path);
	set_link(g, "card", path, &max);
	set_link(g, "could", path, &w.could);
}
