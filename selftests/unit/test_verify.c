// SPDX-License-Identifier: GPL-2.0-only
/* The strict verifier: every damage of fs2-image 17. For bits and random damage see test_flips.c.
 */
#include "fw/image/verify.h"
#include "fs2_make.h"
#include "tap.h"

struct heard {
	size_t count[3];	  /* by grade */
	char name[64], text[200]; /* of the first finding that is not good */
	char order[512];
};

static void hear(const struct fw_finding *f, void *ctx)
{
	struct heard *h = ctx;

	h->count[f->grade]++;
	if (f->grade != FW_GOOD && !h->text[0]) {
		snprintf(h->name, sizeof(h->name), "%s", f->name);
		snprintf(h->text, sizeof(h->text), "%s", f->text);
	}
	strncat(h->order, f->name, sizeof(h->order) - strlen(h->order) - 1);
	strncat(h->order, ",", sizeof(h->order) - strlen(h->order) - 1);
}

/* The number of BAD findings; -1 if the image cannot even be taken apart. */
static int verify(const struct fs2 *m, enum fw_chip chip, uint32_t flash, struct heard *h)
{
	struct fw_image img;
	struct cx_err err;
	int bad;

	memset(h, 0, sizeof(*h));
	if (fw_image_parse(m->at, m->len, &img, &err)) {
		snprintf(h->text, sizeof(h->text), "%.199s", err.text);
		return -1;
	}
	bad = fw_verify(&img, chip, flash, hear, h);
	if ((size_t)bad != h->count[FW_BAD] ||
	    (size_t)bad != fw_verify(&img, chip, flash, NULL, NULL))
		abort();
	fw_image_free(&img);
	return bad;
}

static void sound(void)
{
	static const struct {
		const char *name;
		struct fs2_options opt;
		int warnings;
	} kind[] = {
		{"plain", {0}, 0},
		{"non-failsafe", {.nonfailsafe = true}, 0},
		{"no ROM", {.no_rom = true, .end_zero = true, .one_boot = true}, 0},
		{"old GUID section", {.entries = 4}, 0},
		{"no MIC tag", {.no_mic = true}, 0},
		{"blank GUIDs", {.blank = true}, 1},
		{"blank GUIDs, no MIC tag", {.blank = true, .no_mic = true}, 1},
	};
	struct heard h;

	for (size_t i = 0; i < sizeof(kind) / sizeof(kind[0]); i++) {
		struct fs2 m = fs2_make(&kind[i].opt);

		is_int(verify(&m, FW_CHIP_CONNECTX2, 2 << 20, &h), 0, "%s: verifies", kind[i].name);
		is_int(h.count[FW_WARNING], kind[i].warnings, "%s: warnings", kind[i].name);
		if (i == 0)
			is_str(h.order,
			       "Header,BOOT2,BOOT2,Configuration,ROM,GUID,Image Info,DDR,DDR,"
			       "Configuration,Jump addresses,FW Configuration,Full Image,",
			       "each part has its finding, in order");
		free(m.at);
	}
}

/* Damages. Those that a CRC would show anyway are sealed again, so that the rule itself speaks. */
static uint8_t *tag_at(struct fs2 *m, unsigned int tag)
{
	uint8_t *at = m->at + m->part[INFO] + 16;

	while (at[0] != tag)
		at += 4 + (fs2_get(at) & 0xffffff);
	return at;
}

static void seal(struct fs2 *m, enum fs2_part part)
{
	fs2_reseal(m, part);
	fs2_reseal_whole(m);
}

static void full_crc(struct fs2 *m)
{
	m->at[0x23] ^= 1;
}

static void size_word(struct fs2 *m)
{
	fs2_set(m->at + 0x30, m->len + 4);
	fs2_reseal_whole(m);
}

static void header_word(struct fs2 *m)
{
	m->at[0x11] ^= 0x40;
}

static void format_byte(struct fs2 *m)
{
	m->at[0x24] = 1;
	fs2_reseal_whole(m);
}

static void no_info(struct fs2 *m)
{
	fs2_set(m->at + 0x2c, 0);
	fs2_reseal_whole(m);
}

static void boot_crc(struct fs2 *m)
{
	m->at[m->boot[1] - 1] ^= 1;
}

static void boot_data(struct fs2 *m)
{
	m->at[m->boot[1] + 20] ^= 1;
	fs2_reseal_whole(m);
}

