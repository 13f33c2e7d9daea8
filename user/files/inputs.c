// SPDX-License-Identifier: GPL-2.0-only
/* What people keep in files: inis, images, releases, boards. */
#include "inputs.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fw/image/dump.h"
#include "files.h"
#include "map.h"
#include "source.h"

#define BOARDS_FILE "/etc/cxflash/boards.tsv"

static int load_with(int (*parse)(const uint8_t *, size_t, struct fw_ini *, struct cx_err *),
		     const char *path, struct fw_ini *ini, struct cx_err *err)
{
	struct source s;
	int ret;

	if (source_read(path, SOURCE_INI, NULL, &s, err))
		return -1;
	if (s.len >= FW_MAGIC_SIZE && fw_has_magic(s.bytes))
		ret = cx_fail(
			err, CX_INVALID,
			"a firmware image, not an ini; 'cxflashctl ini dump' takes its ini out");
	else
		ret = parse(s.bytes, s.len, ini, err);
	if (ret)
		cx_fail_in(err, s.name);
	source_free(&s);
	return ret;
}

int ini_load(const char *path, struct fw_ini *ini, struct cx_err *err)
{
	return load_with(fw_ini_parse_file, path, ini, err);
}

int ini_load_doubtful(const char *path, struct fw_ini *ini, struct cx_err *err)
{
	return load_with(fw_ini_read_file, path, ini, err);
}

int ini_of(const struct fw_image *img, struct fw_ini *ini, struct cx_err *err)
{
	char *text;
	size_t len;
	int ret;

	if (fw_image_ini(img, &text, &len, err))
		return -1;
	ret = fw_ini_read(text, len, ini, err);
	free(text);
	return ret;
}

static int copy_only_slot(const struct source *s, const struct fw_dump *dump, struct fw_image *img,
			  struct cx_err *err)
{
	const struct fw_slot *slot = &dump->slot[0];

	if (!dump->slots)
		return source_no_image(s, err);
	if (dump->slots > 1)
		return cx_fail(err, CX_INVALID,
			       "a dump with two images, at 0x%x and 0x%x; take them out with"
			       " 'cxflashctl backup -d file:DUMP -o DIR' and name one of the files",
			       dump->slot[0].start, dump->slot[1].start);
	if (slot->state) {
		*err = slot->why;
		return -1;
	}
	return fw_image_parse(slot->img.bytes, slot->img.size, img, err);
}

static int image_from_source(const struct source *s, struct fw_image *img, struct cx_err *err)
{
	struct fw_dump dump;
	int ret;

	if (fw_dump_parse(s->bytes, s->len, FW_CHIP_UNKNOWN, &dump, err))
		return -1;
	ret = copy_only_slot(s, &dump, img, err);
	fw_dump_free(&dump);
	return ret;
}

/* A .mlx is text that begins with a comment; an image never begins with '<' (fs2-image 2, mlx-ini
 * 1a). */
static bool is_mlx(const char *path, const uint8_t *bytes, size_t len)
{
	return (len && bytes[0] == '<') || fw_name_ends_in(path, ".mlx");
}

int image_load(const char *path, const char *psid, fw_note_fn note, void *ctx, struct fw_image *img,
	       struct cx_err *err)
{
	struct source s;
	int ret;

	if (source_read(path, SOURCE_IMAGE, psid, &s, err))
		return -1;
	if (is_mlx(s.name, s.bytes, s.len))
		ret = cx_fail(err, CX_INVALID, "a .mlx is a release, not an image; use --fw %s",
			      s.name);
	else
		ret = image_from_source(&s, img, err);
	if (ret)
		cx_fail_in(err, s.name);
	else
		source_note_copies(&s, note, ctx);
	source_free(&s);
	return ret;
}

int release_of(const struct fw_image *img, const char *map, fw_note_fn note, void *ctx,
	       struct fw_release **rel, struct cx_err *err)
{
	const char *table = map && !fw_name_ends_in(map, ".mlx") ? map : NULL;
	struct fw_params params = {0};
	int ret;

