// SPDX-License-Identifier: GPL-2.0-only
/*
 * How likely is it that bits with a cause of their own happen to follow a key?
 *
 * A rule is wrong by chance only if its key is not compiled there, and a cause that no ini states
 * moves these bits on just the boards that the key tells apart. Both are estimated from the release
 * itself: how many keys have no place that would show, and how many columns of bits (what a bit is
 * on each board) nothing explains. A column of such a cause is drawn board by board, or handed on
 * along the tree of boards; those that are seen tell how many there are of each. The rules are
 * taken, the surest first, as long as the wrong ones to be expected in the whole table stay below a
 * bound.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "learn.h"

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

/* A cause that was drawn for each board is told most shortly by the choice of boards, one that was
 * handed on along the tree. */
static void count_stray(const struct fw_learning *l, struct fw_chance *ch, const struct fw_set *s)
{
	unsigned int n = set_count(&l->use), m = fewer(s, &l->use);

	if (fw_tree_bits(ch->tree, s, &l->use) < log2_choose(n, m) + log2(n))
		ch->handed++;
	else
		ch->stray[m]++;
}

/* Different columns that nothing explains: so many causes there are besides the keys, at least. */
static int count_strays(const struct fw_learning *l, struct fw_chance *ch)
{
	struct fw_set *column = calloc(l->bits + 1, sizeof(*column));

	if (!column)
		return -1;
	for (size_t b = 0; b < l->bits; b++) {
		struct fw_set s = set_and(&l->bit[b].ones, &l->use);

		if (l->bit[b].claimed || l->bit[b].loose ||
		    set_among(column, ch->strays, &s, &l->use))
			continue;
		column[ch->strays++] = s;
		count_stray(l, ch, &s);
	}
	free(column);
	return 0;
}

/* The same field in the other section is the same place. */
static bool same_place(const struct fw_learning *l, const struct fw_claim *a,
		       const struct fw_claim *b)
{
	const struct fw_spot *x = &l->ev->moved[a->word].at, *y = &l->ev->moved[b->word].at;

	return a->factor == b->factor && x->kind == y->kind && x->addr == y->addr &&
	       (a->moves & b->moves);
}

static bool may_be_written(const struct fw_spot *at)
{
	if (at->kind == FW_SPOT_HEADER)
		return at->addr < 0x20;
	return at->kind == FW_SPOT_WORD || at->kind == FW_SPOT_INFO;
}

static bool may_be_learnt(const struct fw_learning *l, const struct fw_claim *c)
{
	return !c->weak && l->ev->factor[c->factor].kind == FW_KEY &&
	       may_be_written(&l->ev->moved[c->word].at);
}

static bool is_candidate(const struct fw_learning *l, const struct fw_claim *c)
{
	return c->own && may_be_learnt(l, c);
}

/* At how many places could a key be compiled? */
static unsigned int count_places_of(const struct fw_learning *l, size_t factor)
{
	unsigned int places = 0;

	for (size_t i = 0; i < l->claims; i++) {
		const struct fw_claim *c = &l->claim[i];
		size_t k = 0;

		if (c->factor != factor || !is_candidate(l, c))
			continue;
		while (k < i && !(is_candidate(l, &l->claim[k]) && same_place(l, &l->claim[k], c)))
			k++;
		places += k == i;
	}
	return places < FW_PLACES ? places : FW_PLACES - 1;
}

/* Keys whose bits others explain too tell nothing. */
static int count_places(const struct fw_learning *l, struct fw_chance *ch)
{
	ch->places = calloc(l->ev->factors + 1, sizeof(*ch->places));
	if (!ch->places)
		return -1;
	for (size_t f = 0; f < l->ev->factors; f++) {
		ch->places[f] = count_places_of(l, f);
		if (l->ev->factor[f].kind == FW_KEY && l->view[f].kind != FW_STILL &&
		    (ch->places[f] || !fw_has_claim(l, f)))
			ch->keys[ch->places[f]]++;
	}
	return 0;
}

/* Who claims a bit: no factor, one, several keys, or also something that is no key. */
enum claimant { NOBODY, ONE_KEY, KEYS, NO_KEY };

static enum claimant join_claimant(enum claimant who, size_t *first, const struct fw_learning *l,
				   size_t factor)
{
	if (l->ev->factor[factor].kind != FW_KEY || who == NO_KEY)
		return NO_KEY;
	if (who == NOBODY)
		*first = factor;
	return who == NOBODY || (who == ONE_KEY && *first == factor) ? ONE_KEY : KEYS;
}

