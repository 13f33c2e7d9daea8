// SPDX-License-Identifier: GPL-2.0-only
/* Cards in sysfs: finding them. */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fw/chip.h"
#include "running.h"
#include "sysfs.h"

const struct cx_pci_root cx_pci_system = {"/sys", "/run/cxflash", "/proc"};

int cx_pci_tree(struct cx_pci_tree *tree, const char *folder, struct cx_err *err)
{
	const char *const place[] = {cx_pci_system.sysfs, cx_pci_system.run, cx_pci_system.proc};

	*tree = (struct cx_pci_tree){0};
	for (size_t i = 0; i < 3; i++)
		if (asprintf(&tree->path[i], "%s%s", folder, place[i]) < 0) {
			tree->path[i] = NULL;
			cx_pci_tree_free(tree);
			return cx_fail(err, CX_FAILED, "out of memory");
		}
	tree->root = (struct cx_pci_root){tree->path[0], tree->path[1], tree->path[2]};
	return 0;
}

void cx_pci_tree_free(struct cx_pci_tree *tree)
{
	for (size_t i = 0; i < 3; i++)
		free(tree->path[i]);
	*tree = (struct cx_pci_tree){0};
}

static unsigned long number(const struct cx_pci_root *root, const char *name, const char *what)
{
	char path[PATH_MAX], text[32];

	sysfs_device(root, name, what, path);
	return sysfs_read(path, text, sizeof(text)) ? 0 : strtoul(text, NULL, 0);
}

/* Append a word if it fits. */
static void add_word(char *list, size_t size, const char *word)
{
	size_t n = strlen(list);

	if (n + strlen(word) + 2 <= size)
		snprintf(list + n, size - n, "%s%s", n ? " " : "", word);
}

static void read_interfaces(const struct cx_pci_root *root, struct cx_pci_card *card)
{
	char path[PATH_MAX], file[PATH_MAX + 300], text[32];
	struct dirent *e;
	DIR *dir;

	sysfs_device(root, card->name, "net", path);
	dir = opendir(path);
	if (!dir)
		return;
	while ((e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		add_word(card->interfaces, sizeof(card->interfaces), e->d_name);
		snprintf(file, sizeof(file), "%s/%s/flags", path, e->d_name);
		/* IFF_UP; one that cannot be looked at counts as up. */
		if (sysfs_read(file, text, sizeof(text)) || strtoul(text, NULL, 0) & 1)
			add_word(card->up, sizeof(card->up), e->d_name);
	}
	closedir(dir);
}

/* What an Ethernet interface knows of the firmware; anybody may ask. */
static void read_ethernet(struct cx_pci_card *card)
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
	struct ifreq req = {.ifr_data = (char *)&info};
	char names[sizeof(card->interfaces)], *save, *name;
	uint16_t version[3];
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	memcpy(names, card->interfaces, sizeof(names));
	for (name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", name);
		if (ioctl(fd, SIOCETHTOOL, &req) || !cx_running_text(info.fw_version, version))
			continue;
		snprintf(card->fw_version, sizeof(card->fw_version), "%.*s",
			 (int)sizeof(card->fw_version) - 1, info.fw_version);
		snprintf(card->version_by, sizeof(card->version_by), "%s", name);
		break;
	}
	close(fd);
}

