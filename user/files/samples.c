// SPDX-License-Identifier: GPL-2.0-only
/* Images to learn from, wherever they are: files, folders, archives. */
#include "samples.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "folder.h"
#include "fw/image/dump.h"
#include "source.h"

#define DEPTH 8 /* folders in folders */

/* The image is taken over, or freed. */
static int add_image(struct samples *s, const char *name, struct fw_image *img, struct out *out,
		     struct cx_err *err)
{
	struct fw_sample *more = reallocarray(s->sample, s->count + 1, sizeof(*more));
	struct fw_image *keep = reallocarray(s->img, s->count + 1, sizeof(*keep));
	struct cx_err why;
	int rc;

	if (more)
		s->sample = more;
	if (keep)
		s->img = keep;
	if (!more || !keep) {
		fw_image_free(img);
		return cx_fail(err, CX_FAILED, "out of memory for an image more");
	}
	rc = fw_sample_take(name, img, &s->sample[s->count], &why);
	if (rc) {
		out_note(out, "%s: nothing to learn from: %s", name, why.text);
		s->others++;
	}
	if (rc || !s->keep)
		fw_image_free(img);
	if (!rc) {
		s->img[s->count] = s->keep ? *img : (struct fw_image){0};
		s->count++;
	}
	return 0;
}

static int add_bytes(struct samples *s, const char *name, const uint8_t *bytes, size_t len,
		     struct out *out, struct cx_err *err)
{
	struct fw_dump dump;
	struct cx_err why;
	int rc = 0;

	if (fw_dump_parse(bytes, len, FW_CHIP_UNKNOWN, &dump, &why)) {
		out_note(out, "%s: %s", name, why.text);
		s->others++;
		return 0;
	}
	s->others += !dump.slots;
	for (size_t i = 0; !rc && i < dump.slots; i++) {
		struct fw_image img;

		if (dump.slot[i].state ||
		    fw_image_parse(dump.slot[i].img.bytes, dump.slot[i].img.size, &img, &why)) {
			out_note(out, "%s: %s", name,
				 dump.slot[i].state ? dump.slot[i].why.text : why.text);
			s->others++;
			continue;
		}
		rc = add_image(s, name, &img, out, err);
	}
	fw_dump_free(&dump);
	return rc;
}

static int add_file(struct samples *s, const char *path, struct out *out, struct cx_err *err)
{
	struct fw_container box;
	uint8_t *bytes;
	int rc = 0;

	if (source_open(path, &bytes, &box, err))
		return -1;
	for (size_t i = 0; !rc && i < box.members; i++) {
		const struct fw_member *m = &box.member[i];
		bool alone = box.members == 1 && m->bytes == bytes;
		char name[4200];

		snprintf(name, sizeof(name), "%s%s%s", path,
			 alone ? "" : "::", alone ? "" : m->path);
		rc = add_bytes(s, name, m->bytes, m->len, out, err);
	}
	fw_container_free(&box);
	free(bytes);
	return rc;
}

static int add_folder(struct samples *s, const char *path, unsigned int depth, struct out *out,
		      struct cx_err *err)
{
	struct dirent **entry;
	int count = scandir(path, &entry, NULL, alphasort), rc = 0;

	if (count < 0)
		return file_fail(path, err);
	for (int i = 0; i < count; i++) {
		char *file = file_path(path, entry[i]->d_name);

		if (!file)
			rc = cx_fail(err, CX_FAILED, "out of memory");
		else if (rc || *entry[i]->d_name == '.')
			;
		else if (!folder_is(file))
			rc = add_file(s, file, out, err);
		else if (depth < DEPTH)
			rc = add_folder(s, file, depth + 1, out, err);
		free(file);
		free(entry[i]);
	}
	free(entry);
	return rc;
}

int samples_add(struct samples *s, const char *path, struct out *out, struct cx_err *err)
{
	size_t before = s->count;

	if (folder_is(path) ? add_folder(s, path, 0, out, err) : add_file(s, path, out, err))
		return -1;
	if (s->count > before)
		return 0;
	return cx_fail(err, CX_INVALID,
		       "%s: no firmware image in it that carries the ini it was made from", path);
}

void samples_free(struct samples *s)
{
	for (size_t i = 0; i < s->count; i++) {
		fw_sample_free(&s->sample[i]);
		if (s->keep)
			fw_image_free(&s->img[i]);
	}
	free(s->sample);
	free(s->img);
	*s = (struct samples){0};
}