/* Of each claim, the bits that no other factor claims, and those that only keys do. */
static int find_own_bits(struct fw_learning *l)
{
	enum claimant *who = calloc(l->bits + 1, sizeof(*who));
	size_t *first = calloc(l->bits + 1, sizeof(*first));

	for (size_t i = 0; who && first && i < l->claims; i++) {
		const struct fw_claim *c = &l->claim[i];

		for (uint32_t left = c->weak ? 0 : c->moves; left; left &= left - 1) {
			long b = fw_bit_find(l, c->word, __builtin_ctz(left));

			who[b] = join_claimant(who[b], &first[b], l, c->factor);
		}
	}
	for (size_t i = 0; who && first && i < l->claims; i++) {
		struct fw_claim *c = &l->claim[i];

		c->own = c->shared = 0;
		for (uint32_t left = c->moves; left; left &= left - 1) {
			long b = fw_bit_find(l, c->word, __builtin_ctz(left));

			if (who[b] == ONE_KEY && first[b] == c->factor)
				c->own |= left & -left;
			if (who[b] == ONE_KEY || who[b] == KEYS)
				c->shared |= left & -left;
		}
	}
	free(first);
	free(who);
	return who && first ? 0 : -1;
}

int fw_chance_make(const struct fw_learning *l, struct fw_chance *ch)
{
	memset(ch, 0, sizeof(*ch));
	ch->tree = fw_tree_make(l);
	if (!ch->tree || count_strays(l, ch) || count_places(l, ch)) {
		fw_chance_free(ch);
		return -1;
	}
	return 0;
}

void fw_chance_free(struct fw_chance *ch)
{
	fw_tree_free(ch->tree);
	free(ch->places);
	memset(ch, 0, sizeof(*ch));
}

/* How unlikely is it, in bits, that one of the causes that no ini states moves just this column?
 * @first: any of them; else a certain one. Of each kind half a cause more may be hidden. */
static double column_bits(const struct fw_learning *l, const struct fw_chance *ch,
			  const struct fw_set *ones, const struct fw_set *use, bool first)
{
	unsigned int n = set_count(use), m = fewer(ones, use);
	double even = 2 / (n + 1.0), handed = exp2(-fw_tree_bits(ch->tree, ones, use));
	double drawn =
		exp2(log2_choose(set_count(&l->use), set_count(&l->use) - n) - log2_choose(n, m));
	double likely = even * drawn + handed;

	if (first)
		likely = (ch->stray[m] + (ch->strays - ch->handed + 0.5) * even) * drawn +
			 (ch->handed + 0.5) * handed;
	return likely < 1 ? -log2(likely) : 0;
}

/* A word's columns cost a bit more for each value it has, and a key that is not always stated one,
 * as either would do. */
static double freedom(const struct fw_learning *l, const struct fw_claim *c)
{
	const struct fw_view *v = &l->view[c->factor];

	if (c->how == FW_TO_CODE)
		return v->classes - 1;
	return !set_same(&v->present, &l->all);
}

double fw_chance_bits(const struct fw_learning *l, const struct fw_chance *ch,
		      const struct fw_claim *c, uint32_t own, const struct fw_set *use)
{
	struct fw_set column[32];
	size_t columns = 0;
	double sum = 0;

	for (unsigned int b = 0; b < 32; b++) {
		struct fw_set s;
		double worth;

		if (!(own >> b & 1))
			continue;
		s = set_and(&l->bit[fw_bit_find(l, c->word, b)].ones, use);
		if (set_among(column, columns, &s, use))
			continue;
		worth = column_bits(l, ch, &s, use, !columns) - freedom(l, c);
		column[columns++] = s;
		if (worth > 0)
			sum += worth;
	}
	return sum;
}

/* Of keys with so many places, how likely is it that one is by chance rather than the key's? A few
 * keys that all have a place do not tell that every key has one. */
static double prior_bits(const struct fw_chance *ch, unsigned int places)
{
	return log2((ch->keys[places] + 1.0) / (ch->keys[places - 1] + 2.0));
}

/* Beside bits that nothing explains, bits are likely of one field with them: the cause need not be
 * looked for all over the release. */
static double beside_bits(const struct fw_learning *l, const struct fw_claim *c)
{
	unsigned int low = __builtin_ctz(c->moves), high = 31 - __builtin_clz(c->moves);
	long below = low ? fw_bit_find(l, c->word, low - 1) : -1;
	long above = high < 31 ? fw_bit_find(l, c->word, high + 1) : -1;
	bool stray = (below >= 0 && !l->bit[below].claimed && !l->bit[below].loose) ||
		     (above >= 0 && !l->bit[above].claimed && !l->bit[above].loose);

	return stray ? log2(l->bits) : 0;
}

