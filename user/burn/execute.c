// SPDX-License-Identifier: GPL-2.0-only
/* Running a plan, on a card or on its copy in memory. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define SIGN_TRIES 3

/* One execution. */
struct run {
	struct cx_flash *flash;
	const struct burn_survey *s;
	const struct burn_plan *plan;
	const struct burn_control *ctl;
	struct burn_outcome *out;
	bool touched;  /* the flash is not what it was */
	bool decided;  /* a signature may have been written: what starts may be another image */
	bool boot_set; /* a reset that keeps the power starts from there */
	uint64_t done[BURN_SIGN + 1], total[BURN_SIGN + 1];
};

static enum burn_stage stage_of(const struct burn_step *step)
{
	if (step->kind == BURN_STEP_WRITE)
		return BURN_WRITE;
	return step->kind == BURN_STEP_VERIFY ? BURN_VERIFY : BURN_SIGN;
}

static uint64_t weight(const struct burn_step *step)
{
	return stage_of(step) == BURN_SIGN ? 1 : step->len;
}

static void count(struct run *r)
{
	for (size_t i = 0; i < r->plan->steps; i++)
		r->total[stage_of(&r->plan->step[i])] += weight(&r->plan->step[i]);
}

/* ---- the steps ---- */

/* Every change of the flash goes through here. */
static int put(struct run *r, uint32_t addr, const uint8_t *bytes, uint32_t len, unsigned int flags,
	       struct cx_err *err)
{
	struct cx_write_result res = {.holds = CX_HOLDS_UNKNOWN};
	int ret = r->flash->ops->write(r->flash, addr, bytes, len, flags, &res, err);

	r->touched |= res.erases || res.programs || res.holds == CX_HOLDS_UNKNOWN;
	r->out->erases += res.erases;
	r->out->programs += res.programs;
	r->out->retries += res.attempts > 1;
	return ret;
}

/* The signature's first dword becomes 0, the rest stays: nothing is erased. */
static int clear(struct run *r, uint32_t addr, struct cx_err *err)
{
	uint8_t bytes[FW_MAGIC_SIZE];

	memcpy(bytes, r->plan->image.bytes, sizeof(bytes));
	memset(bytes, 0, 4);
	return put(r, addr, bytes, sizeof(bytes), CX_WRITE_NO_ERASE, err);
}

static int verify(struct run *r, uint32_t addr, const uint8_t *bytes, uint32_t len,
		  struct cx_err *err)
{
	uint8_t *is = malloc(len);
	uint32_t i = 0;
	int ret;

	if (!is)
		return cx_fail(err, CX_FAILED, "out of memory");
	ret = r->flash->ops->read(r->flash, addr, is, len, err);
	if (!ret) {
		while (i < len && is[i] == bytes[i])
			i++;
		if (i < len)
			ret = cx_fail(err, CX_FAILED,
				      "%s: reading back 0x%" PRIx32
				      " gave 0x%02x, written was 0x%02x",
				      r->flash->info.name, addr + i, is[i], bytes[i]);
	}
	free(is);
	return ret;
}

/* Nothing is cleared for the sake of a signature that cannot be read back. */
static int sign_once(struct run *r, uint32_t addr, struct cx_err *err)
{
	const uint8_t *magic = r->plan->image.bytes;

	if (put(r, addr, magic, FW_MAGIC_SIZE, CX_WRITE_NO_ERASE, err))
		return -1;
	return verify(r, addr, magic, FW_MAGIC_SIZE, err);
}

/*
 * A signature that did not take: its unit is written again without it. What there is of it is
 * cleared before, lest an erase cut short leave a signature over a hole.
 */
static int sign(struct run *r, const struct burn_step *step, struct cx_err *err)
{
	struct cx_err first;

	if (!sign_once(r, step->addr, err))
		return 0;
	first = *err;
	for (int try = 1; try < SIGN_TRIES && step->bytes; try++) {
		if (clear(r, step->addr, err) ||
		    put(r, step->addr, step->bytes, step->len, 0, err) ||
		    verify(r, step->addr, step->bytes, step->len, err))
			break;
		r->out->retries++;
		if (!sign_once(r, step->addr, err))
			return 0;
	}
	*err = first;
	return cx_fail_in(err, "the signature cannot be written");
}

