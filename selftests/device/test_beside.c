// SPDX-License-Identifier: GPL-2.0-only
/* Cards served beside the driver that has them, a stand-in for mlx4_core (owner/cxowner.c). */
#include "card.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

/* Where the window rests between the driver's accesses; any reset moves it to 0. */
#define CANARY 0xf3834

static uint8_t want[65536], back[65536];

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

/* All of it works through the configuration window, and the window is left as it was found. */
TEST_F(card, beside)
{
	uint32_t word, before;
	struct info info;
	struct op op;

	SKIP_BYTES();
	before = window(self->name);
	ASSERT_BESIDE();
	EXPECT_REFUSED(EEXIST, client_attach(self->c, self->name));
	model("reset-stats");
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
	EXPECT_EQ(CANARY, window(self->name));

	ASSERT_OK(client_detach(self->c, self->name));
	EXPECT_EQ(before, window(self->name));
	EXPECT_REFUSED(ENODEV, client_card(self->c, self->name, &info));
	EXPECT_STREQ("cxowner", driver_of(self->name));
	give_back(self->name);
}

/* Ask, and take no answer. */
static void ask(struct client *c, uint8_t cmd, const char *name)
{
	struct nlmsghdr *h = client_begin(c, cmd, 0, name);

	mnl_socket_sendto(c->nl, h, h->nlmsg_len);
}

/* Who cannot be told that his card is served has no card served. */
TEST_F(card, attach_unanswered)
{
	static struct client deaf;
	struct info info;
	int room = 1;

	ASSERT_BESIDE();
	ASSERT_OK(client_detach(self->c, self->name));
	ASSERT_EQ(0, client_open(&deaf));
	ASSERT_EQ(0, setsockopt(mnl_socket_get_fd(deaf.nl), SOL_SOCKET, SO_RCVBUF, &room,
				sizeof(room)));
	for (int i = 0; i < 50; i++)
		ask(&deaf, CXFLASH_CMD_CARD_GET, self->name);
	ask(&deaf, CXFLASH_CMD_ATTACH, self->name);
	EXPECT_REFUSED(ENODEV, client_card(self->c, self->name, &info));
	client_close(&deaf);
	ASSERT_OK(client_attach(self->c, self->name));
	ASSERT_OK(client_card(self->c, self->name, &info));
	EXPECT_EQ(CXFLASH_BINDING_BESIDE, info.binding);
	ASSERT_OK(client_detach(self->c, self->name));
	give_back(self->name);
}

/* Not while another is at work. */
TEST_F(card, detach_refused)
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

/* How the card can be taken from a client beside its owner. */
static int unbind_owner(const char *name)
{
	return bind_function(name, NULL);
}

static int rebind_owner(const char *name)
{
	return unbind_owner(name) ?: put_file(name, "/sys/bus/pci/drivers/cxowner/bind");
}

static int remove_function(const char *name)
{
	return put_file("1", DEVICES "/%s/remove", name);
}

static int (*const departures[])(const char *name) = {unbind_owner, rebind_owner, remove_function};

#define DEPARTURES (sizeof(departures) / sizeof(departures[0]))

/* The owner leaves, or the function, in the middle of a write: the write is finished first. */
TEST_F(card, owner_leaves)
{
	struct info info;
	uint32_t cookie;
	struct op op;

	SKIP_BYTES();
	for (unsigned int i = 0; i < DEPARTURES; i++) {
		ASSERT_BESIDE();
		ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
		fill(want, self->unit, now_ms());
		ASSERT_OK(client_start_write(self->c, self->name, self->session, self->addr, want,
					     self->unit, 0, &cookie));
		ASSERT_EQ(0, departures[i](self->name));
		ASSERT_OK(client_wait(self->c, cookie, &op));
		EXPECT_EQ(0, op.error);
		/* It does not come back by itself with the owner. */
		EXPECT_REFUSED(ENODEV, client_card(self->c, self->name, &info));
		put_file("1", "/sys/bus/pci/rescan");
		give_back(self->name);
		ASSERT_OK(client_read(self->c, self->name, self->addr, back, self->unit));
		EXPECT_EQ(0, memcmp(want, back, self->unit));
	}
}

