// SPDX-License-Identifier: GPL-2.0-only
/* Where firmware for a board comes from. */
#define _GNU_SOURCE
#include "carriers.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- names ---- */

/* As files have it: "fw-ConnectX3-rel", "ConnectX3Pro-rel-2_40_5030.tgz". */
static const char *chip_in_names(enum fw_chip chip)
{
	return chip == FW_CHIP_CONNECTX2      ? "ConnectX2"
	       : chip == FW_CHIP_CONNECTX3    ? "ConnectX3"
	       : chip == FW_CHIP_CONNECTX3PRO ? "ConnectX3Pro"
					      : NULL;
}

/*
 * The part number as the names of files begin with it: without the revisions, and of a ConnectX-2
 * without the bracket and cooling that its name goes on with (MHQH29C-XTR has MHQH29C_A1-A2.ini).
 */
static const char *stem(const struct fw_boards *boards, const struct fw_board *board, char *buf,
			size_t size)
{
	char *end;

	if (board->twin)
		fw_board_twin(boards, board, buf, size);
	else if (!strcmp(board->vendor, "Mellanox"))
		snprintf(buf, size, "%.*s", (int)strcspn(board->board, "_ "), board->board);
	else
		return NULL;
	end = fw_device_chip(board->device) == FW_CHIP_CONNECTX2 ? strstr(buf, "-X") : NULL;
	if (end)
		*end = '\0';
	/* Two capitals begin each of them; "VPI ConnectX-3" and "MT_..." are no part number. */
	return isupper((unsigned char)buf[0]) && isupper((unsigned char)buf[1]) &&
			       strpbrk(buf, "0123456789") && !strchr(buf, '_')
		       ? buf
		       : NULL;
}

const char *fw_board_image_name(const struct fw_boards *boards, const struct fw_board *board,
				char *buf, size_t size)
{
	const char *chip = chip_in_names(fw_device_chip(board->device));
	char name[64];

	if (!chip || !stem(boards, board, name, sizeof(name)))
		return NULL;
	snprintf(buf, size, "fw-%s-rel-*-%s*.bin", chip, name);
	return buf;
}

const char *fw_board_ini_name(const struct fw_boards *boards, const struct fw_board *board,
			      char *buf, size_t size)
{
	char name[64];

	if (!chip_in_names(fw_device_chip(board->device)) ||
	    !stem(boards, board, name, sizeof(name)))
		return NULL;
	snprintf(buf, size, "%s*.ini", name);
	return buf;
}

/* ---- the table ---- */

enum { CHIP, BOARDS, FIRMWARE, CARRIER, HOLDS, SOURCE, COLUMNS };

extern const char _binary_user_data_carriers_tsv_start[], _binary_user_data_carriers_tsv_end[];

static bool is_for(char **column, const struct fw_board *board)
{
	bool stock = board->twin || !strcmp(board->vendor, "Mellanox"), exact;
	enum fw_chip chip = fw_device_chip(board->device);

	if (chip == FW_CHIP_UNKNOWN || strcmp(column[CHIP], fw_chip_name(chip, 0xb0)))
		return false;
	if (!strcmp(column[BOARDS], "stock"))
		return stock;
	return !strcmp(column[BOARDS], board->vendor) ||
	       fw_board_has_part(board, column[BOARDS], &exact);
}

static const char *or_null(const char *field)
{
	return strcmp(field, "-") ? field : NULL;
}

/* A line, cut in place; *titled: the line of titles was there. */
static int read_line(char *line, bool *titled, const struct fw_board *board, fw_carrier_fn fn,
		     void *ctx, struct cx_err *err)
{
	char *column[COLUMNS];
	size_t count = 0;

	if (!*line || *line == '#')
		return 0;
	for (char *field; (field = strsep(&line, "\t")); count++)
		if (count < COLUMNS)
			column[count] = field;
	if (count != COLUMNS)
		return cx_fail(err, CX_INVALID, "carriers: %zu columns instead of %d: %.40s", count,
			       COLUMNS, column[0]);
	if (*titled && is_for(column, board))
		fn(&(struct fw_carrier){or_null(column[FIRMWARE]), column[CARRIER],
					or_null(column[HOLDS]), or_null(column[SOURCE])},
		   ctx);
	*titled = true;
	return 0;
}

int fw_carriers(const struct fw_board *board, fw_carrier_fn fn, void *ctx, struct cx_err *err)
{
	const char *start = _binary_user_data_carriers_tsv_start;
	char *text = strndup(start, _binary_user_data_carriers_tsv_end - start), *rest = text;
	bool titled = false;
	int ret = text ? 0 : cx_fail(err, CX_FAILED, "out of memory");

	while (rest && !ret)
		ret = read_line(strsep(&rest, "\n"), &titled, board, fn, ctx, err);
	free(text);
	return ret;
}
