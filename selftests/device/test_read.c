// SPDX-License-Identifier: GPL-2.0-only
/* flash-read. */
#include "card.h"

#include <signal.h>
#include <sys/wait.h>

#define PIECE 0x20000

/* With the write flush, and without. */
#define READ_LIMIT (self->info.chip == 0x190 ? 710 : 910)

static uint8_t buf[16 << 20];

/* The model's own hash of a range, against what was read. */
static bool same_hash(uint32_t addr, uint32_t len)
{
	FILE *f = fopen("/tmp/read", "w");
	char ours[80] = "";

	if (!f || fwrite(buf, 1, len, f) != len || fclose(f))
		return false;
	f = popen("sha256sum </tmp/read", "r");
	if (!f || !fgets(ours, sizeof(ours), f))
		return false;
	pclose(f);
	ours[64] = '\0';
	return !strcmp(ours, model("flash-sha %u %u", addr, len));
}

/* Every byte, and no more accesses than promised; the semaphore is free at the end. */
TEST_F(card, whole)
{
	long per;

	ASSERT_OK(client_read(self->c, self->name, 0, buf, self->info.size));
	per = PER_BLOCK(model_stat("cr_accesses"), self->info.size);
	EXPECT_TRUE(same_hash(0, self->info.size));
	TH_LOG("%ld.%02ld CR accesses per 16 bytes, %ld holds", per / 100, per % 100,
	       model_stat("semaphore.takes"));
	if (self->info.access == CXFLASH_ACCESS_BAR0) {
		EXPECT_LE(per, READ_LIMIT);
	}
	/* A message has as many whole slices of 4 KiB as fit: seven. */
	EXPECT_LE(model_stat("semaphore.takes"), self->info.size / 28672 + 2);
	EXPECT_EQ(0, model_stat("flash_operations"));
	EXPECT_GT(self->c->longest, 28672);
	ASSERT_OK(client_read(self->c, self->name, 0, buf, 16));
	EXPECT_EQ(0, model_stat("semaphore.busy_reads"));
}

TEST_F(card, pieces)
{
	static const uint32_t range[][2] = {
		{0, 16}, {16, 16}, {0xff0, 32}, {0x1000, 0x1000}, {0x123450, 0x8880},
	};

	for (unsigned int i = 0; i < sizeof(range) / sizeof(range[0]); i++) {
		uint32_t addr = range[i][0] % self->info.size;

		ASSERT_OK(client_read(self->c, self->name, addr, buf, range[i][1]));
		EXPECT_TRUE(same_hash(addr, range[i][1])) TH_LOG("at 0x%x", addr);
	}
	ASSERT_OK(client_read(self->c, self->name, self->info.size - 16, buf, 16));
	EXPECT_TRUE(same_hash(self->info.size - 16, 16));
}

TEST_F(card, refusals)
{
	struct client *c = self->c;
	const char *name = self->name;

	EXPECT_REFUSED(EINVAL, client_read(c, name, 8, buf, 16));
	EXPECT_REFUSED(EINVAL, client_read(c, name, 0, buf, 24));
	EXPECT_REFUSED(ERANGE, client_read(c, name, 0, buf, 0));
	EXPECT_REFUSED(ERANGE, client_read(c, name, self->info.size, buf, 16));
	EXPECT_REFUSED(ERANGE, client_read(c, name, self->info.size - 16, buf, 32));
	EXPECT_REFUSED(ERANGE, client_read(c, name, 0x1000000, buf, 16));
	EXPECT_REFUSED(ERANGE, client_read(c, name, 0, buf, 0x1000010));
	EXPECT_REFUSED(ENODEV, client_read(c, "0000:00:1f.7", 0, buf, 16));
	EXPECT_EQ(0, model_stat("cr_accesses"));
}

