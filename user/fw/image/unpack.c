// SPDX-License-Identifier: GPL-2.0-only
#include "unpack.h"

#include <stdio.h>

#include "packed.h"

static bool is_lzma(const struct fw_section *s)
{
	return s->type == FW_DDR && s->param >> 31; /* fs2-image 10 */
}

bool fw_section_packed(const struct fw_section *s)
{
	return is_lzma(s) || s->type == FW_INI || s->type == FW_HASH;
}

int fw_section_unpack(const struct fw_image *img, const struct fw_section *s, uint8_t **bytes,
		      size_t *len, struct cx_err *err)
{
	const uint8_t *body = img->bytes + s->data;
	char place[64];

	if (is_lzma(s) ? !fw_unlzma(body, s->size, bytes, len, err)
		       : !fw_inflate(body, s->size, FW_MAX_SIZE, bytes, len, err))
		return 0;
	snprintf(place, sizeof(place), "%s section at 0x%x", fw_section_name(s->type), s->addr);
	return cx_fail_in(err, place);
}
