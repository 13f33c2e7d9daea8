/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PCI Vital Product Data: what the maker of a card wrote into its EEPROM, which no firmware changes
 * (PCI 2.2 appendix I; the layouts seen are in field-cases 1).
 */
#ifndef CXFLASH_FW_BOARD_VPD_H
#define CXFLASH_FW_BOARD_VPD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fw/err.h"

#define FW_VPD_MAX    32768 /* bytes: addresses have 15 bits */
#define FW_VPD_TEXT   256   /* a field has at most 255; a longer identifier string is cut */
#define FW_VPD_FIELDS 32    /* that are kept; some ten are usual */

/* Is the sum right that RV states, of all from the first byte to itself? */
enum fw_vpd_sum { FW_VPD_NO_SUM, FW_VPD_SUM_RIGHT, FW_VPD_SUM_WRONG };

struct fw_vpd {
	char name[FW_VPD_TEXT]; /* the identifier string; a manual shows another card's */
	struct fw_vpd_field {
		char keyword[3]; /* PN, EC, SN, V0, ... */
		char text[FW_VPD_TEXT];
	} field[FW_VPD_FIELDS]; /* but RV and RW, which are no text */
	size_t fields, left_out;
	enum fw_vpd_sum sum;
	bool whole; /* all tags, to the end */
};

/*
 * Read the tags. CX_INVALID, with the place, for what is no VPD or is cut off; *vpd then has what
 * was read before. Text is trimmed, and what is not printable in it is a '?'.
 */
int fw_vpd_parse(const uint8_t *bytes, size_t len, struct fw_vpd *vpd, struct cx_err *err);
/* Do the bytes of a file begin as a VPD does? No image, ini or archive begins so. */
bool fw_vpd_begins(const uint8_t *bytes, size_t len);

/* The first field of that keyword, NULL if there is none or nothing stands in it. */
const char *fw_vpd_get(const struct fw_vpd *vpd, const char *keyword);
/* The part number, if it can be relied on: not with a wrong sum, nor without one in a VPD that is
 * not whole. */
const char *fw_vpd_part(const struct fw_vpd *vpd);
const char *fw_vpd_sum_name(enum fw_vpd_sum sum); /* "none", "right", "wrong" */

#endif
