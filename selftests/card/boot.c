// SPDX-License-Identifier: GPL-2.0-only
/*
 * The boot ROM: finds the image that starts, checks its sections, and loads its configuration
 * records into CR space (fs2-image 2 to 8). Which slot real hardware takes when both carry a
 * signature is not known; the lower one is taken here, as tools do. An image that fails is passed
 * over, but reported as skipped.
 */
#include "card.h"

#include <string.h>

#define SECTION_CONFIGURATION 2
#define SECTION_EMT	      4
#define SECTION_GUID	      6
#define SECTION_INFO	      10
#define SECTION_LAST	      12
#define SECTION_HEADER	      16
#define MAX_DATA	      0x400000u
#define MAX_BOOT_WORDS	      1048576u
#define FAILSAFE	      8u
#define TAG_VERSION	      1
#define TAG_PSID	      4
#define TAG_HW_IDS	      10
#define TAG_END		      255

static const uint32_t magic[4] = {0x4d544657, 0x8cdfd000, 0xdead9270, 0x4154beef};

/* One image in the flash; addresses inside it are contiguous, in the flash they are striped. */
struct image {
	struct card *card;
	uint32_t start;
	unsigned int log2_chunk;
	bool bad; /* an address fell outside */
};

static uint32_t physical(const struct image *im, uint32_t addr)
{
	uint32_t chunk;

	if (!im->log2_chunk)
		return im->start + addr;
	chunk = 1u << im->log2_chunk;
	return (addr & (chunk - 1)) | (im->start ? chunk : 0) | ((addr << 1) & ~(2 * chunk - 1));
}

