// SPDX-License-Identifier: GPL-2.0-only
/* Burning a card that may have to be taken first, and every card of the machine. */
#define _GNU_SOURCE
#include "burn_all.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* *back: the card is where it was; also after a failure. */
static int burn_and_return(struct cli *cli, const struct card_request *request,
			   const struct take_options *take, const char *card, bool *back,
			   struct burn_outcome *outcome, struct cx_err *err)
{
	struct cx_err why;
	struct take t;
	int ret;

	*outcome = change_none;
	ret = take_card(cli, card, take, &t, err);
	if (!ret)
		ret = burn_card(cli, request, card, outcome, err);
	ret = change_end(cli, ret, outcome, err);
	*back = !take_end(cli, &t, outcome, &why);
	if (!*back && ret >= 0) {
		*err = why;
		err->status = CX_FAILED; /* the card was there, and written */
		ret = -1;
	} else if (!*back) {
		out_note(&cli->out, "%s", why.text); /* the burn's failure is the graver thing */
	}
	*back &= outcome->card_state != BURN_UNKNOWN;
	return ret;
}

int burn_one(struct cli *cli, const struct card_request *request, const struct take_options *take,
	     const char *card, struct burn_outcome *outcome, struct cx_err *err)
{
	bool back;

	return burn_and_return(cli, request, take, card, &back, outcome, err);
}

/* ---- all ---- */

struct crew;

/* One card and what came of it. */
struct member {
	struct crew *crew;
	const struct cx_pci_card *card;
	struct cli cli;
	char *text; /* what it printed */
	size_t len;
	struct burn_outcome outcome;
	struct cx_err err;
	enum cx_status code;
	bool back; /* where it was */
	pthread_t thread;
	bool started;
};

struct crew {
	const struct card_request *request;
	const struct take_options *take;
	struct member *member;
	size_t members;
};

/* A card that is to be taken from its driver waits for its turn. */
static bool takes_turns(const struct member *m)
{
	return m->crew->take->takeover && strcmp(m->card->driver, "cxflash");
}

static int begin(struct member *m)
{
	m->cli.may_ask = false;
	m->cli.out = (struct out){
		.to = open_memstream(&m->text, &m->len),
		.json = m->cli.json,
		.quiet = m->cli.quiet,
		.color = m->cli.out.color,
	};
	if (!m->cli.out.to)
		return cx_fail(&m->err, CX_FAILED, "out of memory");
	out_begin(&m->cli.out);
	out_text(&m->cli.out, "command", NULL, "burn");
	return 0;
}

/* How it ended, as one line without the card's name, which the line has already. */
static const char *last_word(struct member *m)
{
	char *text = m->code == CX_OK ? m->outcome.text : m->err.text, *end;
	size_t name = strlen(m->card->name);

	while ((end = strchr(text, '\n')))
		*end = ' ';
	return !strncmp(text, m->card->name, name) && !strncmp(text + name, ": ", 2)
		       ? text + name + 2
		       : text;
}

/* The end of one card; in JSON its object, as one line among those of the others. */
static void end(struct member *m, int ret)
{
	struct out *out = &m->cli.out;

	m->code = ret < 0 ? m->err.status : (enum cx_status)ret;
	if (ret < 0)
		out_text(out, "error", NULL, "%s", m->err.text);
	out_number(out, "exit", NULL, m->code);
	out_end(out);
	fclose(out->to);
	if (m->cli.json) {
		fwrite(m->text, 1, m->len, stdout);
		fflush(stdout);
	}
	progress_line(m->cli.lines, m->cli.line, "%s: %s", m->card->name, last_word(m));
}

static void work(struct member *m)
{
	int ret = begin(m);

	if (ret) {
		m->code = m->err.status;
		return;
	}
	out_text(&m->cli.out, "card", "Card", "%s", m->card->name);
	ret = burn_and_return(&m->cli, m->crew->request, m->crew->take, m->card->name, &m->back,
			      &m->outcome, &m->err);
	end(m, ret);
}

static void *work_alone(void *ctx)
{
	work(ctx);
	return NULL;
}

/* The outage is spared where it would be for nothing, or after a card that is not back. */
static void leave(struct member *m, const struct member *after)
{
	if (begin(m))
		return;
	out_text(&m->cli.out, "card", "Card", "%s", m->card->name);
	m->outcome = change_none;
	if (after)
		cx_fail(&m->err, CX_REFUSED, "%s: is not taken, because %s is not back",
			m->card->name, after->card->name);
	else
		cx_fail(&m->err, CX_FAILED, "%s: stopped as asked before it was taken",
			m->card->name);
	change_end(&m->cli, -1, &m->outcome, &m->err);
	end(m, -1);
}

