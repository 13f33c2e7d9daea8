// SPDX-License-Identifier: GPL-2.0-only
/* Takes from an image what its board tells: ini, words, tags, and what no ini states. */
#include "sample.h"

#include <sha2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fw/image/edit.h"
#include "fw/image/info.h"
#include "fw/release/release_model.h"
#include "fw/words.h"

#define HEADER_FIRST 0x10
#define HEADER_LAST  0x1c

const char *const fw_hidden_name[FW_HIDDEN_KINDS] = {
	[FW_HIDDEN_ROM] = "a ROM",	  [FW_HIDDEN_FAILSAFE] = "failsafe",
	[FW_HIDDEN_FLASH] = "flash size", [FW_HIDDEN_DEVICE] = "device id",
	[FW_HIDDEN_MAKER] = "maker",	  [FW_HIDDEN_BUILD] = "build",
};

int fw_spot_order(const struct fw_spot *a, const struct fw_spot *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	return a->addr < b->addr ? -1 : a->addr > b->addr;
}

static int by_spot(const void *a, const void *b)
{
	const struct fw_spot_value *x = a, *y = b;

	return fw_spot_order(&x->at, &y->at);
}

static int by_address(const void *a, const void *b)
{
	const struct fw_section *x = *(const struct fw_section *const *)a,
				*y = *(const struct fw_section *const *)b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static bool is_code(uint32_t type)
{
	return type == FW_BOOT2 || type == FW_DDR || type == FW_DDRZ || type == FW_JUMP;
}

/* Code whole, with its load address; of configuration words the address and the mask. */
static void digest_section(SHA2_CTX *sha, const struct fw_image *img, const struct fw_section *s)
{
	const uint8_t *at = img->bytes + s->data;
	uint8_t head[12];

	fw_put32(head, s->type);
	fw_put32(head + 4, s->param);
	fw_put32(head + 8, s->size);
	if (is_code(s->type)) {
		SHA256Update(sha, head, sizeof(head));
		SHA256Update(sha, at, s->size);
	} else if (s->type == FW_CONFIG) {
		SHA256Update(sha, head, sizeof(head));
		for (uint32_t i = 0; i + FW_WORD_SIZE <= s->size; i += FW_WORD_SIZE) {
			SHA256Update(sha, at + i, 4);
			SHA256Update(sha, at + i + 8, 4);
		}
	}
}

static int digest_release(const struct fw_image *img, uint8_t digest[FW_MAP_DIGEST])
{
	const struct fw_section **s = calloc(img->sections, sizeof(const struct fw_section *));
	uint8_t head[16];
	SHA2_CTX sha;

	if (!s)
		return -1;
	fw_put32(head, fw_image_chip(img, NULL));
	fw_put32(head + 4, img->info.version.major);
	fw_put32(head + 8, img->info.version.minor);
	fw_put32(head + 12, img->info.version.subminor);
	SHA256Init(&sha);
	SHA256Update(&sha, head, sizeof(head));
	for (size_t i = 0; i < img->sections; i++)
		s[i] = &img->section[i];
	qsort(s, img->sections, sizeof(const struct fw_section *), by_address);
	for (size_t i = 0; i < img->sections; i++)
		digest_section(&sha, img, s[i]);
	SHA256Final(digest, &sha);
	free(s);
	return 0;
}

static int add_spot(struct fw_sample *s, enum fw_spot_kind kind, unsigned int section,
		    uint32_t addr, uint32_t mask, uint32_t value)
{
	struct fw_spot_value *more = s->spot;

	if (!(s->spots & (s->spots - 1)))
		more = reallocarray(more, s->spots ? 2 * s->spots : 1, sizeof(*more));
	if (!more)
		return -1;
	s->spot = more;
	more[s->spots++] = (struct fw_spot_value){{kind, section, addr, mask}, value & mask};
	return 0;
}

/* Contents told apart by a number. 32 bits of a digest do, for at most 256 boards. */
static uint32_t brief(const uint8_t *bytes, size_t len)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA2_CTX sha;

	SHA256Init(&sha);
	SHA256Update(&sha, bytes, len);
	SHA256Final(digest, &sha);
	return fw_get32(digest);
}

/* The build's time is no evidence, wherever it stands (fs2-image 8). */
static bool is_build_time(uint32_t addr)
{
	return addr == 0x1f06c || addr == 0x1f070;
}