/* A write between two messages of a dump marks the later ones; a dump after it is clean. */
TEST_F(card, interrupted)
{
	struct nlmsghdr *h;
	struct client *w = calloc(1, sizeof(*w));
	uint32_t session;
	struct op op;

	ASSERT_NE(NULL, w);
	ASSERT_EQ(0, client_open(w));
	ASSERT_EQ(0, client_lock(w, self->name, &session)) TH_LOG("%s", w->why);

	h = client_begin(self->c, CXFLASH_CMD_FLASH_READ, NLM_F_DUMP, self->name);
	mnl_attr_put_u32(h, CXFLASH_A_ADDR, 0);
	mnl_attr_put_u32(h, CXFLASH_A_LEN, PIECE);
	ASSERT_LT(0, mnl_socket_sendto(self->c->nl, h, h->nlmsg_len));

	fill(buf, self->unit, 77);
	ASSERT_EQ(0, client_write(w, self->name, session, self->addr, buf, self->unit, 0, &op))
	TH_LOG("%s", w->why);
	/* Take the rest of the dump through the same parser. */
	for (ssize_t got = 1; got > 0 && !self->c->interrupted;) {
		const struct nlmsghdr *a = (const void *)self->c->answer;
		int len;

		got = mnl_socket_recvfrom(self->c->nl, self->c->answer, sizeof(self->c->answer));
		for (len = got; mnl_nlmsg_ok(a, len); a = mnl_nlmsg_next(a, &len)) {
			self->c->interrupted |= !!(a->nlmsg_flags & NLM_F_DUMP_INTR);
			ASSERT_NE(NLMSG_DONE, a->nlmsg_type);
		}
	}
	EXPECT_TRUE(self->c->interrupted);
	client_close(self->c);
	ASSERT_EQ(0, client_open(self->c));
	ASSERT_OK(client_read(self->c, self->name, 0, buf, PIECE));
	EXPECT_FALSE(self->c->interrupted);
	client_close(w);
}

/* The same for the list of cards, when one comes or goes between its messages. */
TEST_F(card, list_interrupted)
{
	struct info info[8];
	unsigned int count;
	struct nlmsghdr *h;
	bool done = false;

	h = client_begin(self->c, CXFLASH_CMD_CARD_GET, NLM_F_DUMP, NULL);
	ASSERT_LT(0, mnl_socket_sendto(self->c->nl, h, h->nlmsg_len));
	/* The first message has been made. */
	ASSERT_EQ(0, bind_function(self->name, NULL));
	self->c->interrupted = false;
	while (!done) {
		const struct nlmsghdr *a = (const void *)self->c->answer;
		int len =
			mnl_socket_recvfrom(self->c->nl, self->c->answer, sizeof(self->c->answer));

		ASSERT_LT(0, len);
		for (; mnl_nlmsg_ok(a, len); a = mnl_nlmsg_next(a, &len)) {
			self->c->interrupted |= !!(a->nlmsg_flags & NLM_F_DUMP_INTR);
			done = a->nlmsg_type == NLMSG_DONE;
		}
	}
	EXPECT_TRUE(self->c->interrupted);
	ASSERT_EQ(0, bind_function(self->name, "cxflash"));
	ASSERT_OK(client_cards(self->c, info, 8, &count));
	EXPECT_FALSE(self->c->interrupted);
}

/* A write that changes nothing interrupts nobody. */
TEST_F(card, two_readers)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		struct client *c = calloc(1, sizeof(*c));

		_exit(!c || client_open(c) || client_read(c, self->name, 0x10000, buf, PIECE) ||
		      c->interrupted || !same_hash(0x10000, PIECE));
	}
	ASSERT_OK(client_read(self->c, self->name, 0, buf, PIECE));
	EXPECT_FALSE(self->c->interrupted);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	ASSERT_OK(client_read(self->c, self->name, 0, buf, PIECE));
	EXPECT_TRUE(same_hash(0, PIECE));
}

/* A reader that dies leaves nothing behind. */
TEST_F(card, killed)
{
	for (int i = 0; i < 5; i++) {
		long then = commands_done();
		pid_t pid = fork();

		if (!pid) {
			struct client *c = calloc(1, sizeof(*c));

			_exit(!c || client_open(c) ||
			      client_read(c, self->name, 0, buf, self->info.size));
		}
		wait_commands(then, 300 + 370 * i);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		ASSERT_OK(client_read(self->c, self->name, 0, buf, 256));
		EXPECT_TRUE(same_hash(0, 256));
	}
	EXPECT_EQ(0, model_stat("semaphore.busy_reads"));
}

TEST_HARNESS_MAIN
