// SPDX-License-Identifier: GPL-2.0-only
/* The order of learning; see learn.h. */
#include "learn.h"

#include <stdlib.h>
#include <string.h>

static int no_memory(struct cx_err *err)
{
	return cx_fail(err, CX_FAILED, "out of memory for what is learnt");
}

static void forget(struct fw_learning *l)
{
	for (size_t i = 0; i < l->claims; i++)
		free(l->claim[i].code);
	for (size_t f = 0; l->view && f < l->ev->factors; f++)
		fw_view_free(&l->view[f]);
	free(l->view);
	free(l->bit);
	free(l->claim);
	free(l->joint);
	l->view = NULL;
	l->bit = NULL;
	l->claim = NULL;
	l->joint = NULL;
	l->bits = l->claims = l->joints = 0;
}

void fw_learning_free(struct fw_learning *l)
{
	forget(l);
	free(l->buildable);
	free(l->nowhere);
	memset(l, 0, sizeof(*l));
}

static bool same_configuration(const struct fw_learning *l, size_t a, size_t b)
{
	for (size_t f = 0; f < l->ev->factors; f++)
		if (l->ev->factor[f].kind == FW_KEY && l->view[f].class[a] != l->view[f].class[b])
			return false;
	return true;
}

/* One board of each configuration; twin[i]: the one that stands for board i. */
static void find_configurations(struct fw_learning *l, size_t twin[FW_BOARDS])
{
	memset(&l->use, 0, sizeof(l->use));
	for (size_t i = 0; i < l->ev->boards; i++) {
		size_t k = 0;

		twin[i] = i;
		if (!set_has(&l->all, i))
			continue;
		while (k < i && !(set_has(&l->use, k) && same_configuration(l, i, k)))
			k++;
		twin[i] = k;
		if (k == i)
			set_put(&l->use, i);
	}
}

static int add_bit(struct fw_learning *l, const struct fw_bit *bit)
{
	struct fw_bit *more = l->bit;

	if (!(l->bits & (l->bits - 1)))
		more = reallocarray(more, l->bits ? 2 * l->bits : 1, sizeof(*more));
	if (!more)
		return -1;
	l->bit = more;
	more[l->bits++] = *bit;
	return 0;
}

static int find_bit(struct fw_learning *l, size_t word, unsigned int bit, const size_t *twin)
{
	const struct fw_moved *m = &l->ev->moved[word];
	struct fw_bit b = {.word = word, .bit = bit};

	for (size_t i = 0; i < l->ev->boards; i++) {
		if (!set_has(&l->all, i))
			continue;
		if (m->value[i] >> bit & 1)
			set_put(&b.ones, i);
		b.loose |= (m->value[i] ^ m->value[twin[i]]) >> bit & 1;
	}
	return set_keeps(&b.ones, &l->all) ? 0 : add_bit(l, &b);
}

static int find_bits(struct fw_learning *l, const size_t *twin)
{
	for (size_t w = 0; w < l->ev->words; w++)
		for (unsigned int bit = 0; bit < 32; bit++)
			if (find_bit(l, w, bit, twin))
				return -1;
	return 0;
}

static int look(struct fw_learning *l)
{
	size_t twin[FW_BOARDS];

	forget(l);
	l->all = set_less(&l->all, &l->edited);
	l->view = calloc(l->ev->factors + 1, sizeof(*l->view));
	if (!l->view)
		return -1;
	for (size_t f = 0; f < l->ev->factors; f++)
		if (fw_view_make(l, f, &l->view[f]))
			return -1;
	find_configurations(l, twin);
	return find_bits(l, twin) || fw_find_claims(l) || fw_find_weak_claims(l) ? -1 : 0;
}

static bool overlap(const struct fw_claim *a, const struct fw_claim *b)
{
	return a != b && a->learnt && b->learnt && a->word == b->word && (a->moves & b->moves);
}

/* Two ways or places of one key for the same bits: the one that explains all that the other does,
 * and more, is meant. Otherwise nobody knows. */
