/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A bundle of firmware images for many boards: MFA version 1, "MFAR" (mlx-ini 4, users 9).
 *
 * Pure: bytes in, images or an error out.
 */
#ifndef CXFLASH_FW_PACK_MFA_H
#define CXFLASH_FW_PACK_MFA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fw/err.h"

#define FW_MFA_NAME 32

struct fw_mfa_image {
	char psid[FW_MFA_NAME + 1];
	char tag[FW_MFA_NAME + 1]; /* tells several images of one board apart; mostly "" */
	const uint8_t *bytes;	   /* in .data, in the bundle, or a piece of its own */
	size_t len;
	bool own;
};

struct fw_mfa {
	struct fw_mfa_image *image; /* in the bundle's order */
	size_t images;
	uint8_t *data;	 /* the DATA section, if it was packed */
	size_t unpacked; /* bytes allocated for data and pieces */
};

/*
 * Take a bundle apart. At most @max bytes are unpacked and @max_images found, more is CX_REFUSED;
 * what does not fit the layout is CX_INVALID and names the section and place. Images may be views
 * of @bytes, which must live as long. The caller frees with fw_mfa_free(); on failure there is
 * nothing to free.
 */
int fw_mfa_parse(const uint8_t *bytes, size_t len, size_t max, size_t max_images,
		 struct fw_mfa *mfa, struct cx_err *err);
void fw_mfa_free(struct fw_mfa *mfa);

#endif
