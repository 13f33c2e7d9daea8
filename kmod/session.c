// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests that change a card: the session lock, the operations under it, and their end.
 */
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "netlink.h"

/* Everything below but cxflash_netlink_done() is called with card->lock held. */

static int session_refused(const struct cxflash_card *card, struct genl_info *info)
{
	struct nlattr *session;

	session = cxflash_required(info->attrs, CXFLASH_A_SESSION, info->extack);
	if (!session)
		return -EINVAL;
	if (card->owner == info->snd_portid && card->session == nla_get_u32(session))
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, session,
			    "This is not the current session of this socket");
	return -ESTALE;
}

/* Whether this client may start an operation now. */
static int start_refused(const struct cxflash_card *card, struct genl_info *info)
{
	bool locks = info->genlhdr->cmd == CXFLASH_CMD_LOCK;
	int err;

	if (card->dead) {
		NL_SET_ERR_MSG(info->extack, "The card has left, or the machine is about to stop");
		return -ENODEV;
	}
	if (!locks && !card->session) {
		NL_SET_ERR_MSG(info->extack, "The session lock is not held");
		return -ENOLCK;
	}
	err = cxflash_busy_refused(card, info);
	if (err && !locks && card->owner == info->snd_portid && card->op.run == cxflash_run_lock) {
		NL_SET_ERR_MSG(info->extack, "The lock operation has not ended yet");
		return -EAGAIN;
	}
	if (err || locks)
		return err;
	return session_refused(card, info) ?: cxflash_part_refused(card, info->extack);
}

/*
 * Claim the operation, tell the client its cookie (and @session, if it has begun one), then start
 * it: in this order its end cannot overtake the reply.
 */
static int start(struct cxflash_card *card, struct genl_info *info,
		 int (*run)(struct cxflash_card *card), u32 session)
{
	struct sk_buff *skb;
	int err = 0;
	void *hdr;

	cxflash_op_claim(card, info->snd_portid, run);
	skb = cxflash_new_reply(info, card, &hdr);
	if (skb && session)
		err = nla_put_u32(skb, CXFLASH_A_SESSION, session);
	if (skb && !err)
		err = nla_put_u32(skb, CXFLASH_A_COOKIE, card->op.cookie);
	err = cxflash_send_reply(info, skb, hdr, err);
	if (err)
		cxflash_op_drop(card);
	else
		queue_work(card->wq, &card->op.work);
	return err;
}

int cxflash_lock(struct cxflash_card *card, struct genl_info *info)
{
	int err;

	err = start_refused(card, info);
	if (err)
		return err;
	err = start(card, info, cxflash_run_lock, cxflash_session_start(card, info->snd_portid));
	if (err)
		card->session = 0;
	return err;
}

int cxflash_unlock(struct cxflash_card *card, struct genl_info *info)
{
	int err;

	err = session_refused(card, info) ?: cxflash_busy_refused(card, info);
	if (!err)
		card->session = 0;
	return err;
}

static size_t data_len(struct genl_info *info)
{
	struct nlattr *attr;
	size_t len = 0;
	int rem;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem)
		if (nla_type(attr) == CXFLASH_A_DATA)
			len += nla_len(attr);
	return len;
}

/* The write the request asks for, its data gathered from as many attributes as it takes. */
static struct cxflash_write *new_write(struct genl_info *info, size_t len)
{
	struct nlattr *flags = info->attrs[CXFLASH_A_FLAGS];
	struct cxflash_write *w;
	struct nlattr *attr;
	int rem;

	w = kvzalloc(struct_size(w, want, len), GFP_KERNEL);
	if (!w)
		return NULL;
	w->old = kvmalloc(2 * len, GFP_KERNEL);
	if (!w->old) {
		kvfree(w);
		return NULL;
	}
	w->cur = w->old + len;
	w->addr = nla_get_u32(info->attrs[CXFLASH_A_ADDR]);
	w->no_erase = flags && nla_get_u32(flags) & CXFLASH_WRITE_FLAGS_NO_ERASE;
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != CXFLASH_A_DATA)
			continue;
		memcpy(w->want + w->len, nla_data(attr), nla_len(attr));
		w->len += nla_len(attr);
	}
	return w;
}

