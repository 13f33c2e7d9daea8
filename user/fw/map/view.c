// SPDX-License-Identifier: GPL-2.0-only
/* What a key says on the boards that count: flags, numbers or words. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "learn.h"

#define SWITCH_NUMBERS 3 /* a number with more values than these is no switch */
#define CHOICE_BITS    3 /* a larger one does not choose: it is there, or 0 */

static bool contains(const char *text, const char *part)
{
	size_t len = strlen(part);

	for (; *text; text++)
		if (!strncasecmp(text, part, len))
			return true;
	return false;
}

/* Clocks, flash, pins and the bus: a wrong value there is a dead card, so only values that a board
 * was shipped with are taken, and whole. */
static bool is_whole_only(const struct fw_factor *f)
{
	static const char *const part[] = {"flash", "gpio", "pci", "dev_id", "device_id"};

	if (!strcasecmp(f->section, "PLL"))
		return true;
	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++)
		if (contains(f->key, part[i]))
			return true;
	return false;
}

static int find_classes(const struct fw_learning *l, const struct fw_factor *f, struct fw_view *v)
{
	size_t n = l->ev->boards, first[FW_BOARDS];

	v->of = calloc(n ? n : 1, sizeof(*v->of));
	if (!v->of)
		return -1;
	for (size_t i = 0; i < n; i++) {
		unsigned int c = 0;

		if (!set_has(&l->all, i))
			continue;
		while (c < v->classes && !fw_same_said(f->said[first[c]], f->said[i]))
			c++;
		if (c == v->classes)
			first[v->classes++] = i;
		v->class[i] = c;
		set_put(&v->of[c], i);
		if (f->said[i])
			set_put(&v->present, i);
	}
	return 0;
}

static unsigned int width_of(unsigned long number)
{
	return number ? 64 - __builtin_clzl(number) : 0;
}

/* Every value in turn: are all numbers, all flags, all powers of two? */
static void find_kind(const struct fw_learning *l, const struct fw_factor *f, struct fw_view *v)
{
	bool numbers = true, flags = true, powers = true;
	unsigned long any = 0, all = ~0ul;

	for (size_t i = 0; i < l->ev->boards; i++) {
		unsigned long number;

		if (!set_has(&v->present, i))
			continue;
		if (fw_ini_number(f->said[i], &number) || number > UINT32_MAX) {
			numbers = false;
			continue;
		}
		v->number[i] = number;
		if (number)
			set_put(&v->other_than_zero, i);
		any |= number;
		all &= number;
		flags &= number <= 1;
		powers &= number && !(number & (number - 1));
	}
	if (v->classes < 2)
		v->kind = FW_STILL;
	else if (!numbers || any == all)
		v->kind = FW_SAYS_WORD; /* also: stated with one value, or not at all */
	else
		v->kind = flags ? FW_SAYS_FLAG : FW_SAYS_NUMBER;
	v->width = v->kind == FW_SAYS_FLAG ? 1 : width_of(any);
	if (v->kind == FW_SAYS_NUMBER && powers)
		v->log2_width = width_of(width_of(any) - 1);
}

/* Only a failsafe image tells the flash's size: any size may explain what another has. */
static void find_unknown(const struct fw_learning *l, const struct fw_factor *f, struct fw_view *v)
{
	if (f->kind != FW_HIDDEN || strcmp(f->key, fw_hidden_name[FW_HIDDEN_FLASH]))
		return;
	for (size_t i = 0; i < l->ev->boards; i++)
		if (set_has(&v->present, i) && !v->number[i])
			set_put(&v->unknown, i);
}

int fw_view_make(const struct fw_learning *l, size_t factor, struct fw_view *v)
{
	const struct fw_factor *f = &l->ev->factor[factor];

	memset(v, 0, sizeof(*v));
	if (find_classes(l, f, v))
		return -1;
	find_kind(l, f, v);
	find_unknown(l, f, v);
	if (f->kind == FW_HIDDEN && v->kind != FW_STILL)
		v->kind = FW_SAYS_WORD;
	v->switches = v->kind == FW_SAYS_FLAG || v->kind == FW_SAYS_WORD ||
		      (v->kind == FW_SAYS_NUMBER && v->classes <= SWITCH_NUMBERS);
	v->chooses = v->switches && !(v->kind == FW_SAYS_NUMBER && v->width > CHOICE_BITS);
	v->whole = f->kind == FW_KEY && is_whole_only(f);
	return 0;
}

void fw_view_free(struct fw_view *v)
{
	free(v->of);
}

int fw_view_class(const struct fw_learning *l, size_t factor, const char *said)
{
	const struct fw_view *v = &l->view[factor];

	for (unsigned int c = 0; c < v->classes; c++)
		for (size_t i = 0; i < l->ev->boards; i++)
			if (set_has(&v->of[c], i)) {
				if (fw_same_said(l->ev->factor[factor].said[i], said))
					return c;
				break;
			}
	return -1;
}

struct fw_set fw_view_bit(const struct fw_learning *l, size_t factor, unsigned int j)
{
	const struct fw_view *v = &l->view[factor];
	struct fw_set s = {{0}};

	for (size_t i = 0; i < l->ev->boards; i++)
		if (set_has(&v->present, i) && v->number[i] >> j & 1)
			set_put(&s, i);
	return s;
}
