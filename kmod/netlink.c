// SPDX-License-Identifier: GPL-2.0-only
/*
 * The netlink family: requests in, replies and the ends of operations out. What each operation
 * does, and how it fails, is told in include/uapi/cxflash.yaml.
 *
 * A request never waits for flash: genetlink holds cb_lock while it runs (kernel-driver 3). Changes
 * go to the card's workqueue; flash is read in the reader's own recvmsg().
 */
#include <linux/capability.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "compat.h"
#include "cxflash.h"

#define NAME_MAX_LEN 31
#define FLASH_MAX    0x1000000 /* three address bytes */
#define CR_READ_MAX  256
#define CR_READ_MS   8
#define DATA_MAX     0xfff0 /* what one attribute carries */

static struct genl_family family;

/* Not const: before 6.6 the policy's pointer is not. */
static struct netlink_range_validation range_flash_addr = {.max = FLASH_MAX - 1};
static struct netlink_range_validation range_flash_len = {.min = 1, .max = FLASH_MAX};
static struct netlink_range_validation range_cr_addr = {.max = CR_SIZE - 1};

#define POLICY_NAME    [CXFLASH_A_NAME] = {.type = NLA_NUL_STRING, .len = NAME_MAX_LEN}
#define POLICY_SESSION [CXFLASH_A_SESSION] = NLA_POLICY_MIN(NLA_U32, 1)
#define POLICY_ADDR    [CXFLASH_A_ADDR] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_flash_addr)

static const struct nla_policy name_policy[] = {POLICY_NAME};
static const struct nla_policy unlock_policy[] = {POLICY_NAME, POLICY_SESSION};
static const struct nla_policy boot_set_policy[] = {POLICY_NAME, POLICY_SESSION, POLICY_ADDR};

static const struct nla_policy flash_read_policy[] = {
	POLICY_NAME,
	POLICY_ADDR,
	[CXFLASH_A_LEN] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_flash_len),
};

static const struct nla_policy flash_write_policy[] = {
	POLICY_NAME,
	POLICY_SESSION,
	POLICY_ADDR,
	[CXFLASH_A_DATA] = {.type = NLA_BINARY},
	[CXFLASH_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, CXFLASH_WRITE_FLAGS_NO_ERASE),
};

static const struct nla_policy op_get_policy[] = {
	POLICY_NAME,
	[CXFLASH_A_COOKIE] = NLA_POLICY_MIN(NLA_U32, 1),
};

static const struct nla_policy cr_read_policy[] = {
	POLICY_NAME,
	[CXFLASH_A_ADDR] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_cr_addr),
	[CXFLASH_A_LEN] = NLA_POLICY_RANGE(NLA_U32, 4, CR_READ_MAX),
};

/* The attribute, or NULL with the refusal in @extack. */
static struct nlattr *required(struct nlattr **attrs, int type, struct netlink_ext_ack *extack)
{
	static const char *const missing[CXFLASH_A_MAX + 1] = {
		[CXFLASH_A_NAME] = "The card's name is missing",
		[CXFLASH_A_SESSION] = "The session is missing",
		[CXFLASH_A_ADDR] = "The address is missing",
		[CXFLASH_A_LEN] = "The length is missing",
		[CXFLASH_A_DATA] = "The data are missing",
		[CXFLASH_A_COOKIE] = "The operation's cookie is missing",
	};

	if (!attrs || !attrs[type]) {
		cxflash_extack(extack, missing[type]);
		NL_SET_ERR_ATTR_MISS(extack, NULL, type);
		return NULL;
	}
	return attrs[type];
}

/* The card the request names, with a reference, or an error pointer. */
static struct cxflash_card *named_card(struct nlattr **attrs, struct netlink_ext_ack *extack)
{
	struct nlattr *name = required(attrs, CXFLASH_A_NAME, extack);
	struct cxflash_card *card;

	if (!name)
		return ERR_PTR(-EINVAL);
	card = cxflash_card_find(nla_data(name));
	if (!card) {
		NL_SET_ERR_MSG_ATTR(extack, name, "No such card is served by cxflash");
		return ERR_PTR(-ENODEV);
	}
	return card;
}

