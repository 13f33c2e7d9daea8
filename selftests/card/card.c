// SPDX-License-Identifier: GPL-2.0-only
/* The card as a whole: it is made from its SPEC, reset, and power-cycled. */
#include "card.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

int card_create(struct card *c, unsigned int index, const char *spec, char *err, size_t errlen)
{
	memset(c, 0, sizeof(*c));
	c->index = index;
	c->fd = c->nor.fd = c->wake = -1;
	pthread_mutex_init(&c->lock, NULL);

	c->cr = calloc(CR_SIZE / 4, sizeof(*c->cr));
	if (!c->cr || stats_alloc(c)) {
		snprintf(err, errlen, "out of memory");
		goto fail;
	}
	if (spec_parse(c, spec, err, errlen) || nor_open(c, err, errlen))
		goto fail;
	if (c->conf.nports && hca_create(c)) {
		snprintf(err, errlen, "out of memory");
		goto fail;
	}
	if (pci_init(c, err, errlen))
		goto fail;
	card_power_cycle(c, false);
	return 0;

fail:
	card_destroy(c);
	return -1;
}

void card_destroy(struct card *c)
{
	hca_destroy(c);
	nor_close(c);
	stats_free(c);
	free(c->cr);
	free((char *)c->conf.addr);
	free((char *)c->conf.bus);
	free((char *)c->conf.flash);
	free((char *)c->conf.part);
	free((char *)c->conf.vpd);
	pthread_mutex_destroy(&c->lock);
	memset(c, 0, sizeof(*c));
}

/* A card that is off or pulled out answers nothing at all, not even to a configuration cycle. */
bool card_gone(const struct card *c)
{
	return c->off || c->fault.vanish;
}

/* CR 0xf0014: silicon revision in bits 23:16, hardware id below (flash-access 2). */
uint32_t card_device_id(const struct card *c)
{
	uint32_t rev = c->conf.revision >= 0 ? (uint32_t)c->conf.revision : c->conf.chip->revision;

	if (c->fault.devid)
		return (uint32_t)c->fault.devid;
	return rev << 16 | c->conf.chip->hw_id;
}

/*
 * Chip select rises in any reset, so a page program that was being shifted in starts; the flash has
 * its own supply and is not reset with the chip. keep_config: the host has restored the
 * configuration header, as owners do.
 */
void card_reset(struct card *c, enum reset kind, bool keep_config)
{
	static const char *const names[RESETS] = {"power", "bus", "flr", "soft"};
	uint32_t requested = c->cr[0xf0000 / 4];
	bool written = c->boot.address_written;

	trace(c, "reset %s", names[kind]);
	c->st.resets[kind]++;
	gateway_reset(c);
	cr_reset(c);
	if (c->hca)
		hca_reset(c);
	if (c->fault.held_after_reset) {
		c->fault.sem_held = c->fault.held_after_reset;
		c->fault.held_after_reset = 0;
	}
	boot_rom(c, kind, kind == RESET_SOFT && written ? requested >> 8 : ALL_ONES);
	nor_settle(c);
	pci_reset(c, keep_config);
	count(c, COUNT_RESETS);
}

/* Somebody else resets the chip at a moment that nobody could know; the flash is spared. */
void card_reset_unasked(struct card *c)
{
	nor_settle(c);
	card_reset(c, RESET_SOFT, true);
}

void card_power_cycle(struct card *c, bool keep_config)
{
	c->off = false;
	c->gw.held = false;
	c->sem.taken = false; /* nobody knows since when */
	nor_power_on(c);
	card_reset(c, RESET_POWER, keep_config);
}
