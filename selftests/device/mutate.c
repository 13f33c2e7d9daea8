// SPDX-License-Identifier: GPL-2.0-only
#include "mutate.h"

#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/cxflash.h>
#include <linux/genetlink.h>

#define BEFORE_ATTRS (NLMSG_HDRLEN + GENL_HDRLEN)

static uint64_t dice;

void roll_seed(uint64_t seed)
{
	dice = seed * 0x9e3779b97f4a7c15 + 1;
}

uint32_t roll(uint32_t n)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return (dice >> 32) % n;
}

static uint32_t odd_number(void)
{
	static const uint32_t numbers[] = {
		0,	 1,	    3,		4,	    15,		16,	    255,
		256,	 0xfff0,    0xffff,	0x10000,    0x10010,	0x100000,   0xffffff,
		1 << 24, INT32_MAX, 0x80000000, 0xfffffff0, UINT32_MAX, 0xdeadbeef,
	};

	return roll(2) ? numbers[roll(sizeof(numbers) / sizeof(numbers[0]))] : roll(UINT32_MAX);
}

/* Any of the message's attributes, or NULL. */
static struct nlattr *any_attr(struct message *m)
{
	struct nlattr *chosen = NULL, *a;
	uint8_t *end = m->bytes + m->len;
	uint32_t n = 0;

	for (uint8_t *p = m->bytes + BEFORE_ATTRS; end - p >= NLA_HDRLEN;
	     p += NLA_ALIGN(a->nla_len)) {
		a = (struct nlattr *)p;
		if (a->nla_len < NLA_HDRLEN || a->nla_len > end - p)
			break;
		if (!roll(++n))
			chosen = a;
	}
	return chosen;
}

static void set_len(struct message *m, uint32_t len)
{
	m->len = len;
	((struct nlmsghdr *)m->bytes)->nlmsg_len = len;
}

static void drop(struct message *m)
{
	struct nlattr *a = any_attr(m);
	uint8_t *next, *end = m->bytes + m->len;

	if (!a)
		return;
	next = (uint8_t *)a + NLA_ALIGN(a->nla_len);
	if (next < end)
		memmove(a, next, end - next);
	set_len(m, m->len - (next < end ? next - (uint8_t *)a : end - (uint8_t *)a));
}

/* Once, or until the message is full of it. */
static void repeat(struct message *m)
{
	uint32_t times = roll(32) ? 1 : 1 + roll(8192);
	struct nlattr *a = any_attr(m);
	uint32_t len = a ? NLA_ALIGN(a->nla_len) : 0;

	m->len = NLMSG_ALIGN(m->len);
	for (; a && times && m->len + len <= MESSAGE_MAX; times--) {
		memcpy(m->bytes + m->len, a, len);
		set_len(m, m->len + len);
	}
}

static void lie_about_attr_len(struct message *m)
{
	struct nlattr *a = any_attr(m);

	if (a)
		a->nla_len = roll(2) ? a->nla_len + roll(9) - 4 : roll(65536);
}

static void change_type(struct message *m)
{
	static const uint16_t flags[] = {0, NLA_F_NESTED, NLA_F_NET_BYTEORDER};
	struct nlattr *a = any_attr(m);

	if (a)
		a->nla_type = (roll(2) ? a->nla_type : roll(CXFLASH_A_MAX + 8)) | flags[roll(3)];
}

static void change_number(struct message *m)
{
	struct nlattr *a = any_attr(m);
	uint32_t n = odd_number();

	if (a && a->nla_len >= NLA_HDRLEN + sizeof(n))
		memcpy((uint8_t *)a + NLA_HDRLEN, &n, sizeof(n));
}

static void flip(struct message *m)
{
	uint32_t from = BEFORE_ATTRS;

	for (uint32_t n = 1 + roll(8); m->len > from && n; n--)
		m->bytes[from + roll(m->len - from)] ^= 1 << roll(8);
}

static void change_header(struct message *m)
{
	struct nlmsghdr *h = (struct nlmsghdr *)m->bytes;
	struct genlmsghdr *g = (struct genlmsghdr *)(m->bytes + NLMSG_HDRLEN);

	switch (roll(5)) {
	case 0:
		h->nlmsg_flags = roll(65536);
		break;
	case 1:
		g->cmd = roll(4) ? roll(CXFLASH_CMD_MAX + 2) : roll(256);
		break;
	case 2:
		g->version = roll(256);
		break;
	case 3:
		g->reserved = roll(65536);
		break;
	case 4:
		h->nlmsg_len = roll(2) ? roll(m->len + 1) : odd_number();
		break;
	}
}

static void cut_or_add(struct message *m)
{
	uint32_t more = roll(64);

	if (roll(2)) {
		set_len(m, NLMSG_HDRLEN + roll(m->len - NLMSG_HDRLEN + 1));
		return;
	}
	for (; more && m->len < MESSAGE_MAX; more--)
		m->bytes[m->len++] = roll(256);
	set_len(m, m->len);
}

static void only_noise(struct message *m)
{
	set_len(m, BEFORE_ATTRS + roll(512));
	for (uint32_t i = BEFORE_ATTRS; i < m->len; i++)
		m->bytes[i] = roll(4) ? roll(32) : roll(256);
}

void mutate(struct message *m)
{
	static void (*const ways[])(struct message *) = {
		drop, repeat,	     lie_about_attr_len, change_type, change_number,
		flip, change_header, cut_or_add,	 only_noise,
	};

	for (uint32_t n = roll(4); n && m->len > BEFORE_ATTRS; n--)
		ways[roll(sizeof(ways) / sizeof(ways[0]))](m);
}