static int left(struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG(extack, "The card has left, or the machine is about to stop");
	return -ENODEV;
}

static int out_of_memory(struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG(extack, "Out of memory");
	return -ENOMEM;
}

/* A reply that names the card; *@hdr is for genlmsg_end(). */
static struct sk_buff *new_reply(struct genl_info *info, u8 cmd, const struct cxflash_card *card,
				 void **hdr)
{
	struct sk_buff *skb;

	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb)
		return NULL;
	*hdr = genlmsg_put_reply(skb, info, &family, 0, cmd);
	if (!*hdr || nla_put_string(skb, CXFLASH_A_NAME, pci_name(card->pdev))) {
		nlmsg_free(skb);
		return NULL;
	}
	return skb;
}

/* card-get */

static int fill_flash(struct sk_buff *skb, const struct cxflash_card *card)
{
	return nla_put_u32(skb, CXFLASH_A_JEDEC_ID, card->jedec) ||
	       nla_put_string(skb, CXFLASH_A_PART, cxflash_part_name(card->part)) ||
	       nla_put_u32(skb, CXFLASH_A_FLASH_SIZE, card->flash_size) ||
	       nla_put_u32(skb, CXFLASH_A_ERASE_SIZES, cxflash_part_erase_sizes(card->part)) ||
	       nla_put_u32(skb, CXFLASH_A_PAGE_SIZE, cxflash_part_page(card->part)) ||
	       (card->session && nla_put_u32(skb, CXFLASH_A_LOCK_OWNER, card->owner));
}

static int fill_card(struct sk_buff *skb, struct cxflash_card *card)
{
	int err;

	if (nla_put_u16(skb, CXFLASH_A_PCI_DEVICE_ID, card->pdev->device) ||
	    nla_put_u16(skb, CXFLASH_A_CHIP_ID, card->chip_id) ||
	    nla_put_u8(skb, CXFLASH_A_CHIP_REV, card->chip_rev) ||
	    nla_put_u32(skb, CXFLASH_A_ACCESS, card->access) ||
	    nla_put_u32(skb, CXFLASH_A_BINDING, card->binding) ||
	    (card->recovery && nla_put_flag(skb, CXFLASH_A_RECOVERY)))
		return -EMSGSIZE;
	mutex_lock(&card->lock);
	err = fill_flash(skb, card) ? -EMSGSIZE : 0;
	mutex_unlock(&card->lock);
	return err;
}

static int card_get_doit(struct sk_buff *request, struct genl_info *info)
{
	struct cxflash_card *card = named_card(info->attrs, info->extack);
	struct sk_buff *skb;
	void *hdr;
	int err;

	if (IS_ERR(card))
		return PTR_ERR(card);
	skb = new_reply(info, CXFLASH_CMD_CARD_GET, card, &hdr);
	if (!skb || fill_card(skb, card)) {
		nlmsg_free(skb);
		err = out_of_memory(info->extack);
	} else {
		genlmsg_end(skb, hdr);
		err = genlmsg_reply(skb, info);
	}
	cxflash_card_put(card);
	return err;
}

static int card_get_start(struct netlink_callback *cb)
{
	struct nlattr **attrs = cxflash_dump_attrs(cb);

	if (attrs && attrs[CXFLASH_A_NAME]) {
		NL_SET_ERR_MSG_ATTR(cb->extack, attrs[CXFLASH_A_NAME],
				    "A dump tells of all cards; ask without NLM_F_DUMP for one");
		return -EINVAL;
	}
	return 0;
}

static int card_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	unsigned int *n = (unsigned int *)cb->ctx;
	struct cxflash_card *card;
	void *hdr;
	int err;

	while ((card = cxflash_card_nth(*n))) {
		hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &family,
				  NLM_F_MULTI, CXFLASH_CMD_CARD_GET);
		err = !hdr || nla_put_string(skb, CXFLASH_A_NAME, pci_name(card->pdev)) ||
		      fill_card(skb, card);
		cxflash_card_put(card);
		if (err) {
			genlmsg_cancel(skb, hdr);
			return skb->len ?: -EMSGSIZE;
		}
		genlmsg_end(skb, hdr);
		++*n;
	}
	return skb->len;
}

