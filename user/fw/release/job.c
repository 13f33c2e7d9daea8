// SPDX-License-Identifier: GPL-2.0-only
/* What one build has to tell: notes, and what it cannot compile. */
#include <stdarg.h>
#include <stdio.h>

#include "release_model.h"

void fw_job_note(const struct fw_job *job, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (!job->opt || !job->opt->note)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	job->opt->note(text, job->opt->ctx);
}

int fw_job_refuse(const struct fw_job *job, struct cx_err *err, const char *fmt, ...)
{
	char reason[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	if (job->opt && job->opt->ini_text_only) {
		fw_job_note(job, "%s; recorded in the ini text only: the card will NOT obey it",
			    reason);
		return 1;
	}
	return cx_fail(err, CX_REFUSED,
		       "%s; with --ini-text-only it is recorded as text, without effect", reason);
}
