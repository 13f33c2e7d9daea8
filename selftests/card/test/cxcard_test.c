// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the card model through its socket, as QEMU would drive it: protocol, configuration
 *space, CR space, semaphores, gateway. The flash, the faults and the boot ROM have files of their
 *own.
 *
 *	cxcard_test MKIMAGE
 */
#include "rig.h"

#include <json-c/json.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../unit/tap.h"

static void raw_message(struct rig *r, int32_t cmd, uint64_t size, const int *fds,
			unsigned int nfds)
{
	uint8_t m[16 + 192] = {0};

	memcpy(m, &cmd, 4);
	memcpy(m + 8, &size, 8);
	rig_send(r, m, 16 + size, fds, nfds);
}

static unsigned int open_fds(void)
{
	unsigned int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += dup2(fd, fd) == fd;
	return n;
}

static void test_protocol(void)
{
	unsigned int before;
	uint64_t value;
	struct rig r;

	rig_start(&r, "chip=cx2,size=2M");
	before = open_fds();
	raw_message(&r, 0, 192, (int[]){0, 1, 2}, 3);
	raw_message(&r, 6, 0, (int[]){0, 1}, 2);
	is_int(cfg_get(&r, 0, 2), 0x15b3, "memory sync and irqfd get no answer, a read does");
	is_int(open_fds(), before, "the descriptors that came along are closed");
	raw_message(&r, 3, 12, NULL, 0);
	ok(!rig_answer(&r, &value), "a read of length 0 ends the connection");
	rig_stop(&r);
	has_str(r.serve_error, "length", "which is explained");

	rig_start(&r, "chip=cx2,size=2M");
	raw_message(&r, 9, 0, NULL, 0);
	ok(!rig_answer(&r, &value), "an unknown message ends the connection");
	rig_stop(&r);
	has_str(r.serve_error, "command 9", "which is explained");

	rig_start(&r, "chip=cx2,size=2M");
	raw_message(&r, 5, 4, NULL, 0);
	ok(!rig_answer(&r, &value), "a message of a wrong size ends the connection");
	rig_stop(&r);

	rig_start(&r, "chip=cx2,size=2M");
	rig_send(&r, "\3\0\0", 3, NULL, 0);
	rig_stop(&r);
	ok(r.serve_result < 0, "a message that is cut off is an error");

	rig_start(&r, "chip=cx2,size=2M");
	rig_stop(&r);
	is_int(r.serve_result, 0, "an end between messages is none");
}

/* As QEMU 7.2 does at realize: every dword by itself, before the first reset. */
static void test_bar_sizing(void)
{
	static const uint32_t want[7] = {0xfff00004, 0, 0xff80000c, 0, 0, 0, 0};
	struct rig r;

	rig_start_from(&r, "chip=cx2,size=2M", NULL);
	for (unsigned int i = 0; i < 7; i++) {
		cfg_put(&r, 0x10 + 4 * i, ALL_ONES, 4);
		is_int(cfg_get(&r, 0x10 + 4 * i, 4), want[i], "BAR dword %u as QEMU sizes it", i);
		cfg_put(&r, 0x10 + 4 * i, 0, 4);
	}
	device_reset(&r);
	cfg_put(&r, 0x14, ALL_ONES, 4);
	is_int(cfg_get(&r, 0x14, 4), ALL_ONES, "after the first reset the upper half is there");
	rig_stop(&r);

	rig_start(&r, "chip=cx2,size=2M,bar64=0");
	cfg_put(&r, 0x10, ALL_ONES, 4);
	cfg_put(&r, 0x14, ALL_ONES, 4);
	is_int(cfg_get(&r, 0x10, 4), 0xfff00000, "bar64=0: BAR0 has 32 bits");
	is_int(cfg_get(&r, 0x14, 4), 0, "and no upper half");
	rig_stop(&r);

	rig_start(&r, "chip=cx2,size=2M,bar=0");
	cfg_put(&r, 0x10, ALL_ONES, 4);
	is_int(cfg_get(&r, 0x10, 4), 0, "bar=0: no BAR0");
	rig_stop(&r);
}

