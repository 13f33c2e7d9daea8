// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl burn: put firmware onto a card, failsafe, keeping what makes the card this card. */
#include <string.h>

#include "card/burn_all.h"
#include "card/look.h"
#include "files/files.h"
#include "commands.h"
#include "ready.h"

static struct look at = {.takes = LOOK_CARD};

static struct {
	const char *rom_word;
	bool allow_psid_change, allow_downgrade, allow_other_rom, ethernet_only, no_failsafe;
	bool all;
	struct take_options take;
	struct card_request request;
} given;

static const struct opt options[] = {
	LOOK_CARD_OPTION(at),
	{"all", 0, OPT_FLAG, &given.all, NULL, "every card of the machine, at once"},
	{"takeover", 0, OPT_FLAG, &given.take.takeover, NULL,
	 "take the card from its driver, and give it back"},
	{"beside", 0, OPT_FLAG, &given.take.beside, NULL,
	 "while its driver keeps it; runs after the next reset"},
	{"force", 0, OPT_FLAG, &given.take.force, NULL, "take it although it is in use"},
	{"fw", 'f', OPT_TEXT, &given.request.recipe.fw, "F.mlx|F.bin|DIR",
	 "assemble from this release; of a folder what fits the card"},
	{"conf", 'c', OPT_TEXT, &given.request.recipe.conf, "F.ini|DIR",
	 "ini for --fw, or the folder where the card's PSID finds one"},
	{"set", 0, OPT_LIST, &given.request.recipe.set, "SECTION.KEY=VALUE", "change a parameter"},
	{"map", 0, OPT_TEXT, &given.request.recipe.map, "FILE",
	 "more parameters: a table like params.tsv, or a vendor's text .mlx"},
	{"allow-learned", 0, OPT_FLAG, &given.request.recipe.allow_learned, NULL,
	 "burn what a learnt map compiled"},
	{"ini-text-only", 0, OPT_FLAG, &given.request.recipe.ini_text_only, NULL,
	 "record changed keys that cannot be compiled"},
	{"rom", 0, OPT_TEXT, &given.rom_word, "keep|image|none",
	 "expansion ROM; the card's by default"},
	{"guid", 0, OPT_TEXT, &given.request.numbers.guid, "BASE|mac",
	 "other GUIDs than the card's, as in 'id set'"},
	{"mac", 0, OPT_TEXT, &given.request.numbers.mac, "BASE|guid", "other MACs than the card's"},
	{"vsd", 0, OPT_TEXT, &given.request.numbers.vsd, "TEXT", "another VSD than the card's"},
	{"identity", 0, OPT_TEXT, &given.request.identity, "DIR|FILE",
	 "GUIDs, MACs and VSD from this backup or image"},
	{"allow-psid-change", 0, OPT_FLAG, &given.allow_psid_change, NULL,
	 "burn an image of another board"},
	{"allow-downgrade", 0, OPT_FLAG, &given.allow_downgrade, NULL, "burn an older version"},
	{"allow-other-rom", 0, OPT_FLAG, &given.allow_other_rom, NULL,
	 "burn an expansion ROM that is for another device"},
	{"allow-ethernet-only", 0, OPT_FLAG, &given.ethernet_only, NULL,
	 "burn what takes InfiniBand from the card"},
	{"no-failsafe", 0, OPT_FLAG, &given.no_failsafe, NULL,
	 "burn although nothing on the card starts meanwhile"},
	CHANGE_OPTIONS(given.request.change),
	{NULL},
};

static const struct opt_rule rules[] = {
	{"all", NULL, "device identity guid mac"},
	{"takeover", NULL, "beside"},
	{"force", "takeover", NULL},
	{"conf", "fw", NULL},
	{"set", "fw", NULL},
	{"map", "fw", NULL},
	{"allow-learned", "fw", NULL},
	{"ini-text-only", "fw", NULL},
	{"backup", NULL, "no-backup"},
	{NULL},
};

static int choose_rom(struct cx_err *err)
{
	static const char *const word[] = {"keep", "image", "none"};

	given.request.rom = BURN_ROM_KEEP;
	if (!given.rom_word)
		return 0;
	for (size_t i = 0; i < 3; i++)
		if (!strcmp(given.rom_word, word[i])) {
			given.request.rom = (enum burn_rom)i;
			return 0;
		}
	return cx_fail(err, CX_USAGE, "--rom %s: keep, image or none expected", given.rom_word);
}

static unsigned int permissions(void)
{
	return (given.allow_psid_change ? BURN_MAY_CHANGE_PSID : 0) |
	       (given.allow_downgrade ? BURN_MAY_GO_BACK : 0) |
	       (given.allow_other_rom ? BURN_MAY_OTHER_ROM : 0) |
	       (given.ethernet_only ? BURN_MAY_LOSE_IB : 0) |
	       (given.no_failsafe ? BURN_MAY_RISK : 0);
}

/* Before any card is touched. */
static int check_files(const struct card_request *request, struct cx_err *err)
{
	if (file_check(request->image ? request->image : request->recipe.fw, err))
		return -1;
	if (request->recipe.conf && file_check(request->recipe.conf, err))
		return -1;
	if (request->recipe.map && file_check(request->recipe.map, err))
		return -1;
	return request->identity ? file_check(request->identity, err) : 0;
}

/* What cannot be meant. */
static int check_words(int argc, struct cx_err *err)
{
	if ((argc == 1) == (given.request.recipe.fw != NULL))
		return cx_fail(err, CX_USAGE,
			       "burn needs IMAGE.bin, or --fw F.mlx|F.bin to assemble one");
	return choose_rom(err);
}

static bool is_dump(const char *card)
{
	return card && !strncmp(card, "file:", 5);
}

static int run(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct burn_outcome outcome;
	int ret;

	given.request.may = permissions();
	given.request.image = argc ? argv[0] : NULL;
	given.request.recipe.for_card = true;
	if (check_words(argc, err) || check_files(&given.request, err))
		return change_end(cli, -1, &change_none, err);
	if (given.all)
		return burn_all(cli, &given.request, &given.take, err);
	ret = burn_one(cli, &given.request, &given.take, at.card, &outcome, err);
	if (ret == CX_OK && !cli->dry_run && !is_dump(at.card))
		ready_next(&cli->out, at.card);
	return ret;
}

const struct command burn_commands[] = {
	{
		.name = "burn",
		.args = "[CARD] IMAGE.bin | [CARD] --fw F",
		.what = "Burn an image, or assemble one for the card and burn it",
		.max_args = 1,
		.options = options,
		.rules = rules,
		.look = &at,
		.changes = true,
		.card_state = true,
		.run = run,
	},
	{},
};
