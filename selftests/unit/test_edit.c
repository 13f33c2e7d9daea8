// SPDX-License-Identifier: GPL-2.0-only
/* Changing identity and ROM of an image, judged by a reader of its own. */
#include "fw/image/image.h"
#include "fs2_make.h"
#include "tap.h"

static unsigned int odd_pointer(const uint8_t *word)
{
	return (word[0] + word[1] + word[2] + word[3]) % 256 != 0;
}

/* How many things in a contiguous image of exactly @len bytes are wrong. */
static unsigned int wrongs(const uint8_t *at, size_t len, bool blank)
{
	uint8_t *copy = malloc(len);
	uint32_t addr = 0x38, next, size;
	unsigned int wrong = 0;

	if (!copy)
		abort();
	for (int i = 0; i < 2; i++) {
		size = 4 * (fs2_get(at + addr + 4) + 3);
		wrong += fs2_get(at + addr + size) != fs2_crc(at + addr, size);
		addr += size + 4;
	}
	for (next = addr; next && next != 0xff000000; next = fs2_get(at + addr + 12)) {
		addr = next;
		if (addr + 20 > len)
			break;
		size = 16 + 4 * fs2_get(at + addr + 4);
		if (blank && fs2_get(at + addr) == 6)
			wrong += fs2_get(at + addr + size) != 0xffff;
		else
			wrong += fs2_get(at + addr + size) != fs2_crc(at + addr, size);
		if (fs2_get(at + addr) == 10)
			wrong += (fs2_get(at + 0x2c) & 0xffffff) != addr + 16;
		if (fs2_get(at + addr) == 6)
			wrong += fs2_get(at + 0x34) != addr + 16;
	}
	wrong += addr + size + 4 != len;
	wrong += fs2_get(at + 0x30) != len;
	wrong += odd_pointer(at + 0x28) + odd_pointer(at + 0x2c);
	memcpy(copy, at, len);
	copy[0x22] = copy[0x23] = 0xff;
	wrong += (fs2_get(at + 0x20) & 0xffff) != (blank ? 0xffff : fs2_crc(copy, len));
	free(copy);
	return wrong;
}

static struct fw_image take(const struct fs2 *m)
{
	struct fw_image img;
	struct cx_err err;

	if (fw_image_parse(m->at, m->len, &img, &err)) {
		diag("%s", err.text);
		abort();
	}
	return img;
}

static bool same(const struct fw_image *img, const struct fs2 *m)
{
	return img->size == m->len && !memcmp(img->bytes, m->at, m->len);
}

static struct fw_identity someone(void)
{
	return (struct fw_identity){
		.entries = 6,
		.guid = {0x1111111111111111, 0x2222222222222222, 0x3333333333333333,
			 0x4444444444444444},
		.mac = {0x0000aabbccddee01, 0x0000aabbccddee02},
		.has_vsd = true,
		.vsd = "somebody else",
	};
}

static void identity(void)
{
	static const struct fs2_options kind[] = {
		{0}, {.blank = true}, {.no_mic = true}, {.entries = 8}, {.nonfailsafe = true},
	};
	struct fw_identity id = someone();

	for (size_t i = 0; i < sizeof(kind) / sizeof(kind[0]); i++) {
		struct fs2 m = fs2_make(&kind[i]);
		struct fw_image img = take(&m), again;
		struct cx_err err;
		size_t changed = 0;

		ok(!fw_image_set_identity(&img, &id, &err), "an identity is set");
		is_int(wrongs(img.bytes, img.size, false), 0, "nothing is wrong then");
		ok(!fw_image_parse(img.bytes, img.size, &again, &err), "it is an image");
		ok(!memcmp(again.id.guid, id.guid, sizeof(id.guid)) &&
			   !memcmp(again.id.mac, id.mac, sizeof(id.mac)),
		   "it has these GUIDs and MACs");
		is_str(again.id.vsd, "somebody else", "and VSD");
		is_str(again.info.psid, "SYN0000000001", "the PSID is the image's own");
		for (size_t at = 0; at < m.len; at++)
			changed += m.at[at] != img.bytes[at] && at != 0x22 && at != 0x23 &&
				   (at < m.part[GUIDS] || at >= m.part[CODE]);
		is_int(changed, 0, "and nothing outside these two sections has changed");
		ok(again.id.blank == img.id.blank && again.crc == img.crc &&
			   again.size_word == img.size_word && again.sections == img.sections,
		   "the description was that of the new bytes");
		fw_image_free(&again);
		fw_image_free(&img);
		free(m.at);
	}
}

