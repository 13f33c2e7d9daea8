/* SPDX-License-Identifier: GPL-2.0-only */
/* Paths and single-line files of sysfs, for pci.c and bind.c. Paths have PATH_MAX bytes. */
#ifndef CXFLASH_DEV_SYSFS_H
#define CXFLASH_DEV_SYSFS_H

#include "pci.h"

/* The first line of a file; -1, and "" in @buf, if there is none. */
int sysfs_read(const char *path, char *buf, size_t size);
/* Path of file @what ("" for the folder) of PCI function @name. */
void sysfs_device(const struct cx_pci_root *root, const char *name, const char *what, char *path);
/* The driver that has the function, or "". */
void sysfs_driver(const struct cx_pci_root *root, const char *name, char *driver, size_t size);
/* Path of the record of the driver a card goes back to. */
void sysfs_record(const struct cx_pci_root *root, const char *name, char *path);

#endif
