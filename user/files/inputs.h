/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What people keep in files: inis, images, releases, boards. Every error names the file. Inis,
 * images and releases are taken out of archives too, as source.h says.
 */
#ifndef CXFLASH_FILES_INPUTS_H
#define CXFLASH_FILES_INPUTS_H

#include "cli/cli.h"
#include "fw/board/boards.h"
#include "fw/board/ini.h"
#include "fw/image/image.h"
#include "fw/release/release.h"

int ini_load(const char *path, struct fw_ini *ini, struct cx_err *err);
/* The same, but of a text with contradictions take what there is (ini->doubt tells). */
int ini_load_doubtful(const char *path, struct fw_ini *ini, struct cx_err *err);
/* The ini that an image carries, with its doubts; CX_NOT_FOUND if it carries none. */
int ini_of(const struct fw_image *img, struct fw_ini *ini, struct cx_err *err);
/* One contiguous image; a dump with more than that is refused with the way out. Of several in an
 * archive the one for @psid, if that is not NULL. */
int image_load(const char *path, const char *psid, fw_note_fn note, void *ctx, struct fw_image *img,
	       struct cx_err *err);
/* A .mlx or a .bin, told apart by what is in it. @map: what --map names (map.h), or NULL; @note
 * gets what should be known of it. */
int release_load(const char *path, const char *map, fw_note_fn note, void *ctx,
		 struct fw_release **rel, struct cx_err *err);

/* The release that an image is of, with its parameters named. */
int release_of(const struct fw_image *img, const char *map, fw_note_fn note, void *ctx,
	       struct fw_release **rel, struct cx_err *err);

/*
 * What is known of boards: the table built into the tool, with /etc/cxflash/boards.tsv (or the file
 * that CXFLASH_BOARDS names) on top, as far as that can be read: boards->doubt tells what was left
 * out, for the caller to note. The caller frees with fw_boards_free().
 */
int boards_load(struct fw_boards *boards, struct cx_err *err);

/*
 * A PSID that nobody knows, but that is another's in other letters, is asked about: one of the
 * boards table, or @near (NULL: none), that of the image or the card. CX_REFUSED without --yes or a
 * yes. @psid NULL is a success.
 */
int psid_confirm(struct cli *cli, const char *psid, const char *near, struct cx_err *err);

/*
 * The one ini for @psid among the *.ini files of @dir. None is CX_NOT_FOUND, two are CX_REFUSED
 * with both names. *path is allocated.
 */
int ini_find(const char *dir, const char *psid, struct fw_ini *ini, char **path,
	     struct cx_err *err);

#endif