/* attach, detach */

static int attach_doit(struct sk_buff *request, struct genl_info *info)
{
	struct nlattr *name = required(info->attrs, CXFLASH_A_NAME, info->extack);
	const char *why;
	int err;

	if (!name)
		return -EINVAL;
	err = cxflash_attach(nla_data(name), &why);
	if (err) {
		cxflash_extack(info->extack, why);
		NL_SET_BAD_ATTR(info->extack, name);
	}
	return err;
}

static int detach_refused(struct cxflash_card *card, struct genl_info *info)
{
	if (card->binding != CXFLASH_BINDING_BESIDE) {
		NL_SET_ERR_MSG(info->extack, "The card is bound to cxflash; unbind it instead");
		return -EOPNOTSUPP;
	}
	if (card->session && card->owner != info->snd_portid) {
		NL_SET_ERR_MSG_FMT(info->extack, "Client %u holds the card's session lock",
				   card->owner);
		return -EBUSY;
	}
	if (card->op.running) {
		NL_SET_ERR_MSG(info->extack, "An operation of this card is outstanding");
		return -EBUSY;
	}
	return 0;
}

static int detach_doit(struct sk_buff *request, struct genl_info *info)
{
	struct cxflash_card *card = named_card(info->attrs, info->extack);
	int err;

	if (IS_ERR(card))
		return PTR_ERR(card);
	mutex_lock(&card->lock);
	err = detach_refused(card, info);
	if (!err)
		card->dead = true;
	mutex_unlock(&card->lock);
	if (!err)
		cxflash_card_end_beside(card->pdev);
	cxflash_card_put(card);
	return err;
}

/* Asynchronous operations */

/* Whether this client may start an operation now; with card->lock held. */
static int start_refused(struct cxflash_card *card, struct genl_info *info)
{
	if (card->dead)
		return left(info->extack);
	if (card->session && card->owner != info->snd_portid) {
		NL_SET_ERR_MSG_FMT(info->extack, "Client %u holds the card's session lock",
				   card->owner);
		return -EBUSY;
	}
	if (card->op.running && card->op.run == cxflash_run_lock &&
	    info->genlhdr->cmd != CXFLASH_CMD_LOCK) {
		NL_SET_ERR_MSG(info->extack, "The lock operation has not ended yet");
		return -EAGAIN;
	}
	if (card->op.running) {
		NL_SET_ERR_MSG(info->extack, "An operation of this card is outstanding");
		return -EBUSY;
	}
	return 0;
}

/* Whether the request names this client's session; with card->lock held. */
static int session_refused(struct cxflash_card *card, struct genl_info *info)
{
	struct nlattr *session = info->attrs[CXFLASH_A_SESSION];

	if (!card->session) {
		NL_SET_ERR_MSG_ATTR(info->extack, session, "The session lock is not held");
		return -ENOLCK;
	}
	if (card->owner != info->snd_portid || card->session != nla_get_u32(session)) {
		NL_SET_ERR_MSG_ATTR(info->extack, session,
				    "This is not the current session of this socket");
		return -ESTALE;
	}
	return 0;
}

static int part_refused(struct cxflash_card *card, struct netlink_ext_ack *extack)
{
	if (card->part)
		return 0;
	if (card->jedec)
		NL_SET_ERR_MSG_FMT(extack, "The flash part with JEDEC id 0x%06x is not supported",
				   card->jedec);
	else
		NL_SET_ERR_MSG(extack, "The flash part is not known yet; lock the card to read it");
	return card->jedec ? -EOPNOTSUPP : -EAGAIN;
}

/*
 * Claim the operation, tell the client its cookie, then start it: in this order its end cannot
 * overtake the reply. With card->lock held. @session is told if it is not 0.
 */
