// SPDX-License-Identifier: GPL-2.0-only
/* What is on a card: read once, kept, judged. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "dev/running.h"
#include "fw/words.h"
#include "internal.h"

void burn_progress(const struct burn_control *ctl, enum burn_stage stage, uint64_t done,
		   uint64_t total)
{
	if (ctl && ctl->progress)
		ctl->progress(stage, done, total, ctl->ctx);
}

bool burn_stopped(const struct burn_control *ctl)
{
	return ctl && ctl->stop && *ctl->stop;
}

/* ---- reading ---- */

/* A reading job: ranges of a survey with one progress. */
struct job {
	struct burn_survey *s;
	const struct burn_control *ctl;
	uint64_t done, total;
};

#define READ_AT_ONCE (16 * BURN_CELL)

static int read_cells(struct job *job, uint32_t first, uint32_t count, struct cx_err *err)
{
	struct burn_survey *s = job->s;
	uint32_t addr = first * BURN_CELL, len = count * BURN_CELL;

	if (burn_stopped(job->ctl))
		return cx_fail(err, CX_FAILED, "%s: stopped while reading; nothing was changed",
			       s->flash->info.name);
	if (!job->done)
		burn_progress(job->ctl, BURN_READ, 0, job->total);
	if (s->flash->ops->read(s->flash, addr, s->bytes + addr, len, err))
		return -1;
	memset(s->have + first, 1, count);
	job->done += len;
	burn_progress(job->ctl, BURN_READ, job->done, job->total);
	return 0;
}

static uint32_t missing(const struct burn_survey *s, uint32_t addr, uint32_t len)
{
	uint32_t n = 0;

	for (uint32_t c = addr / BURN_CELL; c * BURN_CELL < addr + len; c++)
		n += !s->have[c];
	return n * BURN_CELL;
}

static int read_range(struct job *job, uint32_t addr, uint32_t len, struct cx_err *err)
{
	uint32_t c = addr / BURN_CELL, end = (addr + len + BURN_CELL - 1) / BURN_CELL;
	while (c < end) {
		uint32_t n = 0;

		while (c + n < end && n < READ_AT_ONCE / BURN_CELL && !job->s->have[c + n])
			n++;
		if (n && read_cells(job, c, n, err))
			return -1;
		c += n ? n : 1;
	}
	return 0;
}

int burn_survey_range(struct burn_survey *s, const struct burn_control *ctl, uint32_t addr,
		      uint32_t len, struct cx_err *err)
{
	struct job job = {.s = s, .ctl = ctl};

	if (addr > s->flash->info.size || len > s->flash->info.size - addr)
		return cx_fail(err, CX_FAILED, "%s: 0x%" PRIx32 "+0x%" PRIx32 " leaves the flash",
			       s->flash->info.name, addr, len);
	job.total = missing(s, addr, len);
	return read_range(&job, addr, len, err);
}

/* ---- finding ---- */

uint32_t burn_piece(uint32_t addr, uint32_t len, uint32_t start, unsigned int chunk_log2,
		    uint32_t *phys)
{
	uint32_t chunk = 1u << chunk_log2;
	uint32_t left = chunk - (addr & (chunk - 1));

	*phys = fw_phys(addr, start, chunk_log2);
	return chunk_log2 && len > left ? left : len;
}

uint32_t burn_slot_size(uint32_t flash_size, unsigned int chunk_log2)
{
	return flash_size % (2u << chunk_log2) ? 0 : flash_size / 2;
}

/* Something to do with a range of the flash. */
typedef int (*range_fn)(struct job *job, uint32_t addr, uint32_t len, struct cx_err *err);

static int count_range(struct job *job, uint32_t addr, uint32_t len, struct cx_err *err)
{
	(void)err;
	job->total += missing(job->s, addr, len);
	return 0;
}

/* Every place where an image may start. */
static int each_header(struct job *job, range_fn fn, struct cx_err *err)
{
	const uint32_t *start;
	size_t n = fw_start_candidates(job->s->chip, &start);

	for (size_t i = 0; i < n && start[i] + FW_HEADER_SIZE <= job->s->flash->info.size; i++)
		if (fn(job, start[i], FW_HEADER_SIZE, err))
			return -1;
	return 0;
}

/* Every piece of the image at @start: what its size word states, or @whole, all its slot can hold.
 */
