/* SPDX-License-Identifier: GPL-2.0-only */
/* What was learnt, put to use: keys of an ini are compiled into a release by it. */
#ifndef CXFLASH_FW_MAP_USE_H
#define CXFLASH_FW_MAP_USE_H

#include "table.h"

/* A value from a release that was not learnt from must carry this many bits to prove its place. */
#define FW_SIGNIFICANT_BITS 16

struct fw_release;

/*
 * Let a learnt map compile the keys it knows: what was learnt from this very release, else from the
 * newest of the chip; CX_REFUSED if there is none. *@map becomes the release's, on failure too.
 */
int fw_release_learnt(struct fw_release *rel, struct fw_map *map, struct cx_err *err);
/* The same by what was learnt, which must outlive @rel. */
int fw_release_use(struct fw_release *rel, const struct fw_learning *l, struct cx_err *err);

#endif