static void identity(const char *spec, uint32_t id, uint32_t class_rev, uint32_t sub,
		     uint32_t device_id)
{
	struct rig r;

	rig_start(&r, spec);
	is_int(cfg_get(&r, 0, 4), id, "%s: ids", spec);
	is_int(cfg_get(&r, 8, 4), class_rev, "%s: class and revision", spec);
	is_int(cfg_get(&r, 0x2c, 4), sub, "%s: subsystem", spec);
	is_int(cr_get(&r, 0xf0014), device_id, "%s: CR f0014", spec);
	rig_stop(&r);
}

static void test_identity(void)
{
	identity("chip=cx2,size=2M,recovery=0", 0x673c15b3, 0x0c0600b0, 0x002115b3, 0x00b00190);
	identity("chip=cx3,size=2M,recovery=0", 0x100315b3, 0x02800000, 0x005015b3, 0x000001f5);
	identity("chip=cx3pro,size=2M,recovery=0", 0x100715b3, 0x02000000, 0x000c15b3, 0x000001f7);
	identity("chip=cx2,size=2M", 0x019115b3, 0x058000b0, 0x002115b3, 0x00b00190);
	identity("chip=cx3,size=2M", 0x01f615b3, 0x05800000, 0x005015b3, 0x000001f5);
	identity("chip=cx3pro,size=2M", 0x01f815b3, 0x05800000, 0x000c15b3, 0x000001f7);
	identity("chip=cx2,size=2M,pci=6750,rev=a0,sub=103c1782,class=020000", 0x675015b3,
		 0x020000a0, 0x1782103c, 0x00a00190);
	identity("chip=cx2,size=2M,devid=bad0cafe", 0x019115b3, 0x058000b0, 0x002115b3, 0xbad0cafe);
}

static void bad_spec(const char *spec, const char *part_of_message)
{
	char err[300] = "";
	struct card c;

	ok(card_create(&c, 0, spec, err, sizeof(err)) < 0, "SPEC `%s' is refused", spec);
	has_str(err, part_of_message, "and says: %s", err);
}

static void test_spec(void)
{
	char again[120];
	struct rig r;

	bad_spec("chip=cx9,flash=/tmp/x", "chip=cx9");
	bad_spec("flash=/tmp/x", "chip=");
	bad_spec("chip=cx2", "flash=");
	bad_spec("chip=cx2,flash=/nowhere/x,size=2M", "/nowhere/x");
	bad_spec("chip=cx2,flash=/tmp/x,busy=-3", "busy=-3");
	bad_spec("chip=cx2,flash=/tmp/x,cut-done=101", "cut-done=101");
	bad_spec("chip=cx2,flash=/tmp/x,colour=red", "colour");
	bad_spec("chip=cx2,flash=/tmp/x,pci=10000", "pci=10000");
	bad_spec("chip=cx2,flash=/tmp/x,types=some", "types=some");
	bad_spec("chip=cx2,flash=/tmp/x,frwr=2.9", "frwr=2.9");
	bad_spec("chip=cx2,flash=/tmp/x,frwr=2.9.70000", "frwr=2.9.70000");
	bad_spec("chip=cx2,flash=/dev/null", "size=");
	bad_spec("chip=cx2,flash=/proc/version,size=3M", "/proc/version");
	bad_spec("chip=cx2,flash=/tmp/cxcard_test.none,size=3M", "sizes are");
	bad_spec("chip=cx2,flash=/tmp/cxcard_test.none,size=2M,part=m25p32", "m25p32");
	unlink("/tmp/cxcard_test.none");
	rig_start(&r, "chip=cx2,size=2M");
	snprintf(again, sizeof(again), "chip=cx2,flash=%s", r.flash);
	bad_spec(again, "another card");
	rig_stop(&r);
}

