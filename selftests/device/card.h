/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fixture of the device tests: a served card, a client, a model without faults.
 *
 * The card is the one that CARD names, or else a Mellanox function. If cxflash does not serve it,
 * it is bound to cxflash.
 */
#ifndef CXFLASH_DEVICE_CARD_H
#define CXFLASH_DEVICE_CARD_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kselftest_harness.h>

#include "client.h"
#include "world.h"

/*
 * Seconds after which a test hangs. Nothing else that waits for an event has a limit, as nobody
 * knows how busy the machine is.
 */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 1800

/* The CR accesses of one 16-byte block, in hundredths. */
#define PER_BLOCK(accesses, len) ((accesses)*1600 / (long)(len))

#define ASSERT_OK(call)                                                \
	do {                                                           \
		int _err = (call);                                     \
		ASSERT_EQ(0, _err) TH_LOG(#call ": %s", self->c->why); \
	} while (0)

/* A refusal has a sentence. */
#define EXPECT_REFUSED(error, call)                                               \
	do {                                                                      \
		int _err = (call);                                                \
		EXPECT_EQ(-(error), _err) TH_LOG(#call ": \"%s\"", self->c->why); \
		EXPECT_NE('\0', self->c->why[0]) TH_LOG(#call ": no sentence");   \
	} while (0)

FIXTURE(card)
{
	struct client *c;
	struct info info;
	const char *name;
	uint32_t unit; /* smallest erase unit */
	uint32_t addr; /* a unit to play with */
	uint32_t session;
	bool blemished; /* the test provokes what the model calls a violation */
};

FIXTURE_SETUP(card)
{
	self->name = find_function();
	if (!self->name)
		SKIP(return, "there is no card");
	self->c = calloc(1, sizeof(*self->c));
	ASSERT_NE(NULL, self->c);
	model("fault none");
	ASSERT_EQ(0, find_card(self->c, self->name, &self->info))
	TH_LOG("%s: %s", self->name, self->c->why);
	self->unit = self->info.erase_sizes & -self->info.erase_sizes;
	self->addr = 2 * 65536;
	model("reset-stats");
}

FIXTURE_TEARDOWN(card)
{
	model("fault none");
	client_close(self->c);
	if (!self->blemished) {
		/* An operation in work gives the semaphore back in the end. */
		for (int i = 0; i < 200 && model_stat("semaphore.taken_now"); i++)
			usleep(50000);
		EXPECT_EQ(0, model_stat("semaphore.taken_now"));
		EXPECT_EQ(0, model_stat("violations.count")) TH_LOG("%s", model("stats"));
	}
	EXPECT_EQ(0, model_stat("bus_master_enables"));
	/* Whether GPIO may be touched no hardware has told yet. */
	EXPECT_EQ(NULL, strstr(model("stats"), "\"f004"));
	EXPECT_EQ(NULL, strstr(model("stats"), "\"f005"));
	/* The status register is written for none but those that protect themselves. */
	if (self->info.jedec >> 16 != 0xbf && self->info.jedec >> 16 != 0x1f) {
		EXPECT_EQ(NULL, strstr(model("stats"), "\"01\":"));
	}
	free(self->c);
}

#endif
