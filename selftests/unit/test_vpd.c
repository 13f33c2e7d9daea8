// SPDX-License-Identifier: GPL-2.0-only
/* VPDs, good ones and broken ones, and reading one from a kernel that may not answer. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dev/vpd.h"
#include "fw/board/vpd.h"
#include "folders.h"
#include "tap.h"
#include "vpd_make.h"

/* ---- what is in one ---- */

static const char *get(const struct fw_vpd *vpd, const char *keyword)
{
	const char *text = fw_vpd_get(vpd, keyword);

	return text ? text : "(none)";
}

static void good(void)
{
	struct vpd v = vpd_make("Hawk Dual Port", "TSTPH29C-XTR");
	struct fw_vpd vpd;
	struct cx_err err = {0};

	/* Places as the manual has them */
	ok(v.len == 256 && v.byte[17] == 0x90 && v.byte[20] == 'P' && v.byte[95] == 'R' &&
		   v.byte[99] == 0x91,
	   "the layout of a manual");
	ok(!fw_vpd_parse(v.byte, v.len, &vpd, &err) && vpd.whole, "is read: %s", err.text);
	is_str(vpd.name, "Hawk Dual Port", "identifier string");
	is_str(get(&vpd, "PN"), "TSTPH29C-XTR", "part number, without the zeros behind it");
	is_str(get(&vpd, "EC"), "A2", "revision");
	is_str(get(&vpd, "SN"), "00000000000000TS1234X567",
	       "serial number, with the zeros before it");
	is_str(get(&vpd, "V0"), "PCIe Gen2 x8", "V0");
	is_str(get(&vpd, "V1"), "N/A", "V1, of the other section");
	is_str(get(&vpd, "YA"), "(none)", "a field with nothing in it");
	is_str(get(&vpd, "RW"), "(none)", "room that is left is no field");
	is_int(vpd.sum, FW_VPD_SUM_RIGHT, "the checksum is right");
	is_str(fw_vpd_part(&vpd), "TSTPH29C-XTR", "the part number can be relied on");
	ok(fw_vpd_begins(v.byte, v.len) && !fw_vpd_begins(v.byte, 17),
	   "it is known by how it begins");
	memset(v.byte + v.len, 0xff, sizeof(v.byte) - v.len);
	ok(!fw_vpd_parse(v.byte, sizeof(v.byte), &vpd, &err), "behind the end anything may stand");
}

static void broken(const struct vpd *v, const char *part, const char *why, const char *what)
{
	/* Of just that length, so that a byte too far is found */
	uint8_t *copy = malloc(v->len ? v->len : 1);
	struct cx_err err = {0};
	struct fw_vpd vpd;
	const char *got;

	memcpy(copy, v->byte, v->len);
	ok(fw_vpd_parse(copy, v->len, &vpd, &err) == -1 && err.status == CX_INVALID && !vpd.whole,
	   "%s is no VPD", what);
	has_str(err.text, why, "and is told so: %s", err.text);
	got = fw_vpd_part(&vpd);
	ok(part ? got && !strcmp(got, part) : !got, "its part number is %s",
	   part ? "still known" : "not relied on");
	free(copy);
}

static struct vpd all(uint8_t byte)
{
	struct vpd v = {.len = 256};

	memset(v.byte, byte, v.len);
	return v;
}

static void bad(void)
{
	const struct vpd right = vpd_make("Hawk Dual Port", "TSTPH29C-XTR");
	struct vpd v = {.len = 0};

	broken(&v, NULL, "no bytes", "nothing");
	v = all(0);
	broken(&v, NULL, "256 zeros", "all zeros");
	v = all(0xff);
	broken(&v, NULL, "256 bytes of ff", "all ones");
	v = all('x');
	broken(&v, NULL, "nothing before the end tag at 0", "a text");
	v = right;
	v.byte[v.len - 1] = 0;
	broken(&v, "TSTPH29C-XTR", "0x00 at 255", "one whose end tag is overwritten");
	v.len--;
	broken(&v, "TSTPH29C-XTR", "255 bytes without an end tag", "one without an end tag");
	v.len = 150;
	broken(&v, "TSTPH29C-XTR", "cut off: the tag at 99", "one cut behind its checksum");
	v.len = 60;
	broken(&v, NULL, "cut off: the tag at 17 has 79 bytes, 40 are there", "one cut before it");
	v.len = 18;
	broken(&v, NULL, "cut off in the tag at 17", "one cut in a tag");
	v = right;
	v.byte[22] = 200;
	broken(&v, NULL, "the field at 20 leaves its section", "one with a field too long");
	v = right;
	v.byte[18] = 2;
	broken(&v, NULL, "the field at 20", "one with a section of two bytes");
	v = right;
	v.byte[1] = v.byte[2] = 0xff;
	broken(&v, NULL, "cut off: the tag at 0 has 65535", "one with a name too long");
}