static void identity_of_itself(void)
{
	struct fs2 m = fs2_make(&(struct fs2_options){0}), blank;
	struct fw_image img = take(&m);
	struct fw_identity own = img.id, none = {.blank = true};
	struct cx_err err;

	ok(!fw_image_set_identity(&img, &own, &err) && same(&img, &m),
	   "its own identity leaves it byte for byte");
	ok(!fw_image_set_identity(&img, &none, &err), "the identity is taken away");
	ok(img.id.blank, "it is blank then");
	is_int(wrongs(img.bytes, img.size, true), 0, "with blank CRCs, and nothing wrong");
	blank = fs2_make(&(struct fs2_options){.blank = true});
	ok(same(&img, &blank), "the same as an image that never had one");
	ok(!fw_image_set_identity(&img, &own, &err) && same(&img, &m), "and it can be given back");
	fw_image_free(&img);
	free(blank.at);
	free(m.at);
}

static void identity_without_macs(void)
{
	struct fs2 m = fs2_make(&(struct fs2_options){.entries = 4});
	struct fw_image img = take(&m);
	struct fw_identity id = someone();
	struct cx_err err;

	ok(fw_image_set_identity(&img, &id, &err) == -1 && err.status == CX_REFUSED,
	   "MACs that an old GUID section cannot hold are refused");
	has_str(err.text, "aabbccddee01", "the MAC is named");
	ok(same(&img, &m), "the image is as before");
	id.mac[0] = 0x222222222222;
	id.mac[1] = 0x333333333333;
	ok(!fw_image_set_identity(&img, &id, &err), "MACs that follow from the GUIDs are taken");
	is_int(img.id.mac[0], 0x222222222222, "and follow");
	is_int(wrongs(img.bytes, img.size, false), 0, "nothing is wrong then");
	fw_image_free(&img);
	free(m.at);
}

/* A GUID section beside the one that counts is blank by its own bytes, and an empty one is not. */
static void other_guid_sections(void)
{
	static const struct {
		uint32_t dwords, crc;
		uint8_t fill;
	} other[] = {{64, 0xffff, 0xff}, {64, 0, 0x55}, {0, 0, 0}};

	for (size_t i = 0; i < 3; i++) {
		struct fs2 m = fs2_make(&(struct fs2_options){0});
		uint8_t *head = m.at + m.part[CODE];
		struct fw_identity id = someone();
		struct fw_image img;
		struct cx_err err;

		fs2_set(head, 6);
		fs2_set(head + 4, other[i].dwords);
		memset(head + 16, other[i].fill, 256);
		fs2_reseal(&m, CODE);
		if (other[i].crc)
			fs2_set(head + 16 + 256, other[i].crc);
		fs2_reseal_whole(&m);
		img = take(&m);
		ok(!fw_image_set_identity(&img, &id, &err), "beside another GUID section");
		ok(!memcmp(img.bytes + m.part[CODE], head, 16 + 256 + 4), "which stays as it was");
		fw_image_free(&img);
		free(m.at);
	}
}

static void identity_without_vsd(void)
{
	struct fs2 m = fs2_make(&(struct fs2_options){0});
	uint8_t *tag = m.at + m.part[INFO] + 16;
	struct fw_identity id = someone();
	struct fw_image img;
	struct cx_err err;

	while (tag[0] != 5)
		tag += 4 + (fs2_get(tag) & 0xffffff);
	tag[0] = 31; /* a tag nobody knows */
	fs2_reseal(&m, INFO);
	fs2_reseal_whole(&m);
	img = take(&m);
	ok(!img.id.has_vsd, "an image without a VSD");
	ok(fw_image_set_identity(&img, &id, &err) == -1 && err.status == CX_REFUSED, "refuses one");
	ok(same(&img, &m), "and is as before");
	id.has_vsd = false;
	ok(!fw_image_set_identity(&img, &id, &err), "without one it takes the identity");
	is_int(wrongs(img.bytes, img.size, false), 0, "nothing is wrong then");
	id.has_vsd = true;
	memset(id.vsd, 0, sizeof(id.vsd));
	ok(!fw_image_set_identity(&img, &id, &err), "an empty VSD needs no room");
	fw_image_free(&img);
	free(m.at);
}

static void damaged(void)
{
	static const char *const name[] = {"a section", "a boot section", "the size word",
					   "the whole-image CRC"};
	uint8_t rom[532];
	struct fw_identity id = someone();

	for (size_t i = 0; i < 4; i++) {
		struct fs2 m = fs2_make(&(struct fs2_options){0});
		struct fw_image img;
		struct cx_err err;

		if (i == 0)
			m.at[m.part[CODE] + 30] ^= 1;
		if (i == 1)
			m.at[m.boot[1] + 30] ^= 1;
		if (i == 2)
			m.at[0x33] ^= 4;
		if (i == 3)
			m.at[0x13] ^= 1;
		img = take(&m);
		ok(fw_image_set_identity(&img, &id, &err) == -1 && err.status == CX_INVALID,
		   "damage to %s: no new identity", name[i]);
		ok(fw_image_set_rom(&img, rom, fs2_rom(rom), &err) == -1 &&
			   err.status == CX_INVALID,
		   "damage to %s: no new ROM", name[i]);
		ok(same(&img, &m), "damage to %s: the image is as before", name[i]);
		fw_image_free(&img);
		free(m.at);
	}
}