static void test_cr(void)
{
	struct rig r;

	rig_start(&r, "chip=cx2,size=2M");
	cr_put(&r, 0x12344, 0x01020304);
	is_int(bar_get(&r, RIG_BAR0 + 0x12344, 4), 0x04030201, "words are big-endian in BAR0");
	r.config_way = true;
	is_int(cr_get(&r, 0x12344), 0x01020304, "and plain numbers in the window");
	is_int(cfg_get(&r, 0x58, 4), 0x12344, "0x58 reads back");
	cr_put(&r, 0x12344, 0x55);
	r.config_way = false;
	is_int(cr_get(&r, 0x12344), 0x55, "the window writes");
	cr_put(&r, 0xf0014, 0);
	is_int(cr_get(&r, 0xf0014), 0x00b00190, "the device id is read only");
	is_int(violations(&r), 0, "none of this is a violation");
	bar_get(&r, RIG_BAR0 + 0x12344, 2);
	has_str(violation_texts(&r), "not a word", "half a word of BAR0 is");
	cfg_put(&r, 0x5c, 0, 1);
	has_str(violation_texts(&r), "not a dword", "a byte of the window is");
	cfg_put(&r, 0x58, 0x100000, 4);
	is_int(cfg_get(&r, 0x5c, 4), ALL_ONES, "beyond the space there are ones");
	has_str(violation_texts(&r), "beyond", "and a violation");
	cfg_put(&r, 0x04, 0, 2);
	is_int(bar_get(&r, RIG_BAR0 + 0xf0014, 4), ALL_ONES, "no memory decoding, no BAR0");
	rig_stop(&r);
}

static void test_write_only_window(void)
{
	struct rig r;

	rig_start(&r, "chip=cx2,size=2M,window=write-only");
	cr_put(&r, 0x12344, 0xabcd);
	cfg_put(&r, 0x58, 0xf0014, 4);
	is_int(cfg_get(&r, 0x58, 4), 0xbadacce5, "write-only window: 0x58 does not read back");
	cfg_put(&r, 0x58, 0x12344 | 1, 4);
	is_int(cfg_get(&r, 0x5c, 4), 0xabcd, "an odd address reads");
	cfg_put(&r, 0x5c, 0x77, 4);
	cfg_put(&r, 0x58, 0x12344, 4);
	is_int(cr_get(&r, 0x12344), 0x77, "data, then the address, writes");
	rig_stop(&r);

	rig_start(&r, "chip=cx2,size=2M,window=none");
	cfg_put(&r, 0x58, 0xf0014, 4);
	is_int(cfg_get(&r, 0x5c, 4), 0, "window=none: nothing there");
	rig_stop(&r);
}

static void test_semaphore(void)
{
	struct rig r;

	rig_start(&r, "chip=cx3,size=2M,sem-held=2");
	r.config_way = true;
	is_int(cr_get(&r, 0xf03fc), 1, "sem-held=2: the first read finds it held");
	is_int(cr_get(&r, 0xf03fc), 1, "and the second");
	is_int(cr_get(&r, 0xf03fc), 0, "the third takes it");
	is_int(cr_get(&r, 0xf03fc), 1, "a read while it is taken");
	cr_put(&r, 0xf03fc, 0);
	is_int(cr_get(&r, 0xf03fc), 0, "0 frees it");
	cr_put(&r, 0xf03fc, 0);
	is_int(violations(&r), 0, "no violation so far");
	cr_put(&r, 0xf03fc, 1);
	has_str(violation_texts(&r), "only 0 frees", "writing 1 is one");
	is_int(cr_get(&r, 0xf03a0), 0, "the second semaphore of a ConnectX-3");
	is_int(cr_get(&r, 0xf03a0), 1, "is read to take as well");
	has_str(control(&r, "fault 0 sem-held=forever"), "ok", "held for ever");
	is_int(cr_get(&r, 0xf03fc), 1, "stays held");
	device_reset(&r);
	cr_put(&r, 0xf03fc, 0);
	is_int(cr_get(&r, 0xf03fc), 0, "until somebody writes 0");
	is_int(r.card.st.longest_accesses, 2, "longest hold: from taking to freeing");
	rig_stop(&r);

	rig_start(&r, "chip=cx2,size=2M");
	cr_put(&r, 0xf03a0, 0);
	has_str(violation_texts(&r), "second semaphore", "a ConnectX-2 has no second semaphore");
	rig_stop(&r);
}

