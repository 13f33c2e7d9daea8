// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl read: raw flash into a file. */
#include <stdlib.h>

#include "card/look.h"
#include "card/subject.h"
#include "files/files.h"
#include "commands.h"

#define STEP  0x4000u /* bytes between two looks at progress and signals */
#define ALIGN 16u     /* the unit of a flash read (flash-access 4) */

static struct look at = {.takes = LOOK_CARD};

static struct {
	const char *output;
	struct opt_number addr, len;
} given;

static const struct opt options[] = {
	LOOK_CARD_OPTION(at),
	{"output", 'o', OPT_OUTPUT, &given.output, "DUMP", "where the bytes go; - is stdout"},
	{"addr", 0, OPT_NUMBER, &given.addr, "A", "first byte (0)"},
	{"len", 0, OPT_NUMBER, &given.len, "N", "how many bytes (to the end)"},
	{NULL},
};

static int read_range(struct cx_flash *flash, struct progress *p, uint32_t addr, uint8_t *to,
		      uint32_t len, struct cx_err *err)
{
	for (uint32_t done = 0; done < len;) {
		uint32_t step = len - done < STEP ? len - done : STEP;

		p->control.progress(BURN_READ, done, len, p);
		if (flash->ops->read(flash, addr + done, to + done, step, err))
			return -1;
		done += step;
	}
	p->control.progress(BURN_READ, len, len, p);
	return 0;
}

/* Any range may be asked for; what is read is a little more, in whole blocks. */
static int save_range(struct cli *cli, struct cx_flash *flash, struct progress *p, uint32_t addr,
		      uint32_t len, struct cx_err *err)
{
	uint32_t from = addr / ALIGN * ALIGN,
		 size = (addr + len - from + ALIGN - 1) / ALIGN * ALIGN;
	uint8_t *bytes = malloc(size);
	int ret;

	if (!bytes)
		return cx_fail(err, CX_FAILED, "out of memory");
	ret = read_range(flash, p, from, bytes, size, err);
	progress_end(p);
	if (!ret)
		ret = file_save(cli, given.output, FILE_BYTES, bytes + (addr - from), len, err);
	free(bytes);
	return ret;
}

static int check_range(const struct cx_flash_info *info, uint32_t *addr, uint32_t *len,
		       struct cx_err *err)
{
	unsigned long a = given.addr.value, n;

	if (a >= info->size)
		return cx_fail(err, CX_USAGE, "--addr 0x%lx: the flash of %s ends at 0x%x", a,
			       info->name, info->size);
	n = given.len.given ? given.len.value : info->size - a;
	if (!n || n > info->size - a)
		return cx_fail(err, CX_USAGE,
			       "--len 0x%lx: from 0x%lx on the flash of %s has 0x%lx", n, a,
			       info->name, info->size - a);
	*addr = a;
	*len = n;
	return 0;
}

static int run(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct progress progress;
	struct cx_flash *flash;
	uint32_t addr = 0, len = 0;
	int ret;

	(void)argc;
	(void)argv;
	if (!given.output)
		return cx_fail(err, CX_USAGE, "read needs -o DUMP");
	if (card_open(at.card, &flash, err))
		return -1;
	card_note_copies(&cli->out, &flash->info);
	progress_begin(&progress, cli, false);
	ret = check_range(&flash->info, &addr, &len, err);
	if (!ret)
		ret = save_range(cli, flash, &progress, addr, len, err);
	if (!ret) {
		out_text(&cli->out, "card", "Card", "%s", flash->info.name);
		out_number(&cli->out, "addr", NULL, addr);
		out_number(&cli->out, "len", "Bytes", len);
	}
	flash->ops->close(flash);
	return ret;
}

const struct command read_commands[] = {
	{
		.name = "read",
		.args = "[CARD]",
		.what = "Read raw flash into a file",
		.options = options,
		.look = &at,
		.changes = true,
		.run = run,
	},
	{},
};
