// SPDX-License-Identifier: GPL-2.0-only
/* A card's VPD, read once for all that a command does with it. */
#include "vpd.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "dev/vpd.h"
#include "files/files.h"

static void take_apart(struct card_vpd *v)
{
	if (fw_vpd_parse(v->bytes, v->len, &v->vpd, &v->why))
		return;
	if (v->vpd.sum == FW_VPD_SUM_WRONG)
		cx_fail(&v->why, CX_INVALID,
			"VPD: its checksum is wrong, so its part number names no board here");
}

void card_vpd_read(struct card_vpd *v, const struct cx_pci_root *root, const char *name)
{
	if (v->asked)
		return;
	v->asked = true;
	if (!cx_vpd_read(root, name, CX_VPD_LIMIT, &v->bytes, &v->len, &v->why))
		take_apart(v);
}

int card_vpd_file(struct card_vpd *v, const char *path, struct cx_err *err)
{
	struct stat st;

	*v = (struct card_vpd){0};
	/* What is no plain file can be read but once. */
	if (stat(path, &st) || !S_ISREG(st.st_mode) || st.st_size > FW_VPD_MAX)
		return 0;
	if (file_read(path, &v->bytes, &v->len, err))
		return -1;
	if (!fw_vpd_begins(v->bytes, v->len)) {
		card_vpd_free(v);
		return 0;
	}
	v->asked = true;
	take_apart(v);
	return 1;
}

void card_vpd_free(struct card_vpd *v)
{
	free(v->bytes);
	*v = (struct card_vpd){0};
}

const char *card_vpd_part(const struct card_vpd *v)
{
	return v->bytes ? fw_vpd_part(&v->vpd) : NULL;
}

/* What has names of its own; the others go by their two letters. */
static const struct {
	const char *keyword, *key, *word;
} named[] = {
	{"PN", "part_number", "part number"},
	{"EC", "revision", "revision"},
	{"SN", "serial", "serial number"},
};

static bool is_named(const char *keyword)
{
	for (size_t i = 0; i < sizeof(named) / sizeof(*named); i++)
		if (!strcmp(keyword, named[i].keyword))
			return true;
	return false;
}

const char *card_vpd_line(const struct card_vpd *v, char *buf, size_t size)
{
	size_t used = 0;

	*buf = '\0';
	if (!v->bytes)
		return v->why.status == CX_NOT_FOUND ? "none" : v->why.text;
	if (*v->vpd.name)
		used = snprintf(buf, size, "\"%s\"", v->vpd.name);
	for (size_t i = 0; i < sizeof(named) / sizeof(*named) && used < size; i++) {
		const char *text = fw_vpd_get(&v->vpd, named[i].keyword);

		if (text)
			used += snprintf(buf + used, size - used, "%s%s %s", used ? ", " : "",
					 named[i].word, text);
	}
	if (v->why.status && used < size)
		snprintf(buf + used, size - used, "%s%s", used ? "; " : "", v->why.text);
	return buf;
}

static void fields_json(struct out *out, const struct fw_vpd *vpd)
{
	out_array(out, "fields");
	for (size_t i = 0; i < vpd->fields; i++) {
		out_object(out, NULL);
		out_text(out, "keyword", NULL, "%s", vpd->field[i].keyword);
		out_text(out, "text", NULL, "%s", vpd->field[i].text);
		out_close(out);
	}
	out_close(out);
}

void vpd_json(struct out *out, const struct card_vpd *v)
{
	if (!v->asked || !out->json)
		return;
	out_object(out, "vpd");
	if (v->bytes) {
		out_number(out, "size", NULL, v->len);
		out_text(out, "name", NULL, "%s", v->vpd.name);
		for (size_t i = 0; i < sizeof(named) / sizeof(*named); i++) {
			const char *text = fw_vpd_get(&v->vpd, named[i].keyword);

			if (text)
				out_text(out, named[i].key, NULL, "%s", text);
		}
		fields_json(out, &v->vpd);
		out_text(out, "checksum", NULL, "%s", fw_vpd_sum_name(v->vpd.sum));
	}
	if (v->why.status)
		out_text(out, "error", NULL, "%s", v->why.text);
	out_close(out);
}

void describe_vpd(struct out *out, const struct card_vpd *v, bool full)
{
	char line[4096], label[16];

	if (!v->asked)
		return;
	vpd_json(out, v);
	out_text(out, NULL, "VPD", "%s", card_vpd_line(v, line, sizeof(line)));
	for (size_t i = 0; full && i < v->vpd.fields; i++) {
		const struct fw_vpd_field *f = &v->vpd.field[i];

		if (is_named(f->keyword) || !*f->text)
			continue;
		snprintf(label, sizeof(label), "VPD %s", f->keyword);
		out_text(out, NULL, label, "%s", f->text);
	}
	if (full && v->vpd.left_out)
		out_text(out, NULL, "VPD", "%zu more fields", v->vpd.left_out);
}