/* The same for a reader, who is told. */
TEST_F(card, owner_leaves_a_reader)
{
	static uint8_t all[16 << 20];
	int status;
	long then;
	pid_t pid;

	for (unsigned int i = 0; i < DEPARTURES; i++) {
		ASSERT_BESIDE();
		then = commands_done();
		pid = fork();
		if (!pid) {
			struct client *c = calloc(1, sizeof(*c));
			int err = !c || client_open(c);

			while (!err)
				err = client_read(c, self->name, 0, all, self->info.size);
			_exit(err == -ENODEV && c->why[0] ? 0 : 1);
		}
		wait_commands(then, 1000);
		ASSERT_EQ(0, departures[i](self->name));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_EQ(0, status);
		put_file("1", "/sys/bus/pci/rescan");
		give_back(self->name);
		/* The semaphore was given back before. */
		EXPECT_EQ(0, model_stat("semaphore.busy_reads"));
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

/* The same for one who only reads. */
static pid_t busy_reader(const char *name, uint32_t addr, uint32_t unit)
{
	static struct client c;
	pid_t pid = fork();

	if (pid)
		return pid;
	if (client_open(&c))
		_exit(1);
	while (!client_read(&c, name, addr, back, unit))
		;
	fprintf(stderr, "# read: %s\n", c.why);
	_exit(1);
}

static pid_t (*const busy_clients[])(const char *name, uint32_t addr, uint32_t unit) = {
	busy_writer,
	busy_reader,
};

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

/* The kernel gives a killed reader's dump back a moment after the reader is gone. */
static int detach_patiently(struct client *c, const char *name)
{
	int err;

	while ((err = client_detach(c, name)) == -EBUSY)
		usleep(10000);
	return err;
}

/* Do @disturb to the card again and again under a busy writer, then under a busy reader. */
#define EXPECT_UNDISTURBED(times, disturb)                                                    \
	do {                                                                                  \
		for (int _kind = 0; _kind < 2; _kind++) {                                     \
			pid_t _pid = busy_clients[_kind](self->name, self->addr, self->unit); \
                                                                                              \
			for (int _i = 0; _i < (times); _i++) {                                \
				wait_commands(commands_done(), 200 + 130 * _i);               \
				EXPECT_EQ(0, disturb);                                        \
			}                                                                     \
			EXPECT_EQ(0, waitpid(_pid, NULL, WNOHANG));                           \
			kill(_pid, SIGKILL);                                                  \
			waitpid(_pid, NULL, 0);                                               \
		}                                                                             \
		ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));        \
		ASSERT_OK(detach_patiently(self->c, self->name));                             \
		give_back(self->name);                                                        \
	} while (0)

/*
 * How many times longer an access takes than on a machine that is not busy, where it is some 20 us
 * under TCG, and at most 100.
 */
static long slowness(void)
{
	long accesses = model_stat("semaphore.longest_hold_accesses");
	long ms = model_stat("semaphore.longest_hold_ms") -
		  model_stat("semaphore.longest_hold_modelled_ms");

	return accesses ? 1 + ms * 1000 / accesses / 100 : 1;
}

/*
 * As mlx4_core does it; 0 if it got the semaphore in time, with 2 of mlx4_core's 10 s to spare.
 * This owner is more patient, for machines where an access takes long.
 */
static int reset_chip(const char *name)
{
	int err = put_file("1", DEVICES "/%s/reset_chip", name);

	fprintf(stderr, "# the owner waited %ld ms for the semaphore\n", waited_ms(name));
	return err ?: waited_ms(name) > 8000 * slowness();
}

TEST_F(card, owner_resets)
{
	SKIP_BYTES();
	if (self->info.access != CXFLASH_ACCESS_BAR0)
		SKIP(return, "the owner resets through BAR0");
	ASSERT_BESIDE();
	EXPECT_UNDISTURBED(4, reset_chip(self->name));
}

/* A PCI reset with the owner's error handlers, by the PCI core. */
TEST_F(card, pci_reset)
{
	SKIP_BYTES();
	ASSERT_BESIDE();
	if (put_file("1", DEVICES "/%s/reset", self->name)) {
		give_back(self->name);
		SKIP(return, "this function cannot be reset by itself");
	}
	EXPECT_UNDISTURBED(4, put_file("1", DEVICES "/%s/reset", self->name));
}

