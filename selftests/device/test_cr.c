// SPDX-License-Identifier: GPL-2.0-only
/* cr-read: what is open, and to whom. */
#include "card.h"

#include <linux/capability.h>
#include <linux/genetlink.h>

static const uint32_t harmless[] = {0xf0014, 0x41270, 0xf3834, 0x1f064, 0x1f068, 0x1f06c, 0x1f070};

TEST_F(card, words)
{
	uint32_t word, four[4];

	ASSERT_OK(client_cr(self->c, self->name, 0xf0014, &word, 1));
	EXPECT_EQ(self->info.chip, word & 0xffff);
	EXPECT_EQ(self->info.rev, word >> 16 & 0xff);
	/* With a flush before it, if the last access was a write. */
	EXPECT_GE(2, model_stat("cr_accesses") - model_stat("flushes"));
	ASSERT_OK(client_cr(self->c, self->name, 0x1f064, four, 4));
	for (unsigned int i = 0; i < 4; i++) {
		ASSERT_OK(client_cr(self->c, self->name, 0x1f064 + 4 * i, &word, 1));
		EXPECT_EQ(four[i], word);
	}
	EXPECT_EQ(0, model_stat("semaphore.takes"));
}

/* BAR 0 and the window of configuration space tell the same, and the window is left as it was. */
TEST_F(card, both_ways)
{
	uint32_t bar[4], window[4];

	ASSERT_EQ(CXFLASH_ACCESS_BAR0, self->info.access);
	ASSERT_OK(client_cr_by(self->c, self->name, CXFLASH_ACCESS_BAR0, 0x1f064, bar, 4));
	EXPECT_EQ(0, model_stat("config.reads"));
	ASSERT_OK(client_cr_by(self->c, self->name, CXFLASH_ACCESS_CONFIG, 0x1f064, window, 4));
	EXPECT_LE(4, model_stat("config.reads"));
	EXPECT_EQ(0, memcmp(bar, window, sizeof(bar)));
	ASSERT_OK(client_cr_by(self->c, self->name, CXFLASH_ACCESS_CONFIG, 0xf0014, window, 1));
	EXPECT_EQ(self->info.chip, window[0] & 0xffff);
	EXPECT_EQ(0, model_stat("semaphore.takes"));
	EXPECT_REFUSED(ERANGE, client_cr_by(self->c, self->name, CXFLASH_ACCESS_CONFIG + 1, 0xf0014,
					    bar, 1));
	EXPECT_EQ(CXFLASH_A_ACCESS, self->c->bad_attr);
}

struct dumped {
	uint32_t addr[16];
	unsigned int n;
};

static int take_addresses(const struct nlmsghdr *h, void *ctx)
{
	uint32_t addr = 0, len = 0;
	struct dumped *d = ctx;
	const struct nlattr *a;

	mnl_attr_for_each(a, h, GENL_HDRLEN) {
		if (mnl_attr_get_type(a) == CXFLASH_A_ADDR)
			addr = mnl_attr_get_u32(a);
		if (mnl_attr_get_type(a) == CXFLASH_A_DATA)
			len = mnl_attr_get_payload_len(a);
	}
	for (; len && d->n < 16; len -= 4, addr += 4)
		d->addr[d->n++] = addr;
	return 0;
}

/* The dump has the words that are open to all, and no others. */
TEST_F(card, dump)
{
	struct dumped d = {.n = 0};
	struct nlmsghdr *h;
	unsigned int i, j;

	h = client_begin(self->c, CXFLASH_CMD_CR_READ, NLM_F_DUMP, self->name);
	ASSERT_OK(client_talk(self->c, h, take_addresses, &d));
	EXPECT_EQ(sizeof(harmless) / sizeof(harmless[0]), d.n);
	for (i = 0; i < d.n; i++) {
		for (j = 0; j < d.n && harmless[j] != d.addr[i];)
			j++;
		EXPECT_LT(j, d.n) TH_LOG("0x%x", d.addr[i]);
	}
	EXPECT_EQ(0, model_stat("semaphore.takes"));
	h = client_begin(self->c, CXFLASH_CMD_CR_READ, NLM_F_DUMP, self->name);
	mnl_attr_put_u32(h, CXFLASH_A_ADDR, 0xf0014);
	EXPECT_REFUSED(EINVAL, client_talk(self->c, h, NULL, NULL));
	h = client_begin(self->c, CXFLASH_CMD_CR_READ, NLM_F_DUMP, "0000:00:1f.7");
	EXPECT_REFUSED(ENODEV, client_talk(self->c, h, NULL, NULL));
}

