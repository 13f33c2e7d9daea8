// SPDX-License-Identifier: GPL-2.0-only
/* Who would miss a card if it were taken from its driver: its interfaces, and RDMA. */
#define _GNU_SOURCE
#include "use.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <ifaddrs.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "openers.h"
#include "sysfs.h"

struct uses {
	const struct cx_pci_root *root;
	const struct cx_pci_card *card;
	char *text;
	size_t size;
};

__attribute__((format(printf, 2, 3))) static void add(struct uses *u, const char *fmt, ...)
{
	size_t used = strlen(u->text);
	va_list ap;

	va_start(ap, fmt);
	if (used && used + 2 < u->size)
		used += snprintf(u->text + used, u->size - used, "; ");
	if (used < u->size)
		vsnprintf(u->text + used, u->size - used, fmt, ap);
	va_end(ap);
}

/* Call @fn for every entry of a folder; one that does not exist has none. */
static void each_entry(struct uses *u, const char *path,
		       void (*fn)(struct uses *u, const char *path, const char *name))
{
	DIR *dir = opendir(path);
	struct dirent *e;

	if (!dir)
		return;
	while ((e = readdir(dir)))
		if (e->d_name[0] != '.')
			fn(u, path, e->d_name);
	closedir(dir);
}

/* Call @fn for every line of a file under /proc until it says true. */
static bool any_line(const struct cx_pci_root *root, const char *file,
		     bool (*fn)(char *line, void *ctx), void *ctx)
{
	char path[PATH_MAX], *line = NULL;
	size_t room = 0;
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", root->proc, file);
	f = fopen(path, "re");
	if (!f)
		return false;
	while (!found && getline(&line, &room, f) > 0)
		found = fn(line, ctx);
	free(line);
	fclose(f);
	return found;
}

/* ---- network ---- */

/* Interface, destination, gateway, flags, references, uses, metric, mask. */
static bool default_route(char *line, void *ctx)
{
	char name[32], to[16], mask[16];

	return sscanf(line, "%31s %15s %*s %*s %*s %*s %*s %15s", name, to, mask) == 3 &&
	       !strcmp(to, "00000000") && !strcmp(mask, "00000000") && !strcmp(name, ctx);
}

/* Destination, its prefix length, seven more, interface. */
static bool default_route6(char *line, void *ctx)
{
	char to[40], len[4], name[32];

	return sscanf(line, "%39s %3s %*s %*s %*s %*s %*s %*s %*s %31s", to, len, name) == 3 &&
	       strspn(to, "0") == 32 && !strcmp(len, "00") && !strcmp(name, ctx);
}

static void address_of(const char *name, char *text, size_t size)
{
	struct ifaddrs *list = NULL;

	*text = '\0';
	if (getifaddrs(&list))
		return;
	for (struct ifaddrs *a = list; a && !*text; a = a->ifa_next) {
		const void *at = NULL;

		if (!a->ifa_addr || strcmp(a->ifa_name, name))
			continue;
		if (a->ifa_addr->sa_family == AF_INET)
			at = &((struct sockaddr_in *)a->ifa_addr)->sin_addr;
		else if (a->ifa_addr->sa_family == AF_INET6)
			at = &((struct sockaddr_in6 *)a->ifa_addr)->sin6_addr;
		if (at)
			inet_ntop(a->ifa_addr->sa_family, at, text, size);
	}
	freeifaddrs(list);
}

static void network_upper(struct uses *u, const char *path, const char *name)
{
	const char *lower = strrchr(path, '/') + 1;

	if (!strncmp(name, "upper_", 6))
		add(u, "%s belongs to %s", lower, name + 6);
}

