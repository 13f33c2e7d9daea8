// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SPI NOR part behind the gateway: which one it is, read, erase, program, status.
 *
 * Everything but cxflash_nor_ready() and the status expects a part that is not busy; all of it
 * expects the hardware semaphore.
 */
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "nor.h"

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

#define MIN_LOOKS	100
#define WRITE_STATUS_US 40000 /* flash-access 5.7 */

void cxflash_nor_init(struct cxflash_nor *nor, struct cxflash_hold *hold, u32 generation)
{
	nor->hold = hold;
	nor->generation = generation;
	nor->flash.part = &cxflash_no_part;
	mutex_init(&nor->lock);
}

/* For those who do not have hold->lock. */
struct cxflash_flash cxflash_nor_flash(struct cxflash_nor *nor)
{
	struct cxflash_flash flash;

	mutex_lock(&nor->lock);
	flash = nor->flash;
	mutex_unlock(&nor->lock);
	return flash;
}

/* ST parts older than the JEDEC id know an electronic signature instead (flash-access 5.1). */
static int nor_read_signature(struct cxflash_nor *nor, u32 *jedec, struct cxflash_why *why)
{
	u32 cmd = GW_OPCODE(OP_READ_SIGNATURE) | GW_ADDRESS | GW_DATA(2) | GW_READ;
	__be32 data;
	u8 signature;
	int err;

	err = cxflash_gateway(nor->hold, cmd, 0, &data, why);
	if (err)
		return err;
	signature = be32_to_cpu(data) >> 24;
	if (signature < 0x10 || signature > 0x16)
		return cxflash_fail(why, -EIO,
				    "No flash part answers: JEDEC id 0x%06x, signature 0x%02x",
				    *jedec, signature);
	*jedec = 0x202000 | (signature + 1);
	return 0;
}

/* Into nor->flash.status. */
static int nor_read_status(struct cxflash_nor *nor, struct cxflash_why *why)
{
	u32 cmd = GW_OPCODE(OP_READ_STATUS) | GW_DATA(2) | GW_READ;
	__be32 data;
	int err;

	err = cxflash_gateway(nor->hold, cmd, 0, &data, why);
	if (err)
		return err;
	mutex_lock(&nor->lock);
	nor->flash.status = be32_to_cpu(data) >> 24;
	mutex_unlock(&nor->lock);
	return 0;
}

/*
 * Which part is there, of which nothing else is known then. A part that is not in the table is no
 * failure: its size is then 0, and its id says what answered.
 */
int cxflash_nor_identify(struct cxflash_nor *nor, struct cxflash_why *why)
{
	u32 cmd = GW_OPCODE(OP_READ_ID) | GW_DATA(2) | GW_READ;
	const struct cxflash_part *part;
	__be32 data;
	u32 jedec;
	int err;

	bitmap_zero(nor->blank, FLASH_MAX / FLASH_SLICE);
	err = cxflash_gateway(nor->hold, cmd, 0, &data, why);
	if (err)
		return err;
	jedec = be32_to_cpu(data) >> 8;
	if (jedec == 0 || jedec == 0xffffff) {
		err = cxflash_hold_alive(nor->hold, why) ?: nor_read_signature(nor, &jedec, why);
		if (err)
			return err;
	}
	part = cxflash_part_find(jedec);

	mutex_lock(&nor->lock);
	nor->flash.jedec = jedec;
	nor->flash.part = part;
	nor->flash.size = part->size ? part->size(jedec) : 0;
	mutex_unlock(&nor->lock);
	return nor->flash.size ? nor_read_status(nor, why) : 0;
}

/* Never more than @us + @late_us where the machine is idle. */
static void nor_sleep_us(u32 us, u32 late_us)
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
static int nor_wait_ready(struct cxflash_nor *nor, u32 typ_us, u32 max_us, const char *what,
			  struct cxflash_why *why)
{
	ktime_t end = ktime_add_us(ktime_get(), max_us);
	u32 step = max_t(u32, typ_us ? typ_us / 64 : max_us / 512, 1);
	unsigned int looks;
	bool late;
	int err;

	nor_sleep_us(typ_us - typ_us / 32, typ_us / 64);
	for (looks = 1;; looks++) {
		late = looks >= MIN_LOOKS && ktime_after(ktime_get(), end);
		err = nor_read_status(nor, why);
		if (err || !(nor->flash.status & STATUS_BUSY))
			return err;
		if (late)
			break;
		nor_sleep_us(step, step / 8);
	}
	err = cxflash_hold_alive(nor->hold, why);
	if (err)
		return err;
	return cxflash_fail(why, -ETIMEDOUT, "The part is busy %u ms after %s (status 0x%02x)",
			    max_us / 1000, what, nor->flash.status);
}

/*
 * Whoever held the semaphore before may have left the part in the middle of an erase, when every
 * read returns garbage.
 */
int cxflash_nor_ready(struct cxflash_nor *nor, struct cxflash_why *why)
{
	const struct cxflash_part *part = nor->flash.part;
	u32 max = max(part->erase_4k_ms.max, part->erase_64k_ms.max);
	u32 ms = min(max, nor->hold->ms);
	int err;

	lockdep_assert_held(&nor->hold->lock);
	err = nor_wait_ready(nor, 0, ms * 1000, "a foreign erase", why);
	return err == -ETIMEDOUT && ms < max ? -EAGAIN : err;
}

