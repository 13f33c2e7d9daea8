// SPDX-License-Identifier: GPL-2.0-only
/* Raw flash contents: images striped over the part (fs2-image 4). */
#include "image.h"

#include <string.h>

void flash_put(struct buf *flash, const struct buf *image, unsigned int slot)
{
	uint32_t failsafe = get_word(image->at + 0x28);
	uint32_t size = get_word(image->at + 0x30);
	size_t chunk, k, from, to, part;

	if (size > image->len)
		size = image->len; /* a truncated image */
	if (!(failsafe & 8)) {
		if (slot || size > flash->len)
			die("an image that is not failsafe lies at 0 and must fit in the flash");
		memcpy(flash->at, image->at, size);
		return;
	}
	chunk = (size_t)1 << (16 + (failsafe & 7));
	for (k = 0; k * chunk < size; k++) {
		from = k * chunk;
		to = (2 * k + slot) * chunk;
		part = size - from < chunk ? size - from : chunk;
		if (to + part > flash->len)
			die("an image of 0x%x bytes in chunks of 0x%zx does not fit in slot %u of "
			    "0x%zx bytes",
			    size, chunk, slot, flash->len);
		memcpy(flash->at + to, image->at + from, part);
	}
}

/* The NV configuration at the end of the part: bytes a burn must leave alone (fs2-image 15). */
void flash_nv(struct buf *flash, size_t reserve, uint64_t seed)
{
	struct rng r = rng_seed(seed, "nv");
	size_t i;

	if (reserve > flash->len)
		die("an NV reserve of 0x%zx bytes does not fit in 0x%zx", reserve, flash->len);
	for (i = flash->len - reserve; i < flash->len; i++)
		flash->at[i] = rng_word(&r);
}
