// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests that change a card: the session lock and the operations under it.
 */
#include <linux/audit.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "netlink.h"

/* The doits are called with session.lock held, but for those of a change. */

static int session_stale(const struct cxflash_card *card, struct genl_info *info)
{
	struct nlattr *session = info->attrs[CXFLASH_A_SESSION];

	if (card->session.owner == info->snd_portid && card->session.cookie == nla_get_u32(session))
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, session,
			    "This is not the current session of this socket");
	return -ESTALE;
}

/* Whether this client may start an operation now. */
static int session_refused(const struct cxflash_card *card, struct genl_info *info)
{
	bool locks = info->genlhdr->cmd == CXFLASH_CMD_LOCK;
	int err;

	lockdep_assert_held(&card->session.lock);
	if (card->session.dead) {
		NL_SET_ERR_MSG(info->extack, "The card has left, or the machine is about to stop");
		return -ENODEV;
	}
	if (!locks && !card->session.cookie) {
		NL_SET_ERR_MSG(info->extack, "The session lock is not held");
		return -ENOLCK;
	}
	err = cxflash_busy_refused(card, info);
	if (err && !locks && card->session.owner == info->snd_portid &&
	    card->op.run == cxflash_op_identify) {
		NL_SET_ERR_MSG(info->extack, "The lock operation has not ended yet");
		return -EAGAIN;
	}
	return err || locks ? err : session_stale(card, info);
}

/* The reply tells how they were found, also by semaphore-clear. */
int cxflash_semaphore_doit(struct sk_buff *request, struct genl_info *info)
{
	bool clear = info->genlhdr->cmd == CXFLASH_CMD_SEMAPHORE_CLEAR;
	u32 state[2] = { CXFLASH_SEMAPHORE_STATE_ABSENT, CXFLASH_SEMAPHORE_STATE_ABSENT };
	struct cxflash_card *card = info->user_ptr[0];
	struct cxflash_why why = { "" };
	struct sk_buff *skb;
	void *hdr;
	int err;

	err = (clear ? cxflash_busy_refused(card, info) : 0) ?: cxflash_work_refused(card, info);
	if (err)
		return err;
	err = cxflash_hold_semaphores(&card->hold, clear, state, &why);
	cxflash_hold_unlock(&card->hold);
	if (err)
		return cxflash_refused(info->extack, NULL, err, &why);
	if (clear)
		dev_warn(&card->pdev->dev, "cxflash: %s[%d] clears the flash semaphore\n",
			 current->comm, task_pid_nr(current));
	skb = cxflash_reply(info, card, &hdr);
	if (skb && (nla_put_u32(skb, CXFLASH_A_SEMAPHORE, state[0]) ||
		    nla_put_u32(skb, CXFLASH_A_SEMAPHORE2, state[1])))
		err = -EMSGSIZE;
	return cxflash_reply_send(info, skb, hdr, err);
}

int cxflash_lock_doit(struct sk_buff *request, struct genl_info *info)
{
	struct cxflash_card *card = info->user_ptr[0];
	int err;

	err = session_refused(card, info);
	if (err)
		return err;
	cxflash_op_claim(card, info->snd_portid, cxflash_op_identify);
	card->session.cookie = card->op.cookie;
	card->session.owner = info->snd_portid;
	card->session.announced = false;
	err = cxflash_reply_launch(card, info, card->session.cookie);
	if (err)
		card->session.cookie = 0;
	return err;
}

int cxflash_unlock_doit(struct sk_buff *request, struct genl_info *info)
{
	struct cxflash_card *card = info->user_ptr[0];
	int err = session_stale(card, info) ?: cxflash_busy_refused(card, info);

	if (!err)
		cxflash_event_session_end(card);
	return err;
}

static size_t session_data_len(struct genl_info *info)
{
	struct nlattr *attr;
	size_t len = 0;
	int rem;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem)
		if (nla_type(attr) == CXFLASH_A_DATA)
			len += nla_len(attr);
	return len;
}

/* The write the request asks for; what it gives no data for becomes blank. */
static struct cxflash_write *session_new_write(struct genl_info *info, size_t len, u32 flags)
{
	struct cxflash_write *w;
	struct nlattr *attr;
	size_t off = 0;
	int rem;

	w = kvzalloc(struct_size(w, want, 3 * len), GFP_KERNEL);
	if (!w)
		return NULL;
	w->old = w->want + len;
	w->cur = w->old + len;
	w->addr = nla_get_u32(info->attrs[CXFLASH_A_ADDR]);
	w->len = len;
	w->no_erase = flags & CXFLASH_WRITE_FLAGS_NO_ERASE;
	w->discard = flags & CXFLASH_WRITE_FLAGS_DISCARD;
	memset(w->want, 0xff, len);
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != CXFLASH_A_DATA)
			continue;
		memcpy(w->want + off, nla_data(attr), nla_len(attr));
		off += nla_len(attr);
	}
	return w;
}

