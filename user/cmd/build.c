// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl build: a release and an ini make an image. */
#include "card/describe.h"
#include "files/files.h"
#include "files/recipe.h"
#include "commands.h"

static struct {
	struct recipe recipe;
	const char *output;
} given;

static const struct opt options[] = {
	{"fw", 'f', OPT_TEXT, &given.recipe.fw, "F.mlx|F.bin", "the firmware release"},
	{"conf", 'c', OPT_TEXT, &given.recipe.conf, "F.ini", "the board's parameters"},
	{"output", 'o', OPT_OUTPUT, &given.output, "OUT.bin", "where the image goes"},
	{"set", 0, OPT_LIST, &given.recipe.set, "SECTION.KEY=VALUE", "change a parameter"},
	{"map", 0, OPT_TEXT, &given.recipe.map, "FILE",
	 "more parameters: a table like params.tsv, or a vendor's text .mlx"},
	{"allow-other-rom", 0, OPT_FLAG, &given.recipe.other_rom, NULL,
	 "the ROM may be for another device"},
	{"rom", 0, OPT_TEXT, &given.recipe.rom, "FILE|none",
	 "expansion ROM instead of the release's"},
	{"ini-text-only", 0, OPT_FLAG, &given.recipe.ini_text_only, NULL,
	 "record changed keys that cannot be compiled"},
	{NULL},
};

static const struct opt_rule rules[] = {
	{"map", "conf set", NULL},
	{"ini-text-only", "conf set", NULL},
	{"allow-other-rom", "rom", NULL},
	{NULL},
};

static int run(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct out *out = &cli->out;
	struct fw_image img;
	char version[20];
	int ret;

	(void)argc;
	(void)argv;
	if (!given.recipe.fw || !given.output)
		return cx_fail(err, CX_USAGE,
			       "build needs --fw F.mlx|F.bin and -o OUT.bin, and --conf F.ini for a"
			       " board that is not the release's own");
	if (assemble(cli, &given.recipe, NULL, &img, err))
		return -1;
	ret = file_save(cli, given.output, FILE_BYTES, img.bytes, img.size, err);
	if (!ret) {
		fw_version_text(&img.info.version, version);
		out_number(out, "size", "Size", img.size);
		out_text(out, "fw_version", "FW version", "%s", version);
		out_text(out, "psid", "PSID", "%s", fw_image_psid(&img));
	}
	fw_image_free(&img);
	return ret;
}

const struct command build_commands[] = {
	{
		.name = "build",
		.args = "",
		.what = "Assemble an image from a release and an ini",
		.options = options,
		.rules = rules,
		.changes = true,
		.run = run,
	},
	{},
};
