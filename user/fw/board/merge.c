// SPDX-License-Identifier: GPL-2.0-only
/* What a vendor changed of a stock board's ini, carried into the ini of a newer release. */
#include "merge.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct merge {
	const struct fw_ini *base, *oem;
	struct fw_ini *new;
	fw_merge_fn fn;
	void *ctx;
	/* Nothing is written before all is decided: the entries are of the text as it was. */
	struct decided {
		const char *section, *key, *value; /* NULL: the line goes */
	} * todo;
	size_t count;
	struct fw_merged *merged;
};

static struct fw_merge_value look(const struct fw_ini *ini, const char *section, const char *key)
{
	for (size_t i = ini->entries; i-- > 0;) {
		const struct fw_ini_entry *e = &ini->entry[i];

		if (!strcmp(e->section, section) && !strcasecmp(e->key, key))
			return (struct fw_merge_value){e->value, e->line};
	}
	return (struct fw_merge_value){NULL, 0};
}

static bool same(const char *a, const char *b)
{
	unsigned long x, y;

	if (!a || !b)
		return a == b;
	return !strcmp(a, b) || (!fw_ini_number(a, &x) && !fw_ini_number(b, &y) && x == y);
}

/* A key that is stated twice was looked at where it stands last. */
static bool looked_at(const struct fw_ini *ini, size_t i)
{
	const struct fw_ini_entry *e = &ini->entry[i];

	return look(ini, e->section, e->key).line != e->line;
}

static void merge_key(struct merge *m, const char *section, const char *key)
{
	struct fw_merge_key k = {
		.section = section,
		.key = key,
		.base = look(m->base, section, key),
		.oem = look(m->oem, section, key),
		.new = look(m->new, section, key),
	};
	enum fw_merge_take take;

	if (same(k.oem.value, k.base.value) || same(k.oem.value, k.new.value))
		return;
	k.conflict = !same(k.new.value, k.base.value);
	k.gone = k.conflict && !k.new.value;
	take = m->fn(&k, m->ctx);
	if (k.conflict) {
		m->merged->conflicts++;
		m->merged->undecided += take == FW_MERGE_NONE;
		if (take != FW_MERGE_OEM)
			return;
	}
	m->merged->carried++;
	m->todo[m->count++] = (struct decided){section, key, k.oem.value};
}

/* What the vendor changed or added, then what the vendor took out. */
static void decide(struct merge *m)
{
	for (size_t i = 0; i < m->oem->entries; i++)
		if (!looked_at(m->oem, i))
			merge_key(m, m->oem->entry[i].section, m->oem->entry[i].key);
	for (size_t i = 0; i < m->base->entries; i++) {
		const struct fw_ini_entry *e = &m->base->entry[i];

		if (!looked_at(m->base, i) && !look(m->oem, e->section, e->key).value)
			merge_key(m, e->section, e->key);
	}
}

static bool is_psid(const struct decided *d)
{
	return !strcasecmp(d->key, "psid") &&
	       (!strcmp(d->section, "PSID") || !strcmp(d->section, "ADAPTER") ||
		!strcmp(d->section, "image_info"));
}

static int apply(const struct decided *d, struct fw_ini *ini, struct cx_err *err)
{
	if (!d->value)
		return fw_ini_remove(ini, d->section, d->key, err);
	/* All its places at once: in between, the text would contradict itself. */
	if (is_psid(d))
		return fw_ini_rebrand(ini, d->value, NULL, err);
	return fw_ini_set(ini, d->section, d->key, d->value, err);
}

static int carry_out(const struct merge *m, struct cx_err *err)
{
	struct fw_ini merged;

	if (m->merged->undecided)
		return cx_fail(err, CX_REFUSED,
			       "%zu key%s changed both by the vendor and by the new release",
			       m->merged->undecided, m->merged->undecided == 1 ? " was" : "s were");
	if (fw_ini_parse(m->new->text, m->new->len, &merged, err))
		return -1;
	for (size_t i = 0; i < m->count; i++)
		if (apply(&m->todo[i], &merged, err)) {
			fw_ini_free(&merged);
			return -1;
		}
	merged.was = m->new->was;
	fw_ini_free(m->new);
	*m->new = merged;
	return 0;
}

int fw_ini_merge(const struct fw_ini *base, const struct fw_ini *oem, struct fw_ini *new,
		 fw_merge_fn fn, void *ctx, struct fw_merged *merged, struct cx_err *err)
{
	struct merge m = {
		.base = base, .oem = oem, .new = new, .fn = fn, .ctx = ctx, .merged = merged};
	int ret;

	*merged = (struct fw_merged){0};
	m.todo = calloc(base->entries + oem->entries + 1, sizeof(*m.todo));
	if (!m.todo)
		return cx_fail(err, CX_FAILED, "out of memory");
	decide(&m);
	ret = carry_out(&m, err);
	free(m.todo);
	return ret;
}
