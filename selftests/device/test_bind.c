// SPDX-License-Identifier: GPL-2.0-only
/* Who gets a card: bound by itself, taken over, served beside its driver, left alone. */
#include "card.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/utsname.h>
#include <sys/wait.h>

static uint8_t want[65536], back[65536];

/* The name of the driver that has the function, or "". */
static const char *driver_of(const char *name)
{
	static char target[256];
	char path[128], *slash;
	ssize_t n;

	snprintf(path, sizeof(path), DEVICES "/%s/driver", name);
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return "";
	target[n] = '\0';
	slash = strrchr(target, '/');
	return slash ? slash + 1 : target;
}

/* The stand-in owner lies beside this program, built for the running kernel. */
static int load_owner(void)
{
	char self[256], command[512];
	struct utsname u;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (!access("/sys/module/cxowner", F_OK))
		return 0;
	if (n < 0 || uname(&u))
		return -1;
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	snprintf(command, sizeof(command), "insmod %s/cxowner-%s.ko", self, u.release);
	return system(command);
}

static uint32_t window(const char *name)
{
	uint32_t val = 0;
	char path[128];
	int fd;

	snprintf(path, sizeof(path), DEVICES "/%s/config", name);
	fd = open(path, O_RDONLY);
	if (fd < 0 || pread(fd, &val, 4, 0x58) != 4)
		val = ~0u;
	close(fd);
	return val;
}

/* A part that programs single bytes takes minutes for a unit through a window that is modelled. */
#define SKIP_BYTES()                                                \
	do {                                                        \
		if (self->info.page == 1)                           \
			SKIP(return, "too slow with single bytes"); \
	} while (0)

#define ASSERT_BESIDE()                                             \
	do {                                                        \
		ASSERT_EQ(0, load_owner());                         \
		ASSERT_EQ(0, bind_function(self->name, "cxowner")); \
		ASSERT_STREQ("cxowner", driver_of(self->name));     \
		ASSERT_OK(client_attach(self->c, self->name));      \
	} while (0)

static void give_back(const char *name)
{
	bind_function(name, "cxflash");
}

/* Loading the module takes no card but those in recovery mode, and none from its driver. */
TEST_F(card, loading)
{
	bool recovery = self->info.binding == CXFLASH_BINDING_RECOVERY;

	client_close(self->c);
	ASSERT_EQ(0, load_owner());
	ASSERT_EQ(0, bind_function(self->name, "cxowner"));
	ASSERT_EQ(0, put_file("\n", DEVICES "/%s/driver_override", self->name));
	ASSERT_EQ(0, system("rmmod cxflash && modprobe cxflash"));
	put_file(self->name, "/sys/bus/pci/drivers_probe");
	EXPECT_STREQ("cxowner", driver_of(self->name));
	ASSERT_EQ(0, bind_function(self->name, NULL));
	put_file(self->name, "/sys/bus/pci/drivers_probe");
	EXPECT_STREQ(recovery ? "cxflash" : "", driver_of(self->name));
	give_back(self->name);
	EXPECT_STREQ("cxflash", driver_of(self->name));
}

TEST_F(card, refusals)
{
	EXPECT_REFUSED(EEXIST, client_attach(self->c, self->name));
	EXPECT_REFUSED(EOPNOTSUPP, client_detach(self->c, self->name));
	EXPECT_REFUSED(ENODEV, client_attach(self->c, "0000:ff:1f.7"));
	EXPECT_REFUSED(ENODEV, client_attach(self->c, "rubbish"));
	EXPECT_REFUSED(ENODEV, client_attach(self->c, "0:0:4.0"));
	ASSERT_EQ(0, bind_function(self->name, NULL));
	EXPECT_REFUSED(ENOTCONN, client_attach(self->c, self->name));
	EXPECT_REFUSED(ENODEV, client_detach(self->c, self->name));
	give_back(self->name);
}

/* All of it works through the configuration window, and the window is left as it was found. */
TEST_F_TIMEOUT(card, beside, 120)
{
	uint32_t word, before;
	struct info info;
	struct op op;

	SKIP_BYTES();
	ASSERT_BESIDE();
	EXPECT_REFUSED(EEXIST, client_attach(self->c, self->name));
	model("reset-stats 0");
	before = window(self->name);
	ASSERT_OK(client_card(self->c, self->name, &info));
	EXPECT_EQ(CXFLASH_BINDING_BESIDE, info.binding);
	EXPECT_EQ(CXFLASH_ACCESS_CONFIG, info.access);
	EXPECT_EQ(self->info.size, info.size);
	ASSERT_OK(client_cr(self->c, self->name, 0xf0014, &word, 1));
	EXPECT_EQ(self->info.chip, word & 0xffff);
	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	fill(want, self->unit, now_ms());
	ASSERT_OK(client_write(self->c, self->name, self->session, self->addr, want, self->unit, 0,
			       &op));
	ASSERT_OK(client_read(self->c, self->name, self->addr, back, self->unit));
	EXPECT_EQ(0, memcmp(want, back, self->unit));
	EXPECT_EQ(0, model_stat("bar0.reads"));
	EXPECT_EQ(before, window(self->name));

	ASSERT_OK(client_detach(self->c, self->name));
	EXPECT_REFUSED(ENODEV, client_card(self->c, self->name, &info));
	EXPECT_STREQ("cxowner", driver_of(self->name));
	give_back(self->name);
}

