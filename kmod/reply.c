// SPDX-License-Identifier: GPL-2.0-only
/*
 * What requests share: the card they name, the refusals, the replies.
 */
#include "netlink.h"

/* The attribute, or NULL. */
struct nlattr *cxflash_required(struct nlattr **attrs, int type, struct netlink_ext_ack *extack)
{
	if (attrs && attrs[type])
		return attrs[type];
	NL_SET_ERR_MSG_FMT(extack, "Attribute %d is missing", type);
	NL_SET_ERR_ATTR_MISS(extack, NULL, type);
	return NULL;
}

/* The card the request names, with a reference, or an error pointer. */
struct cxflash_card *cxflash_named_card(struct nlattr **attrs, struct netlink_ext_ack *extack)
{
	struct nlattr *name = cxflash_required(attrs, CXFLASH_A_NAME, extack);
	struct cxflash_card *card;

	if (!name)
		return ERR_PTR(-EINVAL);
	card = cxflash_card_find(nla_data(name), 0, NULL);
	if (!card) {
		NL_SET_ERR_MSG_ATTR(extack, name, "No such card is served by cxflash");
		return ERR_PTR(-ENODEV);
	}
	return card;
}

/* Whether there is flash to work on. */
int cxflash_part_refused(const struct cxflash_flash *flash, struct netlink_ext_ack *extack)
{
	if (flash->size)
		return 0;
	if (!flash->jedec) {
		NL_SET_ERR_MSG(extack, "The flash part could not be read yet; lock the card first");
		return -EAGAIN;
	}
	NL_SET_ERR_MSG_FMT(extack, "The flash part with JEDEC id 0x%06x is not supported",
			   flash->jedec);
	return -EOPNOTSUPP;
}

int cxflash_range_refused(const struct cxflash_flash *flash, const struct nlattr *addr, u32 len,
			  struct netlink_ext_ack *extack)
{
	if (nla_get_u32(addr) % FLASH_BLOCK) {
		NL_SET_ERR_MSG_ATTR(extack, addr, "The address is not a multiple of 16");
		return -EINVAL;
	}
	if (nla_get_u32(addr) > flash->size || len > flash->size - nla_get_u32(addr)) {
		NL_SET_ERR_MSG_FMT(extack, "The range leaves the part, which has 0x%x bytes",
				   flash->size);
		NL_SET_BAD_ATTR(extack, addr);
		return -ERANGE;
	}
	return 0;
}

/* Whether another client or an operation keeps this client from changing anything. */
int cxflash_busy_refused(const struct cxflash_card *card, struct genl_info *info)
{
	lockdep_assert_held(&card->session.lock);
	if (card->session.cookie && card->session.owner != info->snd_portid) {
		NL_SET_ERR_MSG_FMT(info->extack, "Client %u holds the card's session lock",
				   card->session.owner);
		return -EBUSY;
	}
	if (card->op.running) {
		NL_SET_ERR_MSG(info->extack, "An operation of this card is outstanding");
		return -EBUSY;
	}
	return 0;
}

/* Take hold.lock for the length of a request, which does not wait for it. */
int cxflash_work_refused(struct cxflash_card *card, struct genl_info *info)
{
	if (!cxflash_hold_lock_within(&card->hold, 0, NULL))
		return 0;
	NL_SET_ERR_MSG(info->extack, "The card is being read or reset; try again");
	return -EBUSY;
}

/* A failure that has its reason in @why, about the attribute @attr if that is not NULL. */
int cxflash_refused(struct netlink_ext_ack *extack, const struct nlattr *attr, int err,
		    const struct cxflash_why *why)
{
	if (err && why->text[0]) {
		NL_SET_ERR_MSG_FMT(extack, "%s", why->text);
		NL_SET_BAD_ATTR(extack, attr);
	}
	return err;
}

int cxflash_no_memory(struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG(extack, "Out of memory");
	return -ENOMEM;
}

/* A reply that names the card, or NULL; *@hdr is for genlmsg_end(). */
struct sk_buff *cxflash_reply(struct genl_info *info, const struct cxflash_card *card, void **hdr)
{
	struct sk_buff *skb;

	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb)
		return NULL;
	*hdr = genlmsg_put_reply(skb, info, &cxflash_family, 0, info->genlhdr->cmd);
	if (!*hdr || nla_put_string(skb, CXFLASH_A_NAME, pci_name(card->pdev))) {
		nlmsg_free(skb);
		return NULL;
	}
	return skb;
}

/* Send @skb; if there is none or it could not be filled, free it and say so instead. */
int cxflash_reply_send(struct genl_info *info, struct sk_buff *skb, void *hdr, int err)
{
	if (skb && !err) {
		genlmsg_end(skb, hdr);
		return genlmsg_reply(skb, info);
	}
	nlmsg_free(skb);
	return err && err != -EMSGSIZE ? err : cxflash_no_memory(info->extack);
}

/*
 * Tell the client the cookie of the operation that was claimed for it (and @session, if it has
 * begun one), then start it: in this order its end cannot overtake the reply.
 */
int cxflash_reply_launch(struct cxflash_card *card, struct genl_info *info, u32 session)
{
	struct sk_buff *skb;
	int err = 0;
	void *hdr;

	lockdep_assert_held(&card->session.lock);
	skb = cxflash_reply(info, card, &hdr);
	if (skb && session)
		err = nla_put_u32(skb, CXFLASH_A_SESSION, session);
	if (skb && !err)
		err = nla_put_u32(skb, CXFLASH_A_COOKIE, card->op.cookie);
	err = cxflash_reply_send(info, skb, hdr, err);
	if (err)
		cxflash_op_drop(card);
	else
		cxflash_op_launch(card);
	return err;
}
