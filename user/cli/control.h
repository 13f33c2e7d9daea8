/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What long work and the person who waits for it tell each other: how far it is, and to stop. Types
 * only, so that user/burn needs nothing else of user/cli.
 */
#ifndef CXFLASH_CLI_CONTROL_H
#define CXFLASH_CLI_CONTROL_H

#include <signal.h>
#include <stdint.h>

enum burn_stage {
	BURN_READ,     /* reading the card */
	BURN_REHEARSE, /* the same burn on a copy in memory */
	BURN_WRITE,    /* new content, without its signature */
	BURN_VERIFY,   /* reading the written slot back */
	BURN_SIGN,     /* signature, boot address, old signature */
};

/* All members may be zero. */
struct burn_control {
	/* Called at the beginning (done 0), now and then, and at the end (done == total) of a
	 * stage. */
	void (*progress)(enum burn_stage stage, uint64_t done, uint64_t total, void *ctx);
	void *ctx;
	/*
	 * Set by the caller's signal handler. Looked at between two sectors; ignored from the
	 * signature on, because what remains takes milliseconds and leaves the card tidy.
	 */
	const volatile sig_atomic_t *stop;
};

#endif
