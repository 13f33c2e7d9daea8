/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The power failing during a burn. Every elementary operation (erase of a unit, program of a page)
 * is cut in several ways, and after every cut the chip's own rule must find an image that verifies
 * strictly and has the card's identity, with the NV configuration untouched.
 */
#ifndef CXFLASH_CUTS_H
#define CXFLASH_CUTS_H

#include "burn_make.h"

#define HALF_WAYS 4

/* ---- power cuts ---- */

/* Who the made images are when nothing else is said. */
static inline const struct fw_identity *card_identity(void)
{
	static struct fw_identity id;
	struct fw_image img;

	if (!id.guid[0]) {
		img = make_parsed(&(struct make){0});
		id = img.id;
		fw_image_free(&img);
	}
	return &id;
}

static inline bool same_card(const struct fw_identity *a, const struct fw_identity *b)
{
	return !memcmp(a->guid, b->guid, sizeof(a->guid)) &&
	       !memcmp(a->mac, b->mac, sizeof(a->mac)) && !memcmp(a->vsd, b->vsd, sizeof(a->vsd));
}

/* A watched burn: what each of its operations would leave if it were the last. */
struct watch {
	const uint8_t *flash; /* the live bytes */
	uint8_t *cut; /* the flash after a cut; else the same bytes, but for what the last operation
			 did */
	uint32_t done, done_len; /* by it */
	uint8_t nv[0x2000];
	const struct fw_identity *id[2]; /* what the card may be */
	bool risky;			 /* a card that starts nothing is one of the right ends */
	bool wait; /* until an operation was done after which something boots */
	unsigned int ops, cuts, failures;
	uint32_t seed;
};

/* What an operation leaves when the power fails in it. */
static inline void half(enum cx_nor_op op, unsigned int way, uint8_t *at, const uint8_t *to,
			uint32_t len, uint32_t *seed)
{
	for (uint32_t i = 0; i < len; i++) {
		bool first = i < len / 2;
		uint8_t mess = fs2_rand(seed);
		uint8_t done = op == CX_NOR_ERASE ? 0xff : at[i] & to[i];

		if (way == 1) /* the first half is done */
			at[i] = first ? done : at[i];
		else if (way == 2) /* the second half is done */
			at[i] = first ? at[i] : done;
		else if (way == 3 && op == CX_NOR_PROGRAM) /* some bits are done */
			at[i] &= to[i] | mess;
		else if (way == 3) /* parts program all zeros before they erase */
			at[i] = first ? mess : 0;
	}
}

static inline void check_cut(struct watch *w, enum cx_nor_op op, uint32_t addr, unsigned int way)
{
	struct cx_err why;
	struct fw_image *img = boot(w->cut, &why);
	bool ours = img && (same_card(&img->id, w->id[0]) || same_card(&img->id, w->id[1]));

	ours |= w->risky && !strcmp(why.text, "no signature");
	w->cuts++;
	if (ours && !memcmp(w->cut + BENCH_SIZE - 0x2000, w->nv, sizeof(w->nv))) {
		w->wait &= way != 0;
	} else if (!w->wait) {
		diag("operation %u (%s at 0x%x), way %u: %s", w->ops,
		     op == CX_NOR_ERASE ? "erase" : "program", addr, way,
		     img ? ours ? "NV configuration changed" : "another card's identity"
			 : why.text);
		w->failures++;
	}
	boot_free(img);
}

/* CUTS=all */
static inline bool cuts_all(void)
{
	const char *cuts = getenv("CUTS");

	return cuts && !strcmp(cuts, "all");
}

/*
 * Is an operation cut in this way? An erase is in every one, and so is a page of the first 4 KiB
 * from where an image may begin: signature, header, and what the header points at. One page of code
 * is like the other: these take turns, and of those deep in a large image every eighth is cut. All
 * of them with CUTS=all.
 */
static inline bool cut_so(enum cx_nor_op op, uint32_t addr, unsigned int way, unsigned int ops)
{
	uint32_t block = addr >> 16, in_block = addr & 0xffff;

	if (op == CX_NOR_ERASE || cuts_all() || (!(block & (block - 1)) && in_block < 0x1000))
		return true;
	return way == ops / 8 % HALF_WAYS && (in_block < 0x4000 || !(ops % 8));
}

