// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests that only read: cards, flash, CR space.
 */
#include <linux/capability.h>
#include <linux/netlink.h>
#include <linux/security.h>
#include <net/sock.h>

#include "netlink.h"

#define CR_READ_MS 8
#define DATA_MAX   0xfff0 /* what one attribute carries */

static int fill_part(struct sk_buff *skb, const struct cxflash_card *card)
{
	const struct cxflash_part *part = card->part;

	if (nla_put_u32(skb, CXFLASH_A_JEDEC_ID, card->jedec) ||
	    nla_put_string(skb, CXFLASH_A_PART, part->name) ||
	    nla_put_u32(skb, CXFLASH_A_FLASH_SIZE, card->flash_size) ||
	    nla_put_u32(skb, CXFLASH_A_ERASE_SIZES, part->erase_sizes) ||
	    nla_put_u32(skb, CXFLASH_A_PAGE_SIZE, part->page) ||
	    nla_put_u32(skb, CXFLASH_A_ERASE_4K_MS, part->erase_4k_ms.typ) ||
	    nla_put_u32(skb, CXFLASH_A_ERASE_64K_MS, part->erase_64k_ms.typ) ||
	    nla_put_u32(skb, CXFLASH_A_PROGRAM_US, part->program_us.typ))
		return -EMSGSIZE;
	if (!card->flash_size)
		return 0;
	if (nla_put_u8(skb, CXFLASH_A_STATUS, card->status) ||
	    nla_put_u8(skb, CXFLASH_A_PROTECT_BITS, part->protect) ||
	    (cxflash_nor_protected(card) && nla_put_flag(skb, CXFLASH_A_WRITE_PROTECTED)))
		return -EMSGSIZE;
	return 0;
}

/* All but the name; with card->lock held. */
static int fill_card(struct sk_buff *skb, const struct cxflash_card *card)
{
	if (nla_put_u16(skb, CXFLASH_A_PCI_DEVICE_ID, card->pdev->device) ||
	    nla_put_u16(skb, CXFLASH_A_CHIP_ID, card->chip_id) ||
	    nla_put_u8(skb, CXFLASH_A_CHIP_REV, card->chip_rev) ||
	    nla_put_u32(skb, CXFLASH_A_ACCESS, card->access) ||
	    nla_put_u32(skb, CXFLASH_A_BINDING, card->binding) ||
	    (card->recovery && nla_put_flag(skb, CXFLASH_A_RECOVERY)) || fill_part(skb, card) ||
	    (card->session && nla_put_u32(skb, CXFLASH_A_LOCK_OWNER, card->owner)))
		return -EMSGSIZE;
	return 0;
}

int cxflash_card_get(struct cxflash_card *card, struct genl_info *info)
{
	void *hdr;
	struct sk_buff *skb = cxflash_new_reply(info, card, &hdr);

	return cxflash_send_reply(info, skb, hdr, skb ? fill_card(skb, card) : 0);
}

static int dump_card(struct sk_buff *skb, struct netlink_callback *cb, struct cxflash_card *card)
{
	void *hdr;
	int err;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &cxflash_family,
			  NLM_F_MULTI, CXFLASH_CMD_CARD_GET);
	if (!hdr)
		return -EMSGSIZE;
	mutex_lock(&card->lock);
	err = nla_put_string(skb, CXFLASH_A_NAME, pci_name(card->pdev)) ?: fill_card(skb, card);
	mutex_unlock(&card->lock);
	if (err)
		genlmsg_cancel(skb, hdr);
	else
		genlmsg_end(skb, hdr);
	return err;
}

int cxflash_card_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr **attrs = cxflash_dump_attrs(cb);
	unsigned int *n = (unsigned int *)cb->ctx;
	struct cxflash_card *card;
	int err;

	if (attrs && attrs[CXFLASH_A_NAME]) {
		NL_SET_ERR_MSG(cb->extack,
			       "A dump tells of all cards; ask without NLM_F_DUMP for one");
		return -EINVAL;
	}
	while ((card = cxflash_card_find(NULL, *n))) {
		err = dump_card(skb, cb, card);
		cxflash_card_put(card);
		if (err)
			return skb->len ?: err;
		++*n;
	}
	return skb->len;
}

