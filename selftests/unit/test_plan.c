// SPDX-License-Identifier: GPL-2.0-only
/* What a burn refuses, what it decides, and in which order it wants things done. */
#include "burn_make.h"

static const struct make old = {.opt = {.chunk_log2 = 19, .code = 9000}};
static const struct make newer = {
	.opt = {.chunk_log2 = 19, .code = 9000}, .subminor = 2000, .card = OTHER_CARD, .seed = 11};

/* Survey and plan; the caller frees the plan when this is 0. */
static int plan_of(struct bench *b, struct burn_request *req, struct burn_plan *plan,
		   struct cx_err *err)
{
	struct burn_survey s;
	int ret;

	if (burn_survey(b->f, NULL, &s, err))
		return -1;
	ret = burn_plan(&s, req, NULL, &verdict, plan, err);
	burn_survey_free(&s);
	return ret;
}

/* ---- refusals ---- */

static void refuse(const char *name, struct bench *b, const struct make *how, uint64_t damage_at,
		   enum cx_status status, const char *says)
{
	struct fs2 m = make_image(how);
	struct burn_request req = {0};
	struct burn_plan plan;
	struct fw_image img;
	struct cx_err err;

	if (damage_at)
		m.at[damage_at] ^= 0x10;
	if (fw_image_parse(m.at, m.len, &img, &err))
		abort();
	req.image = &img;
	if (!ok(plan_of(b, &req, &plan, &err), "%s: is refused", name)) {
		burn_plan_free(&plan);
		err.text[0] = 0;
	}
	is_int(err.status, status, "%s: with its status", name);
	has_str(err.text, says, "%s: and its reason", name);
	fw_image_free(&img);
	free(m.at);
}

/* An image can be good and still not be for this card. */
static void images(void)
{
	static const struct make psid = {.opt = {.chunk_log2 = 19}, .psid = "MT_0D90110009"};
	static const struct make older = {.opt = {.chunk_log2 = 19}, .subminor = 999};
	static const struct make chip = {.opt = {.chunk_log2 = 19, .hw = 0x1f5}};
	static const struct make rev = {.opt = {.chunk_log2 = 19, .hw = 0xa00190}};
	static const struct make chunk = {.opt = {.chunk_log2 = 18}};
	static const struct make single = {.opt = {.nonfailsafe = true}};
	static const struct make large = {.opt = {.chunk_log2 = 19, .code = 0x80000 - 0x2000}};
	struct bench b;

	bench_open(&b, 0x11000);
	bench_put(&b, 0, &old);
	refuse("another board", &b, &psid, 0, CX_REFUSED, "--allow-psid-change");
	refuse("an older release", &b, &older, 0, CX_REFUSED, "--allow-downgrade");
	refuse("another chip", &b, &chip, 0, CX_REFUSED, "0x1f5");
	refuse("another silicon revision", &b, &rev, 0, CX_REFUSED, "0xa0");
	refuse("another chunk size", &b, &chunk, 0, CX_REFUSED, "0x40000");
	refuse("a non-failsafe image", &b, &single, 0, CX_REFUSED, "non-failsafe");
	refuse("too large an image", &b, &large, 0, CX_REFUSED, "0x2000 are reserved");
	refuse("a damaged image", &b, &newer, 3000, CX_INVALID, "does not verify");
	bench_close(&b);
}

static void flip(struct bench *b, uint32_t addr)
{
	b->bytes[addr] ^= 0x10;
}

/* Damage a section of the image in slot 0. */
static void flip_part(struct bench *b, const struct make *how, enum fs2_part part)
{
	struct fs2 m = make_image(how);

	flip(b, m.part[part] + 20);
	free(m.at);
}

