// SPDX-License-Identifier: GPL-2.0-only
/* Cards that misbehave: a clear error each time, and the truth on what the flash holds. */
#include "card.h"

#define MAX 65536

static uint8_t old[MAX], want[MAX], back[MAX];

#define WRITE(flags, op) \
	client_write(self->c, self->name, self->session, self->addr, want, self->unit, flags, op)

/* A unit with known bytes, and other bytes to write that need an erase. */
#define PREPARE()                                                                      \
	do {                                                                           \
		struct op _op;                                                         \
                                                                                       \
		ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session)); \
		fill(old, self->unit, 10);                                             \
		memcpy(want, old, self->unit);                                         \
		ASSERT_OK(WRITE(0, &_op));                                             \
		fill(want, self->unit, 11);                                            \
	} while (0)

#define EXPECT_FLASH(bytes)                                                                \
	do {                                                                               \
		ASSERT_OK(client_read(self->c, self->name, self->addr, back, self->unit)); \
		EXPECT_EQ(0, memcmp(bytes, back, self->unit));                             \
	} while (0)

/* A card that was gone is switched off and on, and bound anew. */
#define REVIVE()                                                           \
	do {                                                               \
		model("power-cycle");                                      \
		ASSERT_EQ(0, bind_function(self->name, NULL));             \
		client_close(self->c);                                     \
		ASSERT_EQ(0, find_card(self->c, self->name, &self->info)); \
	} while (0)

/* Trouble that a second attempt cures. */
TEST_F(card, cured)
{
	static const char *const faults[] = {"erase-fails=1", "program-flip=1", "program-weak=1"};
	struct op op;
	long begun;

	PREPARE();
	for (unsigned int i = 0; i < 3; i++) {
		model("fault none");
		model("fault %s", faults[i]);
		fill(want, self->unit, 20 + i);
		model("reset-stats");
		begun = now_ms();
		ASSERT_OK(WRITE(0, &op));
		EXPECT_EQ(CXFLASH_HOLDS_NEW, op.holds);
		/* Once per attempt, unless the machine is so slow that a hold grows old. */
		EXPECT_LE(op.attempts, model_stat("semaphore.takes"));
		EXPECT_GE(op.attempts + (now_ms() - begun) / 4000, model_stat("semaphore.takes"));
		/* The model's one bit may not matter in a single byte. */
		if (self->info.page == 256) {
			EXPECT_EQ(2, op.attempts) TH_LOG("%s", faults[i]);
		}
		EXPECT_FLASH(want);
	}
}

/* Erases fail for good: nothing was destroyed that could not be put back. */
TEST_F(card, erase_fails)
{
	struct op op, erase;

	PREPARE();
	model("fault erase-fails=forever");
	EXPECT_REFUSED(EIO, WRITE(0, &op));
	EXPECT_LT(1, op.attempts);
	/* An erase that leaves everything as it was has lost nothing. */
	EXPECT_REFUSED(EIO, client_erase(self->c, self->name, self->session, self->addr, self->unit,
					 &erase));
	EXPECT_EQ(CXFLASH_HOLDS_OLD, erase.holds);
	model("fault none");
	ASSERT_OK(client_read(self->c, self->name, self->addr, back, self->unit));
	/* What the card cannot do for the new bytes it cannot do for the old ones either. */
	EXPECT_EQ(CXFLASH_HOLDS_UNKNOWN, op.holds);
	ASSERT_OK(WRITE(0, &op));
	EXPECT_FLASH(want);
}

/* Programming fails until the old bytes are put back. */
TEST_F(card, restored)
{
	uint32_t pages = self->unit / self->info.page;
	struct op op;

	if (self->info.page == 1)
		SKIP(return, "the model's knob counts pages");
	PREPARE();
	/* Three attempts at the new bytes fail in every page, then one page at the old ones. */
	model("fault program-flip=%u", 3 * pages + 1);
	EXPECT_REFUSED(EIO, WRITE(0, &op));
	EXPECT_EQ(CXFLASH_HOLDS_OLD, op.holds);
	EXPECT_EQ(5, op.attempts);
	EXPECT_FLASH(old);
}

/* Programming fails for good. */
TEST_F(card, unknown)
{
	struct op op;

	PREPARE();
	model("fault program-flip=forever");
	EXPECT_REFUSED(EIO, WRITE(0, &op));
	EXPECT_EQ(CXFLASH_HOLDS_UNKNOWN, op.holds);
	model("fault none");
	ASSERT_OK(WRITE(0, &op));
	EXPECT_EQ(CXFLASH_HOLDS_NEW, op.holds);
	EXPECT_FLASH(want);
}

