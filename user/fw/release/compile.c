// SPDX-License-Identifier: GPL-2.0-only
/* A key's new value goes into bits of configuration words and fields of Image Info. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fw/image/info.h"
#include "fw/words.h"
#include "release_model.h"

#define PRS_MAX 100 /* fs2-image 11 */

/* Fields of Image Info by target (fs2-image 11, mlx-ini 3d). */
static const struct field {
	uint8_t tag;
	uint8_t offset, size; /* of a number: byte in the record, bits from bit 0 */
} fields[] = {
	[FW_TARGET_PSID] = {FW_TAG_PSID, 0, 0},
	[FW_TARGET_VSD] = {FW_TAG_VSD, 0, 0},
	[FW_TARGET_PRS] = {FW_TAG_PRS, 0, 0},
	[FW_TARGET_DEVICE] = {FW_TAG_DEVICE, 0, 16},
	[FW_TARGET_NV_SECTORS] = {FW_TAG_NV_CONFIG, 0, 32},
	[FW_TARGET_SECTOR_LOG2K] = {FW_TAG_NV_CONFIG, 8, 32},
};

/* Some bits of a word. */
struct place {
	uint8_t *word;
	unsigned int bit, size;
	char name[96]; /* "scratchpad.x (0x1f99c.17 size 1)" */
};

static uint32_t place_get(const struct place *p)
{
	return (fw_get32(p->word) & fw_field_mask(p->bit, p->size)) >> p->bit;
}

static void place_put(const struct place *p, uint32_t value)
{
	uint32_t field = fw_field_mask(p->bit, p->size);

	fw_put32(p->word, (fw_get32(p->word) & ~field) | (value << p->bit & field));
}

uint8_t *fw_find_record(const struct fw_part *info, unsigned int tag, uint32_t *len)
{
	size_t at = 0;

	while (info->len - at >= 4) {
		uint32_t word = fw_get32(info->bytes + at);

		*len = word & 0xffffff;
		if (*len > info->len - at - 4 || word >> 24 == FW_TAG_END)
			break;
		if (word >> 24 == tag)
			return info->bytes + at + 4;
		at += 4 + *len;
	}
	return NULL;
}

static bool info_place(const struct fw_release *rel, const struct fw_part *part,
		       enum fw_target target, struct place *p)
{
	const struct field *f = &fields[target];
	uint8_t *record;
	uint32_t len;

	if (rel->info == FW_NO_PART)
		return false;
	record = fw_find_record(&part[rel->info], f->tag, &len);
	if (!record || len < f->offset + 4u)
		return false;
	p->word = record + f->offset;
	p->bit = 0;
	p->size = f->size;
	snprintf(p->name, sizeof(p->name), "Image Info %s", fw_target_name(target));
	return true;
}

/* The next place of a binding in @part, from *@i on; false after the last. */
static bool next_place(const struct fw_release *rel, const struct fw_part *part,
		       const struct fw_bind *b, size_t *i, struct place *p)
{
	if (b->target != FW_TARGET_WORD)
		return !(*i)++ && info_place(rel, part, b->target, p);
	while (*i < rel->parameters) {
		const struct fw_param *param = &rel->parameter[(*i)++];
		uint8_t *word = part[param->part].bytes + param->offset;

		if (strcmp(param->path, b->path))
			continue;
		p->word = word + 4;
		p->bit = param->bit;
		p->size = param->size;
		snprintf(p->name, sizeof(p->name), "%.60s (0x%x.%u size %u)", param->path,
			 fw_get32(word), param->bit, param->size);
		return true;
	}
	return false;
}

static int read_value(const struct fw_key *key, const struct fw_bind *b, const char *text,
		      unsigned long *value, struct cx_err *err)
{
	if (fw_ini_number(text, value) || (b->transform == FW_AS_BOOL && *value > 1))
		return cx_fail(err, CX_INVALID, "%s.%s = %s: not a %s", key->section, key->name,
			       text,
			       b->transform == FW_AS_BOOL ? "true, false, 0 or 1"
							  : "number, decimal or 0x hex");
	return 0;
}

/* The release was compiled without the key: its bits must be what that is known to give. */
static int check_absent(const struct fw_job *job, const struct fw_key *key, const struct fw_bind *b,
			const struct place *p, struct cx_err *err)
{
	if (!b->absent_known)
		return fw_job_refuse(
			job, err,
			"%s.%s is new, and what %s holds in a release that was "
			"compiled without it is not known; a --map FILE can tell (cell "
			"'absent')",
			key->section, key->name, p->name);
	if (b->absent != place_get(p))
		return fw_job_refuse(job, err,
				     "%s.%s is new, and a release that was compiled without it has "
				     "0x%x in %s; this one has 0x%x: that is not where it compiles "
				     "the key",
				     key->section, key->name, b->absent, p->name, place_get(p));
	return 0;
}

