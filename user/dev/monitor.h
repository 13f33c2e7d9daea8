/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel module tells of its cards unasked. */
#ifndef CXFLASH_DEV_MONITOR_H
#define CXFLASH_DEV_MONITOR_H

#include "flash.h"

struct cx_event {
	char card[32];
	const char *what;    /* "came", "went", "session-begun", ... */
	const char *binding; /* by which right the card is served, or "" */
	uint32_t session;    /* 0: nobody has the session lock */
	uint32_t client;     /* who has it, a netlink port id */
	bool changed;	     /* the next three say what has become of the flash */
	uint32_t addr, len;
	const char *holds;
};

/* Returns 0 for the next one. @event is NULL when some were lost. */
typedef int (*cx_event_fn)(const struct cx_event *event, void *ctx, struct cx_err *err);

/* Returns what @fn did in the end; CX_NOT_FOUND: the module is not loaded. */
int cx_monitor(cx_event_fn fn, void *ctx, struct cx_err *err);

#endif
