/* SPDX-License-Identifier: GPL-2.0-only */
/* The conversation with the kernel module: one socket, requests, answers, operations. */
#ifndef CXFLASH_DEV_LINK_H
#define CXFLASH_DEV_LINK_H

#include <signal.h>

#include <linux/cxflash.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "flash.h"

/* An asynchronous operation as op-done and op-get tell of it. */
struct link_op {
	uint32_t cookie;
	bool done;
	uint32_t error; /* errno, 0 success */
	char message[256];
	enum cx_holds holds;
	uint32_t erases, programs, attempts;
};

struct link {
	struct nl_sock *sk;
	int family;
	struct link_op event; /* the last op-done that came in */
	int error;	      /* errno of the last refusal, 0 if it was not the module's no */
	bool interrupted;     /* the last dump was crossed by a change, or part of it lost */
};

/* What a request does with each message of its answer. */
typedef int (*link_answer_fn)(struct nlattr **tb, const struct nlmsghdr *h, void *ctx,
			      struct cx_err *err);

/* CX_NOT_FOUND: the module is not loaded. */
int link_open(struct link *l, struct cx_err *err);
void link_close(struct link *l);

/* A request with room for @payload bytes beside the name; @name may be NULL. NULL on failure. */
struct nl_msg *link_request(struct link *l, uint8_t cmd, int flags, const char *name,
			    size_t payload, struct cx_err *err);
/* Send @msg (given back in any case) and take the whole answer; @fn may be NULL. */
int link_talk(struct link *l, struct nl_msg *msg, link_answer_fn fn, void *ctx, struct cx_err *err);

/* Makes the request of a dump, and forgets what came of the one before. */
typedef struct nl_msg *(*link_dump_fn)(struct link *l, void *ctx, struct cx_err *err);
/*
 * Ask for a dump until one comes that no change has crossed and nothing of is lost. Every dump is
 * asked for by this. CX_BUSY: none has.
 */
int link_dump(struct link *l, link_dump_fn begin, link_answer_fn fn, void *ctx, struct cx_err *err);

/*
 * Hand every message of the multicast group @group to @fn, without attributes when some were lost,
 * until that returns other than 0. Returns what @fn did, or -1.
 */
int link_listen(struct link *l, const char *group, link_answer_fn fn, void *ctx,
		struct cx_err *err);

/*
 * Wait until operation @cookie of card @name has ended; its own failure is a failure too.
 * *op is changed only if its end was learnt. @stop: give up when it is set; NULL: what was begun
 * has to be seen to its end.
 */
int link_wait(struct link *l, const char *name, uint32_t cookie, const volatile sig_atomic_t *stop,
	      struct link_op *op, struct cx_err *err);
/* Send @msg, which starts an operation, and see that end. *started: the module took it, or may
 * have. */
int link_operate(struct link *l, const char *name, struct nl_msg *msg, struct link_op *op,
		 bool *started, struct cx_err *err);

/* Attributes; 0 and "" if absent. */
uint32_t link_u32(struct nlattr **tb, int attr);
void link_text(struct nlattr **tb, int attr, char *buf, size_t size);

#endif
