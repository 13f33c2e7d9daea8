// SPDX-License-Identifier: GPL-2.0-only
/* The order of a burn and of a restore, so that there is a bootable image at every moment. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static int begin(struct burn_builder *b, const struct burn_survey *s, struct burn_plan *plan,
		 struct cx_err *err)
{
	uint32_t units = s->flash->info.erase_sizes;

	*b = (struct burn_builder){
		.plan = plan, .info = &s->flash->info, .size = s->flash->info.size};
	b->unit = units & -units;
	b->block_erase = units & BURN_BLOCK;
	if (!b->unit || b->unit > BURN_BLOCK || units & ~(2 * BURN_BLOCK - 1))
		return cx_fail(err, CX_REFUSED, "%s: erase units 0x%" PRIx32 " are not known",
			       s->flash->info.name, units);
	plan->unit = b->unit;
	return 0;
}

/* Begin with the flash as it is. What was not read is ff in both, and left alone. */
static int begin_with_flash(struct burn_builder *b, const struct burn_survey *s, struct cx_err *err)
{
	b->now = malloc(b->size);
	b->want = malloc(b->size);
	if (!b->now || !b->want)
		return cx_fail(err, CX_FAILED, "out of memory");
	memcpy(b->now, s->bytes, b->size);
	memcpy(b->want, s->bytes, b->size);
	return 0;
}

static int end(struct burn_builder *b, int ret)
{
	free(b->now);
	free(b->want);
	if (ret)
		burn_plan_free(b->plan);
	return ret ? -1 : 0;
}

/*
 * Read the erase units that the plan's image touches. What lies behind them in the block need not
 * be known: it is left alone, or erased with the block and not brought back.
 */
static int read_target(const struct burn_builder *b, struct burn_survey *s,
		       const struct burn_control *ctl, struct cx_err *err)
{
	const struct fw_image *img = &b->plan->image;
	uint32_t len = (img->size + b->unit - 1) / b->unit * b->unit, phys, n;

	for (uint32_t at = 0; at < len; at += n) {
		n = burn_piece(at, len - at, b->plan->start, img->chunk_log2, &phys);
		if (burn_survey_range(s, ctl, phys, n, err))
			return -1;
	}
	return 0;
}

/* The good slot that holds these bytes already, or -1. */
static int holder(const struct burn_survey *s, const struct fw_image *img)
{
	for (size_t i = 0; i < s->dump.slots; i++)
		if (burn_slot_good(s, i) && burn_same_bytes(&s->dump.slot[i].img, img))
			return i;
	return -1;
}

/* A burn that was cut short after its signature: the rest of it. */
static int plan_finish(struct burn_builder *b, const struct burn_survey *s, size_t held,
		       struct cx_err *err)
{
	const struct fw_slot *other = &s->dump.slot[1 - held];

	b->plan->start = s->dump.slot[held].start;
	if (s->dump.slots < 2)
		return cx_fail(err, CX_NOTHING, "%s: the card already holds exactly these bytes",
			       s->flash->info.name);
	b->plan->old_start = other->start;
	return burn_add_step(b, BURN_STEP_BOOT, b->plan->start, 0, NULL, err) ||
	       burn_add_clear(b, other->start, err);
}

static int plan_burn(struct burn_builder *b, const struct burn_survey *s, struct cx_err *err)
{
	struct burn_plan *p = b->plan;
	unsigned int log2 = p->image.chunk_log2;

	if (p->risky)
		return burn_add_risky(b, s, err);
	/* Whatever becomes of the slot that does not start, the kept one does. */
	b->content_flags = burn_slot_good(s, s->kept) ? CX_WRITE_DISCARD : 0;
	return burn_put(b, p->start, log2, p->image.bytes, p->image.size, err) ||
	       burn_add_slot(b, p->start, log2, p->image.size, err) ||
	       burn_add_step(b, BURN_STEP_BOOT, p->start, 0, NULL, err) ||
	       burn_add_clear(b, p->old_start, err);
}

/* Was the permission to go without a second image needed? */
static bool is_risky(const struct burn_verdict *v)
{
	for (size_t i = 0; i < v->findings; i++)
		if (v->finding[i].judgement == BURN_ALLOWED && v->finding[i].may == BURN_MAY_RISK)
			return true;
	return false;
}

