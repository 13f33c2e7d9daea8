// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random and mutated messages of every operation; the same ones for the same seed.
 *
 *	FUZZ_MESSAGES	how many (3000)
 *	FUZZ_SEED	which ones (1)
 *
 * Whatever is sent, the family goes on to answer, errors are those the ABI knows, nothing is left
 * behind, and flash changes in one block only: there writes are allowed, as they may be valid.
 */
#include "card.h"
#include "mutate.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <linux/genetlink.h>

#define SOCKETS 3
#define BLOCK	65536

/* A request as it should be. */
struct shape {
	uint8_t cmd;
	bool dump;
	bool never; /* it cannot succeed on the card of these tests */
	uint8_t attrs[6];
};

static const struct shape shapes[] = {
	{CXFLASH_CMD_CARD_GET, .attrs = {CXFLASH_A_NAME}},
	{CXFLASH_CMD_CARD_GET, .dump = true},
	{CXFLASH_CMD_ATTACH, .never = true, .attrs = {CXFLASH_A_NAME}},
	{CXFLASH_CMD_DETACH, .never = true, .attrs = {CXFLASH_A_NAME}},
	{CXFLASH_CMD_LOCK, .attrs = {CXFLASH_A_NAME}},
	{CXFLASH_CMD_UNLOCK, .attrs = {CXFLASH_A_NAME, CXFLASH_A_SESSION}},
	{CXFLASH_CMD_FLASH_READ, .dump = true,
	 .attrs = {CXFLASH_A_NAME, CXFLASH_A_ADDR, CXFLASH_A_LEN}},
	{CXFLASH_CMD_FLASH_WRITE, .attrs = {CXFLASH_A_NAME, CXFLASH_A_SESSION, CXFLASH_A_ADDR,
					    CXFLASH_A_FLAGS, CXFLASH_A_DATA}},
	{CXFLASH_CMD_BOOT_SET, .attrs = {CXFLASH_A_NAME, CXFLASH_A_SESSION, CXFLASH_A_ADDR}},
	{CXFLASH_CMD_OP_GET, .attrs = {CXFLASH_A_NAME, CXFLASH_A_COOKIE}},
	{CXFLASH_CMD_CR_READ, .attrs = {CXFLASH_A_NAME, CXFLASH_A_ADDR, CXFLASH_A_LEN}},
	{CXFLASH_CMD_CR_READ, .dump = true, .attrs = {CXFLASH_A_NAME}},
	{CXFLASH_CMD_FLASH_ERASE,
	 .attrs = {CXFLASH_A_NAME, CXFLASH_A_SESSION, CXFLASH_A_ADDR, CXFLASH_A_LEN}},
	{CXFLASH_CMD_SEMAPHORE_GET, .attrs = {CXFLASH_A_NAME}},
	{CXFLASH_CMD_SEMAPHORE_CLEAR, .attrs = {CXFLASH_A_NAME}},
};

#define SHAPES (sizeof(shapes) / sizeof(shapes[0]))

/* What is known of the card, and what came of the messages. */
static struct {
	const struct info *card;
	uint16_t family;
	uint32_t block; /* where writes may go */
	uint32_t session, cookie;
	unsigned long well[SHAPES], refused[SHAPES], events;
	int strange; /* an error that no operation has, or 0 */
} known;

static uint32_t unit(void)
{
	return known.card->erase_sizes & -known.card->erase_sizes;
}

static void put_random(struct nlmsghdr *h, uint32_t len)
{
	static uint8_t data[BLOCK];

	for (uint32_t i = 0; i < len; i++)
		data[i] = roll(256);
	mnl_attr_put(h, CXFLASH_A_DATA, len, data);
}

/* Mostly little, which only clears bits or is refused; now and then a whole unit in two pieces. */
static void put_data(struct nlmsghdr *h, bool whole)
{
	if (!whole) {
		put_random(h, 16 * (1 + roll(8)));
		return;
	}
	put_random(h, unit() / 4);
	put_random(h, unit() - unit() / 4);
}

