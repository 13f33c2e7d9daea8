// SPDX-License-Identifier: GPL-2.0-only
/* Facts: what is served and mounted, and whether it goes over RDMA. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gather.h"

/* What of a service could not be read is "SERVICE.unread"; what is not there is not. */
static void unread(struct gather *g, const char *key, const char *path, long error)
{
	if (error < 0 && error != -ENOENT)
		fact_missing(g->f, key, path, (int)error);
}

/* ---- mounts ---- */

static bool has_option(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += len)
		if ((at == list || at[-1] == ',') && (!at[len] || at[len] == ','))
			return true;
	return false;
}

/* A path for a command to paste. */
static void set_word(struct gather *g, const char *service, const char *what, const char *path)
{
	char key[24], word[PATH_MAX + 64];

	snprintf(key, sizeof(key), "%s.%s", service, what);
	fact_set(g->f, key, "/proc/mounts", "%s", cx_shell_word(path, word, sizeof(word)));
}

/* Source, place, type, options: the first mount of each kind is the example. */
static void mount_line(struct gather *g, char *line)
{
	char *source = strsep(&line, " "), *place = strsep(&line, " ");
	char *type = strsep(&line, " "), *options = strsep(&line, " "), key[24];
	const char *service;
	bool rdma;

	if (!options)
		return;
	if (!strncmp(type, "nfs", 3) && strcmp(type, "nfsd"))
		service = "nfs";
	else if (!strcmp(type, "cifs") || !strcmp(type, "smb3"))
		service = "smb";
	else
		return;
	cx_machine_unescape(source);
	cx_machine_unescape(place);
	rdma = has_option(options, "proto=rdma") || has_option(options, "proto=rdma6") ||
	       has_option(options, "rdma");
	snprintf(key, sizeof(key), "%s.mount%s", service, rdma ? "_rdma" : "");
	fact_set(g->f, key, "/proc/mounts", "%s", place);
	if (rdma)
		return;
	set_word(g, service, "from", source);
	set_word(g, service, "at", place);
}

static void mounts(struct gather *g)
{
	char *text, *rest, *line;
	long len = cx_machine_file(g->m, "/proc/mounts", &text);

	unread(g, "nfs.unread", "/proc/mounts", len);
	unread(g, "smb.unread", "/proc/mounts", len);
	rest = text;
	while ((line = strsep(&rest, "\n")))
		mount_line(g, line);
	free(text);
}

/* ---- configuration files: [section] and name = value ---- */

/* "name = value # why" in two; false: it is neither. */
static bool split_line(char *line, char **name, char **value)
{
	*name = line + strspn(line, " \t");
	*value = strchr(*name, '=');
	if (!*value || strchr("#;[", **name))
		return false;
	*(*value)++ = '\0';
	for (size_t len = strlen(*name); len && strchr(" \t", (*name)[len - 1]); len--)
		(*name)[len - 1] = '\0';
	*value += strspn(*value, " \t");
	(*value)[strcspn(*value, " \t\r#;")] = '\0';
	return true;
}

