// SPDX-License-Identifier: GPL-2.0-only
/* A burn on a card that fails: what it tries, and whether what it says of the card is true. */
#include "cli/progress.h"
#include "burn_make.h"

static const struct make old = {.opt = {.chunk_log2 = 19, .code = 20000}};
static const struct make newer = {
	.opt = {.chunk_log2 = 19, .code = 20000}, .subminor = 2000, .card = OTHER_CARD, .seed = 11};

/* ---- a card with faults ---- */

enum fault_op { NEVER, ON_WRITE, ON_SIGN, ON_CLEAR, ON_BOOT, ON_READ_BACK };

static struct fault {
	enum fault_op op;
	unsigned int skip;  /* so many go well before */
	unsigned int times; /* so many fail */
	bool silent;	    /* afterwards nothing can be read */
	enum cx_holds holds;
	const struct cx_flash_ops *ops; /* the real ones */
	uint32_t target;		/* start of the slot being written */
	bool silenced;
	uint8_t *ruin; /* a byte of the image that was to stay whole, spoilt by the fault */
	volatile sig_atomic_t *stop; /* set it when the fault would strike, instead */
} fault;

static bool strikes(enum fault_op op)
{
	if (op != fault.op || !fault.times)
		return false;
	if (fault.skip) {
		fault.skip--;
		return false;
	}
	fault.times--;
	if (fault.stop) {
		*fault.stop = 1;
		return false;
	}
	fault.silenced = fault.silent;
	if (fault.ruin)
		*fault.ruin ^= 1;
	return true;
}

static int bad_write(struct cx_flash *f, uint32_t addr, const void *buf, uint32_t len,
		     unsigned int flags, struct cx_write_result *res, struct cx_err *err)
{
	bool small = flags & CX_WRITE_NO_ERASE && len == 16;
	bool clears = small && !memcmp(buf, "\0\0\0\0", 4);

	if (!strikes(clears ? ON_CLEAR : small ? ON_SIGN : ON_WRITE))
		return fault.ops->write(f, addr, buf, len, flags, res, err);
	*res = (struct cx_write_result){
		.holds = fault.holds, .programs = fault.holds != CX_HOLDS_OLD, .attempts = 3};
	return cx_fail(err, CX_FAILED, "injected write fault at 0x%x", addr);
}

static int bad_read(struct cx_flash *f, uint32_t addr, void *buf, uint32_t len, struct cx_err *err)
{
	if (fault.silenced)
		return cx_fail(err, CX_NOT_FOUND, "the card is gone");
	if (fault.ops->read(f, addr, buf, len, err))
		return -1;
	if (addr == fault.target && strikes(ON_READ_BACK))
		((uint8_t *)buf)[100] ^= 1;
	return 0;
}

static int bad_boot(struct cx_flash *f, uint32_t addr, struct cx_err *err)
{
	if (strikes(ON_BOOT))
		return cx_fail(err, CX_FAILED, "injected boot fault");
	return fault.ops->set_boot(f, addr, err);
}

/* ---- one burn ---- */

static uint8_t ruin[0x2000]; /* stands for the kept slot in a struct fault */

struct seen {
	uint64_t done[BURN_SIGN + 1], total[BURN_SIGN + 1];
	unsigned int calls[BURN_SIGN + 1];
	bool crooked;
};

static void see(enum burn_stage stage, uint64_t done, uint64_t total, void *ctx)
{
	struct seen *s = ctx;

	s->crooked |= done > total || !total || (s->calls[stage] && done < s->done[stage]) ||
		      (!s->calls[stage] && done);
	s->calls[stage]++;
	s->done[stage] = done;
	s->total[stage] = total;
}

struct result {
	int ret;
	struct cx_err err;
	struct burn_outcome out;
	unsigned int boots; /* subminor of what boots now; 0 nothing */
	struct seen seen;
};

static struct result burn(const struct fault *with, unsigned int kept, bool full)
{
	static volatile sig_atomic_t stop;
	struct fw_image img = make_parsed(&newer), *is;
	struct burn_request req = {.image = &img};
	struct cx_flash_ops real;
	struct result r = {.ret = -1};
	struct burn_control ctl = {.progress = see, .ctx = &r.seen, .stop = &stop};
	struct burn_survey s;
	struct burn_plan plan;
	struct bench b;
	struct cx_err why;

