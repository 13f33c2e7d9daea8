/* SPDX-License-Identifier: GPL-2.0-only */
/* What a member of a container is, and what it says of itself. */
#ifndef CXFLASH_FW_PACK_MEMBER_H
#define CXFLASH_FW_PACK_MEMBER_H

#include "fw/image/dump.h"
#include "container.h"

enum fw_kind { FW_KIND_OTHER, FW_KIND_IMAGE, FW_KIND_DUMP, FW_KIND_MLX, FW_KIND_INI, FW_KIND_ROM };

struct fw_facts {
	enum fw_kind kind;
	char psid[17];	   /* of an image or an ini; "" if it has none */
	char version[20];  /* of an image, a release or a ROM; "" if unknown */
	enum fw_chip chip; /* of an image or a release */
	unsigned int rev;  /* of the chip, 0 if unknown */
	struct cx_err why; /* .status: why it cannot be taken apart; else CX_OK */
};

/*
 * An image or a dump is known by its bytes, wherever a card looks; .mlx, .ini, .mrom and .rom by
 * their names.
 */
void fw_member_facts(const struct fw_member *member, struct fw_facts *facts);
const char *fw_kind_name(enum fw_kind kind); /* "image", "dump", "mlx", "ini", "rom", "other" */

#endif
