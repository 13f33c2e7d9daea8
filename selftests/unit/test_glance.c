// SPDX-License-Identifier: GPL-2.0-only
/* A glance at a card sees what a survey sees, reads little, and bears any bytes. */
#include "burn_make.h"

static uint64_t bytes_read;
static unsigned int reads;
static const struct cx_flash_ops *real;

static int count_read(struct cx_flash *f, uint32_t addr, void *buf, uint32_t len,
		      struct cx_err *err)
{
	bytes_read += len;
	reads++;
	return real->read(f, addr, buf, len, err);
}

static int no_read(struct cx_flash *f, uint32_t addr, void *buf, uint32_t len, struct cx_err *err)
{
	(void)f;
	(void)buf;
	return cx_fail(err, CX_FAILED, "injected: 0x%x+0x%x cannot be read", addr, len);
}

/*
 * What reading costs in accesses of CR space: seven for each block of 16 bytes (flash-access 4:
 * address, command, its end, four words), and at most ten to take and give back the semaphores each
 * time.
 */
static uint64_t accesses(void)
{
	return bytes_read / 16 * 7 + reads * 10;
}

static void same(const struct burn_survey *all, const struct burn_survey *little, const char *name)
{
	ok(all->dump.slots == little->dump.slots, "%s: as many slots", name);
	for (size_t i = 0; i < all->dump.slots && i < little->dump.slots; i++) {
		const struct fw_image *a = &all->dump.slot[i].img, *b = &little->dump.slot[i].img;
		const struct fw_section *rom = fw_image_find(a, FW_ROM, 0),
					*also = fw_image_find(b, FW_ROM, 0);

		is_int(little->dump.slot[i].state, 0, "%s: slot %zu is known", name, i);
		is_int(little->dump.slot[i].start, all->dump.slot[i].start, "%s: its place", name);
		ok(!memcmp(&a->id, &b->id, sizeof(a->id)), "%s: its identity", name);
		ok(!memcmp(&a->info, &b->info, sizeof(a->info)), "%s: its Image Info", name);
		ok(rom ? also && !memcmp(a->bytes + rom->data, b->bytes + also->data, rom->size)
		       : !also,
		   "%s: its ROM", name);
		ok(!burn_slot_good(little, i), "%s: it does not count as good", name);
	}
}

/* For a row of a list; @b counts its reads. */
static void label_of(struct bench *b, const struct burn_survey *all, const char *name)
{
	struct fw_info info;
	struct cx_err err;
	int ret;

	bytes_read = reads = 0;
	ret = burn_label(b->f, &info, &err);
	is_int(ret, all->dump.slots ? 0 : -1, "%s: is labelled", name);
	if (!ret)
		ok(!memcmp(&info, &all->dump.slot[0].img.info, sizeof(info)), "%s: as it says",
		   name);
	else
		has_str(err.text, "there is no image", "%s: it is said that there is none", name);
	ok(accesses() <= 400, "%s: for %llu accesses, at most 400", name,
	   (unsigned long long)accesses());
}

static void glance_at(const struct make *first, const struct make *second, const char *name)
{
	struct burn_survey all, little;
	struct cx_err err;
	struct bench b;

	bench_open(&b, 0x11000);
	if (first)
		bench_put(&b, 0, first);
	if (second)
		bench_put(&b, 1, second);
	bench_survey(&b, &all);
	bytes_read = reads = 0;
	real = &b.ops;
	b.f->ops = &(struct cx_flash_ops){
		.read = count_read, .cr_read = b.ops.cr_read, .close = b.ops.close};
	if (ok(!burn_glance(b.f, &little, &err), "%s: can be seen", name)) {
		same(&all, &little, name);
		ok(bytes_read < 0x1000 + (first && !first->opt.no_rom ? 0x4000 : 0),
		   "%s: reads little", name);
		diag("%s: %u reads, %llu bytes", name, reads, (unsigned long long)bytes_read);
		burn_survey_free(&little);
	}
	label_of(&b, &all, name);
	burn_survey_free(&all);
	bench_close(&b);
}

