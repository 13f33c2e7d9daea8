// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the boot ROM, on images from the independent maker. */
#include "rig.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../unit/tap.h"

static const char *maker;
static char slot0[64], slot1[64], dump[64];

/* Runs the maker; its options are ours, no quoting is needed. */
static bool make(const char *options, const char *file)
{
	char cmd[600];

	snprintf(cmd, sizeof(cmd), "%s %s -o %s", maker, options, file);
	return !system(cmd);
}

static void temp_name(char name[64])
{
	int fd;

	strcpy(name, "/tmp/cxcard_test.XXXXXX");
	fd = mkstemp(name);
	if (fd >= 0)
		close(fd);
}

/* A ConnectX-2 card with the two images; "" leaves a slot blank. */
static void start(struct rig *r, const char *spec, const char *image0, const char *image1)
{
	char options[300];

	snprintf(options, sizeof(options), "--dump 2m%s%s%s%s", *image0 ? " --slot0 " : "",
		 *image0 ? slot0 : "", *image1 ? " --slot1 " : "", *image1 ? slot1 : "");
	ok((!*image0 || make(image0, slot0)) && (!*image1 || make(image1, slot1)) &&
		   make(options, dump),
	   "images are made: [%s] [%s]", image0, image1);
	rig_start_from(r, spec, dump);
	device_reset(r);
	rig_map_bars(r);
}

#define OLD "--version 2.9.1000 --psid DEL09A0000009"
#define NEW "--version 2.10.720 --psid DEL09A0000009"

static void test_two_slots(void)
{
	struct rig r;

	start(&r, "chip=cx2", OLD, NEW);
	is_str(control(&r, "booted 0"),
	       "ok slot=0 start=0x0 version=2.9.1000 psid=DEL09A0000009 reset=bus skipped=0\n",
	       "of two valid slots the lower starts");
	is_int(cr_get(&r, 0x1f064), 0x00020000, "running major");
	is_int(cr_get(&r, 0x1f068), 0x000903e8, "running minor and subminor");
	is_int(cr_get(&r, 0x41270), 0, "firmware runs");
	cr_get(&r, 0xf03fc);
	cr_put(&r, 0xf0000, 0x100000 << 8);
	cr_put(&r, 0xf0010, 1);
	rig_map_bars(&r);
	is_str(control(&r, "booted 0"),
	       "ok slot=1 start=0x100000 version=2.10.0720 psid=DEL09A0000009 reset=soft "
	       "skipped=0\n",
	       "the boot address counts in a soft reset");
	is_int(cr_get(&r, 0x1f068), 0x000a02d0, "and the other version runs");
	is_int(violations(&r), 0, "no violation");
	cr_put(&r, 0xf0000, 0x100000 << 8);
	has_str(violation_texts(&r), "boot address", "it wants the semaphore");
	device_reset(&r);
	has_str(control(&r, "booted 0"), "slot=0", "it does not count in a bus reset");
	control(&r, "power-cycle 0");
	has_str(control(&r, "booted 0"), "slot=0", "nor in a power cycle");
	control(&r, "reset 0");
	has_str(control(&r, "booted 0"), "slot=0", "and is forgotten by then");
	rig_stop(&r);
}

static void test_one_slot(void)
{
	struct rig r;

	start(&r, "chip=cx2", "", NEW);
	has_str(control(&r, "booted 0"), "slot=1 start=0x100000 version=2.10.0720",
		"slot 1 alone starts");
	/* its signature's first word is programmed to zero, as after a burn */
	cr_get(&r, 0xf03fc);
	spi_program(&r, 0x100000, (const uint8_t[16]){0}, 16);
	spi_wait(&r);
	device_reset(&r);
	has_str(control(&r, "booted 0"), "recovery reset=bus skipped=0 reason=no signature",
		"without signatures there is recovery");
	is_int(cfg_get(&r, 0, 4), 0x019115b3, "with the recovery id");
	rig_stop(&r);
}

