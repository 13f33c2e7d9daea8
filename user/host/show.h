/* SPDX-License-Identifier: GPL-2.0-only */
/* What check found, in words or as an object. */
#ifndef CXFLASH_HOST_SHOW_H
#define CXFLASH_HOST_SHOW_H

#include "cli/print.h"
#include "check.h"

void host_show(struct out *out, const struct host_report *r);
/* Every rule and every message of the kernel that is known, in place of a machine. */
void host_show_rules(struct out *out);

#endif
