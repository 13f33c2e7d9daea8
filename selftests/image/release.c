// SPDX-License-Identifier: GPL-2.0-only
/*
 * A release of many boards, compiled by a map that no image tells: which key of the ini goes where,
 * how, what a release holds without the key, what switches what, which bits move by themselves.
 * DIR/NN.bin are the boards, DIR/truth.tsv is the map, and for each place whether the boards leave
 * just one explanation for it.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"

#define MAX_KEYS     120
#define MAX_BOARDS   256
#define MAX_PLACES   3
#define MAX_WORDS    200
#define MAX_WORD     6 /* words that a key can say */
#define MAX_FAMILIES 16
#define MAX_VARIANTS 10
#define ABSENT	     UINT32_MAX

enum how { FLAG, INVERTED, NUMBER, LOG2, CODE, NOWHERE };
static const char *const how_name[] = {"bool", "inverted", "number", "log2", "code", "nowhere"};

struct place {
	unsigned int word, bit; /* index into the words of the map */
	const char *explanations;
	double rarity; /* of a place with one explanation */
};

struct key {
	char section[12], name[40];
	enum how how;
	unsigned int size; /* bits of its field */
	unsigned int words;
	uint32_t code[MAX_WORD];
	struct place place[MAX_PLACES];
	unsigned int places;
	unsigned int absent_percent;
	uint32_t absent;   /* the field without the key */
	unsigned int rare; /* percent of boards that differ from the usual value */
	uint32_t usual;
	uint32_t pool[4]; /* the numbers that boards choose from */
	unsigned int pooled;
	int twin;      /* says what this other key says; -1 */
	int switch_by; /* takes effect only where this flag is set; -1 */
};

/* A bit that moves without a key. */
struct stray {
	struct place place;
	enum { ANYHOW, BY_ROM, BY_MAKER, BY_FLASH, BY_FAILSAFE, STRAYS } by;
	unsigned int percent;
};

struct board {
	uint32_t said[MAX_KEYS]; /* a number, or the index of a word; ABSENT */
	bool rom, failsafe;
	int edited;    /* by hand: the flag that its ini says otherwise than it was compiled; -1 */
	long relative; /* the board it was made of; -1 */
	unsigned int maker, flash, family;
	uint32_t value[MAX_WORDS];
};

struct map {
	struct rng r;
	unsigned int keys, boards, words, strays, families;
	unsigned int changes;  /* keys at most that a board has of its own, beside its relative's */
	bool strangers;	       /* no families: each board is drawn by itself */
	unsigned int variants; /* keys in which the boards of a family part */
	unsigned int variant[MAX_FAMILIES][MAX_VARIANTS];
	struct key key[MAX_KEYS];
	struct stray stray[16];
	struct board board[MAX_BOARDS];
	struct word word[MAX_WORDS]; /* addresses and masks; stage 3: a header word */
	unsigned int used[MAX_WORDS];
};

static const char *const vocabulary[MAX_WORD] = {"XFI", "HAWK3",     "SGMII",
						 "KR",	"Two_Ports", "None"};

static struct place new_place(struct map *m, unsigned int size, bool header)
{
	unsigned int first = header ? 0 : 4, w, tries;
	struct place p = {0};

	/* Half of the fields stand close together, half begin a word of their own. */
	for (tries = 0; tries < 50; tries++) {
		w = header ? rng_below(&m->r, 4) : first + rng_below(&m->r, m->words - first);
		if (m->used[w] + size <= 32)
			break;
	}
	if (m->used[w] + size > 32)
		die("the words of the map are full");
	p.word = w;
	p.bit = m->used[w] + rng_below(&m->r, 33 - m->used[w] - size > 3 ? 3 : 1);
	m->used[w] = p.bit + size;
	m->word[w].mask |= (uint32_t)((1ull << size) - 1) << p.bit;
	return p;
}

/* Every fifth word is in both sections. */
static void make_words(struct map *m)
{
	unsigned int i;

	m->words = 4 + 30 + m->keys;
	for (i = 0; i < m->words; i++) {
		m->word[i].stage = i < 4 ? 3 : i % 5 == 0 ? 0 : 1 + i % 2;
		m->word[i].addr = i < 4 ? 0x10 + 4 * i : 0x32000 + 4 * (i * 7 % 1024);
		m->word[i].mask = i < 4 ? 0 : rng_word(&m->r) & rng_word(&m->r);
	}
}

