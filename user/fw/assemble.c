// SPDX-License-Identifier: GPL-2.0-only
/* Parts become an image: headers, links, pointers, size and CRCs (fs2-image 3, 5-7). */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "crc.h"
#include "release_model.h"
#include "seal.h"
#include "words.h"

#define SECTION_HEADER 16

static const uint32_t magic[FW_MAGIC_SIZE / 4] = {0x4d544657, 0x8cdfd000, 0xdead9270, 0x4154beef};

static size_t head_size(const struct fw_part *p)
{
	return p->kind == FW_PART_SECTION ? SECTION_HEADER : 0;
}

static size_t whole_size(const struct fw_part *p)
{
	return head_size(p) + p->len + (p->kind == FW_PART_GAP ? 0 : 4);
}

/* The address of the next section's header, behind the gap if there is one; 0 if none follows. */
static uint32_t following(const struct fw_part *part, size_t parts, size_t i, uint32_t end)
{
	for (i++; i < parts; i++) {
		if (part[i].kind == FW_PART_SECTION)
			return end;
		end += whole_size(&part[i]);
	}
	return 0;
}

static void put_part(uint8_t *to, const struct fw_part *p, uint32_t next)
{
	size_t head = head_size(p);

	if (head) {
		fw_put32(to, p->type);
		fw_put32(to + 4, p->size_word);
		fw_put32(to + 8, p->param);
		fw_put32(to + 12, next);
	}
	if (p->len)
		memcpy(to + head, p->bytes, p->len);
	if (p->kind != FW_PART_GAP)
		fw_put32(to + head + p->len, p->crc_kept ? p->crc : fw_crc(to, head + p->len));
}

static void put_header(uint8_t *to, const struct fw_release *rel, size_t size, uint32_t info,
		       uint32_t guid)
{
	for (size_t i = 0; i < 4; i++) {
		fw_put32(to + 4 * i, magic[i]);
		fw_put32(to + 0x10 + 4 * i, rel->boot[i]);
	}
	fw_put32(to + 0x20, (uint32_t)rel->revision << 16 | 0xffff);
	fw_put32(to + 0x24, rel->format);
	fw_put32(to + 0x28, rel->failsafe);
	fw_put32(to + 0x2c, fw_byte_summed(info));
	fw_put32(to + 0x30, size);
	fw_put32(to + 0x34, guid);
	fw_put32(to + 0x20, (uint32_t)rel->revision << 16 |
				    (rel->crc_kept ? rel->crc : fw_image_crc(to, size)));
}

int fw_assemble(const struct fw_release *rel, const struct fw_part *part, uint8_t **bytes,
		size_t *size, struct cx_err *err)
{
	uint32_t at = FW_HEADER_SIZE, info = 0, guid = 0;
	size_t total = FW_HEADER_SIZE;
	uint8_t *to;

	for (size_t i = 0; i < rel->parts; i++)
		total += whole_size(&part[i]);
	if (total > FW_MAX_SIZE)
		return cx_fail(err, CX_INVALID,
			       "the image would have 0x%zx bytes; no address reaches beyond 0x%x",
			       total, FW_MAX_SIZE);
	to = malloc(total);
	if (!to)
		return cx_fail(err, CX_FAILED, "out of memory for an image of %zu bytes", total);
	for (size_t i = 0; i < rel->parts; i++) {
		uint32_t end = at + whole_size(&part[i]);
		uint32_t next = following(part, rel->parts, i, end);

		put_part(to + at, &part[i], next ? next : rel->end);
		if (i == rel->info)
			info = at + SECTION_HEADER;
		if (i == rel->guid)
			guid = at + SECTION_HEADER;
		at = end;
	}
	put_header(to, rel, total, info, guid);
	*bytes = to;
	*size = total;
	return 0;
}

int fw_pack_ini(const char *text, size_t len, int level, uint8_t **body, size_t *body_len,
		struct cx_err *err)
{
	uLongf packed = compressBound(len);
	uint8_t *out = calloc(1, packed + 4);

	/* Z_MEM_ERROR is the only failure there is: the buffer is large enough. */
	if (!out || compress2(out, &packed, (const Bytef *)text, len, level) != Z_OK) {
		free(out);
		return cx_fail(err, CX_FAILED, "out of memory for an ini of %zu bytes", len);
	}
	*body = out;
	*body_len = (packed + 3) & ~3ul;
	return 0;
}
