// SPDX-License-Identifier: GPL-2.0-only
/* Cards of many kinds in one machine: whom the module serves, how, and whom it refuses by name. */
#include "card.h"

static const struct {
	const char *id, *why;
} refused[] = {
	{"0x1002", "A virtual function has no flash"},
	{"0x1004", "A virtual function has no flash"},
	{"0x6274", "InfiniHost III is an FS1 chip"},
	{"0x01ff", "Connect-IB is an FS3 chip"},
	{"0x1013", "ConnectX-4 and later are FS3 chips or newer"},
};

#define REFUSED (sizeof(refused) / sizeof(refused[0]))

/* The function with that PCI device id, or NULL. */
static const char *function_of_id(const char *id)
{
	static char name[32];
	char command[128];
	FILE *f;

	snprintf(command, sizeof(command),
		 "grep -l %s " DEVICES "/*/device | cut -d / -f 6 | head -n 1", id);
	f = popen(command, "r");
	if (!f || fscanf(f, "%31s", name) != 1)
		name[0] = '\0';
	if (f)
		pclose(f);
	return name[0] ? name : NULL;
}

/* First of all, as the other tests bind what they like: only a card in recovery binds by itself. */
TEST(by_themselves)
{
	ASSERT_EQ(0, system("modprobe cxflash"));
	for (unsigned int i = 0; i < REFUSED; i++) {
		ASSERT_NE(NULL, function_of_id(refused[i].id)) TH_LOG("%s", refused[i].id);
		EXPECT_STREQ("", driver_of(function_of_id(refused[i].id)));
	}
	EXPECT_STREQ("", driver_of(function_of_id("0x634a")));
	EXPECT_STREQ("", driver_of(function_of_id("0x1003")));
	EXPECT_STREQ("cxflash", driver_of(function_of_id("0x0191")));
}

TEST(refused_by_name)
{
	static struct client c;
	int log = kmsg_open();

	ASSERT_EQ(0, system("modprobe cxflash"));
	ASSERT_EQ(0, load_owner());
	ASSERT_EQ(0, client_open(&c));
	for (unsigned int i = 0; i < REFUSED; i++) {
		const char *name = function_of_id(refused[i].id);

		kmsg_count(log, "");
		bind_function(name, "cxflash");
		EXPECT_STREQ("", driver_of(name));
		EXPECT_EQ(1, kmsg_count(log, refused[i].why)) TH_LOG("%s", refused[i].id);
		ASSERT_EQ(0, bind_function(name, "cxowner"));
		EXPECT_EQ(-EOPNOTSUPP, client_attach(&c, name));
		EXPECT_NE(NULL, strstr(c.why, refused[i].why)) TH_LOG("%s", c.why);
		EXPECT_EQ(CXFLASH_A_NAME, c.bad_attr);
	}
}

/* Write a unit and read it: NULL, or what went wrong. */
static const char *try_card(const char *id, struct info *info)
{
	static uint8_t data[65536], back[65536];
	static struct client c;
	uint32_t session, unit;
	const char *name = function_of_id(id);
	struct op op;

	if (!name)
		return "there is no such card";
	setenv("CARD", name, 1);
	if (find_card(&c, name, info))
		return "cxflash does not serve it";
	unit = info->erase_sizes & -info->erase_sizes;
	model("reset-stats");
	fill(data, unit, now_ms());
	if (client_lock(&c, name, &session) ||
	    client_write(&c, name, session, 0x20000, data, unit, 0, &op) ||
	    client_read(&c, name, 0x20000, back, unit))
		return c.why;
	if (memcmp(data, back, unit))
		return "it holds other bytes";
	return model_stat("violations.count") ? model("stats") : NULL;
}

#define EXPECT_SERVED(id, info)                                \
	do {                                                   \
		const char *_why = try_card(id, info);         \
		EXPECT_EQ(NULL, _why) TH_LOG(id ": %s", _why); \
	} while (0)

TEST(recovery)
{
	struct info info;

	EXPECT_SERVED("0x0191", &info);
	EXPECT_EQ(CXFLASH_BINDING_RECOVERY, info.binding);
	EXPECT_EQ(CXFLASH_ACCESS_BAR0, info.access);
	EXPECT_TRUE(info.recovery);
}

/* ConnectX, the first one: its writes need the flush. */
TEST(revision_a0)
{
	struct info info;

	EXPECT_SERVED("0x634a", &info);
	EXPECT_EQ(0xa0, info.rev);
	EXPECT_EQ(CXFLASH_ACCESS_BAR0, info.access);
	EXPECT_LT(0, model_stat("flushes"));
}

/* No BAR 0, and the variant of the window whose address cannot be read back. */
TEST(window_only)
{
	struct info info;

	EXPECT_SERVED("0x1003", &info);
	EXPECT_EQ(CXFLASH_ACCESS_CONFIG, info.access);
	EXPECT_EQ(0, model_stat("bar0.reads"));
}

/* Where a reset does not show, flash is read beside an owner and not changed. */
TEST(window_blind_beside)
{
	static uint8_t data[4096];
	const char *name = function_of_id("0x1003");
	static struct client c;
	uint32_t session;
	struct op op;

	ASSERT_NE(NULL, name);
	setenv("CARD", name, 1);
	ASSERT_EQ(0, system("modprobe cxflash"));
	ASSERT_EQ(0, load_owner());
	ASSERT_EQ(0, bind_function(name, "cxowner"));
	ASSERT_EQ(0, client_open(&c));
	ASSERT_EQ(0, client_attach(&c, name)) TH_LOG("%s", c.why);
	ASSERT_EQ(0, client_lock_patiently(&c, name, &session)) TH_LOG("%s", c.why);
	EXPECT_EQ(0, client_read(&c, name, 0x20000, data, sizeof(data))) TH_LOG("%s", c.why);
	model("reset-stats");
	data[0] ^= 1;
	EXPECT_EQ(-EOPNOTSUPP,
		  client_write(&c, name, session, 0x20000, data, sizeof(data), 0, &op));
	EXPECT_STREQ("This card does not tell of resets; take it over instead", c.why);
	EXPECT_EQ(-EOPNOTSUPP, client_erase(&c, name, session, 0x20000, sizeof(data), &op));
	EXPECT_EQ(-EOPNOTSUPP, client_boot(&c, name, session, 0));
	EXPECT_EQ(0, model_stat("flash_operations"));
	EXPECT_EQ(0, client_unlock(&c, name, session)) TH_LOG("%s", c.why);
	EXPECT_EQ(0, client_detach(&c, name)) TH_LOG("%s", c.why);
	client_close(&c);
}

/* The words of a card can be read by both ways only where there are two. */
static int by_other_way(const char *id, uint32_t access, struct client *c)
{
	const char *name = function_of_id(id);
	struct info info;
	uint32_t word;

	if (!name)
		return -ENODEV;
	setenv("CARD", name, 1);
	return find_card(c, name, &info) ?: client_cr_by(c, name, access, 0xf0014, &word, 1);
}

TEST(one_way)
{
	static struct client c;

	EXPECT_EQ(-EOPNOTSUPP, by_other_way("0x1003", CXFLASH_ACCESS_BAR0, &c));
	EXPECT_STREQ("BAR0 is not open to cxflash", c.why);
	client_close(&c);
	EXPECT_EQ(-EOPNOTSUPP, by_other_way("0x634a", CXFLASH_ACCESS_CONFIG, &c));
	EXPECT_STREQ("The configuration window does not answer", c.why);
}

TEST_HARNESS_MAIN
