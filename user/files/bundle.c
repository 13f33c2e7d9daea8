// SPDX-License-Identifier: GPL-2.0-only
/* Writing a .tar.xz. */
#define _GNU_SOURCE
#include "bundle.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct bundle {
	struct archive *a;
	char *path, *top;
	time_t now;
};

static int archive_fail(struct bundle *b, struct cx_err *err)
{
	return cx_fail(err, CX_FAILED, "%s: %s", b->path, archive_error_string(b->a));
}

static void release(struct bundle *b)
{
	archive_write_free(b->a);
	free(b->path);
	free(b->top);
	free(b);
}

int bundle_open(const char *path, const char *top, struct bundle **to, struct cx_err *err)
{
	struct bundle *b = calloc(1, sizeof(*b));

	if (!b)
		return cx_fail(err, CX_FAILED, "out of memory");
	b->a = archive_write_new();
	b->now = time(NULL);
	if (!b->a || asprintf(&b->path, "%s", path) < 0 || asprintf(&b->top, "%s", top) < 0) {
		release(b);
		return cx_fail(err, CX_FAILED, "out of memory");
	}
	if (archive_write_add_filter_xz(b->a) || archive_write_set_format_pax_restricted(b->a) ||
	    archive_write_open_filename(b->a, strcmp(path, "-") ? path : NULL)) {
		archive_fail(b, err);
		release(b);
		return -1;
	}
	*to = b;
	return 0;
}

static int write_entry(struct bundle *b, struct archive_entry *e, const char *name, int type,
		       const void *bytes, size_t len, struct cx_err *err)
{
	char *full;
	int bad;

	if (asprintf(&full, "%s/%s", b->top, name) < 0)
		return cx_fail(err, CX_FAILED, "out of memory");
	archive_entry_set_pathname(e, full);
	free(full);
	archive_entry_set_filetype(e, type);
	archive_entry_set_perm(e, type == AE_IFDIR ? 0755 : 0644);
	archive_entry_set_size(e, len);
	archive_entry_set_mtime(e, b->now, 0);
	bad = archive_write_header(b->a, e) ||
	      (len && archive_write_data(b->a, bytes, len) != (la_ssize_t)len);
	return bad ? archive_fail(b, err) : 0;
}

static int add(struct bundle *b, const char *name, int type, const char *target, const void *bytes,
	       size_t len, struct cx_err *err)
{
	struct archive_entry *e = archive_entry_new();
	int ret;

	if (!e)
		return cx_fail(err, CX_FAILED, "out of memory");
	if (target)
		archive_entry_set_symlink(e, target);
	ret = write_entry(b, e, name, type, bytes, len, err);
	archive_entry_free(e);
	return ret;
}

int bundle_file(struct bundle *b, const char *name, const void *bytes, size_t len,
		struct cx_err *err)
{
	return add(b, name, AE_IFREG, NULL, bytes, len, err);
}

int bundle_link(struct bundle *b, const char *name, const char *target, struct cx_err *err)
{
	return add(b, name, AE_IFLNK, target, NULL, 0, err);
}

int bundle_folder(struct bundle *b, const char *name, struct cx_err *err)
{
	return add(b, name, AE_IFDIR, NULL, NULL, 0, err);
}

int bundle_close(struct bundle *b, int good, struct cx_err *err)
{
	int ret = 0;

	if (archive_write_close(b->a) && good)
		ret = archive_fail(b, err);
	if (ret || !good)
		unlink(b->path);
	release(b);
	return ret;
}
