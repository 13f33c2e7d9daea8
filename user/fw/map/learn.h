/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From evidence to rules. A rule is learnt only where everything else that could explain the bits
 * is ruled out, and chance is unlikely; what is not learnt is kept as a claim, which can forbid a
 * change but never make one. cxflash-map(5) states the rules for people.
 */
#ifndef CXFLASH_FW_MAP_LEARN_H
#define CXFLASH_FW_MAP_LEARN_H

#include "evidence.h"

/* How what a key says becomes bits. */
enum fw_conversion {
	FW_TO_FLAG,	/* true is 1 */
	FW_TO_INVERTED, /* true is 0 */
	FW_TO_NUMBER,
	FW_TO_LOG2, /* 2^n is n */
	FW_TO_CODE, /* each word has a number of its own */
};

/* A factor, over the boards that count. */
struct fw_view {
	enum fw_view_kind { FW_STILL, FW_SAYS_FLAG, FW_SAYS_NUMBER, FW_SAYS_WORD } kind;
	unsigned int classes;	   /* values that differ; "not stated" is one too */
	uint16_t class[FW_BOARDS]; /* of each board that counts */
	struct fw_set *of;	   /* the boards of each class; owned */
	struct fw_set present;
	struct fw_set unknown;		 /* of what no ini states: the image does not tell */
	unsigned long number[FW_BOARDS]; /* of each that states one */
	unsigned int width;		 /* bits of the largest number */
	unsigned int log2_width;	 /* of the largest exponent; 0: not all are powers of two */
	struct fw_set other_than_zero;
	bool switches; /* few enough values to switch others on and off */
	bool chooses;  /* by each of its values; else by whether it is 0 */
	bool whole;    /* only values seen on a board are taken */
};

/* A bit that is not the same on all boards that count. */
struct fw_bit {
	size_t word;
	unsigned int bit;
	struct fw_set ones;
	bool loose;   /* it moves between boards of one configuration: no key moves it */
	bool claimed; /* a single factor explains it */
	bool named;   /* and a rule was learnt of it */
	bool agreed;  /* no rule, but written where all that explain it put the same */
};

/* A factor that explains bits of a word. */
struct fw_claim {
	size_t factor, word;
	enum fw_conversion how;
	unsigned int bit, size;
	uint32_t moves;	 /* bits of the word that it explains */
	uint32_t own;	 /* those of them that nothing else does */
	uint32_t shared; /* those that other keys may, but nothing else */
	bool learnt;
	bool sure;   /* no chance: these bits are its key's, or another's that claims them too */
	bool agreed; /* sure, and no rule: see fw_find_agreed() */
	bool weak;   /* but for a few boards: no explanation, yet a doubt */
	bool absent_known;
	uint32_t absent; /* the field where the key is not stated */
	uint32_t *code;	 /* of each class: the field; owned, FW_TO_CODE only */
	double bits;	 /* of evidence beyond what chance is likely to give */
};

/* A bit that no single factor explains follows these two together: value j of one (a bit of its
 * number; -1: its value), switched by the other. */
struct fw_joint {
	size_t bit, factor, by;
	int j;
};

/* A board whose ini says of a key what its bits do not. */
struct fw_edit {
	size_t factor, board;
};

struct fw_learning {
	const struct fw_evidence *ev;
	struct fw_set all;				    /* the boards that count */
	struct fw_set use;				    /* one of each configuration */
	struct fw_set edited;				    /* whose ini contradicts their bits */
	struct fw_edit edit[FW_BOARDS], suspect[FW_BOARDS]; /* suspects may be as compiled */
	size_t edits, suspects;
	struct fw_view *view; /* of each factor */
	struct fw_bit *bit;
	size_t bits;
	struct fw_claim *claim;
	size_t claims;
	struct fw_joint *joint;
	size_t joints;
	bool *buildable; /* of each factor: a pair of boards that differs in it is explained */
	bool *nowhere;	 /* of each factor: buildable, and compiled nowhere */
};

/*
 * Learn from all boards but those of @without (NULL: none). *@l points into @ev. The caller frees
 * with fw_learning_free().
 */
int fw_learn(const struct fw_evidence *ev, const struct fw_set *without, struct fw_learning *l,
	     struct cx_err *err);
void fw_learning_free(struct fw_learning *l);

