// SPDX-License-Identifier: GPL-2.0-only
/* First contact: a card that does not prove that it is understood is not written. */
#include "burn_make.h"

static const struct make old = {.opt = {.chunk_log2 = 19, .code = 9000}};
static const struct make stale = {
	.opt = {.chunk_log2 = 19, .code = 9000}, .subminor = 500, .seed = 22};

/* A card whose flash or whose registers read otherwise the second time. */
static struct {
	uint32_t flip;	  /* physical address of a byte; 0: none, as the first byte is stable */
	bool flip_first;  /* the very first byte, which is a magic */
	uint32_t word[2]; /* the device id word, first and second time */
	uint32_t window;  /* the same by configuration space; 0: no window */
	uint32_t other_version; /* of a version word by configuration space, else as by BAR0 */
	unsigned int asked;
	unsigned int reads;
} card;

static struct cx_flash_ops real;

static int flaky_read(struct cx_flash *f, uint32_t addr, void *buf, uint32_t len,
		      struct cx_err *err)
{
	uint8_t *bytes = buf;

	card.reads++;
	if (real.read(f, addr, buf, len, err))
		return -1;
	if (card.flip && card.flip >= addr && card.flip < addr + len)
		bytes[card.flip - addr] ^= 4;
	if (card.flip_first && !addr)
		bytes[0] ^= 4;
	return 0;
}

static const uint32_t version[4] = {0x20000, 0x903e8, 0x120000, 0x20110203};

static int cr_read(struct cx_flash *f, uint32_t addr, uint32_t *word, unsigned int count,
		   struct cx_err *err)
{
	(void)f;
	if (addr == 0x1f064 && count == 4) {
		memcpy(word, version, sizeof(version));
		return 0;
	}
	if (addr != 0xf0014 || count != 1)
		return cx_fail(err, CX_REFUSED, "no such word");
	*word = card.word[card.asked++ % 2];
	return 0;
}

static int cr_read_window(struct cx_flash *f, uint32_t addr, uint32_t *word, unsigned int count,
			  struct cx_err *err)
{
	if (!card.window)
		return cx_fail(err, CX_REFUSED, "the window does not answer");
	if (cr_read(f, addr, word, count, err))
		return -1;
	if (addr == 0xf0014)
		*word = card.window;
	else if (card.other_version)
		word[1] = card.other_version;
	return 0;
}

static void contact_begin(struct bench *b, struct burn_survey *s)
{
	memset(&card, 0, sizeof(card));
	card.word[0] = card.word[1] = card.window = 0xb00190;
	bench_open(b, 0x11000);
	bench_put(b, 0, &old);
	bench_put(b, 1, &stale);
	strcpy(b->f->info.binding, "takeover");
	b->f->info.jedec = 0x207114; /* 1 MiB */
	b->f->info.pci_device = 0x673c;
	real = b->ops;
	b->ops.cr_read = cr_read;
	b->ops.cr_read_window = cr_read_window;
	bench_survey(b, s);
	b->ops.read = flaky_read;
}

static void contact_end(struct bench *b, struct burn_survey *s)
{
	burn_survey_free(s);
	bench_close(b);
}

static void agrees(void)
{
	struct burn_survey s;
	struct bench b;
	struct cx_err err;
	char text[200];

	contact_begin(&b, &s);
	if (!ok(!burn_contact(&s, text, sizeof(text), &err), "a card that reads alike is trusted"))
		diag("%s", err.text);
	has_str(text,
		"read twice and equal; JEDEC id 207114, PCI id 673c, chip 0x190, by BAR0 and "
		"configuration space alike",
		"and it is said what was compared");
	ok(card.reads > 6, "headers, identities, info sections and code were read again (%u reads)",
	   card.reads);
	contact_end(&b, &s);
}

/* One difference each. */
static void differs(const char *name, void (*spoil)(struct bench *b), const char *says)
{
	struct burn_survey s;
	struct bench b;
	struct cx_err err = {0};
	char text[200];

	contact_begin(&b, &s);
	spoil(&b);
	is_int(burn_contact(&s, text, sizeof(text), &err), -1, "%s: is refused", name);
	is_int(err.status, CX_REFUSED, "%s: as a safety check", name);
	has_str(err.text, "first contact", "%s: by first contact", name);
	has_str(err.text, says, "%s: which says what differed", name);
	contact_end(&b, &s);
}

/* Where a byte of a section of the image in @slot lies. */
static uint32_t place(unsigned int slot, enum fs2_part part, uint32_t offset)
{
	struct fs2 m = make_image(slot ? &stale : &old);
	uint32_t at = m.part[part] + offset;

	free(m.at);
	return bench_start(slot, &old) + at;
}

