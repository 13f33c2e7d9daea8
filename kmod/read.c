// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests that only read: cards, flash, CR space.
 */
#include <linux/capability.h>
#include <linux/jiffies.h>
#include <linux/security.h>
#include <net/sock.h>

#include "netlink.h"

#define DATA_MAX 0xfff0 /* what one attribute carries */

static int read_fill_part(struct sk_buff *skb, const struct cxflash_flash *flash)
{
	const struct cxflash_part *part = flash->part;

	if (nla_put_u32(skb, CXFLASH_A_JEDEC_ID, flash->jedec) ||
	    nla_put_string(skb, CXFLASH_A_PART, part->name) ||
	    nla_put_u32(skb, CXFLASH_A_FLASH_SIZE, flash->size) ||
	    nla_put_u32(skb, CXFLASH_A_ERASE_SIZES, cxflash_part_erase_sizes(part)) ||
	    nla_put_u32(skb, CXFLASH_A_PAGE_SIZE, part->page) ||
	    nla_put_u32(skb, CXFLASH_A_ERASE_4K_MS, part->erase_4k_ms.typ) ||
	    nla_put_u32(skb, CXFLASH_A_ERASE_64K_MS, part->erase_64k_ms.typ) ||
	    nla_put_u32(skb, CXFLASH_A_PROGRAM_US, part->program_us.typ))
		return -EMSGSIZE;
	if (!flash->size)
		return 0;
	if (nla_put_u8(skb, CXFLASH_A_STATUS, flash->status) ||
	    nla_put_u8(skb, CXFLASH_A_PROTECT_BITS, part->protect) ||
	    (cxflash_flash_protected(flash) && nla_put_flag(skb, CXFLASH_A_WRITE_PROTECTED)))
		return -EMSGSIZE;
	return 0;
}

/* All but the name. */
static int read_fill_card(struct sk_buff *skb, struct cxflash_card *card)
{
	struct cxflash_flash flash = cxflash_nor_flash(&card->nor);
	const struct cxflash_cr *cr = &card->cr;

	lockdep_assert_held(&card->session.lock);
	if (nla_put_u16(skb, CXFLASH_A_PCI_DEVICE_ID, card->pdev->device) ||
	    nla_put_u16(skb, CXFLASH_A_CHIP_ID, cr->chip_id) ||
	    nla_put_u8(skb, CXFLASH_A_CHIP_REV, cr->chip_rev) ||
	    nla_put_u32(skb, CXFLASH_A_ACCESS, cr->access) ||
	    nla_put_u32(skb, CXFLASH_A_BINDING, card->binding) ||
	    (cr->recovery && nla_put_flag(skb, CXFLASH_A_RECOVERY)) ||
	    read_fill_part(skb, &flash) ||
	    (card->session.cookie && nla_put_u32(skb, CXFLASH_A_LOCK_OWNER, card->session.owner)))
		return -EMSGSIZE;
	return 0;
}

int cxflash_card_get_doit(struct sk_buff *request, struct genl_info *info)
{
	struct cxflash_card *card = info->user_ptr[0];
	void *hdr;
	struct sk_buff *skb = cxflash_reply(info, card, &hdr);

	return cxflash_reply_send(info, skb, hdr, skb ? read_fill_card(skb, card) : 0);
}

/* A message of a dump, which names the card; NULL if there is no room. */
static void *read_dump_begin(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
			     const struct cxflash_card *card)
{
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				&cxflash_family, NLM_F_MULTI, cmd);

	if (!hdr || !nla_put_string(skb, CXFLASH_A_NAME, pci_name(card->pdev)))
		return hdr;
	genlmsg_cancel(skb, hdr);
	return NULL;
}

/* End it, or take it back; the result is one for a dumpit. */
static int read_dump_end(struct sk_buff *skb, void *hdr, int err)
{
	if (!hdr)
		return -EMSGSIZE;
	if (err) {
		genlmsg_cancel(skb, hdr);
		return err;
	}
	genlmsg_end(skb, hdr);
	return skb->len;
}

