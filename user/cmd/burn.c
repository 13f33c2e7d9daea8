// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl burn: put firmware onto a card, failsafe, keeping what makes the card this card. */
#include <string.h>

#include "burn_card.h"
#include "cmd.h"
#include "files.h"

static struct {
	const char *card, *rom_word;
	bool allow_psid_change, allow_downgrade, no_failsafe;
	struct burn_order order;
} given;

static const struct opt options[] = {
	{"device", 'd', OPT_TEXT, &given.card, "CARD", "PCI address, or file:DUMP"},
	{"fw", 'f', OPT_TEXT, &given.order.recipe.fw, "F.mlx|F.bin", "assemble from this release"},
	{"conf", 'c', OPT_TEXT, &given.order.recipe.conf, "F.ini|DIR",
	 "ini for --fw, or the folder where the card's PSID finds one"},
	{"set", 0, OPT_LIST, &given.order.recipe.set, "SECTION.KEY=VALUE", "change a parameter"},
	{"map", 0, OPT_TEXT, &given.order.recipe.map, "FILE", "more parameters: see params.tsv"},
	{"ini-text-only", 0, OPT_FLAG, &given.order.recipe.ini_text_only, NULL,
	 "record changed keys that cannot be compiled"},
	{"rom", 0, OPT_TEXT, &given.rom_word, "keep|image|none",
	 "expansion ROM; the card's by default"},
	{"guid", 0, OPT_TEXT, &given.order.wish.guid, "BASE|mac",
	 "other GUIDs than the card's, as in 'id set'"},
	{"mac", 0, OPT_TEXT, &given.order.wish.mac, "BASE|guid", "other MACs than the card's"},
	{"vsd", 0, OPT_TEXT, &given.order.wish.vsd, "TEXT", "another VSD than the card's"},
	{"identity", 0, OPT_TEXT, &given.order.identity, "DIR",
	 "GUIDs, MACs and VSD from this backup"},
	{"allow-psid-change", 0, OPT_FLAG, &given.allow_psid_change, NULL,
	 "burn an image of another board"},
	{"allow-downgrade", 0, OPT_FLAG, &given.allow_downgrade, NULL, "burn an older version"},
	{"no-failsafe", 0, OPT_FLAG, &given.no_failsafe, NULL,
	 "burn although nothing on the card starts meanwhile"},
	CHANGE_OPTIONS(given.order.change),
	{NULL},
};

static int choose_rom(struct cx_err *err)
{
	static const char *const word[] = {"keep", "image", "none"};

	given.order.rom = BURN_ROM_KEEP;
	if (!given.rom_word)
		return 0;
	for (size_t i = 0; i < 3; i++)
		if (!strcmp(given.rom_word, word[i])) {
			given.order.rom = (enum burn_rom)i;
			return 0;
		}
	return cx_fail(err, CX_USAGE, "--rom %s: keep, image or none expected", given.rom_word);
}

static unsigned int permissions(void)
{
	return (given.allow_psid_change ? BURN_MAY_CHANGE_PSID : 0) |
	       (given.allow_downgrade ? BURN_MAY_GO_BACK : 0) |
	       (given.no_failsafe ? BURN_MAY_RISK : 0);
}

/* Before any card is touched. */
static int check_files(const struct burn_order *order, struct cx_err *err)
{
	if (file_check(order->image ? order->image : order->recipe.fw, err))
		return -1;
	return order->recipe.conf ? file_check(order->recipe.conf, err) : 0;
}

static int run(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct burn_outcome outcome = change_none;
	int ret;

	if ((argc == 1) == (given.order.recipe.fw != NULL))
		return cx_fail(err, CX_USAGE,
			       "burn needs IMAGE.bin, or --fw F.mlx|F.bin to assemble one");
	if (argc &&
	    (given.order.recipe.conf || given.order.recipe.set.count || given.order.recipe.map))
		return cx_fail(
			err, CX_USAGE,
			"--conf, --set and --map belong to --fw: an image is burnt as it is");
	if (choose_rom(err))
		return -1;
	given.order.may = permissions();
	given.order.image = argc ? argv[0] : NULL;
	ret = check_files(&given.order, err)
		      ? -1
		      : burn_card(cli, &given.order, given.card, &outcome, err);
	return change_end(cli, ret, &outcome, err);
}

const struct command cmd_burn = {
	.name = "burn",
	.args = "[IMAGE.bin]",
	.what = "Burn an image, or assemble one for the card and burn it",
	.max_args = 1,
	.options = options,
	.changes = true,
	.run = run,
};
