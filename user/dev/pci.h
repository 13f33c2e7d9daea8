/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cards as the PCI core shows them in sysfs, and which driver has them. Needs neither the module
 * nor, for looking, root.
 */
#ifndef CXFLASH_DEV_PCI_H
#define CXFLASH_DEV_PCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fw/err.h"

/* Where to look; tests have their own. */
struct cx_pci_root {
	const char *sysfs; /* "/sys" */
	const char *run;   /* "/run/cxflash": which driver a card is to go back to */
	const char *proc;  /* "/proc" */
};

extern const struct cx_pci_root cx_pci_system;

/* The same in a folder that holds another machine's files. */
struct cx_pci_tree {
	struct cx_pci_root root;
	char *path[3];
};

int cx_pci_tree(struct cx_pci_tree *tree, const char *folder, struct cx_err *err);
void cx_pci_tree_free(struct cx_pci_tree *tree);

struct cx_pci_card {
	char name[16]; /* "0000:04:00.0" */
	uint16_t device, subsystem_vendor, subsystem_device;
	uint8_t revision;     /* of PCI configuration space, not of the silicon */
	const char *chip;     /* "ConnectX-3 Pro", ...; by device id, static */
	bool recovery;	      /* a flash-recovery id: no firmware runs */
	char driver[32];      /* "" none */
	char previous[32];    /* the driver it goes back to when detached; "" none recorded */
	char board_id[20];    /* PSID as the running driver tells, "" unknown */
	char fw_version[24];  /* running firmware as the driver tells, "" unknown */
	char version_by[32];  /* which device of the driver tells: "mlx4_0", "eth0" */
	int silicon;	      /* revision as the running driver tells, -1 unknown */
	char interfaces[128]; /* network interfaces on it, separated by blanks */
	char up[128];	      /* those of them that are administratively up */
	unsigned int vfs;     /* virtual functions switched on */
};

/* All physical functions of the FS2 generation, by address. The caller free()s *cards. None is a
 * success with *count == 0. */
int cx_pci_list(const struct cx_pci_root *root, struct cx_pci_card **cards, size_t *count,
		struct cx_err *err);

/*
 * One card: "0000:04:00.0", "04:00.0", or NULL for the only one. CX_NOT_FOUND; CX_USAGE if NULL and
 * there are several (the text lists them), or if the name is no PCI address.
 */
int cx_pci_find(const struct cx_pci_root *root, const char *name, struct cx_pci_card *card,
		struct cx_err *err);

/* CX_NOT_FOUND: there is none; cards of other generations are named as what they are. */
int cx_pci_none(const struct cx_pci_root *root, struct cx_err *err);

/* "04:00.0" to "0000:04:00.0" into @full (16 bytes at least); CX_USAGE if it is no PCI address. */
int cx_pci_full_name(const char *name, char *full, struct cx_err *err);

/* Is the module cxflash there to take cards? */
bool cx_pci_module_loaded(const struct cx_pci_root *root);

struct cx_pci_options {
	bool takeover; /* take the card from the driver that has it */
	bool force;    /* although it is in use (use.h) */
	bool dry_run;  /* change nothing, only show */
	/* Every write to sysfs or to the run folder, before it is done; may be NULL. */
	void (*show)(const char *path, const char *value, void *ctx);
	void *ctx;
};

/*
 * Give the card to cxflash by driver_override. Already there: success. CX_BUSY: another driver has
 * it and .takeover is not set; CX_REFUSED: it is in use and .force is not set; CX_NOT_FOUND: module
 * not loaded. If cxflash does not take it, the former driver gets it back.
 */
int cx_pci_attach(const struct cx_pci_root *root, const char *name,
		  const struct cx_pci_options *opt, struct cx_err *err);

/*
 * Give the card back to the driver that had it, with the driver_override it had; also tidies up a
 * takeover or a return that was cut short. CX_NOTHING if cxflash does not have it and nothing is
 * left to tidy.
 */
int cx_pci_detach(const struct cx_pci_root *root, const char *name,
		  const struct cx_pci_options *opt, struct cx_err *err);

#endif