static int each_piece(struct job *job, uint32_t start, bool whole, range_fn fn, struct cx_err *err)
{
	const uint8_t *header = job->s->bytes + start;
	uint32_t failsafe = fw_get32(header + 0x28), want = fw_get32(header + 0x30);
	uint32_t size = job->s->flash->info.size;
	unsigned int log2 = failsafe & 8 ? 16 + (failsafe & 7) : 0;
	uint32_t slot = log2 ? burn_slot_size(size, log2) : size - start;
	uint32_t phys, n;

	if (whole || want > slot)
		want = slot;
	for (uint32_t at = 0; at < want; at += n) {
		n = burn_piece(at, want - at, start, log2, &phys);
		if (phys > size || n > size - phys)
			return 0; /* the parser will say it better */
		if (fn(job, phys, n, err))
			return -1;
	}
	return 0;
}

static int each_image(struct job *job, bool whole, range_fn fn, struct cx_err *err)
{
	const uint32_t *start;
	size_t n = fw_start_candidates(job->s->chip, &start);

	for (size_t i = 0; i < n && start[i] + FW_HEADER_SIZE <= job->s->flash->info.size; i++)
		if (fw_has_magic(job->s->bytes + start[i]) &&
		    each_piece(job, start[i], whole, fn, err))
			return -1;
	return 0;
}

static int read_images(struct job *job, bool whole, struct cx_err *err)
{
	if (each_header(job, count_range, err) || each_header(job, read_range, err))
		return -1;
	return each_image(job, whole, count_range, err) || each_image(job, whole, read_range, err)
		       ? -1
		       : 0;
}

/* Does every image found lie within what has been read? */
static bool complete(const struct fw_dump *dump)
{
	for (size_t i = 0; i < dump->slots; i++)
		if (dump->slot[i].state || dump->slot[i].img.size > dump->slot[i].img.size_word)
			return false;
	return true;
}

/* Images are taken at the size they state; only one that does not hold together is read whole. */
static int find_images(struct burn_survey *s, const struct burn_control *ctl, struct cx_err *err)
{
	struct job job = {.s = s, .ctl = ctl};
	uint32_t size = s->flash->info.size;

	if (read_images(&job, false, err))
		return -1;
	if (!fw_dump_parse(s->bytes, size, s->chip, &s->dump, err)) {
		if (complete(&s->dump))
			return 0;
		fw_dump_free(&s->dump);
	}
	if (read_images(&job, true, err))
		return cx_fail_in(err, s->flash->info.name);
	if (!fw_dump_parse(s->bytes, size, s->chip, &s->dump, err))
		return 0;
	if (err->status != CX_INVALID)
		return cx_fail_in(err, s->flash->info.name);
	/* Three signatures are a state that a card can be in. */
	s->unclear = *err;
	s->dump = (struct fw_dump){0};
	return 0;
}

/* ---- judging ---- */

static void count_finding(const struct fw_finding *finding, void *ctx)
{
	size_t *warnings = ctx;

	*warnings += finding->grade == FW_WARNING;
}

static void judge_slots(struct burn_survey *s)
{
	for (size_t i = 0; i < s->dump.slots; i++)
		if (!s->dump.slot[i].state)
			s->bad[i] = fw_verify(&s->dump.slot[i].img, s->chip, s->flash->info.size,
					      count_finding, &s->warnings[i]);
}

bool burn_slot_good(const struct burn_survey *s, size_t i)
{
	return i < s->dump.slots && !s->dump.slot[i].state && !s->bad[i] && !s->glance;
}

static void read_running(struct burn_survey *s)
{
	uint16_t v[3];

	s->has_running = cx_running(s->flash, v);
	if (s->has_running)
		s->running = (struct fw_version){v[0], v[1], v[2]};
}

static bool runs(const struct burn_survey *s, size_t i)
{
	return s->has_running && burn_has_version(&s->dump.slot[i].img) &&
	       !fw_version_compare(&s->dump.slot[i].img.info.version, &s->running);
}

/* Higher is better to keep; below 0 there is nothing to keep. */
static int worth(const struct burn_survey *s, size_t i)
{
	if (s->dump.slot[i].state)
		return -1;
	return (burn_slot_good(s, i) ? 2 : 0) + (runs(s, i) ? 1 : 0);
}

