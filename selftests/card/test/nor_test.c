// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the flash part: what it obeys, what it ignores, and what is flagged. */
#include "rig.h"

#include <string.h>

#include "../../unit/tap.h"

static void expect(struct rig *r, const char *text, const char *what)
{
	has_str(violation_texts(r), text, "%s", what);
	control(r, "reset-stats 0");
}

static uint32_t word(struct rig *r, uint32_t addr)
{
	uint32_t w[4];

	spi_read(r, addr, w);
	return w[0];
}

/* A card with its semaphore taken. */
static void start(struct rig *r, const char *spec)
{
	rig_start(r, spec);
	cr_get(r, 0xf03fc);
}

static void program_byte(struct rig *r, uint32_t addr, uint8_t byte)
{
	uint8_t data[16];

	memset(data, 0xff, sizeof(data));
	data[0] = byte;
	spi_program(r, addr, data, sizeof(data));
	spi_wait(r);
}

static void test_program(void)
{
	uint8_t page[256];
	struct rig r;

	start(&r, "chip=cx2,size=2M,recovery=0");
	cr_put(&r, 0xf3834, 2u << 27); /* a blank card is in recovery */
	for (int i = 0; i < 256; i++)
		page[i] = (uint8_t)i;
	spi_program(&r, 0x1000, page, 256);
	is_int(spi_status(&r) & 3, 1, "WIP after a program, and WEL is gone");
	spi_wait(&r);
	is_int(word(&r, 0x1000), 0x00010203, "first word of the page");
	is_int(word(&r, 0x10fc & ~15u), 0xf0f1f2f3, "last beat of the page");
	is_int(r.card.st.pages, 1, "sixteen beats are one page program");
	is_int(r.card.st.opcode[2], 1, "and one opcode");
	program_byte(&r, 0x2000, 0x0f);
	program_byte(&r, 0x2000, 0xf3);
	is_int(word(&r, 0x2000), 0x03ffffff, "programming only clears bits");
	is_int(violations(&r), 0, "no violation");

	spi_program(&r, 0x30f0, page, 32);
	spi_wait(&r);
	is_int(word(&r, 0x3000), 0x10111213, "a page wraps at 256 bytes");
	is_int(word(&r, 0x3100), ALL_ONES, "and leaves the next page alone");
	expect(&r, "over the end of its page", "which is a violation");

	cr_put(&r, 0xf0404, 0x4000);
	gw_go(&r, 0x4002241c);
	is_int(word(&r, 0x4000), ALL_ONES, "without WREN nothing is programmed");
	expect(&r, "without WREN", "which is a violation");
	spi_wren(&r);
	is_int(spi_status(&r) & 2, 2, "WREN sets WEL");
	gw_go(&r, 0x40042004);
	is_int(spi_status(&r) & 2, 0, "WRDI clears it");

	spi_program(&r, 0x5000, page, 16);
	is_int(word(&r, 0x5000), ALL_ONES, "a read while WIP gets nothing");
	expect(&r, "while an erase or program", "which is a violation");
	spi_wait(&r);
	is_int(word(&r, 0x5000), 0x00010203, "the program was done all the same");
	spi_wren(&r);
	spi_program(&r, 0x200000, page, 16);
	expect(&r, "beyond the end", "a program beyond the end is a violation");
	spi_wait(&r);
	word(&r, 0x200000);
	expect(&r, "beyond the end", "and so is a read");
	spi_program(&r, 0x6000, page, 16);
	cr_put(&r, 0xf03fc, 0);
	expect(&r, "while the flash erases", "so is freeing the semaphore while WIP");
	rig_stop(&r);
}

static void fill(struct rig *r, uint32_t addr, uint32_t len)
{
	memset(r->card.nor.mem + addr, 0, len);
}

static void test_erase(void)
{
	struct rig r;

	start(&r, "chip=cx3,part=w25q16,size=2M");
	r.config_way = true;
	cr_put(&r, 0xf3834, 2u << 27);
	fill(&r, 0, 0x30000);
	spi_erase(&r, 0x20, 0x11abc);
	is_int(spi_status(&r) & 1, 1, "WIP after an erase");
	spi_wait(&r);
	is_int(word(&r, 0x11000), ALL_ONES, "4 KiB erase: from its beginning");
	is_int(word(&r, 0x11ff0), ALL_ONES, "to its end");
	is_int(word(&r, 0x10ff0), 0, "not the sector before");
	is_int(word(&r, 0x12000), 0, "nor the one after");
	spi_erase(&r, 0xd8, 0x1ffff);
	spi_wait(&r);
	is_int(word(&r, 0x10000), ALL_ONES, "64 KiB erase: from its beginning");
	is_int(word(&r, 0x1fff0), ALL_ONES, "to its end");
	is_int(word(&r, 0xfff0), 0, "not the sector before");
	is_int(word(&r, 0x20000), 0, "nor the one after");
	is_int(violations(&r), 0, "no violation");
	is_int(r.card.st.erase_4k, 1, "one small erase");
	is_int(r.card.st.erase_64k, 1, "one large erase");
	cr_put(&r, 0xf0404, 0);
	gw_go(&r, 0x40d8200c);
	is_int(word(&r, 0), 0, "without WREN nothing is erased");
	expect(&r, "without WREN", "which is a violation");
	spi_wren(&r);
	gw_go(&r, 0x40d82004);
	is_int(word(&r, 0), 0, "without an address nothing is erased");
	expect(&r, "not 3", "which is a violation");
	spi_wren(&r);
	gw_go(&r, 0x40c72004);
	is_int(word(&r, 0), 0, "there is no chip erase");
	expect(&r, "opcode c7", "an unknown opcode is a violation");
	rig_stop(&r);

	start(&r, "chip=cx2,part=m25p16,size=2M");
	cr_put(&r, 0xf3834, 2u << 27);
	fill(&r, 0, 0x1000);
	spi_erase(&r, 0x20, 0);
	is_int(word(&r, 0), 0, "a 64 KiB part does nothing for 0x20");
	expect(&r, "has no 4 KiB erase", "which is a violation");
	gw_go(&r, 0x40ab221d);
	is_int(cr_get(&r, 0xf0410) >> 24, 0x14, "electronic signature of an M25P16");
	rig_stop(&r);
}

