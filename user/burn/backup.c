// SPDX-License-Identifier: GPL-2.0-only
/* Everything of a card in a folder, on the disk before the card is changed. */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

#define MAX_FILES 16

/* A backup being written. */
struct folder {
	const char *dir;
	int fd;
	bool made; /* by us, so that a failure may remove it */
	char name[MAX_FILES][64];
	size_t files;
	char sums[MAX_FILES * (SHA256_DIGEST_STRING_LENGTH + 68)];
};

/* ---- the folder ---- */

int burn_backup_path(const struct burn_survey *s, const char *home, char *buf, size_t size,
		     struct cx_err *err)
{
	const char *psid = s->kept >= 0 ? burn_kept(s)->img.info.psid : "";
	time_t now = time(NULL);
	/* The home of a dump's backups tells where it lies; a file's name may fill all that is
	 * left. */
	const char *name = strrchr(s->flash->info.name, '/');
	char when[32], what[128];
	struct tm tm;

	if (!gmtime_r(&now, &tm) || !strftime(when, sizeof(when), "%Y-%m-%d-%H%M%S", &tm))
		return cx_fail(err, CX_FAILED, "the clock is unusable");
	snprintf(what, sizeof(what), "%.96s-%s", name ? name + 1 : s->flash->info.name,
		 *psid ? psid : "nopsid");
	for (char *c = what; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("._-:", *c))
			*c = '-';
	if (snprintf(buf, size, "%s/%s-%s", home ? home : BURN_BACKUP_HOME, when, what) >=
	    (int)size)
		return cx_fail(err, CX_FAILED,
			       "%s: the path is too long; --backup DIR names another "
			       "folder",
			       home);
	return 0;
}

/* A new folder is there for good only when the one above, which has its name, is on the disk. */
static int make_folder(const char *path, mode_t mode, bool *made, struct cx_err *err)
{
	char copy[PATH_MAX], *above;
	int fd, ret;

	*made = !mkdir(path, mode);
	if (!*made && errno != EEXIST)
		return cx_fail(err, CX_FAILED, "%s: cannot be made: %s", path, strerror(errno));
	if (!*made)
		return 0;
	snprintf(copy, sizeof(copy), "%s", path);
	above = dirname(copy);
	fd = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ret = fd < 0 ? -1 : fsync(fd);
	if (ret)
		cx_fail(err, CX_FAILED, "%s: cannot be brought to the disk: %s", above,
			strerror(errno));
	if (fd >= 0)
		close(fd);
	return ret;
}

static int make_parents(const char *dir, struct cx_err *err)
{
	char path[PATH_MAX];
	bool made;

	if (snprintf(path, sizeof(path), "%s", dir) >= (int)sizeof(path))
		return cx_fail(err, CX_FAILED, "%.200s...: the path is too long", dir);
	for (char *c = path + 1; *c; c++) {
		if (*c != '/')
			continue;
		*c = 0;
		if (make_folder(path, 0755, &made, err))
			return -1;
		*c = '/';
	}
	return 0;
}

static bool is_empty(int fd)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	bool empty = dir;
	struct dirent *e;

	while (dir && (e = readdir(dir)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			empty = false;
	if (dir)
		closedir(dir);
	else if (copy >= 0)
		close(copy);
	return empty;
}

int burn_backup_check(const char *dir, struct cx_err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret = 0;

	if (fd < 0)
		return errno == ENOENT
			       ? 0
			       : cx_fail(err, CX_FAILED, "%s: cannot be opened as a folder: %s",
					 dir, strerror(errno));
	if (!is_empty(fd))
		ret = cx_fail(err, CX_REFUSED,
			      "%s: exists and is not empty; a backup goes into a new folder", dir);
	close(fd);
	return ret;
}

static int open_folder(struct folder *f, struct cx_err *err)
{
	if (make_parents(f->dir, err) || make_folder(f->dir, 0700, &f->made, err))
		return -1;
	f->fd = open(f->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->fd < 0)
		return cx_fail(err, CX_FAILED, "%s: cannot be opened: %s", f->dir, strerror(errno));
	return burn_backup_check(f->dir, err);
}

/*
 * A full disk is told before minutes are spent on reading the flash. It may still fill up, and a
 * file system that does not know its size is asked by writing.
 */
static int check_room(const struct folder *f, uint32_t need, struct cx_err *err)
{
	struct statvfs fs;
	uint64_t room;

	if (fstatvfs(f->fd, &fs) || !fs.f_blocks)
		return 0;
	room = (uint64_t)fs.f_bfree * fs.f_frsize;
	if (room >= need)
		return 0;
	return cx_fail(err, CX_FAILED,
		       "%s: No space left on device: the flash has 0x%" PRIx32
		       " bytes, free are 0x%" PRIx64,
		       f->dir, need, room);
}

static int write_all(int fd, const uint8_t *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		bytes += n;
		len -= n;
	}
	return fsync(fd);
}

static int write_file(struct folder *f, const char *name, const void *bytes, size_t len,
		      struct cx_err *err)
{
	int fd, ret;

