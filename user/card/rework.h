/* SPDX-License-Identifier: GPL-2.0-only */
/* A changed copy of an image file, or of a dump with one image; or a card changed in place. */
#ifndef CXFLASH_CARD_REWORK_H
#define CXFLASH_CARD_REWORK_H

#include "burn_card.h"
#include "look.h"

/* Changes the image; it may be left half changed on failure. */
typedef int (*rework_fn)(struct cli *cli, struct fw_image *img, struct cx_err *err);

/*
 * Read @path, let @change at its image, and write the result to @output: an image as an image, a
 * dump as a dump in which nothing else is touched. A dump with two images is refused with the way
 * out, and so is a result that does not verify.
 */
int rework_file(struct cli *cli, const char *path, const char *output, rework_fn change,
		struct cx_err *err);

/*
 * The same image on a card, changed by @change: a burn like any other, into the other slot.
 * @request says the rest, @gets ("another ROM") what is to be consented to.
 */
int rework_card(struct cli *cli, const char *card, struct card_request *request, rework_fn change,
		const char *gets, struct cx_err *err);

/* Is it said what @command works on: a file and -o OUT, or a card? CX_USAGE. */
int rework_place(const char *command, const struct look *at, const char *output,
		 struct cx_err *err);

#endif