/* May the number go to this place? 0 yes, 1 no but noted, -1 no. */
static int check_place(const struct fw_job *job, const struct fw_key *key, const struct fw_bind *b,
		       const struct place *p, unsigned long value, struct cx_err *err)
{
	unsigned long max = fw_field_mask(0, p->size), before;
	struct cx_err why;

	if (value > max)
		return cx_fail(err, CX_INVALID,
			       "%s.%s = 0x%lx does not fit the %u bits of %s: at most 0x%lx",
			       key->section, key->name, value, p->size, p->name, max);
	if (!key->value)
		return check_absent(job, key, b, p, err);
	if (read_value(key, b, key->value, &before, &why))
		return fw_job_refuse(job, err, "%s was compiled from something else: %s", p->name,
				     why.text);
	if (before != place_get(p))
		return fw_job_refuse(job, err,
				     "%s.%s: the release's ini says %s, but %s holds 0x%x: that is "
				     "not where this release compiles it",
				     key->section, key->name, key->value, p->name, place_get(p));
	return 0;
}

/* Judged on the release's own bits: a key that shares them may have changed the job's already. */
static int check_number(const struct fw_job *job, const struct fw_key *key, const struct fw_bind *b,
			const char *text, struct cx_err *err)
{
	unsigned long value;
	struct place p;
	size_t i = 0;
	int rc = 0;

	if (read_value(key, b, text, &value, err))
		return -1;
	while (!rc && next_place(job->rel, job->rel->part, b, &i, &p))
		rc = check_place(job, key, b, &p, value, err);
	if (rc)
		return rc;
	i = 0;
	if (next_place(job->rel, job->rel->part, b, &i, &p))
		return 0;
	if (b->target == FW_TARGET_WORD)
		return fw_job_refuse(job, err,
				     "%s.%s: its parameter %s is in no configuration word of this "
				     "release",
				     key->section, key->name, b->path);
	return fw_job_refuse(job, err, "%s.%s: Image Info of this release has no %s field",
			     key->section, key->name, fw_target_name(b->target));
}

static int check_text(const struct fw_job *job, const struct fw_key *key, const struct fw_bind *b,
		      const char *text, struct cx_err *err)
{
	const uint8_t *record = NULL;
	uint32_t len = 0, room;
	size_t used;

	if (job->rel->info != FW_NO_PART)
		record = fw_find_record(&job->rel->part[job->rel->info], fields[b->target].tag,
					&len);
	if (!record)
		return fw_job_refuse(job, err, "%s.%s: Image Info of this release has no %s field",
				     key->section, key->name, fw_target_name(b->target));
	room = b->target == FW_TARGET_PRS ? PRS_MAX : len;
	if (strlen(text) > room)
		return cx_fail(err, CX_INVALID, "%s.%s = %s: longer than the %u bytes of %s",
			       key->section, key->name, text, room, fw_target_name(b->target));
	if (!key->value)
		return fw_job_refuse(job, err,
				     "%s.%s is new, and nothing proves that this release takes its "
				     "Image Info %s from it",
				     key->section, key->name, fw_target_name(b->target));
	used = strnlen((const char *)record, len);
	if (strlen(key->value) != used || memcmp(key->value, record, used))
		return fw_job_refuse(job, err,
				     "%s.%s: the release's ini says %s, its Image Info %s is "
				     "'%.*s': one of them was changed without the other",
				     key->section, key->name, key->value, fw_target_name(b->target),
				     (int)used, (const char *)record);
	return 0;
}

static int put_number(const struct fw_job *job, const struct fw_key *key, const struct fw_bind *b,
		      const char *text, struct cx_err *err)
{
	static const char *const doubt[] = {
		[FW_VERIFIED] = "",
		[FW_SEEN] = "; the place is from one public report, not proved on an image",
		[FW_CLAIMED] = "; the place is claimed by ",
	};
	unsigned long value;
	struct place p;
	size_t i = 0;

	if (read_value(key, b, text, &value, err))
		return -1;
	while (next_place(job->rel, job->part, b, &i, &p)) {
		fw_job_note(job, "%s.%s = %s: %s becomes 0x%lx, it was 0x%x%s%s", key->section,
			    key->name, text, p.name, value, place_get(&p), doubt[b->confidence],
			    b->by ? b->by : "");
		place_put(&p, value);
	}
	return 0;
}