	if (f->files == MAX_FILES || strchr(name, '/') || strlen(name) >= sizeof(f->name[0]))
		return cx_fail(err, CX_FAILED, "%s: %s does not go into a backup", f->dir, name);
	fd = openat(f->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return cx_fail(err, CX_FAILED, "%s/%s: cannot be made: %s", f->dir, name,
			       strerror(errno));
	strcpy(f->name[f->files++], name);
	ret = write_all(fd, bytes, len);
	if (ret)
		cx_fail(err, CX_FAILED, "%s/%s: cannot be written: %s", f->dir, name,
			strerror(errno));
	if (close(fd) && !ret)
		ret = cx_fail(err, CX_FAILED, "%s/%s: cannot be written: %s", f->dir, name,
			      strerror(errno));
	return ret;
}

static int add(struct folder *f, const char *name, const void *bytes, size_t len,
	       struct cx_err *err)
{
	size_t at = strlen(f->sums);
	char sum[SHA256_DIGEST_STRING_LENGTH];

	if (write_file(f, name, bytes, len, err))
		return -1;
	SHA256Data(bytes, len, sum);
	snprintf(f->sums + at, sizeof(f->sums) - at, "%s  %s\n", sum, name);
	return 0;
}

/* The list is what makes a backup a finished one. */
static int finish(struct folder *f, struct cx_err *err)
{
	if (write_file(f, "SHA256SUMS", f->sums, strlen(f->sums), err))
		return -1;
	if (fsync(f->fd))
		return cx_fail(err, CX_FAILED, "%s: cannot be brought to the disk: %s", f->dir,
			       strerror(errno));
	return 0;
}

static void abandon(struct folder *f)
{
	while (f->files)
		unlinkat(f->fd, f->name[--f->files], 0);
	if (f->made)
		rmdir(f->dir);
}

/* ---- what goes into it ---- */

static void slot_file(const struct fw_slot *slot, char *name)
{
	snprintf(name, 32, "image-slot%d.bin", slot->start ? 1 : 0);
}

static int add_images(struct folder *f, const struct burn_survey *s, struct cx_err *err)
{
	char name[32];

	for (size_t i = 0; i < s->dump.slots; i++) {
		const struct fw_slot *slot = &s->dump.slot[i];

		if (slot->state)
			continue;
		slot_file(slot, name);
		if (add(f, name, slot->img.bytes, slot->img.size, err))
			return -1;
	}
	return 0;
}

static int add_ini(struct folder *f, const struct fw_image *img, struct cx_err *err)
{
	struct cx_err why;
	size_t len;
	char *ini;
	int ret;

	/* One that is missing or does not inflate is in the image as it is. */
	if (fw_image_ini(img, &ini, &len, &why))
		return 0;
	ret = add(f, "board.ini", ini, len, err);
	free(ini);
	return ret;
}

static int add_identity(struct folder *f, const struct burn_survey *s, struct cx_err *err)
{
	const struct fw_slot *slot = burn_kept(s);
	const struct fw_identity *id = &slot->img.id;
	char image[32], version[20], *text;
	int len, ret;

	slot_file(slot, image);
	len = asprintf(&text,
		       "card               %s\n"
		       "image              %s\n"
		       "psid               %s\n"
		       "firmware           %s\n"
		       "node-guid          %016" PRIx64 "\n"
		       "port1-guid         %016" PRIx64 "\n"
		       "port2-guid         %016" PRIx64 "\n"
		       "system-image-guid  %016" PRIx64 "\n"
		       "port1-mac          %012" PRIx64 "\n"
		       "port2-mac          %012" PRIx64 "\n"
		       "vsd                %s\n",
		       s->flash->info.name, image, slot->img.info.psid,
		       fw_version_text(&slot->img.info.version, version), id->guid[0], id->guid[1],
		       id->guid[2], id->guid[3], id->mac[0], id->mac[1], id->vsd);
	if (len < 0)
		return cx_fail(err, CX_FAILED, "out of memory");
	ret = add(f, "identity.txt", text, len, err);
	free(text);
	return ret;
}

static int add_kept(struct folder *f, const struct burn_survey *s, struct cx_err *err)
{
	const struct fw_image *img;
	const struct fw_section *rom;

	if (s->kept < 0)
		return 0;
	img = &burn_kept(s)->img;
	rom = fw_image_find(img, FW_ROM, 0);
	if (add_identity(f, s, err) || add_ini(f, img, err))
		return -1;
	return rom ? add(f, "rom.bin", img->bytes + rom->data, rom->size, err) : 0;
}

static int fill(struct folder *f, const struct burn_survey *s, const struct burn_backup_file *extra,
		size_t extras, struct cx_err *err)
{
	if (add(f, "dump.bin", s->bytes, s->flash->info.size, err) || add_images(f, s, err) ||
	    add_kept(f, s, err))
		return -1;
	for (size_t i = 0; i < extras; i++)
		if (add(f, extra[i].name, extra[i].bytes, extra[i].len, err))
			return -1;
	return finish(f, err);
}

int burn_backup(struct burn_survey *s, const char *dir, const struct burn_backup_file *extra,
		size_t extras, const struct burn_control *ctl, struct cx_err *err)
{
	struct folder f = {.dir = dir, .fd = -1};
	int ret = 0;

	if (open_folder(&f, err) || check_room(&f, s->flash->info.size, err) ||
	    burn_survey_range(s, ctl, 0, s->flash->info.size, err) ||
	    fill(&f, s, extra, extras, err)) {
		abandon(&f);
		ret = -1;
	}
	if (f.fd >= 0)
		close(f.fd);
	return ret;
}