static int session_range_refused(struct cxflash_card *card, struct genl_info *info, size_t len,
				 u32 flags)
{
	struct cxflash_flash flash = cxflash_nor_flash(&card->nor);
	struct nlattr *addr = info->attrs[CXFLASH_A_ADDR];
	u32 sizes = cxflash_part_erase_sizes(flash.part);
	u32 first;
	int err;

	err = cxflash_part_refused(&flash, info->extack);
	if (err)
		return err;
	err = cxflash_range_refused(&flash, addr, len, info->extack);
	if (err)
		return err;
	first = nla_get_u32(addr);
	if (flags & CXFLASH_WRITE_FLAGS_NO_ERASE) {
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

/* A window that cannot be read back tells of no reset: flash is not changed beside an owner. */
static int session_window_refused(const struct cxflash_card *card, struct genl_info *info)
{
	if (!card->hold.shared || !card->cr.window_blind)
		return 0;
	NL_SET_ERR_MSG(info->extack, "This card does not tell of resets; take it over instead");
	return -EOPNOTSUPP;
}

/* Who writes firmware is for the log, and for the audit trail of those who keep one. */
static void session_audit(const struct cxflash_card *card, const struct cxflash_write *w)
{
	struct audit_buffer *ab;

	ab = audit_log_start(audit_context(), GFP_KERNEL, AUDIT_KERNEL_OTHER);
	if (!ab)
		return;
	audit_log_format(ab, "op=cxflash_change card=%s session=%u addr=0x%06x len=%u",
			 pci_name(card->pdev), card->session.cookie, w->addr, w->len);
	audit_log_task_info(ab);
	audit_log_format(ab, " res=1");
	audit_log_end(ab);
}

static void session_announce(struct cxflash_card *card, const struct cxflash_write *w)
{
	if (!card->session.announced) {
		session_audit(card, w);
		dev_notice(&card->pdev->dev,
			   "cxflash: %s[%d] begins to change flash, at 0x%06x..0x%06x\n",
			   current->comm, task_pid_nr(current), w->addr, w->addr + w->len - 1);
	}
	card->session.announced = true;
}

/* Whether a change is refused; if not, it is launched, and has taken *@w. */
static int session_launch(struct cxflash_card *card, struct genl_info *info, u32 flags,
			  struct cxflash_write **w)
{
	int err;

	err = session_refused(card, info) ?:
	      session_range_refused(card, info, (*w)->len, flags) ?:
	      session_window_refused(card, info);
	if (err)
		return err;
	session_announce(card, *w);
	cxflash_op_claim(card, info->snd_portid, cxflash_op_write);
	card->op.write = *w;
	*w = NULL;
	return cxflash_reply_launch(card, info, 0);
}

/* session.lock, which every netlink socket that closes waits for, is not held over much memory. */
static int session_change(struct genl_info *info, struct nlattr *what, size_t len, u32 flags)
{
	struct cxflash_card *card = info->user_ptr[0];
	struct cxflash_write *w;
	int err;

	if (len < FLASH_BLOCK || len > WRITE_MAX || len % FLASH_BLOCK) {
		NL_SET_ERR_MSG_ATTR(info->extack, what,
				    "A change has 16 to 65536 bytes, a multiple of 16");
		return -EINVAL;
	}
	w = session_new_write(info, len, flags);
	if (!w)
		return cxflash_no_memory(info->extack);
	mutex_lock(&card->session.lock);
	err = session_launch(card, info, flags, &w);
	mutex_unlock(&card->session.lock);
	kvfree(w);
	return err;
}

int cxflash_flash_write_doit(struct sk_buff *request, struct genl_info *info)
{
	struct nlattr *flags = info->attrs[CXFLASH_A_FLAGS];

	return session_change(info, info->attrs[CXFLASH_A_DATA], session_data_len(info),
			      flags ? nla_get_u32(flags) : 0);
}

int cxflash_flash_erase_doit(struct sk_buff *request, struct genl_info *info)
{
	struct nlattr *len = info->attrs[CXFLASH_A_LEN];

	return session_change(info, len, nla_get_u32(len), 0);
}

int cxflash_boot_set_doit(struct sk_buff *request, struct genl_info *info)
{
	struct cxflash_card *card = info->user_ptr[0];
	struct cxflash_flash flash = cxflash_nor_flash(&card->nor);
	struct nlattr *addr = info->attrs[CXFLASH_A_ADDR];
	int err;

	err = session_refused(card, info) ?:
	      cxflash_part_refused(&flash, info->extack) ?:
	      cxflash_range_refused(&flash, addr, FLASH_BLOCK, info->extack) ?:
	      session_window_refused(card, info);
	if (err)
		return err;
	if (nla_get_u32(addr) % 0x10000) {
		NL_SET_ERR_MSG_ATTR(info->extack, addr, "The address is not a multiple of 0x10000");
		return -EINVAL;
	}
	card->op.boot_addr = nla_get_u32(addr);
	cxflash_op_claim(card, info->snd_portid, cxflash_op_boot);
	return cxflash_reply_launch(card, info, 0);
}

int cxflash_op_get_doit(struct sk_buff *request, struct genl_info *info)
{
	struct cxflash_card *card = info->user_ptr[0];
	struct nlattr *cookie = info->attrs[CXFLASH_A_COOKIE];
	struct sk_buff *skb;
	void *hdr;

	if (card->op.cookie != nla_get_u32(cookie)) {
		NL_SET_ERR_MSG_ATTR(info->extack, cookie,
				    "This is not the card's newest operation");
		return -ENOENT;
	}
	skb = cxflash_reply(info, card, &hdr);
	return cxflash_reply_send(info, skb, hdr, skb ? cxflash_event_fill_op(skb, &card->op) : 0);
}
