/* SPDX-License-Identifier: GPL-2.0-only */
/* What is wrong with an ini, for ini.c that reads and changes it. */
#ifndef CXFLASH_FW_BOARD_INI_CHECK_H
#define CXFLASH_FW_BOARD_INI_CHECK_H

#include <stdbool.h>

#include "ini.h"

/* Where a PSID may be stated, in the order in which mlxburn looks (mlx-ini 2b). */
#define FW_PSID_PLACES 3
struct fw_psid_place {
	const char *section, *key;
};
extern const struct fw_psid_place fw_psid_place[FW_PSID_PLACES];

bool fw_is_psid(const char *text);
/* Remember a reason for which fw_ini_parse() refuses the ini. -1: out of memory. */
int fw_ini_doubt(struct fw_ini *ini, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Doubt what contradicts itself, and PSIDs that are none. CX_FAILED: out of memory. */
int fw_ini_check(struct fw_ini *ini, struct cx_err *err);

#endif