static int start(struct cxflash_card *card, struct genl_info *info,
		 int (*run)(struct cxflash_card *card), u32 session)
{
	struct sk_buff *skb;
	void *hdr;
	int err;

	cxflash_op_claim(card, info->snd_portid, run);
	skb = new_reply(info, info->genlhdr->cmd, card, &hdr);
	if (!skb || nla_put_u32(skb, CXFLASH_A_COOKIE, card->op.cookie) ||
	    (session && nla_put_u32(skb, CXFLASH_A_SESSION, session))) {
		nlmsg_free(skb);
		err = out_of_memory(info->extack);
	} else {
		genlmsg_end(skb, hdr);
		err = genlmsg_reply(skb, info);
		if (err)
			NL_SET_ERR_MSG(info->extack, "The reply does not fit the socket's buffer");
	}
	if (err)
		cxflash_op_drop(card);
	else
		cxflash_op_start(card);
	return err;
}

static int lock_doit(struct sk_buff *request, struct genl_info *info)
{
	struct cxflash_card *card = named_card(info->attrs, info->extack);
	int err;

	if (IS_ERR(card))
		return PTR_ERR(card);
	mutex_lock(&card->lock);
	err = start_refused(card, info);
	if (!err) {
		err = start(card, info, cxflash_run_lock,
			    cxflash_session_start(card, info->snd_portid));
		if (err)
			card->session = 0;
	}
	mutex_unlock(&card->lock);
	cxflash_card_put(card);
	return err;
}

static int unlock_doit(struct sk_buff *request, struct genl_info *info)
{
	struct cxflash_card *card;
	int err;

	if (!required(info->attrs, CXFLASH_A_SESSION, info->extack))
		return -EINVAL;
	card = named_card(info->attrs, info->extack);
	if (IS_ERR(card))
		return PTR_ERR(card);
	mutex_lock(&card->lock);
	err = session_refused(card, info);
	if (err == -ENOLCK)
		err = -ESTALE;
	if (!err && card->op.running) {
		NL_SET_ERR_MSG(info->extack, "An operation of this session is outstanding");
		err = -EBUSY;
	}
	if (!err)
		card->session = 0;
	mutex_unlock(&card->lock);
	cxflash_card_put(card);
	return err;
}

/* The payload of a write, from as many attributes as it takes. */
static struct cxflash_write *gather_write(struct genl_info *info, int *err)
{
	struct nlattr *flags = info->attrs[CXFLASH_A_FLAGS];
	struct cxflash_write *w;
	struct nlattr *attr;
	size_t len = 0;
	int rem;

	nlmsg_for_each_attr (attr, info->nlhdr, GENL_HDRLEN, rem)
		if (nla_type(attr) == CXFLASH_A_DATA)
			len += nla_len(attr);
	if (len < FLASH_BLOCK || len > WRITE_MAX || len % FLASH_BLOCK) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[CXFLASH_A_DATA],
				    "A write has 16 to 65536 bytes, a multiple of 16");
		*err = -EINVAL;
		return NULL;
	}
	w = kvzalloc(struct_size(w, want, len), GFP_KERNEL);
	if (w)
		w->old = kvmalloc(2 * len, GFP_KERNEL);
	if (!w || !w->old) {
		kvfree(w);
		*err = out_of_memory(info->extack);
		return NULL;
	}
	w->cur = w->old + len;
	w->addr = nla_get_u32(info->attrs[CXFLASH_A_ADDR]);
	w->no_erase = flags && nla_get_u32(flags) & CXFLASH_WRITE_FLAGS_NO_ERASE;
	nlmsg_for_each_attr (attr, info->nlhdr, GENL_HDRLEN, rem)
		if (nla_type(attr) == CXFLASH_A_DATA) {
			memcpy(w->want + w->len, nla_data(attr), nla_len(attr));
			w->len += nla_len(attr);
		}
	return w;
}

static int range_refused(struct cxflash_card *card, struct nlattr *addr, u32 len,
			 struct netlink_ext_ack *extack)
{
	if (nla_get_u32(addr) % FLASH_BLOCK) {
		NL_SET_ERR_MSG_ATTR(extack, addr, "The address is not a multiple of 16");
		return -EINVAL;
	}
	if (nla_get_u32(addr) > card->flash_size || len > card->flash_size - nla_get_u32(addr)) {
		NL_SET_ERR_MSG_FMT(extack, "The range leaves the part, which has 0x%x bytes",
				   card->flash_size);
		NL_SET_BAD_ATTR(extack, addr);
		return -ERANGE;
	}
	return 0;
}