static int write_refused(const struct cxflash_card *card, struct genl_info *info, size_t len)
{
	struct nlattr *addr = cxflash_required(info->attrs, CXFLASH_A_ADDR, info->extack);
	struct nlattr *data = cxflash_required(info->attrs, CXFLASH_A_DATA, info->extack);
	struct nlattr *flags = info->attrs[CXFLASH_A_FLAGS];
	u32 sizes = card->part->erase_sizes;
	u32 first;
	int err;

	if (!addr || !data)
		return -EINVAL;
	if (len < FLASH_BLOCK || len > WRITE_MAX || len % FLASH_BLOCK) {
		NL_SET_ERR_MSG_ATTR(info->extack, data,
				    "A write has 16 to 65536 bytes, a multiple of 16");
		return -EINVAL;
	}
	err = cxflash_range_refused(card, addr, len, info->extack);
	if (err)
		return err;
	first = nla_get_u32(addr);
	if (flags && nla_get_u32(flags) & CXFLASH_WRITE_FLAGS_NO_ERASE) {
		if (first / WRITE_MAX == (first + len - 1) / WRITE_MAX)
			return 0;
		NL_SET_ERR_MSG_ATTR(info->extack, addr, "The range leaves its 64 KiB block");
		return -EINVAL;
	}
	if (is_power_of_2(len) && len & sizes && first % len == 0)
		return 0;
	NL_SET_ERR_MSG_FMT(info->extack, "The range is not one erase unit of the part (sizes 0x%x)",
			   sizes);
	NL_SET_BAD_ATTR(info->extack, addr);
	return -EINVAL;
}

static void announce(struct cxflash_card *card, const struct cxflash_write *w)
{
	if (!card->announced)
		dev_notice(&card->pdev->dev,
			   "cxflash: %s[%d] begins to write flash, at 0x%06x..0x%06x\n",
			   current->comm, task_pid_nr(current), w->addr, w->addr + w->len - 1);
	card->announced = true;
}

int cxflash_flash_write(struct cxflash_card *card, struct genl_info *info)
{
	size_t len = data_len(info);
	int err;

	err = start_refused(card, info) ?: write_refused(card, info, len);
	if (err)
		return err;
	card->op.write = new_write(info, len);
	if (!card->op.write)
		return cxflash_no_memory(info->extack);
	announce(card, card->op.write);
	return start(card, info, cxflash_run_write, 0);
}

int cxflash_boot_set(struct cxflash_card *card, struct genl_info *info)
{
	struct nlattr *addr;
	int err;

	addr = cxflash_required(info->attrs, CXFLASH_A_ADDR, info->extack);
	if (!addr)
		return -EINVAL;
	err = start_refused(card, info)
		      ?: cxflash_range_refused(card, addr, FLASH_BLOCK, info->extack);
	if (err)
		return err;
	if (nla_get_u32(addr) % 0x10000) {
		NL_SET_ERR_MSG_ATTR(info->extack, addr, "The address is not a multiple of 0x10000");
		return -EINVAL;
	}
	card->op.boot_addr = nla_get_u32(addr);
	return start(card, info, cxflash_run_boot, 0);
}

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
	if (op->wrote && (nla_put_u32(skb, CXFLASH_A_HOLDS, op->course.holds) ||
			  nla_put_u32(skb, CXFLASH_A_ERASES, op->course.erases) ||
			  nla_put_u32(skb, CXFLASH_A_PROGRAMS, op->course.programs) ||
			  nla_put_u32(skb, CXFLASH_A_ATTEMPTS, op->course.attempts)))
		return -EMSGSIZE;
	return 0;
}

int cxflash_op_get(struct cxflash_card *card, struct genl_info *info)
{
	struct nlattr *cookie;
	struct sk_buff *skb;
	void *hdr;

	cookie = cxflash_required(info->attrs, CXFLASH_A_COOKIE, info->extack);
	if (!cookie)
		return -EINVAL;
	if (card->op.cookie != nla_get_u32(cookie)) {
		NL_SET_ERR_MSG_ATTR(info->extack, cookie,
				    "This is not the card's newest operation");
		return -ENOENT;
	}
	skb = cxflash_new_reply(info, card, &hdr);
	return cxflash_send_reply(info, skb, hdr, skb ? fill_op(skb, &card->op) : 0);
}

/*
 * Tell the client that his operation has ended. If the message cannot be made, or the socket cannot
 * take it, the client finds out by op-get.
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
	hdr = genlmsg_put(skb, 0, 0, &cxflash_family, 0, CXFLASH_CMD_OP_DONE);
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
