/* SPDX-License-Identifier: GPL-2.0-only */
/* SHA-256 (FIPS 180-4), for the checksum list of a backup. */
#ifndef CXFLASH_BURN_SHA256_H
#define CXFLASH_BURN_SHA256_H

#include <stddef.h>

#define SHA256_TEXT 65 /* 64 hex digits and a NUL */

void sha256_text(const void *bytes, size_t len, char *text);

#endif
