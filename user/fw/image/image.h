/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One FS2 firmware image, contiguous (fs2-image 1-14).
 *
 * Pure: bytes in, bytes or an error out. All addresses are contiguous byte offsets from the image's
 * first byte; all words on the medium are big-endian, all fields here are host integers.
 */
#ifndef CXFLASH_FW_IMAGE_IMAGE_H
#define CXFLASH_FW_IMAGE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fw/chip.h"
#include "fw/err.h"

#define FW_MAGIC_SIZE  16
#define FW_HEADER_SIZE 0x38
#define FW_MAX_GUIDS   32	   /* fs2-image 3 */
#define FW_MAX_SIZE    (16u << 20) /* 24-bit addresses: nothing larger exists */

#define FW_INI_MAX (1u << 20) /* bytes of an ini, unpacked */

/*
 * Section types as stored (fs2-image 7); FW_BOOT2 is ours, a boot section has no type word. No
 * section has this type, it is what an erased flash reads.
 */
enum fw_section_type {
	FW_DDR = 1,
	FW_CONFIG = 2,
	FW_JUMP = 3,
	FW_EMT = 4,
	FW_ROM = 5,
	FW_GUID = 6,
	FW_BOARD_ID = 7,
	FW_USER_DATA = 8,
	FW_INI = 9,
	FW_INFO = 10,
	FW_DDRZ = 11,
	FW_HASH = 12,
	FW_BOOT2 = 0xffffffff,
};

struct fw_section {
	uint32_t type;
	uint32_t addr; /* of the header (BOOT2: of its first word) */
	uint32_t data; /* of the data (BOOT2: same as addr) */
	uint32_t size; /* bytes of data, without CRC word (BOOT2: all but the CRC word) */
	uint32_t param;
	uint32_t next;	   /* as stored: 0 and 0xff000000 end the list */
	uint32_t crc;	   /* stored CRC word, all 32 bits */
	uint16_t crc_want; /* what the CRC should be */
};

struct fw_version {
	uint16_t major, minor, subminor;
};

/* Records of Image Info (fs2-image 11). */
enum fw_tag {
	FW_TAG_FORMAT = 0,
	FW_TAG_VERSION = 1,
	FW_TAG_TIME = 2,
	FW_TAG_DEVICE = 3,
	FW_TAG_PSID = 4,
	FW_TAG_VSD = 5,
	FW_TAG_PRODUCT = 7,
	FW_TAG_VENDOR = 8,
	FW_TAG_HW = 10,
	FW_TAG_MIC = 11,
	FW_TAG_MIN_FIT = 12,
	FW_TAG_ACCESS_KEY = 13,
	FW_TAG_NV_CONFIG = 19,
	FW_TAG_PRS = 20,
	FW_TAG_END = 255,
};

/* Image Info (fs2-image 11). A tag's fields are valid only if its bit is set in .tags. */
struct fw_info {
	uint32_t tags;		   /* bit n: tag n present (n < 32) */
	struct fw_version version; /* tag 1 */
	uint32_t time, date;	   /* tag 2: BCD hhmmss and yyyymmdd */
	uint32_t device;	   /* tag 3: PCI device id in 15:0, revision in 23:16 */
	char psid[17];		   /* tag 4 */
	char vsd[209];		   /* tag 5 */
	char product[17];	   /* tag 7 */
	uint16_t vendor;	   /* tag 8 */
	uint32_t hw[8];		   /* tag 10: rev << 16 | hw id */
	unsigned int hw_count;
	struct fw_version mic;	     /* tag 11 */
	uint16_t min_fit[4];	     /* tag 12 */
	uint32_t nv_sectors, nv_pad; /* tag 19, in sectors */
	uint32_t nv_sector_log2k;    /* tag 19, log2 of KiB; 0xffffffff if the word is absent */
	char prs[101];		     /* tag 20 */
};

/* What makes a card this card and no other (fs2-image 12). */
struct fw_identity {
	unsigned int entries; /* entries of the GUID section: 4 (old, MACs derived) or 6 and more */
	bool blank;	      /* every byte ff and blank CRC */
	uint64_t guid[4];     /* node, port 1, port 2, system image */
	uint64_t mac[2];
	bool has_vsd;
	char vsd[209]; /* all 208 bytes count: zeros behind a shorter text */
};

