// SPDX-License-Identifier: GPL-2.0-only
/* Clients, the driver and the card end in the middle of a write; no unit is torn. */
#include "card.h"

#include <signal.h>
#include <sys/wait.h>

static uint8_t want[65536], back[65536];

/* A child that starts a write and waits; it runs when this returns. */
static pid_t writer(const char *name, uint32_t addr, uint32_t unit, uint32_t seed)
{
	static struct client c;
	uint32_t session, cookie;
	int pipefd[2];
	char byte = 1;
	pid_t pid;

	if (pipe(pipefd))
		return -1;
	pid = fork();
	if (!pid) {
		fill(want, unit, seed);
		byte = client_open(&c) || client_lock(&c, name, &session) ||
		       client_start_write(&c, name, session, addr, want, unit, 0, &cookie);
		if (write(pipefd[1], &byte, 1) == 1)
			pause();
		_exit(1);
	}
	close(pipefd[1]);
	if (read(pipefd[0], &byte, 1) != 1 || byte) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		pid = -1;
	}
	close(pipefd[0]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

#define EXPECT_FLASH(seed)                                                                 \
	do {                                                                               \
		fill(want, self->unit, seed);                                              \
		ASSERT_OK(client_read(self->c, self->name, self->addr, back, self->unit)); \
		EXPECT_EQ(0, memcmp(want, back, self->unit));                              \
	} while (0)

/* kill -9: the unit is finished, the lock free, the next write possible. */
TEST_F(card, killed)
{
	struct info info;
	struct op op;
	long then;
	pid_t pid;

	for (int i = 0; i < 6; i++) {
		then = commands_done();
		pid = writer(self->name, self->addr, self->unit, 100 + i);
		ASSERT_LT(0, pid);
		wait_commands(then, 1 + 130 * i);
		end(pid);
		ASSERT_OK(client_card(self->c, self->name, &info));
		EXPECT_EQ(0, info.owner);
		/* A read waits for the write in work; what it returns is whole. */
		EXPECT_FLASH(100 + i);
		ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
		ASSERT_OK(client_write(self->c, self->name, self->session, self->addr, want,
				       self->unit, 0, &op));
		EXPECT_EQ(0, op.erases);
		ASSERT_OK(client_unlock(self->c, self->name, self->session));
	}
	EXPECT_EQ(0, model_stat("semaphore.busy_reads"));
}

/* Unbinding waits for the write in work; clients are told that the card has left. */
TEST_F(card, unbound)
{
	uint32_t cookie, word;
	struct op op;

	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	fill(want, self->unit, 200);
	ASSERT_OK(client_start_write(self->c, self->name, self->session, self->addr, want,
				     self->unit, 0, &cookie));
	ASSERT_EQ(0, bind_function(self->name, NULL));
	ASSERT_OK(client_wait(self->c, cookie, &op));
	EXPECT_EQ(0, op.error);
	EXPECT_EQ(CXFLASH_HOLDS_NEW, op.holds);
	EXPECT_REFUSED(ENODEV, client_op(self->c, self->name, cookie, &op));
	EXPECT_REFUSED(ENODEV, client_cr(self->c, self->name, 0xf0014, &word, 1));
	EXPECT_REFUSED(ENODEV, client_unlock(self->c, self->name, self->session));

	client_close(self->c);
	ASSERT_EQ(0, find_card(self->c, self->name, &self->info));
	EXPECT_FLASH(200);
}

/* The same for a reader. */
TEST_F(card, unbound_under_a_reader)
{
	static uint8_t all[16 << 20];
	long then = commands_done();
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		struct client *c = calloc(1, sizeof(*c));
		int err = !c || client_open(c);

		err = err ? err : client_read(c, self->name, 0, all, self->info.size);
		_exit(err == -ENODEV && c->why[0] ? 0 : 1);
	}
	wait_commands(then, 1000);
	ASSERT_EQ(0, bind_function(self->name, NULL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	client_close(self->c);
	ASSERT_EQ(0, find_card(self->c, self->name, &self->info));
}

TEST_F(card, module_removed)
{
	uint32_t cookie;
	struct op op;

	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	fill(want, self->unit, 300);
	ASSERT_OK(client_start_write(self->c, self->name, self->session, self->addr, want,
				     self->unit, 0, &cookie));
	ASSERT_EQ(0, system("rmmod cxflash"));
	ASSERT_OK(client_wait(self->c, cookie, &op));
	EXPECT_EQ(0, op.error);
	client_close(self->c);
	EXPECT_EQ(-ENOENT, client_open(self->c));
	client_close(self->c);
	ASSERT_EQ(0, find_card(self->c, self->name, &self->info));
	EXPECT_FLASH(300);
}

/* The function is removed by sysfs, as by a hot-plug controller, and found again. */
TEST_F(card, function_removed)
{
	uint32_t cookie;
	struct op op;

	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	fill(want, self->unit, 400);
	ASSERT_OK(client_start_write(self->c, self->name, self->session, self->addr, want,
				     self->unit, 0, &cookie));
	ASSERT_EQ(0, put_file("1", DEVICES "/%s/remove", self->name));
	ASSERT_OK(client_wait(self->c, cookie, &op));
	EXPECT_EQ(0, op.error);
	ASSERT_EQ(0, put_file("1", "/sys/bus/pci/rescan"));
	client_close(self->c);
	ASSERT_EQ(0, find_card(self->c, self->name, &self->info));
	EXPECT_FLASH(400);
}

/* A PCI reset waits for the write in work; the session survives it. */
TEST_F(card, pci_reset)
{
	uint32_t cookie;
	char path[128];
	struct op op;
	long then;

	snprintf(path, sizeof(path), DEVICES "/%s/reset", self->name);
	if (access(path, W_OK))
		SKIP(return, "this function cannot be reset by itself");
	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	for (int i = 0; i < 4; i++) {
		fill(want, self->unit, 500 + i);
		then = commands_done();
		ASSERT_OK(client_start_write(self->c, self->name, self->session, self->addr, want,
					     self->unit, 0, &cookie));
		wait_commands(then, 1 + 200 * i);
		ASSERT_EQ(0, put_file("1", "%s", path));
		ASSERT_OK(client_wait(self->c, cookie, &op));
		EXPECT_EQ(0, op.error) TH_LOG("%s", op.message);
		EXPECT_EQ(1, op.attempts);
		EXPECT_FLASH(500 + i);
	}
	EXPECT_LT(3, model_stat("resets.bus") + model_stat("resets.flr"));
}

static int link_error(const char *name, const char *kind)
{
	char text[64];

	snprintf(text, sizeof(text), "%s %s", name, kind);
	return put_file(text, "/sys/module/cxowner/parameters/link_error");
}

/* An error of the link that can be mended costs the card a boot, not its driver. */
TEST_F(card, link_errors)
{
	static const char *const kinds[] = {"nonfatal", "fatal"};
	uint32_t cookie;
	struct op op;

	ASSERT_EQ(0, load_owner());
	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	for (int i = 0; i < 4; i++) {
		fill(want, self->unit, 600 + i);
		ASSERT_OK(client_start_write(self->c, self->name, self->session, self->addr, want,
					     self->unit, 0, &cookie));
		model("fault boot-ones=66");
		model("fault boot-id=1000");
		ASSERT_EQ(0, link_error(self->name, kinds[i % 2])) TH_LOG("%s", kinds[i % 2]);
		ASSERT_OK(client_wait(self->c, cookie, &op));
		EXPECT_EQ(0, op.error) TH_LOG("%s: %s", kinds[i % 2], op.message);
		EXPECT_FLASH(600 + i);
	}
	EXPECT_STREQ("cxflash", driver_of(self->name));
	EXPECT_EQ(0, model_stat("boot_accesses"));
}

/* One that cannot is the end: nobody touches the card any more. */
TEST_F(card, link_failure)
{
	struct info info;

	ASSERT_EQ(0, load_owner());
	EXPECT_EQ(-ENXIO, link_error(self->name, "failure"));
	model("reset-stats");
	EXPECT_REFUSED(ENODEV, client_read(self->c, self->name, 0, back, 16));
	EXPECT_REFUSED(ENODEV, client_lock(self->c, self->name, &self->session));
	EXPECT_EQ(0, model_stat("cr_accesses"));
	ASSERT_OK(client_card(self->c, self->name, &info));
	ASSERT_EQ(0, bind_function(self->name, NULL));
	ASSERT_EQ(0, bind_function(self->name, "cxflash"));
	ASSERT_OK(client_read(self->c, self->name, 0, back, 16));
}

/*
 * Suspend waits for the write in work. Debian's kernels have no pm_test, and nothing would wake
 * this machine; but a hibernation that finds no swap space freezes all tasks and devices, makes its
 * image, and goes back. While it makes room for the image memory may be so short that the end of
 * the write cannot be told; then it is asked for.
 */
TEST_F(card, suspended)
{
	uint32_t cookie;
	struct op op;
	long then;
	int log;

	if (access("/sys/power/disk", W_OK) || put_file("shutdown", "/sys/power/disk"))
		SKIP(return, "this kernel does not hibernate");
	ASSERT_EQ(0, system("! grep -q / /proc/swaps"));
	/* As long a write as there is, so that it is still in work when tasks are frozen. */
	if (self->info.erase_sizes & 65536)
		self->unit = 65536;
	log = kmsg_open();
	for (int i = 0; i < 3; i++) {
		ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
		fill(want, self->unit, 600 + i);
		then = commands_done();
		ASSERT_OK(client_start_write(self->c, self->name, self->session, self->addr, want,
					     self->unit, 0, &cookie));
		wait_commands(then, 1 + 100 * i);
		EXPECT_GT(0, put_file("disk", "/sys/power/state"));
		EXPECT_EQ(1, kmsg_count(log, "PM: hibernation: hibernation exit"));
		ASSERT_OK(client_ended(self->c, self->name, cookie, &op));
		EXPECT_EQ(0, op.error) TH_LOG("%s", op.message);
		EXPECT_EQ(1, op.attempts);
		EXPECT_FLASH(600 + i);
	}
	close(log);
	EXPECT_EQ(0, model_stat("semaphore.busy_reads"));
}

/* Two clients write in turns, each as soon as the other lets it: no unit is mixed. */
static int contend(struct client *c, const char *name, uint32_t addr, uint32_t unit, uint32_t seed)
{
	static uint8_t mine[65536], seen[65536];
	uint32_t session;
	struct op op;
	int err;

	fill(mine, unit, seed);
	for (int i = 0; i < 5; i++) {
		err = client_lock_patiently(c, name, &session) ?:
		      client_write(c, name, session, addr, mine, unit, 0, &op) ?:
		      client_read(c, name, addr, seen, unit) ?:
		      client_unlock(c, name, session);
		if (err)
			return err;
		if (memcmp(mine, seen, unit))
			return -EILSEQ;
	}
	return 0;
}

TEST_F(card, racing_writers)
{
	static struct client other;
	int status = -1;
	pid_t pid = fork();

	if (!pid)
		_exit(client_open(&other) ||
		      contend(&other, self->name, self->addr, self->unit, 700));
	EXPECT_EQ(0, contend(self->c, self->name, self->addr, self->unit, 701))
	TH_LOG("%s", self->c->why);
	waitpid(pid, &status, 0);
	EXPECT_EQ(0, status);
	EXPECT_EQ(0, model_stat("semaphore.busy_reads"));
}

TEST_HARNESS_MAIN
