// SPDX-License-Identifier: GPL-2.0-only
/* Tests of what the firmware does for its driver, as mlx4_core would ask it. */
#define _GNU_SOURCE
#include "rig.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../unit/tap.h"

#define MEMORY	 0x100000u
#define IN	 0x10000u
#define OUT	 0x11000u
#define TABLE	 0x20000u /* ICM: MTTs, */
#define EQ_PAGE	 0x30000u /* an event queue, */
#define CQ_PAGE	 0x31000u /* a completion queue, */
#define SQ_PAGE	 0x32000u /* and a send queue */
#define UAR	 (RIG_BAR2 + 0x10000u)
#define BY_EVENT (1u << 22)

static uint8_t *ram;
static char card_image[64];

static uint32_t get(uint32_t gpa)
{
	const uint8_t *p = ram + gpa;

	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put(uint32_t gpa, uint32_t val)
{
	for (int i = 0; i < 4; i++)
		ram[gpa + i] = (uint8_t)(val >> (24 - 8 * i));
}

/* The guest's memory, shared as QEMU shares it. */
static void share_memory(struct rig *r)
{
	uint8_t m[16 + 192] = {0};
	uint64_t size = 192, len = MEMORY;
	int fd = memfd_create("ram", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, MEMORY))
		exit(1);
	ram = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	memcpy(m + 8, &size, 8);
	memcpy(m + 16 + 64, &len, 8); /* after eight addresses the eight sizes */
	rig_send(r, m, sizeof(m), &fd, 1);
	close(fd);
	cfg_put(r, 0x04, 0x0006, 2);
}

/* Returns the last word of the register. */
static uint32_t command(struct rig *r, uint32_t op, uint32_t modifier, uint64_t in, uint64_t out)
{
	const uint32_t words[6] = {(uint32_t)(in >> 32),  (uint32_t)in,	 modifier,
				   (uint32_t)(out >> 32), (uint32_t)out, 0xffff0000};

	for (uint32_t i = 0; i < 6; i++)
		cr_put(r, 0x80680 + 4 * i, words[i]);
	cr_put(r, 0x80698, 1u << 23 | 1u << 21 | op);
	return cr_get(r, 0x80698);
}

static void ends(struct rig *r, unsigned int status, uint32_t op, uint32_t modifier, uint64_t in,
		 uint64_t out)
{
	is_int(command(r, op, modifier, in, out), status << 24 | 1u << 21 | op,
	       "command %03x ends with status %02x, GO clear, T as it was", op & 0xfff, status);
}

static void start(struct rig *r, const char *spec)
{
	rig_start_from(r, spec, card_image);
	device_reset(r);
	rig_map_bars(r);
	share_memory(r);
}

static void test_firmware(void)
{
	struct rig r;

	start(&r, "chip=cx2,rev=b0,ports=vpi/eth");
	ends(&r, 0, 0x004, 0, 0, OUT);
	is_int(get(OUT) & 0xffff, 2, "QUERY_FW: major,");
	is_int(get(OUT + 4), (720u << 16) | 10, "subminor and minor of the image");
	ends(&r, 0, 0x003, 0, 0, OUT);
	is_int(ram[OUT + 0x37], 2, "QUERY_DEV_CAP: two ports");
	is_int(get(OUT + 0x44) >> 12 & 1, 1, "of types of their own");
	is_int(get(OUT + 0x94), 0x8c0, "fast registration");
	ends(&r, 0, 0x043, 1, 0, OUT);
	is_int(ram[OUT], 3, "QUERY_PORT 1: InfiniBand or Ethernet, no link");
	is_int(get(OUT + 0x14), 0xc9a1b2c0, "the MAC is the image's");
	ends(&r, 0, 0x043, 2, 0, OUT);
	is_int(ram[OUT], 2, "QUERY_PORT 2: Ethernet");
	ends(&r, 0, 0x006, 0, 0, OUT);
	ok(!memcmp(ram + OUT + 0xf0,
		   "0LED00A90000\0\0\0"
		   "9",
		   16),
	   "QUERY_ADAPTER: the PSID, swapped");
	ends(&r, 2, 0x777, 0, 0, 0);
	ends(&r, 3, 0x043, 3, 0, OUT);
	ends(&r, 3, 0x004, 0, 0, MEMORY);
	ends(&r, 3, 0x004, 0, 0, MEMORY - 0x800);
	is_int(violations(&r), 0, "no violation");
	cfg_put(&r, 0x04, 0x0002, 2);
	ends(&r, 3, 0x004, 0, 0, OUT);
	has_str(violation_texts(&r), "DMA", "without bus mastering there is no DMA");
	control(&r, "fault 0 hca-mute=1");
	ok(command(&r, 0x031, 0, 0, 0) & 1u << 23, "hca-mute: GO is never cleared");
	is_int(cr_get(&r, 0x80800), 0, "no fatal error,");
	control(&r, "fault 0 hca-error=1");
	ok(cr_get(&r, 0x80800), "until the operator says hca-error");
	cr_put(&r, 0xf0010, 1);
	rig_map_bars(&r);
	is_int(cr_get(&r, 0x80800), 0, "a reset ends it");
	rig_stop(&r);
}

