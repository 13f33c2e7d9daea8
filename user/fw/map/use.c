// SPDX-License-Identifier: GPL-2.0-only
/* Compiles the keys of an ini by what was learnt, or refuses them by name. */
#include "use.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fw/release/release_model.h"
#include "fw/words.h"

struct fw_use {
	struct fw_compiler compiler; /* the first, so that one is the other */
	const struct fw_learning *l;
	struct fw_map map;     /* owned; empty if @l is somebody else's */
	struct fw_sample base; /* the release's own image */
};

/* It is the release that was learnt from. */
static bool is_same(const struct fw_use *use, const struct fw_learning *l)
{
	return !memcmp(use->base.release, l->ev->release, FW_MAP_DIGEST);
}

static bool has_key(const struct fw_compiler *self, const char *section, const char *key)
{
	const struct fw_evidence *ev = ((const struct fw_use *)self)->l->ev;

	for (size_t f = 0; f < ev->factors; f++)
		if (ev->factor[f].kind == FW_KEY && !strcmp(ev->factor[f].section, section) &&
		    !strcasecmp(ev->factor[f].key, key))
			return true;
	return false;
}

static void free_use(struct fw_compiler *self)
{
	struct fw_use *use = (struct fw_use *)self;

	fw_sample_free(&use->base);
	fw_map_free(&use->map);
	free(use);
}

/* What one build is about: as fw_change has it, of which the texts are the inis'. */
struct work {
	struct fw_job *job;
	const struct fw_use *use;
	const struct fw_evidence *ev;
	struct fw_change ch;
	char (*hidden)[16]; /* texts for what no ini states */
};

static void free_work(struct work *w)
{
	free(w->ch.from);
	free(w->ch.to);
	free(w->ch.value);
	free(w->ch.has);
	free(w->hidden);
}

static const char *hidden_text(struct work *w, size_t factor)
{
	const struct fw_factor *f = &w->ev->factor[factor];
	uint32_t number = 0;

	for (size_t h = 0; h < FW_HIDDEN_KINDS; h++)
		if (!strcmp(fw_hidden_name[h], f->key))
			number = w->use->base.hidden[h];
	snprintf(w->hidden[factor], sizeof(w->hidden[factor]), "0x%x", number);
	return w->hidden[factor];
}

static void take_factors(struct work *w)
{
	for (size_t f = 0; f < w->ev->factors; f++) {
		const struct fw_factor *x = &w->ev->factor[f];

		if (x->kind == FW_KEY) {
			w->ch.from[f] = fw_ini_get(&w->use->base.ini, x->section, x->key);
			w->ch.to[f] = fw_ini_get(w->job->ini, x->section, x->key);
		} else {
			w->ch.from[f] = w->ch.to[f] = hidden_text(w, f);
		}
	}
}

static bool same_spot(const struct fw_spot *a, const struct fw_spot *b)
{
	return !fw_spot_order(a, b) && a->mask == b->mask;
}

/* Contents that are only told apart have no number that another table would give them too; they
 * are the base's, and a claim that would move them is found by the boards. */
static void take_words(struct work *w)
{
	const struct fw_sample *base = &w->use->base;

	for (size_t i = 0; i < w->ev->words; i++) {
		const struct fw_spot *at = &w->ev->moved[i].at;

		for (size_t k = 0; k < base->spots; k++)
			if (same_spot(&base->spot[k].at, at)) {
				w->ch.has[i] = true;
				w->ch.value[i] = base->spot[k].value;
			}
	}
}

static int start_work(struct work *w)
{
	size_t factors = w->ev->factors + 1, words = w->ev->words + 1;

	w->ch.from = calloc(factors, sizeof(*w->ch.from));
	w->ch.to = calloc(factors, sizeof(*w->ch.to));
	w->ch.value = calloc(words, sizeof(*w->ch.value));
	w->ch.has = calloc(words, sizeof(*w->ch.has));
	w->hidden = calloc(factors, sizeof(*w->hidden));
	if (!w->ch.from || !w->ch.to || !w->ch.value || !w->ch.has || !w->hidden)
		return -1;
	take_factors(w);
	take_words(w);
	return 0;
}

static bool changed(const struct work *w, size_t factor)
{
	return w->ev->factor[factor].kind == FW_KEY &&
	       !fw_same_said(w->ch.from[factor], w->ch.to[factor]);
}