static void cards(void)
{
	static const struct make single = {.opt = {.nonfailsafe = true}};
	static const struct make blank = {.opt = {.chunk_log2 = 19, .blank = true}};
	static const struct make other = {.opt = {.chunk_log2 = 19}, .card = OTHER_CARD};
	struct bench b;

	bench_open(&b, 0x11000);
	refuse("a blank flash", &b, &newer, 0, CX_REFUSED, "no image on this flash");
	bench_put(&b, 0, &old);
	memset(b.bytes + 0x28, 0, 4);
	b.bytes[0x2b] = 1;
	refuse("a flash whose image is ruined", &b, &newer, 0, CX_REFUSED, "taken apart");
	bench_put(&b, 0, &old);
	bench_put(&b, 1, &other);
	refuse("two good images of two cards", &b, &newer, 0, CX_REFUSED, "identities differ");
	bench_close(&b);

	bench_open(&b, 0x11000);
	bench_put(&b, 0, &single);
	refuse("a non-failsafe flash", &b, &newer, 0, CX_REFUSED, "no second slot");
	bench_close(&b);

	bench_open(&b, 0x11000);
	bench_put(&b, 0, &blank);
	refuse("a card with blank GUIDs", &b, &newer, 0, CX_REFUSED, "blank");
	bench_close(&b);

	bench_open(&b, 0x11000);
	bench_put(&b, 0, &old);
	flip_part(&b, &old, GUIDS);
	refuse("damaged GUIDs on the card", &b, &newer, 0, CX_REFUSED, "GUID section");
	bench_close(&b);

	bench_open(&b, 0x11000);
	bench_put(&b, 0, &old);
	flip_part(&b, &old, ROM);
	refuse("a damaged ROM on the card", &b, &newer, 0, CX_REFUSED, "--rom");
	bench_close(&b);

	bench_open(&b, 0x11000);
	bench_put_three(&b, &old);
	refuse("three signatures", &b, &newer, 0, CX_REFUSED, "more than two");
	bench_close(&b);
}

/* A defect that is neither identity nor ROM is replaced with the rest. */
static void defects(void)
{
	struct fw_image img = make_parsed(&newer);
	struct burn_request req = {.image = &img};
	struct burn_plan plan;
	struct cx_err err;
	struct bench b;

	bench_open(&b, 0x11000);
	bench_put(&b, 0, &old);
	flip_part(&b, &old, CODE);
	if (ok(!plan_of(&b, &req, &plan, &err), "a defect of the old code does not block"))
		burn_plan_free(&plan);
	ok(found("card", BURN_NOTE, "defect"), "but is told");
	bench_close(&b);
	fw_image_free(&img);
}

/* ---- which slot is kept ---- */

static uint32_t running;

static int cr_read(struct cx_flash *f, uint32_t addr, uint32_t *word, unsigned int count,
		   struct cx_err *err)
{
	(void)f;
	(void)addr;
	(void)count;
	if (!running)
		return cx_fail(err, CX_REFUSED, "no CR space");
	word[0] = running == UINT32_MAX ? running : 2 << 16;
	word[1] = running == UINT32_MAX ? running : 9 << 16 | running;
	return 0;
}

static void kept(const char *name, const struct make *in0, const struct make *in1, int hole,
		 uint32_t run, int want)
{
	struct burn_survey s;
	struct cx_err err;
	struct bench b;

	bench_open(&b, 0x11000);
	b.ops.cr_read = cr_read;
	running = run;
	if (in0)
		bench_put(&b, 0, in0);
	if (in1)
		bench_put(&b, 1, in1);
	if (hole >= 0)
		memset(b.bytes + bench_start(hole, &old) + 0x1000, 0x44, 64);
	if (ok(!burn_survey(b.f, NULL, &s, &err), "%s: is surveyed", name)) {
		is_int(s.kept < 0 ? -1 : (int)s.dump.slot[s.kept].start,
		       want < 0 ? -1 : (int)bench_start(want, &old), "%s: slot kept", name);
		is_int(s.has_running, run && run != UINT32_MAX, "%s: is it known what runs", name);
		burn_survey_free(&s);
	}
	bench_close(&b);
}

static void choice(void)
{
	static const struct make b2 = {.opt = {.chunk_log2 = 19, .code = 9000}, .subminor = 2000};

	kept("nothing", NULL, NULL, -1, 0, -1);
	kept("slot 0 alone", &old, NULL, -1, 0, 0);
	kept("slot 1 alone", NULL, &old, -1, 0, 1);
	kept("both good", &old, &b2, -1, 0, 0);
	kept("both good, 0 runs", &old, &b2, -1, 1000, 0);
	kept("both good, 1 runs", &old, &b2, -1, 2000, 1);
	kept("both good, something else runs", &old, &b2, -1, 3000, 0);
	kept("both good, CR space all ones", &old, &b2, -1, UINT32_MAX, 0);
	kept("0 damaged", &old, &b2, 0, 0, 1);
	kept("0 damaged and running", &old, &b2, 0, 1000, 1);
	kept("1 damaged and running", &old, &b2, 1, 2000, 0);
	kept("alone and damaged", NULL, &old, 1, 0, 1);
}

