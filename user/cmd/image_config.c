// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl image config: what the card obeys, beside what the ini says. */
#include <stdlib.h>

#include "card/settings.h"
#include "card/subject.h"
#include "commands.h"

static struct look at = {.takes = LOOK_ANY};
static const char *map;

static const struct opt options[] = {
	LOOK_OPTIONS(at),
	{"map", 0, OPT_TEXT, &map, "FILE", "more parameters: see params.tsv"},
	{NULL},
};

static void value_json(struct out *out, const struct fw_field *f)
{
	if (f->text)
		out_text(out, "value", NULL, "%s", f->text);
	else
		out_number(out, "value", NULL, f->value);
}

/* One key of the ini that goes to a field; returns 1 if it says something else. */
static size_t show_key(struct out *out, const struct fw_field *f, const struct fw_rule *rule,
		       const struct fw_ini *ini)
{
	const char *value;
	enum fw_agreement agreement = fw_field_judge(f, rule, ini, &value);

	if (agreement == FW_NO_KEY)
		return 0;
	out_object(out, NULL);
	out_text(out, "section", NULL, "%s", rule->section);
	out_text(out, "key", NULL, "%s", rule->key);
	out_text(out, "value", NULL, "%s", value);
	out_flag(out, "agrees", agreement == FW_AGREES);
	out_text(out, "confidence", NULL, "%s", fw_confidence_name(rule->confidence));
	out_close(out);
	out_say_in(out, agreement == FW_AGREES ? OUT_PLAIN : OUT_BAD, "    %s.%s = %s%s%s",
		   rule->section, rule->key, value,
		   agreement == FW_AGREES ? "" : "  DISAGREES: the card obeys the value above",
		   rule->confidence == FW_SEEN ? " (place seen in one report only)" : "");
	return agreement == FW_DISAGREES;
}

static size_t show_field(struct out *out, const struct settings *s, const struct fw_field *f)
{
	char place[200], value[240];
	size_t disagree = 0;

	out_object(out, NULL);
	field_json(out, f);
	value_json(out, f);
	out_say(out, "%-2u %s = %s", f->section, field_place(f, place, sizeof(place)),
		field_value(f, value, sizeof(value)));
	out_array(out, "keys");
	for (size_t i = 0; s->has_ini && i < f->rules; i++)
		disagree += show_key(out, f, f->rule[i], &s->ini);
	out_close(out);
	out_close(out);
	return disagree;
}

static void show_all(struct out *out, const struct settings *s)
{
	size_t named = 0, disagree = 0;

	out_array(out, "fields");
	for (size_t i = 0; i < s->config.fields; i++) {
		disagree += show_field(out, s, &s->config.field[i]);
		named += s->config.field[i].rules > 0;
	}
	out_close(out);
	out_number(out, "named", NULL, named);
	out_number(out, "disagreements", NULL, disagree);
	out_say(out, "%zu fields have a name, %zu groups of bits have none.", named,
		s->config.fields - named);
	if (!s->has_ini)
		out_note(out, "the image carries no ini to compare with");
	else if (disagree)
		out_say_in(out, OUT_BAD,
			   "%zu keys of the ini say something else than what was compiled.",
			   disagree);
	else
		out_say(out, "No key of the ini that has a known place disagrees with it.");
}

static int show(struct cli *cli, const struct subject *subject, const struct fw_image *img,
		struct cx_err *err)
{
	struct settings s;

	if (settings_open(img, map, &s, err))
		return cx_fail_in(err, subject->name);
	out_text(&cli->out, subject->flash ? "card" : "file", NULL, "%s", subject->name);
	if (s.has_ini && s.ini.doubt)
		out_note(&cli->out, "the ini has a doubtful place: %s", s.ini.doubt);
	show_all(&cli->out, &s);
	settings_close(&s);
	return 0;
}

static int run(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	(void)argc;
	(void)argv;
	return subject_look(cli, &at, show, err);
}

const struct command image_config_commands[] = {
	{
		.name = "image config",
		.args = "[FILE|CARD]",
		.what = "Show what an image tells a card to do, beside its ini",
		.options = options,
		.look = &at,
		.run = run,
	},
	{},
};