static void name_key(struct map *m, struct key *k, unsigned int i)
{
	/* In the proportions of a real ini (mlx-ini 6a): one key in six is of clocks, pins, flash
	 * or bus. */
	static const char *const section[] = {"IB",	 "IB", "IB", "IB", "IB", "HCA", "HCA",
					      "ADAPTER", "FW", "IB", "IB", "IB", "PLL"};
	static const char *const part[] = {
		"gpio", "pcie_gen", "flash",   "serdes", "tap",	 "port",  "vfs",
		"lane", "polarity", "ob_bias", "sense",	 "mlpn", "kx4",	  "cable",
		"ffe",	"preemp",   "guid",    "slicer", "led",	 "sriov", "bar"};

	set_text(k->section, sizeof(k->section), section[rng_below(&m->r, ARRAY_LEN(section))]);
	snprintf(k->name, sizeof(k->name), "%s_%u_%s", part[rng_below(&m->r, ARRAY_LEN(part))], i,
		 rng_chance(&m->r, 50) ? "en" : "cfg");
}

static void make_key(struct map *m, unsigned int i)
{
	static const enum how hows[] = {FLAG,	FLAG,	FLAG, FLAG, INVERTED, INVERTED, NUMBER,
					NUMBER, NUMBER, LOG2, CODE, CODE,     NOWHERE};
	struct key *k = &m->key[i];
	unsigned int p, w;

	name_key(m, k, i);
	k->how = hows[rng_below(&m->r, ARRAY_LEN(hows))];
	k->size = k->how == NUMBER ? 2 + rng_below(&m->r, 12)
		  : k->how == LOG2 ? 3
		  : k->how == CODE ? 3
				   : 1;
	k->words = 2 + rng_below(&m->r, MAX_WORD - 1);
	for (w = 0; w < k->words; w++)
		k->code[w] = (w * 3 + i) % 8;
	k->places = k->how == NOWHERE ? 0 : 1 + rng_chance(&m->r, 15) + rng_chance(&m->r, 5);
	for (p = 0; p < k->places; p++)
		k->place[p] = new_place(m, k->size,
					!strcmp(k->section, "PLL") && k->size < 5 && !p &&
						m->used[0] + m->used[1] < 40);
	k->rare = rng_chance(&m->r, 50) ? 50 : 10 + rng_below(&m->r, 30);
	k->absent_percent = rng_chance(&m->r, 20) ? 10 + rng_below(&m->r, 40) : 0;
	k->absent = rng_chance(&m->r, 70) ? 0 : rng_below(&m->r, 1u << k->size);
	k->twin = k->switch_by = -1;
	k->pooled = rng_chance(&m->r, 90) ? 2 + rng_below(&m->r, ARRAY_LEN(k->pool) - 1) : 0;
	for (p = 0; p < k->pooled; p++)
		k->pool[p] = rng_below(&m->r, 1u << k->size);
}

static bool has_twin(const struct map *m, unsigned int key)
{
	unsigned int i;

	for (i = 0; i < m->keys; i++)
		if (m->key[i].twin == (int)key)
			return true;
	return m->key[key].twin >= 0;
}

/* Some keys never part, some take effect only where another is set. */
static void join_keys(struct map *m)
{
	unsigned int i, twins = rng_below(&m->r, 4), switches = rng_below(&m->r, 4);

	for (i = 0; i < twins; i++) {
		unsigned int a = rng_below(&m->r, m->keys), b = rng_below(&m->r, m->keys);

		if (a == b || has_twin(m, a) || m->key[b].twin >= 0)
			continue;
		m->key[a].twin = b;
		m->key[a].how = m->key[b].how;
		m->key[a].size = m->key[b].size;
		m->key[a].words = m->key[b].words;
		m->key[a].pooled = m->key[b].pooled;
		m->key[a].absent_percent = 0;
		m->key[b].absent_percent = 0;
		if (m->key[a].how == NOWHERE)
			m->key[a].places = 0;
		for (m->key[a].places = m->key[a].how == NOWHERE ? 0 : 1; m->key[a].places == 1;) {
			m->key[a].place[0] = new_place(m, m->key[a].size, false);
			break;
		}
	}
	for (i = 0; i < switches; i++) {
		unsigned int a = rng_below(&m->r, m->keys), b = rng_below(&m->r, m->keys);

		if (a == b || m->key[b].how > INVERTED || m->key[a].how == NOWHERE)
			continue;
		m->key[a].switch_by = b;
	}
}

static void make_strays(struct map *m)
{
	unsigned int i;

	m->strays = rng_below(&m->r, 7);
	for (i = 0; i < m->strays; i++) {
		m->stray[i].place = new_place(m, 1, false);
		m->stray[i].by = rng_below(&m->r, STRAYS);
		m->stray[i].percent = rng_chance(&m->r, 50) ? 50 : 15;
	}
}

