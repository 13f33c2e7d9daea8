// SPDX-License-Identifier: GPL-2.0-only
/* Each board is built from the others, and compared. */
#include "prove.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fw/release/release.h"
#include "use.h"

/* Boards of one release, and what all of them together tell. */
struct group {
	const struct fw_prove *p;
	size_t member[FW_BOARDS], members;
	struct fw_evidence ev;
	struct fw_learning all;
};

/* Bits of a word that rules name, or that stand still, must come out; others stay the base's. */
static uint32_t free_bits(const struct fw_learning *l, const struct fw_spot *at)
{
	uint32_t bits = 0;

	for (size_t b = 0; b < l->bits; b++)
		if (!l->bit[b].named && !l->bit[b].agreed &&
		    !fw_spot_order(&l->ev->moved[l->bit[b].word].at, at))
			bits |= at->kind == FW_SPOT_TAG || at->kind == FW_SPOT_SECTION
					? UINT32_MAX
					: 1u << l->bit[b].bit;
	return bits;
}

/* Do keys explain the bit, and nothing else? */
static bool is_of_keys(const struct fw_learning *all, const struct fw_bit *b)
{
	bool key = false;

	for (size_t i = 0; i < all->claims; i++) {
		const struct fw_claim *c = &all->claim[i];

		if (c->weak || c->word != b->word || !(c->moves >> b->bit & 1))
			continue;
		if (all->ev->factor[c->factor].kind != FW_KEY)
			return false;
		key = true;
	}
	return key;
}

/* What stands still on the others, but not on the one left out, and follows no key, or what no ini
 * states as well. */
static uint32_t stray_bits(const struct fw_learning *all, const struct fw_spot *at)
{
	uint32_t bits = 0;

	for (size_t b = 0; b < all->bits; b++)
		if (!all->bit[b].named && (all->bit[b].loose || !is_of_keys(all, &all->bit[b])) &&
		    !fw_spot_order(&all->ev->moved[all->bit[b].word].at, at))
			bits |= 1u << all->bit[b].bit;
	return bits;
}

static bool differs(const struct fw_sample *a, const struct fw_sample *b,
		    const struct fw_learning *l, const struct fw_learning *all, char *where,
		    size_t size)
{
	char place[80];

	if (memcmp(a->release, b->release, FW_MAP_DIGEST) || a->spots != b->spots)
		return snprintf(where, size, "its sections, masks or tags");
	if (strcmp(a->psid, b->psid) || a->ini.len != b->ini.len ||
	    memcmp(a->ini.text, b->ini.text, a->ini.len))
		return snprintf(where, size, "its PSID or ini");
	for (size_t i = 0; i < a->spots; i++) {
		const struct fw_spot *at = &a->spot[i].at;
		uint32_t bits = a->spot[i].value ^ b->spot[i].value;

		bits = bits ? bits & ~free_bits(l, at) : 0;
		bits = bits && all ? bits & ~stray_bits(all, at) : bits;
		if (bits || fw_spot_order(at, &b->spot[i].at))
			return snprintf(where, size, "%s, bits 0x%x",
					fw_spot_text(at, place, sizeof(place)), bits);
	}
	return false;
}

static const struct fw_learning *table_learning(const struct fw_map *map, const struct fw_sample *s)
{
	for (size_t r = 0; r < map->releases; r++)
		if (!memcmp(map->evidence[r].release, s->release, FW_MAP_DIGEST))
			return &map->learning[r];
	return NULL;
}

static int build(const struct fw_prove *p, const struct fw_learning *l, size_t base, size_t target,
		 struct fw_image *img, struct cx_err *err)
{
	struct fw_params map = {0};
	struct fw_release *rel;
	int rc;

	rc = fw_params_builtin(&map, err) || fw_release_from_image(&p->img[base], &map, &rel, err)
		     ? -1
		     : 0;
	fw_params_free(&map);
	if (rc)
		return -1;
	rc = fw_release_use(rel, l, err) || fw_build(rel, &p->sample[target].ini, NULL, img, err)
		     ? -1
		     : 0;
	fw_release_free(rel);
	return rc;
}

