// SPDX-License-Identifier: GPL-2.0-only
/* What was read of a machine, kept as a tree. */
#define _GNU_SOURCE
#include "record.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BY_ADDRESS "/sys/bus/pci/devices/"
#define ADDRESS	   12 /* 0000:04:00.0 */

/* ---- what is kept of a file ---- */

static bool has_any(const char *text, size_t len, const char *words)
{
	size_t n;

	for (; *words; words += n + (words[n] == '|')) {
		n = strcspn(words, "|");
		if (memmem(text, len, words, n))
			return true;
	}
	return false;
}

static bool is_any(const char *text, size_t len, const char *words)
{
	size_t n;

	for (; *words; words += n + (words[n] == '|')) {
		n = strcspn(words, "|");
		if (n == len && !memcmp(text, words, n))
			return true;
	}
	return false;
}

/* Lines that have one of the words. */
static void keep_lines(FILE *to, const char *text, const char *words)
{
	size_t len;

	for (; *text; text += len) {
		len = strcspn(text, "\n");
		len += text[len] == '\n';
		if (has_any(text, len, words))
			fwrite(text, 1, len, to);
	}
}

/* The same, and the others are empty, so that lines keep their numbers. */
static void keep_places(FILE *to, const char *text, const char *words)
{
	size_t len;

	for (; *text; text += len) {
		len = strcspn(text, "\n");
		if (has_any(text, len, words))
			fwrite(text, 1, len, to);
		if (text[len])
			fputc(text[len++], to);
	}
}

/* Words, separated by blanks, that have one of @words. */
static void keep_words(FILE *to, const char *text, const char *words)
{
	const char *between = "";
	size_t len;

	for (; *text; text += len) {
		text += strspn(text, " \t\n");
		len = strcspn(text, " \t\n");
		if (!has_any(text, len, words))
			continue;
		fprintf(to, "%s%.*s", between, (int)len, text);
		between = " ";
	}
	fputc('\n', to);
}

/* Is it a guest? That is all. */
static void keep_hypervisor(FILE *to, const char *text, const char *words)
{
	(void)words;
	fputs(strstr(text, " hypervisor") ? "flags: hypervisor \n" : "\n", to);
}

/* Of a mount's options those that say how it travels: no users, no domains. */
static void keep_options(FILE *to, const char *list, size_t size)
{
	const char *end = list + size, *between = "";
	size_t len;

	for (; list < end; list += len + 1) {
		len = strcspn(list, ", \n");
		if (strncmp(list, "proto=", 6) && strncmp(list, "vers=", 5) &&
		    strncmp(list, "port=", 5) && (len != 4 || strncmp(list, "rdma", 4)))
			continue;
		fprintf(to, "%s%.*s", between, (int)len, list);
		between = ",";
	}
	if (!*between)
		fputs("-", to);
}

/* Source, place, type, options; @types of mounts. */
static void keep_mounts(FILE *to, const char *text, const char *types)
{
	const char *field[4], *at;
	size_t len[4];

	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		at = text;
		for (size_t i = 0; i < 4; i++) {
			field[i] = at;
			len[i] = strcspn(at, " \n");
			at += len[i];
			at += *at == ' ';
		}
		if (!len[3] || !is_any(field[2], len[2], types))
			continue;
		fprintf(to, "%.*s ", (int)(field[2] + len[2] - text), text);
		keep_options(to, field[3], len[3]);
		fputs(" 0 0\n", to);
	}
}

/* Files of which only a part is anybody's business; of others all is kept. */
static const struct reduced {
	const char *begins, *ends;
	void (*keep)(FILE *to, const char *text, const char *words);
	const char *words; /* separated by | */
} reduced[] = {
	{"/proc/mounts", "", keep_mounts, "nfs|nfs4|cifs|smb3"},
	{"/proc/cmdline", "", keep_words, "mlx4|module_blacklist|modprobe.blacklist|iommu|pci="},
	{"/proc/cpuinfo", "", keep_hypervisor, ""},
	{"/proc/", "/comm", keep_lines, "opensm|smbd"},
	{"/lib/modules/", "/modules.dep", keep_lines,
	 "mlx4|ipoib|rpcrdma|cifs.ko|ksmbd.ko|iser|ib_srp|nvme-rdma|nvmet-rdma"},
	{"/lib/modules/", "/modules.builtin", keep_lines,
	 "mlx4|ipoib|rpcrdma|cifs.ko|ksmbd.ko|iser|ib_srp|nvme-rdma|nvmet-rdma"},
	{"/lib/modules/", "/modules.alias", keep_lines, "v000015B3d"},
	{"/boot/config-", "", keep_lines, "CIFS_SMB|SMB_SERVER"},
	{"/etc/modprobe.d/", "", keep_places, "mlx4"},
	{"/run/modprobe.d/", "", keep_places, "mlx4"},
	{"/usr/local/lib/modprobe.d/", "", keep_places, "mlx4"},
	{"/usr/lib/modprobe.d/", "", keep_places, "mlx4"},
	{"/lib/modprobe.d/", "", keep_places, "mlx4"},
	{"/etc/nfs.conf", "", keep_lines, "[|rdma"},
	{"/etc/ksmbd/", "", keep_lines, "[global]|multi channel"},
	{"/ask/log", "", keep_lines, "mlx4|cxflash|DMAR|IO_PAGE_FAULT"},
};

static const struct reduced *find_reduced(const char *path)
{
	for (size_t i = 0; i < sizeof(reduced) / sizeof(reduced[0]); i++) {
		size_t len = strlen(path), end = strlen(reduced[i].ends);

		if (!strncmp(path, reduced[i].begins, strlen(reduced[i].begins)) && len >= end &&
		    !strcmp(path + len - end, reduced[i].ends))
			return &reduced[i];
	}
	return NULL;
}

/* What is kept of a file's @text, free() it; NULL without memory. */
static char *reduce(const char *path, const char *text, size_t size, size_t *len)
{
	const struct reduced *how = strlen(text) == size ? find_reduced(path) : NULL;
	char *kept = NULL;
	FILE *to = open_memstream(&kept, len);

	if (!to)
		return NULL;
	/* What has zero bytes is no text (EFI variables). */
	if (how)
		how->keep(to, text, how->words);
	else
		fwrite(text, 1, size, to);
	if (!fclose(to))
		return kept;
	free(kept);
	return NULL;
}

/* ---- the record ---- */

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
	more->error = 0;
	return more;
}

/* Of a file that is there and cannot be read a folder is kept, which cannot be read either. */
static void add_unread(struct record *r, const char *path, int error)
{
	struct record_entry *e;

	if (error == ENOENT || error == ENOTDIR)
		return;
	e = add(r, path, 'd');
	if (e)
		e->error = error;
}

void record_seen(const char *path, char kind, const char *text, size_t len, int error, void *ctx)
{
	struct record *r = ctx;
	struct record_entry *e;
	char *kept;

	if (error) {
		add_unread(r, path, error);
		return;
	}
	if (kind == 'd') {
		add(r, path, kind);
		return;
	}
	kept = kind == 'f' ? reduce(path, text, len, &len) : strndup(text, len);
	if (!kept) {
		r->lost = true;
		return;
	}
	/* Other programs are nobody's business. */
	e = !len && !strncmp(path, "/proc/", 6) && strstr(path, "/comm") ? NULL
									 : add(r, path, kind);
	if (!e) {
		free(kept);
		return;
	}
	e->bytes = kept;
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