/* Without it the card loads the new image at a power cycle only; that is no failure of the burn. */
static void boot(struct run *r, uint32_t addr)
{
	struct cx_err why;

	r->boot_set = !r->flash->ops->set_boot(r->flash, addr, &why);
	if (r->boot_set)
		return;
	r->out->boot_failed = true;
	snprintf(r->out->boot_why, sizeof(r->out->boot_why), "%s", why.text);
}

static int run_step(struct run *r, const struct burn_step *step, struct cx_err *err)
{
	switch (step->kind) {
	case BURN_STEP_CLEAR:
		return clear(r, step->addr, err);
	case BURN_STEP_WRITE:
		return put(r, step->addr, step->bytes, step->len, step->flags, err);
	case BURN_STEP_VERIFY:
		return verify(r, step->addr, step->bytes, step->len, err);
	case BURN_STEP_SIGN:
		r->decided = true;
		return sign(r, step, err);
	case BURN_STEP_BOOT:
		r->decided = true;
		boot(r, step->addr);
		return 0;
	}
	return cx_fail(err, CX_FAILED, "step %d does not exist", step->kind);
}

/* Half-way through a card that starts nothing, the way out is forward. */
static bool may_stop(const struct run *r, enum burn_stage stage)
{
	return stage != BURN_SIGN && !(r->plan->risky && r->touched);
}

static int run_steps(struct run *r, struct cx_err *err)
{
	for (size_t i = 0; i < r->plan->steps; i++) {
		const struct burn_step *step = &r->plan->step[i];
		enum burn_stage stage = stage_of(step);

		if (may_stop(r, stage) && burn_stopped(r->ctl))
			return cx_fail(err, CX_FAILED, "%s: stopped as asked", r->flash->info.name);
		if (!r->done[stage])
			burn_progress(r->ctl, stage, 0, r->total[stage]);
		if (run_step(r, step, err))
			return -1;
		r->done[stage] += weight(step);
		burn_progress(r->ctl, stage, r->done[stage], r->total[stage]);
	}
	return 0;
}

/* ---- what the card holds ---- */

const char *burn_card_state_name(enum burn_card_state state)
{
	static const char *const name[] = {
		[BURN_UNCHANGED] = "unchanged",
		[BURN_OLD] = "old",
		[BURN_NEW] = "new",
		[BURN_UNKNOWN] = "unknown",
	};

	return name[state];
}

static void image_text(const struct fw_image *img, char *buf, size_t size)
{
	char version[20];

	snprintf(buf, size, "%s %s",
		 burn_has_version(img) ? fw_version_text(&img->info.version, version)
				       : "(no version)",
		 *img->info.psid ? img->info.psid : "(no PSID)");
}

/* The image from before that these bytes are, or NULL. */
static const struct fw_image *old_image(const struct run *r, const struct fw_image *img)
{
	for (size_t i = 0; i < r->s->dump.slots; i++)
		if (!r->s->dump.slot[i].state && burn_same_bytes(&r->s->dump.slot[i].img, img))
			return &r->s->dump.slot[i].img;
	return NULL;
}

/* The commands are to work as they are printed. */
static void tell_unknown(struct run *r, const char *why)
{
	char word[CX_TEXT];

	r->out->card_state = BURN_UNKNOWN;
	if (r->plan->risky)
		snprintf(r->out->text, sizeof(r->out->text),
			 "%s: nothing may start from this flash (%s): do not power off and do "
			 "not reset; burn again with --no-failsafe; after a power cut the card "
			 "waits in recovery mode for the same",
			 r->flash->info.name, why);
	else
		snprintf(r->out->text, sizeof(r->out->text),
			 "%s: it is not known which image starts (%s): do not power off and "
			 "do not reset; run cxflashctl verify -d %s, then burn again",
			 r->flash->info.name, why,
			 cx_shell_word(r->flash->info.name, word, sizeof(word)));
}

