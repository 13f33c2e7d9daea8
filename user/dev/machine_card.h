/* SPDX-License-Identifier: GPL-2.0-only */
/* The cards of a machine. */
#ifndef CXFLASH_DEV_MACHINE_CARD_H
#define CXFLASH_DEV_MACHINE_CARD_H

#include "machine.h"
#include "pci.h"

/* As cx_pci_find(). */
int cx_machine_card(const struct cx_machine *m, const char *name, struct cx_pci_card *card,
		    struct cx_err *err);
/* As cx_pci_uses(). */
void cx_machine_uses(const struct cx_machine *m, const struct cx_pci_card *card, char *text,
		     size_t size);
/* A virtual function of such a card, lent by a host; @name is a full PCI address. */
bool cx_machine_is_vf(const struct cx_machine *m, const char *name);

#endif