static void choose_kept(struct burn_survey *s)
{
	int best = -1;

	s->kept = -1;
	for (size_t i = 0; i < s->dump.slots; i++) {
		if (worth(s, i) <= best)
			continue;
		best = worth(s, i);
		s->kept = i;
	}
}

void burn_adopt_chip(struct burn_survey *s, const struct fw_image *img)
{
	s->chip = fw_image_chip(img, NULL);
	s->chip_rev = img->info.hw_count ? img->info.hw[0] >> 16 & 0xff : 0;
}

/* A dump stands in for a card of the chip its images are made for. */
static void adopt_chip(struct burn_survey *s)
{
	for (size_t i = 0; s->chip == FW_CHIP_UNKNOWN && i < s->dump.slots; i++)
		if (!s->dump.slot[i].state)
			burn_adopt_chip(s, &s->dump.slot[i].img);
}

int burn_survey_begin(struct cx_flash *flash, struct burn_survey *s, struct cx_err *err)
{
	uint32_t size = flash->info.size;

	*s = (struct burn_survey){.flash = flash, .kept = -1};
	s->chip = flash->info.chip_id;
	s->chip_rev = flash->info.chip_rev;
	if (size < 0x10000 || size > FW_MAX_SIZE || size % BURN_CELL)
		return cx_fail(err, CX_FAILED, "%s: a flash of 0x%" PRIx32 " bytes is not known",
			       flash->info.name, size);
	s->bytes = malloc(size);
	s->have = calloc(size / BURN_CELL, 1);
	if (!s->bytes || !s->have) {
		burn_survey_free(s);
		return cx_fail(err, CX_FAILED, "%s: out of memory", flash->info.name);
	}
	memset(s->bytes, 0xff, size);
	return 0;
}

void burn_survey_end(struct burn_survey *s)
{
	adopt_chip(s);
	read_running(s);
	if (!s->glance)
		judge_slots(s);
	choose_kept(s);
}

int burn_survey(struct cx_flash *flash, const struct burn_control *ctl, struct burn_survey *s,
		struct cx_err *err)
{
	if (burn_survey_begin(flash, s, err))
		return -1;
	if (find_images(s, ctl, err)) {
		burn_survey_free(s);
		return -1;
	}
	burn_survey_end(s);
	return 0;
}

void burn_survey_free(struct burn_survey *s)
{
	fw_dump_free(&s->dump);
	free(s->bytes);
	free(s->have);
	*s = (struct burn_survey){.kept = -1};
}

/* ---- what the rest asks of a survey ---- */

const struct fw_slot *burn_kept(const struct burn_survey *s)
{
	return &s->dump.slot[s->kept];
}

bool burn_same_bytes(const struct fw_image *a, const struct fw_image *b)
{
	return a->size == b->size && !memcmp(a->bytes, b->bytes, a->size);
}

int burn_copy_image(const struct fw_image *from, struct fw_image *to, struct cx_err *err)
{
	return fw_image_parse(from->bytes, from->size, to, err);
}

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* A sector size that is not stated is 64 KiB, the largest there is. */
static uint32_t larger_sector(uint32_t a, uint32_t b)
{
	return a == UINT32_MAX || b == UINT32_MAX ? UINT32_MAX : larger(a, b);
}

uint32_t burn_nv_reserve(const struct burn_survey *s, const struct fw_image *img)
{
	const struct fw_info *a = s->kept < 0 ? &img->info : &burn_kept(s)->img.info;
	const struct fw_info *b = &img->info;
	struct fw_image both = {.info = *a};
	uint32_t reserve;

	both.info.tags |= b->tags;
	both.info.nv_sectors = larger(a->nv_sectors, b->nv_sectors);
	both.info.nv_sector_log2k = larger_sector(a->nv_sector_log2k, b->nv_sector_log2k);
	reserve = fw_nv_reserve(&both);
	both.info.nv_sectors = larger(a->nv_pad, b->nv_pad);
	return reserve + fw_nv_reserve(&both);
}

bool burn_kept_damaged(const struct burn_survey *s, enum fw_section_type type)
{
	const struct fw_section *sec = fw_image_find(&burn_kept(s)->img, type, 0);

	return sec && !(sec->crc == sec->crc_want) &&
	       !(type == FW_GUID && burn_kept(s)->img.id.blank);
}
