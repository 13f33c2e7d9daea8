// SPDX-License-Identifier: GPL-2.0-only
/* A changed image becomes a right one again: pointers, size, CRCs. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "edit.h"
#include "fw/words.h"
#include "image.h"
#include "info.h"

#define MAX_ROM 0x400000 /* fs2-image 7 */

int fw_image_seal(uint8_t *bytes, size_t len, uint32_t info_addr, uint32_t guid_addr,
		  struct fw_image *img, struct cx_err *err)
{
	if (len < FW_HEADER_SIZE)
		return cx_fail(err, CX_INVALID, "%zu bytes are too short for an image", len);
	fw_put32(bytes + 0x2c, fw_byte_summed(info_addr));
	fw_put32(bytes + 0x34, guid_addr);
	if (fw_image_parse(bytes, len, img, err))
		return -1;

	img->size_word = img->size;
	fw_put32(img->bytes + 0x30, img->size);
	for (size_t i = 0; i < img->sections; i++) {
		struct fw_section *s = &img->section[i];
		bool blank = fw_section_blank(img, s);

		s->crc = blank ? 0xffff : s->crc_want;
		fw_put32(img->bytes + s->data + s->size, s->crc);
		if (s->data == img->guid_addr)
			img->id.blank = blank;
	}
	img->crc_want = fw_image_crc(img->bytes, img->size);
	if (!img->id.blank || img->crc != 0xffff)
		img->crc = img->crc_want;
	img->bytes[0x22] = img->crc >> 8;
	img->bytes[0x23] = img->crc;
	return 0;
}

int fw_image_sound(const struct fw_image *img, struct cx_err *err)
{
	for (size_t i = 0; i < img->sections; i++) {
		const struct fw_section *s = &img->section[i];

		if (!fw_section_sound(img, s))
			return cx_fail(
				err, CX_INVALID,
				"damaged image: %s section at 0x%x has CRC 0x%x, it should be "
				"0x%x",
				fw_section_name(s->type), s->addr, s->crc, s->crc_want);
	}
	if (img->size_word != img->size)
		return cx_fail(err, CX_INVALID,
			       "damaged image: the header states a size of 0x%x, the last section "
			       "ends at 0x%x",
			       img->size_word, img->size);
	if (fw_image_crc_counts(img) && img->crc != img->crc_want)
		return cx_fail(err, CX_INVALID,
			       "damaged image: the whole has CRC 0x%x, it should be 0x%x", img->crc,
			       img->crc_want);
	return 0;
}

static void replace(struct fw_image *img, const struct fw_image *new)
{
	fw_image_free(img);
	*img = *new;
}

static int put_guids(const struct fw_image *img, uint8_t *bytes, const struct fw_identity *id,
		     struct cx_err *err)
{
	uint8_t *data = bytes + img->guid_addr;

	if (id->blank) {
		memset(data, 0xff, 8 * img->id.entries);
		memset(bytes + 0x22, 0xff, 2); /* the whole-image CRC */
		return 0;
	}
	for (size_t i = 0; i < 4; i++)
		fw_put64(data + 8 * i, id->guid[i]);
	for (size_t i = 0; i < 2; i++) {
		if (img->id.entries > 4)
			fw_put64(data + 8 * (4 + i), id->mac[i]);
		else if (id->mac[i] != fw_derived_mac(id->guid[1 + i]))
			return cx_fail(
				err, CX_REFUSED,
				"the image's GUID section (0x%x) has 4 entries, without MACs: "
				"MAC %012" PRIx64 " cannot be kept, as it would become "
				"%012" PRIx64,
				img->guid_addr, id->mac[i], fw_derived_mac(id->guid[1 + i]));
	}
	return 0;
}

static int put_vsd(const struct fw_image *img, uint8_t *bytes, const struct fw_identity *id,
		   struct cx_err *err)
{
	uint32_t room = 0, addr = fw_info_tag(img, FW_TAG_VSD, &room);
	size_t len = sizeof(id->vsd) - 1;

	if (!id->has_vsd)
		return 0;
	while (len && !id->vsd[len - 1])
		len--;
	if (len > room)
		return cx_fail(
			err, CX_REFUSED,
			"the VSD has %zu bytes, the image has room for %u: it cannot be kept", len,
			room);
	len = sizeof(id->vsd) - 1;
	memcpy(bytes + addr, id->vsd, len < room ? len : room);
	return 0;
}

int fw_image_set_identity(struct fw_image *img, const struct fw_identity *id, struct cx_err *err)
{
	struct fw_image new;
	uint8_t *bytes;
	int ret;

	if (fw_image_sound(img, err))
		return -1;
	bytes = malloc(img->size);
	if (!bytes)
		return cx_fail(err, CX_FAILED, "out of memory");
	memcpy(bytes, img->bytes, img->size);
	ret = put_guids(img, bytes, id, err) || put_vsd(img, bytes, id, err) ||
	      fw_image_seal(bytes, img->size, img->info_addr, img->guid_addr, &new, err);
	free(bytes);
	if (ret)
		return -1;
	replace(img, &new);
	return 0;
}

/*
 * How a ROM comes and goes: the old one, [cut, cut_end), leaves the image, the new one with its
 * header and CRC, @put bytes, comes in at @at, and what lies behind them moves.
 */
