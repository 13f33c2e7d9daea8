// SPDX-License-Identifier: GPL-2.0-only
/* The SPI flash parts on these cards (flash-access 10; times from the data sheets). */
#include "card.h"

#include <string.h>
#include <strings.h>

#define MiB    0x100000u
#define NPARTS (sizeof(parts) / sizeof(parts[0]))

/* A part takes two lines. */
/* clang-format off */
static const struct part parts[] = {
	/*
	 * name, JEDEC, RES, size,
	 * has 4k, has 64k, by the byte, BP, 4k erase in ms, 64k erase in ms, program in us
	 */
	{"m25p80", {0x20, 0x20, 0x14}, 0x13, 1 * MiB,
	 false, true, false, 0, {0, 0}, {600, 3000}, {640, 5000}},
	{"m25p16", {0x20, 0x20, 0x15}, 0x14, 2 * MiB,
	 false, true, false, 0, {0, 0}, {600, 3000}, {640, 5000}},
	{"m25p32", {0x20, 0x20, 0x16}, 0x15, 4 * MiB,
	 false, true, false, 0, {0, 0}, {600, 3000}, {640, 5000}},
	{"m25p64", {0x20, 0x20, 0x17}, 0x16, 8 * MiB,
	 false, true, false, 0, {0, 0}, {600, 3000}, {640, 5000}},
	{"m25px80", {0x20, 0x71, 0x14}, 0, 1 * MiB,
	 true, true, false, 0, {70, 150}, {600, 3000}, {800, 5000}},
	{"m25px16", {0x20, 0x71, 0x15}, 0, 2 * MiB,
	 true, true, false, 0, {70, 150}, {600, 3000}, {800, 5000}},
	{"m25px32", {0x20, 0x71, 0x16}, 0, 4 * MiB,
	 true, true, false, 0, {70, 150}, {600, 3000}, {800, 5000}},
	{"n25q032", {0x20, 0xba, 0x16}, 0, 4 * MiB,
	 true, true, false, 0, {250, 800}, {700, 3000}, {500, 5000}},
	{"n25q064", {0x20, 0xba, 0x17}, 0, 8 * MiB,
	 true, true, false, 0, {250, 800}, {700, 3000}, {500, 5000}},
	{"n25q128", {0x20, 0xba, 0x18}, 0, 16 * MiB,
	 true, true, false, 0, {250, 800}, {700, 3000}, {500, 5000}},
	{"w25q80", {0xef, 0x40, 0x14}, 0, 1 * MiB,
	 true, true, false, 0, {30, 400}, {150, 1000}, {700, 3000}},
	{"w25q16", {0xef, 0x40, 0x15}, 0, 2 * MiB,
	 true, true, false, 0, {30, 400}, {150, 1000}, {700, 3000}},
	{"w25q32", {0xef, 0x40, 0x16}, 0, 4 * MiB,
	 true, true, false, 0, {30, 400}, {150, 1000}, {700, 3000}},
	{"w25q64", {0xef, 0x40, 0x17}, 0, 8 * MiB,
	 true, true, false, 0, {30, 400}, {150, 1000}, {700, 3000}},
	{"w25q128", {0xef, 0x40, 0x18}, 0, 16 * MiB,
	 true, true, false, 0, {60, 400}, {150, 2000}, {700, 3000}},
	{"w25x16", {0xef, 0x30, 0x15}, 0, 2 * MiB,
	 true, false, false, 0, {50, 300}, {0, 0}, {800, 3000}},
	{"w25x32", {0xef, 0x30, 0x16}, 0, 4 * MiB,
	 true, false, false, 0, {50, 300}, {0, 0}, {800, 3000}},
	{"mx25l16", {0xc2, 0x20, 0x15}, 0, 2 * MiB,
	 true, true, false, 0, {60, 300}, {500, 2000}, {800, 5000}},
	{"s25fl116k", {0x01, 0x40, 0x15}, 0, 2 * MiB,
	 true, true, false, 0, {50, 450}, {500, 2000}, {700, 3000}},
	{"gd25q16", {0xc8, 0x40, 0x15}, 0, 2 * MiB,
	 true, true, false, 0, {50, 300}, {200, 1000}, {600, 2400}},
	{"is25lp016", {0x9d, 0x60, 0x15}, 0, 2 * MiB,
	 true, true, false, 0, {70, 300}, {150, 1000}, {200, 1000}},
	{"at25df161", {0x1f, 0x46, 0x02}, 0, 2 * MiB,
	 true, false, false, 7, {50, 200}, {0, 0}, {1000, 3000}},
	{"sst25vf016",{0xbf, 0x25, 0x41}, 0, 2 * MiB,
	 false, true, true, 7, {0, 0}, {18, 25}, {7, 10}},
	{"sst25vf032",{0xbf, 0x25, 0x4a}, 0, 4 * MiB,
	 false, true, true, 7, {0, 0}, {18, 25}, {7, 10}},
};
/* clang-format on */

const struct part *part_by_name(const char *name)
{
	for (size_t i = 0; i < NPARTS; i++)
		if (!strcasecmp(parts[i].name, name))
			return &parts[i];
	return NULL;
}

/* ConnectX-2 boards have ST's parts of 64 KiB units, later ones parts that also know 4 KiB. */
const struct part *part_default(const struct chip *chip, uint64_t size)
{
	const char *prefix = chip->hw_id == 0x190 && size <= 8 * MiB ? "m25p" : "w25q";

	for (size_t i = 0; i < NPARTS; i++)
		if (parts[i].size == size && !strncmp(parts[i].name, prefix, 4) &&
		    parts[i].name[4] >= '0' && parts[i].name[4] <= '9')
			return &parts[i];
	return NULL;
}

void part_help(FILE *out)
{
	for (size_t i = 0; i < NPARTS; i++)
		fprintf(out, "  %-11s %02x%02x%02x %2u MiB, erases%s%s%s\n", parts[i].name,
			parts[i].jedec[0], parts[i].jedec[1], parts[i].jedec[2],
			parts[i].size / MiB, parts[i].erase_4k ? " 4 KiB" : "",
			parts[i].erase_64k ? " 64 KiB" : "",
			parts[i].byte_program ? ", programs bytes" : "");
}