struct fw_image {
	uint8_t *bytes;	    /* owned */
	uint32_t size;	    /* bytes up to and with the last CRC word */
	uint32_t size_word; /* header 0x30 */
	uint32_t info_addr; /* data of the Image Info section, 0 if the header has no pointer */
	uint32_t guid_addr; /* data of the GUID section */
	bool failsafe;
	unsigned int chunk_log2; /* 0 if not striped */
	uint16_t crc, crc_want;	 /* whole-image CRC */
	struct fw_section
		*section; /* owned, in the order of the list, which need not be that of addresses */
	size_t sections;
	struct fw_info info;
	struct fw_identity id;
};

/*
 * Take an image apart. @bytes may be longer than the image (padding, rest of a flash); they are
 * copied. Refuses (CX_INVALID) what cannot be taken apart: bad magic, pointers or sizes out of
 * range, loops, broken TLVs, format byte 3. Wrong CRCs are no refusal: fw_verify() judges them. On
 * success the caller owns *@img and gives it back with fw_image_free(); on failure *@img needs no
 * freeing.
 */
int fw_image_parse(const uint8_t *bytes, size_t len, struct fw_image *img, struct cx_err *err);
/*
 * The same from the front of an image: what lies behind the GUID and Image Info sections is not
 * looked at, and img->section ends there. Bodies of other sections may be anything, so no CRC of
 * *img means anything.
 */
int fw_image_parse_front(const uint8_t *bytes, size_t len, struct fw_image *img,
			 struct cx_err *err);
void fw_image_free(struct fw_image *img);
/*
 * Image Info alone: @bytes begins with the section's header, and all of it is there. CX_INVALID if
 * it is not that section, or its CRC is wrong.
 */
int fw_info_read(const uint8_t *bytes, size_t len, struct fw_info *info, struct cx_err *err);
/* Bytes of that section, header and CRC included, by its header of 16 bytes; 0: it is none. */
uint32_t fw_info_size(const uint8_t *header);

/* Do these FW_MAGIC_SIZE bytes begin an image? */
bool fw_has_magic(const uint8_t *bytes);

/* First section of a type at or after index @from, or NULL. */
const struct fw_section *fw_image_find(const struct fw_image *img, enum fw_section_type type,
				       size_t from);
const char *fw_section_name(uint32_t type); /* as flint prints it; "UNKNOWN" outside 1..12 */

/*
 * The ini text of the image, inflated, NUL-terminated, owned by the caller (free()). CX_NOT_FOUND
 * if the image carries none, CX_INVALID if it does not inflate.
 */
int fw_image_ini(const struct fw_image *img, char **text, size_t *len, struct cx_err *err);

/*
 * Changes. Each leaves an image whose pointers, size word and CRCs are right again (blank GUID and
 * whole-image CRCs stay blank, fs2-image 12) and whose description in *img is that of the new
 * bytes. On failure *img is as before.
 */
int fw_image_set_identity(struct fw_image *img, const struct fw_identity *id, struct cx_err *err);
/* @len 0 removes the ROM. A new ROM becomes the section after the first one that is no boot section
 * (fs2-image 13). */
int fw_image_set_rom(struct fw_image *img, const uint8_t *rom, size_t len, struct cx_err *err);

bool fw_has_tag(const struct fw_image *img, enum fw_tag tag);
/* PSID of an image, "" if it states none. */
const char *fw_image_psid(const struct fw_image *img);

/*
 * The chip an image says it is for: the first one of the hardware list (tag 10) that is known, else
 * by device type (tag 3). *@rev, which may be NULL, is the silicon revision that goes with it, 0 if
 * the image does not tell.
 */
enum fw_chip fw_image_chip(const struct fw_image *img, unsigned int *rev);

/* Can this chip run this image, by hardware list (tag 10), else by device type (tag 3)? CX_REFUSED
 * with both sides named. */
int fw_fits_chip(const struct fw_image *img, enum fw_chip chip, unsigned int rev,
		 struct cx_err *err);

/* "2.9.1000", flint's way: %d.%d.%04d, and %d.%04d.%04d from minor 100 on. @buf holds at least 20
 * bytes. */
const char *fw_version_text(const struct fw_version *v, char *buf);
int fw_version_compare(const struct fw_version *a, const struct fw_version *b);

#endif