	bench_open(&b, 0x11000);
	bench_put(&b, kept, &old);
	if (full) {
		bench_put(&b, !kept, &(struct make){.opt = old.opt, .seed = 5});
		memset(b.bytes + bench_start(!kept, &old), 0, 4);
	}
	if (b.f->ops->lock(b.f, &r.err) || burn_survey(b.f, NULL, &s, &r.err) ||
	    burn_plan(&s, &req, NULL, &verdict, &plan, &r.err))
		abort();
	fault = *with;
	fault.target = plan.start;
	stop = 0;
	if (fault.ruin)
		fault.ruin = b.bytes + bench_start(kept, &old) + (with->ruin - ruin);
	if (fault.stop)
		fault.stop = &stop;
	real = b.ops;
	fault.ops = &real;
	b.ops.read = bad_read;
	b.ops.write = bad_write;
	b.ops.set_boot = bad_boot;
	r.ret = burn_execute(&s, &plan, &ctl, &r.out, &r.err);
	is = boot(b.bytes, &why);
	r.boots = is ? is->info.version.subminor : 0;
	boot_free(is);
	burn_plan_free(&plan);
	burn_survey_free(&s);
	bench_close(&b);
	fw_image_free(&img);
	return r;
}

static void fails(const char *name, const struct fault *with, unsigned int kept, bool full,
		  enum burn_card_state state, unsigned int boots)
{
	struct result r = burn(with, kept, full);

	is_int(r.ret, -1, "%s: fails", name);
	is_int(r.out.card_state, state, "%s: says %s", name, burn_card_state_name(state));
	is_int(r.boots, boots, "%s: which is so", name);
	is_int(r.err.status, state == BURN_UNKNOWN ? CX_UNKNOWN : CX_FAILED, "%s: status", name);
	ok(*r.out.text && strstr(r.out.text, "bench"), "%s: \"%s\"", name, r.out.text);
}

static void goes_well(void)
{
	struct result r = burn(&(struct fault){0}, 0, true);

	ok(!r.ret && r.out.card_state == BURN_NEW && r.boots == 2000, "a burn goes well");
	ok(!r.seen.crooked, "progress goes one way");
	for (int stage = BURN_WRITE; stage <= BURN_SIGN; stage++)
		ok(r.seen.calls[stage] > 1 && r.seen.done[stage] == r.seen.total[stage],
		   "stage %s is told from beginning to end", progress_stage_name(stage));
	ok(r.out.erases && r.out.programs && !r.out.retries, "it is counted");
}

static void writes(void)
{
	static const struct fault first = {.op = ON_WRITE, .times = 1, .holds = CX_HOLDS_OLD};
	static const struct fault later = {
		.op = ON_WRITE, .skip = 2, .times = 1, .holds = CX_HOLDS_OLD};
	static const struct fault torn = {.op = ON_WRITE, .times = 1, .holds = CX_HOLDS_UNKNOWN};
	static const struct fault gone = {
		.op = ON_WRITE, .skip = 2, .times = 9, .holds = CX_HOLDS_UNKNOWN, .silent = true};

	/* Were the impossible to happen, it is not glossed over. */
	static const struct fault hole = {
		.op = ON_WRITE, .times = 1, .holds = CX_HOLDS_UNKNOWN, .ruin = ruin + 0x1000};
	static const struct fault header = {
		.op = ON_WRITE, .times = 1, .holds = CX_HOLDS_UNKNOWN, .ruin = ruin + 0x28};
	static const struct fault magic = {
		.op = ON_WRITE, .times = 1, .holds = CX_HOLDS_UNKNOWN, .ruin = ruin};

	for (unsigned int kept = 0; kept < 2; kept++) {
		fails("the image kept is spoilt", &hole, kept, true, BURN_UNKNOWN, 0);
		fails("its header is spoilt", &header, kept, true, BURN_UNKNOWN, 0);
		fails("its signature is spoilt", &magic, kept, true, BURN_UNKNOWN, 0);
		fails("first write refused", &first, kept, true, BURN_UNCHANGED, 1000);
		fails("third write refused", &later, kept, true, BURN_OLD, 1000);
		fails("first write torn", &torn, kept, true, BURN_OLD, 1000);
		fails("card gone while writing", &gone, kept, true, BURN_OLD, 1000);
	}
}

static void read_back(void)
{
	static const struct fault once = {.op = ON_READ_BACK, .times = 1};

	fails("read-back differs", &once, 0, true, BURN_OLD, 1000);
}

