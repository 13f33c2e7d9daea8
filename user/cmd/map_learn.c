// SPDX-License-Identifier: GPL-2.0-only
/* cxflashctl map learn: from the images of a release to a table of where its keys go. */
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "files/files.h"
#include "files/samples.h"
#include "fw/map/table.h"

static const char *output;

static const struct opt options[] = {
	{"output", 'o', OPT_OUTPUT, &output, "F.tsv", "where the table goes; - is stdout"},
	{NULL},
};

static const char *key_name(const struct fw_evidence *ev, size_t factor, char *buf, size_t size)
{
	const struct fw_factor *f = &ev->factor[factor];

	snprintf(buf, size, "%s%s%s", f->section, *f->section ? "." : "", f->key);
	return buf;
}

static const char *board_text(const char *said)
{
	return said ? said : "(not stated)";
}

static void tell_edited(struct out *out, const struct samples *s, const struct fw_learning *l)
{
	char key[200];

	for (size_t i = 0; i < l->edits; i++)
		out_note(out,
			 "%s is left out: its ini says %s = %s, its bits do not; changed by hand",
			 l->ev->board[l->edit[i].board],
			 key_name(l->ev, l->edit[i].factor, key, sizeof(key)),
			 board_text(l->ev->factor[l->edit[i].factor].said[l->edit[i].board]));
	for (size_t i = 0; i < l->suspects; i++)
		out_note(out,
			 "%s may be changed by hand: its ini says %s = %s, its bits are as on "
			 "boards that say otherwise; or another key holds this one back there",
			 l->ev->board[l->suspect[i].board],
			 key_name(l->ev, l->suspect[i].factor, key, sizeof(key)),
			 board_text(l->ev->factor[l->suspect[i].factor].said[l->suspect[i].board]));
	for (size_t i = 0; i < s->count; i++)
		if (s->sample[i].doubt &&
		    !memcmp(s->sample[i].release, l->ev->release, FW_MAP_DIGEST))
			out_note(out, "%s is left out: %s", s->sample[i].name, s->sample[i].doubt);
}

/* Two keys that part the boards alike. */
static bool never_part(const struct fw_learning *l, size_t a, size_t b)
{
	const struct fw_view *x = &l->view[a], *y = &l->view[b];

	if (x->classes != y->classes || x->kind == FW_STILL)
		return false;
	for (unsigned int c = 0; c < x->classes; c++) {
		bool same = false;

		for (unsigned int k = 0; k < y->classes && !same; k++)
			same = set_same(&x->of[c], &y->of[k]);
		if (!same)
			return false;
	}
	return true;
}

/* Another key that claims what this one does. */
static long find_rival(const struct fw_learning *l, size_t factor)
{
	for (size_t i = 0; i < l->claims; i++) {
		const struct fw_claim *c = &l->claim[i];

		if (c->factor != factor || c->weak)
			continue;
		for (size_t k = 0; k < l->claims; k++)
			if (l->claim[k].factor != factor && l->claim[k].word == c->word &&
			    !l->claim[k].weak && (l->claim[k].moves & c->moves))
				return l->claim[k].factor;
	}
	return -1;
}

static bool has_rule(const struct fw_learning *l, size_t factor)
{
	for (size_t i = 0; i < l->claims; i++)
		if (l->claim[i].factor == factor && l->claim[i].learnt)
			return true;
	return false;
}

static bool is_learnt(const struct fw_learning *l, size_t factor)
{
	return l->buildable[factor] && (l->nowhere[factor] || has_rule(l, factor));
}

/* Why a key is not learnt, and which image would decide it. */
static void why_not(const struct fw_learning *l, size_t factor, char *why, size_t size)
{
	long rival = find_rival(l, factor);
	char other[200];

	for (size_t b = 0; b < l->ev->factors; b++)
		if (b != factor && l->ev->factor[b].kind == FW_KEY && never_part(l, factor, b)) {
			snprintf(why, size,
				 "it never parts from %s; an image of a board on which they differ "
				 "decides",
				 key_name(l->ev, b, other, sizeof(other)));
			return;
		}
	if (l->view[factor].kind == FW_STILL)
		snprintf(why, size,
			 "it is the same on all boards that count; an image with another "
			 "value decides");
	else if (rival >= 0)
		snprintf(why, size,
			 "%s explains the same bits; an image of a board on which they part "
			 "otherwise decides",
			 key_name(l->ev, rival, other, sizeof(other)));
	else if (fw_has_claim(l, factor))
		snprintf(why, size,
			 "its bits follow it, but on so few boards that chance may do it; more "
			 "boards with its rarer value decide");
	else if (l->buildable[factor])
		snprintf(why, size,
			 "no bits follow it, but another key could hold it back; a board with a "
			 "value of it that this one does not go with decides");
	else
		snprintf(why, size,
			 "no bits follow it alone, and other bits that moved with it have no rule; "
			 "two boards that differ in little else decide");
}

