// SPDX-License-Identifier: GPL-2.0-only
/*
 * What clients are told unasked. The family is here, without what it can be asked (netlink.c), so
 * that every floor can tell.
 */
#include <linux/module.h>
#include <net/net_namespace.h>

#include "card.h"

static const struct genl_multicast_group event_groups[] = {
	{
		.name = CXFLASH_MCGRP_EVENTS,
#ifdef GENL_MCAST_CAP_NET_ADMIN
		.flags = GENL_MCAST_CAP_NET_ADMIN,
#endif
	},
};

static bool event_open; /* the family is registered, and has a group */

/* Not .netnsok: hardware belongs to the initial network namespace. */
struct genl_family cxflash_family __ro_after_init = {
	.name = CXFLASH_FAMILY_NAME,
	.version = CXFLASH_FAMILY_VERSION,
	.maxattr = CXFLASH_A_MAX,
	.module = THIS_MODULE,
	.parallel_ops = true,
	.mcgrps = event_groups,
	.n_mcgrps = ARRAY_SIZE(event_groups),
};

void cxflash_event_open(bool open)
{
	WRITE_ONCE(event_open, open);
}

static int event_fill(struct sk_buff *skb, const struct cxflash_card *card,
		      enum cxflash_event event)
{
	const struct cxflash_op *op = &card->op;

	if (nla_put_string(skb, CXFLASH_A_NAME, pci_name(card->pdev)) ||
	    nla_put_u32(skb, CXFLASH_A_EVENT, event) ||
	    nla_put_u32(skb, CXFLASH_A_BINDING, card->binding))
		return -EMSGSIZE;
	if (card->session.cookie && (nla_put_u32(skb, CXFLASH_A_SESSION, card->session.cookie) ||
				     nla_put_u32(skb, CXFLASH_A_LOCK_OWNER, card->session.owner)))
		return -EMSGSIZE;
	if (event == CXFLASH_EVENT_FLASH_CHANGED &&
	    (nla_put_u32(skb, CXFLASH_A_ADDR, op->course.addr) ||
	     nla_put_u32(skb, CXFLASH_A_LEN, op->course.len) ||
	     nla_put_u32(skb, CXFLASH_A_HOLDS, op->course.holds)))
		return -EMSGSIZE;
	return 0;
}

/* Tell whoever listens. Who misses an event asks for the card. */
void cxflash_event(struct cxflash_card *card, enum cxflash_event event)
{
	struct sk_buff *skb;
	void *hdr;

	lockdep_assert_held(&card->session.lock);
	if (!READ_ONCE(event_open) || !genl_has_listeners(&cxflash_family, &init_net, 0))
		return;
	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL | __GFP_NOWARN);
	if (!skb)
		return;
	hdr = genlmsg_put(skb, 0, 0, &cxflash_family, 0, CXFLASH_CMD_CHANGED);
	if (!hdr || event_fill(skb, card, event)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, hdr);
	genlmsg_multicast(&cxflash_family, skb, 0, 0, GFP_KERNEL);
}

/* The session, if there is one, is over. */
void cxflash_event_session_end(struct cxflash_card *card)
{
	lockdep_assert_held(&card->session.lock);
	if (card->session.cookie)
		cxflash_event(card, CXFLASH_EVENT_SESSION_ENDED);
	card->session.cookie = 0;
}

/* All but the card's name. */
int cxflash_event_fill_op(struct sk_buff *skb, const struct cxflash_op *op)
{
	if (nla_put_u32(skb, CXFLASH_A_COOKIE, op->cookie) ||
	    nla_put_u32(skb, CXFLASH_A_OP_STATE,
			op->running ? CXFLASH_OP_STATE_RUNNING : CXFLASH_OP_STATE_DONE))
		return -EMSGSIZE;
	if (op->running)
		return 0;
	if (nla_put_u32(skb, CXFLASH_A_ERROR, op->error) ||
	    (op->error && nla_put_string(skb, CXFLASH_A_MESSAGE, op->why.text)))
		return -EMSGSIZE;
	if (op->wrote && (nla_put_u32(skb, CXFLASH_A_HOLDS, op->course.holds) ||
			  nla_put_u32(skb, CXFLASH_A_ERASES, op->course.erases) ||
			  nla_put_u32(skb, CXFLASH_A_PROGRAMS, op->course.programs) ||
			  nla_put_u32(skb, CXFLASH_A_ATTEMPTS, op->course.attempts)))
		return -EMSGSIZE;
	return 0;
}

/*
 * Tell the client that his operation has ended. If the message cannot be made, or the socket cannot
 * take it, the client finds out by op-get.
 */
void cxflash_event_op_done(struct cxflash_card *card)
{
	struct sk_buff *skb;
	void *hdr;

	lockdep_assert_held(&card->session.lock);
	skb = card->op.portid ? genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL | __GFP_NOWARN) : NULL;
	if (!skb)
		return;
	hdr = genlmsg_put(skb, 0, 0, &cxflash_family, 0, CXFLASH_CMD_OP_DONE);
	if (!hdr || nla_put_string(skb, CXFLASH_A_NAME, pci_name(card->pdev)) ||
	    cxflash_event_fill_op(skb, &card->op)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, hdr);
	genlmsg_unicast(&init_net, skb, card->op.portid);
}
