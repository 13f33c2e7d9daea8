// SPDX-License-Identifier: GPL-2.0-only
/* Requests to the kernel module and their answers, by libnl-3. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

#include "clock.h"
#include "link.h"

#define RECV_SIZE     65536 /* the kernel makes dump messages as large as the reader allows */
#define ASK_AGAIN_MS  2000  /* then op-get asks whether the event was lost */
#define LOST_MS	      1000  /* the rest of an answer is there at once, or never */
#define MAX_LOST      64
#define OPERATION_SEC 180 /* far above what a sector with all its retries takes */
#define DUMP_TRIES    16

static struct nla_policy policy[CXFLASH_A_MAX + 1] = {
	[CXFLASH_A_NAME] = {.type = NLA_NUL_STRING, .maxlen = 31},
	[CXFLASH_A_PCI_DEVICE_ID] = {.type = NLA_U16},
	[CXFLASH_A_CHIP_ID] = {.type = NLA_U16},
	[CXFLASH_A_CHIP_REV] = {.type = NLA_U8},
	[CXFLASH_A_ACCESS] = {.type = NLA_U32},
	[CXFLASH_A_BINDING] = {.type = NLA_U32},
	[CXFLASH_A_RECOVERY] = {.type = NLA_FLAG},
	[CXFLASH_A_JEDEC_ID] = {.type = NLA_U32},
	[CXFLASH_A_PART] = {.type = NLA_NUL_STRING},
	[CXFLASH_A_FLASH_SIZE] = {.type = NLA_U32},
	[CXFLASH_A_ERASE_SIZES] = {.type = NLA_U32},
	[CXFLASH_A_PAGE_SIZE] = {.type = NLA_U32},
	[CXFLASH_A_LOCK_OWNER] = {.type = NLA_U32},
	[CXFLASH_A_SESSION] = {.type = NLA_U32},
	[CXFLASH_A_ADDR] = {.type = NLA_U32},
	[CXFLASH_A_LEN] = {.type = NLA_U32},
	[CXFLASH_A_COOKIE] = {.type = NLA_U32},
	[CXFLASH_A_OP_STATE] = {.type = NLA_U32},
	[CXFLASH_A_ERROR] = {.type = NLA_U32},
	[CXFLASH_A_MESSAGE] = {.type = NLA_NUL_STRING},
	[CXFLASH_A_HOLDS] = {.type = NLA_U32},
	[CXFLASH_A_ERASES] = {.type = NLA_U32},
	[CXFLASH_A_PROGRAMS] = {.type = NLA_U32},
	[CXFLASH_A_ATTEMPTS] = {.type = NLA_U32},
	[CXFLASH_A_ERASE_4K_MS] = {.type = NLA_U32},
	[CXFLASH_A_ERASE_64K_MS] = {.type = NLA_U32},
	[CXFLASH_A_PROGRAM_US] = {.type = NLA_U32},
	[CXFLASH_A_STATUS] = {.type = NLA_U8},
	[CXFLASH_A_PROTECT_BITS] = {.type = NLA_U8},
	[CXFLASH_A_WRITE_PROTECTED] = {.type = NLA_FLAG},
	[CXFLASH_A_SEMAPHORE] = {.type = NLA_U32},
	[CXFLASH_A_SEMAPHORE2] = {.type = NLA_U32},
	[CXFLASH_A_EVENT] = {.type = NLA_U32},
};

uint32_t link_u32(struct nlattr **tb, int attr)
{
	return tb[attr] ? nla_get_u32(tb[attr]) : 0;
}

void link_text(struct nlattr **tb, int attr, char *buf, size_t size)
{
	snprintf(buf, size, "%s", tb[attr] ? nla_get_string(tb[attr]) : "");
}

/* ---- errors ---- */

static enum cx_status status_of(int error)
{
	switch (error) {
	case ENODEV:
		return CX_NOT_FOUND;
	case EBUSY:
	case ETIMEDOUT: /* a semaphore, the gateway or the part stayed busy */
		return CX_BUSY;
	case EPERM:
	case EACCES:
	case EROFS:
	case EOPNOTSUPP:
	case ENOTCONN:
		return CX_REFUSED;
	case EEXIST:
		return CX_NOTHING;
	default:
		return CX_FAILED;
	}
}

/*
 * What a number means that comes without a sentence. Generic netlink itself says ENOENT of a family
 * that has gone, and EPROTONOSUPPORT of one that is going.
 */