/* What the RDMA side of the running driver knows of the firmware. */
static void read_infiniband(const struct cx_pci_root *root, struct cx_pci_card *card)
{
	char path[PATH_MAX], file[PATH_MAX + 300], text[16];
	uint16_t version[3];
	struct dirent *e;
	DIR *dir;

	sysfs_device(root, card->name, "infiniband", path);
	dir = opendir(path);
	if (!dir)
		return;
	while ((e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s/board_id", path, e->d_name);
		sysfs_read(file, card->board_id, sizeof(card->board_id));
		snprintf(file, sizeof(file), "%s/%s/fw_ver", path, e->d_name);
		sysfs_read(file, card->fw_version, sizeof(card->fw_version));
		if (cx_running_text(card->fw_version, version))
			snprintf(card->version_by, sizeof(card->version_by), "%.*s",
				 (int)sizeof(card->version_by) - 1, e->d_name);
		else
			*card->fw_version = '\0';
		snprintf(file, sizeof(file), "%s/%s/hw_rev", path, e->d_name);
		if (!sysfs_read(file, text, sizeof(text)))
			card->silicon = (int)strtoul(text, NULL, 16);
		break;
	}
	closedir(dir);
}

/* False: no card of ours. */
static bool read_card(const struct cx_pci_root *root, const char *name, struct cx_pci_card *card)
{
	char path[PATH_MAX];
	const struct fw_device *device;

	if (number(root, name, "vendor") != FW_VENDOR_ID)
		return false;
	device = fw_device(number(root, name, "device"));
	sysfs_device(root, name, "physfn", path);
	if (!device || !access(path, F_OK))
		return false;
	*card = (struct cx_pci_card){
		.device = device->id,
		.chip = fw_chip_name(device->chip, device->rev),
		.recovery = device->recovery,
		.subsystem_vendor = number(root, name, "subsystem_vendor"),
		.subsystem_device = number(root, name, "subsystem_device"),
		.revision = number(root, name, "revision"),
		.vfs = number(root, name, "sriov_numvfs"),
		.silicon = -1,
	};
	snprintf(card->name, sizeof(card->name), "%s", name);
	sysfs_driver(root, name, card->driver, sizeof(card->driver));
	sysfs_record(root, name, path);
	sysfs_read(path, card->previous, sizeof(card->previous));
	read_interfaces(root, card);
	read_infiniband(root, card);
	/* Interfaces of a tree are none of this machine's. */
	if (!*card->fw_version && *card->driver && root == &cx_pci_system)
		read_ethernet(card);
	return true;
}

/* ---- cards ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct cx_pci_card *)a)->name, ((const struct cx_pci_card *)b)->name);
}

int cx_pci_list(const struct cx_pci_root *root, struct cx_pci_card **cards, size_t *count,
		struct cx_err *err)
{
	struct cx_pci_card *list = NULL, *more, card;
	char path[PATH_MAX];
	struct dirent *e;
	DIR *dir;

	*count = 0;
	*cards = NULL;
	snprintf(path, sizeof(path), "%s/bus/pci/devices", root->sysfs);
	dir = opendir(path);
	if (!dir)
		return cx_fail(err, CX_FAILED,
			       "%s: the PCI functions of this machine cannot be "
			       "listed: %s",
			       path, strerror(errno));
	while ((e = readdir(dir))) {
		if (e->d_name[0] == '.' || !read_card(root, e->d_name, &card))
			continue;
		more = realloc(list, (*count + 1) * sizeof(*list));
		if (!more) {
			closedir(dir);
			free(list);
			return cx_fail(err, CX_FAILED, "out of memory");
		}
		list = more;
		list[(*count)++] = card;
	}
	closedir(dir);
	if (list)
		qsort(list, *count, sizeof(*list), by_name);
	*cards = list;
	return 0;
}

/* Does @text look like @pattern, where x stands for a hex digit? */
static bool looks_like(const char *text, const char *pattern)
{
	for (; *pattern; text++, pattern++)
		if (*pattern == 'x' ? !isxdigit((unsigned char)*text) : *text != *pattern)
			return false;
	return !*text;
}

int cx_pci_full_name(const char *name, char *full, struct cx_err *err)
{
	bool is_short = looks_like(name, "xx:xx.x");

	if (!is_short && !looks_like(name, "xxxx:xx:xx.x"))
		return cx_fail(err, CX_USAGE,
			       "%.64s: is no PCI address like 0000:04:00.0 or 04:00.0, nor "
			       "file:DUMP",
			       name);
	snprintf(full, 16, "%s%s", is_short ? "0000:" : "", name);
	for (; *full; full++)
		*full = tolower((unsigned char)*full);
	return 0;
}

/* Cards of the same vendor's other generations, for whoever finds none of ours. */
static int tell_others(const struct cx_pci_root *root, struct cx_err *err)
{
	char path[PATH_MAX], what[200];
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/bus/pci/devices", root->sysfs);
	dir = opendir(path);
	while (dir && (e = readdir(dir)))
		if (number(root, e->d_name, "vendor") == FW_VENDOR_ID &&
		    fw_other_device(number(root, e->d_name, "device"), what, sizeof(what)))
			cx_fail_after(err, "; %.20s is %s", e->d_name, what);
	if (dir)
		closedir(dir);
	return -1;
}

int cx_pci_none(const struct cx_pci_root *root, struct cx_err *err)
{
	cx_fail(err, CX_NOT_FOUND,
		"there is no ConnectX, ConnectX-2, ConnectX-3 or ConnectX-3 Pro in this machine");
	return tell_others(root, err);
}

static int find_only(const struct cx_pci_root *root, struct cx_pci_card *card, struct cx_err *err)
{
	char names[256] = "";
	struct cx_pci_card *list;
	size_t count;

	if (cx_pci_list(root, &list, &count, err))
		return -1;
	for (size_t i = 0; i < count; i++)
		add_word(names, sizeof(names), list[i].name);
	if (count == 1)
		*card = list[0];
	free(list);
	if (!count)
		return cx_pci_none(root, err);
	if (count > 1)
		return cx_fail(err, CX_USAGE, "there are %zu cards, name one with -d: %s", count,
			       names);
	return 0;
}

int cx_pci_find(const struct cx_pci_root *root, const char *name, struct cx_pci_card *card,
		struct cx_err *err)
{
	char full[16], path[PATH_MAX], what[200];

	if (!name)
		return find_only(root, card, err);
	if (cx_pci_full_name(name, full, err))
		return -1;
	if (read_card(root, full, card))
		return 0;
	sysfs_device(root, full, "", path);
	if (access(path, F_OK))
		return cx_fail(err, CX_NOT_FOUND, "%s: there is no such PCI function", full);
	if (number(root, full, "vendor") == FW_VENDOR_ID &&
	    fw_other_device(number(root, full, "device"), what, sizeof(what)))
		return cx_fail(err, CX_REFUSED, "%s is %s", full, what);
	return cx_fail(err, CX_NOT_FOUND,
		       "%s: is %04lx:%04lx, no card of the ConnectX to ConnectX-3 Pro generations",
		       full, number(root, full, "vendor"), number(root, full, "device"));
}
