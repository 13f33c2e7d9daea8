// SPDX-License-Identifier: GPL-2.0-only
/*
 * SPI NOR parts behind the gateway: which one it is, read, erase, program, status.
 *
 * Everything but cxflash_nor_ready() and the status expects a part that is not busy; all of it
 * expects the hardware semaphore.
 */
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "cxflash.h"

#define OP_WRITE_STATUS	  0x01
#define OP_PROGRAM	  0x02
#define OP_READ		  0x03
#define OP_READ_STATUS	  0x05
#define OP_WRITE_ENABLE	  0x06
#define OP_ERASE_4K	  0x20
#define OP_READ_ID	  0x9f
#define OP_READ_SIGNATURE 0xab
#define OP_ERASE_64K	  0xd8

#define STATUS_BUSY BIT(0)

#define PAGE 256

#define MIN_LOOKS	100
#define WRITE_STATUS_US 40000 /* flash-access 5.7 */

/*
 * Parts as in flash-access 10; times from their datasheets: the typical one of a family's fastest
 * member, the longest of its slowest.
 */
/* clang-format off */
static const struct cxflash_part parts[] = {
	{ "M25PXxx", 0x20, 0x71, 0x1c, PAGE, { 70, 150 }, { 700, 3000 }, { 800, 5000 } },
	{ "M25Pxx", 0x20, 0x20, 0x1c, PAGE, { 0, 0 }, { 600, 3000 }, { 640, 5000 } },
	{ "N25Q0XX", 0x20, 0xba, 0x5c, PAGE, { 250, 800 }, { 700, 3000 }, { 500, 5000 } },
	{ "SST25VFxx", 0xbf, 0x25, 0x3c, 1, { 0, 0 }, { 18, 25 }, { 7, 10 },
	  .powers_up_protected = true },
	{ "W25QxxBV", 0xef, 0x40, 0x1c, PAGE, { 30, 400 }, { 150, 2000 }, { 700, 3000 } },
	{ "W25Xxx", 0xef, 0x30, 0x1c, PAGE, { 150, 300 }, { 0, 0 }, { 1500, 3000 } },
	{ "W25Qxxx", 0xef, 0x70, 0x1c, PAGE, { 45, 400 }, { 150, 2000 }, { 700, 3000 } },
	{ "AT25DFxxx", 0x1f, 0x40, 0x0c, PAGE, { 50, 200 }, { 0, 0 }, { 1000, 5000 },
	  .density = 0x1f, .powers_up_protected = true },
	{ "S25FLXXXP", 0x01, 0x02, 0x1c, PAGE, { 0, 0 }, { 500, 2000 }, { 1500, 3000 } },
	{ "S25FL116K", 0x01, 0x40, 0x1c, PAGE, { 50, 450 }, { 500, 2000 }, { 700, 3000 } },
	{ "MX25L16xxx", 0xc2, 0x20, 0x3c, PAGE, { 60, 300 }, { 700, 2000 }, { 1400, 5000 } },
	{ "IS25LP", 0x9d, 0x60, 0x3c, PAGE, { 45, 300 }, { 150, 1000 }, { 200, 1000 } },
	{ "GD25", 0xc8, 0x40, 0x1c, PAGE, { 50, 400 }, { 200, 2000 }, { 600, 2400 } },
};

/* clang-format on */

const struct cxflash_part cxflash_no_part = { .name = "unknown" };

static const struct cxflash_part *find_part(u32 jedec)
{
	u8 vendor = jedec >> 16, type = jedec >> 8;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(parts); i++)
		if (parts[i].vendor == vendor && parts[i].type == (type & ~parts[i].density))
			return &parts[i];
	return &cxflash_no_part;
}

/* Bytes, or 0 for a capacity that is none. No more than three address bytes reach. */
static u32 find_size(u32 jedec)
{
	u8 capacity = jedec;

	switch (jedec >> 16) {
	case 0xbf:
		switch (capacity) {
		case 0x41:
			return 2 << 20;
		case 0x4a:
			return 4 << 20;
		case 0x8d:
			return 512 << 10;
		case 0x8e:
			return 1 << 20;
		}
		return 0;
	case 0x1f:
		capacity = 0xf + (jedec >> 8 & 0x1f);
		break;
	}
	return capacity >= 0x11 && capacity <= 0x18 ? 1u << capacity : 0;
}