static int refuse_mutely(int error, struct cx_err *err)
{
	switch (error) {
	case ENOENT:
	case EPROTONOSUPPORT:
		return cx_fail(err, CX_NOT_FOUND,
			       "the kernel module has been removed: run modprobe cxflash");
	case ENODEV:
		return cx_fail(err, CX_NOT_FOUND, "cxflash serves no such card (any more)");
	case EPERM:
		return cx_fail(err, CX_REFUSED, "this is not permitted");
	case EOPNOTSUPP:
	case EINVAL:
		return cx_fail(err, CX_REFUSED,
			       "the kernel module does not know this request: tool and module "
			       "differ in version; load the module that belongs to this tool");
	case ENOMEM:
	case ENOBUFS:
		return cx_fail(err, CX_FAILED, "the kernel has no memory for this; try again");
	case EBUSY:
		return cx_fail(err, CX_BUSY, "the card is busy; try again");
	}
	return cx_fail(err, status_of(error),
		       "the kernel refuses, and says no more than errno %d (%s); the kernel log "
		       "(dmesg) may say why",
		       error, strerror(error));
}

static int refuse(struct link *l, int error, const char *why, struct cx_err *err)
{
	l->error = error;
	if (why && *why)
		cx_fail(err, status_of(error), "%s", why);
	else
		refuse_mutely(error, err);
	if (error == EPERM && geteuid())
		cx_fail_after(err, "; run as root");
	return -1;
}

/* The sentence the kernel sends along with an errno; it begins @skip bytes into the payload. */
static const char *extack(struct nlmsghdr *h, int skip)
{
	struct nlattr *attr;

	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	attr = nlmsg_find_attr(h, skip, NLMSGERR_ATTR_MSG);
	if (!attr || nla_len(attr) < 1 || ((char *)nla_data(attr))[nla_len(attr) - 1])
		return NULL;
	return nla_get_string(attr);
}

/* Did the kernel say no? An acknowledgement is no error. */
static int take_error(struct link *l, struct nlmsghdr *h, struct cx_err *err)
{
	const struct nlmsgerr *e = nlmsg_data(h);
	int skip = sizeof(*e);

	if (nlmsg_datalen(h) < (int)sizeof(*e))
		return cx_fail(err, CX_FAILED, "the kernel's answer is cut short");
	if (!e->error)
		return 0;
	if (!(h->nlmsg_flags & NLM_F_CAPPED))
		skip += e->msg.nlmsg_len - NLMSG_HDRLEN;
	return refuse(l, -e->error, extack(h, skip), err);
}

static int take_done(struct link *l, struct nlmsghdr *h, struct cx_err *err)
{
	int error = 0;

	if (nlmsg_datalen(h) >= (int)sizeof(error))
		memcpy(&error, nlmsg_data(h), sizeof(error));
	return error < 0 ? refuse(l, -error, extack(h, sizeof(error)), err) : 0;
}

/* ---- messages ---- */

static enum cx_holds holds_of(struct nlattr **tb)
{
	if (!tb[CXFLASH_A_HOLDS])
		return CX_HOLDS_UNKNOWN;
	switch (nla_get_u32(tb[CXFLASH_A_HOLDS])) {
	case CXFLASH_HOLDS_OLD:
		return CX_HOLDS_OLD;
	case CXFLASH_HOLDS_NEW:
		return CX_HOLDS_NEW;
	default:
		return CX_HOLDS_UNKNOWN;
	}
}

static void take_op(struct nlattr **tb, struct link_op *op)
{
	*op = (struct link_op){
		.cookie = link_u32(tb, CXFLASH_A_COOKIE),
		.done = link_u32(tb, CXFLASH_A_OP_STATE) == CXFLASH_OP_STATE_DONE,
		.error = link_u32(tb, CXFLASH_A_ERROR),
		.holds = holds_of(tb),
		.erases = link_u32(tb, CXFLASH_A_ERASES),
		.programs = link_u32(tb, CXFLASH_A_PROGRAMS),
		.attempts = link_u32(tb, CXFLASH_A_ATTEMPTS),
	};
	link_text(tb, CXFLASH_A_MESSAGE, op->message, sizeof(op->message));
}

/* The answer that is being waited for. */
struct answer {
	uint32_t seq;
	link_answer_fn fn;
	void *ctx;
	bool end;
	unsigned int lost; /* how often the socket was full: messages are missing */
	int ret;	   /* -1: *err says why; the rest of the answer is still taken in */
};

