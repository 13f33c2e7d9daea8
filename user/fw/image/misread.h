/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes in which no card would find an image: what somebody may have done to them on the way. */
#ifndef CXFLASH_FW_IMAGE_MISREAD_H
#define CXFLASH_FW_IMAGE_MISREAD_H

#include <stddef.h>
#include <stdint.h>

/*
 * A clause for a message, "each word has its bytes reversed; ... puts them right", into @buf, which
 * is returned; NULL if nothing is recognized. Nothing is guessed silently: the bytes stay as they
 * are.
 */
const char *fw_misread(const uint8_t *bytes, size_t len, char *buf, size_t size);

#endif