/* The last value of @name in @section of a file; 1, or 0: it is not there, or -errno. */
static int ini_value(const struct cx_machine *m, const char *path, const char *section,
		     const char *name, char *value, size_t size)
{
	char *text, *rest, *line, *key, *at;
	bool here = false;
	long len = cx_machine_file(m, path, &text);
	int found = 0;

	if (len < 0)
		return (int)len;
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		line += strspn(line, " \t");
		if (*line == '[') {
			line[strcspn(line, "]")] = '\0';
			here = !strcasecmp(line + 1, section);
		} else if (here && split_line(line, &key, &at) && !strcasecmp(key, name)) {
			snprintf(value, size, "%s", at);
			found = 1;
		}
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

static void nfs_configured(struct gather *g, const char *path, char *where)
{
	char value[32];
	int ret = ini_value(g->m, path, "nfsd", "rdma", value, sizeof(value));

	unread(g, "nfs.unread", path, ret);
	if (ret == 1)
		snprintf(where, PATH_MAX, "%s", is_yes(value) ? path : "");
}

/* Files NAME.conf of the folder count after the main one, in the order of their names. */
static void nfs_configuration(struct gather *g)
{
	static const char main_file[] = "/etc/nfs.conf", folder[] = "/etc/nfs.conf.d";
	char path[PATH_MAX], where[PATH_MAX] = "";
	struct cx_names names;

	nfs_configured(g, main_file, where);
	unread(g, "nfs.unread", folder, cx_machine_names(g->m, folder, &names));
	for (size_t i = 0; i < names.count; i++) {
		size_t len = strlen(names.name[i]);

		if (len < 6 || strcmp(names.name[i] + len - 5, ".conf"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, names.name[i]);
		nfs_configured(g, path, where);
	}
	free(names.name);
	fact_set(g->f, "nfs.conf", *where ? where : main_file, "%s", where);
}

static void nfs(struct gather *g)
{
	static const char portlist[] = "/proc/fs/nfsd/portlist";
	char *text, *line;
	long len = cx_machine_file(g->m, portlist, &text);

	unread(g, "nfs.unread", portlist, len);
	fact_flag(g->f, "nfs.server", portlist, len > 0);
	if (len >= 0) {
		line = strstr(text, "rdma ");
		fact_set(g->f, "nfs.server_rdma", portlist, "%.*s",
			 line ? (int)strcspn(line, "\n") : 0, line ? line : "");
	}
	free(text);
	nfs_configuration(g);
}

/* ---- SMB ---- */

static void smb_server(struct gather *g)
{
	static const char conf[] = "/etc/ksmbd/ksmbd.conf";
	char value[32] = "";
	int ret = ini_value(g->m, conf, "global", "server multi channel support", value,
			    sizeof(value));

	if (ret < 0 && ret != -ENOENT)
		fact_missing(g->f, "ksmbd.multichannel", conf, ret);
	else
		fact_flag(g->f, "ksmbd.multichannel", conf, is_yes(value));
	fact_set(g->f, "ksmbd.verdict", fact_find(g->f, "ksmbd.rdma", 0)->source, "%s",
		 *fact_value(g->f, "ksmbd.rdma", 0) ? ", as it was" : "");
}

/* ---- block storage, in configfs and in sysfs ---- */

/* False: too long to be a path. */
static bool join(char *path, const char *folder, const char *name)
{
	return snprintf(path, PATH_MAX, "%s/%s", folder, name) < PATH_MAX;
}

/* Call @fn for every name in a folder; @key is for what cannot be read. */
static void each(struct gather *g, const char *key, const char *folder,
		 void (*fn)(struct gather *g, const char *path))
{
	struct cx_names names;
	char path[PATH_MAX];
	int ret = cx_machine_names(g->m, folder, &names);

	/* Among the folders of a target are files of its own. */
	if (ret != -ENOTDIR)
		unread(g, key, folder, ret);
	for (size_t i = 0; i < names.count; i++)
		if (join(path, folder, names.name[i]))
			fn(g, path);
	free(names.name);
}

/* The first line of a file in a folder; false: there is none. */
static bool line_in(struct gather *g, const char *key, const char *folder, const char *name,
		    char *path, char *value, size_t size)
{
	int ret = join(path, folder, name) ? cx_machine_line(g->m, path, value, size) : -ENOENT;

	if (ret != -ENOTDIR)
		unread(g, key, path, ret);
	return !ret;
}

static const char *last_part(const char *path)
{
	return strrchr(path, '/') + 1;
}

static void iscsi_portal(struct gather *g, const char *portal)
{
	char file[PATH_MAX], value[8];

	if (!line_in(g, "iser.unread", portal, "iser", file, value, sizeof(value)))
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
		each(g, "iser.unread", folder, iscsi_portal);
}

static void iscsi_target(struct gather *g, const char *target)
{
	each(g, "iser.unread", target, iscsi_group);
}

/* A folder for each port that somebody has set up; what else is there is the module's own. */
static void srp_target(struct gather *g, const char *target)
{
	struct cx_names groups;
	int ret;

	if (!strcmp(last_part(target), "discovery_auth"))
		return;
	ret = cx_machine_names(g->m, target, &groups);
	if (ret != -ENOTDIR)
		unread(g, "srp.unread", target, ret);
	if (groups.count)
		fact_set(g->f, "srp.target", target, "%s", last_part(target));
	free(groups.name);
}

/* Initiators: each connection is a host of the SCSI layer. */
static void scsi_host(struct gather *g, const char *host)
{
	static const struct {
		const char *driver, *fact;
	} known[] = {
		{"iscsi_iser", "iser.session_rdma"},
		{"iscsi_tcp", "iser.session"},
		{"ib_srp", "srp.session"},
	};
	char file[PATH_MAX], value[32];

	if (!line_in(g, "iser.unread", host, "proc_name", file, value, sizeof(value)))
		return;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(value, known[i].driver))
			fact_set(g->f, known[i].fact, file, "%s", last_part(host));
}

/* Only a port that a subsystem is linked to serves. */
static void nvme_port(struct gather *g, const char *port)
{
	char file[PATH_MAX], value[16];
	struct cx_names linked;
	int ret;

	if (!join(file, port, "subsystems"))
		return;
	ret = cx_machine_names(g->m, file, &linked);
	unread(g, "nvme.unread", file, ret);
	free(linked.name);
	if (!linked.count ||
	    !line_in(g, "nvme.unread", port, "addr_trtype", file, value, sizeof(value)))
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

	if (!line_in(g, "nvme.unread", host, "transport", file, value, sizeof(value)))
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
	each(g, "iser.unread", "/sys/kernel/config/target/iscsi", iscsi_target);
	each(g, "srp.unread", "/sys/kernel/config/target/srpt", srp_target);
	each(g, "iser.unread", "/sys/class/scsi_host", scsi_host);
	each(g, "nvme.unread", "/sys/kernel/config/nvmet/ports", nvme_port);
	each(g, "nvme.unread", "/sys/class/nvme", nvme_host);
}
