// SPDX-License-Identifier: GPL-2.0-only
/* Named damages (fs2-image 17). Each does one thing: every other checksum is right again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"

enum seal { SEAL, NO_SEAL };

struct damage {
	const char *name, *help;
	enum seal seal; /* recompute the CRCs after it? */
	void (*apply)(struct image *img, unsigned long arg);
};

static uint8_t *word_of(struct image *img, size_t addr)
{
	if (addr + 4 > img->bytes.len)
		die("no word at 0x%zx to damage", addr);
	return img->bytes.at + addr;
}

static void change_word(struct image *img, size_t addr, uint32_t flip)
{
	uint8_t *at = word_of(img, addr);

	set_word(at, get_word(at) ^ flip);
}

static const struct section *generic(struct image *img, unsigned long n)
{
	size_t i;

	for (i = 0; i < img->sections; i++)
		if (!img->section[i].boot && !n--)
			return &img->section[i];
	die("the image has no such section");
}

static const struct section *need(struct image *img, uint32_t type)
{
	const struct section *s = image_find(img, type);

	if (!s)
		die("the image has no section of type %u to damage", type);
	return s;
}

static void summed_word(struct image *img, size_t addr, uint32_t low)
{
	uint8_t sum = (low >> 16) + (low >> 8) + low;

	set_word(word_of(img, addr), (uint32_t)(uint8_t)-sum << 24 | low);
}

static void full_crc(struct image *img, unsigned long arg)
{
	(void)arg;
	change_word(img, 0x20, 1);
}

static void size_word(struct image *img, unsigned long arg)
{
	(void)arg;
	change_word(img, 0x30, 0x100);
}

static void header_word(struct image *img, unsigned long arg)
{
	(void)arg;
	change_word(img, 0x10, 0x8000);
}

static void magic(struct image *img, unsigned long arg)
{
	(void)arg;
	change_word(img, 0x08, 1);
}

static void format_byte(struct image *img, unsigned long arg)
{
	(void)arg;
	*word_of(img, 0x24) = 3;
}

static void boot2_crc(struct image *img, unsigned long arg)
{
	(void)arg;
	change_word(img, img->section[0].data + img->section[0].size, 1);
}

static void boot2_data(struct image *img, unsigned long arg)
{
	(void)arg;
	change_word(img, img->section[0].data + 16, 0x10000);
}

static void boot2_size(struct image *img, unsigned long arg)
{
	(void)arg;
	set_word(word_of(img, img->section[0].addr + 4), 0x00200000);
}

static void section_crc(struct image *img, unsigned long n)
{
	const struct section *s = generic(img, n);

	change_word(img, s->data + s->size, 1);
}

static void section_data(struct image *img, unsigned long n)
{
	change_word(img, generic(img, n)->data, 0x00100000);
}

static void section_size(struct image *img, unsigned long n)
{
	set_word(word_of(img, generic(img, n)->addr + 4), 0x00300000);
}

static void info_checksum(struct image *img, unsigned long arg)
{
	(void)arg;
	change_word(img, 0x2c, 0x01000000);
}

static void info_range(struct image *img, unsigned long arg)
{
	(void)arg;
	summed_word(img, 0x2c, 0x00fffff0);
}

static void guid_range(struct image *img, unsigned long arg)
{
	(void)arg;
	set_word(word_of(img, 0x34), 0x00fffff0);
}

static void failsafe_word(struct image *img, unsigned long arg)
{
	(void)arg;
	change_word(img, 0x28, 0x01000000);
}

static void next_pointer(struct image *img, unsigned long n)
{
	set_word(word_of(img, generic(img, n)->addr + 12), 0x00f00000);
}

static void next_loop(struct image *img, unsigned long n)
{
	set_word(word_of(img, generic(img, n)->addr + 12), generic(img, 0)->addr);
}

static void next_unaligned(struct image *img, unsigned long n)
{
	const struct section *s = generic(img, n);

	set_word(word_of(img, s->addr + 12), s->data + s->size + 6);
}

static void list_end(struct image *img, unsigned long n)
{
	set_word(word_of(img, generic(img, n)->addr + 12), 0xff000000);
}

