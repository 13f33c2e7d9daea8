/* SPDX-License-Identifier: GPL-2.0-only */
/* The Image Info section: tag-length-value records (fs2-image 11). For user/fw only. */
#ifndef CXFLASH_FW_IMAGE_INFO_H
#define CXFLASH_FW_IMAGE_INFO_H

#include "image.h"

/* Read the records of @section of @bytes. CX_INVALID names the record that is broken. */
int fw_info_parse(const uint8_t *bytes, const struct fw_section *section, struct fw_info *info,
		  struct cx_err *err);

/* Address and length of a tag's data in an image that was parsed; 0 if it is absent. */
uint32_t fw_info_tag(const struct fw_image *img, enum fw_tag tag, uint32_t *len);

#endif
