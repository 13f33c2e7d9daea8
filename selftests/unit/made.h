/* SPDX-License-Identifier: GPL-2.0-only */
/* Images of build/mkimage, which shares no code with user/fw; and the way from an image to a
 * release. */
#ifndef CXFLASH_MADE_H
#define CXFLASH_MADE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fw/release/release.h"

#define MADE_MHQH "selftests/image/MHQH29C_A1-A2.ini"
#define MADE_MCX  "selftests/image/MCX312B_synthetic.ini"
#define MADE_PRO  "--chip connectx3pro --rom pxe:3.4.752:1007 --ini " MADE_MCX

static inline char *made_read(const char *path, size_t *len)
{
	FILE *in = fopen(path, "rb");
	char *bytes = NULL;

	if (in && !fseek(in, 0, SEEK_END)) {
		*len = ftell(in);
		rewind(in);
		bytes = calloc(1, *len + 1);
		if (bytes && fread(bytes, 1, *len, in) != *len)
			abort();
	}
	if (in)
		fclose(in);
	return bytes;
}

static inline void made_write(const char *path, const void *bytes, size_t len)
{
	FILE *out = fopen(path, "wb");

	if (!out || fwrite(bytes, 1, len, out) != len || fclose(out))
		abort();
}

/* A name of its own for each process, in a folder that make clean removes. */
static inline const char *made_path(const char *suffix)
{
	static char path[2][300];
	static unsigned int turn;
	const char *build = getenv("B");

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/unit/made-%d%s", build ? build : "build",
		 (int)getpid(), suffix);
	return path[turn];
}

/* What mkimage makes with these options; NULL if it does not. */
static inline uint8_t *made_bytes(const char *options, size_t *len)
{
	const char *build = getenv("B"), *path = made_path(".bin");
	char command[1000];
	uint8_t *bytes = NULL;

	snprintf(command, sizeof(command), "%s/mkimage %s -o %s >&2", build ? build : "build",
		 options, path);
	if (!system(command))
		bytes = (uint8_t *)made_read(path, len);
	unlink(path);
	return bytes;
}

static inline struct fw_image made_image(const char *options)
{
	struct fw_image img;
	struct cx_err err = {CX_OK, ""};
	size_t len = 0;
	uint8_t *bytes = made_bytes(options, &len);

	if (!bytes || fw_image_parse(bytes, len, &img, &err)) {
		printf("Bail out! mkimage %s: %s\n", options, err.text);
		exit(1);
	}
	free(bytes);
	return img;
}

static inline struct fw_ini made_ini(const char *text, size_t len)
{
	struct fw_ini ini;
	struct cx_err err;

	if (fw_ini_read(text, len, &ini, &err)) {
		printf("Bail out! ini: %s\n", err.text);
		exit(1);
	}
	return ini;
}

/* The ini an image carries. */
static inline struct fw_ini made_own_ini(const struct fw_image *img)
{
	struct fw_ini ini;
	struct cx_err err;
	char *text;
	size_t len;

	if (fw_image_ini(img, &text, &len, &err)) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	ini = made_ini(text, len);
	free(text);
	return ini;
}

/* The release of an image, by the built-in map and @more rules; NULL with *err. */
static inline struct fw_release *made_release(const struct fw_image *img, const char *more,
					      struct cx_err *err)
{
	struct fw_params map = {0};
	struct fw_release *rel;

	if (fw_params_builtin(&map, err) ||
	    (more && fw_params_parse(more, strlen(more), &map, err)) ||
	    fw_release_from_image(img, &map, &rel, err))
		rel = NULL;
	fw_params_free(&map);
	return rel;
}

/* The same release once more, by way of its .mlx. */
static inline struct fw_release *made_by_mlx(const struct fw_release *rel, struct cx_err *err)
{
	struct fw_release *again;
	char *text;
	size_t len;

	if (fw_mlx_write(rel, &text, &len, err))
		return NULL;
	if (fw_mlx_parse(text, len, &again, err))
		again = NULL;
	free(text);
	return again;
}

#endif
