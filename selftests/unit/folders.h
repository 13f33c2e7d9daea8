/* SPDX-License-Identifier: GPL-2.0-only */
/* Trees of small files that stand in for sysfs. */
#ifndef CXFLASH_FOLDERS_H
#define CXFLASH_FOLDERS_H

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* The folders of a path, but not its last part. */
static void make_dirs(const char *path)
{
	char part[PATH_MAX];

	snprintf(part, sizeof(part), "%s", path);
	for (char *c = part + 1; *c; c++)
		if (*c == '/') {
			*c = 0;
			if (mkdir(part, 0755) && errno != EEXIST)
				abort();
			*c = '/';
		}
}

__attribute__((format(printf, 2, 3))) static void put(const char *text, const char *fmt, ...)
{
	char path[PATH_MAX];
	va_list ap;
	FILE *f;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	make_dirs(path);
	f = fopen(path, "w");
	if (!f || fputs(text, f) < 0 || fclose(f))
		abort();
}

#endif