static uint32_t random_value(struct map *m, const struct key *k, bool usual)
{
	if (k->absent_percent && rng_chance(&m->r, k->absent_percent))
		return ABSENT;
	if (!usual && !rng_chance(&m->r, k->rare))
		return k->usual;
	switch (k->how) {
	case NUMBER:
		return k->pooled ? k->pool[rng_below(&m->r, k->pooled)]
				 : rng_below(&m->r, 1u << k->size);
	case LOG2:
		return 1u << rng_below(&m->r, 8);
	case CODE:
		return rng_below(&m->r, k->words);
	default:
		return rng_below(&m->r, 2);
	}
}

static void make_stranger(struct map *m, struct board *b)
{
	unsigned int k;

	for (k = 0; k < m->keys; k++)
		b->said[k] = random_value(m, &m->key[k], false);
	b->maker = rng_below(&m->r, 3);
	b->flash = rng_below(&m->r, 2);
}

static bool same_board(const struct map *m, const struct board *a, const struct board *b)
{
	return !memcmp(a->said, b->said, m->keys * sizeof(a->said[0]));
}

static bool is_new(const struct map *m, const struct board *b, unsigned int before)
{
	unsigned int i;

	for (i = 0; i < before && !same_board(m, b, &m->board[i]); i++)
		;
	return i == before;
}

/* A board is made of one that there is: for an OEM, for another speed, with one port less. So it is
 * the same few keys that part a family, again and again, and seldom another. One board in ten is
 * the same configuration once more. */
static void make_relative(struct map *m, struct board *b, const struct board *of,
			  unsigned int before)
{
	unsigned int changes = rng_chance(&m->r, 10) ? 0 : 1 + rng_below(&m->r, m->changes), tries;
	bool again = !changes;

	*b = *of;
	for (tries = 0; tries < 1000 && (changes || !(again || is_new(m, b, before))); tries++) {
		unsigned int k = rng_chance(&m->r, 5)
					 ? rng_below(&m->r, m->keys)
					 : m->variant[b->family][rng_below(&m->r, m->variants)];
		uint32_t said = random_value(m, &m->key[k], false);

		if (said != b->said[k] && changes)
			changes--;
		b->said[k] = said;
	}
	if (rng_chance(&m->r, 20))
		b->maker = rng_below(&m->r, 3);
}

/* What is drawn for each board anew, and what follows from it. */
static void finish_board(struct map *m, struct board *b)
{
	unsigned int k;

	for (k = 0; k < m->keys; k++)
		if (m->key[k].twin >= 0)
			b->said[k] = b->said[m->key[k].twin];
	b->rom = rng_chance(&m->r, 50);
	b->failsafe = !rng_chance(&m->r, 10);
}

static uint32_t field_of(const struct key *k, uint32_t said)
{
	if (said == ABSENT)
		return k->absent;
	switch (k->how) {
	case INVERTED:
		return !said;
	case LOG2:
		return 31 - __builtin_clz(said);
	case CODE:
		return k->code[said];
	default:
		return said;
	}
}

static bool is_on(const struct board *b, const struct key *k)
{
	return k->switch_by < 0 || b->said[k->switch_by] == 1;
}

static void compile(struct map *m, struct board *b)
{
	unsigned int i, p;

	memset(b->value, 0, sizeof(b->value));
	for (i = 0; i < m->keys; i++)
		for (p = 0; p < m->key[i].places; p++)
			if (is_on(b, &m->key[i]))
				b->value[m->key[i].place[p].word] |=
					field_of(&m->key[i], b->said[i]) << m->key[i].place[p].bit;
	for (i = 0; i < m->strays; i++) {
		const struct stray *s = &m->stray[i];
		bool on = s->by == BY_ROM	 ? b->rom
			  : s->by == BY_MAKER	 ? b->maker == 1
			  : s->by == BY_FLASH	 ? b->flash
			  : s->by == BY_FAILSAFE ? b->failsafe
						 : rng_chance(&m->r, s->percent);

		b->value[s->place.word] |= (uint32_t)on << s->place.bit;
	}
}

/* The boards of a family are known by its number; -1: there is none yet. */
static long pick_of_family(struct map *m, unsigned int family, unsigned int before)
{
	unsigned int i, count = 0;

	for (i = 0; i < before; i++)
		count += m->board[i].family == family;
	if (!count)
		return -1;
	count = rng_below(&m->r, count);
	for (i = 0; m->board[i].family != family || count--; i++)
		;
	return i;
}

/* A flag that the board states, and that is compiled; -1 if there is none. */
static int pick_edited(struct map *m, const struct board *b)
{
	unsigned int k = rng_below(&m->r, m->keys), i;

	for (i = 0; i < m->keys; i++, k = (k + 1) % m->keys)
		if (m->key[k].how <= INVERTED && m->key[k].places && b->said[k] != ABSENT)
			return k;
	return -1;
}

