/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Results: text for people, or one JSON object with the same facts.
 *
 * A fact has a key (its name in JSON) and a label (its name in text); either may be NULL, then the
 * fact is missing from that form. Text that came from a card or a file is made printable here, so
 * that no firmware can talk to a terminal.
 */
#ifndef CXFLASH_CLI_PRINT_H
#define CXFLASH_CLI_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define OUT_DEPTH 8

enum out_color { OUT_PLAIN, OUT_GOOD, OUT_WARN, OUT_BAD };

struct json_object;

struct out {
	FILE *to;
	bool json, quiet, color;
	unsigned int width; /* of the terminal; 0: unknown, or none */
	bool raw; /* standard output carries a file: no text goes there, and JSON is not asked for
		   */
	struct json_object *notes;
	struct json_object *at[OUT_DEPTH]; /* at[0] is the result; NULL in text form */
	unsigned int depth;
};

/* The members .to, .json, .quiet, .width and .color are set by the caller. */
void out_begin(struct out *out);
/* Print the JSON object, if that is the form, and give everything back. -1 if .to could not be
 * written. */
int out_end(struct out *out);

void out_text(struct out *out, const char *key, const char *label, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* A text that is "" if it is not known: then it is null in JSON, and @unknown to people. */
void out_known(struct out *out, const char *key, const char *label, const char *text,
	       const char *unknown);
void out_number(struct out *out, const char *key, const char *label, uint64_t number);
/* JSON only: text says such things in its own sentences. */
void out_flag(struct out *out, const char *key, bool flag);
void out_null(struct out *out, const char *key);

/* An object or an array inside the current one; @key is NULL inside an array. */
void out_object(struct out *out, const char *key);
void out_array(struct out *out, const char *key);
void out_close(struct out *out);

/* Text only: a sentence, a table row. The newline is added. */
void out_say(struct out *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void out_say_in(struct out *out, enum out_color color, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same, folded at a blank where the terminal ends; what follows is moved in by @indent. */
void out_item_in(struct out *out, enum out_color color, unsigned int indent, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/*
 * Something that is not wrong but should be known: a line "Note: ..." among the results (on
 * standard error where those are a file), an element of "notes" in JSON. Not with --quiet.
 */
void out_note(struct out *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The same for whom notes come through a function with a context: ctx is the struct out. */
void out_note_text(const char *text, void *ctx);

/*
 * Where @text is to be folded to fit @width: at a blank behind @indent bytes, which makes room. Its
 * length if it fits, has no such blank, or @width is 0.
 */
size_t text_fold(const char *text, size_t width, size_t indent);

/* Printing without memory ends the program. */
void out_no_memory(void) __attribute__((noreturn));

/* Replace what is no UTF-8, and characters that act on a terminal, by "?", in place. */
char *printable(char *text);

#endif