/* ---- steps ---- */

static void steps_text(const struct burn_plan *p, char *text, size_t size)
{
	static const char letter[] = {'c', 'W', 'v', 'S', 'b'};
	size_t n = 0;

	for (size_t i = 0; i < p->steps && n + 2 < size; i++)
		if (!n || text[n - 1] != letter[p->step[i].kind])
			text[n++] = letter[p->step[i].kind];
	text[n] = 0;
}

static void is_order(const struct burn_plan *p, const char *want, const char *name)
{
	char text[64];

	steps_text(p, text, sizeof(text));
	is_str(text, want, "%s: order of steps", name);
}

/* Old bytes are given up in the slot at @start only, and where there is something to fall back to.
 */
static void discards(const struct burn_plan *p, uint32_t start, bool want, const char *name)
{
	size_t wrong = 0, writes = 0;

	for (size_t i = 0; i < p->steps; i++) {
		const struct burn_step *step = &p->step[i];
		bool write = step->kind == BURN_STEP_WRITE && !(step->flags & CX_WRITE_NO_ERASE);

		writes += write;
		wrong += (step->flags & CX_WRITE_DISCARD) != (write && want ? CX_WRITE_DISCARD : 0);
		wrong += write && step->addr / 0x80000 != start / 0x80000;
	}
	ok(writes && !wrong, "%s: old bytes are %s", name, want ? "given up" : "not given up");
}

static void order(void)
{
	struct fw_image img = make_parsed(&newer);
	struct burn_request req = {.image = &img};
	struct burn_plan plan;
	struct cx_err err;
	struct bench b;

	bench_open(&b, 0x11000);
	bench_put(&b, 0, &old);
	if (ok(!plan_of(&b, &req, &plan, &err), "first burn: is planned")) {
		const struct burn_step *last = &plan.step[plan.steps - 1];

		is_order(&plan, "WvSbc", "first burn");
		ok(plan.start == 0x80000 && !plan.old_start, "first burn: into slot 1");
		ok(plan.step[0].addr == 0x80000 && fs2_get(plan.step[0].bytes) == 0xffffffff,
		   "first burn: the signature's sector first, without it");
		ok(last->addr == 0 && last->len == 16, "first burn: the old signature last");
		is_int(plan.nv_reserve, 0x2000, "first burn: NV reserve");
		is_int(plan.erase_units, 0, "first burn: nothing to erase on a blank slot");
		is_int(plan.program_units, (plan.image.size + 0xfff) / 0x1000,
		       "first burn: every sector of the image is programmed");
		is_int(plan.skip_units, 0, "first burn: none is right already");
		diag("first burn of %u bytes: %zu steps", plan.image.size, plan.steps);
		discards(&plan, 0x80000, true, "first burn");
		burn_plan_free(&plan);
	}
	bench_put(&b, 1, &(struct make){.opt = old.opt, .seed = 3});
	memset(b.bytes + 0x80000, 0, 4);
	if (ok(!plan_of(&b, &req, &plan, &err), "re-burn: is planned")) {
		is_order(&plan, "WvSbc", "re-burn");
		ok(plan.erase_units >= 3, "re-burn: sectors are erased");
		discards(&plan, 0x80000, true, "re-burn");
		burn_plan_free(&plan);
	}
	bench_put(&b, 1, &(struct make){.opt = old.opt, .seed = 3});
	if (ok(!plan_of(&b, &req, &plan, &err), "valid target: is planned")) {
		is_order(&plan, "cWvSbc", "valid target: its signature goes first");
		is_int(plan.step[0].addr, 0x80000, "valid target: of the target");
		discards(&plan, 0x80000, true, "valid target");
		burn_plan_free(&plan);
	}
	memset(b.bytes + 0x80000, 0, 4);
	flip_part(&b, &old, CODE);
	if (ok(!plan_of(&b, &req, &plan, &err), "damaged image kept: is planned")) {
		discards(&plan, 0x80000, false, "damaged image kept");
		burn_plan_free(&plan);
	}
	bench_close(&b);

	bench_open(&b, 0x11000);
	bench_put(&b, 1, &old);
	if (ok(!plan_of(&b, &req, &plan, &err), "image in slot 1: is planned")) {
		discards(&plan, 0, true, "image in slot 1");
		burn_plan_free(&plan);
	}
	bench_close(&b);
	fw_image_free(&img);
}