static int read_dump_card(struct sk_buff *skb, struct netlink_callback *cb,
			  struct cxflash_card *card)
{
	void *hdr = read_dump_begin(skb, cb, CXFLASH_CMD_CARD_GET, card);
	int err = 0;

	if (hdr) {
		genl_dump_check_consistent(cb, hdr);
		mutex_lock(&card->session.lock);
		err = read_fill_card(skb, card);
		mutex_unlock(&card->session.lock);
	}
	return read_dump_end(skb, hdr, err);
}

int cxflash_card_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr **attrs = cxflash_dump_attrs(cb);
	unsigned int *n = (unsigned int *)cb->ctx;
	struct cxflash_card *card;
	int ret = 0;

	if (attrs && attrs[CXFLASH_A_NAME]) {
		NL_SET_ERR_MSG(cb->extack,
			       "A dump tells of all cards; ask without NLM_F_DUMP for one");
		return -EINVAL;
	}
	while ((card = cxflash_card_find(NULL, *n, &cb->seq))) {
		ret = read_dump_card(skb, cb, card);
		cxflash_card_put(card);
		if (ret < 0)
			break;
		++*n;
	}
	return skb->len ?: ret;
}

/*
 * How far a read has come. Netlink is not to wait for a card: after READ_MS the reader gets a
 * message without data, and asks again, until he has waited long enough.
 */
#define READ_MS 100

struct read_state {
	bool begun;
	bool waits;
	u32 done;
	unsigned long since; /* when that began */
};

static int read_flash_refused(struct cxflash_card *card, const struct nlattr *addr,
			      const struct nlattr *len, struct netlink_ext_ack *extack)
{
	struct cxflash_flash flash = cxflash_nor_flash(&card->nor);
	int err;

	if (nla_get_u32(len) % FLASH_BLOCK) {
		NL_SET_ERR_MSG_ATTR(extack, len, "The length is not a multiple of 16");
		return -EINVAL;
	}
	err = cxflash_part_refused(&flash, extack);
	if (err)
		return err;
	return cxflash_range_refused(&flash, addr, nla_get_u32(len), extack);
}

/* Whether a read that has failed so may work the next time. */
static bool read_may_wait(struct read_state *read, int err)
{
	unsigned int ms;

	switch (err) {
	case -EALREADY: /* the operation of another client, which ends */
		return true;
	case -EAGAIN: /* the semaphore, or another's erase */
		ms = 5000;
		break;
	case -EBUSY: /* a reset, and the boot after it */
	case -ECONNRESET:
		ms = WORK_MS;
		break;
	default:
		return false;
	}
	if (!read->waits)
		read->since = jiffies;
	read->waits = true;
	return time_before(jiffies, read->since + msecs_to_jiffies(ms));
}

static int read_some(struct cxflash_card *card, u32 addr, u8 *buf, u32 len, u32 *generation,
		     struct cxflash_why *why)
{
	int err;

	err = cxflash_hold_lock_within(&card->hold, READ_MS, why);
	if (err)
		return err;
	err = cxflash_sector_read(&card->nor, addr, buf, len, why);
	*generation = card->nor.generation;
	cxflash_hold_unlock(&card->hold);
	return err;
}

/* How much of @left fits the message, in whole slices where it can be. */
static u32 read_fits(const struct sk_buff *skb, u32 addr, u32 left)
{
	u32 space = min_t(u32, skb_tailroom(skb) - NLA_HDRLEN, DATA_MAX);
	u32 len = round_down(min(space, left), FLASH_BLOCK);
	u32 whole = round_down(addr + len, FLASH_SLICE);

	return len < left && whole > addr ? whole - addr : len;
}

/* As much as fits the message, straight into it, under one hold of the semaphore. */
static int read_put_flash(struct sk_buff *skb, struct netlink_callback *cb,
			  struct cxflash_card *card, u32 addr, u32 left)
{
	struct read_state *read = (struct read_state *)cb->ctx;
	u32 len = read_fits(skb, addr, left);
	struct cxflash_why why = { "" };
	struct nlattr *data;
	int err;

