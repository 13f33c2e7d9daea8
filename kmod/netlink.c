// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the netlink family can be asked: its policies and operations. What each operation does, and
 * how it fails, is told in include/uapi/cxflash.yaml.
 *
 * A request never waits for flash: genetlink holds cb_lock while it runs (kernel-driver 3). Changes
 * go to the card's workqueue; flash is read in the reader's own recvmsg().
 */
#include <linux/capability.h>
#include <linux/module.h>
#include <net/net_namespace.h>

#include "netlink.h"

#define NAME_MAX_LEN 31
#define CR_READ_MAX  256

#define LOCKED 1 /* the doit runs with session.lock held */
#define RAWIO  2 /* for who may have the hardware do anything */

/* Not const: before 6.6 the policy's pointer is not. */
static struct netlink_range_validation flash_addr = { .max = FLASH_MAX - 1 };
static struct netlink_range_validation flash_len = { .min = 1, .max = FLASH_MAX };
static struct netlink_range_validation cr_addr = { .max = CR_SPACE - 1 };

#define COOKIE	   NLA_POLICY_MIN(NLA_U32, 1)
#define FLASH_ADDR NLA_POLICY_FULL_RANGE(NLA_U32, &flash_addr)
#define FLASH_LEN  NLA_POLICY_FULL_RANGE(NLA_U32, &flash_len)

/* The policy of a request: what it takes beside the name of its card. */
#define REQUEST(_op, ...)                                                                       \
	static const struct nla_policy _op##_policy[] = {                                       \
		[CXFLASH_A_NAME] = { .type = NLA_NUL_STRING, .len = NAME_MAX_LEN }, __VA_ARGS__ \
	}

/* clang-format off */
REQUEST(name);
REQUEST(unlock, [CXFLASH_A_SESSION] = COOKIE);
REQUEST(flash_read, [CXFLASH_A_ADDR] = FLASH_ADDR, [CXFLASH_A_LEN] = FLASH_LEN);
REQUEST(flash_write, [CXFLASH_A_SESSION] = COOKIE, [CXFLASH_A_ADDR] = FLASH_ADDR,
	[CXFLASH_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, CXFLASH_WRITE_FLAGS_NO_ERASE |
						     CXFLASH_WRITE_FLAGS_DISCARD),
	[CXFLASH_A_DATA] = { .type = NLA_BINARY });
REQUEST(flash_erase, [CXFLASH_A_SESSION] = COOKIE, [CXFLASH_A_ADDR] = FLASH_ADDR,
	[CXFLASH_A_LEN] = FLASH_LEN);
REQUEST(boot_set, [CXFLASH_A_SESSION] = COOKIE, [CXFLASH_A_ADDR] = FLASH_ADDR);
REQUEST(op_get, [CXFLASH_A_COOKIE] = COOKIE);
REQUEST(cr_read, [CXFLASH_A_ADDR] = NLA_POLICY_FULL_RANGE(NLA_U32, &cr_addr),
	[CXFLASH_A_LEN] = NLA_POLICY_RANGE(NLA_U32, 4, CR_READ_MAX),
	[CXFLASH_A_ACCESS] = NLA_POLICY_MAX(NLA_U32, CXFLASH_ACCESS_CONFIG));

/* clang-format on */

/* Every attribute an operation takes has to be there, but flags and the access to read CR by. */
static int netlink_pre_doit(const struct genl_split_ops *op, struct sk_buff *request,
			    struct genl_info *info)
{
	struct cxflash_card *card;
	unsigned int type;

	for (type = 1; type <= op->maxattr; type++)
		if (op->policy[type].type && type != CXFLASH_A_FLAGS && type != CXFLASH_A_ACCESS &&
		    !cxflash_required(info->attrs, type, info->extack))
			return -EINVAL;
	/* New firmware is code with DMA, as raw I/O is; a netlink container must not write it. */
	if (op->internal_flags & RAWIO && !netlink_capable(request, CAP_SYS_RAWIO)) {
		NL_SET_ERR_MSG(info->extack, "This operation needs CAP_SYS_RAWIO");
		return -EPERM;
	}
	if (op->cmd == CXFLASH_CMD_ATTACH)
		return 0;
	card = cxflash_named_card(info->attrs, info->extack);
	if (IS_ERR(card))
		return PTR_ERR(card);
	if (op->internal_flags & LOCKED)
		mutex_lock(&card->session.lock);
	info->user_ptr[0] = card;
	return 0;
}

