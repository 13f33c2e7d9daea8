// SPDX-License-Identifier: GPL-2.0-only
/* Files in and out. */
#define _GNU_SOURCE
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <linux/limits.h>
#include <unistd.h>

#include "fw/pack/container.h"

#define MAX_LINKS 40 /* as the kernel */

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

/* ---- out ---- */

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

/* Where the bytes of a file that is named go: behind all links, into this folder. */
struct place {
	char *path, *folder;
	bool there;
	struct stat st; /* of what is there */
};

static void leave_place(struct place *p)
{
	free(p->path);
	free(p->folder);
}

static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return strdup(".");
	return strndup(path, slash == path ? 1 : slash - path);
}

/* What the link @path points to, seen from where it lies; NULL with EINVAL: it is no link. */
static char *read_link(const char *path)
{
	char to[PATH_MAX], *folder, *next;
	ssize_t len = readlink(path, to, sizeof(to) - 1);

	if (len < 0)
		return NULL;
	to[len] = '\0';
	if (to[0] == '/')
		return strdup(to);
	folder = folder_of(path);
	next = folder ? file_path(folder, to) : NULL;
	free(folder);
	return next;
}

/* The end of a chain of links, whether something is there or not; NULL with errno. */
static char *follow(const char *path)
{
	char *at = strdup(path), *next;

	for (unsigned int links = 0; at && links < MAX_LINKS; links++) {
		next = read_link(at);
		if (!next && (errno == EINVAL || errno == ENOENT))
			return at;
		free(at);
		at = next;
	}
	free(at);
	errno = at ? ELOOP : errno;
	return NULL;
}

static int find_place(const char *path, struct place *p, struct cx_err *err)
{
	*p = (struct place){.path = follow(path)};
	p->folder = p->path ? folder_of(p->path) : NULL;
	if (!p->folder) {
		file_fail(path, err);
		leave_place(p);
		return -1;
	}
	p->there = !stat(p->path, &p->st);
	if (p->there || errno == ENOENT)
		return 0;
	file_fail(path, err);
	leave_place(p);
	return -1;
}

/* Can it become another file and stay what it is? Also before a dry run says so. */
static int check_place(const struct place *p, const char *path, struct cx_err *err)
{
	if (p->there && S_ISDIR(p->st.st_mode)) {
		errno = EISDIR;
		return file_fail(path, err);
	}
	if (p->there && faccessat(AT_FDCWD, p->path, W_OK, AT_EACCESS))
		return file_fail(path, err);
	if (p->there && !S_ISREG(p->st.st_mode))
		return 0;
	if (p->there && p->st.st_nlink > 1)
		return cx_fail(err, CX_REFUSED,
			       "%s has %lu names (hard links), and only this one would get the new "
			       "content; name another file with -o",
			       path, (unsigned long)p->st.st_nlink);
	if (faccessat(AT_FDCWD, p->folder, W_OK | X_OK, AT_EACCESS))
		return file_fail(errno == ENOENT ? path : p->folder, err);
	return 0;
}

/* A pipe or a device has no name to be renamed over. */
static int write_plain(const char *path, const void *bytes, size_t len, struct cx_err *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return file_fail(path, err);
	ret = write_fd(fd, bytes, len);
	if (ret)
		file_fail(path, err);
	if (close(fd) && !ret)
		ret = file_fail(path, err);
	return ret;
}

static int write_stdout(const void *bytes, size_t len, struct cx_err *err)
{
	fflush(stdout);
	return write_fd(STDOUT_FILENO, bytes, len) ? file_fail("standard output", err) : 0;
}

/* Access lists and what users note there; "security." is the kernel's own business. */
static int copy_attributes(const char *from, int fd)
{
	char *names = malloc(2 * XATTR_LIST_MAX), *value = names + XATTR_LIST_MAX;
	ssize_t all, len = 0;

	if (!names)
		return -1;
	all = listxattr(from, names, XATTR_LIST_MAX);
	if (all < 0 && errno == ENOTSUP)
		all = 0;
	for (const char *name = names; len >= 0 && name < names + all; name += strlen(name) + 1) {
		if (!strncmp(name, "security.", 9))
			continue;
		len = getxattr(from, name, value, XATTR_LIST_MAX);
		if (len >= 0 && fsetxattr(fd, name, value, len, 0))
			len = -1;
	}
	free(names);
	return all < 0 || len < 0 ? -1 : 0;
}

/* Owner before mode, as a change of owner clears bits of it; access lists after both. */
static int become(int fd, const struct place *p)
{
	struct stat new;
	mode_t mask;

	if (!p->there) {
		mask = umask(0);
		umask(mask);
		return fchmod(fd, 0666 & ~mask);
	}
	if (fstat(fd, &new))
		return -1;
	if ((new.st_uid != p->st.st_uid || new.st_gid != p->st.st_gid) &&
	    fchown(fd, p->st.st_uid, p->st.st_gid))
		return -1;
	return fchmod(fd, p->st.st_mode & 07777) || copy_attributes(p->path, fd) ? -1 : 0;
}