/* Not while another is at work. */
TEST_F_TIMEOUT(card, detach_refused, 60)
{
	static struct client other;
	uint32_t session;

	ASSERT_BESIDE();
	ASSERT_EQ(0, client_open(&other));
	ASSERT_EQ(0, client_lock(&other, self->name, &session));
	EXPECT_REFUSED(EBUSY, client_detach(self->c, self->name));
	client_close(&other);
	ASSERT_OK(client_detach(self->c, self->name));
	give_back(self->name);
}

/* The owner leaves, or the function, in the middle of a write: the write is finished first. */
TEST_F_TIMEOUT(card, owner_leaves, 120)
{
	struct info info;
	uint32_t cookie;
	struct op op;

	SKIP_BYTES();
	for (int by_removal = 0; by_removal < 2; by_removal++) {
		ASSERT_BESIDE();
		ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
		fill(want, self->unit, now_ms());
		ASSERT_OK(client_start_write(self->c, self->name, self->session, self->addr, want,
					     self->unit, 0, &cookie));
		if (by_removal) {
			ASSERT_EQ(0, put_file("1", DEVICES "/%s/remove", self->name));
		} else {
			ASSERT_EQ(0, bind_function(self->name, NULL));
		}
		ASSERT_OK(client_wait(self->c, cookie, &op, 1000));
		EXPECT_EQ(0, op.error);
		EXPECT_REFUSED(ENODEV, client_card(self->c, self->name, &info));
		if (by_removal)
			put_file("1", "/sys/bus/pci/rescan");
		give_back(self->name);
		ASSERT_OK(client_read(self->c, self->name, self->addr, back, self->unit));
		EXPECT_EQ(0, memcmp(want, back, self->unit));
	}
}

/* A child that writes one unit after the other and reads it back, until it is killed or fails. */
static pid_t busy_writer(const char *name, uint32_t addr, uint32_t unit)
{
	static struct client c;
	uint32_t session, seed;
	struct op op;
	pid_t pid = fork();

	if (pid)
		return pid;
	if (client_open(&c) || client_lock(&c, name, &session))
		_exit(1);
	for (seed = 1;; seed++) {
		fill(want, unit, seed);
		if (client_write(&c, name, session, addr, want, unit, 0, &op) ||
		    client_read(&c, name, addr, back, unit) || memcmp(want, back, unit)) {
			fprintf(stderr, "# write %u: %s\n", seed, c.why);
			_exit(1);
		}
	}
}

static long waited_ms(const char *name)
{
	char path[128];
	long ms = -1;
	FILE *f;

	snprintf(path, sizeof(path), DEVICES "/%s/waited_ms", name);
	f = fopen(path, "r");
	if (!f || fscanf(f, "%ld", &ms) != 1)
		ms = -1;
	if (f)
		fclose(f);
	return ms;
}

/*
 * The owner resets the chip while it is being written: it gets the semaphore in time, and no write
 * is harmed.
 */
TEST_F_TIMEOUT(card, owner_resets, 120)
{
	int status;
	pid_t pid;

	SKIP_BYTES();
	if (self->info.access != CXFLASH_ACCESS_BAR0)
		SKIP(return, "the owner resets through BAR0");
	ASSERT_BESIDE();
	pid = busy_writer(self->name, self->addr, self->unit);
	for (int i = 0; i < 4; i++) {
		usleep(700000 + 130000 * i);
		EXPECT_EQ(0, put_file("1", DEVICES "/%s/reset_chip", self->name));
		EXPECT_GT(8000, waited_ms(self->name));
		TH_LOG("waited %ld ms", waited_ms(self->name));
	}
	EXPECT_EQ(0, waitpid(pid, &status, WNOHANG));
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	ASSERT_OK(client_detach(self->c, self->name));
	give_back(self->name);
}

/* Configuration space is locked for a while, as by a PCI reset, in the middle of a write. */
TEST_F_TIMEOUT(card, config_locked, 120)
{
	int status;
	pid_t pid;

	SKIP_BYTES();
	ASSERT_BESIDE();
	pid = busy_writer(self->name, self->addr, self->unit);
	for (int i = 0; i < 6; i++) {
		usleep(300000 + 70000 * i);
		EXPECT_EQ(0, put_file("250", DEVICES "/%s/lock_config_ms", self->name));
	}
	EXPECT_EQ(0, waitpid(pid, &status, WNOHANG));
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	ASSERT_OK(client_detach(self->c, self->name));
	give_back(self->name);
	/* After each, the semaphore was looked at: it was still ours. */
	EXPECT_GE(6, model_stat("semaphore.busy_reads"));
}

TEST_HARNESS_MAIN
