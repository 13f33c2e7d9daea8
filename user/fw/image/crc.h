/* SPDX-License-Identifier: GPL-2.0-only */
/* CRC16 of FS2 images (fs2-image 5). */
#ifndef CXFLASH_FW_IMAGE_CRC_H
#define CXFLASH_FW_IMAGE_CRC_H

#include <stddef.h>
#include <stdint.h>

#define FW_CRC_INIT 0xffffu

/* Feed @len bytes (a multiple of 4) in flash order into a running CRC that began as FW_CRC_INIT. */
uint16_t fw_crc_feed(uint16_t crc, const uint8_t *bytes, size_t len);
/* The final value, as it is stored. */
uint16_t fw_crc_finish(uint16_t crc);
uint16_t fw_crc(const uint8_t *bytes, size_t len);

#endif
