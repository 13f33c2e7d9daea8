// SPDX-License-Identifier: GPL-2.0-only
/* The older text dialect: which lines are places, and which keys they may claim. */
#include "fw/mlx/text.h"
#include "fs2_make.h"
#include "made.h"
#include "tap.h"

static const char *const good[] = {
	"scratchpad.eth.port[0].mode_40g_is_50g 0x1f99c.5 1",
	"a.b 1f99c.31 1",
	"a.b\t0X0.0\t32",
	"  a[1][22].b_3.c   0xffffc.8   24  ",
};
/* Not one of these may become a place. */
static const char *const bad[] = {
	"prepMLX version 2",
	"[FW]",
	"a 0x1f99c.5 1",
	"a.b 0x1f99c.5",
	"a.b 0x1f99c 5 1",
	"a.b 0x1f99c.32 1",
	"a.b 0x1f99c.5 0",
	"a.b 0x1f99c.5 33",
	"a.b 0x1f99c.31 2",
	"a.b 0x1f99d.0 1",
	"a.b 0x100000.0 1",
	"a..b 0x0.0 1",
	".a.b 0x0.0 1",
	"a.b. 0x0.0 1",
	"a.b] 0x0.0 1",
	"a[].b 0x0.0 1",
	"a[1.b 0x0.0 1",
	"a[1]x.b 0x0.0 1",
	"a.b 0x0.0x1 1",
	"a.b 0x0.0 0x1",
	"a.b 0xg.0 1",
	"a.b 0x.0 1",
	"a.b -0x0.0 1",
	"a.b 0x0.-1 1",
	"a.b 0x0.0 1x",
	"# a.b 0x0.0 1",
	"; a.b 0x0.0 1",
	"a.b\x01 0x0.0 1",
	"a.b 0x000000000000.0 1",
	"FW.Major Rev ID",
	"FW.Major Rev ID = two",
	"FW.Major Rev ID = 65536",
};

static struct fw_mlx_text parsed(const char *text)
{
	struct fw_mlx_text mlx;
	struct cx_err err;

	if (fw_mlx_text_parse(text, strlen(text), &mlx, &err)) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	return mlx;
}

static void test_lines(void)
{
	struct fw_mlx_text m;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		m = parsed(good[i]);
		ok(m.places == 1 && !m.unknown && !m.further, "a place: %s", good[i]);
		fw_mlx_text_free(&m);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		m = parsed(bad[i]);
		ok(!m.places && m.unknown == 1, "not understood: %s", bad[i]);
		fw_mlx_text_free(&m);
	}
}

static void test_file(void)
{
	static const char text[] = "prepMLX version 3\r\n\n[FW]\r\nFW.Major Rev ID 2\n"
				   "FW.Minor Rev ID = 0x2a\nFW.SubMinor rev ID=5000\r\n"
				   "z.b 0x10.4 2 0x1 FW\r\n   \na.b 0x20.31 1\nthe last line";
	struct fw_mlx_text m = parsed(text);
	struct cx_err err;
	char version[20];

	is_int(m.places, 2, "two places among the lines");
	is_str(m.place[0].path, "a.b", "by path");
	is_int(m.place[1].addr, 0x10, "address of the second");
	is_int(m.place[1].bit * 100 + m.place[1].size, 402, "its bits");
	is_int(m.place[1].line, 7, "its line");
	is_int(m.further, 1, "one line has further columns");
	is_int(m.unknown, 3, "three lines are not understood");
	ok(m.unknown_line[0] == 1 && m.unknown_line[1] == 3 && m.unknown_line[2] == 10,
	   "and are remembered");
	ok(m.has_version, "the version is found");
	is_str(fw_version_text(&m.version, version), "2.42.5000", "and right");
	fw_mlx_text_free(&m);

	m = parsed("1\n2\n3\n4\n5\n6\n7\n");
	ok(m.unknown == 7 && m.unknown_line[4] == 5 && !m.has_version,
	   "all unknown lines are counted, the first five remembered");
	fw_mlx_text_free(&m);
	m = parsed("");
	ok(!m.places && !m.unknown, "an empty file has nothing");
	fw_mlx_text_free(&m);
	ok(fw_mlx_text_parse("a.b\0 0x0.0 1", 12, &m, &err) && err.status == CX_INVALID,
	   "NUL bytes are no text");

	ok(fw_is_mlx_text("prepMLX", 7) && fw_is_mlx_text("\n a", 3), "text is text");
	ok(!fw_is_mlx_text("\n<!-- MT", 8) && !fw_is_mlx_text(" \n", 2) && !fw_is_mlx_text("", 0),
	   "XML and nothing are not");
}