static void take_message(struct link *l, struct nlmsghdr *h, struct answer *a, struct cx_err *err)
{
	struct nlattr *tb[CXFLASH_A_MAX + 1];
	bool ours = h->nlmsg_seq == a->seq;

	if (h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE) {
		a->end |= ours;
		if (ours && !a->ret)
			a->ret = h->nlmsg_type == NLMSG_ERROR ? take_error(l, h, err)
							      : take_done(l, h, err);
		return;
	}
	if (h->nlmsg_type != l->family || a->ret)
		return;
	if (!genlmsg_valid_hdr(h, 0) || genlmsg_parse(h, 0, tb, CXFLASH_A_MAX, policy)) {
		a->ret = cx_fail(err, CX_FAILED,
				 "the module's answer cannot be read: tool and module differ in "
				 "version");
	} else if (genlmsg_hdr(h)->cmd == CXFLASH_CMD_OP_DONE) {
		take_op(tb, &l->event);
	} else if (ours) {
		l->interrupted |= h->nlmsg_flags & NLM_F_DUMP_INTR;
		if (a->fn)
			a->ret = a->fn(tb, h, a->ctx, err);
	}
}

/* Receive once. -1: nothing was received; what the messages say goes to *a. */
static int receive(struct link *l, struct answer *a, struct cx_err *err)
{
	struct sockaddr_nl from = {0};
	unsigned char *buf = NULL;
	int len = nl_recv(l->sk, &from, &buf, NULL);

	/* libnl's word for ENOBUFS too; memory that stays out is no overflow. */
	if (len == -NLE_NOMEM && a->lost++ < MAX_LOST)
		return 0;
	if (len <= 0)
		return cx_fail(err, CX_FAILED, "the kernel's answer cannot be received: %s",
			       len ? nl_geterror(len) : "the socket is closed");
	if (!from.nl_pid) /* the kernel, and nobody else */
		for (struct nlmsghdr *h = (void *)buf; !a->end && nlmsg_ok(h, len);
		     h = nlmsg_next(h, &len))
			take_message(l, h, a, err);
	free(buf);
	return 0;
}

static bool readable(struct link *l, int ms)
{
	struct pollfd p = {.fd = nl_socket_get_fd(l->sk), .events = POLLIN};

	return poll(&p, 1, ms) > 0;
}

int link_talk(struct link *l, struct nl_msg *msg, link_answer_fn fn, void *ctx, struct cx_err *err)
{
	struct answer a = {.fn = fn, .ctx = ctx};
	int ret = nl_send_auto(l->sk, msg);

	a.seq = nlmsg_hdr(msg)->nlmsg_seq;
	nlmsg_free(msg);
	l->error = 0;
	l->interrupted = false;
	if (ret < 0)
		return cx_fail(err, CX_FAILED, "a request cannot be sent to the kernel: %s",
			       nl_geterror(ret));
	while (!a.end) {
		/* The end itself may be among what was lost. */
		if (a.lost && !readable(l, LOST_MS))
			return cx_fail(err, CX_FAILED, "the kernel's answer was lost");
		if (receive(l, &a, err))
			return -1;
	}
	l->interrupted |= a.lost > 0;
	return a.ret;
}

int link_dump(struct link *l, link_dump_fn begin, link_answer_fn fn, void *ctx, struct cx_err *err)
{
	for (unsigned int n = 0; n < DUMP_TRIES; n++) {
		struct nl_msg *msg = begin(l, ctx, err);
		int ret = msg ? link_talk(l, msg, fn, ctx, err) : -1;

		if (!msg || !l->interrupted)
			return ret;
	}
	return cx_fail(err, CX_BUSY,
		       "what is read changes all the time, or does not come whole; "
		       "try again");
}

int link_listen(struct link *l, const char *group, link_answer_fn fn, void *ctx, struct cx_err *err)
{
	struct answer a = {.fn = fn, .ctx = ctx};
	int ret = genl_ctrl_resolve_grp(l->sk, CXFLASH_FAMILY_NAME, group);

	if (ret >= 0)
		ret = nl_socket_add_membership(l->sk, ret);
	if (ret == -NLE_PERM)
		return refuse(l, EPERM, "the kernel lets nobody else listen", err);
	if (ret < 0)
		return cx_fail(err, CX_FAILED, "the module has no group %s: %s", group,
			       nl_geterror(ret));
	while (!a.ret) {
		if (receive(l, &a, err))
			return -1;
		if (a.lost)
			a.ret = fn(NULL, NULL, ctx, err);
		a.lost = 0;
	}
	return a.ret;
}

struct nl_msg *link_request(struct link *l, uint8_t cmd, int flags, const char *name,
			    size_t payload, struct cx_err *err)
{
	struct nl_msg *msg = nlmsg_alloc_size(NLMSG_HDRLEN + GENL_HDRLEN + 512 + payload);

	if (msg &&
	    genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, l->family, 0, flags, cmd,
			CXFLASH_FAMILY_VERSION) &&
	    (!name || !nla_put_string(msg, CXFLASH_A_NAME, name)))
		return msg;
	nlmsg_free(msg);
	cx_fail(err, CX_FAILED, "out of memory");
	return NULL;
}

