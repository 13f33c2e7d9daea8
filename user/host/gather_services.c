// SPDX-License-Identifier: GPL-2.0-only
/* Facts: what is served and mounted, and whether it goes over RDMA. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gather.h"

/* ---- mounts ---- */

static bool has_option(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += len)
		if ((at == list || at[-1] == ',') && (!at[len] || at[len] == ','))
			return true;
	return false;
}

/* Source, place, type, options: the first mount of each kind is the example. */
static void mount_line(struct gather *g, const char *line)
{
	char source[160], place[160], type[32], options[1024], key[24];
	const char *service;
	bool rdma;

	if (sscanf(line, "%159s %159s %31s %1023s", source, place, type, options) != 4)
		return;
	if (!strncmp(type, "nfs", 3) && strcmp(type, "nfsd"))
		service = "nfs";
	else if (!strcmp(type, "cifs") || !strcmp(type, "smb3"))
		service = "smb";
	else
		return;
	rdma = has_option(options, "proto=rdma") || has_option(options, "proto=rdma6") ||
	       has_option(options, "rdma");
	snprintf(key, sizeof(key), "%s.mount%s", service, rdma ? "_rdma" : "");
	fact_set(g->f, key, "/proc/mounts", "%s", place);
	snprintf(key, sizeof(key), "%s.source", service);
	if (!rdma)
		fact_set(g->f, key, "/proc/mounts", "%s", source);
}

static void mounts(struct gather *g)
{
	char *text, *rest, *line;

	if (cx_machine_file(g->m, "/proc/mounts", &text) < 0)
		return;
	rest = text;
	while ((line = strsep(&rest, "\n")))
		mount_line(g, line);
	free(text);
}

/* ---- configuration files: [section] and name = value ---- */

/* The last value of @name in @section of a file. False: it is not there. */
static bool ini_value(const struct cx_machine *m, const char *path, const char *section,
		      const char *name, char *value, size_t size)
{
	char *text, *rest, *line, *equals, here[64] = "";
	bool found = false;

	if (cx_machine_file(m, path, &text) < 0)
		return false;
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		line += strspn(line, " \t");
		if (*line == '[')
			snprintf(here, sizeof(here), "%.*s", (int)strcspn(line + 1, "]"), line + 1);
		equals = strchr(line, '=');
		if (!equals || strchr("#;", *line) || strcasecmp(here, section))
			continue;
		*equals++ = '\0';
		line[strcspn(line, "\t")] = '\0';
		for (size_t len = strlen(line); len && line[len - 1] == ' '; len--)
			line[len - 1] = '\0';
		if (strcasecmp(line, name))
			continue;
		equals += strspn(equals, " \t");
		snprintf(value, size, "%.*s", (int)strcspn(equals, " \t\r#;"), equals);
		found = true;
	}
	free(text);
	return found;
}

static bool is_yes(const char *value)
{
	static const char *const yes[] = {"y", "yes", "1", "true", "t", "on"};

	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		if (!strcasecmp(value, yes[i]))
			return true;
	return false;
}

/* ---- NFS ---- */

static void nfs_configured(struct gather *g, const char *path, char *where, size_t size)
{
	char value[32];

	if (ini_value(g->m, path, "nfsd", "rdma", value, sizeof(value)))
		snprintf(where, size, "%s", is_yes(value) ? path : "");
}

static void nfs(struct gather *g)
{
	char *text, *line, path[400], where[400] = "";
	struct cx_names names;

	if (cx_machine_file(g->m, "/proc/fs/nfsd/portlist", &text) >= 0) {
		line = strstr(text, "rdma ");
		fact_flag(g->f, "nfs.server", "/proc/fs/nfsd/portlist", *text);
		fact_set(g->f, "nfs.server_rdma", "/proc/fs/nfsd/portlist", "%.*s",
			 line ? (int)strcspn(line, "\n") : 0, line ? line : "");
		free(text);
	}
	/* Files of the folder count after the main one, in the order of their names. */
	nfs_configured(g, "/etc/nfs.conf", where, sizeof(where));
	if (!cx_machine_names(g->m, "/etc/nfs.conf.d", &names)) {
		for (size_t i = 0; i < names.count; i++) {
			snprintf(path, sizeof(path), "/etc/nfs.conf.d/%s", names.name[i]);
			nfs_configured(g, path, where, sizeof(where));
		}
		free(names.name);
	}
	fact_set(g->f, "nfs.conf", *where ? where : "/etc/nfs.conf", "%.150s", where);
}

