// SPDX-License-Identifier: GPL-2.0-only
/* A table of boards, put together from samples. */
#include "evidence.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool fw_same_said(const char *a, const char *b)
{
	unsigned long x, y;

	if (!a || !b)
		return !a && !b;
	return !strcmp(a, b) || (!fw_ini_number(a, &x) && !fw_ini_number(b, &y) && x == y);
}

bool fw_is_identity(const char *section, const char *key)
{
	static const struct {
		const char *section, *key;
	} text[] = {
		{"PS_INFO", "Name"},	    {"PS_INFO", "Description"}, {"PS_INFO", "PRS_name"},
		{"PSID", "PSID"},	    {"ADAPTER", "PSID"},	{"image_info", "psid"},
		{"ADAPTER", "adapter_vsd"},
	};

	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		if (!strcmp(text[i].section, section) && !strcasecmp(text[i].key, key))
			return true;
	return false;
}

const char *fw_spot_text(const struct fw_spot *at, char *buf, size_t size)
{
	switch (at->kind) {
	case FW_SPOT_WORD:
		snprintf(buf, size, "word 0x%x of Configuration #%u", at->addr, at->section);
		break;
	case FW_SPOT_HEADER:
		snprintf(buf, size, "header word 0x%x", at->addr);
		break;
	case FW_SPOT_INFO:
		snprintf(buf, size, "Image Info tag %u, byte %u", at->addr >> 16,
			 at->addr & 0xffff);
		break;
	case FW_SPOT_TAG:
		snprintf(buf, size, "Image Info tag %u as a whole", at->addr);
		break;
	case FW_SPOT_SECTION:
		snprintf(buf, size, "section of type %u as a whole", at->section);
		break;
	}
	return buf;
}

void fw_evidence_free(struct fw_evidence *ev)
{
	for (size_t i = 0; i < ev->boards; i++)
		free(ev->board[i]);
	for (size_t f = 0; f < ev->factors; f++) {
		for (size_t i = 0; ev->factor[f].said && i < ev->boards; i++)
			free(ev->factor[f].said[i]);
		free(ev->factor[f].said);
		free(ev->factor[f].section);
		free(ev->factor[f].key);
	}
	for (size_t w = 0; w < ev->words; w++)
		free(ev->moved[w].value);
	free(ev->factor);
	free(ev->moved);
	memset(ev, 0, sizeof(*ev));
}

static void *grow(void *array, size_t count, size_t size)
{
	char *grown = array;

	if (!(count & (count - 1)))
		grown = reallocarray(array, count ? 2 * count : 1, size);
	if (grown)
		memset(grown + count * size, 0, size);
	return grown;
}

struct fw_factor *fw_evidence_add_factor(struct fw_evidence *ev, const char *section,
					 const char *key)
{
	struct fw_factor *f = grow(ev->factor, ev->factors, sizeof(*f));

	if (!f)
		return NULL;
	ev->factor = f;
	f += ev->factors++;
	f->section = strdup(section);
	f->key = strdup(key);
	f->said = calloc(ev->boards, sizeof(*f->said));
	return f->section && f->key && f->said ? f : NULL;
}

struct fw_moved *fw_evidence_add_word(struct fw_evidence *ev, const struct fw_spot *at)
{
	struct fw_moved *m = grow(ev->moved, ev->words, sizeof(*m));

	if (!m)
		return NULL;
	ev->moved = m;
	m += ev->words++;
	m->at = *at;
	m->value = calloc(ev->boards, sizeof(*m->value));
	return m->value ? m : NULL;
}

bool fw_evidence_has(const struct fw_evidence *ev, const char *section, const char *key)
{
	for (size_t f = 0; f < ev->factors; f++)
		if (!strcmp(ev->factor[f].section, section) && !strcasecmp(ev->factor[f].key, key))
			return true;
	return false;
}

static bool key_moves(const struct fw_sample *const *s, size_t n, const char *section,
		      const char *key)
{
	const char *first = fw_ini_get(&s[0]->ini, section, key);

	for (size_t i = 1; i < n; i++)
		if (!fw_same_said(first, fw_ini_get(&s[i]->ini, section, key)))
			return true;
	return false;
}

static int add_key(struct fw_evidence *ev, const struct fw_sample *const *s, const char *section,
		   const char *key)
{
	struct fw_factor *f;

	if (fw_is_identity(section, key) || fw_evidence_has(ev, section, key) ||
	    !key_moves(s, ev->boards, section, key))
		return 0;
	f = fw_evidence_add_factor(ev, section, key);
	if (!f)
		return -1;
	for (size_t i = 0; i < ev->boards; i++) {
		const char *said = fw_ini_get(&s[i]->ini, section, key);

		f->said[i] = said ? strdup(said) : NULL;
		if (said && !f->said[i])
			return -1;
	}
	return 0;
}

static int add_keys(struct fw_evidence *ev, const struct fw_sample *const *s)
{
	for (size_t i = 0; i < ev->boards; i++)
		for (size_t k = 0; k < s[i]->ini.entries; k++)
			if (add_key(ev, s, s[i]->ini.entry[k].section, s[i]->ini.entry[k].key))
				return -1;
	return 0;
}