static void section_crc_high(struct fs2 *m)
{
	m->at[m->part[JUMPS] - 4] = 1;
	fs2_reseal_whole(m);
}

static void section_data(struct fs2 *m)
{
	m->at[m->part[CODE] + 100] ^= 1;
	fs2_reseal_whole(m);
}

static void section_header(struct fs2 *m)
{
	m->at[m->part[CODE] + 10] ^= 1;
	fs2_reseal_whole(m);
}

static void config_order(struct fs2 *m)
{
	fs2_set(m->at + m->part[CONFIG1] + 16 + 24, 0x1f004);
	seal(m, CONFIG1);
}

static void config_mask(struct fs2 *m)
{
	fs2_set(m->at + m->part[CONFIG2] + 16 + 16, 1);
	seal(m, CONFIG2);
}

static void config_size(struct fs2 *m)
{
	fs2_set(m->at + m->part[JUMPS], 2);
	seal(m, JUMPS);
}

static void ini_stream(struct fs2 *m)
{
	m->at[m->part[INI] + 16 + 8] ^= 0xff;
	seal(m, INI);
}

static void ini_no_zlib(struct fs2 *m)
{
	m->at[m->part[INI] + 16] = 0;
	seal(m, INI);
}

static void lzma_size(struct fs2 *m)
{
	m->at[m->part[PACKED] + 16 + 4] += 1;
	seal(m, PACKED);
}

static void lzma_size_small(struct fs2 *m)
{
	m->at[m->part[PACKED] + 16 + 5] = 0;
	seal(m, PACKED);
}

static void lzma_size_huge(struct fs2 *m)
{
	m->at[m->part[PACKED] + 16 + 7] = 0xff;
	seal(m, PACKED);
}

static void lzma_damaged(struct fs2 *m)
{
	m->at[m->part[PACKED] + 16 + 13] ^= 0x55;
	seal(m, PACKED);
}

static void lzma_header(struct fs2 *m)
{
	m->at[m->part[PACKED] + 16] = 0xff;
	seal(m, PACKED);
}

static void lzma_short(struct fs2 *m)
{
	fs2_set(m->at + m->part[JUMPS], 1);
	fs2_set(m->at + m->part[JUMPS] + 4, 1);
	fs2_set(m->at + m->part[JUMPS] + 8, 0x80000000);
	seal(m, JUMPS);
}

static void rom_sum(struct fs2 *m)
{
	m->at[m->part[ROM] + 16 + 100] ^= 1;
	seal(m, ROM);
}

static void rom_length(struct fs2 *m)
{
	m->at[m->part[ROM] + 16 + 2] = 2;
	seal(m, ROM);
}

static void rom_no_sign(struct fs2 *m)
{
	m->at[m->part[ROM] + 16 + 512] ^= 1;
	seal(m, ROM);
}

static void rom_device(struct fs2 *m)
{
	m->at[m->part[ROM] + 16 + 512 + 18] = 0x46;
	seal(m, ROM);
}

static void guids_half_blank(struct fs2 *m)
{
	memset(m->at + m->part[GUIDS] + 16, 0xff, 8);
	fs2_set(m->at + m->part[GUIDS] + 16 + 48, 0xffff);
	fs2_reseal_whole(m);
}

static void guids_no_crc(struct fs2 *m)
{
	fs2_set(m->at + m->part[GUIDS] + 16 + 48, 0xffff);
	fs2_reseal_whole(m);
}

static void mac_multicast(struct fs2 *m)
{
	m->at[m->part[GUIDS] + 16 + 32 + 2] |= 1;
	seal(m, GUIDS);
}

static void mac_long(struct fs2 *m)
{
	m->at[m->part[GUIDS] + 16 + 40] = 1;
	seal(m, GUIDS);
}

static void no_version(struct fs2 *m)
{
	tag_at(m, 1)[0] = 30;
	seal(m, INFO);
}

static void no_psid(struct fs2 *m)
{
	tag_at(m, 4)[0] = 30;
	seal(m, INFO);
}

static void empty_psid(struct fs2 *m)
{
	tag_at(m, 4)[4] = 0;
	seal(m, INFO);
}

static void odd_psid(struct fs2 *m)
{
	tag_at(m, 4)[7] = 0x1b;
	seal(m, INFO);
}

static void no_hardware(struct fs2 *m)
{
	tag_at(m, 10)[0] = 30;
	seal(m, INFO);
}

static void no_device(struct fs2 *m)
{
	tag_at(m, 3)[0] = 30;
	no_hardware(m);
}

