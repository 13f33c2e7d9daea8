// SPDX-License-Identifier: GPL-2.0-only
/*
 * Burns without a second image to fall back to. Wherever the power is cut the card starts nothing,
 * or a whole image of its own: never half of one. And the same burn again brings it to life.
 */
#include "cuts.h"

static const struct make old = {.opt = {.chunk_log2 = 19, .code = 9000}};
static const struct make old_single = {.opt = {.nonfailsafe = true, .code = 9000}, .seed = 3};
static const struct make newer = {
	.opt = {.chunk_log2 = 19, .code = 9000}, .subminor = 2000, .seed = 11};
static const struct make other_chunks = {
	.opt = {.chunk_log2 = 18, .code = 300000}, .subminor = 2000, .seed = 12};
static const struct make single = {
	.opt = {.nonfailsafe = true, .code = 9000}, .subminor = 2000, .seed = 13};
/* More than half of the flash. */
static const struct make large = {
	.opt = {.nonfailsafe = true, .code = 600000}, .subminor = 2000, .seed = 14};

/* ---- start states ---- */

static void blank(struct bench *b)
{
	(void)b;
}

static void slot0(struct bench *b)
{
	bench_put(b, 0, &old);
}

static void slot1(struct bench *b)
{
	bench_put(b, 1, &old);
}

static void nonfailsafe(struct bench *b)
{
	bench_put(b, 0, &old_single);
}

static void ruined(struct bench *b)
{
	bench_put(b, 0, &old);
	memset(b->bytes + 0x28, 1, 4);
}

static void three(struct bench *b)
{
	bench_put_three(b, &old);
}

/* Bytes that look like nothing, wherever they may. */
static void rubbish(struct bench *b)
{
	uint32_t seed = 4711;

	for (uint32_t i = 0; i < BENCH_SIZE - 0x2000; i++)
		b->bytes[i] = fs2_rand(&seed);
}

struct scene {
	const char *name;
	void (*begin)(struct bench *b);
	const struct make *image;
	const char *refusal; /* without the permission */
};

static const struct scene scenes[] = {
	{"blank flash", blank, &newer, "no image on this flash"},
	{"flash full of rubbish", rubbish, &newer, "no image on this flash"},
	{"ruined image", ruined, &newer, "can be taken apart"},
	{"three signatures", three, &newer, "more than two"},
	{"non-failsafe flash", nonfailsafe, &newer, "no second slot"},
	{"non-failsafe image over slot 0", slot0, &single, "non-failsafe"},
	{"non-failsafe image beside slot 1", slot1, &single, "non-failsafe"},
	{"image larger than a slot over slot 0", slot0, &large, "non-failsafe"},
	{"image larger than a slot over slot 1", slot1, &large, "non-failsafe"},
	{"other chunks over slot 0", slot0, &other_chunks, "chunk size of 0x40000"},
	{"other chunks over slot 1", slot1, &other_chunks, "chunk size of 0x40000"},
};

#define SCENES (sizeof(scenes) / sizeof(*scenes))

static void refused(const struct scene *c, const struct burn_request *req, struct bench *b)
{
	struct burn_request plain = *req;
	struct burn_outcome out;
	struct burn_plan plan;
	struct cx_err err;

	plain.may = 0;
	ok(burn_onto(b, &plain, &out, &plan, &err) && err.status == CX_REFUSED, "%s: is refused",
	   c->name);
	has_str(err.text, c->refusal, "%s: says why", c->name);
	has_str(err.text, "--no-failsafe", "%s: and names the flag", c->name);
	b->f->ops->unlock(b->f, &err);
}

/* Where nothing starts if the write fails, the old bytes are put back. */
static void gives_nothing_up(const struct burn_plan *p, const char *name)
{
	size_t writes = 0, discards = 0;

	for (size_t i = 0; i < p->steps; i++) {
		writes += p->step[i].kind == BURN_STEP_WRITE;
		discards += !!(p->step[i].flags & CX_WRITE_DISCARD);
	}
	ok(writes && !discards, "%s: old bytes are not given up", name);
}

