// SPDX-License-Identifier: GPL-2.0-only
/* Who gets a card: bound by itself, taken over, or left alone. */
#include "card.h"

#include <fcntl.h>

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

static bool is_loaded(const char *module)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/module/%s", module);
	return !access(path, F_OK);
}

/* What udev does for a device: modprobe its alias. */
static int autoload(const char *name)
{
	char command[128];

	snprintf(command, sizeof(command), "modprobe \"$(cat " DEVICES "/%s/modalias)\"", name);
	return system(command);
}

#define RECOVERY_ALIAS(id) "pci:v000015B3d0000" id "sv000015B3sd00000000bc05sc80i00"

/* mlx4_core's cards load mlx4_core, which gets them; cxflash is loaded for cards in recovery. */
TEST_F(card, autoloading)
{
	static const char *const aliases[] = {RECOVERY_ALIAS("0191"), RECOVERY_ALIAS("01F6"),
					      RECOVERY_ALIAS("01F8")};
	char command[128];
	int log;

	if (self->info.binding == CXFLASH_BINDING_RECOVERY)
		SKIP(return, "mlx4_core does not know the card");
	client_close(self->c);
	ASSERT_EQ(0, bind_function(self->name, NULL));
	ASSERT_EQ(0, put_file("\n", DEVICES "/%s/driver_override", self->name));
	for (unsigned int i = 0; i < 3; i++) {
		ASSERT_EQ(0, system("rmmod cxflash"));
		snprintf(command, sizeof(command), "modprobe %s", aliases[i]);
		EXPECT_EQ(0, system(command)) TH_LOG("%s", aliases[i]);
		EXPECT_TRUE(is_loaded("cxflash"));
		EXPECT_FALSE(is_loaded("mlx4_core"));
	}
	/* With cxflash there first: the card goes to mlx4_core (which fails: no firmware runs). */
	log = kmsg_open();
	ASSERT_EQ(0, autoload(self->name));
	EXPECT_TRUE(is_loaded("mlx4_core"));
	EXPECT_LE(1, kmsg_count(log, "mlx4_core: Initializing"));
	EXPECT_STRNE("cxflash", driver_of(self->name));
	/* And alone. */
	ASSERT_EQ(0, system("rmmod mlx4_core; rmmod cxflash"));
	ASSERT_EQ(0, autoload(self->name));
	EXPECT_TRUE(is_loaded("mlx4_core"));
	EXPECT_FALSE(is_loaded("cxflash"));
	close(log);
	ASSERT_EQ(0, system("rmmod mlx4_core && modprobe cxflash"));
	give_back(self->name);
	EXPECT_STREQ("cxflash", driver_of(self->name));
	/* mlx4_core's ways with the card are not ours to judge. */
	model("power-cycle");
	model("reset-stats");
}

/* Cards that cannot be served say why, to the log when bound, to the client when attached. */
TEST_F(card, refused_by_name)
{
	static const struct {
		const char *fault;
		int error;
		const char *why;
	} cases[] = {
		{"devid=bad0cafe", EOPNOTSUPP, "secure-host mode"},
		{"devid=ffffffff", ENODEV, "reads all ones"},
		{"dead=1", ENODEV, "reads all ones"},
		{"devid=209", EOPNOTSUPP, "Hardware id 0x209"},
		{"devid=c00190", EOPNOTSUPP, "revision 0xc0"},
	};
	int log = kmsg_open();

	ASSERT_EQ(0, load_owner());
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ASSERT_EQ(0, bind_function(self->name, NULL));
		model("fault none");
		model("fault %s", cases[i].fault);
		kmsg_count(log, "");
		bind_function(self->name, "cxflash");
		EXPECT_STREQ("", driver_of(self->name)) TH_LOG("%s", cases[i].fault);
		EXPECT_EQ(1, kmsg_count(log, cases[i].why)) TH_LOG("%s", cases[i].fault);
		/* The stand-in does not look at the card. */
		ASSERT_EQ(0, bind_function(self->name, "cxowner"));
		EXPECT_REFUSED(cases[i].error, client_attach(self->c, self->name));
		EXPECT_NE(NULL, strstr(self->c->why, cases[i].why)) TH_LOG("%s", self->c->why);
	}
	close(log);
	model("fault none");
	give_back(self->name);
	EXPECT_STREQ("cxflash", driver_of(self->name));
}

/* A BAR that does not answer: through the configuration window, and card-get says so. */
TEST_F(card, dead_bar)
{
	static uint8_t data[4096], again[4096];
	struct info info;

	ASSERT_OK(client_read(self->c, self->name, 0, data, sizeof(data)));
	ASSERT_EQ(0, bind_function(self->name, NULL));
	model("fault bar-dead=1");
	give_back(self->name);
	ASSERT_OK(client_card(self->c, self->name, &info));
	EXPECT_EQ(CXFLASH_ACCESS_CONFIG, info.access);
	EXPECT_EQ(self->info.jedec, info.jedec);
	ASSERT_OK(client_read(self->c, self->name, 0, again, sizeof(again)));
	EXPECT_EQ(0, memcmp(data, again, sizeof(data)));
	ASSERT_EQ(0, bind_function(self->name, NULL));
	model("fault none");
	give_back(self->name);
	ASSERT_OK(client_card(self->c, self->name, &info));
	EXPECT_EQ(self->info.access, info.access);
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

/* A card whose semaphore another has is served all the same, and its part found out later. */
TEST_F(card, probe_does_not_wait)
{
	struct info info;
	int log = kmsg_open();

	ASSERT_EQ(0, bind_function(self->name, NULL));
	model("fault sem-held=forever");
	ASSERT_EQ(0, bind_function(self->name, "cxflash"));
	EXPECT_EQ(1, kmsg_count(log, "the flash part has not answered yet"));
	ASSERT_OK(client_card(self->c, self->name, &info));
	EXPECT_EQ(0, info.jedec);
	model("fault sem-held=0");
	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	ASSERT_OK(client_card(self->c, self->name, &info));
	EXPECT_EQ(self->info.jedec, info.jedec);
	close(log);
}

TEST_HARNESS_MAIN
