// SPDX-License-Identifier: GPL-2.0-only
/* semaphore-get and semaphore-clear: reading takes, so what was free is given back. */
#include "card.h"

#include <linux/capability.h>

#define GET(state)   client_semaphore(self->c, CXFLASH_CMD_SEMAPHORE_GET, self->name, state)
#define CLEAR(state) client_semaphore(self->c, CXFLASH_CMD_SEMAPHORE_CLEAR, self->name, state)

#define FREE CXFLASH_SEMAPHORE_STATE_FREE
#define HELD CXFLASH_SEMAPHORE_STATE_HELD

/* What the second one is when it is not held. */
#define SECOND (self->info.chip == 0x190 ? CXFLASH_SEMAPHORE_STATE_ABSENT : FREE)

static uint8_t data[65536];

TEST_F(card, free)
{
	uint32_t state[2];

	for (int i = 1; i <= 2; i++) {
		ASSERT_OK(GET(state));
		EXPECT_EQ(FREE, state[0]);
		EXPECT_EQ(SECOND, state[1]);
		EXPECT_EQ(i, model_stat("semaphore.takes"));
	}
	ASSERT_OK(CLEAR(state));
	EXPECT_EQ(FREE, state[0]);
	EXPECT_EQ(0, model_stat("semaphore.busy_reads"));
}

/* By another, who does not come back. */
TEST_F(card, held)
{
	uint32_t state[2];

	model("fault sem-held=forever");
	ASSERT_OK(GET(state));
	EXPECT_EQ(HELD, state[0]);
	EXPECT_EQ(SECOND, state[1]);
	/* Looking does not free it. */
	ASSERT_OK(GET(state));
	EXPECT_EQ(HELD, state[0]);
	EXPECT_EQ(0, model_stat("semaphore.takes"));
	ASSERT_OK(CLEAR(state));
	EXPECT_EQ(HELD, state[0]);
	ASSERT_OK(GET(state));
	EXPECT_EQ(FREE, state[0]);
	ASSERT_OK(client_read(self->c, self->name, 0, data, 16));
	if (self->info.chip == 0x190)
		return;
	model("fault trm-held=forever");
	ASSERT_OK(GET(state));
	EXPECT_EQ(FREE, state[0]);
	EXPECT_EQ(HELD, state[1]);
	ASSERT_OK(CLEAR(state));
	ASSERT_OK(GET(state));
	EXPECT_EQ(FREE, state[1]);
}

TEST_F(card, rights)
{
	uint32_t state[2];

	model("fault sem-held=forever");
	ASSERT_EQ(0, drop_capability(CAP_SYS_RAWIO));
	client_close(self->c);
	ASSERT_EQ(0, client_open(self->c));
	ASSERT_OK(GET(state));
	EXPECT_EQ(HELD, state[0]);
	EXPECT_REFUSED(EPERM, CLEAR(state));
	ASSERT_OK(GET(state));
	EXPECT_EQ(HELD, state[0]);
}

/* Not while cxflash uses it itself, nor in another's session. */
TEST_F(card, busy)
{
	static struct client other;
	uint32_t state[2], session, cookie;
	struct op op;
	long before;

	ASSERT_EQ(0, client_open(&other));
	ASSERT_EQ(0, client_lock_patiently(&other, self->name, &session));
	ASSERT_OK(GET(state));
	EXPECT_REFUSED(EBUSY, CLEAR(state));
	fill(data, self->unit, now_ms());
	before = atol(model("count operations"));
	model("fault hold-at=1");
	ASSERT_EQ(0, client_start_write(&other, self->name, session, self->addr, data, self->unit,
					0, &cookie));
	model("wait operations %ld", before + 1);
	EXPECT_REFUSED(EBUSY, GET(state));
	model("go");
	ASSERT_EQ(0, client_wait(&other, cookie, &op));
	EXPECT_EQ(0, op.error);
	client_close(&other);
}

TEST_F(card, gone)
{
	uint32_t state[2];

	self->blemished = true;
	model("fault dead=1");
	EXPECT_REFUSED(ENODEV, GET(state));
	EXPECT_REFUSED(ENODEV, CLEAR(state));
	model("fault dead=0");
	/* It may have been reset, and is given the time to boot. */
	EXPECT_REFUSED(EBUSY, GET(state));
	while (GET(state) == -EBUSY)
		usleep(50000);
	ASSERT_OK(GET(state));
	EXPECT_EQ(FREE, state[0]);
}

TEST_HARNESS_MAIN