static void make_boards(struct map *m)
{
	unsigned int i, edited = rng_chance(&m->r, 30) && m->boards > 8
					 ? rng_below(&m->r, m->boards)
					 : MAX_BOARDS;

	m->families = 1 + rng_below(&m->r, m->boards / 8 + 1);
	if (m->families > MAX_FAMILIES)
		m->families = MAX_FAMILIES;
	m->variants = 3 + rng_below(&m->r, MAX_VARIANTS - 2);
	for (i = 0; i < m->families * MAX_VARIANTS; i++)
		m->variant[i / MAX_VARIANTS][i % MAX_VARIANTS] = rng_below(&m->r, m->keys);
	for (i = 0; i < m->keys; i++)
		m->key[i].usual = random_value(m, &m->key[i], true);
	for (i = 0; i < m->boards; i++) {
		struct board *b = &m->board[i];
		unsigned int family = rng_below(&m->r, m->families);
		long relative = pick_of_family(m, family, i);

		if (relative < 0 || m->strangers)
			make_stranger(m, b);
		else
			make_relative(m, b, &m->board[relative], i);
		b->family = family;
		b->relative = m->strangers ? -1 : relative;
		finish_board(m, b);
		compile(m, b);
		b->edited = i == edited ? pick_edited(m, b) : -1;
	}
}

static void ini_value(struct map *m, const struct key *k, uint32_t said, char *text, size_t size)
{
	if (k->how == CODE)
		snprintf(text, size, "%s", vocabulary[said]);
	else if (k->how <= INVERTED && rng_chance(&m->r, 50))
		snprintf(text, size, "%s", said ? "true" : "false");
	else
		snprintf(text, size, rng_chance(&m->r, 50) ? "0x%x" : "%u", said);
}

static void write_ini(struct map *m, struct board *b, unsigned int number, const struct spec *s,
		      struct buf *ini)
{
	static const char *const section[] = {"IB", "HCA", "ADAPTER", "FW", "PLL"};
	unsigned int i, k;
	char text[32];

	buf_text(ini, "[PS_INFO]\nName = BOARD%u\nDescription = Synthetic; %u\nPRS_name = %s\n",
		 number, b->family, s->prs);
	for (i = 0; i < ARRAY_LEN(section); i++) {
		buf_text(ini, "[%s]\n", section[i]);
		if (i == 2)
			buf_text(ini, "PSID = %s\n", s->psid);
		for (k = 0; k < m->keys; k++) {
			uint32_t said = b->said[k];

			if (strcmp(m->key[k].section, section[i]) || said == ABSENT)
				continue;
			/* By hand: the text says something else than was compiled. */
			if ((int)k == b->edited)
				said = !said;
			ini_value(m, &m->key[k], said, text, sizeof(text));
			buf_text(ini, "%s = %s\n", m->key[k].name, text);
		}
	}
}

static size_t words_of(const struct map *m, const struct board *b, struct word *word)
{
	size_t count = 0;
	unsigned int i, stage;

	for (i = 4; i < m->words; i++)
		for (stage = 1; stage <= 2; stage++)
			if (!m->word[i].stage || m->word[i].stage == stage)
				word[count++] = (struct word){stage, m->word[i].addr, b->value[i],
							      m->word[i].mask};
	return count;
}

static void write_board(struct map *m, unsigned int number, uint64_t seed, const char *dir,
			size_t code)
{
	static const char *const maker[] = {"MT_", "HP_", "IBM"};
	struct board *b = &m->board[number];
	static struct word word[2 * MAX_WORDS];
	struct spec s;
	struct image img;
	char path[4096];
	unsigned int i;

	spec_defaults(&s);
	s.chip = chip_find("connectx3");
	spec_chip_defaults(&s);
	s.seed = seed;
	s.ddr_count = code ? 6 : 2;
	s.ddr_size = code ? code / 6 : 256;
	s.fillers = 10;
	s.chunk_log2 = 19 + b->flash;
	s.nonfailsafe = !b->failsafe;
	s.time = 0x100000 + number;
	snprintf(s.psid, sizeof(s.psid), "%s%010u", maker[b->maker], number);
	snprintf(s.prs, sizeof(s.prs), "cx3_board%u.prs", number);
	write_ini(m, b, number, &s, &s.ini);
	if (b->rom)
		rom_make(&s.rom, "pxe:3.4.752:1003", 1024, 1);
	for (i = 0; i < 4; i++) {
		s.header_mask[i] = m->word[i].mask;
		s.header_value[i] = b->value[i];
	}
	s.word = word;
	s.words = words_of(m, b, word);
	image_make(&s, &img);
	snprintf(path, sizeof(path), "%s/%03u.bin", dir, number);
	buf_write(&img.bytes, path);
	free(img.bytes.at);
	free(s.ini.at);
	free(s.rom.at);
}

