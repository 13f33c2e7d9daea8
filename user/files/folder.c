// SPDX-License-Identifier: GPL-2.0-only
/* A folder of firmware for several boards: what is in it for one card. */
#include "folder.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "fw/pack/container.h"
#include "files.h"
#include "inputs.h"

bool folder_is(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* Two searches: what carries the PSID, and what could be assembled for it. */
struct search {
	const char *folder, *psid;
	enum fw_chip chip;
	unsigned int chip_rev;
	char *image, *release; /* the first that fits */
	char *image2, *release2;
	unsigned int broken; /* .bin files that are no images */
	struct cx_err first_broken;
};

static void keep(char **first, char **second, char *path)
{
	if (!*first)
		*first = path;
	else if (!*second)
		*second = path;
	else
		free(path);
}

/* A file that cannot be read as an image is none that fits, and may be why none does. */
static void consider_image(struct search *s, char *path)
{
	struct fw_image img;
	struct cx_err unfit;

	if (image_load(path, s->psid, NULL, NULL, &img, &unfit)) {
		if (!s->broken++)
			s->first_broken = unfit;
		free(path);
		return;
	}
	if (!strcmp(fw_image_psid(&img), s->psid))
		keep(&s->image, &s->image2, path);
	else if (!fw_fits_chip(&img, s->chip, s->chip_rev, &unfit))
		keep(&s->release, &s->release2, path);
	else
		free(path);
	fw_image_free(&img);
}

static int consider(struct search *s, const char *name, struct cx_err *err)
{
	char *path;

	if (!fw_name_ends_in(name, ".bin") && !fw_name_ends_in(name, ".mlx"))
		return 0;
	path = file_path(s->folder, name);
	if (!path)
		return cx_fail(err, CX_FAILED, "out of memory");
	if (fw_name_ends_in(name, ".mlx"))
		keep(&s->release, &s->release2, path);
	else
		consider_image(s, path);
	return 0;
}

static int look(struct search *s, struct cx_err *err)
{
	struct dirent **entry;
	int count = scandir(s->folder, &entry, NULL, alphasort), ret = 0;

	if (count < 0)
		return file_fail(s->folder, err);
	for (int i = 0; i < count; i++) {
		if (!ret)
			ret = consider(s, entry[i]->d_name, err);
		free(entry[i]);
	}
	free(entry);
	return ret;
}

static int none_fits(const struct search *s, struct cx_err *err)
{
	if (s->broken)
		return cx_fail(err, CX_NOT_FOUND,
			       "%s: no image with PSID %s in it, and no release for a %s; one file "
			       "cannot be read: %s",
			       s->folder, s->psid, fw_chip_name(s->chip, s->chip_rev),
			       s->first_broken.text);
	return cx_fail(err, CX_NOT_FOUND,
		       "%s: no image with PSID %s in it, and no release for a %s", s->folder,
		       s->psid, fw_chip_name(s->chip, s->chip_rev));
}

static int use(struct cli *cli, const struct recipe *r, const struct search *s,
	       struct fw_image *img, struct cx_err *err)
{
	bool changed = r->conf || r->set.count;
	struct recipe one = *r;

	if (s->image2 && !changed)
		return cx_fail(err, CX_REFUSED, "%s and %s both carry PSID %s; name one", s->image,
			       s->image2, s->psid);
	if (s->image && !changed) {
		out_text(&cli->out, "firmware", "Firmware", "%s", s->image);
		return image_load(s->image, s->psid, out_note_text, &cli->out, img, err);
	}
	one.fw = s->release ? s->release : s->image;
	if (!one.fw)
		return none_fits(s, err);
	if (s->release2)
		return cx_fail(err, CX_REFUSED,
			       "no image in %s has PSID %s, and %s and %s could both be assembled "
			       "for it; name one with --fw",
			       s->folder, s->psid, s->release, s->release2);
	out_text(&cli->out, "firmware", "Firmware", "%s", one.fw);
	if (!one.conf)
		one.conf = s->folder;
	return assemble(cli, &one, s->psid, img, err);
}

int folder_image(struct cli *cli, const struct recipe *r, const char *psid, enum fw_chip chip,
		 unsigned int chip_rev, struct fw_image *img, struct cx_err *err)
{
	struct search s = {.folder = r->fw, .psid = psid, .chip = chip, .chip_rev = chip_rev};
	int ret;

	if (!*psid)
		return cx_fail(err, CX_REFUSED,
			       "the card has no PSID to find its firmware in %s by; name a file",
			       r->fw);
	ret = look(&s, err) || use(cli, r, &s, img, err) ? -1 : 0;
	free(s.image);
	free(s.image2);
	free(s.release);
	free(s.release2);
	return ret;
}