static void write_status(struct rig *r, uint8_t value)
{
	spi_wren(r);
	cr_put(r, 0xf0410, (uint32_t)value << 24);
	gw_go(r, 0x40012014);
	spi_wait(r);
}

static void test_protection(void)
{
	struct rig r;

	start(&r, "chip=cx2,part=m25p16,size=2M,bp=5");
	cr_put(&r, 0xf3834, 2u << 27);
	is_int(spi_status(&r), 5 << 2, "bp=5 in the status register");
	program_byte(&r, 0xffff0, 0x12);
	is_int(word(&r, 0xffff0) >> 24, 0x12, "bp=5: the lower half may be programmed");
	program_byte(&r, 0x100000, 0x12);
	is_int(word(&r, 0x100000), ALL_ONES, "the upper half may not");
	fill(&r, 0x100000, 16);
	spi_erase(&r, 0xd8, 0x100000);
	spi_wait(&r);
	is_int(word(&r, 0x100000), 0, "nor be erased");
	is_int(r.card.st.refused, 2, "both are counted");
	write_status(&r, 7 << 2);
	is_int(spi_status(&r), 7 << 2, "WRSR sets the protection");
	write_status(&r, 0);
	is_int(spi_status(&r), 0, "and clears it");
	spi_erase(&r, 0xd8, 0x100000);
	spi_wait(&r);
	is_int(word(&r, 0x100000), ALL_ONES, "then it may");
	is_int(violations(&r), 0, "no violation");
	gw_go(&r, 0x40012014);
	expect(&r, "WRSR", "WRSR without WREN is one");
	rig_stop(&r);

	start(&r, "chip=cx2,size=2M,write-protected=1");
	cr_put(&r, 0xf3834, 2u << 27);
	write_status(&r, 0);
	is_int(spi_status(&r), 0x9c, "write-protected=1: WRSR changes nothing");
	program_byte(&r, 0, 0);
	is_int(word(&r, 0), ALL_ONES, "and nothing is programmed");
	rig_stop(&r);
}

static void test_byte_program(void)
{
	uint8_t data[16] = {0x11, 0x22};
	struct rig r;

	start(&r, "chip=cx2,part=sst25vf016,size=2M");
	cr_put(&r, 0xf3834, 2u << 27);
	program_byte(&r, 0x100, 0x12);
	is_int(word(&r, 0x100), ALL_ONES, "an SST part is protected after power-on");
	control(&r, "reset-stats 0"); /* sixteen bytes were too many for it */
	spi_wren(&r);
	cr_put(&r, 0xf0410, 0);
	gw_go(&r, 0x40012014);
	is_int(spi_status(&r), 0, "its WRSR takes effect at once");
	spi_wren(&r);
	cr_put(&r, 0xf0404, 0x100);
	cr_put(&r, 0xf0410, 0x34000000);
	gw_go(&r, 0x4002201c);
	spi_wait(&r);
	is_int(word(&r, 0x100), 0x34ffffff, "it programs a byte");
	is_int(violations(&r), 0, "no violation");
	spi_program(&r, 0x200, data, 16);
	spi_wait(&r);
	is_int(word(&r, 0x200), 0x11ffffff, "and of several the first only");
	expect(&r, "one at a time", "which is a violation");
	rig_stop(&r);
}

static void test_recovery_guard(void)
{
	struct rig r;

	start(&r, "chip=cx2,size=2M");
	ok(cr_get(&r, 0x41270) > 0xfff00000, "a blank card runs no firmware");
	program_byte(&r, 0, 0);
	is_int(word(&r, 0), ALL_ONES, "and is not programmed");
	expect(&r, "0xf3834", "before 0xf3834 is set: a violation");
	cr_put(&r, 0xf3834, cr_get(&r, 0xf3834) | 2u << 27);
	program_byte(&r, 0, 0);
	is_int(word(&r, 0), 0x00ffffff, "then it is");
	is_int(violations(&r), 0, "no violation");
	rig_stop(&r);
}

void test_nor(void)
{
	test_program();
	test_erase();
	test_protection();
	test_byte_program();
	test_recovery_guard();
}