/* --- which places the boards leave one explanation for --- */

static unsigned int distinct(const struct map *m, unsigned int *board)
{
	unsigned int i, k, count = 0;

	for (i = 0; i < m->boards; i++) {
		if (m->board[i].edited >= 0)
			continue;
		for (k = 0; k < count && !same_board(m, &m->board[board[k]], &m->board[i]); k++)
			;
		if (k == count)
			board[count++] = i;
	}
	return count;
}

#define UNKNOWN (UINT32_MAX - 1) /* agrees with everything */

static bool all_of_value_agree(const struct map *m, const unsigned int *board, unsigned int n,
			       const uint32_t *class, unsigned int word, uint32_t bits)
{
	unsigned int i, k;

	for (i = 0; i < n; i++)
		for (k = 0; k < i; k++)
			if (class[i] == class[k] && class[i] != UNKNOWN &&
			    ((m->board[board[i]].value[word] ^ m->board[board[k]].value[word]) &
			     bits))
				return false;
	return true;
}

static unsigned int classes_of(const uint32_t *class, unsigned int n)
{
	unsigned int i, k, count = 0;

	for (i = 0; i < n; i++) {
		for (k = 0; k < i && class[k] != class[i]; k++)
			;
		count += k == i;
	}
	return count;
}

/* Does the key, read in this way and put at this bit, give the word's field on all boards? */
static bool gives(const struct map *m, const unsigned int *board, unsigned int n, unsigned int key,
		  enum how how, unsigned int word, unsigned int bit, uint32_t *covered)
{
	uint32_t any = 0, absent = 0, field = 0, mask;
	bool have = false;
	unsigned int i, size;

	for (i = 0; i < n; i++) {
		uint32_t said = m->board[board[i]].said[key];

		if (said != ABSENT) {
			if (how == LOG2 && (!said || said & (said - 1)))
				return false;
			any |= how == LOG2 ? 31u - __builtin_clz(said) : said;
		}
	}
	size = how <= INVERTED ? 1 : any ? 32 - __builtin_clz(any) : 0;
	if (!size || bit + size > 32)
		return false;
	mask = (uint32_t)((1ull << size) - 1) << bit;
	if (mask & ~m->word[word].mask)
		return false;
	for (i = 0; i < n; i++) {
		uint32_t said = m->board[board[i]].said[key];
		uint32_t has = (m->board[board[i]].value[word] & mask) >> bit;

		if (said == ABSENT) {
			if (have && has != absent)
				return false;
			absent = has;
			have = true;
			continue;
		}
		field = how == INVERTED ? !said : how == LOG2 ? 31u - __builtin_clz(said) : said;
		if (has != field)
			return false;
	}
	*covered = mask;
	return true;
}

static bool key_explains(const struct map *m, const unsigned int *board, unsigned int n,
			 unsigned int key, unsigned int word, uint32_t bits)
{
	const struct key *k = &m->key[key];
	uint32_t class[MAX_BOARDS], covered;
	unsigned int i, bit;
	bool flag = k->how <= INVERTED || k->how == NOWHERE;

	if (k->how == CODE) {
		for (i = 0; i < n; i++)
			class[i] = m->board[board[i]].said[key];
		return 2 * classes_of(class, n) <= n &&
		       all_of_value_agree(m, board, n, class, word, bits);
	}
	for (bit = 0; bit < 32; bit++) {
		if (flag &&
		    ((gives(m, board, n, key, FLAG, word, bit, &covered) && !(bits & ~covered)) ||
		     (gives(m, board, n, key, INVERTED, word, bit, &covered) &&
		      !(bits & ~covered))))
			return true;
		if (!flag &&
		    ((gives(m, board, n, key, NUMBER, word, bit, &covered) && !(bits & ~covered)) ||
		     (gives(m, board, n, key, LOG2, word, bit, &covered) && !(bits & ~covered))))
			return true;
	}
	return false;
}

static bool hidden_explains(const struct map *m, const unsigned int *board, unsigned int n,
			    unsigned int word, uint32_t bits)
{
	uint32_t class[4][MAX_BOARDS];
	unsigned int i;

	for (i = 0; i < n; i++) {
		class[0][i] = m->board[board[i]].rom;
		class[1][i] = m->board[board[i]].maker;
		class[2][i] = m->board[board[i]].failsafe ? m->board[board[i]].flash : UNKNOWN;
		class[3][i] = m->board[board[i]].failsafe;
	}
	for (i = 0; i < 4; i++)
		if (all_of_value_agree(m, board, n, class[i], word, bits))
			return true;
	return false;
}

