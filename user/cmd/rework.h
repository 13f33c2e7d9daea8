/* SPDX-License-Identifier: GPL-2.0-only */
/* A changed copy of an image file, or of a dump with one image. */
#ifndef CXFLASH_CMD_REWORK_H
#define CXFLASH_CMD_REWORK_H

#include "../fw/image.h"
#include "cmd.h"

/* Changes the image; it may be left half changed on failure. */
typedef int (*rework_fn)(struct cli *cli, struct fw_image *img, struct cx_err *err);

/*
 * Read @path, let @change at its image, and write the result to @output: an image as an image, a
 * dump as a dump in which nothing else is touched. A dump with two images is refused with the way
 * out, and so is a result that does not verify.
 */
int rework_file(struct cli *cli, const char *path, const char *output, rework_fn change,
		struct cx_err *err);

#endif
