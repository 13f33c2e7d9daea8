// SPDX-License-Identifier: GPL-2.0-only
/* The family as include/uapi/cxflash.yaml has it: policies, rights, refusals of malformed requests.
 */
#define _GNU_SOURCE
#include "card.h"

#include <linux/genetlink.h>
#include <sched.h>
#include <sys/wait.h>

/* What an operation takes: attribute, netlink type, smallest and largest value or length. */
struct rule {
	uint8_t cmd;
	uint8_t attr;
	uint8_t type;
	uint64_t min, max;
};

#include "policy.h"

#define NRULES (sizeof(rules) / sizeof(rules[0]))

/* What the kernel says: which policy an operation has, and what is in each policy. */
struct dump {
	int policy[CXFLASH_CMD_MAX + 1]; /* -1: none */
	unsigned int entries;
	struct {
		int policy;
		struct rule rule;
	} entry[64];
};

static void take_entry(struct dump *d, int policy, const struct nlattr *attr)
{
	struct rule r = {.attr = mnl_attr_get_type(attr)};
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, attr) {
		switch (mnl_attr_get_type(a)) {
		case NL_POLICY_TYPE_ATTR_TYPE:
			r.type = mnl_attr_get_u32(a);
			break;
		case NL_POLICY_TYPE_ATTR_MIN_VALUE_U:
			r.min = mnl_attr_get_u64(a);
			break;
		case NL_POLICY_TYPE_ATTR_MAX_VALUE_U:
		case NL_POLICY_TYPE_ATTR_MASK:
			r.max = mnl_attr_get_u64(a);
			break;
		case NL_POLICY_TYPE_ATTR_MAX_LENGTH:
			r.max = mnl_attr_get_u32(a);
			break;
		}
	}
	if (r.type != NL_ATTR_TYPE_INVALID && d->entries < 64) {
		d->entry[d->entries].policy = policy;
		d->entry[d->entries++].rule = r;
	}
}

static int take_policy(const struct nlmsghdr *h, void *ctx)
{
	const struct nlattr *a, *b, *p;
	struct dump *d = ctx;

	mnl_attr_for_each(a, h, GENL_HDRLEN) {
		if (mnl_attr_get_type(a) == CTRL_ATTR_OP_POLICY)
			mnl_attr_for_each_nested(b, a)
				mnl_attr_for_each_nested(p, b)
					if (mnl_attr_get_type(b) <= CXFLASH_CMD_MAX)
						d->policy[mnl_attr_get_type(b)] =
							mnl_attr_get_u32(p);
		if (mnl_attr_get_type(a) == CTRL_ATTR_POLICY)
			mnl_attr_for_each_nested(b, a)
				mnl_attr_for_each_nested(p, b)
					take_entry(d, mnl_attr_get_type(b), p);
	}
	return 0;
}

static bool has_rule(const struct dump *d, const struct rule *r)
{
	for (unsigned int i = 0; i < d->entries; i++) {
		const struct rule *e = &d->entry[i].rule;

		if (d->entry[i].policy == d->policy[r->cmd] && e->attr == r->attr &&
		    e->type == r->type && (!r->max || (e->min == r->min && e->max == r->max)))
			return true;
	}
	return false;
}

static int take_operations(const struct nlmsghdr *h, void *ctx)
{
	const struct nlattr *a, *b, *p;
	uint32_t *flags = ctx, id, bits;

	mnl_attr_for_each(a, h, GENL_HDRLEN) {
		if (mnl_attr_get_type(a) != CTRL_ATTR_OPS)
			continue;
		mnl_attr_for_each_nested(b, a) {
			id = 0;
			bits = 0;
			mnl_attr_for_each_nested(p, b) {
				if (mnl_attr_get_type(p) == CTRL_ATTR_OP_ID)
					id = mnl_attr_get_u32(p);
				if (mnl_attr_get_type(p) == CTRL_ATTR_OP_FLAGS)
					bits = mnl_attr_get_u32(p);
			}
			if (id <= CXFLASH_CMD_MAX)
				flags[id] = bits;
		}
	}
	return 0;
}

