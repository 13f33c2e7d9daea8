// SPDX-License-Identifier: GPL-2.0-only
/* May a board become another by what was learnt? */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "learn.h"

struct judge {
	const struct fw_learning *l;
	const struct fw_change *ch;
	struct fw_refusal *no;
};

static bool is_key(const struct judge *j, size_t factor)
{
	return j->l->ev->factor[factor].kind == FW_KEY;
}

static bool changed(const struct judge *j, size_t factor)
{
	return is_key(j, factor) && !fw_same_said(j->ch->from[factor], j->ch->to[factor]);
}

static const char *said(const char *text)
{
	return text ? text : "(not stated)";
}

__attribute__((format(printf, 3, 4))) static int refuse(const struct judge *j, size_t factor,
							const char *fmt, ...)
{
	va_list ap;

	j->no->factor = factor;
	va_start(ap, fmt);
	vsnprintf(j->no->why, sizeof(j->no->why), fmt, ap);
	va_end(ap);
	return -1;
}

static bool is_seen(const struct fw_learning *l, size_t factor)
{
	for (size_t i = 0; i < l->claims; i++)
		if (l->claim[i].factor == factor && fw_is_known(&l->claim[i]))
			return true;
	return false;
}

static int judge_value(const struct judge *j, size_t factor)
{
	const struct fw_learning *l = j->l;
	const char *from = j->ch->from[factor], *to = j->ch->to[factor];
	int class = fw_view_class(l, factor, to);

	if (l->view[factor].kind == FW_STILL)
		return refuse(j, factor, "it is the same on all boards that were learnt from");
	if (!l->buildable[factor])
		return refuse(j, factor,
			      "no two boards tell where it is compiled to, and no "
			      "further");
	if (class < 0 && !is_seen(l, factor))
		return refuse(j, factor,
			      "no board has this value, and what it does is not seen in "
			      "the image");
	for (size_t i = 0; i < l->claims; i++) {
		const struct fw_claim *c = &l->claim[i];
		uint32_t field, mask = (uint32_t)(((1ull << c->size) - 1) << c->bit);

		if (!fw_is_known(c) || c->factor != factor)
			continue;
		if (fw_claim_field(l, c, to, &field))
			return refuse(
				j, factor,
				l->view[factor].whole
					? "only values that a board has are taken for this key"
					: "this value needs bits, or a word, that too few boards "
					  "show");
		if (fw_claim_field(l, c, from, &field))
			return refuse(j, factor, "what the base has is not known to be compiled");
		if (!j->ch->has[c->word] ||
		    (j->ch->value[c->word] & mask & c->moves) != (field << c->bit & c->moves))
			return refuse(j, factor, "the base's ini says %s, its bits do not",
				      said(from));
	}
	return 0;
}

/* The boards that are alike in a factor, as far as it could switch something: the same value, or
 * of a number with many values, whether it is zero. */
static struct fw_set alike(const struct fw_learning *l, size_t factor, const char *text,
			   bool by_value)
{
	const struct fw_view *v = &l->view[factor];
	int class = fw_view_class(l, factor, text);
	struct fw_set s = {{0}};
	unsigned long number;

	if (by_value || !text)
		return class < 0 ? s : v->of[class];
	if (fw_ini_number(text, &number))
		return s;
	for (size_t i = 0; i < l->ev->boards; i++)
		if (set_has(&v->present, i) && !v->number[i] == !number)
			set_put(&s, i);
	return s;
}

static bool moves_on(const struct fw_learning *l, const struct fw_claim *c, const struct fw_set *on)
{
	for (uint32_t left = c->moves; left; left &= left - 1)
		if (!set_keeps(&l->bit[fw_bit_find(l, c->word, __builtin_ctz(left))].ones, on))
			return true;
	return false;
}

/* Is each place of the key seen to obey it on these boards, by two that differ there? */
static bool is_live(const struct fw_learning *l, size_t factor, const struct fw_set *on)
{
	bool rule = false;

	for (size_t i = 0; i < l->claims; i++) {
		const struct fw_claim *c = &l->claim[i];

		if (c->factor != factor || !c->learnt)
			continue;
		if (!moves_on(l, c, on))
			return false;
		rule = true;
	}
	return rule;
}

