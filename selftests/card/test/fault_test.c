// SPDX-License-Identifier: GPL-2.0-only
/* Tests of what may go wrong: every knob, and the power cut. */
#include "rig.h"

#include <string.h>

#include "../../unit/tap.h"

static uint32_t word(struct rig *r, uint32_t addr)
{
	uint32_t w[4];

	spi_read(r, addr, w);
	return w[0];
}

/* A blank card, semaphore taken, ready to be programmed although it runs no firmware. */
static void make_ready(struct rig *r)
{
	cr_get(r, 0xf03fc);
	cr_put(r, 0xf3834, 2u << 27);
}

static void program(struct rig *r, uint32_t addr, uint8_t fill, unsigned int len)
{
	uint8_t data[256];

	memset(data, fill, sizeof(data));
	spi_program(r, addr, data, len);
}

static void test_stuck(struct rig *r)
{
	control(r, "fault 0 stuck-busy=1");
	ok(!gw_go(r, 0x40052215), "stuck-busy: the gateway never ends");
	control(r, "fault 0 stuck-busy=0");
	ok(!(cr_get(r, 0xf0400) & 1u << 30), "until the knob is turned back");
	control(r, "fault 0 wip-stuck=1");
	for (int i = 0; i < 3; i++)
		ok(spi_status(r) & 1, "wip-stuck: status read %d sees WIP", i);
	is_int(word(r, 0), ALL_ONES, "and reads get nothing");
	cr_put(r, 0xf03fc, 0);
	cr_get(r, 0xf03fc);
	control(r, "fault 0 wip-stuck=0");
	is_int(spi_status(r) & 1, 0, "until the knob is turned back");
	is_int(violations(r), 0, "who meets a stuck flash is not to blame");
}

static void test_bits(struct rig *r)
{
	memset(r->card.nor.mem + 0x10000, 0, 0x10000);
	control(r, "fault 0 erase-fails=1");
	spi_erase(r, 0xd8, 0x10000);
	spi_wait(r);
	is_int(word(r, 0x10000), 0, "erase-fails=1: the first does nothing");
	spi_erase(r, 0xd8, 0x10000);
	spi_wait(r);
	is_int(word(r, 0x10000), ALL_ONES, "the second erases");

	control(r, "fault 0 program-flip=1");
	program(r, 0x10000, 0xf0, 16);
	spi_wait(r);
	is_int(word(r, 0x10000), 0xe0f0f0f0, "program-flip=1: one bit too many is cleared");
	control(r, "fault 0 program-weak=1");
	program(r, 0x10100, 0xf0, 16);
	spi_wait(r);
	is_int(word(r, 0x10100), 0xf1f0f0f0, "program-weak=1: one bit is not programmed");
	program(r, 0x10100, 0xf0, 16);
	spi_wait(r);
	is_int(word(r, 0x10100), 0xf0f0f0f0, "the next program does it");

	control(r, "fault 0 read-flip=10101:4");
	is_int(word(r, 0x10100), 0xf0e0f0f0, "read-flip: one bit is read wrong");
	is_int(r->card.nor.mem[0x10101], 0xf0, "but stored right");
	control(r, "fault 0 read-flip=off");
	is_int(word(r, 0x10100), 0xf0f0f0f0, "until it is off");

	control(r, "fault 0 jedec=123456");
	gw_go(r, 0x409f2215);
	is_int(cr_get(r, 0xf0410), 0x12345600, "jedec=123456");
	control(r, "fault 0 jedec=000000");
	gw_go(r, 0x409f2215);
	is_int(cr_get(r, 0xf0410), 0, "jedec=000000");
	control(r, "fault 0 jedec=0");
	gw_go(r, 0x409f2215);
	is_int(cr_get(r, 0xf0410) >> 24, 0x20, "jedec=0 ends it");
}

static void test_gone(struct rig *r)
{
	control(r, "fault 0 dead=1");
	is_int(cr_get(r, 0xf0014), ALL_ONES, "dead: CR space is all ones");
	cfg_put(r, 0x58, 0xf0014, 4);
	is_int(cfg_get(r, 0x5c, 4), ALL_ONES, "by the window too");
	is_int(cfg_get(r, 0, 2), 0x15b3, "but the header is there");
	control(r, "fault 0 dead=0 bar-dead=1");
	is_int(cr_get(r, 0xf0014), ALL_ONES, "bar-dead: all ones in BAR0");
	is_int(cfg_get(r, 0x5c, 4), 0x00b00190, "but not in the window");
	control(r, "fault 0 bar-dead=0 vanish=1");
	is_int(cfg_get(r, 0, 4), ALL_ONES, "vanish: no header either");
	is_int(cfg_get(r, 0, 2), 0xffff, "whatever the length");
	cr_put(r, 0x100, 5);
	control(r, "fault 0 vanish=0");
	is_int(cr_get(r, 0xf0014), 0x00b00190, "the card returns");
	is_int(cr_get(r, 0x100), 0, "and has heard nothing meanwhile");
	is_int(cr_get(r, 0xf03fc), 1, "but still knows what it knew");
	control(r, "fault 0 vanish-at=2");
	program(r, 0x20000, 0, 16);
	spi_wait(r);
	program(r, 0x20010, 0, 16);
	is_int(cfg_get(r, 0, 4), ALL_ONES, "vanish-at=2: gone after the second operation");
	is_int(r->card.nor.mem[0x20010], 0, "which is done");
	control(r, "power-cycle 0");
	make_ready(r);
	control(r, "fault 0 reset-at=1");
	program(r, 0x20020, 0, 16);
	is_int(cr_get(r, 0xf03fc), 0, "reset-at=1: the semaphore is free again");
	is_int(cr_get(r, 0xf3834), 0, "and registers are lost");
}