static int judge(struct group *g, const struct fw_learning *l, size_t base, size_t target,
		 struct fw_proof *proof, struct cx_err *err)
{
	const struct fw_prove *p = g->p;
	struct fw_sample made;
	struct fw_image img;
	char where[200];
	int rc;

	if (build(p, l, base, target, &img, err)) {
		if (err->status == CX_FAILED)
			return -1;
		if (!proof->refused++)
			snprintf(proof->first, sizeof(proof->first), "%.700s", err->text);
		return p->refusal(err->text, p->ctx, err);
	}
	rc = fw_sample_take("", &img, &made, err);
	fw_image_free(&img);
	if (rc)
		return -1;
	if (!differs(&made, &p->sample[target], l, p->table ? NULL : &g->all, where,
		     sizeof(where))) {
		proof->identical++;
	} else if (!proof->wrong++) {
		snprintf(proof->differs, sizeof(proof->differs), "%s", where);
		proof->base = p->sample[base].name;
	}
	fw_sample_free(&made);
	return 0;
}

static const char *contradiction(const struct group *g, size_t k)
{
	const struct fw_sample *s = &g->p->sample[g->member[k]];

	if (s->doubt)
		return s->doubt;
	for (size_t i = 0; i < g->all.edits; i++)
		if (g->all.edit[i].board == k)
			return "its ini contradicts its bits";
	return NULL;
}

static int prove_one(struct group *g, size_t k, struct cx_err *err)
{
	const struct fw_prove *p = g->p;
	struct fw_proof proof = {.name = p->sample[g->member[k]].name};
	const struct fw_learning *l = NULL;
	struct fw_learning others;
	struct fw_set without = {{0}};
	int rc = 0;

	proof.contradicts = contradiction(g, k);
	if (p->table)
		l = table_learning(p->table, &p->sample[g->member[k]]);
	else if (!proof.contradicts) {
		set_put(&without, k);
		if (fw_learn(&g->ev, &without, &others, err))
			return -1;
		l = &others;
	}
	for (size_t b = 0; !proof.contradicts && l && !rc && b < g->members; b++)
		if (b != k && !contradiction(g, b))
			rc = judge(g, l, g->member[b], g->member[k], &proof, err);
	if (l == &others)
		fw_learning_free(&others);
	if (!rc)
		p->board(&proof, p->ctx);
	return rc;
}

static int prove_group(struct group *g, struct cx_err *err)
{
	const struct fw_sample *one[FW_BOARDS];
	int rc = 0;

	for (size_t i = 0; i < g->members; i++)
		one[i] = &g->p->sample[g->member[i]];
	if (fw_evidence_gather(one, g->members, &g->ev, err))
		return -1;
	if (fw_learn(&g->ev, NULL, &g->all, err)) {
		fw_evidence_free(&g->ev);
		return -1;
	}
	for (size_t k = 0; !rc && k < g->members; k++)
		rc = prove_one(g, k, err);
	fw_learning_free(&g->all);
	fw_evidence_free(&g->ev);
	return rc;
}

int fw_prove(const struct fw_prove *p, struct cx_err *err)
{
	bool *taken = calloc(p->samples + 1, sizeof(*taken));
	struct group *g = calloc(1, sizeof(*g));
	int rc = taken && g ? 0 : cx_fail(err, CX_FAILED, "out of memory");

	for (size_t i = 0; !rc && i < p->samples; i++) {
		if (taken[i])
			continue;
		memset(g, 0, sizeof(*g));
		g->p = p;
		for (size_t k = i; k < p->samples && g->members < FW_BOARDS; k++)
			if (!taken[k] &&
			    !memcmp(p->sample[k].release, p->sample[i].release, FW_MAP_DIGEST)) {
				taken[k] = true;
				g->member[g->members++] = k;
			}
		rc = prove_group(g, err);
	}
	free(taken);
	free(g);
	return rc;
}
