// SPDX-License-Identifier: GPL-2.0-only
/* Files in and out. */
#define _GNU_SOURCE
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int file_fail(const char *path, struct cx_err *err)
{
	return cx_fail(err, errno == ENOENT || errno == ENOTDIR ? CX_NOT_FOUND : CX_FAILED,
		       "%s: %s", path, strerror(errno));
}

const char *file_member(const char *path)
{
	const char *mark = strstr(path, "::");

	return mark && mark != path && access(path, F_OK) ? mark : NULL;
}

int file_check(const char *path, struct cx_err *err)
{
	const char *member = file_member(path);
	char *file = member ? strndup(path, member - path) : strdup(path);
	int ret = 0;

	if (!file)
		return cx_fail(err, CX_FAILED, "out of memory");
	if (access(file, R_OK))
		ret = file_fail(file, err);
	free(file);
	return ret;
}

static int read_fd(int fd, const char *path, uint8_t **bytes, size_t *len, struct cx_err *err)
{
	size_t size = 1 << 16, used = 0;
	uint8_t *buf = malloc(size + 1);

	for (;;) {
		uint8_t *more;
		ssize_t got;

		if (!buf)
			return cx_fail(err, CX_FAILED, "%s: out of memory", path);
		got = read(fd, buf + used, size - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			file_fail(path, err);
			break;
		}
		used += got;
		if (!got) {
			buf[used] = '\0';
			*bytes = buf;
			*len = used;
			return 0;
		}
		if (used < size)
			continue;
		if (size >= FILE_MAX) {
			cx_fail(err, CX_INVALID, "%s: larger than %u MiB, so no firmware file",
				path, FILE_MAX >> 20);
			break;
		}
		size *= 2;
		more = realloc(buf, size + 1);
		if (!more)
			free(buf);
		buf = more;
	}
	free(buf);
	return -1;
}

int file_read(const char *path, uint8_t **bytes, size_t *len, struct cx_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return file_fail(path, err);
	ret = read_fd(fd, path, bytes, len, err);
	close(fd);
	return ret;
}

static int write_fd(int fd, const uint8_t *bytes, size_t len)
{
	while (len) {
		ssize_t put = write(fd, bytes, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		bytes += put;
		len -= put;
	}
	return 0;
}

/* A pipe or a device has no name to be renamed over. */
static int write_plain(const char *path, const void *bytes, size_t len, struct cx_err *err)
{
	bool out = !strcmp(path, "-");
	int fd = out ? STDOUT_FILENO : open(path, O_WRONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return file_fail(path, err);
	if (out)
		fflush(stdout);
	ret = write_fd(fd, bytes, len);
	if (ret)
		file_fail(out ? "standard output" : path, err);
	if (!out && close(fd) && !ret)
		ret = file_fail(path, err);
	return ret;
}

static int write_synced(int fd, const void *bytes, size_t len)
{
	mode_t mask = umask(0);

	umask(mask);
	if (fchmod(fd, 0666 & ~mask) || write_fd(fd, bytes, len) || fsync(fd)) {
		int why = errno;

		close(fd);
		errno = why;
		return -1;
	}
	return close(fd);
}

int file_write(const char *path, const void *bytes, size_t len, struct cx_err *err)
{
	struct stat st;
	char *temp;
	int fd, ret = -1;

	if (!strcmp(path, "-") || (!stat(path, &st) && !S_ISREG(st.st_mode)))
		return write_plain(path, bytes, len, err);
	if (asprintf(&temp, "%s.XXXXXX", path) < 0)
		return cx_fail(err, CX_FAILED, "%s: out of memory", path);
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0) {
		file_fail(path, err);
		goto cleanup;
	}
	if (write_synced(fd, bytes, len) || rename(temp, path)) {
		file_fail(path, err);
		unlink(temp);
		goto cleanup;
	}
	ret = 0;
cleanup:
	free(temp);
	return ret;
}

char *file_path(const char *dir, const char *name)
{
	char *path;

	if (!strcmp(dir, "."))
		return strdup(name);
	return asprintf(&path, "%s/%s", dir, name) < 0 ? NULL : path;
}

char *file_folder(const char *path)
{
	const char *member = file_member(path);
	size_t len = member ? (size_t)(member - path) : strlen(path);
	const char *slash = memrchr(path, '/', len);

	if (!slash)
		return strdup(".");
	return strndup(path, slash == path ? 1 : slash - path);
}
