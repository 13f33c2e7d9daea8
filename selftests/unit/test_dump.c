// SPDX-License-Identifier: GPL-2.0-only
/* Flash dumps: where images are looked for, and how they are striped. */
#include "fw/image/dump.h"
#include "fs2_make.h"
#include "tap.h"

#define MIB (1u << 20)

static uint8_t *blank_flash(size_t size)
{
	uint8_t *flash = malloc(size);

	if (!flash)
		abort();
	memset(flash, 0xff, size);
	return flash;
}

static void addresses(void)
{
	const uint32_t *start;
	size_t wrong = 0;

	is_int(fw_start_candidates(FW_CHIP_CONNECTX2, &start), 6, "a ConnectX-2 looks six times");
	is_int(start[5], 0x100000, "up to 1 MiB");
	is_int(fw_start_candidates(FW_CHIP_CONNECTX3, &start), 10, "a ConnectX-3 ten times");
	is_int(start[9], 0x1000000, "up to 16 MiB");

	is_int(fw_phys(0x12345, 0, 0), 0x12345, "not striped: the address itself");
	is_int(fw_phys(0x12345, 0, 20), 0x12345, "first chunk of slot 0");
	is_int(fw_phys(0x12345, 0x100000, 20), 0x112345, "first chunk of slot 1");
	is_int(fw_phys(0x112345, 0, 20), 0x212345, "second chunk of slot 0");
	is_int(fw_phys(0x112345, 0x100000, 20), 0x312345, "second chunk of slot 1");
	is_int(fw_phys(0x54321, 0x10000, 16), 0xb4321, "sixth chunk of slot 1, 64 KiB each");

	for (uint32_t a = 0; a < 4 * MIB; a += 4099)
		for (unsigned int log2 = 16; log2 <= 23; log2++) {
			uint32_t k = a >> log2, within = a - (k << log2);

			wrong += fw_phys(a, 0, log2) != (2 * k << log2) + within;
			wrong += fw_phys(a, 1u << log2, log2) != ((2 * k + 1) << log2) + within;
		}
	is_int(wrong, 0, "chunk k of slot s lies at (2k + s) chunks, for every chunk size");
}

static void gather_and_scatter(void)
{
	uint8_t *flash = blank_flash(MIB), *plain = blank_flash(MIB / 2), *back = blank_flash(MIB);
	uint32_t seed = 3, chunk = 65536;
	size_t wrong = 0;

	for (size_t i = 0; i < MIB / 2; i++)
		plain[i] = fs2_rand(&seed);
	ok(!fw_scatter(flash, MIB, chunk, 16, 0, plain, MIB / 2), "a whole slot is written");
	for (size_t i = 0; i < MIB; i++)
		wrong += i / chunk % 2 ? flash[i] != plain[i / chunk / 2 * chunk + i % chunk]
				       : flash[i] != 0xff;
	is_int(wrong, 0, "to every second chunk, and nowhere else");
	for (size_t i = 0; i < 200; i++) {
		uint32_t addr = fs2_rand(&seed) % (MIB / 2);
		size_t len = fs2_rand(&seed) % (MIB / 2 - addr);

		wrong += fw_gather(flash, MIB, chunk, 16, addr, back, len) ||
			 memcmp(back, plain + addr, len);
	}
	is_int(wrong, 0, "any part of it is read back");

	ok(!fw_gather(flash, MIB, 0, 16, MIB / 2 - 4, back, 4), "slot 0, up to its end");
	is_int(fw_gather(flash, MIB, 0, 16, MIB / 2 - 4, back, 8), -1, "and not beyond");
	is_int(fw_gather(flash, MIB, chunk, 16, MIB / 2, back, 1), -1, "nor in slot 1");
	is_int(fw_gather(flash, MIB, chunk, 16, MIB / 2, back, 0), 0,
	       "nothing can be read anywhere");
	is_int(fw_gather(flash, MIB - 1, chunk, 16, MIB / 2 - 4, back, 4), -1,
	       "a dump that lacks the last byte");
	is_int(fw_gather(flash, MIB, 0, 0, MIB - 4, back, 8), -1, "beyond the end, not striped");
	is_int(fw_gather(flash, MIB, 0, 16, 0, back, (size_t)-1), -1, "a length that wraps");
	is_int(fw_gather(flash, MIB, 0, 16, 0xfffffff0, back, 16), -1, "an address that wraps");
	is_int(fw_gather(flash, MIB, 0, 40, 0, back, 16), -1, "an impossible chunk size");
	is_int(fw_scatter(flash, MIB, chunk, 16, MIB / 2 - 4, plain, 8), -1,
	       "nothing is written beyond the end");
	is_int(fw_scatter(flash, MIB, 0, 0, MIB - 2, plain, 3), -1, "not striped either");
	is_int(fw_scatter(flash, MIB, 0, 16, 0xfffffff0, plain, 16), -1, "an address that wraps");
	free(flash);
	free(plain);
	free(back);
}

