// SPDX-License-Identifier: GPL-2.0-only
/* Facts: the PCI function and who has it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dev/pci.h"
#include "fw/chip.h"
#include "gather.h"

#define IORESOURCE_UNSET 0x20000000ul /* include/linux/ioport.h: the BIOS gave none, nor Linux */

const char *card_path(const struct gather *g, const char *what, char *path)
{
	snprintf(path, PATH_MAX, "/sys/bus/pci/devices/%s%s%s", g->card, *what ? "/" : "", what);
	return path;
}

bool gather_line(struct gather *g, const char *key, const char *path)
{
	char line[200];
	int ret = cx_machine_line(g->m, path, line, sizeof(line));

	if (ret && ret != -ENOENT)
		fact_missing(g->f, key, path, ret);
	else
		fact_set(g->f, key, path, "%s", line);
	return *line;
}

static unsigned long number(const struct gather *g, const char *what)
{
	char path[PATH_MAX], text[32];

	return cx_machine_line(g->m, card_path(g, what, path), text, sizeof(text))
		       ? 0
		       : strtoul(text, NULL, 0);
}

/*
 * Does its firmware know InfiniBand? Only the firmware is sure; these are Ethernet's device ids,
 * and a ConnectX-3 says it by its class: 0200 is an Ethernet controller.
 */
static bool may_be_infiniband(const struct gather *g, unsigned long device)
{
	if (fw_device_ports(device) == FW_PORTS_EN)
		return false;
	return fw_device_ports(device) == FW_PORTS_VPI || number(g, "class") >> 8 != 0x0200;
}

static void identify(struct gather *g)
{
	unsigned long device = number(g, "device");
	const struct fw_device *known = fw_device(device);
	bool vf = device == 0x1002 || device == 0x1004;
	char path[PATH_MAX];

	card_path(g, "device", path);
	fact_set(g->f, "card", path, "%s", g->card);
	fact_set(g->f, "card.id", path, "%04lx:%04lx", number(g, "vendor"), device);
	fact_set(g->f, "card.chip", path, "%s",
		 known ? fw_chip_name(known->chip, known->rev) : "unknown");
	fact_flag(g->f, "card.vf", path, vf || cx_machine_has(g->m, card_path(g, "physfn", path)));
	fact_flag(g->f, "card.recovery", path, known && known->recovery);
	fact_flag(g->f, "card.cx2", path, fw_device_chip(device) == FW_CHIP_CONNECTX2);
	fact_flag(g->f, "card.ib", card_path(g, "class", path), may_be_infiniband(g, device));
}

static void driver(struct gather *g)
{
	char path[PATH_MAX], text[64];
	int ret = cx_machine_link(g->m, card_path(g, "driver", path), text, sizeof(text));

	if (ret && ret != -ENOENT)
		fact_missing(g->f, "driver", path, ret);
	else
		fact_set(g->f, "driver", path, "%s", text);
	fact_flag(g->f, "driver.mlx4", path, !strcmp(text, "mlx4_core"));
	if (!cx_machine_line(g->m, card_path(g, "driver_override", path), text, sizeof(text)) &&
	    strcmp(text, "(null)"))
		fact_set(g->f, "driver.override", path, "%s", text);
}

static void beside_it(struct gather *g)
{
	static const char *const module[] = {"mlx4_en", "mlx4_ib", "ib_ipoib"};
	char text[64] = "", path[64];

	for (size_t i = 0; i < sizeof(module) / sizeof(*module); i++) {
		snprintf(path, sizeof(path), "/sys/module/%s", module[i]);
		if (cx_machine_has(g->m, path))
			snprintf(text + strlen(text), sizeof(text) - strlen(text), " %s",
				 module[i]);
	}
	fact_set(g->f, "mlx4.loaded", "/sys/module", "%s", *text ? text : " nothing");
}

static void size_text(unsigned long long bytes, char *text, size_t size)
{
	if (bytes >> 20)
		snprintf(text, size, "%llu MiB", bytes >> 20);
	else
		snprintf(text, size, "%llu KiB", bytes >> 10);
}

/* Lines "start end flags"; the first is BAR0, which a virtual function has not, the third BAR2. */
static void memory(struct gather *g)
{
	char path[PATH_MAX], *text, *line, seen[96] = "", missing[32] = "", amount[24];
	bool vf = *fact_value(g->f, "card.vf", 0);
	unsigned long long start, end, flags;
	long len = cx_machine_file(g->m, card_path(g, "resource", path), &text);
	char *rest = text;

	if (len < 0) {
		fact_missing(g->f, "memory", path, len);
		return;
	}
	for (int bar = 0; bar < 3 && (line = strsep(&rest, "\n")); bar++) {
		if (bar == 1 || (bar == 0 && vf) ||
		    sscanf(line, "%llx %llx %llx", &start, &end, &flags) != 3)
			continue;
		if (!flags || !start || flags & IORESOURCE_UNSET) {
			snprintf(missing + strlen(missing), sizeof(missing) - strlen(missing),
				 "%sBAR%d", *missing ? " and " : "", bar);
			continue;
		}
		size_text(end - start + 1, amount, sizeof(amount));
		snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%sBAR%d %s",
			 *seen ? ", " : "", bar, amount);
	}
	free(text);
	if (!*seen && !*missing) {
		fact_missing(g->f, "memory", path, EINVAL);
		return;
	}
	fact_set(g->f, "memory", path, "%s", seen);
	fact_set(g->f, "memory.missing", path, "%s", missing);
}

static void iommu(struct gather *g)
{
	char path[PATH_MAX], group[32];
	int ret = cx_machine_link(g->m, card_path(g, "iommu_group", path), group, sizeof(group));

	if (ret == -ENOENT) {
		fact_set(g->f, "iommu", path, "%s", "");
		return;
	}
	if (ret) {
		fact_missing(g->f, "iommu", path, ret);
		return;
	}
	snprintf(path, sizeof(path), "/sys/kernel/iommu_groups/%s/type", group);
	gather_line(g, "iommu", path);
}

/* mlx4 has no sriov_numvfs to write; its functions come from a parameter of the module. */
static void virtual_functions(struct gather *g)
{
	char path[PATH_MAX], what[24], text[64];
	unsigned int count = 0;

	do {
		snprintf(what, sizeof(what), "virtfn%u", count);
	} while (!cx_machine_link(g->m, card_path(g, what, path), text, sizeof(text)) && ++count);
	card_path(g, "virtfn*", path);
	if (count)
		fact_set(g->f, "vfs", path, "%u", count);
	if (!cx_machine_line(g->m, "/sys/module/mlx4_core/parameters/num_vfs", text,
			     sizeof(text)) &&
	    strtoul(text, NULL, 10))
		fact_set(g->f, "vfs.wanted", "/sys/module/mlx4_core/parameters/num_vfs", "%s",
			 text);
}

void gather_card(struct gather *g)
{
	identify(g);
	driver(g);
	beside_it(g);
	memory(g);
	iommu(g);
	virtual_functions(g);
}
