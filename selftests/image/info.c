// SPDX-License-Identifier: GPL-2.0-only
/* The Image Info section (fs2-image 11). */
#include <string.h>

#include "image.h"

#define MIC_MAJOR 2 /* the version of the vendor's image creator, as the real files carry it */

static void tlv(struct buf *b, unsigned int tag, const void *data, size_t len)
{
	size_t padded = (len + 3) & ~(size_t)3;

	buf_word(b, tag << 24 | padded);
	buf_put(b, data, len);
	buf_fill(b, 0, padded - len);
}

static void tlv_words(struct buf *b, unsigned int tag, const uint32_t *word, size_t count)
{
	buf_word(b, tag << 24 | count * 4);
	while (count--)
		buf_word(b, *word++);
}

#define TLV_WORDS(b, tag, ...)                             \
	tlv_words(b, tag, (const uint32_t[]){__VA_ARGS__}, \
		  ARRAY_LEN(((const uint32_t[]){__VA_ARGS__})))

static void tlv_text(struct buf *b, unsigned int tag, const char *text, size_t len)
{
	char field[256] = "";

	strncpy(field, text, sizeof(field) - 1);
	tlv(b, tag, field, len);
}

static void put_tag(struct buf *b, const struct spec *s, unsigned int tag)
{
	switch (tag) {
	case 0:
		TLV_WORDS(b, 0, 1);
		break;
	case 1:
		TLV_WORDS(b, 1, s->version[0] << 16, s->version[1] << 16 | s->version[2]);
		break;
	case 2:
		TLV_WORDS(b, 2, s->time, s->date);
		break;
	case 3:
		TLV_WORDS(b, 3, s->device);
		break;
	case 4:
		tlv_text(b, 4, s->psid, 16);
		break;
	case 5:
		tlv_text(b, 5, s->vsd, 208);
		break;
	case 7:
		if (s->product[0])
			tlv_text(b, 7, s->product, 16);
		break;
	case 8:
		TLV_WORDS(b, 8, s->vendor);
		break;
	case 9:
		TLV_WORDS(b, 9, 1);
		break;
	case 10:
		tlv_words(b, 10, s->hw, s->hw_count);
		break;
	case 11:
		TLV_WORDS(b, 11, MIC_MAJOR << 16, 0);
		break;
	case 12:
		if (s->has_min_fit)
			TLV_WORDS(b, 12, s->min_fit[0] << 16 | s->min_fit[1],
				  s->min_fit[2] << 16 | s->min_fit[3]);
		break;
	case 13:
		if (s->has_access_key)
			tlv_words(b, 13, s->access_key, 2);
		break;
	case 19:
		if (s->has_nv_log2k)
			TLV_WORDS(b, 19, s->nv_sectors, s->nv_pad, s->nv_log2k);
		else
			TLV_WORDS(b, 19, s->nv_sectors, s->nv_pad);
		break;
	case 20:
		if (s->prs[0])
			tlv(b, 20, s->prs, strlen(s->prs) + 1);
		break;
	}
}

void info_make(const struct spec *s, struct buf *body)
{
	/* The order of the real file; 9, 12 and 13 have no place there. */
	static const uint8_t order[] = {0, 1, 2, 3, 10, 8, 9, 4, 5, 7, 11, 12, 13, 19, 20};
	size_t i;

	for (i = 0; i < ARRAY_LEN(order); i++)
		if (s->tags >> order[i] & 1)
			put_tag(body, s, order[i]);
	buf_word(body, 0xff000000);
}
