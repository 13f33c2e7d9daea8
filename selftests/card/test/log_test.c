// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the flash log: what a line says, and that no access is lost between two of them. */
#include "rig.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../unit/tap.h"

static char *text;
static size_t text_len;

static void start(struct rig *r, const char *spec)
{
	FILE *out = open_memstream(&text, &text_len);

	if (!out)
		abort();
	rig_start(r, spec);
	cr_put(r, 0xf3834, 2u << 27); /* a blank card is in recovery */
	log_end_line(&r->card);	      /* of the setup; nobody listened yet */
	log_begin(&r->card, out);
	control(r, "mark 0 begin");
}

/* The log without its times: "0 read 001000 32 * 0 2 10 4 ..." */
static const char *logged(struct rig *r)
{
	static char out[4096];
	char *line, *save = NULL, what[16];
	unsigned int addr, len, busy, counts[7];
	size_t n = 0;

	log_end_line(&r->card);
	fflush(r->card.log.out);
	out[0] = '\0';
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (sscanf(line, "0 %15s %x %u %*u %u %u %u %u %u %u %u %u", what, &addr, &len,
			   &busy, &counts[0], &counts[1], &counts[2], &counts[3], &counts[4],
			   &counts[5], &counts[6]) == 11)
			n += (size_t)snprintf(out + n, sizeof(out) - n,
					      "%s %x+%u b%u c%u r%u w%u R%u W%u cfg%u spi%u; ",
					      what, addr, len, busy, counts[0], counts[1],
					      counts[2], counts[3], counts[4], counts[5],
					      counts[6]);
	return out;
}

static void stop(struct rig *r)
{
	FILE *out = r->card.log.out;

	rig_stop(r);
	fclose(out);
	free(text);
}

/* A semaphore round one erase, one page of two beats, and two reads that follow each other. */
static void work(struct rig *r)
{
	uint32_t w[4];
	uint8_t data[32] = {0};

	cr_get(r, 0xf03fc);
	spi_erase(r, 0xd8, 0x10000);
	spi_wait(r);
	spi_program(r, 0x10000, data, 32);
	spi_wait(r);
	spi_read(r, 0x10000, w);
	spi_read(r, 0x10010, w);
	cr_put(r, 0xf03fc, 0);
}

static void test_lines(void)
{
	uint64_t reads = 0, writes = 0;
	const char *lines, *at;
	struct rig r;

	start(&r, "chip=cx2,part=m25p16,size=2M,busy=1");
	control(&r, "reset-stats 0");
	work(&r);
	lines = logged(&r);
	has_str(lines, "take 0+0 b0 c0 r1 w0", "taking the semaphore");
	has_str(lines, "erase 10000+65536 b600000 c1", "an erase and how long it takes");
	has_str(lines, "program 10000+32 b640 c2", "two beats are one program");
	has_str(lines, "read 10000+32 b0 c2 r10 w4 R0 W0 cfg0 spi40", "two reads are one line");
	has_str(lines, "release 0+0 b0 c0 r0 w1", "and the release");
	for (at = lines; (at = strstr(at, " r")); at++)
		reads += strtoul(at + 2, NULL, 10);
	for (at = lines; (at = strstr(at, " w")); at++)
		writes += strtoul(at + 2, NULL, 10);
	is_int(reads + writes, r.card.st.count[COUNT_ACCESSES], "the lines have every access once");
	is_int(violations(&r), 0, "no violation");
	stop(&r);
}

static void test_window(void)
{
	uint32_t w[4];
	struct rig r;

	start(&r, "chip=cx2,part=m25p16,size=2M");
	r.config_way = true;
	cr_get(&r, 0xf03fc);
	spi_read(&r, 0, w);
	has_str(logged(&r), "read 0+16 b0 c1 r0 w0 R5 W2 cfg14 spi20",
		"by the window an access is two cycles");
	stop(&r);
}

static void test_exchange(void)
{
	char line[120], path[] = "/tmp/cxcard-log-XXXXXX";
	struct rig r;
	int fd = mkstemp(path);

	if (fd < 0)
		abort();
	close(fd);
	start(&r, "chip=cx2,part=m25p16,size=2M");
	r.card.nor.mem[5] = 0x5a;
	snprintf(line, sizeof(line), "save 0 %s", path);
	has_str(control(&r, line), "ok", "a flash is taken out");
	r.card.nor.mem[5] = 0;
	snprintf(line, sizeof(line), "load 0 %s", path);
	has_str(control(&r, line), "ok", "and put back");
	is_int(r.card.nor.mem[5], 0x5a, "as it was");
	if (truncate(path, 1000))
		abort();
	has_str(control(&r, line), "error", "a file of another size is refused");
	has_str(control(&r, "load 0 /nonexistent"), "error", "and one that is not there");
	has_str(control(&r, "load 0"), "error", "and none");
	stop(&r);
	unlink(path);
}

void test_log(void)
{
	test_lines();
	test_window();
	test_exchange();
}
