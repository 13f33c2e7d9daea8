// SPDX-License-Identifier: GPL-2.0-only
/*
 * The burn, and the power failing during it. Every elementary operation of a burn (erase of a unit,
 * program of a page) is cut in several ways, and after every cut the chip's own rule must find an
 * image that verifies strictly and has the card's identity, with the NV configuration untouched.
 */
#include "cuts.h"

/* ---- scenarios ---- */

/* One burn with all its cuts; what boots afterwards is what was wanted, in the slot expected. */
static void cut_all(const char *name, struct bench *b, const struct burn_request *req,
		    unsigned int slot, bool wait)
{
	const struct fw_identity *becomes = req->identity ? req->identity : card_identity();
	struct burn_outcome out;
	struct burn_plan plan;
	struct watch w;
	struct cx_err err;
	struct fw_image *img;
	struct cx_err why;

	watch_begin(&w, b, wait);
	w.id[1] = becomes;
	if (!ok(!burn_onto(b, req, &out, &plan, &err), "%s: burns", name))
		diag("%s", err.text);
	watch_end(&w, b, name);
	img = boot(b->bytes, &why);
	ok(img && plan.image.size == img->size && !memcmp(img->bytes, plan.image.bytes, img->size),
	   "%s: the new image boots %s", name, why.text);
	ok(img && same_card(&img->id, becomes), "%s: with the right identity", name);
	is_int(plan.start, slot ? 1 << req->image->chunk_log2 : 0, "%s: in the other slot", name);
	is_int(out.card_state, BURN_NEW, "%s: and says so", name);
	boot_free(img);
	burn_plan_free(&plan);
}

/* Both units, 4 KiB only, 64 KiB only. */
static const uint32_t erase[] = {0x11000, 0x1000, 0x10000};
#define PARTS_OF_FLASH (sizeof(erase) / sizeof(*erase))

static uint32_t part; /* one of them */

static const struct make old = {.opt = {.chunk_log2 = 19, .code = 9000}};
static const struct make newer = {
	.opt = {.chunk_log2 = 19, .code = 9000}, .subminor = 2000, .card = OTHER_CARD, .seed = 11};
static const struct make stale = {
	.opt = {.chunk_log2 = 19, .code = 9000}, .subminor = 500, .seed = 22};
/* Two stripes of 64 KiB and a bit, four where all is tried. */
static const struct make big_old = {.opt = {.chunk_log2 = 16, .code = 130000}};
static const struct make big_new = {.opt = {.chunk_log2 = 16, .code = 127000},
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
			cut_all(name, &b, &req, !kept, false);
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

	bench_open(&b, part);
	b.ops.cr_read = cr_read;
	running_subminor = running;
	bench_put(&b, kept, &old);
	bench_put(&b, !kept, target);
	if (damage)
		damage(b.bytes + bench_start(!kept, target));
	cut_all(name, &b, &req, !kept, wait);
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

/* What a burn may change, from either slot. */
struct kind {
	const char *name;
	const struct make *make;
	struct burn_request req;
	bool other; /* the identity becomes that of the image */
	bool rom;   /* afterwards */
};

static void one_kind(const struct kind *k, unsigned int kept)
{
	struct fw_image img = make_parsed(k->make);
	struct burn_request req = k->req;
	struct fw_image *booted;
	struct cx_err why;
	struct bench b;
	char name[80];

	snprintf(name, sizeof(name), "%s, kept slot %u", k->name, kept);
	req.image = &img;
	if (k->other)
		req.identity = &img.id;
	bench_open(&b, part);
	bench_put(&b, kept, &old);
	cut_all(name, &b, &req, !kept, false);
	booted = boot(b.bytes, &why);
	ok(booted && !fw_image_find(booted, FW_ROM, 0) == !k->rom, "%s: %s ROM", name,
	   k->rom ? "has its" : "has no");
	boot_free(booted);
	bench_close(&b);
	fw_image_free(&img);
}

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
	static const struct make same = {.opt = {.chunk_log2 = 19, .code = 9000}};
	const struct kind kind[] = {
		{"downgrade", &older, {.may = BURN_MAY_GO_BACK}, false, true},
		{"PSID change", &other_board, {.may = BURN_MAY_CHANGE_PSID}, false, true},
		{"ROM kept", &no_rom, {.rom = BURN_ROM_KEEP}, false, true},
		{"ROM of the image", &no_rom, {.rom = BURN_ROM_IMAGE}, false, false},
		{"ROM removed", &newer, {.rom = BURN_ROM_NONE}, false, false},
		{"ROM removed in place", &same, {.rom = BURN_ROM_NONE}, false, false},
		{"restore of another identity", &other_card, {.rom = BURN_ROM_IMAGE}, true, true},
	};

	for (size_t i = 0; i < sizeof(kind) / sizeof(*kind); i++)
		for (unsigned int kept = 0; kept < 2; kept++)
			one_kind(&kind[i], kept);
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
	watch_begin(&w, &card, false);
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

/*
 * Cut for real, look at what the burn says of the card, power on, burn again: it always ends in the
 * new image, and the claim was true. Each operation in one of the ways.
 */
static void resume(unsigned int kept)
{
	unsigned int ways = cuts_all() ? HALF_WAYS : 1;
	struct fw_image img = make_parsed(&newer);
	struct burn_request req = {.image = &img};
	unsigned int done = 0, lied = 0, stuck = 0, claims[4] = {0};
	bool finished = false;

	for (unsigned int at = 0; !finished; at++)
		for (unsigned int way = 0; way < ways && !finished; way++) {
			struct cutter c = {
				.at = at, .way = (at + kept + way) % HALF_WAYS, .seed = 99 + at};
			struct burn_outcome out;
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
			stuck += !burn_again(&b, &req);
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

/* Of which erase units the part is, where that is not what a test is about. */
static void everything(uint32_t erase_sizes)
{
	part = erase_sizes;
	start_states();
	kinds();
	for (unsigned int kept = 0; kept < 2; kept++)
		for (unsigned int in = 1; in < 4; in++)
			whole_dump(kept, in, erase_sizes);
}

/* Every kind of part with larger images, the plain burns with such that nearly fill their slot. */
static void exhaust(void)
{
	for (size_t i = 0; i < PARTS_OF_FLASH; i++) {
		diag("erase units 0x%x", erase[i]);
		make_code = 0;
		everything(erase[i]);
		make_code = 100000;
		everything(erase[i]);
		make_code = 220000;
		plain(erase[i], &big_old, &big_new, "striped");
		make_code = 440000;
		plain(erase[i], &old, &newer, "full");
	}
	make_code = 0;
}

int main(void)
{
	for (size_t i = 0; i < PARTS_OF_FLASH; i++)
		plain(erase[i], &old, &newer, "small");
	plain(0x11000, &big_old, &big_new, "striped");
	everything(0x11000);
	resume(0);
	resume(1);
	if (cuts_all())
		exhaust();
	diag("%u cuts in %u operations", all_cuts, all_ops);
	return tap_done();
}
