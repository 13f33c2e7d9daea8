// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is done to a card in a hold besides reading and taking semaphores: commands of the SPI
 * gateway, the guard against resets, the boot address.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>

#include "hold.h"
#include "trace.h"

/* The gateway's command word (flash-access 4). */
#define GW_ENABLE BIT(13)
#define GW_GO	  BIT(30)

#define GATEWAY_MS    10
#define GATEWAY_TRIES 100

/* In a sequence. A command of 20 bytes takes some 10 us on the wire. */
static int gateway_wait(struct cxflash_hold *hold, struct cxflash_why *why)
{
	unsigned long end = jiffies + msecs_to_jiffies(GATEWAY_MS);
	unsigned int tries;
	bool late;
	u32 val;

	for (tries = 0;; tries++) {
		late = tries >= GATEWAY_TRIES && time_after(jiffies, end);
		val = cxflash_cr_read(hold->cr, CR_GW_COMMAND);
		if (!(val & GW_GO))
			return 0;
		if (cxflash_hold_silent(hold, val))
			return cxflash_hold_gone(why);
		if (late)
			return cxflash_fail(why, -ETIMEDOUT,
					    "The SPI gateway stayed busy (CR 0xf0400 reads 0x%08x)",
					    val);
		if (tries >= GATEWAY_TRIES / 2)
			usleep_range(10, 20);
	}
}

static int gateway_command(struct cxflash_hold *hold, u32 cmd, u32 addr, __be32 *data,
			   unsigned int words, struct cxflash_why *why)
{
	struct cxflash_cr *cr = hold->cr;
	unsigned int i;
	int err;

	err = cxflash_hold_begin(hold, why);
	if (err)
		return err;
	if (!(cmd & GW_READ))
		for (i = 0; i < words; i++)
			cxflash_cr_write(cr, CR_GW_DATA + 4 * i, be32_to_cpu(data[i]));
	if (cmd & GW_ADDRESS)
		cxflash_cr_write(cr, CR_GW_ADDRESS, addr);
	cxflash_cr_write(cr, CR_GW_COMMAND, cmd | GW_ENABLE | GW_GO);
	err = gateway_wait(hold, why);
	if (!err && cmd & GW_READ)
		for (i = 0; i < words; i++)
			data[i] = cpu_to_be32(cxflash_cr_read(cr, CR_GW_DATA + 4 * i));
	return cxflash_hold_end(hold, err, why);
}

/*
 * One gateway command, with its phases as in flash-access 4; the address register is written only
 * if there is an address phase, @data moved only if there is a data phase, in whole words.
 */
int cxflash_gateway(struct cxflash_hold *hold, u32 cmd, u32 addr, __be32 *data,
		    struct cxflash_why *why)
{
	unsigned int words = cmd & GW_DATA_PHASE ? DIV_ROUND_UP(1 << (cmd >> 8 & 7), 4) : 0;
	u64 begun = trace_cxflash_gateway_enabled() ? ktime_get_ns() : 0;
	int err;

	err = gateway_command(hold, cmd, addr, data, words, why);
	if (begun)
		trace_cxflash_gateway(hold->cr->pdev, cmd | GW_ENABLE | GW_GO,
				      cmd & GW_ADDRESS ? addr : 0, words ? be32_to_cpu(data[0]) : 0,
				      ktime_get_ns() - begun, err);
	return err;
}

/*
 * A card that booted without firmware resets itself on link loss unless told not to, which would
 * tear a write (flash-access 6). Part of every write, as a reset undoes it.
 */
int cxflash_gateway_guard(struct cxflash_hold *hold, struct cxflash_why *why)
{
	struct cxflash_cr *cr = hold->cr;
	u32 val;
	int err;

	err = cxflash_hold_begin(hold, why);
	if (err)
		return err;
	if (cxflash_cr_read(cr, CR_LIVEFISH) > 0xfff00000) {
		val = cxflash_cr_read(cr, CR_LINK_RESET);
		if (cxflash_hold_silent(hold, val))
			err = cxflash_hold_gone(why);
		else if ((val >> 27 & 3) != 2)
			cxflash_cr_write(cr, CR_LINK_RESET, (val & ~(3u << 27)) | 2u << 27);
	}
	return cxflash_hold_end(hold, err, why);
}

/* Where the card starts from at its next soft reset (flash-access 8). */
int cxflash_gateway_boot(struct cxflash_hold *hold, u32 addr, struct cxflash_why *why)
{
	int err;

	err = cxflash_hold_take(hold, why);
	if (err)
		return err;
	err = cxflash_hold_begin(hold, why);
	if (!err) {
		cxflash_cr_write(hold->cr, CR_BOOT, addr << 8);
		err = cxflash_hold_end(hold, 0, why) ?: cxflash_hold_alive(hold, why);
	}
	cxflash_hold_release(hold);
	return err;
}