/* What a dump is found to hold. */
static struct fw_dump look(const uint8_t *flash, size_t len, enum fw_chip chip)
{
	uint8_t *exact = malloc(len ? len : 1);
	struct fw_dump dump;
	struct cx_err err;

	if (!exact)
		abort();
	memcpy(exact, flash, len);
	if (fw_dump_parse(exact, len, chip, &dump, &err)) {
		diag("%s", err.text);
		dump.slots = 99;
	}
	free(exact);
	return dump;
}

static bool holds(const struct fw_dump *dump, size_t slot, uint32_t start, const struct fs2 *m)
{
	const struct fw_slot *s = &dump->slot[slot];

	if (dump->slots > 2 || slot >= dump->slots)
		return false;
	if (s->state)
		diag("slot %zu: %s", slot, s->why.text);
	return !s->state && s->start == start && s->img.size == m->len &&
	       !memcmp(s->img.bytes, m->at, m->len);
}

static void release(struct fw_dump *dump)
{
	if (dump->slots <= 2)
		fw_dump_free(dump);
}

/* An image of three chunks, in either slot and in both. */
static void striped(void)
{
	struct fs2 one = fs2_make(&(struct fs2_options){.chunk_log2 = 16, .code = 150000});
	struct fs2 two = fs2_make(&(struct fs2_options){
		.chunk_log2 = 16, .code = 150000, .no_rom = true, .blank = true});
	uint8_t *flash = blank_flash(MIB);
	struct fw_dump dump;

	dump = look(flash, MIB, FW_CHIP_UNKNOWN);
	is_int(dump.slots, 0, "an erased flash holds nothing, which is no error");
	release(&dump);

	fs2_stripe(&one, 16, 0, flash, MIB);
	dump = look(flash, MIB, FW_CHIP_CONNECTX2);
	ok(dump.slots == 1 && holds(&dump, 0, 0, &one), "an image in slot 0");
	release(&dump);

	fs2_stripe(&two, 16, 1, flash, MIB);
	dump = look(flash, MIB, FW_CHIP_CONNECTX2);
	ok(dump.slots == 2 && holds(&dump, 0, 0, &one) && holds(&dump, 1, 0x10000, &two),
	   "images in both slots");
	release(&dump);

	memset(flash, 0, 16);
	dump = look(flash, MIB, FW_CHIP_CONNECTX2);
	ok(dump.slots == 1 && holds(&dump, 0, 0x10000, &two),
	   "one whose magic is gone is not there");
	release(&dump);
	free(flash);
	free(one.at);
	free(two.at);
}