int link_open(struct link *l, struct cx_err *err)
{
	int one = 1;
	int ret;

	*l = (struct link){.sk = nl_socket_alloc()};
	if (!l->sk)
		return cx_fail(err, CX_FAILED, "out of memory");
	/* A 64 KiB sector goes in one message; nl_connect()'s own choice is too small for it. */
	ret = genl_connect(l->sk);
	if (!ret)
		ret = nl_socket_set_buffer_size(l->sk, 1 << 20, 1 << 18);
	if (!ret)
		ret = nl_socket_set_msg_buf_size(l->sk, RECV_SIZE);
	if (!ret) {
		nl_socket_disable_msg_peek(l->sk);
		l->family = genl_ctrl_resolve(l->sk, CXFLASH_FAMILY_NAME);
		ret = l->family < 0 ? l->family : 0;
	}
	if (!ret) {
		/* Without them an error is a number only; still an error. */
		setsockopt(nl_socket_get_fd(l->sk), SOL_NETLINK, NETLINK_EXT_ACK, &one,
			   sizeof(one));
		setsockopt(nl_socket_get_fd(l->sk), SOL_NETLINK, NETLINK_CAP_ACK, &one,
			   sizeof(one));
		return 0;
	}
	nl_socket_free(l->sk);
	l->sk = NULL;
	if (ret == -NLE_OBJ_NOTFOUND)
		return cx_fail(err, CX_NOT_FOUND,
			       "the kernel module is not loaded: run modprobe cxflash");
	return cx_fail(err, CX_FAILED, "a netlink socket cannot be had: %s", nl_geterror(ret));
}

void link_close(struct link *l)
{
	if (l->sk)
		nl_socket_free(l->sk);
	l->sk = NULL;
}

/* ---- asynchronous operations ---- */

static int keep_op(struct nlattr **tb, const struct nlmsghdr *h, void *ctx, struct cx_err *err)
{
	(void)h;
	(void)err;
	take_op(tb, ctx);
	return 0;
}

static int ask(struct link *l, const char *name, uint32_t cookie, struct link_op *op,
	       struct cx_err *err)
{
	struct nl_msg *msg = link_request(l, CXFLASH_CMD_OP_GET, 0, name, 0, err);

	if (!msg)
		return -1;
	nla_put_u32(msg, CXFLASH_A_COOKIE, cookie);
	return link_talk(l, msg, keep_op, op, err);
}

static int wait_end(struct link *l, const char *name, uint32_t cookie,
		    const volatile sig_atomic_t *stop, struct link_op *op, struct cx_err *err)
{
	uint64_t end = cx_now_ms() + OPERATION_SEC * 1000;
	struct answer none;
	struct link_op now = {0};

	for (;;) {
		if (l->event.done && l->event.cookie == cookie) {
			*op = l->event;
			return 0;
		}
		if (stop && *stop)
			return cx_fail(err, CX_FAILED, "stopped as asked while waiting for it");
		none = (struct answer){0};
		if (readable(l, ASK_AGAIN_MS) && !receive(l, &none, err) && !none.lost && !none.ret)
			continue;
		/* No event in a while, or the socket lost some: the module knows. */
		if (ask(l, name, cookie, &now, err))
			return -1;
		if (now.done) {
			*op = now;
			return 0;
		}
		if (cx_now_ms() > end)
			return cx_fail(err, CX_UNKNOWN, "the operation has not ended in %d seconds",
				       OPERATION_SEC);
	}
}

int link_wait(struct link *l, const char *name, uint32_t cookie, const volatile sig_atomic_t *stop,
	      struct link_op *op, struct cx_err *err)
{
	if (wait_end(l, name, cookie, stop, op, err))
		return -1;
	return op->error ? refuse(l, op->error, op->message, err) : 0;
}

static int keep_cookie(struct nlattr **tb, const struct nlmsghdr *h, void *ctx, struct cx_err *err)
{
	uint32_t *cookie = ctx;

	(void)h;
	*cookie = link_u32(tb, CXFLASH_A_COOKIE);
	return *cookie ? 0 : cx_fail(err, CX_UNKNOWN, "the module named no operation");
}

int link_operate(struct link *l, const char *name, struct nl_msg *msg, struct link_op *op,
		 bool *started, struct cx_err *err)
{
	uint32_t cookie = 0;

	l->event = (struct link_op){0};
	if (link_talk(l, msg, keep_cookie, &cookie, err)) {
		*started = !l->error; /* no answer is not a no */
		return -1;
	}
	*started = true;
	if (!cookie)
		return cx_fail(err, CX_UNKNOWN, "the module did not answer");
	return link_wait(l, name, cookie, NULL, op, err);
}
