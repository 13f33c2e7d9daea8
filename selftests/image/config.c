// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two Configuration sections: {CR address, value, mask}, ascending, no value bit outside its
 * mask (fs2-image 8). Stage 1 has what is needed before the links come up.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"

struct record {
	uint32_t addr, value, mask;
};

struct records {
	struct record at[1024];
	size_t count;
};

static void put(struct records *set, uint32_t addr, uint32_t value, uint32_t mask)
{
	size_t i;

	for (i = 0; i < set->count && set->at[i].addr != addr; i++)
		;
	if (i == ARRAY_LEN(set->at))
		die("more than %zu configuration words", ARRAY_LEN(set->at));
	if (i == set->count)
		set->at[set->count++] = (struct record){.addr = addr};
	set->at[i].value |= value & mask;
	set->at[i].mask |= mask;
}

/* The words a running card tells its version by. */
static void version_words(const struct spec *spec, struct records *set)
{
	uint32_t time = spec->time;

	put(set, 0x1f064, spec->version[0] << 16, 0xffff0000);
	put(set, 0x1f068, spec->version[1] << 16 | spec->version[2], 0xffffffff);
	/* hhmmss becomes ss, mm, hh */
	put(set, 0x1f06c, time << 24 | (time & 0xff00) << 8 | (time >> 8 & 0xff00), 0xffffff00);
	put(set, 0x1f070, spec->date, 0xffffffff);
}

static void node_description(const struct spec *spec, struct records *set)
{
	uint8_t text[64] = "";
	unsigned int i;

	snprintf((char *)text, sizeof(text), "synthetic %s", spec->chip->name);
	for (i = 0; i < sizeof(text); i += 4)
		put(set, 0x1f100 + i, get_word(text + i), 0xffffffff);
}

static void pci_words(const struct spec *spec, struct records *set)
{
	const struct chip *chip = spec->chip;
	uint32_t device = ini_number(&spec->ini, "HCA", "hca_header_device_id", spec->device);
	uint32_t class = ini_number(&spec->ini, "HCA", "hca_header_class_code",
				    chip->has_words ? 0x020000 : 0x0c0600);
	uint32_t sub = ini_number(&spec->ini, "HCA", "hca_header_subsystem_id", chip->subsystem);

	put(set, 0x1fd00, device << 16 | 0x15b3, 0xffffffff);
	put(set, 0x1fd08, class << 8, 0xffffffff);
	put(set, 0x1fd2c, sub << 16 | 0x15b3, 0xffffffff);
	put(set, 0x1fe30, 0, 0xffffffff);
}

static void gpio_words(const struct spec *spec, struct records *set)
{
	static const struct {
		const char *key;
		uint32_t addr;
	} gpio[] = {{"gpio_mode1", 0x1fba0},
		    {"gpio_mode0", 0x1fba4},
		    {"gpio_default_val", 0x1fba8},
		    {"gpio_pull_up", 0x1fbb8},
		    {"gpio_pull_enable", 0x1fbbc}};
	size_t i;

	for (i = 0; i < ARRAY_LEN(gpio); i++)
		put(set, gpio[i].addr, ini_number(&spec->ini, "ADAPTER", gpio[i].key, 0),
		    0xffffffff);
}

static uint32_t port_bit(const struct spec *spec, unsigned int port, const char *what,
			 unsigned int bit)
{
	char key[64];

	snprintf(key, sizeof(key), "port%u_802_3ap_%s", port, what);
	return (ini_number(&spec->ini, "IB", key, 0) & 1) << bit;
}

/* mlx-ini 1b: the Ethernet speed word of each port; kx and kr are on whatever the ini says. */
static void speed_words(const struct spec *spec, struct records *set)
{
	static const struct {
		const char *what;
		unsigned int bit;
	} flag[] = {{"56kr4_ability", 12}, {"cr4_ability", 13},	 {"kr4_ability", 14},
		    {"kx4_ability", 17},   {"56kr4_enable", 23}, {"cr4_enable", 24},
		    {"kr4_enable", 25},	   {"kx4_enable", 28}};
	unsigned int port;
	uint32_t value;
	size_t i;

	for (port = 1; port <= 2; port++) {
		value = 0x0c018900;
		for (i = 0; i < ARRAY_LEN(flag); i++)
			value |= port_bit(spec, port, flag[i].what, flag[i].bit);
		put(set, port == 1 ? 0x1f99c : 0x1f9ac, value, 0x7f8fff20);
	}
}

