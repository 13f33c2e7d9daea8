/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	specs/cxflash.yaml */
/* YNL-GEN uapi header */

#ifndef _UAPI_LINUX_CXFLASH_H
#define _UAPI_LINUX_CXFLASH_H

#define CXFLASH_FAMILY_NAME	"cxflash"
#define CXFLASH_FAMILY_VERSION	1

/**
 * enum cxflash_access - The way CR space is reached.
 * @CXFLASH_ACCESS_BAR0: Memory BAR 0, claimed by cxflash.
 * @CXFLASH_ACCESS_CONFIG: The window at 0x58/0x5c of PCI configuration space
 *   (flash-access 2.1).
 */
enum cxflash_access {
	CXFLASH_ACCESS_BAR0,
	CXFLASH_ACCESS_CONFIG,
};

/**
 * enum cxflash_binding - By which right cxflash serves the card.
 * @CXFLASH_BINDING_RECOVERY: A flash-recovery PCI id, bound by itself.
 * @CXFLASH_BINDING_TAKEOVER: Bound by user space through driver_override.
 * @CXFLASH_BINDING_BESIDE: Another driver owns the card; served through the
 *   config window only.
 */
enum cxflash_binding {
	CXFLASH_BINDING_RECOVERY,
	CXFLASH_BINDING_TAKEOVER,
	CXFLASH_BINDING_BESIDE,
};

/**
 * enum cxflash_holds - What the written range is known to hold when an
 *   operation has ended.
 * @CXFLASH_HOLDS_OLD: The bytes from before the operation; nothing is lost.
 * @CXFLASH_HOLDS_NEW: The requested bytes, verified by read-back.
 * @CXFLASH_HOLDS_UNKNOWN: Neither; the range must be written again before the
 *   card is reset or powered off, unless nothing starts from it.
 */
enum cxflash_holds {
	CXFLASH_HOLDS_OLD,
	CXFLASH_HOLDS_NEW,
	CXFLASH_HOLDS_UNKNOWN,
};

/**
 * enum cxflash_write_flags
 * @CXFLASH_WRITE_FLAGS_NO_ERASE: Only clear bits; fail with EUCLEAN rather
 *   than erase.
 * @CXFLASH_WRITE_FLAGS_DISCARD: The old bytes need not be put back if the
 *   write fails, nor be read where an erase destroys them.
 */
enum cxflash_write_flags {
	CXFLASH_WRITE_FLAGS_NO_ERASE = 1,
	CXFLASH_WRITE_FLAGS_DISCARD = 2,
};

/**
 * enum cxflash_op_state - Life of an asynchronous operation.
 */
enum cxflash_op_state {
	CXFLASH_OP_STATE_RUNNING,
	CXFLASH_OP_STATE_DONE,
};

/**
 * enum cxflash_semaphore_state - Whether a hardware semaphore was free.
 *   Reading takes a free one, so it was given back at once.
 * @CXFLASH_SEMAPHORE_STATE_ABSENT: The chip has no such semaphore.
 * @CXFLASH_SEMAPHORE_STATE_HELD: By another program or driver, or by one that
 *   died with it.
 */
enum cxflash_semaphore_state {
	CXFLASH_SEMAPHORE_STATE_ABSENT,
	CXFLASH_SEMAPHORE_STATE_FREE,
	CXFLASH_SEMAPHORE_STATE_HELD,
};

/**
 * enum cxflash_event - What has happened to a card.
 * @CXFLASH_EVENT_CAME: Served from now on; binding says by which right.
 * @CXFLASH_EVENT_WENT: Served no more.
 * @CXFLASH_EVENT_SESSION_BEGUN: A client has the session lock; session and
 *   lock-owner name it.
 * @CXFLASH_EVENT_FLASH_CHANGED: addr and len were written, or tried to be;
 *   holds says what they hold.
 */
enum cxflash_event {
	CXFLASH_EVENT_CAME,
	CXFLASH_EVENT_WENT,
	CXFLASH_EVENT_SESSION_BEGUN,
	CXFLASH_EVENT_SESSION_ENDED,
	CXFLASH_EVENT_FLASH_CHANGED,
};

enum {
	CXFLASH_A_NAME = 1,
	CXFLASH_A_PCI_DEVICE_ID,
	CXFLASH_A_CHIP_ID,
	CXFLASH_A_CHIP_REV,
	CXFLASH_A_ACCESS,
	CXFLASH_A_BINDING,
	CXFLASH_A_RECOVERY,
	CXFLASH_A_JEDEC_ID,
	CXFLASH_A_PART,
	CXFLASH_A_FLASH_SIZE,
	CXFLASH_A_ERASE_SIZES,
	CXFLASH_A_PAGE_SIZE,
	CXFLASH_A_LOCK_OWNER,
	CXFLASH_A_SESSION,
	CXFLASH_A_ADDR,
	CXFLASH_A_LEN,
	CXFLASH_A_DATA,
	CXFLASH_A_FLAGS,
	CXFLASH_A_COOKIE,
	CXFLASH_A_OP_STATE,
	CXFLASH_A_ERROR,
	CXFLASH_A_MESSAGE,
	CXFLASH_A_HOLDS,
	CXFLASH_A_ERASES,
	CXFLASH_A_PROGRAMS,
	CXFLASH_A_ATTEMPTS,
	CXFLASH_A_ERASE_4K_MS,
	CXFLASH_A_ERASE_64K_MS,
	CXFLASH_A_PROGRAM_US,
	CXFLASH_A_STATUS,
	CXFLASH_A_PROTECT_BITS,
	CXFLASH_A_WRITE_PROTECTED,
	CXFLASH_A_SEMAPHORE,
	CXFLASH_A_SEMAPHORE2,
	CXFLASH_A_EVENT,

	__CXFLASH_A_MAX,
	CXFLASH_A_MAX = (__CXFLASH_A_MAX - 1)
};

enum {
	CXFLASH_CMD_CARD_GET = 1,
	CXFLASH_CMD_ATTACH,
	CXFLASH_CMD_DETACH,
	CXFLASH_CMD_LOCK,
	CXFLASH_CMD_UNLOCK,
	CXFLASH_CMD_FLASH_READ,
	CXFLASH_CMD_FLASH_WRITE,
	CXFLASH_CMD_BOOT_SET,
	CXFLASH_CMD_OP_GET,
	CXFLASH_CMD_OP_DONE,
	CXFLASH_CMD_CR_READ,
	CXFLASH_CMD_FLASH_ERASE,
	CXFLASH_CMD_SEMAPHORE_GET,
	CXFLASH_CMD_SEMAPHORE_CLEAR,
	CXFLASH_CMD_CHANGED,

	__CXFLASH_CMD_MAX,
	CXFLASH_CMD_MAX = (__CXFLASH_CMD_MAX - 1)
};

#define CXFLASH_MCGRP_EVENTS	"events"

#endif /* _UAPI_LINUX_CXFLASH_H */
