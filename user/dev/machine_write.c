// SPDX-License-Identifier: GPL-2.0-only
/* The only writes to a machine: a value into a file of sysfs, and a whole file of our own. */
#define _GNU_SOURCE
#include "machine_write.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* All of it, or -errno. */
static int write_all(int fd, const char *text)
{
	ssize_t n = write(fd, text, strlen(text));

	if (n < 0)
		return -errno;
	return n == (ssize_t)strlen(text) ? 0 : -EIO;
}

int cx_machine_put(const struct cx_machine *m, const char *path, const char *value)
{
	char full[PATH_MAX], text[64];
	int fd, ret;

	if (snprintf(full, sizeof(full), "%s%s", m->root, path) >= PATH_MAX ||
	    (size_t)snprintf(text, sizeof(text), "%s\n", value) >= sizeof(text))
		return -ENAMETOOLONG;
	fd = open(full, O_WRONLY | O_CLOEXEC | O_TRUNC);
	if (fd < 0)
		return -errno;
	ret = write_all(fd, text);
	if (close(fd) && !ret)
		ret = -errno;
	return ret;
}

static int fill(int fd, const char *text)
{
	int ret = write_all(fd, text);

	if (!ret && fchmod(fd, 0644))
		ret = -errno;
	if (!ret && fsync(fd))
		ret = -errno;
	if (close(fd) && !ret)
		ret = -errno;
	return ret;
}

int cx_machine_replace(const struct cx_machine *m, const char *path, const char *text)
{
	char full[PATH_MAX], new[PATH_MAX + 8];
	int fd, ret;

	if (snprintf(full, sizeof(full), "%s%s", m->root, path) >= PATH_MAX)
		return -ENAMETOOLONG;
	if (!*text)
		return unlink(full) && errno != ENOENT ? -errno : 0;
	snprintf(new, sizeof(new), "%s.XXXXXX", full);
	fd = mkostemp(new, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = fill(fd, text);
	if (!ret && rename(new, full))
		ret = -errno;
	if (ret)
		unlink(new);
	return ret;
}