static int nor_write_enable(struct cxflash_nor *nor, struct cxflash_why *why)
{
	return cxflash_gateway(nor->hold, GW_OPCODE(OP_WRITE_ENABLE), 0, NULL, why);
}

static int nor_clear_status(struct cxflash_nor *nor, struct cxflash_why *why)
{
	u32 cmd = GW_OPCODE(OP_WRITE_STATUS) | GW_DATA(0);
	__be32 data = 0;

	return nor_write_enable(nor, why) ?:
	       cxflash_gateway(nor->hold, cmd, 0, &data, why) ?:
	       nor_wait_ready(nor, 0, WRITE_STATUS_US, "a status write", why);
}

/* Refuse a part that is protected, unless it did that itself. */
int cxflash_nor_unprotect(struct cxflash_nor *nor, struct cxflash_why *why)
{
	struct cxflash_flash *flash = &nor->flash;
	u8 protect = flash->part->protect;
	int err;

	err = nor_read_status(nor, why);
	if (!err && flash->status & protect && flash->part->powers_up_protected)
		err = nor_clear_status(nor, why) ?: nor_read_status(nor, why);
	if (!err && flash->status == 0xff)
		err = cxflash_hold_alive(nor->hold, why);
	if (err || !(flash->status & protect))
		return err;
	return cxflash_fail(why, -EROFS, "The flash part is write-protected (status 0x%02x)",
			    flash->status);
}

/* @addr and @len are multiples of 16, @buf is aligned to words. */
int cxflash_nor_read(struct cxflash_nor *nor, u32 addr, u8 *buf, u32 len, struct cxflash_why *why)
{
	u32 off, cmd = GW_OPCODE(OP_READ) | GW_ADDRESS | GW_DATA(4) | GW_READ;
	int err;

	for (off = 0; off < len; off += FLASH_BLOCK) {
		err = cxflash_gateway(nor->hold, cmd, addr + off, (__be32 *)(buf + off), why);
		if (err)
			return err;
	}
	/* Whether the card was there to the end. */
	if (len && !memchr_inv(buf + len - FLASH_BLOCK, 0xff, FLASH_BLOCK))
		return cxflash_hold_alive(nor->hold, why);
	return 0;
}

int cxflash_nor_erase(struct cxflash_nor *nor, u32 addr, u32 size, struct cxflash_why *why)
{
	const struct cxflash_span *ms = cxflash_part_erase_ms(nor->flash.part, size);
	u32 cmd = GW_OPCODE(size == SZ_4K ? OP_ERASE_4K : OP_ERASE_64K) | GW_ADDRESS;

	return nor_write_enable(nor, why) ?:
	       cxflash_gateway(nor->hold, cmd, addr, NULL, why) ?:
	       nor_wait_ready(nor, ms->typ * 1000, ms->max * 1000, "an erase", why);
}

/* Parts that program single bytes. */
static int nor_program_bytes(struct cxflash_nor *nor, u32 addr, const u8 *buf, u32 len,
			     struct cxflash_why *why)
{
	const struct cxflash_span *us = &nor->flash.part->program_us;
	u32 i, cmd = GW_OPCODE(OP_PROGRAM) | GW_ADDRESS | GW_DATA(0);
	__be32 data;
	int err = 0;

	for (i = 0; i < len && !err; i++) {
		if (buf[i] == 0xff)
			continue;
		data = cpu_to_be32((u32)buf[i] << 24);
		err = nor_write_enable(nor, why) ?:
		      cxflash_gateway(nor->hold, cmd, addr + i, &data, why) ?:
		      nor_wait_ready(nor, us->typ, us->max, "programming a byte", why);
	}
	return err;
}

/* Raise chip select in the middle of a page, as a reset does; ones program nothing. */
static void nor_end_page(struct cxflash_nor *nor)
{
	__be32 ones[4];

	memset(ones, 0xff, sizeof(ones));
	cxflash_gateway(nor->hold, GW_DATA(4), 0, ones, NULL);
}

/* Chip select stays low between the beats: the part sees one command (flash-access 5.4). */
static int nor_program_page(struct cxflash_nor *nor, u32 addr, u8 *buf, u32 len,
			    struct cxflash_why *why)
{
	const struct cxflash_span *us = &nor->flash.part->program_us;
	u32 off, cmd;
	int err;

	err = nor_write_enable(nor, why);
	for (off = 0; off < len && !err; off += FLASH_BLOCK) {
		cmd = GW_DATA(4);
		if (off == 0)
			cmd |= GW_OPCODE(OP_PROGRAM) | GW_ADDRESS;
		if (off + FLASH_BLOCK < len)
			cmd |= GW_HOLD;
		err = cxflash_gateway(nor->hold, cmd, addr, (__be32 *)(buf + off), why);
	}
	if (!err)
		return nor_wait_ready(nor, us->typ, us->max, "programming a page", why);
	if (nor->hold->held && err != -ECONNRESET)
		nor_end_page(nor);
	return err;
}

/* Within one 256-byte page; @addr and @len are multiples of 16, @buf is aligned to words. */
int cxflash_nor_program(struct cxflash_nor *nor, u32 addr, u8 *buf, u32 len,
			struct cxflash_why *why)
{
	if (nor->flash.part->page == 1)
		return nor_program_bytes(nor, addr, buf, len, why);
	return nor_program_page(nor, addr, buf, len, why);
}