/* The boards that are as the target is in @by tell whether @a has its effect there: by one that has
 * its value, or by two on which its places are seen to obey it. */
static int judge_together(const struct judge *j, size_t a, size_t by)
{
	const struct fw_view *s = &j->l->view[a], *t = &j->l->view[by];
	struct fw_set x = alike(j->l, a, j->ch->to[a], s->switches),
		      y = alike(j->l, by, j->ch->to[by], t->chooses), both = set_and(&x, &y);
	size_t named = changed(j, a) ? a : by, other = changed(j, a) ? by : a;
	const struct fw_factor *f = &j->l->ev->factor[other];

	if (!set_empty(&both) || is_live(j->l, a, &y))
		return 0;
	return refuse(j, named,
		      "no board has it together with %s%s%s = %s, and one could switch the other",
		      f->section, *f->section ? "." : "", f->key, said(j->ch->to[other]));
}

/* Of each two that could switch each other, of which one changes, a board must have both. */
static int judge_switches(const struct judge *j)
{
	const struct fw_learning *l = j->l;

	for (size_t by = 0; by < l->ev->factors; by++) {
		if (!fw_may_switch(l, by))
			continue;
		for (size_t a = 0; a < l->ev->factors; a++)
			if (a != by && is_key(j, a) && l->view[a].kind != FW_STILL &&
			    (changed(j, a) || changed(j, by)) && judge_together(j, a, by))
				return -1;
	}
	return 0;
}

/* Do boards have both values at once? */
static bool seen_together(const struct judge *j, size_t a, size_t b)
{
	int x = fw_view_class(j->l, a, j->ch->to[a]), y = fw_view_class(j->l, b, j->ch->to[b]);
	struct fw_set both;

	if (x < 0 || y < 0)
		return false;
	both = set_and(&j->l->view[a].of[x], &j->l->view[b].of[y]);
	return !set_empty(&both);
}

/* A key that no bit follows may be let through by one that a single column of bits follows. Then
 * these bits are known only where a board has what the target has of both. */
static int judge_hidden(const struct judge *j, size_t factor)
{
	const struct fw_learning *l = j->l;

	for (size_t i = 0; i < l->claims; i++) {
		const struct fw_claim *c = &l->claim[i];
		const struct fw_factor *by = &l->ev->factor[c->factor];

		if (c->weak || !is_key(j, c->factor) ||
		    !(changed(j, factor) || changed(j, c->factor)) ||
		    !fw_could_be_switched(l, c, factor) || seen_together(j, factor, c->factor))
			continue;
		return refuse(j, changed(j, factor) ? factor : c->factor,
			      "%s.%s = %s could let it through, or be let through by it, and no "
			      "board has both",
			      by->section, by->key, said(j->ch->to[c->factor]));
	}
	return 0;
}

static bool base_has(const struct judge *j, const struct fw_bit *b)
{
	return j->ch->value[b->word] >> b->bit & 1;
}

/* A bit that is not written, but that this claim would move? */
static int judge_claim(const struct judge *j, const struct fw_claim *c)
{
	char place[80];
	uint32_t field;

	fw_spot_text(&j->l->ev->moved[c->word].at, place, sizeof(place));
	for (unsigned int b = 0; b < 32; b++) {
		long at = c->moves >> b & 1 ? fw_bit_find(j->l, c->word, b) : -1;

		if (at < 0 || j->l->bit[at].named || j->l->bit[at].agreed || !j->ch->has[c->word])
			continue;
		if (fw_claim_field(j->l, c, j->ch->to[c->factor], &field) ||
		    ((field << c->bit ^ j->ch->value[c->word]) >> b & 1))
			return refuse(j, c->factor, "%s of %s may follow it, or something else",
				      "a bit", place);
	}
	return 0;
}

