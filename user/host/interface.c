// SPDX-License-Identifier: GPL-2.0-only
/* The network interfaces of a card's ports. */
#include "interface.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

unsigned long card_interface_number(const struct cx_machine *m, const char *card, const char *name,
				    const char *what)
{
	char path[PATH_MAX], line[32];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/net/%s/%s", card, name, what);
	return cx_machine_line(m, path, line, sizeof(line)) ? ULONG_MAX : strtoul(line, NULL, 0);
}

bool card_interface(const struct cx_machine *m, const char *card, unsigned int port,
		    unsigned long type, char *name, size_t size)
{
	struct cx_names names;
	char path[64];
	bool up = false;

	*name = '\0';
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%.15s/net", card);
	if (cx_machine_names(m, path, &names))
		return false;
	for (size_t i = 0; i < names.count && !up; i++) {
		const char *one = names.name[i];

		if (card_interface_number(m, card, one, "dev_port") != port - 1 ||
		    (type && card_interface_number(m, card, one, "type") != type))
			continue;
		up = card_interface_number(m, card, one, "flags") & 1; /* IFF_UP */
		if (up || !*name)
			snprintf(name, size, "%s", one);
	}
	free(names.name);
	return up;
}
