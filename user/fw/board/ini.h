/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Board parameters: the .ini text (mlx-ini 2). The text is kept as it is; a change touches its line
 * only.
 */
#ifndef CXFLASH_FW_BOARD_INI_H
#define CXFLASH_FW_BOARD_INI_H

#include <stddef.h>
#include <stdint.h>

#include "fw/err.h"
#include "fw/image/image.h"

/* A vendor's ini has 5 kB and 148 keys. These stop a bomb, as each key is looked up among all. */
#define FW_INI_KEYS 2048

struct fw_ini_entry {
	char *section, *key, *value; /* value without surrounding blanks */
	unsigned int line;	     /* from 1 */
};

struct fw_ini {
	char *text; /* owned; what would be embedded, byte for byte */
	size_t len;
	struct fw_ini_entry *entry; /* in file order */
	size_t entries;
	char *doubt; /* owned; from fw_ini_read(): why fw_ini_parse() would refuse it, or NULL */
	const char *was; /* what the file was, if that was no plain text: "UTF-16", or NULL */
};

/*
 * Parse a text. CX_INVALID, with "line N", for what is no ini: no key at all, NUL bytes inside, a
 * key outside a section, a line that is neither section, key nor comment, one key twice with
 * different values, no or a malformed PSID (1..16 printable ASCII characters) where one is stated,
 * a value that is no UTF-8 or stands in a word processor's quotes. The caller frees with
 * fw_ini_free(). NUL bytes at the end are padding and dropped.
 */
int fw_ini_parse(const char *text, size_t len, struct fw_ini *ini, struct cx_err *err);
/*
 * Take an embedded ini as it was found: what fw_ini_parse() refuses is skipped and told in
 * ini->doubt; only more than FW_INI_MAX bytes or FW_INI_KEYS keys are CX_INVALID. Of a key stated
 * twice the last counts. fw_build() accepts a doubtful ini only where it is the release's own.
 */
int fw_ini_read(const char *text, size_t len, struct fw_ini *ini, struct cx_err *err);
/* The same of a file as editors and shells leave it: fw_text_plain(), and ini->was tells. */
int fw_ini_parse_file(const uint8_t *bytes, size_t len, struct fw_ini *ini, struct cx_err *err);
int fw_ini_read_file(const uint8_t *bytes, size_t len, struct fw_ini *ini, struct cx_err *err);
void fw_ini_free(struct fw_ini *ini);

/* Section names are case-sensitive, keys are not. NULL if absent; owned by the ini. */
const char *fw_ini_get(const struct fw_ini *ini, const char *section, const char *key);
/* The PSID, by the search order of mlx-ini 2b; NULL if none. */
const char *fw_ini_psid(const struct fw_ini *ini);

/*
 * What is odd, but no reason to refuse: another encoding, sections that no ini of these cards has,
 * keys stated twice alike, no PSID. @fn gets a sentence for each, with its line, up to
 * FW_INI_ODDITIES; returns how many.
 */
#define FW_INI_ODDITIES 20
typedef void (*fw_ini_oddity_fn)(const char *text, void *ctx);
size_t fw_ini_oddities(const struct fw_ini *ini, fw_ini_oddity_fn fn, void *ctx);

/* Change or add one value; every other byte of the text stays. A missing section is appended. */
int fw_ini_set(struct fw_ini *ini, const char *section, const char *key, const char *value,
	       struct cx_err *err);
/*
 * "SECTION.KEY" in two: both are in the piece that *section names, which the caller frees.
 * CX_USAGE if it is not that.
 */
int fw_ini_name(const char *name, char **section, const char **key, struct cx_err *err);
/* fw_ini_set() of "SECTION.KEY=VALUE". */
int fw_ini_assign(struct fw_ini *ini, const char *text, struct cx_err *err);
/* Take out every line that states the key; none is a success. */
int fw_ini_remove(struct fw_ini *ini, const char *section, const char *key, struct cx_err *err);
/* Give the board a new PSID, and a new Name if @name is not NULL. */
int fw_ini_rebrand(struct fw_ini *ini, const char *psid, const char *name, struct cx_err *err);

/* A number as inis write it: decimal, 0x hex, true/false. -1 if it is none of them. */
int fw_ini_number(const char *value, unsigned long *number);

#endif
