// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl mlx: releases as text. */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "files.h"
#include "inputs.h"

static struct {
	const char *output, *map;
} given;

static const struct opt export_options[] = {
	{"output", 'o', OPT_TEXT, &given.output, "F.mlx", "where the text goes; - is stdout"},
	{"map", 0, OPT_TEXT, &given.map, "FILE", "more parameters: see params.tsv"},
	{NULL},
};

static void facts(struct out *out, const struct fw_release *rel)
{
	struct fw_version version = fw_release_version(rel);
	char text[20];

	out_text(out, "chip", "Chip", "%s", fw_release_chip(rel));
	out_text(out, "fw_version", "FW version", "%s", fw_version_text(&version, text));
}

static int run_export(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct fw_release *rel;
	char *text;
	size_t len;
	int ret;

	(void)argc;
	if (!given.output)
		return cx_fail(err, CX_USAGE, "mlx export needs -o F.mlx");
	if (release_load(argv[0], given.map, &rel, err))
		return -1;
	ret = fw_mlx_write(rel, &text, &len, err);
	if (!ret) {
		ret = file_write(given.output, text, len, err);
		free(text);
	}
	if (!ret && strcmp(given.output, "-")) {
		out_text(&cli->out, "output", "Saved in", "%s", given.output);
		facts(&cli->out, rel);
	}
	fw_release_free(rel);
	return ret;
}

static int run_show(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct fw_release *rel;

	(void)argc;
	if (release_load(argv[0], NULL, &rel, err))
		return -1;
	out_text(&cli->out, "file", "File", "%s", argv[0]);
	facts(&cli->out, rel);
	fw_release_free(rel);
	return 0;
}

const struct command cmd_mlx_export = {
	.name = "mlx export",
	.args = "F.bin",
	.what = "Write any image as a .mlx release",
	.min_args = 1,
	.max_args = 1,
	.options = export_options,
	.run = run_export,
};

const struct command cmd_mlx_show = {
	.name = "mlx show",
	.args = "F.mlx",
	.what = "Show what a .mlx is a release of",
	.min_args = 1,
	.max_args = 1,
	.run = run_show,
};
