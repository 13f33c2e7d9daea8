// SPDX-License-Identifier: GPL-2.0-only
/* Board parameters: reading a value, and a generated text (mlx-ini 2b, 6). */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "image.h"

/* Cut blanks off both ends of [from, to). */
static char *trimmed(const char *from, const char *to)
{
	while (from < to && isspace((unsigned char)*from))
		from++;
	while (to > from && isspace((unsigned char)to[-1]))
		to--;
	return strndup(from, to - from);
}

static bool key_matches(const char *line, const char *equals, const char *key)
{
	char *found = trimmed(line, equals);
	bool same = !strcasecmp(found, key);

	free(found);
	return same;
}

char *ini_get(const struct buf *ini, const char *section, const char *key)
{
	const char *line = (const char *)ini->at, *end = line + ini->len, *next, *equals;
	size_t name = strlen(section);
	bool inside = false;

	for (; line < end; line = next + 1) {
		next = memchr(line, '\n', end - line);
		if (!next)
			next = end;
		if (*line == ';')
			continue;
		if (*line == '[')
			inside = (size_t)(next - line) >= name + 2 &&
				 !strncmp(line + 1, section, name) && line[name + 1] == ']';
		equals = memchr(line, '=', next - line);
		if (inside && equals && key_matches(line, equals, key))
			return trimmed(equals + 1, next);
	}
	return NULL;
}

uint32_t ini_number(const struct buf *ini, const char *section, const char *key, uint32_t absent)
{
	char *value = ini->len ? ini_get(ini, section, key) : NULL, *end;
	uint32_t number = absent;

	if (!value)
		return absent;
	if (!strcmp(value, "true") || !strcmp(value, "false")) {
		number = value[0] == 't';
	} else {
		number = strtoul(value, &end, 0);
		if (!*value || *end)
			die("[%s] %s = %s is no number", section, key, value);
	}
	free(value);
	return number;
}

/* One key in one of the styles of the real file. */
static void put_key(struct buf *ini, struct rng *r, const char *key, uint32_t value, uint32_t limit)
{
	static const char *const equals[] = {" = ", "=", " =", "   = "};
	const char *eq = equals[rng_below(r, ARRAY_LEN(equals))];

	if (limit == 1 && rng_chance(r, 50))
		buf_text(ini, "%s%s%s", key, eq, value ? "true" : "false");
	else
		buf_text(ini, rng_chance(r, 50) ? "%s%s0x%x" : "%s%s%u", key, eq, value);
	buf_text(ini, "%s\n", rng_chance(r, 10) ? "  " : "");
	if (rng_chance(r, 5))
		buf_text(ini, ";; %s was measured\n", key);
}

static void put_random(struct buf *ini, struct rng *r, const char *key, uint32_t limit)
{
	put_key(ini, r, key, limit == UINT32_MAX ? rng_word(r) : rng_below(r, limit + 1), limit);
}

static void put_serdes(struct buf *ini, struct rng *r)
{
	static const char *const rx[] = {"nego_rx1", "nego_eth_rx1", "nego_eth_rx12"};
	static const char *const tx[] = {"force_tx7", "aba_tx8", "aba_tx9", "aba_non_mlpn_tx8"};
	static const struct {
		const char *name;
		uint32_t limit;
	} rx_field[] = {{"slicer_ind_en", 255}, {"slicer1_enable", 15}, {"slicer2_enable", 15},
			{"ffe_tap0", 255},	{"ffe_tap1", 255},	{"ffe_tap2", 255},
			{"ffe_tap3", 255},	{"ffe_tap4", 255}},
	  tx_field[] = {{"ob_bias", 15},	 {"preemp", 3},		{"main_polarity", 1},
			{"post_polarity", 1},	 {"pre_polarity", 1},	{"ob_preemp_main", 127},
			{"ob_preemp_post", 127}, {"ob_preemp_pre", 127}};
	char key[64];
	size_t i, j;

	for (i = 0; i < ARRAY_LEN(rx); i++)
		for (j = 0; j < ARRAY_LEN(rx_field); j++) {
			snprintf(key, sizeof(key), "%s_%s", rx[i], rx_field[j].name);
			put_random(ini, r, key, rx_field[j].limit);
		}
	for (i = 0; i < ARRAY_LEN(tx); i++)
		for (j = 0; j < ARRAY_LEN(tx_field); j++) {
			snprintf(key, sizeof(key), "%s_%s", tx[i], tx_field[j].name);
			put_random(ini, r, key, tx_field[j].limit);
		}
}

static void put_ports(struct buf *ini, struct rng *r)
{
	char key[64];
	unsigned int port;

	buf_text(ini, "num_of_ports = Two_Ports\n");
	for (port = 1; port <= 2; port++) {
		buf_text(ini, "phy_type_port%u = XFI\n", port);
		snprintf(key, sizeof(key), "read_cable_params_port%u_en", port);
		put_random(ini, r, key, 1);
		snprintf(key, sizeof(key), "port%u_802_3ap_kx4_ability", port);
		put_random(ini, r, key, 1);
		snprintf(key, sizeof(key), "port%u_802_3ap_kx4_enable", port);
		put_random(ini, r, key, 1);
	}
}

/* A text that agrees with @spec where the two speak of the same thing. */
void ini_generate(struct buf *ini, const struct spec *spec)
{
	static const char *const gpio[] = {"gpio_mode1", "gpio_mode0", "gpio_default_val",
					   "gpio_pull_up", "gpio_pull_enable"};
	struct rng r = rng_seed(spec->seed, "ini");
	size_t i;

	buf_text(ini, ";; synthetic board %u\n\n[PS_INFO]\nName = SYN%04u_A1\n", spec->chip->device,
		 rng_below(&r, 10000));
	buf_text(ini, "Description = Synthetic adapter; for tests only; %u ports\n", 2);
	if (spec->prs[0])
		buf_text(ini, "PRS_name = %s\n", spec->prs);
	buf_text(ini, "\n[ADAPTER]\nPSID = %s\n", spec->psid);
	put_key(ini, &r, "adapter_dev_id", spec->device, 0xffff);
	for (i = 0; i < ARRAY_LEN(gpio); i++)
		put_random(ini, &r, gpio[i], UINT32_MAX);
	put_random(ini, &r, "nv_cfg_en", 1);
	if (spec->tags >> 19 & 1)
		put_key(ini, &r, "nv_config_sectors", spec->nv_sectors, UINT32_MAX);
	buf_text(ini, "\n[HCA]\n");
	put_key(ini, &r, "hca_header_device_id", spec->device, 0xffff);
	put_random(ini, &r, "hca_header_subsystem_id", 0xffff);
	put_key(ini, &r, "hca_header_class_code", rng_chance(&r, 50) ? 0x020000 : 0x0c0600,
		0xffffff);
	put_random(ini, &r, "total_vfs", 64);
	buf_text(ini, "\n[IB]\n");
	put_ports(ini, &r);
	put_serdes(ini, &r);
	buf_text(ini, "\n[PLL]\n");
	put_random(ini, &r, "core_f", 127);
	put_random(ini, &r, "core_r", 15);
	buf_text(ini, "\n[FW]\n");
	put_key(ini, &r, "log_flashdev_size", 21, 31);
	if ((spec->tags >> 19 & 1) && spec->has_nv_log2k)
		put_key(ini, &r, "log_flash_sector_size", spec->nv_log2k, 31);
}