static int write_refused(struct cxflash_card *card, const struct cxflash_write *w,
			 struct genl_info *info)
{
	struct nlattr *addr = info->attrs[CXFLASH_A_ADDR];
	u32 sizes = cxflash_part_erase_sizes(card->part);
	int err;

	err = range_refused(card, addr, w->len, info->extack);
	if (err)
		return err;
	if (w->no_erase && w->addr / WRITE_MAX != (w->addr + w->len - 1) / WRITE_MAX) {
		NL_SET_ERR_MSG_ATTR(info->extack, addr, "The range leaves its 64 KiB block");
		return -EINVAL;
	}
	if (!w->no_erase && (!is_power_of_2(w->len) || !(w->len & sizes) || w->addr % w->len)) {
		NL_SET_ERR_MSG_FMT(info->extack,
				   "The range is not one erase unit of the part (sizes 0x%x)",
				   sizes);
		NL_SET_BAD_ATTR(info->extack, addr);
		return -EINVAL;
	}
	return 0;
}

static void announce_write(struct cxflash_card *card, const struct cxflash_write *w)
{
	if (!card->announced)
		dev_notice(&card->pdev->dev,
			   "cxflash: %s[%d] begins to write flash, at 0x%06x..0x%06x\n",
			   current->comm, task_pid_nr(current), w->addr, w->addr + w->len - 1);
	card->announced = true;
}

/* Consumes @w. */
static int write_locked(struct cxflash_card *card, struct cxflash_write *w, struct genl_info *info)
{
	int err;

	err = start_refused(card, info) ?: session_refused(card, info);
	if (!err)
		err = part_refused(card, info->extack);
	if (!err)
		err = write_refused(card, w, info);
	if (err) {
		kvfree(w->old);
		kvfree(w);
		return err;
	}
	announce_write(card, w);
	card->op.write = w;
	return start(card, info, cxflash_run_write, 0);
}

static int flash_write_doit(struct sk_buff *request, struct genl_info *info)
{
	struct cxflash_write *w;
	struct cxflash_card *card;
	int err;

	if (!required(info->attrs, CXFLASH_A_SESSION, info->extack) ||
	    !required(info->attrs, CXFLASH_A_ADDR, info->extack) ||
	    !required(info->attrs, CXFLASH_A_DATA, info->extack))
		return -EINVAL;
	card = named_card(info->attrs, info->extack);
	if (IS_ERR(card))
		return PTR_ERR(card);
	w = gather_write(info, &err);
	if (w) {
		mutex_lock(&card->lock);
		err = write_locked(card, w, info);
		mutex_unlock(&card->lock);
	}
	cxflash_card_put(card);
	return err;
}

static int boot_set_locked(struct cxflash_card *card, struct genl_info *info)
{
	struct nlattr *addr = info->attrs[CXFLASH_A_ADDR];
	int err;

	err = start_refused(card, info) ?: session_refused(card, info);
	if (!err)
		err = part_refused(card, info->extack);
	if (!err)
		err = range_refused(card, addr, FLASH_BLOCK, info->extack);
	if (!err && nla_get_u32(addr) % 0x10000) {
		NL_SET_ERR_MSG_ATTR(info->extack, addr, "The address is not a multiple of 0x10000");
		err = -EINVAL;
	}
	if (err)
		return err;
	card->op.boot_addr = nla_get_u32(addr);
	return start(card, info, cxflash_run_boot, 0);
}

static int boot_set_doit(struct sk_buff *request, struct genl_info *info)
{
	struct cxflash_card *card;
	int err;

	if (!required(info->attrs, CXFLASH_A_SESSION, info->extack) ||
	    !required(info->attrs, CXFLASH_A_ADDR, info->extack))
		return -EINVAL;
	card = named_card(info->attrs, info->extack);
	if (IS_ERR(card))
		return PTR_ERR(card);
	mutex_lock(&card->lock);
	err = boot_set_locked(card, info);
	mutex_unlock(&card->lock);
	cxflash_card_put(card);
	return err;
}

