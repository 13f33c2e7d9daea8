// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl image list, image extract: what is in an archive, a bundle or an updater. */
#include <stdlib.h>

#include "card/look.h"
#include "cli/table.h"
#include "files/files.h"
#include "files/source.h"
#include "commands.h"

static struct look at = {.takes = LOOK_FILE};
static const char *output;

static const struct opt list_options[] = {
	LOOK_FILE_OPTION(at),
	{NULL},
};

static const struct opt extract_options[] = {
	LOOK_FILE_OPTION(at),
	{"output", 'o', OPT_OUTPUT, &output, "OUT", "where the file goes; - is stdout"},
	{NULL},
};

static void show(struct out *out, const struct fw_member *m, const struct fw_facts *facts,
		 struct table *table)
{
	const char *kind = fw_kind_name(facts->kind);
	const char *chip =
		facts->chip == FW_CHIP_UNKNOWN ? "" : fw_chip_name(facts->chip, facts->rev);
	char size[24];

	out_object(out, NULL);
	out_text(out, "path", NULL, "%s", m->path);
	out_text(out, "kind", NULL, "%s", kind);
	out_number(out, "size", NULL, m->len);
	out_known(out, "psid", NULL, facts->psid, NULL);
	out_known(out, "version", NULL, facts->version, NULL);
	out_known(out, "chip", NULL, chip, NULL);
	if (facts->why.status)
		out_text(out, "why", NULL, "%s", facts->why.text);
	out_close(out);
	snprintf(size, sizeof(size), "%zu", m->len);
	table_row(table, (const char *[]){kind, size, facts->psid, facts->version, chip, m->path});
	if (facts->why.status)
		table_below(table, OUT_WARN, "    %s", facts->why.text);
}

static void list(struct out *out, const char *file, const struct fw_container *box)
{
	struct table table;
	size_t others = 0;

	out_text(out, "file", NULL, "%s", file);
	table_begin(&table, out, "lrllll");
	table_head(&table, (const char *[]){"KIND", "SIZE", "PSID", "VERSION", "CHIP", "MEMBER"});
	out_array(out, "members");
	for (size_t i = 0; i < box->members; i++) {
		struct fw_facts facts;

		fw_member_facts(&box->member[i], &facts);
		if (facts.kind == FW_KIND_OTHER)
			others++;
		else
			show(out, &box->member[i], &facts, &table);
	}
	out_close(out);
	table_end(&table);
	out_number(out, "others", NULL, others);
	if (others)
		out_say(out, "Files of other kinds: %zu", others);
}

static int run_list(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct fw_container box;
	uint8_t *bytes;

	(void)argc;
	(void)argv;
	if (source_open(at.file, &bytes, &box, err))
		return -1;
	list(&cli->out, at.file, &box);
	fw_container_free(&box);
	free(bytes);
	return 0;
}

static int run_extract(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct source s;
	int ret;

	(void)argc;
	(void)argv;
	if (!output)
		return cx_fail(err, CX_USAGE, "image extract needs -o OUT");
	if (source_read(at.file, SOURCE_ANY, NULL, &s, err))
		return -1;
	ret = file_write(cli, output, s.bytes, s.len, err);
	if (!ret) {
		out_text(&cli->out, "file", "Taken from", "%s", s.name);
		file_say(cli, output);
		out_number(&cli->out, "size", "Bytes", s.len);
	}
	source_free(&s);
	return ret;
}

const struct command image_list_commands[] = {
	{
		.name = "image list",
		.args = "FILE",
		.what = "List the images, .mlx, .ini and .mrom in an archive",
		.options = list_options,
		.look = &at,
		.run = run_list,
	},
	{
		.name = "image extract",
		.args = "FILE[::MEMBER]",
		.what = "Take a file out of an archive or a bundle",
		.options = extract_options,
		.look = &at,
		.changes = true,
		.run = run_extract,
	},
	{},
};
