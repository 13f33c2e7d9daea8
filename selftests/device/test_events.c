// SPDX-License-Identifier: GPL-2.0-only
/* What is told unasked: the multicast group, trace events, the audit trail. */
#include "card.h"

#include <linux/genetlink.h>

#define TRACING "/sys/kernel/tracing"

static uint8_t want[65536], back[65536];

struct heard {
	uint32_t event[16], binding, addr, len, holds;
	unsigned int n;
};

static int take_event(const struct nlmsghdr *h, void *ctx)
{
	const struct genlmsghdr *g = mnl_nlmsg_get_payload(h);
	struct heard *heard = ctx;
	const struct nlattr *a;

	if (g->cmd != CXFLASH_CMD_CHANGED || heard->n == 16)
		return -EPROTO;
	mnl_attr_for_each(a, h, GENL_HDRLEN) {
		switch (mnl_attr_get_type(a)) {
		case CXFLASH_A_EVENT:
			heard->event[heard->n++] = mnl_attr_get_u32(a);
			break;
		case CXFLASH_A_BINDING:
			heard->binding = mnl_attr_get_u32(a);
			break;
		case CXFLASH_A_ADDR:
			heard->addr = mnl_attr_get_u32(a);
			break;
		case CXFLASH_A_LEN:
			heard->len = mnl_attr_get_u32(a);
			break;
		case CXFLASH_A_HOLDS:
			heard->holds = mnl_attr_get_u32(a);
			break;
		}
	}
	return 0;
}

/* Every change of a card, in order. */
TEST_F(card, group)
{
	static const uint32_t expected[] = {
		CXFLASH_EVENT_SESSION_BEGUN, CXFLASH_EVENT_FLASH_CHANGED,
		CXFLASH_EVENT_SESSION_ENDED, CXFLASH_EVENT_WENT,
		CXFLASH_EVENT_CAME,
	};
	static struct client ear;
	struct heard heard = {.holds = 99};
	struct op op;

	ASSERT_EQ(0, client_open(&ear));
	ASSERT_EQ(0, client_join(&ear, CXFLASH_MCGRP_EVENTS));
	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	fill(want, self->unit, now_ms());
	ASSERT_OK(client_write(self->c, self->name, self->session, self->addr, want, self->unit, 0,
			       &op));
	/* What changes nothing is no change. */
	ASSERT_OK(client_write(self->c, self->name, self->session, self->addr, want, self->unit, 0,
			       &op));
	ASSERT_OK(client_unlock(self->c, self->name, self->session));
	ASSERT_EQ(0, bind_function(self->name, NULL));
	ASSERT_EQ(0, bind_function(self->name, "cxflash"));
	while (heard.n < 5) {
		ASSERT_EQ(0, client_hear(&ear, take_event, &heard));
	}
	for (unsigned int i = 0; i < 5; i++) {
		EXPECT_EQ(expected[i], heard.event[i]) TH_LOG("event %u", i);
	}
	EXPECT_EQ(self->addr, heard.addr);
	EXPECT_EQ(self->unit, heard.len);
	EXPECT_EQ(CXFLASH_HOLDS_NEW, heard.holds);
	EXPECT_EQ(self->info.binding, heard.binding);
	client_close(&ear);
}

static long lines_with(const char *file, const char *text)
{
	char line[512];
	long n = 0;
	FILE *f = fopen(file, "r");

	while (f && fgets(line, sizeof(line), f))
		n += strstr(line, text) != NULL;
	if (f)
		fclose(f);
	return f ? n : -1;
}

/* Each command of the gateway, and each hold; the card is asked no more than without. */
TEST_F(card, trace)
{
	long accesses, commands;

	if (access(TRACING "/trace", F_OK) &&
	    system("mount -t tracefs tracefs " TRACING " 2>/dev/null"))
		SKIP(return, "this kernel has no tracing");
	model("reset-stats");
	ASSERT_OK(client_read(self->c, self->name, 0, back, 4096));
	accesses = model_stat("cr_accesses");
	ASSERT_EQ(0, put_file("1", TRACING "/events/cxflash/enable"));
	ASSERT_EQ(0, put_file("0", TRACING "/trace"));
	model("reset-stats");
	ASSERT_OK(client_read(self->c, self->name, 0, back, 4096));
	EXPECT_EQ(accesses, model_stat("cr_accesses"));
	commands = model_stat("gateway_commands");
	EXPECT_LE(256, commands);
	EXPECT_EQ(commands, lines_with(TRACING "/trace", "cxflash_gateway: "));
	EXPECT_EQ(256, lines_with(TRACING "/trace", "command=4003241d address=000"));
	EXPECT_EQ(1, lines_with(TRACING "/trace", "semaphore=f03fc taken"));
	EXPECT_EQ(1, lines_with(TRACING "/trace", "semaphore=f03fc released"));
	model("fault sem-held=forever");
	EXPECT_REFUSED(ETIMEDOUT, client_lock(self->c, self->name, &self->session));
	EXPECT_EQ(1, lines_with(TRACING "/trace", "semaphore=f03fc refused"));
	ASSERT_EQ(0, put_file("0", TRACING "/events/cxflash/enable"));
}

/* One record for a session, when it begins to change flash. */
TEST_F(card, audit)
{
	int log = kmsg_open(), records = 0;
	struct op op;

	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	ASSERT_OK(client_read(self->c, self->name, 0, back, 16));
	records = kmsg_count(log, "op=cxflash_change");
	EXPECT_EQ(0, records);
	for (int i = 0; i < 2; i++) {
		fill(want, self->unit, now_ms());
		ASSERT_OK(client_write(self->c, self->name, self->session, self->addr, want,
				       self->unit, 0, &op));
	}
	/* Without an audit daemon the kernel's log has it, some time. */
	for (int i = 0; i < 100 && !records; i++, usleep(50000))
		records += kmsg_count(log, "op=cxflash_change");
	if (!records)
		SKIP(return, "this kernel does not audit");
	EXPECT_EQ(1, records);
	close(log);
}

TEST_HARNESS_MAIN