struct flash_read {
	struct cxflash_card *card; /* NULL until the first message */
	u32 addr;
	u32 end;
};

static struct flash_read *flash_read_ctx(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct flash_read) > sizeof(cb->ctx));
	return (struct flash_read *)cb->ctx;
}

/* Not a .start(): there, older kernels (6.1 is one) give a refusal no sentence. */
static int begin_read(struct netlink_callback *cb, struct flash_read *read)
{
	struct nlattr **attrs = cxflash_dump_attrs(cb);
	struct nlattr *addr = cxflash_required(attrs, CXFLASH_A_ADDR, cb->extack);
	struct nlattr *len = addr ? cxflash_required(attrs, CXFLASH_A_LEN, cb->extack) : NULL;
	struct cxflash_card *card;
	int err;

	if (!len)
		return -EINVAL;
	if (nla_get_u32(len) % FLASH_BLOCK) {
		NL_SET_ERR_MSG_ATTR(cb->extack, len, "The length is not a multiple of 16");
		return -EINVAL;
	}
	card = cxflash_named_card(attrs, cb->extack);
	if (IS_ERR(card))
		return PTR_ERR(card);
	read->card = card; /* cxflash_flash_read_done() puts it */
	read->addr = nla_get_u32(addr);
	read->end = read->addr + nla_get_u32(len);
	mutex_lock(&card->lock);
	err = cxflash_part_refused(card, cb->extack);
	if (!err)
		err = cxflash_range_refused(card, addr, nla_get_u32(len), cb->extack);
	mutex_unlock(&card->lock);
	return err;
}

int cxflash_flash_read_done(struct netlink_callback *cb)
{
	struct flash_read *read = flash_read_ctx(cb);

	if (read->card)
		cxflash_card_put(read->card);
	return 0;
}

/* As much as fits the message, straight into it, under one hold of the semaphore. */
static int put_data(struct sk_buff *skb, struct netlink_callback *cb, struct flash_read *read)
{
	u32 space = min_t(u32, skb_tailroom(skb) - NLA_HDRLEN, DATA_MAX);
	u32 len = round_down(min(space, read->end - read->addr), FLASH_BLOCK);
	struct cxflash_card *card = read->card;
	struct nlattr *data;
	int err;

	data = len ? nla_reserve(skb, CXFLASH_A_DATA, len) : NULL;
	if (!data)
		return -EMSGSIZE;
	if (mutex_lock_killable(&card->hw))
		return -EINTR;
	err = cxflash_sector_read(card, read->addr, nla_data(data), len);
	if (err == -ECONNRESET)
		err = cxflash_sector_read(card, read->addr, nla_data(data), len);
	if (err)
		NL_SET_ERR_MSG_FMT(cb->extack, "%s", card->why);
	else
		read->addr += len;
	cb->seq = card->generation;
	mutex_unlock(&card->hw);
	return err;
}

/* The first message is made while the request is received: it has no data, so nothing waits. */
static int put_range(struct sk_buff *skb, struct netlink_callback *cb, struct flash_read *read)
{
	cb->seq = READ_ONCE(read->card->generation);
	if (nla_put_string(skb, CXFLASH_A_NAME, pci_name(read->card->pdev)) ||
	    nla_put_u32(skb, CXFLASH_A_LEN, read->end - read->addr))
		return -EMSGSIZE;
	return 0;
}

int cxflash_flash_read_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct flash_read *read = flash_read_ctx(cb);
	bool first = !read->card;
	void *hdr;
	int err;

	err = first ? begin_read(cb, read) : 0;
	if (err || read->addr == read->end)
		return err;
	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &cxflash_family,
			  NLM_F_MULTI, CXFLASH_CMD_FLASH_READ);
	if (!hdr || nla_put_u32(skb, CXFLASH_A_ADDR, read->addr))
		return -EMSGSIZE;
	err = first ? put_range(skb, cb, read) : put_data(skb, cb, read);
	if (err) {
		genlmsg_cancel(skb, hdr);
		return err;
	}
	genl_dump_check_consistent(cb, hdr);
	genlmsg_end(skb, hdr);
	return skb->len;
}