/* Burn to the end; what is in the flash is then old again. */
static void burn(struct bench *b, struct burn_request *req)
{
	struct burn_outcome out;
	struct burn_survey s;
	struct burn_plan plan;
	struct cx_err err;

	if (b->f->ops->lock(b->f, &err) || burn_survey(b->f, NULL, &s, &err) ||
	    burn_plan(&s, req, NULL, &verdict, &plan, &err) ||
	    burn_execute(&s, &plan, NULL, &out, &err))
		abort();
	burn_plan_free(&plan);
	burn_survey_free(&s);
}

static void nothing(void)
{
	struct fw_image img = make_parsed(&newer);
	struct burn_request req = {.image = &img};
	struct burn_plan plan;
	struct cx_err err;
	struct bench b;

	bench_open(&b, 0x11000);
	bench_put(&b, 0, &old);
	burn(&b, &req);
	is_int(plan_of(&b, &req, &plan, &err), -1, "the same bytes again: nothing to do");
	is_int(err.status, CX_NOTHING, "the same bytes again: says so");

	/* As if the power had failed before the old signature was cleared. */
	memcpy(b.bytes, img.bytes, 4);
	if (ok(!plan_of(&b, &req, &plan, &err), "a burn without its last step: is planned")) {
		is_order(&plan, "bc", "a burn without its last step: only that");
		is_int(plan.step[1].addr, 0, "a burn without its last step: of the old image");
		burn_plan_free(&plan);
	}
	bench_close(&b);

	/* A broken image before the good one would be found first. */
	bench_open(&b, 0x11000);
	bench_put(&b, 1, &newer);
	bench_put(&b, 0, &old);
	memset(b.bytes + 0x1000, 0x44, 64);
	if (ok(!plan_of(&b, &req, &plan, &err), "a broken image in front: is planned")) {
		is_order(&plan, "bc", "a broken image in front: loses its signature");
		burn_plan_free(&plan);
	}
	bench_close(&b);
	fw_image_free(&img);
}

/* ---- erase units ---- */

static void count_writes(const struct burn_plan *p, size_t *small, size_t *large, size_t *no_erase)
{
	*small = *large = *no_erase = 0;
	for (size_t i = 0; i < p->steps; i++) {
		if (p->step[i].kind != BURN_STEP_WRITE)
			continue;
		if (p->step[i].flags & CX_WRITE_NO_ERASE)
			*no_erase += !(p->step[i].flags & CX_WRITE_DISCARD);
		else
			++*(p->step[i].len == 0x10000 ? large : small);
	}
}

