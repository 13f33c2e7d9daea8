/* SPDX-License-Identifier: GPL-2.0-only */
/* Writing a .tar.xz, for others to read. */
#ifndef CXFLASH_FILES_BUNDLE_H
#define CXFLASH_FILES_BUNDLE_H

#include <stddef.h>

#include "fw/err.h"

struct bundle;

/* Everything in it is below the folder @top. An existing file is replaced. */
int bundle_open(const char *path, const char *top, struct bundle **b, struct cx_err *err);
int bundle_file(struct bundle *b, const char *name, const void *bytes, size_t len,
		struct cx_err *err);
int bundle_link(struct bundle *b, const char *name, const char *target, struct cx_err *err);
int bundle_folder(struct bundle *b, const char *name, struct cx_err *err);
/* Give it back; with @good, the file is whole now, else it goes away. */
int bundle_close(struct bundle *b, int good, struct cx_err *err);

#endif
