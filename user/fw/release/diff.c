// SPDX-License-Identifier: GPL-2.0-only
/* What two images differ in. */
#include "diff.h"

#include <string.h>

#include "fw/words.h"

size_t fw_diff_headers(const struct fw_image *a, const struct fw_image *b, fw_header_diff_fn fn,
		       void *ctx)
{
	/* fs2-image 3 */
	static const char *const name[] = {
		[4] = "boot word 0",	[5] = "boot word 1",	  [6] = "boot word 2",
		[7] = "boot word 3",	[8] = "revision and CRC", [9] = "format",
		[10] = "failsafe word", [11] = "info pointer",	  [12] = "size",
		[13] = "GUID pointer",
	};
	size_t count = 0;

	for (uint32_t addr = 0x10; addr < FW_HEADER_SIZE; addr += 4) {
		uint32_t x = fw_get32(a->bytes + addr), y = fw_get32(b->bytes + addr);

		if (x == y)
			continue;
		fn(name[addr / 4], addr, x, y, ctx);
		count++;
	}
	return count;
}

/* The section of @other that @index of @img corresponds to, or NULL. */
static const struct fw_section *counterpart(const struct fw_image *img, size_t index,
					    const struct fw_image *other)
{
	const struct fw_section *s = &img->section[index];
	size_t before = 0;

	for (size_t i = 0; i < index; i++)
		before += img->section[i].type == s->type && img->section[i].param == s->param;
	for (size_t i = 0; i < other->sections; i++) {
		const struct fw_section *o = &other->section[i];

		if (o->type == s->type && o->param == s->param && !before--)
			return o;
	}
	return NULL;
}

static bool compare(const struct fw_image *a, const struct fw_section *x, const struct fw_image *b,
		    const struct fw_section *y, uint32_t *bytes, uint32_t *first)
{
	uint32_t both = x->size < y->size ? x->size : y->size;
	uint32_t longest = x->size > y->size ? x->size : y->size;

	*bytes = longest - both;
	*first = both;
	for (uint32_t i = both; i-- > 0;) {
		if (a->bytes[x->data + i] == b->bytes[y->data + i])
			continue;
		++*bytes;
		*first = i;
	}
	/* The CRC covers the pointer to the next section too, so it moves with the layout. */
	return !*bytes && (x->crc == x->crc_want) == (y->crc == y->crc_want);
}

size_t fw_diff_sections(const struct fw_image *a, const struct fw_image *b, fw_section_diff_fn fn,
			void *ctx)
{
	size_t count = 0;

	for (size_t i = 0; i < a->sections; i++) {
		const struct fw_section *x = &a->section[i], *y = counterpart(a, i, b);
		uint32_t bytes = x->size, first = 0;

		if (y && compare(a, x, b, y, &bytes, &first))
			continue;
		fn(x, y, bytes, first, ctx);
		count++;
	}
	for (size_t i = 0; i < b->sections; i++) {
		if (counterpart(b, i, a))
			continue;
		fn(NULL, &b->section[i], b->section[i].size, 0, ctx);
		count++;
	}
	return count;
}

/* Of a key stated twice, is this the one that counts? */
static bool counts(const struct fw_ini *ini, const struct fw_ini_entry *e)
{
	return fw_ini_get(ini, e->section, e->key) == e->value;
}

size_t fw_diff_inis(const struct fw_ini *a, const struct fw_ini *b, fw_key_diff_fn fn, void *ctx)
{
	size_t count = 0;

	for (size_t i = 0; i < a->entries; i++) {
		const struct fw_ini_entry *e = &a->entry[i];
		const char *other = fw_ini_get(b, e->section, e->key);

		if (!counts(a, e) || (other && !strcmp(other, e->value)))
			continue;
		fn(e->section, e->key, e->value, other, ctx);
		count++;
	}
	for (size_t i = 0; i < b->entries; i++) {
		const struct fw_ini_entry *e = &b->entry[i];

		if (!counts(b, e) || fw_ini_get(a, e->section, e->key))
			continue;
		fn(e->section, e->key, NULL, e->value, ctx);
		count++;
	}
	return count;
}

static bool same_value(const struct fw_field *a, const struct fw_field *b)
{
	if (a->text && b->text)
		return !strcmp(a->text, b->text);
	return a->value == b->value;
}

size_t fw_diff_configs(const struct fw_config *a, const struct fw_config *b, fw_field_diff_fn fn,
		       void *ctx)
{
	size_t i = 0, k = 0, count = 0;

	while (i < a->fields || k < b->fields) {
		const struct fw_field *x = i < a->fields ? &a->field[i] : NULL;
		const struct fw_field *y = k < b->fields ? &b->field[k] : NULL;
		int order = !x ? 1 : !y ? -1 : fw_field_order(x, y);

		i += order <= 0;
		k += order >= 0;
		if (!order && same_value(x, y))
			continue;
		fn(order <= 0 ? x : NULL, order >= 0 ? y : NULL, ctx);
		count++;
	}
	return count;
}