	data = len ? nla_reserve(skb, CXFLASH_A_DATA, len) : NULL;
	if (!data)
		return -EMSGSIZE;
	err = read_some(card, addr, nla_data(data), len, &cb->seq, &why);
	if (read_may_wait(read, err)) {
		nlmsg_trim(skb, data);
		return 0;
	}
	if (err)
		return cxflash_refused(cb->extack, NULL, err == -EAGAIN ? -ETIMEDOUT : err, &why);
	read->waits = false;
	read->done += len;
	return 0;
}

/*
 * The first message is made while the request is received: it has no data, so nothing waits. The
 * request is looked at here and not in a .start(), where older kernels (6.1 is one) give a refusal
 * no sentence.
 */
static int read_flash(struct sk_buff *skb, struct netlink_callback *cb, struct cxflash_card *card,
		      const struct nlattr *addr, const struct nlattr *len)
{
	struct read_state *read = (struct read_state *)cb->ctx;
	u32 at = nla_get_u32(addr) + read->done, left = nla_get_u32(len) - read->done;
	void *hdr;
	int err;

	err = read->begun ? 0 : read_flash_refused(card, addr, len, cb->extack);
	if (err || !left)
		return err;
	hdr = read_dump_begin(skb, cb, CXFLASH_CMD_FLASH_READ, card);
	cb->seq = READ_ONCE(card->nor.generation);
	err = hdr ? nla_put_u32(skb, CXFLASH_A_ADDR, at) : 0;
	if (hdr && !err)
		err = read->begun ? read_put_flash(skb, cb, card, at, left)
				  : nla_put_u32(skb, CXFLASH_A_LEN, left);
	if (hdr)
		genl_dump_check_consistent(cb, hdr);
	read->begun = true;
	return read_dump_end(skb, hdr, err);
}

int cxflash_flash_read_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr **attrs = cxflash_dump_attrs(cb);
	struct nlattr *addr = cxflash_required(attrs, CXFLASH_A_ADDR, cb->extack);
	struct nlattr *len = addr ? cxflash_required(attrs, CXFLASH_A_LEN, cb->extack) : NULL;
	struct cxflash_card *card;
	int ret;

	if (!len)
		return -EINVAL;
	card = cxflash_named_card(attrs, cb->extack);
	if (IS_ERR(card))
		return PTR_ERR(card);
	ret = read_flash(skb, cb, card, addr, len);
	cxflash_card_put(card);
	return ret;
}

/* Words whose reading is known to have no side effect (flash-access 2, 6, 8). */
static const struct {
	u32 addr;
	u32 len;
} read_harmless[] = {
	{ CR_VERSION, 16 },
	{ CR_LIVEFISH, 4 },
	{ CR_DEVICE_ID, 4 },
	{ CR_LINK_RESET, 4 },
};

static bool read_is_harmless(u32 addr, u32 len)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(read_harmless); i++)
		if (addr >= read_harmless[i].addr &&
		    addr + len <= read_harmless[i].addr + read_harmless[i].len)
			return true;
	return false;
}

static int read_cr_refused(struct sk_buff *request, struct genl_info *info, u32 addr, u32 len)
{
	if (addr % 4 || len % 4) {
		NL_SET_ERR_MSG(info->extack, "Address and length are multiples of 4");
		NL_SET_BAD_ATTR(info->extack,
				info->attrs[addr % 4 ? CXFLASH_A_ADDR : CXFLASH_A_LEN]);
		return -EINVAL;
	}
	if (addr + len > CR_SPACE) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[CXFLASH_A_ADDR],
				    "The range leaves CR space, which has 0x100000 bytes");
		return -ERANGE;
	}
	if (read_is_harmless(addr, len))
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

