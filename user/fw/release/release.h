/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A firmware release: everything an image needs but the board. It comes out of a .mlx of the
 * cxflash profile or out of any image of the release; with an ini it makes an image. Both ways meet
 * here, so both make the same bytes.
 *
 *	.mlx --fw_mlx_parse--\                    /--fw_mlx_write--> .mlx
 *	                      > struct fw_release
 *	.bin --fw_release_from_image--/           \--fw_build(ini)--> image
 *
 * A release remembers the ini it was compiled with, key by key (the baseline). A key whose value is
 * the baseline's leaves the bytes alone, so a release built with the ini it came from is the image
 * it came from, byte for byte. A key whose value differs is compiled through its binding; without a
 * binding it is refused by name.
 */
#ifndef CXFLASH_FW_RELEASE_RELEASE_H
#define CXFLASH_FW_RELEASE_RELEASE_H

#include "fw/board/ini.h"
#include "fw/board/params.h"
#include "fw/image/image.h"

struct fw_release; /* opaque; fw_release_free() */

/*
 * @img must verify: a broken image is no source. The rules of @map that fit its chip and its
 * configuration words become parameters and bindings.
 */
int fw_release_from_image(const struct fw_image *img, const struct fw_params *map,
			  struct fw_release **rel, struct cx_err *err);
/* The same for a release that is there already: how a user's own map joins a .mlx. */
int fw_release_bind(struct fw_release *rel, const struct fw_params *map, struct cx_err *err);
/* @text is a .mlx of the cxflash profile, cxflash-mlx(5). Unknown constructs are refused
 * (CX_REFUSED) with line and way out. */
int fw_mlx_parse(const char *text, size_t len, struct fw_release **rel, struct cx_err *err);
/* *@text is owned by the caller (free()). */
int fw_mlx_write(const struct fw_release *rel, char **text, size_t *len, struct cx_err *err);
void fw_release_free(struct fw_release *rel);

struct fw_version fw_release_version(const struct fw_release *rel);
const char *fw_release_chip(const struct fw_release *rel); /* "MT25408" */
/* Is there a place for an ini in its images? Without one fw_build() takes none. */
bool fw_release_takes_ini(const struct fw_release *rel);
/* The ini that it was compiled with, with its doubts; CX_NOT_FOUND: it carries none. */
int fw_release_own_ini(const struct fw_release *rel, struct fw_ini *ini, struct cx_err *err);

/* A message for the user while building; warnings never change the result. */
typedef void (*fw_note_fn)(const char *text, void *ctx);

struct fw_build_options {
	bool ini_text_only; /* changed keys without a binding are recorded in the text and named
			       through note() */
	bool strict;	    /* what does not verify is an error, else it is noted */
	fw_note_fn note;    /* may be NULL */
	void *ctx;
	unsigned int *learned; /* counts changed keys that a learnt map compiled; may be NULL */
};

/*
 * Assemble: configuration words, info fields, ini text, sizes, pointers, CRCs. @ini NULL: only for
 * a release whose image carried no ini. The result is a parsed image owned by the caller.
 * CX_REFUSED names the first key that cannot be compiled.
 */
int fw_build(const struct fw_release *rel, const struct fw_ini *ini,
	     const struct fw_build_options *opt, struct fw_image *img, struct cx_err *err);

#endif