static int by_bits(const void *a, const void *b)
{
	const struct fw_claim *x = *(const struct fw_claim *const *)a,
			      *y = *(const struct fw_claim *const *)b;

	if (x->bits != y->bits)
		return x->bits > y->bits ? -1 : 1;
	if (x->factor != y->factor)
		return x->factor < y->factor ? -1 : 1;
	return x < y ? -1 : x > y;
}

/* Is a wrong one counted already: the same place in the other section, or the same bits? */
static bool is_counted(const struct fw_learning *l, const struct fw_claim *c)
{
	for (size_t i = 0; i < l->claims; i++) {
		const struct fw_claim *o = &l->claim[i];

		if (o != c && o->sure &&
		    (same_place(l, o, c) || (o->word == c->word && (o->moves & c->moves))))
			return true;
	}
	return false;
}

static bool is_peer(const struct fw_claim *a, const struct fw_claim *b)
{
	return a->factor == b->factor && a->bits == b->bits;
}

/* The surest first, as long as the wrong ones to be expected stay below the bound. */
static void take_sure(struct fw_learning *l, struct fw_claim **sure, size_t count, double *wrong)
{
	qsort(sure, count, sizeof(*sure), by_bits);
	for (size_t i = 0, next; i < count; i = next) {
		double before = *wrong;

		/* What follows its key as surely is learnt with it, or not at all. */
		for (next = i; next < count && is_peer(sure[next], sure[i]); next++) {
			if (!is_counted(l, sure[next]))
				*wrong += exp2(-sure[next]->bits);
			sure[next]->sure = true;
		}
		if (*wrong <= exp2(-FW_CHANCE_BITS))
			continue;
		*wrong = before;
		for (size_t k = i; k < next; k++)
			sure[k]->sure = false;
	}
}

/* Claims with bits of their own (@shared: those of which all bits are other keys' too). */
static void weigh(struct fw_learning *l, const struct fw_chance *ch, struct fw_claim **sure,
		  bool shared, double *wrong)
{
	size_t count = 0;

	for (size_t i = 0; i < l->claims; i++) {
		struct fw_claim *c = &l->claim[i];
		uint32_t bits = shared ? c->shared : c->own;
		unsigned int places = ch->places[c->factor];

		if (!may_be_learnt(l, c) || !bits || (shared && c->own))
			continue;
		if (shared && places + 1 < FW_PLACES)
			places++;
		c->bits = fw_chance_bits(l, ch, c, bits, &l->use) + prior_bits(ch, places) -
			  beside_bits(l, c);
		sure[count++] = c;
	}
	take_sure(l, sure, count, wrong);
}

/* What a rule has above its number only shows where the key is not stated. Without evidence of its
 * own it is no part of the rule, but remains a doubt. */
static int split_widened(struct fw_learning *l, const struct fw_chance *ch)
{
	for (size_t i = 0, count = l->claims; i < count; i++) {
		struct fw_claim *c = &l->claim[i], rest = *c;
		unsigned int size = fw_claim_width(l, c);
		uint32_t wide;

		if (!c->learnt || c->how == FW_TO_CODE || c->size <= size)
			continue;
		wide = c->moves & ~(uint32_t)(((1ull << size) - 1) << c->bit);
		if (!(wide & ~c->own) && fw_chance_bits(l, ch, c, wide, &l->use) > FW_CHANCE_BITS)
			continue;
		c->size = size;
		c->absent &= (uint32_t)((1ull << size) - 1);
		c->moves &= ~wide;
		c->own &= ~wide;
		c->learnt = c->moves;
		rest.moves = wide;
		rest.own = rest.shared = 0;
		rest.learnt = rest.sure = false;
		if (fw_add_claim(l, &rest))
			return -1;
	}
	return 0;
}

int fw_weigh_claims(struct fw_learning *l)
{
	struct fw_claim **sure = calloc(l->claims + 1, sizeof(*sure));
	struct fw_chance ch;
	double wrong = 0;
	int ret;

	if (!sure || find_own_bits(l) || fw_chance_make(l, &ch)) {
		free(sure);
		return -1;
	}
	weigh(l, &ch, sure, false, &wrong);
	for (size_t i = 0; i < l->claims; i++)
		l->claim[i].learnt = l->claim[i].sure;
	weigh(l, &ch, sure, true, &wrong);
	free(sure);
	ret = split_widened(l, &ch);
	fw_chance_free(&ch);
	return ret ? -1 : fw_drop_switches(l);
}
