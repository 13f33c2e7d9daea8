// SPDX-License-Identifier: GPL-2.0-only
/* Taking one image apart: header, sections, GUIDs; nothing is believed that was not checked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"
#include "fw/words.h"
#include "crc.h"
#include "edit.h"
#include "info.h"
#include "packed.h"

/* Sizes of boot and generic sections (fs2-image 6, 7). */
#define BOOT_MIN_DWORDS 4
#define BOOT_MAX_DWORDS 1048576
#define MAX_DATA	0x400000
#define SECTION_HEADER	16
#define MAX_SECTIONS	4096 /* some 20 are usual; two images are compared each with each */

static const uint8_t magic[FW_MAGIC_SIZE] = {0x4d, 0x54, 0x46, 0x57, 0x8c, 0xdf, 0xd0, 0x00,
					     0xde, 0xad, 0x92, 0x70, 0x41, 0x54, 0xbe, 0xef};

bool fw_has_magic(const uint8_t *bytes)
{
	return !memcmp(bytes, magic, sizeof(magic));
}

bool fw_is_known_type(uint32_t type)
{
	return type >= FW_DDR && type <= FW_HASH;
}

const char *fw_section_name(uint32_t type)
{
	static const char *const name[] = {
		[FW_DDR] = "DDR",
		[FW_CONFIG] = "Configuration",
		[FW_JUMP] = "Jump addresses",
		[FW_EMT] = "EMT Service",
		[FW_ROM] = "ROM",
		[FW_GUID] = "GUID",
		[FW_BOARD_ID] = "BOARD ID",
		[FW_USER_DATA] = "User Data",
		[FW_INI] = "FW Configuration",
		[FW_INFO] = "Image Info",
		[FW_DDRZ] = "DDRZ",
		[FW_HASH] = "Hash File",
	};

	if (type == FW_BOOT2)
		return "BOOT2";
	return fw_is_known_type(type) ? name[type] : "UNKNOWN";
}

uint32_t fw_byte_summed(uint32_t word)
{
	uint8_t sum = (word >> 16) + (word >> 8) + word;

	return (uint32_t)(uint8_t)-sum << 24 | (word & 0xffffff);
}

uint16_t fw_image_crc(const uint8_t *bytes, uint32_t size)
{
	const uint8_t word[4] = {bytes[0x20], bytes[0x21], 0xff, 0xff};
	uint16_t crc;

	crc = fw_crc_feed(FW_CRC_INIT, bytes, 0x20);
	crc = fw_crc_feed(crc, word, 4);
	return fw_crc_finish(fw_crc_feed(crc, bytes + 0x24, size - 0x24));
}

/* What the header says, as far as it can be judged without the sections. */
static int read_header(struct fw_image *img, const uint8_t *bytes, size_t len, struct cx_err *err)
{
	uint32_t failsafe, info;

	if (len % 4)
		return cx_fail(err, CX_INVALID, "length %zu is not a multiple of 4: not an image",
			       len);
	if (len < FW_HEADER_SIZE)
		return cx_fail(err, CX_INVALID, "%zu bytes are too short for an image", len);
	if (!fw_has_magic(bytes))
		return cx_fail(err, CX_INVALID, "no FS2 image: the magic at 0x0 is missing");
	if (bytes[0x24] == 3)
		return cx_fail(err, CX_INVALID,
			       "an FS3 image (format byte 3 at 0x24), of Connect-IB and later "
			       "cards; " FW_OURS);

	failsafe = fw_get32(bytes + 0x28);
	if (failsafe != fw_byte_summed(failsafe))
		return cx_fail(err, CX_INVALID,
			       "failsafe word 0x%08x at 0x28: its bytes do not sum to 0, the chunk "
			       "size is unknown",
			       failsafe);
	img->failsafe = failsafe & 8;
	img->chunk_log2 = img->failsafe ? 16 + (failsafe & 7) : 0;

	info = fw_get32(bytes + 0x2c);
	if (info != fw_byte_summed(info))
		return cx_fail(err, CX_INVALID,
			       "Image Info pointer 0x%08x at 0x2c: its bytes do not sum to 0",
			       info);
	img->info_addr = info & 0xffffff;
	img->guid_addr = fw_get32(bytes + 0x34);
	img->size_word = fw_get32(bytes + 0x30);
	img->crc = fw_get32(bytes + 0x20) & 0xffff;
	return 0;
}

