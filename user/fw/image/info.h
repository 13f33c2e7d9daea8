/* SPDX-License-Identifier: GPL-2.0-only */
/* The Image Info section: tag-length-value records (fs2-image 11). For user/fw only. */
#ifndef CXFLASH_FW_IMAGE_INFO_H
#define CXFLASH_FW_IMAGE_INFO_H

#include "image.h"

enum fw_tag {
	FW_TAG_FORMAT = 0,
	FW_TAG_VERSION = 1,
	FW_TAG_TIME = 2,
	FW_TAG_DEVICE = 3,
	FW_TAG_PSID = 4,
	FW_TAG_VSD = 5,
	FW_TAG_PRODUCT = 7,
	FW_TAG_VENDOR = 8,
	FW_TAG_HW = 10,
	FW_TAG_MIC = 11,
	FW_TAG_MIN_FIT = 12,
	FW_TAG_NV_CONFIG = 19,
	FW_TAG_PRS = 20,
	FW_TAG_END = 255,
};

/* Read the records of @section of @bytes. CX_INVALID names the record that is broken. */
int fw_info_parse(const uint8_t *bytes, const struct fw_section *section, struct fw_info *info,
		  struct cx_err *err);

/* Address and length of a tag's data in an image that was parsed; 0 if it is absent. */
uint32_t fw_info_tag(const struct fw_image *img, enum fw_tag tag, uint32_t *len);

#endif
