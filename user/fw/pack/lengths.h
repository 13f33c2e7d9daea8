/* SPDX-License-Identifier: GPL-2.0-only */
/* What an archive says of its own lengths, before a library believes it and allocates as much. */
#ifndef FW_PACK_LENGTHS_H
#define FW_PACK_LENGTHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No member of an ar archive is longer than what follows its header. */
bool fw_ar_lengths_fit(const uint8_t *bytes, size_t len);

/* No name in a cpio archive is longer than what follows what may be taken for its header. */
bool fw_cpio_lengths_fit(const uint8_t *bytes, size_t len);

#endif
