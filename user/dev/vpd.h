/* SPDX-License-Identifier: GPL-2.0-only */
/* A card's VPD as the kernel reads it. */
#ifndef CXFLASH_DEV_VPD_H
#define CXFLASH_DEV_VPD_H

#include "pci.h"

#define CX_VPD_MAX   32768 /* bytes: addresses have 15 bits */
#define CX_VPD_LIMIT 5000  /* ms; a good one takes some hundred */

/*
 * The VPD of PCI function @name into *bytes, which the caller frees. On a card whose VPD is broken
 * the kernel may wait long for each word of it: after @limit ms that is CX_FAILED, and what was
 * reading it is ended. CX_NOT_FOUND: the kernel shows none; CX_REFUSED: not to us.
 */
int cx_vpd_read(const struct cx_pci_root *root, const char *name, unsigned int limit,
		uint8_t **bytes, size_t *len, struct cx_err *err);

#endif
