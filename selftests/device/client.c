// SPDX-License-Identifier: GPL-2.0-only
#include "client.h"
#include "world.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/genetlink.h>

static int fail(struct client *c, int err, const char *why)
{
	snprintf(c->why, sizeof(c->why), "%s", why);
	return err;
}

static void take_extack(struct client *c, const struct nlmsghdr *h, unsigned int offset)
{
	const struct nlattr *a;

	mnl_attr_for_each(a, h, offset) {
		switch (mnl_attr_get_type(a)) {
		case NLMSGERR_ATTR_MSG:
			fail(c, 0, mnl_attr_get_str(a));
			break;
		case NLMSGERR_ATTR_OFFS: {
			const struct nlattr *bad = (const void *)(c->request + mnl_attr_get_u32(a));

			c->bad_attr = mnl_attr_get_type(bad);
			break;
		}
		case NLMSGERR_ATTR_MISS_TYPE:
			c->missing = mnl_attr_get_u32(a);
			break;
		}
	}
}

static int take_op(const struct nlmsghdr *h, void *ctx)
{
	struct op *op = ctx;
	const struct nlattr *a;

	memset(op, 0, sizeof(*op));
	mnl_attr_for_each(a, h, GENL_HDRLEN) {
		switch (mnl_attr_get_type(a)) {
		case CXFLASH_A_COOKIE:
			op->cookie = mnl_attr_get_u32(a);
			break;
		case CXFLASH_A_OP_STATE:
			op->state = mnl_attr_get_u32(a);
			break;
		case CXFLASH_A_ERROR:
			op->error = mnl_attr_get_u32(a);
			break;
		case CXFLASH_A_MESSAGE:
			snprintf(op->message, sizeof(op->message), "%s", mnl_attr_get_str(a));
			break;
		case CXFLASH_A_HOLDS:
			op->holds = mnl_attr_get_u32(a);
			op->wrote = true;
			break;
		case CXFLASH_A_ERASES:
			op->erases = mnl_attr_get_u32(a);
			break;
		case CXFLASH_A_PROGRAMS:
			op->programs = mnl_attr_get_u32(a);
			break;
		case CXFLASH_A_ATTEMPTS:
			op->attempts = mnl_attr_get_u32(a);
			break;
		}
	}
	return 0;
}

static bool is_event(const struct client *c, const struct nlmsghdr *h)
{
	const struct genlmsghdr *g = mnl_nlmsg_get_payload(h);

	return h->nlmsg_type == c->family && g->cmd == CXFLASH_CMD_OP_DONE;
}

/* 1: the conversation has ended well; 0: there is more; negative: it has failed. */
static int take_message(struct client *c, const struct nlmsghdr *h, message_fn fn, void *ctx)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);
	unsigned int offset;
	int err;

	if (is_event(c, h)) {
		c->has_event = true;
		return take_op(h, &c->event);
	}
	if (h->nlmsg_seq != c->seq)
		return fail(c, -EPROTO, "an answer to another request");
	if (h->nlmsg_flags & NLM_F_DUMP_INTR)
		c->interrupted = true;
	if (h->nlmsg_type == NLMSG_DONE) {
		err = *(const int *)mnl_nlmsg_get_payload(h);
		if (h->nlmsg_flags & NLM_F_ACK_TLVS)
			take_extack(c, h, sizeof(err));
		return err ?: 1;
	}
	if (h->nlmsg_type == NLMSG_ERROR) {
		/* With NETLINK_CAP_ACK the request itself is not echoed. */
		offset = sizeof(*e);
		if (e->error && !(h->nlmsg_flags & NLM_F_CAPPED))
			offset += e->msg.nlmsg_len - sizeof(e->msg);
		if (h->nlmsg_flags & NLM_F_ACK_TLVS)
			take_extack(c, h, offset);
		return e->error ?: 1;
	}
	return fn ? fn(h, ctx) : 0;
}

