/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a function of the user-space side fails: it returns -1 and says why.
 *
 * A status is the exit code the tool ends with. The text is one line without a final newline; it
 * names the place (file:line, section, address) and, where there is one, the next step.
 */
#ifndef CXFLASH_FW_ERR_H
#define CXFLASH_FW_ERR_H

#include <stddef.h>

enum cx_status {
	CX_OK = 0,
	CX_FAILED = 1,	  /* failed; the message says what the card holds */
	CX_NOTHING = 2,	  /* nothing to do */
	CX_NOT_FOUND = 3, /* no such card or file */
	CX_BUSY = 4,	  /* locked by another, or owned by another driver */
	CX_INVALID = 5,	  /* an input does not verify */
	CX_REFUSED = 6,	  /* refused by a safety check */
	CX_UNKNOWN = 7,	  /* state of the card unknown */
	CX_USAGE = 64,
};

/* No message is cut where it names a path, or two of them. */
#define CX_TEXT 9216

struct cx_err {
	enum cx_status status;
	char text[CX_TEXT];
};

/* Fill *err and return -1, so that a caller can "return cx_fail(err, ...)". */
int cx_fail(struct cx_err *err, enum cx_status status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Put "prefix: " before the text of *err and return -1; for the layer that knows the file's name.
 */
int cx_fail_in(struct cx_err *err, const char *prefix);

/*
 * A word as a shell takes it, so that advice can be copied: @word itself, or quoted in @buf. What
 * does not fit is @word.
 */
const char *cx_shell_word(const char *word, char *buf, size_t size);

/* Put more words behind the text; -1 likewise. */
int cx_fail_after(struct cx_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