static unsigned int significant(uint32_t field)
{
	return field ? 32 - __builtin_clz(field) : 0;
}

/* On a release that was not learnt from, the place is proved by what it holds: what the release's
 * own ini says, in enough bits that it is no chance. */
static int judge_foreign(const struct work *w, struct fw_refusal *no)
{
	const struct fw_learning *l = w->use->l;

	for (size_t f = 0; f < w->ev->factors; f++) {
		unsigned int bits = 0;
		uint32_t field;

		if (!changed(w, f))
			continue;
		for (size_t i = 0; i < l->claims; i++) {
			const struct fw_claim *c = &l->claim[i];

			if (c->factor != f || !fw_is_known(c))
				continue;
			if (fw_claim_field(l, c, w->ch.from[f], &field))
				field = 0;
			if (!bits || significant(field) < bits)
				bits = significant(field);
		}
		if (bits >= FW_SIGNIFICANT_BITS)
			continue;
		no->factor = f;
		snprintf(no->why, sizeof(no->why),
			 "the map was learnt from another release, and what this one has, in %u "
			 "significant bits, does not prove the place (%d are needed)",
			 bits, FW_SIGNIFICANT_BITS);
		return -1;
	}
	return 0;
}

static int judge(const struct work *w, struct fw_refusal *no)
{
	if (!w->use->compiler.knows_release && judge_foreign(w, no))
		return -1;
	return fw_change_judge(w->use->l, &w->ch, no);
}

/* The word that the job builds; NULL if the release has none there. */
static uint8_t *find_word(const struct work *w, const struct fw_spot *at)
{
	const struct fw_release *rel = w->job->rel;
	unsigned int number = 0;
	uint32_t len;
	uint8_t *info;

	if (at->kind == FW_SPOT_INFO) {
		info = rel->info == FW_NO_PART
			       ? NULL
			       : fw_find_record(&w->job->part[rel->info], at->addr >> 16, &len);
		return info && len >= (at->addr & 0xffff) + 4 ? info + (at->addr & 0xffff) : NULL;
	}
	for (size_t place = 1; place <= rel->parts; place++)
		for (size_t i = 0; i < rel->parts; i++) {
			struct fw_part *p = &w->job->part[i];

			if (p->kind != FW_PART_SECTION || p->place != place ||
			    p->type != FW_CONFIG || ++number != at->section)
				continue;
			for (size_t k = 0; k + FW_WORD_SIZE <= p->len; k += FW_WORD_SIZE)
				if (fw_get32(p->bytes + k) == at->addr)
					return p->bytes + k + 4;
		}
	return NULL;
}

/* Of a claim that is no rule, the bits that are no other's rule. */
static uint32_t bits_to_put(const struct fw_learning *l, const struct fw_claim *c)
{
	uint32_t bits = 0;

	for (uint32_t left = c->moves; left; left &= left - 1)
		if (c->learnt || l->bit[fw_bit_find(l, c->word, __builtin_ctz(left))].agreed)
			bits |= left & -left;
	return bits;
}

static int put(const struct work *w, const struct fw_claim *c, uint32_t field, struct cx_err *err)
{
	uint32_t mask = bits_to_put(w->use->l, c);
	const struct fw_factor *f = &w->ev->factor[c->factor];
	const struct fw_spot *at = &w->ev->moved[c->word].at;
	uint32_t old, new, bits = field << c->bit;
	const char *to = w->ch.to[c->factor];
	uint8_t *word = NULL;
	char place[80];

	fw_spot_text(at, place, sizeof(place));
	if (at->kind == FW_SPOT_HEADER)
		old = w->job->boot[(at->addr - 0x10) / 4];
	else if ((word = find_word(w, at)))
		old = fw_get32(word);
	else
		return cx_fail(err, CX_INVALID, "%s.%s: %s is gone", f->section, f->key, place);
	new = (old & ~mask) | (bits & mask);
	if (new != old)
		fw_job_note(w->job,
			    "%s.%s = %s: %s becomes 0x%08x, it was 0x%08x; learnt from %u boards, "
			    "proved on no card",
			    f->section, f->key, to ? to : "(not stated)", place, new, old,
			    set_count(&w->use->l->use));
	if (word)
		fw_put32(word, new);
	else
		w->job->boot[(at->addr - 0x10) / 4] = new;
	return 0;
}

