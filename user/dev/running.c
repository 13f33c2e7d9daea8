// SPDX-License-Identifier: GPL-2.0-only
/* Which firmware runs, as the chip or its driver tells. */
#include "running.h"

#include <stdio.h>

/* A card that is being reset or is gone answers all ones; one that starts nothing, zeros. */
bool cx_running(struct cx_flash *f, uint16_t version[3])
{
	struct cx_err unused;
	uint32_t w[2];

	if (f->info.recovery || f->ops->cr_read(f, CX_VERSION_WORDS, w, 2, &unused) ||
	    w[0] == UINT32_MAX || w[1] == UINT32_MAX || (!w[0] && !w[1]))
		return false;
	version[0] = w[0] >> 16;
	version[1] = w[1] >> 16;
	version[2] = w[1] & 0xffff;
	return true;
}

bool cx_running_text(const char *text, uint16_t version[3])
{
	unsigned int v[3], ones = 0;

	if (sscanf(text, "%u.%u.%u", &v[0], &v[1], &v[2]) != 3)
		return false;
	for (unsigned int i = 0; i < 3; i++) {
		if (v[i] > UINT16_MAX)
			return false;
		ones += v[i] == UINT16_MAX;
		version[i] = v[i];
	}
	return ones < 2 && (v[0] || v[1] || v[2]);
}