static void truncated(struct image *img, unsigned long bytes)
{
	if (bytes > img->bytes.len)
		die("the image has only 0x%zx bytes", img->bytes.len);
	img->bytes.len -= bytes;
}

static void flipped(struct image *img, unsigned long bit)
{
	if (bit / 8 >= img->bytes.len)
		die("the image has only 0x%zx bytes", img->bytes.len);
	img->bytes.at[bit / 8] ^= 1 << bit % 8;
}

static void tlv_no_end(struct image *img, unsigned long arg)
{
	const struct section *s = need(img, SEC_INFO);

	(void)arg;
	set_word(word_of(img, s->data + s->size - 4), 0x3f000000); /* an empty, unknown tag */
}

static void tlv_early_end(struct image *img, unsigned long arg)
{
	const struct section *s = need(img, SEC_INFO);
	size_t at = s->data, last = at;

	(void)arg;
	while (at < s->data + s->size - 4) {
		last = at;
		at += 4 + (get_word(word_of(img, at)) & 0xffffff);
	}
	set_word(word_of(img, last), 0xff000000);
}

static void tlv_length(struct image *img, unsigned long arg)
{
	const struct section *s = need(img, SEC_INFO);

	(void)arg;
	set_word(word_of(img, s->data), 0x00010000 | get_word(word_of(img, s->data)));
}

static void config_order(struct image *img, unsigned long arg)
{
	const struct section *s = need(img, SEC_CONFIG);
	uint8_t swap[12], *at = img->bytes.at + s->data;

	(void)arg;
	memcpy(swap, at, 12);
	memcpy(at, at + 12, 12);
	memcpy(at + 12, swap, 12);
}

static void config_mask(struct image *img, unsigned long arg)
{
	const struct section *s = need(img, SEC_CONFIG);

	(void)arg;
	set_word(word_of(img, s->data + 8), 0); /* the version word, whose value is not 0 */
}

static void ini_stream(struct image *img, unsigned long arg)
{
	const struct section *s = need(img, SEC_INI);

	(void)arg;
	change_word(img, s->data + s->size / 8 * 4, 0x00ff0000);
}

static void lzma_size(struct image *img, unsigned long arg)
{
	size_t i;

	(void)arg;
	for (i = 0; i < img->sections; i++)
		if (!img->section[i].boot && img->section[i].type == SEC_DDR &&
		    get_word(img->bytes.at + img->section[i].addr + 8) >> 31)
			break;
	if (i == img->sections)
		die("the image has no compressed section");
	change_word(img, img->section[i].data + 4, 0x00400000); /* little-endian: 0x4000 */
}

static void rom_checksum(struct image *img, unsigned long arg)
{
	(void)arg;
	change_word(img, need(img, SEC_ROM)->data + 0x80, 1);
}

static void rom_signature(struct image *img, unsigned long arg)
{
	const struct section *s = need(img, SEC_ROM);
	size_t at;

	(void)arg;
	for (at = s->data; at + 8 <= s->data + s->size; at++)
		if (!memcmp(img->bytes.at + at, "mlxsign:", 8))
			img->bytes.at[at] ^= 1;
}

static void mac_multicast(struct image *img, unsigned long arg)
{
	(void)arg;
	change_word(img, need(img, SEC_GUID)->data + 32, 0x00000100);
}

static void guid_count(struct image *img, unsigned long arg)
{
	(void)arg;
	set_word(word_of(img, need(img, SEC_GUID)->addr + 4), 66);
}

/* A copy of the whole image at each of the next places a magic is looked for (fs2-image 2). */
static void copies(struct image *img, unsigned long count)
{
	static const size_t place[] = {0x10000, 0x20000, 0x40000, 0x80000, 0x100000};
	struct buf *b = &img->bytes, one = {0};
	size_t i, from = 0;

	buf_put(&one, b->at, b->len);
	while (from < ARRAY_LEN(place) && place[from] < one.len)
		from++;
	for (i = from; i + 1 < from + count; i++) {
		if (i == ARRAY_LEN(place))
			die("the image is too long for %lu copies", count);
		buf_fill(b, 0xff, place[i] - b->len);
		buf_put(b, one.at, one.len);
	}
	free(one.at);
}

