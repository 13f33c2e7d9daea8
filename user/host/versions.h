/* SPDX-License-Identifier: GPL-2.0-only */
/* Versions of all that took part in a report. */
#ifndef CXFLASH_HOST_VERSIONS_H
#define CXFLASH_HOST_VERSIONS_H

#include <stdio.h>

#include "dev/machine.h"
#include "facts.h"

/* Of this tool, the modules, the kernel and the distribution, a line for each. */
void host_versions(const struct cx_machine *m, const struct facts *f, FILE *to);

#endif
