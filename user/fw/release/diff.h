/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What two images differ in: words of the header, sections, keys of the ini, fields of the
 * configuration. Each function calls @fn for each difference and returns how many there are; @a or
 * @b is NULL where that side lacks the thing.
 */
#ifndef CXFLASH_FW_RELEASE_DIFF_H
#define CXFLASH_FW_RELEASE_DIFF_H

#include "fw/board/ini.h"
#include "fw/image/image.h"
#include "config.h"

/* Words 0x10..0x34; the magic is the same in all images. */
typedef void (*fw_header_diff_fn)(const char *name, uint32_t addr, uint32_t a, uint32_t b,
				  void *ctx);
size_t fw_diff_headers(const struct fw_image *a, const struct fw_image *b, fw_header_diff_fn fn,
		       void *ctx);

/*
 * Sections are the same one if they have type and param in common, the first with the first and so
 * on. Where it lies is no difference. @bytes of its data differ, or are on one side only, @first is
 * the offset of the first; 0 bytes: only one of them has the right CRC.
 */
typedef void (*fw_section_diff_fn)(const struct fw_section *a, const struct fw_section *b,
				   uint32_t bytes, uint32_t first, void *ctx);
size_t fw_diff_sections(const struct fw_image *a, const struct fw_image *b, fw_section_diff_fn fn,
			void *ctx);

/* Values as they are written; of a key stated twice the last counts. */
typedef void (*fw_key_diff_fn)(const char *section, const char *key, const char *a, const char *b,
			       void *ctx);
size_t fw_diff_inis(const struct fw_ini *a, const struct fw_ini *b, fw_key_diff_fn fn, void *ctx);

typedef void (*fw_field_diff_fn)(const struct fw_field *a, const struct fw_field *b, void *ctx);
size_t fw_diff_configs(const struct fw_config *a, const struct fw_config *b, fw_field_diff_fn fn,
		       void *ctx);

#endif
