// SPDX-License-Identifier: GPL-2.0-only
/*
 * How likely is it that bits with a cause of their own happen to follow a key?
 *
 * Boards come in families, so 30 boards need not be 30 witnesses. The boards are joined to a tree
 * by what their inis have in common; a column of bits changes along some of its branches. How often
 * keys change along a branch tells how little it means that a bit does so too: the branch between
 * two families means little, the one between two boards that are otherwise alike means much. The
 * sum over all branches is what the column is worth; nor can it be worth more than the choice of
 * its ones among as many boards.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "learn.h"

struct fw_tree {
	size_t branches;
	struct {
		size_t a, b;
		double flips, keeps; /* bits, of a column that does */
	} branch[FW_BOARDS];
};

static unsigned int distance(const struct fw_learning *l, size_t a, size_t b)
{
	unsigned int d = 0;

	for (size_t f = 0; f < l->ev->factors; f++)
		d += l->ev->factor[f].kind == FW_KEY &&
		     l->view[f].class[a] != l->view[f].class[b];
	return d;
}

static void add_branch(const struct fw_learning *l, struct fw_tree *t, size_t a, size_t b)
{
	size_t keys = 0;
	double rate;

	for (size_t f = 0; f < l->ev->factors; f++)
		keys += l->ev->factor[f].kind == FW_KEY && l->view[f].kind != FW_STILL;
	rate = (distance(l, a, b) + 0.5) / (keys + 1.0);
	if (rate > 0.5)
		rate = 0.5;
	t->branch[t->branches].a = a;
	t->branch[t->branches].b = b;
	t->branch[t->branches].flips = -log2(rate);
	t->branch[t->branches++].keeps = -log2(1 - rate);
}

/* Prim's: always the nearest board that is not in the tree yet. */
struct fw_tree *fw_tree_make(const struct fw_learning *l)
{
	struct fw_tree *t = calloc(1, sizeof(*t));
	unsigned int near[FW_BOARDS];
	size_t to[FW_BOARDS], last = FW_BOARDS;
	struct fw_set out = l->use;

	if (!t)
		return NULL;
	for (size_t i = 0; i < l->ev->boards; i++)
		near[i] = -1;
	for (unsigned int left = set_count(&out); left; left--) {
		size_t next = FW_BOARDS;

		for (size_t i = 0; i < l->ev->boards; i++) {
			if (!set_has(&out, i))
				continue;
			if (last < FW_BOARDS && distance(l, last, i) < near[i]) {
				near[i] = distance(l, last, i);
				to[i] = last;
			}
			if (next == FW_BOARDS || near[i] < near[next])
				next = i;
		}
		if (last < FW_BOARDS)
			add_branch(l, t, next, to[next]);
		set_drop(&out, next);
		last = next;
	}
	return t;
}

static double log2_choose(unsigned int n, unsigned int m)
{
	return (lgamma(n + 1.0) - lgamma(m + 1.0) - lgamma(n - m + 1.0)) / M_LN2;
}

static unsigned int fewer(const struct fw_set *ones, const struct fw_set *use)
{
	struct fw_set in = set_and(ones, use);
	unsigned int n = set_count(use), m = set_count(&in);

	return m < n - m ? m : n - m;
}

double fw_column_bits(const struct fw_learning *l, const struct fw_tree *t,
		      const struct fw_set *ones, const struct fw_set *use)
{
	unsigned int gone = set_count(&l->use) - set_count(use);
	double tree = 0, choice;

	for (size_t i = 0; i < t->branches; i++) {
		size_t a = t->branch[i].a, b = t->branch[i].b;

		if (!set_has(use, a) || !set_has(use, b))
			continue;
		tree += set_has(ones, a) != set_has(ones, b) ? t->branch[i].flips
							      : t->branch[i].keeps;
	}
	/* Boards left out because they contradict could have been any. */
	choice = log2_choose(set_count(use), fewer(ones, use)) -
		 log2_choose(set_count(&l->use), gone);
	return tree < choice ? tree : choice;
}

/* How many keys could have been taken for a column: those that split the boards as unevenly. */
static unsigned int rivals(const struct fw_learning *l, const struct fw_set *ones)
{
	unsigned int count = 0, m = fewer(ones, &l->use);

	for (size_t f = 0; f < l->ev->factors; f++) {
		const struct fw_view *v = &l->view[f];
		struct fw_set col;

		if (l->ev->factor[f].kind != FW_KEY)
			continue;
		if (v->kind == FW_SAYS_WORD)
			count++;
		if (v->kind != FW_SAYS_FLAG)
			continue;
		col = fw_view_bit(l, f, 0);
		count += fewer(&col, &l->use) == m;
	}
	return count ? count : 1;
}