/* Configuration space is locked for a while, as by a PCI reset. */
/* As long as an FLR does, and longer. */
static int lock_config(const char *name)
{
	return put_file("1", DEVICES "/%s/lock_config", name) ?:
	       usleep(250000) ?:
	       put_file("0", DEVICES "/%s/lock_config", name);
}

TEST_F(card, config_locked)
{
	SKIP_BYTES();
	ASSERT_BESIDE();
	EXPECT_UNDISTURBED(4, lock_config(self->name));
	/* The window is where it was left, so the semaphore is still ours. */
	EXPECT_EQ(0, model_stat("semaphore.busy_reads"));
}

/* A card that takes its time to boot: what mlx4_core takes for a second, and longer. */
#define SLOW_BOOT "boot-ones=66", "boot-id=1000"

static void boot_slowly(void)
{
	static const char *const knobs[] = {SLOW_BOOT};

	for (unsigned int i = 0; i < 2; i++)
		model("fault %s", knobs[i]);
}

/* A write and a read that must both work, whatever has become of the card. */
static int write_and_read(struct client *c, const char *name, uint32_t session, uint32_t addr,
			  uint32_t unit)
{
	struct op op;
	int err;

	fill(want, unit, now_ms());
	err = client_write(c, name, session, addr, want, unit, 0, &op);
	if (!err)
		err = client_read(c, name, addr, back, unit);
	return err ? err : memcmp(want, back, unit);
}

/* The owner resets the card as mlx4_core does; nobody speaks to it before it has booted. */
TEST_F(card, nothing_while_it_boots)
{
	SKIP_BYTES();
	if (self->info.access != CXFLASH_ACCESS_BAR0)
		SKIP(return, "the owner resets through BAR0");
	ASSERT_BESIDE();
	boot_slowly();
	EXPECT_UNDISTURBED(3, reset_chip(self->name));
	EXPECT_EQ(0, model_stat("boot_accesses"));
}

/* Requests do not wait for a boot, and say so. */
TEST_F(card, requests_while_it_boots)
{
	uint32_t word, state[2];
	int err;

	ASSERT_BESIDE();
	ASSERT_OK(client_cr(self->c, self->name, 0xf0014, &word, 1));
	boot_slowly();
	model("reset");
	EXPECT_REFUSED(EBUSY, client_cr(self->c, self->name, 0x1f064, &word, 1));
	EXPECT_REFUSED(EBUSY,
		       client_semaphore(self->c, CXFLASH_CMD_SEMAPHORE_GET, self->name, state));
	while ((err = client_cr(self->c, self->name, 0x1f064, &word, 1)) == -EBUSY)
		usleep(50000);
	EXPECT_EQ(0, err);
	EXPECT_EQ(0, model_stat("boot_accesses"));
	ASSERT_OK(client_detach(self->c, self->name));
	give_back(self->name);
}

static int number_of(const char *variable, int otherwise)
{
	const char *value = getenv(variable);

	return value ? atoi(value) : otherwise;
}

/*
 * Somebody resets the chip under us, at any access, asks nobody, and takes the semaphore. RESETS:
 * how often; at accesses that RESET_SEED tells.
 */
TEST_F_TIMEOUT(card, reset_unasked, 14400)
{
	static const char *const boots[] = {"boot-ones=66", "boot-ones=0"};
	unsigned int seed = number_of("RESET_SEED", 1);
	int times = number_of("RESETS", 12), n;
	long accesses;

	SKIP_BYTES();
	ASSERT_BESIDE();
	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	model("reset-stats");
	ASSERT_EQ(0, write_and_read(self->c, self->name, self->session, self->addr, self->unit));
	accesses = model_stat("cr_accesses");
	TH_LOG("%d resets, seed %u, in the first %ld accesses", times, seed, accesses);
	for (int i = 0; i < times; i++) {
		n = 1 + rand_r(&seed) % accesses;
		model("fault %s", boots[i % 2]);
		model("fault boot-id=1000");
		/* Nobody can keep the flash from being at work then. */
		model("fault boot-patient=1");
		model("fault held-after-reset=%d", i % 3 ? 20 : 0);
		model("fault reset-at-access=%d", n);
		ASSERT_EQ(0, write_and_read(self->c, self->name, self->session, self->addr,
					    self->unit))
		TH_LOG("reset after access %d: %s", n, self->c->why);
	}
	/* A machine that is less busy than at first needs fewer accesses, and sees fewer resets. */
	EXPECT_LE(times / 2, model_stat("resets.soft"));
	EXPECT_EQ(0, model_stat("semaphore.foreign_releases"));
	ASSERT_OK(client_unlock(self->c, self->name, self->session));
	ASSERT_OK(client_detach(self->c, self->name));
	give_back(self->name);
}