static void put_attr(struct nlmsghdr *h, uint8_t cmd, uint8_t attr, bool whole)
{
	static const uint32_t words[] = {0xf0014, 0x1f064, 0x41270, 0x1f070, 0x10000};
	bool cr = cmd == CXFLASH_CMD_CR_READ;

	switch (attr) {
	case CXFLASH_A_NAME:
		mnl_attr_put_strz(h, attr, known.card->name);
		break;
	case CXFLASH_A_ADDR:
		mnl_attr_put_u32(h, attr,
				 cr		     ? words[roll(5)]
				 : whole || !roll(2) ? known.block
						     : known.block + 16 * roll(4096));
		break;
	case CXFLASH_A_LEN:
		mnl_attr_put_u32(h, attr,
				 cr				  ? 4 * (1 + roll(4))
				 : cmd == CXFLASH_CMD_FLASH_ERASE ? unit()
								  : 16 * (1 + roll(256)));
		break;
	case CXFLASH_A_SESSION:
		mnl_attr_put_u32(h, attr, known.session);
		break;
	case CXFLASH_A_COOKIE:
		mnl_attr_put_u32(h, attr, known.cookie);
		break;
	case CXFLASH_A_FLAGS:
		if (!whole || roll(2))
			mnl_attr_put_u32(h, attr,
					 (whole ? 0 : CXFLASH_WRITE_FLAGS_NO_ERASE) |
						 (roll(2) ? CXFLASH_WRITE_FLAGS_DISCARD : 0));
		break;
	case CXFLASH_A_DATA:
		put_data(h, whole);
		break;
	}
}

/* The sequence number tells later what was asked. */
static void make(struct message *m, unsigned int which)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(m->bytes);
	const struct shape *s = &shapes[which];
	struct genlmsghdr *g;
	bool whole = !roll(64) && known.card->page > 1;

	h->nlmsg_type = known.family;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | (s->dump ? NLM_F_DUMP : 0);
	h->nlmsg_seq = which;
	g = mnl_nlmsg_put_extra_header(h, sizeof(*g));
	g->cmd = s->cmd;
	g->version = CXFLASH_FAMILY_VERSION;
	for (const uint8_t *a = s->attrs; *a; a++)
		put_attr(h, s->cmd, *a, whole);
	m->len = h->nlmsg_len;
}

/*
 * No semaphore is taken by reading it, the card goes on to boot from 0, and what may change flash
 * goes to the block or beyond the part.
 */
static void harmless_addr(uint8_t cmd, uint32_t *addr)
{
	switch (cmd) {
	case CXFLASH_CMD_FLASH_READ:
		break;
	case CXFLASH_CMD_CR_READ:
		if (*addr > 0x7ff00)
			*addr = 0xf0014;
		break;
	case CXFLASH_CMD_BOOT_SET:
		*addr %= BLOCK;
		break;
	default:
		if (*addr < known.card->size)
			*addr = known.block + *addr % BLOCK;
	}
}

/* The same walk as the kernel's over all that it may take for requests. */
static void make_harmless(struct message *m)
{
	uint8_t *p = m->bytes, *end = p + m->len, *a;
	struct nlmsghdr *h;
	struct nlattr *attr;

	for (; end - p >= NLMSG_HDRLEN; p += NLMSG_ALIGN(h->nlmsg_len)) {
		h = (struct nlmsghdr *)p;
		if (h->nlmsg_len < NLMSG_HDRLEN || h->nlmsg_len > end - p)
			break;
		if (h->nlmsg_type >= NLMSG_MIN_TYPE)
			h->nlmsg_type = known.family;
		for (a = p + NLMSG_HDRLEN + GENL_HDRLEN; p + h->nlmsg_len - a >= NLA_HDRLEN;
		     a += NLA_ALIGN(attr->nla_len)) {
			attr = (struct nlattr *)a;
			if (attr->nla_len < NLA_HDRLEN || attr->nla_len > p + h->nlmsg_len - a)
				break;
			if ((attr->nla_type & NLA_TYPE_MASK) == CXFLASH_A_ADDR &&
			    attr->nla_len >= NLA_HDRLEN + 4)
				harmless_addr(p[NLMSG_HDRLEN], (uint32_t *)(a + NLA_HDRLEN));
		}
	}
}

