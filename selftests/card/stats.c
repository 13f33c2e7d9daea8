// SPDX-License-Identifier: GPL-2.0-only
/* What is counted: every access by register and way, every flash operation, every violation. */
#include "card.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

/* By these names the operator asks for them. */
static const char *const counters[COUNTERS] = {"accesses", "commands", "operations", "hcr",
					       "holds",	   "resets",   "refusals"};

#define NTEXTS (sizeof(((struct stats *)0)->text) / sizeof(char *))

int stats_alloc(struct card *c)
{
	for (unsigned int way = 0; way < WAYS; way++)
		for (unsigned int dir = 0; dir < 2; dir++) {
			c->st.cr[way][dir] = calloc(CR_SIZE / 4, sizeof(uint32_t));
			if (!c->st.cr[way][dir])
				return -1;
		}
	return 0;
}

void stats_free(struct card *c)
{
	for (unsigned int way = 0; way < WAYS; way++)
		for (unsigned int dir = 0; dir < 2; dir++)
			free(c->st.cr[way][dir]);
	for (unsigned int i = 0; i < NTEXTS; i++)
		free(c->st.text[i]);
	memset(&c->st, 0, sizeof(c->st));
}

void stats_reset(struct card *c)
{
	struct stats fresh = {0};

	for (unsigned int way = 0; way < WAYS; way++)
		for (unsigned int dir = 0; dir < 2; dir++) {
			fresh.cr[way][dir] = c->st.cr[way][dir];
			memset(fresh.cr[way][dir], 0, CR_SIZE);
		}
	for (unsigned int i = 0; i < NTEXTS; i++)
		free(c->st.text[i]);
	c->st = fresh;
	c->sem.since_access = 0;
}

bool stats_counter(const char *name, enum counter *which)
{
	for (unsigned int i = 0; i < COUNTERS; i++)
		if (!strcmp(name, counters[i])) {
			*which = (enum counter)i;
			return true;
		}
	return false;
}

void stats_counters(FILE *out)
{
	for (unsigned int i = 0; i < COUNTERS; i++)
		fprintf(out, "%s%s", i ? ", " : "", counters[i]);
}

/* The operator hears of the number he waits for. */
void count(struct card *c, enum counter which)
{
	if (++c->st.count[which] != c->watch[which])
		return;
	c->watch[which] = 0;
	if (c->wake >= 0)
		eventfd_write(c->wake, 1);
}

/* Something a correct program never does to a card. */
void violation(struct card *c, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (c->st.violations < NTEXTS)
		c->st.text[c->st.violations] = strdup(text);
	c->st.violations++;
	trace(c, "violation %s", text);
}

void trace(struct card *c, const char *fmt, ...)
{
	va_list ap;

	if (!c->trace)
		return;
	flockfile(c->trace);
	fprintf(c->trace, "%u ", c->index);
	va_start(ap, fmt);
	vfprintf(c->trace, fmt, ap);
	va_end(ap);
	fputc('\n', c->trace);
	funlockfile(c->trace);
}

static void number(FILE *out, const char *name, uint64_t value)
{
	fprintf(out, ",\"%s\":%llu", name, (unsigned long long)value);
}

static void milliseconds(FILE *out, const char *name, uint64_t us)
{
	fprintf(out, ",\"%s\":%llu.%03llu", name, (unsigned long long)us / 1000,
		(unsigned long long)us % 1000);
}

static void string(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc((unsigned char)*text < ' ' ? ' ' : *text, out);
	}
	fputc('"', out);
}

static void registers(FILE *out, const char *name, uint32_t *const counts[2])
{
	uint64_t total[2] = {0};
	const char *sep = "";

	fprintf(out, ",\"%s\":{\"registers\":{", name);
	for (unsigned int i = 0; i < CR_SIZE / 4; i++) {
		if (!counts[0][i] && !counts[1][i])
			continue;
		fprintf(out, "%s\"%05x\":[%u,%u]", sep, i * 4, counts[0][i], counts[1][i]);
		total[0] += counts[0][i];
		total[1] += counts[1][i];
		sep = ",";
	}
	fprintf(out, "}");
	number(out, "reads", total[0]);
	number(out, "writes", total[1]);
	fprintf(out, "}");
}

