/* SPDX-License-Identifier: GPL-2.0-only */
/* A folder of firmware for several boards: what is in it for one card. */
#ifndef CXFLASH_FILES_FOLDER_H
#define CXFLASH_FILES_FOLDER_H

#include "fw/image/dump.h"
#include "recipe.h"

bool folder_is(const char *path);

/*
 * From the *.bin and *.mlx files of the folder r->fw: the image with this PSID; if there is none,
 * the release for this chip, assembled with the ini for the PSID (from r->conf, else from the
 * folder). With options that change an image (--conf, --set) a release is always assembled.
 * CX_NOT_FOUND if nothing fits, CX_REFUSED if two do, naming them.
 */
int folder_image(struct cli *cli, const struct recipe *r, const char *psid, enum fw_chip chip,
		 unsigned int chip_rev, struct fw_image *img, struct cx_err *err);

#endif
