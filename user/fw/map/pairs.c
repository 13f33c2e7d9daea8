// SPDX-License-Identifier: GPL-2.0-only
/* What two keys do together, and which keys are explained by two boards that differ in them. */
#include <stdlib.h>
#include <string.h>

#include "learn.h"

static int add_joint(struct fw_learning *l, size_t bit, size_t factor, int j, size_t by)
{
	struct fw_joint *more = l->joint;

	if (!(l->joints & (l->joints - 1)))
		more = reallocarray(more, l->joints ? 2 * l->joints : 1, sizeof(*more));
	if (!more)
		return -1;
	l->joint = more;
	more[l->joints++] = (struct fw_joint){bit, factor, by, j};
	return 0;
}

bool fw_is_switched(const struct fw_learning *l, const struct fw_set *ones,
		    const struct fw_set *part, size_t parts, size_t by)
{
	const struct fw_view *s = &l->view[by];

	for (unsigned int c = 0; c < s->classes; c++) {
		struct fw_set on = set_and(&s->of[c], &l->use);

		on = set_less(&on, &s->unknown);
		for (size_t p = 0; p < parts; p++) {
			struct fw_set cell = set_and(&on, &part[p]);

			if (!set_keeps(ones, &cell))
				return false;
		}
	}
	return true;
}

/* Value @j of a factor parts the boards: its bit is 1, 0, or it is not stated; -1: its values. */
static size_t parts_of(const struct fw_learning *l, size_t factor, int j, struct fw_set part[3])
{
	struct fw_set ones = fw_view_bit(l, factor, j);

	part[0] = ones;
	part[1] = set_less(&l->view[factor].present, &ones);
	part[2] = set_less(&l->all, &l->view[factor].present);
	return 3;
}

static int find_switches(struct fw_learning *l, size_t bit, size_t factor, int j,
			 const struct fw_set *part, size_t parts)
{
	struct fw_set ones = set_and(&l->bit[bit].ones, &l->use);

	for (size_t by = 0; by < l->ev->factors; by++) {
		const struct fw_view *s = &l->view[by];

		if (by == factor || !s->switches || l->ev->factor[by].kind == FW_LENGTH ||
		    2 * s->classes > set_count(&l->use))
			continue;
		if (fw_is_switched(l, &ones, part, parts, by) && add_joint(l, bit, factor, j, by))
			return -1;
	}
	return 0;
}

static int find_joints_of(struct fw_learning *l, size_t bit, size_t factor)
{
	const struct fw_view *v = &l->view[factor];
	struct fw_set part[3];

	if (v->kind == FW_SAYS_WORD)
		return 2 * v->classes > set_count(&l->use)
			       ? 0
			       : find_switches(l, bit, factor, -1, v->of, v->classes);
	for (unsigned int j = 0; j < v->width; j++) {
		size_t parts = parts_of(l, factor, j, part);

		if (find_switches(l, bit, factor, j, part, parts))
			return -1;
	}
	return 0;
}

int fw_find_joints(struct fw_learning *l)
{
	for (size_t b = 0; b < l->bits; b++) {
		if (l->bit[b].claimed || l->bit[b].loose)
			continue;
		for (size_t f = 0; f < l->ev->factors; f++)
			if (l->view[f].kind != FW_STILL && l->ev->factor[f].kind == FW_KEY &&
			    find_joints_of(l, b, f))
				return -1;
	}
	return 0;
}

static bool differs(const struct fw_learning *l, size_t factor, size_t a, size_t b)
{
	return l->ev->factor[factor].kind == FW_KEY &&
	       l->view[factor].class[a] != l->view[factor].class[b];
}

/* For each bit without a rule, the keys that may have moved it. */
struct suspects {
	size_t *of; /* suspect lists, bit by bit */
	size_t *start;
};

static void free_suspects(struct suspects *s)
{
	free(s->of);
	free(s->start);
}

