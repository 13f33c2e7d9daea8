/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TAP for unit tests. A test program calls ok() and its kin, and ends with "return tap_done();":
 * the plan is printed last, so a program that dies early has none and fails.
 */
#ifndef CXFLASH_TAP_H
#define CXFLASH_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Weak: the files of one test program count together. */
__attribute__((weak)) unsigned int tap_count, tap_failed;

__attribute__((format(printf, 4, 5), unused)) static bool tap_ok(bool good, const char *file,
								 int line, const char *fmt, ...)
{
	va_list ap;

	printf("%sok %u - ", good ? "" : "not ", ++tap_count);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	if (!good) {
		tap_failed++;
		printf("#   at %s:%d\n", file, line);
	}
	fflush(stdout);
	return good;
}

/* ok(condition, "what is true", ...) */
#define ok(cond, ...) tap_ok(cond, __FILE__, __LINE__, __VA_ARGS__)

#define is_int(got, want, ...)                                                                   \
	do {                                                                                     \
		long long got_ = (got), want_ = (want);                                          \
                                                                                                 \
		if (!ok(got_ == want_, __VA_ARGS__))                                             \
			printf("#   got %lld (0x%llx), want %lld (0x%llx)\n", got_, got_, want_, \
			       want_);                                                           \
	} while (0)

#define is_str(got, want, ...)                                                              \
	do {                                                                                \
		const char *got_ = (got), *want_ = (want);                                  \
                                                                                            \
		if (!ok(got_ && want_ && !strcmp(got_, want_), __VA_ARGS__))                \
			printf("#   got \"%s\"\n#   want \"%s\"\n", got_ ? got_ : "(null)", \
			       want_ ? want_ : "(null)");                                   \
	} while (0)

/* The text contains the part; for error messages, which must name the place. */
#define has_str(text, part, ...)                                                                   \
	do {                                                                                       \
		const char *text_ = (text), *part_ = (part);                                       \
                                                                                                   \
		if (!ok(text_ && strstr(text_, part_), __VA_ARGS__))                               \
			printf("#   \"%s\"\n#   lacks \"%s\"\n", text_ ? text_ : "(null)", part_); \
	} while (0)

/* A note that is no verdict. */
#define diag(...) (printf("# "), printf(__VA_ARGS__), putchar('\n'))

__attribute__((format(printf, 1, 2), unused)) static void tap_skip(const char *fmt, ...)
{
	va_list ap;

	printf("ok %u # SKIP ", ++tap_count);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

__attribute__((unused)) static int tap_done(void)
{
	printf("1..%u\n", tap_count);
	return tap_failed || !tap_count;
}

#endif
