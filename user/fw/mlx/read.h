/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading a .mlx: what the two halves of the grammar share. */
#ifndef CXFLASH_FW_MLX_READ_H
#define CXFLASH_FW_MLX_READ_H

#include "fw/release/release_model.h"
#include "xml.h"

struct mlx_reader {
	struct mlx_xml *xml;
	struct fw_release *rel;
	bool header;	    /* was there */
	bool linked;	    /* sections state their number in the list */
	size_t room;	    /* allocated bytes of the last part */
	size_t sections;    /* begun so far */
	size_t field;	    /* where the open <field> begins in its part */
	uint32_t address;   /* of the open <word> */
	struct fw_key *key; /* the open <key> */
};

#define refuse(r, ...)	mlx_xml_fail((r)->xml, CX_REFUSED, __VA_ARGS__)
#define invalid(r, ...) mlx_xml_fail((r)->xml, CX_INVALID, __VA_ARGS__)
#define no_memory(r)	mlx_xml_fail((r)->xml, CX_FAILED, "out of memory")

/* The attribute as a number, decimal or 0x hex. */
int mlx_number(struct mlx_reader *r, const char **atts, const char *name, unsigned long max,
	       unsigned long *number);
/* Sections, keys and parameters: printable ASCII, as in an ini. */
int mlx_check_name(struct mlx_reader *r, const char *name);
/* Text of an element that holds bytes. */
int mlx_bytes(void *ctx, const uint8_t *bytes, size_t len);

/* Handlers of the elements that make up the image, for the table in mlx_read.c. */
int mlx_begin_header(void *ctx, const char **atts);
int mlx_begin_bsection(void *ctx, const char **atts);
int mlx_end_bsection(void *ctx);
int mlx_begin_section(void *ctx, const char **atts);
int mlx_end_section(void *ctx);
int mlx_begin_guid(void *ctx, const char **atts);
int mlx_begin_ini(void *ctx, const char **atts);
int mlx_begin_gap(void *ctx, const char **atts);
int mlx_begin_info(void *ctx, const char **atts);
int mlx_begin_field(void *ctx, const char **atts);
int mlx_end_field(void *ctx);
int mlx_end_info(void *ctx);
int mlx_begin_configuration(void *ctx, const char **atts);
int mlx_begin_word(void *ctx, const char **atts);
int mlx_begin_param(void *ctx, const char **atts);

#endif