/* With discard nothing is put back: three attempts at the new bytes, and the truth. */
TEST_F(card, discarded)
{
	static const char *const faults[] = {"erase-fails=forever", "program-flip=forever",
					     "write-protected=1"};
	uint32_t flag = CXFLASH_WRITE_FLAGS_DISCARD;
	struct op op;

	PREPARE();
	for (unsigned int i = 0; i < 2; i++) {
		model("fault %s", faults[i]);
		EXPECT_REFUSED(EIO, WRITE(flag, &op));
		EXPECT_EQ(CXFLASH_HOLDS_UNKNOWN, op.holds);
		EXPECT_EQ(3, op.attempts);
		EXPECT_NE(NULL, strstr(op.message, "reads back")) TH_LOG("%s", op.message);
		model("fault none");
		ASSERT_OK(WRITE(flag, &op));
		EXPECT_EQ(CXFLASH_HOLDS_NEW, op.holds);
		EXPECT_FLASH(want);
		fill(want, self->unit, 30 + i);
	}
	/* Trouble before any change still leaves the old bytes. */
	ASSERT_OK(client_read(self->c, self->name, self->addr, old, self->unit));
	model("fault %s", faults[2]);
	EXPECT_REFUSED(EROFS, WRITE(flag, &op));
	EXPECT_EQ(CXFLASH_HOLDS_OLD, op.holds);
	model("fault none");
	model("fault sem-held=forever");
	EXPECT_REFUSED(ETIMEDOUT, WRITE(flag, &op));
	EXPECT_EQ(CXFLASH_HOLDS_OLD, op.holds);
	model("fault none");
	EXPECT_FLASH(old);
	/* And what a second attempt cures is cured. */
	model("fault erase-fails=1");
	ASSERT_OK(WRITE(flag, &op));
	EXPECT_EQ(CXFLASH_HOLDS_NEW, op.holds);
	EXPECT_EQ(2, op.attempts);
	EXPECT_FLASH(want);
}

/* Without an erase there is no way back from a bit too many: the range is said to be unknown. */
TEST_F(card, no_erase_unknown)
{
	struct op op;

	PREPARE();
	memset(want, 0xff, self->unit);
	ASSERT_OK(WRITE(0, &op));
	fill(want, 16, 12);
	model("fault program-flip=forever");
	EXPECT_REFUSED(EIO, client_write(self->c, self->name, self->session, self->addr, want, 16,
					 CXFLASH_WRITE_FLAGS_NO_ERASE, &op));
	EXPECT_EQ(CXFLASH_HOLDS_UNKNOWN, op.holds);
	EXPECT_EQ(0, op.erases);
}

/* No page takes, and a hold ends before all of them were sent: the write gives up all the same. */
TEST_F(card, never_takes)
{
	uint32_t cookie;
	struct op op;

	if (!(self->info.erase_sizes & MAX) || self->info.page == 1)
		SKIP(return, "the part has no such unit, or the model's knob counts pages");
	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	ASSERT_OK(client_erase(self->c, self->name, self->session, self->addr, MAX, &op));
	memset(want, 0xff, MAX);
	for (unsigned int i = 0; i < MAX; i += 256)
		want[i] = 0;
	/* Each page takes as many looks as the driver spends without asking the clock. */
	model("fault program-weak=forever busy=95 gw-polls=10");
	model("reset-stats");
	ASSERT_OK(client_start_write(self->c, self->name, self->session, self->addr, want, MAX,
				     CXFLASH_WRITE_FLAGS_NO_ERASE, &cookie));
	EXPECT_EQ(0, client_wait(self->c, cookie, &op));
	EXPECT_EQ(EIO, op.error);
	EXPECT_EQ(CXFLASH_HOLDS_UNKNOWN, op.holds);
	/* No page twice in an attempt, the last ones in none. */
	EXPECT_GT(3 * 256, op.programs);
	/* Otherwise it would go on for ever. */
	model("fault none");
}

TEST_F(card, protected)
{
	bool lifted = self->info.jedec >> 16 == 0xbf || self->info.jedec >> 16 == 0x1f;
	struct info info;
	struct op op;

	PREPARE();
	model("fault bp=3");
	model("reset-stats");
	/* The next lock sees it. */
	ASSERT_OK(client_card(self->c, self->name, &info));
	EXPECT_EQ(0, info.status & info.protect_bits);
	ASSERT_OK(client_lock(self->c, self->name, &self->session));
	ASSERT_OK(client_card(self->c, self->name, &info));
	EXPECT_NE(0, info.status & info.protect_bits);
	EXPECT_EQ(!lifted, info.write_protected);
	if (lifted) {
		/* SST and Atmel parts protect themselves at power-up. */
		ASSERT_OK(WRITE(0, &op));
		EXPECT_FLASH(want);
		EXPECT_NE(NULL, strstr(model("stats"), "\"01\":"));
		return;
	}
	EXPECT_REFUSED(EROFS, WRITE(0, &op));
	EXPECT_EQ(CXFLASH_HOLDS_OLD, op.holds);
	EXPECT_EQ(0, op.erases);
	EXPECT_REFUSED(EROFS, client_erase(self->c, self->name, self->session, self->addr,
					   self->unit, &op));
	EXPECT_EQ(CXFLASH_HOLDS_OLD, op.holds);
	EXPECT_EQ(0, model_stat("flash_operations"));
	model("fault none");
	EXPECT_FLASH(old);
}

