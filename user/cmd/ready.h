/* SPDX-License-Identifier: GPL-2.0-only */
/* What "check" says of a card, for the commands that end with it or point to it. */
#ifndef CXFLASH_CMD_READY_H
#define CXFLASH_CMD_READY_H

#include "card/look.h"
#include "cli/print.h"
#include "host/check.h"

/* As host_check(), with what is in the flash if @m is this machine and cxflash serves the card. */
int ready_check(const struct cx_machine *m, const char *card, unsigned int services,
		struct host_report *report, struct cx_err *err);

/* The one next step to RDMA, or that there is none. */
void ready_next(struct out *out, const char *card);
/* That the firmware which runs is too old for a service over RDMA, if it is. */
void ready_firmware(struct out *out, const char *card);

#endif