static void test_cut(struct rig *r)
{
	const uint8_t *mem = r->card.nor.mem;
	unsigned int zeros = 0;

	make_ready(r);
	memset(r->card.nor.mem + 0x30000, 0, 0x10000);
	control(r, "fault 0 cut=2");
	program(r, 0x20100, 0x55, 256);
	spi_wait(r);
	program(r, 0x20200, 0x55, 256);
	is_int(mem[0x201ff], 0x55, "cut=2: the first program is whole");
	is_int(mem[0x2027f], 0x55, "the second is done to its half");
	is_int(mem[0x20280], 0xff, "and not beyond");
	is_int(cr_get(r, 0xf0400), ALL_ONES, "then all is ones");
	is_int(cfg_get(r, 0, 4), ALL_ONES, "the header too");
	device_reset(r);
	is_int(cfg_get(r, 0, 4), ALL_ONES, "a bus reset brings no power");
	is_str(control(r, "booted 0"), "ok off\n", "booted: off");
	has_str(control(r, "reset 0"), "error", "reset: not possible");
	control(r, "power-cycle 0");
	is_int(cr_get(r, 0xf0014), 0x00b00190, "power-cycle brings it back");
	make_ready(r);
	control(r, "fault 0 cut=1");
	spi_erase(r, 0xd8, 0x30000);
	for (uint32_t i = 0; i < 0x10000; i++)
		zeros += !mem[0x30000 + i];
	is_int(zeros, 0x8000, "a cut erase is done to its half");
	control(r, "power-cycle 0");
	make_ready(r);
	control(r, "fault 0 cut=1 cut-done=0");
	program(r, 0x20300, 0x55, 256);
	is_int(mem[0x20300], 0xff, "cut-done=0: nothing is done");
	control(r, "power-cycle 0 cold");
	is_int(cfg_get(r, 0x10, 4), 4, "power-cycle cold forgets the BARs");
	rig_map_bars(r);
	is_int(violations(r), 0, "no violation");
}

static void test_datasheet(void)
{
	struct rig r;
	uint64_t begin;

	rig_start(&r, "chip=cx3,part=w25q16,size=2M,busy=datasheet");
	r.config_way = true;
	make_ready(&r);
	begin = now_us();
	spi_erase(&r, 0x20, 0);
	while (spi_status(&r) & 1)
		;
	begin = now_us() - begin;
	ok(begin >= 30000 && begin < 5000000, "a 4 KiB erase of a W25Q16 takes 30 ms or more");
	rig_stop(&r);
}

/* The longest hold so far, in modelled time, which here passes at once. */
static unsigned int erase_in_hold(struct rig *r)
{
	control(r, "reset-stats 0");
	cr_get(r, 0xf03fc);
	spi_erase(r, 0xd8, 0x10000);
	spi_wait(r);
	cr_put(r, 0xf03fc, 0);
	return (unsigned int)(r->card.st.longest_ns / 1000000);
}

static void test_modelled(void)
{
	struct rig r;
	uint32_t w[4];

	rig_start(&r, "chip=cx2,part=m25p16,size=2M");
	cr_put(&r, 0xf3834, 2u << 27); /* a blank card is in recovery */
	is_int(erase_in_hold(&r), 600, "a hold for an erase of an M25P16, in modelled time");
	has_str(control(&r, "fault 0 slow=1"), "ok", "a slow part");
	is_int(erase_in_hold(&r), 3000, "takes the longest time of the data sheet");
	control(&r, "fault 0 slow=0");
	control(&r, "reset-stats 0");
	cr_get(&r, 0xf03fc);
	spi_read(&r, 0, w);
	cr_put(&r, 0xf0010, 1);
	rig_map_bars(&r);
	ok(r.card.st.longest_ns > 1000 && r.card.st.longest_ns < 100000,
	   "a reset ends a hold, too");
	is_int(cr_get(&r, 0xf03fc), 0, "the semaphore is free after it");
	is_int(cr_get(&r, 0xf03fc), 1, "and then is not");
	is_int(r.card.st.count[COUNT_REFUSALS], 1, "such refusals are counted");
	rig_stop(&r);
}

void test_fault(void)
{
	struct rig r;

	rig_start(&r, "chip=cx2,size=2M");
	make_ready(&r);
	test_stuck(&r);
	test_bits(&r);
	test_gone(&r);
	test_cut(&r);
	rig_stop(&r);
	test_datasheet();
	test_modelled();
}
