// SPDX-License-Identifier: GPL-2.0-only
/* Results, as text or as one JSON object. */
#define _GNU_SOURCE
#include "print.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fw/text.h"

#define LABEL_WIDTH 18

/* Controls, and marks that turn the order of what follows: text may not play with a terminal. */
static bool plays(uint32_t code)
{
	return code < 0xa0 || (code >= 0x200b && code <= 0x200f) ||
	       (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) ||
	       code == 0xfeff;
}

char *printable(char *text)
{
	uint32_t code;
	size_t len;

	for (char *c = text; *c; c += len) {
		len = fw_utf8(c, &code);
		if (!len || code < ' ' || (code > '~' && plays(code))) {
			*c = '?';
			len = 1;
		}
	}
	return text;
}

void out_begin(struct out *out)
{
	if (out->json)
		out->at[0] = json_object_new_object();
}

int out_end(struct out *out)
{
	if (out->json) {
		if (out->notes)
			json_object_object_add(out->at[0], "notes", out->notes);
		fprintf(out->to, "%s\n",
			json_object_to_json_string_ext(out->at[0],
						       JSON_C_TO_STRING_PLAIN |
							       JSON_C_TO_STRING_NOSLASHESCAPE));
		json_object_put(out->at[0]);
	}
	return fflush(out->to) || ferror(out->to) ? -1 : 0;
}

static void add(struct out *out, const char *key, struct json_object *value)
{
	struct json_object *at = out->at[out->depth];

	if (json_object_is_type(at, json_type_array))
		json_object_array_add(at, value);
	else
		json_object_object_add(at, key, value);
}

void out_no_memory(void)
{
	fputs("cxflashctl: out of memory\n", stderr);
	exit(1);
}

/* vsnprintf into memory of the right size, printable; never NULL. */
static char *format(const char *fmt, va_list ap)
{
	char *text;

	if (vasprintf(&text, fmt, ap) < 0)
		out_no_memory();
	return printable(text);
}

static void label_line(struct out *out, const char *label, const char *text)
{
	int width;

	if (out->raw)
		return;
	width = fprintf(out->to, "%s:", label);
	fprintf(out->to, "%*s%s\n", width < LABEL_WIDTH ? LABEL_WIDTH - width : 1, "", text);
}

void out_text(struct out *out, const char *key, const char *label, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = format(fmt, ap);
	va_end(ap);
	if (out->json && key)
		add(out, key, json_object_new_string(text));
	if (!out->json && label)
		label_line(out, label, text);
	free(text);
}

void out_known(struct out *out, const char *key, const char *label, const char *text,
	       const char *unknown)
{
	if (*text)
		out_text(out, key, label, "%s", text);
	else
		out_null(out, key);
	if (!*text && label)
		out_text(out, NULL, label, "%s", unknown);
}

void out_number(struct out *out, const char *key, const char *label, uint64_t number)
{
	char text[24];

	if (out->json && key)
		add(out, key, json_object_new_uint64(number));
	if (!out->json && label) {
		snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
		label_line(out, label, text);
	}
}

void out_flag(struct out *out, const char *key, bool flag)
{
	if (out->json)
		add(out, key, json_object_new_boolean(flag));
}

void out_null(struct out *out, const char *key)
{
	if (out->json)
		add(out, key, NULL);
}

static void nest(struct out *out, const char *key, struct json_object *child)
{
	add(out, key, child);
	if (++out->depth == OUT_DEPTH)
		abort();
	out->at[out->depth] = child;
}

void out_object(struct out *out, const char *key)
{
	if (out->json)
		nest(out, key, json_object_new_object());
}

void out_array(struct out *out, const char *key)
{
	if (out->json)
		nest(out, key, json_object_new_array());
}

void out_close(struct out *out)
{
	if (out->json)
		out->depth--;
}

void out_say(struct out *out, const char *fmt, ...)
{
	va_list ap;
	char *text;

	if (out->json || out->raw)
		return;
	va_start(ap, fmt);
	text = format(fmt, ap);
	va_end(ap);
	fprintf(out->to, "%s\n", text);
	free(text);
}

static void line_in(struct out *out, enum out_color color, const char *text, int len)
{
	static const char *const escape[] = {"", "\033[32m", "\033[33m", "\033[31m"};

	if (out->color && color != OUT_PLAIN)
		fprintf(out->to, "%s%.*s\033[0m\n", escape[color], len, text);
	else
		fprintf(out->to, "%.*s\n", len, text);
}

void out_say_in(struct out *out, enum out_color color, const char *fmt, ...)
{
	va_list ap;
	char *text;

	if (out->json || out->raw)
		return;
	va_start(ap, fmt);
	text = format(fmt, ap);
	va_end(ap);
	line_in(out, color, text, strlen(text));
	free(text);
}

size_t text_fold(const char *text, size_t width, size_t indent)
{
	size_t at = strlen(text);

	if (!width || at <= width)
		return at;
	for (size_t i = width; i > indent; i--)
		if (text[i] == ' ')
			return i;
	return at;
}

void out_item_in(struct out *out, enum out_color color, unsigned int indent, const char *fmt, ...)
{
	char *text, *rest;
	size_t at;
	va_list ap;

	if (out->json || out->raw)
		return;
	va_start(ap, fmt);
	text = format(fmt, ap);
	va_end(ap);
	rest = text;
	/* What follows is moved in over what has been printed, which is longer than that. */
	while (at = text_fold(rest, out->width, indent), rest[at]) {
		line_in(out, color, rest, at);
		rest += at + 1 - indent;
		memset(rest, ' ', indent);
	}
	line_in(out, color, rest, at);
	free(text);
}

void out_note(struct out *out, const char *fmt, ...)
{
	va_list ap;
	char *text;

	if (out->quiet)
		return;
	va_start(ap, fmt);
	text = format(fmt, ap);
	va_end(ap);
	if (!out->json) {
		fprintf(out->raw ? stderr : out->to, "Note: %s\n", text);
	} else {
		if (!out->notes)
			out->notes = json_object_new_array();
		json_object_array_add(out->notes, json_object_new_string(text));
	}
	free(text);
}

void out_note_text(const char *text, void *ctx)
{
	out_note(ctx, "%s", text);
}
