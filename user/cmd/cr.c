// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl cr read, cr dump: words of CR space. */
#include <stdlib.h>

#include "card/look.h"
#include "card/subject.h"
#include "commands.h"

#define CR_SIZE (1u << 20) /* flash-access 2 */

static struct look at = {.takes = LOOK_CARD};

static const struct opt options[] = {
	LOOK_CARD_OPTION(at),
	{NULL},
};

static void show_word(uint32_t addr, uint32_t value, void *ctx)
{
	struct out *out = ctx;

	out_object(out, NULL);
	out_number(out, "addr", NULL, addr);
	out_number(out, "value", NULL, value);
	out_close(out);
	out_say(out, "0x%05x  0x%08x", addr, value);
}

static int show(struct out *out, struct cx_flash *flash, uint32_t addr, unsigned int count,
		struct cx_err *err)
{
	uint32_t *word = calloc(count, sizeof(*word));
	int ret;

	if (!word)
		return cx_fail(err, CX_FAILED, "out of memory");
	ret = flash->ops->cr_read(flash, addr, word, count, err);
	if (!ret) {
		out_array(out, "words");
		for (unsigned int i = 0; i < count; i++)
			show_word(addr + 4 * i, word[i], out);
		out_close(out);
	}
	free(word);
	return ret;
}

static int run_read(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	unsigned long addr, count = 1;
	struct cx_flash *flash;
	int ret;

	if (opts_number(argv[0], &addr) || addr % 4 || addr >= CR_SIZE)
		return cx_fail(err, CX_USAGE,
			       "cr read %s: an address is a multiple of 4 below 0x%x", argv[0],
			       CR_SIZE);
	if (argc > 1 && (opts_number(argv[1], &count) || !count || count > (CR_SIZE - addr) / 4))
		return cx_fail(err, CX_USAGE, "cr read %s %s: a count of words up to %lu expected",
			       argv[0], argv[1], (CR_SIZE - addr) / 4);
	if (card_open(at.card, &flash, err))
		return -1;
	ret = show(&cli->out, flash, addr, count, err);
	flash->ops->close(flash);
	return ret;
}

static int run_dump(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct cx_flash *flash;
	int ret;

	(void)argc;
	(void)argv;
	if (card_open(at.card, &flash, err))
		return -1;
	out_array(&cli->out, "words");
	ret = flash->ops->cr_dump(flash, show_word, &cli->out, err);
	out_close(&cli->out);
	flash->ops->close(flash);
	return ret;
}

const struct command cr_commands[] = {
	{
		.name = "cr read",
		.args = "[CARD] ADDR [COUNT]",
		.what = "Read words of a card's CR space",
		.min_args = 1,
		.max_args = 2,
		.options = options,
		.look = &at,
		.run = run_read,
	},
	{
		.name = "cr dump",
		.args = "[CARD]",
		.what = "Read all words of CR space that have no side effect",
		.options = options,
		.look = &at,
		.run = run_dump,
	},
	{},
};