/* Make the record @len bytes longer; what follows moves up. */
static uint8_t *grow_record(struct fw_part *info, uint8_t *record, uint32_t old, uint32_t len)
{
	size_t at = record - info->bytes;
	uint8_t *bytes = realloc(info->bytes, info->len + len - old);

	if (!bytes)
		return NULL;
	info->bytes = bytes;
	memmove(bytes + at + len, bytes + at + old, info->len - at - old);
	info->len += len - old;
	info->size_word = info->len / 4;
	fw_put32(bytes + at - 4, (fw_get32(bytes + at - 4) & 0xff000000) | len);
	return bytes + at;
}

static int put_text(const struct fw_job *job, const struct fw_key *key, const struct fw_bind *b,
		    const char *text, struct cx_err *err)
{
	struct fw_part *info = &job->part[job->rel->info];
	uint32_t len, want = strlen(text);
	uint8_t *record = fw_find_record(info, fields[b->target].tag, &len);

	fw_job_note(job, "%s.%s = %s: Image Info %s follows, the release's ini has %s",
		    key->section, key->name, text, fw_target_name(b->target),
		    key->value ? key->value : "none");
	if (want > len) {
		uint32_t longer = (want + 3) & ~3u;

		record = grow_record(info, record, len, longer);
		if (!record)
			return cx_fail(err, CX_FAILED, "out of memory for Image Info");
		len = longer;
	}
	memset(record, 0, len);
	memcpy(record, text, want);
	return 0;
}

int fw_compile_key(const struct fw_job *job, const struct fw_key *key, const char *value,
		   struct cx_err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < key->binds; i++) {
		const struct fw_bind *b = &key->bind[i];

		rc = fw_target_is_text(b->target) ? check_text(job, key, b, value, err)
						  : check_number(job, key, b, value, err);
	}
	if (rc)
		return rc < 0 ? -1 : 0;
	for (size_t i = 0; !rc && i < key->binds; i++) {
		const struct fw_bind *b = &key->bind[i];

		rc = fw_target_is_text(b->target) ? put_text(job, key, b, value, err)
						  : put_number(job, key, b, value, err);
	}
	return rc;
}

static int check_agreement(const struct fw_job *job, const struct fw_key *key,
			   const struct fw_bind *b, const char *text, struct cx_err *err)
{
	struct place was, is;
	size_t i = 0, k = 0;
	unsigned long value;

	while (next_place(job->rel, job->rel->part, b, &i, &was) &&
	       next_place(job->rel, job->part, b, &k, &is)) {
		if (place_get(&was) == place_get(&is))
			continue;
		if (!fw_ini_number(text, &value) && value == place_get(&is))
			continue;
		return cx_fail(err, CX_REFUSED,
			       "%s.%s = %s contradicts another key of this ini: both are compiled "
			       "into %s, which would become 0x%x; give both the same value",
			       key->section, key->name, text, is.name, place_get(&is));
	}
	return 0;
}

static int check_text_agreement(const struct fw_job *job, const struct fw_key *key,
				const struct fw_bind *b, const char *text, struct cx_err *err)
{
	uint32_t was_len = 0, is_len = 0;
	const char *was, *is;

	if (job->rel->info == FW_NO_PART)
		return 0;
	was = (char *)fw_find_record(&job->rel->part[job->rel->info], fields[b->target].tag,
				     &was_len);
	is = (char *)fw_find_record(&job->part[job->rel->info], fields[b->target].tag, &is_len);
	if (!was || !is || (was_len == is_len && !memcmp(was, is, is_len)))
		return 0;
	if (strnlen(is, is_len) == strlen(text) && !memcmp(is, text, strlen(text)))
		return 0;
	return cx_fail(
		err, CX_REFUSED,
		"%s.%s = %s contradicts another key of this ini: both are compiled into Image "
		"Info %s, which would become '%.*s'; give both the same value",
		key->section, key->name, text, fw_target_name(b->target), (int)is_len, is);
}

static int check_key(const struct fw_job *job, const struct fw_key *key, const char *text,
		     struct cx_err *err)
{
	for (size_t i = 0; i < key->binds; i++) {
		const struct fw_bind *b = &key->bind[i];

		if (fw_target_is_text(b->target) ? check_text_agreement(job, key, b, text, err)
						 : check_agreement(job, key, b, text, err))
			return -1;
	}
	return 0;
}

int fw_compile_agree(const struct fw_job *job, struct cx_err *err)
{
	for (size_t n = 0; n < job->rel->keys; n++) {
		const struct fw_key *k = &job->rel->key[n];
		const char *text = fw_ini_get(job->ini, k->section, k->name);

		if (text && check_key(job, k, text, err))
			return -1;
	}
	return 0;
}
