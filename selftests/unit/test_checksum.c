// SPDX-License-Identifier: GPL-2.0-only
/* The checksum of a release, by a second reckoning; test_judge.sh has mstflint's. */
#include <md5.h>

#include "fw/image/checksum.h"
#include "fs2_make.h"
#include "tap.h"

static const char *sum(const struct fs2 *m)
{
	static char text[2][FW_CHECKSUM_TEXT];
	static unsigned int turn;
	struct fw_image img;
	struct cx_err err;

	turn = !turn;
	if (fw_image_parse(m->at, m->len, &img, &err)) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	if (fw_image_checksum(&img, text[turn], &err))
		snprintf(text[turn], sizeof(text[turn]), "%.32s", err.text);
	fw_image_free(&img);
	return text[turn];
}

/* Address of the VSD's data. */
static uint32_t vsd(const struct fs2 *m)
{
	uint32_t at = m->part[INFO] + 16;

	while (m->at[at] != 5)
		at += 4 + (fs2_get(m->at + at) & 0xffffff);
	return at + 4;
}

static void by_hand(void)
{
	struct fs2 m = fs2_make(&(struct fs2_options){0}), blanked = fs2_clone(&m);
	char plain[33], back[33] = "";

	memset(blanked.at + 0x20, 0xff, 4);
	memset(blanked.at + m.part[GUIDS], 0xff, 0x44);
	memset(blanked.at + vsd(&m), 0xff, 208);
	memset(blanked.at + m.part[CODE] - 4, 0xff, 4);
	MD5Data(blanked.at, blanked.len, plain);
	for (int i = 0; i < 16; i++)
		memcpy(back + 2 * i, plain + 30 - 2 * i, 2);
	is_str(sum(&m), back, "MD5 of the blanked image, last byte first");
	free(blanked.at);
	free(m.at);
}

static void same_release(void)
{
	struct fs2 m = fs2_make(&(struct fs2_options){0}), n = fs2_clone(&m);

	fs2_set(n.at + n.part[GUIDS] + 20, 0x99);
	fs2_reseal(&n, GUIDS);
	memcpy(n.at + vsd(&n), "another", 7);
	fs2_reseal(&n, INFO);
	fs2_reseal_whole(&n);
	is_str(sum(&n), sum(&m), "another card has the same");
	n.at[n.part[CODE] + 20] ^= 1;
	fs2_reseal(&n, CODE);
	fs2_reseal_whole(&n);
	ok(strcmp(sum(&n), sum(&m)), "another release has not");
	n.at[n.part[CODE] + 20] ^= 2;
	has_str(sum(&n), "damaged image", "a damaged image has none");
	free(n.at);
	free(m.at);
}

int main(void)
{
	by_hand();
	same_release();
	return tap_done();
}
