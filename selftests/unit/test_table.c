// SPDX-License-Identifier: GPL-2.0-only
/*
 * The plan of a burn as a table: the flash before, as it is wanted, and the steps between. A letter
 * is an erase unit of 64 KiB, eight of them a slot; an image takes three.
 *
 *	O R N	a unit of the old image, of one of before that, of the new one
 *	o r n	the first unit of such an image without its signature: cleared, or not yet written
 *	.	erased
 *	x	something else, with bits to set
 *	p	the new image's unit with bits yet to clear, and none to set
 *	v	erased, and NV configuration at its end
 *
 * Steps name the unit: "write" only programs, "erase" erases and writes.
 */
#include "burn_make.h"

#define UNIT	0x10000u
#define UNITS	(BENCH_SIZE / UNIT)
#define SLOT	(UNITS / 2)
#define IN_CODE 150000 /* three units */

/* The flash before and after stand one below the other. */
/* clang-format off */
static const struct {
	const char *name, *before, *wanted, *steps;
} table[] = {
	{"the other slot is erased",
	 "OOO..... .......v",
	 "oOO..... NNN....v",
	 "write 8, write 9, write 10, verify 8, verify 9, verify 10, sign 8, boot 8, clear 0"},

	{"the other slot is full of something",
	 "OOO..... xxxxxxxv",
	 "oOO..... NNNxxxxv",
	 "erase 8, erase 9, erase 10, verify 8, verify 9, verify 10, sign 8, boot 8, clear 0"},

	{"only what has bits to set is erased",
	 "OOO..... .xp....v",
	 "oOO..... NNN....v",
	 "write 8, erase 9, write 10, verify 8, verify 9, verify 10, sign 8, boot 8, clear 0"},

	{"the other slot has an image of before: it loses its signature first",
	 "OOO..... RRR....v",
	 "oOO..... NNN....v",
	 "clear 8, erase 8, erase 9, erase 10, verify 8, verify 9, verify 10, sign 8, boot 8, "
	 "clear 0"},

	{"the other slot is what a burn has left",
	 "OOO..... rRR....v",
	 "oOO..... NNN....v",
	 "erase 8, erase 9, erase 10, verify 8, verify 9, verify 10, sign 8, boot 8, clear 0"},

	{"the image that starts is in the upper slot",
	 "........ OOO....v",
	 "NNN..... oOO....v",
	 "write 0, write 1, write 2, verify 0, verify 1, verify 2, sign 0, boot 0, clear 8"},

	{"a burn was cut short in its second unit",
	 "OOO..... nx.....v",
	 "oOO..... NNN....v",
	 "erase 9, write 10, verify 8, verify 9, verify 10, sign 8, boot 8, clear 0"},

	{"a burn was cut short before its signature",
	 "OOO..... nNN....v",
	 "oOO..... NNN....v",
	 "verify 8, verify 9, verify 10, sign 8, boot 8, clear 0"},

	{"a burn was cut short after its signature",
	 "OOO..... NNN....v",
	 "oOO..... NNN....v",
	 "boot 8, clear 0"},

	{"a burn was cut short after the boot address",
	 "NNN..... OOO....v",
	 "NNN..... oOO....v",
	 "boot 0, clear 8"},

	{"everything is as wanted",
	 "NNN..... oOO....v",
	 "NNN..... oOO....v",
	 ""},
};
/* clang-format on */

static struct fs2 made[3]; /* O, R, N */

static const char letters[] = "ORN";

