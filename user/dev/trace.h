/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The module's trace events while something is done, in a buffer of our own: whoever else traces is
 * not disturbed. Needs root.
 */
#ifndef CXFLASH_DEV_TRACE_H
#define CXFLASH_DEV_TRACE_H

#include "fw/err.h"

struct cx_trace {
	const char *folder; /* where the kernel shows them; NULL: nothing is traced */
};

/* CX_NOT_FOUND, CX_FAILED; then *t can be given to the others all the same. */
int cx_trace_begin(struct cx_trace *t, struct cx_err *err);
/* The events so far, a line each, in order; the first, if there were too many. free() *text. */
int cx_trace_read(const struct cx_trace *t, char **text, struct cx_err *err);
void cx_trace_end(struct cx_trace *t);

#endif