static void no_mic(struct fs2 *m)
{
	tag_at(m, 11)[0] = 30;
	seal(m, INFO);
	m->at[0x23] ^= 1;
}

static void big_reserve(struct fs2 *m)
{
	fs2_set(tag_at(m, 19) + 4 + 8, 0xfffffffe); /* sectors of 2^32 GiB */
	seal(m, INFO);
}

static void big_pad(struct fs2 *m)
{
	fs2_set(tag_at(m, 19) + 4 + 4, 0xffffffff);
	seal(m, INFO);
}

static void nothing(struct fs2 *m)
{
	(void)m;
}

static const struct damage {
	const char *name;
	void (*damage)(struct fs2 *m);
	struct fs2_options opt;
	enum fw_chip chip;
	uint32_t flash;
	enum fw_grade grade;
	const char *place, *text;
} damages[] = {
	{"whole-image CRC", full_crc, .grade = FW_BAD, .place = "Full Image", .text = "should be"},
	{"size word", size_word, .grade = FW_BAD, .place = "Header", .text = "0x30"},
	{"header word 0x10", header_word, .grade = FW_BAD, .place = "Full Image", .text = "CRC"},
	{"format byte 1", format_byte, .grade = FW_WARNING, .place = "Header", .text = "0x24"},
	{"no info pointer", no_info, .grade = FW_WARNING, .place = "Header", .text = "0x2c"},
	{"CRC of the boot section", boot_crc, .grade = FW_BAD, .place = "BOOT2", .text = "CRC"},
	{"boot code", boot_data, .grade = FW_BAD, .place = "BOOT2", .text = "CRC"},
	{"upper half of a CRC word", section_crc_high, .grade = FW_BAD, .place = "Configuration",
	 .text = "CRC is 0x1"},
	{"section data", section_data, .grade = FW_BAD, .place = "DDR", .text = "CRC"},
	{"section header", section_header, .grade = FW_BAD, .place = "DDR", .text = "CRC"},
	{"configuration out of order", config_order, .grade = FW_WARNING, .place = "Configuration",
	 .text = "do not ascend, first 0x1f004"},
	{"configuration outside its mask", config_mask, .grade = FW_WARNING,
	 .place = "Configuration", .text = "first at 0x1f004"},
	{"configuration not of triples", config_size, .grade = FW_WARNING, .place = "Configuration",
	 .text = "12-byte records"},
	{"zlib stream", ini_stream, .grade = FW_BAD, .place = "FW Configuration", .text = "zlib"},
	{"no zlib stream", ini_no_zlib, .grade = FW_BAD, .place = "FW Configuration",
	 .text = "zlib"},
	{"LZMA size one too big", lzma_size, .grade = FW_BAD, .place = "DDR",
	 .text = "stated 0x259"},
	{"LZMA size too small", lzma_size_small, .grade = FW_BAD, .place = "DDR",
	 .text = "after the stated 0x58"},
	{"LZMA size of 4 GiB", lzma_size_huge, .grade = FW_BAD, .place = "DDR", .text = "LZMA"},
	{"LZMA stream", lzma_damaged, .grade = FW_BAD, .place = "DDR", .text = "LZMA"},
	{"LZMA header", lzma_header, .grade = FW_BAD, .place = "DDR", .text = "0xff"},
	{"LZMA section of one word", lzma_short, .grade = FW_BAD, .place = "DDR",
	 .text = "cut off"},
	{"ROM byte sum", rom_sum, .grade = FW_BAD, .place = "ROM", .text = "sum"},
	{"ROM length", rom_length, .grade = FW_BAD, .place = "ROM", .text = "0x400 bytes"},
	{"ROM without signature", rom_no_sign, .grade = FW_WARNING, .place = "ROM",
	 .text = "signature"},
	{"ROM for another device", rom_device, .grade = FW_WARNING, .place = "ROM",
	 .text = "0x6746"},
	{"node GUID blank", guids_half_blank, .grade = FW_BAD, .place = "GUID", .text = "CRC"},
	{"GUIDs with blank CRC", guids_no_crc, .grade = FW_BAD, .place = "GUID", .text = "0xffff"},
	{"blank GUIDs",
	 nothing,
	 {.blank = true},
	 .grade = FW_WARNING,
	 .place = "GUID",
	 .text = "blank"},
	{"multicast MAC", mac_multicast, .grade = FW_WARNING, .place = "GUID", .text = "multicast"},
	{"MAC of 56 bits", mac_long, .grade = FW_WARNING, .place = "GUID", .text = "48 bits"},
	{"no version", no_version, .grade = FW_BAD, .place = "Image Info", .text = "version"},
	{"no PSID", no_psid, .grade = FW_BAD, .place = "Image Info", .text = "PSID"},
	{"empty PSID", empty_psid, .grade = FW_BAD, .place = "Image Info", .text = "PSID"},
	{"unprintable PSID", odd_psid, .grade = FW_BAD, .place = "Image Info", .text = "PSID"},
	{"no hardware list", no_hardware, .grade = FW_WARNING, .place = "Image Info",
	 .text = "hardware"},
	{"neither hardware list nor device", no_device, .grade = FW_BAD, .place = "Image Info",
	 .text = "device"},
	{"whole-image CRC without MIC tag", no_mic, .grade = FW_WARNING, .place = "Full Image",
	 .text = "not binding"},
	{"whole-image CRC without GUIDs",
	 full_crc,
	 {.blank = true},
	 .grade = FW_WARNING,
	 .place = "GUID",
	 .text = "blank"},
	{"for another chip", nothing, .chip = FW_CHIP_CONNECTX3, .grade = FW_BAD,
	 .place = "Full Image", .text = "not for a ConnectX-3"},
	{"chunks too big for a ConnectX-2",
	 nothing,
	 {.chunk_log2 = 21},
	 .chip = FW_CHIP_CONNECTX2,
	 .grade = FW_BAD,
	 .place = "Header",
	 .text = "0x100000"},
	{"the same, by its own hardware list",
	 nothing,
	 {.chunk_log2 = 21},
	 .grade = FW_BAD,
	 .place = "Header",
	 .text = "0x100000"},
	{"too long for half the flash",
	 nothing,
	 {.chunk_log2 = 16, .code = 130000},
	 .flash = 0x40000,
	 .grade = FW_BAD,
	 .place = "Full Image",
	 .text = "one slot"},
	{"too long for the flash",
	 nothing,
	 {.nonfailsafe = true, .code = 250000},
	 .flash = 0x40000,
	 .grade = FW_BAD,
	 .place = "Full Image",
	 .text = "0x40000"},
	{"no second slot", nothing, .flash = 0x100000, .grade = FW_BAD, .place = "Full Image",
	 .text = "no second slot"},
	{"NV sectors of astronomic size",
	 big_reserve,
	 {.chunk_log2 = 16, .code = 65536},
	 .flash = 0x40000,
	 .grade = FW_BAD,
	 .place = "Full Image",
	 .text = "room for 0x10000"},
	{"NV pad of astronomic size", big_pad, .flash = 0x200000, .grade = FW_BAD,
	 .place = "Full Image", .text = "room for 0x0"},
};

