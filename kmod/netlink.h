/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the netlink family share: netlink.c (the family and its policies), read.c
 * (requests that only read), session.c (requests that change a card).
 */
#ifndef CXFLASH_NETLINK_H
#define CXFLASH_NETLINK_H

#include <net/genetlink.h>

#include "compat.h"
#include "cxflash.h"

extern struct genl_family cxflash_family;

/* netlink.c; failures leave their sentence in @extack. */
struct nlattr *cxflash_required(struct nlattr **attrs, int type, struct netlink_ext_ack *extack);
struct cxflash_card *cxflash_named_card(struct nlattr **attrs, struct netlink_ext_ack *extack);
int cxflash_with_card(struct genl_info *info,
		      int (*run)(struct cxflash_card *card, struct genl_info *info));
int cxflash_part_refused(const struct cxflash_card *card, struct netlink_ext_ack *extack);
int cxflash_range_refused(const struct cxflash_card *card, const struct nlattr *addr, u32 len,
			  struct netlink_ext_ack *extack);
int cxflash_busy_refused(const struct cxflash_card *card, struct genl_info *info);
struct sk_buff *cxflash_new_reply(struct genl_info *info, const struct cxflash_card *card,
				  void **hdr);
int cxflash_send_reply(struct genl_info *info, struct sk_buff *skb, void *hdr, int err);
int cxflash_no_memory(struct netlink_ext_ack *extack);

/* read.c; card->lock is held in those that take a card. */
int cxflash_card_get(struct cxflash_card *card, struct genl_info *info);
int cxflash_card_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int cxflash_flash_read_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int cxflash_flash_read_done(struct netlink_callback *cb);
int cxflash_cr_read_doit(struct sk_buff *request, struct genl_info *info);

/* session.c, likewise */
int cxflash_lock(struct cxflash_card *card, struct genl_info *info);
int cxflash_unlock(struct cxflash_card *card, struct genl_info *info);
int cxflash_flash_write(struct cxflash_card *card, struct genl_info *info);
int cxflash_boot_set(struct cxflash_card *card, struct genl_info *info);
int cxflash_op_get(struct cxflash_card *card, struct genl_info *info);

#endif