static bool is_documented(int err)
{
	static const int errors[] = {EINVAL,   ERANGE, ENODEV, EBUSY,  EEXIST, EOPNOTSUPP,
				     ENOTCONN, ESTALE, ENOLCK, EAGAIN, ENOENT};

	for (unsigned int i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (err == errors[i])
			return true;
	return !err;
}

static void take(const struct nlmsghdr *h)
{
	const struct genlmsghdr *g = mnl_nlmsg_get_payload(h);
	const int *err = mnl_nlmsg_get_payload(h);
	bool ended = h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE;
	const struct nlattr *a;

	if (ended && !is_documented(-*err))
		known.strange = -*err;
	if (ended && h->nlmsg_seq < SHAPES)
		++*(*err ? &known.refused[h->nlmsg_seq] : &known.well[h->nlmsg_seq]);
	if (h->nlmsg_type != known.family)
		return;
	known.events += g->cmd == CXFLASH_CMD_OP_DONE;
	mnl_attr_for_each(a, h, GENL_HDRLEN) {
		if (mnl_attr_get_type(a) == CXFLASH_A_SESSION)
			known.session = mnl_attr_get_u32(a);
		if (mnl_attr_get_type(a) == CXFLASH_A_COOKIE)
			known.cookie = mnl_attr_get_u32(a);
	}
}

/* What has come so far; the parts of a dump are made while they are received. */
static void receive(int fd, unsigned int datagrams)
{
	static _Alignas(struct nlmsghdr) uint8_t answer[65536];
	const struct nlmsghdr *h;
	ssize_t got;
	int len;

	while (datagrams-- && (got = recv(fd, answer, sizeof(answer), MSG_DONTWAIT)) > 0)
		for (h = (const void *)answer, len = got; mnl_nlmsg_ok(h, len);
		     h = mnl_nlmsg_next(h, &len))
			take(h);
}

static int open_socket(void)
{
	struct sockaddr_nl any = {.nl_family = AF_NETLINK};
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&any, sizeof(any))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* One datagram, now and then of two messages, on any of the sockets; some are closed on the way. */
static int step(int *sockets)
{
	static struct message m, second;
	int *fd = &sockets[roll(SOCKETS)];

	make(&m, roll(SHAPES));
	mutate(&m);
	if (!roll(16)) {
		make(&second, roll(SHAPES));
		mutate(&second);
		m.len = NLMSG_ALIGN(m.len);
		if (m.len + second.len <= MESSAGE_MAX) {
			memcpy(m.bytes + m.len, second.bytes, second.len);
			m.len += second.len;
		}
	}
	make_harmless(&m);
	send(*fd, m.bytes, m.len, MSG_DONTWAIT);
	receive(*fd, roll(8) ? 64 : roll(3));
	if (!roll(100)) {
		close(*fd);
		*fd = open_socket();
	}
	return *fd;
}

static unsigned long setting(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 10) : otherwise;
}

static void flash_sums(const struct info *card, char sums[2][80])
{
	uint32_t after = known.block + BLOCK;

	snprintf(sums[0], 80, "%s", model("flash-sha 0 %u", known.block));
	snprintf(sums[1], 80, "%s", model("flash-sha %u %u", after, card->size - after));
}

TEST_F_TIMEOUT(card, messages, 14400)
{
	unsigned long n, messages = setting("FUZZ_MESSAGES", 3000);
	char before[2][80], after[2][80];
	int sockets[SOCKETS];
	struct info info;

	roll_seed(setting("FUZZ_SEED", 1));
	known.card = &self->info;
	known.family = self->c->family;
	known.block = self->addr;
	flash_sums(&self->info, before);
	for (int i = 0; i < SOCKETS; i++) {
		sockets[i] = open_socket();
		ASSERT_LE(0, sockets[i]);
	}
	for (n = 0; n < messages; n++) {
		ASSERT_LE(0, step(sockets));
		ASSERT_EQ(0, known.strange) TH_LOG("message %lu", n);
		if (n % 500 == 0) {
			ASSERT_OK(client_card(self->c, self->name, &info));
		}
	}
	for (int i = 0; i < SOCKETS; i++)
		close(sockets[i]);

	/* Nobody holds anything any more, and the card is as it was but for the block. */
	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	ASSERT_OK(client_card(self->c, self->name, &info));
	info.owner = self->info.owner;
	EXPECT_EQ(0, memcmp(&info, &self->info, sizeof(info)));
	flash_sums(&self->info, after);
	EXPECT_STREQ(before[0], after[0]);
	EXPECT_STREQ(before[1], after[1]);
	for (unsigned int i = 0; i < SHAPES && messages >= 1000; i++) {
		EXPECT_NE(0, known.refused[i]) TH_LOG("operation %u", shapes[i].cmd);
		EXPECT_TRUE(shapes[i].never || known.well[i])
		TH_LOG("operation %u", shapes[i].cmd);
	}
	TH_LOG("%lu messages, %lu operations ended", n, known.events);

	/* No reference was left behind. */
	client_close(self->c);
	ASSERT_EQ(0, bind_function(self->name, NULL));
	EXPECT_EQ(0, system("rmmod cxflash && modprobe cxflash"));
	bind_function(self->name, "cxflash");
}

TEST_HARNESS_MAIN
