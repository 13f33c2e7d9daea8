// SPDX-License-Identifier: GPL-2.0-only
/* A dump that stands in for a card: NOR rules, locks, files of every kind. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dev/file.h"
#include "tap.h"

#define SIZE 0x20000u

static uint8_t flash[SIZE], buf[SIZE];

struct log {
	unsigned int erases, programs;
	uint32_t last, first; /* addresses of the programs */
	unsigned int cut_at;  /* 0: never */
};

static bool keep(enum cx_nor_op op, uint32_t addr, uint8_t *at, const uint8_t *to, uint32_t len,
		 void *ctx)
{
	struct log *log = ctx;

	(void)to;
	if (op == CX_NOR_ERASE) {
		log->erases++;
	} else {
		if (!log->programs++)
			log->first = addr;
		log->last = addr;
	}
	if (log->erases + log->programs != log->cut_at)
		return true;
	memset(at, 0, len / 2);
	return false;
}

static struct cx_flash *memory(uint32_t erase_sizes, uint32_t page, struct log *log)
{
	struct cx_flash_info info = {
		.name = "memory", .size = SIZE, .erase_sizes = erase_sizes, .page_size = page};
	struct cx_flash *f;
	struct cx_err err;

	if (cx_flash_open_memory(&info, flash, &f, &err) || f->ops->lock(f, &err))
		abort();
	*log = (struct log){0};
	cx_flash_set_hook(f, keep, log);
	return f;
}

static void writes(void)
{
	struct cx_write_result res;
	struct cx_flash *f;
	struct cx_err err;
	struct log log;

	memset(flash, 0xff, SIZE);
	f = memory(0x11000, 256, &log);
	memset(buf, 0xff, SIZE);
	memset(buf + 0x100, 0x11, 0x100);
	memset(buf + 0x300, 0x22, 0x10);
	ok(!f->ops->write(f, 0x1000, buf, 0x1000, 0, &res, &err), "a sector is written");
	is_int(res.holds, CX_HOLDS_NEW, "it holds the new bytes");
	is_int(log.erases, 0, "blank flash is not erased");
	is_int(log.programs, 2, "pages of ff are not programmed");
	ok(log.first == 0x1300 && log.last == 0x1100, "the last page comes first");
	ok(!memcmp(flash + 0x1000, buf, 0x1000), "the bytes are there");

	ok(!f->ops->write(f, 0x1000, buf, 0x1000, 0, &res, &err) && log.programs == 2,
	   "the same again does nothing");
	is_int(res.holds, CX_HOLDS_NEW, "and is what was asked for");

	buf[0x100] = 0x13; /* a bit has to be set */
	is_int(f->ops->write(f, 0x1000, buf, 0x1000, CX_WRITE_NO_ERASE, &res, &err), -1,
	       "bits are not set without an erase");
	ok(res.holds == CX_HOLDS_OLD && flash[0x1100] == 0x11, "and nothing was changed");
	has_str(err.text, "0x1000", "the place is named");
	flash[0x2000] = 0x77;
	ok(!f->ops->write(f, 0x1000, buf, 0x1000, 0, &res, &err) && log.erases == 1,
	   "with an erase they are");
	ok(flash[0x1100] == 0x13 && flash[0x2000] == 0x77, "and the next sector is left alone");

	memset(buf, 0, 16);
	ok(!f->ops->write(f, 0x1010, buf, 16, CX_WRITE_NO_ERASE, &res, &err) && !flash[0x1010] &&
		   flash[0x1020] == 0xff,
	   "16 bytes are cleared without an erase");
	f->ops->close(f);
}

static void limits(void)
{
	static const struct {
		uint32_t addr, len;
		unsigned int flags;
		const char *what;
	} bad[] = {
		{8, 16, CX_WRITE_NO_ERASE, "an odd address"},
		{0, 8, CX_WRITE_NO_ERASE, "half a block"},
		{0, 0, CX_WRITE_NO_ERASE, "nothing"},
		{0xfff0, 32, CX_WRITE_NO_ERASE, "two 64 KiB blocks"},
		{SIZE, 16, CX_WRITE_NO_ERASE, "what is behind the end"},
		{SIZE - 16, 32, CX_WRITE_NO_ERASE, "what reaches over the end"},
		{0xfffffff0, 32, CX_WRITE_NO_ERASE, "what wraps round"},
		{0, 0x2000, 0, "two sectors"},
		{0x800, 0x1000, 0, "a crooked sector"},
		{0x1000, 0x10000, 0, "a crooked block"},
		{0, 0x11000, 0, "all erase units at once"},
	};
	struct cx_write_result res;
	struct cx_flash *f;
	struct cx_err err;
	struct log log;

	memset(flash, 0xff, SIZE);
	f = memory(0x11000, 256, &log);
	memset(buf, 0, SIZE);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ok(f->ops->write(f, bad[i].addr, buf, bad[i].len, bad[i].flags, &res, &err) &&
			   res.holds == CX_HOLDS_OLD && !log.programs,
		   "%s is not written", bad[i].what);
	ok(f->ops->read(f, SIZE - 16, buf, 32, &err) == -1, "reading stops at the end");
	ok(f->ops->read(f, 8, buf, 16, &err) == -1, "reading goes by 16 bytes");
	f->ops->unlock(f, &err);
	is_int(f->ops->write(f, 0, buf, 0x1000, 0, &res, &err), -1,
	       "without a lock nothing is written");
	is_int(f->ops->cr_read(f, 0xf0014, (uint32_t *)buf, 1, &err), -1, "there is no CR space");
	is_int(err.status, CX_REFUSED, "which is a refusal");
	ok(!f->ops->set_boot(f, 0x10000, &err) && f->ops->set_boot(f, 0x8000, &err),
	   "an image starts at multiples of 64 KiB");
	f->ops->close(f);

	f = memory(0x1000, 1, &log);
	memset(buf, 0xff, SIZE);
	memset(buf + 5, 0, 3);
	ok(!f->ops->write(f, 0, buf, 0x1000, 0, &res, &err) && log.programs == 3,
	   "a part that programs bytes does so");
	f->ops->close(f);
}

