// SPDX-License-Identifier: GPL-2.0-only
/* The cards of a machine, by what pci.c and use.c know. */
#include "machine_card.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "use.h"

struct place {
	char sysfs[PATH_MAX], run[PATH_MAX], proc[PATH_MAX];
	struct cx_pci_root root;
};

static const struct cx_pci_root *set_place(const struct cx_machine *m, struct place *p)
{
	snprintf(p->sysfs, sizeof(p->sysfs), "%s/sys", m->root);
	snprintf(p->run, sizeof(p->run), "%s/run/cxflash", m->root);
	snprintf(p->proc, sizeof(p->proc), "%s/proc", m->root);
	p->root = (struct cx_pci_root){p->sysfs, p->run, p->proc};
	return &p->root;
}

int cx_machine_card(const struct cx_machine *m, const char *name, struct cx_pci_card *card,
		    struct cx_err *err)
{
	struct place p;

	return cx_pci_find(set_place(m, &p), name, card, err);
}

void cx_machine_uses(const struct cx_machine *m, const struct cx_pci_card *card, char *text,
		     size_t size)
{
	struct place p;

	cx_pci_uses(set_place(m, &p), card, text, size);
}

bool cx_machine_is_vf(const struct cx_machine *m, const char *name)
{
	char path[400], vendor[16], device[16];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/vendor", name);
	if (cx_machine_line(m, path, vendor, sizeof(vendor)) || strcmp(vendor, "0x15b3"))
		return false;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/device", name);
	return !cx_machine_line(m, path, device, sizeof(device)) &&
	       (!strcmp(device, "0x1002") || !strcmp(device, "0x1004"));
}
