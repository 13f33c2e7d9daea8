/* SPDX-License-Identifier: GPL-2.0-only */
/* Which firmware runs: everybody who wants to know asks here. */
#ifndef CXFLASH_DEV_RUNNING_H
#define CXFLASH_DEV_RUNNING_H

#include "flash.h"

/* Words of CR space that stand still while the card runs (flash-access 2, 8). */
#define CX_DEVICE_ID	 0xf0014u
#define CX_VERSION_WORDS 0x1f064u /* four */

/* Major, minor and subminor as the chip tells. False: no firmware has set them. */
bool cx_running(struct cx_flash *f, uint16_t version[3]);
/* The same as a driver tells it: "2.9.1000", with or without leading zeros. */
bool cx_running_text(const char *text, uint16_t version[3]);

#endif
