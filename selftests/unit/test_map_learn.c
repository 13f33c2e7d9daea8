// SPDX-License-Identifier: GPL-2.0-only
/* What is learnt from boards, each case as a table of them: what they state, what their words hold.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fw/map/table.h"
#include "tap.h"

#define BOARDS 24

/* A table under construction: boards, what they state, what their words hold. */
struct made {
	char *text;
	size_t len;
	FILE *to;
	struct fw_map map;
	struct fw_learning learning; /* anew, as a table without rules builds nothing */
	unsigned int boards;
};

static void start(struct made *m, unsigned int boards, unsigned int keys, unsigned int words)
{
	m->boards = boards;
	m->to = open_memstream(&m->text, &m->len);
	fprintf(m->to, "@release\tMT27500\t2.42.5000\t%064d\t%u\t%u\t%u\n", 1, boards, keys + 1,
		words);
	for (unsigned int i = 0; i < boards; i++)
		fprintf(m->to, "@board\tb%u\n", i);
	/* Equal configurations count once: a number of each board's own, compiled nowhere. */
	fprintf(m->to, "@key\tIB\tserial");
	for (unsigned int i = 0; i < boards; i++)
		fprintf(m->to, "\t%u", 1000 + i * i);
	fprintf(m->to, "\n");
}

static void key(struct made *m, const char *name, const char *const *said)
{
	fprintf(m->to, "@key\tIB\t%s", name);
	for (unsigned int i = 0; i < m->boards; i++)
		fprintf(m->to, "\t%s", said[i] ? said[i] : "\\-");
	fprintf(m->to, "\n");
}

static void column(struct made *m, const char *head, const unsigned int *number)
{
	fputs(head, m->to);
	for (unsigned int i = 0; i < m->boards; i++)
		fprintf(m->to, "\t%u", number[i]);
	fprintf(m->to, "\n");
}

static void number_key(struct made *m, const char *name, const unsigned int *number)
{
	fprintf(m->to, "@key\tIB\t%s", name);
	column(m, "", number);
}

static void partly_stated(struct made *m, const char *name, const unsigned int *number,
			  const unsigned int *left_out)
{
	const char *said[BOARDS];

	for (unsigned int i = 0; i < m->boards; i++)
		said[i] = left_out[i] ? NULL : number[i] ? "true" : "false";
	key(m, name, said);
}

static void word(struct made *m, unsigned int section, unsigned int addr, const unsigned int *value)
{
	fprintf(m->to, "@word\tword\t%u\t%x\tffffffff", section, addr);
	for (unsigned int i = 0; i < m->boards; i++)
		fprintf(m->to, "\t%x", value[i]);
	fprintf(m->to, "\n");
}

static bool learn(struct made *m)
{
	struct cx_err err;

	fclose(m->to);
	memset(&m->learning, 0, sizeof(m->learning));
	if (!fw_map_parse(m->text, m->len, &m->map, &err) &&
	    !fw_learn(m->map.evidence, NULL, &m->learning, &err))
		return true;
	printf("# %s\n%s", err.text, m->text);
	return false;
}

static void finish(struct made *m)
{
	if (m->learning.ev)
		fw_learning_free(&m->learning);
	fw_map_free(&m->map);
	free(m->text);
}

/* The rule of a key at an address; NULL if there is none. */
static const struct fw_claim *rule(const struct made *m, const char *name, unsigned int addr)
{
	const struct fw_learning *l = &m->learning;

	for (size_t i = 0; i < l->claims; i++)
		if (l->claim[i].learnt && l->ev->moved[l->claim[i].word].at.addr == addr &&
		    !strcmp(l->ev->factor[l->claim[i].factor].key, name))
			return &l->claim[i];
	return NULL;
}

static bool is(const struct fw_claim *c, enum fw_conversion how, unsigned int bit)
{
	return c && c->how == how && c->bit == bit;
}

/* Numbers without a pattern that a key could have too. */
static unsigned int draw(unsigned int i, unsigned int salt)
{
	unsigned int x = (i + 1) * 2654435761u ^ salt * 40503u;

	x ^= x >> 13;
	x *= 0x5bd1e995;
	return (x ^ x >> 15) >> 4;
}

static void flags(unsigned int *to, unsigned int salt)
{
	for (unsigned int i = 0; i < BOARDS; i++)
		to[i] = draw(i, salt) & 1;
}

