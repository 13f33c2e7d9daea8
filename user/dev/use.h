/* SPDX-License-Identifier: GPL-2.0-only */
/* Who would miss a card if it were taken from its driver. */
#ifndef CXFLASH_DEV_USE_H
#define CXFLASH_DEV_USE_H

#include "pci.h"

/*
 * Write what is in use into @text, separated by "; ", as much as fits; "" nothing. Interfaces that
 * are up or belong to another one (a bond, a bridge, a VLAN), virtual functions, programs with its
 * RDMA devices open, and file systems and disks over RDMA. Which RDMA device a mount or an NVMe
 * controller goes through is not to be seen from user space; of a card with such a device each of
 * them counts.
 */
void cx_pci_uses(const struct cx_pci_root *root, const struct cx_pci_card *card, char *text,
		 size_t size);

#endif