static uint32_t moved_bits(const struct map *m, const unsigned int *board, unsigned int n,
			   const struct key *k, const struct place *p)
{
	uint32_t moved = 0;
	unsigned int i;

	for (i = 1; i < n; i++)
		moved |= m->board[board[i]].value[p->word] ^ m->board[board[0]].value[p->word];
	return moved & (uint32_t)((1ull << k->size) - 1) << p->bit;
}

/* A place of which another key explains a bit: a number stands in one piece and is told by any bit
 * that is its own, a word's bits each stand for themselves. */
static bool is_explained(const struct map *m, const unsigned int *board, unsigned int n,
			 unsigned int key, unsigned int word, uint32_t bits)
{
	unsigned int i;

	for (i = 0; i < m->keys; i++)
		if (i != key && key_explains(m, board, n, i, word, bits))
			return true;
	return hidden_explains(m, board, n, word, bits);
}

static bool has_rival(const struct map *m, const unsigned int *board, unsigned int n,
		      unsigned int key, unsigned int word, uint32_t bits)
{
	bool each = m->key[key].how == CODE;
	uint32_t left, own = 0;

	for (left = bits; left; left &= left - 1) {
		uint32_t bit = left & -left;

		if (!is_explained(m, board, n, key, word, bit))
			own |= bit;
		else if (each)
			return true;
	}
	return !own;
}

static bool is_stated_alike(const struct map *m, const unsigned int *board, unsigned int n,
			    unsigned int key, unsigned int word, uint32_t bit, bool on)
{
	const struct board *first = NULL;
	unsigned int i;

	for (i = 0; i < n; i++) {
		const struct board *b = &m->board[board[i]];

		if (!(b->value[word] & bit) == on)
			continue;
		if (first && first->said[key] != b->said[key])
			return false;
		first = b;
	}
	return true;
}

static bool has_visible_place(const struct map *m, const unsigned int *board, unsigned int n,
			      unsigned int key)
{
	const struct key *k = &m->key[key];
	unsigned int p;

	for (p = 0; p < k->places; p++)
		if (k->switch_by < 0 && moved_bits(m, board, n, k, &k->place[p]))
			return true;
	return false;
}

static bool is_still(const struct map *m, const unsigned int *board, unsigned int n,
		     unsigned int key)
{
	unsigned int i;

	for (i = 1; i < n; i++)
		if (m->board[board[i]].said[key] != m->board[board[0]].said[key])
			return false;
	return true;
}

/* A key with several places may be the switch of another that shows nowhere else, and says but one
 * thing where this one lets it through. */
static bool may_be_a_switch(const struct map *m, const unsigned int *board, unsigned int n,
			    unsigned int key, unsigned int word, uint32_t bits)
{
	unsigned int i, places = m->key[key].places;

	for (i = 0; i < m->keys; i++)
		places += m->key[i].switch_by == (int)key;
	if (places < 2 || m->key[key].how > INVERTED)
		return false;
	for (i = 0; i < m->keys; i++)
		if (i != key && !is_still(m, board, n, i) && !has_visible_place(m, board, n, i) &&
		    (is_stated_alike(m, board, n, i, word, bits, true) ||
		     is_stated_alike(m, board, n, i, word, bits, false)))
			return true;
	return false;
}

/* The ways to choose the boards on which a bit is not as on most, as a power of two. */
static double choice(const struct map *m, const unsigned int *board, unsigned int n,
		     unsigned int word, uint32_t bit)
{
	unsigned int i, ones = 0;

	for (i = 0; i < n; i++)
		ones += !!(m->board[board[i]].value[word] & bit);
	return (lgamma(n + 1.0) - lgamma(ones + 1.0) - lgamma(n - ones + 1.0)) / M_LN2;
}

/* How unlikely it is, as a power of two, that a cause which is handed on from board to board, and
 * changes as often as the keys do on the way, changes just where the bit does. */
static double descent(const struct map *m, unsigned int word, uint32_t bit)
{
	double bits = 0;
	unsigned int i, k;

	for (i = 1; i < m->boards; i++) {
		const struct board *b = &m->board[i],
				   *of = b->relative < 0 ? NULL : &m->board[b->relative];
		unsigned int changes = 0;
		double rate;

		if (!of || same_board(m, b, of)) {
			bits += !of;
			continue;
		}
		for (k = 0; k < m->keys; k++)
			changes += b->said[k] != of->said[k];
		rate = (changes + 0.5) / (m->keys + 1.0);
		if (rate > 0.5)
			rate = 0.5;
		bits -= log2((b->value[word] ^ of->value[word]) & bit ? rate : 1 - rate);
	}
	return bits;
}

