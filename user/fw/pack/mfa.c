// SPDX-License-Identifier: GPL-2.0-only
/*
 * MFA version 1. The sections, their 8-byte headers, the XZ flag, the 32-byte PSID and the CRC32 at
 * the end are stated by mlx-ini 4; the fields within are those that mstflint's libmfa reads. All
 * numbers are big-endian:
 *
 *	header	 "MFAR", version (major 31:16, minor 15:0), 8 bytes unknown
 *	section	 type, 2 bytes unknown, flags (bit 0: xz), size of what follows
 *	MAP (1)	 for each board: PSID[32], count of images, unknown, size of metadata (16 bits);
 *		 metadata; for each image: offset in TOC (32), type (16), unknown (8), group (8),
 *tag[32] TOC (2)	 offset in DATA (32), size (32), 16 bytes of type and version, metadata DATA
 *(3) images tail	 CRC32 of everything before it
 *
 * Metadata, types and versions are not needed: an image speaks for itself. Bytes between DATA and
 *the tail are nobody's; they are left alone, as libmfa does.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <zlib.h>

#include "mfa.h"
#include "fw/image/packed.h"
#include "fw/words.h"

#define MAGIC	       "MFAR"
#define HEADER	       16
#define SECTION_HEADER 8
#define TAIL	       4
#define FLAG_XZ	       1

#define BOARD	     36
#define IMAGE	     40
#define TOC_ENTRY    24
#define FIRMWARE     1 /* type of an image */
#define IMAGES_BOARD 255

struct section {
	const uint8_t *bytes;
	size_t len;
	uint8_t *own; /* if it was packed */
};

struct parse {
	const uint8_t *bytes;
	size_t end, at; /* of what is before the tail */
	size_t left, max_images;
	struct section map, toc, data;
	struct fw_mfa *mfa;
};

struct chunk {
	const uint8_t *bytes;
	size_t len;
};

static uint16_t get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static bool is_mfa(const uint8_t *bytes, size_t len)
{
	return len >= sizeof(MAGIC) - 1 && !memcmp(bytes, MAGIC, sizeof(MAGIC) - 1);
}

static int check_frame(const uint8_t *bytes, size_t len, struct cx_err *err)
{
	uint32_t is, want;

	if (!is_mfa(bytes, len))
		return cx_fail(err, CX_INVALID, "no MFA bundle: it does not begin with " MAGIC);
	if (len < HEADER + 3 * SECTION_HEADER + TAIL)
		return cx_fail(err, CX_INVALID,
			       "MFA bundle is cut off: %zu bytes are not even its"
			       " headers",
			       len);
	if (get16(bytes + 4))
		return cx_fail(err, CX_INVALID,
			       "MFA bundle of version %u.%u; only 0.x, the first"
			       " layout, is known",
			       get16(bytes + 4), get16(bytes + 6));
	is = fw_get32(bytes + len - TAIL);
	want = crc32(0, bytes, len - TAIL);
	if (is != want)
		return cx_fail(err, CX_INVALID,
			       "MFA bundle is damaged or cut off: its CRC32 is"
			       " 0x%08x, the last word says 0x%08x",
			       want, is);
	return 0;
}

/* The section at p->at, which must be of this type; p->at moves behind it. */
static int read_section(struct parse *p, unsigned int type, const char *name, struct section *s,
			struct cx_err *err)
{
	const uint8_t *header = p->bytes + p->at;
	struct fw_blob blob;
	size_t at = p->at;
	uint32_t size;

