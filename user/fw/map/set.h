/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets of boards. */
#ifndef CXFLASH_FW_MAP_SET_H
#define CXFLASH_FW_MAP_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FW_BOARDS 256 /* images of one release; the largest kit seen has 27 inis */

struct fw_set {
	uint64_t w[FW_BOARDS / 64];
};

static inline void set_put(struct fw_set *s, size_t i)
{
	s->w[i / 64] |= 1ull << (i % 64);
}

static inline void set_drop(struct fw_set *s, size_t i)
{
	s->w[i / 64] &= ~(1ull << (i % 64));
}

static inline bool set_has(const struct fw_set *s, size_t i)
{
	return s->w[i / 64] >> (i % 64) & 1;
}

static inline struct fw_set set_and(const struct fw_set *a, const struct fw_set *b)
{
	struct fw_set r;

	for (size_t i = 0; i < FW_BOARDS / 64; i++)
		r.w[i] = a->w[i] & b->w[i];
	return r;
}

static inline struct fw_set set_less(const struct fw_set *a, const struct fw_set *b)
{
	struct fw_set r;

	for (size_t i = 0; i < FW_BOARDS / 64; i++)
		r.w[i] = a->w[i] & ~b->w[i];
	return r;
}

static inline struct fw_set set_xor(const struct fw_set *a, const struct fw_set *b)
{
	struct fw_set r;

	for (size_t i = 0; i < FW_BOARDS / 64; i++)
		r.w[i] = a->w[i] ^ b->w[i];
	return r;
}

static inline bool set_empty(const struct fw_set *s)
{
	uint64_t any = 0;

	for (size_t i = 0; i < FW_BOARDS / 64; i++)
		any |= s->w[i];
	return !any;
}

static inline bool set_same(const struct fw_set *a, const struct fw_set *b)
{
	uint64_t any = 0;

	for (size_t i = 0; i < FW_BOARDS / 64; i++)
		any |= a->w[i] ^ b->w[i];
	return !any;
}

static inline unsigned int set_count(const struct fw_set *s)
{
	unsigned int n = 0;

	for (size_t i = 0; i < FW_BOARDS / 64; i++)
		n += __builtin_popcountll(s->w[i]);
	return n;
}

/* Are all of @part in, or all outside, @s? */
static inline bool set_keeps(const struct fw_set *s, const struct fw_set *part)
{
	struct fw_set in = set_and(part, s), out = set_less(part, s);

	return set_empty(&in) || set_empty(&out);
}

/* Is @s, or what it leaves of @use, one of the columns? */
static inline bool set_among(const struct fw_set *column, size_t columns, const struct fw_set *s,
			     const struct fw_set *use)
{
	struct fw_set other = set_less(use, s);

	for (size_t i = 0; i < columns; i++)
		if (set_same(&column[i], s) || set_same(&column[i], &other))
			return true;
	return false;
}

#endif