static void magic(struct bench *b)
{
	(void)b;
	card.flip_first = true;
}

static void header1(struct bench *b)
{
	(void)b;
	card.flip = 0x80000 + 0x30;
}

static void empty_place(struct bench *b)
{
	(void)b;
	card.flip = 0x40000;
}

static void guids0(struct bench *b)
{
	(void)b;
	card.flip = place(0, GUIDS, 20);
}

static void guids1(struct bench *b)
{
	(void)b;
	card.flip = place(1, GUIDS, 20);
}

static void info1(struct bench *b)
{
	(void)b;
	card.flip = place(1, INFO, 40);
}

static void code0(struct bench *b)
{
	(void)b;
	card.flip = place(0, CODE, 16 + 9000 - 5);
}

static void no_part(struct bench *b)
{
	b->f->info.jedec = 0xffffff;
}

static void other_size(struct bench *b)
{
	b->f->info.jedec = 0x207115;
}

static void other_chip(struct bench *b)
{
	(void)b;
	card.word[0] = card.word[1] = 0x1f7;
}

static void other_revision(struct bench *b)
{
	(void)b;
	card.word[0] = card.word[1] = 0xa00190;
}

static void unstable_id(struct bench *b)
{
	(void)b;
	card.word[1] = 0xffffffff;
}

static void other_window(struct bench *b)
{
	(void)b;
	card.window = 0xa00190;
}

static void other_version(struct bench *b)
{
	(void)b;
	card.other_version = 0x903e9;
}

static void other_pci(struct bench *b)
{
	b->f->info.pci_device = 0x1003;
}

static void recovery_of_other(struct bench *b)
{
	b->f->info.pci_device = 0x01f8;
	b->f->info.recovery = true;
}

static void no_register(struct bench *b)
{
	b->ops.cr_read = real.cr_read;
}

/* A part that counts its size otherwise (flash-access 10), and a recovery id, are no difference. */
static void others(void)
{
	struct burn_survey s;
	struct bench b;
	struct cx_err err;
	char text[200];

	contact_begin(&b, &s);
	b.f->info.jedec = 0xbf258e;
	b.f->info.pci_device = 0x0191;
	b.f->info.recovery = true;
	if (!ok(!burn_contact(&s, text, sizeof(text), &err), "a card in recovery with an SST part"))
		diag("%s", err.text);
	contact_end(&b, &s);

	contact_begin(&b, &s);
	card.window = 0;
	ok(!burn_contact(&s, text, sizeof(text), &err), "a card without a window");
	ok(!strstr(text, "alike"), "of which nothing is said to be alike");
	contact_end(&b, &s);

	contact_begin(&b, &s);
	strcpy(b.f->info.binding, "file");
	b.f->info.jedec = 0;
	b.ops.cr_read = real.cr_read;
	if (!ok(!burn_contact(&s, text, sizeof(text), &err), "a file has no registers to compare"))
		diag("%s", err.text);
	card.flip = place(0, GUIDS, 20);
	ok(burn_contact(&s, text, sizeof(text), &err), "but bytes");
	contact_end(&b, &s);
}

int main(void)
{
	agrees();
	differs("a magic", magic, "a header at 0x0 read");
	differs("the other slot's header", header1, "a header at 0x80030 read");
	differs("a place without an image", empty_place,
		"a header at 0x40000 read 0xff, then 0xfb");
	differs("the identity", guids0, "the identity at 0x");
	differs("the other slot's identity", guids1, "the identity at 0x80");
	differs("the other slot's info section", info1, "the info section at 0x80");
	differs("the end of the code", code0, "code at 0x");
	differs("no flash part", no_part, "no flash part answers");
	differs("another size", other_size, "JEDEC id 207115 means 0x200000 bytes");
	differs("another chip", other_chip, "chip 0x1f7");
	differs("another revision", other_revision, "revision 0xa0");
	differs("an unstable device id", unstable_id, "read 0x00b00190, then 0xffffffff");
	differs("another chip by the window", other_window,
		"CR 0xf0014 is 0x00b00190 through BAR0, 0x00a00190 through configuration space");
	differs("another version by the window", other_version,
		"CR 0x1f068 is 0x000903e8 through BAR0, 0x000903e9");
	differs("another PCI id", other_pci, "PCI device id 0x1003 means a ConnectX-3");
	differs("the recovery id of another chip", recovery_of_other,
		"PCI device id 0x01f8 means a ConnectX-3 Pro");
	differs("a register that cannot be read", no_register, "no CR space");
	others();
	return tap_done();
}