/* ---- SMB ---- */

static void smb_server(struct gather *g)
{
	static const char conf[] = "/etc/ksmbd/ksmbd.conf";
	char value[32] = "";

	ini_value(g->m, conf, "global", "server multi channel support", value, sizeof(value));
	fact_flag(g->f, "ksmbd.multichannel", conf, is_yes(value));
	fact_set(g->f, "ksmbd.verdict", fact_find(g->f, "ksmbd.rdma", 0)->source, "%s",
		 *fact_value(g->f, "ksmbd.rdma", 0) ? ", as it was" : "");
}

/* ---- block storage in configfs ---- */

/* False: too long to be a path. */
static bool join(char *path, const char *folder, const char *name)
{
	return snprintf(path, PATH_MAX, "%s/%s", folder, name) < PATH_MAX;
}

/* Call @fn for every name in a folder. */
static void each(struct gather *g, const char *folder,
		 void (*fn)(struct gather *g, const char *path))
{
	struct cx_names names;
	char path[PATH_MAX];

	if (cx_machine_names(g->m, folder, &names))
		return;
	for (size_t i = 0; i < names.count; i++)
		if (join(path, folder, names.name[i]))
			fn(g, path);
	free(names.name);
}

/* The first line of a file in a folder. */
static bool line_in(struct gather *g, const char *folder, const char *name, char *path, char *value,
		    size_t size)
{
	return join(path, folder, name) && !cx_machine_line(g->m, path, value, size);
}

static const char *last_part(const char *path)
{
	return strrchr(path, '/') + 1;
}

static void iscsi_portal(struct gather *g, const char *portal)
{
	char file[PATH_MAX], value[8];

	if (!line_in(g, portal, "iser", file, value, sizeof(value)))
		return;
	if (*value == '1')
		fact_set(g->f, "iser.target_rdma", file, "%s", last_part(portal));
	else
		fact_set(g->f, "iser.target", file, "%s", file);
}

static void iscsi_group(struct gather *g, const char *group)
{
	char folder[PATH_MAX];

	if (join(folder, group, "np"))
		each(g, folder, iscsi_portal);
}

static void iscsi_target(struct gather *g, const char *target)
{
	each(g, target, iscsi_group);
}

static void srp_target(struct gather *g, const char *target)
{
	fact_set(g->f, "srp.target", "/sys/kernel/config/target/srpt", "%s", last_part(target));
}

/* Only a port that a subsystem is linked to serves. */
static void nvme_port(struct gather *g, const char *port)
{
	char file[PATH_MAX], value[16];
	struct cx_names linked;

	if (!join(file, port, "subsystems") || cx_machine_names(g->m, file, &linked))
		return;
	free(linked.name);
	if (!linked.count || !line_in(g, port, "addr_trtype", file, value, sizeof(value)))
		return;
	if (!strcmp(value, "rdma")) {
		fact_set(g->f, "nvme.target_rdma", file, "%s", last_part(port));
		return;
	}
	fact_set(g->f, "nvme.target", file, "%s", value);
	fact_set(g->f, "nvme.target_file", file, "%s", file);
}

static void nvme_host(struct gather *g, const char *host)
{
	char file[PATH_MAX], value[16];

	if (!line_in(g, host, "transport", file, value, sizeof(value)))
		return;
	if (!strcmp(value, "rdma"))
		fact_set(g->f, "nvme.host_rdma", file, "%s", last_part(host));
	else if (!strcmp(value, "tcp"))
		fact_set(g->f, "nvme.host", file, "%s", last_part(host));
}

void gather_services(struct gather *g)
{
	mounts(g);
	nfs(g);
	smb_server(g);
	each(g, "/sys/kernel/config/target/iscsi", iscsi_target);
	each(g, "/sys/kernel/config/target/srpt", srp_target);
	each(g, "/sys/kernel/config/nvmet/ports", nvme_port);
	each(g, "/sys/class/nvme", nvme_host);
}