/* By @way, so that a client can hold what BAR0 says against what the window says. */
static int read_put_cr(struct cxflash_card *card, enum cxflash_access way, u32 addr, __be32 *word,
		       u32 len, struct cxflash_why *why)
{
	struct cxflash_cr *cr = &card->cr;
	bool shared = card->hold.shared;
	bool closed, gone = true;
	u32 i, val;
	int err;

	err = cxflash_cr_begin(cr, way, REQUEST_MS, why);
	if (err)
		return err;
	for (i = 0; i < len / 4; i++) {
		val = cxflash_cr_read(cr, addr + 4 * i);
		gone = gone && val == ~0u;
		word[i] = cpu_to_be32(val);
	}
	closed = way != cr->access && cxflash_cr_is_closed(cxflash_cr_read(cr, CR_DEVICE_ID));
	/* What a reset has torn reads all ones from there on. */
	gone = way == cr->access && cxflash_cr_silent(cr, gone ? ~0u : 0, shared);
	cxflash_cr_end(cr);
	if (closed)
		return cxflash_fail(why, -EOPNOTSUPP, "The configuration window does not answer");
	if (gone && shared)
		return cxflash_fail(why, -EBUSY,
				    "The card answers nothing, as in a reset; try again");
	return gone ? cxflash_hold_gone(why) : 0;
}

static int read_put_range(struct sk_buff *skb, struct cxflash_card *card, enum cxflash_access way,
			  u32 addr, u32 len, struct netlink_ext_ack *extack)
{
	struct cxflash_why why = { "" };
	struct nlattr *data;
	int err;

	if (nla_put_u32(skb, CXFLASH_A_ADDR, addr))
		return -EMSGSIZE;
	data = nla_reserve(skb, CXFLASH_A_DATA, len);
	if (!data)
		return -EMSGSIZE;
	err = read_put_cr(card, way, addr, nla_data(data), len, &why);
	return cxflash_refused(extack, NULL, err, &why);
}

int cxflash_cr_read_doit(struct sk_buff *request, struct genl_info *info)
{
	u32 addr = nla_get_u32(info->attrs[CXFLASH_A_ADDR]);
	u32 len = nla_get_u32(info->attrs[CXFLASH_A_LEN]);
	struct nlattr *access = info->attrs[CXFLASH_A_ACCESS];
	struct cxflash_card *card = info->user_ptr[0];
	enum cxflash_access way = access ? nla_get_u32(access) : card->cr.access;
	struct sk_buff *skb;
	void *hdr;
	int err;

	err = read_cr_refused(request, info, addr, len);
	if (err)
		return err;
	if (way != card->cr.access && way != CXFLASH_ACCESS_CONFIG) {
		NL_SET_ERR_MSG_ATTR(info->extack, access, "BAR0 is not open to cxflash");
		return -EOPNOTSUPP;
	}
	skb = cxflash_reply(info, card, &hdr);
	if (skb)
		err = read_put_range(skb, card, way, addr, len, info->extack);
	return cxflash_reply_send(info, skb, hdr, err);
}

/* All that is harmless, a range in each message. */
int cxflash_cr_read_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr **attrs = cxflash_dump_attrs(cb);
	unsigned int *n = (unsigned int *)cb->ctx;
	struct cxflash_card *card;
	void *hdr;
	int err;

	if (*n == ARRAY_SIZE(read_harmless))
		return 0;
	if (attrs && (attrs[CXFLASH_A_ADDR] || attrs[CXFLASH_A_LEN] || attrs[CXFLASH_A_ACCESS])) {
		NL_SET_ERR_MSG(cb->extack,
			       "A dump tells of all open words; ask without NLM_F_DUMP for some");
		return -EINVAL;
	}
	card = cxflash_named_card(attrs, cb->extack);
	if (IS_ERR(card))
		return PTR_ERR(card);
	hdr = read_dump_begin(skb, cb, CXFLASH_CMD_CR_READ, card);
	err = hdr ? read_put_range(skb, card, card->cr.access, read_harmless[*n].addr,
				   read_harmless[*n].len, cb->extack)
		  : 0;
	cxflash_card_put(card);
	++*n;
	return read_dump_end(skb, hdr, err);
}
