// SPDX-License-Identifier: GPL-2.0-only
/*
 * The floor: the least time in which the flash can be made what it became.
 *
 *	floor [--4k MS] [--64k MS] --program US [--window | --flush] BEFORE AFTER START LEN
 *	floor [--window | --flush] --read LEN
 *
 * BEFORE and AFTER are flash dumps; the new image lies at START for LEN bytes, in one piece. The
 *rule:
 *
 *   Erase and program. Programming clears bits, up to 256 bytes of one page at once; setting a bit
 *   takes an erase of 4 or 64 KiB, where the part can do it, after which every page of the unit
 *that is not all ones has to be programmed. For each 64 KiB block that the image touches, the
 *cheapest of three ways is taken: no erase, if no bit has to be set; erases of just those 4 KiB
 *sectors where one has to be; one erase of 64 KiB. What a block holds beside the image is free to
 *be lost. Outside those blocks every page that differs is programmed once, which is how the old
 *signature is cleared. Times are the part's typical ones.
 *
 *   Access. A program is a write enable, one gateway command for each 16 bytes from the first to
 *the last that differ, and one look at the status; an erase is a write enable, the erase, and one
 *look at the status. Every 16 bytes programmed are read back once: without that nobody knows. A
 *gateway command costs its writes (command, address if it has one, 4 data words), one look at its
 *busy bit, and its reads (4 data words; a status is one). The semaphore is not counted.
 *
 *   Prices. A CR read takes 1 us, a write 0.1 us, the flush that a ConnectX-3 needs between a write
 *   and a read of BAR0 one of each; through the configuration window every access is two cycles of
 *   1.5 us. The SPI bus runs at 25 MHz.
 *
 * Prints one JSON object.
 */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE   256u
#define BEAT   16u
#define SECTOR 4096u
#define BLOCK  65536u

#define READ_US	  1.0
#define WRITE_US  0.1
#define WINDOW_US 3.0
#define BYTE_US	  (8 / 25.0)

struct part {
	double ms_4k, ms_64k, us_program; /* 0: it cannot */
};

enum way { BAR0, BAR0_FLUSH, WINDOW };

struct work {
	unsigned long erase_4k, erase_64k, pages, reads, writes, bytes;
};

struct flash {
	uint8_t *before, *after;
	size_t size;
	uint32_t start, end; /* of the image */
};

/* ---- what it costs ---- */

static void add(struct work *to, const struct work *w)
{
	to->erase_4k += w->erase_4k;
	to->erase_64k += w->erase_64k;
	to->pages += w->pages;
	to->reads += w->reads;
	to->writes += w->writes;
	to->bytes += w->bytes;
}

/* A gateway command; the flush, where there is one, comes between its writes and the look at it. */
static void command(struct work *w, enum way way, unsigned int writes, unsigned int reads,
		    unsigned int bytes)
{
	w->writes += writes + 1 + (way == BAR0_FLUSH);
	w->reads += reads + 1 + (way == BAR0_FLUSH);
	w->bytes += bytes;
}

static void enable(struct work *w, enum way way)
{
	command(w, way, 0, 0, 1);
}

static void look_at_status(struct work *w, enum way way)
{
	command(w, way, 0, 1, 5);
}

static void read_beats(struct work *w, enum way way, unsigned long beats)
{
	while (beats--)
		command(w, way, 1, 4, 4 + BEAT);
}

static void erase(struct work *w, enum way way, uint32_t size)
{
	*(size == BLOCK ? &w->erase_64k : &w->erase_4k) += 1;
	enable(w, way);
	command(w, way, 1, 0, 4);
	look_at_status(w, way);
}

static void program(struct work *w, enum way way, unsigned int beats)
{
	w->pages++;
	enable(w, way);
	for (unsigned int i = 0; i < beats; i++)
		command(w, way, 4 + !i, 0, BEAT + (i ? 0 : 4));
	look_at_status(w, way);
	read_beats(w, way, beats);
}

static double access_ms(const struct work *w, enum way way)
{
	double us = way == WINDOW ? (w->reads + w->writes) * WINDOW_US
				  : w->reads * READ_US + w->writes * WRITE_US;

	return (us + w->bytes * BYTE_US) / 1000;
}

static double erase_ms(const struct work *w, const struct part *p)
{
	return w->erase_4k * p->ms_4k + w->erase_64k * p->ms_64k;
}

static double total_ms(const struct work *w, const struct part *p, enum way way)
{
	return erase_ms(w, p) + w->pages * p->us_program / 1000 + access_ms(w, way);
}

/* ---- what has to be done ---- */

static bool wanted(const struct flash *f, uint32_t at)
{
	return at >= f->start && at < f->end;
}

static uint8_t is(const struct flash *f, uint32_t at, bool erased)
{
	return erased ? 0xff : f->before[at];
}

static bool must_erase(const struct flash *f, uint32_t addr, uint32_t len)
{
	for (uint32_t at = addr; at < addr + len; at++)
		if (wanted(f, at) && f->after[at] & ~f->before[at])
			return true;
	return false;
}