static void test_capabilities(void)
{
	struct rig r;

	start(&r, "chip=cx2,rev=b0,ports=vpi/vpi,types=same,frwr=2.10.721");
	ends(&r, 0, 0x003, 0, 0, OUT);
	is_int(get(OUT + 0x44) >> 12 & 1, 0, "types=same: both ports are of one");
	is_int(get(OUT + 0x94), 0, "frwr=2.10.721: 2.10.720 has no fast registration");
	rig_stop(&r);
	start(&r, "chip=cx2,rev=b0,ports=vpi/vpi,frwr=2.10.720");
	ends(&r, 0, 0x003, 0, 0, OUT);
	is_int(get(OUT + 0x94), 0x8c0, "frwr=2.10.720: it has");
	rig_stop(&r);
}

/* One page of memory for the tables, and an armed event queue of 4 entries in slot 0 of them. */
static void make_queues(struct rig *r)
{
	memset(ram + IN, 0, 0x1000);
	put(IN + 4, 0);
	put(IN + 12, TABLE); /* 4 KiB */
	ends(r, 0, 0xffa, 1, IN, 0);
	memset(ram + IN, 0, 0x1000);
	ram[IN + 0xd3] = 6;
	ram[IN + 0xdb] = 4;
	ends(r, 0, 0x007, 0, IN, 0);
	put(TABLE + 4, EQ_PAGE | 1); /* bit 0: present */
	put(TABLE + 8 + 4, CQ_PAGE | 1);
	put(TABLE + 16 + 4, SQ_PAGE | 1);
	memset(ram + IN, 0, 0x1000);
	ram[IN + 2] = 9; /* armed */
	ram[IN + 0x0c] = 2;
	ends(r, 0, 0x013, 4, IN, 0);
	is_int(ram[EQ_PAGE + 0x1f] & ram[EQ_PAGE + 0x7f], 0x80, "its entries belong to the card");
	ends(r, 0, 0x012, 4, 1u << 0x0a | 1u << 0x09, 0);
}

static int irq_end;

