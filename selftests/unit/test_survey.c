// SPDX-License-Identifier: GPL-2.0-only
/* What a card is found to hold, and how much of it is read for that. */
#include "burn_make.h"

static const struct make old = {.opt = {.chunk_log2 = 19, .code = 9000}};

static unsigned int reads;
static uint32_t read_bytes;
static const struct cx_flash_ops *real;

static int counted_read(struct cx_flash *f, uint32_t addr, void *buf, uint32_t len,
			struct cx_err *err)
{
	reads++;
	read_bytes += len;
	return real->read(f, addr, buf, len, err);
}

static void reading(void)
{
	volatile sig_atomic_t stop = 1;
	struct burn_control ctl = {.stop = &stop};
	struct cx_flash_ops before;
	struct burn_survey s;
	struct cx_err err;
	struct bench b;

	bench_open(&b, 0x11000);
	bench_put(&b, 0, &old);
	is_int(burn_survey(b.f, &ctl, &s, &err), -1, "reading can be stopped");
	has_str(err.text, "nothing was changed", "which changes nothing");

	before = b.ops;
	real = &before;
	b.ops.read = counted_read;
	bench_survey(&b, &s);
	ok(read_bytes < BENCH_SIZE / 10, "a survey reads what it needs: %u bytes", read_bytes);
	if (burn_survey_range(&s, NULL, 0, BENCH_SIZE, &err))
		abort();
	is_int(read_bytes, BENCH_SIZE, "completing it reads no byte twice");
	ok(!memcmp(s.bytes, b.bytes, BENCH_SIZE), "and all of them are right");
	is_int(burn_survey_range(&s, NULL, BENCH_SIZE - 16, 32, &err), -1,
	       "nothing is read behind the end");
	burn_survey_free(&s);

	/* A file does not say what chip it is of; its image does. */
	b.f->info.chip_id = 0;
	bench_survey(&b, &s);
	ok(s.chip == FW_CHIP_CONNECTX2 && s.chip_rev == 0xb0, "the chip is taken from the image");
	burn_survey_free(&s);

	/* A size word gone wrong: the image is taken at its real length, and is bad. */
	memset(b.bytes + 0x30, 0, 4);
	b.bytes[0x32] = 1;
	bench_survey(&b, &s);
	ok(s.dump.slots == 1 && !s.dump.slot[0].state && s.bad[0],
	   "an image with a wrong size word is read whole");
	burn_survey_free(&s);
	bench_close(&b);
}

/* Three signatures are a state of a card: it is told, and nothing of it counts. */
static void unclear(void)
{
	struct burn_survey s;
	struct cx_err err;
	struct bench b;

	bench_open(&b, 0x11000);
	bench_put_three(&b, &old);
	is_int(burn_survey(b.f, NULL, &s, &err), 0, "three signatures can be surveyed");
	ok(!s.dump.slots && s.kept == -1, "none of them counts");
	is_int(s.unclear.status, CX_INVALID, "and why");
	has_str(s.unclear.text, "(at 0x0, 0x10000 and 0x20000)", "is told with the addresses");
	burn_survey_free(&s);
	bench_close(&b);
}

int main(void)
{
	reading();
	unclear();
	return tap_done();
}