/* The way along the sections. */
struct walk {
	const uint8_t *bytes;
	uint32_t limit;
	uint8_t *taken; /* one per word: 1 if a section or the header holds it */
	bool front;	/* not beyond the GUID and Image Info sections */
};

static int add_section(struct fw_image *img, struct walk *w, const struct fw_section *section,
		       struct cx_err *err)
{
	uint32_t end = section->data + section->size + 4;
	struct fw_section *more;

	/* No word belongs to two sections; this also ends a list that leads back into itself. */
	for (uint32_t at = section->addr / 4; at < end / 4; at++) {
		if (w->taken[at])
			return cx_fail(err, CX_INVALID,
				       "%s section at 0x%x overlaps another one at 0x%x",
				       fw_section_name(section->type), section->addr, at * 4);
		w->taken[at] = 1;
	}
	if (img->sections == MAX_SECTIONS)
		return cx_fail(err, CX_INVALID, "more than %d sections, the next one at 0x%x",
			       MAX_SECTIONS, section->addr);
	if (!(img->sections & (img->sections - 1))) {
		more = realloc(img->section, (img->sections * 2 + !img->sections) * sizeof(*more));
		if (!more)
			return cx_fail(err, CX_FAILED, "out of memory");
		img->section = more;
	}
	more = &img->section[img->sections++];
	*more = *section;
	more->crc = fw_get32(w->bytes + end - 4);
	more->crc_want = fw_crc(w->bytes + section->addr, end - 4 - section->addr);
	if (end > img->size)
		img->size = end;
	return 0;
}

/* The boot section at *@addr, which is moved behind it. */
static int walk_boot(struct fw_image *img, struct walk *w, uint32_t *addr, struct cx_err *err)
{
	struct fw_section boot = {.type = FW_BOOT2, .addr = *addr, .data = *addr};
	uint32_t dwords;

	if (w->limit - *addr < 8)
		return cx_fail(err, CX_INVALID, "BOOT2 section at 0x%x lies beyond the end (0x%x)",
			       *addr, w->limit);
	dwords = fw_get32(w->bytes + *addr + 4);
	if (dwords < BOOT_MIN_DWORDS || dwords > BOOT_MAX_DWORDS)
		return cx_fail(
			err, CX_INVALID,
			"BOOT2 section at 0x%x: its size, 0x%x dwords, is outside 0x%x..0x%x",
			*addr, dwords, BOOT_MIN_DWORDS, BOOT_MAX_DWORDS);
	boot.size = (dwords + 3) * 4;
	if (boot.size + 4 > w->limit - *addr)
		return cx_fail(err, CX_INVALID,
			       "BOOT2 section at 0x%x (0x%x bytes) reaches beyond the end (0x%x)",
			       *addr, boot.size + 4, w->limit);
	*addr += boot.size + 4;
	return add_section(img, w, &boot, err);
}

static int walk_generic(struct fw_image *img, struct walk *w, uint32_t addr, uint32_t *next,
			struct cx_err *err)
{
	struct fw_section s = {.addr = addr, .data = addr + SECTION_HEADER};
	uint32_t size, unit;

	if (addr % 4 || addr > w->limit || w->limit - addr < SECTION_HEADER + 4)
		return cx_fail(err, CX_INVALID,
			       "the section list leads to 0x%x, outside the image (end 0x%x)", addr,
			       w->limit);
	s.type = fw_get32(w->bytes + addr);
	size = fw_get32(w->bytes + addr + 4);
	s.param = fw_get32(w->bytes + addr + 8);
	s.next = fw_get32(w->bytes + addr + 12);

