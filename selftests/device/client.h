/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The netlink ABI of cxflash, spoken through libmnl. Written from
 * include/uapi/cxflash.yaml alone, so that the tool's client and this one check each other.
 */
#ifndef CXFLASH_DEVICE_CLIENT_H
#define CXFLASH_DEVICE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>
#include <linux/cxflash.h>

struct op {
	uint32_t cookie;
	uint32_t state;
	uint32_t error;
	bool wrote; /* holds to attempts were there */
	uint32_t holds;
	uint32_t erases;
	uint32_t programs;
	uint32_t attempts;
	char message[128];
};

struct info {
	char name[32];
	uint16_t pci_device, chip;
	uint8_t rev;
	uint32_t access, binding, jedec, size, erase_sizes, page, owner;
	uint32_t erase_4k_ms, erase_64k_ms, program_us;
	uint8_t status, protect_bits;
	bool write_protected, recovery;
	char part[32];
};

struct client {
	struct mnl_socket *nl;
	uint32_t port;
	uint16_t family;
	uint32_t seq;
	char why[256];	   /* the last failure's sentence, or "" */
	uint32_t bad_attr; /* and the attribute it points at, or 0 */
	uint32_t missing;  /* or the one that it misses, or 0 */
	bool interrupted;  /* NLM_F_DUMP_INTR was seen */
	size_t longest;	   /* message received */
	struct op event;   /* the last op-done that came unasked */
	bool has_event;
	_Alignas(struct nlmsghdr) char request[128 * 1024];
	_Alignas(struct nlmsghdr) char answer[64 * 1024];
};

typedef int (*message_fn)(const struct nlmsghdr *h, void *ctx);

/* Hear a multicast group from now on; and its next message. */
int client_join(struct client *c, const char *group);
int client_hear(struct client *c, message_fn fn, void *ctx);

/* All of these return 0, or -errno with c->why set. */
int client_open(struct client *c);
void client_close(struct client *c);
/* Begin a request; the name is left out if it is NULL. */
struct nlmsghdr *client_begin(struct client *c, uint8_t cmd, uint16_t flags, const char *name);
int client_talk(struct client *c, struct nlmsghdr *h, message_fn fn, void *ctx);

int client_cards(struct client *c, struct info *info, unsigned int max, unsigned int *count);
int client_card(struct client *c, const char *name, struct info *info);
/* The end of its operation does not matter: the card is served whatever comes of that. */
int client_attach(struct client *c, const char *name);
int client_detach(struct client *c, const char *name);
int client_read(struct client *c, const char *name, uint32_t addr, void *buf, uint32_t len);
int client_cr(struct client *c, const char *name, uint32_t addr, uint32_t *word, unsigned int n);
int client_cr_by(struct client *c, const char *name, uint32_t access, uint32_t addr, uint32_t *word,
		 unsigned int n);
/* By semaphore-get or -clear: the states as enum cxflash_semaphore_state. */
int client_semaphore(struct client *c, uint8_t cmd, const char *name, uint32_t state[2]);
int client_op(struct client *c, const char *name, uint32_t cookie, struct op *op);

/* These two start an operation and return its cookie. */
int client_start_lock(struct client *c, const char *name, uint32_t *session, uint32_t *cookie);
int client_start_write(struct client *c, const char *name, uint32_t session, uint32_t addr,
		       const void *data, uint32_t len, uint32_t flags, uint32_t *cookie);
/* Wait for the op-done event of @cookie. */
int client_wait(struct client *c, uint32_t cookie, struct op *op);
/* Ask until the operation has ended; its event may be lost. */
int client_ended(struct client *c, const char *name, uint32_t cookie, struct op *op);
/* No event has come, nor comes within @ms. */
bool client_silent(struct client *c, int ms);

/* The same and the wait; the error of the event becomes theirs. */
int client_lock(struct client *c, const char *name, uint32_t *session);
/* The same, where a dead client's write may still be in work. */
int client_lock_patiently(struct client *c, const char *name, uint32_t *session);
int client_unlock(struct client *c, const char *name, uint32_t session);
int client_write(struct client *c, const char *name, uint32_t session, uint32_t addr,
		 const void *data, uint32_t len, uint32_t flags, struct op *op);
int client_erase(struct client *c, const char *name, uint32_t session, uint32_t addr, uint32_t len,
		 struct op *op);
int client_boot(struct client *c, const char *name, uint32_t session, uint32_t addr);

#endif