/* What view.c, claim.c, chance.c, pairs.c and learn.c share. */
int fw_view_make(const struct fw_learning *l, size_t factor, struct fw_view *v);
void fw_view_free(struct fw_view *v);
/* The class of what @said says; -1 if no board that counts says it. */
int fw_view_class(const struct fw_learning *l, size_t factor, const char *said);
/* The boards whose number has bit @j set. */
struct fw_set fw_view_bit(const struct fw_learning *l, size_t factor, unsigned int j);
int fw_add_claim(struct fw_learning *l, const struct fw_claim *claim);
/* Does the factor explain bits anywhere? */
bool fw_has_claim(const struct fw_learning *l, size_t factor);
int fw_find_claims(struct fw_learning *l);
/* For bits without a claim: who would explain them but for one board in ten? */
int fw_find_weak_claims(struct fw_learning *l);
/* The bits of the largest number that its key states, as it is compiled. */
unsigned int fw_claim_width(const struct fw_learning *l, const struct fw_claim *c);
/* Give a claim of a word its code; -1 for lack of memory. */
int fw_claim_code(const struct fw_learning *l, struct fw_claim *c);
/* The boards that contradict a weak one. */
struct fw_set fw_claim_against(const struct fw_learning *l, const struct fw_claim *c);
/* Boards whose ini contradicts what a key is seen to do on all others: 1 if there are. */
int fw_find_edited(struct fw_learning *l);
/* Boards of which the same may be said, or that another key holds this one back there. */
int fw_find_suspects(struct fw_learning *l);
int fw_weigh_claims(struct fw_learning *l);
/* A flag, a word, or a number that chooses; or one that is there or not, or 0. */
bool fw_may_switch(const struct fw_learning *l, size_t factor);
/* Is @ones the same wherever the switch @by and what it switches, a part of the boards, are? */
bool fw_is_switched(const struct fw_learning *l, const struct fw_set *ones,
		    const struct fw_set *part, size_t parts, size_t by);
/* Could the bits of a claim be what @factor says, with the claim's key as its switch? */
bool fw_could_be_switched(const struct fw_learning *l, const struct fw_claim *c, size_t factor);
int fw_find_joints(struct fw_learning *l);
int fw_find_buildable(struct fw_learning *l);
int fw_drop_switches(struct fw_learning *l);
/*
 * Bits that several keys explain, or a key with another that it may switch, are nobody's rule. Yet
 * where all of these explanations put the same value, it is known.
 */
void fw_find_agreed(struct fw_learning *l);

static inline bool fw_is_known(const struct fw_claim *c)
{
	return c->learnt || c->agreed;
}

/* How boards are related; tree.c. */
struct fw_tree;
struct fw_tree *fw_tree_make(const struct fw_learning *l);
void fw_tree_free(struct fw_tree *t);
/* What it costs to tell a column along the tree, in bits. */
double fw_tree_bits(const struct fw_tree *t, const struct fw_set *ones, const struct fw_set *use);

/* What a release tells of causes that no ini states; chance.c. */
#define FW_PLACES 4
struct fw_chance {
	struct fw_tree *tree;
	unsigned int strays;		       /* different columns that nothing explains */
	unsigned int handed;		       /* of those, handed on along the tree */
	unsigned int stray[FW_BOARDS / 2 + 1]; /* the others that part off so many boards */
	unsigned int *places;		       /* where each factor may be compiled; owned */
	unsigned int keys[FW_PLACES];	       /* keys that so many places follow */
};
int fw_chance_make(const struct fw_learning *l, struct fw_chance *ch);
void fw_chance_free(struct fw_chance *ch);
/* How unlikely it is, in bits, that chance moves the @own bits of a claim, over the boards @use. */
double fw_chance_bits(const struct fw_learning *l, const struct fw_chance *ch,
		      const struct fw_claim *c, uint32_t own, const struct fw_set *use);

/* The field that a claim puts for @said; -1 if it cannot be told: a word that was not seen often
 * enough, a number that does not fit. */
int fw_claim_field(const struct fw_learning *l, const struct fw_claim *c, const char *said,
		   uint32_t *field);
/* The index of the moved bit, or -1. */
long fw_bit_find(const struct fw_learning *l, size_t word, unsigned int bit);

/* One board that is to become another: what its ini says and shall say, of each factor, and what
 * its words hold, of each word that moves (@has: it has the word). */
struct fw_change {
	const char **from, **to;
	uint32_t *value;
	bool *has;
};
struct fw_refusal {
	size_t factor; /* the key that is refused */
	char why[400];
};
/*
 * May it be built with what was learnt? -1 with the key that may not change. The rules are those
 * of cxflash-map(5): each changed key is explained, its value allowed, seen together with all that
 * could switch it, and no bit without a rule would have to follow it.
 */
int fw_change_judge(const struct fw_learning *l, const struct fw_change *change,
		    struct fw_refusal *no);

#define FW_FIELD_GAP 3 /* bits of one field are no further apart */

#define FW_CHANCE_BITS 7 /* a rule by chance in less than one of 2^7 releases */

#endif