static int receive(struct client *c, message_fn fn, void *ctx)
{
	const struct nlmsghdr *h = (const void *)c->answer;
	ssize_t got = mnl_socket_recvfrom(c->nl, c->answer, sizeof(c->answer));
	int len = got, ret = 0;

	if (got < 0)
		return fail(c, -errno, "cannot receive");
	if ((size_t)got > c->longest)
		c->longest = got;
	for (; !ret && mnl_nlmsg_ok(h, len); h = mnl_nlmsg_next(h, &len))
		ret = take_message(c, h, fn, ctx);
	return ret;
}

struct nlmsghdr *client_begin(struct client *c, uint8_t cmd, uint16_t flags, const char *name)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(c->request);
	struct genlmsghdr *g;

	h->nlmsg_type = c->family;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	h->nlmsg_seq = ++c->seq;
	g = mnl_nlmsg_put_extra_header(h, sizeof(*g));
	g->cmd = cmd;
	g->version = CXFLASH_FAMILY_VERSION;
	if (name)
		mnl_attr_put_strz(h, CXFLASH_A_NAME, name);
	return h;
}

int client_talk(struct client *c, struct nlmsghdr *h, message_fn fn, void *ctx)
{
	int ret;

	c->why[0] = '\0';
	c->bad_attr = 0;
	c->missing = 0;
	c->interrupted = false;
	c->longest = 0;
	if (mnl_socket_sendto(c->nl, h, h->nlmsg_len) < 0)
		return fail(c, -errno, "cannot send");
	do
		ret = receive(c, fn, ctx);
	while (!ret);
	return ret > 0 ? 0 : ret;
}

static int take_family(const struct nlmsghdr *h, void *ctx)
{
	struct client *c = ctx;
	const struct nlattr *a;

	mnl_attr_for_each(a, h, GENL_HDRLEN)
		if (mnl_attr_get_type(a) == CTRL_ATTR_FAMILY_ID)
			c->family = mnl_attr_get_u16(a);
	return 0;
}