static int add_number(struct fw_evidence *ev, const char *name, bool length, const uint32_t *number)
{
	struct fw_factor *f;
	char text[16];
	bool moves = false;

	for (size_t i = 1; i < ev->boards; i++)
		moves |= number[i] != number[0];
	if (!moves)
		return 0;
	f = fw_evidence_add_factor(ev, "", name);
	if (!f)
		return -1;
	f->kind = length ? FW_LENGTH : FW_HIDDEN;
	for (size_t i = 0; i < ev->boards; i++) {
		snprintf(text, sizeof(text), "0x%x", number[i]);
		f->said[i] = strdup(text);
		if (!f->said[i])
			return -1;
	}
	return 0;
}

static int add_hidden(struct fw_evidence *ev, const struct fw_sample *const *s)
{
	static const char *const length[FW_DERIVED] = {"size",	     "info pointer", "GUID pointer",
						       "ROM length", "ini length",   "ini pointer"};
	uint32_t number[FW_BOARDS];

	for (size_t h = 0; h < FW_HIDDEN_KINDS + FW_DERIVED; h++) {
		bool derived = h >= FW_HIDDEN_KINDS;

		for (size_t i = 0; i < ev->boards; i++)
			number[i] = derived ? s[i]->derived[h - FW_HIDDEN_KINDS] : s[i]->hidden[h];
		if (add_number(ev, derived ? length[h - FW_HIDDEN_KINDS] : fw_hidden_name[h],
			       derived, number))
			return -1;
	}
	return 0;
}

static const struct fw_spot_value *find_spot(const struct fw_sample *s, const struct fw_spot *at)
{
	size_t low = 0, high = s->spots;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = fw_spot_order(&s->spot[middle].at, at);

		if (!order)
			return &s->spot[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Digests become the numbers of contents, from 0: fewer bits to look at. */
static void number_contents(uint32_t *value, size_t boards)
{
	uint32_t digest[FW_BOARDS];
	size_t known = 0;

	for (size_t i = 0; i < boards; i++) {
		size_t k = 0;

		while (k < known && digest[k] != value[i])
			k++;
		if (k == known)
			digest[known++] = value[i];
		value[i] = k;
	}
}

/* Does the word move in the other section that has it? There it must obey the same key, so it is
 * needed even if it stands still. */
static bool moves_elsewhere(const struct fw_sample *const *s, size_t n, const struct fw_spot *at)
{
	struct fw_spot other = *at;

	if (at->kind != FW_SPOT_WORD)
		return false;
	for (other.section = 1; other.section <= 2; other.section++) {
		const struct fw_spot_value *first = find_spot(s[0], &other);

		for (size_t i = 1; first && other.section != at->section && i < n; i++)
			if (find_spot(s[i], &other)->value != first->value)
				return true;
	}
	return false;
}

/* A word that only some boards have is told by what has it: a tag as a whole. */
static int add_spot(struct fw_evidence *ev, const struct fw_sample *const *s,
		    const struct fw_spot_value *first)
{
	bool told_whole = first->at.kind == FW_SPOT_TAG || first->at.kind == FW_SPOT_SECTION;
	uint32_t value[FW_BOARDS];
	struct fw_moved *m;
	bool moves = false;

	for (size_t i = 0; i < ev->boards; i++) {
		const struct fw_spot_value *v = find_spot(s[i], &first->at);

		if (!v && !told_whole)
			return 0;
		value[i] = v ? v->value : 0;
		moves |= value[i] != value[0];
	}
	if (!moves && !moves_elsewhere(s, ev->boards, &first->at))
		return 0;
	if (told_whole)
		number_contents(value, ev->boards);
	m = fw_evidence_add_word(ev, &first->at);
	if (!m)
		return -1;
	memcpy(m->value, value, ev->boards * sizeof(*value));
	return 0;
}

static int add_spots(struct fw_evidence *ev, const struct fw_sample *const *s)
{
	for (size_t i = 0; i < ev->boards; i++)
		for (size_t k = 0; k < s[i]->spots; k++) {
			const struct fw_spot_value *v = &s[i]->spot[k];
			bool before = false;

			for (size_t b = 0; b < i && !before; b++)
				before = find_spot(s[b], &v->at);
			if (!before && add_spot(ev, s, v))
				return -1;
		}
	return 0;
}

static int add_boards(struct fw_evidence *ev, const struct fw_sample *const *s)
{
	char text[400];

	for (size_t i = 0; i < ev->boards; i++) {
		snprintf(text, sizeof(text), "%.300s %s", s[i]->name, s[i]->psid);
		ev->board[i] = strdup(text);
		if (!ev->board[i])
			return -1;
	}
	return 0;
}

int fw_evidence_gather(const struct fw_sample *const *s, size_t samples, struct fw_evidence *ev,
		       struct cx_err *err)
{
	memset(ev, 0, sizeof(*ev));
	if (samples > FW_BOARDS)
		return cx_fail(err, CX_REFUSED,
			       "%zu images of one release: at most %d are learnt from at once",
			       samples, FW_BOARDS);
	ev->boards = samples;
	memcpy(ev->chip, s[0]->chip, sizeof(ev->chip));
	ev->version = s[0]->version;
	memcpy(ev->release, s[0]->release, sizeof(ev->release));
	if (add_boards(ev, s) || add_keys(ev, s) || add_hidden(ev, s) || add_spots(ev, s)) {
		fw_evidence_free(ev);
		return cx_fail(err, CX_FAILED, "out of memory for %zu boards", samples);
	}
	if (ev->factors > FW_FACTORS || ev->words > FW_MOVED) {
		size_t factors = ev->factors, words = ev->words;

		fw_evidence_free(ev);
		return cx_fail(err, CX_REFUSED,
			       "%zu keys and %zu words differ between the boards: no release of "
			       "such cards",
			       factors, words);
	}
	return 0;
}
