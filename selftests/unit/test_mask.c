// SPDX-License-Identifier: GPL-2.0-only
/* What a report hides, and what it leaves. */
#include <stdlib.h>

#include "host/mask.h"
#include "tap.h"

static struct mask mask;

static const char *masked(const char *text)
{
	static char *last;
	size_t len;

	free(last);
	last = mask_text(&mask, text, strlen(text), &len);
	return last && strlen(last) == len ? last : "(none)";
}

int main(void)
{
	static const struct {
		const char *text, *masked;
	} rows[] = {
		{"GUIDs: 0002c90300a1b2c0 0002c90300a1b2c1",
		 "GUIDs: 0002c90300a1b2c3 0002c90300a1b2c4"},
		{"0002:c903:00a1:b2c0", "0002:c903:00a1:b2c3"},
		{"fe80:0000:0000:0000:0002:c903:00a1:b2c0",
		 "fe80:0000:0000:0000:0002:c903:00a1:b2c3"},
		{"MAC 0002c9a1b2c0,", "MAC 0002c9a1b2c3,"},
		{"link/ether 00:02:c9:a1:b2:ff brd", "link/ether 00:02:c9:a1:b3:02 brd"},
		{"0002c9ffffff", "0002c9000002"},
		{"80:00:00:48:fe:80:00:00:00:00:00:00:00:02:c9:03:00:a1:b2:c1",
		 "80:00:00:48:fe:80:00:00:00:00:00:00:00:02:c9:03:00:a1:b2:c4"},
		{"0xfe800000000000000002c90300a1b2c1", "0xfe800000000000000002c90300a1b2c4"},
		{"net/enx0002c9a1b2c0/mtu", "net/enx0002c9a1b2c3/mtu"},
		{"guid 0x0002c90300a1b2c0", "guid 0x0002c90300a1b2c3"},
		/* No identities. */
		{"SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
		 "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"},
		{"0xffff888103a1b2c0", "0xffff888103a1b2c0"},
		{"0x00000000fbe00000 0x000000000b761c36", "0x00000000fbe00000 0x000000000b761c36"},
		{"0000:04:00.0 15b3:673c 12:34:56", "0000:04:00.0 15b3:673c 12:34:56"},
		{"0002c90300a1b2c0aa", "0002c90300a1b2c0aa"},
		/* Nobody's. */
		{"0000000000000000 ffff:ffff:ffff:ffff", "0000000000000000 ffff:ffff:ffff:ffff"},
		{"0002c9000100d050 00:02:c9:00:00:01", "0002c9000100d050 00:02:c9:00:00:01"},
		{"on files:/pool at /srv and /srv2", "on SOURCE1 at /mnt/2 and /mnt/3"},
		{"at '/my share' or /my\\040share", "at '/mnt/4' or /mnt/4"},
		{"", ""},
	};

	is_int(mask_begin(&mask), 0, "a secret is drawn");
	ok(mask.secret && mask.secret <= 0xffffff, "of 24 bits");
	mask.secret = 3;
	mask_word(&mask, "files:/pool", "SOURCE");
	mask_word(&mask, "/srv", "/mnt/");
	mask_word(&mask, "/srv2", "/mnt/");
	mask_word(&mask, "/srv", "/mnt/");
	mask_word(&mask, "/my share", "/mnt/");
	mask_alias(&mask, "/my\\040share", "/my share");
	mask_alias(&mask, "/my\\040share", "/srv");
	mask_alias(&mask, "/nowhere", "/nobody");
	mask_word(&mask, "/", "ROOT");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		is_str(masked(rows[i].text), rows[i].masked, "\"%s\"", rows[i].text);
	is_int(mask.words, 5, "each once");
	mask.lost = true;
	is_str(masked(rows[0].text), "(none)", "nothing is shown if a word could not be kept");
	mask.lost = false;
	mask.off = true;
	is_str(masked(rows[0].text), rows[0].text, "switched off, it changes nothing");
	masked("");
	mask_free(&mask);
	ok(!mask.words, "it is given back");
	free(mask_text(&mask, "", 0, &(size_t){0}));
	return tap_done();
}
