// SPDX-License-Identifier: GPL-2.0-only
/* The session lock: one client at a time, and it falls with its socket. */
#include "card.h"

#include <signal.h>
#include <sys/wait.h>

static struct client other;

TEST_F(card, one_holder)
{
	uint32_t session, cookie;
	struct info info;

	ASSERT_OK(client_lock(self->c, self->name, &self->session));
	EXPECT_NE(0, self->session);
	ASSERT_OK(client_card(self->c, self->name, &info));
	EXPECT_EQ(self->c->port, info.owner);

	ASSERT_EQ(0, client_open(&other));
	EXPECT_EQ(-EBUSY, client_start_lock(&other, self->name, &session, &cookie));
	EXPECT_NE('\0', other.why[0]);
	EXPECT_EQ(-ESTALE, client_unlock(&other, self->name, self->session));
	EXPECT_EQ(-EBUSY, client_boot(&other, self->name, self->session, 0));
	EXPECT_EQ(0, client_card(&other, self->name, &info));

	ASSERT_OK(client_unlock(self->c, self->name, self->session));
	EXPECT_REFUSED(ESTALE, client_unlock(self->c, self->name, self->session));
	EXPECT_EQ(0, client_lock(&other, self->name, &session)) TH_LOG("%s", other.why);
	EXPECT_NE(self->session, session);
	EXPECT_REFUSED(EBUSY, client_boot(self->c, self->name, self->session, 0));
	client_close(&other);
}

/* Locking again begins a new session; the old one is stale. */
TEST_F(card, again)
{
	uint32_t old;

	ASSERT_OK(client_lock(self->c, self->name, &old));
	ASSERT_OK(client_lock(self->c, self->name, &self->session));
	EXPECT_NE(old, self->session);
	EXPECT_REFUSED(ESTALE, client_boot(self->c, self->name, old, 0));
	EXPECT_REFUSED(ESTALE, client_unlock(self->c, self->name, old));
	ASSERT_OK(client_unlock(self->c, self->name, self->session));
}

/* The part is identified anew by each lock; until then nothing is changed. */
TEST_F(card, identifies)
{
	uint32_t cookie;
	struct info info;
	struct op op;

	model("fault jedec=202016 sem-held=20");
	ASSERT_OK(client_start_lock(self->c, self->name, &self->session, &cookie));
	EXPECT_REFUSED(EAGAIN, client_boot(self->c, self->name, self->session, 0));
	ASSERT_OK(client_wait(self->c, cookie, &op));
	EXPECT_EQ(0, op.error);
	ASSERT_OK(client_card(self->c, self->name, &info));
	EXPECT_EQ(0x202016, info.jedec);
	EXPECT_STREQ("M25Pxx", info.part);
	EXPECT_EQ(4 << 20, info.size);
	EXPECT_EQ(0x10000, info.erase_sizes);
	model("fault jedec=0");
	ASSERT_OK(client_lock(self->c, self->name, &self->session));
	ASSERT_OK(client_card(self->c, self->name, &info));
	EXPECT_EQ(self->info.jedec, info.jedec);
	EXPECT_EQ(self->info.size, info.size);
}

/* However the holder leaves, the next one gets the lock at once. */
TEST_F(card, falls_with_its_socket)
{
	uint32_t session;
	int pipefd[2];
	char byte;

	ASSERT_EQ(0, client_open(&other));
	ASSERT_EQ(0, client_lock(&other, self->name, &session));
	client_close(&other);
	ASSERT_OK(client_lock(self->c, self->name, &self->session));
	ASSERT_OK(client_unlock(self->c, self->name, self->session));

	ASSERT_EQ(0, pipe(pipefd));
	for (int i = 0; i < 5; i++) {
		pid_t pid = fork();

		if (!pid) {
			if (client_open(&other) || client_lock(&other, self->name, &session))
				_exit(1);
			write(pipefd[1], "", 1);
			pause();
		}
		ASSERT_EQ(1, read(pipefd[0], &byte, 1));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		ASSERT_OK(client_lock(self->c, self->name, &self->session));
		ASSERT_OK(client_unlock(self->c, self->name, self->session));
	}
}

/* Lock, be sure to be its owner, unlock, until that went well often enough; or -1. */
static int contend(struct client *c, const char *name)
{
	uint32_t session, cookie;
	struct info info;
	int won = 0, err;
	struct op op;

	while (won < 20) {
		err = client_start_lock(c, name, &session, &cookie);
		if (err == -EBUSY) {
			usleep(1000);
			continue;
		}
		if (err || client_card(c, name, &info) || info.owner != c->port ||
		    client_wait(c, cookie, &op) || op.error || client_unlock(c, name, session))
			return -1;
		won++;
		usleep(1000); /* the other's turn */
	}
	return 0;
}

TEST_F(card, race)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid)
		_exit(client_open(&other) || contend(&other, self->name));
	EXPECT_EQ(0, contend(self->c, self->name)) TH_LOG("%s", self->c->why);
	waitpid(pid, &status, 0);
	EXPECT_EQ(0, status);
}

/* Locks that fail fall at once, so the next begins while the last one ends: each gets its own end.
 */
static int fail_often(struct client *c, const char *name)
{
	uint32_t session;
	int err;

	for (int n = 0; n < 100; n++) {
		do
			err = client_lock(c, name, &session);
		while (err == -EBUSY);
		if (err != -EIO)
			return 1;
	}
	return 0;
}

TEST_F(card, failing_race)
{
	int status = -1;
	pid_t pid;

	model("fault jedec=ffffff");
	if (!client_lock(self->c, self->name, &self->session))
		SKIP(return, "this part is known by another signature too");
	pid = fork();
	if (!pid)
		_exit(client_open(&other) || fail_often(&other, self->name));
	EXPECT_EQ(0, fail_often(self->c, self->name)) TH_LOG("%s", self->c->why);
	waitpid(pid, &status, 0);
	EXPECT_EQ(0, status);
}

TEST_HARNESS_MAIN
