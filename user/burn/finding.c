// SPDX-License-Identifier: GPL-2.0-only
/* What was found before anything is touched: fine, to be known, permitted, refused. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

const char *burn_flag(unsigned int may)
{
	switch (may) {
	case BURN_MAY_CHANGE_PSID:
		return "--allow-psid-change";
	case BURN_MAY_GO_BACK:
		return "--allow-downgrade";
	case BURN_MAY_RISK:
		return "--no-failsafe";
	case BURN_MAY_OTHER_ROM:
		return "--allow-other-rom";
	case BURN_MAY_LOSE_IB:
		return "--allow-ethernet-only";
	}
	return "";
}

/* Where the next finding goes. With too many there is no verdict, see burn_refusal(). */
static struct burn_finding *next(struct burn_verdict *v)
{
	if (v->findings < BURN_FINDINGS)
		return &v->finding[v->findings++];
	v->overflow = true;
	return &v->finding[BURN_FINDINGS - 1];
}

void burn_find(struct burn_verdict *v, const char *about, enum burn_judgement judgement,
	       const char *fmt, ...)
{
	struct burn_finding *f = next(v);
	va_list ap;

	*f = (struct burn_finding){.about = about, .judgement = judgement};
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
}

void burn_object(struct burn_verdict *v, const char *about, unsigned int may, const char *fmt, ...)
{
	struct burn_finding *f = next(v);
	size_t used;
	va_list ap;

	*f = (struct burn_finding){.about = about, .may = may};
	f->judgement = v->may & may ? BURN_ALLOWED : BURN_REFUSED;
	f->status = v->may & may ? CX_OK : CX_REFUSED;
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
	used = strlen(f->text);
	if (f->judgement == BURN_REFUSED)
		snprintf(f->text + used, sizeof(f->text) - used, "; %s burns it all the same",
			 burn_flag(may));
}

void burn_refuse(struct burn_verdict *v, const char *about, enum cx_status status, const char *fmt,
		 ...)
{
	struct burn_finding *f = next(v);
	va_list ap;

	*f = (struct burn_finding){.about = about, .judgement = BURN_REFUSED, .status = status};
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
}

int burn_refusal(const struct burn_verdict *v, struct cx_err *err)
{
	const struct burn_finding *first = NULL;
	size_t more = 0;

	if (v->overflow)
		return cx_fail(err, CX_FAILED, "more was found than can be judged");
	for (size_t i = 0; i < v->findings; i++) {
		if (v->finding[i].judgement != BURN_REFUSED)
			continue;
		more += first != NULL;
		first = first ? first : &v->finding[i];
	}
	if (!first)
		return 0;
	if (more)
		return cx_fail(err, first->status,
			       "%s (and %zu more reason%s, which --dry-run shows)", first->text,
			       more, more == 1 ? "" : "s");
	return cx_fail(err, first->status, "%s", first->text);
}

unsigned int burn_missing(const struct burn_verdict *v)
{
	unsigned int missing = 0;

	for (size_t i = 0; i < v->findings; i++) {
		if (v->finding[i].judgement != BURN_REFUSED)
			continue;
		if (!v->finding[i].may)
			return 0;
		missing |= v->finding[i].may;
	}
	return missing;
}
