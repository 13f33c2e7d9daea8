// SPDX-License-Identifier: GPL-2.0-only
/* CR space: a megabyte of words, a few of which do something (flash-access 2 to 8). */
#include "card.h"

#include <string.h>

enum {
	CR_GUARD = 0x41270,	/* above 0xfff00000: no firmware runs */
	CR_HCR = 0x80680,	/* command register, seven words */
	CR_OWNER = 0x8069c,	/* read to take, by mlx4_core */
	CR_TOOLS_HCR = 0x80780, /* the same for tools */
	CR_BOOT_ADDR = 0xf0000,
	CR_RESET = 0xf0010,
	CR_DEVICE_ID = 0xf0014,
	CR_FLUSH = 0xf0380,
	CR_TRM = 0xf03a0,
	CR_SEMAPHORE = 0xf03fc,
	CR_GATEWAY = 0xf0400,
	CR_GATEWAY_END = 0xf0420,
	CR_LINK_RESET = 0xf3834, /* bits 28:27 = 2 lets the flash be programmed in recovery */
};

#define GATEWAY_GO (1u << 30)
#define HCR_LAST   0x18 /* of the seven words: status, go bit */
#define HCR_GO	   (1u << 23)
#define HCR_FAILED (2u << 24)

/* flash-access 6: without this a card that booted no firmware resets itself in mid-write. */
bool cr_flash_guarded(const struct card *c)
{
	return c->boot.recovery && (c->cr[CR_LINK_RESET / 4] >> 27 & 3) != 2;
}

static void begin_hold(const struct card *c, struct semaphore *s)
{
	s->taken = true;
	s->since_us = now_us();
	s->since_ns = c->clock.ns;
	s->since_access = c->st.count[COUNT_ACCESSES];
}

static void keep_longest(uint64_t *most, uint64_t this)
{
	if (*most < this)
		*most = this;
}

/* Of the flash, by its release or by a reset. */
static void end_hold(struct card *c)
{
	if (!c->sem.taken)
		return;
	keep_longest(&c->st.longest_us, now_us() - c->sem.since_us);
	keep_longest(&c->st.longest_ns, c->clock.ns - c->sem.since_ns);
	keep_longest(&c->st.longest_accesses, c->st.count[COUNT_ACCESSES] - c->sem.since_access);
}

void cr_reset(struct card *c)
{
	end_hold(c);
	memset(c->cr, 0, CR_SIZE);
	c->sem = c->trm = (struct semaphore){0};
	c->owned = c->unflushed = c->flush_begun = false;
}

static uint32_t take(struct card *c, struct semaphore *s, long *held, uint64_t *takes, enum way way)
{
	if (s->taken || fault_spend(held)) {
		count(c, COUNT_REFUSALS);
		return 1;
	}
	begin_hold(c, s);
	s->way = way;
	(*takes)++;
	if (s == &c->sem)
		log_done(c, "take", 0, 0);
	return 0;
}

static void release(struct card *c, struct semaphore *s, long *held, uint32_t val)
{
	if (val)
		violation(c, "semaphore: %08x written; only 0 frees it", val);
	*held = 0;
	s->taken = false;
}

/* mlx4_core waits for the flash semaphore before it resets the chip, which frees it again. */
bool cr_take_for_owner(struct card *c)
{
	if (c->sem.taken || c->fault.sem_held)
		return false;
	begin_hold(c, &c->sem);
	return true;
}

/*
 * The flash semaphore: others will use the flash at once, so it must be idle by now. It is
 * another's if the operator said so, or if it was taken by the other way: an owner goes through
 * BAR0, who works beside it through the window.
 */
static void release_flash(struct card *c, uint32_t val, enum way way)
{
	if (c->fault.sem_held || (c->sem.taken && c->sem.way != way))
		c->st.foreign_releases++;
	end_hold(c);
	if (c->gw.held)
		violation(c, "semaphore: released while chip select is held");
	if (nor_wip(c) && !c->fault.wip_stuck)
		violation(c, "semaphore: released while the flash erases or programs");
	release(c, &c->sem, &c->fault.sem_held, val);
	log_done(c, "release", 0, 0);
}

/*
 * The write flush of ConnectX rev A0 and ConnectX-3, memory way only (flash-access 2.3). mlx4_core
 * drives its command register, its interrupt, and the chip reset without it, so these do not count.
 */
static bool needs_flush(const struct card *c, uint32_t addr, enum way way)
{
	return c->conf.chip->flush && way == WAY_BAR0 && !(addr >= CR_HCR && addr <= CR_OWNER) &&
	       addr != CR_FLUSH && addr != CR_RESET && addr >> 3 != CR_CLEAR_INTERRUPT >> 3;
}

/* A write that is old has arrived by itself; it is some other program that reads now. */
static bool arrived(const struct card *c)
{
	long ms = c->fault.write_takes ? c->fault.write_takes : 10;

	return now_us() - c->written_us >= ms * 1000ull;
}

static void check_flush(struct card *c, uint32_t addr, enum way way)
{
	if (!c->unflushed || !needs_flush(c, addr, way))
		return;
	if (!arrived(c))
		violation(c, "CR %05x: read after a write without the flush 0xf0380", addr);
	c->unflushed = false; /* one report for one missing flush */
}

static uint32_t read_flush(struct card *c)
{
	if (c->flush_begun) {
		c->flush_begun = c->unflushed = false;
		c->st.flushes++;
	}
	return 0;
}

