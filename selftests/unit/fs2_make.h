/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Small sound images for unit tests, written from fs2-image.md alone: nothing of user/fw is used,
 * so that a wrong constant there cannot agree with itself here.
 */
#ifndef CXFLASH_FS2_MAKE_H
#define CXFLASH_FS2_MAKE_H

#include <lzma.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* Sections of every made image, in order; ROM may be left out. */
enum fs2_part { CONFIG1, ROM, GUIDS, INFO, CODE, PACKED, CONFIG2, JUMPS, INI, PARTS };

struct fs2_options {
	bool nonfailsafe, no_rom, blank, no_mic, one_boot, end_zero;
	unsigned int chunk_log2; /* 0: 20 */
	unsigned int entries;	 /* 0: 6 */
	uint32_t hw;		 /* 0: ConnectX-2, 0xb00190 */
	uint32_t code;		 /* bytes of the code section, 0: 256 */
};

struct fs2 {
	uint8_t *at;
	size_t len;
	uint32_t boot[2],
		part[PARTS + 1]; /* addresses of boot sections and section headers; 0: absent */
	bool blank;
};

#define FS2_INI "; a board of nobody\n[ADAPTER]\nPSID = SYN0000000001\n"

static inline uint32_t fs2_get(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

static inline void fs2_set(uint8_t *p, uint32_t w)
{
	for (int i = 0; i < 4; i++)
		p[i] = w >> (24 - 8 * i);
}

/* Bit by bit, as fs2-image 5 words it. */
static inline uint16_t fs2_crc(const uint8_t *p, size_t len)
{
	uint32_t reg = 0xffff;

	for (size_t bit = 0; bit < len * 8 + 16; bit++) {
		unsigned int in = bit < len * 8 ? p[bit / 8] >> (7 - bit % 8) & 1 : 0;
		bool out = reg >> 15;

		reg = (reg << 1 & 0xffff) | in;
		if (out)
			reg ^= 0x100b;
	}
	return ~reg;
}

static inline uint32_t fs2_rand(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static inline void fs2_word(struct fs2 *m, uint32_t w)
{
	fs2_set(m->at + m->len, w);
	m->len += 4;
}

static inline void fs2_data(struct fs2 *m, const void *data, size_t len)
{
	memcpy(m->at + m->len, data, len);
	m->len += len;
	while (m->len % 4)
		m->at[m->len++] = 0;
}

static inline void fs2_noise(struct fs2 *m, size_t len, uint32_t seed)
{
	while (len--)
		m->at[m->len++] = fs2_rand(&seed);
}

static inline void fs2_open(struct fs2 *m, enum fs2_part part, uint32_t type, uint32_t param)
{
	m->part[part] = m->len;
	fs2_word(m, type);
	fs2_word(m, 0);
	fs2_word(m, param);
	fs2_word(m, 0);
}

/* Size and next of the section that began last; the CRC is put in at the end. */
static inline void fs2_close(struct fs2 *m, enum fs2_part part)
{
	uint8_t *head = m->at + m->part[part];

	fs2_set(head + 4, (m->len - m->part[part] - 16) / 4);
	fs2_word(m, 0);
	fs2_set(head + 12, m->len);
}

static inline void fs2_tag(struct fs2 *m, uint32_t tag, uint32_t len, const void *data)
{
	fs2_word(m, tag << 24 | len);
	fs2_data(m, data, len);
}

static inline void fs2_info(struct fs2 *m, const struct fs2_options *o)
{
	static const char vsd[208] = "a VSD", psid[16] = "SYN0000000001",
			  product[16] = "02.09.10.00", prs[24] = "syn.prs";
	uint8_t words[12];

	fs2_open(m, INFO, 10, 0);
	fs2_set(words, 2 << 16);
	fs2_set(words + 4, 9 << 16 | 1000);
	fs2_tag(m, 1, 8, words);
	fs2_set(words, 0x140336);
	fs2_set(words + 4, 0x20170905);
	fs2_tag(m, 2, 8, words);
	fs2_set(words, 0x673c);
	fs2_tag(m, 3, 4, words);
	fs2_tag(m, 4, 16, psid);
	fs2_tag(m, 5, 208, vsd);
	fs2_tag(m, 7, 16, product);
	fs2_set(words, 0x15b3);
	fs2_tag(m, 8, 4, words);
	fs2_set(words, o->hw ? o->hw : 0xb00190);
	fs2_set(words + 4, 0);
	fs2_tag(m, 10, 8, words);
	fs2_set(words, 2 << 16);
	fs2_set(words + 4, 0);
	if (!o->no_mic)
		fs2_tag(m, 11, 8, words);
	fs2_set(words, 2);
	fs2_set(words + 4, 0);
	fs2_set(words + 8, 2);
	fs2_tag(m, 19, 12, words);
	fs2_tag(m, 20, 24, prs);
	fs2_tag(m, 255, 0, "");
	fs2_close(m, INFO);
}

static inline void fs2_guids(struct fs2 *m, unsigned int entries, bool blank)
{
	fs2_open(m, GUIDS, 6, 0);
	for (unsigned int i = 0; i < entries; i++) {
		fs2_word(m, blank ? 0xffffffff : i < 4 ? 0x0002c903 : 0x0002);
		fs2_word(m, blank ? 0xffffffff : i < 4 ? 0x00123450 + i : 0xc9123450 + i - 4);
	}
	fs2_close(m, GUIDS);
}

static inline void fs2_config(struct fs2 *m, enum fs2_part part)
{
	fs2_open(m, part, 2, 0);
	for (uint32_t i = 0; i < 5; i++) {
		fs2_word(m, 0x1f000 + 4 * i);
		fs2_word(m, i << 4);
		fs2_word(m, 0xff0);
	}
	fs2_close(m, part);
}

/* One PCI image of 512 bytes and a signature behind it: PXE 3.4.752, device 0x673c, protocol VPI.
 */
static inline size_t fs2_rom(uint8_t *rom)
{
	static const uint8_t sign[20] = "mlxsign:\x03\x00\x10\x00\xf0\x02\x04\x00\x02\x00\x3c\x67";
	uint8_t sum = 0;

	memset(rom, 0, 512);
	rom[0] = 0x55;
	rom[1] = 0xaa;
	rom[2] = 1;
	memcpy(rom + 0x40, "synthetic", 9);
	for (int i = 0; i < 511; i++)
		sum += rom[i];
	rom[511] = -sum;
	memcpy(rom + 512, sign, sizeof(sign));
	return 532;
}

static inline void fs2_packed(struct fs2 *m)
{
	lzma_options_lzma opt = {.dict_size = 0x1000,
				 .lc = 0,
				 .lp = 1,
				 .pb = 2,
				 .mode = LZMA_MODE_NORMAL,
				 .nice_len = 32,
				 .mf = LZMA_MF_HC4};
	lzma_filter filters[] = {{LZMA_FILTER_LZMA1, &opt}, {LZMA_VLI_UNKNOWN, NULL}};
	uint8_t plain[600],
		body[1024] = {0x63, 0x00, 0x10, 0x00, sizeof(plain) & 0xff, sizeof(plain) >> 8};
	size_t len = 8;

	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = "packed code "[i % 12] + i / 200;
	if (lzma_raw_buffer_encode(filters, NULL, plain, sizeof(plain), body, &len, sizeof(body)))
		abort();
	fs2_open(m, PACKED, 1, 0x80160000);
	fs2_data(m, body, len);
	fs2_close(m, PACKED);
}

static inline void fs2_ini(struct fs2 *m)
{
	uint8_t packed[256];
	uLongf len = sizeof(packed);

	if (compress2(packed, &len, (const uint8_t *)FS2_INI, strlen(FS2_INI), 9) != Z_OK)
		abort();
	fs2_open(m, INI, 9, 0);
	fs2_data(m, packed, len);
	fs2_close(m, INI);
}

static inline void fs2_boot(struct fs2 *m, unsigned int which, uint32_t dwords)
{
	m->boot[which] = m->len;
	fs2_word(m, 0x00100040 + which * 0x614);
	fs2_word(m, dwords);
	fs2_noise(m, 4 * (dwords + 1), 7 + which);
	fs2_word(m, 0);
}

/* Put the CRC of one section right after a change; its size is read from its header. */
static inline void fs2_reseal(struct fs2 *m, enum fs2_part part)
{
	uint8_t *head = m->at + m->part[part];
	uint32_t len = 16 + 4 * fs2_get(head + 4);

	fs2_set(head + len, part == GUIDS && m->blank ? 0xffff : fs2_crc(head, len));
}

/* Put the whole-image CRC right after a change; without GUIDs it stays blank. */
static inline void fs2_reseal_whole(struct fs2 *m)
{
	uint16_t crc;

	m->at[0x22] = m->at[0x23] = 0xff;
	if (m->blank)
		return;
	crc = fs2_crc(m->at, m->len);
	m->at[0x22] = crc >> 8;
	m->at[0x23] = crc;
}

static inline void fs2_reseal_boot(struct fs2 *m, unsigned int which)
{
	uint8_t *boot = m->at + m->boot[which];
	uint32_t len = 4 * (fs2_get(boot + 4) + 3);

	fs2_set(boot + len, fs2_crc(boot, len));
}

static inline void fs2_pointer(struct fs2 *m, uint32_t at, uint32_t to)
{
	fs2_set(m->at + at, to);
	m->at[at] = -(m->at[at + 1] + m->at[at + 2] + m->at[at + 3]);
}

static inline void fs2_header(struct fs2 *m, const struct fs2_options *o)
{
	static const uint32_t first[10] = {0x4d544657, 0x8cdfd000, 0xdead9270, 0x4154beef,
					   0x80343811, 0x80c00000, 0xbdc80807, 0x00000002,
					   0xb000ffff, 0};

	for (int i = 0; i < 10; i++)
		fs2_set(m->at + 4 * i, first[i]);
	fs2_pointer(m, 0x28, o->nonfailsafe ? 0 : 8 | ((o->chunk_log2 ? o->chunk_log2 : 20) - 16));
	fs2_pointer(m, 0x2c, m->part[INFO] + 16);
	fs2_set(m->at + 0x30, m->len);
	fs2_set(m->at + 0x34, m->part[GUIDS] + 16);
}

static inline struct fs2 fs2_make(const struct fs2_options *o)
{
	struct fs2 m = {.at = calloc(1, 16384 + o->code), .len = 0x38, .blank = o->blank};
	uint8_t rom[532];

	if (!m.at)
		abort();
	fs2_boot(&m, 0, 8);
	if (!o->one_boot)
		fs2_boot(&m, 1, 12);
	fs2_config(&m, CONFIG1);
	if (!o->no_rom) {
		fs2_open(&m, ROM, 5, 0);
		fs2_data(&m, rom, fs2_rom(rom));
		fs2_close(&m, ROM);
	}
	fs2_guids(&m, o->entries ? o->entries : 6, o->blank);
	fs2_info(&m, o);
	fs2_open(&m, CODE, 1, 0x00102968);
	fs2_noise(&m, o->code ? o->code : 256, 99);
	fs2_close(&m, CODE);
	fs2_packed(&m);
	fs2_config(&m, CONFIG2);
	fs2_open(&m, JUMPS, 3, 0);
	fs2_word(&m, 0x1fb94);
	fs2_word(&m, 0x00102968);
	fs2_close(&m, JUMPS);
	fs2_ini(&m);
	fs2_set(m.at + m.part[INI] + 12, o->end_zero ? 0 : 0xff000000);
	fs2_header(&m, o);
	for (unsigned int i = 0; i < 2; i++)
		if (m.boot[i])
			fs2_reseal_boot(&m, i);
	for (unsigned int i = 0; i < PARTS; i++)
		if (m.part[i])
			fs2_reseal(&m, i);
	fs2_reseal_whole(&m);
	return m;
}

static inline struct fs2 fs2_clone(const struct fs2 *from)
{
	struct fs2 m = *from;

	m.at = malloc(m.len);
	if (!m.at)
		abort();
	memcpy(m.at, from->at, m.len);
	return m;
}

/* A flash of @size bytes with @m in its slot 0 or 1 (fs2-image 4). */
static inline void fs2_stripe(const struct fs2 *m, unsigned int chunk_log2, unsigned int slot,
			      uint8_t *flash, size_t size)
{
	for (size_t i = 0; i < m->len; i++) {
		size_t chunk = i >> chunk_log2;
		size_t to = ((2 * chunk + slot) << chunk_log2) + (i & ((1u << chunk_log2) - 1));

		if (to < size)
			flash[to] = m->at[i];
	}
}

#endif
