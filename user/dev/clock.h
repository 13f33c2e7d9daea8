/* SPDX-License-Identifier: GPL-2.0-only */
/* The clock that deadlines go by: nobody sets it. */
#ifndef CXFLASH_DEV_CLOCK_H
#define CXFLASH_DEV_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t cx_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ull + now.tv_nsec / 1000000;
}

#endif