/* Files: the layout is seen from length and size word, and from what holds together. */
static void files(void)
{
	struct fs2 m = fs2_make(&(struct fs2_options){.chunk_log2 = 16, .code = 150000});
	struct fs2 small = fs2_make(&(struct fs2_options){0});
	struct fs2 plain = fs2_make(&(struct fs2_options){.nonfailsafe = true, .code = 150000});
	uint8_t *file = blank_flash(MIB);
	struct fw_dump dump;

	memcpy(file, m.at, m.len);
	dump = look(file, m.len, FW_CHIP_UNKNOWN);
	ok(holds(&dump, 0, 0, &m), "a contiguous file");
	release(&dump);
	dump = look(file, m.len + 4096, FW_CHIP_UNKNOWN);
	ok(holds(&dump, 0, 0, &m), "a padded contiguous file");
	release(&dump);
	dump = look(file, MIB, FW_CHIP_UNKNOWN);
	ok(holds(&dump, 0, 0, &m), "a contiguous file as long as a flash");
	release(&dump);

	fs2_set(file + 0x30, 12);
	dump = look(file, m.len, FW_CHIP_UNKNOWN);
	ok(dump.slots == 1 && !dump.slot[0].state && dump.slot[0].img.size == m.len,
	   "a contiguous file with a wrong size word");
	release(&dump);

	memset(file, 0xff, MIB);
	fs2_stripe(&m, 16, 0, file, MIB);
	dump = look(file, m.len * 2, FW_CHIP_UNKNOWN);
	ok(holds(&dump, 0, 0, &m), "a striped one, cut off behind the image");
	release(&dump);
	fs2_set(file + 0x30, MIB);
	dump = look(file, MIB, FW_CHIP_UNKNOWN);
	ok(dump.slots == 1 && !dump.slot[0].state && dump.slot[0].img.size == m.len,
	   "a striped one whose size word, wrongly, is the dump's length");
	release(&dump);
	fs2_set(file + 0x30, m.len);
	file[2 * 65536 + 500] ^= 1;
	dump = look(file, MIB, FW_CHIP_UNKNOWN);
	ok(dump.slots == 1 && !dump.slot[0].state && dump.slot[0].img.size == m.len,
	   "a striped one with a wrong CRC is still a striped one");
	release(&dump);

	dump = look(small.at, small.len, FW_CHIP_UNKNOWN);
	ok(holds(&dump, 0, 0, &small), "an image within one chunk is the same both ways");
	release(&dump);
	dump = look(plain.at, plain.len, FW_CHIP_UNKNOWN);
	ok(holds(&dump, 0, 0, &plain), "a non-failsafe image");
	release(&dump);
	free(file);
	free(m.at);
	free(small.at);
	free(plain.at);
}

/* A ConnectX-2 does not find what lies beyond 1 MiB, so it is not there for it. */
static void chips(void)
{
	struct fs2 m = fs2_make(&(struct fs2_options){.chunk_log2 = 21});
	uint8_t *flash = blank_flash(8 * MIB);
	struct fw_dump dump;

	fs2_stripe(&m, 21, 1, flash, 8 * MIB);
	dump = look(flash, 8 * MIB, FW_CHIP_CONNECTX3);
	ok(holds(&dump, 0, 0x200000, &m), "at 2 MiB, for a ConnectX-3");
	release(&dump);
	dump = look(flash, 8 * MIB, FW_CHIP_UNKNOWN);
	is_int(dump.slots, 1, "at 2 MiB, for a chip unknown");
	release(&dump);
	dump = look(flash, 8 * MIB, FW_CHIP_CONNECTX2);
	is_int(dump.slots, 0, "but not for a ConnectX-2");
	release(&dump);
	free(flash);
	free(m.at);
}

static void broken(const char *name, const uint8_t *flash, size_t len, size_t slot,
		   const char *text)
{
	struct fw_dump dump = look(flash, len, FW_CHIP_UNKNOWN);

	if (!ok(dump.slots <= 2 && dump.slots > slot && dump.slot[slot].state == -1,
		"%s: the slot is there and broken", name))
		return;
	has_str(dump.slot[slot].why.text, text, "%s: it is said why", name);
	release(&dump);
}

static void damaged(void)
{
	struct fs2 m = fs2_make(&(struct fs2_options){.chunk_log2 = 17});
	uint8_t *flash = blank_flash(MIB);
	struct fw_dump dump;
	struct cx_err err;

	memcpy(flash + 0x10000, m.at, m.len);
	broken("neither at 0 nor at its chunk size", flash, MIB, 0,
	       "chunk size 0x20000, not at 0x10000");
	memcpy(flash, m.at, m.len);
	broken("two copies in one file", flash, MIB, 1, "chunk size");
	dump = look(flash, MIB, FW_CHIP_UNKNOWN);
	ok(holds(&dump, 0, 0, &m), "two copies in one file: the first one is whole");
	release(&dump);
	memcpy(flash + 0x80000, m.at, m.len);
	ok(fw_dump_parse(flash, MIB, FW_CHIP_UNKNOWN, &dump, &err) == -1 &&
		   err.status == CX_INVALID,
	   "three magics are refused");
	has_str(err.text, "0x0, 0x10000 and 0x80000", "with their addresses");

	memset(flash, 0xff, MIB);
	memcpy(flash + 0x20000, m.at, m.len);
	flash[0x2002b] ^= 1;
	broken("byte sum of the failsafe word", flash, MIB, 0, "failsafe word");
	flash[0x2002b] ^= 1;
	fs2_set(flash + 0x20028, 0);
	broken("a non-failsafe image in slot 1", flash, MIB, 0, "must start at 0x0");
	free(flash);
	free(m.at);
}