/* ST parts older than the JEDEC id know an electronic signature instead (flash-access 5.1). */
static int read_signature(struct cxflash_card *card, u32 *jedec)
{
	u32 cmd = GW_OPCODE(OP_READ_SIGNATURE) | GW_ADDRESS | GW_DATA(2) | GW_READ;
	__be32 data;
	u8 signature;
	int err;

	err = cxflash_gateway(card, cmd, 0, &data);
	if (err)
		return err;
	signature = be32_to_cpu(data) >> 24;
	if (signature < 0x10 || signature > 0x16)
		return cxflash_fail(card, -EIO,
				    "No flash part answers: JEDEC id 0x%06x, signature 0x%02x",
				    *jedec, signature);
	*jedec = 0x202000 | (signature + 1);
	return 0;
}

/* Into card->status. */
static int read_status(struct cxflash_card *card)
{
	__be32 data;
	int err;

	err = cxflash_gateway(card, GW_OPCODE(OP_READ_STATUS) | GW_DATA(2) | GW_READ, 0, &data);
	if (!err)
		card->status = be32_to_cpu(data) >> 24;
	return err;
}

/*
 * Which part is there. A part that is not in the table is no failure: card->flash_size is then 0,
 * and card->jedec says what answered.
 */
int cxflash_nor_identify(struct cxflash_card *card)
{
	const struct cxflash_part *part;
	__be32 data;
	u32 jedec;
	int err;

	err = cxflash_gateway(card, GW_OPCODE(OP_READ_ID) | GW_DATA(2) | GW_READ, 0, &data);
	if (err)
		return err;
	jedec = be32_to_cpu(data) >> 8;
	if (jedec == 0 || jedec == 0xffffff) {
		err = cxflash_alive(card) ?: read_signature(card, &jedec);
		if (err)
			return err;
	}
	part = find_part(jedec);

	mutex_lock(&card->lock);
	card->jedec = jedec;
	card->flash_size = part->page ? find_size(jedec) : 0;
	card->part = card->flash_size ? part : &cxflash_no_part;
	mutex_unlock(&card->lock);
	return card->flash_size ? read_status(card) : 0;
}

/* Never more than @us + @late_us where the machine is idle. */
static void sleep_us(u32 us, u32 late_us)
{
	if (us < 10)
		udelay(us);
	else
		usleep_range(us, us + late_us);
}

/*
 * Sleep until just before the part is ready, typically, then look often enough to lose less than 3
 * % of that time. Where nothing is typical, look 512 times in the longest. Time alone does not end
 * this: whoever is kept from running for longer than a part takes gets a few more looks.
 */
static int wait_ready(struct cxflash_card *card, u32 typ_us, u32 max_us, const char *what)
{
	ktime_t end = ktime_add_us(ktime_get(), max_us);
	u32 step = max_t(u32, typ_us ? typ_us / 64 : max_us / 512, 1);
	unsigned int looks;
	bool late;
	int err;

	sleep_us(typ_us - typ_us / 32, typ_us / 64);
	for (looks = 1;; looks++) {
		late = looks >= MIN_LOOKS && ktime_after(ktime_get(), end);
		err = read_status(card);
		if (err || !(card->status & STATUS_BUSY))
			return err;
		if (late)
			break;
		sleep_us(step, step / 8);
	}
	err = cxflash_alive(card);
	if (err)
		return err;
	return cxflash_fail(card, -ETIMEDOUT, "The part is busy %u ms after %s (status 0x%02x)",
			    max_us / 1000, what, card->status);
}

/* All of them, or-ed together. */
u32 cxflash_nor_erase_sizes(const struct cxflash_part *part)
{
	return (part->erase_4k_ms.max ? SZ_4K : 0) | (part->erase_64k_ms.max ? SZ_64K : 0);
}

static const struct cxflash_span *erase_time(const struct cxflash_part *part, u32 size)
{
	return size == SZ_4K ? &part->erase_4k_ms : &part->erase_64k_ms;
}

unsigned int cxflash_nor_erase_ms(struct cxflash_card *card, u32 size)
{
	return erase_time(card->part, size)->max;
}

/*
 * Whoever held the semaphore before may have left the part in the middle of an erase, when every
 * read returns garbage.
 */
int cxflash_nor_ready(struct cxflash_card *card)
{
	u32 max = max(card->part->erase_4k_ms.max, card->part->erase_64k_ms.max);

	return wait_ready(card, 0, max * 1000, "a foreign erase");
}

static int write_enable(struct cxflash_card *card)
{
	return cxflash_gateway(card, GW_OPCODE(OP_WRITE_ENABLE), 0, NULL);
}

static int write_status_zero(struct cxflash_card *card)
{
	__be32 data = 0;
	int err;

	err = write_enable(card)
		      ?: cxflash_gateway(card, GW_OPCODE(OP_WRITE_STATUS) | GW_DATA(0), 0, &data);
	return err ?: wait_ready(card, 0, WRITE_STATUS_US, "a status write");
}