static void units(void)
{
	static const struct make big = {
		.opt = {.chunk_log2 = 16, .code = 500000}, .subminor = 2000, .seed = 9};
	static const struct make was = {.opt = {.chunk_log2 = 16, .code = 500000}};
	struct fw_image img = make_parsed(&big);
	struct burn_request req = {.image = &img};
	size_t small, large, no_erase;
	struct burn_plan plan;
	struct cx_err err;
	struct bench b;

	/* Eight stripes; the last one shares its 64 KiB with the NV reserve. */
	bench_open(&b, 0x11000);
	bench_put(&b, 0, &was);
	if (ok(!plan_of(&b, &req, &plan, &err), "blank, both erases: is planned")) {
		count_writes(&plan, &small, &large, &no_erase);
		is_int(large, 7, "blank, both erases: whole blocks");
		ok(small && small < 16, "blank, both erases: beside the NV reserve 4 KiB each");
		diag("burn of %u bytes: %zu steps", plan.image.size, plan.steps);
		burn_plan_free(&plan);
	}
	bench_put(&b, 1, &(struct make){.opt = was.opt, .seed = 4});
	memset(b.bytes + 0x10000, 0, 4);
	if (ok(!plan_of(&b, &req, &plan, &err), "full, both erases: is planned")) {
		count_writes(&plan, &small, &large, &no_erase);
		ok(large == 7 && small < 16, "full, both erases: the same");
		for (size_t i = 0; i < plan.steps; i++)
			if (plan.step[i].kind == BURN_STEP_WRITE &&
			    plan.step[i].addr + plan.step[i].len > BENCH_SIZE - 0x2000)
				ok(false, "a write reaches into the NV reserve");
		burn_plan_free(&plan);
	}

	/* All but two sectors are right: an interrupted burn goes on where it was. */
	burn(&b, &req);
	memcpy(b.bytes, img.bytes, 16);
	memset(b.bytes + 0x10000, 0xff, 16);
	memset(b.bytes + 0x12000, 0, 64);
	memset(b.bytes + 0x53000, 0xff, 64);
	if (ok(!plan_of(&b, &req, &plan, &err), "nearly done: is planned")) {
		count_writes(&plan, &small, &large, &no_erase);
		ok(small == 2 && !large, "nearly done: two sectors");
		is_int(plan.erase_units, 1, "nearly done: one erase");
		is_int(plan.program_units, 1, "nearly done: one program");
		is_int(plan.skip_units, (plan.image.size + 0xfff) / 0x1000 - 2,
		       "nearly done: the rest is right");
		burn_plan_free(&plan);
	}

	/* Three sectors of a block to be erased: by the part's times, one by one or all at once. */
	memset(b.bytes + 0x13000, 0, 64);
	memset(b.bytes + 0x14000, 0, 64);
	for (unsigned int at_once = 0; at_once < 2; at_once++) {
		b.f->info.erase_64k_ms = at_once ? 20 : 600;
		if (!ok(!plan_of(&b, &req, &plan, &err), "three sectors: is planned"))
			continue;
		count_writes(&plan, &small, &large, &no_erase);
		ok(large == at_once && small == (at_once ? 1 : 4), "three sectors: %s",
		   at_once ? "a cheap block" : "cheap sectors");
		burn_plan_free(&plan);
	}
	bench_close(&b);

	bench_open(&b, 0x10000);
	bench_put(&b, 0, &was);
	if (ok(!plan_of(&b, &req, &plan, &err), "64 KiB only, blank: is planned")) {
		count_writes(&plan, &small, &large, &no_erase);
		ok(no_erase == 1 && large == 7 && !small,
		   "64 KiB only, blank: beside the NV reserve without an erase");
		burn_plan_free(&plan);
	}
	bench_put(&b, 1, &(struct make){.opt = was.opt, .seed = 4});
	memset(b.bytes + 0x10000, 0, 4);
	is_int(plan_of(&b, &req, &plan, &err), -1, "64 KiB only, full: is refused");
	is_int(err.status, CX_REFUSED, "64 KiB only, full: with its status");
	has_str(err.text, "NV configuration", "64 KiB only, full: and its reason");
	bench_close(&b);

	bench_open(&b, 0x1000);
	bench_put(&b, 0, &was);
	if (ok(!plan_of(&b, &req, &plan, &err), "4 KiB only: is planned")) {
		count_writes(&plan, &small, &large, &no_erase);
		ok(small == (plan.image.size + 0xfff) / 0x1000 && !large, "4 KiB only: sectors");
		burn_plan_free(&plan);
	}
	bench_close(&b);
	fw_image_free(&img);
}

/* ---- what is kept of the card ---- */

static void merged(void)
{
	struct fw_image img = make_parsed(&newer), was = make_parsed(&old);
	struct burn_request req = {.image = &img};
	const struct fw_section *a, *c;
	struct burn_plan plan;
	struct cx_err err;
	struct bench b;

	bench_open(&b, 0x11000);
	bench_put(&b, 1, &old);
	if (ok(!plan_of(&b, &req, &plan, &err), "merge: is planned")) {
		ok(!memcmp(&plan.image.id, &was.id, sizeof(was.id)), "merge: the card's identity");
		is_str(plan.image.info.psid, was.info.psid, "merge: the PSID");
		is_int(plan.image.info.version.subminor, 2000, "merge: the new version");
		a = fw_image_find(&plan.image, FW_ROM, 0);
		c = fw_image_find(&was, FW_ROM, 0);
		ok(a && c && a->size == c->size &&
			   !memcmp(plan.image.bytes + a->data, was.bytes + c->data, a->size),
		   "merge: the card's ROM");
		is_int(plan.start, 0, "merge: into slot 0");
		burn_plan_free(&plan);
	}
	bench_close(&b);
	fw_image_free(&img);
	fw_image_free(&was);
}