static void work_in_turn(struct crew *crew)
{
	const volatile sig_atomic_t *stop = stop_between_sectors();
	const struct member *last = NULL;

	for (size_t i = 0; i < crew->members; i++) {
		struct member *m = &crew->member[i];

		if (!takes_turns(m))
			continue;
		if (*stop || (last && !last->back)) {
			leave(m, *stop ? NULL : last);
			continue;
		}
		stop_means("finishing what each card is at");
		work(m);
		last = m;
	}
}

static enum cx_status gravest(const struct crew *crew)
{
	static const enum cx_status order[] = {CX_UNKNOWN, CX_FAILED, CX_INVALID,
					       CX_REFUSED, CX_BUSY,   CX_NOT_FOUND,
					       CX_USAGE,   CX_OK,     CX_NOTHING};

	for (size_t o = 0; o < sizeof(order) / sizeof(*order); o++)
		for (size_t i = 0; i < crew->members; i++)
			if (crew->member[i].code == order[o])
				return order[o];
	return CX_FAILED;
}

static const char *verdict(const struct member *m)
{
	switch (m->code) {
	case CX_OK:
		return m->cli.dry_run ? "would do" : "burnt";
	case CX_NOTHING:
		return "nothing to do";
	case CX_BUSY:
		return "busy";
	case CX_REFUSED:
		return "refused";
	case CX_UNKNOWN:
		return "unknown";
	default:
		return "failed";
	}
}

/* What each card printed, then a line for each. */
static int sum_up(struct cli *cli, struct crew *crew, struct cx_err *err)
{
	enum cx_status code = gravest(crew);
	size_t bad = 0;

	for (size_t i = 0; i < crew->members && !cli->json && !cli->quiet; i++)
		if (crew->member[i].len)
			printf("%s\n", crew->member[i].text);
	for (size_t i = 0; i < crew->members; i++) {
		struct member *m = &crew->member[i];
		const char *word = burn_card_state_name(m->outcome.card_state);
		bool good = m->code == CX_OK || m->code == CX_NOTHING;

		bad += !good;
		out_say_in(&cli->out, good ? OUT_GOOD : OUT_BAD, "%s  %-13s  %-9s  %s",
			   m->card->name, verdict(m), word, last_word(m));
	}
	out_number(&cli->out, "cards", NULL, crew->members);
	out_number(&cli->out, "failed", NULL, bad);
	if (!bad)
		return code;
	return cx_fail(err, code, "%zu of %zu cards were not burnt; their lines say why", bad,
		       crew->members);
}

int burn_all(struct cli *cli, const struct card_request *request, const struct take_options *take,
	     struct cx_err *err)
{
	struct crew crew = {.request = request, .take = take};
	struct progress_lines lines;
	struct cx_pci_card *card;
	int ret = -1;

	if (cx_pci_list(&cx_pci_system, &card, &crew.members, err))
		return -1;
	crew.member = calloc(crew.members + 1, sizeof(*crew.member));
	if (!crew.members || !crew.member) {
		cx_fail(err, crew.member ? CX_NOT_FOUND : CX_FAILED, "%s",
			crew.member ? "there is no card in this machine" : "out of memory");
		goto cleanup;
	}
	progress_lines_begin(&lines, cli, crew.members);
	stop_between_sectors();
	for (size_t i = 0; i < crew.members; i++) {
		struct member *m = &crew.member[i];

		*m = (struct member){.crew = &crew, .card = &card[i], .cli = *cli};
		m->cli.lines = &lines;
		m->cli.line = i;
		m->cli.card = card[i].name;
		if (takes_turns(m))
			continue;
		m->started = !pthread_create(&m->thread, NULL, work_alone, m);
		if (!m->started)
			work(m);
	}
	work_in_turn(&crew);
	for (size_t i = 0; i < crew.members; i++)
		if (crew.member[i].started)
			pthread_join(crew.member[i].thread, NULL);
	progress_lines_end(&lines);
	ret = sum_up(cli, &crew, err);
	for (size_t i = 0; i < crew.members; i++)
		free(crew.member[i].text);
cleanup:
	free(crew.member);
	free(card);
	return ret;
}