static inline bool watch(enum cx_nor_op op, uint32_t addr, uint8_t *flash, const uint8_t *to,
			 uint32_t len, void *ctx)
{
	struct watch *w = ctx;

	memcpy(w->cut + w->done, w->flash + w->done, w->done_len);
	for (unsigned int way = 0; way < HALF_WAYS; way++) {
		if (!cut_so(op, addr, way, w->ops))
			continue;
		half(op, way, w->cut + addr, to, len, &w->seed);
		check_cut(w, op, addr, way);
		memcpy(w->cut + addr, flash, len);
	}
	w->done = addr;
	w->done_len = len;
	w->ops++;
	return true;
}

static unsigned int all_cuts, all_ops;

static inline void watch_begin(struct watch *w, struct bench *b, bool wait)
{
	*w = (struct watch){
		.flash = b->bytes, .cut = malloc(BENCH_SIZE), .wait = wait, .seed = 0x5eed};
	if (!w->cut)
		abort();
	memcpy(w->cut, b->bytes, BENCH_SIZE);
	memcpy(w->nv, b->bytes + BENCH_SIZE - 0x2000, sizeof(w->nv));
	w->id[0] = w->id[1] = card_identity();
	cx_flash_set_hook(b->f, watch, w);
}

static inline void watch_end(struct watch *w, struct bench *b, const char *name)
{
	cx_flash_set_hook(b->f, NULL, NULL);
	memcpy(w->cut + w->done, w->flash + w->done, w->done_len);
	ok(!memcmp(w->cut, w->flash, BENCH_SIZE), "%s: every operation was seen", name);
	ok(!w->failures && !w->wait, "%s: bootable after each of %u cuts in %u operations", name,
	   w->cuts, w->ops);
	all_cuts += w->cuts;
	all_ops += w->ops;
	free(w->cut);
}

/* All of a burn; the caller frees the plan. */
static inline int burn_onto(struct bench *b, const struct burn_request *req,
			    struct burn_outcome *out, struct burn_plan *plan, struct cx_err *err)
{
	struct burn_survey s;
	int ret = -1;

	*out = (struct burn_outcome){.card_state = BURN_UNCHANGED};
	*plan = (struct burn_plan){0};
	if (b->f->ops->lock(b->f, err) || burn_survey(b->f, NULL, &s, err))
		return -1;
	if (!burn_plan(&s, req, NULL, &verdict, plan, err) && !burn_rehearse(&s, plan, NULL, err))
		ret = burn_execute(&s, plan, NULL, out, err);
	burn_survey_free(&s);
	return ret;
}

/* ---- real cuts ---- */

struct cutter {
	unsigned int at, ops, way;
	uint32_t seed;
};

static inline bool cut_here(enum cx_nor_op op, uint32_t addr, uint8_t *flash, const uint8_t *to,
			    uint32_t len, void *ctx)
{
	struct cutter *c = ctx;

	(void)addr;
	if (c->ops++ < c->at)
		return true;
	half(op, c->way, flash, to, len, &c->seed);
	return false;
}

/* The power comes back, and the same burn is done again: does the card boot what it is about? */
static inline bool burn_again(struct bench *b, const struct burn_request *req)
{
	struct burn_outcome out;
	struct burn_plan plan;
	struct cx_err err, why;
	struct fw_image *is;
	bool good;

	cx_flash_set_hook(b->f, NULL, NULL);
	b->f->ops->close(b->f);
	bench_power(b, 0x11000);
	good = !burn_onto(b, req, &out, &plan, &err) || err.status == CX_NOTHING;
	if (!good)
		diag("%s", err.text);
	burn_plan_free(&plan);
	is = boot(b->bytes, &why);
	good &= is && same_card(&is->id, card_identity()) &&
		is->info.version.subminor == req->image->info.version.subminor;
	boot_free(is);
	return good;
}

#endif