static void test_damaged(void)
{
	struct rig r;

	start(&r, "chip=cx2", OLD " --corrupt section-data:5", NEW);
	has_str(control(&r, "booted 0"), "slot=1", "a slot with a bad section is passed over");
	has_str(control(&r, "booted 0"), "skipped=1 reason=image at 0x0: CRC of a section",
		"and reported");
	rig_stop(&r);

	start(&r, "chip=cx2", OLD " --corrupt boot2-data", NEW " --corrupt next-loop:2");
	has_str(control(&r, "booted 0"), "recovery reset=bus skipped=2 reason=image at 0x0: CRC",
		"two damaged slots: recovery");
	rig_stop(&r);

	start(&r, "chip=cx2", NEW " --corrupt failsafe-word", "");
	has_str(control(&r, "booted 0"), "failsafe word", "a bad failsafe word");
	rig_stop(&r);
	start(&r, "chip=cx2", NEW " --corrupt boot2-size", "");
	has_str(control(&r, "booted 0"), "size of a boot section", "a bad boot section size");
	rig_stop(&r);
	start(&r, "chip=cx2", NEW " --corrupt next-pointer:1", "");
	has_str(control(&r, "booted 0"), "recovery", "a next pointer behind the end");
	rig_stop(&r);
	start(&r, "chip=cx2", NEW " --corrupt section-size:0", "");
	has_str(control(&r, "booted 0"), "recovery", "a section beyond the limit");
	rig_stop(&r);
}

static void test_variants(void)
{
	struct rig r;

	start(&r, "chip=cx2", NEW " --nonfailsafe", "");
	has_str(control(&r, "booted 0"), "slot=0", "a non-failsafe image starts");
	rig_stop(&r);
	start(&r, "chip=cx2", NEW " --blank-guids", "");
	has_str(control(&r, "booted 0"), "slot=0", "blank GUIDs do not hinder");
	rig_stop(&r);
	start(&r, "chip=cx2", NEW " --boot2 1 --code-first --last-next 0", "");
	has_str(control(&r, "booted 0"), "slot=0", "nor one boot section and another order");
	rig_stop(&r);
	start(&r, "chip=cx3,part=w25q16", NEW, "");
	has_str(control(&r, "booted 0"), "made for another chip",
		"an image for another chip does not start");
	rig_stop(&r);
	start(&r, "chip=cx3,part=w25q16,pci=image,recovery=1",
	      "--chip connectx3 --chunk 19 --device-id 4103 --hw-list 0x1f5", "");
	has_str(control(&r, "booted 0"), "slot=0", "a ConnectX-3 image starts");
	is_int(cfg_get(&r, 2, 2), cr_get(&r, 0x1fd00) >> 16,
	       "pci=image: the id is what the firmware loaded");
	rig_stop(&r);
}

static uint32_t get(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put(uint8_t *p, uint32_t w)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(w >> (24 - 8 * i));
}

/* The section CRC as a division of polynomials: the message, 16 zero bits behind it. */
static uint16_t section_crc(const uint8_t *p, size_t len)
{
	uint32_t rest = 0xffff;

	for (size_t bit = 0; bit < 8 * len + 16; bit++) {
		rest = rest << 1 | (bit < 8 * len ? p[bit / 8] >> (7 - bit % 8) & 1 : 0);
		if (rest & 0x10000)
			rest ^= 0x1100b;
	}
	return (uint16_t)~rest;
}

/* A word that two records share: each sets its own bits only. */
static void test_masks(void)
{
	uint8_t *section;
	struct rig r;

	start(&r, "chip=cx2", OLD, "");
	section = r.card.nor.mem + 0x38;
	for (int i = 0; i < 2; i++) /* both boot sections */
		section += 16 + 4 * get(section + 4);
	is_int(get(section), 2, "the first section holds configuration records");
	is_int(get(section + 16), 0x1f064, "the first of which is the major version");
	put(section + 28, 0x1f064);
	put(section + 32, 0x0000abcd);
	put(section + 36, 0x0000ff0f);
	put(section + 16 + 4 * get(section + 4), section_crc(section, 16 + 4 * get(section + 4)));
	control(&r, "power-cycle 0");
	has_str(control(&r, "booted 0"), "slot=0", "with a second record for that word it starts");
	is_int(cr_get(&r, 0x1f064), 0x0002ab0d, "a record sets the bits of its mask only");
	rig_stop(&r);
}

void test_boot(const char *mkimage)
{
	maker = mkimage;
	temp_name(slot0);
	temp_name(slot1);
	temp_name(dump);
	test_two_slots();
	test_one_slot();
	test_damaged();
	test_variants();
	test_masks();
	unlink(slot0);
	unlink(slot1);
	unlink(dump);
}
