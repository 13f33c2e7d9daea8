/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What older kernels lack, by feature. Everything that depends on the kernel's version is here;
 * kmod/Kbuild looks into the headers for what the preprocessor cannot see.
 */
#ifndef CXFLASH_COMPAT_H
#define CXFLASH_COMPAT_H

#include <linux/atomic.h>
#include <linux/kernel.h>
#include <net/genetlink.h>

/* 5.10 has no way to name a missing attribute; the sentence has to do. */
#ifndef NL_SET_ERR_ATTR_MISS
#define NL_SET_ERR_ATTR_MISS(extack, nest, type) ((void)(extack))
#endif

/*
 * Before 6.2 an extack message is a pointer to text that outlives the request. Formatted messages
 * take turns in a few buffers; a clash of more than that many failures at once mixes up text only.
 */
#ifndef NL_SET_ERR_MSG_FMT
static inline char *cxflash_extack_buf(void)
{
	static char bufs[16][80];
	static atomic_t turn;

	return bufs[(unsigned int)atomic_inc_return(&turn) % ARRAY_SIZE(bufs)];
}

#define NL_SET_ERR_MSG_FMT(extack, fmt, ...)                \
	do {                                                \
		struct netlink_ext_ack *_extack = (extack); \
		char *_buf = cxflash_extack_buf();          \
		snprintf(_buf, 80, fmt, ##__VA_ARGS__);     \
		if (_extack)                                \
			_extack->_msg = _buf;               \
	} while (0)
#endif

/* For a sentence that is not a literal, but lives as long as the module. */
static inline void cxflash_extack(struct netlink_ext_ack *extack, const char *sentence)
{
	if (extack)
		extack->_msg = sentence;
}

static inline struct nlattr **cxflash_dump_attrs(struct netlink_callback *cb)
{
#ifdef CXFLASH_HAVE_GENL_INFO_DUMP
	return genl_info_dump(cb)->attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

#endif