static void choose_place(const struct burn_survey *s, struct burn_plan *plan)
{
	if (plan->risky) {
		plan->start = 0;
		plan->old_start = s->kept < 0 ? 0 : burn_kept(s)->start;
		return;
	}
	plan->old_start = burn_kept(s)->start;
	plan->start = plan->old_start ? 0 : 1u << plan->image.chunk_log2;
}

int burn_plan(struct burn_survey *s, const struct burn_request *req, const struct burn_control *ctl,
	      struct burn_verdict *verdict, struct burn_plan *plan, struct cx_err *err)
{
	struct burn_builder b = {.plan = plan};
	int held;

	*plan = (struct burn_plan){0};
	/* A blank dump stands in for a card of the chip that it is to hold an image for. */
	if (s->chip == FW_CHIP_UNKNOWN && !s->flash->info.pci_device)
		burn_adopt_chip(s, req->image);
	if (burn_compose(s, req, verdict, &plan->image, err))
		return -1;
	plan->nv_reserve = burn_nv_reserve(s, &plan->image);
	plan->risky = is_risky(verdict);
	choose_place(s, plan);
	held = holder(s, &plan->image);
	if (begin(&b, s, plan, err) || (held < 0 && read_target(&b, s, ctl, err)) ||
	    begin_with_flash(&b, s, err))
		return end(&b, -1);
	return end(&b, held < 0 ? plan_burn(&b, s, err) : plan_finish(&b, s, held, err));
}

/* ---- a whole dump ---- */

/* The dump a card is to hold: what it will boot, and how its slots lie. */
struct whole {
	uint8_t *bytes; /* the dump, with the card's own NV reserve */
	struct fw_dump parsed;
	const struct fw_image *boots;
	unsigned int log2;
	uint32_t slot; /* bytes of a slot */
};

static bool good_at(const struct burn_survey *s, const struct fw_dump *d, uint32_t start)
{
	for (size_t i = 0; i < d->slots; i++)
		if (d->slot[i].start == start && !d->slot[i].state)
			return !fw_verify(&d->slot[i].img, s->chip, s->flash->info.size, NULL,
					  NULL);
	return false;
}

/* What the dump is, whatever the card holds. */
static int check_dump(const struct burn_survey *s, struct whole *w, struct cx_err *err)
{
	if (!w->parsed.slots || !good_at(s, &w->parsed, w->parsed.slot[0].start))
		return cx_fail(err, CX_INVALID, "the dump's first image does not verify");
	w->boots = &w->parsed.slot[0].img;
	w->log2 = w->boots->chunk_log2;
	w->slot = burn_slot_size(s->flash->info.size, w->log2);
	return fw_fits_chip(w->boots, s->chip, s->chip_rev, err);
}

/* One valid slot at every moment: that takes a good image on either side, cut alike. */
static int check_failsafe(const struct burn_survey *s, const struct whole *w, struct cx_err *err)
{
	const char *name = s->flash->info.name, *flag = burn_flag(BURN_MAY_RISK);
	const struct fw_image *card;

	if (s->kept < 0 || !burn_slot_good(s, s->kept))
		return cx_fail(err, CX_REFUSED,
			       "%s: no image on the card is good, so nothing would boot while the "
			       "dump is written; %s does it all the same",
			       name, flag);
	card = &burn_kept(s)->img;
	if (!w->boots->failsafe || !card->failsafe)
		return cx_fail(err, CX_REFUSED,
			       "%s: %s is non-failsafe: there are not two slots, of which one "
			       "could be kept; %s does it all the same",
			       name, card->failsafe ? "the dump's image" : "the card's image",
			       flag);
	if (w->log2 != card->chunk_log2 || !w->slot)
		return cx_fail(
			err, CX_REFUSED,
			"%s: the dump has chunks of 0x%x, the card of 0x%x, on a flash of "
			"0x%" PRIx32 " bytes: a slot cannot be kept; %s does it all the same",
			name, 1u << w->log2, 1u << card->chunk_log2, s->flash->info.size, flag);
	return 0;
}

/* Give the slot at @start the first @len bytes of @bytes, unless it has them. */
static int whole_slot(struct burn_builder *b, const struct whole *w, uint32_t start,
		      const uint8_t *bytes, uint32_t len, struct cx_err *err)
{
	memcpy(b->want, b->now, b->size);
	if (burn_put(b, start, w->log2, bytes, len, err))
		return -1;
	if (!memcmp(b->want, b->now, b->size))
		return 0;
	return burn_add_slot(b, start, w->log2, len, err);
}