/* What starts is the image with the lowest signature (flash-access 14). */
static void tell_found(struct run *r, const struct burn_survey *now)
{
	const struct fw_slot *slot = &now->dump.slot[0];
	char image[48];

	if (!now->dump.slots || slot->state) {
		tell_unknown(r, now->dump.slots	      ? slot->why.text
				: now->unclear.status ? now->unclear.text
						      : "no signature is left");
		return;
	}
	image_text(&slot->img, image, sizeof(image));
	if (burn_same_bytes(&slot->img, &r->plan->image) && burn_slot_good(now, 0)) {
		r->out->card_state = BURN_NEW;
		snprintf(r->out->text, sizeof(r->out->text),
			 "%s: the new image, %s, is whole at 0x%" PRIx32
			 " and starts at the next power cycle; burn again to finish the rest",
			 r->flash->info.name, image, slot->start);
	} else if (old_image(r, &slot->img)) {
		r->out->card_state = BURN_OLD;
		snprintf(r->out->text, sizeof(r->out->text),
			 "%s: the card still starts its old image, %s, at 0x%" PRIx32
			 "%s; burn again, which goes on where it ended",
			 r->flash->info.name, image, slot->start,
			 r->boot_set ? " at a power cycle, but the new one may start at a reset"
				     : "");
	} else {
		tell_unknown(r, "the first image is damaged");
	}
}

static void tell_failed(struct run *r)
{
	struct burn_survey now;
	struct cx_err why;

	if (!r->touched) {
		r->out->card_state = BURN_UNCHANGED;
		snprintf(r->out->text, sizeof(r->out->text), "%s: nothing was changed",
			 r->flash->info.name);
	} else if (!burn_survey(r->flash, NULL, &now, &why)) {
		tell_found(r, &now);
		burn_survey_free(&now);
	} else if (r->decided || r->plan->risky) {
		tell_unknown(r, why.text);
	} else {
		/* The kept slot was not touched, and the other one has no signature yet. */
		r->out->card_state = BURN_OLD;
		snprintf(r->out->text, sizeof(r->out->text),
			 "%s: only the slot that does not start was being written, so the old "
			 "image still starts; the flash could not be read again (%s); when it "
			 "can, burn again, which begins by reading it",
			 r->flash->info.name, why.text);
	}
}

static void tell_done(struct run *r)
{
	char image[48];

	image_text(&r->plan->image, image, sizeof(image));
	r->out->card_state = BURN_NEW;
	snprintf(r->out->text, sizeof(r->out->text), "%s: %s is in place at 0x%" PRIx32 "; %s",
		 r->flash->info.name, image, r->plan->start,
		 r->out->boot_failed
			 ? "only a power cycle loads it, as the boot address could not be set"
			 : "the card loads it at its next reset");
}

int burn_execute(const struct burn_survey *s, const struct burn_plan *plan,
		 const struct burn_control *ctl, struct burn_outcome *out, struct cx_err *err)
{
	struct run r = {.flash = s->flash, .s = s, .plan = plan, .ctl = ctl, .out = out};
	struct cx_err late;
	int ret;

	*out = (struct burn_outcome){0};
	if (burn_has_version(&plan->image))
		fw_version_text(&plan->image.info.version, out->version);
	count(&r);
	ret = run_steps(&r, err);
	if (r.flash->ops->sync(r.flash, ret ? &late : err)) {
		/* Any part of what was written may be there after a power cut. */
		if (ret)
			cx_fail_after(err, "; and %s", late.text);
		tell_unknown(&r, err->text);
		err->status = CX_UNKNOWN;
		return -1;
	}
	if (!ret) {
		tell_done(&r);
		return 0;
	}
	tell_failed(&r);
	if (out->card_state == BURN_UNKNOWN)
		err->status = CX_UNKNOWN;
	else if (err->status == CX_UNKNOWN)
		err->status = CX_FAILED;
	return -1;
}
