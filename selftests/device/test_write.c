// SPDX-License-Identifier: GPL-2.0-only
/* flash-write, boot-set and op-get on a card that does its best. */
#include "card.h"

#include <linux/capability.h>

#define MAX 65536

/* With the write flush, and without. */
#define PROGRAM_LIMIT (self->info.chip == 0x190 ? 680 : 910)

static uint8_t want[MAX], back[MAX];

#define WRITE(addr, len, flags, op) \
	client_write(self->c, self->name, self->session, addr, want, len, flags, op)

#define ASSERT_LOCK() ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session))

#define EXPECT_FLASH(addr, len)                                               \
	do {                                                                  \
		ASSERT_OK(client_read(self->c, self->name, addr, back, len)); \
		EXPECT_EQ(0, memcmp(want, back, len));                        \
	} while (0)

#define EXPECT_DONE(o, _holds, _erases, _programs)            \
	do {                                                  \
		EXPECT_TRUE((o).wrote);                       \
		EXPECT_EQ(CXFLASH_HOLDS_##_holds, (o).holds); \
		EXPECT_EQ(_erases, (o).erases);               \
		EXPECT_EQ(_programs, (o).programs);           \
	} while (0)

/* Each of the ways a unit can become what it should, with the least work. */
TEST_F(card, least_work)
{
	uint32_t unit = self->unit, addr = self->addr;
	uint32_t page = self->info.page == 1 ? 16 : self->info.page;
	struct op op;

	ASSERT_LOCK();
	memset(want, 0xff, unit);
	ASSERT_OK(WRITE(addr, unit, 0, &op));
	EXPECT_FLASH(addr, unit);

	/* From blank: no erase, every page once. */
	fill(want, unit, 1);
	ASSERT_OK(WRITE(addr, unit, 0, &op));
	EXPECT_DONE(op, NEW, 0, (page == 16 ? 1024 : unit) / page);
	EXPECT_EQ(1, op.attempts);
	EXPECT_FLASH(addr, unit);

	/* The same again: nothing at all is sent. */
	model("reset-stats");
	ASSERT_OK(WRITE(addr, unit, 0, &op));
	EXPECT_DONE(op, NEW, 0, 0);
	EXPECT_EQ(1, op.attempts);
	EXPECT_EQ(0, model_stat("flash_operations"));
	EXPECT_EQ(1, model_stat("semaphore.takes"));

	/* Bits cleared in two pages. */
	want[0] = 0;
	want[unit - 1] = 0;
	ASSERT_OK(WRITE(addr, unit, 0, &op));
	EXPECT_DONE(op, NEW, 0, 2);
	EXPECT_FLASH(addr, unit);

	/* A bit set: erase; a blank page is not sent. */
	fill(want, unit, 2);
	memset(want + 256, 0xff, 512);
	ASSERT_OK(WRITE(addr, unit, 0, &op));
	EXPECT_DONE(op, NEW, 1, ((page == 16 ? 1024 : unit) - 512) / page);
	EXPECT_FLASH(addr, unit);

	/* To blank: only the erase. */
	memset(want, 0xff, unit);
	ASSERT_OK(WRITE(addr, unit, 0, &op));
	EXPECT_DONE(op, NEW, 1, 0);
	EXPECT_FLASH(addr, unit);
}

/* Of bytes that nobody wants back, no more is read than shows that they have to be erased. */
TEST_F(card, discard)
{
	uint32_t flag = CXFLASH_WRITE_FLAGS_DISCARD, addr = self->addr, size = 0x10000;
	uint32_t page = self->info.page == 1 ? 16 : self->info.page;
	struct op op;

	if (!(self->info.erase_sizes & size))
		size = self->unit;
	ASSERT_LOCK();
	fill(want, size, 1);
	ASSERT_OK(WRITE(addr, size, flag, &op));

	/* The first 4 KiB tell it; then everything is read back once. */
	fill(want, size, 2);
	memset(want + 256, 0xff, 512);
	model("reset-stats");
	ASSERT_OK(WRITE(addr, size, flag, &op));
	EXPECT_DONE(op, NEW, 1, ((page == 16 ? 1024 : size) - 512) / page);
	EXPECT_EQ(1, op.attempts);
	if (page == 256) {
		EXPECT_LE((4096 + size) / 16, model_stat("opcodes.03"));
		/* Once more for each hold that grows old on a slow machine. */
		EXPECT_GE((4096 + size * model_stat("semaphore.takes")) / 16,
			  model_stat("opcodes.03"));
	}
	EXPECT_FLASH(addr, size);

	/* Only the end tells it. */
	want[size - 1] = 0;
	ASSERT_OK(WRITE(addr, size, flag, &op));
	want[size - 1] = 0xff;
	model("reset-stats");
	ASSERT_OK(WRITE(addr, size, flag, &op));
	EXPECT_EQ(1, op.erases);
	EXPECT_LE(2 * size / 16, model_stat("opcodes.03"));
	EXPECT_FLASH(addr, size);

	/* The same again: all of it is read, nothing is sent. */
	model("reset-stats");
	ASSERT_OK(WRITE(addr, size, flag, &op));
	EXPECT_DONE(op, NEW, 0, 0);
	EXPECT_EQ(0, model_stat("flash_operations"));
	EXPECT_EQ(size / 16, model_stat("opcodes.03"));
	/* Not for each block; more than once where the machine is so slow that a hold grows old. */
	EXPECT_GE(4, model_stat("semaphore.takes"));

	/* Bits cleared in two pages. */
	want[0] = 0;
	want[size - 1] = 0;
	ASSERT_OK(WRITE(addr, size, flag, &op));
	EXPECT_DONE(op, NEW, 0, 2);
	EXPECT_FLASH(addr, size);

	/* Without an erase there is no other way than the refusal. */
	want[0] = 0xff;
	model("reset-stats");
	EXPECT_REFUSED(EUCLEAN, WRITE(addr, 16, flag | CXFLASH_WRITE_FLAGS_NO_ERASE, &op));
	EXPECT_DONE(op, OLD, 0, 0);
	EXPECT_EQ(0, model_stat("flash_operations"));
}

/* What was read blank is not read again before it is programmed, unless somebody needs it. */
TEST_F(card, known_blank)
{
	uint32_t flag = CXFLASH_WRITE_FLAGS_DISCARD, unit = self->unit, addr = self->addr;
	struct op op;

	ASSERT_LOCK();
	for (int i = 0; i < 5; i++) {
		memset(want, 0xff, unit);
		ASSERT_OK(WRITE(addr, unit, 0, &op));
		EXPECT_FLASH(addr, unit);
		switch (i) {
		case 2: /* another session */
			ASSERT_LOCK();
			break;
		case 3: /* a change in between */
			want[unit - 1] = 0xfe;
			ASSERT_OK(WRITE(addr, unit, flag, &op));
			want[unit - 1] = 0xff;
			ASSERT_OK(WRITE(addr, unit, flag, &op));
			break;
		case 4: /* a reset, where the function can be reset */
			if (put_file("1", DEVICES "/%s/reset", self->name))
				ASSERT_LOCK();
			break;
		}
		fill(want, unit, i);
		model("reset-stats");
		ASSERT_OK(WRITE(addr, unit, i == 1 ? 0 : flag, &op));
		EXPECT_DONE(op, NEW, 0, op.programs);
		EXPECT_EQ(1, op.attempts);
		EXPECT_EQ((i ? 2 : 1) * unit / 16, model_stat("opcodes.03")) TH_LOG("%d", i);
		EXPECT_FLASH(addr, unit);
	}
}

/* It was not blank after all: the read-back tells it, and the ordinary way is taken. */
TEST_F(card, seen_blank_wrongly)
{
	uint32_t unit = self->unit, addr = self->addr;
	struct op op;

	ASSERT_LOCK();
	memset(want, 0xff, unit);
	want[8] = 0xfe;
	ASSERT_OK(WRITE(addr, unit, 0, &op));
	model("fault read-flip=%x:0", addr + 8);
	want[8] = 0xff;
	EXPECT_FLASH(addr, unit);
	model("fault read-flip=off");
	fill(want, unit, 7);
	want[8] = 1;
	ASSERT_OK(WRITE(addr, unit, CXFLASH_WRITE_FLAGS_DISCARD, &op));
	EXPECT_DONE(op, NEW, 1, op.programs);
	EXPECT_EQ(2, op.attempts);
	EXPECT_FLASH(addr, unit);

	/* What is to be blank is looked at, whatever was read before. */
	memset(want, 0xff, unit);
	ASSERT_OK(WRITE(addr, unit, 0, &op));
	EXPECT_FLASH(addr, unit);
	model("reset-stats");
	ASSERT_OK(WRITE(addr, unit, CXFLASH_WRITE_FLAGS_DISCARD, &op));
	EXPECT_DONE(op, NEW, 0, 0);
	EXPECT_EQ(unit / 16, model_stat("opcodes.03"));
}

/* flash-erase: blank in the end, with an erase only if it takes one. */
TEST_F(card, erase)
{
	uint32_t unit = self->unit, addr = self->addr;
	struct op op;

	ASSERT_LOCK();
	fill(want, unit, now_ms());
	ASSERT_OK(WRITE(addr, unit, 0, &op));
	memset(want, 0xff, unit);
	ASSERT_OK(client_erase(self->c, self->name, self->session, addr, unit, &op));
	EXPECT_DONE(op, NEW, 1, 0);
	EXPECT_FLASH(addr, unit);
	model("reset-stats");
	ASSERT_OK(client_erase(self->c, self->name, self->session, addr, unit, &op));
	EXPECT_DONE(op, NEW, 0, 0);
	EXPECT_EQ(0, model_stat("flash_operations"));

	model("reset-stats");
	EXPECT_REFUSED(EINVAL, client_erase(self->c, self->name, self->session, addr, 16, &op));
	EXPECT_EQ(CXFLASH_A_ADDR, self->c->bad_attr);
	EXPECT_REFUSED(EINVAL, client_erase(self->c, self->name, self->session, addr, 24, &op));
	EXPECT_EQ(CXFLASH_A_LEN, self->c->bad_attr);
	EXPECT_REFUSED(EINVAL,
		       client_erase(self->c, self->name, self->session, addr + 16, unit, &op));
	EXPECT_REFUSED(ERANGE, client_erase(self->c, self->name, self->session, addr, 0, &op));
	EXPECT_REFUSED(ERANGE, client_erase(self->c, self->name, self->session, self->info.size,
					    unit, &op));
	EXPECT_REFUSED(ESTALE,
		       client_erase(self->c, self->name, self->session + 1, addr, unit, &op));
	ASSERT_OK(client_unlock(self->c, self->name, self->session));
	EXPECT_REFUSED(ENOLCK, client_erase(self->c, self->name, self->session, addr, unit, &op));
	EXPECT_EQ(0, model_stat("cr_accesses"));
}

/* The largest unit; neighbours stay as they are. */
TEST_F(card, every_erase_size)
{
	static const uint32_t sizes[] = {0x1000, 0x10000};
	static uint8_t left[256], right[256];
	struct op op;

	ASSERT_LOCK();
	for (int i = 0; i < 2; i++) {
		uint32_t size = sizes[i], addr = 3 * 65536;

		if (!(self->info.erase_sizes & size))
			continue;
		ASSERT_OK(client_read(self->c, self->name, addr - 256, left, 256));
		ASSERT_OK(client_read(self->c, self->name, addr + size, right, 256));
		for (int seed = 1; seed <= 2; seed++) {
			fill(want, size, size + seed);
			ASSERT_OK(WRITE(addr, size, 0, &op));
			EXPECT_EQ(CXFLASH_HOLDS_NEW, op.holds);
			EXPECT_FLASH(addr, size);
		}
		EXPECT_EQ(1, op.erases);
		EXPECT_LT(model_stat("semaphore.longest_hold_ms"), 6000);
		ASSERT_OK(client_read(self->c, self->name, addr - 256, back, 256));
		EXPECT_EQ(0, memcmp(left, back, 256));
		ASSERT_OK(client_read(self->c, self->name, addr + size, back, 256));
		EXPECT_EQ(0, memcmp(right, back, 256));
	}
}

/* Accesses of a program pass: a blank unit is written, less the two reads of it. */
TEST_F(card, cost)
{
	uint32_t unit = self->unit;
	long read, all, per, ms;
	struct op op;

	ASSERT_LOCK();
	model("fault busy=datasheet");
	memset(want, 0xff, unit);
	ASSERT_OK(WRITE(self->addr, unit, 0, &op));
	model("reset-stats");
	ASSERT_OK(WRITE(self->addr, unit, 0, &op));
	read = model_stat("cr_accesses");
	fill(want, unit, 3);
	model("reset-stats");
	ms = now_ms();
	ASSERT_OK(WRITE(self->addr, unit, 0, &op));
	ms = now_ms() - ms;
	all = model_stat("cr_accesses");
	per = PER_BLOCK(all - 2 * read, unit);
	TH_LOG("%ld.%02ld CR accesses per 16-byte beat", per / 100, per % 100);
	if (self->info.page == 256 && self->info.access == CXFLASH_ACCESS_BAR0) {
		/* Once; a machine so slow that a hold grows old renews it. */
		EXPECT_LE(model_stat("semaphore.takes"), 1 + ms / 3000);
		EXPECT_LE(per, PROGRAM_LIMIT);
	}
}

TEST_F(card, no_erase)
{
	uint32_t flag = CXFLASH_WRITE_FLAGS_NO_ERASE, addr = self->addr;
	struct op op;

	ASSERT_LOCK();
	memset(want, 0xff, self->unit);
	ASSERT_OK(WRITE(addr, self->unit, 0, &op));

	/* A signature: one block. */
	fill(want, 16, 4);
	ASSERT_OK(WRITE(addr, 16, flag, &op));
	EXPECT_DONE(op, NEW, 0, 1);
	EXPECT_FLASH(addr, 16);
	/* Its end: the first word cleared. */
	memset(want, 0, 4);
	ASSERT_OK(WRITE(addr, 16, flag, &op));
	EXPECT_DONE(op, NEW, 0, 1);
	EXPECT_FLASH(addr, 16);
	/* Across a page. */
	fill(want, 64, 5);
	ASSERT_OK(WRITE(addr + 0x1e0, 64, flag, &op));
	EXPECT_DONE(op, NEW, 0, self->info.page == 1 ? 4 : 2);
	EXPECT_FLASH(addr + 0x1e0, 64);
	/* A bit would have to be set. */
	memcpy(want, back, 64);
	want[0] = ~back[0];
	model("reset-stats");
	EXPECT_REFUSED(EUCLEAN, WRITE(addr + 0x1e0, 64, flag, &op));
	EXPECT_DONE(op, OLD, 0, 0);
	EXPECT_EQ(0, model_stat("flash_operations"));
	/* Not one 64 KiB block. */
	EXPECT_REFUSED(EINVAL, WRITE(0x1fff0, 32, flag, &op));
	EXPECT_EQ(CXFLASH_A_ADDR, self->c->bad_attr);
	EXPECT_FALSE(op.wrote);
}

TEST_F(card, refusals)
{
	uint32_t unit = self->unit, addr = self->addr;
	struct op op;

	EXPECT_REFUSED(ENOLCK, client_write(self->c, self->name, 1, addr, want, unit, 0, &op));
	EXPECT_REFUSED(ENOLCK, client_boot(self->c, self->name, 1, 0));
	ASSERT_LOCK();
	model("reset-stats");
	EXPECT_REFUSED(ESTALE, client_write(self->c, self->name, self->session + 1, addr, want,
					    unit, 0, &op));
	EXPECT_EQ(CXFLASH_A_SESSION, self->c->bad_attr);
	EXPECT_REFUSED(EINVAL, WRITE(addr + 16, unit, 0, &op));
	EXPECT_EQ(CXFLASH_A_ADDR, self->c->bad_attr);
	EXPECT_REFUSED(EINVAL, WRITE(addr + 8, unit, 0, &op));
	EXPECT_REFUSED(EINVAL, WRITE(addr, unit / 2, 0, &op));
	EXPECT_REFUSED(EINVAL, WRITE(addr, unit - 8, 0, &op));
	EXPECT_EQ(CXFLASH_A_DATA, self->c->bad_attr);
	EXPECT_REFUSED(EINVAL, WRITE(addr, 24, CXFLASH_WRITE_FLAGS_NO_ERASE, &op));
	EXPECT_REFUSED(EINVAL, WRITE(addr, unit, 4, &op));
	EXPECT_REFUSED(EINVAL, WRITE(addr, 0, 0, &op));
	EXPECT_REFUSED(ERANGE, WRITE(self->info.size, unit, 0, &op));
	EXPECT_REFUSED(ERANGE, WRITE(self->info.size - 16, 32, CXFLASH_WRITE_FLAGS_NO_ERASE, &op));
	EXPECT_REFUSED(EINVAL, client_boot(self->c, self->name, self->session, 0x8000));
	EXPECT_REFUSED(ERANGE, client_boot(self->c, self->name, self->session, self->info.size));
	EXPECT_EQ(0, model_stat("cr_accesses"));
}

TEST_F(card, boot_set)
{
	struct op op;
	uint32_t cookie;
	struct nlmsghdr *h;

	ASSERT_LOCK();
	ASSERT_OK(client_boot(self->c, self->name, self->session, 0x80000));
	ASSERT_OK(client_boot(self->c, self->name, self->session, 0));
	EXPECT_EQ(0, model_stat("flash_operations"));
	cookie = self->c->event.cookie;
	ASSERT_OK(client_op(self->c, self->name, cookie, &op));
	EXPECT_EQ(CXFLASH_OP_STATE_DONE, op.state);
	EXPECT_FALSE(op.wrote);
	/* Its register has been written twice, under the semaphore. */
	EXPECT_NE(NULL, strstr(model("stats"), "\"f0000\":[0,2]"));
	h = client_begin(self->c, CXFLASH_CMD_OP_GET, 0, self->name);
	mnl_attr_put_u32(h, CXFLASH_A_COOKIE, cookie - 1);
	EXPECT_REFUSED(ENOENT, client_talk(self->c, h, NULL, NULL));
}

/* While it runs: one at a time, its state by its cookie; the event comes, and agrees with it. */
TEST_F(card, outstanding)
{
	uint32_t cookie, other;
	struct op op, again;
	long done;

	ASSERT_LOCK();
	fill(want, self->unit, now_ms());
	done = atol(model("count operations"));
	model("fault hold-at=1");
	ASSERT_OK(client_start_write(self->c, self->name, self->session, self->addr, want,
				     self->unit, 0, &cookie));
	EXPECT_NE(0, cookie);
	ASSERT_OK(client_op(self->c, self->name, cookie, &op));
	EXPECT_EQ(CXFLASH_OP_STATE_RUNNING, op.state);
	EXPECT_FALSE(op.wrote);
	EXPECT_REFUSED(EBUSY, client_start_write(self->c, self->name, self->session, self->addr,
						 want, self->unit, 0, &other));
	EXPECT_REFUSED(EBUSY, client_unlock(self->c, self->name, self->session));
	EXPECT_REFUSED(EBUSY, client_start_lock(self->c, self->name, &other, &other));
	/* Nothing of this has waited for the card, which has stopped. */
	model("wait operations %ld", done + 1);
	model("go");
	ASSERT_OK(client_wait(self->c, cookie, &op));
	EXPECT_EQ(0, op.error);
	ASSERT_OK(client_op(self->c, self->name, cookie, &again));
	EXPECT_EQ(0, memcmp(&op, &again, sizeof(op)));
	EXPECT_FLASH(self->addr, self->unit);
}

/* Who changes flash is in the log, once in a session. */
TEST_F(card, logged)
{
	char who[64], range[64];
	int log = kmsg_open();
	struct op op;

	snprintf(who, sizeof(who), "test_write[%d] begins to change flash", getpid());
	snprintf(range, sizeof(range), "at 0x%06x..0x%06x", self->addr, self->addr + 15);
	memset(want, 0, 16);
	for (int session = 0; session < 2; session++) {
		ASSERT_LOCK();
		for (int i = 0; i < 3; i++)
			ASSERT_OK(WRITE(self->addr, 16, CXFLASH_WRITE_FLAGS_NO_ERASE, &op));
		EXPECT_EQ(1, kmsg_count(log, who));
	}
	ASSERT_LOCK();
	ASSERT_OK(WRITE(self->addr, 16, CXFLASH_WRITE_FLAGS_NO_ERASE, &op));
	EXPECT_EQ(1, kmsg_count(log, range));
	close(log);
}

/* New firmware is code with DMA: CAP_NET_ADMIN alone reads, and writes nothing. */
TEST_F(card, rights)
{
	uint32_t cookie;
	struct op op;

	ASSERT_EQ(0, drop_capability(CAP_SYS_RAWIO));
	client_close(self->c);
	ASSERT_EQ(0, client_open(self->c));
	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	ASSERT_OK(client_read(self->c, self->name, self->addr, back, self->unit));
	model("reset-stats");
	EXPECT_REFUSED(EPERM, client_start_write(self->c, self->name, self->session, self->addr,
						 want, self->unit, 0, &cookie));
	EXPECT_REFUSED(EPERM, client_erase(self->c, self->name, self->session, self->addr,
					   self->unit, &op));
	EXPECT_REFUSED(EPERM, client_boot(self->c, self->name, self->session, 0));
	EXPECT_REFUSED(EPERM, client_attach(self->c, self->name));
	EXPECT_EQ(0, model_stat("cr_accesses"));
}

TEST_HARNESS_MAIN
