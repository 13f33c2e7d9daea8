/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the netlink family share: netlink.c (what can be asked), read.c (requests that
 * only read), session.c (requests that change a card), beside.c, reply.c.
 */
#ifndef CXFLASH_NETLINK_H
#define CXFLASH_NETLINK_H

#include "card.h"
#include "compat.h"

/* reply.c; failures leave their sentence in @extack */
struct nlattr *cxflash_required(struct nlattr **attrs, int type, struct netlink_ext_ack *extack);
struct cxflash_card *cxflash_named_card(struct nlattr **attrs, struct netlink_ext_ack *extack);
int cxflash_part_refused(const struct cxflash_flash *flash, struct netlink_ext_ack *extack);
int cxflash_range_refused(const struct cxflash_flash *flash, const struct nlattr *addr, u32 len,
			  struct netlink_ext_ack *extack);
int cxflash_work_refused(struct cxflash_card *card, struct genl_info *info);
int cxflash_busy_refused(const struct cxflash_card *card, struct genl_info *info);
int cxflash_refused(struct netlink_ext_ack *extack, const struct nlattr *attr, int err,
		    const struct cxflash_why *why);
int cxflash_no_memory(struct netlink_ext_ack *extack);
struct sk_buff *cxflash_reply(struct genl_info *info, const struct cxflash_card *card, void **hdr);
int cxflash_reply_send(struct genl_info *info, struct sk_buff *skb, void *hdr, int err);
int cxflash_reply_launch(struct cxflash_card *card, struct genl_info *info, u32 session);

/* The doits find their card, if the request names a served one, in info->user_ptr[0]. */

/* read.c */
int cxflash_card_get_doit(struct sk_buff *request, struct genl_info *info);
int cxflash_card_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int cxflash_flash_read_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int cxflash_cr_read_doit(struct sk_buff *request, struct genl_info *info);
int cxflash_cr_read_dumpit(struct sk_buff *skb, struct netlink_callback *cb);

/* beside.c */
extern struct notifier_block cxflash_bus_notifier;
int cxflash_attach_doit(struct sk_buff *request, struct genl_info *info);
int cxflash_detach_doit(struct sk_buff *request, struct genl_info *info);

/* session.c */
int cxflash_semaphore_doit(struct sk_buff *request, struct genl_info *info);
int cxflash_lock_doit(struct sk_buff *request, struct genl_info *info);
int cxflash_unlock_doit(struct sk_buff *request, struct genl_info *info);
int cxflash_flash_write_doit(struct sk_buff *request, struct genl_info *info);
int cxflash_flash_erase_doit(struct sk_buff *request, struct genl_info *info);
int cxflash_boot_set_doit(struct sk_buff *request, struct genl_info *info);
int cxflash_op_get_doit(struct sk_buff *request, struct genl_info *info);

/* netlink.c */
int cxflash_netlink_init(void);
void cxflash_netlink_exit(void);

#endif
