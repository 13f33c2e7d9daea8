// SPDX-License-Identifier: GPL-2.0-only
/* Backups: what is in them, what is not believed of them, and that they put a card back. */
#define _GNU_SOURCE /* nftw */
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "burn_make.h"

static const struct make old = {.opt = {.chunk_log2 = 19, .code = 9000}};
static const struct make newer = {.opt = {.chunk_log2 = 19, .code = 9000},
				  .subminor = 2000,
				  .psid = "OTHER",
				  .card = OTHER_CARD,
				  .seed = 11};

static char top[] = "/tmp/test_backup.XXXXXX";

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static long size_of(const char *dir, const char *name)
{
	char path[512];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return stat(path, &st) ? -1 : (long)st.st_size;
}

/* Survey and save; only what is on the card counts, so the survey is thrown away. */
static int save(struct bench *b, const char *dir, struct cx_err *err)
{
	static const struct burn_backup_file extra[] = {{"query.txt", "text\n", 5}};
	struct burn_survey s;
	int ret;

	if (burn_survey(b->f, NULL, &s, err))
		return -1;
	ret = burn_backup(&s, dir, extra, 1, NULL, err);
	burn_survey_free(&s);
	return ret;
}

static void contents(struct bench *b, const char *dir)
{
	static const char *const files[] = {"dump.bin",	 "image-slot0.bin", "image-slot1.bin",
					    "board.ini", "rom.bin",	    "identity.txt",
					    "query.txt", "SHA256SUMS"};
	char command[512];
	struct burn_backup_set set;
	struct cx_err err;

	if (!ok(!save(b, dir, &err), "a card is saved"))
		diag("%s", err.text);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		ok(size_of(dir, files[i]) > 0, "%s is there", files[i]);
	is_int(size_of(dir, "dump.bin"), BENCH_SIZE, "the dump is whole");
	snprintf(command, sizeof(command), "cd %s && sha256sum -c --strict --quiet SHA256SUMS",
		 dir);
	is_int(system(command), 0, "sha256sum agrees with the list");
	is_int(save(b, dir, &err), -1, "nothing is saved over it");
	is_int(err.status, CX_REFUSED, "that is refused");

	if (!ok(!burn_backup_load(dir, &set, &err), "it is read back")) {
		diag("%s", err.text);
		return;
	}
	ok(set.dump_len == BENCH_SIZE && !memcmp(set.dump, b->bytes, BENCH_SIZE), "the dump");
	ok(set.image.info.version.subminor == 1000, "the image that was active");
	burn_backup_free(&set);
}

static void damage(const char *dir)
{
	static const struct {
		const char *command, *says;
		enum cx_status status;
	} how[] = {
		{"printf x | dd of=$D/dump.bin conv=notrunc 2>/dev/null", "dump.bin", CX_INVALID},
		{"truncate -s -4 $D/image-slot0.bin", "image-slot0.bin", CX_INVALID},
		{"rm $D/rom.bin", "rom.bin", CX_NOT_FOUND},
		{"sed -i /dump.bin/d $D/SHA256SUMS", "dump.bin", CX_INVALID},
		{"sed -i /identity/d $D/SHA256SUMS", "no readable image", CX_INVALID},
		{"echo garbage >>$D/SHA256SUMS", "malformed", CX_INVALID},
		{"sed -i 's/  dump/  ..\\/dump/' $D/SHA256SUMS", "SHA256SUMS", CX_INVALID},
		{"rm $D/SHA256SUMS", "no finished backup", CX_INVALID},
	};
	char command[512], copy[100];
	struct burn_backup_set set;
	struct cx_err err;

	snprintf(copy, sizeof(copy), "%s/copy", top);
	setenv("D", copy, 1);
	for (size_t i = 0; i < sizeof(how) / sizeof(*how); i++) {
		snprintf(command, sizeof(command), "rm -rf %s && cp -a %s %s", copy, dir, copy);
		if (system(command) || system(how[i].command))
			abort();
		is_int(burn_backup_load(copy, &set, &err), -1, "not believed after: %s",
		       how[i].command);
		is_int(err.status, how[i].status, "with its status");
		has_str(err.text, how[i].says, "and what is wrong with it");
	}
	is_int(burn_backup_load("/nonexistent", &set, &err), -1, "no folder, no backup");
	is_int(err.status, CX_NOT_FOUND, "it is not found");
}