static void tell_rules(struct out *out, const struct fw_learning *l, size_t *learnt,
		       size_t *nowhere)
{
	char *line = malloc(FW_RULE_LINE), key[200], place[80];

	out_array(out, "rules");
	for (size_t i = 0; line && i < l->claims; i++) {
		const struct fw_claim *c = &l->claim[i];

		fw_rule_line(l, i, line, FW_RULE_LINE);
		if (!*line)
			continue;
		++*learnt;
		out_object(out, NULL);
		out_text(out, "key", NULL, "%s", key_name(l->ev, c->factor, key, sizeof(key)));
		out_text(out, "place", NULL, "%s",
			 fw_spot_text(&l->ev->moved[c->word].at, place, sizeof(place)));
		out_number(out, "bit", NULL, c->bit);
		out_number(out, "size", NULL, c->size);
		out_close(out);
	}
	out_close(out);
	out_array(out, "nowhere");
	for (size_t f = 0; f < l->ev->factors; f++)
		if (l->ev->factor[f].kind == FW_KEY && l->nowhere[f]) {
			++*nowhere;
			out_text(out, NULL, NULL, "%s", key_name(l->ev, f, key, sizeof(key)));
		}
	out_close(out);
	free(line);
}

static size_t tell_not_learnt(struct out *out, const struct fw_learning *l)
{
	char key[200], why[500];
	size_t count = 0;

	out_array(out, "not_learnt");
	for (size_t f = 0; f < l->ev->factors; f++) {
		if (l->ev->factor[f].kind != FW_KEY || is_learnt(l, f))
			continue;
		why_not(l, f, why, sizeof(why));
		key_name(l->ev, f, key, sizeof(key));
		count++;
		out_object(out, NULL);
		out_text(out, "key", NULL, "%s", key);
		out_text(out, "why", NULL, "%s", why);
		out_flag(out, "buildable", l->buildable[f]);
		out_close(out);
		out_say(out, "  %s: %s%s.", key, why,
			l->buildable[f] ? "; built only where all that could be puts the same"
					: "");
	}
	out_close(out);
	return count;
}

/* Bits that move and that no rule names, by word. */
static size_t tell_moves(struct out *out, const struct fw_learning *l)
{
	char place[80];
	size_t total = 0;

	out_array(out, "without_rule");
	for (size_t w = 0; w < l->ev->words; w++) {
		uint32_t bits = 0;

		for (size_t b = 0; b < l->bits; b++)
			if (l->bit[b].word == w && !l->bit[b].named)
				bits |= 1u << l->bit[b].bit;
		if (!bits)
			continue;
		total += __builtin_popcount(bits);
		fw_spot_text(&l->ev->moved[w].at, place, sizeof(place));
		out_object(out, NULL);
		out_text(out, "place", NULL, "%s", place);
		out_number(out, "bits", NULL, bits);
		out_close(out);
		out_say(out, "  %s: bits 0x%x.", place, bits);
	}
	out_close(out);
	return total;
}

static void tell_release(struct out *out, const struct samples *s, const struct fw_learning *l)
{
	size_t learnt = 0, nowhere = 0, not_learnt, moves;
	char version[20];

	out_object(out, NULL);
	out_text(out, "chip", NULL, "%s", l->ev->chip);
	out_text(out, "version", NULL, "%s", fw_version_text(&l->ev->version, version));
	out_number(out, "boards", NULL, l->ev->boards);
	out_number(out, "configurations", NULL, set_count(&l->use));
	out_say(out, "Release %s for %s: %zu boards, %u configurations.", version, l->ev->chip,
		l->ev->boards, set_count(&l->use));
	tell_edited(out, s, l);
	tell_rules(out, l, &learnt, &nowhere);
	out_say(out, "Keys that are not learnt:");
	not_learnt = tell_not_learnt(out, l);
	out_say(out, "Bits that move without a rule:");
	moves = tell_moves(out, l);
	out_number(out, "learnt", NULL, learnt);
	out_number(out, "unlearnt", NULL, not_learnt);
	out_say(out,
		"%zu rules; %zu keys go nowhere; %zu keys are not learnt; %zu bits have no rule.",
		learnt, nowhere, not_learnt, moves);
	out_close(out);
}

static int write_table(const struct cli *cli, const struct fw_map *map, struct cx_err *err)
{
	char *text;
	size_t len;
	int ret;

	if (fw_map_write(map, &text, &len, err))
		return -1;
	ret = file_write(cli, output, text, len, err);
	free(text);
	return ret;
}

static int run(struct cli *cli, int argc, char **argv, struct cx_err *err)
{
	struct samples s = {0};
	struct fw_map map = {0};
	int ret = 0;

	for (int i = 0; !ret && i < argc; i++)
		ret = samples_add(&s, argv[i], &cli->out, err);
	if (!ret)
		ret = fw_map_learn(s.sample, s.count, &map, err);
	if (!ret && output)
		ret = write_table(cli, &map, err);
	if (!ret) {
		out_array(&cli->out, "releases");
		for (size_t r = 0; r < map.releases; r++)
			tell_release(&cli->out, &s, &map.learning[r]);
		out_close(&cli->out);
		out_number(&cli->out, "others", NULL, s.others);
		if (output)
			file_say(cli, output);
	}
	fw_map_free(&map);
	samples_free(&s);
	return ret;
}

const struct command map_learn_commands[] = {
	{
		.name = "map learn",
		.args = "FILE|DIR...",
		.what = "Learn from a release's images where the keys of an ini go",
		.min_args = 1,
		.max_args = 10000,
		.options = options,
		.changes = true,
		.run = run,
	},
	{},
};
