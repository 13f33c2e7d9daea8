/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was read of a machine, kept as a tree that "check --sysroot" looks at in its place. Of files
 * that tell more than the card's business (mounts, processes, the command line) only what a rule
 * looks at is kept.
 */
#ifndef CXFLASH_HOST_RECORD_H
#define CXFLASH_HOST_RECORD_H

#include "dev/machine.h"

struct record {
	struct record_entry {
		char *path, *bytes; /* of a link, its target; of a folder, NULL */
		size_t len;
		char kind; /* 'f', 'l', 'd' */
		int error; /* it could not be read; a folder stands for a file then */
	} * entry;
	size_t count;
	bool lost; /* memory ran out */
};

/* For struct cx_machine: .seen, with the record as .ctx. */
void record_seen(const char *path, char kind, const char *text, size_t len, int error, void *ctx);
/* Paths by way of /sys/bus/pci/devices become those of the devices, so that bridges stay above. */
void record_settle(struct record *r, const struct cx_machine *m);
void record_free(struct record *r);

#endif
