// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory runs out while a map is learnt, written, read or proved: at each allocation in turn. It is
 * told, or the work is done as ever; and nothing is left behind. MEMORY_STEP: every how many
 * allocations of a proof fail (17).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fs2_make.h"
#include "fw/image/verify.h"
#include "fw/map/prove.h"
#include "tap.h"

#define BOARDS 24

/* --- the allocator; the linker puts it before the library's --- */

static unsigned long allocations, fails_at; /* 0: none fails */

static bool fails(void)
{
	return ++allocations == fails_at;
}

/* What a call of the library becomes, and what it was. */
#define WRAPPED(type, name, args, values)                     \
	type __real_##name args;                              \
	type __wrap_##name args;                              \
	type __wrap_##name args                               \
	{                                                     \
		return fails() ? NULL : __real_##name values; \
	}

WRAPPED(void *, malloc, (size_t size), (size))
WRAPPED(void *, calloc, (size_t count, size_t size), (count, size))
WRAPPED(void *, realloc, (void *at, size_t size), (at, size))
WRAPPED(void *, reallocarray, (void *at, size_t count, size_t size), (at, count, size))
WRAPPED(char *, strdup, (const char *text), (text))
WRAPPED(char *, strndup, (const char *text, size_t size), (text, size))
WRAPPED(FILE *, open_memstream, (char **at, size_t *size), (at, size))

/* --- the work --- */

static char *table;
static size_t table_len;
static struct fw_image image[2];
static struct fw_sample sample[2];
static struct fw_map known;
static unsigned int identical;

static void write_column(FILE *to, const char *head, const unsigned int *value)
{
	fputs(head, to);
	for (unsigned int i = 0; i < BOARDS; i++)
		fprintf(to, "\t%x", value[i]);
	fputc('\n', to);
}

/* Flags, a number, words, two keys that are only together seen to do something, a key that goes
 * nowhere, a board that was changed by hand. */
static void make_table(void)
{
	static const char *const words[] = {"XFI", "KR", "SGMII"};
	unsigned int a[BOARDS], b[BOARDS], number[BOARDS], word[BOARDS];
	FILE *to = open_memstream(&table, &table_len);

	fprintf(to, "@release\tMT27500\t2.42.5000\t%064d\t%u\t6\t1\n", 1, BOARDS);
	for (unsigned int i = 0; i < BOARDS; i++) {
		fprintf(to, "@board\tb%u\n", i);
		a[i] = 0x5a3f19 >> i & 1;
		b[i] = 0x9c6a35 >> i & 1;
		number[i] = i * 5 % 8;
		word[i] = a[i] | number[i] << 4 | (i % 3) << 8 | (a[i] & b[i]) << 12 | b[i] << 13;
	}
	word[7] ^= 1u << 13;
	write_column(to, "@key\tIB\ta", a);
	write_column(to, "@key\tIB\tb", b);
	write_column(to, "@key\tIB\tnumber", number);
	fputs("@key\tIB\tserial", to);
	for (unsigned int i = 0; i < BOARDS; i++)
		fprintf(to, "\t%u", 1000 + i * i);
	fputs("\n@key\tIB\tword", to);
	for (unsigned int i = 0; i < BOARDS; i++)
		fprintf(to, "\t%s", words[i % 3]);
	fputs("\n@hidden\t\ta ROM", to);
	for (unsigned int i = 0; i < BOARDS; i++)
		fprintf(to, "\t0x%x", i & 1);
	write_column(to, "\n@word\tword\t1\t1000\tffffffff", word);
	fclose(to);
}

static int read_table(struct cx_err *err)
{
	struct fw_map map;
	int rc = fw_map_parse(table, table_len, &map, err);
	bool same;

	if (rc)
		return rc;
	same = map.learning->claims == known.learning->claims &&
	       map.learning->joints == known.learning->joints &&
	       map.learning->edits == known.learning->edits;
	fw_map_free(&map);
	return same ? 0 : cx_fail(err, CX_INVALID, "something else is learnt");
}