/* Words whose reading is known to have no side effect (flash-access 2, 6, 8). */
static bool is_harmless(u32 addr, u32 len)
{
	if (addr == CR_DEVICE_ID || addr == CR_LIVEFISH || addr == CR_LINK_RESET)
		return len == 4;
	return addr >= CR_VERSION && addr + len <= CR_VERSION + 16;
}

static int cr_read_refused(struct sk_buff *request, struct genl_info *info, u32 addr, u32 len)
{
	if (addr % 4 || len % 4) {
		NL_SET_ERR_MSG(info->extack, "Address and length are multiples of 4");
		NL_SET_BAD_ATTR(info->extack,
				info->attrs[addr % 4 ? CXFLASH_A_ADDR : CXFLASH_A_LEN]);
		return -EINVAL;
	}
	if (addr + len > CR_SIZE) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[CXFLASH_A_ADDR],
				    "The range leaves CR space, which has 0x100000 bytes");
		return -ERANGE;
	}
	if (is_harmless(addr, len))
		return 0;
	if (!netlink_capable(request, CAP_SYS_RAWIO)) {
		NL_SET_ERR_MSG(info->extack, "This part of CR space needs CAP_SYS_RAWIO");
		return -EPERM;
	}
	if (security_locked_down(LOCKDOWN_PCI_ACCESS)) {
		NL_SET_ERR_MSG(info->extack, "Kernel lockdown closes this part of CR space");
		return -EPERM;
	}
	return 0;
}

static int read_words(struct cxflash_card *card, u32 addr, __be32 *word, u32 len,
		      struct netlink_ext_ack *extack)
{
	bool gone = true;
	u32 i, val;
	int err;

	err = cxflash_cr_begin(card, CR_READ_MS);
	if (err == -ENODEV)
		NL_SET_ERR_MSG(extack, "The card has left");
	else if (err)
		NL_SET_ERR_MSG(extack, "The card's registers are busy, with a reset for instance");
	if (err)
		return err;
	for (i = 0; i < len / 4; i++) {
		val = cxflash_cr_read(card, addr + 4 * i);
		gone = gone && val == ~0u;
		word[i] = cpu_to_be32(val);
	}
	gone = gone && cxflash_cr_read(card, CR_DEVICE_ID) == ~0u;
	cxflash_cr_end(card);
	if (!gone)
		return 0;
	NL_SET_ERR_MSG(extack, "The card is gone: its device id register reads all ones");
	return -ENODEV;
}

static int cr_read(struct cxflash_card *card, struct genl_info *info)
{
	u32 addr = nla_get_u32(info->attrs[CXFLASH_A_ADDR]);
	u32 len = nla_get_u32(info->attrs[CXFLASH_A_LEN]);
	struct nlattr *data = NULL;
	struct sk_buff *skb;
	void *hdr;
	int err;

	skb = cxflash_new_reply(info, card, &hdr);
	if (skb && !nla_put_u32(skb, CXFLASH_A_ADDR, addr))
		data = nla_reserve(skb, CXFLASH_A_DATA, len);
	err = data ? read_words(card, addr, nla_data(data), len, info->extack) : -EMSGSIZE;
	return cxflash_send_reply(info, skb, hdr, err);
}

int cxflash_cr_read_doit(struct sk_buff *request, struct genl_info *info)
{
	struct nlattr *addr = cxflash_required(info->attrs, CXFLASH_A_ADDR, info->extack);
	struct nlattr *len =
		addr ? cxflash_required(info->attrs, CXFLASH_A_LEN, info->extack) : NULL;
	int err;

	if (!len)
		return -EINVAL;
	err = cr_read_refused(request, info, nla_get_u32(addr), nla_get_u32(len));
	return err ?: cxflash_with_card(info, cr_read);
}
