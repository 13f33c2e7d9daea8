/* SPDX-License-Identifier: GPL-2.0-only */
/* Netlink requests made wrong in as many ways as there are; the same ones for the same seed. */
#ifndef CXFLASH_DEVICE_MUTATE_H
#define CXFLASH_DEVICE_MUTATE_H

#include <stdint.h>

#include <linux/netlink.h>

#define MESSAGE_MAX (160 * 1024)

struct message {
	_Alignas(struct nlmsghdr) uint8_t bytes[MESSAGE_MAX];
	uint32_t len; /* of the datagram; nlmsg_len may lie */
};

void roll_seed(uint64_t seed);
/* A random number below @n. */
uint32_t roll(uint32_t n);

/* Make none to three mistakes in a generic netlink request. */
void mutate(struct message *m);

#endif
