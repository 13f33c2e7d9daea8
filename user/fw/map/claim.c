// SPDX-License-Identifier: GPL-2.0-only
/* Which factor explains which bits, tried in every way and at every place. */
#include <stdlib.h>
#include <string.h>

#include "learn.h"

static uint32_t field_mask(unsigned int bit, unsigned int size)
{
	return (uint32_t)(((1ull << size) - 1) << bit);
}

long fw_bit_find(const struct fw_learning *l, size_t word, unsigned int bit)
{
	size_t low = 0, high = l->bits;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct fw_bit *b = &l->bit[middle];

		if (b->word == word && b->bit == bit)
			return middle;
		if (b->word < word || (b->word == word && b->bit < bit))
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

int fw_add_claim(struct fw_learning *l, const struct fw_claim *claim)
{
	struct fw_claim *more = l->claim;

	if (!(l->claims & (l->claims - 1)))
		more = reallocarray(more, l->claims ? 2 * l->claims : 1, sizeof(*more));
	if (!more)
		return -1;
	l->claim = more;
	more[l->claims++] = *claim;
	return 0;
}

bool fw_has_claim(const struct fw_learning *l, size_t factor)
{
	for (size_t i = 0; i < l->claims; i++)
		if (l->claim[i].factor == factor && !l->claim[i].weak)
			return true;
	return false;
}

/* What the field of a number must hold on board @i. */
static uint32_t wanted(const struct fw_view *v, enum fw_conversion how, size_t i)
{
	uint32_t number = v->number[i];

	switch (how) {
	case FW_TO_INVERTED:
		return !number;
	case FW_TO_LOG2:
		return number ? 31 - __builtin_clz(number) : 0;
	default:
		return number;
	}
}

static const struct fw_moved *word_of(const struct fw_learning *l, const struct fw_claim *c)
{
	return &l->ev->moved[c->word];
}

static uint32_t field_of(const struct fw_learning *l, const struct fw_claim *c, size_t board)
{
	return (word_of(l, c)->value[board] & field_mask(c->bit, c->size)) >> c->bit;
}

/* Boards on which the field does not hold what the key says; stops behind @limit of them. */
static unsigned int mismatches(const struct fw_learning *l, const struct fw_claim *c,
			       unsigned int limit, struct fw_set *which)
{
	const struct fw_view *v = &l->view[c->factor];
	unsigned int count = 0;

	memset(which, 0, sizeof(*which));
	for (size_t i = 0; i < l->ev->boards && count <= limit; i++)
		if (set_has(&l->use, i) && set_has(&v->present, i) &&
		    field_of(l, c, i) != wanted(v, c->how, i)) {
			set_put(which, i);
			count++;
		}
	return count;
}

/* Where the key is not stated, all boards must have the same in the field. */
static bool absent_agrees(const struct fw_learning *l, struct fw_claim *c)
{
	struct fw_set absent = set_less(&l->use, &l->view[c->factor].present);
	bool first = true;

	for (size_t i = 0; i < l->ev->boards; i++) {
		if (!set_has(&absent, i))
			continue;
		if (!first && field_of(l, c, i) != c->absent)
			return false;
		c->absent = field_of(l, c, i);
		first = false;
	}
	c->absent_known = set_count(&absent) >= 2;
	return true;
}

/* Bits above a number that are 0 with the key and 1 without it are the key's too. */
static void widen(const struct fw_learning *l, struct fw_claim *c)
{
	const struct fw_view *v = &l->view[c->factor];
	struct fw_set absent = set_less(&l->use, &v->present);

	while (!set_empty(&absent) && c->bit + c->size < 32) {
		long b = fw_bit_find(l, c->word, c->bit + c->size);
		struct fw_set ones;

		if (b < 0)
			return;
		ones = set_and(&l->bit[b].ones, &l->use);
		if (!set_same(&ones, &absent))
			return;
		c->size++;
	}
}

static uint32_t moving(const struct fw_learning *l, const struct fw_claim *c, bool weak)
{
	uint32_t moves = 0;

	for (unsigned int b = c->bit; b < c->bit + c->size; b++) {
		long at = fw_bit_find(l, c->word, b);

		/* Weak claims are made for bits without an explanation only. */
		if (at >= 0 && (!weak || !l->bit[at].claimed))
			moves |= 1u << b;
	}
	return moves;
}

static bool all_loose(const struct fw_learning *l, const struct fw_claim *c)
{
	for (unsigned int b = c->bit; b < c->bit + c->size; b++) {
		long at = fw_bit_find(l, c->word, b);

		if (at >= 0 && l->bit[at].loose)
			return true;
	}
	return false;
}

unsigned int fw_claim_width(const struct fw_learning *l, const struct fw_claim *c)
{
	const struct fw_view *v = &l->view[c->factor];

	return c->how == FW_TO_LOG2 ? v->log2_width : v->width;
}

/* One way at one place; a claim if no more than @limit boards (and at least one, for a weak one)
 * contradict. */
static int try_place(struct fw_learning *l, size_t factor, enum fw_conversion how, size_t word,
		     unsigned int bit, unsigned int limit)
{
	struct fw_claim c = {.factor = factor, .word = word, .how = how, .bit = bit};
	struct fw_set which;

	c.size = fw_claim_width(l, &c);
	c.weak = limit > 0;
	if (bit + c.size > 32 || (field_mask(bit, c.size) & ~l->ev->moved[word].at.mask) ||
	    all_loose(l, &c))
		return 0;
	if (mismatches(l, &c, limit, &which) > limit || (c.weak && set_empty(&which)))
		return 0;
	if (!absent_agrees(l, &c))
		return 0;
	if (!c.weak) {
		widen(l, &c);
		absent_agrees(l, &c);
	}
	c.moves = moving(l, &c, c.weak);
	if (!c.moves)
		return 0;
	return fw_add_claim(l, &c);
}

static int try_word(struct fw_learning *l, size_t factor, size_t word, unsigned int limit)
{
	const struct fw_view *v = &l->view[factor];
	bool flag = v->kind == FW_SAYS_FLAG;

	for (unsigned int bit = 0; bit < 32; bit++) {
		if (flag && fw_bit_find(l, word, bit) < 0)
			continue;
		if (try_place(l, factor, flag ? FW_TO_FLAG : FW_TO_NUMBER, word, bit, limit))
			return -1;
		if (flag && try_place(l, factor, FW_TO_INVERTED, word, bit, limit))
			return -1;
		if (v->log2_width && try_place(l, factor, FW_TO_LOG2, word, bit, limit))
			return -1;
	}
	return 0;
}

/* A word explains a bit that is the same wherever the word is the same. Words seen on one board
 * only say nothing, and can be said of nothing. */
static bool word_explains(const struct fw_learning *l, const struct fw_view *v,
			  const struct fw_bit *b)
{
	bool some = false;

	for (unsigned int c = 0; c < v->classes; c++) {
		struct fw_set part = set_and(&v->of[c], &l->use);

		part = set_less(&part, &v->unknown);
		if (!set_keeps(&b->ones, &part))
			return false;
		some |= set_count(&part) >= 2;
	}
	return some;
}

/* The boards on which a bit is not what it is on most boards with the same word. */
static struct fw_set word_dissent(const struct fw_learning *l, const struct fw_view *v,
				  const struct fw_bit *b)
{
	struct fw_set against = {{0}};

	for (unsigned int c = 0; c < v->classes; c++) {
		struct fw_set part = set_and(&v->of[c], &l->use), in = set_and(&part, &b->ones),
			      out = set_less(&part, &b->ones);
		const struct fw_set *few = set_count(&in) < set_count(&out) ? &in : &out;

		for (size_t i = 0; i < FW_BOARDS / 64; i++)
			against.w[i] |= few->w[i];
	}
	return against;
}

struct fw_set fw_claim_against(const struct fw_learning *l, const struct fw_claim *c)
{
	struct fw_set against = {{0}};

	if (c->how != FW_TO_CODE) {
		mismatches(l, c, FW_BOARDS, &against);
		return against;
	}
	for (unsigned int b = 0; b < 32; b++) {
		struct fw_set one;

		if (!(c->moves >> b & 1))
			continue;
		one = word_dissent(l, &l->view[c->factor], &l->bit[fw_bit_find(l, c->word, b)]);
		for (size_t i = 0; i < FW_BOARDS / 64; i++)
			against.w[i] |= one.w[i];
	}
	return against;
}

static int claim_word_bits(struct fw_learning *l, size_t factor, size_t word, uint32_t moves,
			   bool weak)
{
	struct fw_claim c = {
		.factor = factor, .word = word, .how = FW_TO_CODE, .size = 32, .weak = weak};

	c.moves = moves;
	return fw_add_claim(l, &c);
}

static bool word_nearly(const struct fw_learning *l, const struct fw_view *v,
			const struct fw_bit *b, unsigned int limit)
{
	struct fw_set against = word_dissent(l, v, b);

	return !b->claimed && set_count(&against) <= limit && !set_empty(&against);
}

/* More than half as many values as boards explain anything; such texts are no explanation. */
static int try_words(struct fw_learning *l, size_t factor, unsigned int limit)
{
	const struct fw_view *v = &l->view[factor];
	uint32_t moves = 0;

	if (2 * v->classes > set_count(&l->use))
		return 0;
	for (size_t b = 0; b < l->bits; b++) {
		if (!l->bit[b].loose && (limit ? word_nearly(l, v, &l->bit[b], limit)
					       : word_explains(l, v, &l->bit[b])))
			moves |= 1u << l->bit[b].bit;
		if (b + 1 < l->bits && l->bit[b + 1].word == l->bit[b].word &&
		    (!moves || l->bit[b + 1].bit <= 31u - __builtin_clz(moves) + FW_FIELD_GAP))
			continue;
		if (moves && claim_word_bits(l, factor, l->bit[b].word, moves, limit > 0))
			return -1;
		moves = 0;
	}
	return 0;
}

static int try_all(struct fw_learning *l, size_t factor, unsigned int limit)
{
	switch (l->view[factor].kind) {
	case FW_STILL:
		return 0;
	case FW_SAYS_WORD:
		return try_words(l, factor, limit);
	default:
		break;
	}
	for (size_t b = 0; b < l->bits; b++)
		if ((!b || l->bit[b].word != l->bit[b - 1].word) &&
		    try_word(l, factor, l->bit[b].word, limit))
			return -1;
	return 0;
}

static void mark_claimed(struct fw_learning *l)
{
	for (size_t i = 0; i < l->claims; i++)
		for (unsigned int b = 0; b < 32; b++)
			if (l->claim[i].moves >> b & 1)
				l->bit[fw_bit_find(l, l->claim[i].word, b)].claimed = true;
}

int fw_find_claims(struct fw_learning *l)
{
	for (size_t f = 0; f < l->ev->factors; f++)
		if (try_all(l, f, 0))
			return -1;
	mark_claimed(l);
	return 0;
}

int fw_find_weak_claims(struct fw_learning *l)
{
	unsigned int limit = set_count(&l->use) / 10;

	for (size_t f = 0; f < l->ev->factors; f++)
		if (l->ev->factor[f].kind == FW_KEY && try_all(l, f, limit ? limit : 1))
			return -1;
	return 0;
}

/* What the field of a word that a rule takes is, of each value that was seen on two boards. */
int fw_claim_code(const struct fw_learning *l, struct fw_claim *c)
{
	const struct fw_view *v = &l->view[c->factor];

	c->code = calloc(v->classes, sizeof(*c->code));
	c->bit = c->moves ? __builtin_ctz(c->moves) : 0;
	c->size = c->moves ? 32 - __builtin_clz(c->moves) - c->bit : 0;
	if (!c->code)
		return -1;
	for (unsigned int k = 0; k < v->classes; k++)
		for (size_t i = 0; i < l->ev->boards; i++)
			if (set_has(&v->of[k], i) && set_has(&l->use, i)) {
				c->code[k] = field_of(l, c, i);
				break;
			}
	return 0;
}

/* The bits of a new number that no board has moved must be as they are everywhere. */
static bool number_fits(const struct fw_learning *l, const struct fw_claim *c, uint32_t field)
{
	const struct fw_view *v = &l->view[c->factor];
	uint32_t free = 0;

	for (size_t i = 0; i < l->ev->boards; i++) {
		if (!set_has(&l->use, i) || !set_has(&v->present, i))
			continue;
		for (size_t k = 0; k < i; k++)
			if (set_has(&l->use, k) && set_has(&v->present, k))
				free |= field_of(l, c, i) ^ field_of(l, c, k);
	}
	for (size_t i = 0; i < l->ev->boards; i++)
		if (set_has(&l->use, i) && set_has(&v->present, i))
			return !((field_of(l, c, i) ^ field) & ~free);
	return false;
}

int fw_claim_field(const struct fw_learning *l, const struct fw_claim *c, const char *said,
		   uint32_t *field)
{
	const struct fw_view *v = &l->view[c->factor];
	int class = fw_view_class(l, c->factor, said);
	unsigned long number;

	if (c->how == FW_TO_CODE) {
		struct fw_set on;

		if (class < 0)
			return -1;
		on = set_and(&v->of[class], &l->use);
		*field = c->code ? c->code[class] : 0;
		return set_count(&on) >= 2 ? 0 : -1;
	}
	if (!said) {
		*field = c->absent;
		return c->absent_known ? 0 : -1;
	}
	if (fw_ini_number(said, &number) || number > UINT32_MAX)
		return -1;
	*field = number;
	if (c->how == FW_TO_INVERTED)
		*field = !number;
	if (c->how == FW_TO_LOG2) {
		if (!number || number & (number - 1))
			return -1;
		*field = 31 - __builtin_clz(number);
	}
	if (class >= 0)
		return 0;
	return !v->whole && number_fits(l, c, *field) ? 0 : -1;
}