/* op-get, op-done; with card->lock held. */
static int fill_op(struct sk_buff *skb, const struct cxflash_op *op)
{
	if (nla_put_u32(skb, CXFLASH_A_COOKIE, op->cookie) ||
	    nla_put_u32(skb, CXFLASH_A_OP_STATE,
			op->running ? CXFLASH_OP_STATE_RUNNING : CXFLASH_OP_STATE_DONE))
		return -EMSGSIZE;
	if (op->running)
		return 0;
	if (nla_put_u32(skb, CXFLASH_A_ERROR, op->error) ||
	    (op->error && nla_put_string(skb, CXFLASH_A_MESSAGE, op->message)))
		return -EMSGSIZE;
	if (op->wrote && (nla_put_u32(skb, CXFLASH_A_HOLDS, op->holds) ||
			  nla_put_u32(skb, CXFLASH_A_ERASES, op->erases) ||
			  nla_put_u32(skb, CXFLASH_A_PROGRAMS, op->programs) ||
			  nla_put_u32(skb, CXFLASH_A_ATTEMPTS, op->attempts)))
		return -EMSGSIZE;
	return 0;
}

static int op_get_locked(struct cxflash_card *card, struct genl_info *info)
{
	struct nlattr *cookie = info->attrs[CXFLASH_A_COOKIE];
	struct sk_buff *skb;
	void *hdr;

	if (card->op.cookie != nla_get_u32(cookie)) {
		NL_SET_ERR_MSG_ATTR(info->extack, cookie,
				    "This is not the card's newest operation");
		return -ENOENT;
	}
	skb = new_reply(info, CXFLASH_CMD_OP_GET, card, &hdr);
	if (!skb || fill_op(skb, &card->op)) {
		nlmsg_free(skb);
		return out_of_memory(info->extack);
	}
	genlmsg_end(skb, hdr);
	return genlmsg_reply(skb, info);
}

static int op_get_doit(struct sk_buff *request, struct genl_info *info)
{
	struct cxflash_card *card;
	int err;

	if (!required(info->attrs, CXFLASH_A_COOKIE, info->extack))
		return -EINVAL;
	card = named_card(info->attrs, info->extack);
	if (IS_ERR(card))
		return PTR_ERR(card);
	mutex_lock(&card->lock);
	err = op_get_locked(card, info);
	mutex_unlock(&card->lock);
	cxflash_card_put(card);
	return err;
}

/*
 * Tell the client that his operation has ended. A client that cannot take the message asks with
 * op-get.
 */
void cxflash_netlink_done(struct cxflash_card *card)
{
	struct sk_buff *skb;
	u32 portid;
	void *hdr;
	int err;

	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb)
		return;
	hdr = genlmsg_put(skb, 0, 0, &family, 0, CXFLASH_CMD_OP_DONE);
	mutex_lock(&card->lock);
	portid = card->op.portid;
	err = !hdr || nla_put_string(skb, CXFLASH_A_NAME, pci_name(card->pdev)) ||
	      fill_op(skb, &card->op);
	mutex_unlock(&card->lock);
	if (err || !portid) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, hdr);
	genlmsg_unicast(&init_net, skb, portid);
}

/* flash-read */

struct flash_read {
	struct cxflash_card *card;
	u32 addr;
	u32 end;
	bool begun;
};

static struct flash_read *flash_read_ctx(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct flash_read) > sizeof(cb->ctx));
	return (struct flash_read *)cb->ctx;
}

static int flash_read_start(struct netlink_callback *cb)
{
	struct nlattr **attrs = cxflash_dump_attrs(cb);
	struct flash_read *read = flash_read_ctx(cb);
	struct nlattr *addr = required(attrs, CXFLASH_A_ADDR, cb->extack);
	struct nlattr *len = addr ? required(attrs, CXFLASH_A_LEN, cb->extack) : NULL;
	struct cxflash_card *card;
	int err;

	if (!len)
		return -EINVAL;
	if (nla_get_u32(len) % FLASH_BLOCK) {
		NL_SET_ERR_MSG_ATTR(cb->extack, len, "The length is not a multiple of 16");
		return -EINVAL;
	}
	card = named_card(attrs, cb->extack);
	if (IS_ERR(card))
		return PTR_ERR(card);
	mutex_lock(&card->lock);
	err = part_refused(card, cb->extack);
	if (!err)
		err = range_refused(card, addr, nla_get_u32(len), cb->extack);
	mutex_unlock(&card->lock);
	if (err) {
		cxflash_card_put(card);
		return err;
	}
	read->card = card;
	read->addr = nla_get_u32(addr);
	read->end = read->addr + nla_get_u32(len);
	return 0;
}

