// SPDX-License-Identifier: GPL-2.0-only
/* The control channel: one line in, one line out, `ok ...' or `error ...'. */
#include "card.h"

#include <errno.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>

static bool words_end(char **save, FILE *out)
{
	char *word = strtok_r(NULL, " \t", save);

	if (word)
		fprintf(out, "error unexpected `%s'\n", word);
	return !word;
}

static void power_cycle(struct card *c, char **save, FILE *out)
{
	char *word = strtok_r(NULL, " \t", save);
	bool cold = word && !strcmp(word, "cold");

	if (word && !cold) {
		fprintf(out, "error power-cycle N [cold]\n");
		return;
	}
	c->fault.cut = 0;
	c->fault.vanish = 0;
	card_power_cycle(c, !cold);
	fprintf(out, "ok\n");
}

static void reset(struct card *c, char **save, FILE *out)
{
	if (!words_end(save, out))
		return;
	if (card_gone(c)) {
		fprintf(out, "error the card is off or has vanished\n");
		return;
	}
	card_reset_unasked(c);
	fprintf(out, "ok\n");
}

static void stats(struct card *c, char **save, FILE *out)
{
	if (!words_end(save, out))
		return;
	fprintf(out, "ok ");
	stats_json(c, out);
	fputc('\n', out);
}

static void reset_stats(struct card *c, char **save, FILE *out)
{
	if (!words_end(save, out))
		return;
	stats_reset(c);
	fprintf(out, "ok\n");
}

static void booted(struct card *c, char **save, FILE *out)
{
	static const char *const kinds[RESETS] = {"power", "bus", "flr", "soft"};
	const struct boot *b = &c->boot;

	if (!words_end(save, out))
		return;
	if (c->off)
		fprintf(out, "ok off\n");
	else if (b->recovery)
		fprintf(out, "ok recovery reset=%s skipped=%u reason=%s\n", kinds[b->last_reset],
			b->skipped, b->reason);
	else
		fprintf(out, "ok slot=%d start=0x%x version=%s psid=%s reset=%s skipped=%u%s%s\n",
			b->odd, b->start, b->version, b->psid, kinds[b->last_reset], b->skipped,
			b->skipped ? " reason=" : "", b->skipped ? b->reason : "");
}

static void fault(struct card *c, char **save, FILE *out)
{
	char err[200], *pair = strtok_r(NULL, " \t", save), *value;

	if (!pair) {
		fprintf(out, "error fault N KNOB=VALUE... or fault N none\n");
		return;
	}
	for (; pair; pair = strtok_r(NULL, " \t", save)) {
		if (!strcmp(pair, "none")) {
			fault_clear(c);
			continue;
		}
		value = strchr(pair, '=');
		if (!value) {
			fprintf(out, "error `%s' is not KNOB=VALUE\n", pair);
			return;
		}
		*value++ = '\0';
		if (fault_set(c, pair, value, err, sizeof(err))) {
			fprintf(out, "error %s\n", err);
			return;
		}
	}
	fprintf(out, "ok\n");
}

/* flash-sha N [ADDR LEN], hexadecimal or decimal with the usual prefixes. */
static void flash_sha(struct card *c, char **save, FILE *out)
{
	unsigned long range[2] = {0, c->nor.part->size};
	char hex[65], *word, *end;
	unsigned int n = 0;

	for (; n < 2 && (word = strtok_r(NULL, " \t", save)); n++) {
		range[n] = strtoul(word, &end, 0);
		if (*end || *word == '-')
			range[n] = ~0ul; /* fails the check below */
	}
	if (n == 1 || range[0] > c->nor.part->size || range[1] > c->nor.part->size - range[0]) {
		fprintf(out, "error flash-sha N [ADDR LEN], inside the flash\n");
		return;
	}
	if (!words_end(save, out))
		return;
	SHA256Data(c->nor.mem + range[0], range[1], hex);
	fprintf(out, "ok %s\n", hex);
}

