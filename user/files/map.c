// SPDX-License-Identifier: GPL-2.0-only
/* --map FILE: a table of parameters, or a vendor's .mlx of the older text dialect. */
#include "map.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fw/pack/container.h"
#include "files.h"
#include "fw/map/use.h"

int map_add_table(const char *path, struct fw_params *params, struct cx_err *err)
{
	uint8_t *text;
	size_t len;
	int ret;

	if (fw_name_ends_in(path, ".mlx"))
		return cx_fail(err, CX_REFUSED,
			       "%s: a .mlx claims places when an image is built, with --map of "
			       "build and burn; a table like"
			       " params.tsv is wanted here",
			       path);
	if (file_read(path, &text, &len, err))
		return -1;
	ret = fw_params_parse((char *)text, len, params, err);
	if (ret)
		cx_fail_in(err, path);
	free(text);
	return ret;
}

int map_is_learnt(const char *path, bool *learnt, struct cx_err *err)
{
	uint8_t *text;
	size_t len;

	if (file_read(path, &text, &len, err))
		return -1;
	*learnt = fw_is_learnt_map((char *)text, len);
	free(text);
	return 0;
}

int map_load_learnt(const char *path, struct fw_map *map, struct cx_err *err)
{
	uint8_t *text;
	size_t len;
	int ret;

	if (file_read(path, &text, &len, err))
		return -1;
	if (fw_is_learnt_map((char *)text, len))
		ret = fw_map_parse((char *)text, len, map, err);
	else
		ret = cx_fail(err, CX_INVALID, "not a table that map learn wrote");
	free(text);
	return ret ? cx_fail_in(err, path) : 0;
}

int map_use_learnt(const char *path, struct fw_release *rel, struct cx_err *err)
{
	struct fw_map map = {0};
	uint8_t *text;
	size_t len;
	int ret = 0;

	if (file_read(path, &text, &len, err))
		return -1;
	if (fw_is_learnt_map((char *)text, len))
		ret = fw_map_parse((char *)text, len, &map, err) ||
				      fw_release_learnt(rel, &map, err)
			      ? cx_fail_in(err, path)
			      : 0;
	free(text);
	return ret;
}

const char *map_file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

const char *map_unknown_lines(const struct fw_mlx_text *mlx, const char *name, char *buf,
			      size_t size)
{
	size_t shown = mlx->unknown < FW_MLX_TEXT_SHOWN ? mlx->unknown : FW_MLX_TEXT_SHOWN;
	int used = 0;

	buf[0] = '\0';
	if (!mlx->unknown)
		return buf;
	used = snprintf(buf, size, "%zu line%s not understood:", mlx->unknown,
			mlx->unknown == 1 ? " is" : "s are");
	for (size_t i = 0; i < shown && used < (int)size; i++)
		used += snprintf(buf + used, size - used, "%s %.60s:%u", i ? "," : "", name,
				 mlx->unknown_line[i]);
	if (shown < mlx->unknown && used < (int)size)
		snprintf(buf + used, size - used, ", ...");
	return buf;
}

static void say_what_it_is(const struct fw_mlx_text *mlx, const char *name,
			   const struct fw_release *rel, fw_note_fn note, void *ctx)
{
	struct fw_version theirs = fw_release_version(rel);
	char text[512], lines[400], a[20], b[20];

	snprintf(text, sizeof(text),
		 "%s, a vendor's .mlx of the older text dialect, gives the places of %zu "
		 "parameters%s",
		 name, mlx->places, mlx->further ? "; columns behind the size are not read" : "");
	note(text, ctx);
	if (mlx->unknown)
		note(map_unknown_lines(mlx, name, lines, sizeof(lines)), ctx);
	if (!mlx->has_version || !fw_version_compare(&mlx->version, &theirs))
		return;
	snprintf(text, sizeof(text), "%s is of version %s, the release of %s", name,
		 fw_version_text(&mlx->version, a), fw_version_text(&theirs, b));
	note(text, ctx);
}

int map_claim(const char *path, struct fw_release *rel, fw_note_fn note, void *ctx,
	      struct cx_err *err)
{
	const char *name = map_file_name(path);
	struct fw_mlx_text mlx;
	uint8_t *text;
	size_t len;
	int ret;

	if (file_read(path, &text, &len, err))
		return -1;
	if (!fw_is_mlx_text((char *)text, len))
		ret = cx_fail(
			err, CX_REFUSED,
			"a .mlx of the newer dialect, or an empty one: --map takes the older text"
			" dialect, or a table like params.tsv");
	else
		ret = fw_mlx_text_parse((char *)text, len, &mlx, err);
	free(text);
	if (ret)
		return cx_fail_in(err, path);
	say_what_it_is(&mlx, name, rel, note, ctx);
	ret = fw_release_claim(rel, &mlx, name, err);
	fw_mlx_text_free(&mlx);
	return ret;
}