int client_open(struct client *c)
{
	struct nlmsghdr *h;
	int on = 1, err;

	memset(c, 0, sizeof(*c));
	c->nl = mnl_socket_open(NETLINK_GENERIC);
	if (!c->nl || mnl_socket_bind(c->nl, 0, MNL_SOCKET_AUTOPID))
		return fail(c, -errno, "cannot open a socket");
	mnl_socket_setsockopt(c->nl, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(c->nl, NETLINK_CAP_ACK, &on, sizeof(on));
	c->port = mnl_socket_get_portid(c->nl);
	h = client_begin(c, CTRL_CMD_GETFAMILY, 0, NULL);
	h->nlmsg_type = GENL_ID_CTRL;
	mnl_attr_put_strz(h, CTRL_ATTR_FAMILY_NAME, CXFLASH_FAMILY_NAME);
	err = client_talk(c, h, take_family, c);
	return err ?: c->family ? err : fail(c, -ENOENT, "the family has no id");
}

struct group {
	const char *name;
	uint32_t id;
};

static int take_groups(const struct nlmsghdr *h, void *ctx)
{
	const struct nlattr *a, *group, *field, *name, *id;
	struct group *g = ctx;

	mnl_attr_for_each(a, h, GENL_HDRLEN) {
		if (mnl_attr_get_type(a) != CTRL_ATTR_MCAST_GROUPS)
			continue;
		mnl_attr_for_each_nested(group, a) {
			name = id = NULL;
			mnl_attr_for_each_nested(field, group) {
				if (mnl_attr_get_type(field) == CTRL_ATTR_MCAST_GRP_NAME)
					name = field;
				if (mnl_attr_get_type(field) == CTRL_ATTR_MCAST_GRP_ID)
					id = field;
			}
			if (name && id && !strcmp(mnl_attr_get_str(name), g->name))
				g->id = mnl_attr_get_u32(id);
		}
	}
	return 0;
}

int client_join(struct client *c, const char *group)
{
	struct nlmsghdr *h = client_begin(c, CTRL_CMD_GETFAMILY, 0, NULL);
	struct group g = {.name = group};
	int err;

	h->nlmsg_type = GENL_ID_CTRL;
	mnl_attr_put_strz(h, CTRL_ATTR_FAMILY_NAME, CXFLASH_FAMILY_NAME);
	err = client_talk(c, h, take_groups, &g);
	if (err)
		return err;
	if (!g.id)
		return fail(c, -ENOENT, "there is no such group");
	if (mnl_socket_setsockopt(c->nl, NETLINK_ADD_MEMBERSHIP, &g.id, sizeof(g.id)))
		return fail(c, -errno, "cannot join the group");
	return 0;
}

int client_hear(struct client *c, message_fn fn, void *ctx)
{
	const struct nlmsghdr *h = (const void *)c->answer;
	int len, err = 0;

	len = mnl_socket_recvfrom(c->nl, c->answer, sizeof(c->answer));
	if (len < 0)
		return fail(c, -errno, "cannot receive");
	for (; !err && mnl_nlmsg_ok(h, len); h = mnl_nlmsg_next(h, &len))
		err = fn(h, ctx);
	return err;
}

void client_close(struct client *c)
{
	if (c->nl)
		mnl_socket_close(c->nl);
	c->nl = NULL;
}

struct cards {
	struct info *info;
	unsigned int max, count;
};

static int take_card(const struct nlmsghdr *h, void *ctx)
{
	struct cards *cards = ctx;
	const struct nlattr *a;
	struct info *i;

	if (cards->count == cards->max)
		return -EOVERFLOW;
	i = &cards->info[cards->count++];
	memset(i, 0, sizeof(*i));
	mnl_attr_for_each(a, h, GENL_HDRLEN) {
		switch (mnl_attr_get_type(a)) {
		case CXFLASH_A_NAME:
			snprintf(i->name, sizeof(i->name), "%s", mnl_attr_get_str(a));
			break;
		case CXFLASH_A_PCI_DEVICE_ID:
			i->pci_device = mnl_attr_get_u16(a);
			break;
		case CXFLASH_A_CHIP_ID:
			i->chip = mnl_attr_get_u16(a);
			break;
		case CXFLASH_A_CHIP_REV:
			i->rev = mnl_attr_get_u8(a);
			break;
		case CXFLASH_A_ACCESS:
			i->access = mnl_attr_get_u32(a);
			break;
		case CXFLASH_A_BINDING:
			i->binding = mnl_attr_get_u32(a);
			break;
		case CXFLASH_A_RECOVERY:
			i->recovery = true;
			break;
		case CXFLASH_A_JEDEC_ID:
			i->jedec = mnl_attr_get_u32(a);
			break;
		case CXFLASH_A_PART:
			snprintf(i->part, sizeof(i->part), "%s", mnl_attr_get_str(a));
			break;
		case CXFLASH_A_FLASH_SIZE:
			i->size = mnl_attr_get_u32(a);
			break;
		case CXFLASH_A_ERASE_SIZES:
			i->erase_sizes = mnl_attr_get_u32(a);
			break;
		case CXFLASH_A_PAGE_SIZE:
			i->page = mnl_attr_get_u32(a);
			break;
		case CXFLASH_A_LOCK_OWNER:
			i->owner = mnl_attr_get_u32(a);
			break;
		case CXFLASH_A_ERASE_4K_MS:
			i->erase_4k_ms = mnl_attr_get_u32(a);
			break;
		case CXFLASH_A_ERASE_64K_MS:
			i->erase_64k_ms = mnl_attr_get_u32(a);
			break;
		case CXFLASH_A_PROGRAM_US:
			i->program_us = mnl_attr_get_u32(a);
			break;
		case CXFLASH_A_STATUS:
			i->status = mnl_attr_get_u8(a);
			break;
		case CXFLASH_A_PROTECT_BITS:
			i->protect_bits = mnl_attr_get_u8(a);
			break;
		case CXFLASH_A_WRITE_PROTECTED:
			i->write_protected = true;
			break;
		}
	}
	return 0;
}

int client_cards(struct client *c, struct info *info, unsigned int max, unsigned int *count)
{
	struct cards cards = {.info = info, .max = max};
	int err = client_talk(c, client_begin(c, CXFLASH_CMD_CARD_GET, NLM_F_DUMP, NULL), take_card,
			      &cards);

	*count = cards.count;
	return err;
}

int client_card(struct client *c, const char *name, struct info *info)
{
	struct cards cards = {.info = info, .max = 1};

	return client_talk(c, client_begin(c, CXFLASH_CMD_CARD_GET, 0, name), take_card, &cards);
}

int client_detach(struct client *c, const char *name)
{
	return client_talk(c, client_begin(c, CXFLASH_CMD_DETACH, 0, name), NULL, NULL);
}

struct bytes {
	uint8_t *to;
	uint32_t addr, len, done;
	bool begun;
};

/* Ascending, without gaps, and the first message as promised. */
static int take_bytes(const struct nlmsghdr *h, void *ctx)
{
	struct bytes *b = ctx;
	uint32_t addr = ~0u, len = 0, n = 0;
	const struct nlattr *a;
	bool named = false;

	mnl_attr_for_each(a, h, GENL_HDRLEN) {
		switch (mnl_attr_get_type(a)) {
		case CXFLASH_A_NAME:
			named = true;
			break;
		case CXFLASH_A_ADDR:
			addr = mnl_attr_get_u32(a);
			break;
		case CXFLASH_A_LEN:
			len = mnl_attr_get_u32(a);
			break;
		case CXFLASH_A_DATA:
			n = mnl_attr_get_payload_len(a);
			if (addr != b->addr + b->done || n > b->len - b->done || n % 16 || !n)
				return -EPROTO;
			memcpy(b->to + b->done, mnl_attr_get_payload(a), n);
			b->done += n;
			break;
		}
	}
	if (!named)
		return -EPROTO;
	if (!b->begun && (addr != b->addr || len != b->len || n))
		return -EPROTO;
	/* A later one without data: the card is busy, and is asked again. */
	if (b->begun && !n && (addr != b->addr + b->done || len))
		return -EPROTO;
	b->begun = true;
	return 0;
}

int client_read(struct client *c, const char *name, uint32_t addr, void *buf, uint32_t len)
{
	struct bytes b = {.to = buf, .addr = addr, .len = len};
	struct nlmsghdr *h = client_begin(c, CXFLASH_CMD_FLASH_READ, NLM_F_DUMP, name);
	int err;

	mnl_attr_put_u32(h, CXFLASH_A_ADDR, addr);
	mnl_attr_put_u32(h, CXFLASH_A_LEN, len);
	err = client_talk(c, h, take_bytes, &b);
	if (!err && b.done != len)
		return fail(c, -EPROTO, "the data end early");
	return err;
}

struct words {
	uint32_t *to;
	unsigned int n;
};

static int take_words(const struct nlmsghdr *h, void *ctx)
{
	struct words *w = ctx;
	const struct nlattr *a;
	const uint8_t *p;

	mnl_attr_for_each(a, h, GENL_HDRLEN) {
		if (mnl_attr_get_type(a) != CXFLASH_A_DATA)
			continue;
		if (mnl_attr_get_payload_len(a) != w->n * 4)
			return -EPROTO;
		p = mnl_attr_get_payload(a);
		for (unsigned int i = 0; i < w->n; i++, p += 4)
			w->to[i] = (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
		w->n = 0;
	}
	return w->n ? -EPROTO : 0;
}

int client_cr(struct client *c, const char *name, uint32_t addr, uint32_t *word, unsigned int n)
{
	struct words w = {.to = word, .n = n};
	struct nlmsghdr *h = client_begin(c, CXFLASH_CMD_CR_READ, 0, name);

	mnl_attr_put_u32(h, CXFLASH_A_ADDR, addr);
	mnl_attr_put_u32(h, CXFLASH_A_LEN, n * 4);
	return client_talk(c, h, take_words, &w);
}

int client_cr_by(struct client *c, const char *name, uint32_t access, uint32_t addr, uint32_t *word,
		 unsigned int n)
{
	struct words w = {.to = word, .n = n};
	struct nlmsghdr *h = client_begin(c, CXFLASH_CMD_CR_READ, 0, name);

	mnl_attr_put_u32(h, CXFLASH_A_ADDR, addr);
	mnl_attr_put_u32(h, CXFLASH_A_LEN, n * 4);
	mnl_attr_put_u32(h, CXFLASH_A_ACCESS, access);
	return client_talk(c, h, take_words, &w);
}

static int take_semaphores(const struct nlmsghdr *h, void *ctx)
{
	const struct nlattr *a;
	uint32_t *state = ctx;

	mnl_attr_for_each(a, h, GENL_HDRLEN) {
		if (mnl_attr_get_type(a) == CXFLASH_A_SEMAPHORE)
			state[0] = mnl_attr_get_u32(a);
		if (mnl_attr_get_type(a) == CXFLASH_A_SEMAPHORE2)
			state[1] = mnl_attr_get_u32(a);
	}
	return 0;
}

int client_semaphore(struct client *c, uint8_t cmd, const char *name, uint32_t state[2])
{
	state[0] = state[1] = UINT32_MAX;
	return client_talk(c, client_begin(c, cmd, 0, name), take_semaphores, state);
}

int client_op(struct client *c, const char *name, uint32_t cookie, struct op *op)
{
	struct nlmsghdr *h = client_begin(c, CXFLASH_CMD_OP_GET, 0, name);

	mnl_attr_put_u32(h, CXFLASH_A_COOKIE, cookie);
	return client_talk(c, h, take_op, op);
}

int client_ended(struct client *c, const char *name, uint32_t cookie, struct op *op)
{
	int err;

	while (!(err = client_op(c, name, cookie, op)) && op->state != CXFLASH_OP_STATE_DONE)
		usleep(10000);
	return err;
}

bool client_silent(struct client *c, int ms)
{
	struct pollfd p = {.fd = mnl_socket_get_fd(c->nl), .events = POLLIN};

	return !c->has_event && !poll(&p, 1, ms);
}

struct started {
	uint32_t session, cookie;
};

static int take_started(const struct nlmsghdr *h, void *ctx)
{
	struct started *s = ctx;
	const struct nlattr *a;

	mnl_attr_for_each(a, h, GENL_HDRLEN) {
		if (mnl_attr_get_type(a) == CXFLASH_A_SESSION)
			s->session = mnl_attr_get_u32(a);
		if (mnl_attr_get_type(a) == CXFLASH_A_COOKIE)
			s->cookie = mnl_attr_get_u32(a);
	}
	return s->cookie ? 0 : -EPROTO;
}

int client_start_lock(struct client *c, const char *name, uint32_t *session, uint32_t *cookie)
{
	struct started s = {0};
	int err = client_talk(c, client_begin(c, CXFLASH_CMD_LOCK, 0, name), take_started, &s);

	*session = s.session;
	*cookie = s.cookie;
	return err ?: s.session ? err : fail(c, -EPROTO, "no session");
}

int client_start_write(struct client *c, const char *name, uint32_t session, uint32_t addr,
		       const void *data, uint32_t len, uint32_t flags, uint32_t *cookie)
{
	struct nlmsghdr *h = client_begin(c, CXFLASH_CMD_FLASH_WRITE, 0, name);
	struct started s = {0};
	uint32_t n, off;
	int err;

	mnl_attr_put_u32(h, CXFLASH_A_SESSION, session);
	mnl_attr_put_u32(h, CXFLASH_A_ADDR, addr);
	if (flags)
		mnl_attr_put_u32(h, CXFLASH_A_FLAGS, flags);
	for (off = 0; off < len; off += n) {
		n = len - off < 20000 ? len - off : 20000;
		mnl_attr_put(h, CXFLASH_A_DATA, n, (const char *)data + off);
	}
	err = client_talk(c, h, take_started, &s);
	*cookie = s.cookie;
	return err;
}

int client_wait(struct client *c, uint32_t cookie, struct op *op)
{
	int ret;

	while (!c->has_event || c->event.cookie != cookie) {
		ret = receive(c, NULL, NULL);
		if (ret < 0)
			return ret;
	}
	c->has_event = false;
	*op = c->event;
	return 0;
}

/* The end of an operation that was asked for well. */
static int finish(struct client *c, uint32_t cookie, struct op *op)
{
	int err = client_wait(c, cookie, op);

	if (err)
		return err;
	if (op->state != CXFLASH_OP_STATE_DONE)
		return fail(c, -EPROTO, "op-done of an operation that is not done");
	return fail(c, -(int)op->error, op->message);
}

int client_attach(struct client *c, const char *name)
{
	struct started s = {0};
	struct op op;
	int err = client_talk(c, client_begin(c, CXFLASH_CMD_ATTACH, 0, name), take_started, &s);

	return err ?: client_wait(c, s.cookie, &op);
}

int client_lock(struct client *c, const char *name, uint32_t *session)
{
	struct op op;
	uint32_t cookie;
	int err = client_start_lock(c, name, session, &cookie);

	return err ?: finish(c, cookie, &op);
}

int client_lock_patiently(struct client *c, const char *name, uint32_t *session)
{
	int err;

	while ((err = client_lock(c, name, session)) == -EBUSY)
		usleep(20000);
	return err;
}

int client_unlock(struct client *c, const char *name, uint32_t session)
{
	struct nlmsghdr *h = client_begin(c, CXFLASH_CMD_UNLOCK, 0, name);

	mnl_attr_put_u32(h, CXFLASH_A_SESSION, session);
	return client_talk(c, h, NULL, NULL);
}

int client_write(struct client *c, const char *name, uint32_t session, uint32_t addr,
		 const void *data, uint32_t len, uint32_t flags, struct op *op)
{
	uint32_t cookie;
	int err;

	memset(op, 0, sizeof(*op));
	err = client_start_write(c, name, session, addr, data, len, flags, &cookie);
	return err ?: finish(c, cookie, op);
}

int client_erase(struct client *c, const char *name, uint32_t session, uint32_t addr, uint32_t len,
		 struct op *op)
{
	struct nlmsghdr *h = client_begin(c, CXFLASH_CMD_FLASH_ERASE, 0, name);
	struct started s = {0};
	int err;

	memset(op, 0, sizeof(*op));
	mnl_attr_put_u32(h, CXFLASH_A_SESSION, session);
	mnl_attr_put_u32(h, CXFLASH_A_ADDR, addr);
	mnl_attr_put_u32(h, CXFLASH_A_LEN, len);
	err = client_talk(c, h, take_started, &s);
	return err ?: finish(c, s.cookie, op);
}

int client_boot(struct client *c, const char *name, uint32_t session, uint32_t addr)
{
	struct nlmsghdr *h = client_begin(c, CXFLASH_CMD_BOOT_SET, 0, name);
	struct started s = {0};
	struct op op;
	int err;

	mnl_attr_put_u32(h, CXFLASH_A_SESSION, session);
	mnl_attr_put_u32(h, CXFLASH_A_ADDR, addr);
	err = client_talk(c, h, take_started, &s);
	return err ?: finish(c, s.cookie, &op);
}