static bool is_again(const struct map *m, const unsigned int *board, unsigned int n,
		     unsigned int word, uint32_t bit, uint32_t before)
{
	for (; before; before &= before - 1) {
		unsigned int i, same = 0;

		for (i = 0; i < n; i++)
			same += !(m->board[board[i]].value[word] & bit) ==
				!(m->board[board[i]].value[word] & before & -before);
		if (same == n || !same)
			return true;
	}
	return false;
}

/* What chance has to do for the bits of a place, in either way; equal columns count once. */
static double rarity(const struct map *m, const unsigned int *board, unsigned int n,
		     const struct place *p, uint32_t bits)
{
	double sum = 0, other;
	uint32_t left;

	for (left = bits; left; left &= left - 1) {
		uint32_t bit = left & -left;

		if (is_again(m, board, n, p->word, bit, bits & (bit - 1)))
			continue;
		other = descent(m, p->word, bit);
		sum += fmin(choice(m, board, n, p->word, bit), other);
	}
	return sum;
}

#define CHANCE 8 /* bits: a wrong rule in one map of 2^8, and more is not to be trusted */

static int by_rarity(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x > *y ? -1 : *x < *y;
}

/* The rarity of the last place that a map takes which takes the surest first. */
static double least_rarity(double *rarity, unsigned int places)
{
	double wrong = 0;
	unsigned int i;

	qsort(rarity, places, sizeof(*rarity), by_rarity);
	for (i = 0; i < places; i++) {
		wrong += exp2(-rarity[i]);
		if (wrong > exp2(-CHANCE))
			break;
	}
	return i ? rarity[i - 1] : INFINITY;
}

/*
 * "one": one explanation; "chance": one, but bits that follow nothing would look so in one map
 * of 256; "more": another key or a hidden variable explains it too; "switch": another key
 * that shows nowhere may be switched by this one; "still": it never moves; "two": its key and a
 * switch do; "its": its key parts no boards, so the bits are its switch's.
 */
static const char *explanations(const struct map *m, const unsigned int *board, unsigned int n,
				unsigned int key, const struct place *p)
{
	const struct key *k = &m->key[key];
	uint32_t bits = moved_bits(m, board, n, k, p);

	if (!bits)
		return "still";
	if (k->switch_by >= 0)
		return is_still(m, board, n, key) ? "its" : "two";
	if (!key_explains(m, board, n, key, p->word, bits) ||
	    has_rival(m, board, n, key, p->word, bits))
		return "more";
	if (may_be_a_switch(m, board, n, key, p->word, bits))
		return "switch";
	return "one";
}

static void explain_places(struct map *m, const unsigned int *board, unsigned int n)
{
	double all[MAX_KEYS * MAX_PLACES], least;
	unsigned int i, k, count = 0;

	for (i = 0; i < MAX_KEYS * MAX_PLACES; i++) {
		struct place *p = &m->key[i / MAX_PLACES].place[i % MAX_PLACES];

		k = i / MAX_PLACES;
		if (k >= m->keys || i % MAX_PLACES >= m->key[k].places)
			continue;
		p->explanations = explanations(m, board, n, k, p);
		p->rarity = INFINITY;
		if (strcmp(p->explanations, "one"))
			continue;
		p->rarity = rarity(m, board, n, p, moved_bits(m, board, n, &m->key[k], p));
		all[count++] = p->rarity;
	}
	least = least_rarity(all, count);
	for (i = 0; i < MAX_KEYS * MAX_PLACES; i++) {
		struct place *p = &m->key[i / MAX_PLACES].place[i % MAX_PLACES];

		if (p->explanations && p->rarity < least)
			p->explanations = "chance";
	}
}

/* The fewer of the boards that have a bit set or clear, at best. */
static unsigned int minority(const struct map *m, const unsigned int *board, unsigned int n,
			     const struct key *k, const struct place *p)
{
	uint32_t bits = moved_bits(m, board, n, k, p);
	unsigned int i, b, ones, best = 0;

	for (b = 0; b < 32; b++) {
		if (!(bits >> b & 1))
			continue;
		for (ones = 0, i = 0; i < n; i++)
			ones += m->board[board[i]].value[p->word] >> b & 1;
		if (ones > n - ones)
			ones = n - ones;
		best = ones > best ? ones : best;
	}
	return best;
}

/* --- which boards could be built from the others, by one who knew the map but not more of the
 * values --- */

static bool is_whole_only(const struct key *k)
{
	return !strcmp(k->section, "PLL") || strstr(k->name, "gpio") || strstr(k->name, "flash") ||
	       strstr(k->name, "pcie");
}

