/* SPDX-License-Identifier: GPL-2.0-only */
/* Files in and out, and what people keep in them: images, dumps, inis, releases. */
#ifndef CXFLASH_CMD_FILES_H
#define CXFLASH_CMD_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "../fw/boards.h"
#include "../fw/image.h"
#include "../fw/ini.h"
#include "../fw/release.h"

#define FILE_MAX (64u << 20) /* four times the largest flash; a .mlx is text */

/* Can it be read? CX_NOT_FOUND, or what is in the way. */
int file_check(const char *path, struct cx_err *err);
/*
 * Read a whole file; one NUL byte follows the data. Every error names the path; CX_NOT_FOUND if
 * there is no such file. The caller frees *bytes.
 */
int file_read(const char *path, uint8_t **bytes, size_t *len, struct cx_err *err);
/*
 * Write a whole file, so that a reader sees the old file or the new one. "-" is standard output. An
 * existing file is replaced.
 */
int file_write(const char *path, const void *bytes, size_t len, struct cx_err *err);

/* "DIR/NAME", allocated. */
char *file_path(const char *dir, const char *name);
/* The folder a path is in: "." for a bare name. Allocated. */
char *file_folder(const char *path);

int ini_load(const char *path, struct fw_ini *ini, struct cx_err *err);
/* The same, but of a text with contradictions take what there is (ini->doubt tells). */
int ini_load_doubtful(const char *path, struct fw_ini *ini, struct cx_err *err);
/* One contiguous image; a dump with more than that is refused with the way out. */
int image_load(const char *path, struct fw_image *img, struct cx_err *err);
/* A .mlx or a .bin, told apart by what is in it. @map: file of a parameter map that joins the
 * built-in one, or NULL. */
int release_load(const char *path, const char *map, struct fw_release **rel, struct cx_err *err);

/*
 * What is known of boards: the table built into the tool, with /etc/cxflash/boards.tsv (or the file
 * that CXFLASH_BOARDS names) on top. The caller frees with fw_boards_free().
 */
int boards_load(struct fw_boards *boards, struct cx_err *err);

/*
 * The one ini for @psid among the *.ini files of @dir. None is CX_NOT_FOUND, two are CX_REFUSED
 * with both names. *path is allocated.
 */
int ini_find(const char *dir, const char *psid, struct fw_ini *ini, char **path,
	     struct cx_err *err);

#endif
