/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a vendor changed of a stock board's ini, carried into the ini of a newer release: three-way,
 * key by key.
 */
#ifndef CXFLASH_FW_BOARD_MERGE_H
#define CXFLASH_FW_BOARD_MERGE_H

#include "ini.h"

/* A value and where it stands; .value NULL: the ini does not state the key. */
struct fw_merge_value {
	const char *value;
	unsigned int line;
};

/* A key that the vendor changed. */
struct fw_merge_key {
	const char *section, *key;
	struct fw_merge_value base, oem, new;
	/* The new release states something else than the old one did, or has given the key up. */
	bool conflict, gone;
};

enum fw_merge_take {
	FW_MERGE_OEM,  /* the vendor's value; the key goes if the vendor took it out */
	FW_MERGE_NEW,  /* what the new release says */
	FW_MERGE_NONE, /* undecided */
};

/*
 * Called for each key that the vendor changed and the new release does not have like that yet, in
 * the order of the vendor's ini. What it answers counts for conflicts only.
 */
typedef enum fw_merge_take (*fw_merge_fn)(const struct fw_merge_key *key, void *ctx);

struct fw_merged {
	size_t carried, conflicts, undecided;
};

/*
 * *@new becomes the merge; comments, order and every byte of lines that do not change stay. With
 * an undecided conflict it is CX_REFUSED, *@new as before, and all keys were told; *@merged counts
 * in success and in that case. Values that are the same number are the same.
 */
int fw_ini_merge(const struct fw_ini *base, const struct fw_ini *oem, struct fw_ini *new,
		 fw_merge_fn fn, void *ctx, struct fw_merged *merged, struct cx_err *err);

#endif
