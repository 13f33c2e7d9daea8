// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SPI NOR parts that these cards carry.
 */
#include <linux/sizes.h>

#include "nor.h"

#define PAGE 256

/* No more than three address bytes reach. */
static u32 part_size_log2(u32 log2)
{
	return log2 >= 0x11 && log2 <= 0x18 ? 1u << log2 : 0;
}

/* The capacity byte is the logarithm of the size. */
static u32 part_size(u32 jedec)
{
	return part_size_log2(jedec & 0xff);
}

/* Spansion's P and A parts: one less than that. */
static u32 part_size_spansion(u32 jedec)
{
	return part_size_log2((jedec & 0xff) + 1);
}

static u32 part_size_sst(u32 jedec)
{
	switch (jedec & 0xff) {
	case 0x41:
		return SZ_2M;
	case 0x4a:
		return SZ_4M;
	case 0x8d:
		return SZ_512K;
	case 0x8e:
		return SZ_1M;
	}
	return 0;
}

/* Atmel has the density in the type, from 4 for 512 KiB on; less is another family. */
static u32 part_size_atmel(u32 jedec)
{
	u32 density = jedec >> 8 & 0x1f;

	return density >= 4 ? part_size_log2(0xf + density) : 0;
}

/*
 * Parts as in flash-access 10; times from their datasheets: the typical one of a family's fastest
 * member, the longest of its slowest.
 */
/* clang-format off */
static const struct cxflash_part parts[] = {
	{ .name = "M25PXxx", .vendor = 0x20, .type = 0x71,
	  .size = part_size, .page = PAGE, .protect = 0x1c,
	  .erase_4k_ms = { 70, 150 }, .erase_64k_ms = { 700, 3000 }, .program_us = { 800, 5000 } },
	{ .name = "M25Pxx", .vendor = 0x20, .type = 0x20,
	  .size = part_size, .page = PAGE, .protect = 0x1c,
	  .erase_64k_ms = { 600, 3000 }, .program_us = { 640, 5000 } },
	{ .name = "N25Q0XX", .vendor = 0x20, .type = 0xba,
	  .size = part_size, .page = PAGE, .protect = 0x5c,
	  .erase_4k_ms = { 250, 800 }, .erase_64k_ms = { 700, 3000 }, .program_us = { 500, 5000 } },
	{ .name = "SST25VFxx", .vendor = 0xbf, .type = 0x25,
	  .size = part_size_sst, .page = 1, .protect = 0x3c, .powers_up_protected = true,
	  .erase_64k_ms = { 18, 25 }, .program_us = { 7, 10 } },
	{ .name = "W25QxxBV", .vendor = 0xef, .type = 0x40,
	  .size = part_size, .page = PAGE, .protect = 0x1c,
	  .erase_4k_ms = { 30, 400 }, .erase_64k_ms = { 150, 2000 }, .program_us = { 700, 3000 } },
	{ .name = "W25Xxx", .vendor = 0xef, .type = 0x30,
	  .size = part_size, .page = PAGE, .protect = 0x1c,
	  .erase_4k_ms = { 150, 300 }, .program_us = { 1500, 3000 } },
	{ .name = "W25Qxxx", .vendor = 0xef, .type = 0x70,
	  .size = part_size, .page = PAGE, .protect = 0x1c,
	  .erase_4k_ms = { 45, 400 }, .erase_64k_ms = { 150, 2000 }, .program_us = { 700, 3000 } },
	{ .name = "AT25DFxxx", .vendor = 0x1f, .type = 0x40, .density = 0x1f,
	  .size = part_size_atmel, .page = PAGE, .protect = 0x0c, .powers_up_protected = true,
	  .erase_4k_ms = { 50, 200 }, .program_us = { 1000, 5000 } },
	{ .name = "S25FLXXXP", .vendor = 0x01, .type = 0x02,
	  .size = part_size_spansion, .page = PAGE, .protect = 0x1c,
	  .erase_64k_ms = { 500, 2000 }, .program_us = { 1500, 3000 } },
	{ .name = "S25FL116K", .vendor = 0x01, .type = 0x40,
	  .size = part_size, .page = PAGE, .protect = 0x1c,
	  .erase_4k_ms = { 50, 450 }, .erase_64k_ms = { 500, 2000 }, .program_us = { 700, 3000 } },
	{ .name = "MX25L16xxx", .vendor = 0xc2, .type = 0x20,
	  .size = part_size, .page = PAGE, .protect = 0x3c,
	  .erase_4k_ms = { 60, 300 }, .erase_64k_ms = { 700, 2000 }, .program_us = { 1400, 5000 } },
	{ .name = "IS25LP", .vendor = 0x9d, .type = 0x60,
	  .size = part_size, .page = PAGE, .protect = 0x3c,
	  .erase_4k_ms = { 45, 300 }, .erase_64k_ms = { 150, 1000 }, .program_us = { 200, 1000 } },
	{ .name = "GD25", .vendor = 0xc8, .type = 0x40,
	  .size = part_size, .page = PAGE, .protect = 0x1c,
	  .erase_4k_ms = { 50, 400 }, .erase_64k_ms = { 200, 2000 }, .program_us = { 600, 2400 } },
};

/* clang-format on */
const struct cxflash_part cxflash_no_part = { .name = "unknown" };

/* The family, or none where that has no such capacity. */
const struct cxflash_part *cxflash_part_find(u32 jedec)
{
	u8 vendor = jedec >> 16, type = jedec >> 8;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(parts); i++)
		if (parts[i].vendor == vendor && parts[i].type == (type & ~parts[i].density))
			return parts[i].size(jedec) ? &parts[i] : &cxflash_no_part;
	return &cxflash_no_part;
}

/* All of them, or-ed together. */
u32 cxflash_part_erase_sizes(const struct cxflash_part *part)
{
	return (part->erase_4k_ms.max ? SZ_4K : 0) | (part->erase_64k_ms.max ? SZ_64K : 0);
}

const struct cxflash_span *cxflash_part_erase_ms(const struct cxflash_part *part, u32 size)
{
	return size == SZ_4K ? &part->erase_4k_ms : &part->erase_64k_ms;
}