static uint32_t serdes(const struct spec *spec, const char *group, const char *field)
{
	char key[64];

	snprintf(key, sizeof(key), "%s_%s", group, field);
	return ini_number(&spec->ini, "IB", key, 0);
}

/* mlx-ini 3e */
static void serdes_words(const struct spec *spec, struct records *set)
{
	static const struct {
		const char *group;
		uint32_t addr;
	} rx[] = {{"nego_rx1", 0x33358}, {"nego_eth_rx1", 0x333d8}, {"nego_eth_rx12", 0x33430}},
	  tx[] = {{"force_tx7", 0x332ac},
		  {"aba_tx8", 0x334b0},
		  {"aba_tx9", 0x334b4},
		  {"aba_non_mlpn_tx8", 0x336e0}};
	const char *g;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rx); i++) {
		g = rx[i].group;
		put(set, rx[i].addr,
		    serdes(spec, g, "ffe_tap1") << 24 | serdes(spec, g, "ffe_tap0") << 16 |
			    serdes(spec, g, "slicer2_enable") << 12 |
			    serdes(spec, g, "slicer1_enable") << 8 |
			    serdes(spec, g, "slicer_ind_en"),
		    0xffffffff);
		put(set, rx[i].addr + 4,
		    serdes(spec, g, "ffe_tap4") << 16 | serdes(spec, g, "ffe_tap3") << 8 |
			    serdes(spec, g, "ffe_tap2"),
		    0x00ffffff);
	}
	for (i = 0; i < ARRAY_LEN(tx); i++) {
		g = tx[i].group;
		put(set, tx[i].addr,
		    serdes(spec, g, "ob_bias") << 26 | serdes(spec, g, "preemp") << 24 |
			    serdes(spec, g, "main_polarity") << 23 |
			    serdes(spec, g, "ob_preemp_main") << 16 |
			    serdes(spec, g, "post_polarity") << 15 |
			    serdes(spec, g, "ob_preemp_post") << 8 |
			    serdes(spec, g, "pre_polarity") << 7 | serdes(spec, g, "ob_preemp_pre"),
		    0x3fffffff);
	}
}

/* Words of no known meaning, away from every register a card model gives a meaning to. */
static void filler_words(const struct spec *spec, unsigned int stage, struct records *set)
{
	struct rng r = rng_seed(spec->seed + stage, "words");
	uint32_t mask;
	unsigned int i;

	for (i = 0; i < spec->fillers; i++) {
		mask = UINT32_MAX >> rng_below(&r, 32) << rng_below(&r, 8);
		if (!mask)
			mask = 1;
		put(set, 0x20000 + 4 * rng_below(&r, 0x4000), rng_word(&r), mask);
	}
	/* In the real file some words are in both sections, a few with overlapping masks. */
	put(set, 0x1fd64, stage == 1 ? 0x00000012 : 0x00003400, stage == 1 ? 0xff : 0xffff);
	put(set, 0x1fd68, rng_word(&r), stage == 1 ? 0x0000ffff : 0xffff0000);
}

static int by_address(const void *a, const void *b)
{
	const struct record *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

void config_make(const struct spec *spec, unsigned int stage, struct buf *body)
{
	struct records set = {.count = 0};
	size_t i;

	if (stage == 1) {
		version_words(spec, &set);
		node_description(spec, &set);
		pci_words(spec, &set);
		if (spec->chip->has_words)
			gpio_words(spec, &set);
	} else {
		put(&set, 0x1f0bc,
		    ini_number(&spec->ini, "HCA", "hca_header_device_id", spec->device),
		    0xffffffff);
		if (spec->chip->has_words) {
			speed_words(spec, &set);
			serdes_words(spec, &set);
		}
	}
	filler_words(spec, stage, &set);
	for (i = 0; i < spec->words; i++)
		if (spec->word[i].stage == stage)
			put(&set, spec->word[i].addr, spec->word[i].value, spec->word[i].mask);
	qsort(set.at, set.count, sizeof(set.at[0]), by_address);
	for (i = 0; i < set.count; i++) {
		buf_word(body, set.at[i].addr);
		buf_word(body, set.at[i].value);
		buf_word(body, set.at[i].mask);
	}
}
