// SPDX-License-Identifier: GPL-2.0-only
/* Failing: a status, and a text that grows outwards. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "err.h"

int cx_fail(struct cx_err *err, enum cx_status status, const char *fmt, ...)
{
	va_list ap;

	err->status = status;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return -1;
}

int cx_fail_in(struct cx_err *err, const char *prefix)
{
	size_t room = sizeof(err->text), len = strlen(err->text), front = strlen(prefix) + 2;

	if (front >= room)
		return -1;
	if (len > room - 1 - front)
		len = room - 1 - front;
	memmove(err->text + front, err->text, len);
	err->text[front + len] = '\0';
	memcpy(err->text, prefix, front - 2);
	memcpy(err->text + front - 2, ": ", 2);
	return -1;
}

int cx_fail_after(struct cx_err *err, const char *fmt, ...)
{
	size_t used = strlen(err->text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->text + used, sizeof(err->text) - used, fmt, ap);
	va_end(ap);
	return -1;
}

const char *cx_shell_word(const char *word, char *buf, size_t size)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "_./:@%+=,-";
	size_t used = 0;

	if (*word && word[strspn(word, plain)] == '\0')
		return word;
	if (size < 3)
		return word;
	buf[used++] = '\'';
	for (const char *c = word; *c; c++) {
		if (used + 6 > size)
			return word;
		if (*c == '\'')
			used += sprintf(buf + used, "'\\''");
		else
			buf[used++] = *c;
	}
	buf[used++] = '\'';
	buf[used] = '\0';
	return buf;
}