/* A dump that ends anywhere: nothing is read beyond, and only a whole image is an image. */
static void truncated(void)
{
	struct fs2 m = fs2_make(&(struct fs2_options){.chunk_log2 = 16, .code = 66000});
	size_t end[2] = {m.len + 65536, m.len + 65536 + 65536};
	size_t wrong = 0, tried = 0;

	for (unsigned int slot = 0; slot < 2; slot++) {
		uint8_t *flash = blank_flash(MIB);

		fs2_stripe(&m, 16, slot, flash, MIB);
		for (size_t len = 0; len < end[slot] + 64;
		     len += len < 65700 || len > 131000 ? 12 : 1024) {
			struct fw_dump dump = look(flash, len, FW_CHIP_UNKNOWN);
			bool whole = len >= end[slot] && len % 4 == 0;

			wrong += dump.slots > 1 ||
				 (dump.slots == 1 && !dump.slot[0].state) != whole ||
				 (dump.slots == 1 && dump.slot[0].state &&
				  !dump.slot[0].why.text[0]);
			release(&dump);
			tried++;
		}
		free(flash);
	}
	is_int(wrong, 0, "cut off at %zu places, it is an image only when whole", tried);
	free(m.at);
}

/* A changed image goes back into its slot, and nothing else is touched. */
static void put_back(void)
{
	struct fs2 m = fs2_make(&(struct fs2_options){.chunk_log2 = 16, .code = 100000});
	struct fs2 n = fs2_make(&(struct fs2_options){.chunk_log2 = 16, .code = 140000});

	for (unsigned int slot = 0; slot < 2; slot++) {
		uint8_t *flash = blank_flash(MIB), *want = blank_flash(MIB), *before;
		struct fw_dump small, large;
		struct cx_err err;

		fs2_stripe(&m, 16, slot, flash, MIB);
		fs2_stripe(&n, 16, slot, want, MIB);
		small = look(flash, MIB, FW_CHIP_UNKNOWN);
		large = look(want, MIB, FW_CHIP_UNKNOWN);
		is_int(fw_dump_flash(&small, MIB), MIB, "a dump of a 1 MiB part");
		is_int(fw_dump_flash(&small, MIB - 4), 0, "no part has 4 bytes less");
		before = malloc(MIB);
		if (!before)
			abort();
		memcpy(before, flash, MIB);
		ok(!fw_dump_put(flash, MIB, &small.slot[0], &large.slot[0].img, &err) &&
			   !memcmp(flash, want, MIB),
		   "a longer image in slot %u", slot);
		ok(!fw_dump_put(flash, MIB, &large.slot[0], &small.slot[0].img, &err) &&
			   !memcmp(flash, before, MIB),
		   "and the shorter one again");
		flash[fw_phys(small.slot[0].img.size + 8, slot << 16, 16)] = 0;
		memcpy(before, flash, MIB);
		ok(fw_dump_put(flash, MIB, &small.slot[0], &large.slot[0].img, &err) &&
			   err.status == CX_REFUSED && !memcmp(flash, before, MIB),
		   "not over something else");
		has_str(err.text, "holds something else", "which is said");
		ok(fw_dump_put(flash, 0x20000, &small.slot[0], &large.slot[0].img, &err) &&
			   err.status == CX_REFUSED,
		   "nor beyond the flash");
		release(&small);
		release(&large);
		free(flash);
		free(want);
		free(before);
	}
	free(m.at);
	free(n.at);
}

int main(void)
{
	addresses();
	gather_and_scatter();
	striped();
	files();
	chips();
	damaged();
	truncated();
	put_back();
	return tap_done();
}
