// SPDX-License-Identifier: GPL-2.0-only
/* Files, links and folders of a machine. */
#define _GNU_SOURCE
#include "machine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX (8u << 20) /* modules.dep and modules.alias are the largest: one or two MiB */
#define PIECE	 (64u << 10)

static void tell(const struct cx_machine *m, const char *path, char kind, const char *text,
		 long len)
{
	if (m->seen)
		m->seen(path, kind, len < 0 ? NULL : text, len < 0 ? 0 : len, len < 0 ? -len : 0,
			m->ctx);
}

/* -errno if the path gets too long. */
static int in_root(const struct cx_machine *m, const char *path, char *full)
{
	return snprintf(full, PATH_MAX, "%s%s", m->root, path) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* Files of sysfs and procfs have no size; they are read until they end. */
static long read_all(int fd, char **text)
{
	size_t len = 0, room = PIECE;
	char *more;
	ssize_t n;

	*text = malloc(room + 1);
	while (*text) {
		n = read(fd, *text + len, room - len);
		if (n < 0)
			return -errno;
		len += n;
		(*text)[len] = '\0';
		if (!n)
			return len;
		if (len < room)
			continue;
		if (room >= FILE_MAX)
			return -EFBIG;
		room *= 2;
		more = realloc(*text, room + 1);
		if (!more)
			break;
		*text = more;
	}
	return -ENOMEM;
}

long cx_machine_file(const struct cx_machine *m, const char *path, char **text)
{
	char full[PATH_MAX];
	long len = in_root(m, path, full);
	int fd;

	*text = NULL;
	if (!len) {
		fd = open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		len = fd < 0 ? -errno : read_all(fd, text);
		if (fd >= 0)
			close(fd);
	}
	if (len < 0) {
		free(*text);
		*text = NULL;
	}
	tell(m, path, 'f', *text, len);
	return len;
}

int cx_machine_line(const struct cx_machine *m, const char *path, char *buf, size_t size)
{
	char *text;
	long len = cx_machine_file(m, path, &text);

	*buf = '\0';
	if (len < 0)
		return len;
	snprintf(buf, size, "%.*s", (int)strcspn(text, "\n"), text);
	free(text);
	for (len = strlen(buf); len && buf[len - 1] == ' '; len--)
		buf[len - 1] = '\0';
	return 0;
}

int cx_machine_link(const struct cx_machine *m, const char *path, char *buf, size_t size)
{
	char full[PATH_MAX], target[PATH_MAX];
	ssize_t n = in_root(m, path, full);
	const char *base;

	*buf = '\0';
	if (!n) {
		n = readlink(full, target, sizeof(target) - 1);
		n = n < 0 ? -errno : n;
	}
	target[n > 0 ? n : 0] = '\0';
	tell(m, path, 'l', target, n);
	if (n < 0)
		return n;
	base = strrchr(target, '/');
	snprintf(buf, size, "%s", base ? base + 1 : target);
	return 0;
}

bool cx_machine_has(const struct cx_machine *m, const char *path)
{
	char full[PATH_MAX];
	bool has = !in_root(m, path, full) && !access(full, F_OK);

	tell(m, path, 'd', "", has ? 0 : -ENOENT);
	return has;
}

int cx_machine_real(const struct cx_machine *m, const char *path, char *buf, size_t size)
{
	char full[PATH_MAX], real[PATH_MAX], top[PATH_MAX] = "";
	int ret = in_root(m, path, full);
	size_t len;

	*buf = '\0';
	if (ret)
		return ret;
	if (!realpath(full, real) || (*m->root && !realpath(m->root, top)))
		return -errno;
	len = strlen(top);
	if (strncmp(real, top, len) || (len && real[len] != '/'))
		return -EXDEV; /* a link of the tree leads out of it */
	if ((size_t)snprintf(buf, size, "%s", real + len) >= size)
		return -ENAMETOOLONG;
	tell(m, buf, 'd', "", 0);
	return 0;
}

void cx_machine_unescape(char *field)
{
	char *to = field;

	for (; *field; field++)
		if (field[0] == '\\' && strspn(field + 1, "01234567") >= 3) {
			*to++ = (field[1] - '0') << 6 | (field[2] - '0') << 3 | (field[3] - '0');
			field += 3;
		} else {
			*to++ = *field;
		}
	*to = '\0';
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int add_name(struct cx_names *names, const char *name)
{
	char(*more)[256] = realloc(names->name, (names->count + 1) * sizeof(*more));

	if (!more)
		return -ENOMEM;
	names->name = more;
	snprintf(more[names->count++], sizeof(*more), "%s", name);
	return 0;
}

int cx_machine_names(const struct cx_machine *m, const char *path, struct cx_names *names)
{
	char full[PATH_MAX];
	struct dirent *e;
	int ret = in_root(m, path, full);
	DIR *dir = ret ? NULL : opendir(full);

	*names = (struct cx_names){0};
	if (!dir) {
		ret = ret ? ret : -errno;
		tell(m, path, 'd', NULL, ret);
		return ret;
	}
	while (!ret) {
		errno = 0;
		e = readdir(dir);
		if (!e) {
			ret = -errno;
			break;
		}
		if (e->d_name[0] != '.')
			ret = add_name(names, e->d_name);
	}
	closedir(dir);
	if (names->count)
		qsort(names->name, names->count, sizeof(*names->name), by_name);
	if (ret) {
		free(names->name);
		*names = (struct cx_names){0};
	}
	tell(m, path, 'd', "", ret);
	for (size_t i = 0; m->seen && i < names->count; i++)
		if (snprintf(full, sizeof(full), "%s/%s", path, names->name[i]) < PATH_MAX)
			tell(m, full, 'd', "", 0);
	return ret;
}
