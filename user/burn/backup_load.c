// SPDX-License-Identifier: GPL-2.0-only
/* A backup read back, no byte of it trusted before its checksum was right. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

#define MAX_FILE   (64u << 20)
#define SUM_DIGITS (SHA256_DIGEST_STRING_LENGTH - 1)

/* A whole file, NUL-terminated for text; the caller frees *bytes. */
static int read_file(const char *dir, const char *name, char **bytes, size_t *len,
		     struct cx_err *err)
{
	char path[PATH_MAX];
	struct stat st;
	size_t done = 0;
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path))
		return cx_fail(err, CX_INVALID, "%.200s...: the path is too long", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return cx_fail(err, errno == ENOENT ? CX_NOT_FOUND : CX_FAILED,
			       "%s: cannot be opened: %s", path, strerror(errno));
	*bytes = NULL;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size > MAX_FILE) {
		cx_fail(err, CX_INVALID, "%s: is no file of a backup", path);
		goto fail;
	}
	*bytes = malloc(st.st_size + 1);
	if (!*bytes) {
		cx_fail(err, CX_FAILED, "out of memory");
		goto fail;
	}
	while (done < (size_t)st.st_size) {
		ssize_t n = read(fd, *bytes + done, st.st_size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			cx_fail(err, CX_FAILED, "%s: cannot be read: %s", path,
				n ? strerror(errno) : "it became shorter");
			goto fail;
		}
		done += n;
	}
	(*bytes)[done] = 0;
	*len = done;
	close(fd);
	return 0;
fail:
	free(*bytes);
	close(fd);
	return -1;
}

/* The checksum of @name in the list, or NULL. */
static const char *listed(const char *sums, const char *name)
{
	size_t n = strlen(name);

	for (const char *line = sums; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (strcspn(line, "\n") == SUM_DIGITS + 2 + n &&
		    !memcmp(line + SUM_DIGITS, "  ", 2) && !memcmp(line + SUM_DIGITS + 2, name, n))
			return line;
	return NULL;
}

static int read_checked(const char *dir, const char *sums, const char *name, char **bytes,
			size_t *len, struct cx_err *err)
{
	const char *want = listed(sums, name);
	char is[SUM_DIGITS + 1];

	if (!want)
		return cx_fail(err, CX_INVALID, "%s/SHA256SUMS: does not list %s", dir, name);
	if (read_file(dir, name, bytes, len, err))
		return -1;
	SHA256Data((const uint8_t *)*bytes, *len, is);
	if (!memcmp(is, want, SUM_DIGITS))
		return 0;
	free(*bytes);
	return cx_fail(err, CX_INVALID,
		       "%s/%s: its SHA-256 is %s, SHA256SUMS says %.64s: the backup is damaged",
		       dir, name, is, want);
}

static int check_all(const char *dir, const char *sums, struct cx_err *err)
{
	char name[65], *bytes;
	size_t len;
	int n;

	for (const char *line = sums; *line; line += n) {
		char sum[65];

		n = 0;
		if (sscanf(line, "%64[0-9a-f] %64[^/\n]%n", sum, name, &n) != 2 || line[n] != '\n')
			return cx_fail(err, CX_INVALID, "%s/SHA256SUMS: is malformed at \"%.40s\"",
				       dir, line);
		n++;
		if (read_checked(dir, sums, name, &bytes, &len, err))
			return -1;
		free(bytes);
	}
	return 0;
}

/* Which of the images was active: the "image" line of identity.txt. */
static int active_name(const char *dir, const char *sums, char *name, struct cx_err *err)
{
	const char *line;
	char *text;
	size_t len;
	int got = 0;

	if (!listed(sums, "identity.txt"))
		return cx_fail(err, CX_INVALID,
			       "%s: that card had no readable image; its dump.bin can be written "
			       "with an SPI programmer",
			       dir);
	if (read_checked(dir, sums, "identity.txt", &text, &len, err))
		return -1;
	line = strstr(text, "\nimage ");
	if (line)
		got = sscanf(line + 1, "image %31s", name);
	free(text);
	return got == 1 ? 0 : cx_fail(err, CX_INVALID, "%s/identity.txt: names no image", dir);
}

static int load_image(const char *dir, const char *sums, struct fw_image *img, struct cx_err *err)
{
	char name[32], path[PATH_MAX], *bytes;
	size_t len;
	int ret;

	if (active_name(dir, sums, name, err) || read_checked(dir, sums, name, &bytes, &len, err))
		return -1;
	ret = fw_image_parse((uint8_t *)bytes, len, img, err);
	free(bytes);
	if (!ret)
		return 0;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return cx_fail_in(err, path);
}

int burn_backup_load(const char *dir, struct burn_backup_set *set, struct cx_err *err)
{
	size_t len, dump_len;
	char *sums, *dump;
	int ret = -1;

	*set = (struct burn_backup_set){0};
	if (read_file(dir, "SHA256SUMS", &sums, &len, err))
		return err->status != CX_NOT_FOUND || access(dir, F_OK)
			       ? -1
			       : cx_fail(err, CX_INVALID,
					 "%s: is no finished backup, as it has no SHA256SUMS", dir);
	/* What the power took while it was being written */
	if (!*sums) {
		cx_fail(err, CX_INVALID, "%s: is no finished backup, as its SHA256SUMS is empty",
			dir);
		goto cleanup;
	}
	if (check_all(dir, sums, err) || load_image(dir, sums, &set->image, err))
		goto cleanup;
	if (read_checked(dir, sums, "dump.bin", &dump, &dump_len, err)) {
		fw_image_free(&set->image);
		goto cleanup;
	}
	set->dump = (uint8_t *)dump;
	set->dump_len = dump_len;
	ret = 0;
cleanup:
	free(sums);
	return ret;
}

void burn_backup_free(struct burn_backup_set *set)
{
	free(set->dump);
	fw_image_free(&set->image);
	*set = (struct burn_backup_set){0};
}

int burn_backup_is_of(const struct burn_backup_set *set, const struct burn_survey *s,
		      struct cx_err *err)
{
	const struct fw_identity *was = &set->image.id, *is;

	if (s->kept < 0 || burn_kept(s)->img.id.blank)
		return 0;
	is = &burn_kept(s)->img.id;
	if (!was->blank && !memcmp(was->guid, is->guid, sizeof(is->guid)))
		return 0;
	return cx_fail(err, CX_REFUSED,
		       "the backup is of another card: its node GUID is %016" PRIx64
		       ", that of %s is %016" PRIx64 "; --force restores it all the same",
		       was->guid[0], s->flash->info.name, is->guid[0]);
}