static void flash(FILE *out, const struct stats *s)
{
	const char *sep = "";

	fprintf(out, ",\"opcodes\":{");
	for (unsigned int i = 0; i < 256; i++) {
		if (!s->opcode[i])
			continue;
		fprintf(out, "%s\"%02x\":%llu", sep, i, (unsigned long long)s->opcode[i]);
		sep = ",";
	}
	fprintf(out, "},\"erases\":{\"4096\":%llu,\"65536\":%llu}", (unsigned long long)s->erase_4k,
		(unsigned long long)s->erase_64k);
	number(out, "pages_programmed", s->pages);
	number(out, "bytes_programmed", s->page_bytes);
	number(out, "rdsr_polls", s->rdsr);
	number(out, "flash_operations", s->count[COUNT_OPERATIONS]);
	number(out, "refused_by_protection", s->refused);
}

static void semaphores(FILE *out, const struct card *c)
{
	const struct stats *s = &c->st;

	fprintf(out, ",\"semaphore\":{\"takes\":%llu", (unsigned long long)s->takes);
	number(out, "busy_reads", s->count[COUNT_REFUSALS]);
	number(out, "trm_takes", s->trm_takes);
	number(out, "foreign_releases", s->foreign_releases);
	number(out, "taken_now", c->sem.taken + c->trm.taken);
	number(out, "longest_hold_accesses", s->longest_accesses);
	milliseconds(out, "longest_hold_ms", s->longest_us);
	milliseconds(out, "longest_hold_modelled_ms", s->longest_ns / 1000);
	fputc('}', out);
}

static void boot(FILE *out, const struct boot *b)
{
	fprintf(out, ",\"boot\":{\"recovery\":%s,\"start\":\"0x%x\",\"version\":",
		b->recovery ? "true" : "false", b->start);
	string(out, b->version);
	fprintf(out, ",\"psid\":");
	string(out, b->psid);
	fprintf(out, ",\"skipped\":%u,\"reason\":", b->skipped);
	string(out, b->recovery || b->skipped ? b->reason : "");
	fprintf(out, "}");
}

static void violations(FILE *out, const struct stats *s)
{
	fprintf(out, ",\"violations\":{\"count\":%llu,\"texts\":[",
		(unsigned long long)s->violations);
	for (unsigned int i = 0; i < NTEXTS && s->text[i]; i++) {
		if (i)
			fputc(',', out);
		string(out, s->text[i]);
	}
	fprintf(out, "]}");
}

/* One object on one line; register counts are [reads, writes]. */
void stats_json(struct card *c, FILE *out)
{
	const struct stats *s = &c->st;

	fprintf(out, "{\"card\":%u,\"chip\":\"%s\",\"part\":\"%s\",\"flash\":", c->index,
		c->conf.chip->name, c->nor.part->name);
	string(out, c->conf.flash);
	number(out, "cr_accesses", s->count[COUNT_ACCESSES]);
	number(out, "boot_accesses", s->boot_accesses);
	registers(out, "bar0", s->cr[WAY_BAR0]);
	registers(out, "config", s->cr[WAY_CONFIG]);
	fprintf(out, ",\"config_cycles\":[%llu,%llu]", (unsigned long long)s->cfg_reads,
		(unsigned long long)s->cfg_writes);
	flash(out, s);
	semaphores(out, c);
	number(out, "flushes", s->flushes);
	number(out, "gateway_commands", s->count[COUNT_COMMANDS]);
	number(out, "hcr_commands", s->count[COUNT_HCR]);
	number(out, "doorbells", s->uar);
	number(out, "bus_master_enables", s->bus_master);
	number(out, "writes_ignored", s->ignored_writes);
	fprintf(out, ",\"resets\":{\"power\":%llu,\"bus\":%llu,\"flr\":%llu,\"soft\":%llu}",
		(unsigned long long)s->resets[RESET_POWER],
		(unsigned long long)s->resets[RESET_BUS], (unsigned long long)s->resets[RESET_FLR],
		(unsigned long long)s->resets[RESET_SOFT]);
	boot(out, &c->boot);
	violations(out, s);
	fprintf(out, "}");
}
