// SPDX-License-Identifier: GPL-2.0-only
/* Facts: the system around the card: its distribution, kernel, security, virtual machines. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gather.h"

/* ---- distribution ---- */

/* How a distribution installs a package, makes an initramfs, and calls its NFS server. */
static const struct distribution {
	const char *id; /* ID or a word of ID_LIKE in os-release */
	const char *install, *nfsd, *initramfs;
} distributions[] = {
	{"debian", "apt install", "nfs-kernel-server", "update-initramfs -u -k all"},
	{"ubuntu", "apt install", "nfs-kernel-server", "update-initramfs -u -k all"},
	{"fedora", "dnf install", "nfs-utils", "dracut -f --regenerate-all"},
	{"rhel", "dnf install", "nfs-utils", "dracut -f --regenerate-all"},
	{"suse", "zypper install", "nfs-kernel-server", "dracut -f --regenerate-all"},
	{"arch", "pacman -S", "nfs-utils", "mkinitcpio -P"},
	/* Its packages are switched off; the command is shown, not meant to be pasted. */
	{"truenas", "# TrueNAS is delivered without it: apt install", "nfs-kernel-server",
	 "update-initramfs -u -k all"},
	{"", "# install", "nfs-utils", "# make a new initramfs"},
};

/* The value of NAME= in os-release, without quotes. */
static void release_value(const char *text, const char *name, char *value, size_t size)
{
	size_t len = strlen(name);

	*value = '\0';
	for (; text; text = strchr(text, '\n') ? strchr(text, '\n') + 1 : NULL)
		if (!strncmp(text, name, len) && text[len] == '=') {
			text += len + 1;
			text += *text == '"';
			snprintf(value, size, "%.*s", (int)strcspn(text, "\"\n"), text);
			return;
		}
}