static int settle(struct fw_learning *l)
{
	bool *out = calloc(l->claims + 1, sizeof(*out));

	if (!out)
		return -1;
	for (size_t i = 0; i < l->claims; i++)
		for (size_t k = 0; l->claim[i].learnt && k < l->claims; k++) {
			const struct fw_claim *a = &l->claim[i], *b = &l->claim[k];

			if (overlap(a, b) && (a->moves == b->moves || (b->moves & ~a->moves)))
				out[i] = true;
		}
	for (size_t i = 0; i < l->claims; i++)
		l->claim[i].learnt &= !out[i];
	free(out);
	return 0;
}

/* A word that both sections have obeys its key in both, or not at all. */
static bool other_section_agrees(const struct fw_learning *l, const struct fw_claim *c)
{
	const struct fw_spot *at = &l->ev->moved[c->word].at;

	if (at->kind != FW_SPOT_WORD)
		return true;
	for (size_t w = 0; w < l->ev->words; w++) {
		const struct fw_moved *m = &l->ev->moved[w];

		if (w == c->word || m->at.kind != FW_SPOT_WORD || m->at.addr != at->addr)
			continue;
		for (size_t i = 0; i < l->ev->boards; i++)
			if (set_has(&l->all, i) && ((m->value[i] ^ l->ev->moved[c->word].value[i]) &
						    c->moves & m->at.mask))
				return false;
	}
	return true;
}

/* The bits of a word that are not its key's alone become a claim beside the rule: they are to be
 * written with it, or stand in its way. */
static int split_words(struct fw_learning *l)
{
	for (size_t i = 0, count = l->claims; i < count; i++) {
		struct fw_claim rest = l->claim[i];

		if (!rest.learnt || rest.how != FW_TO_CODE || rest.moves == rest.own)
			continue;
		l->claim[i].moves = rest.own;
		rest.moves &= ~rest.own;
		rest.learnt = false;
		rest.shared &= rest.moves;
		rest.own = 0;
		if (fw_add_claim(l, &rest))
			return -1;
	}
	return 0;
}

static int name_bits(struct fw_learning *l)
{
	if (settle(l) || split_words(l))
		return -1;
	for (size_t i = 0; i < l->claims; i++) {
		struct fw_claim *c = &l->claim[i];

		if (c->learnt)
			c->learnt = other_section_agrees(l, c);
	}
	for (size_t i = 0; i < l->claims; i++) {
		struct fw_claim *c = &l->claim[i];

		if (c->how == FW_TO_CODE && fw_claim_code(l, c))
			return -1;
		for (unsigned int b = 0; c->learnt && b < 32; b++)
			if (c->moves >> b & 1)
				l->bit[fw_bit_find(l, c->word, b)].named = true;
	}
	return 0;
}

/* All bits of it are its key's, or of other keys that claim them too. */
static bool is_agreed(const struct fw_learning *l, const struct fw_claim *c)
{
	uint32_t left = c->moves & ~c->shared;

	if (c->learnt || !c->sure || !other_section_agrees(l, c))
		return false;
	for (; left; left &= left - 1)
		if (!l->bit[fw_bit_find(l, c->word, __builtin_ctz(left))].named)
			return false;
	return true;
}

void fw_find_agreed(struct fw_learning *l)
{
	for (size_t i = 0; i < l->claims; i++) {
		struct fw_claim *c = &l->claim[i];

		c->agreed = is_agreed(l, c);
		for (uint32_t left = c->agreed ? c->moves : 0; left; left &= left - 1) {
			struct fw_bit *b = &l->bit[fw_bit_find(l, c->word, __builtin_ctz(left))];

			b->agreed = !b->named;
		}
	}
}

int fw_learn(const struct fw_evidence *ev, const struct fw_set *without, struct fw_learning *l,
	     struct cx_err *err)
{
	int more = 1;

	memset(l, 0, sizeof(*l));
	l->ev = ev;
	for (size_t i = 0; i < ev->boards; i++)
		if (!without || !set_has(without, i))
			set_put(&l->all, i);
	l->buildable = calloc(ev->factors + 1, sizeof(*l->buildable));
	l->nowhere = calloc(ev->factors + 1, sizeof(*l->nowhere));
	while (more > 0)
		more = l->buildable && l->nowhere && !look(l) ? fw_find_edited(l) : -1;
	if (!more && !fw_find_suspects(l) && !fw_weigh_claims(l) && !name_bits(l)) {
		fw_find_agreed(l);
		if (!fw_find_joints(l) && !fw_find_buildable(l))
			return 0;
	}
	fw_learning_free(l);
	return no_memory(err);
}