static void rom_comes_and_goes(void)
{
	struct fs2 with = fs2_make(&(struct fs2_options){0});
	struct fs2 without = fs2_make(&(struct fs2_options){.no_rom = true});
	struct fw_image img = take(&with);
	struct cx_err err;
	uint8_t rom[532];

	fs2_rom(rom);
	ok(!fw_image_set_rom(&img, rom, sizeof(rom), &err) && same(&img, &with),
	   "its own ROM leaves it byte for byte");
	ok(!fw_image_set_rom(&img, NULL, 0, &err) && same(&img, &without),
	   "without its ROM it is the image that never had one");
	ok(!fw_image_set_rom(&img, NULL, 0, &err) && same(&img, &without),
	   "taking away what is not there changes nothing");
	ok(!fw_image_set_rom(&img, rom, sizeof(rom), &err) && same(&img, &with),
	   "with the ROM again it is the image that had one");
	fw_image_free(&img);
	free(with.at);
	free(without.at);
}

static void rom_of_any_size(void)
{
	struct fs2 m = fs2_make(&(struct fs2_options){0});
	uint8_t rom[4096];
	uint32_t seed = 5;

	for (size_t i = 0; i < sizeof(rom); i++)
		rom[i] = fs2_rand(&seed);
	for (size_t len = 1; len <= sizeof(rom); len = len * 2 + 1) {
		struct fw_image img = take(&m);
		const struct fw_section *s;
		struct cx_err err;

		m.at[0x21] = 0;
		ok(!fw_image_set_rom(&img, rom, len, &err), "a ROM of %zu bytes goes in", len);
		is_int(wrongs(img.bytes, img.size, false), 0, "nothing is wrong then");
		s = fw_image_find(&img, FW_ROM, 0);
		ok(s == &img.section[3] && s->size == (len + 3) / 4 * 4 &&
			   !memcmp(img.bytes + s->data, rom, len),
		   "it is the second section, in natural byte order");
		s = fw_image_find(&img, FW_DDR, 0);
		ok(s && !memcmp(img.bytes + s->data, m.at + m.part[CODE] + 16, s->size),
		   "what lies behind it has moved whole");
		is_str(img.info.psid, "SYN0000000001", "and is found");
		fw_image_free(&img);
	}
	free(m.at);
}

/* The ROM may be anywhere in the list, and the list anywhere in the image. */
static void rom_elsewhere(void)
{
	static const struct {
		const char *name;
		enum fs2_part order[PARTS];
	} list[] = {
		{"last", {CONFIG1, GUIDS, INFO, CODE, PACKED, CONFIG2, JUMPS, INI, ROM}},
		{"third", {CONFIG1, GUIDS, ROM, INI, JUMPS, CONFIG2, PACKED, CODE, INFO}},
	};
	uint8_t rom[1024] = {0x55, 0xaa, 2};

	for (size_t i = 0; i < 2; i++) {
		struct fs2 m = fs2_make(&(struct fs2_options){0});
		struct fw_image img;
		struct cx_err err;
		size_t found = 0;

		for (size_t k = 0; k < PARTS; k++)
			fs2_set(m.at + m.part[list[i].order[k]] + 12,
				k + 1 < PARTS ? m.part[list[i].order[k + 1]] : 0);
		for (size_t k = 0; k < PARTS; k++)
			fs2_reseal(&m, k);
		fs2_reseal_whole(&m);

		img = take(&m);
		ok(!fw_image_set_rom(&img, rom, sizeof(rom), &err), "ROM %s: replaced",
		   list[i].name);
		is_int(img.sections, PARTS + 2, "ROM %s: as many sections as before", list[i].name);
		is_int(img.section[3].type, FW_ROM, "ROM %s: it is the second now", list[i].name);
		is_int(img.section[img.sections - 1].next, 0, "ROM %s: the end mark is kept",
		       list[i].name);
		is_int(img.size, m.len + sizeof(rom) - 532, "ROM %s: size", list[i].name);
		for (size_t k = 0; k < img.sections; k++)
			found += img.section[k].crc == img.section[k].crc_want;
		is_int(found, img.sections, "ROM %s: all CRCs right", list[i].name);
		ok(!fw_image_set_rom(&img, NULL, 0, &err), "ROM %s: taken out", list[i].name);
		is_int(img.sections, PARTS + 1, "ROM %s: one section less", list[i].name);
		is_int(img.size, m.len - 532 - 20, "ROM %s: size", list[i].name);
		fw_image_free(&img);
		free(m.at);
	}
}