static void burnt(const struct scene *c, uint32_t erase_sizes)
{
	struct fw_image img = make_parsed(c->image), *is;
	struct burn_request req = {
		.image = &img, .identity = &img.id, .rom = BURN_ROM_IMAGE, .may = BURN_MAY_RISK};
	struct burn_outcome out;
	struct burn_plan plan;
	struct cx_err err, why;
	struct bench b;
	struct watch w;

	bench_open(&b, erase_sizes);
	c->begin(&b);
	refused(c, &req, &b);
	watch_begin(&w, &b, false);
	w.risky = true;
	/* Three signatures and a ruin are how the card came. */
	w.wait = c->begin == ruined || c->begin == three;
	if (!ok(!burn_onto(&b, &req, &out, &plan, &err), "%s: burns", c->name))
		diag("%s", err.text);
	watch_end(&w, &b, c->name);
	ok(plan.risky && !plan.start, "%s: at the beginning of the flash", c->name);
	gives_nothing_up(&plan, c->name);
	is = boot(b.bytes, &why);
	ok(is != NULL, "%s: boots %s", c->name, why.text);
	is_int(is ? is->info.version.subminor : 0, 2000, "%s: the new image", c->name);
	is_int(out.card_state, BURN_NEW, "%s: and says so", c->name);
	boot_free(is);
	burn_plan_free(&plan);
	bench_close(&b);
	fw_image_free(&img);
}

/* The burn cut for real at an operation: is it the truth what is said of the card? */
static bool cut_at(const struct scene *c, const struct burn_request *req, struct cutter *cut,
		   struct bench *b)
{
	struct burn_outcome out;
	struct burn_plan plan;
	struct cx_err err, why;
	struct fw_image *is;
	bool finished, starts;

	bench_open(b, 0x11000);
	c->begin(b);
	cx_flash_set_hook(b->f, cut_here, cut);
	finished = !burn_onto(b, req, &out, &plan, &err);
	is = boot(b->bytes, &why);
	starts = is;
	boot_free(is);
	burn_plan_free(&plan);
	return finished || starts || out.card_state == BURN_UNKNOWN;
}

/* Cut at each operation, or at every third up to the last, then the same again. */
static void resumed(const struct scene *c)
{
	struct fw_image img = make_parsed(c->image);
	struct burn_request req = {
		.image = &img, .identity = &img.id, .rom = BURN_ROM_IMAGE, .may = BURN_MAY_RISK};
	unsigned int cuts = 0, stuck = 0, lied = 0, step = cuts_all() ? 1 : 3;
	struct cutter whole = {.at = UINT_MAX};
	struct bench b;

	cut_at(c, &req, &whole, &b);
	bench_close(&b);
	for (unsigned int at = (whole.ops - 1) % step; at < whole.ops; at += step) {
		struct cutter cut = {.at = at, .way = at % HALF_WAYS, .seed = 5 + at};

		lied += !cut_at(c, &req, &cut, &b);
		stuck += !burn_again(&b, &req);
		bench_close(&b);
		cuts++;
	}
	ok(cuts > 10 && !stuck,
	   "%s: after each of %u cuts in %u operations the same burn brings it to life", c->name,
	   cuts, whole.ops);
	is_int(lied, 0, "%s: and while nothing starts the state is called unknown", c->name);
	fw_image_free(&img);
}

/* ---- other things ---- */

/* Burns onto a card with a good image in @slot, which boots until the new one does. */
struct kept {
	const char *name;
	unsigned int slot;
	const struct make *image;
	unsigned int may;
	bool recovery, risky;
	uint32_t start; /* where the new one goes */
};

static void keeps(const struct kept *k)
{
	struct fw_image img = make_parsed(k->image);
	struct burn_request req = {.image = &img, .may = k->may};
	struct burn_outcome out;
	struct burn_plan plan;
	struct cx_err err;
	struct bench b;
	struct watch w;

	bench_open(&b, 0x11000);
	bench_put(&b, k->slot, &old);
	b.f->info.recovery = k->recovery;
	watch_begin(&w, &b, false);
	ok(!burn_onto(&b, &req, &out, &plan, &err), "%s: burns", k->name);
	is_int(plan.risky, k->risky, "%s: %s", k->name, k->risky ? "not failsafe" : "failsafe");
	is_int(plan.start, k->start, "%s: where it should", k->name);
	watch_end(&w, &b, k->name);
	burn_plan_free(&plan);
	bench_close(&b);
	fw_image_free(&img);
}

