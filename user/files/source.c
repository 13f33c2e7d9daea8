// SPDX-License-Identifier: GPL-2.0-only
/* Files, and files in archives. */
#define _GNU_SOURCE
#include "source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fw/image/misread.h"
#include "fw/image/rom.h"
#include "files.h"

struct request {
	const char *file, *member; /* NULL: what fits */
	enum source_want want;
	const char *psid; /* NULL: no matter */
};

/* Members that fit, by index. */
struct fits {
	size_t *at, count;
};

int source_open(const char *file, uint8_t **bytes, struct fw_container *box, struct cx_err *err)
{
	size_t len;

	if (file_read(file, bytes, &len, err))
		return -1;
	if (!fw_container_open(file, *bytes, len, box, err))
		return 0;
	free(*bytes);
	return cx_fail_in(err, file);
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool has_name(const struct fw_member *m, const struct fw_facts *facts, const char *name)
{
	return !name || !strcmp(facts->psid, name) || !strcmp(last_part(m->path), name);
}

static void find_path(const struct fw_container *box, const char *path, struct fits *fits)
{
	for (size_t i = 0; i < box->members; i++)
		if (!strcmp(box->member[i].path, path))
			fits->at[fits->count++] = i;
}

static void find_kind(const struct fw_container *box, const struct request *r, struct fits *fits)
{
	size_t of_psid = 0, last = 0;

	for (size_t i = 0; i < box->members; i++) {
		const struct fw_member *m = &box->member[i];
		struct fw_facts facts;

		fw_member_facts(m, &facts);
		if (!(r->want >> facts.kind & 1) || !has_name(m, &facts, r->member))
			continue;
		fits->at[fits->count++] = i;
		if (r->psid && !strcmp(facts.psid, r->psid)) {
			of_psid++;
			last = i;
		}
	}
	if (of_psid == 1) {
		fits->at[0] = last;
		fits->count = 1;
	}
}

/* A path is meant whatever it leads to; a PSID or a last part only where the kind fits. */
static void find_fits(const struct fw_container *box, const struct request *r, struct fits *fits)
{
	if (r->member)
		find_path(box, r->member, fits);
	if (!fits->count)
		find_kind(box, r, fits);
}

static const char *want_name(enum source_want want)
{
	switch (want) {
	case SOURCE_IMAGE:
		return "firmware image";
	case SOURCE_RELEASE:
		return "firmware image or .mlx";
	case SOURCE_INI:
		return ".ini";
	case SOURCE_ROM:
		return ".mrom or .rom";
	case SOURCE_ANY:
		break;
	}
	return "image, .mlx, .ini or .mrom";
}

static int no_fit(const struct fw_container *box, const struct request *r, struct cx_err *err)
{
	if (r->member)
		return cx_fail(err, CX_NOT_FOUND,
			       "there is no %s in it; 'cxflashctl image list FILE' shows what is",
			       r->member);
	return cx_fail(err, CX_INVALID,
		       "no %s among the %zu files in it; 'cxflashctl image list FILE' shows what"
		       " is",
		       want_name(r->want), box->members);
}

/* As many of them as a line takes. */
static int too_many(const struct fw_container *box, const struct fits *fits, const char *file,
		    struct cx_err *err)
{
	char list[400] = "";
	size_t used = 0, shown = 0;

	for (; shown < fits->count; shown++) {
		const struct fw_member *m = &box->member[fits->at[shown]];
		struct fw_facts facts;
		char one[sizeof(list)];
		int len;

		fw_member_facts(m, &facts);
		len = snprintf(one, sizeof(one), "%s%s (%s%s%s%s%s)", shown ? ", " : "", m->path,
			       fw_kind_name(facts.kind), *facts.psid ? " " : "", facts.psid,
			       *facts.version ? " " : "", facts.version);
		if (used + len >= sizeof(list))
			break;
		memcpy(list + used, one, len + 1);
		used += len;
	}
	if (shown == fits->count)
		return cx_fail(err, CX_REFUSED,
			       "%zu files in it fit; name one as %s::MEMBER, by path or PSID: %s",
			       fits->count, last_part(file), list);
	return cx_fail(err, CX_REFUSED,
		       "%zu files in it fit; name one as %s::MEMBER, by path or PSID: %s and %zu"
		       " more, which 'cxflashctl image list' shows",
		       fits->count, last_part(file), list, fits->count - shown);
}

static int choose(const struct fw_container *box, const struct request *r,
		  const struct fw_member **chosen, struct cx_err *err)
{
	struct fits fits = {.at = calloc(box->members + 1, sizeof(*fits.at))};
	int ret = 0;

	if (!fits.at)
		return cx_fail(err, CX_FAILED, "out of memory");
	find_fits(box, r, &fits);
	if (fits.count == 1)
		*chosen = &box->member[fits.at[0]];
	else
		ret = fits.count ? too_many(box, &fits, r->file, err) : no_fit(box, r, err);
	free(fits.at);
	return ret;
}

static int take_out(const struct fw_member *m, const char *file, struct source *s,
		    struct cx_err *err)
{
	if (asprintf(&s->name, "%s::%s", file, m->path) < 0)
		return cx_fail(err, CX_FAILED, "out of memory");
	s->bytes = malloc(m->len + 1);
	if (!s->bytes) {
		free(s->name);
		return cx_fail(err, CX_FAILED, "out of memory");
	}
	memcpy(s->bytes, m->bytes, m->len);
	s->bytes[m->len] = '\0';
	s->len = m->len;
	return 0;
}

static int read_archive(const struct request *r, const uint8_t *bytes, size_t len, struct source *s,
			struct cx_err *err)
{
	const struct fw_member *chosen = NULL;
	struct fw_container box;
	int ret;

	if (fw_container_open(r->file, bytes, len, &box, err))
		return -1;
	ret = choose(&box, r, &chosen, err) || take_out(chosen, r->file, s, err) ? -1 : 0;
	fw_container_free(&box);
	return ret;
}

/* The bytes of a file that is no archive become the source's. */
static int read_file(const struct request *r, struct source *s, struct cx_err *err)
{
	uint8_t *bytes;
	size_t len;
	int ret;

	if (file_read(r->file, &bytes, &len, err))
		return -1;
	if (fw_is_container(bytes, len)) {
		ret = read_archive(r, bytes, len, s, err);
	} else if (r->member) {
		ret = cx_fail(err, CX_INVALID, "no archive, so there is no %s in it", r->member);
	} else {
		*s = (struct source){.name = strdup(r->file), .bytes = bytes, .len = len};
		if (s->name)
			return 0;
		ret = cx_fail(err, CX_FAILED, "out of memory");
	}
	free(bytes);
	return ret ? cx_fail_in(err, r->file) : 0;
}

int source_read(const char *name, enum source_want want, const char *psid, struct source *s,
		struct cx_err *err)
{
	const char *mark = file_member(name);
	struct request r = {.file = name, .want = want, .psid = psid};
	char *file = NULL;
	int ret;

	if (mark) {
		file = strndup(name, mark - name);
		if (!file)
			return cx_fail(err, CX_FAILED, "out of memory");
		r.file = file;
		r.member = mark + 2;
	}
	ret = read_file(&r, s, err);
	free(file);
	if (!ret) {
		size_t first = fw_dump_first_copy(s->bytes, s->len);

		s->copies = first ? s->len / first : 1;
		s->len = first;
	}
	return ret;
}

/* By bytes, as names are often wrong: a .mlx begins with its comment (mlx-ini 1a), a ROM as PCI's
 * do, an ini with a comment or a section. */
static const char *what_else(const struct source *s)
{
	const struct fw_member m = {.path = s->name, .bytes = s->bytes, .len = s->len};
	struct fw_facts facts;

	if (!s->name)
		return "";
	fw_member_facts(&m, &facts);
	if (facts.kind == FW_KIND_MLX || (s->len && s->bytes[0] == '<'))
		return "; a .mlx is a release: 'cxflashctl build --fw' makes an image of it";
	if (facts.kind == FW_KIND_ROM || fw_rom_begins(s->bytes, s->len))
		return "; it is a ROM: 'cxflashctl rom info' shows it";
	if (facts.kind == FW_KIND_INI || (s->len && (s->bytes[0] == '[' || s->bytes[0] == ';')))
		return "; it is an ini: 'cxflashctl ini check' looks into it";
	return "";
}

int source_no_image(const struct source *s, struct cx_err *err)
{
	char how[300];

	if (!*what_else(s) && fw_misread(s->bytes, s->len, how, sizeof(how)))
		return cx_fail(err, CX_INVALID, "no firmware image in it: %s", how);
	return cx_fail(err, CX_INVALID,
		       "no firmware image in it (no FS2 magic at any place where a card looks)%s",
		       what_else(s));
}

void source_note_copies(const struct source *s, fw_note_fn note, void *ctx)
{
	char text[CX_TEXT];

	if (s->copies < 2 || !note)
		return;
	snprintf(text, sizeof(text),
		 "%s holds the same flash %zu times, as a part read as a larger one does; only the "
		 "first copy, 0x%zx bytes, is taken",
		 s->name, s->copies, s->len);
	note(text, ctx);
}

void source_free(struct source *s)
{
	free(s->name);
	free(s->bytes);
	*s = (struct source){0};
}