/* A card without a ROM does not get one unasked. */
static void no_rom(void)
{
	static const struct make bare = {.opt = {.chunk_log2 = 19, .no_rom = true}};
	struct fw_image img = make_parsed(&newer);
	struct burn_request req = {.image = &img};
	struct burn_plan plan;
	struct cx_err err;
	struct bench b;

	bench_open(&b, 0x11000);
	bench_put(&b, 0, &bare);
	if (ok(!plan_of(&b, &req, &plan, &err), "no ROM: is planned")) {
		ok(!fw_image_find(&plan.image, FW_ROM, 0), "no ROM: stays without");
		burn_plan_free(&plan);
	}
	req.rom = BURN_ROM_IMAGE;
	if (ok(!plan_of(&b, &req, &plan, &err), "the image's ROM: is planned")) {
		ok(fw_image_find(&plan.image, FW_ROM, 0), "the image's ROM: is in");
		burn_plan_free(&plan);
	}
	bench_close(&b);
	fw_image_free(&img);
}

/* ---- a whole dump ---- */

static void refuse_dump(const char *name, struct bench *card, const struct make *in,
			uint32_t damage_at, uint32_t len, enum cx_status status, const char *says)
{
	struct burn_survey s;
	struct burn_plan plan;
	struct bench dump;
	struct cx_err err;

	bench_open(&dump, 0x11000);
	if (in)
		bench_put(&dump, 0, in);
	if (damage_at)
		flip(&dump, damage_at);
	bench_survey(card, &s);
	if (!ok(burn_plan_dump(&s, dump.bytes, len, 0, NULL, &plan, &err), "%s: is refused",
		name)) {
		burn_plan_free(&plan);
		err.text[0] = 0;
	}
	is_int(err.status, status, "%s: with its status", name);
	has_str(err.text, says, "%s: and its reason", name);
	burn_survey_free(&s);
	bench_close(&dump);
}

static void dumps(void)
{
	static const struct make chip = {.opt = {.chunk_log2 = 19, .hw = 0x1f5}};
	static const struct make chunk = {.opt = {.chunk_log2 = 18}};
	static const struct make single = {.opt = {.nonfailsafe = true}};
	struct bench b;

	bench_open(&b, 0x11000);
	refuse_dump("dump onto a blank card", &b, &old, 0, BENCH_SIZE, CX_REFUSED, "nothing would");
	bench_put(&b, 0, &old);
	refuse_dump("dump of another size", &b, &old, 0, BENCH_SIZE / 2, CX_REFUSED, "0x80000");
	b.f->info.write_protected = true;
	refuse_dump("dump onto a protected part", &b, &old, 0, BENCH_SIZE, CX_REFUSED, "protected");
	b.f->info.write_protected = false;
	refuse_dump("blank dump", &b, NULL, 0, BENCH_SIZE, CX_INVALID, "does not verify");
	refuse_dump("damaged dump", &b, &old, 0x1000, BENCH_SIZE, CX_INVALID, "does not verify");
	refuse_dump("dump of another chip", &b, &chip, 0, BENCH_SIZE, CX_INVALID, "verify");
	refuse_dump("dump of other chunks", &b, &chunk, 0, BENCH_SIZE, CX_REFUSED, "0x40000");
	refuse_dump("non-failsafe dump", &b, &single, 0, BENCH_SIZE, CX_REFUSED, "two slots");
	refuse_dump("the dump that is there", &b, &old, 0, BENCH_SIZE, CX_NOTHING, "already");
	flip_part(&b, &old, CODE);
	refuse_dump("dump onto a damaged card", &b, &old, 0, BENCH_SIZE, CX_REFUSED, "no image on");
	bench_close(&b);
}

int main(void)
{
	images();
	cards();
	defects();
	choice();
	order();
	nothing();
	units();
	merged();
	no_rom();
	dumps();
	return tap_done();
}