static void test_conversions(void)
{
	static const char *const words[] = {"XFI", "KR", "SGMII"};
	static const unsigned int code[] = {5, 2, 1};
	unsigned int flag[BOARDS], inv[BOARDS], num[BOARDS], power[BOARDS], w[4][BOARDS];
	const char *text[BOARDS], *partly[BOARDS];
	struct made m;

	flags(flag, 1);
	flags(inv, 2);
	for (unsigned int i = 0; i < BOARDS; i++) {
		num[i] = draw(i, 3) & 0x1f;
		power[i] = 1u << (draw(i, 4) & 7);
		text[i] = words[draw(i, 5) % 3];
		partly[i] = draw(i, 6) % 3 ? draw(i, 7) & 1 ? "true" : "false" : NULL;
		w[0][i] = flag[i] << 4 | !inv[i] << 9 | num[i] << 12;
		w[1][i] = (draw(i, 4) & 7) << 20 | flag[i];
		w[2][i] = code[draw(i, 5) % 3] << 3;
		w[3][i] = (partly[i] ? partly[i][0] == 't' : 1u) << 7;
	}
	start(&m, BOARDS, 6, 4);
	number_key(&m, "flag", flag);
	number_key(&m, "inv", inv);
	number_key(&m, "num", num);
	number_key(&m, "power", power);
	key(&m, "text", text);
	key(&m, "partly", partly);
	for (unsigned int i = 0; i < 4; i++)
		word(&m, 1, 0x1000 + 4 * i, w[i]);
	if (learn(&m)) {
		const struct fw_claim *c;
		uint32_t field;

		ok(is(rule(&m, "flag", 0x1000), FW_TO_FLAG, 4), "a flag");
		ok(is(rule(&m, "flag", 0x1004), FW_TO_FLAG, 0), "and its second place");
		ok(is(rule(&m, "inv", 0x1000), FW_TO_INVERTED, 9), "an inverted flag");
		ok(is(rule(&m, "num", 0x1000), FW_TO_NUMBER, 12), "a number");
		ok(is(rule(&m, "power", 0x1004), FW_TO_LOG2, 20), "a power of two");
		c = rule(&m, "text", 0x1008);
		ok(c && c->how == FW_TO_CODE && !fw_claim_field(&m.learning, c, "XFI", &field) &&
			   field << c->bit == 5 << 3,
		   "a word, with its code");
		ok(c && fw_claim_field(&m.learning, c, "CX4", &field),
		   "a word that no board has is refused");
		c = rule(&m, "partly", 0x100c);
		ok(is(c, FW_TO_FLAG, 7) && !fw_claim_field(&m.learning, c, NULL, &field) &&
			   field == 1,
		   "what holds where a key is not stated");
		c = rule(&m, "num", 0x1000);
		ok(c && fw_claim_field(&m.learning, c, "0x20", &field),
		   "a bit that never moved is refused");
	} else {
		ok(false, "the table of conversions is read");
	}
	finish(&m);
}

/* Two keys that never part, and a word that follows them. */
static void start_twins(struct made *m, const unsigned int *flag)
{
	start(m, BOARDS, 2, 1);
	number_key(m, "a", flag);
	number_key(m, "twin", flag);
	word(m, 1, 0x1000, flag);
}

/* One column that decides nothing, in ways that must not become a rule. */
static void test_never(void)
{
	unsigned int a[BOARDS], b[BOARDS], one[BOARDS] = {0}, both[BOARDS], other[BOARDS];
	struct made m;

	flags(a, 11);
	flags(b, 12);
	start_twins(&m, a);
	ok(learn(&m) && !rule(&m, "a", 0x1000) && !rule(&m, "twin", 0x1000),
	   "two keys that never part are not learnt");
	finish(&m);

	start(&m, 6, 2, 1);
	one[2] = 1;
	number_key(&m, "a", a);
	number_key(&m, "one", one);
	word(&m, 1, 0x1000, one);
	ok(learn(&m) && !rule(&m, "one", 0x1000), "a flag of one board in six may be chance");
	finish(&m);

	for (unsigned int i = 0; i < BOARDS; i++)
		both[i] = a[i] & b[i];
	start(&m, BOARDS, 2, 1);
	number_key(&m, "a", a);
	number_key(&m, "b", b);
	word(&m, 1, 0x1000, both);
	ok(learn(&m) && !rule(&m, "a", 0x1000) && !rule(&m, "b", 0x1000) &&
		   !m.learning.buildable[1] && !m.learning.nowhere[1],
	   "what two keys do together is no rule of either, and no key goes nowhere");
	finish(&m);

	memcpy(other, a, sizeof(other));
	other[5] ^= 1;
	start(&m, BOARDS, 1, 2);
	number_key(&m, "a", a);
	word(&m, 1, 0x1000, a);
	word(&m, 2, 0x1000, other);
	ok(learn(&m) && m.learning.edits == 1 && m.learning.edit[0].board == 5,
	   "the board on which a word of both sections disagrees is left out");
	finish(&m);

	for (unsigned int i = 0; i < BOARDS; i += 3)
		other[i] ^= 1;
	start(&m, BOARDS, 1, 2);
	number_key(&m, "a", a);
	word(&m, 1, 0x1000, a);
	word(&m, 2, 0x1000, other);
	ok(learn(&m) && !rule(&m, "a", 0x1000), "if it disagrees on many, it is no rule");
	finish(&m);
}

