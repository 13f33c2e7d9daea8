/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packed bytes: section bodies in zlib (fs2-image 14) and LZMA (fs2-image 10), files in gzip and
 * xz. For user/fw only.
 */
#ifndef CXFLASH_FW_IMAGE_PACKED_H
#define CXFLASH_FW_IMAGE_PACKED_H

#include <stddef.h>
#include <stdint.h>

#include "image.h"

/* Inflate a zlib stream of at most @max bytes. *@out is NUL-terminated and owned by the caller. */
int fw_inflate(const uint8_t *in, size_t len, size_t max, uint8_t **out, size_t *out_len,
	       struct cx_err *err);

/* Bytes that come bit by bit. One byte more than .room is there, for a NUL. */
struct fw_blob {
	uint8_t *bytes; /* owned: fw_blob_free() */
	size_t len, room;
};

/* More room, but no more than @max, which is CX_REFUSED. */
int fw_blob_grow(struct fw_blob *blob, size_t max, struct cx_err *err);
/* All bytes are there: give the rest of the room back and put the NUL. */
int fw_blob_end(struct fw_blob *blob, struct cx_err *err);
void fw_blob_free(struct fw_blob *blob);

/*
 * Unpack a whole .gz or .xz of at most @max bytes, checked by its own sums. CX_REFUSED if it has
 * more, CX_INVALID if it is damaged; then there is nothing to free.
 */
int fw_gunzip(const uint8_t *in, size_t len, size_t max, struct fw_blob *out, struct cx_err *err);
int fw_unxz(const uint8_t *in, size_t len, size_t max, struct fw_blob *out, struct cx_err *err);

/* Does the LZMA body of a DDR section unpack to the size it states? */
int fw_unlzma_check(const uint8_t *body, size_t len, struct cx_err *err);

/* Sections whose bodies are packed: code (LZMA), the ini and the hash file (zlib). */
bool fw_section_packed(const struct fw_section *section);
/*
 * The unpacked body, owned by the caller (free()), of at most FW_MAX_SIZE bytes. CX_INVALID with
 * the section's place if it does not unpack to what it states.
 */
int fw_section_unpack(const struct fw_image *img, const struct fw_section *section, uint8_t **bytes,
		      size_t *len, struct cx_err *err);

#endif
