// SPDX-License-Identifier: GPL-2.0-only
/* A random sound image: any combination here is one a verifier must accept. */
#include <stdio.h>
#include <string.h>

#include "image.h"

static const char *const psids[] = {"MT_0EF0110009",	"DEL09A0000009",    "SUN0170000009",
				    "SM_2121000001000", "X6275_QDR_IB_2.5", "HP_0F60000010"};

/* BCD, as dates and times are kept. */
static uint32_t bcd(uint32_t number)
{
	return number / 10 << 4 | number % 10;
}

static void random_identity(struct spec *s, struct rng *r)
{
	uint64_t base = 0x0002c90300000000u | (rng_word(r) & ~7u);
	uint64_t mac = 0x0002c9000000u + (rng_word(r) & 0xfffff0);
	unsigned int i;

	if (rng_chance(r, 70))
		for (i = 0; i < 4; i++)
			s->guid[i] = base + i;
	if (rng_chance(r, 70))
		for (i = 0; i < 2; i++)
			s->mac[i] = mac + i;
	s->guid_entries = rng_chance(r, 85) ? 6 : rng_chance(r, 50) ? 4 : 8;
}

static void random_info(struct spec *s, struct rng *r)
{
	static const uint8_t optional[] = {0, 5, 7, 8, 9, 10, 11, 19, 20};
	size_t i;

	snprintf(s->psid, sizeof(s->psid), "%s", psids[rng_below(r, ARRAY_LEN(psids))]);
	s->version[0] = 2;
	s->version[1] = rng_below(r, rng_chance(r, 10) ? 300 : 50);
	s->version[2] = rng_below(r, 10000);
	s->date = bcd(20) << 24 | bcd(7 + rng_below(r, 12)) << 16 | bcd(1 + rng_below(r, 12)) << 8 |
		  bcd(1 + rng_below(r, 28));
	s->time = bcd(rng_below(r, 24)) << 16 | bcd(rng_below(r, 60)) << 8 | bcd(rng_below(r, 60));
	for (i = 0; i < ARRAY_LEN(optional); i++)
		if (rng_chance(r, 10))
			s->tags &= ~(1u << optional[i]);
	if (rng_chance(r, 50))
		snprintf(s->vsd, sizeof(s->vsd), "lot %u, shelf %u", rng_below(r, 1000),
			 rng_below(r, 100));
	if (rng_chance(r, 30))
		snprintf(s->product, sizeof(s->product), "02.%02u.%02u.00", rng_below(r, 100),
			 rng_below(r, 100));
	if (rng_chance(r, 50))
		snprintf(s->prs, sizeof(s->prs), "board_%u_2mb.prs", rng_below(r, 100000));
	s->has_access_key = rng_chance(r, 20);
	s->access_key[0] = rng_word(r);
	s->access_key[1] = rng_word(r);
	s->has_min_fit = rng_chance(r, 20);
	for (i = 0; i < 4; i++)
		s->min_fit[i] = rng_below(r, 100);
	s->nv_sectors = rng_below(r, 4);
	s->has_nv_log2k = rng_chance(r, 70);
	s->nv_log2k = rng_chance(r, 50) ? 2 : 4;
	if (rng_chance(r, 60))
		s->tags |= 1u << 19;
}

static void random_rom(struct spec *s, struct rng *r)
{
	static const char *const kinds[] = {"pxe", "uefi", "clp", "virtio", "nvme"};
	unsigned int count = 1 + rng_below(r, 3), i;
	char *what = s->rom_text;
	size_t len = 0;

	for (i = 0; i < count; i++)
		len += snprintf(what + len, sizeof(s->rom_text) - len, "%s%s:%u.%u.%u:%x:%x:%x:%x",
				i ? "+" : "", kinds[rng_below(r, ARRAY_LEN(kinds))],
				rng_below(r, 20), rng_below(r, 20), rng_below(r, 1000), s->device,
				rng_chance(r, 50) ? 0xff : rng_below(r, 3), rng_below(r, 3),
				rng_below(r, 5));
	rom_make(&s->rom, what, 512 * (1 + rng_below(r, 16)), s->seed);
}

static void random_layout(struct spec *s, struct rng *r)
{
	s->boot_sections = 1 + rng_below(r, 2);
	s->nonfailsafe = rng_chance(r, 15);
	s->chunk_log2 = 16 + rng_below(r, 5);
	s->last_ff = rng_chance(r, 50);
	s->ddr_count = 1 + rng_below(r, 12);
	s->ddr_size = 64 + rng_below(r, 3000);
	s->lzma_end_marker = rng_chance(r, 30);
	s->code_first = rng_chance(r, 20);
	s->fillers = rng_below(r, 60);
	s->ini_level = rng_chance(r, 70) ? 9 : rng_chance(r, 50) ? 6 : 1;
	s->emt = rng_chance(r, 15) ? 1 + rng_below(r, 200) : 0;
	s->user_data = rng_chance(r, 15) ? 4 + rng_below(r, 200) : 0;
	s->board_id = rng_chance(r, 15) ? 4 + rng_below(r, 64) : 0;
	s->ddrz = rng_chance(r, 10);
	/* Right behind the boot section an unknown type would read as a second boot section. */
	s->unknown_type = rng_chance(r, 15) ? 13 + rng_below(r, 200) : 0;
	if (rng_chance(r, 15))
		buf_text(&s->hash, "synthetic hash file %u\n", rng_word(r));
	s->pad = rng_chance(r, 15) ? 4 * (1 + rng_below(r, 1000)) : 0;
}

/* @spec holds the defaults of its chip. */
void spec_random(struct spec *spec, uint64_t seed)
{
	struct rng r = rng_seed(seed, "spec");

	random_identity(spec, &r);
	random_info(spec, &r);
	random_layout(spec, &r);
	if (rng_chance(&r, 60))
		random_rom(spec, &r);
	if (rng_chance(&r, 85))
		ini_generate(&spec->ini, spec);
	spec->unordered = rng_chance(&r, 10);
}