/* May one board become another, but with these two keys (0: the first of the table)? */
static bool may_become(const struct made *m, unsigned int board, size_t a, const char *says_a,
		       size_t b, const char *says_b)
{
	const struct fw_evidence *ev = m->learning.ev;
	const char *from[8], *to[8];
	uint32_t value[4];
	bool has[4] = {true, true, true, true};
	struct fw_change ch = {from, to, value, has};
	struct fw_refusal no;

	for (size_t f = 0; f < ev->factors; f++)
		from[f] = to[f] = ev->factor[f].said[board];
	for (size_t w = 0; w < ev->words; w++)
		value[w] = ev->moved[w].value[board];
	to[a] = says_a;
	to[b] = says_b;
	return !fw_change_judge(&m->learning, &ch, &no);
}

/* What is no rule, as several keys explain it, is built where they agree. */
static void test_agreed(void)
{
	unsigned int a[BOARDS], other[BOARDS], w[2][BOARDS];
	const char *text[BOARDS];
	const struct fw_claim *c;
	struct made m;

	flags(a, 21);
	flags(other, 22);
	start_twins(&m, a);
	ok(learn(&m) && !rule(&m, "a", 0x1000) &&
		   may_become(&m, 0, 1, a[0] ? "0" : "1", 2, a[0] ? "0" : "1"),
	   "two keys that never part are built together");
	ok(!may_become(&m, 0, 1, a[0] ? "0" : "1", 2, a[0] ? "1" : "0"), "and never one alone");
	finish(&m);

	/* Bit 4 is the word's alone, bit 5 as well a flag's. */
	for (unsigned int i = 0; i < BOARDS; i++) {
		text[i] = a[i] ? "XFI" : other[i] ? "KR" : "SGMII";
		w[0][i] = a[i] << 5 | (!a[i] && other[i]) << 4;
	}
	start(&m, BOARDS, 2, 1);
	key(&m, "text", text);
	number_key(&m, "flag", a);
	word(&m, 1, 0x1000, w[0]);
	c = learn(&m) ? rule(&m, "text", 0x1000) : NULL;
	ok(c && c->moves == 1u << 4, "of a word's bits, those are a rule that are its alone");
	for (unsigned int i = 0; i < BOARDS; i++)
		if (!a[i] && other[i]) {
			ok(!may_become(&m, i, 1, "XFI", 2, "0"),
			   "and it is not built by half, without the flag's");
			ok(may_become(&m, i, 1, "XFI", 2, "1"), "but with it");
			break;
		}
	finish(&m);

	/* A flag that could hold a number back, and does not: two numbers are seen with it. */
	for (unsigned int i = 0; i < BOARDS; i++) {
		w[0][i] = 1 + draw(i, 23) % 5;
		if (w[0][i] == 3 && a[i])
			w[0][i] = 4;
		w[1][i] = w[0][i] << 8 | a[i];
	}
	start(&m, BOARDS, 2, 1);
	number_key(&m, "number", w[0]);
	number_key(&m, "flag", a);
	word(&m, 1, 0x1000, w[1]);
	if (ok(learn(&m) && rule(&m, "number", 0x1000), "a number beside a flag"))
		for (unsigned int i = 0; i < BOARDS; i++)
			if (a[i]) {
				ok(may_become(&m, i, 1, "3", 2, "1"),
				   "a value no board has with the flag, as two others have");
				break;
			}
	finish(&m);
}

