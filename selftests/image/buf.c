// SPDX-License-Identifier: GPL-2.0-only
/* Bytes, words, checksums and repeatable numbers. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "image.h"

void die(const char *fmt, ...)
{
	va_list args;

	fputs("mkimage: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static void buf_grow(struct buf *b, size_t more)
{
	if (b->len + more <= b->room)
		return;
	b->room = (b->len + more) * 2;
	b->at = realloc(b->at, b->room);
	if (!b->at)
		die("out of memory");
}

void buf_put(struct buf *b, const void *bytes, size_t len)
{
	if (!len)
		return;
	buf_grow(b, len);
	memcpy(b->at + b->len, bytes, len);
	b->len += len;
}

void buf_fill(struct buf *b, uint8_t byte, size_t len)
{
	if (!len)
		return;
	buf_grow(b, len);
	memset(b->at + b->len, byte, len);
	b->len += len;
}

void buf_word(struct buf *b, uint32_t word)
{
	uint8_t bytes[4];

	set_word(bytes, word);
	buf_put(b, bytes, sizeof(bytes));
}

void buf_text(struct buf *b, const char *fmt, ...)
{
	char line[512];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	if (len < 0 || (size_t)len >= sizeof(line))
		die("a line of text is too long");
	buf_put(b, line, len);
}

struct buf buf_read(const char *path)
{
	struct buf b = {0};
	uint8_t block[65536];
	size_t got;
	FILE *f;

	f = fopen(path, "rb");
	if (!f)
		die("%s: %s", path, strerror(errno));
	while ((got = fread(block, 1, sizeof(block), f)) > 0)
		buf_put(&b, block, got);
	if (ferror(f))
		die("%s: read error", path);
	fclose(f);
	return b;
}

void buf_write(const struct buf *b, const char *path)
{
	FILE *f;

	f = fopen(path, "wb");
	if (!f)
		die("%s: %s", path, strerror(errno));
	if ((b->len && fwrite(b->at, 1, b->len, f) != b->len) || fclose(f))
		die("%s: write error: %s", path, strerror(errno));
}

uint32_t get_word(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

void set_word(uint8_t *at, uint32_t word)
{
	at[0] = word >> 24;
	at[1] = word >> 16;
	at[2] = word >> 8;
	at[3] = word;
}

/* The purpose keeps streams apart: another ini must not change the code of the same seed. */
struct rng rng_seed(uint64_t seed, const char *purpose)
{
	struct rng r = {.state = seed * 0x9e3779b97f4a7c15u + 0x1234567};

	for (; *purpose; purpose++)
		r.state = (r.state ^ (uint8_t)*purpose) * 0x100000001b3u;
	return r;
}

/* splitmix64 */
uint32_t rng_word(struct rng *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (z ^ (z >> 31)) >> 32;
}

uint32_t rng_below(struct rng *r, uint32_t bound)
{
	return rng_word(r) % bound;
}

bool rng_chance(struct rng *r, unsigned int percent)
{
	return rng_below(r, 100) < percent;
}

void rng_code(struct rng *r, struct buf *b, size_t len)
{
	uint32_t word[48];
	size_t i, end = b->len + len;

	for (i = 0; i < ARRAY_LEN(word); i++)
		word[i] = rng_word(r);
	while (b->len < end)
		buf_word(b, rng_chance(r, 10) ? rng_word(r) : word[rng_below(r, ARRAY_LEN(word))]);
	b->len = end;
}

/*
 * fs2-image 5: polynomial 0x100b; the register shifts left, the data bit enters at bit 0, most
 * significant bit of every big-endian word (so every byte) first; 16 zero bits at the end;
 * inverted.
 */
uint16_t crc16(const uint8_t *bytes, size_t len)
{
	static const uint8_t tail[2];
	unsigned int reg = 0xffff, bit, out;
	size_t i;

	for (i = 0; i < len + sizeof(tail); i++) {
		uint8_t byte = i < len ? bytes[i] : tail[i - len];

		for (bit = 0; bit < 8; bit++) {
			out = reg & 0x8000;
			reg = (reg << 1 | ((byte >> (7 - bit)) & 1)) & 0xffff;
			if (out)
				reg ^= 0x100b;
		}
	}
	return reg ^ 0xffff;
}

void zip(struct buf *to, const struct buf *from, int level)
{
	uLongf len = compressBound(from->len);
	uint8_t *out = malloc(len);

	if (!out || compress2(out, &len, from->at, from->len, level) != Z_OK)
		die("zlib failed");
	buf_put(to, out, len);
	buf_fill(to, 0, -len & 3); /* zero padded to a dword (fs2-image 14) */
	free(out);
}