/* The bytes of a unit that a letter stands for. */
static void fill(uint8_t *unit, char letter, unsigned int k)
{
	const char *at = strchr(letters, letter & ~0x20);
	const struct fs2 *image = at && letter != 'p' ? &made[at - letters] : &made[2];
	uint32_t from = k * UNIT, n;

	memset(unit, letter == 'x' ? 0 : 0xff, UNIT);
	if (letter == 'v')
		for (uint32_t i = UNIT - 0x2000; i < UNIT; i++)
			unit[i] = i * 7;
	if (strchr(".xv", letter))
		return;
	n = from >= image->len ? 0 : image->len - from;
	memcpy(unit, image->at + from, n < UNIT ? n : UNIT);
	if (letter == 'p')
		for (uint32_t i = 0; i < UNIT; i += 3)
			unit[i] = 0xff;
	if (letter == 'n')
		memset(unit, 0xff, 16); /* not yet written */
	if (letter == 'o' || letter == 'r')
		memset(unit, 0, 4); /* cleared */
}

static void draw(uint8_t *flash, const char *picture)
{
	for (unsigned int u = 0; u < UNITS; u++)
		fill(flash + u * UNIT, picture[u + (u >= SLOT)], u % SLOT);
}

/* "write 8, erase 9, ..." of a plan. */
static void words(const struct burn_plan *plan, char *text, size_t size)
{
	static const char *const word[] = {
		[BURN_STEP_CLEAR] = "clear",   [BURN_STEP_WRITE] = "write",
		[BURN_STEP_VERIFY] = "verify", [BURN_STEP_SIGN] = "sign",
		[BURN_STEP_BOOT] = "boot",
	};
	size_t used = 0;

	*text = '\0';
	for (size_t i = 0; i < plan->steps; i++) {
		const struct burn_step *s = &plan->step[i];

		used += snprintf(text + used, size - used, "%s%s %u%s", i ? ", " : "",
				 s->erases ? "erase" : word[s->kind], s->addr / UNIT,
				 s->addr % UNIT ? "+" : "");
	}
}

static void row(size_t i)
{
	static uint8_t wanted[BENCH_SIZE];
	static const struct make newer = {
		.opt = {.chunk_log2 = 19, .code = IN_CODE}, .subminor = 2000, .seed = 11};
	struct fw_image img = make_parsed(&newer);
	struct burn_request req = {.image = &img};
	struct burn_plan plan = {0};
	struct burn_outcome out;
	struct burn_survey s;
	char text[400];
	struct cx_err err = {0};
	struct bench b;
	int ret;

	bench_open(&b, UNIT);
	draw(b.bytes, table[i].before);
	draw(wanted, table[i].wanted);
	bench_survey(&b, &s);
	ret = burn_plan(&s, &req, NULL, &verdict, &plan, &err);
	words(&plan, text, sizeof(text));
	is_str(text, table[i].steps, "%s: the steps", table[i].name);
	if (!*table[i].steps) {
		is_int(err.status, CX_NOTHING, "%s: there is nothing to do", table[i].name);
	} else if (ok(!ret, "%s: can be planned (%s)", table[i].name, err.text)) {
		ok(plan.image.size == made[2].len &&
			   !memcmp(plan.image.bytes, made[2].at, made[2].len),
		   "%s: the image that it is about is the one of the table", table[i].name);
		ok(!b.f->ops->lock(b.f, &err) && !burn_execute(&s, &plan, NULL, &out, &err),
		   "%s: can be done (%s)", table[i].name, err.text);
		burn_plan_free(&plan);
	}
	ok(!memcmp(b.bytes, wanted, BENCH_SIZE), "%s: the flash is as wanted", table[i].name);
	burn_survey_free(&s);
	bench_close(&b);
	fw_image_free(&img);
}

int main(void)
{
	static const struct make how[] = {
		{.opt = {.chunk_log2 = 19, .code = IN_CODE}},
		{.opt = {.chunk_log2 = 19, .code = IN_CODE}, .subminor = 900, .seed = 5},
		{.opt = {.chunk_log2 = 19, .code = IN_CODE}, .subminor = 2000, .seed = 11},
	};

	for (size_t i = 0; i < 3; i++)
		made[i] = make_image(&how[i]);
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		row(i);
	for (size_t i = 0; i < 3; i++)
		free(made[i].at);
	return tap_done();
}