static uint32_t word_at(const struct card *c, uint32_t addr)
{
	const uint8_t *p = c->nor.mem + addr;

	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t word(struct image *im, uint32_t addr)
{
	uint32_t size = im->card->nor.part->size, phys;

	if (addr & 3 || addr >= size)
		goto bad;
	phys = physical(im, addr);
	if (phys > size - 4)
		goto bad;
	return word_at(im->card, phys);
bad:
	im->bad = true;
	return 0;
}

/* Polynomial 0x100b; the data bit enters at the bottom (fs2-image 5). */
static uint16_t crc_bits(uint16_t crc, uint32_t data, int bits)
{
	while (bits--) {
		bool carry = crc & 0x8000;

		crc = (uint16_t)(crc << 1 | (data >> bits & 1));
		if (carry)
			crc ^= 0x100b;
	}
	return crc;
}

static bool crc_ok(struct image *im, uint32_t addr, uint32_t words)
{
	uint16_t crc = 0xffff;
	uint32_t stored;

	for (uint32_t i = 0; i < words && !im->bad; i++)
		crc = crc_bits(crc, word(im, addr + 4 * i), 32);
	crc = crc_bits(crc, 0, 16) ^ 0xffff;
	stored = word(im, addr + 4 * words);
	return !im->bad && stored == crc;
}

static bool byte_sum_ok(uint32_t w)
{
	return !((w + (w >> 8) + (w >> 16) + (w >> 24)) & 0xff);
}

static bool has_magic(const struct card *c, uint32_t start)
{
	for (unsigned int i = 0; i < 4; i++)
		if (word_at(c, start + 4 * i) != magic[i])
			return false;
	return true;
}

/* The failsafe word tells how the image is striped, and thereby where it may begin. */
static const char *check_layout(struct image *im)
{
	uint32_t w = word_at(im->card, im->start + 0x28);

	if (!byte_sum_ok(w))
		return "byte sum of the failsafe word";
	if (!(w & FAILSAFE))
		return im->start ? "not failsafe and not at 0" : NULL;
	im->log2_chunk = (w & 7) + 16;
	if (im->start && im->start != 1u << im->log2_chunk)
		return "failsafe, but neither at 0 nor at its chunk size";
	return NULL;
}

static const char *check_boot2(struct image *im, uint32_t *addr)
{
	uint32_t n = word(im, *addr + 4);

	if (im->bad || n < 4 || n > MAX_BOOT_WORDS)
		return "size of a boot section";
	if (!crc_ok(im, *addr, n + 3))
		return "CRC of a boot section";
	*addr += 16 + 4 * n;
	return NULL;
}

/* A GUID section that was never given GUIDs has all ones and no CRC. */
static bool blank(struct image *im, uint32_t addr, uint32_t words)
{
	for (uint32_t i = 0; i < words && !im->bad; i++)
		if (word(im, addr + 4 * i) != ALL_ONES)
			return false;
	return word(im, addr + 4 * words) == 0xffff && !im->bad;
}

static bool tag_fits_chip(struct image *im, uint32_t addr, uint32_t len)
{
	uint32_t id = im->card->conf.chip->hw_id, rev = card_device_id(im->card) >> 16 & 0xff, w;

	for (uint32_t at = 0; at < len; at += 4) {
		w = word(im, addr + at);
		if (!w)
			break;
		if ((w & 0xffff) == id && (!(w >> 16) || (w >> 16 & 0xff) == rev))
			return true;
	}
	return false;
}

static void read_psid(struct image *im, uint32_t addr, char psid[17])
{
	for (unsigned int i = 0; i < 16; i++) {
		char ch = (char)(word(im, addr + (i & ~3u)) >> (24 - 8 * (i & 3)));

		psid[i] = ch > ' ' && ch < 0x7f ? ch : '\0';
	}
	psid[16] = '\0';
}

static const char *read_info(struct image *im, uint32_t addr, uint32_t len, struct boot *boot)
{
	for (uint32_t at = 0, tag, size; at < len && !im->bad; at += 4 + size) {
		tag = word(im, addr + at) >> 24;
		size = word(im, addr + at) & 0xffffff;
		if (size & 3 || size > len - at - 4)
			return "a tag in the image info";
		if (tag == TAG_END)
			return NULL;
		if (tag == TAG_HW_IDS && !tag_fits_chip(im, addr + at + 4, size))
			return "made for another chip";
		if (tag == TAG_PSID && size >= 16)
			read_psid(im, addr + at + 4, boot->psid);
		if (tag == TAG_VERSION && size >= 8)
			snprintf(boot->version, sizeof(boot->version), "%u.%u.%04u",
				 word(im, addr + at + 4) >> 16, word(im, addr + at + 8) >> 16,
				 word(im, addr + at + 8) & 0xffff);
	}
	return "image info without an end";
}

static uint64_t long_word(struct image *im, uint32_t addr)
{
	return (uint64_t)word(im, addr) << 32 | word(im, addr + 4);
}

/* fs2-image 12: four GUIDs, two MACs; without MACs they are the port GUIDs less their middle. */
static void read_guids(struct image *im, uint32_t addr, uint32_t words, struct boot *boot)
{
	for (uint32_t i = 0; i < 4 && 2 * i + 1 < words; i++)
		boot->guid[i] = long_word(im, addr + 8 * i);
	for (uint32_t i = 0; i < MAX_PORTS; i++) {
		uint64_t guid = boot->guid[1 + i];

		boot->mac[i] = words >= 12 ? long_word(im, addr + 8 * (4 + i))
					   : (guid >> 40) << 24 | (guid & 0xffffff);
		boot->mac[i] &= 0xffffffffffff;
	}
}

/* With `cr` NULL the records are only checked. */
static const char *load_records(struct image *im, uint32_t addr, uint32_t words, uint32_t *cr)
{
	if (words % 3)
		return "length of a configuration section";
	for (uint32_t i = 0; i < words; i += 3) {
		uint32_t reg = word(im, addr + 4 * i), val = word(im, addr + 4 * i + 4),
			 mask = word(im, addr + 4 * i + 8);

		if (reg >= CR_SIZE || reg & 3)
			return "address of a configuration record";
		if (cr)
			cr[reg / 4] = (cr[reg / 4] & ~mask) | (val & mask);
	}
	return NULL;
}

static const char *section(struct image *im, uint32_t addr, uint32_t *next, uint32_t *cr,
			   struct boot *boot)
{
	uint32_t type = word(im, addr), size = word(im, addr + 4), data = addr + SECTION_HEADER;
	uint32_t words = type == SECTION_EMT ? size / 4 + !!(size & 3) : size;

	*next = word(im, addr + 12);
	if (im->bad || words > MAX_DATA / 4)
		return "header of a section";
	if (!crc_ok(im, addr, words + 4) &&
	    !(type == SECTION_GUID && !im->bad && blank(im, data, words)))
		return "CRC of a section";
	if (type == SECTION_GUID)
		read_guids(im, data, words, boot);
	if (type == SECTION_INFO)
		return read_info(im, data, words * 4, boot);
	if (type == SECTION_CONFIGURATION)
		return load_records(im, data, words, cr);
	return NULL;
}

/* Walks the whole image. Returns what is wrong with it, or NULL; then *boot describes it. */
static const char *walk(struct image *im, uint32_t *cr, struct boot *boot)
{
	uint32_t addr = 0x38, next;
	const char *wrong = check_layout(im);

	if (!wrong)
		wrong = check_boot2(im, &addr);
	if (!wrong && (word(im, addr) < 1 || word(im, addr) > SECTION_LAST))
		wrong = check_boot2(im, &addr);
	while (!wrong) {
		wrong = section(im, addr, &next, cr, boot);
		if (wrong || !next || next == 0xff000000)
			break;
		if (next <= addr)
			wrong = "a section's next pointer goes back";
		addr = next;
	}
	if (!wrong && im->bad)
		wrong = "an address beyond the flash";
	return wrong;
}

static bool try_start(struct card *c, uint32_t start)
{
	struct image im = {.card = c, .start = start};
	const char *wrong;

	if (!has_magic(c, start))
		return false;
	wrong = walk(&im, NULL, &c->boot);
	if (wrong) {
		if (!c->boot.skipped++)
			snprintf(c->boot.reason, sizeof(c->boot.reason), "image at 0x%x: %s", start,
				 wrong);
		memset(c->boot.version, 0, sizeof(c->boot.version));
		memset(c->boot.psid, 0, sizeof(c->boot.psid));
		return false;
	}
	walk(&im, c->cr, &c->boot);
	c->boot.recovery = false;
	c->boot.start = start;
	c->boot.odd = start != 0;
	return true;
}

static bool next_position(const struct card *c, uint32_t *start)
{
	*start = *start ? *start << 1 : 0x10000;
	return *start <= c->conf.chip->last_position && *start < c->nor.part->size;
}

/* What is read from a part that erases or programs is nothing, least of all an image. */
static bool flash_answers(struct card *c)
{
	if (!nor_wip(c) || c->fault.wip_stuck || c->fault.boot_patient)
		return true;
	violation(c, "flash: the card boots while it erases or programs");
	snprintf(c->boot.reason, sizeof(c->boot.reason), "the flash was busy");
	return false;
}

/* A boot takes the time that the knobs boot-ones and boot-id say. */
enum progress boot_progress(struct card *c)
{
	uint64_t ms, ones = (uint64_t)c->fault.boot_ones, id = (uint64_t)c->fault.boot_id;

	if (!c->boot.since_us)
		return BOOT_DONE;
	ms = (now_us() - c->boot.since_us) / 1000;
	if (ms < ones)
		return BOOT_ONES;
	if (ms < ones + id)
		return BOOT_ID;
	c->boot.since_us = 0;
	return BOOT_DONE;
}

/* `requested` is the boot address of a soft reset, ALL_ONES if there is none. */
void boot_rom(struct card *c, enum reset kind, uint32_t requested)
{
	uint32_t start = 0;

	c->boot = (struct boot){
		.recovery = true,
		.last_reset = kind,
		.address_written = kind == RESET_SOFT && c->boot.address_written,
		.reason = "no signature",
		.since_us = c->fault.boot_ones || c->fault.boot_id ? now_us() : 0,
	};
	if (!flash_answers(c))
		goto out;
	if (requested != ALL_ONES && !(requested & 3) && requested < c->nor.part->size - 0x38 &&
	    try_start(c, requested))
		goto out;
	do {
		if (start != requested && try_start(c, start))
			break;
	} while (next_position(c, &start));
out:
	trace(c, "boot %s at %x, skipped %u, %s", c->boot.recovery ? "recovery" : c->boot.version,
	      c->boot.start, c->boot.skipped, c->boot.reason);
}