static int write_table(struct cx_err *err)
{
	char *text;
	size_t len;
	int rc = fw_map_write(&known, &text, &len, err);

	if (rc)
		return rc;
	free(text);
	return len > table_len ? 0 : cx_fail(err, CX_INVALID, "%zu bytes are written", len);
}

static int take_sample(struct cx_err *err)
{
	struct fw_sample s;
	int rc = fw_sample_take("a", &image[0], &s, err);

	if (!rc)
		fw_sample_free(&s);
	return rc;
}

static int learn(struct cx_err *err)
{
	struct fw_map map;
	int rc = fw_map_learn(sample, 2, &map, err);

	if (!rc)
		fw_map_free(&map);
	return rc;
}

static void count_identical(const struct fw_proof *proof, void *ctx)
{
	(void)ctx;
	identical += proof->identical;
}

static int no_refusal(const char *reason, void *ctx, struct cx_err *err)
{
	(void)ctx;
	return cx_fail(err, CX_INVALID, "refused: %s", reason);
}

static int prove(struct cx_err *err)
{
	struct fw_prove p = {.sample = sample,
			     .img = image,
			     .samples = 2,
			     .board = count_identical,
			     .refusal = no_refusal};

	identical = 0;
	if (fw_prove(&p, err))
		return -1;
	return identical == 2 ? 0 : cx_fail(err, CX_INVALID, "%u are identical", identical);
}

static void keep_bad(const struct fw_finding *finding, void *ctx)
{
	if (finding->grade == FW_BAD)
		cx_fail(ctx, CX_FAILED, "%s", finding->text);
}

static int verify(struct cx_err *err)
{
	return fw_verify(&image[0], FW_CHIP_UNKNOWN, 0, keep_bad, err) ? -1 : 0;
}

/* --- each allocation in turn --- */

/*
 * A failed allocation need not fail the work: a stream or a library may do without the buffer it
 * asked for. Then the work must have its whole result, which each of these functions looks at
 * itself; so what is asked here is that no failure is told as something else than lack of memory.
 */
static void run_out(const char *what, int (*work)(struct cx_err *err), unsigned long step)
{
	unsigned long untold = 0, told = 0;
	struct cx_err err;
	int rc;

	fails_at = 1;
	for (;; fails_at += step) {
		memset(&err, 0, sizeof(err));
		allocations = 0;
		rc = work(&err);
		if (allocations < fails_at)
			break;
		if (!untold && rc && (err.status != CX_FAILED || !strstr(err.text, "memory"))) {
			untold = fails_at;
			printf("# allocation %lu: %s\n", fails_at, err.text);
		}
		told += rc != 0;
	}
	ok(!rc && told && !untold, "%s: of %lu allocations, %lu that fail are told", what,
	   allocations, told);
	fails_at = 0;
}

static bool make_images(struct fs2 made[2])
{
	struct cx_err err;

	made[0] = fs2_make(&(struct fs2_options){.chunk_log2 = 0});
	made[1] = fs2_make(&(struct fs2_options){.no_rom = true});
	for (unsigned int i = 0; i < 2; i++)
		if (fw_image_parse(made[i].at, made[i].len, &image[i], &err) ||
		    fw_sample_take("board", &image[i], &sample[i], &err)) {
			printf("# %s\n", err.text);
			return false;
		}
	return true;
}

int main(void)
{
	const char *step = getenv("MEMORY_STEP");
	struct fs2 made[2];
	struct cx_err err;

	make_table();
	ok(!fw_map_parse(table, table_len, &known, &err) && known.releases == 1 &&
		   known.learning->joints && known.learning->edits == 1,
	   "a table of boards");
	run_out("a table is read, and learnt from", read_table, 1);
	run_out("a table is written", write_table, 1);
	if (ok(make_images(made), "two images of a release")) {
		run_out("an image is verified", verify, 1);
		run_out("a sample is taken", take_sample, 1);
		run_out("images are learnt from", learn, 1);
		run_out("images are proved", prove, step ? strtoul(step, NULL, 10) : 17);
	}
	for (unsigned int i = 0; i < 2; i++) {
		fw_sample_free(&sample[i]);
		fw_image_free(&image[i]);
		free(made[i].at);
	}
	fw_map_free(&known);
	free(table);
	return tap_done();
}
