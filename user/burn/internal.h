/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the burn share among themselves. */
#ifndef CXFLASH_BURN_INTERNAL_H
#define CXFLASH_BURN_INTERNAL_H

#include "burn.h"

#define BURN_BLOCK 0x10000u /* the largest erase unit, and the smallest chunk (fs2-image 3) */

void burn_progress(const struct burn_control *ctl, enum burn_stage stage, uint64_t done,
		   uint64_t total);
bool burn_stopped(const struct burn_control *ctl);

/*
 * How much of the contiguous range [addr, addr + len) of the image at @start lies in one piece, and
 * where.
 */
uint32_t burn_piece(uint32_t addr, uint32_t len, uint32_t start, unsigned int chunk_log2,
		    uint32_t *phys);
/*
 * Bytes of a slot; 0 if the flash is no whole number of chunk pairs, so that the slots would not be
 * halves.
 */
uint32_t burn_slot_size(uint32_t flash_size, unsigned int chunk_log2);

/* Of a dump that says nothing of its chip: it is the one @img is for. */
void burn_adopt_chip(struct burn_survey *s, const struct fw_image *img);
/* The kept slot; kept is not -1. */
const struct fw_slot *burn_kept(const struct burn_survey *s);
/* Bytes at the end of the flash that the kept image or @img may use for NV configuration (fs2-image
 * 15). */
uint32_t burn_nv_reserve(const struct burn_survey *s, const struct fw_image *img);

/*
 * What a burn is judged by. Each adds its findings and goes on.
 *
 * The new image is verified at most four times, each with its reason: by fw_build() as it was put
 * together, and then it is nobody's but the release's; by burn_judge_image() for this card's chip,
 * before identity and ROM are taken over; by burn_judge_result() with them, for this flash; by
 * burn_rehearse() as the bytes that the steps have left in the flash.
 */
/* Does the image verify? */
bool burn_judge_image(const struct burn_survey *s, const struct burn_request *req,
		      struct burn_verdict *v);
/* CX_REFUSED if the part's status register protects any of it. */
int burn_check_writable(const struct cx_flash_info *info, struct cx_err *err);

void burn_judge_card(const struct burn_survey *s, const struct burn_request *req,
		     struct burn_verdict *v);
void burn_judge_board(const struct burn_survey *s, const struct burn_request *req,
		      struct burn_verdict *v);
/* Of the merged image. */
void burn_judge_result(const struct burn_survey *s, const struct fw_image *img,
		       struct burn_verdict *v);

/* Merge image, identity and ROM into *img, and judge all of it. */
int burn_compose(const struct burn_survey *s, const struct burn_request *req,
		 struct burn_verdict *v, struct fw_image *img, struct cx_err *err);
/*
 * Give @img the GUIDs, MACs and VSD it is to have. What stands in the way is a finding, and then
 * *img is as before.
 */
void burn_put_identity(const struct burn_survey *s, const struct burn_request *req,
		       struct burn_verdict *v, struct fw_image *img);
/* Is a section of the kept image damaged, so that nothing can be taken from it? */
bool burn_kept_damaged(const struct burn_survey *s, enum fw_section_type type);

static inline bool burn_has_version(const struct fw_image *img)
{
	return fw_has_tag(img, FW_TAG_VERSION);
}

bool burn_same_bytes(const struct fw_image *a, const struct fw_image *b);
/* A copy of an image. */
int burn_copy_image(const struct fw_image *from, struct fw_image *to, struct cx_err *err);

/* What burn_survey() and burn_glance() begin and end with. */
int burn_survey_begin(struct cx_flash *flash, struct burn_survey *s, struct cx_err *err);
void burn_survey_end(struct burn_survey *s);

/* ---- slot.c ---- */

/* A plan in the making. */
struct burn_builder {
	struct burn_plan *plan;
	const struct cx_flash_info *info;
	uint32_t size;	  /* of the flash */
	uint32_t unit;	  /* smallest erase unit */
	bool block_erase; /* 64 KiB can be erased at once */
	uint8_t *now;	  /* the flash as it is after the steps so far */
	uint8_t *want;	  /* the flash as the current phase leaves it */
	/* Of flash->ops->write, for content in whole erase units. */
	unsigned int content_flags;
};

int burn_add_step(struct burn_builder *b, enum burn_step_kind kind, uint32_t addr, uint32_t len,
		  const uint8_t *bytes, struct cx_err *err);
int burn_add_clear(struct burn_builder *b, uint32_t start, struct cx_err *err);
/* Put @len contiguous bytes into the slot at @start of b->want. */
int burn_put(struct burn_builder *b, uint32_t start, unsigned int chunk_log2, const uint8_t *bytes,
	     uint32_t len, struct cx_err *err);
/*
 * Steps that make the first @len contiguous bytes of the slot at @start those of b->want. The
 * signature goes first and comes last; its unit is the first to be written.
 */
int burn_add_slot(struct burn_builder *b, uint32_t start, unsigned int chunk_log2, uint32_t len,
		  struct cx_err *err);
/* The two halves of it: content, then the signature of a slot whose want has none. */
int burn_add_content(struct burn_builder *b, uint32_t start, unsigned int chunk_log2, uint32_t len,
		     struct cx_err *err);
int burn_add_sign(struct burn_builder *b, uint32_t start, const uint8_t *magic, struct cx_err *err);

/* ---- risky.c: nothing on the card starts meanwhile ---- */

/* The image of the plan to where the chip looks first (burn-behaviour 11). */
int burn_add_risky(struct burn_builder *b, const struct burn_survey *s, struct cx_err *err);
/* Every byte of @dump but the NV reserve, which is the flash's own there. */
int burn_add_risky_dump(struct burn_builder *b, const struct burn_survey *s, const uint8_t *dump,
			struct cx_err *err);

#endif
