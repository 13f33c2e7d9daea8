/* SPDX-License-Identifier: GPL-2.0-only */
/* --map FILE: more parameters than those built in, from a table like params.tsv or a vendor's .mlx
 * of the older text dialect. */
#ifndef CXFLASH_FILES_MAP_H
#define CXFLASH_FILES_MAP_H

#include "cli/print.h"
#include "fw/map/table.h"
#include "fw/mlx/text.h"

/* Add the rules of a table to *@params, which was zeroed or filled before. A .mlx is CX_REFUSED. */
int map_add_table(const char *path, struct fw_params *params, struct cx_err *err);
/* Is it a table that map learn wrote? */
int map_is_learnt(const char *path, bool *learnt, struct cx_err *err);
/* What map learn wrote; CX_INVALID for another table. The caller frees with fw_map_free(). */
int map_load_learnt(const char *path, struct fw_map *map, struct cx_err *err);
/* If the table is what map learn wrote, let it compile keys of @rel. */
int map_use_learnt(const char *path, struct fw_release *rel, struct cx_err *err);
/* Let a .mlx claim places for keys of @rel; what it is, and what of it is not understood, are
 * notes. */
int map_claim(const char *path, struct fw_release *rel, fw_note_fn note, void *ctx,
	      struct cx_err *err);

/* "3 lines are not understood: F.mlx:1, F.mlx:7, ..."; "" if all are. @name is the file's. */
const char *map_unknown_lines(const struct fw_mlx_text *mlx, const char *name, char *buf,
			      size_t size);
/* The last part of a path, which is what names the lines of a file. */
const char *map_file_name(const char *path);

#endif
