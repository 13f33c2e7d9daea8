// SPDX-License-Identifier: GPL-2.0-only
/* Which processes have a file open, as /proc tells; among others the registers of a card. */
#define _GNU_SOURCE
#include "openers.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sysfs.h"

struct search {
	opener_file_fn file;
	const void *ctx;
};

/* One of its open files, or NULL. */
static const char *open_file(const struct search *s, const char *process)
{
	char folder[PATH_MAX], target[PATH_MAX];
	const char *file = NULL;
	struct dirent *e;
	DIR *dir;

	snprintf(folder, sizeof(folder), "%.*s/fd", PATH_MAX - 4, process);
	dir = opendir(folder);
	while (dir && !file && (e = readdir(dir))) {
		ssize_t n = readlinkat(dirfd(dir), e->d_name, target, sizeof(target) - 1);

		target[n > 0 ? n : 0] = '\0';
		file = s->file(target, s->ctx);
	}
	if (dir)
		closedir(dir);
	return file;
}

/* One that it has mapped: the path ends a line, and comes after the only slash. */
static const char *mapped_file(const struct search *s, const char *process)
{
	char path[PATH_MAX], *line = NULL, *at;
	const char *file = NULL;
	size_t room = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%.*s/maps", PATH_MAX - 6, process);
	f = fopen(path, "re");
	while (f && !file && getline(&line, &room, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		at = strchr(line, '/');
		file = at ? s->file(at, s->ctx) : NULL;
	}
	free(line);
	if (f)
		fclose(f);
	return file;
}

void openers_each(const struct cx_pci_root *root, opener_file_fn file, const void *file_ctx,
		  void (*tell)(void *ctx, const char *pid, const char *program, const char *file),
		  void *ctx)
{
	const struct search search = {file, file_ctx};
	DIR *dir = opendir(root->proc);
	char path[PATH_MAX], comm[PATH_MAX + 8], program[32], self[16];
	const char *found;
	struct dirent *e;

	snprintf(self, sizeof(self), "%ld", (long)getpid());
	while (dir && (e = readdir(dir))) {
		if (strspn(e->d_name, "0123456789") != strlen(e->d_name) ||
		    !strcmp(e->d_name, self))
			continue;
		snprintf(path, sizeof(path), "%s/%s", root->proc, e->d_name);
		found = open_file(&search, path);
		if (!found)
			found = mapped_file(&search, path);
		if (!found)
			continue;
		snprintf(comm, sizeof(comm), "%s/comm", path);
		sysfs_read(comm, program, sizeof(program));
		tell(ctx, e->d_name, program, found);
	}
	if (dir)
		closedir(dir);
}

/* ---- the registers of a card ---- */

/*
 * Under /sys/devices the card's folder, above one of these; /proc/bus/pci/04/00.0, which has the
 * domain in it where that is not 0.
 */
static const char *registers(const char *path, const void *ctx)
{
	static const char *const files[] = {"config", "resource0", "resource0_wc"};
	const char *card = ctx, *base = strrchr(path, '/');
	size_t len = strlen(card);
	char proc[32];

	if (!strcmp(path, "/dev/mem"))
		return "/dev/mem";
	snprintf(proc, sizeof(proc), "%.*s/%s", 7, card, card + 8);
	if (!strncmp(path, "/proc/bus/pci/", 14) &&
	    (!strcmp(path + 14, proc) ||
	     (!strncmp(card, "0000:", 5) && !strcmp(path + 14, proc + 5))))
		return "its configuration space";
	if (strncmp(path, "/sys/", 5) || base < path + len + 1 || base[-1 - (long)len] != '/' ||
	    strncmp(base - len, card, len))
		return NULL;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (!strcmp(base + 1, files[i]))
			return i ? "its BAR 0" : "its configuration space";
	return NULL;
}

struct list {
	char *text;
	size_t size;
};

static void add(void *ctx, const char *pid, const char *program, const char *file)
{
	struct list *list = ctx;
	size_t used = strlen(list->text);

	snprintf(list->text + used, list->size - used, "%sprocess %s (%s) has %s open",
		 used ? "; " : "", pid, program, file);
}

void cx_pci_openers(const struct cx_pci_root *root, const char *name, char *text, size_t size)
{
	struct list list = {text, size};

	*text = '\0';
	openers_each(root, registers, name, add, &list);
}
