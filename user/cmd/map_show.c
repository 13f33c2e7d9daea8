// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl map show: a table for people: which key, where, values seen, on how many boards. */
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "files/files.h"
#include "files/map.h"

/* The values a key has on the boards, each with how many have it. */
static void show_values(struct out *out, const struct fw_learning *l, size_t factor)
{
	const struct fw_view *v = &l->view[factor];

	out_array(out, "values");
	for (unsigned int c = 0; c < v->classes; c++) {
		const char *said = NULL;

		for (size_t i = 0; i < l->ev->boards; i++)
			if (set_has(&v->of[c], i)) {
				said = l->ev->factor[factor].said[i];
				break;
			}
		out_object(out, NULL);
		if (said)
			out_text(out, "value", NULL, "%s", said);
		else
			out_null(out, "value");
		out_number(out, "boards", NULL, set_count(&v->of[c]));
		out_close(out);
		out_say(out, "    %s on %u boards", said ? said : "(not stated)",
			set_count(&v->of[c]));
	}
	out_close(out);
}

static void show_places(struct out *out, const struct fw_learning *l, size_t factor)
{
	static const char *const how[] = {
		[FW_TO_FLAG] = "true is 1",  [FW_TO_INVERTED] = "true is 0",
		[FW_TO_NUMBER] = "a number", [FW_TO_LOG2] = "the power of two",
		[FW_TO_CODE] = "a code",
	};
	char place[80];

	out_array(out, "places");
	for (size_t i = 0; i < l->claims; i++) {
		const struct fw_claim *c = &l->claim[i];

		if (c->factor != factor || !c->learnt)
			continue;
		fw_spot_text(&l->ev->moved[c->word].at, place, sizeof(place));
		out_object(out, NULL);
		out_text(out, "place", NULL, "%s", place);
		out_number(out, "bit", NULL, c->bit);
		out_number(out, "size", NULL, c->size);
		out_text(out, "as", NULL, "%s", how[c->how]);
		out_close(out);
		out_say(out, "  %s, bits %u to %u: %s", place, c->bit, c->bit + c->size - 1,
			how[c->how]);
	}
	out_close(out);
}

static void show_key(struct out *out, const struct fw_learning *l, size_t factor)
{
	const struct fw_factor *f = &l->ev->factor[factor];

	out_object(out, NULL);
	out_text(out, "section", NULL, "%s", f->section);
	out_text(out, "key", NULL, "%s", f->key);
	out_flag(out, "buildable", l->buildable[factor]);
	out_flag(out, "nowhere", l->nowhere[factor]);
	out_say(out, "%s.%s%s%s", f->section, f->key,
		l->nowhere[factor]     ? ": goes nowhere"
		: l->buildable[factor] ? ""
				       : ": cannot be built",
		l->view[factor].whole ? " (only values seen)" : "");
	show_places(out, l, factor);
	show_values(out, l, factor);
	out_close(out);
}

static void show_release(struct out *out, const struct fw_learning *l)
{
	size_t can = 0, keys = 0;
	char version[20];

	out_object(out, NULL);
	out_text(out, "chip", NULL, "%s", l->ev->chip);
	out_text(out, "version", NULL, "%s", fw_version_text(&l->ev->version, version));
	out_number(out, "boards", NULL, l->ev->boards);
	out_say(out, "Release %s for %s, learnt from %zu boards:", version, l->ev->chip,
		l->ev->boards);
	out_array(out, "keys");
	for (size_t f = 0; f < l->ev->factors; f++) {
		if (l->ev->factor[f].kind != FW_KEY)
			continue;
		show_key(out, l, f);
		keys++;
		can += l->buildable[f];
	}
	out_close(out);
	out_number(out, "buildable", NULL, can);
	out_close(out);
	out_say(out, "%zu of the %zu keys that differ between these boards can be built.", can,
		keys);
}

/* A table that people wrote: rule by rule. */
static void show_rules(struct out *out, const struct fw_params *params)
{
	out_array(out, "rules");
	for (size_t i = 0; i < params->rules; i++) {
		const struct fw_rule *r = &params->rule[i];

		out_object(out, NULL);
		out_text(out, "chip", NULL, "%s", r->chip);
		if (r->key) {
			out_text(out, "section", NULL, "%s", r->section);
			out_text(out, "key", NULL, "%s", r->key);
		}
		out_text(out, "target", NULL, "%s", fw_target_name(r->target));
		if (r->target == FW_TARGET_WORD) {
			out_number(out, "addr", NULL, r->addr);
			out_number(out, "bit", NULL, r->bit);
			out_number(out, "size", NULL, r->size);
			out_say(out, "%-8s %s%s%s: word 0x%x, bits %u to %u, %s, %s", r->chip,
				r->key ? r->section : "", r->key ? "." : "",
				r->key ? r->key : r->path, r->addr, r->bit, r->bit + r->size - 1,
				fw_transform_name(r->transform), fw_confidence_name(r->confidence));
		} else {
			out_say(out, "%-8s %s.%s: Image Info %s, %s", r->chip, r->section, r->key,
				fw_target_name(r->target), fw_confidence_name(r->confidence));
		}
		out_text(out, "confidence", NULL, "%s", fw_confidence_name(r->confidence));
		out_close(out);
	}
	out_close(out);
}

static int show_written(struct out *out, const char *path, struct cx_err *err)
{
	struct fw_params params = {0};
	int ret = map_add_table(path, &params, err);

	if (!ret)
		show_rules(out, &params);
	fw_params_free(&params);
	return ret;
}

static int run(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct fw_map map = {0};
	bool learnt;

	(void)argc;
	if (map_is_learnt(argv[0], &learnt, err))
		return -1;
	if (!learnt)
		return show_written(&cli->out, argv[0], err);
	if (map_load_learnt(argv[0], &map, err))
		return -1;
	out_array(&cli->out, "releases");
	for (size_t r = 0; r < map.releases; r++)
		show_release(&cli->out, &map.learning[r]);
	out_close(&cli->out);
	fw_map_free(&map);
	return 0;
}

const struct command map_show_commands[] = {
	{
		.name = "map show",
		.args = "F.tsv",
		.what = "Show a table of parameters: key, place, values seen, boards",
		.min_args = 1,
		.max_args = 1,
		.run = run,
	},
	{},
};
