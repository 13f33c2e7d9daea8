// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl verify: every section, every CRC, both slots. */
#include "card/describe.h"
#include "card/look.h"
#include "card/subject.h"
#include "fw/image/verify.h"
#include "commands.h"

static struct look at = {.takes = LOOK_ANY};

static const struct opt options[] = {
	LOOK_OPTIONS(at),
	{NULL},
};

static void show(const struct fw_finding *f, void *ctx)
{
	static const char *const word[] = {"good", "warning", "bad"};
	static const enum out_color color[] = {OUT_GOOD, OUT_WARN, OUT_BAD};
	struct out *out = ctx;

	out_object(out, NULL);
	out_text(out, "name", NULL, "%s", f->name);
	out_number(out, "addr", NULL, f->addr);
	out_number(out, "len", NULL, f->len);
	out_text(out, "verdict", NULL, "%s", word[f->grade]);
	out_text(out, "text", NULL, "%s", f->text);
	out_close(out);
	if (f->len)
		out_say_in(out, color[f->grade], "  0x%08x-0x%08x (0x%06x)  %-18s %s", f->addr,
			   f->addr + f->len - 1, f->len, f->name, f->text);
	else
		out_say_in(out, color[f->grade], "  %-33s  %-18s %s", "", f->name, f->text);
}

/* Returns the number of errors in one slot. */
static size_t verify_slot(struct out *out, struct subject *s, size_t i)
{
	const struct fw_slot *slot = &s->dump->slot[i];
	size_t bad = 1;

	out_object(out, NULL);
	out_number(out, "start", NULL, slot->start);
	out_array(out, "findings");
	if (slot->state) {
		out_say_in(out, OUT_BAD, "Image at 0x%x: %s", slot->start, slot->why.text);
	} else {
		out_say(out, "FS2 %s image at 0x%x, chunk size 0x%x, addresses within the image:",
			slot->img.failsafe ? "failsafe" : "non-failsafe", slot->start,
			slot->img.chunk_log2 ? 1u << slot->img.chunk_log2 : 0);
		bad = subject_judge(s, i, show, out);
	}
	out_close(out);
	if (slot->state)
		out_text(out, "why", NULL, "%s", slot->why.text);
	out_number(out, "errors", NULL, bad);
	out_close(out);
	return bad;
}

static int verify(struct out *out, struct subject *s, struct cx_err *err)
{
	const struct fw_image *img;
	size_t bad = 0;

	out_text(out, s->flash ? "card" : "file", NULL, "%s", s->name);
	out_array(out, "slots");
	for (size_t i = 0; i < s->dump->slots; i++)
		bad += verify_slot(out, s, i);
	out_close(out);
	out_number(out, "errors", NULL, bad);
	if (subject_image(s, &img, err)) {
		if (!s->dump->slots)
			return -1; /* it says why there is none */
	} else {
		describe_apart(out, &img->id);
	}
	if (bad && s->active >= 0)
		return cx_fail(err, CX_INVALID,
			       "%s: %zu error%s, but the image at 0x%x is good and boots", s->name,
			       bad, bad == 1 ? "" : "s", s->dump->slot[s->active].start);
	if (bad)
		return cx_fail(err, CX_INVALID, "%s: %zu error%s; no card can rely on this image",
			       s->name, bad, bad == 1 ? "" : "s");
	out_say_in(out, OUT_GOOD, "%s verifies.", s->name);
	return 0;
}

static int run(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct progress progress;
	struct subject s;
	int ret;

	(void)argc;
	(void)argv;
	progress_begin(&progress, cli, true);
	if (subject_open_unjudged(&s, at.card, at.file, &progress, err))
		return -1;
	ret = verify(&cli->out, &s, err);
	subject_close(&s);
	return ret;
}

const struct command verify_commands[] = {
	{
		.name = "verify",
		.args = "[FILE|CARD]",
		.what = "Check every section, every CRC and both slots, strictly",
		.options = options,
		.look = &at,
		.run = run,
	},
	{},
};
