// SPDX-License-Identifier: GPL-2.0-only
/* A flash in memory or in a dump file, with the rules of NOR flash. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

#define BLOCK	 0x10000u    /* no erase unit of these parts is larger (flash-access 10) */
#define MIN_SIZE 0x10000u    /* one erase unit */
#define MAX_SIZE (16u << 20) /* 24-bit addresses */

struct file_flash {
	struct cx_flash f;
	char *name;
	uint8_t *bytes;
	bool own_bytes;
	int fd; /* -1: memory only */
	bool writable;
	bool locked;
	bool dead; /* the power failed, or the file could not be written */
	cx_nor_hook hook;
	void *hook_ctx;
};

static struct file_flash *of(struct cx_flash *f)
{
	return (struct file_flash *)f;
}

static int check_alive(const struct file_flash *ff, struct cx_err *err)
{
	if (ff->dead)
		return cx_fail(err, CX_FAILED, "%s: has failed before; open it again",
			       ff->f.info.name);
	return 0;
}

static int check_range(const struct file_flash *ff, uint32_t addr, uint32_t len, struct cx_err *err)
{
	uint32_t size = ff->f.info.size;

	if (addr % 16 || len % 16 || !len)
		return cx_fail(err, CX_FAILED,
			       "%s: 0x%" PRIx32 "+0x%" PRIx32 " is not made of 16-byte blocks",
			       ff->f.info.name, addr, len);
	if (addr > size || len > size - addr)
		return cx_fail(err, CX_FAILED,
			       "%s: 0x%" PRIx32 "+0x%" PRIx32 " leaves the flash of 0x%" PRIx32
			       " bytes",
			       ff->f.info.name, addr, len, size);
	return 0;
}

static int file_read(struct cx_flash *f, uint32_t addr, void *buf, uint32_t len, struct cx_err *err)
{
	struct file_flash *ff = of(f);

	if (check_alive(ff, err) || check_range(ff, addr, len, err))
		return -1;
	memcpy(buf, ff->bytes + addr, len);
	return 0;
}

static int write_through(struct file_flash *ff, uint32_t addr, uint32_t len, struct cx_err *err)
{
	while (ff->fd >= 0 && len) {
		ssize_t n = pwrite(ff->fd, ff->bytes + addr, len, addr);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			ff->dead = true;
			return cx_fail(err, CX_FAILED, "%s: cannot write at 0x%" PRIx32 ": %s",
				       ff->f.info.name, addr, n ? strerror(errno) : "no progress");
		}
		addr += n;
		len -= n;
	}
	return 0;
}

/* One elementary operation: what a part does between two moments at which the power can fail. */
static int nor_op(struct file_flash *ff, enum cx_nor_op op, uint32_t addr, const uint8_t *to,
		  uint32_t len, struct cx_err *err)
{
	uint8_t *at = ff->bytes + addr;

	if (ff->hook && !ff->hook(op, addr, at, to, len, ff->hook_ctx)) {
		ff->dead = true;
		if (write_through(ff, addr, len, err))
			return -1;
		return cx_fail(err, CX_FAILED, "%s: the power failed at 0x%" PRIx32,
			       ff->f.info.name, addr);
	}
	for (uint32_t i = 0; i < len; i++)
		at[i] = op == CX_NOR_ERASE ? 0xff : at[i] & to[i];
	return write_through(ff, addr, len, err);
}

static bool must_erase(const uint8_t *old, const uint8_t *new, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		if ((old[i] & new[i]) != new[i])
			return true;
	return false;
}

static int check_unit(const struct file_flash *ff, uint32_t addr, uint32_t len, unsigned int flags,
		      struct cx_err *err)
{
	bool power_of_two = !(len & (len - 1));

	if (flags & CX_WRITE_NO_ERASE) {
		if (addr / BLOCK == (addr + len - 1) / BLOCK)
			return 0;
		return cx_fail(err, CX_FAILED,
			       "%s: a write without erase at 0x%" PRIx32 "+0x%" PRIx32
			       " crosses a 64 KiB block",
			       ff->f.info.name, addr, len);
	}
	if (power_of_two && (ff->f.info.erase_sizes & len) && !(addr % len))
		return 0;
	return cx_fail(err, CX_FAILED, "%s: 0x%" PRIx32 "+0x%" PRIx32 " is no erase unit",
		       ff->f.info.name, addr, len);
}

/* Pages in descending order, so that what begins a sector comes to be last. */
static int program(struct file_flash *ff, uint32_t addr, const uint8_t *new, uint32_t len,
		   struct cx_write_result *res, struct cx_err *err)
{
	uint32_t page = ff->f.info.page_size;
	uint32_t end = addr + len;