static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += len)
		if ((at == list || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			return true;
	return false;
}

static const struct distribution *find_distribution(struct gather *g, const char *id,
						    const char *like)
{
	const struct distribution *d = distributions;

	if (strstr(g->kernel, "truenas"))
		id = "truenas";
	for (; *d->id; d++)
		if (!strcmp(d->id, id))
			return d;
	for (d = distributions; *d->id; d++)
		if (has_word(like, d->id))
			return d;
	return d;
}

/* What brings a module that this kernel could have: its distribution packs some apart. */
static void module_packages(struct gather *g, const char *source)
{
	const char *modules = "# start the distribution's full kernel, which has it";

	if (g->ubuntu)
		fact_set(g->f, "os.modules", source, "apt install linux-modules-extra-%s",
			 g->kernel);
	else if (g->debian_like && strstr(g->kernel, "-cloud-"))
		modules =
			"apt install linux-image-amd64   # and start that kernel: this one is made"
			" for virtual machines";
	else if (g->debian_like && version_order(g->kernel, "7.2") >= 0)
		fact_set(g->f, "os.modules", source, "apt install linux-modules-%s", g->kernel);
	fact_set(g->f, "os.modules", source, "%s", modules);
}

static void distribution(struct gather *g)
{
	const char *source = "/etc/os-release";
	char id[32], like[64], name[80], *text;
	const struct distribution *d;

	if (cx_machine_file(g->m, source, &text) < 0) {
		source = "/usr/lib/os-release";
		cx_machine_file(g->m, source, &text);
	}
	release_value(text, "ID", id, sizeof(id));
	release_value(text, "ID_LIKE", like, sizeof(like));
	release_value(text, "PRETTY_NAME", name, sizeof(name));
	free(text);
	d = find_distribution(g, id, like);
	g->ubuntu = !strcmp(id, "ubuntu");
	g->debian_like = !strncmp(d->install, "apt", 3);
	fact_set(g->f, "os", source, "%s", name);
	fact_set(g->f, "os.install", source, "%s", d->install);
	fact_set(g->f, "os.nfsd", source, "%s", d->nfsd);
	fact_set(g->f, "os.initramfs", source, "%s", d->initramfs);
	fact_set(g->f, "os.mlx4", source, "%s",
		 has_word(id, "rhel") || has_word(like, "rhel")
			 ? "ELRepo's kmod-mlx4 is a way on EL"
			 : "the distribution's full kernel, or Debian's");
	module_packages(g, source);
}

/* ---- security ---- */

/* "none [integrity] confidentiality": the one in brackets holds. */
static void lockdown(struct gather *g)
{
	static const char path[] = "/sys/kernel/security/lockdown";
	char line[80], *start;
	int ret = cx_machine_line(g->m, path, line, sizeof(line));

	start = ret ? NULL : strchr(line, '[');
	if (!start) {
		fact_missing(g->f, "lockdown", path, ret ? ret : EINVAL);
		return;
	}
	fact_set(g->f, "lockdown", path, "%.*s", (int)strcspn(start + 1, "]"), start + 1);
}

#define EFI	    "/sys/firmware/efi"
#define SECURE_BOOT EFI "/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define MOK_OFF	    EFI "/efivars/MokSBStateRT-605dab50-e046-4300-abb6-3dd810dd8b23"

/* Four bytes of attributes, then the value. */
static int efi_flag(struct gather *g, const char *path)
{
	char *text;
	long len = cx_machine_file(g->m, path, &text);
	int flag = len > 4 ? text[4] : -1;

	free(text);
	return flag;
}

static void secure_boot(struct gather *g)
{
	int on;

	if (!cx_machine_has(g->m, EFI)) {
		fact_set(g->f, "secureboot", EFI, "off (BIOS start)");
		return;
	}
	on = efi_flag(g, SECURE_BOOT);
	if (on == 1 && efi_flag(g, MOK_OFF) == 1)
		fact_set(g->f, "secureboot", MOK_OFF, "off (by shim)");
	else
		fact_set(g->f, "secureboot", SECURE_BOOT, "%s",
			 on < 0	   ? "unknown"
			 : on == 1 ? "on"
				   : "off");
}

/* ---- virtual machines ---- */

static void virtual_machine(struct gather *g)
{
	char *text, vendor[64] = "";
	long len = cx_machine_file(g->m, "/proc/cpuinfo", &text);
	bool guest = len >= 0 && strstr(text, " hypervisor");

	free(text);
	if (guest &&
	    (cx_machine_line(g->m, "/sys/class/dmi/id/sys_vendor", vendor, sizeof(vendor)) ||
	     !*vendor))
		snprintf(vendor, sizeof(vendor), "an unnamed hypervisor");
	if (len < 0)
		fact_missing(g->f, "vm", "/proc/cpuinfo", len);
	else
		fact_set(g->f, "vm", "/proc/cpuinfo", "%s", guest ? vendor : "");
	if (!gather_line(g, "container", "/run/systemd/container") &&
	    cx_machine_has(g->m, "/.dockerenv"))
		fact_set(g->f, "container", "/.dockerenv", "docker");
}

/* ---- what else is there ---- */

static bool runs(struct gather *g, const char *program)
{
	char path[300], name[32];
	struct cx_names pid;
	bool found = false;

	if (cx_machine_names(g->m, "/proc", &pid))
		return false;
	for (size_t i = 0; i < pid.count && !found; i++) {
		if (strspn(pid.name[i], "0123456789") != strlen(pid.name[i]))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", pid.name[i]);
		found = !cx_machine_line(g->m, path, name, sizeof(name)) && !strcmp(name, program);
	}
	free(pid.name);
	return found;
}

#define UMAD                                                                                \
	"/sys/class/infiniband_mad/abi_version" /* ib_umad is loaded, by which opensm talks \
						 */

static void programs(struct gather *g)
{
	static const char rules[] = "lib/udev/rules.d/90-rdma-hw-modules.rules";
	char usr[80], top[80];

	snprintf(usr, sizeof(usr), "/usr/%s", rules);
	snprintf(top, sizeof(top), "/%s", rules);
	fact_flag(g->f, "rdma_core", usr, cx_machine_has(g->m, usr) || cx_machine_has(g->m, top));
	fact_flag(g->f, "opensm", "/usr/sbin/opensm",
		  cx_machine_has(g->m, "/usr/sbin/opensm") ||
			  cx_machine_has(g->m, "/usr/bin/opensm"));
	fact_flag(g->f, "opensm.running", "/proc", runs(g, "opensm"));
	fact_flag(g->f, "umad", UMAD, cx_machine_has(g->m, UMAD));
	fact_flag(g->f, "samba", "/proc", runs(g, "smbd"));
}

void gather_system(struct gather *g)
{
	static const char release[] = "/proc/sys/kernel/osrelease";
	int ret = cx_machine_line(g->m, release, g->kernel, sizeof(g->kernel));

	if (ret)
		fact_missing(g->f, "kernel", release, ret);
	else
		fact_set(g->f, "kernel", release, "%s", g->kernel);
	distribution(g);
	lockdown(g);
	secure_boot(g);
	virtual_machine(g);
	programs(g);
}