static void power(void)
{
	struct cx_write_result res;
	struct cx_flash *f;
	struct cx_err err;
	struct log log;

	memset(flash, 0xff, SIZE);
	f = memory(0x1000, 256, &log);
	log.cut_at = 2;
	memset(buf, 0x55, SIZE);
	is_int(f->ops->write(f, 0, buf, 0x1000, 0, &res, &err), -1, "the power fails in a write");
	is_int(res.holds, CX_HOLDS_UNKNOWN, "then nobody knows what the sector holds");
	ok(flash[0xe00] == 0 && flash[0xe80] == 0xff && flash[0xf00] == 0x55,
	   "the hook decides what the page holds");
	is_int(f->ops->read(f, 0, buf, 16, &err), -1, "afterwards nothing can be read");
	is_int(f->ops->write(f, 0, buf, 0x1000, 0, &res, &err), -1, "nor written");
	is_int(f->ops->lock(f, &err), -1, "nor locked");
	f->ops->close(f);
}

static void make_file(const char *path, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	memset(buf, 0xff, sizeof(buf));
	for (size_t done = 0; done < size; done += sizeof(buf))
		if (write(fd, buf, size - done < sizeof(buf) ? size - done : sizeof(buf)) < 0)
			abort();
	close(fd);
}

static void files(const char *dir)
{
	static const size_t odd[] = {0, 100, 0x8000, 0x18000, 0x20010, 0x2000000};
	struct cx_flash *f, *g;
	struct cx_write_result res;
	struct cx_err err;
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/dump.bin", dir);
	is_int(cx_flash_open_file(path, &f, &err), -1, "a missing file is not opened");
	is_int(err.status, CX_NOT_FOUND, "it is not found");
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		make_file(path, odd[i]);
		is_int(cx_flash_open_file(path, &f, &err), -1, "no flash has %zu bytes", odd[i]);
		is_int(err.status, CX_INVALID, "so the file is invalid");
	}
	is_int(cx_flash_open_file(dir, &f, &err), -1, "a folder is no dump");

	make_file(path, SIZE);
	if (!ok(!cx_flash_open_file(path, &f, &err), "a dump is opened"))
		diag("%s", err.text);
	ok(f->info.size == SIZE && !strncmp(f->info.name, "file:", 5), "it has size and name");
	ok(!f->ops->lock(f, &err), "it can be locked");
	ok(!cx_flash_open_file(path, &g, &err), "a second one may look");
	is_int(g->ops->lock(g, &err), -1, "but not write");
	is_int(err.status, CX_BUSY, "while the first does");
	memset(buf, 0xc3, SIZE);
	ok(!f->ops->write(f, 0x10000, buf, 0x10000, 0, &res, &err), "a block is written");
	ok(!f->ops->unlock(f, &err) && !g->ops->lock(g, &err), "then it is the second one's turn");
	memset(buf, 0, SIZE);
	ok(!g->ops->read(g, 0x10000, buf, 16, &err) && buf[0] == 0xc3,
	   "which sees what the first one wrote");
	f->ops->close(f);
	g->ops->close(g);
	fd = open(path, O_RDONLY);
	ok(pread(fd, buf, 0x10000, 0x10000) == 0x10000 && buf[0xffff] == 0xc3,
	   "and so does the file");
	close(fd);

	if (!geteuid() && seteuid(65534))
		abort();
	if (chmod(path, 0444) && errno != EPERM)
		abort();
	if (cx_flash_open_file(path, &f, &err)) {
		diag("%s", err.text);
	} else {
		is_int(f->ops->lock(f, &err), -1, "a file that may only be read is not locked");
		is_int(err.status, CX_REFUSED, "it is refused");
		f->ops->close(f);
	}
	if (seteuid(0) && errno != EPERM)
		abort();
	unlink(path);
}

static void memories(void)
{
	struct cx_flash_info info = {
		.name = "memory", .size = SIZE, .erase_sizes = 0x1000, .page_size = 256};
	struct cx_flash *f;
	struct cx_err err;

	info.size = 0x30000;
	is_int(cx_flash_open_memory(&info, flash, &f, &err), -1, "no part has 192 KiB");
	info.size = SIZE;
	info.page_size = 0;
	is_int(cx_flash_open_memory(&info, flash, &f, &err), -1, "no part has no pages");
}

int main(void)
{
	char dir[] = "/tmp/test_file.XXXXXX";

	if (!mkdtemp(dir) || chmod(dir, 0755))
		return 1;
	writes();
	limits();
	power();
	files(dir);
	memories();
	rmdir(dir);
	return tap_done();
}
