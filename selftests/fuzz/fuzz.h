/* SPDX-License-Identifier: GPL-2.0-only */
/* What every fuzz target expects of the library, beyond not crashing. */
#ifndef CXFLASH_FUZZ_H
#define CXFLASH_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fw/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define expect(cond)                                                                        \
	do {                                                                                \
		if (!(cond)) {                                                              \
			fprintf(stderr, "%s:%d: expected %s\n", __FILE__, __LINE__, #cond); \
			abort();                                                            \
		}                                                                           \
	} while (0)

/* A failure says why, in one line, and with a status of its own. */
static inline void expect_reason(const struct cx_err *err)
{
	expect(err->status != CX_OK);
	expect(err->text[0] && !strchr(err->text, '\n'));
	expect(memchr(err->text, '\0', sizeof(err->text)));
}

#endif