/* What came over the channel to QEMU since the last call. */
static const char *interrupts(void)
{
	static char text[300];
	ssize_t n = recv(irq_end, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void eq_arm(struct rig *r, uint32_t consumer)
{
	bar_put(r, RIG_BAR2 + 0x1000 + 0x800, __builtin_bswap32(1u << 31 | consumer), 4);
}

static void test_events(void)
{
	int pair[2];
	struct rig r;

	start(&r, "chip=cx2,rev=b0,ports=eth");
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		exit(1);
	irq_connect(pair[0]);
	irq_end = pair[1];
	cfg_put(&r, 0x3c, 11, 1);
	make_queues(&r);
	ends(&r, 0, 0x031 | BY_EVENT, 0, 0, 0);
	is_int(get(EQ_PAGE), 0x000a0000, "a command's end is an event,");
	is_int(get(EQ_PAGE + 4), 0x0000ffff, "with its token");
	is_int(ram[EQ_PAGE + 0x1f], 0, "in the driver's hands");
	is_str(interrupts(), "set_irq_in /machine/i440fx/ioapic unnamed-gpio-in 11 1\n",
	       "the pin is raised");
	is_int(cfg_get(&r, 0x06, 2) & 8, 8, "which shows in the header");
	ends(&r, 0, 0x031 | BY_EVENT, 0, 0, 0);
	is_str(interrupts(), "", "once");
	cr_put(&r, 0xf00dc, 1);
	is_str(interrupts(), "set_irq_in /machine/i440fx/ioapic unnamed-gpio-in 11 0\n",
	       "until the driver clears it");
	eq_arm(&r, 1);
	has_str(interrupts(), "in 11 1", "arming with an event unread raises it again");
	cr_put(&r, 0xf00dc, 1);
	eq_arm(&r, 2);
	has_str(interrupts(), "in 11 0", "with none it does not");
	control(&r, "port 0 1 up");
	is_int(get(EQ_PAGE + 0x40), 0x00090004, "a link that comes is an event");
	is_int(get(EQ_PAGE + 0x4c), 1u << 28, "of its port");
	control(&r, "port 0 1 down");
	is_int(get(EQ_PAGE + 0x60), 0x00090001, "and one that goes");
	ends(&r, 0, 0x031 | BY_EVENT, 0, 0, 0);
	is_int(ram[EQ_PAGE + 0x1f], 0x80, "in the second turn the owner bit is set");
	cr_put(&r, 0xf0010, 1);
	has_str(interrupts(), "in 11 0", "a reset lowers the pin");
	rig_map_bars(&r);
	cfg_put(&r, 0x04, 0x0006, 2);
	ends(&r, 0x0c, 0x013, 4, IN, 0);
	irq_connect(-1);
	close(pair[0]);
	close(pair[1]);
	rig_stop(&r);
}

/* A send queue with two packets in it: one completion for the one that wants it. */
static void test_sending(void)
{
	struct rig r;

	start(&r, "chip=cx2,rev=b0,ports=eth");
	make_queues(&r);
	memset(ram + IN, 0, 0x1000);
	ram[IN + 0x0c] = 2;
	ram[IN + 0x17] = 4;
	put(IN + 0x1c, 8);
	ends(&r, 0, 0x016, 0x80, IN, 0);
	is_int(get(CQ_PAGE + 0x60), 0xcccccccc, "SW2HW_CQ fills the completion queue");
	memset(ram + IN, 0, 0x1000);
	ram[IN + 8 + 0x0a] = 2 << 3 | 2; /* 4 entries of 64 bytes */
	put(IN + 8 + 0x7c, 0x80);
	put(IN + 8 + 0xcc, 16);
	ends(&r, 0, 0x019, 0x40, IN, 0);
	memset(ram + SQ_PAGE, 0, 0x1000);
	ram[SQ_PAGE + 3] = 0x0a;
	ram[SQ_PAGE + 7] = 2; /* 32 bytes */
	ram[SQ_PAGE + 64 + 3] = 0x0a;
	ram[SQ_PAGE + 64 + 7] = 2;
	ram[SQ_PAGE + 64 + 0x0b] = 0x0c; /* this one is to be completed */
	bar_put(&r, UAR + 0x20, (uint64_t)__builtin_bswap32(0) << 32 | __builtin_bswap32(0x80), 8);
	bar_put(&r, UAR + 0x14, __builtin_bswap32(0x40 << 8), 4);
	is_int(get(CQ_PAGE), 0x40, "the completion is of the queue pair,");
	is_int(get(CQ_PAGE + 0x18) >> 16, 1, "of its second entry");
	is_int(ram[CQ_PAGE + 0x1f], 0x4a, "a send, owned by the driver");
	is_int(get(CQ_PAGE + 0x20), 0xcccccccc, "and there is no other");
	is_int(get(EQ_PAGE), 0, "the event is a completion");
	is_int(get(EQ_PAGE + 4), 0x80, "of that queue");
	is_int(ram[EQ_PAGE + 0x1f], 0, "and there");
	ends(&r, 0, 0x021, 0x40, 0, 0);
	memset(ram + SQ_PAGE, 0, 0x1000);
	ram[IN + 8 + 0x0a] = 2 << 3 | 3; /* 4 entries of 128 bytes */
	ends(&r, 0, 0x019, 0x40, IN, 0);
	for (unsigned int i = 0; i < 2; i++) {
		ram[SQ_PAGE + 128 * i + 3] = 0x0a;
		ram[SQ_PAGE + 128 * i + 7] = 2;
		ram[SQ_PAGE + 128 * i + 0x0b] = 0x0c;
	}
	bar_put(&r, UAR + 0x14, __builtin_bswap32(0x40 << 8), 4);
	is_int(get(CQ_PAGE + 0x38) >> 16, 0, "entries of 128 bytes: the first,");
	is_int(get(CQ_PAGE + 0x58) >> 16, 1, "and the second");
	ends(&r, 0, 0x021, 0x40, 0, 0);
	ends(&r, 0, 0x017, 0x80, 0, 0);
	ends(&r, 0x0a, 0x017, 0x80, 0, 0);
	is_int(violations(&r), 0, "no violation");
	rig_stop(&r);
}

static uint32_t mad(struct rig *r, uint32_t attribute, uint32_t modifier, unsigned int port)
{
	memset(ram + IN, 0, 256);
	put(IN, 0x01010101); /* versions, subnet management, get */
	put(IN + 0x10, attribute << 16);
	put(IN + 0x14, modifier);
	command(r, 0x3024, port, IN, OUT);
	return get(OUT + 4) >> 16;
}

static void test_mads(void)
{
	struct rig r;

	start(&r, "chip=cx2,rev=b0,ports=ib/ib");
	is_int(mad(&r, 0x11, 0, 2), 0, "NodeInfo");
	is_int(get(OUT + 0x40 + 0x10), 0x00a1b2c0, "the node's GUID is the image's");
	is_int(get(OUT + 0x40 + 0x18), 0x00a1b2c2, "and the second port's");
	is_int(mad(&r, 0x15, 0, 1), 0, "PortInfo");
	is_int(ram[OUT + 0x60] & 15, 1, "the port is down");
	has_str(control(&r, "port 0 1 active rate=20 lid=7 sm=1"), "ok", "the operator plugs it");
	mad(&r, 0x15, 0, 1);
	is_int(ram[OUT + 0x60] & 15, 4, "it is active");
	is_int(get(OUT + 0x50), 0x00070001, "with its LIDs");
	is_int(ram[OUT + 0x63] >> 4, 2, "at double data rate");
	is_int(mad(&r, 0x77, 0, 1), 0x000c, "an attribute that is not known");
	has_str(control(&r, "port 0 3 up"), "error", "a port that is not there");
	has_str(control(&r, "port 0 1 rate=15"), "error", "a rate that is not there");
	control(&r, "port 0 2 sense=2");
	command(&r, 0x04d, 2, 0, 0);
	is_int(cr_get(&r, 0x80690), 2, "SENSE_PORT finds what the operator said");
	rig_stop(&r);

	start(&r, "chip=cx2,pci=image,ports=image/image");
	command(&r, 0x043, 1, 0, OUT);
	is_int(ram[OUT], 3, "ports=image: by the class of the card");
	rig_stop(&r);
	rig_start(&r, "chip=cx2,size=2M");
	has_str(control(&r, "port 0 1 up"), "no ports", "a card without ports= has none");
	rig_stop(&r);
}

void test_hca(const char *mkimage)
{
	char cmd[400];
	int fd;

	strcpy(card_image, "/tmp/cxcard_test.XXXXXX");
	fd = mkstemp(card_image);
	snprintf(cmd, sizeof(cmd),
		 "%s --version 2.10.720 --psid DEL09A0000009 --guid 0002c90300a1b2c0 --mac "
		 "0002c9a1b2c0 "
		 "--dump 2m:0 -o %s",
		 mkimage, card_image);
	ok(fd >= 0 && !close(fd) && !system(cmd), "an image is made");
	test_firmware();
	test_capabilities();
	test_events();
	test_sending();
	test_mads();
	unlink(card_image);
}
