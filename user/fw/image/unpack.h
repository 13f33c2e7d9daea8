/* SPDX-License-Identifier: GPL-2.0-only */
/* What is inside sections whose bodies are packed: code (LZMA), the ini and the hash file (zlib).
 */
#ifndef CXFLASH_FW_IMAGE_UNPACK_H
#define CXFLASH_FW_IMAGE_UNPACK_H

#include "image.h"

bool fw_section_packed(const struct fw_section *section);
/*
 * The unpacked body, owned by the caller (free()), of at most FW_MAX_SIZE bytes. CX_INVALID with
 * the section's place if it does not unpack to what it states.
 */
int fw_section_unpack(const struct fw_image *img, const struct fw_section *section, uint8_t **bytes,
		      size_t *len, struct cx_err *err);

#endif