static void netlink_post_doit(const struct genl_split_ops *op, struct sk_buff *request,
			      struct genl_info *info)
{
	struct cxflash_card *card = info->user_ptr[0];

	if (!card)
		return;
	if (op->internal_flags & LOCKED)
		mutex_unlock(&card->session.lock);
	cxflash_card_put(card);
}

/* clang-format off */
#define OP(_cmd, _attrs, _locked)                                                \
	.cmd = CXFLASH_CMD_##_cmd, .flags = GENL_ADMIN_PERM,                     \
	.policy = _attrs##_policy, .maxattr = ARRAY_SIZE(_attrs##_policy) - 1,   \
	.internal_flags = _locked

static const struct genl_ops netlink_ops[] = {
	{ OP(CARD_GET, name, LOCKED), .doit = cxflash_card_get_doit,
	  .dumpit = cxflash_card_get_dumpit },
	{ OP(ATTACH, name, RAWIO), .doit = cxflash_attach_doit },
	{ OP(DETACH, name, 0), .doit = cxflash_detach_doit },
	{ OP(LOCK, name, LOCKED), .doit = cxflash_lock_doit },
	{ OP(UNLOCK, unlock, LOCKED), .doit = cxflash_unlock_doit },
	{ OP(FLASH_READ, flash_read, 0), .dumpit = cxflash_flash_read_dumpit },
	{ OP(FLASH_WRITE, flash_write, RAWIO), .doit = cxflash_flash_write_doit },
	{ OP(BOOT_SET, boot_set, LOCKED | RAWIO), .doit = cxflash_boot_set_doit },
	{ OP(OP_GET, op_get, LOCKED), .doit = cxflash_op_get_doit },
	{ OP(CR_READ, cr_read, 0), .doit = cxflash_cr_read_doit,
	  .dumpit = cxflash_cr_read_dumpit },
	{ OP(FLASH_ERASE, flash_erase, RAWIO), .doit = cxflash_flash_erase_doit },
	{ OP(SEMAPHORE_GET, name, LOCKED), .doit = cxflash_semaphore_doit },
	{ OP(SEMAPHORE_CLEAR, name, LOCKED | RAWIO), .doit = cxflash_semaphore_doit },
};

/* clang-format on */

/* One mechanism for all kernels: a session falls with its socket. */
static int netlink_socket_event(struct notifier_block *nb, unsigned long event, void *data)
{
	struct netlink_notify *notify = data;

	if (event == NETLINK_URELEASE && notify->protocol == NETLINK_GENERIC &&
	    net_eq(notify->net, &init_net))
		cxflash_card_drop_client(notify->portid);
	return NOTIFY_DONE;
}

static struct notifier_block netlink_socket_notifier = { .notifier_call = netlink_socket_event };

int __init cxflash_netlink_init(void)
{
	int err;

	cxflash_family.pre_doit = netlink_pre_doit;
	cxflash_family.post_doit = netlink_post_doit;
	cxflash_family.ops = netlink_ops;
	cxflash_family.n_ops = ARRAY_SIZE(netlink_ops);
	err = netlink_register_notifier(&netlink_socket_notifier);
	if (err)
		return err;
	err = genl_register_family(&cxflash_family);
	if (err)
		netlink_unregister_notifier(&netlink_socket_notifier);
	else
		cxflash_event_open(true);
	return err;
}

void cxflash_netlink_exit(void)
{
	cxflash_event_open(false);
	genl_unregister_family(&cxflash_family);
	netlink_unregister_notifier(&netlink_socket_notifier);
}

MODULE_ALIAS_GENL_FAMILY(CXFLASH_FAMILY_NAME);
