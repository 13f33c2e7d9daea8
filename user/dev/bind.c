// SPDX-License-Identifier: GPL-2.0-only
/* Taking a card from its driver and giving it back, by driver_override (kernel-driver 6.2, 6.3). */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sysfs.h"
#include "use.h"

#define DRIVER "cxflash"
#define PORTS  2

/* One attach or detach. */
struct job {
	const struct cx_pci_root *root;
	const struct cx_pci_options *opt;
	char name[16];
};

static void show(const struct job *job, const char *path, const char *value)
{
	if (job->opt->show)
		job->opt->show(path, value, job->opt->ctx);
}

/* One write(2): sysfs takes a value whole or not at all. */
static int put(const struct job *job, int flags, const char *path, const char *value,
	       struct cx_err *err)
{
	ssize_t n;
	int fd;

	show(job, path, value);
	if (job->opt->dry_run)
		return 0;
	fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0644);
	if (fd < 0)
		return cx_fail(err, errno == EACCES ? CX_REFUSED : CX_FAILED,
			       "%s: cannot be written: %s%s", path, strerror(errno),
			       errno == EACCES ? "; run as root" : "");
	n = write(fd, value, strlen(value));
	if (n != (ssize_t)strlen(value)) {
		cx_fail(err, CX_FAILED, "%s: writing \"%s\": %s", path, value,
			n < 0 ? strerror(errno) : "cut short");
		close(fd);
		return -1;
	}
	if (close(fd))
		return cx_fail(err, CX_FAILED, "%s: \"%s\" was not taken: %s", path, value,
			       strerror(errno));
	return 0;
}

/* An empty line takes the override away. */
static int override(const struct job *job, const char *driver, struct cx_err *err)
{
	char path[PATH_MAX];

	sysfs_device(job->root, job->name, "driver_override", path);
	return put(job, 0, path, *driver ? driver : "\n", err);
}

static int unbind(const struct job *job, struct cx_err *err)
{
	char path[PATH_MAX];

	sysfs_device(job->root, job->name, "driver/unbind", path);
	return put(job, 0, path, job->name, err);
}

static int probe(const struct job *job, struct cx_err *err)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/bus/pci/drivers_probe", job->root->sysfs);
	return put(job, 0, path, job->name, err);
}

static void read_override(const struct job *job, char *driver, size_t size)
{
	char path[PATH_MAX];

	sysfs_device(job->root, job->name, "driver_override", path);
	if (sysfs_read(path, driver, size) || !strcmp(driver, "(null)"))
		*driver = '\0';
}

static void port_file(const struct job *job, unsigned int port, char path[PATH_MAX])
{
	char file[16];

	snprintf(file, sizeof(file), "mlx4_port%u", port);
	sysfs_device(job->root, job->name, file, path);
}

/* "ib", "eth" or "auto", which is followed by what the cable says; "" no such port. */
static void read_port_type(const struct job *job, unsigned int port, char type[8])
{
	char path[PATH_MAX], text[32];

	port_file(job, port, path);
	sysfs_read(path, text, sizeof(text));
	text[strcspn(text, " ")] = '\0';
	snprintf(type, 8, "%.7s", text);
}

/*
 * Which driver the card goes back to; in a second line the driver_override it then has (that of a
 * card kept for vfio-pci, say); in a third the types of its ports, which a driver forgets. On the
 * disk before the card is taken. An older record stays: it is from a takeover that was cut short,
 * and knows better.
 */
static int record(const struct job *job, const char *driver, struct cx_err *err)
{
	char path[PATH_MAX], old[32], type[PORTS][8], text[80];

	if (!job->opt->dry_run && mkdir(job->root->run, 0755) && errno != EEXIST)
		return cx_fail(err, CX_FAILED, "%s: cannot be made: %s", job->root->run,
			       strerror(errno));
	sysfs_record(job->root, job->name, path);
	if (!*driver && !sysfs_read(path, old, sizeof(old)) && *old)
		return 0;
	read_override(job, old, sizeof(old));
	for (unsigned int i = 0; i < PORTS; i++)
		read_port_type(job, i + 1, type[i]);
	snprintf(text, sizeof(text), "%s\n%s\n%s %s", driver, strcmp(old, DRIVER) ? old : "",
		 type[0], type[1]);
	return put(job, O_CREAT | O_TRUNC, path, text, err);
}

/* The second and the third line of the record, each with 32 bytes. */
static void recorded(const struct job *job, char *driver, char *types)
{
	char path[PATH_MAX], *lines[] = {driver, driver, types};
	FILE *f;

	*driver = *types = '\0';
	sysfs_record(job->root, job->name, path);
	f = fopen(path, "re");
	for (size_t i = 0; f && i < sizeof(lines) / sizeof(*lines); i++) {
		if (!fgets(lines[i], 32, f))
			lines[i][0] = '\0';
		lines[i][strcspn(lines[i], "\n")] = '\0';
	}
	if (f)
		fclose(f);
}

static int forget(const struct job *job, struct cx_err *err)
{
	char path[PATH_MAX];

	sysfs_record(job->root, job->name, path);
	if (access(path, F_OK))
		return 0;
	show(job, path, "");
	if (!job->opt->dry_run && unlink(path) && errno != ENOENT)
		return cx_fail(err, CX_FAILED, "%s: cannot be removed: %s", path, strerror(errno));
	return 0;
}

static bool bound_to(const struct job *job, const char *driver)
{
	char now[32];

	sysfs_driver(job->root, job->name, now, sizeof(now));
	return !strcmp(now, driver);
}

