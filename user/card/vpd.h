/* SPDX-License-Identifier: GPL-2.0-only */
/* A card's VPD, read once for all that a command does with it. */
#ifndef CXFLASH_CARD_VPD_H
#define CXFLASH_CARD_VPD_H

#include "cli/print.h"
#include "dev/pci.h"
#include "fw/board/vpd.h"

struct card_vpd {
	bool asked;	/* false: nobody has looked; all else is 0 */
	uint8_t *bytes; /* owned; NULL: it could not be read */
	size_t len;
	struct fw_vpd vpd; /* as much of it as could be taken apart */
	struct cx_err why; /* not CX_OK: why not all, or nothing */
};

/* Of PCI function @name; once. */
void card_vpd_read(struct card_vpd *v, const struct cx_pci_root *root, const char *name);
/* Of a file, if it holds one: 1; 0: something else. -1: it cannot be read. */
int card_vpd_file(struct card_vpd *v, const char *path, struct cx_err *err);
void card_vpd_free(struct card_vpd *v);

/* The part number, if there is one that can be relied on. */
const char *card_vpd_part(const struct card_vpd *v);

/* What is in it, in the words of query; @full: every field. Nothing if nobody has looked. */
void describe_vpd(struct out *out, const struct card_vpd *v, bool full);
/* The two halves of it: for programs, and in one line for people. */
void vpd_json(struct out *out, const struct card_vpd *v);
const char *card_vpd_line(const struct card_vpd *v, char *buf, size_t size);

#endif
