// SPDX-License-Identifier: GPL-2.0-only
/*
 * Boards come in families, so 30 boards need not be 30 witnesses. The boards are joined to a tree
 * by what their inis have in common; a column of bits changes along some of its branches. How often
 * keys change along a branch tells how little it means that a bit does so too: the branch between
 * two families means little, the one between two boards that are otherwise alike means much.
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
		d += l->ev->factor[f].kind == FW_KEY && l->view[f].class[a] != l->view[f].class[b];
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

void fw_tree_free(struct fw_tree *t)
{
	free(t);
}

double fw_tree_bits(const struct fw_tree *t, const struct fw_set *ones, const struct fw_set *use)
{
	double bits = 0;

	for (size_t i = 0; i < t->branches; i++) {
		size_t a = t->branch[i].a, b = t->branch[i].b;

		if (!set_has(use, a) || !set_has(use, b))
			continue;
		bits += set_has(ones, a) != set_has(ones, b) ? t->branch[i].flips
							     : t->branch[i].keeps;
	}
	return bits;
}
