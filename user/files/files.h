/* SPDX-License-Identifier: GPL-2.0-only */
/* Files in and out. */
#ifndef CXFLASH_FILES_FILES_H
#define CXFLASH_FILES_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "cli/cli.h"

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
 * The one place that writes files, and the one that knows --dry-run: then it checks what it can and
 * writes nothing. A reader sees the old file or the new one, which is on the disk when this
 * returns. A file that is there stays the file it was: behind its links, with owner, mode and
 * access list; it is refused where that cannot be. "-" is standard output.
 */
int file_write(const struct cli *cli, const char *path, const void *bytes, size_t len,
	       struct cx_err *err);
/* A folder that must not be there yet. */
int file_new_folder(const struct cli *cli, const char *path, struct cx_err *err);
/* "Saved in PATH", or that it would be. */
void file_say(struct cli *cli, const char *path);

/* What is written: a text does not go into a name that ends as that of an image, nor the other way.
 */
enum file_kind { FILE_BYTES, FILE_INI, FILE_MLX };
/* Does the ending of the name promise that, or nothing? */
bool file_fits(const char *path, enum file_kind kind);
/* Check the name, write, say where: what a command does with -o. */
int file_save(struct cli *cli, const char *path, enum file_kind kind, const void *bytes, size_t len,
	      struct cx_err *err);

/* "-", or any other name of where standard output goes. */
bool file_is_stdout(const char *path);

/* "DIR/NAME", allocated. */
char *file_path(const char *dir, const char *name);
/* The folder a path, or the archive of a FILE::MEMBER, is in: "." for a bare name. Allocated. */
char *file_folder(const char *path);

#endif