static void doubted(void)
{
	struct vpd v = vpd_make("Hawk Dual Port", "TSTPH29C-XTR");
	uint8_t *large = calloc(1, FW_VPD_MAX + 1);
	struct fw_vpd vpd;
	struct cx_err err;

	v.byte[25] ^= 1;
	ok(!fw_vpd_parse(v.byte, v.len, &vpd, &err) && vpd.sum == FW_VPD_SUM_WRONG,
	   "a wrong checksum is seen");
	ok(fw_vpd_get(&vpd, "PN") && !fw_vpd_part(&vpd), "and its part number is not relied on");
	v = vpd_make("Hawk Dual Port", "TSTPH29C-XTR");
	memcpy(v.byte + 95, "V9", 2);
	ok(!fw_vpd_parse(v.byte, v.len, &vpd, &err) && vpd.sum == FW_VPD_NO_SUM &&
		   fw_vpd_part(&vpd),
	   "one without a checksum is relied on if it is whole");
	v = vpd_make("Haw\x1b[31mPort", "TST\x80-X\n");
	fw_vpd_parse(v.byte, v.len, &vpd, &err);
	is_str(vpd.name, "Haw?[31mPort", "nothing in it talks to a terminal");
	is_str(get(&vpd, "PN"), "TST?-X?", "in a field neither");
	memcpy(large, "\x82\x10\x27", 3);
	large[10003] = 0x78;
	memset(large + 3, 'n', 10000);
	ok(!fw_vpd_parse(large, FW_VPD_MAX, &vpd, &err) && strlen(vpd.name) == FW_VPD_TEXT - 1,
	   "a long name is cut");
	ok(fw_vpd_parse(large, FW_VPD_MAX + 1, &vpd, &err) && err.status == CX_INVALID,
	   "more than can be addressed is refused");
	memcpy(large, "\x90\xd8\x00", 3);
	for (size_t i = 0; i < 72; i++)
		memcpy(large + 3 + 3 * i, "AB", 3);
	large[3 + 216] = 0x78;
	ok(!fw_vpd_parse(large, 220, &vpd, &err) && vpd.fields == FW_VPD_FIELDS &&
		   vpd.left_out == 72 - FW_VPD_FIELDS,
	   "of very many fields the first are kept, and the others counted");
	free(large);
}

/* ---- reading ---- */

#define CARD  "0000:04:00.0"
#define SHORT 50     /* ms, for what never comes */
#define LONG  600000 /* ms, for what does, however busy the machine is */

static char top[] = "/tmp/test_vpd.XXXXXX";
static struct cx_pci_root root = {top, top, top};

static const char *place(void)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/bus/pci/devices/" CARD "/vpd", top);
	make_dirs(path);
	unlink(path);
	return path;
}

static void fails(unsigned int limit, enum cx_status status, const char *why, const char *what)
{
	struct cx_err err = {0};
	uint8_t *bytes = NULL;
	size_t len;

	ok(cx_vpd_read(&root, CARD, limit, &bytes, &len, &err) == -1 && err.status == status &&
		   !bytes,
	   "%s", what);
	has_str(err.text, why, "told: %s", err.text);
	ok(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD, "and no process is left");
}

static void reads(const struct vpd *v, size_t want)
{
	struct cx_err err = {0};
	uint8_t *bytes;
	size_t len;

	if (ok(!cx_vpd_read(&root, CARD, LONG, &bytes, &len, &err) && len == want,
	       "%zu bytes are read: %s", want, err.text)) {
		ok(!memcmp(bytes, v->byte, v->len < want ? v->len : want),
		   "as they are in the file");
		free(bytes);
	}
	ok(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD, "and no process is left");
}

static void save(const void *bytes, size_t len)
{
	FILE *f = fopen(place(), "w");

	if (!f || fwrite(bytes, 1, len, f) != len || fclose(f))
		abort();
}

/* Root may read everything, so somebody else tries. */
static void not_root(void)
{
	int status = 0;
	pid_t child;

	put("x", "%s", place());
	chmod(top, 0);
	fflush(stdout);
	child = fork();
	if (!child) {
		struct cx_err err = {0};
		uint8_t *bytes;
		size_t len;

		if (!geteuid() && (setgid(65534) || setuid(65534)))
			_exit(2);
		_exit(cx_vpd_read(&root, CARD, LONG, &bytes, &len, &err) != -1 ||
		      err.status != CX_REFUSED || !strstr(err.text, "only root"));
	}
	waitpid(child, &status, 0);
	chmod(top, 0755);
	ok(WIFEXITED(status) && !WEXITSTATUS(status), "who is not root is told that only root may");
}

static void reading(void)
{
	struct vpd v = vpd_make("CX354A - ConnectX-3 QSFP", "TST342A-XCAN");
	uint8_t *large = calloc(1, 2 * CX_VPD_MAX);

	if (!mkdtemp(top) || chmod(top, 0755))
		abort();
	place();
	fails(LONG, CX_NOT_FOUND, "shows no VPD", "a function without one");
	save(v.byte, v.len);
	reads(&v, v.len);
	save("", 0);
	fails(LONG, CX_FAILED, "it has no bytes", "an empty one");
	/* Reading its own memory at 0 is what the kernel answers with EIO. */
	if (symlink("/proc/self/mem", place()))
		abort();
	fails(LONG, CX_FAILED, "cannot read it from the card: Input/output error", "EIO");
	if (mkfifo(place(), 0600))
		abort();
	fails(SHORT, CX_FAILED, "did not give the VPD within 0.05 s",
	      "a read that does not come back");
	memcpy(large, v.byte, v.len);
	save(large, 2 * CX_VPD_MAX);
	reads(&v, CX_VPD_MAX);
	not_root();
	unlink(place());
	free(large);
}

int main(void)
{
	good();
	bad();
	doubted();
	reading();
	return tap_done();
}
