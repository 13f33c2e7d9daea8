// SPDX-License-Identifier: GPL-2.0-only
/*
 * A ZIP archive is found from its end: the record there says how long the directory before it is,
 * and how far before that the archive begins (PKWARE's APPNOTE 4.3.16). Numbers are little-endian.
 */
#include <string.h>

#include "zip.h"

#define END_RECORD 22
#define DIR_ENTRY  46

static uint32_t le32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Is there an end record at @at, of an archive that is whole? */
static bool ends_at(const uint8_t *bytes, size_t at, struct fw_zip *zip)
{
	const uint8_t *end = bytes + at;
	size_t dir_len, dir_at;

	if (memcmp(end, "PK\5\6", 4))
		return false;
	dir_len = le32(end + 12);
	dir_at = le32(end + 16);
	if (dir_len < DIR_ENTRY || dir_len > at || dir_at > at - dir_len ||
	    memcmp(end - dir_len, "PK\1\2", 4))
		return false;
	*zip = (struct fw_zip){.start = at - dir_len - dir_at, .end = at + END_RECORD};
	return true;
}

bool fw_zip_last(const uint8_t *bytes, size_t len, struct fw_zip *zip)
{
	for (size_t at = len; at-- > 0;)
		if (bytes[at] == 'P' && len - at >= END_RECORD && ends_at(bytes, at, zip))
			return true;
	return false;
}
