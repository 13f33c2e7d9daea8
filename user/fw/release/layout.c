// SPDX-License-Identifier: GPL-2.0-only
/* Parts become an image: headers, links, pointers, size and CRCs (fs2-image 3, 5-7). */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "fw/image/crc.h"
#include "fw/image/edit.h"
#include "fw/words.h"
#include "release_model.h"

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

/*
 * Where the list of sections leads: link[n] becomes the address of the section of place n, 0 behind
 * the last. It begins behind the boot sections, whatever stands there (fs2-image 6).
 */
static int link_sections(const struct fw_part *part, size_t parts, uint32_t *link,
			 struct cx_err *err)
{
	uint32_t at = FW_HEADER_SIZE;
	size_t sections = 0, first = 1;

	for (size_t i = 0; i < parts; at += whole_size(&part[i++])) {
		size_t place = part[i].place;

		if (part[i].kind != FW_PART_SECTION)
			continue;
		if (!place || place > parts || link[place])
			return cx_fail(err, CX_INVALID,
				       "section %zu of the list is there twice, or has no place",
				       place);
		if (!sections++)
			first = place;
		link[place] = at;
	}
	while (sections && link[sections])
		sections--;
	if (first != 1 || sections)
		return cx_fail(err, CX_INVALID,
			       "the list of sections does not begin at the first, or has holes");
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

static void put_all(uint8_t *to, size_t total, const struct fw_release *rel,
		    const struct fw_part *part, const uint32_t *link)
{
	uint32_t at = FW_HEADER_SIZE, info = 0, guid = 0;

	for (size_t i = 0; i < rel->parts; i++) {
		uint32_t next = link[part[i].place + 1];

		put_part(to + at, &part[i], next ? next : rel->end);
		if (i == rel->info)
			info = at + SECTION_HEADER;
		if (i == rel->guid)
			guid = at + SECTION_HEADER;
		at += whole_size(&part[i]);
	}
	put_header(to, rel, total, info, guid);
}

int fw_assemble(const struct fw_release *rel, const struct fw_part *part, uint8_t **bytes,
		size_t *size, struct cx_err *err)
{
	uint32_t *link = calloc(rel->parts + 2, sizeof(*link));
	size_t total = FW_HEADER_SIZE;
	uint8_t *to = NULL;
	int rc = -1;

	for (size_t i = 0; i < rel->parts; i++)
		total += whole_size(&part[i]);
	if (total > FW_MAX_SIZE) {
		cx_fail(err, CX_INVALID,
			"the image would have 0x%zx bytes; no address reaches beyond 0x%x", total,
			FW_MAX_SIZE);
		goto cleanup;
	}
	to = malloc(total);
	if (!link || !to) {
		cx_fail(err, CX_FAILED, "out of memory for an image of %zu bytes", total);
		goto cleanup;
	}
	if (link_sections(part, rel->parts, link, err))
		goto cleanup;
	put_all(to, total, rel, part, link);
	*bytes = to;
	*size = total;
	to = NULL;
	rc = 0;
cleanup:
	free(to);
	free(link);
	return rc;
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
