// SPDX-License-Identifier: GPL-2.0-only
/* Boards whose ini was changed by hand, after its words were compiled. */
#include <stdlib.h>

#include "learn.h"

/* Of evidence, for each board that is said to be changed; and for one that may be. */
#define EDIT_BITS    8
#define SUSPECT_BITS 4

/* Does another key explain the bits as well but for other boards, and no more of them? Then nobody
 * knows which of them were changed. */
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
		if (set_count(&other) <= set_count(against) && !set_same(&other, against))
			return true;
	}
	return false;
}

/* Does it take but another key to tell these boards from the rest? Then it may hold the key back
 * there, or be what the key lets through, and they are as they were compiled. */
static bool is_held_back(const struct fw_learning *l, const struct fw_claim *c)
{
	const struct fw_view *v = &l->view[c->factor];

	for (size_t by = 0; by < l->ev->factors; by++) {
		uint32_t left = c->moves;

		if (by == c->factor || l->view[by].kind == FW_STILL ||
		    2 * l->view[by].classes > set_count(&l->use))
			continue;
		for (; left; left &= left - 1) {
			const struct fw_bit *b =
				&l->bit[fw_bit_find(l, c->word, __builtin_ctz(left))];
			struct fw_set ones = set_and(&b->ones, &l->use);

			if (!fw_is_switched(l, &ones, v->of, v->classes, by))
				break;
		}
		if (!left)
			return true;
	}
	return false;
}

/* The claim that would be the best rule if it were not for a few boards: were those changed by
 * hand? It must be worth more than a rule that nothing contradicts, by the choice of the boards. */
int fw_find_edited(struct fw_learning *l)
{
	double best = 0;
	struct fw_chance ch;
	struct fw_set guilty = {{0}};
	size_t factor = 0, before = l->edits;

	if (fw_chance_make(l, &ch))
		return -1;
	for (size_t i = 0; i < l->claims; i++) {
		struct fw_claim *c = &l->claim[i];
		struct fw_set against, use;
		double bits;

		if (!c->weak || l->ev->factor[c->factor].kind != FW_KEY)
			continue;
		against = fw_claim_against(l, c);
		use = set_less(&l->use, &against);
		bits = fw_chance_bits(l, &ch, c, c->moves, &use) - EDIT_BITS * set_count(&against);
		if (bits <= best || disputed(l, c, &against) || is_held_back(l, c))
			continue;
		best = bits;
		guilty = against;
		factor = c->factor;
	}
	fw_chance_free(&ch);
	for (size_t i = 0; i < l->ev->boards; i++)
		if (set_has(&guilty, i)) {
			set_put(&l->edited, i);
			l->edit[l->edits].factor = factor;
			l->edit[l->edits++].board = i;
		}
	return l->edits > before;
}

static bool is_suspect(const struct fw_learning *l, size_t factor, size_t board)
{
	for (size_t i = 0; i < l->suspects; i++)
		if (l->suspect[i].factor == factor && l->suspect[i].board == board)
			return true;
	return false;
}

int fw_find_suspects(struct fw_learning *l)
{
	struct fw_chance ch;

	if (fw_chance_make(l, &ch))
		return -1;
	for (size_t i = 0; i < l->claims && l->suspects < FW_BOARDS; i++) {
		const struct fw_claim *c = &l->claim[i];
		struct fw_set against, use;
		size_t board = 0;

		if (!c->weak || l->ev->factor[c->factor].kind != FW_KEY)
			continue;
		against = fw_claim_against(l, c);
		use = set_less(&l->use, &against);
		if (set_count(&against) != 1 ||
		    fw_chance_bits(l, &ch, c, c->moves, &use) < SUSPECT_BITS)
			continue;
		while (!set_has(&against, board))
			board++;
		if (!is_suspect(l, c->factor, board))
			l->suspect[l->suspects++] = (struct fw_edit){c->factor, board};
	}
	fw_chance_free(&ch);
	return 0;
}