/*
 * The same while we wait for the semaphore, by a reset that is never seen as silence: at each
 * access of a look at it, also the last one before the window is put to rest.
 */
TEST_F(card, reset_while_waiting)
{
	SKIP_BYTES();
	ASSERT_BESIDE();
	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	model("fault boot-ones=0");
	model("fault boot-id=1000");
	for (int n = 1; n <= 8; n++) {
		model("fault sem-held=%d", 2 * n);
		model("fault reset-at-access=%d", n);
		ASSERT_EQ(0, write_and_read(self->c, self->name, self->session, self->addr,
					    self->unit))
		TH_LOG("reset after access %d: %s", n, self->c->why);
		EXPECT_EQ(0, model_stat("violations.count")) TH_LOG("reset after access %d", n);
	}
	EXPECT_EQ(8, model_stat("resets.soft"));
	ASSERT_OK(client_unlock(self->c, self->name, self->session));
	ASSERT_OK(client_detach(self->c, self->name));
	give_back(self->name);
}

static bool can_reset(const char *name)
{
	return !put_file("1", DEVICES "/%s/reset", name);
}

/* Where in the kernel a process waits. */
static bool waits_in(pid_t pid, const char *function)
{
	char path[64], at[64] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/wchan", pid);
	f = fopen(path, "r");
	if (f && !fgets(at, sizeof(at), f))
		at[0] = '\0';
	if (f)
		fclose(f);
	return !strcmp(at, function);
}

/* A PCI reset waits until the part is ready: a card that boots from a busy part finds nothing. */
TEST_F(card, pci_reset_waits_for_the_part)
{
	uint32_t cookie;
	struct op op;
	long erases;
	int status;
	pid_t pid;

	SKIP_BYTES();
	ASSERT_BESIDE();
	if (!can_reset(self->name)) {
		give_back(self->name);
		SKIP(return, "this function cannot be reset by itself");
	}
	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	fill(want, self->unit, now_ms());
	erases = atol(model("count operations"));
	model("fault hold-at=1");
	ASSERT_OK(client_start_write(self->c, self->name, self->session, self->addr, want,
				     self->unit, 0, &cookie));
	model("wait operations %ld", erases + 1);
	pid = fork();
	if (!pid)
		_exit(!can_reset(self->name));
	/* It waits for the lock of configuration space. */
	while (!waits_in(pid, "pci_wait_cfg"))
		;
	model("go");
	ASSERT_OK(client_wait(self->c, cookie, &op));
	EXPECT_EQ(0, op.error) TH_LOG("%s", op.message);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	ASSERT_OK(client_read(self->c, self->name, self->addr, back, self->unit));
	EXPECT_EQ(0, memcmp(want, back, self->unit));
	ASSERT_OK(client_detach(self->c, self->name));
	give_back(self->name);
}

