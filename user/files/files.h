/* SPDX-License-Identifier: GPL-2.0-only */
/* Files in and out. */
#ifndef CXFLASH_FILES_FILES_H
#define CXFLASH_FILES_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "fw/err.h"

#define FILE_MAX (256u << 20) /* an updater carries images for a hundred boards */

/* errno as an error about @path; CX_NOT_FOUND if it is not there. */
int file_fail(const char *path, struct cx_err *err);
/* Where "::MEMBER" begins in @path (source.h); NULL if it names a file. */
const char *file_member(const char *path);
/* Can the file, or the archive of a FILE::MEMBER, be read? CX_NOT_FOUND, or what is in the way. */
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
/* The folder a path, or the archive of a FILE::MEMBER, is in: "." for a bare name. Allocated. */
char *file_folder(const char *path);

#endif
