// SPDX-License-Identifier: GPL-2.0-only
/* A card's VPD as the kernel reads it: by a child, as a read of a broken one may not come back. */
#define _GNU_SOURCE
#include "vpd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "sysfs.h"

/* What a child that was told to end gets for it; one that hangs in the kernel may need long. */
#define END_MS 1000

#define MAX_FD 1024 /* more than the tool ever has open */

/* In the child: from the file into the pipe; the exit status is an errno. */
static void __attribute__((noreturn)) copy(const char *path, int to)
{
	char piece[256];
	ssize_t n = 0;
	int from;

	/* If it hangs, it keeps no card's lock, and no reader of our output waits for it. */
	for (int fd = 0; fd < MAX_FD; fd++)
		if (fd != to)
			close(fd);
	from = open(path, O_RDONLY | O_CLOEXEC);
	while (from >= 0 && (n = read(from, piece, sizeof(piece))) > 0)
		if (write(to, piece, n) != n)
			_exit(EPIPE);
	_exit(from < 0 || n < 0 ? errno : 0);
}

/* Until the pipe ends or *bytes is full. -1: the time was over. */
static int gather(int pipe, unsigned int limit, uint8_t *bytes, size_t *len)
{
	uint64_t now = cx_now_ms(), end = now + limit;
	struct pollfd p = {.fd = pipe, .events = POLLIN};
	ssize_t n = 1;

	for (*len = 0; n && *len < CX_VPD_MAX; now = cx_now_ms()) {
		int ready = now < end ? poll(&p, 1, (int)(end - now)) : 0;

		if (!ready)
			return -1;
		n = ready < 0 ? -1 : read(pipe, bytes + *len, CX_VPD_MAX - *len);
		if (n < 0 && errno != EINTR)
			return 0; /* the child's end tells why */
		*len += n > 0 ? n : 0;
	}
	return 0;
}

/*
 * The exit status of @child, reaped. One that is to @end but hangs in the kernel is left to whoever
 * reaps when we are gone: waiting for it would be the hang that this is here to avoid.
 */
static int reap(pid_t child, bool end)
{
	int status = 0, fd = -1;

	if (end) {
		kill(child, SIGKILL);
		fd = (int)syscall(SYS_pidfd_open, child, 0);
	}
	if (fd >= 0) {
		struct pollfd p = {.fd = fd, .events = POLLIN};

		while (poll(&p, 1, END_MS) < 0 && errno == EINTR)
			;
		close(fd);
	}
	while (waitpid(child, &status, end ? WNOHANG : 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

static int failed(const char *path, int error, struct cx_err *err)
{
	if (error == ENOENT)
		return cx_fail(err, CX_NOT_FOUND, "%s: the kernel shows no VPD of this function",
			       path);
	if (error == EACCES || error == EPERM)
		return cx_fail(err, CX_REFUSED, "%s: only root may read it", path);
	return cx_fail(err, CX_FAILED, "%s: the kernel cannot read it from the card: %s", path,
		       error ? strerror(error) : "it has no bytes");
}

static int read_by_child(const char *path, unsigned int limit, uint8_t *bytes, size_t *len,
			 struct cx_err *err)
{
	int ends[2], late, error;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC))
		return cx_fail(err, CX_FAILED, "%s: no pipe to read it through: %s", path,
			       strerror(errno));
	child = fork();
	if (!child)
		copy(path, ends[1]);
	close(ends[1]);
	if (child < 0) {
		close(ends[0]);
		return cx_fail(err, CX_FAILED, "%s: no process to read it in: %s", path,
			       strerror(errno));
	}
	late = gather(ends[0], limit, bytes, len);
	close(ends[0]);
	error = reap(child, late || *len == CX_VPD_MAX);
	if (late)
		return cx_fail(
			err, CX_FAILED,
			"%s: the kernel did not give the VPD within %g s, so it is broken on the "
			"card; all else works without it",
			path, limit / 1000.0);
	return *len == CX_VPD_MAX || (*len && !error) ? 0 : failed(path, error, err);
}

int cx_vpd_read(const struct cx_pci_root *root, const char *name, unsigned int limit,
		uint8_t **bytes, size_t *len, struct cx_err *err)
{
	char path[PATH_MAX];
	int ret;

	sysfs_device(root, name, "vpd", path);
	*bytes = malloc(CX_VPD_MAX);
	if (!*bytes)
		return cx_fail(err, CX_FAILED, "out of memory");
	ret = read_by_child(path, limit, *bytes, len, err);
	if (ret) {
		free(*bytes);
		*bytes = NULL;
	}
	return ret;
}