static unsigned int number_keys(const struct fw_learning *l)
{
	unsigned int count = 1;

	for (size_t f = 0; f < l->ev->factors; f++)
		count += l->ev->factor[f].kind == FW_KEY && l->view[f].kind == FW_SAYS_NUMBER;
	return count;
}

static bool seen_before(const struct fw_set *column, size_t columns, const struct fw_set *s,
			const struct fw_set *use)
{
	struct fw_set other = set_less(use, s);

	for (size_t i = 0; i < columns; i++)
		if (set_same(&column[i], s) || set_same(&column[i], &other))
			return true;
	return false;
}

/* Different columns that nothing explains: there are causes besides the keys, this many at least. */
static unsigned int strays(const struct fw_learning *l)
{
	struct fw_set *column = calloc(l->bits + 1, sizeof(*column));
	unsigned int count = 0;

	for (size_t b = 0; column && b < l->bits; b++) {
		struct fw_set s = set_and(&l->bit[b].ones, &l->use);

		if (l->bit[b].claimed || l->bit[b].loose ||
		    seen_before(column, count, &s, &l->use))
			continue;
		column[count++] = s;
	}
	free(column);
	return count;
}

/*
 * The evidence of a claim, less what must be paid for having looked for it: bits that belong to
 * nobody else, each column once. A number's bits stand together, as its place is one; a word's
 * cost a bit more for each value it has.
 */
static double claim_bits(const struct fw_learning *l, const struct fw_tree *t,
			 const struct fw_claim *c, uint32_t own, const struct fw_set *use)
{
	const struct fw_view *v = &l->view[c->factor];
	struct fw_set column[32];
	size_t columns = 0;
	double sum = 0, least = 0;

	for (unsigned int b = 0; b < 32; b++) {
		struct fw_set s;
		double worth;

		if (!(own >> b & 1))
			continue;
		s = set_and(&l->bit[fw_bit_find(l, c->word, b)].ones, use);
		if (seen_before(column, columns, &s, use))
			continue;
		column[columns++] = s;
		worth = fw_column_bits(l, t, &s, use);
		if (c->how == FW_TO_CODE)
			worth -= v->classes - 1;
		if (worth > 0)
			sum += worth;
		least = log2(rivals(l, &s));
	}
	if (c->how == FW_TO_NUMBER && columns > 1)
		least = log2(32.0 * number_keys(l));
	return columns ? sum - least : 0;
}

/* Bits of a claim that no other factor claims. */
static uint32_t own_bits(const struct fw_learning *l, const struct fw_claim *c)
{
	uint32_t own = c->moves;

	for (size_t i = 0; i < l->claims; i++)
		if (l->claim[i].word == c->word && l->claim[i].factor != c->factor &&
		    !l->claim[i].weak)
			own &= ~l->claim[i].moves;
	return own;
}

static bool may_be_written(const struct fw_spot *at)
{
	if (at->kind == FW_SPOT_HEADER)
		return at->addr < 0x20;
	return at->kind == FW_SPOT_WORD || at->kind == FW_SPOT_INFO;
}

/* A rule's bits are one run: what is learnt of a word that is split by another's is not one. */
static bool weigh(struct fw_learning *l, const struct fw_tree *t, struct fw_claim *c,
		  double price)
{
	c->own = own_bits(l, c);
	if (l->ev->factor[c->factor].kind != FW_KEY || c->weak ||
	    !may_be_written(&l->ev->moved[c->word].at))
		return false;
	c->bits = claim_bits(l, t, c, c->own, &l->use) - price;
	return c->bits >= FW_CHANCE_BITS;
}

static unsigned int columns_of(const struct fw_learning *l, const struct fw_claim *c)
{
	struct fw_set column[32];
	unsigned int columns = 0;

	for (unsigned int b = 0; b < 32; b++) {
		struct fw_set s;

		if (!(c->moves >> b & 1))
			continue;
		s = set_and(&l->bit[fw_bit_find(l, c->word, b)].ones, &l->use);
		if (!seen_before(column, columns, &s, &l->use))
			column[columns++] = s;
	}
	return columns;
}

/* Does the word's field at @bit hold what the key says, on all of @part? */
static bool holds_on(const struct fw_learning *l, size_t factor, size_t word, unsigned int bit,
		     const struct fw_set *part)
{
	const struct fw_view *v = &l->view[factor];
	uint32_t mask = v->width < 32 ? (1u << v->width) - 1 : UINT32_MAX;

	for (size_t i = 0; i < l->ev->boards; i++)
		if (set_has(part, i) && set_has(&v->present, i) &&
		    (l->ev->moved[word].value[i] >> bit & mask) != v->number[i])
			return false;
	return true;
}