/* Make one page right, which holds what it did or is erased. Everything in it counts with @all. */
static void do_page(struct work *w, const struct flash *f, enum way way, uint32_t page, bool erased,
		    bool all)
{
	unsigned int first = PAGE / BEAT, last = 0;

	for (uint32_t at = page; at < page + PAGE; at++) {
		if ((!all && !wanted(f, at)) || f->after[at] == is(f, at, erased))
			continue;
		last = (at - page) / BEAT;
		first = last < first ? last : first;
	}
	if (first < PAGE / BEAT)
		program(w, way, last - first + 1);
}

static void do_pages(struct work *w, const struct flash *f, enum way way, uint32_t addr,
		     uint32_t len, bool erased)
{
	for (uint32_t page = addr; page < addr + len; page += PAGE)
		do_page(w, f, way, page, erased, false);
}

static struct work by_sectors(const struct flash *f, enum way way, uint32_t block)
{
	struct work w = {0};

	for (uint32_t sector = block; sector < block + BLOCK; sector += SECTOR) {
		bool erased = must_erase(f, sector, SECTOR);

		if (erased)
			erase(&w, way, SECTOR);
		do_pages(&w, f, way, sector, SECTOR, erased);
	}
	return w;
}

static struct work by_block(const struct flash *f, enum way way, uint32_t block)
{
	struct work w = {0};

	erase(&w, way, BLOCK);
	do_pages(&w, f, way, block, BLOCK, true);
	return w;
}

static struct work do_block(const struct flash *f, const struct part *p, enum way way,
			    uint32_t block)
{
	bool must = must_erase(f, block, BLOCK);
	struct work small = by_sectors(f, way, block), large;

	if (!p->ms_64k || !must)
		return small;
	large = by_block(f, way, block);
	return p->ms_4k && total_ms(&small, p, way) <= total_ms(&large, p, way) ? small : large;
}

static struct work do_flash(const struct flash *f, const struct part *p, enum way way)
{
	uint32_t first = f->start / BLOCK * BLOCK, last = (f->end + BLOCK - 1) / BLOCK * BLOCK;
	struct work w = {0}, more;

	for (uint32_t block = first; block < last; block += BLOCK) {
		more = do_block(f, p, way, block);
		add(&w, &more);
	}
	for (uint32_t page = 0; page < f->size; page += PAGE)
		if (page < first || page >= last)
			do_page(&w, f, way, page, false, true);
	return w;
}

/* ---- in and out ---- */

static void die(const char *what, const char *why)
{
	fprintf(stderr, "floor: %s: %s\n", what, why);
	exit(1);
}

static uint8_t *read_dump(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *bytes = malloc(1 << 24);

	if (!f || !bytes)
		die(path, strerror(errno));
	*size = fread(bytes, 1, 1 << 24, f);
	fclose(f);
	if (!*size || *size % BLOCK)
		die(path, "not a flash dump: not a multiple of 64 KiB");
	return bytes;
}

static unsigned long number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 0);

	if (end == text || *end)
		die(text, "not a number");
	return n;
}

static void print(const struct work *w, const struct part *p, enum way way)
{
	printf("{\"erases_4k\":%lu,\"erases_64k\":%lu,\"pages\":%lu,\"cr_reads\":%lu,"
	       "\"cr_writes\":%lu,\"spi_bytes\":%lu,\"erase_ms\":%.3f,\"program_ms\":%.3f,"
	       "\"access_ms\":%.3f,\"total_ms\":%.3f}\n",
	       w->erase_4k, w->erase_64k, w->pages, w->reads, w->writes, w->bytes, erase_ms(w, p),
	       w->pages * p->us_program / 1000, access_ms(w, way), total_ms(w, p, way));
}

static const char usage[] =
	"usage: floor [--4k MS] [--64k MS] --program US [--window | --flush] BEFORE AFTER START "
	"LEN\n"
	"       floor [--window | --flush] --read LEN\n";

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"4k", 1, NULL, '4'},	  {"64k", 1, NULL, '6'},   {"program", 1, NULL, 'p'},
		{"window", 0, NULL, 'w'}, {"flush", 0, NULL, 'f'}, {"read", 1, NULL, 'r'},
		{NULL, 0, NULL, 0},
	};
	unsigned long read_len = 0;
	enum way way = BAR0;
	struct part part = {0};
	struct work work = {0};
	struct flash f;
	size_t other;
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt == '4')
			part.ms_4k = number(optarg);
		else if (opt == '6')
			part.ms_64k = number(optarg);
		else if (opt == 'p')
			part.us_program = number(optarg);
		else if (opt == 'r')
			read_len = number(optarg);
		else if (opt == 'w')
			way = WINDOW;
		else if (opt == 'f')
			way = BAR0_FLUSH;
		else
			return 64;
	}
	if (read_len && optind == argc) {
		read_beats(&work, way, (read_len + BEAT - 1) / BEAT);
		print(&work, &part, way);
		return 0;
	}
	if (argc - optind != 4 || read_len || !part.us_program || !(part.ms_4k || part.ms_64k)) {
		fputs(usage, stderr);
		return 64;
	}
	f.before = read_dump(argv[optind], &f.size);
	f.after = read_dump(argv[optind + 1], &other);
	f.start = number(argv[optind + 2]);
	f.end = f.start + number(argv[optind + 3]);
	if (other != f.size || f.end > f.size || f.end < f.start)
		die(argv[optind + 1], "not the same flash, or too small for the image");
	work = do_flash(&f, &part, way);
	print(&work, &part, way);
	free(f.before);
	free(f.after);
	return 0;
}
