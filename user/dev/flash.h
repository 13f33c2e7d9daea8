/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A flash to work on: a card through the kernel, or a dump in a file that stands in for one.
 *
 * Addresses are physical flash addresses in bytes.
 */
#ifndef CXFLASH_DEV_FLASH_H
#define CXFLASH_DEV_FLASH_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fw/err.h"

struct cx_flash_info {
	const char *name;    /* "0000:04:00.0", or "file:PATH"; of whoever has made this */
	uint16_t pci_device; /* 0 for a file */
	uint16_t chip_id;    /* hardware id, 0 if unknown */
	uint8_t chip_rev;
	bool recovery;	/* runs no firmware from its flash */
	uint32_t jedec; /* vendor << 16 | type << 8 | capacity; 0 for a file */
	char part[32];
	uint32_t size;
	uint32_t copies; /* more than 1: a file that repeats this flash so often, and may only be
			    read */
	uint32_t erase_sizes; /* every erase unit, or-ed together */
	uint32_t page_size;
	/* Typical times by the part's data sheet; 0 where it has no such erase. */
	uint32_t erase_4k_ms, erase_64k_ms, program_us; /* program: of page_size bytes */
	uint8_t status;	      /* the part's status register as last read; 0 for a file */
	uint8_t protect_bits; /* its bits that protect the part from changes */
	bool write_protected; /* somebody has set some of them: writes are refused */
	bool config_access;   /* through the config window, not BAR0 */
	char binding[16];     /* "recovery", "takeover", "beside", "file" */
};

enum cx_holds { CX_HOLDS_OLD, CX_HOLDS_NEW, CX_HOLDS_UNKNOWN };

#define CX_WRITE_NO_ERASE 1u
#define CX_WRITE_DISCARD  2u /* the old bytes need not be put back if it fails */

struct cx_write_result {
	enum cx_holds holds;
	uint32_t erases, programs, attempts;
};

struct cx_flash;

struct cx_flash_ops {
	/* addr and len multiples of 16, inside the part. */
	int (*read)(struct cx_flash *f, uint32_t addr, void *buf, uint32_t len, struct cx_err *err);
	/*
	 * Make the range hold @buf, whole and verified, or (without CX_WRITE_DISCARD) leave it as
	 * it was; *res is valid on failure too. Ranges and flags as in the flash-write operation of
	 * include/uapi/cxflash.yaml.
	 */
	int (*write)(struct cx_flash *f, uint32_t addr, const void *buf, uint32_t len,
		     unsigned int flags, struct cx_write_result *res, struct cx_err *err);
	int (*set_boot)(struct cx_flash *f, uint32_t addr, struct cx_err *err);
	/* CR words in host byte order; CX_REFUSED for a file. */
	int (*cr_read)(struct cx_flash *f, uint32_t addr, uint32_t *word, unsigned int count,
		       struct cx_err *err);
	/* Every word whose reading has no side effect, by @word; CX_REFUSED for a file. */
	int (*cr_dump)(struct cx_flash *f, void (*word)(uint32_t addr, uint32_t value, void *ctx),
		       void *ctx, struct cx_err *err);
	/*
	 * The same through the window of configuration space, of a card that is reached by BAR0.
	 * CX_REFUSED: there is no such other way to this card.
	 */
	int (*cr_read_window)(struct cx_flash *f, uint32_t addr, uint32_t *word, unsigned int count,
			      struct cx_err *err);
	/* What was written is there for good when this is 0: on the disk, where it is a file. */
	int (*sync)(struct cx_flash *f, struct cx_err *err);
	/* Keep other writers out until unlock or close. CX_BUSY names the holder. */
	int (*lock)(struct cx_flash *f, struct cx_err *err);
	int (*unlock)(struct cx_flash *f, struct cx_err *err);
	void (*close)(struct cx_flash *f);
};

struct cx_flash {
	const struct cx_flash_ops *ops;
	struct cx_flash_info info;
	/* Set by the caller's signal handler; looked at while nothing was begun. May be NULL. */
	const volatile sig_atomic_t *stop;
};

/*
 * @name: a PCI address ("0000:04:00.0" or "04:00.0"), "file:DUMP", or NULL for the only card of the
 * machine. On success the caller closes *@f with (*f)->ops->close(*f).
 */
int cx_flash_open(const char *name, struct cx_flash **f, struct cx_err *err);

int cx_flash_open_card(const char *name, struct cx_flash **f, struct cx_err *err); /* netlink.c */
int cx_flash_open_file(const char *path, struct cx_flash **f, struct cx_err *err); /* file.c */

#endif