static void signature(void)
{
	static const struct fault once = {.op = ON_SIGN, .times = 1, .holds = CX_HOLDS_OLD};
	static const struct fault twice = {.op = ON_SIGN, .times = 2, .holds = CX_HOLDS_UNKNOWN};
	static const struct fault always = {.op = ON_SIGN, .times = 99, .holds = CX_HOLDS_OLD};
	static const struct fault gone = {
		.op = ON_SIGN, .times = 99, .holds = CX_HOLDS_UNKNOWN, .silent = true};
	struct result r;

	for (unsigned int kept = 0; kept < 2; kept++) {
		r = burn(&once, kept, false);
		ok(!r.ret && r.boots == 2000 && r.out.retries == 2,
		   "a signature that did not take is tried again");
		r = burn(&twice, kept, false);
		ok(!r.ret && r.boots == 2000, "and again");
		fails("signature never takes", &always, kept, false, BURN_OLD, 1000);
		fails("card gone at the signature", &gone, kept, false, BURN_UNKNOWN, 1000);
	}
	r = burn(&always, 0, false);
	has_str(r.err.text, "signature", "the message says what failed");
}

static void after_signature(void)
{
	static const struct fault bootless = {.op = ON_BOOT, .times = 1};
	static const struct fault unclear = {.op = ON_CLEAR, .times = 1, .holds = CX_HOLDS_OLD};
	struct result r = burn(&bootless, 0, false);

	ok(!r.ret && r.out.boot_failed && r.out.card_state == BURN_NEW,
	   "without a boot address the burn is still good");
	has_str(r.out.text, "power cycle", "but takes a power cycle");
	has_str(r.out.boot_why, "injected", "and it is told why");
	fails("old signature stays, in front", &unclear, 0, false, BURN_OLD, 1000);
	fails("old signature stays, behind", &unclear, 1, false, BURN_NEW, 2000);
	r = burn(&unclear, 0, false);
	has_str(r.out.text, "may start at a reset", "and the boot address is not forgotten");
}

static void stopped(void)
{
	static volatile sig_atomic_t flag;
	static const struct fault at_once = {.op = ON_WRITE, .times = 1, .stop = &flag};
	static const struct fault later = {.op = ON_WRITE, .skip = 1, .times = 1, .stop = &flag};
	static const struct fault late = {.op = ON_SIGN, .times = 1, .stop = &flag};
	struct result r;

	fails("stopped in the first sector", &at_once, 0, true, BURN_OLD, 1000);
	fails("stopped in the second sector", &later, 1, true, BURN_OLD, 1000);
	r = burn(&at_once, 0, true);
	has_str(r.err.text, "stopped", "stopping is told");
	ok(r.out.erases + r.out.programs > 0, "the sector begun was finished");
	r = burn(&late, 0, true);
	ok(!r.ret && r.boots == 2000, "from the signature on it is not stopped any more");
}

static void rehearsal(void)
{
	struct fw_image img = make_parsed(&newer);
	struct burn_request req = {.image = &img};
	struct burn_survey s;
	struct burn_plan plan;
	struct bench b;
	struct cx_err err;
	uint8_t *before = malloc(BENCH_SIZE);

	bench_open(&b, 0x11000);
	bench_put(&b, 0, &old);
	memcpy(before, b.bytes, BENCH_SIZE);
	if (!before || burn_survey(b.f, NULL, &s, &err) ||
	    burn_plan(&s, &req, NULL, &verdict, &plan, &err))
		abort();
	ok(!burn_rehearse(&s, &plan, NULL, &err), "a plan is rehearsed");
	ok(!memcmp(before, b.bytes, BENCH_SIZE), "and the card left alone");
	plan.step[0].bytes[0x200] ^= 1;
	is_int(burn_rehearse(&s, &plan, NULL, &err), -1, "a wrong plan is found out");
	has_str(err.text, "nothing was changed", "and that nothing was changed is told");
	plan.step[0].bytes[0x200] ^= 1;
	plan.steps--;
	is_int(burn_rehearse(&s, &plan, NULL, &err), -1, "a plan without its last step too");
	plan.steps++;
	burn_plan_free(&plan);
	burn_survey_free(&s);
	bench_close(&b);
	free(before);
	fw_image_free(&img);
}

int main(void)
{
	goes_well();
	writes();
	read_back();
	signature();
	after_signature();
	stopped();
	rehearsal();
	return tap_done();
}