/* Which operations there are, what they can, and that all of them want an administrator. */
TEST_F(card, operations)
{
	uint32_t flags[CXFLASH_CMD_MAX + 1] = {0};
	struct nlmsghdr *h = client_begin(self->c, CTRL_CMD_GETFAMILY, 0, NULL);

	h->nlmsg_type = GENL_ID_CTRL;
	mnl_attr_put_strz(h, CTRL_ATTR_FAMILY_NAME, CXFLASH_FAMILY_NAME);
	ASSERT_OK(client_talk(self->c, h, take_operations, flags));
	for (int cmd = 0; cmd <= CXFLASH_CMD_MAX; cmd++) {
		EXPECT_EQ(operations[cmd], flags[cmd])
		TH_LOG("operation %d", cmd);
	}
}

/* One rule for each attribute an operation takes, and none besides. */
TEST_F(card, policies)
{
	static struct dump d;
	struct nlmsghdr *h = client_begin(self->c, CTRL_CMD_GETPOLICY, NLM_F_DUMP, NULL);
	unsigned int wanted, found;

	memset(d.policy, -1, sizeof(d.policy));
	h->nlmsg_type = GENL_ID_CTRL;
	mnl_attr_put_u16(h, CTRL_ATTR_FAMILY_ID, self->c->family);
	ASSERT_OK(client_talk(self->c, h, take_policy, &d));

	for (unsigned int i = 0; i < NRULES; i++) {
		EXPECT_TRUE(has_rule(&d, &rules[i]))
		TH_LOG("operation %u, attribute %u", rules[i].cmd, rules[i].attr);
	}
	for (int cmd = 1; cmd <= CXFLASH_CMD_MAX; cmd++) {
		wanted = 0;
		found = 0;
		for (unsigned int i = 0; i < NRULES; i++)
			wanted += rules[i].cmd == cmd;
		for (unsigned int i = 0; d.policy[cmd] >= 0 && i < d.entries; i++)
			found += d.entry[i].policy == d.policy[cmd];
		EXPECT_EQ(wanted, found) TH_LOG("operation %d", cmd);
	}
}

TEST_F(card, card_get)
{
	struct info i, all[8];
	unsigned int n;

	ASSERT_OK(client_card(self->c, self->name, &i));
	EXPECT_STREQ(self->name, i.name);
	EXPECT_TRUE(i.chip == 0x190 || i.chip == 0x1f5 || i.chip == 0x1f7);
	EXPECT_NE(0, i.jedec);
	EXPECT_STRNE("unknown", i.part);
	EXPECT_GE(i.size, 0x80000);
	EXPECT_TRUE(i.erase_sizes == 0x1000 || i.erase_sizes == 0x10000 ||
		    i.erase_sizes == 0x11000);
	EXPECT_TRUE(i.page == 256 || i.page == 1);
	EXPECT_EQ(!(i.erase_sizes & 0x1000), !i.erase_4k_ms);
	EXPECT_EQ(!(i.erase_sizes & 0x10000), !i.erase_64k_ms);
	EXPECT_NE(0, i.program_us);
	EXPECT_NE(0, i.protect_bits);
	EXPECT_FALSE(i.write_protected);
	EXPECT_EQ(0, i.owner);
	ASSERT_OK(client_cards(self->c, all, 8, &n));
	ASSERT_EQ(1, n);
	EXPECT_EQ(0, memcmp(&all[0], &i, sizeof(i)));
	/* Nobody touches the hardware to tell of it. */
	EXPECT_EQ(0, model_stat("cr_accesses"));
}

static int ask(struct client *c, uint8_t cmd, uint16_t flags, const char *name)
{
	return client_talk(c, client_begin(c, cmd, flags, name), NULL, NULL);
}

TEST_F(card, missing_attributes)
{
	static const struct {
		uint8_t cmd;
		uint16_t flags;
		uint8_t attr;
	} cases[] = {
		{CXFLASH_CMD_UNLOCK, 0, CXFLASH_A_SESSION},
		{CXFLASH_CMD_FLASH_WRITE, 0, CXFLASH_A_SESSION},
		{CXFLASH_CMD_FLASH_ERASE, 0, CXFLASH_A_SESSION},
		{CXFLASH_CMD_FLASH_READ, NLM_F_DUMP, CXFLASH_A_ADDR},
		{CXFLASH_CMD_OP_GET, 0, CXFLASH_A_COOKIE},
		{CXFLASH_CMD_CR_READ, 0, CXFLASH_A_ADDR},
		{CXFLASH_CMD_BOOT_SET, 0, CXFLASH_A_SESSION},
	};
	uint8_t cmd;

	for (cmd = CXFLASH_CMD_CARD_GET; cmd <= CXFLASH_CMD_LOCK; cmd++) {
		EXPECT_REFUSED(EINVAL, ask(self->c, cmd, 0, NULL));
		EXPECT_EQ(CXFLASH_A_NAME, self->c->missing);
	}
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		EXPECT_REFUSED(EINVAL, ask(self->c, cases[i].cmd, cases[i].flags, self->name));
		/* The end of a dump did not always name it. */
		if (!cases[i].flags) {
			EXPECT_EQ(cases[i].attr, self->c->missing)
			TH_LOG("operation %u", cases[i].cmd);
		}
	}
}

