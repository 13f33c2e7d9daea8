// SPDX-License-Identifier: GPL-2.0-only
/* What was read of a machine, kept as a tree. */
#define _GNU_SOURCE
#include "record.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BY_ADDRESS "/sys/bus/pci/devices/"
#define ADDRESS	   12 /* 0000:04:00.0 */

/* Files of which only lines with one of these words are anybody's business. */
static const struct {
	const char *begins, *ends, *words; /* separated by | */
} reduced[] = {
	{"/proc/mounts", "", " nfs| cifs | smb3 "},
	{"/proc/cmdline", "", NULL},
	{"/proc/cpuinfo", "", NULL},
	{"/proc/", "/comm", "opensm|smbd"},
	{"/lib/modules/", "/modules.dep",
	 "mlx4|ipoib|rpcrdma|cifs.ko|ksmbd.ko|iser|ib_srp|nvme-rdma|nvmet-rdma"},
	{"/lib/modules/", "/modules.builtin",
	 "mlx4|ipoib|rpcrdma|cifs.ko|ksmbd.ko|iser|ib_srp|nvme-rdma|nvmet-rdma"},
	{"/lib/modules/", "/modules.alias", "v000015B3d"},
	{"/boot/config-", "", "CIFS_SMB|SMB_SERVER"},
	{"/ask/log", "", "mlx4|cxflash|DMAR|IO_PAGE_FAULT"},
};

static bool fits(const char *path, size_t i)
{
	size_t len = strlen(path), end = strlen(reduced[i].ends);

	return !strncmp(path, reduced[i].begins, strlen(reduced[i].begins)) && len >= end &&
	       !strcmp(path + len - end, reduced[i].ends);
}

static bool has_any(const char *line, size_t len, const char *words)
{
	char copy[128], *rest = copy, *word;

	snprintf(copy, sizeof(copy), "%s", words);
	while ((word = strsep(&rest, "|")))
		if (memmem(line, len, word, strlen(word)))
			return true;
	return false;
}

/* Lines that have one of the words. */
static void keep_lines(char *text, const char *words)
{
	char *to = text, *line = text;

	while (*line) {
		size_t len = strcspn(line, "\n") + (strchr(line, '\n') != NULL);

		if (has_any(line, len, words)) {
			memmove(to, line, len);
			to += len;
		}
		line += len;
	}
	*to = '\0';
}

/* Words of a line, separated by blanks, that begin with or have one of @words. */
static void keep_words(char *text, const char *words)
{
	char *copy = strdup(text), *rest = copy, *word;

	*text = '\0';
	while (copy && (word = strsep(&rest, " \n\t")))
		if (has_any(word, strlen(word), words))
			strcat(strcat(text, *text ? " " : ""), word);
	if (*text)
		strcat(text, "\n");
	free(copy);
}

/* False: nothing of it is to be kept. */
static bool reduce(const char *path, char *text)
{
	for (size_t i = 0; i < sizeof(reduced) / sizeof(reduced[0]); i++) {
		if (!fits(path, i))
			continue;
		if (reduced[i].words)
			keep_lines(text, reduced[i].words);
		else if (strstr(path, "cpuinfo"))
			strcpy(text, strstr(text, " hypervisor") ? "flags: hypervisor \n" : "");
		else
			keep_words(text, "mlx4|module_blacklist|modprobe.blacklist|iommu|pci=");
		return *text || strncmp(path, "/proc/", 6) || !strstr(path, "/comm");
	}
	return true;
}

static struct record_entry *add(struct record *r, const char *path, char kind)
{
	struct record_entry *more;

	for (size_t i = 0; i < r->count; i++)
		if (!strcmp(r->entry[i].path, path) && r->entry[i].kind == kind)
			return NULL;
	more = realloc(r->entry, (r->count + 1) * sizeof(*more));
	if (more)
		r->entry = more;
	more = more ? more + r->count : NULL;
	if (!more || !(more->path = strdup(path))) {
		r->lost = true;
		return NULL;
	}
	r->count++;
	more->bytes = NULL;
	more->len = 0;
	more->kind = kind;
	return more;
}

void record_seen(const char *path, char kind, const char *text, size_t len, int error, void *ctx)
{
	struct record *r = ctx;
	struct record_entry *e;
	char *copy;

	if (error)
		return;
	copy = malloc(len + 1);
	if (!copy) {
		r->lost = true;
		return;
	}
	memcpy(copy, text, len);
	copy[len] = '\0';
	/* What has zero bytes is no text (EFI variables, configuration space). */
	if (kind == 'f' && strlen(copy) == len) {
		if (!reduce(path, copy)) {
			free(copy);
			return;
		}
		len = strlen(copy);
	}
	e = add(r, path, kind);
	if (!e || kind == 'd') {
		free(copy);
		return;
	}
	e->bytes = copy;
	e->len = len;
}

/* "../../../devices/pci0000:00/..." for what is at /sys/devices/pci0000:00/... */
static void add_device_link(struct record *r, const char *link, const char *real)
{
	struct record_entry *e = add(r, link, 'l');

	if (e && asprintf(&e->bytes, "../../..%s", real + strlen("/sys")) >= 0)
		e->len = strlen(e->bytes);
	else if (e)
		r->lost = true;
}

void record_settle(struct record *r, const struct cx_machine *m)
{
	const struct cx_machine quiet = {.root = m->root};
	const size_t prefix = strlen(BY_ADDRESS) + ADDRESS;
	char link[64], real[PATH_MAX], *moved;
	size_t count = r->count;

	for (size_t i = 0; i < count; i++) {
		const char *path = r->entry[i].path;

		if (strncmp(path, BY_ADDRESS, strlen(BY_ADDRESS)) || strlen(path) < prefix)
			continue;
		snprintf(link, sizeof(link), "%.*s", (int)prefix, path);
		if (cx_machine_real(&quiet, link, real, sizeof(real)) || strncmp(real, "/sys/", 5))
			continue;
		if (asprintf(&moved, "%s%s", real, path + prefix) < 0) {
			r->lost = true;
			return;
		}
		free(r->entry[i].path);
		r->entry[i].path = moved;
		add_device_link(r, link, real);
	}
}

void record_free(struct record *r)
{
	for (size_t i = 0; i < r->count; i++) {
		free(r->entry[i].path);
		free(r->entry[i].bytes);
	}
	free(r->entry);
	*r = (struct record){0};
}
