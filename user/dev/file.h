/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A flash without a card: bytes that obey the rules of NOR flash. Programming only clears bits,
 * erasing sets a whole unit, and a write is done as kmod/sector.c does it: the least work, pages in
 * descending order, verified.
 */
#ifndef CXFLASH_DEV_FILE_H
#define CXFLASH_DEV_FILE_H

#include "flash.h"

enum cx_nor_op { CX_NOR_ERASE, CX_NOR_PROGRAM };

/*
 * Called before each elementary operation on @flash, the bytes it is about to change; @to is what
 * they would become. True: go on. False: the power fails now; the hook has left the bytes as a part
 * might (untouched, half done). Every later operation fails.
 */
typedef bool (*cx_nor_hook)(enum cx_nor_op op, uint32_t addr, uint8_t *flash, const uint8_t *to,
			    uint32_t len, void *ctx);

/*
 * A flash in memory. @bytes (size bytes) is borrowed and changes as the flash does. @info gives
 * size, erase_sizes and page_size, and is copied.
 */
int cx_flash_open_memory(const struct cx_flash_info *info, uint8_t *bytes, struct cx_flash **f,
			 struct cx_err *err);
/* For tests; works on a file and on memory. */
void cx_flash_set_hook(struct cx_flash *f, cx_nor_hook hook, void *ctx);

#endif
