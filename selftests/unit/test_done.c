// SPDX-License-Identifier: GPL-2.0-only
/*
 * A burn of a dump by the code of the command: what it says is in place is on the disk, late errors
 * are told, the lock is given back, and the new image is verified at most four times before the
 * flash is written. fw_verify() comes here first (--wrap), and so do some functions of libc.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "burn_make.h"
#include "card/burn_card.h"
#include "fw/image/verify.h"
#include "made.h"

static const struct make old = {.opt = {.chunk_log2 = 19, .code = 9000}};
static const struct make newer = {
	.opt = {.chunk_log2 = 19, .code = 9000}, .subminor = 2000, .seed = 11};

/* ---- what happens meanwhile, in order ---- */

static unsigned int verified, verified_before_write, writes, unsynced, unlocks;
static int sync_error;

size_t __real_fw_verify(const struct fw_image *img, enum fw_chip chip, uint32_t flash_size,
			fw_finding_fn fn, void *ctx);
size_t __wrap_fw_verify(const struct fw_image *img, enum fw_chip chip, uint32_t flash_size,
			fw_finding_fn fn, void *ctx);
size_t __wrap_fw_verify(const struct fw_image *img, enum fw_chip chip, uint32_t flash_size,
			fw_finding_fn fn, void *ctx)
{
	verified += img->info.version.subminor == 2000;
	return __real_fw_verify(img, chip, flash_size, fn, ctx);
}

ssize_t pwrite(int fd, const void *buf, size_t len, off_t at)
{
	if (!writes++)
		verified_before_write = verified;
	unsynced++;
	return syscall(SYS_pwrite64, fd, buf, len, at);
}

int fsync(int fd)
{
	struct stat st;

	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size == BENCH_SIZE && writes) {
		if (sync_error) {
			errno = sync_error;
			return -1;
		}
		unsynced = 0;
	}
	return syscall(SYS_fsync, fd);
}

int flock(int fd, int how)
{
	unlocks += how == LOCK_UN;
	return syscall(SYS_flock, fd, how);
}

/* ---- one burn ---- */

static char dump[340], image[340], folder[300];

static void prepare(void)
{
	struct fs2 m = make_image(&newer);
	char ini[340];
	struct bench b;

	snprintf(folder, sizeof(folder), "%s", made_path(".d"));
	snprintf(dump, sizeof(dump), "%s/card.flash", folder);
	snprintf(image, sizeof(image), "%s/new.bin", folder);
	snprintf(ini, sizeof(ini), "%s/board.ini", folder);
	if (mkdir(folder, 0755) && errno != EEXIST)
		abort();
	bench_open(&b, 0x11000);
	bench_put(&b, 0, &old);
	made_write(dump, b.bytes, BENCH_SIZE);
	made_write(image, m.at, m.len);
	made_write(ini, FS2_INI, strlen(FS2_INI));
	bench_close(&b);
	free(m.at);
}

/* @fw: assembled for the card, not a ready image. What it printed is in *said, for the caller to
 * free. */
static int burn(bool fw, struct burn_outcome *out, struct cx_err *err, char **said)
{
	struct card_request request = {.change = {.no_backup = true}};
	struct cli cli = {.yes = true, .quiet = true};
	char name[360];
	size_t len;
	int ret;

	if (fw)
		request.recipe.fw = image;
	else
		request.image = image;
	snprintf(name, sizeof(name), "file:%s", dump);
	verified = verified_before_write = writes = unsynced = unlocks = 0;
	cli.out = (struct out){.to = open_memstream(said, &len)};
	out_begin(&cli.out);
	ret = burn_card(&cli, &request, name, out, err);
	out_end(&cli.out);
	fclose(cli.out.to);
	return ret;
}

static void well(bool fw, unsigned int most, const char *name)
{
	struct burn_outcome out;
	struct cx_err err = {0};
	char *said;

	prepare();
	is_int(burn(fw, &out, &err, &said), 0, "%s: is burnt (%s)", name, err.text);
	is_int(out.card_state, BURN_NEW, "%s: and in place", name);
	ok(writes && !unsynced, "%s: on the disk, when that is said", name);
	is_int(unlocks, 1, "%s: the lock is given back", name);
	ok(verified_before_write && verified_before_write <= most,
	   "%s: verified %u times before the first write, at most %u", name, verified_before_write,
	   most);
	free(said);
}

static void late(void)
{
	struct burn_outcome out;
	struct cx_err err = {0};
	char *said;

	prepare();
	sync_error = EIO;
	is_int(burn(false, &out, &err, &said), -1, "what does not come to the disk is a failure");
	is_int(err.status, CX_UNKNOWN, "and nobody knows what the disk holds");
	is_int(out.card_state, BURN_UNKNOWN, "as the outcome says");
	has_str(err.text, "cannot be brought to the disk", "and why");
	has_str(out.text, "run cxflashctl verify -d file:", "and what to run");
	sync_error = 0;
	free(said);
}

int main(void)
{
	well(false, 3, "a ready image");
	well(true, 4, "an assembled one");
	late();
	return tap_done();
}