TEST_F(card, malformed)
{
	struct info info;
	struct nlmsghdr *h;

	EXPECT_REFUSED(ENODEV, client_card(self->c, "0000:ff:1f.7", &info));
	EXPECT_EQ(CXFLASH_A_NAME, self->c->bad_attr);
	EXPECT_REFUSED(ENODEV, client_card(self->c, "", &info));
	EXPECT_REFUSED(EINVAL,
		       client_card(self->c, "0123456789012345678901234567890123456789", &info));
	EXPECT_REFUSED(EINVAL, ask(self->c, CXFLASH_CMD_CARD_GET, NLM_F_DUMP, self->name));

	h = client_begin(self->c, CXFLASH_CMD_CARD_GET, 0, self->name);
	mnl_attr_put_u32(h, CXFLASH_A_ADDR, 0); /* not of this operation */
	EXPECT_REFUSED(EINVAL, client_talk(self->c, h, NULL, NULL));
	h = client_begin(self->c, CXFLASH_CMD_CARD_GET, 0, self->name);
	mnl_attr_put_u32(h, CXFLASH_A_MAX + 1, 0);
	EXPECT_REFUSED(EINVAL, client_talk(self->c, h, NULL, NULL));
	h = client_begin(self->c, CXFLASH_CMD_OP_GET, 0, self->name);
	mnl_attr_put_u16(h, CXFLASH_A_COOKIE, 1); /* too short */
	EXPECT_REFUSED(EINVAL, client_talk(self->c, h, NULL, NULL));
	h = client_begin(self->c, CXFLASH_CMD_OP_GET, 0, self->name);
	mnl_attr_put_u32(h, CXFLASH_A_COOKIE, 0);
	EXPECT_REFUSED(ERANGE, client_talk(self->c, h, NULL, NULL));
	EXPECT_EQ(-EOPNOTSUPP, ask(self->c, CXFLASH_CMD_OP_DONE, 0, self->name));
	EXPECT_EQ(-EOPNOTSUPP, ask(self->c, CXFLASH_CMD_MAX + 1, 0, self->name));
}

/* Run @fn in a process of its own; its exit status. */
static int aside(int (*fn)(const char *name), const char *name)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid)
		_exit(fn(name));
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static struct client aside_client;

static int as_nobody(const char *name)
{
	struct info info;
	unsigned int n;
	uint32_t word;

	if (setgid(65534) || setuid(65534) || client_open(&aside_client))
		return 254;
	if (client_card(&aside_client, name, &info) != -EPERM)
		return 1;
	if (client_cards(&aside_client, &info, 1, &n) != -EPERM)
		return 2;
	if (client_cr(&aside_client, name, 0xf0014, &word, 1) != -EPERM)
		return 3;
	if (client_read(&aside_client, name, 0, &info, 16) != -EPERM)
		return 4;
	return 0;
}

static int in_other_net(const char *name)
{
	(void)name;
	if (unshare(CLONE_NEWNET))
		return 254;
	return client_open(&aside_client) == -ENOENT ? 0 : 1;
}

/* Root there, with every capability, in the network namespace where the family is. */
static int in_other_user(const char *name)
{
	struct info info;
	unsigned int n;

	if (client_open(&aside_client) || unshare(CLONE_NEWUSER))
		return 254;
	if (client_cards(&aside_client, &info, 1, &n) != -EPERM)
		return 1;
	return client_read(&aside_client, name, 0, &info, 16) == -EPERM ? 0 : 2;
}

TEST_F(card, rights)
{
	EXPECT_EQ(0, aside(as_nobody, self->name));
	EXPECT_EQ(0, aside(in_other_net, self->name));
	EXPECT_EQ(0, aside(in_other_user, self->name));
	EXPECT_EQ(0, model_stat("cr_accesses"));
}

TEST_HARNESS_MAIN
