/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parameter map: which key of the ini is compiled into which bits. One table in
 * user/data/params.tsv, built into the tool; a person adds to it with --map FILE. The format is
 * described in the head of that file and in cxflash-mlx(5).
 */
#ifndef CXFLASH_FW_BOARD_PARAMS_H
#define CXFLASH_FW_BOARD_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fw/confidence.h"
#include "fw/err.h"

/* Where a key ends up: in bits of a configuration word, or in a field of Image Info. */
enum fw_target {
	FW_TARGET_WORD,
	FW_TARGET_PSID,		/* tag 4 */
	FW_TARGET_VSD,		/* tag 5 */
	FW_TARGET_PRS,		/* tag 20 */
	FW_TARGET_DEVICE,	/* tag 3, bits 15:0 */
	FW_TARGET_NV_SECTORS,	/* tag 19, first word */
	FW_TARGET_SECTOR_LOG2K, /* tag 19, third word */
};

/* How a value is read: a number, one of true/false/0/1, or text. */
enum fw_transform {
	FW_AS_NUMBER,
	FW_AS_BOOL,
	FW_AS_TEXT,
	/* Of learnt rules only: */
	FW_AS_INVERTED,
	FW_AS_LOG2,
	FW_AS_CODE
};

struct fw_rule {
	char *chip;	     /* "MT27520", or "*" for all */
	char *section, *key; /* both NULL: a parameter whose key is not known */
	char *path;	     /* name of the parameter; NULL if the target is no word */
	enum fw_target target;
	uint32_t addr; /* FW_TARGET_WORD only, as the two below: CR-space byte address */
	unsigned int bit, size;
	enum fw_transform transform;
	enum fw_confidence confidence; /* FW_VERIFIED, FW_SEEN or FW_LEARNED */
	bool absent_known;	       /* see absent */
	uint32_t absent; /* what a release compiles whose ini does not state the key */
	char *code;	 /* of FW_AS_CODE: "WORD=0x1;..."; NULL otherwise */
	unsigned int line;
};

struct fw_params {
	struct fw_rule *rule;
	size_t rules;
};

/*
 * Add the rules of @text to *@map, which was zeroed before the first call. CX_INVALID with "line
 * N"; *@map is then as before. fw_params_free() gives everything back.
 */
int fw_params_parse(const char *text, size_t len, struct fw_params *map, struct cx_err *err);
/* The same for the table built into the tool. */
int fw_params_builtin(struct fw_params *map, struct cx_err *err);
void fw_params_free(struct fw_params *map);

/* The words of the table, by the enum's number; NULL past the last. */
const char *fw_target_name(enum fw_target target);
const char *fw_transform_name(enum fw_transform transform);
/* What a rule compiles @text into; -1 if that is not known, or it is read as text. */
int fw_rule_number(const struct fw_rule *rule, const char *text, unsigned long *number);
/* And back; -1 if @name is none of them. "word" names FW_TARGET_WORD. */
int fw_target_by_name(const char *name);
int fw_transform_by_name(const char *name);

#define FW_CR_SIZE 0x100000 /* CR space of all cards with FS2 firmware (flash-access 1) */
/* @size bits from @bit on, of a configuration word. */
uint32_t fw_field_mask(unsigned int bit, unsigned int size);
bool fw_target_is_text(enum fw_target target);
/* A number, decimal or 0x hex and nothing else, up to @max; -1 otherwise. */
int fw_number(const char *text, unsigned long max, unsigned long *number);

#endif