static void unaligned(struct image *img, unsigned long arg)
{
	(void)arg;
	buf_fill(&img->bytes, 0xff, 1);
}

static const struct damage damages[] = {
	{"full-crc", "the whole-image CRC is wrong", NO_SEAL, full_crc},
	{"size-word", "header 0x30 is not the length", SEAL, size_word},
	{"header-word", "a bit of header 0x10, CRCs not made right", NO_SEAL, header_word},
	{"magic", "a bit of the magic", NO_SEAL, magic},
	{"format-byte", "header 0x24 says FS3", SEAL, format_byte},
	{"failsafe-word", "byte sum of header 0x28", SEAL, failsafe_word},
	{"info-pointer", "byte sum of header 0x2c", SEAL, info_checksum},
	{"info-range", "header 0x2c points behind the end", SEAL, info_range},
	{"guid-range", "header 0x34 points behind the end", SEAL, guid_range},
	{"guid-count", "33 entries", SEAL, guid_count},
	{"boot2-crc", "CRC of the first boot section", NO_SEAL, boot2_crc},
	{"boot2-data", "a bit of the first boot section", NO_SEAL, boot2_data},
	{"boot2-size", "its size is beyond the limit", NO_SEAL, boot2_size},
	{"section-crc:N", "CRC of the Nth section, from 0, boot sections not counted", NO_SEAL,
	 section_crc},
	{"section-data:N", "a bit of its data", NO_SEAL, section_data},
	{"section-size:N", "its size is beyond the limit", NO_SEAL, section_size},
	{"next-pointer:N", "its next pointer is behind the end", SEAL, next_pointer},
	{"next-loop:N", "its next pointer goes back", SEAL, next_loop},
	{"next-unaligned:N", "its next pointer is no multiple of 4", SEAL, next_unaligned},
	{"list-end:N", "the list ends with it", SEAL, list_end},
	{"tlv-no-end", "Image Info without its end tag", SEAL, tlv_no_end},
	{"tlv-early-end", "the end tag is not at the end", SEAL, tlv_early_end},
	{"tlv-length", "a tag is longer than the section", SEAL, tlv_length},
	{"config-order", "configuration addresses not ascending", SEAL, config_order},
	{"config-mask", "a configuration value outside its mask", SEAL, config_mask},
	{"ini-stream", "the embedded ini does not inflate", SEAL, ini_stream},
	{"lzma-size", "a compressed section does not unpack to its stated size", SEAL, lzma_size},
	{"rom-checksum", "byte sum of the ROM", SEAL, rom_checksum},
	{"rom-signature", "the ROM has no signature", SEAL, rom_signature},
	{"mac-multicast", "bit 40 of the first MAC", SEAL, mac_multicast},
	{"truncate:N", "the last N bytes are missing", NO_SEAL, truncated},
	{"flip:N", "bit N % 8 of byte N / 8", NO_SEAL, flipped},
	{"copies:N", "N whole images at N places (two are sound)", NO_SEAL, copies},
	{"unaligned", "one byte too many", NO_SEAL, unaligned},
};

void corrupt(struct image *img, const char *what)
{
	size_t name = strcspn(what, ":"), i;
	unsigned long arg = 0;
	char *end;

	if (what[name]) {
		arg = strtoul(what + name + 1, &end, 0);
		if (*end || !what[name + 1])
			die("damage '%s': no number after the colon", what);
	}
	for (i = 0; i < ARRAY_LEN(damages); i++)
		if (strcspn(damages[i].name, ":") == name && !strncmp(damages[i].name, what, name))
			break;
	if (i == ARRAY_LEN(damages))
		die("damage '%s' is not known; --help lists them", what);
	if (!what[name] != !strchr(damages[i].name, ':'))
		die("damage '%s' is written %s", what, damages[i].name);
	damages[i].apply(img, arg);
	if (damages[i].seal == SEAL)
		image_seal(img);
}

void corrupt_help(void)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(damages); i++)
		printf("    %-18s %s\n", damages[i].name, damages[i].help);
}
