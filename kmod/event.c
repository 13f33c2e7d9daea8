// SPDX-License-Identifier: GPL-2.0-only
/*
 * What clients are told unasked. The family is here, without what it can be asked (netlink.c), so
 * that every floor can tell.
 */
#include <linux/module.h>
#include <net/net_namespace.h>

#include "card.h"

/* Not .netnsok: hardware belongs to the initial network namespace. */
struct genl_family cxflash_family __ro_after_init = {
	.name = CXFLASH_FAMILY_NAME,
	.version = CXFLASH_FAMILY_VERSION,
	.maxattr = CXFLASH_A_MAX,
	.module = THIS_MODULE,
	.parallel_ops = true,
};

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
