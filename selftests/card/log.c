// SPDX-License-Identifier: GPL-2.0-only
/*
 * The flash log: one line for each thing done to the flash, with what it cost.
 *
 *	CARD WHAT ADDR LEN AT BUSY COMMANDS READS WRITES WINDOW-READS WINDOW-WRITES CYCLES BYTES
 *
 * WHAT is take or release (of the flash semaphore), read, status, enable, erase, program or other.
 * Reads that follow one another in the flash make one line, so do status reads, whose LEN is their
 * number. AT is when the last command of the line ended and BUSY how long it keeps the part busy,
 * both in us. COMMANDS are those of the gateway; READS and WRITES are CR accesses through BAR0, the
 * next two those through the configuration window; CYCLES are all configuration cycles, BYTES what
 * went over the SPI bus. A line "CARD mark TEXT" is what the operator said. The first line of a
 *card is "CARD part NAME 4K-ERASE-MS 64K-ERASE-MS PROGRAM-US CHIP".
 */
#include "card.h"

#include <inttypes.h>
#include <string.h>

static void spend(struct log_cost *to, struct log_cost *from)
{
	to->commands += from->commands;
	for (unsigned int way = 0; way < WAYS; way++)
		for (unsigned int dir = 0; dir < 2; dir++)
			to->cr[way][dir] += from->cr[way][dir];
	to->cycles += from->cycles;
	to->bytes += from->bytes;
	*from = (struct log_cost){0};
}

void log_begin(struct card *c, FILE *out)
{
	const struct part *p = c->nor.part;

	c->log.out = out;
	if (out)
		fprintf(out, "%u part %s %u %u %u %s\n", c->index, p->name, p->ms_4k.typical,
			p->ms_64k.typical, p->us_program.typical, c->conf.chip->name);
}

void log_end_line(struct card *c)
{
	const struct log_line *l = &c->log.line;
	const struct log_cost *cost = &l->cost;

	if (c->log.out && l->what)
		fprintf(c->log.out,
			"%u %s %06" PRIx32 " %" PRIu32 " %" PRIu64 " %u %u %u %u %u %u %u %u\n",
			c->index, l->what, l->addr, l->len, l->at, l->busy, cost->commands,
			cost->cr[WAY_BAR0][0], cost->cr[WAY_BAR0][1], cost->cr[WAY_CONFIG][0],
			cost->cr[WAY_CONFIG][1], cost->cycles, cost->bytes);
	c->log.line = (struct log_line){0};
}

/* What went on before it is nobody's. */
void log_mark(struct card *c, const char *text)
{
	log_end_line(c);
	c->log.next = (struct log_cost){0};
	if (c->log.out)
		fprintf(c->log.out, "%u mark %s\n", c->index, text);
}

void log_cycle(struct card *c)
{
	c->log.next.cycles++;
}

/* What prepares a command belongs to it, everything else to what was done before. */
void log_access(struct card *c, uint32_t addr, bool write, enum way way)
{
	c->log.next.cr[way][write]++;
	if (c->nor.selected || addr == 0xf03fc || (write && addr >= 0xf0400 && addr < 0xf0420))
		return;
	if (!c->log.line.what)
		c->log.line.what = "other";
	spend(&c->log.line.cost, &c->log.next);
}

/*
 * @len bytes at @addr were handled; a line goes on where they follow those before. Called when the
 * command has been carried out.
 */
void log_done(struct card *c, const char *what, uint32_t addr, uint32_t len)
{
	struct log_line *l = &c->log.line;

	if (!l->what || strcmp(l->what, what) ||
	    !(!strcmp(what, "status") || (!strcmp(what, "read") && addr == l->addr + l->len))) {
		log_end_line(c);
		l->what = what;
		l->addr = addr;
	}
	l->len += len;
	l->at = now_us();
	l->busy = c->log.busy;
	c->log.busy = 0;
	spend(&l->cost, &c->log.next);
}
