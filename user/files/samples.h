/* SPDX-License-Identifier: GPL-2.0-only */
/* The images in files, folders and archives, to learn from. */
#ifndef CXFLASH_FILES_SAMPLES_H
#define CXFLASH_FILES_SAMPLES_H

#include "cli/print.h"
#include "fw/map/sample.h"

struct samples {
	struct fw_sample *sample;
	struct fw_image *img; /* of each; NULL if they are not kept */
	size_t count;
	size_t others; /* files and members that are no images, or carry no ini */
	bool keep;
};

/*
 * Take a sample of every image in the operand: a file, each file of a folder, each member of an
 * archive. A file that is named and holds none is CX_INVALID; in a folder it is counted. An image
 * that cannot be used is a note. The caller frees with samples_free(), on failure too.
 */
int samples_add(struct samples *s, const char *path, struct out *out, struct cx_err *err);
void samples_free(struct samples *s);

#endif
