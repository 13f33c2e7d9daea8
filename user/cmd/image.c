// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl image: the insides of an image. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "card/subject.h"
#include "files/files.h"
#include "fw/image/checksum.h"
#include "fw/image/packed.h"
#include "commands.h"

static struct look at = {.takes = LOOK_ANY};
static const char *folder;

static const struct opt options[] = {
	LOOK_OPTIONS(at),
	{NULL},
};

static const struct opt sections_options[] = {
	LOOK_OPTIONS(at),
	{"extract", 0, OPT_TEXT, &folder, "DIR", "save each section in a new folder, unpacked too"},
	{NULL},
};

/* "DIR/05-ddr-00160000.bin": the number in the list, the name, the load address of code. */
static char *section_path(size_t number, const struct fw_section *s, const char *ending)
{
	char name[64], *c = name;
	int n = snprintf(name, sizeof(name), "%02zu-%s", number, fw_section_name(s->type));

	for (; *c; c++)
		*c = *c == ' ' ? '-' : tolower((unsigned char)*c);
	if (s->type == FW_DDR || s->type == FW_DDRZ)
		n += snprintf(name + n, sizeof(name) - n, "-%08x", s->param & 0x7fffffff);
	snprintf(name + n, sizeof(name) - n, "%s", ending);
	return file_path(folder, name);
}

static int save(struct cli *cli, size_t number, const struct fw_section *s, const char *ending,
		const void *bytes, size_t len, struct cx_err *err)
{
	char *path = section_path(number, s, ending);
	int ret;

	if (!path)
		return cx_fail(err, CX_FAILED, "out of memory");
	ret = cli->dry_run ? 0 : file_write(cli, path, bytes, len, err);
	free(path);
	return ret;
}

/* The body as it is stored, and what it unpacks to. */
static int extract(struct cli *cli, const struct fw_image *img, size_t number, struct cx_err *err)
{
	const struct fw_section *s = &img->section[number];
	bool packed = fw_section_packed(s);
	uint8_t *bytes;
	size_t len;
	int ret;

	if (save(cli, number, s, packed ? ".packed" : ".bin", img->bytes + s->data, s->size, err))
		return -1;
	if (!packed)
		return 0;
	if (fw_section_unpack(img, s, &bytes, &len, err))
		return -1;
	ret = save(cli, number, s, s->type == FW_INI ? ".ini" : ".bin", bytes, len, err);
	free(bytes);
	return ret;
}

static int extract_all(struct cli *cli, const struct subject *subject, const struct fw_image *img,
		       struct cx_err *err)
{
	if (file_new_folder(cli, folder, err))
		return -1;
	for (size_t i = 0; i < img->sections; i++)
		if (extract(cli, img, i, err))
			return cx_fail_in(err, subject->name);
	file_say(cli, folder);
	return 0;
}

static int show(struct cli *cli, const struct subject *s, const struct fw_image *img,
		struct cx_err *err)
{
	struct out *out = &cli->out;

	out_text(out, s->flash ? "card" : "file", NULL, "%s", s->name);
	out_say(out, "%-10s %-10s %-10s %-6s %s", "HEADER", "DATA BYTES", "PARAM", "CRC",
		"SECTION");
	out_array(out, "sections");
	for (size_t i = 0; i < img->sections; i++) {
		const struct fw_section *sec = &img->section[i];
		const char *name = fw_section_name(sec->type);

		out_object(out, NULL);
		out_text(out, "name", NULL, "%s", name);
		if (sec->type != FW_BOOT2)
			out_number(out, "type", NULL, sec->type);
		out_number(out, "addr", NULL, sec->addr);
		out_number(out, "data", NULL, sec->data);
		out_number(out, "size", NULL, sec->size);
		out_number(out, "param", NULL, sec->param);
		out_number(out, "crc", NULL, sec->crc);
		out_close(out);
		out_say(out, "0x%08x 0x%08x 0x%08x 0x%04x %s", sec->addr, sec->size, sec->param,
			sec->crc, name);
	}
	out_close(out);
	return folder ? extract_all(cli, s, img, err) : 0;
}

static int checksum(struct cli *cli, const struct subject *s, const struct fw_image *img,
		    struct cx_err *err)
{
	char text[FW_CHECKSUM_TEXT];

	if (fw_image_checksum(img, text, err))
		return cx_fail_in(err, s->name);
	out_text(&cli->out, s->flash ? "card" : "file", NULL, "%s", s->name);
	out_text(&cli->out, "checksum", NULL, "%s", text);
	out_say(&cli->out, "%s", text);
	return 0;
}

static int run_sections(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	(void)argc;
	(void)argv;
	return subject_look(cli, &at, show, err);
}

static int run_checksum(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	(void)argc;
	(void)argv;
	return subject_look(cli, &at, checksum, err);
}

const struct command image_commands[] = {
	{
		.name = "image sections",
		.args = "[FILE|CARD]",
		.what = "List the sections of an image",
		.options = sections_options,
		.look = &at,
		.changes = true,
		.run = run_sections,
	},
	{
		.name = "image checksum",
		.args = "[FILE|CARD]",
		.what = "Print the checksum of a release, whatever card it is on",
		.options = options,
		.look = &at,
		.run = run_checksum,
	},
	{},
};
