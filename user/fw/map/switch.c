// SPDX-License-Identifier: GPL-2.0-only
/* Keys that let another through or hold it back. */
#include <stdlib.h>
#include <string.h>

#include "learn.h"

static unsigned int columns_of(const struct fw_learning *l, const struct fw_claim *c)
{
	struct fw_set column[32];
	unsigned int columns = 0;

	for (unsigned int b = 0; b < 32; b++) {
		struct fw_set s;

		if (!(c->moves >> b & 1))
			continue;
		s = set_and(&l->bit[fw_bit_find(l, c->word, b)].ones, &l->use);
		if (!set_among(column, columns, &s, &l->use))
			column[columns++] = s;
	}
	return columns;
}

/* Does the word's field at @bit hold what the key says, or its logarithm, on all of @part? */
static bool holds_on(const struct fw_learning *l, size_t factor, size_t word, unsigned int bit,
		     bool log2, const struct fw_set *part)
{
	const struct fw_view *v = &l->view[factor];
	unsigned int width = log2 ? v->log2_width : v->width;
	uint32_t mask = width < 32 ? (1u << width) - 1 : UINT32_MAX;

	for (size_t i = 0; i < l->ev->boards; i++) {
		uint32_t number = log2 ? 63u - __builtin_clzl(v->number[i] | 1) : v->number[i];

		if (set_has(part, i) && set_has(&v->present, i) &&
		    (l->ev->moved[word].value[i] >> bit & mask) != number)
			return false;
	}
	return true;
}

/* At any place that has @bit in it? */
static bool number_holds(const struct fw_learning *l, size_t factor, size_t word, unsigned int bit,
			 bool log2, const struct fw_set *part)
{
	unsigned int width = log2 ? l->view[factor].log2_width : l->view[factor].width;

	for (unsigned int at = bit >= width ? bit - width + 1 : 0; width && at <= bit; at++)
		if (at + width <= 32 && holds_on(l, factor, word, at, log2, part))
			return true;
	return false;
}

/* Could @bit of the word be the factor's, let through on @part only? A number must stand there
 * whole; a flag or a word has to say but one thing there. */
static bool let_through(const struct fw_learning *l, size_t factor, size_t word, unsigned int bit,
			const struct fw_set *part)
{
	const struct fw_view *v = &l->view[factor];

	if (v->kind == FW_SAYS_NUMBER)
		return number_holds(l, factor, word, bit, false, part) ||
		       number_holds(l, factor, word, bit, true, part);
	for (unsigned int c = 0; c < v->classes; c++) {
		struct fw_set out = set_less(part, &v->of[c]);

		if (set_empty(&out))
			return true;
	}
	return false;
}

bool fw_may_switch(const struct fw_learning *l, size_t factor)
{
	const struct fw_view *v = &l->view[factor];

	if (!v->switches || l->ev->factor[factor].kind == FW_LENGTH)
		return false;
	if (l->ev->factor[factor].kind != FW_KEY && 2 * v->classes > set_count(&l->use))
		return false;
	return v->chooses || !set_same(&l->all, &v->other_than_zero);
}

bool fw_could_be_switched(const struct fw_learning *l, const struct fw_claim *c, size_t factor)
{
	unsigned int bit = __builtin_ctz(c->moves);
	struct fw_set ones, on, off;

	if (c->weak || c->factor == factor || columns_of(l, c) > 1)
		return false;
	ones = l->bit[fw_bit_find(l, c->word, bit)].ones;
	on = set_and(&l->use, &ones);
	off = set_less(&l->use, &ones);
	return let_through(l, factor, c->word, bit, &on) ||
	       let_through(l, factor, c->word, bit, &off);
}

/* Has the key one place only, if in both sections? */
static bool has_one_place(const struct fw_learning *l, const struct fw_claim *c)
{
	const struct fw_spot *at = &l->ev->moved[c->word].at;

	for (size_t i = 0; i < l->claims; i++) {
		const struct fw_claim *o = &l->claim[i];
		const struct fw_spot *there = &l->ev->moved[o->word].at;

		if (o->factor == c->factor && o->own && !o->weak &&
		    !(o->word == c->word && (o->moves & c->moves)) &&
		    (o->bit != c->bit || there->addr != at->addr || there->kind != at->kind))
			return false;
	}
	return true;
}

/* A single column may be what another key says, switched by this one; then this one has a place of
 * its own besides. A key that explains bits elsewhere by itself is not the other. */
static bool may_let_through(const struct fw_learning *l, const struct fw_claim *c,
			    const bool *settled)
{
	for (size_t f = 0; f < l->ev->factors; f++)
		if (f != c->factor && !settled[f] && l->ev->factor[f].kind == FW_KEY &&
		    l->view[f].kind != FW_STILL && fw_could_be_switched(l, c, f))
			return true;
	return false;
}

/* Several bits of one word that are all alike are rather the number of a key that is the same on
 * all boards, let through, than so many places of one flag. */
static bool is_one_of_many(const struct fw_learning *l, const struct fw_claim *c)
{
	for (size_t i = 0; i < l->claims; i++) {
		const struct fw_claim *o = &l->claim[i];

		if (o->factor == c->factor && o->own && !o->weak && o->word == c->word &&
		    !(o->moves & c->moves))
			return true;
	}
	return false;
}

/* Bits of one field with others that nothing explains, and that move only where this column has one
 * of its values, are rather those of a key that is let through there, of which all numbers or words
 * have this bit in common. */
static bool is_beside_switched(const struct fw_learning *l, const struct fw_claim *c)
{
	struct fw_set on = l->bit[fw_bit_find(l, c->word, __builtin_ctz(c->moves))].ones;
	struct fw_set off = set_less(&l->use, &on);
	int low = __builtin_ctz(c->moves) - FW_FIELD_GAP;
	int high = 31 - __builtin_clz(c->moves) + FW_FIELD_GAP;

	on = set_and(&on, &l->use);
	for (int b = low > 0 ? low : 0; b <= high && b < 32; b++) {
		long at = fw_bit_find(l, c->word, b);

		if (at >= 0 && !l->bit[at].claimed && !l->bit[at].loose &&
		    (set_keeps(&l->bit[at].ones, &on) || set_keeps(&l->bit[at].ones, &off)))
			return true;
	}
	return false;
}

static bool may_be_a_switch(const struct fw_learning *l, const struct fw_claim *c,
			    const bool *settled)
{
	const struct fw_view *v = &l->view[c->factor];

	if (v->kind == FW_SAYS_NUMBER && set_same(&v->other_than_zero, &v->present))
		return false;
	if (!fw_may_switch(l, c->factor) || columns_of(l, c) > 1)
		return false;
	if (is_beside_switched(l, c))
		return true;
	return !has_one_place(l, c) && (is_one_of_many(l, c) || may_let_through(l, c, settled));
}

int fw_drop_switches(struct fw_learning *l)
{
	bool *settled = calloc(l->ev->factors + 1, sizeof(*settled));
	bool *out = calloc(l->claims + 1, sizeof(*out));

	for (size_t i = 0; settled && i < l->claims; i++)
		settled[l->claim[i].factor] |= !l->claim[i].weak;
	for (size_t i = 0; settled && out && i < l->claims; i++)
		out[i] = l->claim[i].learnt && may_be_a_switch(l, &l->claim[i], settled);
	for (size_t i = 0; out && i < l->claims; i++)
		l->claim[i].learnt &= !out[i];
	free(out);
	free(settled);
	return settled && out ? 0 : -1;
}
