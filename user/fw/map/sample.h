/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One image as a sample of its release: the ini it was compiled from, and what came of it. The
 * image itself is not needed after.
 */
#ifndef CXFLASH_FW_MAP_SAMPLE_H
#define CXFLASH_FW_MAP_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fw/board/ini.h"
#include "fw/image/image.h"

#define FW_MAP_DIGEST 32

/* Where a word stands that may differ between the boards of a release. */
enum fw_spot_kind {
	FW_SPOT_WORD,	/* a configuration word: section (1, 2, ...) and CR address */
	FW_SPOT_HEADER, /* a word of the header, by its offset */
	FW_SPOT_INFO,	/* a word of Image Info, by tag << 16 | offset */
	/* What is told but never written; the value is any number that tells contents apart. */
	FW_SPOT_TAG,	 /* a tag as a whole, by its number */
	FW_SPOT_SECTION, /* a section as a whole: its type, its number among those */
};

struct fw_spot {
	enum fw_spot_kind kind;
	unsigned int section;
	uint32_t addr, mask;
};

struct fw_spot_value {
	struct fw_spot at;
	uint32_t value;
};

/*
 * What no key states, but bits may follow: whether there is a ROM, a failsafe image, the flash's
 * size (by the chunk), the device id, the maker (by the PSID), the build (by its day).
 */
enum fw_hidden {
	FW_HIDDEN_ROM,
	FW_HIDDEN_FAILSAFE,
	FW_HIDDEN_FLASH,
	FW_HIDDEN_DEVICE,
	FW_HIDDEN_MAKER,
	FW_HIDDEN_BUILD,
	FW_HIDDEN_KINDS
};
extern const char *const fw_hidden_name[FW_HIDDEN_KINDS];

/* Numbers that only follow the length of ROM or ini: size, pointers, lengths. */
#define FW_DERIVED 6

struct fw_sample {
	char *name; /* of the file */
	/* What tells releases apart: chip, version, boot, code and jump sections, addresses and
	 * masks. */
	uint8_t release[FW_MAP_DIGEST];
	char chip[8];
	struct fw_version version;
	char psid[17], board[64]; /* for people */
	struct fw_ini ini;
	struct fw_spot_value *spot; /* ascending */
	size_t spots;
	uint32_t hidden[FW_HIDDEN_KINDS];
	uint32_t derived[FW_DERIVED];
	char *doubt; /* why it is no evidence: a key stated twice, a PSID that is not the ini's */
};

/*
 * Take a sample of @img, which must be sound and carry an ini: else CX_INVALID or CX_NOT_FOUND. The
 * caller frees with fw_sample_free(); on failure there is nothing to free.
 */
int fw_sample_take(const char *name, const struct fw_image *img, struct fw_sample *s,
		   struct cx_err *err);
void fw_sample_free(struct fw_sample *s);

int fw_spot_order(const struct fw_spot *a, const struct fw_spot *b);

#endif
