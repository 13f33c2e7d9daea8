// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl mlx: releases as text. */
#include <stdlib.h>
#include <string.h>

#include "card/subject.h"
#include "files/files.h"
#include "files/inputs.h"
#include "files/map.h"
#include "files/source.h"
#include "commands.h"

static struct look at = {.takes = LOOK_ANY}, file = {.takes = LOOK_FILE};

static struct {
	const char *output, *map;
} given;

static const struct opt show_options[] = {
	LOOK_FILE_OPTION(file),
	{NULL},
};

static const struct opt export_options[] = {
	LOOK_OPTIONS(at),
	{"output", 'o', OPT_OUTPUT, &given.output, "F.mlx", "where the text goes; - is stdout"},
	{"map", 0, OPT_TEXT, &given.map, "FILE",
	 "more parameters: a table like params.tsv, or a vendor's text .mlx"},
	{NULL},
};

static void facts(struct out *out, const struct fw_release *rel)
{
	struct fw_version version = fw_release_version(rel);
	char text[20];

	out_text(out, "chip", "Chip", "%s", fw_release_chip(rel));
	out_text(out, "fw_version", "FW version", "%s", fw_version_text(&version, text));
}

static int export(struct cli *cli, const struct fw_release *rel, struct cx_err *err)
{
	char *text;
	size_t len;
	int ret;

	if (fw_mlx_write(rel, &text, &len, err))
		return -1;
	ret = file_save(cli, given.output, FILE_MLX, text, len, err);
	free(text);
	if (!ret)
		facts(&cli->out, rel);
	return ret;
}

static int export_card(struct cli *cli, const struct subject *s, const struct fw_image *img,
		       struct cx_err *err)
{
	struct fw_release *rel;
	int ret;

	if (release_of(img, given.map, out_note_text, &cli->out, &rel, err))
		return cx_fail_in(err, s->name);
	ret = export(cli, rel, err);
	fw_release_free(rel);
	return ret;
}

static int run_export(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct fw_release *rel;
	int ret;

	(void)argc;
	(void)argv;
	if (!given.output)
		return cx_fail(err, CX_USAGE, "mlx export needs -o F.mlx");
	if (!at.file)
		return subject_look(cli, &at, export_card, err);
	if (release_load(at.file, given.map, out_note_text, &cli->out, &rel, err))
		return -1;
	ret = export(cli, rel, err);
	fw_release_free(rel);
	return ret;
}

static void show_places(struct out *out, const struct fw_mlx_text *mlx, bool text)
{
	out_array(out, "parameters");
	for (size_t i = 0; i < mlx->places; i++) {
		const struct fw_place *p = &mlx->place[i];

		out_object(out, NULL);
		out_text(out, "path", NULL, "%s", p->path);
		out_number(out, "addr", NULL, p->addr);
		out_number(out, "bit", NULL, p->bit);
		out_number(out, "size", NULL, p->size);
		out_number(out, "line", NULL, p->line);
		out_close(out);
		if (text)
			out_say(out, "  0x%05x.%-2u %2u  %s", p->addr, p->bit, p->size, p->path);
	}
	out_close(out);
}

/* The older text dialect: what it surely gives (mlx_text.h). */
static void show_text(struct cli *cli, const struct fw_mlx_text *mlx, const char *name)
{
	const char *chip = fw_mlx_text_chip(name);
	char text[20], lines[400];
	struct out *out = &cli->out;

	out_text(out, "file", "File", "%s", name);
	out_text(out, "dialect", "Dialect", "text");
	out_known(out, "chip", "Chip", chip ? chip : "", "not told by the file's name");
	out_known(out, "fw_version", "FW version",
		  mlx->has_version ? fw_version_text(&mlx->version, text) : "", "not found");
	out_number(out, "places", "Parameters", mlx->places);
	show_places(out, mlx, cli->verbose);
	out_number(out, "unknown", "Unknown lines", mlx->unknown);
	if (mlx->unknown)
		out_note(out, "%s",
			 map_unknown_lines(mlx, map_file_name(name), lines, sizeof(lines)));
	if (mlx->further)
		out_note(out, "%zu lines have columns behind the size, which are not understood",
			 mlx->further);
	out_note(out, "no image can be built from it, but with --map it can be the map for an "
		      "image of its release");
}

static int run_show(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct fw_mlx_text mlx;
	struct fw_release *rel;
	struct source s;
	bool text;
	int ret;

	(void)argc;
	(void)argv;
	if (source_read(file.file, SOURCE_RELEASE, NULL, &s, err))
		return -1;
	text = fw_name_ends_in(s.name, ".mlx") && fw_is_mlx_text((char *)s.bytes, s.len);
	ret = text ? fw_mlx_text_parse((char *)s.bytes, s.len, &mlx, err) : 0;
	if (ret)
		cx_fail_in(err, s.name);
	else if (text)
		show_text(cli, &mlx, s.name);
	source_free(&s);
	if (text && !ret)
		fw_mlx_text_free(&mlx);
	if (text || release_load(file.file, NULL, NULL, NULL, &rel, err))
		return text ? ret : -1;
	out_text(&cli->out, "file", "File", "%s", file.file);
	facts(&cli->out, rel);
	fw_release_free(rel);
	return 0;
}

const struct command mlx_commands[] = {
	{
		.name = "mlx export",
		.args = "[FILE|CARD]",
		.what = "Write any image as a .mlx release",
		.options = export_options,
		.look = &at,
		.changes = true,
		.run = run_export,
	},
	{
		.name = "mlx show",
		.args = "F.mlx",
		.what = "Show what a .mlx is a release of",
		.options = show_options,
		.look = &file,
		.run = run_show,
	},
	{},
};
