/* SPDX-License-Identifier: GPL-2.0-only */
/* Packed section bodies: zlib (fs2-image 14) and LZMA (fs2-image 10). For user/fw only. */
#ifndef CXFLASH_FW_PACKED_H
#define CXFLASH_FW_PACKED_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

/* Inflate a zlib stream of at most @max bytes. *@out is NUL-terminated and owned by the caller. */
int fw_inflate(const uint8_t *in, size_t len, size_t max, uint8_t **out, size_t *out_len,
	       struct cx_err *err);

/* Does the LZMA body of a DDR section unpack to the size it states? */
int fw_unlzma_check(const uint8_t *body, size_t len, struct cx_err *err);
/* Unpack it; *@out is owned by the caller. */
int fw_unlzma(const uint8_t *body, size_t len, uint8_t **out, size_t *out_len, struct cx_err *err);

#endif
