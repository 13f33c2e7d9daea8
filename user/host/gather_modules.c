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

#include "gather.h"

/* Those the rules ask for, as facts name them: with underscores. */
static const char *const modules[] = {
	"mlx4_core", "mlx4_en",	 "mlx4_ib", "ib_ipoib", "rpcrdma",   "cifs",	   "ksmbd",
	"ib_iser",   "ib_isert", "ib_srp",  "ib_srpt",	"nvme_rdma", "nvmet_rdma",
};

struct index {
	char dep_path[128], *dep, *builtin;
	long error; /* why there is no dep */
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

/* ---- blacklists ---- */

static const char *const config_folder[] = {
	"/etc/modprobe.d",     "/run/modprobe.d", "/usr/local/lib/modprobe.d",
	"/usr/lib/modprobe.d", "/lib/modprobe.d",
};

struct match {
	const char *verb, *module, *file;
	void (*fn)(const char *file, unsigned int line, const char *rest, void *ctx);
	void *ctx;
};

static void config_line(const struct match *match, unsigned int number, char *line)
{
	char *rest = line, *verb, *module;

	while ((verb = strsep(&rest, " \t")) && !*verb)
		;
	if (!verb || strcmp(verb, match->verb))
		return;
	while ((module = strsep(&rest, " \t")) && !*module)
		;
	if (!module || strcmp(module, match->module))
		return;
	match->fn(match->file, number, rest ? rest + strspn(rest, " \t") : "", match->ctx);
}

static void config_file(const struct cx_machine *m, struct match *match)
{
	char *text, *line, *rest;
	unsigned int number = 0;

	if (cx_machine_file(m, match->file, &text) < 0)
		return;
	rest = text;
	while ((line = strsep(&rest, "\n")))
		config_line(match, ++number, line);
	free(text);
}

/* Where /lib is a link to /usr/lib, its files are seen once. */
static bool seen_already(const struct cx_machine *m, size_t folder)
{
	char real[PATH_MAX];

	return !cx_machine_real(m, config_folder[folder], real, sizeof(real)) &&
	       strcmp(real, config_folder[folder]) && !strcmp(real, "/usr/lib/modprobe.d");
}

void modprobe_lines(const struct cx_machine *m, const char *verb, const char *module,
		    void (*fn)(const char *file, unsigned int line, const char *rest, void *ctx),
		    void *ctx)
{
	struct match match = {verb, module, NULL, fn, ctx};
	struct cx_names names;
	char path[400];

	for (size_t i = 0; i < sizeof(config_folder) / sizeof(*config_folder); i++) {
		if (seen_already(m, i) || cx_machine_names(m, config_folder[i], &names))
			continue;
		for (size_t n = 0; n < names.count; n++) {
			size_t len = strlen(names.name[n]);

			if (len < 6 || strcmp(names.name[n] + len - 5, ".conf"))
				continue;
			snprintf(path, sizeof(path), "%s/%s", config_folder[i], names.name[n]);
			match.file = path;
			config_file(m, &match);
		}
		free(names.name);
	}
}

void command_line(const struct cx_machine *m, const char *option, char *value, size_t size)
{
	char *text, *rest, *word;
	size_t len = strlen(option);

	*value = '\0';
	if (cx_machine_file(m, "/proc/cmdline", &text) < 0)
		return;
	rest = text;
	while ((word = strsep(&rest, " \n")))
		if (!strncmp(word, option, len) && word[len] == '=')
			snprintf(value, size, "%s", word + len + 1);
	free(text);
}

struct ban {
	char text[160];
	const char *verb;
};

static void note_ban(const char *file, unsigned int line, const char *rest, void *ctx)
{
	struct ban *ban = ctx;

	if (*ban->text)
		return;
	/* Any other "install" line loads the module in a way of its own. */
	if (!strcmp(ban->verb, "install") && !strstr(rest, "/bin/false") &&
	    !strstr(rest, "/bin/true"))
		return;
	snprintf(ban->text, sizeof(ban->text), "\"%s\" in %s, line %u", ban->verb, file, line);
}

static bool in_list(char *list, const char *name)
{
	char *word;

	while ((word = strsep(&list, ",")))
		if (!strcmp(word, name))
			return true;
	return false;
}

static void blacklist(struct gather *g, const char *name, const char *key)
{
	static const char *const option[] = {"module_blacklist", "modprobe.blacklist"};
	struct ban ban = {"", "blacklist"};
	char list[300];

	modprobe_lines(g->m, "blacklist", name, note_ban, &ban);
	ban.verb = "install";
	modprobe_lines(g->m, "install", name, note_ban, &ban);
	for (size_t i = 0; i < 2 && !*ban.text; i++) {
		command_line(g->m, option[i], list, sizeof(list));
		if (in_list(list, name))
			snprintf(ban.text, sizeof(ban.text), "%s= on the kernel's command line",
				 option[i]);
	}
	fact_set(g->f, key, "/etc/modprobe.d", "%s", ban.text);
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
	char path[128], *config, *copy;
	long len;

	if (!line && index->error) {
		fact_missing(g->f, key, index->dep_path, index->error);
	} else if (line) {
		copy = strndup(line, strcspn(line, "\n"));
		fact_flag(g->f, key, index->dep_path,
			  copy && (strstr(copy, "/rdma_cm.ko") || strstr(copy, "/smbdirect.ko")));
		free(copy);
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

static void module(struct gather *g, const struct index *index, const char *name)
{
	char key[40], path[64];

	snprintf(key, sizeof(key), "%s.file", name);
	if (!index->dep)
		fact_missing(g->f, key, index->dep_path, index->error);
	else
		fact_set(g->f, key, index->dep_path, "%s",
			 find_line(index->dep, name)	   ? "module"
			 : find_line(index->builtin, name) ? "built in"
							   : "");
	snprintf(key, sizeof(key), "%s.loaded", name);
	snprintf(path, sizeof(path), "/sys/module/%s", name);
	fact_flag(g->f, key, path, cx_machine_has(g->m, path));
	snprintf(key, sizeof(key), "%s.blacklist", name);
	blacklist(g, name, key);
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
	char path[128];

	snprintf(index.dep_path, sizeof(index.dep_path), "/lib/modules/%s/modules.dep", g->kernel);
	index.error = cx_machine_file(g->m, index.dep_path, &index.dep);
	index.error = index.error < 0 ? index.error : 0;
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.builtin", g->kernel);
	cx_machine_file(g->m, path, &index.builtin);
	for (size_t i = 0; i < sizeof(modules) / sizeof(*modules); i++)
		module(g, &index, modules[i]);
	smb_direct(g, &index, "cifs", "CIFS_SMB_DIRECT", "cifs.rdma");
	smb_direct(g, &index, "ksmbd", "SMB_SERVER_SMBDIRECT", "ksmbd.rdma");
	if (strlen(id) == 9)
		driver_aliases(g, id + 5);
	free(index.dep);
	free(index.builtin);
}
