// SPDX-License-Identifier: GPL-2.0-only
/* The checksum of a release (fs2-image 16). */
#include "checksum.h"

#include <md5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fw/words.h"
#include "edit.h"
#include "info.h"

/* Blanked by their size in the release's images, whatever the sections state (fs2-image 16). */
#define GUID_BYTES 0x44
#define VSD_BYTES  0xd0

static void blank(uint8_t *bytes, uint32_t size, uint32_t addr, uint32_t len)
{
	if (addr < size)
		memset(bytes + addr, 0xff, len < size - addr ? len : size - addr);
}

/*
 * As mstflint does it, so that the sums agree where the fixed sizes do not fit: an old GUID section
 * of 4 entries ends before GUID_BYTES, and what follows it, the header of Image Info as a rule, is
 * blanked with it; without a VSD the beginning of Image Info is taken for it.
 */
static void blank_identity(uint8_t *bytes, const struct fw_image *img)
{
	uint32_t len, vsd = fw_info_tag(img, FW_TAG_VSD, &len);

	blank(bytes, img->size, 0x20, 4);
	blank(bytes, img->size, img->guid_addr - 16, GUID_BYTES);
	if (!img->info_addr)
		return;
	blank(bytes, img->size, vsd ? vsd : img->info_addr, VSD_BYTES);
	/* The section's CRC word; a size that was blanked leads back before the data. */
	blank(bytes, img->size, img->info_addr + 4 * fw_get32(bytes + img->info_addr - 12), 4);
}

int fw_image_checksum(const struct fw_image *img, char text[FW_CHECKSUM_TEXT], struct cx_err *err)
{
	uint8_t digest[MD5_DIGEST_LENGTH], *bytes;
	MD5_CTX md5;

	if (fw_image_sound(img, err))
		return -1;
	bytes = malloc(img->size);
	if (!bytes)
		return cx_fail(err, CX_FAILED, "out of memory");
	memcpy(bytes, img->bytes, img->size);
	blank_identity(bytes, img);
	MD5Init(&md5);
	MD5Update(&md5, bytes, img->size);
	MD5Final(digest, &md5);
	free(bytes);
	/* mstflint prints the last byte first. */
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(text + 2 * i, 3, "%02x", digest[sizeof(digest) - 1 - i]);
	return 0;
}