/* A board that contradicts a key was changed by hand, unless another key may hold that back. */
static void test_held_back(void)
{
	unsigned int a[BOARDS], by[BOARDS] = {0}, w[BOARDS];
	unsigned int on = 0, off = 0;
	struct made m;

	flags(a, 31);
	while (!a[on])
		on++;
	while (a[off])
		off++;
	memcpy(w, a, sizeof(w));
	w[on] = 0;
	start(&m, BOARDS, 2, 1);
	number_key(&m, "a", a);
	number_key(&m, "by", by);
	word(&m, 1, 0x1000, w);
	ok(learn(&m) && m.learning.edits == 1 && m.learning.edit[0].board == on,
	   "a board whose bit contradicts its flag was changed by hand");
	finish(&m);

	by[on] = by[off] = 1;
	start(&m, BOARDS, 2, 1);
	number_key(&m, "a", a);
	number_key(&m, "by", by);
	word(&m, 1, 0x1000, w);
	ok(learn(&m) && !m.learning.edits && !rule(&m, "a", 0x1000),
	   "not where another flag may hold it back");
	ok(m.learning.suspects == 1 && m.learning.suspect[0].board == on &&
		   m.learning.suspect[0].factor == 1,
	   "but the board and the key are named, as what may be");
	finish(&m);
}

/* What no ini states, and is not known of a board, may explain anything there. */
static void test_unknown(void)
{
	unsigned int a[BOARDS], size[BOARDS], w[BOARDS];
	struct made m;

	flags(a, 41);
	for (unsigned int i = 0; i < BOARDS; i++)
		size[i] = 19 + a[i];
	size[3] = size[8] = 0;
	start(&m, BOARDS, 2, 1);
	number_key(&m, "a", a);
	column(&m, "@hidden\t\tflash size", size);
	word(&m, 1, 0x1000, a);
	ok(a[3] != a[8] && learn(&m) && !rule(&m, "a", 0x1000),
	   "the flash's size, not told by two images, may explain the bits as well");
	finish(&m);

	/* Bit 5 is another flag's, which is set on just the boards that do not state this one. */
	for (unsigned int i = 0; i < BOARDS; i++) {
		size[i] = i % 7 == 2;
		w[i] = (size[i] ? 0 : a[i]) << 4 | size[i] << 5;
	}
	start(&m, BOARDS, 2, 1);
	partly_stated(&m, "a", a, size);
	number_key(&m, "other", size);
	word(&m, 1, 0x1000, w);
	ok(learn(&m) && rule(&m, "a", 0x1000) && rule(&m, "a", 0x1000)->moves == 1u << 4,
	   "a bit above a flag is no part of it if another key explains it");
	finish(&m);
}

/* A word's key that a flag lets through: what its codes have in common follows the flag alone. */
static void test_let_through(void)
{
	unsigned int a[BOARDS], w[2][BOARDS];
	const char *text[BOARDS];
	struct made m;

	flags(a, 51);
	for (unsigned int i = 0; i < BOARDS; i++) {
		bool xfi = draw(i, 52) & 1;

		text[i] = xfi ? "XFI" : "KR";
		w[0][i] = a[i] ? xfi ? 6 : 10 : 0;
		w[1][i] = a[i];
	}
	start(&m, BOARDS, 2, 2);
	number_key(&m, "a", a);
	key(&m, "text", text);
	word(&m, 1, 0x1000, w[0]);
	word(&m, 1, 0x1004, w[1]);
	ok(learn(&m) && rule(&m, "a", 0x1004), "a flag that lets a word through has its own place");
	ok(!rule(&m, "a", 0x1000), "and no part of the word's");
	finish(&m);
}

static void test_nowhere(void)
{
	unsigned int a[BOARDS], b[BOARDS];
	struct made m;

	flags(a, 1);
	flags(b, 2);
	start(&m, BOARDS, 2, 1);
	number_key(&m, "a", a);
	number_key(&m, "b", b);
	word(&m, 1, 0x1000, a);
	ok(learn(&m) && rule(&m, "a", 0x1000) && m.learning.nowhere[2] && m.learning.buildable[2],
	   "a key that no bit follows goes nowhere");
	finish(&m);
}

int main(void)
{
	test_conversions();
	test_never();
	test_agreed();
	test_held_back();
	test_unknown();
	test_let_through();
	test_nowhere();
	return tap_done();
}