static int flash_read_done(struct netlink_callback *cb)
{
	cxflash_card_put(flash_read_ctx(cb)->card);
	return 0;
}

/* The next message's data, straight into it; with card->hw held. */
static int flash_read_some(struct cxflash_card *card, u32 addr, struct nlattr *data,
			   struct netlink_callback *cb)
{
	int err;

	err = cxflash_sector_read(card, addr, nla_data(data), nla_len(data));
	if (err == -ECONNRESET)
		err = cxflash_sector_read(card, addr, nla_data(data), nla_len(data));
	if (err)
		NL_SET_ERR_MSG_FMT(cb->extack, "%s", card->why);
	cb->seq = card->generation;
	return err;
}

/* The first message is made while the request is received: it carries no data, so nothing waits. */
static int flash_read_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct flash_read *read = flash_read_ctx(cb);
	struct nlattr *data = NULL;
	int space, err = 0;
	void *hdr;

	if (read->begun && read->addr == read->end)
		return 0;
	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &family, NLM_F_MULTI,
			  CXFLASH_CMD_FLASH_READ);
	if (!hdr || nla_put_u32(skb, CXFLASH_A_ADDR, read->addr))
		return -EMSGSIZE;
	if (!read->begun) {
		cb->seq = READ_ONCE(read->card->generation);
		if (nla_put_string(skb, CXFLASH_A_NAME, pci_name(read->card->pdev)) ||
		    nla_put_u32(skb, CXFLASH_A_LEN, read->end - read->addr))
			return -EMSGSIZE;
	} else {
		space = min3(skb_tailroom(skb) - NLA_HDRLEN, DATA_MAX,
			     (int)(read->end - read->addr));
		data = space < FLASH_BLOCK
			       ? NULL
			       : nla_reserve(skb, CXFLASH_A_DATA, round_down(space, FLASH_BLOCK));
		if (!data)
			return -EMSGSIZE;
		if (mutex_lock_killable(&read->card->hw))
			return -EINTR;
		err = flash_read_some(read->card, read->addr, data, cb);
		mutex_unlock(&read->card->hw);
	}
	if (err) {
		genlmsg_cancel(skb, hdr);
		return err;
	}
	genl_dump_check_consistent(cb, hdr);
	genlmsg_end(skb, hdr);
	if (data)
		read->addr += nla_len(data);
	read->begun = true;
	return skb->len;
}

/* cr-read */

