/* SPDX-License-Identifier: GPL-2.0-only */
/* A writer of MFA bundles, for tests: it shares nothing with user/fw/pack/mfa.c. */
#ifndef CXFLASH_MFA_MAKE_H
#define CXFLASH_MFA_MAKE_H

#include <lzma.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct pile {
	uint8_t bytes[1 << 16];
	size_t len;
};

struct make_mfa {
	struct pile map, toc, data, file;
	size_t section[3]; /* where the headers are in .file */
};

static inline void pile_bytes(struct pile *p, const void *bytes, size_t len)
{
	if (len > sizeof(p->bytes) - p->len)
		abort();
	memcpy(p->bytes + p->len, bytes, len);
	p->len += len;
}

static inline void pile_number(struct pile *p, uint64_t number, int bytes)
{
	while (bytes--) {
		uint8_t byte = number >> (8 * bytes);

		pile_bytes(p, &byte, 1);
	}
}

static inline void pile_name(struct pile *p, const char *name)
{
	char field[32] = "";

	memcpy(field, name, strnlen(name, sizeof(field)));
	pile_bytes(p, field, sizeof(field));
}

/* A new entry of the TOC with its bytes in DATA; returns its offset in the TOC. */
static inline uint32_t make_toc(struct make_mfa *m, const void *bytes, size_t len)
{
	uint32_t at = m->toc.len;

	pile_number(&m->toc, m->data.len, 4);
	pile_number(&m->toc, len, 4);
	pile_number(&m->toc, 1, 2); /* firmware */
	pile_number(&m->toc, 3, 2); /* three version fields */
	pile_number(&m->toc, 0x00020028138a0000, 8);
	pile_number(&m->toc, 0, 2);
	pile_number(&m->toc, 4, 2);
	pile_bytes(&m->toc, "meta", 4);
	pile_bytes(&m->data, bytes, len);
	return at;
}

/* A board of the MAP; @images records by make_record() must follow. */
static inline void make_board(struct make_mfa *m, const char *psid, unsigned int images)
{
	static const char metadata[] = "\1\0\0\1PN\0MCX312B";

	pile_name(&m->map, psid);
	pile_number(&m->map, images, 1);
	pile_number(&m->map, 0, 1);
	pile_number(&m->map, sizeof(metadata), 2);
	pile_bytes(&m->map, metadata, sizeof(metadata));
}

static inline void make_record(struct make_mfa *m, uint32_t toc, unsigned int type,
			       unsigned int group, const char *tag)
{
	pile_number(&m->map, toc, 4);
	pile_number(&m->map, type, 2);
	pile_number(&m->map, 0, 1);
	pile_number(&m->map, group, 1);
	pile_name(&m->map, tag);
}

static inline void make_section(struct make_mfa *m, int type, const struct pile *body, int xz)
{
	static uint8_t packed[1 << 16];
	size_t len = 0;

	m->section[type - 1] = m->file.len;
	if (xz && lzma_easy_buffer_encode(6, LZMA_CHECK_CRC32, NULL, body->bytes, body->len, packed,
					  &len, sizeof(packed)) != LZMA_OK)
		abort();
	pile_number(&m->file, type, 1);
	pile_number(&m->file, 0, 2);
	pile_number(&m->file, xz ? 1 : 0, 1);
	pile_number(&m->file, xz ? len : body->len, 4);
	pile_bytes(&m->file, xz ? packed : body->bytes, xz ? len : body->len);
}

/* The last word is right again. */
static inline void make_seal(struct make_mfa *m)
{
	m->file.len -= 4;
	pile_number(&m->file, crc32(0, m->file.bytes, m->file.len), 4);
}

/* Bits 0 to 2 of @xz: pack MAP, TOC, DATA. */
static inline void make_file(struct make_mfa *m, int xz)
{
	m->file.len = 0;
	pile_bytes(&m->file, "MFAR\0\0\0\1\0\0\0\0\0\0\0\0", 16);
	make_section(m, 1, &m->map, xz & 1);
	make_section(m, 2, &m->toc, xz & 2);
	make_section(m, 3, &m->data, xz & 4);
	pile_number(&m->file, 0, 4);
	make_seal(m);
}

#endif