static void rom_refused(void)
{
	struct fs2 m = fs2_make(&(struct fs2_options){0});
	struct fw_image img = take(&m);
	struct cx_err err;
	uint8_t rom[532], *big = calloc(1, 0x400001);

	if (!big)
		abort();
	ok(fw_image_set_rom(&img, big, 0x400001, &err) == -1 && err.status == CX_REFUSED,
	   "a ROM over 4 MiB is refused");
	ok(same(&img, &m), "and the image is as before");
	fw_image_free(&img);

	fs2_set(m.at + m.part[CODE], 5);
	fs2_reseal(&m, CODE);
	fs2_reseal_whole(&m);
	img = take(&m);
	ok(fw_image_set_rom(&img, rom, fs2_rom(rom), &err) == -1 && err.status == CX_REFUSED,
	   "an image with two ROM sections is refused");
	ok(same(&img, &m), "and is as before");
	fw_image_free(&img);
	free(big);
	free(m.at);

	/* The list begins with the ROM and goes on elsewhere than behind it. */
	m = fs2_make(&(struct fs2_options){0});
	fs2_set(m.at + m.part[CONFIG1], 5);
	fs2_set(m.at + m.part[ROM], 8);
	fs2_set(m.at + m.part[CONFIG1] + 12, m.part[GUIDS]);
	fs2_set(m.at + m.part[INI] + 12, m.part[ROM]);
	fs2_set(m.at + m.part[ROM] + 12, 0);
	for (size_t k = 0; k < PARTS; k++)
		fs2_reseal(&m, k);
	fs2_reseal_whole(&m);
	img = take(&m);
	ok(fw_image_set_rom(&img, NULL, 0, &err) == -1 && err.status == CX_REFUSED,
	   "a first ROM that the list does not go on behind is refused");
	fw_image_free(&img);
	free(m.at);
}

/* What comes to lie behind a lone boot section must not read as a second one. */
static void rom_before_unknown(void)
{
	for (unsigned int boots = 1; boots <= 2; boots++) {
		struct fs2 m = fs2_make(&(struct fs2_options){.one_boot = boots == 1});
		struct fw_image img;
		struct cx_err err;
		int ret;

		fs2_set(m.at + m.part[CONFIG1], 5);
		fs2_set(m.at + m.part[ROM], 99);
		fs2_reseal(&m, CONFIG1);
		fs2_reseal(&m, ROM);
		fs2_reseal_whole(&m);
		img = take(&m);
		ret = fw_image_set_rom(&img, NULL, 0, &err);
		if (boots == 1)
			ok(ret == -1 && err.status == CX_REFUSED && same(&img, &m),
			   "one boot section, ROM, unknown section: the ROM cannot go");
		else
			ok(!ret && img.sections == 2 + PARTS - 1 &&
				   !wrongs(img.bytes, img.size, false),
			   "two boot sections, ROM, unknown section: it can");
		fw_image_free(&img);
		free(m.at);
	}
}

static void rom_and_blank(void)
{
	struct fs2 m = fs2_make(&(struct fs2_options){.blank = true, .no_rom = true});
	struct fw_image img = take(&m);
	struct cx_err err;
	uint8_t rom[532];

	ok(!fw_image_set_rom(&img, rom, fs2_rom(rom), &err), "a ROM into an image without GUIDs");
	ok(img.id.blank, "it stays without");
	is_int(wrongs(img.bytes, img.size, true), 0, "its blank CRCs stay blank");
	fw_image_free(&img);
	free(m.at);

	m = fs2_make(&(struct fs2_options){0});
	fs2_set(m.at + 0x2c, 0);
	m.at[0x21] = 7;
	fs2_reseal_whole(&m);
	img = take(&m);
	ok(!fw_image_set_rom(&img, NULL, 0, &err), "an image without Image Info pointer");
	is_int(fs2_get(img.bytes + 0x2c), 0, "stays without");
	is_int(img.bytes[0x21], 0, "the \"CRC exists\" byte is cleared");
	fw_image_free(&img);
	free(m.at);
}

int main(void)
{
	identity();
	identity_of_itself();
	identity_without_macs();
	other_guid_sections();
	identity_without_vsd();
	damaged();
	rom_comes_and_goes();
	rom_of_any_size();
	rom_elsewhere();
	rom_refused();
	rom_before_unknown();
	rom_and_blank();
	return tap_done();
}