/* The way back to the firmware of before: image and identity by a burn. */
static void restore(struct bench *b, const char *dir)
{
	struct burn_backup_set set;
	struct burn_request req = {.rom = BURN_ROM_IMAGE,
				   .may = BURN_MAY_CHANGE_PSID | BURN_MAY_GO_BACK};
	struct burn_outcome out;
	struct burn_survey s;
	struct burn_plan plan;
	struct fw_image *is;
	struct cx_err err;
	struct bench other;

	if (burn_backup_load(dir, &set, &err))
		abort();
	req.image = &set.image;
	req.identity = &set.image.id;

	bench_open(&other, 0x11000);
	bench_put(&other, 0, &newer);
	if (other.f->ops->lock(other.f, &err) || burn_survey(other.f, NULL, &s, &err))
		abort();
	is_int(burn_backup_is_of(&set, &s, &err), -1, "another card is noticed");
	is_int(err.status, CX_REFUSED, "and refused");
	has_str(err.text, "--force", "with the way round it");
	if (ok(!burn_plan(&s, &req, NULL, &verdict, &plan, &err), "with force it is planned")) {
		ok(!burn_execute(&s, &plan, NULL, &out, &err), "and restored");
		burn_plan_free(&plan);
	}
	burn_survey_free(&s);
	is = boot(other.bytes, &err);
	ok(is && is->size == set.image.size && !memcmp(is->bytes, set.image.bytes, is->size),
	   "the image of the backup boots, byte for byte");
	boot_free(is);
	bench_close(&other);

	bench_survey(b, &s);
	ok(!burn_backup_is_of(&set, &s, &err), "its own card is known");
	burn_survey_free(&s);
	burn_backup_free(&set);
}

static void no_room(struct bench *b)
{
	struct rlimit was, small;
	struct cx_err err;
	char dir[100];

	/* A limit on file size stands in for a full disk. */
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	small = was;
	small.rlim_cur = BENCH_SIZE / 2;
	setrlimit(RLIMIT_FSIZE, &small);
	snprintf(dir, sizeof(dir), "%s/full", top);
	is_int(save(b, dir, &err), -1, "a disk that gets full fails the backup");
	has_str(err.text, "dump.bin", "the file is named");
	is_int(access(dir, F_OK), -1, "and half a backup is not left behind");
	setrlimit(RLIMIT_FSIZE, &was);
}

static void paths(struct bench *b)
{
	struct burn_survey s;
	char path[200];
	struct cx_err err;

	bench_survey(b, &s);
	s.flash->info.name = "file:/a b/../c";
	ok(!burn_backup_path(&s, "/home", path, sizeof(path), &err), "a backup has a place");
	ok(!strncmp(path, "/home/20", 8) && strlen(path) > 30, "by date: %s", path);
	ok(!strchr(path + 6, '/') && !strchr(path, ' '), "in one folder");
	has_str(path, "SYN0000000001", "with the PSID");
	is_int(burn_backup_path(&s, "/home", path, 10, &err), -1, "a path too long is an error");
	burn_survey_free(&s);
}

/* Stands in for the C library's: remembers what was written to the disk. */
static ino_t synced[64];
static size_t syncs;
static ino_t broken; /* what cannot be written */

int fsync(int fd)
{
	struct stat st;

	if (!fstat(fd, &st) && st.st_ino == broken) {
		errno = EIO;
		return -1;
	}
	if (syncs < sizeof(synced) / sizeof(*synced))
		synced[syncs++] = st.st_ino;
	return syscall(SYS_fsync, fd);
}

static bool is_synced(const char *path)
{
	struct stat st;

	for (size_t i = 0; !stat(path, &st) && i < syncs; i++)
		if (synced[i] == st.st_ino)
			return true;
	return false;
}

/* The folder itself is sound, but the disk does not take its name. */
static void nameless(struct bench *b)
{
	char here[PATH_MAX], says[PATH_MAX + 50];
	struct stat st;
	struct cx_err err;

	if (!getcwd(here, sizeof(here)) || chdir(top) || stat(".", &st))
		abort();
	broken = st.st_ino;
	is_int(save(b, "nameless", &err), -1, "a name that is not on the disk fails the backup");
	snprintf(says, sizeof(says), ".: cannot be brought to the disk: %s", strerror(EIO));
	is_str(err.text, says, "the folder that should hold it is named");
	is_int(access("nameless", F_OK), -1, "and an empty one is not left behind");
	broken = 0;
	if (chdir(here))
		abort();
}

/* A card without any image: there is still a flash to save. */
static void blank(void)
{
	static const char *const folders[] = {"", "/deep", "/deep/in", "/deep/in/blank"};
	struct burn_backup_set set;
	struct bench b;
	struct cx_err err;
	char dir[100], folder[100];

	bench_open(&b, 0x11000);
	snprintf(dir, sizeof(dir), "%s/deep/in/blank", top);
	syncs = 0;
	ok(!save(&b, dir, &err), "a blank flash is saved, folders and all");
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		snprintf(folder, sizeof(folder), "%s%s", top, folders[i]);
		ok(is_synced(folder), "what %s holds is on the disk", folder);
	}
	is_int(size_of(dir, "dump.bin"), BENCH_SIZE, "with its dump");
	is_int(burn_backup_load(dir, &set, &err), -1, "but there is no image to restore");
	has_str(err.text, "SPI programmer", "only the dump");
	bench_close(&b);
}

int main(void)
{
	struct bench b;
	char dir[100];

	if (!mkdtemp(top))
		return 1;
	bench_open(&b, 0x11000);
	bench_put(&b, 0, &old);
	bench_put(&b, 1, &(struct make){.opt = old.opt, .seed = 3});
	snprintf(dir, sizeof(dir), "%s/saved", top);
	contents(&b, dir);
	damage(dir);
	restore(&b, dir);
	no_room(&b);
	nameless(&b);
	paths(&b);
	blank();
	bench_close(&b);
	nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return tap_done();
}
