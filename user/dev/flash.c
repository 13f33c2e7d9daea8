// SPDX-License-Identifier: GPL-2.0-only
/* Which flash a name means. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flash.h"
#include "netlink.h"
#include "pci.h"

static int only_card(char *name, size_t size, struct cx_err *err)
{
	struct cx_served *served = NULL;
	size_t count = 0;
	int ret = 0;

	if (cx_netlink_cards(&served, &count, err))
		return -1;
	if (!count)
		ret = cx_fail(err, CX_NOT_FOUND,
			      "no card is attached; see cxflashctl list, then cxflashctl attach");
	else if (count > 1)
		ret = cx_fail(err, CX_USAGE, "%zu cards are attached, name one with -d: %s, %s%s",
			      count, served[0].info.name, served[1].info.name,
			      count > 2 ? ", ..." : "");
	else
		snprintf(name, size, "%s", served->info.name);
	free(served);
	return ret;
}

int cx_flash_open(const char *name, struct cx_flash **f, struct cx_err *err)
{
	char full[64];

	if (name && !strncmp(name, "file:", 5))
		return cx_flash_open_file(name + 5, f, err);
	if (name ? cx_pci_full_name(name, full, err) : only_card(full, sizeof(full), err))
		return -1;
	return cx_flash_open_card(full, f, err);
}
