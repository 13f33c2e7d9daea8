// SPDX-License-Identifier: GPL-2.0-only
/* A release and an ini become an image. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fw/image/edit.h"
#include "fw/image/verify.h"
#include "release_model.h"

/* Shown to people, obeyed by nothing. */
static bool is_free_text(const char *section, const char *name)
{
	return !strcmp(section, "PS_INFO") &&
	       (!strcasecmp(name, "Name") || !strcasecmp(name, "Description"));
}

static bool is_text_key(const struct fw_key *key)
{
	for (size_t i = 0; i < key->binds; i++)
		if (fw_target_is_text(key->bind[i].target))
			return true;
	return false;
}

static bool same_value(const struct fw_key *key, const char *value)
{
	unsigned long a, b;

	if (!key->value || !value)
		return !key->value && !value;
	if (!strcmp(key->value, value))
		return true;
	return !is_text_key(key) && !fw_ini_number(key->value, &a) && !fw_ini_number(value, &b) &&
	       a == b;
}

static int compile_changed(const struct fw_job *job, const struct fw_key *key, const char *value,
			   struct cx_err *err)
{
	int rc;

	if (is_free_text(key->section, key->name))
		return 0;
	if (job->rel->compiler && job->rel->compiler->knows_release && key->binds &&
	    !is_text_key(key))
		return fw_job_refuse(
			       job, err,
			       "%s.%s = %s, the release has %s, and the map was learnt from this "
			       "very release, of which no two boards differ in it",
			       key->section, key->name, value ? value : "(not stated)",
			       key->value ? key->value : "(not stated)") < 0
			       ? -1
			       : 0;
	if (!value)
		rc = fw_job_refuse(job, err,
				   "%s.%s = %s of the release's ini is missing here, and what the "
				   "firmware does without it is not known; keep it in the ini",
				   key->section, key->name, key->value);
	else if (key->binds)
		return fw_compile_key(job, key, value, err);
	else
		rc = fw_job_refuse(job, err,
				   "%s.%s = %s, the release has %s, and %s; a --map FILE can "
				   "name its place",
				   key->section, key->name, value, key->value,
				   key->why ? key->why : "where it compiles this key is not known");
	return rc < 0 ? -1 : 0;
}

static bool is_learnt(const struct fw_job *job, const char *section, const char *key)
{
	const struct fw_compiler *c = job->rel->compiler;

	return c && c->has(c, section, key);
}

static int compile_keys(struct fw_job *job, struct cx_err *err)
{
	const struct fw_release *rel = job->rel;

	if (rel->compiler && rel->compiler->compile(rel->compiler, job, err) < 0)
		return -1;
	for (size_t i = 0; i < rel->keys; i++) {
		const struct fw_key *k = &rel->key[i];
		const char *value = fw_ini_get(job->ini, k->section, k->name);

		if (!same_value(k, value) && !is_learnt(job, k->section, k->name) &&
		    compile_changed(job, k, value, err))
			return -1;
	}
	for (size_t i = 0; i < job->ini->entries; i++) {
		const struct fw_ini_entry *e = &job->ini->entry[i];

		if (is_free_text(e->section, e->key) || is_learnt(job, e->section, e->key) ||
		    fw_release_key(rel, e->section, e->key))
			continue;
		if (fw_job_refuse(
			    job, err,
			    "line %u: %s.%s = %s is new, the release was compiled without it, "
			    "and nothing proves where it would go; a --map FILE can name its place",
			    e->line, e->section, e->key, e->value) < 0)
			return -1;
	}
	return fw_compile_agree(job, err);
}

/* Is this the very ini the release was compiled with? NUL bytes behind its text are padding. */
static int is_own_ini(const struct fw_job *job, bool *own, struct cx_err *err)
{
	char *text;
	size_t len;

	*own = false;
	if (!job->rel->part[job->rel->ini].len)
		return 0; /* a .mlx by hand may leave it out */
	if (fw_release_text(job->rel, &text, &len, err))
		return -1;
	while (len && !text[len - 1])
		len--;
	*own = len == job->ini->len && !memcmp(text, job->ini->text, len);
	free(text);
	return 0;
}

