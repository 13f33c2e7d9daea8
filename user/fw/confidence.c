// SPDX-License-Identifier: GPL-2.0-only
/* The words for how sure something is. */
#include "confidence.h"

#include <string.h>

static const char *const names[] = {
	[FW_VERIFIED] = "verified", [FW_SEEN] = "seen",	      [FW_INFERRED] = "inferred",
	[FW_CLAIMED] = "claimed",   [FW_LEARNED] = "learned",
};

const char *fw_confidence_name(enum fw_confidence confidence)
{
	return names[confidence];
}

int fw_confidence_by_name(const char *name)
{
	for (int i = 0; i < (int)(sizeof(names) / sizeof(*names)); i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}