/* By its owner: SST and Atmel parts do it themselves at each power-up (flash-access 5.1). */
bool cxflash_nor_protected(const struct cxflash_card *card)
{
	return card->status & card->part->protect && !card->part->powers_up_protected;
}

/* Refuse a part that is protected, unless it did that itself. */
int cxflash_nor_unprotect(struct cxflash_card *card)
{
	u8 protect = card->part->protect;
	int err;

	err = read_status(card);
	if (!err && card->status & protect && card->part->powers_up_protected)
		err = write_status_zero(card) ?: read_status(card);
	if (!err && card->status == 0xff)
		err = cxflash_alive(card);
	if (err || !(card->status & protect))
		return err;
	return cxflash_fail(card, -EROFS, "The flash part is write-protected (status 0x%02x)",
			    card->status);
}

/* @addr and @len are multiples of 16, @buf is aligned to words. */
int cxflash_nor_read(struct cxflash_card *card, u32 addr, u8 *buf, u32 len)
{
	u32 off;
	int err;

	for (off = 0; off < len; off += FLASH_BLOCK) {
		err = cxflash_gateway(card, GW_OPCODE(OP_READ) | GW_ADDRESS | GW_DATA(4) | GW_READ,
				      addr + off, (__be32 *)(buf + off));
		if (err)
			return err;
	}
	/* Whether the card was there to the end. */
	if (len && !memchr_inv(buf + len - FLASH_BLOCK, 0xff, FLASH_BLOCK))
		return cxflash_alive(card);
	return 0;
}

int cxflash_nor_erase(struct cxflash_card *card, u32 addr, u32 size)
{
	const struct cxflash_span *ms = erase_time(card->part, size);
	u8 opcode = size == SZ_4K ? OP_ERASE_4K : OP_ERASE_64K;
	int err;

	err = write_enable(card)
		      ?: cxflash_gateway(card, GW_OPCODE(opcode) | GW_ADDRESS, addr, NULL);
	return err ?: wait_ready(card, ms->typ * 1000, ms->max * 1000, "an erase");
}

/* Parts that program single bytes. */
static int program_bytes(struct cxflash_card *card, u32 addr, const u8 *buf, u32 len)
{
	const struct cxflash_span *us = &card->part->program_us;
	u32 i, cmd = GW_OPCODE(OP_PROGRAM) | GW_ADDRESS | GW_DATA(0);
	__be32 data;
	int err = 0;

	for (i = 0; i < len && !err; i++) {
		if (buf[i] == 0xff)
			continue;
		data = cpu_to_be32((u32)buf[i] << 24);
		err = write_enable(card) ?:
		      cxflash_gateway(card, cmd, addr + i, &data) ?:
		      wait_ready(card, us->typ, us->max, "programming a byte");
	}
	return err;
}

/* Raise chip select in the middle of a page, as a reset does; ones program nothing. */
static void end_page(struct cxflash_card *card)
{
	__be32 ones[4];
	char why[sizeof(card->why)];

	memset(ones, 0xff, sizeof(ones));
	memcpy(why, card->why, sizeof(why));
	cxflash_gateway(card, GW_DATA(4), 0, ones);
	memcpy(card->why, why, sizeof(why));
}

/* Chip select stays low between the beats: the part sees one command (flash-access 5.4). */
static int program_page(struct cxflash_card *card, u32 addr, u8 *buf, u32 len)
{
	const struct cxflash_span *us = &card->part->program_us;
	u32 off, cmd;
	int err;

	err = write_enable(card);
	for (off = 0; off < len && !err; off += FLASH_BLOCK) {
		cmd = GW_DATA(4);
		if (off == 0)
			cmd |= GW_OPCODE(OP_PROGRAM) | GW_ADDRESS;
		if (off + FLASH_BLOCK < len)
			cmd |= GW_HOLD;
		err = cxflash_gateway(card, cmd, addr, (__be32 *)(buf + off));
	}
	if (!err)
		return wait_ready(card, us->typ, us->max, "programming a page");
	if (card->held && err != -ECONNRESET)
		end_page(card);
	return err;
}

/* Within one 256-byte page; @addr and @len are multiples of 16, @buf is aligned to words. */
int cxflash_nor_program(struct cxflash_card *card, u32 addr, u8 *buf, u32 len)
{
	if (card->part->page == 1)
		return program_bytes(card, addr, buf, len);
	return program_page(card, addr, buf, len);
}