static int compile(struct work *w, struct cx_err *err)
{
	const struct fw_learning *l = w->use->l;

	for (size_t i = 0; i < l->claims; i++) {
		const struct fw_claim *c = &l->claim[i];
		uint32_t field;

		if (!fw_is_known(c) || !changed(w, c->factor))
			continue;
		if (fw_claim_field(l, c, w->ch.to[c->factor], &field) || put(w, c, field, err))
			return -1;
	}
	for (size_t f = 0; f < w->ev->factors; f++)
		if (changed(w, f) && w->job->opt && w->job->opt->learned)
			++*w->job->opt->learned;
	return 0;
}

static int compile_keys(const struct fw_compiler *self, struct fw_job *job, struct cx_err *err)
{
	const struct fw_use *use = (const struct fw_use *)self;
	struct work w = {.job = job, .use = use, .ev = use->l->ev};
	struct fw_refusal no;
	int rc = 0;

	if (start_work(&w))
		rc = cx_fail(err, CX_FAILED, "out of memory");
	while (rc >= 0 && judge(&w, &no)) {
		const struct fw_factor *f = &w.ev->factor[no.factor];
		const char *to = w.ch.to[no.factor], *from = w.ch.from[no.factor];

		rc = fw_job_refuse(job, err, "%s.%s = %s, the release has %s, and %s", f->section,
				   f->key, to ? to : "(not stated)", from ? from : "(not stated)",
				   no.why);
		w.ch.to[no.factor] = from;
	}
	if (rc >= 0)
		rc = compile(&w, err);
	free_work(&w);
	return rc;
}

static int take_base(const struct fw_release *rel, struct fw_use *use, struct cx_err *err)
{
	struct fw_image img;
	uint8_t *bytes;
	size_t size;
	int rc;

	if (fw_assemble(rel, rel->part, &bytes, &size, err))
		return -1;
	rc = fw_image_parse(bytes, size, &img, err);
	free(bytes);
	if (rc)
		return -1;
	rc = fw_sample_take("", &img, &use->base, err);
	fw_image_free(&img);
	return rc;
}

static const struct fw_learning *choose(const struct fw_map *map, const struct fw_use *use)
{
	const struct fw_learning *best = NULL;

	for (size_t r = 0; r < map->releases; r++) {
		const struct fw_learning *l = &map->learning[r];

		if (is_same(use, l))
			return l;
		if (!strcmp(l->ev->chip, use->base.chip) &&
		    (!best || fw_version_compare(&l->ev->version, &best->ev->version) > 0))
			best = l;
	}
	return best;
}

static void put_to_use(struct fw_release *rel, struct fw_use *use, const struct fw_learning *l)
{
	use->l = l;
	use->compiler = (struct fw_compiler){.has = has_key,
					     .compile = compile_keys,
					     .free = free_use,
					     .knows_release = is_same(use, l)};
	if (rel->compiler)
		rel->compiler->free(rel->compiler);
	rel->compiler = &use->compiler;
}

int fw_release_use(struct fw_release *rel, const struct fw_learning *l, struct cx_err *err)
{
	struct fw_use *use = calloc(1, sizeof(*use));

	if (!use)
		return cx_fail(err, CX_FAILED, "out of memory");
	if (take_base(rel, use, err)) {
		free(use);
		return -1;
	}
	put_to_use(rel, use, l);
	return 0;
}

int fw_release_learnt(struct fw_release *rel, struct fw_map *map, struct cx_err *err)
{
	struct fw_use *use = calloc(1, sizeof(*use));
	const struct fw_learning *l;

	if (!use) {
		cx_fail(err, CX_FAILED, "out of memory");
		goto fail;
	}
	if (take_base(rel, use, err))
		goto fail;
	l = choose(map, use);
	if (!l) {
		cx_fail(err, CX_REFUSED, "the map was learnt for another chip than %s",
			use->base.chip);
		fw_sample_free(&use->base);
		goto fail;
	}
	use->map = *map;
	memset(map, 0, sizeof(*map));
	put_to_use(rel, use, l);
	return 0;
fail:
	free(use);
	fw_map_free(map);
	return -1;
}
