// SPDX-License-Identifier: GPL-2.0-only
/* The module's multicast group. */
#include "link.h"
#include "monitor.h"

struct monitor {
	cx_event_fn fn;
	void *ctx;
};

static const char *name_of(const char *const *names, size_t count, uint32_t number)
{
	return number < count ? names[number] : "unknown";
}

#define NAME_OF(names, number) name_of(names, sizeof(names) / sizeof((names)[0]), number)

static int take(struct nlattr **tb, const struct nlmsghdr *h, void *ctx, struct cx_err *err)
{
	static const char *const events[] = {
		[CXFLASH_EVENT_CAME] = "came",
		[CXFLASH_EVENT_WENT] = "went",
		[CXFLASH_EVENT_SESSION_BEGUN] = "session-begun",
		[CXFLASH_EVENT_SESSION_ENDED] = "session-ended",
		[CXFLASH_EVENT_FLASH_CHANGED] = "flash-changed",
	};
	static const char *const bindings[] = {
		[CXFLASH_BINDING_RECOVERY] = "recovery",
		[CXFLASH_BINDING_TAKEOVER] = "takeover",
		[CXFLASH_BINDING_BESIDE] = "beside",
	};
	static const char *const holds[] = {
		[CXFLASH_HOLDS_OLD] = "old",
		[CXFLASH_HOLDS_NEW] = "new",
		[CXFLASH_HOLDS_UNKNOWN] = "unknown",
	};
	struct monitor *m = ctx;
	struct cx_event e;

	(void)h;
	if (!tb)
		return m->fn(NULL, m->ctx, err);
	if (!tb[CXFLASH_A_EVENT])
		return 0; /* of a newer module */
	e = (struct cx_event){
		.what = NAME_OF(events, link_u32(tb, CXFLASH_A_EVENT)),
		.binding = NAME_OF(bindings, link_u32(tb, CXFLASH_A_BINDING)),
		.session = link_u32(tb, CXFLASH_A_SESSION),
		.client = link_u32(tb, CXFLASH_A_LOCK_OWNER),
		.changed = tb[CXFLASH_A_HOLDS],
		.addr = link_u32(tb, CXFLASH_A_ADDR),
		.len = link_u32(tb, CXFLASH_A_LEN),
		.holds = NAME_OF(holds, link_u32(tb, CXFLASH_A_HOLDS)),
	};
	link_text(tb, CXFLASH_A_NAME, e.card, sizeof(e.card));
	return m->fn(&e, m->ctx, err);
}

int cx_monitor(cx_event_fn fn, void *ctx, struct cx_err *err)
{
	struct monitor m = {.fn = fn, .ctx = ctx};
	struct link l;
	int ret;

	if (link_open(&l, err))
		return -1;
	ret = link_listen(&l, CXFLASH_MCGRP_EVENTS, take, &m, err);
	link_close(&l);
	return ret;
}
