// SPDX-License-Identifier: GPL-2.0-only
/*
 * Facts: modules. Is there one for this kernel (in its index, or built in), is it loaded, is it
 * kept from loading; and whether the SMB modules were built with SMB Direct.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "gather.h"

/* Those the rules ask for, as facts name them: with underscores. */
static const char *const modules[] = {
	"mlx4_core", "mlx4_en",	 "mlx4_ib", "ib_ipoib", "rpcrdma",   "cifs",	   "ksmbd",
	"ib_iser",   "ib_isert", "ib_srp",  "ib_srpt",	"nvme_rdma", "nvmet_rdma",
};

struct index {
	char dep_path[128], *dep, builtin_path[128], *builtin;
	long error, builtin_error; /* why there is none */
};

/* Is this line of modules.dep or modules.builtin that of module @name? Files have - or _. */
static bool is_module(const char *line, const char *name)
{
	const char *base = line, *end = line + strcspn(line, ":\n");

	for (const char *c = line; c < end; c++)
		if (*c == '/')
			base = c + 1;
	for (; *name && base < end; name++, base++)
		if (*base != *name && !(*base == '-' && *name == '_'))
			return false;
	return !*name && !strncmp(base, ".ko", 3);
}

static const char *find_line(const char *text, const char *name)
{
	for (; text && *text; text = strchr(text, '\n') ? strchr(text, '\n') + 1 : NULL)
		if (is_module(text, name))
			return text;
	return NULL;
}

/* ---- what keeps a module from loading ---- */

#define UNTIL_REBOOT "   # and take that line away, or it is the same after a reboot"

struct ban {
	struct gather *g;
	const char *verb, *module;
	char blacklist[40], unban[40]; /* the facts' names */
};

static bool is_nothing(const char *command)
{
	size_t len = strcspn(command, " \t");
	const char *base = memrchr(command, '/', len);

	base = base ? base + 1 : command;
	len -= base - command;
	return (len == 4 && !strncmp(base, "true", 4)) || (len == 5 && !strncmp(base, "false", 5));
}

static void note_ban(const struct config_line *line, void *ctx)
{
	struct ban *ban = ctx;
	bool install = !strcmp(ban->verb, "install");

	/* Any other "install" line loads the module in a way of its own. */
	if (!line->text || (install && !is_nothing(line->text)))
		return;
	fact_set(ban->g->f, ban->blacklist, line->file, "\"%s\" in %s, line %u", ban->verb,
		 line->file, line->number);
	fact_set(ban->g->f, ban->unban, line->file, "modprobe %s%s" UNTIL_REBOOT,
		 install ? "-i " : "", ban->module);
}

static bool in_list(char *list, const char *name)
{
	char *word;

	while ((word = strsep(&list, ",")))
		if (config_same_module(word, name))
			return true;
	return false;
}

/* By an option of the kernel's command line; what ends it has the module's name in its middle. */
static void ban_by_kernel(const struct ban *ban, const char *option, const char *before,
			  const char *after)
{
	int error;
	char *list = config_option(ban->g->m, option, &error);

	if (list && in_list(list, ban->module)) {
		fact_set(ban->g->f, ban->blacklist, "/proc/cmdline",
			 "%s= on the kernel's command line", option);
		fact_set(ban->g->f, ban->unban, "/proc/cmdline", "%s %s%s", before, ban->module,
			 after);
	}
	ban->g->f->lost |= error == -ENOMEM;
	free(list);
}

static void blacklist(struct gather *g, const char *name)
{
	static const char *const verbs[] = {"install", "blacklist"};
	struct ban ban = {.g = g, .module = name};

	snprintf(ban.blacklist, sizeof(ban.blacklist), "%s.blacklist", name);
	snprintf(ban.unban, sizeof(ban.unban), "%s.unban", name);
	ban_by_kernel(&ban, "module_blacklist", "# take",
		      " off module_blacklist= on the kernel's command line, and reboot");
	for (size_t i = 0; i < 2; i++) {
		ban.verb = verbs[i];
		g->f->lost |= config_modprobe(g->m, verbs[i], name, note_ban, &ban) == -ENOMEM;
	}
	ban_by_kernel(&ban, "modprobe.blacklist", "modprobe",
		      "   # and take it off the kernel's command line");
	fact_set(g->f, ban.blacklist, "/etc/modprobe.d", "%s", "");
}

/* ---- SMB Direct ---- */

/* The kernel's configuration, where a distribution left it. Returns its length or -errno. */
static long kernel_config(struct gather *g, char **text, char *path)
{
	long len;

	snprintf(path, 128, "/boot/config-%s", g->kernel);
	len = cx_machine_file(g->m, path, text);
	if (len >= 0)
		return len;
	snprintf(path, 128, "/lib/modules/%s/config", g->kernel);
	return cx_machine_file(g->m, path, text);
}

