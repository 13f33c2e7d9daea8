/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where firmware for a board comes from: what its file is named like, and what is known to carry it
 * (user/data/carriers.tsv, built in). No promise that any of it can still be had.
 */
#ifndef CXFLASH_FW_BOARD_CARRIERS_H
#define CXFLASH_FW_BOARD_CARRIERS_H

#include "boards.h"

/*
 * A pattern for the name of the image of the stock board that @board is or equals, such as
 * "fw-ConnectX3-rel-*-MCX354A-FCB*.bin", and of its ini, "MCX354A-FCB*.ini". NULL: not known.
 */
const char *fw_board_image_name(const struct fw_boards *boards, const struct fw_board *board,
				char *buf, size_t size);
const char *fw_board_ini_name(const struct fw_boards *boards, const struct fw_board *board,
			      char *buf, size_t size);

struct fw_carrier {
	const char *firmware, *carrier, *holds, *source; /* NULL: not known; for the call */
};

typedef void (*fw_carrier_fn)(const struct fw_carrier *carrier, void *ctx);

/* Each that is known for @board. CX_INVALID: the table has a line that is none. */
int fw_carriers(const struct fw_board *board, fw_carrier_fn fn, void *ctx, struct cx_err *err);

#endif
