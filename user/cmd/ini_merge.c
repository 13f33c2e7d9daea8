// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl ini merge: what a vendor changed, carried into the ini of a newer release. */
#include <string.h>

#include "card/look.h"
#include "card/settings.h"
#include "files/files.h"
#include "fw/board/merge.h"
#include "commands.h"

static struct {
	const char *base, *oem, *new, *output, *take;
} given;

static const struct opt options[] = {
	{"base", 0, OPT_TEXT, &given.base, "FILE|CARD",
	 "the stock board's ini that the vendor's began as"},
	{"oem", 0, OPT_TEXT, &given.oem, "FILE|CARD", "the vendor's ini"},
	{"new", 0, OPT_TEXT, &given.new, "FILE|CARD", "the stock board's ini of the newer release"},
	{"output", 'o', OPT_OUTPUT, &given.output, "F.ini", "where the merged text goes"},
	{"take", 0, OPT_TEXT, &given.take, "oem|new",
	 "whose value counts where both changed a key"},
	{NULL},
};

struct context {
	struct cli *cli;
	enum fw_merge_take take;
	char text[600];
};

static const char *or_absent(const char *value)
{
	return value ? value : "(absent)";
}

static void value_json(struct out *out, const char *name, const struct fw_merge_value *v)
{
	if (!v->value)
		return;
	out_object(out, name);
	out_text(out, "value", NULL, "%s", v->value);
	out_number(out, "line", NULL, v->line);
	out_close(out);
}

static void line_of(const struct fw_merge_value *v, char *buf, size_t size)
{
	if (v->value)
		snprintf(buf, size, "%.60s (line %u)", v->value, v->line);
	else
		snprintf(buf, size, "(absent)");
}

/* Each conflict is asked for by itself, where somebody sits. */
static enum fw_merge_take settle(struct context *c, const struct fw_merge_key *k)
{
	char base[90], oem[90], new[90];

	line_of(&k->base, base, sizeof(base));
	line_of(&k->oem, oem, sizeof(oem));
	line_of(&k->new, new, sizeof(new));
	snprintf(c->text, sizeof(c->text), "%.60s.%.60s: base %s, oem %s, new %s%s", k->section,
		 k->key, base, oem, new, k->gone ? ": the new release has given it up" : "");
	if (c->take != FW_MERGE_NONE || !c->cli->may_ask || c->cli->yes)
		return c->take;
	if (cli_ask_word(c->text, "oem"))
		return FW_MERGE_OEM;
	return cli_ask_word(c->text, "new") ? FW_MERGE_NEW : FW_MERGE_NONE;
}

static enum fw_merge_take tell(const struct fw_merge_key *k, void *ctx)
{
	struct context *c = ctx;
	struct out *out = &c->cli->out;
	enum fw_merge_take take = k->conflict ? settle(c, k) : FW_MERGE_OEM;

	out_object(out, NULL);
	out_text(out, "section", NULL, "%s", k->section);
	out_text(out, "key", NULL, "%s", k->key);
	value_json(out, "base", &k->base);
	value_json(out, "oem", &k->oem);
	value_json(out, "new", &k->new);
	out_flag(out, "conflict", k->conflict);
	out_text(out, "taken", NULL, "%s",
		 take == FW_MERGE_OEM	? "oem"
		 : take == FW_MERGE_NEW ? "new"
					: "undecided");
	out_close(out);
	if (k->conflict)
		out_say_in(out, OUT_WARN, "conflict: %s: %s", c->text,
			   take == FW_MERGE_OEM	  ? "oem taken"
			   : take == FW_MERGE_NEW ? "new taken"
						  : "undecided");
	else
		out_say_in(out, OUT_GOOD, "%s.%s: %s becomes %s", k->section, k->key,
			   or_absent(k->new.value), or_absent(k->oem.value));
	return take;
}

static int load(struct cli *cli, const char *name, struct fw_ini *ini, struct cx_err *err)
{
	bool card = look_is_card(name);

	if (ini_from(cli, card ? name : NULL, card ? NULL : name, ini, err))
		return -1;
	if (!ini->doubt)
		return 0;
	cx_fail(err, CX_INVALID, "%s: %s", name, ini->doubt);
	fw_ini_free(ini);
	return -1;
}

static int merge(struct cli *cli, const struct fw_ini *base, const struct fw_ini *oem,
		 struct fw_ini *new, struct context *c, struct cx_err *err)
{
	struct fw_merged merged;
	int ret;

	out_array(&cli->out, "keys");
	ret = fw_ini_merge(base, oem, new, tell, c, &merged, err);
	out_close(&cli->out);
	out_number(&cli->out, "carried", NULL, merged.carried);
	out_number(&cli->out, "conflicts", NULL, merged.conflicts);
	if (ret && merged.undecided)
		return cx_fail_after(err,
				     ", as listed; --take oem or --take new decides, or each by "
				     "itself at a terminal");
	if (ret)
		return -1;
	if (!merged.carried && !merged.conflicts)
		out_note(&cli->out,
			 "nothing is to be carried: the new ini has all that the vendor changed");
	return file_save(cli, given.output, FILE_INI, new->text, new->len, err);
}

static int check_words(struct context *c, struct cx_err *err)
{
	c->take = FW_MERGE_NONE;
	if (!given.base || !given.oem || !given.new || !given.output)
		return cx_fail(
			err, CX_USAGE,
			"ini merge needs --base, --oem, --new and -o: the stock ini of then, the "
			"vendor's, the stock ini of now, and where the result goes");
	if (!given.take)
		return 0;
	if (strcmp(given.take, "oem") && strcmp(given.take, "new"))
		return cx_fail(err, CX_USAGE, "--take %s: oem or new expected", given.take);
	c->take = *given.take == 'o' ? FW_MERGE_OEM : FW_MERGE_NEW;
	return 0;
}

static int run(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	const char *const name[] = {given.base, given.oem, given.new};
	struct context c = {.cli = cli};
	struct fw_ini ini[3];
	size_t loaded = 0;
	int ret = check_words(&c, err);

	(void)argc;
	(void)argv;
	while (!ret && loaded < 3) {
		ret = load(cli, name[loaded], &ini[loaded], err);
		loaded += !ret;
	}
	if (!ret)
		ret = merge(cli, &ini[0], &ini[1], &ini[2], &c, err);
	while (loaded)
		fw_ini_free(&ini[--loaded]);
	return ret;
}

const struct command ini_merge_commands[] = {
	{
		.name = "ini merge",
		.args = "",
		.what = "Carry a vendor's changes into the ini of a newer release",
		.options = options,
		.changes = true,
		.run = run,
	},
	{},
};