static size_t suspects_of_bit(const struct fw_learning *l, size_t bit, size_t *to)
{
	const struct fw_bit *b = &l->bit[bit];
	size_t count = 0;

	if (b->named || b->agreed || b->loose)
		return 0;
	for (size_t i = 0; i < l->claims; i++)
		if (l->claim[i].word == b->word && l->claim[i].moves >> b->bit & 1) {
			if (to)
				to[count] = l->claim[i].factor;
			count++;
		}
	for (size_t i = 0; i < l->joints; i++)
		if (l->joint[i].bit == bit) {
			if (to) {
				to[count] = l->joint[i].factor;
				to[count + 1] = l->joint[i].by;
			}
			count += 2;
		}
	return count;
}

static int find_suspects(const struct fw_learning *l, struct suspects *s)
{
	size_t total = 0;

	s->start = calloc(l->bits + 1, sizeof(*s->start));
	if (!s->start)
		return -1;
	for (size_t b = 0; b < l->bits; b++) {
		s->start[b] = total;
		total += suspects_of_bit(l, b, NULL);
	}
	s->start[l->bits] = total;
	s->of = calloc(total + 1, sizeof(*s->of));
	if (!s->of) {
		free(s->start);
		return -1;
	}
	for (size_t b = 0; b < l->bits; b++)
		suspects_of_bit(l, b, s->of + s->start[b]);
	return 0;
}

/* Keys that differ on two boards and are explained by them: of all the bits that differ too, each
 * is a rule's, or one that these keys cannot have moved. */
static void explain(struct fw_learning *l, const struct suspects *s, size_t a, size_t b,
		    bool *guilty)
{
	memset(guilty, 0, l->ev->factors * sizeof(*guilty));
	for (size_t i = 0; i < l->bits; i++)
		if (set_has(&l->bit[i].ones, a) != set_has(&l->bit[i].ones, b))
			for (size_t k = s->start[i]; k < s->start[i + 1]; k++)
				guilty[s->of[k]] = true;
	for (size_t f = 0; f < l->ev->factors; f++)
		l->buildable[f] |= !guilty[f] && differs(l, f, a, b);
}

static bool has_rule(const struct fw_learning *l, size_t factor)
{
	for (size_t i = 0; i < l->claims; i++)
		if (l->claim[i].factor == factor && fw_is_known(&l->claim[i]))
			return true;
	return false;
}

/* Does anything follow it, be it together with another, or but for a few boards? */
static bool is_seen(const struct fw_learning *l, size_t factor)
{
	const struct fw_view *v = &l->view[factor];

	if (v->kind == FW_SAYS_WORD && 2 * v->classes > set_count(&l->use))
		return true; /* of so many words nobody can tell */
	for (size_t i = 0; i < l->claims; i++)
		if (l->claim[i].factor == factor)
			return true;
	for (size_t i = 0; i < l->joints; i++)
		if (l->joint[i].factor == factor || l->joint[i].by == factor)
			return true;
	return false;
}

/* What is not seen goes nowhere, unless it could hide behind another key that lets it through. */
static bool may_hide(const struct fw_learning *l, size_t factor)
{
	for (size_t i = 0; i < l->claims; i++)
		if (fw_could_be_switched(l, &l->claim[i], factor))
			return true;
	return false;
}

int fw_find_buildable(struct fw_learning *l)
{
	bool *guilty = calloc(l->ev->factors + 1, sizeof(*guilty));
	struct suspects s;

	if (!guilty || find_suspects(l, &s)) {
		free(guilty);
		return -1;
	}
	for (size_t a = 0; a < l->ev->boards; a++)
		for (size_t b = 0; b < a; b++)
			if (set_has(&l->all, a) && set_has(&l->all, b))
				explain(l, &s, a, b, guilty);
	for (size_t f = 0; f < l->ev->factors; f++) {
		l->buildable[f] &= has_rule(l, f) || !is_seen(l, f);
		l->nowhere[f] = l->buildable[f] && !has_rule(l, f) && !may_hide(l, f);
	}
	free_suspects(&s);
	free(guilty);
	return 0;
}
