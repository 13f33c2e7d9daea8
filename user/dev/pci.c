// SPDX-License-Identifier: GPL-2.0-only
/* Cards in sysfs: finding them. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sysfs.h"

const struct cx_pci_root cx_pci_system = {"/sys", "/run/cxflash", "/proc"};

#define VENDOR 0x15b3

/* flash-access 1, kernel-driver 6.4. Virtual functions (1002, 1004) have no flash of their own. */
static const struct {
	uint16_t device;
	bool recovery;
	const char *chip;
} known[] = {
	{0x6340, false, "ConnectX/ConnectX-2"},
	{0x634a, false, "ConnectX/ConnectX-2"},
	{0x6354, false, "ConnectX"},
	{0x6368, false, "ConnectX/ConnectX-2"},
	{0x6372, false, "ConnectX/ConnectX-2"},
	{0x6732, false, "ConnectX/ConnectX-2"},
	{0x673c, false, "ConnectX/ConnectX-2"},
	{0x6746, false, "ConnectX-2"},
	{0x6750, false, "ConnectX/ConnectX-2"},
	{0x675a, false, "ConnectX/ConnectX-2"},
	{0x6764, false, "ConnectX-2"},
	{0x676e, false, "ConnectX-2"},
	{0x6778, false, "ConnectX-2"},
	{0x1003, false, "ConnectX-3"},
	{0x1007, false, "ConnectX-3 Pro"},
	{0x0191, true, "ConnectX/ConnectX-2"},
	{0x01f6, true, "ConnectX-3"},
	{0x01f8, true, "ConnectX-3 Pro"},
};

const char *cx_pci_chip(uint16_t device)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (known[i].device == device)
			return known[i].chip;
	return NULL;
}

/* ---- sysfs ---- */

int sysfs_read(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "re");
	char *got;

	buf[0] = 0;
	if (!f)
		return -1;
	got = fgets(buf, size, f);
	fclose(f);
	if (!got)
		return -1;
	buf[strcspn(buf, "\n")] = 0;
	return 0;
}

void sysfs_device(const struct cx_pci_root *root, const char *name, const char *what, char *path)
{
	snprintf(path, PATH_MAX, "%s/bus/pci/devices/%s%s%s", root->sysfs, name, *what ? "/" : "",
		 what);
}

static unsigned long number(const struct cx_pci_root *root, const char *name, const char *what)
{
	char path[PATH_MAX], text[32];

	sysfs_device(root, name, what, path);
	return sysfs_read(path, text, sizeof(text)) ? 0 : strtoul(text, NULL, 0);
}

void sysfs_driver(const struct cx_pci_root *root, const char *name, char *driver, size_t size)
{
	char path[PATH_MAX], target[PATH_MAX];
	const char *base;
	ssize_t n;

	sysfs_device(root, name, "driver", path);
	n = readlink(path, target, sizeof(target) - 1);
	target[n > 0 ? n : 0] = 0;
	base = strrchr(target, '/');
	snprintf(driver, size, "%s", base ? base + 1 : target);
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

/* What the RDMA side of the running driver knows of the firmware. */
static void read_infiniband(const struct cx_pci_root *root, struct cx_pci_card *card)
{
	char path[PATH_MAX], file[PATH_MAX + 300];
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
		break;
	}
	closedir(dir);
}

void sysfs_record(const struct cx_pci_root *root, const char *name, char *path)
{
	snprintf(path, PATH_MAX, "%s/%s", root->run, name);
}

/* False: no card of ours. */
static bool read_card(const struct cx_pci_root *root, const char *name, struct cx_pci_card *card)
{
	char path[PATH_MAX];
	uint16_t device;
	size_t i = 0;

	if (number(root, name, "vendor") != VENDOR)
		return false;
	device = number(root, name, "device");
	while (i < sizeof(known) / sizeof(*known) && known[i].device != device)
		i++;
	sysfs_device(root, name, "physfn", path);
	if (i == sizeof(known) / sizeof(*known) || !access(path, F_OK))
		return false;
	*card = (struct cx_pci_card){
		.device = device,
		.chip = known[i].chip,
		.recovery = known[i].recovery,
		.subsystem_vendor = number(root, name, "subsystem_vendor"),
		.subsystem_device = number(root, name, "subsystem_device"),
		.revision = number(root, name, "revision"),
		.vfs = number(root, name, "sriov_numvfs"),
	};
	snprintf(card->name, sizeof(card->name), "%s", name);
	sysfs_driver(root, name, card->driver, sizeof(card->driver));
	sysfs_record(root, name, path);
	sysfs_read(path, card->previous, sizeof(card->previous));
	read_interfaces(root, card);
	read_infiniband(root, card);
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
		return cx_fail(err, CX_FAILED, "%s: %s", path, strerror(errno));
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
		return cx_fail(err, CX_NOT_FOUND,
			       "there is no ConnectX, ConnectX-2, ConnectX-3 or ConnectX-3 Pro in "
			       "this machine");
	if (count > 1)
		return cx_fail(err, CX_USAGE, "there are %zu cards, name one with -d: %s", count,
			       names);
	return 0;
}

int cx_pci_find(const struct cx_pci_root *root, const char *name, struct cx_pci_card *card,
		struct cx_err *err)
{
	char full[16], path[PATH_MAX];

	if (!name)
		return find_only(root, card, err);
	if (cx_pci_full_name(name, full, err))
		return -1;
	if (read_card(root, full, card))
		return 0;
	sysfs_device(root, full, "", path);
	if (access(path, F_OK))
		return cx_fail(err, CX_NOT_FOUND, "%s: there is no such PCI function", full);
	return cx_fail(err, CX_NOT_FOUND,
		       "%s: is %04lx:%04lx, no card of the ConnectX to ConnectX-3 Pro generations",
		       full, number(root, full, "vendor"), number(root, full, "device"));
}
