// SPDX-License-Identifier: GPL-2.0-only
/* No request keeps its sender waiting: generic netlink holds a lock while a request runs. */
#define _GNU_SOURCE
#include "card.h"

#include <limits.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#define LIMIT_US   10000
#define MESSAGE_US 1000000 /* ten times what a message of a read waits for the card */

static uint8_t data[65536];

static long us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Nanoseconds that this task was ready and did not get the processor. */
static long long run_delay_us(void)
{
	unsigned long long ran, waited = 0;
	FILE *f = fopen("/proc/thread-self/schedstat", "r");

	if (!f || fscanf(f, "%llu %llu", &ran, &waited) != 2)
		waited = 0;
	if (f)
		fclose(f);
	return waited / 1000;
}

/*
 * How long the request slept: the time from its sending to its end, in which the kernel runs it,
 * less what this task ran or stood in line for the processor. A machine under load is not to blame.
 */
static long slept_us(struct client *c, struct nlmsghdr *h)
{
	long long wall, ran, stood;

	stood = run_delay_us();
	ran = us(CLOCK_THREAD_CPUTIME_ID);
	wall = us(CLOCK_MONOTONIC);
	if (mnl_socket_sendto(c->nl, h, h->nlmsg_len) < 0)
		return -1;
	wall = us(CLOCK_MONOTONIC) - wall;
	ran = us(CLOCK_THREAD_CPUTIME_ID) - ran;
	stood = run_delay_us() - stood;
	return wall - ran - stood > 0 ? wall - ran - stood : 0;
}

static struct nlmsghdr *request(struct client *c, uint8_t cmd, const char *name, uint32_t session,
				uint32_t unit)
{
	struct nlmsghdr *h = client_begin(c, cmd, 0, name);

	switch (cmd) {
	case CXFLASH_CMD_UNLOCK:
	case CXFLASH_CMD_FLASH_WRITE:
	case CXFLASH_CMD_FLASH_ERASE:
	case CXFLASH_CMD_BOOT_SET:
		mnl_attr_put_u32(h, CXFLASH_A_SESSION, session);
	}
	switch (cmd) {
	case CXFLASH_CMD_FLASH_WRITE:
		mnl_attr_put(h, CXFLASH_A_DATA, unit < 32768 ? unit : 32768, data);
		/* fall through */
	case CXFLASH_CMD_FLASH_ERASE:
	case CXFLASH_CMD_BOOT_SET:
	case CXFLASH_CMD_CR_READ:
		mnl_attr_put_u32(h, CXFLASH_A_ADDR, cmd == CXFLASH_CMD_CR_READ ? 0xf0014 : 0);
	}
	if (cmd == CXFLASH_CMD_FLASH_ERASE)
		mnl_attr_put_u32(h, CXFLASH_A_LEN, unit);
	if (cmd == CXFLASH_CMD_CR_READ)
		mnl_attr_put_u32(h, CXFLASH_A_LEN, 4);
	if (cmd == CXFLASH_CMD_OP_GET)
		mnl_attr_put_u32(h, CXFLASH_A_COOKIE, 1);
	return h;
}

/* The best of some tries: what always sleeps is found, a hiccup of the machine is not. */
static long least_slept_us(struct client *c, uint8_t cmd, const char *name, uint32_t session,
			   uint32_t unit)
{
	long least = LONG_MAX, slept;

	for (int i = 0; i < 5 && least >= LIMIT_US; i++) {
		slept = slept_us(c, request(c, cmd, name, session, unit));
		if (slept < least)
			least = slept;
	}
	return least;
}

static const uint8_t requests[] = {
	CXFLASH_CMD_CARD_GET,	 CXFLASH_CMD_ATTACH,	    CXFLASH_CMD_DETACH,
	CXFLASH_CMD_LOCK,	 CXFLASH_CMD_UNLOCK,	    CXFLASH_CMD_FLASH_WRITE,
	CXFLASH_CMD_FLASH_ERASE, CXFLASH_CMD_BOOT_SET,	    CXFLASH_CMD_OP_GET,
	CXFLASH_CMD_CR_READ,	 CXFLASH_CMD_SEMAPHORE_GET, CXFLASH_CMD_SEMAPHORE_CLEAR,
};