static bool is_up(const struct cx_pci_card *card, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = card->up; (at = strstr(at, name)); at += len)
		if ((at == card->up || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			return true;
	return false;
}

static bool has_default_route(const struct uses *u, const char *name)
{
	return any_line(u->root, "net/route", default_route, (char *)name) ||
	       any_line(u->root, "net/ipv6_route", default_route6, (char *)name);
}

/* One that is down keeps its addresses, and would lose them with the card. */
static void interface(struct uses *u, const char *path, const char *name)
{
	char folder[PATH_MAX + 300], address[INET6_ADDRSTRLEN];
	bool up = is_up(u->card, name);

	snprintf(folder, sizeof(folder), "%s/%s", path, name);
	address_of(name, address, sizeof(address));
	if (up || *address)
		add(u, "%s is %s%s%s%s", name, up ? "up" : "down", *address ? " with " : "",
		    address, has_default_route(u, name) ? " and carries the default route" : "");
	each_entry(u, folder, network_upper);
}

/* ---- RDMA ---- */

/* The device files of the card's RDMA side: uverbs0, umad0, issm0. */
struct device_files {
	char name[8][24];
	size_t count;
};

static void find_device_files(const struct uses *u, struct device_files *files)
{
	static const char *const class[] = {"infiniband_verbs", "infiniband_mad"};
	char path[PATH_MAX];
	struct dirent *e;
	DIR *dir;

	files->count = 0;
	for (size_t i = 0; i < 2; i++) {
		sysfs_device(u->root, u->card->name, class[i], path);
		dir = opendir(path);
		while (dir && (e = readdir(dir)))
			if (e->d_name[0] != '.' && files->count < 8)
				snprintf(files->name[files->count++], 24, "%.23s", e->d_name);
		if (dir)
			closedir(dir);
	}
}

static const char *device_file(const char *path, const void *ctx)
{
	const struct device_files *files = ctx;

	if (strncmp(path, "/dev/infiniband/", 16))
		return NULL;
	for (size_t i = 0; i < files->count; i++)
		if (!strcmp(path + 16, files->name[i]))
			return files->name[i];
	return NULL;
}

static void process(void *ctx, const char *pid, const char *program, const char *file)
{
	add(ctx, "process %s (%s) has %s open", pid, program, file);
}

/* Is @word one of the comma-separated @list? */
static bool has_option(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += len)
		if ((at == list || at[-1] == ',') && (!at[len] || at[len] == ','))
			return true;
	return false;
}

/* Source, place, type, options. */
static bool rdma_mount(char *line, void *ctx)
{
	const char *place, *type, *options;

	strsep(&line, " ");
	place = strsep(&line, " ");
	type = strsep(&line, " ");
	options = strsep(&line, " ");
	if (!options)
		return false;
	if (!strncmp(type, "nfs", 3) &&
	    (has_option(options, "proto=rdma") || has_option(options, "proto=rdma6")))
		add(ctx, "NFS over RDMA is mounted at %s", place);
	else if ((!strcmp(type, "cifs") || !strcmp(type, "smb3")) && has_option(options, "rdma"))
		add(ctx, "SMB over RDMA is mounted at %s", place);
	return false;
}

static void nvme(struct uses *u, const char *path, const char *name)
{
	char file[PATH_MAX + 300], text[32];

	snprintf(file, sizeof(file), "%s/%s/transport", path, name);
	if (!sysfs_read(file, text, sizeof(text)) && !strcmp(text, "rdma"))
		add(u, "%s is NVMe over RDMA", name);
}

static void scsi_host(struct uses *u, const char *path, const char *name)
{
	char file[PATH_MAX + 300], ib[PATH_MAX], text[32], device[64];

	snprintf(file, sizeof(file), "%s/%s/proc_name", path, name);
	if (sysfs_read(file, text, sizeof(text)))
		return;
	if (strstr(text, "iser"))
		add(u, "%s is iSCSI over RDMA (iSER)", name);
	if (strcmp(text, "ib_srp"))
		return;
	snprintf(file, sizeof(file), "%s/%s/local_ib_device", path, name);
	sysfs_read(file, text, sizeof(text));
	snprintf(device, sizeof(device), "infiniband/%s", text);
	sysfs_device(u->root, u->card->name, device, ib);
	if (!access(ib, F_OK))
		add(u, "%s is SCSI over RDMA (SRP) through %s", name, text);
}

static void rdma(struct uses *u)
{
	struct device_files files;
	char path[PATH_MAX];

	sysfs_device(u->root, u->card->name, "infiniband", path);
	if (access(path, F_OK))
		return;
	find_device_files(u, &files);
	openers_each(u->root, device_file, &files, process, u);
	any_line(u->root, "mounts", rdma_mount, u);
	snprintf(path, sizeof(path), "%s/class/nvme", u->root->sysfs);
	each_entry(u, path, nvme);
	snprintf(path, sizeof(path), "%s/class/scsi_host", u->root->sysfs);
	each_entry(u, path, scsi_host);
}

void cx_pci_uses(const struct cx_pci_root *root, const struct cx_pci_card *card, char *text,
		 size_t size)
{
	struct uses u = {root, card, text, size};
	char path[PATH_MAX];

	*text = '\0';
	sysfs_device(root, card->name, "net", path);
	each_entry(&u, path, interface);
	if (card->vfs)
		add(&u, "%u virtual functions are switched on", card->vfs);
	rdma(&u);
}