struct splice {
	const struct fw_section *old;	/* NULL if there was none */
	const struct fw_section *first; /* the section the new ROM follows */
	uint32_t cut, cut_end, at, put;
};

/* New address of old address @addr, which is not within the cut. */
static uint32_t moved(const struct splice *sp, uint32_t addr)
{
	uint32_t to = addr;

	if (addr >= sp->cut_end)
		to -= sp->cut_end - sp->cut;
	if (addr >= sp->at)
		to += sp->put;
	return to;
}

/*
 * Can the list begin without the ROM that leads it? It begins right behind the boot sections, with
 * whatever lies there, and an unknown type there reads as a second boot section (fs2-image 6).
 */
static bool may_lead(const struct fw_image *img, const struct splice *sp)
{
	return sp->first->addr == sp->cut_end &&
	       (fw_is_known_type(sp->first->type) || img->section[1].type == FW_BOOT2);
}

static int plan_splice(const struct fw_image *img, size_t rom_len, struct splice *sp,
		       struct cx_err *err)
{
	memset(sp, 0, sizeof(*sp));
	for (size_t i = 0; i < img->sections; i++) {
		const struct fw_section *s = &img->section[i];

		if (s->type == FW_ROM && sp->old)
			return cx_fail(err, CX_REFUSED,
				       "the image has two ROM sections, at 0x%x and 0x%x",
				       sp->old->addr, s->addr);
		if (s->type == FW_ROM)
			sp->old = s;
		else if (s->type != FW_BOOT2 && !sp->first)
			sp->first = s;
	}
	/* There is a first one: an image has a GUID section. */
	sp->at = sp->first->data + sp->first->size + 4;
	if (sp->old) {
		sp->cut = sp->old->addr;
		sp->cut_end = sp->old->data + sp->old->size + 4;
	}
	if (sp->old && sp->old < sp->first && !may_lead(img, sp))
		return cx_fail(
			err, CX_REFUSED,
			"the ROM section at 0x%x is the first of the list, and the second one "
			"cannot take its place: the ROM is left where it is",
			sp->cut);
	if (rom_len)
		sp->put = 16 + ((rom_len + 3) & ~3u) + 4;
	return 0;
}

static void copy_run(uint8_t *to, const struct fw_image *img, const struct splice *sp,
		     uint32_t from, uint32_t end)
{
	memcpy(to + moved(sp, from), img->bytes + from, end - from);
}

static void copy_rest(uint8_t *to, const struct fw_image *img, const struct splice *sp)
{
	if (sp->at <= sp->cut) {
		copy_run(to, img, sp, 0, sp->at);
		copy_run(to, img, sp, sp->at, sp->cut);
		copy_run(to, img, sp, sp->cut_end, img->size);
	} else {
		copy_run(to, img, sp, 0, sp->cut);
		copy_run(to, img, sp, sp->cut_end, sp->at);
		copy_run(to, img, sp, sp->at, img->size);
	}
}

/* Lead the list, whose sections have moved, through the new ROM at @rom, if there is one. */
static void relink(uint8_t *to, const struct fw_image *img, const struct splice *sp, uint32_t rom)
{
	uint32_t next = img->section[img->sections - 1].next; /* the end mark */

	for (size_t i = img->sections; i-- > 0;) {
		const struct fw_section *s = &img->section[i];

		if (s->type == FW_ROM || s->type == FW_BOOT2)
			continue;
		if (s == sp->first && sp->put) {
			fw_put32(to + rom + 12, next);
			next = rom;
		}
		fw_put32(to + moved(sp, s->addr) + 12, next);
		next = moved(sp, s->addr);
	}
}

static void put_rom(uint8_t *to, const uint8_t *rom, size_t len)
{
	fw_put32(to, FW_ROM);
	fw_put32(to + 4, (len + 3) / 4);
	memcpy(to + 16, rom, len);
}

int fw_image_set_rom(struct fw_image *img, const uint8_t *rom, size_t len, struct cx_err *err)
{
	struct fw_image new;
	struct splice sp;
	uint32_t size, rom_addr;
	uint8_t *bytes;
	int ret;

	if (len > MAX_ROM)
		return cx_fail(err, CX_REFUSED, "a ROM of 0x%zx bytes is too big, at most 0x%x fit",
			       len, MAX_ROM);
	if (fw_image_sound(img, err) || plan_splice(img, len, &sp, err))
		return -1;
	if (!len && !sp.old)
		return 0;

	size = moved(&sp, img->size);
	rom_addr = moved(&sp, sp.at) - sp.put;
	bytes = calloc(size, 1);
	if (!bytes)
		return cx_fail(err, CX_FAILED, "out of memory");
	copy_rest(bytes, img, &sp);
	if (len)
		put_rom(bytes + rom_addr, rom, len);
	relink(bytes, img, &sp, rom_addr);
	bytes[0x21] = 0; /* the "CRC exists" byte (fs2-image 3, 13) */
	ret = fw_image_seal(bytes, size, img->info_addr ? moved(&sp, img->info_addr) : 0,
			    moved(&sp, img->guid_addr), &new, err);
	free(bytes);
	if (ret)
		return -1;
	replace(img, &new);
	return 0;
}
