/* SPDX-License-Identifier: GPL-2.0-only */
/* Text as editors and shells leave it: which encoding, and the same in UTF-8. */
#ifndef CXFLASH_FW_TEXT_H
#define CXFLASH_FW_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

enum fw_encoding {
	FW_TEXT_BYTES, /* ASCII, UTF-8, or a code page of bytes */
	FW_TEXT_UTF16_LITTLE,
	FW_TEXT_UTF16_BIG,
	FW_TEXT_UTF32,
};

/*
 * By its mark, of which *@mark is the length, or by the zeros that UTF-16 has where a text begins
 * with ASCII; an ini and a message of a tool do.
 */
enum fw_encoding fw_text_encoding(const uint8_t *bytes, size_t len, size_t *mark);

/*
 * Length of the UTF-8 character at @c, which ends with a NUL at some time, and what it is; 0: it is
 * none, but cut short, longer than it needs to be, half of a UTF-16 pair or beyond Unicode.
 */
size_t fw_utf8(const char *c, uint32_t *code);

/*
 * A file as plain text: UTF-16 becomes UTF-8 without a mark, line ends of CR alone become LF, all
 * else stays byte for byte. *@was says in a few words what it was, NULL if nothing was changed.
 * CX_INVALID, with the place and the cure, if it cannot be read surely. *@text ends with a NUL and
 * is owned by the caller.
 */
int fw_text_plain(const uint8_t *bytes, size_t len, char **text, size_t *text_len, const char **was,
		  struct cx_err *err);

/*
 * A character that word processors and web pages put where ASCII is meant, "a curly quote
 * (U+201C)" into @buf, in UTF-8 or in Windows' code page; NULL: @c is none of them. *@len is its
 * length.
 */
const char *fw_text_dressed(const char *c, size_t *len, char *buf, size_t size);

#endif
