/* SPDX-License-Identifier: GPL-2.0-only */
/* How sure a row of a table is: one scale for parameters and boards. */
#ifndef CXFLASH_FW_CONFIDENCE_H
#define CXFLASH_FW_CONFIDENCE_H

/* Surest first, but for the last. A parameter is a place of a key, a board the pair of PSID and
 * device id. */
enum fw_confidence {
	FW_VERIFIED, /* parameters: proved on an image */
	FW_SEEN,     /* reported by one public source; boards: in a transcript or an image */
	FW_INFERRED, /* boards: follows from a naming rule */
	FW_CLAIMED,  /* parameters: by a vendor's .mlx (mlx_text.h); boards: by one source only */
	FW_LEARNED,  /* parameters: from a release's images (map/table.h); tells what bits mean */
};

const char *fw_confidence_name(enum fw_confidence confidence);
/* And back; -1 if @name is none of them. Which of them a table may say is the table's. */
int fw_confidence_by_name(const char *name);

#endif
