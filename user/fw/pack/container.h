/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What people get firmware in (users 9): .zip, .tar with or without .gz .xz .bz2 .zst, these alone,
 * 7z, cab, programs with a ZIP in them, MFA bundles, packages (.deb and .vib, which are ar; .rpm, a
 * packed cpio), shell scripts with an archive behind their last line (.scexe, .run), and each of
 * them in another.
 *
 * Pure: bytes in, members out. What a file is, is told by its bytes, not by its name.
 */
#ifndef CXFLASH_FW_PACK_CONTAINER_H
#define CXFLASH_FW_PACK_CONTAINER_H

#include "mfa.h"

/*
 * Limits, against archives that are made to do harm. All levels count together; a file may always
 * unpack to two flashes of the largest size.
 */
#define FW_CONTAINER_BYTES   (256u << 20)
#define FW_CONTAINER_RATIO   250
#define FW_CONTAINER_FLOOR   (32u << 20)
#define FW_CONTAINER_MEMBERS 10000
#define FW_CONTAINER_NESTING 3 /* containers within the outermost one */

/* A file in it that is no container itself. */
struct fw_member {
	char *path; /* "srcs.mfa/MT_1090120019.bin": through containers as through folders */
	const uint8_t *bytes;
	size_t len;
};

struct fw_container {
	struct fw_member *member; /* in the order found */
	size_t members;
	uint8_t **blob; /* what members show parts of */
	size_t blobs;
	struct fw_mfa *bundle;
	size_t bundles;
};

bool fw_is_container(const uint8_t *bytes, size_t len);
/*
 * Unpack everything. @name is the file's name: what a bare "x.bin.gz" holds is called by it. A file
 * that is no container is its own only member. CX_REFUSED for a limit, CX_INVALID for what is
 * damaged or encrypted; the text names the member, not the file. Members may be views of @bytes,
 * which must live as long. The caller frees with fw_container_free(); on failure there is nothing
 * to free.
 */
int fw_container_open(const char *name, const uint8_t *bytes, size_t len, struct fw_container *box,
		      struct cx_err *err);
void fw_container_free(struct fw_container *box);

/* Does the name of a file end in @suffix (".ini", in capitals too), with something before it? */
bool fw_name_ends_in(const char *path, const char *suffix);

#endif
