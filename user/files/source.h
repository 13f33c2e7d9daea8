/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file that a user names to be read: FILE, or FILE::MEMBER for one out of an archive. MEMBER is a
 * path as "image list" shows it, its last part, or a PSID. Of an archive without MEMBER the only
 * file that fits is taken.
 */
#ifndef CXFLASH_FILES_SOURCE_H
#define CXFLASH_FILES_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "fw/pack/member.h"
#include "fw/release/release.h"

/* What would fit: kinds, as bits. */
enum source_want {
	SOURCE_IMAGE = 1 << FW_KIND_IMAGE | 1 << FW_KIND_DUMP,
	SOURCE_RELEASE = SOURCE_IMAGE | 1 << FW_KIND_MLX,
	SOURCE_INI = 1 << FW_KIND_INI,
	SOURCE_ROM = 1 << FW_KIND_ROM,
	SOURCE_ANY = SOURCE_RELEASE | SOURCE_INI | SOURCE_ROM,
};

struct source {
	char *name; /* FILE, or FILE::MEMBER for what was taken out of an archive */
	uint8_t *bytes;
	size_t len; /* one NUL follows */
	/* How many times the file holds the same flash, of which only the first counts; or 1. */
	size_t copies;
};

/*
 * Of several that fit the one for @psid counts, if that is not NULL. CX_NOT_FOUND if there is no
 * such file or member, CX_INVALID if nothing in it fits, CX_REFUSED if more than one does; then the
 * text lists them. The caller frees with source_free().
 */
int source_read(const char *name, enum source_want want, const char *psid, struct source *s,
		struct cx_err *err);
void source_free(struct source *s);
/* Tell of a file that holds the same flash more than once. */
void source_note_copies(const struct source *s, fw_note_fn note, void *ctx);

/* CX_INVALID: a card finds no image in these bytes, but something else may be in them. The text
 * does not name the file. An empty source stands for a card's flash. */
int source_no_image(const struct source *s, struct cx_err *err);

/* All that is in @file, for a list. @bytes are the file's, to be freed after the container. */
int source_open(const char *file, uint8_t **bytes, struct fw_container *box, struct cx_err *err);

#endif