/* Whatever the words of an image's front say, the glance ends, inside the slot. */
static void any_bytes(void)
{
	const struct make how = {.opt = {.chunk_log2 = 19}};
	struct burn_survey s;
	struct cx_err err;
	struct bench b;
	unsigned int seen = 0, broken = 0;
	uint8_t front[0x410], *start = NULL;
	uint32_t seed = 5;

	bench_open(&b, 0x11000);
	for (unsigned int n = 0; n < 600; n++) {
		if (n % 300 == 0) {
			memset(b.bytes, 0xff, BENCH_SIZE);
			bench_put(&b, n / 300, &how);
			start = b.bytes + (n ? 0x80000 : 0);
			memcpy(front, start, sizeof(front));
		}
		memcpy(start, front, sizeof(front));
		for (unsigned int k = 0; k < 1 + n % 3; k++)
			fs2_set(start + 0x10 + fs2_rand(&seed) % 0x100 * 4,
				fs2_rand(&seed) >> fs2_rand(&seed) % 32);
		if (!burn_glance(b.f, &s, &err)) {
			seen += s.dump.slots && !s.dump.slot[0].state;
			broken += s.dump.slots && s.dump.slot[0].state;
			burn_survey_free(&s);
		}
	}
	bench_close(&b);
	diag("%u still legible, %u not", seen, broken);
	ok(seen && broken && seen + broken == 600, "any bytes in the front of an image");
}

/* What is not sound is not shown as if it were. */
static void bad_labels(void)
{
	const struct make how = {.opt = {.chunk_log2 = 19}};
	struct fs2 m = make_image(&how);
	uint32_t info = m.part[INFO];
	struct fw_info shown;
	struct cx_err err;
	struct bench b;

	bench_open(&b, 0x11000);
	bench_put(&b, 0, &how);
	b.bytes[info + 40] ^= 1;
	is_int(burn_label(b.f, &shown, &err), -1, "a bent Image Info is no label");
	has_str(err.text, "wrong CRC", "and why");
	b.bytes[info + 40] ^= 1;
	fs2_set(b.bytes + info + 4, 0x200);
	is_int(burn_label(b.f, &shown, &err), -1, "a large one is not read for a list");
	has_str(err.text, "larger than a list reads", "and why");
	fs2_set(b.bytes + info, FW_GUID);
	is_int(burn_label(b.f, &shown, &err), -1, "another section is none");
	has_str(err.text, "no Image Info section", "and why");
	memset(b.bytes + 0x2c, 0, 4);
	is_int(burn_label(b.f, &shown, &err), -1, "nor is none");
	has_str(err.text, "names no Image Info", "and why");
	fs2_set(b.bytes + 0x2c, 0xfffff4);
	is_int(burn_label(b.f, &shown, &err), -1, "nor one outside the slot");
	bench_close(&b);
	free(m.at);
}

static void unreadable(void)
{
	struct burn_survey s;
	struct fw_info label;
	struct cx_err err;
	struct bench b;

	bench_open(&b, 0x11000);
	b.ops.read = no_read;
	is_int(burn_label(b.f, &label, &err), -1, "a flash that cannot be labelled");
	has_str(err.text, "injected", "and why");
	is_int(burn_glance(b.f, &s, &err), -1, "a flash that cannot be read");
	ok(strstr(err.text, "injected") != NULL, "and why");
	bench_close(&b);
}

int main(void)
{
	const struct make plain = {.opt = {.chunk_log2 = 19, .code = 20000}};
	const struct make bare = {.opt = {.chunk_log2 = 19, .no_rom = true, .code = 20000}};
	const struct make striped = {.opt = {.chunk_log2 = 16, .code = 200000}, .subminor = 7};
	const struct make single = {.opt = {.nonfailsafe = true, .one_boot = true}};
	const struct make blank = {.opt = {.chunk_log2 = 19, .blank = true}};

	glance_at(&plain, NULL, "one image");
	glance_at(NULL, &bare, "one without a ROM, in slot 1");
	glance_at(&bare, &bare, "two images");
	glance_at(&striped, NULL, "a striped one");
	glance_at(&single, NULL, "a non-failsafe one");
	glance_at(&blank, NULL, "one without GUIDs");
	glance_at(NULL, NULL, "none");
	any_bytes();
	bad_labels();
	unreadable();
	return tap_done();
}