/* Every request, from its owner and from another, while a unit is erased and written. */
TEST_F(card, during_a_write)
{
	static struct client asker;
	uint32_t cookie;
	struct op op;
	long slept;

	ASSERT_EQ(0, client_open(&asker));
	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	for (unsigned int i = 0; i < sizeof(requests); i++) {
		fill(data, self->unit, now_ms());
		ASSERT_OK(client_start_write(self->c, self->name, self->session, self->addr, data,
					     self->unit, 0, &cookie));
		slept = least_slept_us(&asker, requests[i], self->name, 1, self->unit);
		EXPECT_GT(LIMIT_US, slept) TH_LOG("operation %u slept %ld us", requests[i], slept);
		ASSERT_OK(client_op(self->c, self->name, cookie, &op));
		TH_LOG("operation %u slept %ld us%s", requests[i], slept,
		       op.state == CXFLASH_OP_STATE_RUNNING ? "" : ", after the write");
		ASSERT_OK(client_wait(self->c, cookie, &op));
	}
}

/* The same while somebody else never lets go of the semaphore, and an operation waits for it. */
TEST_F(card, without_the_semaphore)
{
	static struct client asker;
	uint32_t cookie;
	long slept;

	ASSERT_EQ(0, client_open(&asker));
	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	model("fault sem-held=forever");
	ASSERT_OK(client_start_lock(self->c, self->name, &self->session, &cookie));
	for (unsigned int i = 0; i < sizeof(requests); i++) {
		slept = least_slept_us(&asker, requests[i], self->name, 1, self->unit);
		EXPECT_GT(LIMIT_US, slept) TH_LOG("operation %u slept %ld us", requests[i], slept);
	}
}

/* The same beside an owner whose card is being reset by the PCI core. */
TEST_F(card, during_a_reset)
{
	static struct client asker;
	long slept;

	ASSERT_EQ(0, client_open(&asker));
	ASSERT_EQ(0, load_owner());
	for (unsigned int i = 0; i < sizeof(requests); i++) {
		ASSERT_EQ(0, bind_function(self->name, "cxowner"));
		if (requests[i] != CXFLASH_CMD_ATTACH)
			ASSERT_OK(client_attach(self->c, self->name));
		ASSERT_EQ(0, put_file("1", DEVICES "/%s/lock_config", self->name));
		slept = least_slept_us(&asker, requests[i], self->name, 1, self->unit);
		EXPECT_GT(LIMIT_US, slept) TH_LOG("operation %u slept %ld us", requests[i], slept);
		TH_LOG("operation %u slept %ld us", requests[i], slept);
		ASSERT_EQ(0, put_file("0", DEVICES "/%s/lock_config", self->name));
	}
	bind_function(self->name, "cxflash");
}

/* A child that dumps on the socket @c, together with whoever else has it, until it is killed. */
static pid_t dumper(struct client *c, const char *name)
{
	struct nlmsghdr *h = client_begin(c, CXFLASH_CMD_FLASH_READ, NLM_F_DUMP, name);
	pid_t pid;

	mnl_attr_put_u32(h, CXFLASH_A_ADDR, 0);
	mnl_attr_put_u32(h, CXFLASH_A_LEN, 65536);
	pid = fork();
	if (pid)
		return pid;
	for (;;) {
		mnl_socket_sendto(c->nl, h, h->nlmsg_len);
		mnl_socket_recvfrom(c->nl, c->answer, sizeof(c->answer));
	}
}

/*
 * Two who dump on one socket wait for each other, the second with generic netlink's lock; no longer
 * than one message of the first takes, in which the card is waited for.
 */
TEST_F(card, two_dump_on_one_socket)
{
	static struct client shared, asker;
	long slept, worst = 0;
	pid_t pid[2];

	ASSERT_EQ(0, client_open(&shared));
	ASSERT_EQ(0, client_open(&asker));
	model("fault sem-held=forever");
	model("reset-stats");
	for (int i = 0; i < 2; i++)
		pid[i] = dumper(&shared, self->name);
	while (!model_stat("semaphore.busy_reads"))
		;
	for (int i = 0; i < 50; i++) {
		slept = slept_us(&asker, request(&asker, CXFLASH_CMD_CARD_GET, self->name, 0, 0));
		worst = slept > worst ? slept : worst;
		mnl_socket_recvfrom(asker.nl, asker.answer, sizeof(asker.answer));
	}
	for (int i = 0; i < 2; i++) {
		kill(pid[i], SIGKILL);
		waitpid(pid[i], NULL, 0);
	}
	model("fault none");
	TH_LOG("a request slept %ld us at worst", worst);
	EXPECT_GT(MESSAGE_US, worst);
	client_close(&shared);
	client_close(&asker);
}

TEST_HARNESS_MAIN
