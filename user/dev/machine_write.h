/* SPDX-License-Identifier: GPL-2.0-only */
/* Writing to a machine; both return -errno. */
#ifndef CXFLASH_DEV_MACHINE_WRITE_H
#define CXFLASH_DEV_MACHINE_WRITE_H

#include "machine.h"

/* A value and a newline into a file that is there, in one write: mlx4's port files want it so. */
int cx_machine_put(const struct cx_machine *m, const char *path, const char *value);
/* A file becomes @text, whole or not at all; with "" it goes away. */
int cx_machine_replace(const struct cx_machine *m, const char *path, const char *text);

#endif