	ret = fw_params_builtin(&params, err) || (table && map_add_table(table, &params, err)) ||
			      fw_release_from_image(img, &params, rel, err)
		      ? -1
		      : 0;
	fw_params_free(&params);
	if (ret || !map)
		return ret;
	ret = table ? map_use_learnt(table, *rel, err) : map_claim(map, *rel, note, ctx, err);
	if (ret)
		fw_release_free(*rel);
	return ret;
}

static int release_from_bin(const struct source *s, const char *map, fw_note_fn note, void *ctx,
			    struct fw_release **rel, struct cx_err *err)
{
	struct fw_image img;
	int ret;

	if (image_from_source(s, &img, err))
		return -1;
	ret = release_of(&img, map, note, ctx, rel, err);
	fw_image_free(&img);
	return ret;
}

/* Add a table to a release that is there. */
static int join_table(struct fw_release *rel, const char *table, struct cx_err *err)
{
	struct fw_params params = {0};
	int ret = map_add_table(table, &params, err) || fw_release_bind(rel, &params, err);

	fw_params_free(&params);
	return ret || map_use_learnt(table, rel, err) ? -1 : 0;
}

/* A .mlx brings its own parameters; only the user's map joins them. */
static int release_from_mlx(const struct source *s, const char *map, fw_note_fn note, void *ctx,
			    struct fw_release **rel, struct cx_err *err)
{
	int ret;

	if (fw_mlx_parse((char *)s->bytes, s->len, rel, err))
		return -1;
	if (!map)
		return 0;
	ret = fw_name_ends_in(map, ".mlx") ? map_claim(map, *rel, note, ctx, err)
					   : join_table(*rel, map, err);
	if (ret)
		fw_release_free(*rel);
	return ret;
}

int release_load(const char *path, const char *map, fw_note_fn note, void *ctx,
		 struct fw_release **rel, struct cx_err *err)
{
	struct source s;
	int ret;

	if (source_read(path, SOURCE_RELEASE, NULL, &s, err))
		return -1;
	ret = is_mlx(s.name, s.bytes, s.len) ? release_from_mlx(&s, map, note, ctx, rel, err)
					     : release_from_bin(&s, map, note, ctx, rel, err);
	if (ret)
		cx_fail_in(err, s.name);
	else
		source_note_copies(&s, note, ctx);
	source_free(&s);
	return ret;
}

int boards_load(struct fw_boards *boards, struct cx_err *err)
{
	const char *named = getenv("CXFLASH_BOARDS"), *path = named ? named : BOARDS_FILE;
	struct cx_err why;
	uint8_t *text;
	size_t len;
	int ret;

	*boards = (struct fw_boards){0};
	if (fw_boards_builtin(boards, err))
		return -1;
	if (file_read(path, &text, &len, &why)) {
		if (!named && why.status == CX_NOT_FOUND)
			return 0;
		ret = fw_boards_doubt(boards, path, why.text, err);
	} else {
		ret = fw_boards_read(path, (char *)text, len, boards, err);
		free(text);
	}
	if (ret)
		fw_boards_free(boards);
	return ret;
}

/* The PSID of which @psid differs in small and capital letters only, if it is none itself. */
static const char *known_as(const struct fw_boards *boards, const char *psid, const char *near)
{
	if (fw_boards_psid(boards, psid) || (near && !strcmp(near, psid)))
		return NULL;
	if (near && !strcasecmp(near, psid))
		return near;
	for (size_t i = 0; i < boards->count; i++)
		if (boards->board[i].psid && !strcasecmp(boards->board[i].psid, psid))
			return boards->board[i].psid;
	return NULL;
}

