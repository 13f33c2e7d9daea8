/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A flash dump: the raw bytes of a card's SPI part, with up to two images in it, striped (fs2-image
 * 2, 4).
 */
#ifndef CXFLASH_FW_IMAGE_DUMP_H
#define CXFLASH_FW_IMAGE_DUMP_H

#include "fw/chip.h"
#include "image.h"

/* Where an image may start, ascending; a ConnectX-2 looks at the first six only. Returns how many.
 */
size_t fw_start_candidates(enum fw_chip chip, const uint32_t **start);

/* Physical address of the contiguous address @addr of the image at @start; chunk_log2 0 is not
 * striped. */
uint32_t fw_phys(uint32_t addr, uint32_t start, unsigned int chunk_log2);

struct fw_slot {
	uint32_t start; /* physical address of the magic: 0 or the chunk size */
	int state; /* 0: img is valid; -1: there is a magic, but the image cannot be taken apart:
		      why.text */
	struct fw_image img;
	struct cx_err why;
};

struct fw_dump {
	struct fw_slot slot[2]; /* ascending by start */
	size_t slots;
};

/*
 * Find and take apart the images of a dump; no image at all is a success with slots == 0. More than
 * two magics is CX_INVALID (the text lists the addresses). A contiguous file with one image at 0 is
 * a dump too: whether it is striped is seen from the size word (fs2-image 4). Caller gives the
 * result back with fw_dump_free().
 */
int fw_dump_parse(const uint8_t *bytes, size_t len, enum fw_chip chip, struct fw_dump *dump,
		  struct cx_err *err);
void fw_dump_free(struct fw_dump *dump);

/* Copy contiguous bytes [addr, addr + len) of the image at @start out of, or into, a dump. Ranges
 * are checked: -1 if outside. */
int fw_gather(const uint8_t *dump, size_t dump_len, uint32_t start, unsigned int chunk_log2,
	      uint32_t addr, uint8_t *to, size_t len);
int fw_scatter(uint8_t *dump, size_t dump_len, uint32_t start, unsigned int chunk_log2,
	       uint32_t addr, const uint8_t *from, size_t len);

/*
 * Bytes of a dump that count: @len, or less where the same flash follows itself, as it does in a
 * file of a part that was read as a larger one.
 */
size_t fw_dump_first_copy(const uint8_t *bytes, size_t len);

/* Bytes of the flash part that @dump of @len bytes is a dump of; 0 if it is an image's own file. */
uint32_t fw_dump_flash(const struct fw_dump *dump, size_t len);

/*
 * Put @new, the changed image of @slot, back into the dump it came from: where it is longer than
 * before, the flash must have been erased (else CX_REFUSED, the dump is as before); what is no
 * longer needed reads as erased.
 */
int fw_dump_put(uint8_t *bytes, size_t len, const struct fw_slot *slot, const struct fw_image *new,
		struct cx_err *err);

#endif
