// SPDX-License-Identifier: GPL-2.0-only
/* The strict verifier again: every bit of an image flipped, and 100,000 images damaged at random.
 */
#include "fw/image/verify.h"
#include "fs2_make.h"
#include "tap.h"

/* The number of BAD findings; -1 if the image cannot even be taken apart. */
static int verify(const struct fs2 *m)
{
	struct fw_image img;
	struct cx_err err;
	int bad;

	if (fw_image_parse(m->at, m->len, &img, &err))
		return -1;
	bad = fw_verify(&img, FW_CHIP_CONNECTX2, 0x200000, NULL, NULL);
	fw_image_free(&img);
	return bad;
}

/*
 * Bytes no CRC covers when the whole-image CRC does not bind: the header's own words 0x10-0x27,
 * whose meaning nobody knows, and the param word of a GUID section with a blank CRC.
 */
static bool is_bare(const struct fs2 *m, size_t at)
{
	return (at >= 0x10 && at < 0x28) ||
	       (m->blank && at >= m->part[GUIDS] + 8 && at < m->part[GUIDS] + 12);
}

static void every_bit(void)
{
	static const struct {
		const char *name;
		struct fs2_options opt;
		size_t bare; /* bytes */
	} kind[] = {
		{"with GUIDs and MIC tag", {0}, 0},
		{"with GUIDs, no MIC tag", {.no_mic = true}, 0x18},
		{"blank GUIDs", {.blank = true}, 0x18 + 4},
	};

	for (size_t i = 0; i < 3; i++) {
		struct fs2 m = fs2_make(&kind[i].opt);
		size_t missed = 0, bare = 0;

		for (size_t bit = 0; bit < m.len * 8; bit++) {
			m.at[bit / 8] ^= 1 << bit % 8;
			if (!verify(&m)) {
				if (kind[i].bare && is_bare(&m, bit / 8))
					bare++;
				else if (!missed++)
					diag("bit %zu of byte 0x%zx is missed", bit % 8, bit / 8);
			}
			m.at[bit / 8] ^= 1 << bit % 8;
		}
		is_int(missed, 0, "%s: each of %zu flipped bits is an error", kind[i].name,
		       m.len * 8);
		is_int(bare, kind[i].bare * 8, "%s: but for words that no other CRC covers",
		       kind[i].name);
		free(m.at);
	}
}

static void mutate(struct fs2 *m, uint32_t *seed)
{
	static const uint32_t nasty[] = {0,	     1,		3,	    4,		0x10,
					 0xff,	     0xffff,	0x100000,   0x100001,	0x400000,
					 0xffffff,   0x1000000, 0x7fffffff, 0x80000000, 0xff000000,
					 0xfffffffc, 0xffffffff};
	unsigned int times = 1 + fs2_rand(seed) % 4;

	while (times--) {
		size_t at = fs2_rand(seed) % m->len;

		switch (fs2_rand(seed) % 4) {
		case 0:
			m->at[at] ^= 1 << fs2_rand(seed) % 8;
			break;
		case 1:
			m->at[at] = fs2_rand(seed);
			break;
		case 2:
			fs2_set(m->at + at / 4 * 4, nasty[fs2_rand(seed) % 17]);
			break;
		case 3:
			fs2_set(m->at + at / 4 * 4, fs2_rand(seed) % m->len);
			break;
		}
	}
}

/*
 * 100,000 images with one to four wounds, half of them sealed again so that the damage gets past
 * the CRCs. None may crash; of the unsealed ones hardly any may verify: 16 bits of CRC let one in
 * 65536 through.
 */
static void at_random(void)
{
	struct fs2 whole = fs2_make(&(struct fs2_options){0});
	size_t refused = 0, bad = 0, missed = 0, sealed_good = 0;
	uint32_t seed = 20110909;

	for (size_t i = 0; i < 100000; i++) {
		struct fs2 m = fs2_clone(&whole);
		bool same, sealed = i % 2;
		int ret;

		mutate(&m, &seed);
		same = !memcmp(m.at, whole.at, m.len);
		for (size_t k = 0; k < PARTS && sealed; k++)
			if (16 + 4ull * fs2_get(m.at + m.part[k] + 4) < m.len - m.part[k])
				fs2_reseal(&m, k);
		if (sealed)
			fs2_reseal_whole(&m);
		ret = verify(&m);
		if (ret < 0)
			refused++;
		else if (ret)
			bad++;
		else if (sealed)
			sealed_good++;
		else if (!same)
			missed++;
		free(m.at);
	}
	diag("%zu refused, %zu bad, %zu sealed and good, %zu missed", refused, bad, sealed_good,
	     missed);
	ok(missed <= 5, "of 50,000 unsealed mutations hardly any verifies (%zu)", missed);
	ok(refused > 1000 && bad > 1000 && sealed_good > 1000, "all ways out were taken");
	free(whole.at);
}

int main(void)
{
	every_bit();
	at_random();
	return tap_done();
}