static int follow_ini(struct fw_job *job, struct cx_err *err)
{
	struct fw_part *p = &job->part[job->rel->ini];
	uint8_t *body;
	size_t len;
	bool own;

	if (is_own_ini(job, &own, err))
		return -1;
	if (own)
		return 0;
	if (job->ini->doubt)
		return cx_fail(err, CX_INVALID, "%s", job->ini->doubt);
	if (compile_keys(job, err) ||
	    fw_pack_ini(job->ini->text, job->ini->len, job->rel->ini_level, &body, &len, err))
		return -1;
	free(p->bytes);
	p->bytes = body;
	p->len = len;
	p->size_word = len / 4;
	return 0;
}

static void free_parts(struct fw_part *part, size_t parts)
{
	for (size_t i = 0; part && i < parts; i++)
		free(part[i].bytes);
	free(part);
}

static struct fw_part *copy_parts(const struct fw_release *rel)
{
	struct fw_part *part = calloc(rel->parts + 1, sizeof(*part));

	for (size_t i = 0; part && i < rel->parts; i++) {
		part[i] = rel->part[i];
		part[i].bytes = malloc(part[i].len + 1);
		if (!part[i].bytes) {
			free_parts(part, i);
			return NULL;
		}
		if (part[i].len)
			memcpy(part[i].bytes, rel->part[i].bytes, part[i].len);
	}
	return part;
}

/* What verification has to say of the image. */
struct unsound {
	struct fw_job *job;
	struct fw_finding first;
};

static bool is_strict(const struct fw_job *job)
{
	return job->opt && job->opt->strict;
}

static void note_bad(const struct fw_finding *f, void *ctx)
{
	struct unsound *u = ctx;

	if (f->grade != FW_BAD)
		return;
	if (!u->first.name)
		u->first = *f;
	if (!is_strict(u->job))
		fw_job_note(u->job, "the image will not pass verification: %s at 0x%x: %s", f->name,
			    f->addr, f->text);
}

/* Not always an error: an image that was like this before comes out the same. */
static int judge(struct fw_job *job, const struct fw_image *img, struct cx_err *err)
{
	struct unsound u = {.job = job};

	if (!fw_verify(img, FW_CHIP_UNKNOWN, 0, note_bad, &u) || !is_strict(job))
		return 0;
	return cx_fail(err, CX_INVALID, "the assembled image does not verify: %s at 0x%x: %s",
		       u.first.name, u.first.addr, u.first.text);
}

/* What was laid out must be an image, sound, and of the chip that the release says it is for. */
static int finish(struct fw_job *job, struct fw_image *img, struct cx_err *err)
{
	struct fw_release shaped = *job->rel;
	enum fw_chip chip;
	uint8_t *bytes;
	size_t size;
	int rc;

	memcpy(shaped.boot, job->boot, sizeof(shaped.boot));
	if (fw_assemble(&shaped, job->part, &bytes, &size, err))
		return -1;
	rc = fw_image_parse(bytes, size, img, err);
	free(bytes);
	if (rc)
		return cx_fail_in(err, "the release makes no image");
	chip = fw_image_chip(img, NULL);
	if (fw_image_sound(img, err)) {
		rc = cx_fail_in(err, "the release makes no image");
	} else if (chip != FW_CHIP_UNKNOWN && strcmp(fw_chip_part(chip), job->rel->chip)) {
		rc = cx_fail(err, CX_INVALID,
			     "the release says it is for chip %s, its Image Info names %s",
			     job->rel->chip, fw_chip_part(chip));
	} else {
		rc = judge(job, img, err);
	}
	if (!rc)
		return 0;
	fw_image_free(img);
	return rc;
}

int fw_build(const struct fw_release *rel, const struct fw_ini *ini,
	     const struct fw_build_options *opt, struct fw_image *img, struct cx_err *err)
{
	struct fw_job job = {.rel = rel, .ini = ini, .opt = opt};
	int rc = -1;

	if (ini && rel->ini == FW_NO_PART)
		return cx_fail(err, CX_REFUSED,
			       "this release carries no ini (no FW Configuration section), so none "
			       "can be compiled into it");
	if (!ini && rel->ini != FW_NO_PART)
		return cx_fail(err, CX_REFUSED, "this release needs the ini of a board");
	memcpy(job.boot, rel->boot, sizeof(job.boot));
	job.part = copy_parts(rel);
	if (!job.part)
		return cx_fail(err, CX_FAILED, "out of memory for the image");
	if (!ini || !follow_ini(&job, err))
		rc = finish(&job, img, err);
	free_parts(job.part, rel->parts);
	return rc;
}