	if (p->end - p->at < SECTION_HEADER)
		return cx_fail(err, CX_INVALID, "MFA bundle ends before its %s section at 0x%zx",
			       name, at);
	if (header[0] != type)
		return cx_fail(err, CX_INVALID,
			       "MFA bundle has a section of type %u at 0x%zx, where"
			       " %s (%u) belongs: another layout",
			       header[0], at, name, type);
	if (header[3] & ~FLAG_XZ)
		return cx_fail(err, CX_INVALID,
			       "MFA %s section at 0x%zx has flags 0x%02x; only 0x01"
			       " (xz) is known",
			       name, at, header[3]);
	size = fw_get32(header + 4);
	p->at += SECTION_HEADER;
	if (size > p->end - p->at)
		return cx_fail(err, CX_INVALID,
			       "MFA %s section at 0x%zx states 0x%x bytes, 0x%zx"
			       " are there",
			       name, at, size, p->end - p->at);
	*s = (struct section){.bytes = p->bytes + p->at, .len = size};
	p->at += size;
	if (!(header[3] & FLAG_XZ))
		return 0;
	if (fw_unxz(s->bytes, size, p->left, &blob, err)) {
		cx_fail_in(err, name);
		return cx_fail_in(err, "MFA section");
	}
	*s = (struct section){.bytes = blob.bytes, .len = blob.len, .own = blob.bytes};
	p->left -= blob.len;
	return 0;
}

/* A name of up to 32 characters, padded with NULs. */
static int read_name(const uint8_t *from, char *name)
{
	size_t len = strnlen((const char *)from, FW_MFA_NAME);

	memcpy(name, from, len);
	name[len] = '\0';
	for (size_t i = 0; i < len; i++)
		if (name[i] <= ' ' || name[i] > '~' || name[i] == '/')
			return -1;
	return 0;
}

/* The bytes that an image record of the MAP stands for. */
static int find_chunk(const struct parse *p, const uint8_t *record, const char *psid,
		      struct chunk *c, struct cx_err *err)
{
	uint32_t toc = fw_get32(record), offset, size;

	if (toc > p->toc.len || p->toc.len - toc < TOC_ENTRY)
		return cx_fail(err, CX_INVALID,
			       "MFA MAP: board %s points to 0x%x in a TOC of 0x%zx"
			       " bytes",
			       psid, toc, p->toc.len);
	offset = fw_get32(p->toc.bytes + toc);
	size = fw_get32(p->toc.bytes + toc + 4);
	if (offset > p->data.len || size > p->data.len - offset)
		return cx_fail(err, CX_INVALID,
			       "MFA TOC: the entry at 0x%x (board %s) states 0x%x"
			       " bytes at 0x%x, DATA has 0x%zx",
			       toc, psid, size, offset, p->data.len);
	*c = (struct chunk){.bytes = p->data.bytes + offset, .len = size};
	return 0;
}

/*
 * The chunks of a board's image with this tag. Records without a tag belong to every image; of
 * several records of one group in a row the first counts. Returns how many, or -1.
 */
static int find_chunks(const struct parse *p, const uint8_t *record, unsigned int records,
		       const struct fw_mfa_image *image, struct chunk *chunk, struct cx_err *err)
{
	int group = -1, chunks = 0;

	for (; records--; record += IMAGE) {
		const char *tag = (const char *)record + 8;

		if (get16(record + 4) != FIRMWARE || record[7] == group ||
		    (*tag && strncmp(tag, image->tag, FW_MFA_NAME)))
			continue;
		group = record[7];
		if (find_chunk(p, record, image->psid, &chunk[chunks], err))
			return -1;
		if (chunk[chunks].len)
			chunks++;
	}
	if (!chunks)
		return cx_fail(err, CX_INVALID, "MFA MAP: board %s has an image without bytes",
			       image->psid);
	return chunks;
}

/* One chunk is shown where it is; several become one piece. */
static int join(struct parse *p, const struct chunk *chunk, int chunks, struct fw_mfa_image *image,
		struct cx_err *err)
{
	size_t len = 0;
	uint8_t *piece;

	image->bytes = chunk->bytes;
	image->len = chunk->len;
	if (chunks == 1)
		return 0;
	for (int i = 0; i < chunks; i++)
		len += chunk[i].len;
	if (len > p->left)
		return cx_fail(err, CX_REFUSED, "unpacks to more than the bytes allowed");
	piece = malloc(len);
	if (!piece)
		return cx_fail(err, CX_FAILED, "out of memory");
	image->bytes = piece;
	image->len = len;
	image->own = true;
	p->left -= len;
	for (int i = 0; i < chunks; i++) {
		memcpy(piece, chunk[i].bytes, chunk[i].len);
		piece += chunk[i].len;
	}
	return 0;
}

