/* SPDX-License-Identifier: GPL-2.0-only */
/* What a release consists of. For user/fw only: what makes, reads and writes releases.
 */
#ifndef CXFLASH_FW_RELEASE_RELEASE_MODEL_H
#define CXFLASH_FW_RELEASE_RELEASE_MODEL_H

#include <stdbool.h>

#include "fw/image/dump.h"
#include "release.h"

#define FW_WORD_SIZE 12	  /* one configuration word: address, value, mask (fs2-image 8) */
#define FW_MAX_KEYS  4096 /* the largest ini seen has 148 */
#define FW_MAX_BINDS 64	  /* places of one key; the parameter map has up to 2 */
#define FW_NO_PART   SIZE_MAX

/* A stretch of the image; together, in order, they fill it from 0x38 to its end. */
struct fw_part {
	enum { FW_PART_BOOT, FW_PART_SECTION, FW_PART_GAP } kind;
	uint32_t type, param; /* of a section */
	uint32_t size_word;   /* of a section */
	size_t place;	      /* of a section: its number in the list that links them, from 1 */
	bool crc_kept;	      /* the stored CRC word is @crc, not what the bytes give */
	uint32_t crc;
	uint8_t *bytes; /* boot section: all but its CRC word; section: its data */
	size_t len;
};

/* Bits of a configuration word that have a name. */
struct fw_param {
	char *path;
	size_t part, offset; /* of the word: the part, and the byte in its data */
	unsigned int bit, size;
};

/* Where a key's value goes; a FW_TARGET_WORD goes into every parameter of that path. */
struct fw_bind {
	enum fw_target target;
	char *path;
	enum fw_transform transform;
	enum fw_confidence confidence;
	char *by; /* of FW_CLAIMED: "FILE:LINE"; NULL otherwise */
	bool absent_known;
	uint32_t absent; /* what is compiled there if the ini does not state the key */
};

struct fw_key {
	char *section, *name;
	char *value; /* in the ini the release was compiled with; NULL: not there */
	struct fw_bind *bind;
	size_t binds;
	char *why; /* of a key without: why no place could be claimed for it; NULL: nobody tried */
};

struct fw_job;

/* Who compiles keys that no binding tells of: what was learnt (map/use.c). */
struct fw_compiler {
	/* Is the key its own, for better or worse? */
	bool (*has)(const struct fw_compiler *self, const char *section, const char *key);
	/* Compile all keys of the job's ini that differ and are its own. */
	int (*compile)(const struct fw_compiler *self, struct fw_job *job, struct cx_err *err);
	void (*free)(struct fw_compiler *self);
	bool knows_release; /* no number goes where it does not say */
};

struct fw_release {
	char chip[8];
	/* Header words that say nothing about the layout (fs2-image 3). */
	uint32_t boot[4];  /* 0x10 - 0x1c */
	uint16_t revision; /* 0x20, upper half */
	uint32_t format;   /* 0x24 */
	uint32_t failsafe; /* 0x28 */
	uint32_t end;	   /* the last section's next: 0 or 0xff000000 */
	bool crc_kept;	   /* the whole-image CRC is @crc, not what the bytes give */
	uint16_t crc;

	struct fw_part *part;
	size_t parts;
	size_t info, guid, ini; /* the parts the header points to, and the ini; or FW_NO_PART */
	int ini_level;		/* zlib level for another text than the release's own */

	struct fw_param *parameter;
	size_t parameters;
	struct fw_key *key;
	size_t keys;
	struct fw_compiler *compiler; /* owned; NULL */
};

/* release.c. What adds, takes over nothing: strings are copied. All fail for lack of memory. */
struct fw_release *fw_release_new(void);
struct fw_part *fw_release_add_part(struct fw_release *rel);
struct fw_key *fw_release_add_key(struct fw_release *rel, const char *section, const char *name,
				  const char *value);
struct fw_key *fw_release_key(const struct fw_release *rel, const char *section, const char *name);
/* A place that the key has already stays as it is, but learns what it holds without the key. */
int fw_key_bind(struct fw_key *key, const struct fw_bind *bind);
/* CX_INVALID if the bits are outside the word's mask or are another parameter's. */
int fw_release_add_param(struct fw_release *rel, const struct fw_param *param, struct cx_err *err);
/* Name the bits of @rule in every configuration word of its address that owns them; none does: a
 * success. */
int fw_release_name_bits(struct fw_release *rel, const struct fw_rule *rule, struct cx_err *err);
bool fw_release_has_param(const struct fw_release *rel, const char *path);
/* Are these the bytes of configuration words that can be named: ascending, aligned, in CR space,
 * no value outside its mask? */
bool fw_words_regular(const struct fw_part *part);

/* The text of the release's ini, with the NUL bytes that may follow it; owned by the caller. */
int fw_release_text(const struct fw_release *rel, char **text, size_t *len, struct cx_err *err);
/* Image Info of the release, which must have it. */
int fw_release_info(const struct fw_release *rel, struct fw_info *info, struct cx_err *err);

/* layout.c: lay out @part (as many as @rel has) under the header of @rel, and link the sections
 * by their places, which must be a list (else CX_INVALID). *@bytes is owned by the caller. */
int fw_assemble(const struct fw_release *rel, const struct fw_part *part, uint8_t **bytes,
		size_t *size, struct cx_err *err);
/* Make the body of an ini section: @text deflated and padded to a word. */
int fw_pack_ini(const char *text, size_t len, int level, uint8_t **body, size_t *body_len,
		struct cx_err *err);

/* job.c: one fw_build(). The release stays as it is, its parts are changed in a copy. */
struct fw_job {
	const struct fw_release *rel;
	struct fw_part *part;
	uint32_t boot[4]; /* the header's, as rel->boot */
	const struct fw_ini *ini;
	const struct fw_build_options *opt;
};
void fw_job_note(const struct fw_job *job, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/*
 * What cannot be compiled: with --ini-text-only it is noted and 1 returned, else it is CX_REFUSED
 * and -1.
 */
int fw_job_refuse(const struct fw_job *job, struct cx_err *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* compile.c: the new value of a key goes into all its places, or into none. */
int fw_compile_key(const struct fw_job *job, const struct fw_key *key, const char *value,
		   struct cx_err *err);
/* The record of a tag in Image Info, which must be well-formed as far as it is asked for; NULL if
 * it is absent. */
uint8_t *fw_find_record(const struct fw_part *info, unsigned int tag, uint32_t *len);
/* Keys that share bits must agree on them, after all of them were compiled. */
int fw_compile_agree(const struct fw_job *job, struct cx_err *err);

#endif
