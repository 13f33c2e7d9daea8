/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The checksum of a release, whatever card it is on: MD5 over the image with what differs from card
 * to card blanked out (fs2-image 16). It is the one that "mstflint checksum" prints. It tells two
 * releases apart; it is no protection against forgery.
 */
#ifndef CXFLASH_FW_IMAGE_CHECKSUM_H
#define CXFLASH_FW_IMAGE_CHECKSUM_H

#include "image.h"

#define FW_CHECKSUM_TEXT 33 /* 32 hex digits and a NUL */

/* CX_INVALID for a damaged image, with the place: its checksum would mean nothing. */
int fw_image_checksum(const struct fw_image *img, char text[FW_CHECKSUM_TEXT], struct cx_err *err);

#endif
