/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The XML dress of a .mlx: several top-level elements, bare & (mlx-ini 1c), and a table that says
 * which element may stand where with which attributes. Everything else is refused with its line.
 */
#ifndef CXFLASH_FW_MLX_XML_H
#define CXFLASH_FW_MLX_XML_H

#include <expat.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fw/err.h"

#define MLX_DEPTH 3

struct mlx_element {
	const char *name;
	const char *parent;	/* NULL: top level */
	const char *need, *may; /* attributes, a blank between two */
	bool hex;		/* the text in it is bytes */
	/* @atts: names and values in turn, as expat has them. Either may be NULL. */
	int (*begin)(void *ctx, const char **atts);
	int (*end)(void *ctx);
};

struct mlx_xml {
	const struct mlx_element *elements; /* the first must open the file; a NULL name ends */
	int (*bytes)(void *ctx, const uint8_t *bytes, size_t len);
	void *ctx;
	struct cx_err *err;
	bool done; /* set by a handler: no further element may come */
	/* Its own. */
	XML_Parser parser;
	const struct mlx_element *open[MLX_DEPTH];
	size_t depth;
	int half; /* hex digit that waits for its second, or -1 */
	bool rooted, begun, failed;
};

/* The caller fills the fields up to err. Returns -1 with *err as a handler or the form of the text
 * gave it. */
int mlx_xml_parse(struct mlx_xml *xml, const char *text, size_t len);
/* For handlers: "line N: text", and the way out where the user's file is to blame. Returns -1. */
int mlx_xml_fail(struct mlx_xml *xml, enum cx_status status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* NULL if absent. */
const char *mlx_xml_attr(const char **atts, const char *name);
int mlx_hex_digit(char c);

#define MLX_WAY_OUT "use an image of the release: --fw RELEASE.bin"

#endif