TEST_F(card, wp_pin)
{
	struct op op;

	PREPARE();
	model("fault write-protected=1");
	EXPECT_REFUSED(EROFS, WRITE(0, &op));
	EXPECT_EQ(CXFLASH_HOLDS_OLD, op.holds);
	model("fault none");
	EXPECT_FLASH(old);
}

/* The semaphore, held by another for a while, and for ever. */
TEST_F(card, semaphore)
{
	struct op op;

	PREPARE();
	model("fault sem-held=40");
	ASSERT_OK(WRITE(0, &op));
	EXPECT_FLASH(want);
	model("fault sem-held=forever");
	model("reset-stats");
	EXPECT_REFUSED(ETIMEDOUT, client_read(self->c, self->name, 0, back, 16));
	EXPECT_NE(NULL, strstr(self->c->why, "0xf03fc")) TH_LOG("%s", self->c->why);
	EXPECT_REFUSED(ETIMEDOUT, WRITE(0, &op));
	EXPECT_EQ(CXFLASH_HOLDS_OLD, op.holds);
	/* The lock falls with the operation that could not take hold of the card. */
	EXPECT_REFUSED(ETIMEDOUT, client_lock(self->c, self->name, &self->session));
	EXPECT_REFUSED(ENOLCK, WRITE(0, &op));
	/* Nothing has been done behind the holder's back, nor his semaphore been freed. */
	EXPECT_EQ(0, model_stat("semaphore.takes"));
	EXPECT_EQ(0, model_stat("flash_operations"));
	if (self->info.chip == 0x190)
		return;
	model("fault none");
	model("fault trm-held=forever");
	EXPECT_REFUSED(ETIMEDOUT, client_read(self->c, self->name, 0, back, 16));
	EXPECT_NE(NULL, strstr(self->c->why, "0xf03a0")) TH_LOG("%s", self->c->why);
}

TEST_F(card, stuck)
{
	struct op op;
	uint32_t cookie;

	PREPARE();
	self->blemished = true; /* the semaphore has to be given back in the end */
	model("fault stuck-busy=1");
	EXPECT_REFUSED(ETIMEDOUT, client_read(self->c, self->name, 0, back, 16));
	EXPECT_REFUSED(ETIMEDOUT, WRITE(0, &op));
	EXPECT_EQ(CXFLASH_HOLDS_OLD, op.holds);
	model("fault none");
	EXPECT_FLASH(old);

	model("fault wip-stuck=1");
	EXPECT_REFUSED(ETIMEDOUT, WRITE(0, &op));
	EXPECT_EQ(CXFLASH_HOLDS_OLD, op.holds);
	model("fault none");
	EXPECT_FLASH(old);
	ASSERT_OK(WRITE(0, &op));
	EXPECT_FLASH(want);

	/* In the middle of a write whose old bytes nobody wants. */
	fill(want, self->unit, 13);
	model("fault busy=80");
	model("reset-stats");
	ASSERT_OK(client_start_write(self->c, self->name, self->session, self->addr, want,
				     self->unit, CXFLASH_WRITE_FLAGS_DISCARD, &cookie));
	while (!model_stat("flash_operations"))
		usleep(1000);
	model("fault wip-stuck=1");
	ASSERT_OK(client_wait(self->c, cookie, &op));
	EXPECT_EQ(ETIMEDOUT, op.error);
	EXPECT_EQ(CXFLASH_HOLDS_UNKNOWN, op.holds);
	EXPECT_EQ(3, op.attempts);
	EXPECT_NE(NULL, strstr(op.message, "busy")) TH_LOG("%s", op.message);
	model("fault none");
	ASSERT_OK(WRITE(CXFLASH_WRITE_FLAGS_DISCARD, &op));
	EXPECT_FLASH(want);
}

TEST_F(card, slow_gateway)
{
	struct op op;

	PREPARE();
	model("fault gw-polls=3 busy=20");
	ASSERT_OK(WRITE(0, &op));
	EXPECT_FLASH(want);
}

/* A bit that always reads wrong: the verification sees it. */
TEST_F(card, read_flip)
{
	struct op op;

	PREPARE();
	model("fault read-flip=%x:3", self->addr + 0x123);
	EXPECT_REFUSED(EIO, WRITE(0, &op));
	EXPECT_NE(CXFLASH_HOLDS_NEW, op.holds);
	model("fault none");
	ASSERT_OK(WRITE(0, &op));
	EXPECT_FLASH(want);
}