static int add_image(struct parse *p, const char *psid, const uint8_t *tag, const uint8_t *record,
		     unsigned int records, struct cx_err *err)
{
	struct chunk chunk[IMAGES_BOARD];
	struct fw_mfa_image image = {0}, *more;
	int chunks;

	if (p->mfa->images == p->max_images)
		return cx_fail(err, CX_REFUSED, "MFA bundle has more than %zu images",
			       p->max_images);
	strcpy(image.psid, psid);
	if (read_name(tag, image.tag))
		return cx_fail(err, CX_INVALID,
			       "MFA MAP: board %s has an image with a tag that is"
			       " no text",
			       psid);
	chunks = find_chunks(p, record, records, &image, chunk, err);
	if (chunks < 0)
		return -1;
	more = realloc(p->mfa->image, (p->mfa->images + 1) * sizeof(*more));
	if (!more)
		return cx_fail(err, CX_FAILED, "out of memory");
	p->mfa->image = more;
	if (join(p, chunk, chunks, &image, err))
		return -1;
	more[p->mfa->images++] = image;
	return 0;
}

static bool seen_before(const uint8_t *first, const uint8_t *record)
{
	for (; first < record; first += IMAGE)
		if (get16(first + 4) == FIRMWARE &&
		    !strncmp((const char *)first + 8, (const char *)record + 8, FW_MFA_NAME))
			return true;
	return false;
}

/* The board at @at of the MAP. Returns its length, or -1. */
static ssize_t read_board(struct parse *p, size_t at, struct cx_err *err)
{
	const uint8_t *board = p->map.bytes + at, *record;
	size_t left = p->map.len - at, len;
	char psid[FW_MFA_NAME + 1];
	unsigned int records;

	if (left < BOARD)
		return cx_fail(err, CX_INVALID, "MFA MAP: the entry at 0x%zx is cut off", at);
	if (!board[0] || read_name(board, psid))
		return cx_fail(err, CX_INVALID,
			       "MFA MAP: the entry at 0x%zx has no PSID: another"
			       " layout",
			       at);
	records = board[32];
	len = BOARD + get16(board + 34) + records * (size_t)IMAGE;
	if (len > left)
		return cx_fail(err, CX_INVALID,
			       "MFA MAP: the entry of board %s at 0x%zx states 0x%zx"
			       " bytes, 0x%zx are there",
			       psid, at, len, left);
	record = board + len - records * (size_t)IMAGE;
	for (unsigned int i = 0; i < records; i++) {
		const uint8_t *r = record + i * (size_t)IMAGE;

		if (get16(r + 4) == FIRMWARE && !seen_before(record, r) &&
		    add_image(p, psid, r + 8, record, records, err))
			return -1;
	}
	return len;
}

static int read_boards(struct parse *p, struct cx_err *err)
{
	size_t at = 0;

	while (at < p->map.len) {
		ssize_t len = read_board(p, at, err);

		if (len < 0)
			return -1;
		at += len;
	}
	return 0;
}

int fw_mfa_parse(const uint8_t *bytes, size_t len, size_t max, size_t max_images,
		 struct fw_mfa *mfa, struct cx_err *err)
{
	struct parse p = {
		.bytes = bytes, .at = HEADER, .left = max, .max_images = max_images, .mfa = mfa};
	int ret = -1;

	*mfa = (struct fw_mfa){0};
	if (check_frame(bytes, len, err))
		return -1;
	p.end = len - TAIL;
	if (read_section(&p, 1, "MAP", &p.map, err) || read_section(&p, 2, "TOC", &p.toc, err) ||
	    read_section(&p, 3, "DATA", &p.data, err))
		goto cleanup;
	ret = read_boards(&p, err);
cleanup:
	free(p.map.own);
	free(p.toc.own);
	mfa->data = p.data.own;
	mfa->unpacked = max - p.left;
	if (ret)
		fw_mfa_free(mfa);
	return ret;
}

void fw_mfa_free(struct fw_mfa *mfa)
{
	for (size_t i = 0; i < mfa->images; i++)
		if (mfa->image[i].own)
			free((void *)mfa->image[i].bytes);
	free(mfa->image);
	free(mfa->data);
	*mfa = (struct fw_mfa){0};
}