	if (s.type == FW_BOOT2)
		return cx_fail(err, CX_INVALID,
			       "the section list leads to 0x%x, where the flash is erased", addr);
	unit = s.type == FW_EMT ? 1 : 4;
	if (size > MAX_DATA / unit)
		return cx_fail(err, CX_INVALID, "%s section at 0x%x: size too big (0x%x %s)",
			       fw_section_name(s.type), addr, size, unit == 1 ? "bytes" : "dwords");
	s.size = (size * unit + 3) & ~3u;
	if (s.size > w->limit - s.data - 4)
		return cx_fail(
			err, CX_INVALID,
			"%s section at 0x%x (0x%x bytes of data) reaches beyond the end (0x%x)",
			fw_section_name(s.type), addr, s.size, w->limit);
	*next = s.next;
	return add_section(img, w, &s, err);
}

/* Whether the sections that the header points at have come. */
static bool front_ends(const struct fw_image *img)
{
	return fw_image_find(img, FW_GUID, 0) && fw_image_find(img, FW_INFO, 0);
}

static int walk_all(struct fw_image *img, struct walk *w, struct cx_err *err)
{
	uint32_t addr = FW_HEADER_SIZE;

	memset(w->taken, 1, FW_HEADER_SIZE / 4);
	if (walk_boot(img, w, &addr, err))
		return -1;
	/* What follows the first boot section and is no section is a second one (fs2-image 6). */
	if (w->limit - addr >= 4 && !fw_is_known_type(fw_get32(w->bytes + addr)) &&
	    walk_boot(img, w, &addr, err))
		return -1;
	do {
		if (walk_generic(img, w, addr, &addr, err))
			return -1;
	} while (addr && addr != 0xff000000 && !(w->front && front_ends(img)));
	return 0;
}

static int read_sections(struct fw_image *img, const uint8_t *bytes, size_t len, bool front,
			 struct cx_err *err)
{
	struct walk w = {
		.bytes = bytes, .limit = len < FW_MAX_SIZE ? len : FW_MAX_SIZE, .front = front};
	int ret;

	w.taken = calloc(w.limit / 4, 1);
	if (!w.taken)
		return cx_fail(err, CX_FAILED, "out of memory");
	ret = walk_all(img, &w, err);
	free(w.taken);
	return ret;
}

/* The section whose data a header pointer names. */
static const struct fw_section *pointed_at(const struct fw_image *img, enum fw_section_type type,
					   uint32_t data)
{
	for (size_t i = 0; i < img->sections; i++)
		if (img->section[i].type == type && img->section[i].data == data)
			return &img->section[i];
	return NULL;
}

static int read_info(struct fw_image *img, struct cx_err *err)
{
	const struct fw_section *info;

	img->info.nv_sector_log2k = UINT32_MAX;
	if (!img->info_addr)
		return 0;
	info = pointed_at(img, FW_INFO, img->info_addr);
	if (!info)
		return cx_fail(
			err, CX_INVALID,
			"the header's Image Info pointer (0x2c) says 0x%x, where no Image Info "
			"section begins",
			img->info_addr);
	return fw_info_parse(img->bytes, info, &img->info, err);
}

uint64_t fw_derived_mac(uint64_t guid)
{
	return guid >> 40 << 24 | (guid & 0xffffff);
}

