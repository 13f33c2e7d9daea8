/* SPDX-License-Identifier: GPL-2.0-only */
/* What an image tells a card to do, named and beside its ini: for image config and image diff. */
#ifndef CXFLASH_CARD_SETTINGS_H
#define CXFLASH_CARD_SETTINGS_H

#include "cli/cli.h"
#include "fw/release/config.h"

struct settings {
	struct fw_params map;
	struct fw_config config;
	bool has_ini;
	struct fw_ini ini; /* only if .has_ini */
};

/* @map: file of a parameter map that joins the built-in one, or NULL. The image must outlive it. */
int settings_open(const struct fw_image *img, const char *map, struct settings *s,
		  struct cx_err *err);
void settings_close(struct settings *s);

/* The ini inside an image; an error names @name. */
int ini_inside(const struct fw_image *img, const char *name, struct fw_ini *ini,
	       struct cx_err *err);
/* The ini in @file, or the one inside the image of @file or @card; with neither, of the only card.
 */
int ini_from(struct cli *cli, const char *card, const char *file, struct fw_ini *ini,
	     struct cx_err *err);

/* Keys that two inis do not agree on, as the JSON array @key; returns how many. */
size_t show_ini_diff(struct out *out, const char *key, const struct fw_ini *a,
		     const struct fw_ini *b);
/* "0x0001f99c.17 scratchpad...", or "0x00012d50 mask 0x00ff0000" for bits without a name. */
const char *field_place(const struct fw_field *field, char *buf, size_t size);
/* The value as people read it. */
const char *field_value(const struct fw_field *field, char *buf, size_t size);
/* The place in JSON: section, addr, mask, and name, bit, size where they are known. */
void field_json(struct out *out, const struct fw_field *field);

#endif