/* All that explain a bit which is nobody's alone must put the same there. */
static int judge_agreed(const struct judge *j, const struct fw_claim *c)
{
	const struct fw_learning *l = j->l;
	uint32_t field, other;

	if (fw_claim_field(l, c, j->ch->to[c->factor], &field))
		return refuse(j, c->factor, "this value was seen on too few boards");
	for (size_t i = 0; i < l->claims; i++) {
		const struct fw_claim *o = &l->claim[i];
		const struct fw_factor *f = &l->ev->factor[o->factor];

		if (o == c || o->weak || o->word != c->word || !(o->moves & c->moves))
			continue;
		if (!fw_claim_field(l, o, j->ch->to[o->factor], &other) &&
		    !((other << o->bit ^ field << c->bit) & o->moves & c->moves))
			continue;
		return refuse(
			j, c->factor,
			"the same bits may follow %s.%s = %s, which puts something else there",
			f->section, f->key, said(j->ch->to[o->factor]));
	}
	return 0;
}

/* Which boards are as the target, in what a joint explanation looks at. */
static struct fw_set joint_cell(const struct judge *j, const struct fw_joint *joint)
{
	const struct fw_learning *l = j->l;
	int by = fw_view_class(l, joint->by, j->ch->to[joint->by]);
	int class = fw_view_class(l, joint->factor, j->ch->to[joint->factor]);
	const struct fw_view *v = &l->view[joint->factor];
	const char *to = j->ch->to[joint->factor];
	struct fw_set s = {{0}}, ones;
	unsigned long number;

	if (by < 0)
		return s;
	if (joint->j < 0 || !to) {
		if (class < 0)
			return s;
		return set_and(&l->view[joint->by].of[by], &v->of[class]);
	}
	if (fw_ini_number(to, &number))
		return s;
	ones = fw_view_bit(l, joint->factor, joint->j);
	s = number >> joint->j & 1 ? ones : set_less(&v->present, &ones);
	return set_and(&s, &l->view[joint->by].of[by]);
}

static int judge_joint(const struct judge *j, const struct fw_joint *joint)
{
	const struct fw_bit *b = &j->l->bit[joint->bit];
	const struct fw_factor *f = &j->l->ev->factor[joint->by];
	struct fw_set cell = joint_cell(j, joint), in = set_and(&cell, &b->ones);
	bool one = !set_empty(&in);
	char place[80];

	if (!j->ch->has[b->word])
		return 0;
	if (!set_empty(&cell) && one == base_has(j, b))
		return 0;
	return refuse(j, changed(j, joint->factor) ? joint->factor : joint->by,
		      "bit %u of %s may follow it together with %s%s%s", b->bit,
		      fw_spot_text(&j->l->ev->moved[b->word].at, place, sizeof(place)), f->section,
		      *f->section ? "." : "", f->key);
}

static int judge_doubts(const struct judge *j)
{
	const struct fw_learning *l = j->l;

	for (size_t i = 0; i < l->claims; i++) {
		const struct fw_claim *c = &l->claim[i];

		if (c->learnt || !changed(j, c->factor))
			continue;
		if (c->agreed ? judge_agreed(j, c) : judge_claim(j, c))
			return -1;
	}
	for (size_t f = 0; f < l->ev->factors; f++)
		if (is_key(j, f) && l->view[f].kind != FW_STILL && !fw_has_claim(l, f) &&
		    judge_hidden(j, f))
			return -1;
	for (size_t i = 0; i < l->joints; i++)
		if ((changed(j, l->joint[i].factor) || changed(j, l->joint[i].by)) &&
		    judge_joint(j, &l->joint[i]))
			return -1;
	return 0;
}

int fw_change_judge(const struct fw_learning *l, const struct fw_change *change,
		    struct fw_refusal *no)
{
	struct judge j = {l, change, no};

	for (size_t f = 0; f < l->ev->factors; f++)
		if (changed(&j, f) && judge_value(&j, f))
			return -1;
	return judge_doubts(&j) || judge_switches(&j) ? -1 : 0;
}
