/* SPDX-License-Identifier: GPL-2.0-only */
/* Where ZIP archives lie in a file: at its beginning, or behind a program. For user/fw only. */
#ifndef CXFLASH_FW_PACK_ZIP_H
#define CXFLASH_FW_PACK_ZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fw_zip {
	size_t start, end; /* without a comment at its end */
};

/* The last archive in these bytes; call again with .start as @len for the one before. */
bool fw_zip_last(const uint8_t *bytes, size_t len, struct fw_zip *zip);

#endif