/* ---- give back ---- */

/*
 * A driver begins with what the firmware suggests; what was set since then is set again. The second
 * port comes first: there InfiniBand on the first and Ethernet on the second is usual, and the
 * other way round is refused. Whether it was taken is seen in the end.
 */
static int put_types_back(const struct job *job, const char *types, struct cx_err *err)
{
	char was[PORTS][8] = {"", ""}, now[PORTS][8], path[PATH_MAX], value[16];
	struct cx_err why = {0};

	if (job->opt->dry_run || sscanf(types, "%7s %7s", was[0], was[1]) < 1)
		return 0;
	for (unsigned int i = PORTS; i-- > 0;) {
		read_port_type(job, i + 1, now[i]);
		if (!*was[i] || !strcmp(was[i], now[i]))
			continue;
		port_file(job, i + 1, path);
		snprintf(value, sizeof(value), "%s\n", was[i]);
		put(job, 0, path, value, &why);
	}
	for (unsigned int i = 0; i < PORTS; i++) {
		read_port_type(job, i + 1, now[i]);
		if (*was[i] && strcmp(was[i], now[i]))
			return cx_fail(err, CX_FAILED,
				       "%s: is back, but port %u was %s and is %s%s%s; set it: "
				       "cxflashctl port set -d %s %u=%s",
				       job->name, i + 1, was[i], *now[i] ? now[i] : "gone",
				       why.status ? ": " : "", why.text, job->name, i + 1, was[i]);
	}
	return 0;
}

/* From wherever an attach or detach got to: its former override, not ours, its former driver's. */
static int give_back(const struct job *job, const char *former, struct cx_err *err)
{
	char former_override[32], types[32];
	int ret = 0;

	recorded(job, former_override, types);
	if (override(job, former_override, err))
		return -1;
	if (bound_to(job, DRIVER) && unbind(job, err))
		return -1;
	if (*former && !bound_to(job, former)) {
		if (probe(job, err))
			return -1;
		if (!job->opt->dry_run && !bound_to(job, former))
			return cx_fail(err, CX_FAILED,
				       "%s: %s did not take it back; load it (modprobe %s) and run "
				       "detach again",
				       job->name, former, former);
		ret = put_types_back(job, types, err);
	}
	return forget(job, ret ? &(struct cx_err){0} : err) ? -1 : ret;
}

static bool overridden(const struct job *job)
{
	char text[32];

	read_override(job, text, sizeof(text));
	return !strcmp(text, DRIVER);
}

int cx_pci_detach(const struct cx_pci_root *root, const char *name,
		  const struct cx_pci_options *opt, struct cx_err *err)
{
	struct job job = {.root = root, .opt = opt};
	struct cx_pci_card card;
	char path[PATH_MAX];

	if (cx_pci_find(root, name, &card, err))
		return -1;
	memcpy(job.name, card.name, sizeof(job.name));
	sysfs_record(root, card.name, path);
	if (strcmp(card.driver, DRIVER) && !overridden(&job) && access(path, F_OK))
		return cx_fail(err, CX_NOTHING, "%s: is not attached", card.name);
	return give_back(&job, card.previous, err);
}

/* ---- take ---- */

static int check_use(const struct cx_pci_root *root, const struct cx_pci_card *card,
		     const struct cx_pci_options *opt, struct cx_err *err)
{
	char uses[CX_TEXT / 2];

	if (*card->driver && !opt->takeover)
		return cx_fail(err, CX_BUSY,
			       "%s: %s has it: --beside works while it stays (no outage), "
			       "--takeover takes the card from it until detach",
			       card->name, card->driver);
	if (opt->force)
		return 0;
	cx_pci_uses(root, card, uses, sizeof(uses));
	if (*uses)
		return cx_fail(err, CX_REFUSED,
			       "%s: is in use and would go: %s; end that first, or use --force",
			       card->name, uses);
	return 0;
}

static int take(const struct job *job, const char *driver, struct cx_err *err)
{
	if (override(job, DRIVER, err))
		return -1;
	if (*driver && unbind(job, err))
		return -1;
	if (probe(job, err))
		return -1;
	if (!job->opt->dry_run && !bound_to(job, DRIVER))
		return cx_fail(err, CX_FAILED, "%s: cxflash did not take it; dmesg says why",
			       job->name);
	return 0;
}

bool cx_pci_module_loaded(const struct cx_pci_root *root)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/bus/pci/drivers/" DRIVER, root->sysfs);
	return !access(path, F_OK);
}

int cx_pci_attach(const struct cx_pci_root *root, const char *name,
		  const struct cx_pci_options *opt, struct cx_err *err)
{
	struct job job = {.root = root, .opt = opt};
	struct cx_pci_card card;
	struct cx_err why;

	if (cx_pci_find(root, name, &card, err))
		return -1;
	memcpy(job.name, card.name, sizeof(job.name));
	if (!strcmp(card.driver, DRIVER))
		return 0;
	if (!cx_pci_module_loaded(root))
		return cx_fail(err, CX_NOT_FOUND,
			       "%s: the kernel module is not loaded: run modprobe cxflash",
			       card.name);
	if (check_use(root, &card, opt, err) || record(&job, card.driver, err))
		return -1;
	if (!take(&job, card.driver, err))
		return 0;
	if (give_back(&job, *card.driver ? card.driver : card.previous, &why)) {
		cx_fail_after(err, "; and it could not be given back: %s", why.text);
		err->status = CX_FAILED;
	}
	return -1;
}