TEST_F(card, refusals)
{
	uint32_t word[64];
	struct nlmsghdr *h;

	EXPECT_REFUSED(EINVAL, client_cr(self->c, self->name, 0xf0016, word, 1));
	EXPECT_EQ(CXFLASH_A_ADDR, self->c->bad_attr);
	EXPECT_REFUSED(ERANGE, client_cr(self->c, self->name, 0x100000, word, 1));
	EXPECT_REFUSED(ERANGE, client_cr(self->c, self->name, 0xffffc, word, 2));
	EXPECT_REFUSED(ERANGE, client_cr(self->c, self->name, 0, word, 0));
	EXPECT_REFUSED(ENODEV, client_cr(self->c, "0000:00:1f.7", 0xf0014, word, 1));
	h = client_begin(self->c, CXFLASH_CMD_CR_READ, 0, self->name);
	mnl_attr_put_u32(h, CXFLASH_A_ADDR, 0xf0014);
	mnl_attr_put_u32(h, CXFLASH_A_LEN, 6);
	EXPECT_REFUSED(EINVAL, client_talk(self->c, h, NULL, NULL));
	EXPECT_EQ(CXFLASH_A_LEN, self->c->bad_attr);
	EXPECT_EQ(0, model_stat("cr_accesses"));
}

/* CAP_NET_ADMIN opens the harmless words, CAP_SYS_RAWIO the rest. */
TEST_F(card, rights)
{
	uint32_t word, one;

	ASSERT_OK(client_cr(self->c, self->name, 0x10000, &word, 1));
	ASSERT_EQ(0, drop_capability(CAP_SYS_RAWIO));
	client_close(self->c);
	ASSERT_EQ(0, client_open(self->c));
	for (unsigned int i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		ASSERT_OK(client_cr(self->c, self->name, harmless[i], &one, 1));
	model("reset-stats");
	EXPECT_REFUSED(EPERM, client_cr(self->c, self->name, 0xf03fc, &word, 1));
	EXPECT_REFUSED(EPERM, client_cr(self->c, self->name, 0x1f060, &word, 1));
	EXPECT_REFUSED(EPERM, client_cr(self->c, self->name, 0x1f074, &word, 1));
	EXPECT_REFUSED(EPERM, client_cr(self->c, self->name, 0xf0014, (uint32_t[2]){0}, 2));
	EXPECT_EQ(0, model_stat("cr_accesses"));
}

/* A reader of registers does not wait for a write, nor disturb it. */
TEST_F(card, during_a_write)
{
	static uint8_t data[65536];
	long worst = 0, begun;
	uint32_t cookie, word;
	int reads = 0;
	struct op op;

	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	fill(data, self->unit, now_ms());
	ASSERT_OK(client_start_write(self->c, self->name, self->session, self->addr, data,
				     self->unit, 0, &cookie));
	do {
		begun = now_ms();
		ASSERT_OK(client_cr(self->c, self->name, 0xf0014, &word, 1));
		if (now_ms() - begun > worst)
			worst = now_ms() - begun;
		reads++;
		ASSERT_OK(client_op(self->c, self->name, cookie, &op));
	} while (op.state == CXFLASH_OP_STATE_RUNNING);
	EXPECT_EQ(0, op.error);
	EXPECT_LT(3, reads);
	TH_LOG("%d reads, %ld ms at worst", reads, worst);
}

TEST_HARNESS_MAIN