static uint32_t read_register(struct card *c, uint32_t addr, enum way way)
{
	if (addr >= CR_GATEWAY && addr < CR_GATEWAY_END)
		return gateway_read(c, addr - CR_GATEWAY);
	switch (addr) {
	case CR_DEVICE_ID:
		return card_device_id(c);
	case CR_GUARD:
		return c->boot.recovery ? ALL_ONES : 0;
	case CR_SEMAPHORE:
		return take(c, &c->sem, &c->fault.sem_held, &c->st.takes, way);
	case CR_TRM:
		if (c->conf.chip->trm)
			return take(c, &c->trm, &c->fault.trm_held, &c->st.trm_takes, way);
		break;
	case CR_FLUSH:
		return c->conf.chip->flush ? read_flush(c) : c->cr[addr / 4];
	case CR_OWNER:
		if (c->owned)
			return 1;
		c->owned = true;
		return 0;
	}
	return c->cr[addr / 4];
}

static void write_flush(struct card *c, uint32_t val)
{
	if (!c->conf.chip->flush)
		violation(c, "CR f0380: %s has no write flush", c->conf.chip->name);
	else if (val)
		violation(c, "CR f0380: %08x written; a flush writes 0", val);
	else
		c->flush_begun = true;
}

/* Where no firmware listens every command ends at once with status 2 (qemu-card (d)). */
static void write_hcr(struct card *c, uint32_t addr, uint32_t val)
{
	if (val & HCR_GO && c->hca && !c->boot.recovery && addr == CR_HCR + HCR_LAST) {
		val = hca_command(c, val);
	} else if (val & HCR_GO) {
		count(c, COUNT_HCR);
		val = (val & 0x00ffffff & ~HCR_GO) | HCR_FAILED;
	}
	c->cr[addr / 4] = val;
}

static void write_register(struct card *c, uint32_t addr, uint32_t val, enum way way)
{
	if (addr >= CR_GATEWAY && addr < CR_GATEWAY_END) {
		gateway_write(c, addr - CR_GATEWAY, val);
		return;
	}
	switch (addr) {
	case CR_DEVICE_ID:
	case CR_GUARD:
		c->st.ignored_writes++;
		return;
	case CR_SEMAPHORE:
		release_flash(c, val, way);
		return;
	case CR_TRM:
		if (c->conf.chip->trm)
			release(c, &c->trm, &c->fault.trm_held, val);
		else
			violation(c, "CR f03a0: %s has no second semaphore", c->conf.chip->name);
		return;
	case CR_FLUSH:
		write_flush(c, val);
		return;
	case CR_OWNER:
		c->owned = val;
		return;
	case CR_HCR + HCR_LAST:
	case CR_TOOLS_HCR + HCR_LAST:
		write_hcr(c, addr, val);
		return;
	case CR_CLEAR_INTERRUPT + 4:
		if (c->hca && (val & 1))
			irq_set(c, false);
		return;
	case CR_RESET:
		if (val & 1)
			card_reset(c, RESET_SOFT, false);
		return;
	case CR_BOOT_ADDR:
		if (!c->sem.taken)
			violation(c, "CR f0000: boot address set without the flash semaphore");
		c->boot.address_written = true;
		break;
	}
	c->cr[addr / 4] = val;
}

static bool usable(struct card *c, uint32_t addr, enum way way)
{
	if (addr >= CR_SIZE || addr & 3) {
		violation(c, "CR %08x: beyond the space or not a multiple of 4", addr);
		return false;
	}
	return !c->fault.dead && !(way == WAY_BAR0 && c->fault.bar_dead);
}

/* What a card that boots answers. */
static uint32_t read_early(struct card *c, uint32_t addr, enum progress progress)
{
	if (addr != CR_DEVICE_ID)
		c->st.boot_accesses++;
	if (progress == BOOT_ONES)
		return ALL_ONES;
	return addr == CR_DEVICE_ID ? card_device_id(c) : 0;
}

/* And what it takes: nothing. Its boot ROM has the gateway. */
static void write_early(struct card *c, uint32_t addr, uint32_t val)
{
	c->st.boot_accesses++;
	if (addr == CR_GATEWAY && (val & GATEWAY_GO))
		violation(c, "gateway: command %08x while the card boots", val);
}

uint32_t cr_read(struct card *c, uint32_t addr, enum way way)
{
	enum progress progress = boot_progress(c);
	uint32_t val;

	if (!usable(c, addr, way))
		return ALL_ONES;
	count(c, COUNT_ACCESSES);
	c->st.cr[way][0][addr / 4]++;
	log_access(c, addr, false, way);
	clock_access(c, false, way);
	check_flush(c, addr, way);
	val = progress == BOOT_DONE ? read_register(c, addr, way) : read_early(c, addr, progress);
	trace(c, "%s R %05x %08x", way == WAY_BAR0 ? "bar0" : "config", addr, val);
	fault_access(c);
	return val;
}

void cr_write(struct card *c, uint32_t addr, uint32_t val, enum way way)
{
	enum progress progress = boot_progress(c);

	if (!usable(c, addr, way))
		return;
	count(c, COUNT_ACCESSES);
	c->st.cr[way][1][addr / 4]++;
	log_access(c, addr, true, way);
	clock_access(c, true, way);
	trace(c, "%s W %05x %08x", way == WAY_BAR0 ? "bar0" : "config", addr, val);
	if (needs_flush(c, addr, way)) {
		c->unflushed = true;
		c->written_us = now_us();
	}
	if (progress == BOOT_DONE)
		write_register(c, addr, val, way);
	else
		write_early(c, addr, val);
	fault_access(c);
}
