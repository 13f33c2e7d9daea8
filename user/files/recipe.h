/* SPDX-License-Identifier: GPL-2.0-only */
/* From the files a user names to an image: what build and burn share. */
#ifndef CXFLASH_FILES_RECIPE_H
#define CXFLASH_FILES_RECIPE_H

#include "cli/cli.h"
#include "fw/image/image.h"

struct recipe {
	const char *fw;	  /* a .mlx, or any image of the release */
	const char *conf; /* an ini, or a folder of them; NULL: see assemble() */
	struct opt_list set;
	const char *map;
	const char *rom; /* file, "none", or NULL: the release's */
	bool other_rom;	 /* the ROM may be for another PCI device */
	bool ini_text_only;
	bool for_card;	    /* the image is burnt: learnt rules need consent */
	bool allow_learned; /* which is this */
};

/*
 * Make the image. With @psid the ini is found by it where no single file is named, and is the
 * release's own if that is the card's; without, a missing --conf means the release's own. A release
 * that has no place for an ini is taken as it is. The image verifies; the caller frees it.
 */
int assemble(struct cli *cli, const struct recipe *r, const char *psid, struct fw_image *img,
	     struct cx_err *err);

/*
 * The same image with the keys of r->set changed, and compiled again; r->map and r->ini_text_only
 * count too. On failure *img is as before.
 */
int reassemble(struct cli *cli, const struct recipe *r, struct fw_image *img, struct cx_err *err);

/*
 * Put the ROM in the file @path into the image, and note what is doubtful of it: older than the one
 * that goes, no version. CX_REFUSED if it is for another PCI device, unless @other.
 */
int assemble_rom(struct cli *cli, const char *path, bool other, struct fw_image *img,
		 struct cx_err *err);

#endif