static int read_identity(struct fw_image *img, struct cx_err *err)
{
	struct fw_identity *id = &img->id;
	const struct fw_section *s;
	const uint8_t *data;

	s = pointed_at(img, FW_GUID, img->guid_addr);
	if (!s)
		return cx_fail(err, CX_INVALID,
			       "the header's GUID pointer (0x34) says 0x%x, where no GUID section "
			       "begins",
			       img->guid_addr);
	id->entries = s->size / 8;
	if (s->size % 8 || id->entries > FW_MAX_GUIDS || (id->entries != 4 && id->entries < 6))
		return cx_fail(err, CX_INVALID,
			       "GUID section at 0x%x: 0x%x bytes are not 4 or 6..%d entries",
			       s->addr, s->size, FW_MAX_GUIDS);
	data = img->bytes + s->data;
	for (size_t i = 0; i < 4; i++)
		id->guid[i] = fw_get64(data + 8 * i);
	for (size_t i = 0; i < 2; i++)
		id->mac[i] = id->entries == 4 ? fw_derived_mac(id->guid[1 + i])
					      : fw_get64(data + 8 * (4 + i));
	id->blank = fw_all_ones(data, s->size) && (s->crc & 0xffff) == 0xffff;
	id->has_vsd = fw_has_tag(img, FW_TAG_VSD);
	memcpy(id->vsd, img->info.vsd, sizeof(id->vsd));
	return 0;
}

static int parse(const uint8_t *bytes, size_t len, bool front, struct fw_image *img,
		 struct cx_err *err)
{
	struct fw_image new = {0};

	if (read_header(&new, bytes, len, err) || read_sections(&new, bytes, len, front, err))
		goto fail;
	new.bytes = malloc(new.size);
	if (!new.bytes) {
		cx_fail(err, CX_FAILED, "out of memory");
		goto fail;
	}
	memcpy(new.bytes, bytes, new.size);
	new.crc_want = fw_image_crc(bytes, new.size);
	if (read_info(&new, err) || read_identity(&new, err))
		goto fail;
	*img = new;
	return 0;
fail:
	fw_image_free(&new);
	return -1;
}

int fw_image_parse(const uint8_t *bytes, size_t len, struct fw_image *img, struct cx_err *err)
{
	return parse(bytes, len, false, img, err);
}

int fw_image_parse_front(const uint8_t *bytes, size_t len, struct fw_image *img, struct cx_err *err)
{
	return parse(bytes, len, true, img, err);
}

bool fw_section_blank(const struct fw_image *img, const struct fw_section *s)
{
	return s->type == FW_GUID && s->size && fw_all_ones(img->bytes + s->data, s->size);
}

bool fw_section_sound(const struct fw_image *img, const struct fw_section *s)
{
	return s->crc == s->crc_want || (s->crc == 0xffff && fw_section_blank(img, s));
}

bool fw_image_crc_counts(const struct fw_image *img)
{
	return fw_has_tag(img, FW_TAG_MIC) && !img->id.blank;
}

void fw_image_free(struct fw_image *img)
{
	free(img->bytes);
	free(img->section);
	img->bytes = NULL;
	img->section = NULL;
	img->sections = 0;
}

const struct fw_section *fw_image_find(const struct fw_image *img, enum fw_section_type type,
				       size_t from)
{
	for (; from < img->sections; from++)
		if (img->section[from].type == type)
			return &img->section[from];
	return NULL;
}

int fw_image_ini(const struct fw_image *img, char **text, size_t *len, struct cx_err *err)
{
	const struct fw_section *ini = fw_image_find(img, FW_INI, 0);

	if (!ini)
		return cx_fail(err, CX_NOT_FOUND,
			       "the image carries no ini (no FW Configuration section)");
	if (fw_inflate(img->bytes + ini->data, ini->size, FW_INI_MAX, (uint8_t **)text, len, err)) {
		char place[64];

		snprintf(place, sizeof(place), "FW Configuration section at 0x%x", ini->addr);
		return cx_fail_in(err, place);
	}
	return 0;
}

const char *fw_version_text(const struct fw_version *v, char *buf)
{
	snprintf(buf, 20, v->minor < 100 ? "%d.%d.%04d" : "%d.%04d.%04d", v->major, v->minor,
		 v->subminor);
	return buf;
}

int fw_version_compare(const struct fw_version *a, const struct fw_version *b)
{
	if (a->major != b->major)
		return a->major < b->major ? -1 : 1;
	if (a->minor != b->minor)
		return a->minor < b->minor ? -1 : 1;
	return a->subminor < b->subminor ? -1 : a->subminor > b->subminor;
}
