// SPDX-License-Identifier: GPL-2.0-only
/* What stands for code: boot sections, DDR sections, jump addresses (fs2-image 6, 9, 10). */
#include <lzma.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"

#define LZMA_DICT 0x1000

/* The words that hold the entry addresses, in the order of the real file's sections. */
static const uint32_t jump_word[] = {0x1fb94, 0x1fb50, 0x1fb58, 0x1fb98, 0x1fb5c, 0x1fb44,
				     0x1fb60, 0x1fb48, 0x1fb3c, 0x1fb40, 0x1fb54, 0x1fb4c};

void code_boot(const struct spec *spec, unsigned int index, uint32_t load, struct buf *words)
{
	struct rng r = rng_seed(spec->seed + index, "boot");
	uint32_t n = 16 + rng_below(&r, 240);

	buf_word(words, load);
	buf_word(words, n);
	rng_code(&r, words, (n + 1) * 4);
}

static uint32_t load_address(const struct spec *spec, unsigned int index)
{
	return 0x00100000 + index * ((spec->ddr_size + 0x20fff) & ~(size_t)0xffff);
}

/* fs2-image 10: property byte, 3 bytes dictionary size, 4 bytes unpacked size, raw stream. */
static void compress_body(const struct spec *spec, const struct buf *plain, struct buf *body)
{
	lzma_options_lzma opt;
	lzma_filter filter[] = {{.id = LZMA_FILTER_LZMA1EXT, .options = &opt},
				{.id = LZMA_VLI_UNKNOWN}};
	uint8_t head[8] = {0x63, LZMA_DICT & 0xff, LZMA_DICT >> 8, LZMA_DICT >> 16};
	size_t room = plain->len * 2 + 4096, used = 0, i;
	uint8_t *out = malloc(room);

	if (!out || lzma_lzma_preset(&opt, 6))
		die("LZMA cannot be set up");
	opt.dict_size = LZMA_DICT;
	opt.lc = 0;
	opt.lp = 1;
	opt.pb = 2;
	opt.ext_flags = spec->lzma_end_marker ? LZMA_LZMA1EXT_ALLOW_EOPM : 0;
	opt.ext_size_low = spec->lzma_end_marker ? UINT32_MAX : plain->len;
	opt.ext_size_high = spec->lzma_end_marker ? UINT32_MAX : 0;
	if (lzma_raw_buffer_encode(filter, NULL, plain->at, plain->len, out, &used, room))
		die("LZMA failed");
	for (i = 0; i < 4; i++)
		head[4 + i] = plain->len >> (8 * i);
	buf_put(body, head, sizeof(head));
	buf_put(body, out, used);
	buf_fill(body, 0, -body->len & 3);
	free(out);
}

uint32_t code_body(const struct spec *spec, unsigned int index, struct buf *body)
{
	struct rng r = rng_seed(spec->seed + index, "ddr");
	size_t size = (spec->ddr_size / 2 + rng_below(&r, spec->ddr_size / 2 + 1) + 3) & ~(size_t)3;
	uint32_t load = load_address(spec, index);
	struct buf plain = {0};

	if (index % 2 == 0) {
		rng_code(&r, body, size);
		return load;
	}
	rng_code(&r, &plain, size);
	compress_body(spec, &plain, body);
	free(plain.at);
	return load | 1u << 31;
}

void code_jumps(const struct spec *spec, struct buf *body)
{
	unsigned int i;

	for (i = 0; i < spec->ddr_count && i < ARRAY_LEN(jump_word); i++) {
		buf_word(body, jump_word[i]);
		buf_word(body, load_address(spec, i) + 16 * i);
	}
}
