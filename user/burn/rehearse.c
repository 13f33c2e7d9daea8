// SPDX-License-Identifier: GPL-2.0-only
/* The same plan by the same code, on a copy of the flash in memory. */
#include <stdlib.h>
#include <string.h>

#include "dev/file.h"
#include "internal.h"

/* The result is what a burn promises: the new image, strictly good, first, and alone. */
static int judge(const struct burn_survey *s, const struct burn_plan *plan,
		 const struct burn_survey *now, struct cx_err *err)
{
	uint32_t nv = s->flash->info.size - plan->nv_reserve;

	if (!now->dump.slots || now->dump.slot[0].start != plan->start || !burn_slot_good(now, 0) ||
	    !burn_same_bytes(&now->dump.slot[0].img, &plan->image))
		return cx_fail(err, CX_FAILED, "the rehearsal did not end in the new image");
	if (!plan->whole_dump && now->dump.slots != 1)
		return cx_fail(err, CX_FAILED, "the rehearsal left the old signature");
	if (memcmp(now->bytes + nv, s->bytes + nv, plan->nv_reserve))
		return cx_fail(err, CX_FAILED, "the rehearsal changed the NV configuration");
	return 0;
}

static int rehearse(const struct burn_survey *s, const struct burn_plan *plan, uint8_t *copy,
		    struct cx_err *err)
{
	struct burn_survey stage = *s, now;
	struct burn_outcome out;
	int ret = -1;

	memcpy(copy, s->bytes, s->flash->info.size);
	if (cx_flash_open_memory(&s->flash->info, copy, &stage.flash, err))
		return -1;
	if (stage.flash->ops->lock(stage.flash, err) ||
	    burn_execute(&stage, plan, NULL, &out, err) ||
	    burn_survey(stage.flash, NULL, &now, err))
		goto cleanup;
	/* What was never read is ff in both. */
	ret = burn_survey_range(&now, NULL, 0, s->flash->info.size, err)
		      ? -1
		      : judge(s, plan, &now, err);
	burn_survey_free(&now);
cleanup:
	stage.flash->ops->close(stage.flash);
	return ret;
}

int burn_rehearse(const struct burn_survey *s, const struct burn_plan *plan,
		  const struct burn_control *ctl, struct cx_err *err)
{
	uint8_t *copy = malloc(s->flash->info.size);
	int ret;

	if (!copy)
		return cx_fail(err, CX_FAILED, "out of memory");
	burn_progress(ctl, BURN_REHEARSE, 0, 1);
	ret = rehearse(s, plan, copy, err);
	free(copy);
	if (ret) {
		err->status = CX_FAILED; /* whatever became of the copy */
		return cx_fail_in(err, "the rehearsal failed, nothing was changed");
	}
	burn_progress(ctl, BURN_REHEARSE, 1, 1);
	return 0;
}