static void kept(void)
{
	static const struct make small_single = {
		.opt = {.nonfailsafe = true}, .subminor = 2000, .seed = 15};
	static const struct kept cases[] = {
		{"an image beside the card's", 1, &small_single, BURN_MAY_RISK, false, true, 0},
		{"permitted, not needed", 0, &newer, BURN_MAY_RISK, false, false, 0x80000},
		{"recovery mode, a flash that verifies", 1, &newer, 0, true, false, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		keeps(&cases[i]);
}

/* ---- stopping ---- */

static volatile sig_atomic_t stop;

static void stop_in(enum burn_stage stage, uint64_t done, uint64_t total, void *ctx)
{
	const enum burn_stage *when = ctx;

	(void)total;
	if (stage == *when && done)
		stop = 1;
}

/* Half-way the way out is forward: a stop is heard only while the card is as it was. */
static void stopped(bool at_once)
{
	enum burn_stage when = BURN_WRITE;
	struct burn_control ctl = {.progress = stop_in, .ctx = &when, .stop = &stop};
	struct fw_image img = make_parsed(&newer), *is;
	struct burn_request req = {.image = &img, .identity = &img.id, .may = BURN_MAY_RISK};
	struct burn_outcome out;
	struct burn_survey s;
	struct burn_plan plan;
	struct cx_err err, why;
	struct bench b;
	int ret;

	bench_open(&b, 0x11000);
	if (b.f->ops->lock(b.f, &err) || burn_survey(b.f, NULL, &s, &err) ||
	    burn_plan(&s, &req, NULL, &verdict, &plan, &err))
		abort();
	stop = at_once;
	ret = burn_execute(&s, &plan, &ctl, &out, &err);
	is = boot(b.bytes, &why);
	if (at_once)
		ok(ret && out.card_state == BURN_UNCHANGED && !is, "stopped before: unchanged");
	else
		ok(stop && !ret && out.card_state == BURN_NEW && is, "stopped half-way: finished");
	boot_free(is);
	burn_plan_free(&plan);
	burn_survey_free(&s);
	bench_close(&b);
	fw_image_free(&img);
}

/* A whole dump onto a flash that has nothing good. */
static void whole_dump(void (*begin)(struct bench *b), unsigned int in, const char *name)
{
	struct burn_outcome out = {.card_state = BURN_UNKNOWN};
	struct bench card, dump;
	struct burn_plan plan;
	struct burn_survey s;
	struct cx_err err;
	struct watch w;

	bench_open(&card, 0x11000);
	begin(&card);
	bench_open(&dump, 0x11000);
	for (unsigned int slot = 0; slot < 2; slot++)
		if (in & 1u << slot)
			bench_put(&dump, slot, slot ? &newer : &old);
	memset(dump.bytes + 0x70000, 0x5a, 300);
	watch_begin(&w, &card, begin == ruined);
	w.risky = true;
	if (card.f->ops->lock(card.f, &err) || burn_survey(card.f, NULL, &s, &err))
		abort();
	ok(burn_plan_dump(&s, dump.bytes, BENCH_SIZE, 0, NULL, &plan, &err) &&
		   strstr(err.text, "--no-failsafe"),
	   "%s: the flag is named", name);
	if (ok(!burn_plan_dump(&s, dump.bytes, BENCH_SIZE, BURN_MAY_RISK, NULL, &plan, &err),
	       "%s: is planned", name)) {
		gives_nothing_up(&plan, name);
		ok(!burn_rehearse(&s, &plan, NULL, &err) &&
			   !burn_execute(&s, &plan, NULL, &out, &err),
		   "%s: is written", name);
		burn_plan_free(&plan);
	}
	watch_end(&w, &card, name);
	is_int(out.card_state, BURN_NEW, "%s: and says so", name);
	ok(!memcmp(card.bytes, dump.bytes, BENCH_SIZE - 0x2000), "%s: every byte is there", name);
	burn_survey_free(&s);
	bench_close(&dump);
	bench_close(&card);
}

int main(void)
{
	for (size_t i = 0; i < SCENES; i++)
		burnt(&scenes[i], i % 2 ? 0x11000 : 0x1000);
	for (size_t i = 0; i < SCENES; i++)
		if (scenes[i].image != &large && scenes[i].image != &other_chunks)
			resumed(&scenes[i]);
	kept();
	stopped(true);
	stopped(false);
	whole_dump(blank, 1, "whole dump with slot 0 onto a blank flash");
	whole_dump(blank, 2, "whole dump with slot 1 onto a blank flash");
	whole_dump(blank, 3, "whole dump with both slots onto a blank flash");
	whole_dump(ruined, 3, "whole dump onto a ruined image");
	whole_dump(nonfailsafe, 3, "whole dump onto a non-failsafe flash");
	diag("%u cuts in %u operations", all_cuts, all_ops);
	return tap_done();
}