/* On a machine that is busy with something else too */
static void test_flush(void)
{
	struct rig r;

	rig_start(&r, "chip=cx3,size=2M,write-takes=1000000");
	cr_put(&r, 0x100, 1);
	cr_put(&r, 0xf0380, 0);
	is_int(cr_get(&r, 0xf0380), 0, "the flush ends");
	is_int(cr_get(&r, 0x100), 1, "write, flush, read");
	is_int(violations(&r), 0, "is as it should be");
	cr_put(&r, 0x100, 2);
	cr_get(&r, 0x100);
	has_str(violation_texts(&r), "flush", "a read after a write without a flush is not");
	cr_put(&r, 0x100, 2);
	cr_get(&r, 0xf0380);
	cr_get(&r, 0x100);
	is_int(violations(&r), 2, "reading 0xf0380 alone is no flush");
	r.config_way = true;
	cr_put(&r, 0x100, 3);
	cr_get(&r, 0x100);
	is_int(violations(&r), 2, "the config window needs none");
	is_int(r.card.st.flushes, 1, "one flush was counted");
	rig_stop(&r);

	rig_start(&r, "chip=cx2,size=2M");
	cr_put(&r, 0x100, 2);
	cr_get(&r, 0x100);
	is_int(violations(&r), 0, "a ConnectX-2 needs none");
	cr_put(&r, 0xf0380, 0);
	has_str(violation_texts(&r), "no write flush", "and has none");
	rig_stop(&r);
}

static void expect(struct rig *r, const char *text, const char *what)
{
	has_str(violation_texts(r), text, "%s", what);
	control(r, "reset-stats 0");
}

static void test_gateway(void)
{
	struct rig r;

	rig_start(&r, "chip=cx2,size=2M,part=m25p16,gw-polls=3,recovery=0");
	gw_go(&r, 0x409f2215);
	expect(&r, "without the flash semaphore", "a command without the semaphore");
	cr_get(&r, 0xf03fc);
	cr_put(&r, 0xf0400, 0x409f2215);
	for (int i = 0; i < 3; i++)
		ok(cr_get(&r, 0xf0400) & 1u << 30, "gw-polls=3: poll %d sees busy", i);
	is_int(cr_get(&r, 0xf0400), 0x009f2215, "then it is free, and the command reads back");
	is_int(cr_get(&r, 0xf0410), 0x20201500, "JEDEC id");
	is_int(violations(&r), 0, "no violation");
	cr_put(&r, 0xf0400, 0x409f2215);
	cr_get(&r, 0xf0410);
	expect(&r, "before the gateway was seen free", "data read without polling");
	cr_put(&r, 0xf0400, 0x40052215);
	expect(&r, "before the gateway was seen free", "a command into a busy gateway");
	while (cr_get(&r, 0xf0400) & 1u << 30)
		;
	ok(gw_go(&r, 0x409f0215), "without bit 13 the gateway still ends");
	expect(&r, "bit 13", "a command without bit 13");
	gw_go(&r, 0x4003243d);
	expect(&r, "held read", "a read with chip select held");
	gw_go(&r, 0x40002410);
	gw_go(&r, 0x40002410);
	expect(&r, "without an opcode", "data without chip select held");
	gw_go(&r, 0x409f2217);
	expect(&r, "undefined bits", "an undefined bit");
	gw_go(&r, 0x409f2615);
	expect(&r, "more than 16 bytes", "64 bytes at once");
	gw_go(&r, 0x409f2a15);
	is_int(cr_get(&r, 0xf0410), ALL_ONES, "the second bank is empty");
	gw_go(&r, 0x40062024);
	cr_put(&r, 0xf03fc, 0);
	expect(&r, "while chip select is held", "the semaphore freed with chip select held");
	rig_stop(&r);
}

static void test_hcr(void)
{
	struct rig r;

	rig_start(&r, "chip=cx3,size=2M");
	is_int(cr_get(&r, 0x8069c), 0, "the owner word is free");
	is_int(cr_get(&r, 0x8069c), 1, "and then taken");
	cr_put(&r, 0x80698, 1u << 23 | 1u << 21 | 4);
	is_int(cr_get(&r, 0x80698), 2u << 24 | 1u << 21 | 4, "a command ends with status 2");
	is_int(violations(&r), 0, "and needs no flush");
	cr_put(&r, 0xf0010, 1);
	is_int(cfg_get(&r, 0x10, 4), 4, "a soft reset forgets the BARs");
	rig_map_bars(&r);
	is_int(cr_get(&r, 0x8069c), 0, "and the owner");
	rig_stop(&r);
}