static void matrix(void)
{
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		const struct damage *d = &damages[i];
		struct fs2 m = fs2_make(&d->opt);
		struct heard h;
		int bad;

		d->damage(&m);
		bad = verify(&m, d->chip, d->flash, &h);
		is_int(bad > 0		     ? FW_BAD
		       : h.count[FW_WARNING] ? FW_WARNING
					     : FW_GOOD,
		       d->grade, "%s: grade", d->name);
		is_str(h.name, d->place, "%s: place", d->name);
		has_str(h.text, d->text, "%s: text", d->name);
		free(m.at);
	}
}

/* The largest image that fits, and one word more. */
static void limits(void)
{
	/* 0x40000 / 2 less the 2 * 4 KiB of NV configuration that the made images name */
	const uint32_t room = 0x20000 - 0x2000;
	struct fs2 m = fs2_make(&(struct fs2_options){.chunk_log2 = 16, .code = 4096});
	uint32_t rest = m.len - 4096;
	struct heard h;

	free(m.at);
	m = fs2_make(&(struct fs2_options){.chunk_log2 = 16, .code = room - rest});
	is_int(verify(&m, FW_CHIP_CONNECTX2, 0x40000, &h), 0, "0x%zx bytes just fit", m.len);
	free(m.at);
	m = fs2_make(&(struct fs2_options){.chunk_log2 = 16, .code = room - rest + 4});
	is_int(verify(&m, FW_CHIP_CONNECTX2, 0x40000, &h), 1, "0x%zx bytes do not", m.len);
	is_int(verify(&m, FW_CHIP_CONNECTX2, 0, &h), 0, "if the flash is known");
	free(m.at);
}

