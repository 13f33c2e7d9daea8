/* SPDX-License-Identifier: GPL-2.0-only */
/* The words of an image: big-endian, at any address (fs2-image 1). */
#ifndef CXFLASH_FW_WORDS_H
#define CXFLASH_FW_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline uint32_t fw_get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t fw_get64(const uint8_t *p)
{
	return (uint64_t)fw_get32(p) << 32 | fw_get32(p + 4);
}

static inline void fw_put32(uint8_t *p, uint32_t word)
{
	p[0] = word >> 24;
	p[1] = word >> 16;
	p[2] = word >> 8;
	p[3] = word;
}

static inline void fw_put64(uint8_t *p, uint64_t word)
{
	fw_put32(p, word >> 32);
	fw_put32(p + 4, word);
}

static inline bool fw_all_ones(const uint8_t *p, size_t len)
{
	while (len && p[len - 1] == 0xff)
		len--;
	return !len;
}

#endif
