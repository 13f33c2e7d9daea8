/* SPDX-License-Identifier: GPL-2.0-only */
/* What makes an image right, and how changed bytes become a right one again. For user/fw only. */
#ifndef CXFLASH_FW_IMAGE_EDIT_H
#define CXFLASH_FW_IMAGE_EDIT_H

#include "image.h"

/*
 * @bytes hold an image whose sections are in place and linked, and whose header has its magic,
 * failsafe word and words 0x10-0x24. Writes into it the pointers to the data of the Image Info
 * (0: none) and GUID sections, and takes a copy of it apart, in which the size word and all CRCs
 * are put right. A GUID section of all ones gets the blank CRC; a blank whole-image CRC then stays
 * blank too (fs2-image 5, 12). On success *@img is the caller's, on failure it needs no freeing.
 */
int fw_image_seal(uint8_t *bytes, size_t len, uint32_t info_addr, uint32_t guid_addr,
		  struct fw_image *img, struct cx_err *err);

/* Types 1..12; what else stands behind the first boot section is a second one (fs2-image 6). */
bool fw_is_known_type(uint32_t type);

/* @word with its top byte such that its four bytes sum to 0 modulo 256 (fs2-image 3). */
uint32_t fw_byte_summed(uint32_t word);

/* The whole-image CRC: over all bytes with the field itself taken as blank (fs2-image 5). */
uint16_t fw_image_crc(const uint8_t *bytes, uint32_t size);

/* A GUID section that was never filled: all ones. */
bool fw_section_blank(const struct fw_image *img, const struct fw_section *s);

/* Is the section's CRC word right, or rightly blank? */
bool fw_section_sound(const struct fw_image *img, const struct fw_section *s);

/* Does the whole-image CRC bind this image: it has the MIC tag, and its GUIDs are set. */
bool fw_image_crc_counts(const struct fw_image *img);

/*
 * Do size word and CRCs hold? CX_INVALID with the first that does not. What changes an image or
 * takes it apart asks first: new CRCs must not make a damaged image look whole.
 */
int fw_image_sound(const struct fw_image *img, struct cx_err *err);

/* The MAC of a port on a card whose GUID section has none: the port GUID without its middle 16 bits
 * (fs2-image 12). */
uint64_t fw_derived_mac(uint64_t guid);

#endif
