// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory runs out in every place there is: the first allocation of an operation fails, then the
 * second, and so on until none is left to fail. Needs a kernel with fault injection; whether
 * anything leaks, its kmemleak and KASAN tell.
 */
#include "card.h"

#include <fcntl.h>

#define FAULTS "/sys/kernel/debug"

static uint8_t data[256], back[8192];

/* The @nth allocation of this thread from here on fails, once; 0: none. */
static int fail_nth(unsigned int nth)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", nth);
	return put_file(text, "/proc/thread-self/fail-nth");
}

/* Whether the turn of that allocation has come. */
static bool has_failed(void)
{
	char text[16] = "";
	int fd = open("/proc/thread-self/fail-nth", O_RDONLY);

	if (fd >= 0 && read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	fail_nth(0);
	return atoi(text) == 0;
}

/* Also those allocations that could wait for memory. */
static bool can_inject(void)
{
	return !put_file("N", FAULTS "/failslab/ignore-gfp-wait") &&
	       !put_file("0", FAULTS "/failslab/verbose") && !fail_nth(0);
}

struct target {
	struct client *c;
	const char *name;
	uint32_t addr, unit, session, cookie;
};

static int get(struct target *t)
{
	struct info info;

	return client_card(t->c, t->name, &info);
}

static int dump(struct target *t)
{
	struct info info[8];
	unsigned int n;

	return client_cards(t->c, info, 8, &n);
}

static int attach(struct target *t)
{
	int err = client_attach(t->c, t->name);

	return err == -EEXIST ? 0 : err;
}

static int lock(struct target *t)
{
	return client_start_lock(t->c, t->name, &t->session, &t->cookie);
}

static int unlock(struct target *t)
{
	return client_unlock(t->c, t->name, t->session);
}

static int read_flash(struct target *t)
{
	return client_read(t->c, t->name, 0, back, sizeof(back));
}

static int write_flash(struct target *t)
{
	return client_start_write(t->c, t->name, t->session, t->addr, data, sizeof(data),
				  CXFLASH_WRITE_FLAGS_NO_ERASE, &t->cookie);
}

static int erase(struct target *t)
{
	struct op op;

	return client_erase(t->c, t->name, t->session, t->addr, t->unit, &op);
}

static int set_boot(struct target *t)
{
	return client_boot(t->c, t->name, t->session, 0);
}

static int get_op(struct target *t)
{
	struct op op;

	return client_op(t->c, t->name, t->cookie, &op);
}

static int read_cr(struct target *t)
{
	uint32_t word;

	return client_cr(t->c, t->name, 0xf0014, &word, 1);
}

static int get_semaphores(struct target *t)
{
	uint32_t state[2];

	return client_semaphore(t->c, CXFLASH_CMD_SEMAPHORE_GET, t->name, state);
}

static int clear_semaphores(struct target *t)
{
	uint32_t state[2];

	return client_semaphore(t->c, CXFLASH_CMD_SEMAPHORE_CLEAR, t->name, state);
}

/* The driver core hides why a probe failed; what counts is that the next one succeeds. */
static int bind_card(struct target *t)
{
	bind_function(t->name, "cxflash");
	return 0;
}

static const struct {
	const char *what;
	int (*run)(struct target *t);
	bool locked; /* under a session lock, whose operation has ended */
} operations[] = {
	{"card-get", get, false},
	{"card-get, dump", dump, false},
	{"attach", attach, false},
	{"lock", lock, false},
	{"unlock", unlock, true},
	{"flash-read", read_flash, false},
	{"flash-write", write_flash, true},
	{"boot-set", set_boot, true},
	{"op-get", get_op, true},
	{"cr-read", read_cr, false},
	{"flash-erase", erase, true},
	{"semaphore-get", get_semaphores, false},
	{"semaphore-clear", clear_semaphores, false},
	{"bind", bind_card, false},
};

/* A client as it was before the first operation. */
static int prepare(struct target *t, bool locked, bool unbound)
{
	struct info info;
	int err;

	client_close(t->c);
	err = find_card(t->c, t->name, &info);
	if (!err && locked)
		err = client_lock_patiently(t->c, t->name, &t->session);
	if (!err && unbound)
		bind_function(t->name, NULL);
	t->cookie = t->c->event.cookie;
	return err;
}

/* The first allocation of an operation fails, then the second, until it has none left to fail. */
TEST_F(card, runs_out)
{
	struct target t = {
		.c = self->c, .name = self->name, .addr = self->addr, .unit = self->unit};
	unsigned int nth, failed;
	int err;

	if (!can_inject())
		SKIP(return, "this kernel cannot make allocations fail");
	for (unsigned int i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		failed = 0;
		for (nth = 1; nth < 1000; nth++) {
			ASSERT_EQ(0,
				  prepare(&t, operations[i].locked, operations[i].run == bind_card))
			TH_LOG("before %s: %s", operations[i].what, t.c->why);
			ASSERT_EQ(0, fail_nth(nth));
			err = operations[i].run(&t);
			if (!has_failed())
				break;
			failed += err != 0;
			/* Lost answers are ENOBUFS. */
			EXPECT_TRUE(!err || err == -ENOMEM || err == -ENOBUFS)
			TH_LOG("%s, allocation %u: %s", operations[i].what, nth, strerror(-err));
		}
		EXPECT_EQ(0, err) TH_LOG("%s: %s", operations[i].what, t.c->why);
		EXPECT_TRUE(failed || operations[i].run == bind_card);
		TH_LOG("%s: %u places, %u errors", operations[i].what, nth - 1, failed);
	}
	ASSERT_EQ(0, prepare(&t, true, false));
}

/* Allocations fail wherever the module asks for them, in its worker too. */
static int fail_in_module(bool fail)
{
	unsigned long long start = 0;
	char text[32];
	FILE *f = fopen("/sys/module/cxflash/sections/.text", "r");

	if (!f || fscanf(f, "%llx", &start) != 1)
		start = 0;
	if (f)
		fclose(f);
	if (!start)
		return -ENOENT;
	snprintf(text, sizeof(text), "0x%llx", start);
	put_file(text, FAULTS "/failslab/require-start");
	snprintf(text, sizeof(text), "0x%llx", start + 0x100000);
	put_file("-1", FAULTS "/failslab/times");
	return put_file(text, FAULTS "/failslab/require-end")
		       ?: put_file(fail ? "100" : "0", FAULTS "/failslab/probability");
}

/* An operation whose event cannot be made ends all the same, and op-get tells of it. */
TEST_F(card, event_lost)
{
	uint32_t cookie;
	struct op op;

	if (!can_inject())
		SKIP(return, "this kernel cannot make allocations fail");
	model("fault sem-held=300");
	ASSERT_OK(client_start_lock(self->c, self->name, &self->session, &cookie));
	ASSERT_EQ(0, fail_in_module(true));
	EXPECT_TRUE(client_silent(self->c, 6000));
	EXPECT_EQ(-ENOMEM, client_op(self->c, self->name, cookie, &op));
	ASSERT_EQ(0, fail_in_module(false));
	ASSERT_OK(client_ended(self->c, self->name, cookie, &op));
	EXPECT_EQ(0, op.error);
}

TEST_HARNESS_MAIN
