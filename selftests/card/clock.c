// SPDX-License-Identifier: GPL-2.0-only
/*
 * The modelled time of a card: what went on at it would have taken that long if nothing but the
 * bus, the SPI wires and the part cost time. It does not depend on how busy the machine is that the
 * model runs on. The same rule as in bench/tally.py.
 */
#include "card.h"

/* us, in thousandths */
enum { READ_NS = 1000, WRITE_NS = 100, CYCLE_NS = 1500, BYTE_NS = 320 };

void clock_access(struct card *c, bool write, enum way way)
{
	if (way == WAY_BAR0)
		c->clock.ns += write ? WRITE_NS : READ_NS;
}

void clock_cycle(struct card *c)
{
	c->clock.ns += CYCLE_NS;
}

void clock_byte(struct card *c)
{
	c->clock.ns += BYTE_NS;
}

/* The part is at work for so long. */
void clock_busy(struct card *c, unsigned int us)
{
	c->clock.ready_ns = c->clock.ns + (uint64_t)us * 1000;
}

/* And was seen to have ended. */
void clock_ready(struct card *c)
{
	if (c->clock.ns < c->clock.ready_ns)
		c->clock.ns = c->clock.ready_ns;
}
