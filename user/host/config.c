// SPDX-License-Identifier: GPL-2.0-only
/* Lines of configuration files. */
#define _GNU_SOURCE
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- files ---- */

static const char *const modprobe_folders[] = {
	"/etc/modprobe.d",     "/run/modprobe.d", "/usr/local/lib/modprobe.d",
	"/usr/lib/modprobe.d", "/lib/modprobe.d", NULL,
};
static const char *const udev_folders[] = {
	"/etc/udev/rules.d",	 "/run/udev/rules.d", "/usr/local/lib/udev/rules.d",
	"/usr/lib/udev/rules.d", "/lib/udev/rules.d", NULL,
};

struct file {
	const char *folder;
	char name[256];
};

struct search {
	const struct cx_machine *m;
	const char *ending; /* of the files' names */
	bool (*match)(const struct search *s, char **line);
	const char *verb, *word;
	config_fn fn;
	void *ctx;
	struct file *file;
	size_t files;
};

/* A line that ends with a backslash goes on in the next. Returns how many they are. */
static unsigned int join_lines(char *text, char **rest)
{
	unsigned int lines = 1;
	char *end = text;

	while ((end = strchr(end, '\n')) && end > text && end[-1] == '\\') {
		end[-1] = end[0] = ' ';
		lines++;
	}
	if (end)
		*end++ = '\0';
	*rest = end;
	return lines;
}

static void read_file(const struct search *s, const struct file *file)
{
	char path[320], *text, *rest, *at;
	struct config_line line = {.file = path};
	unsigned int number = 1, lines;
	long len;

	snprintf(path, sizeof(path), "%s/%s", file->folder, file->name);
	len = cx_machine_file(s->m, path, &text);
	if (len < 0) {
		line.error = (int)len;
		s->fn(&line, s->ctx);
		return;
	}
	for (at = text; at; at = rest, number += lines) {
		lines = join_lines(at, &rest);
		if (!s->match(s, &at))
			continue;
		line.number = number;
		line.text = at;
		s->fn(&line, s->ctx);
	}
	free(text);
}

static bool is_hidden(const struct search *s, const char *name)
{
	for (size_t i = 0; i < s->files; i++)
		if (!strcmp(s->file[i].name, name))
			return true;
	return false;
}

static int add_files(struct search *s, const char *folder)
{
	struct config_line unread = {.file = folder};
	const size_t ending = strlen(s->ending);
	struct cx_names names;
	struct file *more;

	unread.error = cx_machine_names(s->m, folder, &names);
	if (unread.error && unread.error != -ENOENT)
		s->fn(&unread, s->ctx);
	for (size_t i = 0; i < names.count; i++) {
		size_t len = strlen(names.name[i]);

		if (len <= ending || strcmp(names.name[i] + len - ending, s->ending) ||
		    is_hidden(s, names.name[i]))
			continue;
		more = realloc(s->file, (s->files + 1) * sizeof(*more));
		if (!more) {
			free(names.name);
			return -ENOMEM;
		}
		s->file = more;
		more += s->files++;
		more->folder = folder;
		memcpy(more->name, names.name[i], sizeof(more->name));
	}
	free(names.name);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct file *)a)->name, ((const struct file *)b)->name);
}

static int search(struct search *s, const char *const *folder)
{
	int ret = 0;

	for (; *folder && !ret; folder++)
		ret = add_files(s, *folder);
	if (s->files)
		qsort(s->file, s->files, sizeof(*s->file), by_name);
	for (size_t i = 0; i < s->files && !ret; i++)
		read_file(s, &s->file[i]);
	free(s->file);
	return ret;
}

/* ---- modprobe ---- */

bool config_same_module(const char *a, const char *b)
{
	while (*a && (*a == *b || (strchr("-_", *a) && *b && strchr("-_", *b)))) {
		a++;
		b++;
	}
	return !*a && !*b;
}

/* The next word of a line, "" at its end. */
static char *next_word(char **rest)
{
	char *word = *rest + strspn(*rest, " \t");

	*rest = word + strcspn(word, " \t");
	if (**rest)
		*(*rest)++ = '\0';
	return word;
}

static bool is_directive(const struct search *s, char **line)
{
	if (strcmp(next_word(line), s->verb) || !config_same_module(next_word(line), s->word))
		return false;
	*line += strspn(*line, " \t");
	return true;
}

int config_modprobe(const struct cx_machine *m, const char *verb, const char *module, config_fn fn,
		    void *ctx)
{
	struct search s = {.m = m,
			   .ending = ".conf",
			   .match = is_directive,
			   .verb = verb,
			   .word = module,
			   .fn = fn,
			   .ctx = ctx};

	return search(&s, modprobe_folders);
}

/* ---- udev ---- */

static bool has_word(const struct search *s, char **line)
{
	*line += strspn(*line, " \t");
	return **line != '#' && strstr(*line, s->word);
}

int config_udev(const struct cx_machine *m, const char *word, config_fn fn, void *ctx)
{
	struct search s = {
		.m = m, .ending = ".rules", .match = has_word, .word = word, .fn = fn, .ctx = ctx};

	return search(&s, udev_folders);
}

/* ---- the kernel's command line ---- */

char *config_option(const struct cx_machine *m, const char *option, int *error)
{
	char *text, *rest, *word, *value;
	const char *last = "";
	size_t len = strlen(option);
	long ret = cx_machine_file(m, "/proc/cmdline", &text);

	*error = ret < 0 && ret != -ENOENT ? (int)ret : 0;
	if (*error)
		return NULL;
	rest = text;
	while ((word = strsep(&rest, " \n")))
		if (!strncmp(word, option, len) && word[len] == '=')
			last = word + len + 1;
	value = strdup(last);
	*error = value ? 0 : -ENOMEM;
	free(text);
	return value;
}
