// SPDX-License-Identifier: GPL-2.0-only
/* Which flash a name means. */
#include <stdlib.h>
#include <string.h>

#include "flash.h"
#include "netlink.h"
#include "pci.h"

/* The module does not serve the card: say who has it, and how it can be had. */
static int explain(const char *name, struct cx_err *err)
{
	struct cx_pci_card card;

	if (cx_pci_find(&cx_pci_system, name, &card, err))
		return -1;
	if (!strcmp(card.driver, "cxflash"))
		return cx_fail(err, CX_FAILED,
			       "%s: cxflash has it, but does not serve it; see dmesg", card.name);
	if (!card.driver[0])
		return cx_fail(err, CX_BUSY, "%s: no driver has it; run cxflashctl attach -d %s",
			       card.name, card.name);
	return cx_fail(err, CX_BUSY,
		       "%s: %s has it; run cxflashctl attach --beside -d %s (no outage), or attach "
		       "--takeover (its interfaces go until detach)",
		       card.name, card.driver, card.name);
}

/* The only card the module serves; else the only card of the machine, to be explained. */
static int only_card(char *name, size_t size, struct cx_err *err)
{
	struct cx_served *served = NULL;
	struct cx_pci_card card;
	size_t count = 0;
	int ret = 0;

	if (cx_netlink_cards(&served, &count, err))
		return -1;
	if (count == 1) {
		strncpy(name, served->info.name, size - 1);
		name[size - 1] = 0;
	} else if (count) {
		ret = cx_fail(err, CX_USAGE, "%zu cards are served, name one with -d: %s, %s%s",
			      count, served[0].info.name, served[1].info.name,
			      count > 2 ? ", ..." : "");
	} else {
		ret = cx_pci_find(&cx_pci_system, NULL, &card, err) ? -1 : explain(card.name, err);
	}
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
	if (!cx_flash_open_card(full, f, err))
		return 0;
	/* The module does not know the card; sysfs may. */
	if (err->status == CX_NOT_FOUND && cx_pci_module_loaded(&cx_pci_system))
		return explain(full, err);
	return -1;
}