	while (end > addr) {
		uint32_t from = (end - 1) / page * page;

		if (from < addr)
			from = addr;
		if (memcmp(ff->bytes + from, new + (from - addr), end - from)) {
			res->holds = CX_HOLDS_UNKNOWN;
			res->programs++;
			if (nor_op(ff, CX_NOR_PROGRAM, from, new + (from - addr), end - from, err))
				return -1;
		}
		end = from;
	}
	return 0;
}

static int file_write(struct cx_flash *f, uint32_t addr, const void *buf, uint32_t len,
		      unsigned int flags, struct cx_write_result *res, struct cx_err *err)
{
	struct file_flash *ff = of(f);

	*res = (struct cx_write_result){.holds = CX_HOLDS_OLD, .attempts = 1};
	if (check_alive(ff, err) || check_range(ff, addr, len, err) ||
	    check_unit(ff, addr, len, flags, err))
		return -1;
	if (!ff->locked)
		return cx_fail(err, CX_FAILED, "%s: is not locked for writing", f->info.name);

	if (must_erase(ff->bytes + addr, buf, len)) {
		if (flags & CX_WRITE_NO_ERASE) {
			return cx_fail(err, CX_FAILED,
				       "%s: 0x%" PRIx32 "+0x%" PRIx32
				       " cannot be written without an erase",
				       f->info.name, addr, len);
		}
		res->holds = CX_HOLDS_UNKNOWN;
		res->erases++;
		if (nor_op(ff, CX_NOR_ERASE, addr, buf, len, err))
			return -1;
	}
	if (program(ff, addr, buf, len, res, err))
		return -1;
	res->holds = CX_HOLDS_NEW;
	return 0;
}

/* A dump has no register; whoever looks for its image takes the lowest signature. */
static int file_set_boot(struct cx_flash *f, uint32_t addr, struct cx_err *err)
{
	struct file_flash *ff = of(f);

	if (check_alive(ff, err))
		return -1;
	if (addr % BLOCK || addr >= f->info.size)
		return cx_fail(err, CX_FAILED, "%s: no image can start at 0x%" PRIx32, f->info.name,
			       addr);
	return 0;
}

static int file_cr_read(struct cx_flash *f, uint32_t addr, uint32_t *word, unsigned int count,
			struct cx_err *err)
{
	(void)addr;
	(void)word;
	(void)count;
	return cx_fail(err, CX_REFUSED, "%s: a file has no CR space", f->info.name);
}

static int file_cr_dump(struct cx_flash *f, void (*word)(uint32_t addr, uint32_t value, void *ctx),
			void *ctx, struct cx_err *err)
{
	(void)word;
	(void)ctx;
	return file_cr_read(f, 0, NULL, 0, err);
}