static void test_chip(void)
{
	is_str(fw_mlx_text_chip("x/fw-ConnectX3Pro-rel.mlx"), "MT27520",
	       "a ConnectX-3 Pro by name");
	is_str(fw_mlx_text_chip("fw-connectx3.mlx"), "MT27500", "a ConnectX-3");
	is_str(fw_mlx_text_chip("FW-ConnectX2-rel.mlx"), "MT25408", "a ConnectX-2");
	is_str(fw_mlx_text_chip("fw-25408-rel.mlx"), "MT25408", "and by its legacy number");
	ok(!fw_mlx_text_chip("ConnectX3Pro.mlx") && !fw_mlx_text_chip("fw-ConnectX4.mlx") &&
		   !fw_mlx_text_chip("fw-ConnectX3/x.mlx"),
	   "no other name tells one");
}

static char notes[4096];

static void note(const char *text, void *ctx)
{
	(void)ctx;
	strncat(notes, text, sizeof(notes) - strlen(notes) - 2);
	strcat(notes, "\n");
}

#define MAP "fw-ConnectX3Pro-rel.mlx"

/* What comes of IB.do_sense = true where @text, a file called @name, is the map. */
static int claimed(const struct fw_image *img, const char *text, const char *name, const char *key,
		   struct fw_image *out, struct cx_err *err)
{
	static const struct fw_build_options opt = {.note = note};
	struct fw_mlx_text m = parsed(text);
	struct fw_ini ini = made_own_ini(img);
	struct fw_release *rel = made_release(img, NULL, err), *again;
	int rc = -1;

	notes[0] = '\0';
	if (!rel || fw_release_claim(rel, &m, name, err) || fw_ini_set(&ini, "IB", key, "1", err)) {
		printf("Bail out! %s\n", err->text);
		exit(1);
	}
	/* Written as a .mlx and read again it is the same release: claims are kept with their
	 * origin. */
	again = made_by_mlx(rel, err);
	if (!again) {
		printf("Bail out! %s\n", err->text);
		exit(1);
	}
	rc = fw_build(again, &ini, &opt, out, err);
	if (!rc)
		fw_image_free(out);
	notes[0] = '\0';
	fw_release_free(again);
	if (!rc)
		rc = fw_build(rel, &ini, &opt, out, err);
	else
		fw_build(rel, &ini, &opt, out, err); /* for its reason */
	fw_release_free(rel);
	fw_ini_free(&ini);
	fw_mlx_text_free(&m);
	return rc;
}

/* A word of the second Configuration section that nobody has named: address, and a bit that is @set
 * in it. */
static bool free_bit(const struct fw_image *img, bool set, uint32_t *addr, unsigned int *bit)
{
	const struct fw_section *s = fw_image_find(img, FW_CONFIG, 0);

	s = fw_image_find(img, FW_CONFIG, s - img->section + 1);
	for (uint32_t at = 0; at < s->size; at += 12) {
		const uint8_t *w = img->bytes + s->data + at;

		*addr = fs2_get(w);
		if (*addr < 0x20000 || *addr >= 0x30000)
			continue;
		for (*bit = 0; *bit < 32; ++*bit)
			if (fs2_get(w + 8) >> *bit & 1 && (fs2_get(w + 4) >> *bit & 1) == set)
				return true;
	}
	return false;
}