static int take_words(struct fw_sample *s, const struct fw_image *img, unsigned int number,
		      const struct fw_section *sec)
{
	for (uint32_t i = 0; i + FW_WORD_SIZE <= sec->size; i += FW_WORD_SIZE) {
		const uint8_t *at = img->bytes + sec->data + i;
		uint32_t addr = fw_get32(at);

		if (!is_build_time(addr) &&
		    add_spot(s, FW_SPOT_WORD, number, addr, fw_get32(at + 8), fw_get32(at + 4)))
			return -1;
	}
	return 0;
}

/* Everything but what tells the release, what is the card's own, and what is compared by words. */
static bool is_opaque(uint32_t type)
{
	return !is_code(type) && type != FW_CONFIG && type != FW_ROM && type != FW_GUID &&
	       type != FW_INI && type != FW_INFO;
}

static int take_sections(struct fw_sample *s, const struct fw_image *img)
{
	unsigned int configs = 0;
	int rc = 0;

	for (size_t i = 0; !rc && i < img->sections; i++) {
		const struct fw_section *sec = &img->section[i];

		if (sec->type == FW_CONFIG)
			rc = take_words(s, img, ++configs, sec);
		else if (is_opaque(sec->type))
			rc = add_spot(s, FW_SPOT_SECTION, sec->type, i, UINT32_MAX,
				      brief(img->bytes + sec->data, sec->size));
	}
	return rc;
}

static int take_header(struct fw_sample *s, const struct fw_image *img)
{
	for (uint32_t at = HEADER_FIRST; at <= HEADER_LAST; at += 4)
		if (add_spot(s, FW_SPOT_HEADER, 0, at, UINT32_MAX, fw_get32(img->bytes + at)))
			return -1;
	return add_spot(s, FW_SPOT_HEADER, 0, 0x20, 0xffff0000, fw_get32(img->bytes + 0x20)) ||
			       add_spot(s, FW_SPOT_HEADER, 0, 0x24, UINT32_MAX,
					fw_get32(img->bytes + 0x24)) ||
			       add_spot(s, FW_SPOT_HEADER, 0, 0x28, 0x00ffffff,
					fw_get32(img->bytes + 0x28))
		       ? -1
		       : 0;
}

/* Texts that rules of their own compile, and the time of the build. */
static bool is_left_out(unsigned int tag)
{
	return tag == FW_TAG_TIME || tag == FW_TAG_PSID || tag == FW_TAG_VSD || tag == FW_TAG_PRS;
}

static bool has_words(unsigned int tag)
{
	return tag == FW_TAG_DEVICE || tag == FW_TAG_HW || tag == FW_TAG_NV_CONFIG;
}

/* Each tag as a whole too: that it is there, and how long it is, are facts that may move. */
static int take_tag(struct fw_sample *s, unsigned int tag, const uint8_t *data, uint32_t len)
{
	if (is_left_out(tag))
		return 0;
	if (!has_words(tag))
		return add_spot(s, FW_SPOT_TAG, 0, tag, UINT32_MAX, brief(data, len));
	for (uint32_t i = 0; i < len; i += 4)
		if (add_spot(s, FW_SPOT_INFO, 0, tag << 16 | i, UINT32_MAX, fw_get32(data + i)))
			return -1;
	return add_spot(s, FW_SPOT_TAG, 0, tag, UINT32_MAX, len);
}

static int take_info(struct fw_sample *s, const struct fw_image *img)
{
	const struct fw_section *info = fw_image_find(img, FW_INFO, 0);
	const uint8_t *at, *end;

	if (!info)
		return 0;
	at = img->bytes + info->data;
	end = at + info->size;
	while (end - at >= 4 && at[0] != FW_TAG_END) {
		uint32_t len = fw_get32(at) & 0xffffff;

		if (len > (size_t)(end - at - 4))
			break;
		if (take_tag(s, at[0], at + 4, len & ~3u))
			return -1;
		at += 4 + len;
	}
	return 0;
}

