// SPDX-License-Identifier: GPL-2.0-only
/*
 * The burn, and the power failing during it. Every elementary operation of a burn (erase of a unit,
 * program of a page) is cut in several ways, and after every cut the chip's own rule must find an
 * image that verifies strictly and has the card's identity, with the NV configuration untouched.
 */
#include "burn_make.h"

#define HALF_WAYS 4

/* ---- power cuts ---- */

/* A watched burn: what each of its operations would leave if it were the last. */
struct watch {
	const uint8_t *flash; /* the live bytes */
	uint8_t *cut;	      /* the flash after a cut */
	uint8_t nv[0x2000];
	uint64_t node[2]; /* the identities the card may have */
	bool wait;	  /* until an operation was done after which something boots */
	unsigned int ops, cuts, failures;
	uint32_t seed;
};

/* What an operation leaves when the power fails in it. */
static void half(enum cx_nor_op op, unsigned int way, uint8_t *at, const uint8_t *to, uint32_t len,
		 uint32_t *seed)
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

static void check_cut(struct watch *w, enum cx_nor_op op, uint32_t addr, unsigned int way)
{
	struct cx_err why;
	struct fw_image *img = boot(w->cut, &why);
	bool ours = img && (img->id.guid[0] == w->node[0] || img->id.guid[0] == w->node[1]);

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

static bool watch(enum cx_nor_op op, uint32_t addr, uint8_t *flash, const uint8_t *to, uint32_t len,
		  void *ctx)
{
	struct watch *w = ctx;

	(void)flash;
	for (unsigned int way = 0; way < HALF_WAYS; way++) {
		memcpy(w->cut, w->flash, BENCH_SIZE);
		half(op, way, w->cut + addr, to, len, &w->seed);
		check_cut(w, op, addr, way);
	}
	w->ops++;
	return true;
}

static unsigned int all_cuts, all_ops;

static void watch_begin(struct watch *w, struct bench *b, uint64_t node, bool wait)
{
	*w = (struct watch){
		.flash = b->bytes, .cut = malloc(BENCH_SIZE), .wait = wait, .seed = 0x5eed};
	if (!w->cut)
		abort();
	memcpy(w->nv, b->bytes + BENCH_SIZE - 0x2000, sizeof(w->nv));
	w->node[0] = w->node[1] = node;
	cx_flash_set_hook(b->f, watch, w);
}

static void watch_end(struct watch *w, struct bench *b, const char *name)
{
	cx_flash_set_hook(b->f, NULL, NULL);
	ok(!w->failures && !w->wait, "%s: bootable after each of %u cuts in %u operations", name,
	   w->cuts, w->ops);
	all_cuts += w->cuts;
	all_ops += w->ops;
	free(w->cut);
}

/* ---- scenarios ---- */

#define NODE 0x0002c90300123450ull

static int burn_onto(struct bench *b, const struct burn_request *req, struct burn_outcome *out,
		     struct burn_plan *plan, struct cx_err *err)
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

/* One burn with all its cuts; what boots afterwards is what was wanted, in the slot expected. */
static void cut_all(const char *name, struct bench *b, const struct burn_request *req,
		    uint64_t new_node, unsigned int slot, bool wait)
{
	struct burn_outcome out;
	struct burn_plan plan;
	struct watch w;
	struct cx_err err;
	struct fw_image *img;
	struct cx_err why;

	watch_begin(&w, b, NODE, wait);
	w.node[1] = new_node;
	if (!ok(!burn_onto(b, req, &out, &plan, &err), "%s: burns", name))
		diag("%s", err.text);
	watch_end(&w, b, name);
	img = boot(b->bytes, &why);
	ok(img && plan.image.size == img->size && !memcmp(img->bytes, plan.image.bytes, img->size),
	   "%s: the new image boots %s", name, why.text);
	is_int(img ? img->id.guid[0] : 0, new_node, "%s: with the right identity", name);
	is_int(plan.start, slot ? 1 << req->image->chunk_log2 : 0, "%s: in the other slot", name);
	is_int(out.card_state, BURN_NEW, "%s: and says so", name);
	boot_free(img);
	burn_plan_free(&plan);
}

static const struct make old = {.opt = {.chunk_log2 = 19, .code = 9000}};
static const struct make newer = {
	.opt = {.chunk_log2 = 19, .code = 9000}, .subminor = 2000, .card = OTHER_CARD, .seed = 11};
static const struct make stale = {
	.opt = {.chunk_log2 = 19, .code = 9000}, .subminor = 500, .seed = 22};
/* Four stripes of 64 KiB. */
static const struct make big_old = {.opt = {.chunk_log2 = 16, .code = 220000}};
static const struct make big_new = {.opt = {.chunk_log2 = 16, .code = 215000},
				    .subminor = 2000,
				    .card = OTHER_CARD,
				    .seed = 33};

static void unsign(struct bench *b, unsigned int slot, const struct make *how)
{
	memset(b->bytes + bench_start(slot, how), 0, 4);
}

/* First burn on a blank slot, and re-burn over an old one, either way round. */
static void plain(uint32_t erase_sizes, const struct make *was, const struct make *is,
		  const char *size)
{
	struct fw_image img = make_parsed(is);
	struct burn_request req = {.image = &img};
	struct bench b;
	char name[80];

	for (unsigned int kept = 0; kept < 2; kept++)
		for (unsigned int reburn = 0; reburn < 2; reburn++) {
			struct make before = *was;

			snprintf(name, sizeof(name), "%s image, erase 0x%x, %s, kept slot %u", size,
				 erase_sizes, reburn ? "re-burn" : "first burn", kept);
			bench_open(&b, erase_sizes);
			bench_put(&b, kept, was);
			before.seed = 77;
			if (reburn) {
				bench_put(&b, !kept, &before);
				unsign(&b, !kept, &before);
			}
			cut_all(name, &b, &req, NODE, !kept, false);
			bench_close(&b);
		}
	fw_image_free(&img);
}

/* ---- start states ---- */

static uint32_t running_subminor;

static int cr_read(struct cx_flash *f, uint32_t addr, uint32_t *word, unsigned int count,
		   struct cx_err *err)
{
	(void)f;
	if (!running_subminor || addr != 0x1f064 || count != 2)
		return cx_fail(err, CX_REFUSED, "no CR space");
	word[0] = 2 << 16;
	word[1] = 9 << 16 | running_subminor;
	return 0;
}

/* Something is in the target slot already: @damage makes it what it is. */
static void start_state(const char *name, unsigned int kept, const struct make *target,
			void (*damage)(uint8_t *start), bool wait, uint32_t running)
{
	struct fw_image img = make_parsed(&newer);
	struct burn_request req = {.image = &img};
	struct bench b;

	bench_open(&b, 0x11000);
	b.ops.cr_read = cr_read;
	running_subminor = running;
	bench_put(&b, kept, &old);
	bench_put(&b, !kept, target);
	if (damage)
		damage(b.bytes + bench_start(!kept, target));
	cut_all(name, &b, &req, NODE, !kept, wait);
	bench_close(&b);
	fw_image_free(&img);
}

static void half_signature(uint8_t *start)
{
	memset(start + 8, 0xff, 8);
}

static void half_cleared(uint8_t *start)
{
	start[0] = 0;
}

static void hole(uint8_t *start)
{
	memset(start + 0x100, 0xff, 0x300);
}

static void start_states(void)
{
	start_state("both valid, slot 0 runs", 0, &stale, NULL, false, 1000);
	start_state("both valid, slot 1 runs", 1, &stale, NULL, false, 1000);
	start_state("both valid, unknown what runs", 0, &stale, NULL, false, 0);
	start_state("slot 1 corrupt", 0, &stale, hole, false, 0);
	/* Until its signature is gone nothing boots; that is how the card came. */
	start_state("slot 0 corrupt", 1, &stale, hole, true, 0);
	start_state("half-written signature in slot 1", 0, &stale, half_signature, false, 0);
	start_state("half-written signature in slot 0", 1, &stale, half_signature, false, 0);
	start_state("half-cleared signature in slot 1", 0, &stale, half_cleared, false, 0);
	start_state("half-cleared signature in slot 0", 1, &stale, half_cleared, false, 0);
}

/* ---- other kinds of burn ---- */

static void kinds(void)
{
	static const struct make older = {
		.opt = {.chunk_log2 = 19, .code = 9000}, .subminor = 500, .seed = 5};
	static const struct make other_board = {
		.opt = {.chunk_log2 = 19, .code = 9000}, .psid = "MT_0D90110009", .subminor = 2000};
	static const struct make no_rom = {.opt = {.chunk_log2 = 19, .code = 9000, .no_rom = true},
					   .subminor = 2000};
	static const struct make other_card = {.opt = {.chunk_log2 = 19, .code = 9000},
					       .card = OTHER_CARD};
	const uint64_t other_node = NODE >> 32 << 32 | OTHER_CARD;
	struct {
		const char *name;
		const struct make *make;
		struct burn_request req;
		uint64_t node;
		bool rom; /* afterwards */
	} kind[] = {
		{"downgrade", &older, {.may = BURN_MAY_GO_BACK}, NODE, true},
		{"PSID change", &other_board, {.may = BURN_MAY_CHANGE_PSID}, NODE, true},
		{"ROM kept", &no_rom, {.rom = BURN_ROM_KEEP}, NODE, true},
		{"ROM of the image", &no_rom, {.rom = BURN_ROM_IMAGE}, NODE, false},
		{"ROM removed", &newer, {.rom = BURN_ROM_NONE}, NODE, false},
		{"another identity", &other_card, {.rom = BURN_ROM_IMAGE}, other_node, true},
	};

	for (size_t i = 0; i < sizeof(kind) / sizeof(*kind); i++) {
		struct fw_image img = make_parsed(kind[i].make);
		struct burn_request req = kind[i].req;
		struct fw_image *booted;
		struct cx_err why;
		struct bench b;

		req.image = &img;
		if (kind[i].node != NODE)
			req.identity = &img.id;
		bench_open(&b, 0x11000);
		bench_put(&b, 0, &old);
		cut_all(kind[i].name, &b, &req, kind[i].node, 1, false);
		booted = boot(b.bytes, &why);
		ok(booted && !fw_image_find(booted, FW_ROM, 0) == !kind[i].rom, "%s: %s ROM",
		   kind[i].name, kind[i].rom ? "has its" : "has no");
		boot_free(booted);
		bench_close(&b);
		fw_image_free(&img);
	}
}

/* ---- a whole dump ---- */

static int restore_onto(struct bench *b, const uint8_t *dump, struct burn_outcome *out,
			struct cx_err *err)
{
	struct burn_plan plan;
	struct burn_survey s;
	int ret = -1;

	if (b->f->ops->lock(b->f, err) || burn_survey(b->f, NULL, &s, err))
		return -1;
	if (!burn_plan_dump(&s, dump, BENCH_SIZE, 0, NULL, &plan, err)) {
		if (!burn_rehearse(&s, &plan, NULL, err))
			ret = burn_execute(&s, &plan, NULL, out, err);
		burn_plan_free(&plan);
	}
	burn_survey_free(&s);
	return ret;
}

/* @in: bit n, the dump has a good image in slot n. */
static void whole_dump(unsigned int kept, unsigned int in, uint32_t erase_sizes)
{
	struct burn_outcome out = {.card_state = BURN_UNKNOWN};
	struct bench card, dump;
	struct cx_err err = {0};
	struct watch w;
	char name[80];

	snprintf(name, sizeof(name), "whole dump with slots %s%s, kept slot %u, erase 0x%x",
		 in & 1 ? "0" : "", in & 2 ? "1" : "", kept, erase_sizes);
	bench_open(&card, erase_sizes);
	bench_put(&card, kept, &old);
	bench_open(&dump, erase_sizes);
	for (unsigned int slot = 0; slot < 2; slot++)
		if (in & 1 << slot)
			bench_put(&dump, slot,
				  slot ? &stale
				       : &(struct make){.opt = {.chunk_log2 = 19, .code = 9000},
							.subminor = 700,
							.seed = 44});
	/* Bytes outside images are part of a dump, the NV reserve is not. */
	memset(dump.bytes + 0x70000, 0x5a, 300);
	memset(dump.bytes + BENCH_SIZE - 0x3000, 0xa5, 64);
	memset(dump.bytes + BENCH_SIZE - 0x100, 0x33, 64);
	watch_begin(&w, &card, NODE, false);
	if (!ok(!restore_onto(&card, dump.bytes, &out, &err), "%s: is restored", name))
		diag("%s", err.text);
	watch_end(&w, &card, name);
	is_int(out.card_state, BURN_NEW, "%s: and says so", name);
	ok(!memcmp(card.bytes, dump.bytes, BENCH_SIZE - 0x2000), "%s: every byte is there", name);
	is_int(restore_onto(&card, dump.bytes, &out, &err), -1, "%s: once is enough", name);
	is_int(err.status, CX_NOTHING, "%s: as it says", name);
	bench_close(&dump);
	bench_close(&card);
}

/* ---- real cuts, and going on ---- */

struct cutter {
	unsigned int at, ops, way;
	uint32_t seed;
};

static bool cut_here(enum cx_nor_op op, uint32_t addr, uint8_t *flash, const uint8_t *to,
		     uint32_t len, void *ctx)
{
	struct cutter *c = ctx;

	(void)addr;
	if (c->ops++ < c->at)
		return true;
	half(op, c->way, flash, to, len, &c->seed);
	return false;
}

/*
 * Cut for real, look at what the burn says of the card, power on, burn again: it always ends in the
 * new image, and the claim was true.
 */
static void resume(unsigned int kept)
{
	struct fw_image img = make_parsed(&newer);
	struct burn_request req = {.image = &img};
	unsigned int done = 0, lied = 0, stuck = 0, claims[4] = {0};
	bool finished = false;

	for (unsigned int at = 0; !finished; at++)
		for (unsigned int way = 0; way < HALF_WAYS && !finished; way++) {
			struct cutter c = {.at = at, .way = way, .seed = 99 + at};
			struct burn_outcome out, again;
			struct burn_plan plan;
			struct bench b;
			struct cx_err err;
			struct fw_image *is;
			struct cx_err why;

			bench_open(&b, 0x11000);
			bench_put(&b, kept, &old);
			bench_put(&b, !kept, &stale);
			unsign(&b, !kept, &stale);
			cx_flash_set_hook(b.f, cut_here, &c);
			finished = !burn_onto(&b, &req, &out, &plan, &err);
			is = boot(b.bytes, &why);
			claims[out.card_state]++;
			if (!finished && out.card_state == BURN_OLD &&
			    !(is && is->info.version.subminor == 1000))
				lied++;
			if (!finished && (out.card_state == BURN_NEW || err.status == CX_OK))
				lied++;
			if (!finished &&
			    (err.status == CX_UNKNOWN) != (out.card_state == BURN_UNKNOWN))
				lied++;
			boot_free(is);
			burn_plan_free(&plan);

			/* Power on again. */
			cx_flash_set_hook(b.f, NULL, NULL);
			b.f->ops->close(b.f);
			bench_power(&b, 0x11000);
			if (burn_onto(&b, &req, &again, &plan, &err) && err.status != CX_NOTHING)
				stuck++;
			is = boot(b.bytes, &why);
			if (!is || is->info.version.subminor != 2000 || is->id.guid[0] != NODE)
				stuck++;
			boot_free(is);
			burn_plan_free(&plan);
			bench_close(&b);
			done++;
		}
	is_int(lied, 0, "kept slot %u: after %u real cuts the card state told was true", kept,
	       done - 1);
	diag("claims: unchanged %u, old %u, new %u, unknown %u", claims[0], claims[1], claims[2],
	     claims[3]);
	is_int(stuck, 0, "kept slot %u: and burning again ended in the new image", kept);
	all_cuts += done - 1;
	fw_image_free(&img);
}

int main(void)
{
	static const uint32_t erase[] = {0x11000, 0x1000, 0x10000};

	for (size_t i = 0; i < 3; i++)
		plain(erase[i], &old, &newer, "small");
	plain(0x11000, &big_old, &big_new, "striped");
	start_states();
	kinds();
	for (unsigned int kept = 0; kept < 2; kept++)
		for (unsigned int in = 1; in < 4; in++)
			whole_dump(kept, in, 0x11000);
	resume(0);
	resume(1);
	diag("%u cuts in %u operations", all_cuts, all_ops);
	return tap_done();
}