/* The new name is there for good only when the folder, which has it, is on the disk. */
static int sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret;

	if (fd < 0)
		return errno == EACCES ? 0 : -1; /* it may be written, not read */
	ret = fsync(fd);
	if (ret && errno == EINVAL) /* a file system that has nothing to sync */
		ret = 0;
	close(fd);
	return ret;
}

/* Fill @temp, then give it the name; errno says what is in the way. */
static int replace(int fd, const char *temp, const struct place *p, const void *bytes, size_t len)
{
	int ret = become(fd, p) || write_fd(fd, bytes, len) || fsync(fd) ? -1 : 0, why = errno;

	if (close(fd) && !ret) {
		ret = -1;
		why = errno;
	}
	errno = why;
	return ret || rename(temp, p->path) ? -1 : 0;
}

static int write_new(const struct place *p, const char *path, const void *bytes, size_t len,
		     struct cx_err *err)
{
	char *temp;
	int fd, ret = -1;

	if (asprintf(&temp, "%s/.cxflash-XXXXXX", p->folder) < 0)
		return cx_fail(err, CX_FAILED, "%s: out of memory", path);
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0) {
		file_fail(path, err);
	} else if (replace(fd, temp, p, bytes, len)) {
		if (errno == EPERM && p->there)
			cx_fail(err, CX_REFUSED,
				"%s belongs to another user, and changed it would not; name "
				"another file with -o",
				path);
		else
			file_fail(path, err);
		unlink(temp);
	} else {
		ret = sync_folder(p->folder) ? file_fail(p->folder, err) : 0;
	}
	free(temp);
	return ret;
}

bool file_is_stdout(const char *path)
{
	static const char *const names[] = {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"};
	struct stat out, st;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(path, names[i]))
			return true;
	/* OUT of "-o OUT >OUT" */
	return !fstat(STDOUT_FILENO, &out) && !stat(path, &st) && out.st_dev == st.st_dev &&
	       out.st_ino == st.st_ino && (S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode));
}

int file_write(const struct cli *cli, const char *path, const void *bytes, size_t len,
	       struct cx_err *err)
{
	struct place p;
	int ret;

	if (file_is_stdout(path))
		return cli->dry_run ? 0 : write_stdout(bytes, len, err);
	if (find_place(path, &p, err))
		return -1;
	ret = check_place(&p, path, err);
	if (!ret && !cli->dry_run)
		ret = p.there && !S_ISREG(p.st.st_mode) ? write_plain(path, bytes, len, err)
							: write_new(&p, path, bytes, len, err);
	leave_place(&p);
	return ret;
}

int file_new_folder(const struct cli *cli, const char *path, struct cx_err *err)
{
	struct place p;
	int ret;

	if (find_place(path, &p, err))
		return -1;
	if (p.there)
		ret = cx_fail(err, CX_REFUSED, "%s is there already; name a folder that is not",
			      path);
	else
		ret = check_place(&p, path, err);
	if (!ret && !cli->dry_run && mkdir(path, 0777))
		ret = file_fail(path, err);
	leave_place(&p);
	return ret;
}

void file_say(struct cli *cli, const char *path)
{
	out_text(&cli->out, "output", cli->dry_run ? "Would be saved in" : "Saved in", "%s", path);
	if (cli->dry_run)
		out_flag(&cli->out, "dry_run", true);
}

/* What a name promises. */
static const struct {
	const char *ending;
	enum file_kind kind;
} endings[] = {
	{".ini", FILE_INI},	{".mlx", FILE_MLX},   {".bin", FILE_BYTES},  {".img", FILE_BYTES},
	{".flash", FILE_BYTES}, {".rom", FILE_BYTES}, {".mrom", FILE_BYTES},
};

bool file_fits(const char *path, enum file_kind kind)
{
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++)
		if (fw_name_ends_in(path, endings[i].ending))
			return endings[i].kind == kind;
	return true;
}

static int check_name(const char *path, enum file_kind kind, struct cx_err *err)
{
	static const char *const what[] = {
		[FILE_BYTES] = "these are the bytes of an image, a ROM or a flash",
		[FILE_INI] = "this is the text of an ini",
		[FILE_MLX] = "this is the text of a .mlx",
	};

	if (file_is_stdout(path) || file_fits(path, kind))
		return 0;
	return cx_fail(err, CX_USAGE, "%s: %s, and a name that ends in %s promises something else",
		       path, what[kind], strrchr(path, '.'));
}

int file_save(struct cli *cli, const char *path, enum file_kind kind, const void *bytes, size_t len,
	      struct cx_err *err)
{
	if (check_name(path, kind, err) || file_write(cli, path, bytes, len, err))
		return -1;
	file_say(cli, path);
	return 0;
}

/* ---- names ---- */

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