int psid_confirm(struct cli *cli, const char *psid, const char *near, struct cx_err *err)
{
	struct fw_boards boards;
	char question[CX_TEXT];
	const char *known;
	int ret = 0;

	if (!psid)
		return 0;
	if (boards_load(&boards, err))
		return -1;
	known = known_as(&boards, psid, near);
	if (known) {
		snprintf(question, sizeof(question),
			 "the PSID is %s, known is %s: a card would not be found by the other "
			 "letters",
			 psid, known);
		ret = cli_consent(cli, question, err);
		if (!ret)
			out_note(&cli->out, "%s", question);
	}
	fw_boards_free(&boards);
	return ret;
}

/* What a folder has to say about one PSID. */
struct ini_search {
	const char *dir, *psid;
	struct fw_ini ini;
	char *path; /* of the match; NULL so far */
	unsigned int seen, broken;
	struct cx_err first_broken;
	char *other_letters; /* of one that states it in small letters where capitals are, or so */
};

static int consider(struct ini_search *s, const char *name, struct cx_err *err)
{
	char *path = file_path(s->dir, name);
	const char *psid;
	struct fw_ini ini;
	int ret = 0;

	if (!path)
		return cx_fail(err, CX_FAILED, "out of memory");
	s->seen++;
	if (ini_load(path, &ini, err)) {
		if (!s->broken++)
			s->first_broken = *err;
		goto cleanup;
	}
	psid = fw_ini_psid(&ini);
	if (!psid || strcmp(psid, s->psid)) {
		if (psid && !strcasecmp(psid, s->psid) && !s->other_letters)
			s->other_letters = strdup(path);
		fw_ini_free(&ini);
		goto cleanup;
	}
	if (s->path) {
		ret = cx_fail(err, CX_REFUSED,
			      "%s and %s both carry PSID %s; name the right one with --conf FILE",
			      s->path, path, psid);
		fw_ini_free(&ini);
		goto cleanup;
	}
	s->ini = ini;
	s->path = path;
	return 0;
cleanup:
	free(path);
	return ret;
}

static int none_found(const struct ini_search *s, struct cx_err *err)
{
	if (s->other_letters)
		return cx_fail(
			err, CX_NOT_FOUND,
			"no ini for PSID %s among the %u .ini files of %s, but %s states it "
			"in other letters; if it is that, mend it: cxflashctl ini rebrand %s "
			"--psid %s -o %s",
			s->psid, s->seen, s->dir, s->other_letters, s->other_letters, s->psid,
			s->other_letters);
	if (s->broken)
		return cx_fail(err, CX_NOT_FOUND,
			       "no ini for PSID %s among the %u .ini files of %s; one cannot be"
			       " read: %s",
			       s->psid, s->seen, s->dir, s->first_broken.text);
	return cx_fail(err, CX_NOT_FOUND,
		       "no ini for PSID %s among the %u .ini files of %s; make one from the ini of"
		       " the equal stock board: cxflashctl ini rebrand BOARD.ini --psid %s -o"
		       " %s/%s.ini",
		       s->psid, s->seen, s->dir, s->psid, s->dir, s->psid);
}

int ini_find(const char *dir, const char *psid, struct fw_ini *ini, char **path, struct cx_err *err)
{
	struct ini_search s = {.dir = dir, .psid = psid};
	struct dirent **entry;
	int count = scandir(dir, &entry, NULL, alphasort), ret = 0;

	if (count < 0)
		return file_fail(dir, err);
	for (int i = 0; i < count; i++) {
		if (!ret && fw_name_ends_in(entry[i]->d_name, ".ini"))
			ret = consider(&s, entry[i]->d_name, err);
		free(entry[i]);
	}
	free(entry);
	if (!ret && !s.path)
		ret = none_found(&s, err);
	free(s.other_letters);
	if (ret) {
		if (s.path)
			fw_ini_free(&s.ini);
		free(s.path);
		return -1;
	}
	*ini = s.ini;
	*path = s.path;
	return 0;
}