/* Another program moves the window: not while we have the flash, and so nothing is lost by that. */
TEST_F(card, foreign_window)
{
	char path[128];
	uint32_t cookie, at = 0xf0014;
	struct op op;
	int fd;

	SKIP_BYTES();
	ASSERT_BESIDE();
	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	snprintf(path, sizeof(path), DEVICES "/%s/config", self->name);
	fd = open(path, O_RDWR);
	ASSERT_LE(0, fd);
	fill(want, self->unit, now_ms());
	model("reset-stats");
	ASSERT_OK(client_start_write(self->c, self->name, self->session, self->addr, want,
				     self->unit, 0, &cookie));
	while (!model_stat("semaphore.takes"))
		;
	ASSERT_EQ(4, pwrite(fd, &at, 4, 0x58));
	ASSERT_OK(client_wait(self->c, cookie, &op));
	EXPECT_EQ(0, op.error) TH_LOG("%s", op.message);
	close(fd);
	ASSERT_OK(client_read(self->c, self->name, self->addr, back, self->unit));
	EXPECT_EQ(0, memcmp(want, back, self->unit));
	EXPECT_EQ(0, model_stat("semaphore.foreign_releases"));
	EXPECT_EQ(0, model_stat("semaphore.taken_now"));
	EXPECT_LT(model_stat("semaphore.longest_hold_ms"), 6000 * slowness());
	ASSERT_OK(client_unlock(self->c, self->name, self->session));
	ASSERT_OK(client_detach(self->c, self->name));
	give_back(self->name);
}

/* A driver of which nobody knows that it heeds the semaphore keeps its card for itself. */
TEST_F(card, unknown_owner)
{
	char command[256];

	client_close(self->c);
	ASSERT_EQ(0, load_owner());
	ASSERT_EQ(0, bind_function(self->name, "cxowner"));
	/* insmod asks no configuration file for options. */
	snprintf(command, sizeof(command),
		 "rmmod cxflash && insmod $(modinfo -n cxflash 2>/dev/null || "
		 "find /lib/modules -name 'cxflash.ko')");
	ASSERT_EQ(0, system(command));
	ASSERT_EQ(0, client_open(self->c));
	EXPECT_REFUSED(EOPNOTSUPP, client_attach(self->c, self->name));
	EXPECT_NE(NULL, strstr(self->c->why, "cxowner")) TH_LOG("%s", self->c->why);
	client_close(self->c);
	ASSERT_EQ(0, system("rmmod cxflash && modprobe cxflash"));
	ASSERT_EQ(0, client_open(self->c));
	give_back(self->name);
}

/* Not while the owner's probe runs, which then fails: the card would be served beside nobody. */
TEST_F(card, owner_probe_fails)
{
	int status;
	pid_t pid;

	if (self->info.access != CXFLASH_ACCESS_BAR0)
		SKIP(return, "the owner resets through BAR0");
	ASSERT_EQ(0, load_owner());
	ASSERT_EQ(0, bind_function(self->name, NULL));
	ASSERT_EQ(0, put_file("1", "/sys/module/cxowner/parameters/reset_at_probe"));
	model("fault sem-held=forever");
	model("reset-stats");
	pid = fork();
	if (!pid)
		_exit(bind_function(self->name, "cxowner") != 0);
	while (!model_stat("semaphore.busy_reads"))
		;
	EXPECT_REFUSED(EBUSY, client_attach(self->c, self->name));
	/* Its patience is over. */
	ASSERT_EQ(0, put_file("0", "/sys/module/cxowner/parameters/patience_ms"));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_STREQ("", driver_of(self->name));
	EXPECT_REFUSED(ENOTCONN, client_attach(self->c, self->name));
	put_file("0", "/sys/module/cxowner/parameters/reset_at_probe");
	put_file("100000", "/sys/module/cxowner/parameters/patience_ms");
	model("fault none");
	give_back(self->name);
}

static long usage(const char *name)
{
	char path[128];
	long n = -1;
	FILE *f;

	snprintf(path, sizeof(path), DEVICES "/%s/usage", name);
	f = fopen(path, "r");
	if (!f || fscanf(f, "%ld", &n) != 1)
		n = -1;
	if (f)
		fclose(f);
	return n;
}

/* A card that is served does not fall asleep. */
TEST_F(card, stays_awake)
{
	long before;

	ASSERT_EQ(0, load_owner());
	ASSERT_EQ(0, bind_function(self->name, "cxowner"));
	before = usage(self->name);
	ASSERT_LE(0, before);
	ASSERT_OK(client_attach(self->c, self->name));
	EXPECT_EQ(before + 1, usage(self->name));
	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	ASSERT_OK(client_unlock(self->c, self->name, self->session));
	ASSERT_OK(detach_patiently(self->c, self->name));
	EXPECT_EQ(before, usage(self->name));
	give_back(self->name);
}

TEST_HARNESS_MAIN