/* Words whose reading has no side effect (flash-access 2, 6, 8). */
static bool is_harmless(u32 addr, u32 len)
{
	return (addr == CR_DEVICE_ID && len == 4) || (addr == CR_LIVEFISH && len == 4) ||
	       (addr == CR_LINK_RESET && len == 4) ||
	       (addr >= CR_VERSION && addr + len <= CR_VERSION + 16);
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
		NL_SET_ERR_MSG(info->extack,
			       "CR space outside of the harmless words takes CAP_SYS_RAWIO");
		return -EPERM;
	}
	if (security_locked_down(LOCKDOWN_PCI_ACCESS)) {
		NL_SET_ERR_MSG(info->extack,
			       "Kernel lockdown closes CR space outside of the harmless words");
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
		return left(extack);
	if (err) {
		NL_SET_ERR_MSG(extack, "The card's registers are busy, with a reset for instance");
		return -EBUSY;
	}
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

static int cr_read_card(struct cxflash_card *card, struct genl_info *info, u32 addr, u32 len)
{
	struct nlattr *data;
	struct sk_buff *skb;
	void *hdr;
	int err;

	skb = new_reply(info, CXFLASH_CMD_CR_READ, card, &hdr);
	data = skb && !nla_put_u32(skb, CXFLASH_A_ADDR, addr)
		       ? nla_reserve(skb, CXFLASH_A_DATA, len)
		       : NULL;
	err = data ? read_words(card, addr, nla_data(data), len, info->extack)
		   : out_of_memory(info->extack);
	if (err) {
		nlmsg_free(skb);
		return err;
	}
	genlmsg_end(skb, hdr);
	return genlmsg_reply(skb, info);
}

static int cr_read_doit(struct sk_buff *request, struct genl_info *info)
{
	struct nlattr *addr = required(info->attrs, CXFLASH_A_ADDR, info->extack);
	struct nlattr *len = addr ? required(info->attrs, CXFLASH_A_LEN, info->extack) : NULL;
	struct cxflash_card *card;
	int err;

	if (!len)
		return -EINVAL;
	err = cr_read_refused(request, info, nla_get_u32(addr), nla_get_u32(len));
	if (err)
		return err;
	card = named_card(info->attrs, info->extack);
	if (IS_ERR(card))
		return PTR_ERR(card);
	err = cr_read_card(card, info, nla_get_u32(addr), nla_get_u32(len));
	cxflash_card_put(card);
	return err;
}

#define OP(_cmd, _policy)                                             \
	.cmd = (_cmd), .flags = GENL_ADMIN_PERM, .policy = (_policy), \
	.maxattr = ARRAY_SIZE(_policy) - 1

static const struct genl_ops ops[] = {
	{OP(CXFLASH_CMD_CARD_GET, name_policy), .doit = card_get_doit, .start = card_get_start,
	 .dumpit = card_get_dumpit},
	{OP(CXFLASH_CMD_ATTACH, name_policy), .doit = attach_doit},
	{OP(CXFLASH_CMD_DETACH, name_policy), .doit = detach_doit},
	{OP(CXFLASH_CMD_LOCK, name_policy), .doit = lock_doit},
	{OP(CXFLASH_CMD_UNLOCK, unlock_policy), .doit = unlock_doit},
	{OP(CXFLASH_CMD_FLASH_READ, flash_read_policy), .start = flash_read_start,
	 .dumpit = flash_read_dumpit, .done = flash_read_done},
	{OP(CXFLASH_CMD_FLASH_WRITE, flash_write_policy), .doit = flash_write_doit},
	{OP(CXFLASH_CMD_BOOT_SET, boot_set_policy), .doit = boot_set_doit},
	{OP(CXFLASH_CMD_OP_GET, op_get_policy), .doit = op_get_doit},
	{OP(CXFLASH_CMD_CR_READ, cr_read_policy), .doit = cr_read_doit},
};

/* One mechanism for all kernels: a session falls with its socket. */
static int socket_event(struct notifier_block *nb, unsigned long event, void *data)
{
	struct netlink_notify *notify = data;

	if (event == NETLINK_URELEASE && notify->protocol == NETLINK_GENERIC &&
	    net_eq(notify->net, &init_net))
		cxflash_cards_drop_client(notify->portid);
	return NOTIFY_DONE;
}

static struct notifier_block socket_notifier = {.notifier_call = socket_event};

/* Not .netnsok: hardware belongs to the initial network namespace. */
static struct genl_family family __ro_after_init = {
	.name = CXFLASH_FAMILY_NAME,
	.version = CXFLASH_FAMILY_VERSION,
	.maxattr = CXFLASH_A_MAX,
	.module = THIS_MODULE,
	.parallel_ops = true,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
};

int __init cxflash_netlink_init(void)
{
	int err;

	err = netlink_register_notifier(&socket_notifier);
	if (err)
		return err;
	err = genl_register_family(&family);
	if (err)
		netlink_unregister_notifier(&socket_notifier);
	return err;
}

void cxflash_netlink_exit(void)
{
	genl_unregister_family(&family);
	netlink_unregister_notifier(&socket_notifier);
}

MODULE_ALIAS_GENL_FAMILY(CXFLASH_FAMILY_NAME);
