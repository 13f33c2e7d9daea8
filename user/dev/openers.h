/* SPDX-License-Identifier: GPL-2.0-only */
/* Which processes have a file open. */
#ifndef CXFLASH_DEV_OPENERS_H
#define CXFLASH_DEV_OPENERS_H

#include "pci.h"

/* What @path is called where it is one of the files that are asked for, else NULL. */
typedef const char *(*opener_file_fn)(const char *path, const void *ctx);

/*
 * Call @tell for each other process that has such a file open or mapped, once, with its number, its
 * program and the file. Those that /proc does not show to us are left out.
 */
void openers_each(const struct cx_pci_root *root, opener_file_fn file, const void *file_ctx,
		  void (*tell)(void *ctx, const char *pid, const char *program, const char *file),
		  void *ctx);

/*
 * Write into @text, as much as fits, who can reach the registers of card @name without its driver:
 * by its BARs, by its configuration space, or by all of memory; "" nobody is seen.
 */
void cx_pci_openers(const struct cx_pci_root *root, const char *name, char *text, size_t size);

#endif
