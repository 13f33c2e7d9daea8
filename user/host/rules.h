/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rules of "check": what is looked at, what it means, what to do. The whole judgement is the
 * table in rules.c; whoever wants to know why a machine is said to be not ready reads it there.
 */
#ifndef CXFLASH_HOST_RULES_H
#define CXFLASH_HOST_RULES_H

#include <stddef.h>

enum host_state { HOST_PASS, HOST_WARN, HOST_FAIL, HOST_SKIP };

/* From the card up; a layer is judged by the first of its rules whose condition holds. */
enum host_layer {
	LAYER_CARD,
	LAYER_DRIVER,
	LAYER_LOG,
	LAYER_MEMORY,
	LAYER_PCIE,
	LAYER_IOMMU,
	LAYER_VIRTUAL,
	LAYER_SECURITY,
	LAYER_RDMA,
	LAYER_FLASH,
	LAYER_FIRMWARE,
	LAYER_IDENTITY,
	LAYER_TYPE, /* from here to LAYER_IP once for each port */
	LAYER_LINK,
	LAYER_SPEED,
	LAYER_ERRORS,
	LAYER_IP,
	LAYER_NFS,
	LAYER_SMB_CLIENT,
	LAYER_SMB_SERVER,
	LAYER_ISER,
	LAYER_SRP,
	LAYER_NVME,
	LAYERS,
};

struct host_rule {
	enum host_layer layer;
	const char *name; /* "link-no-sm" */
	enum host_state state;
	const char *when; /* facts.h; "" is always true */
	const char *read; /* the fact that is shown as what was read */
	const char *seen; /* one line, facts filled in */
	const char *next; /* a command that works when pasted, or a comment of the shell; "" none */
};

extern const struct host_rule host_rules[];
extern const size_t host_rule_count;

/* Name of a layer, and whether RDMA cannot be without it: then its "skip" leaves the answer open.
 */
struct host_layer_info {
	const char *name;
	int needed;
};
extern const struct host_layer_info host_layers[LAYERS];

const char *host_state_name(enum host_state state);

#endif
