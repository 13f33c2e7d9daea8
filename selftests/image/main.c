// SPDX-License-Identifier: GPL-2.0-only
/* mkimage: makes synthetic FS2 firmware images and flash dumps. mkimage --help has the options. */
#include <inttypes.h>
#include <stdio.h>

#include "image.h"

/* One line for a section, with the name that flint prints. */
static void tell_section(const struct section *s)
{
	static const char *const name[] = {
		"",	      "DDR",  "Configuration", "Jump addresses", "EMT Service",
		"ROM",	      "GUID", "BOARD ID",      "User Data",	 "FW Configuration",
		"Image Info", "DDRZ", "Hash File"};
	uint32_t end = s->data + s->size + 4;

	printf("section 0x%08x-0x%08x 0x%06x ", s->addr, end - 1, end - s->addr);
	if (s->boot)
		puts("BOOT2");
	else if (s->type < ARRAY_LEN(name))
		puts(name[s->type]);
	else
		printf("UNKNOWN (%u)\n", s->type);
}

static void tell(const struct spec *s, const struct image *img)
{
	const struct section *sec;
	unsigned int i;

	printf("chip %s\nseed %" PRIu64 "\nversion %u.%u.%04u\n", s->chip->name, s->seed,
	       s->version[0], s->version[1], s->version[2]);
	printf("date %x\ntime %06x\ndevice %u\npsid %s\n", s->date, s->time, s->device & 0xffff,
	       s->psid);
	if (s->tags >> 5 & 1)
		printf("vsd %s\n", s->vsd);
	if ((s->tags >> 7 & 1) && s->product[0])
		printf("product %s\n", s->product);
	if ((s->tags >> 20 & 1) && s->prs[0])
		printf("prs %s\n", s->prs);
	if (s->tags >> 19 & 1)
		printf("nv_sectors %u\nnv_pad %u\n", s->nv_sectors, s->nv_pad);
	if ((s->tags >> 12 & 1) && s->has_min_fit)
		printf("min_fit %u.%u.%u.%u\n", s->min_fit[0], s->min_fit[1], s->min_fit[2],
		       s->min_fit[3]);
	printf("mic %u\naccess_key %u\nblank %u\nentries %u\n", s->tags >> 11 & 1,
	       (s->tags >> 13 & 1) && s->has_access_key, s->blank_guids, s->guid_entries);
	for (i = 0; i < 4; i++)
		printf("guid%u %016" PRIx64 "\n", i, s->guid[i]);
	for (i = 0; i < 2; i++)
		printf("mac%u %012" PRIx64 "\n", i, s->mac[i]);
	if (s->unordered)
		printf("unordered\n");
	if (s->nonfailsafe)
		printf("nonfailsafe\n");
	else
		printf("chunk 0x%x\n", 1u << s->chunk_log2);
	printf("rom %zu\nini %zu\n", s->rom.len, s->no_ini ? 0 : s->ini.len);
	if (s->rom_text[0])
		printf("rom_text %s\n", s->rom_text);
	for (sec = img->section; sec < img->section + img->sections; sec++)
		tell_section(sec);
}

static void make_image(struct job *job, struct buf *made)
{
	struct spec *s = &job->spec;
	struct image img;

	if (s->guid_entries != 4 && s->guid_entries != 6 && s->guid_entries != 8)
		die("a GUID section has 4, 6 or 8 entries");
	image_make(s, &img);
	if (job->verbose)
		tell(s, &img);
	if (job->damage)
		corrupt(&img, job->damage);
	buf_fill(&img.bytes, 0xff, s->pad);
	if (job->ini_out)
		buf_write(&s->ini, job->ini_out);
	if (job->rom_out)
		buf_write(&s->rom, job->rom_out);
	*made = img.bytes;
}

static void make_dump(struct job *job, const struct buf *made, struct buf *flash)
{
	struct buf image;
	unsigned int i;

	buf_fill(flash, 0xff, job->dump);
	if (job->slot[0] || job->slot[1]) {
		for (i = 0; i < 2; i++) {
			if (!job->slot[i])
				continue;
			image = buf_read(job->slot[i]);
			flash_put(flash, &image, i);
		}
	} else {
		flash_put(flash, made, job->dump_slot);
	}
	flash_nv(flash, job->nv_fill, job->spec.seed);
}

int main(int argc, char **argv)
{
	struct job job = {.random = false};
	struct buf made = {0}, flash = {0};

	job_parse(&job, argc, argv);
	if (job.release) {
		release_make(job.release_seed, job.boards, job.out, job.code);
		return 0;
	}
	if (!job.slot[0] && !job.slot[1])
		make_image(&job, &made);
	if (job.dump)
		make_dump(&job, &made, &flash);
	buf_write(job.dump ? &flash : &made, job.out);
	return 0;
}