static int raw_slot(struct burn_builder *b, const struct whole *w, uint32_t start,
		    struct cx_err *err)
{
	uint8_t *bytes = malloc(w->slot);
	int ret;

	if (!bytes)
		return cx_fail(err, CX_FAILED, "out of memory");
	ret = fw_gather(w->bytes, b->size, start, w->log2, 0, bytes, w->slot);
	if (ret)
		cx_fail(err, CX_FAILED, "the slot at 0x%" PRIx32 " leaves the dump", start);
	else
		ret = whole_slot(b, w, start, bytes, w->slot, err);
	free(bytes);
	return ret;
}

/*
 * The other slot first. If the dump has nothing good to put there, the image it boots is lent to
 * that slot while the kept one is written.
 */
static int plan_whole(struct burn_builder *b, const struct burn_survey *s, const struct whole *w,
		      struct cx_err *err)
{
	uint32_t kept = b->plan->old_start, other = kept ? 0 : 1u << w->log2;
	bool lend = !good_at(s, &w->parsed, other);

	if (lend && whole_slot(b, w, other, w->boots->bytes, w->boots->size, err))
		return -1;
	if (!lend && raw_slot(b, w, other, err))
		return -1;
	if (raw_slot(b, w, kept, err) || (lend && raw_slot(b, w, other, err)))
		return -1;
	return burn_add_step(b, BURN_STEP_BOOT, b->plan->start, 0, NULL, err);
}

static int plan_dump(struct burn_survey *s, struct whole *w, unsigned int may,
		     struct burn_plan *plan, struct cx_err *err)
{
	struct burn_builder b = {.plan = plan};
	uint32_t nv;

	if (check_dump(s, w, err))
		return -1;
	plan->risky = check_failsafe(s, w, err);
	if ((plan->risky && !(may & BURN_MAY_RISK)) || burn_copy_image(w->boots, &plan->image, err))
		return -1;
	plan->whole_dump = true;
	plan->start = w->parsed.slot[0].start;
	plan->old_start = s->kept < 0 ? 0 : burn_kept(s)->start;
	plan->nv_reserve = burn_nv_reserve(s, w->boots);
	nv = s->flash->info.size - plan->nv_reserve;
	memcpy(w->bytes + nv, s->bytes + nv, plan->nv_reserve);
	if (begin(&b, s, plan, err) || begin_with_flash(&b, s, err))
		return end(&b, -1);
	if (!memcmp(b.now, w->bytes, b.size)) {
		cx_fail(err, CX_NOTHING, "%s: the card already holds exactly this dump",
			s->flash->info.name);
		return end(&b, -1);
	}
	return end(&b, plan->risky ? burn_add_risky_dump(&b, s, w->bytes, err)
				   : plan_whole(&b, s, w, err));
}

int burn_plan_dump(struct burn_survey *s, const uint8_t *bytes, uint32_t len, unsigned int may,
		   const struct burn_control *ctl, struct burn_plan *plan, struct cx_err *err)
{
	struct whole w = {0};
	int ret = -1;

	*plan = (struct burn_plan){0};
	if (burn_check_writable(&s->flash->info, err))
		return cx_fail_in(err, s->flash->info.name);
	if (len != s->flash->info.size)
		return cx_fail(err, CX_REFUSED,
			       "%s: the dump has 0x%" PRIx32 " bytes, the flash 0x%" PRIx32,
			       s->flash->info.name, len, s->flash->info.size);
	if (fw_dump_parse(bytes, len, s->chip, &w.parsed, err))
		return cx_fail_in(err, "the dump");
	if (s->chip == FW_CHIP_UNKNOWN && !s->flash->info.pci_device && w.parsed.slots &&
	    !w.parsed.slot[0].state)
		burn_adopt_chip(s, &w.parsed.slot[0].img);
	w.bytes = malloc(len);
	if (!w.bytes) {
		cx_fail(err, CX_FAILED, "out of memory");
		goto cleanup;
	}
	memcpy(w.bytes, bytes, len);
	if (!burn_survey_range(s, ctl, 0, len, err))
		ret = plan_dump(s, &w, may, plan, err);
cleanup:
	free(w.bytes);
	fw_dump_free(&w.parsed);
	return ret;
}

void burn_plan_free(struct burn_plan *plan)
{
	for (size_t i = 0; i < plan->steps; i++)
		free(plan->step[i].bytes);
	free(plan->step);
	fw_image_free(&plan->image);
	*plan = (struct burn_plan){0};
}