static void test_control(void)
{
	struct json_object *stats, *regs;
	const char *text;
	struct rig r;

	rig_start(&r, "chip=cx2,size=2M");
	cr_get(&r, 0xf03fc);
	gw_go(&r, 0x40009f00);
	text = control(&r, "stats 0");
	stats = strncmp(text, "ok ", 3) ? NULL : json_tokener_parse(text + 3);
	ok(stats && strchr(text, '\n') == text + strlen(text) - 1, "stats: one line of JSON");
	ok(json_object_object_get_ex(stats, "bar0", &regs) &&
		   json_object_object_get_ex(regs, "registers", &regs) &&
		   json_object_object_get_ex(regs, "f03fc", &regs) &&
		   json_object_get_int(json_object_array_get_idx(regs, 0)) == 1,
	   "which counts the read of f03fc");
	json_object_put(stats);
	is_str(control(&r, "reset-stats 0"), "ok\n", "reset-stats");
	is_int(violations(&r), 0, "and they are zero");
	is_str(control(&r, "flash-sha 0"),
	       "ok 4bda3a28f4ffe603c0ec1258c0034d65a1a0d35ab7bd523a834608adabf03cc5\n",
	       "flash-sha of two blank MiB");
	is_str(control(&r, "flash-sha 0 0 0"),
	       "ok e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n",
	       "flash-sha of nothing");
	has_str(control(&r, "flash-sha 0 0x1fffff 2"), "error", "flash-sha beyond the end");
	has_str(control(&r, "flash-sha 0 1 1 1"), "error", "flash-sha with too much");
	has_str(control(&r, "booted 1"), "error", "a card that is not there");
	has_str(control(&r, "booted x"), "error", "a card that is no number");
	has_str(control(&r, "open-sesame 0"), "error", "an unknown command");
	has_str(control(&r, "fault 0 cut=x"), "error cut=x", "a bad knob value");
	has_str(control(&r, "power-cycle 0 hot"), "error", "a bad power-cycle");
	is_str(control(&r, "ok what we answered"), "", "an echoed answer is not answered");
	is_str(control(&r, ""), "", "nor an empty line");
	rig_stop(&r);
}

/* The word at @at, as the PCI core reads it. */
static uint32_t vpd_get(struct rig *r, uint32_t at)
{
	cfg_put(r, 0x4a, at, 2);
	is_int(cfg_get(r, 0x4a, 2), 0x8000 | at, "the word at %u of the VPD is there", at);
	return cfg_get(r, 0x4c, 4);
}

static void test_vpd(void)
{
	char path[] = "/tmp/cxcard_vpd.XXXXXX", spec[64];
	int fd = mkstemp(path);
	struct rig r;

	if (fd < 0 || write(fd,
			    "\x82\x02\x00"
			    "ab\x78",
			    6) != 6)
		abort();
	close(fd);
	rig_start(&r, "chip=cx2,size=2M");
	is_int(cfg_get(&r, 0x41, 1), 0x60, "without a VPD there is no capability for it");
	rig_stop(&r);
	snprintf(spec, sizeof(spec), "chip=cx2,size=2M,vpd=%s", path);
	rig_start(&r, spec);
	is_int(cfg_get(&r, cfg_get(&r, 0x41, 1), 1), 0x03, "with one there is");
	is_int(cfg_get(&r, 0x49, 1), 0x60, "before that of PCI Express");
	is_int(vpd_get(&r, 0), 0x61000282, "its first byte is the lowest of a word");
	is_int(vpd_get(&r, 4), 0x00007862, "behind its end are zeros");
	is_int(vpd_get(&r, 0x7ffc), 0, "as far as addresses go");
	is_int(violations(&r), 0, "to read it is no violation");
	cfg_put(&r, 0x4a, 0x8000, 2);
	is_int(violations(&r), 1, "to write it is");
	rig_stop(&r);
	unlink(path);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: cxcard_test MKIMAGE\n");
		return 64;
	}
	test_protocol();
	test_bar_sizing();
	test_identity();
	test_spec();
	test_cr();
	test_write_only_window();
	test_semaphore();
	test_flush();
	test_gateway();
	test_hcr();
	test_control();
	test_vpd();
	test_nor();
	test_fault();
	test_log();
	test_boot_time();
	test_boot(argv[1]);
	test_hca(argv[1]);
	return tap_done();
}
