// SPDX-License-Identifier: GPL-2.0-only
/* Tests of a card that takes its time to boot, of resets at any moment, and of what is waited for.
 */
#include "rig.h"

#include <string.h>

#include "../../unit/tap.h"

#define ID_READ 0x409f2215u /* a harmless command of the gateway */

static void expect(struct rig *r, const char *text, const char *what)
{
	has_str(violation_texts(r), text, "%s", what);
	control(r, "reset-stats 0");
}

/* The boot goes on until the test lets time pass, which it does by setting the knob to less. */
static void test_boot_phases(void)
{
	struct rig r;

	rig_start(&r, "chip=cx2,size=2M,recovery=0,boot-ones=100000");
	is_int(cfg_get(&r, 0, 4), 0x673c15b3, "while CR space is all ones the header is there");
	is_int(cr_get(&r, 0xf0014), ALL_ONES, "by BAR0");
	r.config_way = true;
	is_int(cr_get(&r, 0xf03fc), ALL_ONES, "and by the window CR space is all ones");
	is_int(violations(&r), 0, "to look is no violation");
	cr_put(&r, 0xf0400, ID_READ);
	expect(&r, "while the card boots", "a gateway command is");

	control(&r, "fault 0 boot-ones=0 boot-id=100000");
	is_int(cr_get(&r, 0xf0014), 0x00b00190, "then the id is there");
	is_int(cr_get(&r, 0xf03fc), 0, "but nothing else: the semaphore reads 0");
	is_int(cr_get(&r, 0x41270), 0, "as everything does");
	has_str(control(&r, "stats 0"), "\"taken_now\":0", "nothing was taken");
	has_str(control(&r, "stats 0"), "\"boot_accesses\":2", "the two accesses are counted");
	cr_put(&r, 0xf0400, ID_READ);
	expect(&r, "while the card boots", "a gateway command is still a violation");

	control(&r, "fault 0 boot-id=0");
	is_int(cr_get(&r, 0xf03fc), 0, "booted: the semaphore reads 0");
	is_int(cr_get(&r, 0xf03fc), 1, "and is taken");
	ok(gw_go(&r, ID_READ), "the gateway works");
	is_int(violations(&r), 0, "without a violation");
	rig_stop(&r);
}

/* A boot that finds the flash at work finds no image in it. */
static void test_busy_flash(void)
{
	struct rig r;

	rig_start(&r, "chip=cx2,size=2M,recovery=0,flr=1,hold-at=1");
	cr_get(&r, 0xf03fc);
	cr_put(&r, 0xf3834, 2u << 27);
	spi_erase(&r, 0xd8, 0x10000);
	is_int(spi_status(&r) & 1, 1, "hold-at=1: the erase does not end");
	is_int(violations(&r), 0, "nobody did wrong so far");
	cfg_put(&r, 0x68, 0x8000, 2);
	expect(&r, "boots while it erases", "a function level reset then is a violation");
	has_str(control(&r, "booted 0"), "recovery reset=flr skipped=0 reason=the flash was busy",
		"and the card is in recovery mode");
	has_str(control(&r, "go 0"), "error nothing is held", "the erase has ended by then");

	rig_map_bars(&r);
	control(&r, "fault 0 hold-at=1");
	cr_get(&r, 0xf03fc);
	cr_put(&r, 0xf3834, 2u << 27);
	spi_erase(&r, 0xd8, 0x10000);
	is_str(control(&r, "go 0"), "ok\n", "go");
	spi_wait(&r);
	cr_put(&r, 0xf0010, 1);
	is_int(violations(&r), 0, "once it is done a reset is none");

	rig_map_bars(&r);
	control(&r, "fault 0 hold-at=1 boot-patient=1");
	cr_get(&r, 0xf03fc);
	cr_put(&r, 0xf3834, 2u << 27);
	spi_erase(&r, 0xd8, 0x10000);
	cr_put(&r, 0xf0010, 1);
	is_int(violations(&r), 0, "boot-patient=1: nor is one before it is done");
	rig_stop(&r);
}

static void test_pci_resets(void)
{
	struct rig r;

	rig_start(&r, "chip=cx3,size=2M,flr=1");
	ok(cfg_get(&r, 0x64, 4) & 0x10000000, "flr=1: the function says that it can be reset");
	cr_get(&r, 0xf03fc);
	cfg_put(&r, 0x58, 0x12340, 4);
	cfg_put(&r, 0x68, 0x8000, 2);
	is_int(cfg_get(&r, 0x58, 4), 0, "a reset clears the address of the window");
	is_int(cfg_get(&r, 0x68, 2), 0, "the bit that begins it reads 0");
	is_int(cfg_get(&r, 0x10, 4), 4, "and the BARs are forgotten");
	rig_map_bars(&r);
	is_int(cr_get(&r, 0xf03fc), 0, "the semaphore is free again");
	cfg_put(&r, 0x58, 0x12340, 4);
	control(&r, "reset 0");
	is_int(cfg_get(&r, 0x58, 4), 0, "somebody's reset clears the window too");
	is_int(cfg_get(&r, 0x04, 2), 2, "though the rest has been restored");
	has_str(control(&r, "stats 0"), "\"flr\":1,\"soft\":1", "each is counted");
	rig_stop(&r);

	rig_start(&r, "chip=cx3,size=2M");
	is_int(cfg_get(&r, 0x64, 4) & 0x10000000, 0, "by default it cannot");
	cfg_put(&r, 0x68, 0x8000, 2);
	has_str(control(&r, "stats 0"), "\"flr\":0", "and is not");
	rig_stop(&r);
}