static void test_claims(void)
{
	struct fw_image img = made_image(MADE_PRO), out;
	unsigned int bit = 0, set_bit = 0;
	uint32_t addr = 0, set_addr = 0;
	char text[600];
	struct cx_err err;

	if (!free_bit(&img, false, &addr, &bit) || !free_bit(&img, true, &set_addr, &set_bit)) {
		printf("Bail out! the image has no free bits\n");
		exit(1);
	}
	snprintf(text, sizeof(text), "junk\nscratchpad.x.do_sense 0x%x.%u 1\n", addr, bit);
	if (ok(!claimed(&img, text, MAP, "do_sense", &out, &err), "a claimed key is compiled")) {
		has_str(notes, "claimed by " MAP ":2", "with its origin");
		fw_image_free(&out);
	} else {
		diag("%s", err.text);
	}
	snprintf(text, sizeof(text), "x.do_sense 0x%x.%u 1\nx.do_sense 0x%x.%u 1\n", addr, bit,
		 addr, bit);
	if (ok(!claimed(&img, text, MAP, "do_sense", &out, &err),
	       "twice the same is no contradiction"))
		fw_image_free(&out);

#define REFUSED(name_, key_, part_, what_)                                                   \
	do {                                                                                 \
		ok(claimed(&img, text, name_, key_, &out, &err) && err.status == CX_REFUSED, \
		   "refused: %s", what_);                                                    \
		has_str(err.text, "IB." key_, "by name");                                    \
		has_str(err.text, part_, "with the reason");                                 \
	} while (0)
	snprintf(text, sizeof(text), "a.do_sense 0x%x.%u 1\nb.Do_Sense 0x%x.%u 1\n", addr, bit,
		 set_addr, set_bit);
	REFUSED(MAP, "do_sense", "two places for it, in lines 1 and 2",
		"a name that two parameters have");
	snprintf(text, sizeof(text), "a.do_sense 0x%x.%u 1\na.do_sense 0x%x.%u 1\n", addr, bit,
		 set_addr, set_bit);
	REFUSED(MAP, "do_sense", "in lines 1 and 2", "one parameter in two places");
	snprintf(text, sizeof(text), "a.do_sense 0x%x.%u 1\n", set_addr, set_bit);
	REFUSED(MAP, "do_sense", "the release's ini says false",
		"bits that are not what the ini says");
	snprintf(text, sizeof(text), "a.do_sense 0x%x.%u 1\n", addr, bit);
	REFUSED("fw-ConnectX3-rel.mlx", "do_sense", "is for chip MT27500, the release for MT27520",
		"another chip");
	REFUSED("vendor.mlx", "do_sense", "can only be told by the vendor's name",
		"a chip nobody tells");
	REFUSED(MAP, "phy_type_port1", "where it compiles this key is not known",
		"a key the map has not");
	REFUSED(MAP, "a_new_key", "nothing proves where it would go", "a key the release has not");
	snprintf(text, sizeof(text), "a.do_sense 0xffffc.0 1\n");
	REFUSED(MAP, "do_sense", "no configuration word of this release owns",
		"a word the release has not");
	snprintf(text, sizeof(text), "a.do_sense 0x1f99c.17 1\n");
	REFUSED(MAP, "do_sense", MAP ":1: parameter a.do_sense (0x1f99c.17 size 1) overlaps",
		"another parameter's bits");
	snprintf(text, sizeof(text), "a.num_of_ports 0x%x.%u 1\n", addr, bit);
	REFUSED(MAP, "num_of_ports", "which number 'Two_Ports' stands for is not known",
		"a word for a value");
	snprintf(text, sizeof(text), "IB.do_sense 0x%x.%u 1\nx.aba_tx9_preemp 0x%x.0 1", addr, bit,
		 set_addr);
	if (ok(!claimed(&img, text, MAP, "aba_tx9_preemp", &out, &err),
	       "the built-in map goes first")) {
		ok(!strstr(notes, MAP), "and claims nothing");
		fw_image_free(&out);
	}
	fw_image_free(&img);
}

/* Keys by whole path, and by port: an image whose ini has such keys. */
static void test_names(void)
{
	static const char ini_text[] = "[ADAPTER]\nPSID = SYN0000000001\n[FW]\nlow.level[3].x = 0\n"
				       "[IB]\nport2_802_3ap_new = 0\nport2_other = 0\n";
	struct fw_image img, out;
	unsigned int bit = 0;
	uint32_t addr = 0;
	char text[300], options[400];
	struct cx_err err;

	made_write("build/unit/names.ini", ini_text, strlen(ini_text));
	snprintf(options, sizeof(options), "--chip connectx3pro --ini build/unit/names.ini");
	img = made_image(options);
	unlink("build/unit/names.ini");
	if (!free_bit(&img, false, &addr, &bit)) {
		printf("Bail out! the image has no free bits\n");
		exit(1);
	}
	snprintf(text, sizeof(text),
		 "q.port[0].eth_802_3ap_new 0x%x.%u 1\nq.port[1].eth_802_3ap_new 0x%x.%u 1\n",
		 addr + 0x100, bit, addr, bit);
	if (ok(!claimed(&img, text, MAP, "port2_802_3ap_new", &out, &err),
	       "port2_X is port[1].eth_X")) {
		has_str(notes, MAP ":2", "of the right port");
		fw_image_free(&out);
	} else {
		diag("%s", err.text);
	}
	snprintf(text, sizeof(text), "q.port[1].other 0x%x.%u 1\n", addr, bit);
	REFUSED(MAP, "port2_other", "where it compiles this key is not known",
		"a pair that is not known");
	snprintf(text, sizeof(text), "q.xport[1].eth_other 0x%x.%u 1\n", addr, bit);
	REFUSED(MAP, "port2_other", "where it compiles this key is not known",
		"a port that is none");
	fw_image_free(&img);
}

int main(void)
{
	test_lines();
	test_file();
	test_chip();
	test_claims();
	test_names();
	return tap_done();
}