/* Could @bit of the word be the factor's, let through on @part only? A number must stand there
 * whole; a flag or a word has to say but one thing there. */
static bool let_through(const struct fw_learning *l, size_t factor, size_t word, unsigned int bit,
			const struct fw_set *part)
{
	const struct fw_view *v = &l->view[factor];

	if (v->kind == FW_SAYS_NUMBER) {
		for (unsigned int at = bit >= v->width ? bit - v->width + 1 : 0; at <= bit; at++)
			if (at + v->width <= 32 && holds_on(l, factor, word, at, part))
				return true;
		return false;
	}
	for (unsigned int c = 0; c < v->classes; c++) {
		struct fw_set out = set_less(part, &v->of[c]);

		if (set_empty(&out))
			return true;
	}
	return false;
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

		if (o->factor == c->factor && !o->weak &&
		    (o->bit != c->bit || there->addr != at->addr || there->kind != at->kind))
			return false;
	}
	return true;
}

/* A single column may be what another key says, switched by this one; then this one has a place of
 * its own besides. A key that explains bits elsewhere by itself is not the other. */
static bool may_be_a_switch(const struct fw_learning *l, const struct fw_claim *c,
			    const bool *settled)
{
	for (size_t f = 0; f < l->ev->factors; f++)
		if (f != c->factor && !settled[f] && l->ev->factor[f].kind == FW_KEY &&
		    l->view[f].kind != FW_STILL && fw_could_be_switched(l, c, f))
			return true;
	return false;
}

static int drop_switches(struct fw_learning *l)
{
	bool *settled = calloc(l->ev->factors + 1, sizeof(*settled));
	bool *out = calloc(l->claims + 1, sizeof(*out));

	for (size_t i = 0; settled && i < l->claims; i++)
		settled[l->claim[i].factor] |= !l->claim[i].weak;
	for (size_t i = 0; settled && out && i < l->claims; i++)
		out[i] = l->claim[i].learnt && !has_one_place(l, &l->claim[i]) &&
			 may_be_a_switch(l, &l->claim[i], settled);
	for (size_t i = 0; out && i < l->claims; i++)
		l->claim[i].learnt &= !out[i];
	free(out);
	free(settled);
	return settled && out ? 0 : -1;
}

int fw_weigh_claims(struct fw_learning *l)
{
	struct fw_tree *t = fw_tree_make(l);
	double price = log2(strays(l) + 1.0);

	if (!t)
		return -1;
	for (size_t i = 0; i < l->claims; i++)
		l->claim[i].learnt = weigh(l, t, &l->claim[i], price);
	free(t);
	return drop_switches(l);
}

/* Does another key explain the bits as well but for other boards? Then nobody knows which of them
 * were changed. */
static bool disputed(const struct fw_learning *l, const struct fw_claim *c,
		     const struct fw_set *against)
{
	for (size_t i = 0; i < l->claims; i++) {
		const struct fw_claim *o = &l->claim[i];
		struct fw_set other;

		if (!o->weak || o->word != c->word || o->factor == c->factor ||
		    !(o->moves & c->moves))
			continue;
		other = fw_claim_against(l, o);
		if (!set_same(&other, against))
			return true;
	}
	return false;
}

/* The claim that would be the best rule if it were not for a few boards: were those changed by
 * hand? It must be worth more than a rule that nothing contradicts, by the choice of the boards. */
int fw_find_edited(struct fw_learning *l)
{
	double price = log2(strays(l) + 1.0), best = FW_CHANCE_BITS;
	struct fw_tree *t = fw_tree_make(l);
	struct fw_set guilty = {{0}};
	size_t factor = 0, before = l->edits;

	if (!t)
		return -1;
	for (size_t i = 0; i < l->claims; i++) {
		struct fw_claim *c = &l->claim[i];
		struct fw_set against, use;
		double bits;

		if (!c->weak || l->ev->factor[c->factor].kind != FW_KEY)
			continue;
		against = fw_claim_against(l, c);
		use = set_less(&l->use, &against);
		bits = claim_bits(l, t, c, c->moves, &use) - price;
		if (bits <= best || disputed(l, c, &against))
			continue;
		best = bits;
		guilty = against;
		factor = c->factor;
	}
	free(t);
	for (size_t i = 0; i < l->ev->boards; i++)
		if (set_has(&guilty, i)) {
			set_put(&l->edited, i);
			l->edit[l->edits].factor = factor;
			l->edit[l->edits++].board = i;
		}
	return l->edits > before;
}
