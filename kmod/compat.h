/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What older kernels lack, by feature. Everything that depends on the kernel's version is here;
 * kmod/Kbuild looks into the headers for what the preprocessor cannot see.
 */
#ifndef CXFLASH_COMPAT_H
#define CXFLASH_COMPAT_H

#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/pci.h>
#include <net/genetlink.h>

/* 5.10 has no way to name a missing attribute; the sentence has to do. */
#ifndef NL_SET_ERR_ATTR_MISS
#define NL_SET_ERR_ATTR_MISS(extack, nest, type) ((void)(extack), (void)(nest), (void)(type))
#endif

/*
 * Before 6.2 an extack message is a pointer to text that outlives the request: each place has its
 * own. Two failures at once at one place mix up their text, no more.
 */
#ifndef NL_SET_ERR_MSG_FMT
#define NL_SET_ERR_MSG_FMT(extack, fmt, ...)                        \
	do {                                                        \
		static char _text[80];                              \
		struct netlink_ext_ack *_extack = (extack);         \
		snprintf(_text, sizeof(_text), fmt, ##__VA_ARGS__); \
		if (_extack)                                        \
			_extack->_msg = _text;                      \
	} while (0)
#endif

/* Before 6.2 an operation was not split into do and dump. */
#ifndef CXFLASH_HAVE_GENL_SPLIT_OPS
#define genl_split_ops genl_ops
#endif

/* Before 6.11 a BAR was claimed and mapped by its bit, and looked up in a table. */
static inline void __iomem *cxflash_iomap_region(struct pci_dev *pdev, int bar, const char *name)
{
#ifdef CXFLASH_HAVE_PCIM_IOMAP_REGION
	return pcim_iomap_region(pdev, bar, name);
#else
	int err = pcim_iomap_regions(pdev, BIT(bar), name);

	return err ? IOMEM_ERR_PTR(err) : pcim_iomap_table(pdev)[bar];
#endif
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