static bool config_has(const char *config, const char *symbol)
{
	char line[64];

	snprintf(line, sizeof(line), "\nCONFIG_%s=", symbol);
	return strstr(config, line);
}

/* By what the module needs: rdma_cm, or from 7.3 on smbdirect; built in, by the configuration. */
static void smb_direct(struct gather *g, const struct index *index, const char *module,
		       const char *symbol, const char *key)
{
	const char *line = find_line(index->dep, module);
	char path[128], *config;
	size_t end;
	long len;

	if (!line && index->error) {
		fact_missing(g->f, key, index->dep_path, index->error);
	} else if (line) {
		end = strcspn(line, "\n");
		fact_flag(g->f, key, index->dep_path,
			  memmem(line, end, "/rdma_cm.ko", 11) ||
				  memmem(line, end, "/smbdirect.ko", 13));
	} else if (find_line(index->builtin, module)) {
		len = kernel_config(g, &config, path);
		if (len < 0)
			fact_missing(g->f, key, path, len);
		else
			fact_flag(g->f, key, path, config_has(config, symbol));
		free(config);
	} else {
		fact_set(g->f, key, index->dep_path, "%s", "");
	}
}

/* ---- each module ---- */

/* Is there one? Not in an index that cannot be read does not mean none. */
static void module_file(struct gather *g, const struct index *index, const char *name)
{
	char key[40];

	snprintf(key, sizeof(key), "%s.file", name);
	if (find_line(index->dep, name))
		fact_set(g->f, key, index->dep_path, "module");
	else if (find_line(index->builtin, name))
		fact_set(g->f, key, index->builtin_path, "built in");
	else if (index->error)
		fact_missing(g->f, key, index->dep_path, index->error);
	else if (index->builtin_error)
		fact_missing(g->f, key, index->builtin_path, index->builtin_error);
	else
		fact_set(g->f, key, index->dep_path, "%s", "");
}

static void module(struct gather *g, const struct index *index, const char *name)
{
	char key[40], path[64];

	module_file(g, index, name);
	snprintf(key, sizeof(key), "%s.loaded", name);
	snprintf(path, sizeof(path), "/sys/module/%s", name);
	fact_flag(g->f, key, path, cx_machine_has(g->m, path));
	/* Of the others it does not matter: what wants them, names them. */
	if (!strncmp(name, "mlx4", 4))
		blacklist(g, name);
}

/* Which cards mlx4_core is made for: without CONFIG_MLX4_CORE_GEN2 no ConnectX and ConnectX-2. */
static void driver_aliases(struct gather *g, const char *id)
{
	char path[128], alias[40], *text;
	long len;

	snprintf(path, sizeof(path), "/lib/modules/%s/modules.alias", g->kernel);
	len = cx_machine_file(g->m, path, &text);
	if (len < 0) {
		fact_missing(g->f, "mlx4_core.alias", path, len);
		return;
	}
	snprintf(alias, sizeof(alias), "pci:v000015B3d0000%.4s", id);
	for (char *c = alias + strlen(alias) - 4; *c; c++)
		*c = *c >= 'a' ? *c - 'a' + 'A' : *c;
	/* The aliases of what is built in are elsewhere; then the driver has the card anyway. */
	fact_flag(g->f, "mlx4_core.alias", path,
		  strstr(text, alias) ||
			  !strcmp(fact_value(g->f, "mlx4_core.file", 0), "built in"));
	free(text);
}

void gather_modules(struct gather *g)
{
	const char *id = fact_value(g->f, "card.id", 0);
	struct index index = {0};

	snprintf(index.dep_path, sizeof(index.dep_path), "/lib/modules/%s/modules.dep", g->kernel);
	index.error = cx_machine_file(g->m, index.dep_path, &index.dep);
	index.error = index.error < 0 ? index.error : 0;
	snprintf(index.builtin_path, sizeof(index.builtin_path), "/lib/modules/%s/modules.builtin",
		 g->kernel);
	index.builtin_error = cx_machine_file(g->m, index.builtin_path, &index.builtin);
	index.builtin_error = index.builtin_error < 0 ? index.builtin_error : 0;
	for (size_t i = 0; i < sizeof(modules) / sizeof(*modules); i++)
		module(g, &index, modules[i]);
	smb_direct(g, &index, "cifs", "CIFS_SMB_DIRECT", "cifs.rdma");
	smb_direct(g, &index, "ksmbd", "SMB_SERVER_SMBDIRECT", "ksmbd.rdma");
	if (strlen(id) == 9)
		driver_aliases(g, id + 5);
	free(index.dep);
	free(index.builtin);
}