static void test_resets_at(void)
{
	struct rig r;

	rig_start(&r, "chip=cx2,size=2M");
	control(&r, "fault 0 reset-at-access=2 held-after-reset=forever");
	is_int(cr_get(&r, 0xf03fc), 0, "the first access takes the semaphore");
	cr_put(&r, 0x12340, 5);
	is_int(cr_get(&r, 0x12340), 0, "after the second the chip is reset");
	is_int(cr_get(&r, 0xf03fc), 1, "held-after-reset: now another has it");
	has_str(control(&r, "stats 0"), "\"foreign_releases\":0", "that is not yet");
	cr_put(&r, 0xf03fc, 0);
	has_str(control(&r, "stats 0"), "\"foreign_releases\":1", "and now taken from him");
	is_int(cr_get(&r, 0xf03fc), 0, "free");

	control(&r, "fault 0 reset-at-command=2");
	gw_go(&r, ID_READ);
	is_int(cr_get(&r, 0xf03fc), 1, "reset-at-command=2: not after the first");
	gw_go(&r, ID_READ);
	is_int(cr_get(&r, 0xf03fc), 0, "but after the second");
	r.config_way = true;
	cr_put(&r, 0xf03fc, 0);
	has_str(control(&r, "stats 0"), "\"foreign_releases\":2",
		"a semaphore taken by BAR0 is not freed by the window");
	rig_stop(&r);
}

/* As mlx4_core: it waits for the semaphore, and the reset frees it. */
static void test_owner_resets(void)
{
	struct rig r;

	rig_start(&r, "chip=cx2,size=2M,owner-reset-at=2");
	cr_get(&r, 0xf03fc);
	cr_put(&r, 0x12340, 5);
	is_int(cr_get(&r, 0x12340), 5, "the owner waits for the semaphore");
	cr_put(&r, 0xf03fc, 0);
	is_int(cr_get(&r, 0x12340), 0, "and resets the chip when it is freed");
	is_int(cr_get(&r, 0xf03fc), 0, "then it is free");
	is_str(control(&r, "count 0 resets"), "ok 3\n", "power-on, bus reset, his");
	rig_stop(&r);
}

static void test_stopped_command(void)
{
	struct rig r;

	rig_start(&r, "chip=cx2,size=2M");
	cr_get(&r, 0xf03fc);
	control(&r, "reset-stats 0");
	control(&r, "fault 0 hold-command-at=2");
	ok(gw_go(&r, ID_READ), "hold-command-at=2: the first ends");
	ok(!gw_go(&r, ID_READ), "the second does not");
	is_str(control(&r, "wait 0 holds 1"), "ok 1\n", "which can be waited for");
	is_str(control(&r, "count 0 commands"), "ok 2\n", "and counted");
	is_str(control(&r, "go 0"), "ok\n", "go");
	ok(!(cr_get(&r, 0xf0400) & 1u << 30), "it ends");
	is_int(violations(&r), 0, "no violation");
	rig_stop(&r);
}

static void test_wait(void)
{
	struct rig r;

	rig_start(&r, "chip=cx2,size=2M");
	control(&r, "reset-stats 0");
	is_str(control(&r, "wait 0 accesses 2"), "", "what is not yet there is not answered");
	is_int(r.card.watch[COUNT_ACCESSES], 2, "but watched for");
	cr_get(&r, 0);
	is_int(r.card.watch[COUNT_ACCESSES], 2, "still");
	cr_get(&r, 0);
	is_int(r.card.watch[COUNT_ACCESSES], 0, "until it is there");
	is_str(control(&r, "wait 0 accesses 2"), "ok 2\n", "and then answered");
	has_str(control(&r, "wait 0 accesses"), "error", "wait for nothing");
	has_str(control(&r, "wait 0 accesses -1"), "error", "for less than nothing");
	has_str(control(&r, "wait 0 summers 1"), "error there is no counter `summers'",
		"for what is not counted");
	has_str(control(&r, "count 0"), "error", "count nothing");
	has_str(control(&r, "wait 0 accesses 9 9"), "error", "too much");
	rig_stop(&r);
}

void test_boot_time(void)
{
	test_boot_phases();
	test_busy_flash();
	test_pci_resets();
	test_resets_at();
	test_owner_resets();
	test_stopped_command();
	test_wait();
}
