/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel module tells of its cards, and serving a card beside its driver. */
#ifndef CXFLASH_DEV_NETLINK_H
#define CXFLASH_DEV_NETLINK_H

#include "flash.h"

struct cx_served {
	char name[32]; /* a PCI address; info.name */
	struct cx_flash_info info;
	uint32_t lock_owner; /* netlink port id of the client that holds the lock, 0 nobody */
};

/*
 * Every card the module serves; the caller free()s *cards. CX_NOT_FOUND: the module is not loaded.
 */
int cx_netlink_cards(struct cx_served **cards, size_t *count, struct cx_err *err);

/* Serve a card that another driver keeps, and end that. @name is a full PCI address. */
int cx_netlink_attach(const char *name, struct cx_err *err);
int cx_netlink_detach(const char *name, struct cx_err *err);

enum cx_semaphore { CX_SEMAPHORE_ABSENT, CX_SEMAPHORE_FREE, CX_SEMAPHORE_HELD };

/*
 * How the hardware semaphores 0xf03fc and 0xf03a0 are found. @clear gives them back for whoever
 * holds them; *state is then how they were before. CX_BUSY: the module itself is using
 * them, and went on for 15 s; who asks is often told to by a read that waits for them still.
 */
int cx_netlink_semaphore(const char *name, bool clear, enum cx_semaphore state[2],
			 struct cx_err *err);

#endif
