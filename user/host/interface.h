/* SPDX-License-Identifier: GPL-2.0-only */
/* The network interfaces of a card's ports. */
#ifndef CXFLASH_HOST_INTERFACE_H
#define CXFLASH_HOST_INTERFACE_H

#include "dev/machine.h"

/* The kind, as the interface's file "type" has it. */
#define HOST_ETHERNET 1
#define HOST_IPOIB    32

/* A number in a file of an interface; ULONG_MAX if it cannot be read. */
unsigned long card_interface_number(const struct cx_machine *m, const char *card, const char *name,
				    const char *what);
/*
 * The interface of a port, of @type, or 0 for any: of several (partitions have their own) the first
 * that is up. "" in @name: none. Returns whether it is up.
 */
bool card_interface(const struct cx_machine *m, const char *card, unsigned int port,
		    unsigned long type, char *name, size_t size);

#endif
