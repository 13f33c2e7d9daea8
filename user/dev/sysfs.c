// SPDX-License-Identifier: GPL-2.0-only
/* Paths and single-line files of sysfs. */
#include "sysfs.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

void sysfs_record(const struct cx_pci_root *root, const char *name, char *path)
{
	snprintf(path, PATH_MAX, "%s/%s", root->run, name);
}
