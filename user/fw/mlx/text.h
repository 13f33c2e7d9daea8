/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A vendor's .mlx in the older text dialect, for what it surely gives: lines that say where a
 * parameter lies, "path address.bit size", and the release's version (mlx-ini 1b). The rest of its
 * grammar is not public; what is not understood is counted and never guessed.
 *
 * Such a file cannot make an image. It can be an additional map for an image of the same release.
 */
#ifndef CXFLASH_FW_MLX_TEXT_H
#define CXFLASH_FW_MLX_TEXT_H

#include "fw/release/release.h"

#define FW_MLX_TEXT_SHOWN 5 /* lines that were not understood are remembered up to here */

/* "scratchpad.eth.port[0].eth_802_3ap_kx4_ability 0x1f99c.17 1" */
struct fw_place {
	const char *path;
	uint32_t addr; /* CR-space byte address of the word, a multiple of 4 */
	uint8_t bit, size;
	bool more; /* further columns follow, which are not understood and were not read */
	unsigned int line;
};

struct fw_mlx_text {
	char *text;		/* owned; the paths point into it */
	struct fw_place *place; /* owned; by path without case, then by line */
	size_t places;
	size_t further; /* places with further columns */

	size_t unknown; /* lines that are neither empty nor understood */
	unsigned int unknown_line[FW_MLX_TEXT_SHOWN];

	bool has_version; /* all three of its numbers were found */
	struct fw_version version;
};

/* Is it text whose first line is no XML comment, which the newer dialect begins with (mlx-ini 1a)?
 */
bool fw_is_mlx_text(const char *text, size_t len);
/*
 * CX_INVALID for NUL bytes inside; a file in which nothing is understood is a success. The caller
 * gives *@mlx back with fw_mlx_text_free().
 */
int fw_mlx_text_parse(const char *text, size_t len, struct fw_mlx_text *mlx, struct cx_err *err);
void fw_mlx_text_free(struct fw_mlx_text *mlx);

/* The chip by the vendor's name of the file, "fw-ConnectX3Pro-rel.mlx" (mlx-ini 3c.3): "MT27520";
 * NULL if it has no such name. Folders in @name do not count. */
const char *fw_mlx_text_chip(const char *name);

/*
 * Let the file called @name claim places for keys of @rel that have none. How a key belongs to a
 * parameter is not known (mlx-ini 5.3), so only what cannot be mistaken counts: a key of [FW] that
 * is a parameter's whole path; a key that one parameter has as its last component; and
 * "port1_X" for the one "...port[0].eth_X", which is how the 18 known ones pair. What then
 * contradicts - two places, another chip, bits outside a word's mask - leaves the key without a
 * place, and fw_build() tells the reason when the key is to be changed. Whether the release's own
 * ini agrees with the bits is judged by fw_build(), as for every key.
 */
int fw_release_claim(struct fw_release *rel, const struct fw_mlx_text *mlx, const char *name,
		     struct cx_err *err);

#endif