/* load N FILE, save N FILE: a file of the host, as long as the part. */
static void exchange(struct card *c, char **save, FILE *out, bool load)
{
	char *path = strtok_r(NULL, " \t", save);

	if (!path)
		fprintf(out, "error which file?\n");
	else if (words_end(save, out) && nor_exchange(c, path, load))
		fprintf(out, "error %s: %s\n", path, strerror(errno));
	else
		fprintf(out, "ok\n");
}

static void load(struct card *c, char **save, FILE *out)
{
	exchange(c, save, out, true);
}

static void save_flash(struct card *c, char **save, FILE *out)
{
	exchange(c, save, out, false);
}

/* What hold-at or hold-command-at has stopped goes on. */
static void go(struct card *c, char **save, FILE *out)
{
	if (!words_end(save, out))
		return;
	if (!c->nor.held && !c->gw.stopped) {
		fprintf(out, "error nothing is held\n");
		return;
	}
	c->nor.held = c->gw.stopped = false;
	fprintf(out, "ok\n");
}

static bool counter(char **save, FILE *out, enum counter *which)
{
	char *word = strtok_r(NULL, " \t", save);

	if (word && stats_counter(word, which))
		return true;
	fprintf(out, "error there is no counter `%s', but ", word ? word : "");
	stats_counters(out);
	fputc('\n', out);
	return false;
}

static void count_of(struct card *c, char **save, FILE *out)
{
	enum counter which;

	if (counter(save, out, &which) && words_end(save, out))
		fprintf(out, "ok %llu\n", (unsigned long long)c->st.count[which]);
}

/* No answer until the counter is there. */
static void wait_for(struct card *c, char **save, FILE *out)
{
	char *word, *end;
	enum counter which;
	unsigned long long target;

	if (!counter(save, out, &which))
		return;
	word = strtok_r(NULL, " \t", save);
	target = word ? strtoull(word, &end, 10) : 0;
	if (!target || *end || *word == '-') {
		fprintf(out, "error wait N COUNTER VALUE\n");
		return;
	}
	if (!words_end(save, out))
		return;
	if (c->st.count[which] >= target)
		fprintf(out, "ok %llu\n", (unsigned long long)c->st.count[which]);
	else if (!c->watch[which] || target < c->watch[which])
		c->watch[which] = target;
}

static void mark(struct card *c, char **save, FILE *out)
{
	char *text = strtok_r(NULL, "", save);

	log_mark(c, text ? text : "");
	fprintf(out, "ok\n");
}

static const struct {
	const char *name;
	void (*run)(struct card *c, char **save, FILE *out);
} commands[] = {
	{"power-cycle", power_cycle},
	{"reset", reset},
	{"stats", stats},
	{"reset-stats", reset_stats},
	{"booted", booted},
	{"fault", fault},
	{"flash-sha", flash_sha},
	{"load", load},
	{"save", save_flash},
	{"mark", mark},
	{"port", port_control},
	{"go", go},
	{"count", count_of},
	{"wait", wait_for},
};

bool control_line(struct card *cards, unsigned int ncards, char *line, FILE *out)
{
	char *save = NULL, *name = strtok_r(line, " \t\r\n", &save), *which, *end;
	unsigned long n;

	/* a serial line that echoes sends our own answers back */
	if (!name || !strcmp(name, "ok") || !strcmp(name, "error"))
		return true;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, name))
			continue;
		which = strtok_r(NULL, " \t\r\n", &save);
		n = which ? strtoul(which, &end, 10) : 0;
		if (!which || *end || *which == '-' || n >= ncards) {
			fprintf(out, "error %s wants a card number from 0 to %u\n", name,
				ncards - 1);
			return true;
		}
		pthread_mutex_lock(&cards[n].lock);
		commands[i].run(&cards[n], &save, out);
		pthread_mutex_unlock(&cards[n].lock);
		return ftell(out) > 0;
	}
	fprintf(out,
		"error no command `%s'; there are power-cycle, reset, stats, reset-stats, "
		"booted, fault, flash-sha, load, save, mark, port, go, count, wait\n",
		name);
	return true;
}
