// SPDX-License-Identifier: GPL-2.0-only
/* Files that hold a flash, but not as a card does. */
#include "fw/image/misread.h"

#include "fs2_make.h"
#include "fw/image/dump.h"
#include "tap.h"

#define PART 0x80000u

static uint8_t flash[2 * PART], spoilt[2 * PART + 8];

/* What is said of @len bytes of spoilt. */
static void says(const char *name, size_t len, const char *text)
{
	char buf[300];
	uint8_t *exact = malloc(len ? len : 1);
	const char *got;

	memcpy(exact, spoilt, len);
	got = fw_misread(exact, len, buf, sizeof(buf));
	free(exact);
	if (text)
		has_str(got ? got : "nothing", text, "%s", name);
	else
		ok(!got, "%s", name);
}

static void swaps(void)
{
	static const struct {
		const char *name, *text;
		size_t flip;
	} order[] = {
		{"bytes of a word reversed", "--reverse-bytes=4 FILE RIGHT'", 3},
		{"bytes of a pair swapped", "conv=swab if=FILE", 1},
		{"halves of a word swapped", "conv=swab if=HALF", 2},
	};

	for (size_t k = 0; k < 3; k++) {
		for (size_t i = 0; i < PART; i++)
			spoilt[i ^ order[k].flip] = flash[i];
		says(order[k].name, PART, order[k].text);
	}
	for (size_t i = 0; i < PART; i++) {
		spoilt[i] = 0;
		for (int b = 0; b < 8; b++)
			spoilt[i] |= (flash[i] >> b & 1) << (7 - b);
	}
	says("bits in reverse order", PART, "most significant bit first");
	for (size_t i = 0; i < PART; i++)
		spoilt[i] = ~flash[i];
	says("inverted", PART, "every bit is inverted");
}

static void shifts(void)
{
	for (size_t by = 1; by < 8; by += 3) {
		char text[64];

		memset(spoilt, 0xff, by);
		memcpy(spoilt + by, flash, PART);
		snprintf(text, sizeof(text), "'tail -c +%zu FILE'", by + 1);
		says("shifted", PART, text);
	}
}

static void texts(void)
{
	const char *words = "-E- Cannot open Device: no such file\nsecond line\n";
	size_t len = strlen(words);

	memcpy(spoilt, words, len);
	says("a tool's message", len, "begins: \"-E- Cannot open Device: no such file\"");
	memcpy(spoilt, "\xef\xbb\xbf", 3);
	memcpy(spoilt + 3, words, len);
	says("with a byte order mark", len + 3, "it is text,");
	for (int big = 0; big < 2; big++) {
		memcpy(spoilt, big ? "\xfe\xff" : "\xff\xfe", 2);
		for (size_t i = 0; i < len; i++) {
			spoilt[2 + 2 * i + big] = words[i];
			spoilt[2 + 2 * i + !big] = 0;
		}
		says("in UTF-16", 2 + 2 * len, "text in UTF-16");
	}
	for (size_t i = 0; i < 2 * len; i++)
		spoilt[i] = i % 2 ? 0 : words[i / 2];
	says("in UTF-16 without a mark", 2 * len, "text in UTF-16");
}

static void nothing(void)
{
	memset(spoilt, 0xff, PART);
	says("a blank flash", PART, NULL);
	says("no bytes", 0, NULL);
	for (size_t i = 0; i < PART; i++)
		spoilt[i] = i * 2654435761u >> 13;
	says("noise", PART, NULL);
}

static void copies(void)
{
	memcpy(flash + PART, flash, PART);
	is_int(fw_dump_first_copy(flash, 2 * PART), PART,
	       "a part that was read as one of twice its size");
	is_int(fw_dump_first_copy(flash, PART), PART, "and as what it is");
	flash[PART + 5] ^= 1;
	is_int(fw_dump_first_copy(flash, 2 * PART), 2 * PART, "what differs is no copy");
	flash[PART + 5] ^= 1;
	is_int(fw_dump_first_copy(flash, 2 * PART - 4), 2 * PART - 4, "nor is what is cut off");
	/* Slots of this size: the halves are two images that may well be equal. */
	flash[0x28 + 3] = 0x0b;
	flash[PART + 0x28 + 3] = 0x0b;
	is_int(fw_dump_first_copy(flash, 2 * PART), 2 * PART, "two equal slots are no copies");
	memset(flash, 0xff, sizeof(flash));
	is_int(fw_dump_first_copy(flash, 2 * PART), 2 * PART, "and a blank flash is just blank");
}

int main(void)
{
	struct fs2 m = fs2_make(&(struct fs2_options){.chunk_log2 = 18});

	memset(flash, 0xff, sizeof(flash));
	memcpy(flash, m.at, m.len < PART ? m.len : PART);
	swaps();
	shifts();
	texts();
	nothing();
	flash[0x28 + 3] = 0; /* not divided into slots */
	copies();
	return tap_done();
}
