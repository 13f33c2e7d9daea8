// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl map prove: what is learnt makes the boards that were left out, or refuses. */
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "files/map.h"
#include "files/samples.h"
#include "fw/map/prove.h"

static const char *table;

static const struct opt options[] = {
	{"map", 0, OPT_TEXT, &table, "F.tsv", "prove this table instead of leaving boards out"},
	{NULL},
};

struct tally {
	struct out *out;
	size_t boards, right, identical, refused, wrong, edited;
	struct reason {
		char key[120];
		size_t count;
	} * reason;
	size_t reasons;
};

/* "SECTION.KEY = ..." is counted by its key. */
static int tell_refusal(const char *text, void *ctx, struct cx_err *err)
{
	struct tally *t = ctx;
	const char *end = strstr(text, " = ");
	struct reason *more;
	size_t len = end ? (size_t)(end - text) : strlen(text);

	if (len >= sizeof(more->key))
		len = sizeof(more->key) - 1;
	for (size_t i = 0; i < t->reasons; i++)
		if (strlen(t->reason[i].key) == len && !memcmp(t->reason[i].key, text, len)) {
			t->reason[i].count++;
			return 0;
		}
	more = reallocarray(t->reason, t->reasons + 1, sizeof(*more));
	if (!more)
		return cx_fail(err, CX_FAILED, "out of memory for the reasons of refusals");
	t->reason = more;
	memcpy(more[t->reasons].key, text, len);
	more[t->reasons].key[len] = '\0';
	more[t->reasons++].count = 1;
	return 0;
}

static void tell_board(const struct fw_proof *p, void *ctx)
{
	struct tally *t = ctx;
	struct out *out = t->out;

	t->boards++;
	t->right += p->identical && !p->wrong;
	t->identical += p->identical;
	t->refused += p->refused;
	t->wrong += p->wrong;
	t->edited += p->contradicts != NULL;
	out_object(out, NULL);
	out_text(out, "image", NULL, "%s", p->name);
	out_number(out, "identical", NULL, p->identical);
	out_number(out, "refused", NULL, p->refused);
	out_number(out, "wrong", NULL, p->wrong);
	if (p->contradicts)
		out_text(out, "not_tried", NULL, "%s", p->contradicts);
	if (p->refused)
		out_text(out, "refusal", NULL, "%s", p->first);
	if (p->wrong)
		out_text(out, "differs", NULL, "%s", p->differs);
	out_close(out);
	if (p->contradicts)
		out_say(out, "%s: not tried: %s.", p->name, p->contradicts);
	else
		out_say(out, "%s: %u identical, %u refused, %u wrong.", p->name, p->identical,
			p->refused, p->wrong);
	if (p->wrong)
		out_say_in(out, OUT_BAD, "    from %s: %s.", p->base, p->differs);
}

static int by_count(const void *a, const void *b)
{
	const struct reason *x = a, *y = b;

	return x->count > y->count ? -1 : x->count < y->count;
}

static void tell_reasons(struct tally *t)
{
	struct out *out = t->out;

	if (t->reasons)
		qsort(t->reason, t->reasons, sizeof(*t->reason), by_count);
	out_array(out, "refused_by");
	for (size_t i = 0; i < t->reasons; i++) {
		out_object(out, NULL);
		out_text(out, "key", NULL, "%s", t->reason[i].key);
		out_number(out, "count", NULL, t->reason[i].count);
		out_close(out);
		out_say(out, "  %6zu refused by %s", t->reason[i].count, t->reason[i].key);
	}
	out_close(out);
}

static int tell(struct tally *t, struct cx_err *err)
{
	struct out *out = t->out;

	tell_reasons(t);
	out_number(out, "boards", NULL, t->boards);
	out_number(out, "boards_right", NULL, t->right);
	out_number(out, "identical_images", NULL, t->identical);
	out_number(out, "refused_images", NULL, t->refused);
	out_number(out, "wrong_images", NULL, t->wrong);
	out_number(out, "not_tried", NULL, t->edited);
	out_say(out,
		"%zu of %zu boards can be built from another board's image and their own ini, byte "
		"for byte but for GUIDs, MACs, VSD, ROM, build time and bits that no key moves.",
		t->right, t->boards);
	out_say(out,
		"%zu images are identical, %zu are refused because a key is not known well "
		"enough, %zu are wrong.",
		t->identical, t->refused, t->wrong);
	if (!t->wrong)
		return 0;
	return cx_fail(
		err, CX_INVALID,
		"%zu images came out wrong: do not build with what is learnt from these files",
		t->wrong);
}

static int prove(struct tally *t, const struct samples *s, struct cx_err *err)
{
	struct fw_prove p = {.sample = s->sample,
			     .img = s->img,
			     .samples = s->count,
			     .board = tell_board,
			     .refusal = tell_refusal,
			     .ctx = t};
	struct fw_map map = {0};
	int ret;

	if (table && map_load_learnt(table, &map, err))
		return -1;
	p.table = table ? &map : NULL;
	out_array(t->out, "images");
	ret = fw_prove(&p, err);
	out_close(t->out);
	fw_map_free(&map);
	return ret;
}

static int run(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct tally t = {.out = &cli->out};
	struct samples s = {.keep = true};
	int ret = 0;

	for (int i = 0; !ret && i < argc; i++)
		ret = samples_add(&s, argv[i], &cli->out, err);
	if (!ret)
		ret = prove(&t, &s, err);
	if (!ret)
		ret = tell(&t, err);
	free(t.reason);
	samples_free(&s);
	return ret;
}

const struct command map_prove_commands[] = {
	{
		.name = "map prove",
		.args = "FILE|DIR...",
		.what = "Build each image from what the others tell, and compare",
		.min_args = 1,
		.max_args = 10000,
		.options = options,
		.run = run,
	},
	{},
};