static int load(struct file_flash *ff, struct cx_err *err)
{
	uint32_t done = 0;

	while (done < ff->f.info.size) {
		ssize_t n = pread(ff->fd, ff->bytes + done, ff->f.info.size - done, done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return cx_fail(err, CX_FAILED, "%s: cannot read at 0x%" PRIx32 ": %s",
				       ff->f.info.name, done,
				       n ? strerror(errno) : "the file has become shorter");
		done += n;
	}
	return 0;
}

static int file_lock(struct cx_flash *f, struct cx_err *err)
{
	struct file_flash *ff = of(f);

	if (check_alive(ff, err))
		return -1;
	if (!ff->writable)
		return cx_fail(err, CX_REFUSED, "%s: may only be read", f->info.name);
	if (f->info.copies > 1)
		return cx_fail(
			err, CX_REFUSED,
			"%s: holds the same flash %" PRIu32
			" times, as a part read as a larger one "
			"does, so nothing is written into it; make a dump of the part: cxflashctl "
			"read %s -o PART",
			f->info.name, f->info.copies, f->info.name);
	if (ff->fd >= 0) {
		if (flock(ff->fd, LOCK_EX | LOCK_NB))
			return cx_fail(err, errno == EWOULDBLOCK ? CX_BUSY : CX_FAILED,
				       "%s: cannot be locked: %s", f->info.name,
				       errno == EWOULDBLOCK ? "another program is writing it"
							    : strerror(errno));
		/* Who held the lock until now may have changed it. */
		if (load(ff, err)) {
			flock(ff->fd, LOCK_UN);
			return -1;
		}
	}
	ff->locked = true;
	return 0;
}

static int file_sync(struct cx_flash *f, struct cx_err *err)
{
	struct file_flash *ff = of(f);

	if (!ff->locked || ff->fd < 0 || !fsync(ff->fd))
		return 0;
	return cx_fail(err, CX_FAILED, "%s: what was written cannot be brought to the disk: %s",
		       f->info.name, strerror(errno));
}

static int file_unlock(struct cx_flash *f, struct cx_err *err)
{
	struct file_flash *ff = of(f);
	int ret = file_sync(f, err);

	if (ff->locked && ff->fd >= 0)
		flock(ff->fd, LOCK_UN);
	ff->locked = false;
	return ret;
}

static void file_close(struct cx_flash *f)
{
	struct file_flash *ff = of(f);

	if (ff->fd >= 0)
		close(ff->fd);
	if (ff->own_bytes)
		free(ff->bytes);
	free(ff->name);
	free(ff);
}

static const struct cx_flash_ops file_ops = {
	.read = file_read,
	.write = file_write,
	.set_boot = file_set_boot,
	.cr_read = file_cr_read,
	.cr_dump = file_cr_dump,
	.sync = file_sync,
	.lock = file_lock,
	.unlock = file_unlock,
	.close = file_close,
};

static bool size_of_a_part(uint64_t size)
{
	return size >= MIN_SIZE && size <= MAX_SIZE && !(size & (size - 1));
}

int cx_flash_open_memory(const struct cx_flash_info *info, uint8_t *bytes, struct cx_flash **f,
			 struct cx_err *err)
{
	struct file_flash *ff;

	if (!size_of_a_part(info->size) || !info->erase_sizes || !info->page_size)
		return cx_fail(err, CX_INVALID,
			       "%s: a flash of 0x%" PRIx32 " bytes, erase units 0x%" PRIx32
			       ", pages of 0x%" PRIx32 " does not exist",
			       info->name, info->size, info->erase_sizes, info->page_size);
	ff = calloc(1, sizeof(*ff));
	if (!ff)
		return cx_fail(err, CX_FAILED, "%s: out of memory", info->name);
	ff->f = (struct cx_flash){.ops = &file_ops, .info = *info};
	ff->bytes = bytes;
	ff->fd = -1;
	ff->writable = true;
	*f = &ff->f;
	return 0;
}

void cx_flash_set_hook(struct cx_flash *f, cx_nor_hook hook, void *ctx)
{
	of(f)->hook = hook;
	of(f)->hook_ctx = ctx;
}

static int open_fd(struct file_flash *ff, const char *path, struct cx_err *err)
{
	const char *name = ff->f.info.name;
	struct stat st;

	ff->fd = open(path, O_RDWR | O_CLOEXEC);
	ff->writable = ff->fd >= 0;
	if (ff->fd < 0 && (errno == EACCES || errno == EROFS || errno == EPERM))
		ff->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (ff->fd < 0 || fstat(ff->fd, &st))
		return cx_fail(err, errno == ENOENT ? CX_NOT_FOUND : CX_FAILED,
			       "%s: cannot be opened: %s", name, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return cx_fail(err, CX_INVALID, "%s: is not a regular file", name);
	if (!size_of_a_part(st.st_size))
		return cx_fail(err, CX_INVALID,
			       "%s: has %lld bytes, but a flash part has 64 KiB to 16 MiB, a power "
			       "of two; a single image is looked into with -i",
			       name, (long long)st.st_size);
	ff->f.info.size = st.st_size;
	return 0;
}

int cx_flash_open_file(const char *path, struct cx_flash **f, struct cx_err *err)
{
	struct file_flash *ff = calloc(1, sizeof(*ff));

	if (!ff)
		return cx_fail(err, CX_FAILED, "file:%s: out of memory", path);
	/*
	 * What the parts of these cards have in common (flash-access 10); times of an M25PX32,
	 * which ConnectX-2 boards have.
	 */
	ff->f = (struct cx_flash){
		.ops = &file_ops,
		.info = {.part = "dump",
			 .binding = "file",
			 .erase_sizes = 0x11000,
			 .page_size = 256,
			 .erase_4k_ms = 70,
			 .erase_64k_ms = 700,
			 .program_us = 800},
	};
	ff->fd = -1;
	ff->own_bytes = true;
	if (asprintf(&ff->name, "file:%s", path) < 0) {
		ff->name = NULL;
		cx_fail(err, CX_FAILED, "file:%s: out of memory", path);
		goto fail;
	}
	ff->f.info.name = ff->name;
	if (open_fd(ff, path, err))
		goto fail;
	ff->bytes = malloc(ff->f.info.size);
	if (!ff->bytes) {
		cx_fail(err, CX_FAILED, "%s: out of memory", ff->f.info.name);
		goto fail;
	}
	if (load(ff, err))
		goto fail;
	*f = &ff->f;
	return 0;
fail:
	file_close(&ff->f);
	return -1;
}