static void take_hidden(struct fw_sample *s, const struct fw_image *img)
{
	const struct fw_section *rom = fw_image_find(img, FW_ROM, 0),
				*ini = fw_image_find(img, FW_INI, 0);
	char maker[4] = "";

	memcpy(maker, img->info.psid, sizeof(maker) - 1);
	s->hidden[FW_HIDDEN_ROM] = rom != NULL;
	s->hidden[FW_HIDDEN_FAILSAFE] = img->failsafe;
	s->hidden[FW_HIDDEN_FLASH] = img->chunk_log2;
	s->hidden[FW_HIDDEN_DEVICE] = img->info.device;
	s->hidden[FW_HIDDEN_MAKER] = brief((uint8_t *)maker, sizeof(maker)) & 0xffffff;
	s->hidden[FW_HIDDEN_BUILD] = img->info.date;
	s->derived[0] = img->size;
	s->derived[1] = img->info_addr;
	s->derived[2] = img->guid_addr;
	s->derived[3] = rom ? rom->size : 0;
	s->derived[4] = ini ? ini->size : 0;
	s->derived[5] = ini ? ini->addr : 0;
}

__attribute__((format(printf, 2, 3))) static int doubt(struct fw_sample *s, const char *fmt, ...)
{
	char text[300];
	va_list ap;

	if (s->doubt)
		return 0;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	s->doubt = strdup(text);
	return s->doubt ? 0 : -1;
}

static int find_twice(struct fw_sample *s)
{
	for (size_t i = 0; i < s->ini.entries; i++)
		for (size_t k = 0; k < i; k++)
			if (!strcmp(s->ini.entry[i].section, s->ini.entry[k].section) &&
			    !strcasecmp(s->ini.entry[i].key, s->ini.entry[k].key))
				return doubt(s, "its ini states %s.%s twice",
					     s->ini.entry[i].section, s->ini.entry[i].key);
	return 0;
}

/* Texts have their place on every image: one that differs was changed without the other. */
static int find_doubts(struct fw_sample *s, const struct fw_image *img)
{
	const char *psid = fw_ini_psid(&s->ini), *prs = fw_ini_get(&s->ini, "PS_INFO", "PRS_name");

	if (s->ini.doubt && doubt(s, "its ini, %s", s->ini.doubt))
		return -1;
	if (find_twice(s))
		return -1;
	if (psid && (img->info.tags >> FW_TAG_PSID & 1) && strcmp(psid, img->info.psid) &&
	    doubt(s, "its ini says PSID %s, its Image Info %s", psid, img->info.psid))
		return -1;
	if (prs && (img->info.tags >> FW_TAG_PRS & 1) && strcmp(prs, img->info.prs) &&
	    doubt(s, "its ini says PRS_name %s, its Image Info %s", prs, img->info.prs))
		return -1;
	return 0;
}

static int take_ini(struct fw_sample *s, const struct fw_image *img, struct cx_err *err)
{
	const char *board;
	char *text;
	size_t len;
	int rc;

	if (fw_image_ini(img, &text, &len, err))
		return -1;
	rc = fw_ini_read(text, len, &s->ini, err);
	free(text);
	if (rc)
		return -1;
	board = fw_ini_get(&s->ini, "PS_INFO", "Name");
	snprintf(s->board, sizeof(s->board), "%s", board ? board : "");
	return 0;
}

int fw_sample_take(const char *name, const struct fw_image *img, struct fw_sample *s,
		   struct cx_err *err)
{
	const char *chip = fw_chip_part(fw_image_chip(img, NULL));

	memset(s, 0, sizeof(*s));
	if (fw_image_sound(img, err) || take_ini(s, img, err))
		return -1;
	strcpy(s->chip, chip ? chip : "MT25408");
	s->version = img->info.version;
	snprintf(s->psid, sizeof(s->psid), "%s", img->info.psid);
	take_hidden(s, img);
	s->name = strdup(name);
	if (s->name && !digest_release(img, s->release) && !take_sections(s, img) &&
	    !take_header(s, img) && !take_info(s, img) && !find_doubts(s, img)) {
		qsort(s->spot, s->spots, sizeof(*s->spot), by_spot);
		return 0;
	}
	fw_sample_free(s);
	return cx_fail(err, CX_FAILED, "out of memory");
}

void fw_sample_free(struct fw_sample *s)
{
	fw_ini_free(&s->ini);
	free(s->spot);
	free(s->name);
	free(s->doubt);
	memset(s, 0, sizeof(*s));
}
