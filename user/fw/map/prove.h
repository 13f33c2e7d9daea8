/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Does what is learnt make the boards that were not learnt from? Each board is left out in turn,
 * and built from each other one's image and its own ini.
 */
#ifndef CXFLASH_FW_MAP_PROVE_H
#define CXFLASH_FW_MAP_PROVE_H

#include "table.h"

/* One board that was left out. */
struct fw_proof {
	const char *name;
	unsigned int identical, refused, wrong; /* by base */
	const char *contradicts;		/* it was changed by hand: not tried; NULL */
	char first[768];			/* why the first base was refused */
	char differs[200];			/* where the first wrong image differs */
	const char *base;			/* of that image */
};

struct fw_prove {
	const struct fw_sample *sample;
	const struct fw_image *img; /* of each */
	size_t samples;
	const struct fw_map *table; /* instead of leaving out; or NULL */
	/* Told of each board, and of each refusal: the reason begins with the key. -1 ends it. */
	void (*board)(const struct fw_proof *proof, void *ctx);
	int (*refusal)(const char *reason, void *ctx, struct cx_err *err);
	void *ctx;
};

int fw_prove(const struct fw_prove *p, struct cx_err *err);

#endif
