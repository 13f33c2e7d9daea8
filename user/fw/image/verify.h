/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The strict verifier (fs2-image 17). An error is what a CRC or a bound proves; a warning is a rule
 * seen in one real image only.
 */
#ifndef CXFLASH_FW_IMAGE_VERIFY_H
#define CXFLASH_FW_IMAGE_VERIFY_H

#include "dump.h"
#include "image.h"

enum fw_grade { FW_GOOD, FW_WARNING, FW_BAD };

/* One finding. @addr and @len are the contiguous range it is about (len 0: the image as a whole).
 */
struct fw_finding {
	enum fw_grade grade;
	uint32_t addr, len;
	const char *name; /* section name, "Full Image", "Header", ... */
	char text[200];	  /* "OK", or what is wrong: expected and found */
};

typedef void (*fw_finding_fn)(const struct fw_finding *finding, void *ctx);

/*
 * Judge an image for @chip (FW_CHIP_UNKNOWN: by its own hardware list) on a flash of @flash_size
 * bytes (0: unknown). Every section gets a finding, in order; @fn may be NULL. Returns the number
 * of FW_BAD findings.
 */
size_t fw_verify(const struct fw_image *img, enum fw_chip chip, uint32_t flash_size,
		 fw_finding_fn fn, void *ctx);

/* Bytes at the end of the flash that hold NV configuration (fs2-image 15). */
uint32_t fw_nv_reserve(const struct fw_image *img);

#endif