static void fits(void)
{
	struct fs2 m = fs2_make(&(struct fs2_options){0});
	struct fs2 pro = fs2_make(&(struct fs2_options){.hw = 0x1f7});
	struct fw_image img;
	struct cx_err err;

	if (fw_image_parse(m.at, m.len, &img, &err))
		abort();
	is_int(fw_image_chip(&img, NULL), FW_CHIP_CONNECTX2, "whose image it is");
	ok(!fw_fits_chip(&img, FW_CHIP_CONNECTX2, 0xb0, &err), "fits a ConnectX-2");
	ok(fw_fits_chip(&img, FW_CHIP_CONNECTX2, 0xa0, &err) == -1 && err.status == CX_REFUSED,
	   "but no ConnectX");
	has_str(err.text, "0x190 rev 0xb0", "its own side is named");
	has_str(err.text, "ConnectX (0x190 rev 0xa0)", "the card's side is named");
	ok(fw_fits_chip(&img, FW_CHIP_CONNECTX3, 0, &err) == -1, "nor a ConnectX-3");
	ok(fw_fits_chip(&img, FW_CHIP_UNKNOWN, 0, &err) == -1, "nor a chip unknown");
	is_int(fw_nv_reserve(&img), 0x2000, "two sectors of 4 KiB for NV configuration");
	fw_image_free(&img);

	if (fw_image_parse(pro.at, pro.len, &img, &err))
		abort();
	is_int(fw_image_chip(&img, NULL), FW_CHIP_CONNECTX3PRO, "an image for a ConnectX-3 Pro");
	ok(!fw_fits_chip(&img, FW_CHIP_CONNECTX3PRO, 0, &err), "fits one");
	ok(fw_fits_chip(&img, FW_CHIP_CONNECTX3, 0, &err) == -1, "but no ConnectX-3");
	fw_image_free(&img);

	no_hardware(&m);
	if (fw_image_parse(m.at, m.len, &img, &err))
		abort();
	is_int(fw_image_chip(&img, NULL), FW_CHIP_CONNECTX2,
	       "without a list the device type tells");
	ok(!fw_fits_chip(&img, FW_CHIP_CONNECTX2, 0xb0, &err), "fits a ConnectX-2");
	ok(fw_fits_chip(&img, FW_CHIP_CONNECTX2, 0xa0, &err) == -1,
	   "but no ConnectX, by the header's revision");
	ok(fw_fits_chip(&img, FW_CHIP_CONNECTX3, 0, &err) == -1, "nor a ConnectX-3");
	has_str(err.text, "0x673c", "the device type is named");
	fw_image_free(&img);

	tag_at(&m, 30)[0] = 10;
	fs2_set(tag_at(&m, 10) + 4, 0x00b00200);
	seal(&m, INFO);
	if (fw_image_parse(m.at, m.len, &img, &err))
		abort();
	is_int(fw_image_chip(&img, NULL), FW_CHIP_UNKNOWN,
	       "a list of unknown hardware overrides it");
	ok(fw_fits_chip(&img, FW_CHIP_CONNECTX2, 0xb0, &err) == -1, "and fits nothing");
	fw_image_free(&img);

	no_hardware(&m);
	fs2_set(tag_at(&m, 3) + 4, 0x1234);
	seal(&m, INFO);
	if (fw_image_parse(m.at, m.len, &img, &err))
		abort();
	is_int(fw_image_chip(&img, NULL), FW_CHIP_UNKNOWN, "a device type nobody knows");
	ok(fw_fits_chip(&img, FW_CHIP_CONNECTX2, 0xb0, &err) == -1, "fits nothing");
	fw_image_free(&img);

	no_device(&pro);
	if (fw_image_parse(pro.at, pro.len, &img, &err))
		abort();
	ok(fw_fits_chip(&img, FW_CHIP_CONNECTX3PRO, 0, &err) == -1,
	   "an image that names nothing fits nothing");
	fw_image_free(&img);
	is_str(fw_chip_name(FW_CHIP_CONNECTX2, 0xb0), "ConnectX-2", "name");
	is_str(fw_chip_name(FW_CHIP_CONNECTX2, 0xa0), "ConnectX", "name");
	is_str(fw_chip_name(FW_CHIP_CONNECTX3PRO, 0), "ConnectX-3 Pro", "name");
	free(m.at);
	free(pro.at);
}

int main(void)
{
	sound();
	matrix();
	limits();
	fits();
	return tap_done();
}