TEST_F(card, unknown_part)
{
	struct info info;
	struct op op;
	uint32_t word;

	model("fault jedec=123456");
	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	ASSERT_OK(client_card(self->c, self->name, &info));
	EXPECT_EQ(0x123456, info.jedec);
	EXPECT_STREQ("unknown", info.part);
	EXPECT_EQ(0, info.size);
	EXPECT_REFUSED(EOPNOTSUPP, client_read(self->c, self->name, 0, back, 16));
	EXPECT_NE(NULL, strstr(self->c->why, "123456")) TH_LOG("%s", self->c->why);
	EXPECT_REFUSED(EOPNOTSUPP, WRITE(0, &op));
	EXPECT_NE(NULL, strstr(self->c->why, "123456")) TH_LOG("%s", self->c->why);
	ASSERT_OK(client_cr(self->c, self->name, 0xf0014, &word, 1));

	/* The oldest ST parts are known by another signature then (flash-access 5.1). */
	model("fault jedec=ffffff");
	if (strcmp(self->info.part, "M25Pxx")) {
		EXPECT_REFUSED(EIO, client_lock(self->c, self->name, &self->session));
		EXPECT_NE(NULL, strstr(self->c->why, "ffffff")) TH_LOG("%s", self->c->why);
	} else {
		ASSERT_OK(client_lock(self->c, self->name, &self->session));
		ASSERT_OK(client_card(self->c, self->name, &info));
		EXPECT_EQ(self->info.size, info.size);
	}
	model("fault none");
	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	ASSERT_OK(client_card(self->c, self->name, &info));
	EXPECT_EQ(self->info.size, info.size);
}

/* The card leaves, before and within a write; it comes back, and can be served again. */
TEST_F(card, vanishes)
{
	uint32_t word;
	struct op op;

	PREPARE();
	self->blemished = true;
	model("fault vanish=1");
	EXPECT_REFUSED(ENODEV, client_read(self->c, self->name, 0, back, 16));
	EXPECT_REFUSED(ENODEV, WRITE(0, &op));
	EXPECT_EQ(CXFLASH_HOLDS_OLD, op.holds);
	EXPECT_REFUSED(ENODEV, client_cr(self->c, self->name, 0xf0014, &word, 1));
	model("fault vanish=0");
	REVIVE();
	EXPECT_FLASH(old);

	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	model("fault vanish-at=2");
	EXPECT_REFUSED(ENODEV, WRITE(0, &op));
	EXPECT_EQ(CXFLASH_HOLDS_UNKNOWN, op.holds);
	EXPECT_NE('\0', op.message[0]);
	model("fault none");
	REVIVE();
	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	ASSERT_OK(WRITE(0, &op));
	EXPECT_FLASH(want);
}

/* Each read of a card that is gone may take 50 ms; a few tell that it is. */
TEST_F(card, gone_at_once)
{
	long before;

	if (self->info.access != CXFLASH_ACCESS_BAR0)
		SKIP(return, "no write is flushed through the window");
	self->blemished = true;
	ASSERT_OK(client_read(self->c, self->name, 0, back, 16));
	model("fault dead=1");
	before = model_stat("bar0.reads");
	EXPECT_REFUSED(ENODEV, client_read(self->c, self->name, 0, back, 16));
	EXPECT_REFUSED(ENODEV, client_lock(self->c, self->name, &self->session));
	EXPECT_GE(20, model_stat("bar0.reads") - before);
	model("fault none");
}

/* The power fails in the erase, in the first page, in a later one: nobody knows what there is. */
TEST_F(card, power_cut)
{
	static const int operations[] = {1, 2, 5};
	struct op op;

	self->blemished = true;
	for (unsigned int i = 0; i < 3; i++) {
		PREPARE();
		model("fault cut=%d", operations[i]);
		EXPECT_REFUSED(ENODEV, WRITE(0, &op));
		EXPECT_EQ(CXFLASH_HOLDS_UNKNOWN, op.holds);
		EXPECT_NE(NULL, strstr(op.message, "gone")) TH_LOG("%s", op.message);
		model("fault none");
		REVIVE();
		ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
		ASSERT_OK(WRITE(0, &op));
		EXPECT_FLASH(want);
	}
}

/* A reset by somebody else takes our semaphore away in the middle. */
TEST_F(card, reset)
{
	struct op op;

	PREPARE();
	self->blemished = true;
	model("fault reset-at=2");
	ASSERT_OK(WRITE(0, &op));
	EXPECT_EQ(CXFLASH_HOLDS_NEW, op.holds);
	EXPECT_FLASH(want);
}

TEST_HARNESS_MAIN