/* May a value be put into a board that has another? What the other boards say of the key decides.
 */
static bool may_be_put(const struct map *m, unsigned int board, unsigned int key)
{
	const struct key *k = &m->key[key];
	uint32_t said = m->board[board].said[key], any = 0, all = UINT32_MAX, some = ABSENT;
	unsigned int i, same = 0, others = 0;

	for (i = 0; i < m->boards; i++) {
		uint32_t other = m->board[i].said[key];

		if (i == board || m->board[i].edited >= 0)
			continue;
		others++;
		same += other == said;
		if (other == ABSENT)
			continue;
		any |= other;
		all &= other;
		some = other;
	}
	if (k->how == NOWHERE)
		return same > 0;
	if (same == others || !others)
		return true;
	if (said == ABSENT || k->how == CODE)
		return same >= 2;
	if (same || is_whole_only(k))
		return same > 0;
	return some != ABSENT && k->how == NUMBER && !((said ^ some) & ~(any & ~all));
}

static bool may_be_built(const struct map *m, unsigned int board)
{
	unsigned int i, k;

	for (i = 0; i < m->boards; i++) {
		if (i == board || m->board[i].edited >= 0)
			continue;
		for (k = 0; k < m->keys; k++)
			if (m->board[i].said[k] != m->board[board].said[k] &&
			    !may_be_put(m, board, k))
				break;
		if (k == m->keys)
			return true;
	}
	return false;
}

/* Could one who has all other boards tell what was edited? */
static bool edit_shows(const struct map *m, int key)
{
	const struct key *k = &m->key[key];
	unsigned int p;

	for (p = 0; p < k->places; p++)
		if (!strcmp(k->place[p].explanations, "one"))
			return true;
	return false;
}

static void write_truth(struct map *m, const char *dir)
{
	unsigned int board[MAX_BOARDS], n = distinct(m, board), i, p;
	struct buf truth = {0};
	char path[4096];

	explain_places(m, board, n);
	buf_text(&truth, "# boards %u, configurations %u, %s %u, changes %u, strays %u\n",
		 m->boards, n, m->strangers ? "strangers" : "families", m->families, m->changes,
		 m->strays);
	for (i = 0; i < m->boards; i++)
		if (m->board[i].edited >= 0)
			buf_text(&truth, "edited\t%03u.bin\t%s\t%s.%s\n", i,
				 edit_shows(m, m->board[i].edited) ? "shows" : "hidden",
				 m->key[m->board[i].edited].section,
				 m->key[m->board[i].edited].name);
		else if (may_be_built(m, i))
			buf_text(&truth, "buildable\t%03u.bin\n", i);
	for (i = 0; i < m->keys; i++) {
		const struct key *k = &m->key[i];

		if (!k->places)
			buf_text(&truth, "key\t%s\t%s\tnowhere\t-\t-\t-\t-\t-\t-\n", k->section,
				 k->name);
		for (p = 0; p < k->places; p++)
			buf_text(&truth, "key\t%s\t%s\t%s\t%u\t0x%x\t%u\t%u\t%s\t%u\t%s\t%s\n",
				 k->section, k->name, how_name[k->how],
				 m->word[k->place[p].word].stage, m->word[k->place[p].word].addr,
				 k->place[p].bit, k->size, k->place[p].explanations,
				 minority(m, board, n, k, &k->place[p]),
				 k->switch_by < 0 ? "-" : m->key[k->switch_by].section,
				 k->switch_by < 0 ? "-" : m->key[k->switch_by].name);
	}
	snprintf(path, sizeof(path), "%s/truth.tsv", dir);
	buf_write(&truth, path);
	free(truth.at);
}

void release_make(uint64_t seed, unsigned int boards, const char *dir, size_t code)
{
	static struct map m;
	unsigned int i;

	memset(&m, 0, sizeof(m));
	m.r = rng_seed(seed, "release");
	m.boards = boards ? boards : 6 + rng_below(&m.r, 35);
	if (m.boards < 2 || m.boards > MAX_BOARDS)
		die("a release has 2 to %u boards", MAX_BOARDS);
	m.keys = 20 + rng_below(&m.r, MAX_KEYS - 20);
	m.strangers = rng_chance(&m.r, 10);
	m.changes = 1 + rng_below(&m.r, 5);
	make_words(&m);
	for (i = 0; i < m.keys; i++)
		make_key(&m, i);
	join_keys(&m);
	make_strays(&m);
	make_boards(&m);
	for (i = 0; i < m.boards; i++)
		write_board(&m, i, seed, dir, code);
	write_truth(&m, dir);
}
