// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SPI gateway at CR 0xf0400 (flash-access 4): a command word says which phases to send, whether
 * chip select stays active afterwards, and how many bytes move.
 */
#include "card.h"

enum {
	REG_COMMAND = 0x00,
	REG_ADDR = 0x04,
	REG_REPLACE_OFFSET = 0x08, /* cache replacement, always 0 here */
	REG_REPLACE_COMMAND = 0x0c,
	REG_DATA = 0x10,
};

#define GW_READ		 (1u << 0)
#define GW_PHASE_COMMAND (1u << 2)
#define GW_PHASE_ADDR	 (1u << 3)
#define GW_PHASE_DATA	 (1u << 4)
#define GW_HOLD		 (1u << 5)
#define GW_LOG2_SHIFT	 8
#define GW_CHIP_SELECT	 (1u << 11)
#define GW_ENABLE	 (1u << 13)
#define GW_OPCODE_SHIFT	 16
#define GW_GO		 (1u << 30)
#define GW_KNOWN                                                                \
	(GW_READ | GW_PHASE_COMMAND | GW_PHASE_ADDR | GW_PHASE_DATA | GW_HOLD | \
	 7u << GW_LOG2_SHIFT | GW_CHIP_SELECT | GW_ENABLE | 0xffu << GW_OPCODE_SHIFT | GW_GO)

void gateway_reset(struct card *c)
{
	if (c->gw.held)
		nor_deselect(c);
	c->gw = (struct gateway){0};
}

/* Only the bank 0 flash exists; from the other nothing drives the line. */
static uint8_t exchange(struct card *c, uint8_t out)
{
	c->log.next.bytes++;
	clock_byte(c);
	return c->gw.command & GW_CHIP_SELECT ? 0xff : nor_byte(c, out);
}

static void data_phase(struct card *c)
{
	unsigned int bytes = 1u << (c->gw.command >> GW_LOG2_SHIFT & 7);
	bool read = c->gw.command & GW_READ;

	for (unsigned int i = 0; i < bytes && i < 16; i++) {
		uint32_t *word = &c->gw.data[i / 4];
		unsigned int shift = 24 - 8 * (i % 4);
		uint8_t in = exchange(c, read ? 0xff : (uint8_t)(*word >> shift));

		if (read)
			*word = (*word & ~(0xffu << shift)) | (uint32_t)in << shift;
	}
}

static bool changes_flash(uint8_t opcode)
{
	return opcode == 0x01 || opcode == 0x02 || opcode == 0x20 || opcode == 0xd8;
}

/* Things a correct program never does; most cards would bear them, so they are done all the same.
 */
static void check_habits(struct card *c, uint32_t cmd)
{
	if (!c->sem.taken)
		violation(c, "gateway: command %08x without the flash semaphore", cmd);
	if (cmd & ~GW_KNOWN)
		violation(c, "gateway: command %08x with undefined bits", cmd);
	if ((cmd >> GW_LOG2_SHIFT & 7) > 4)
		violation(c, "gateway: command %08x wants more than 16 bytes", cmd);
	if ((cmd & GW_READ) && (cmd & GW_HOLD))
		violation(c, "gateway: held read %08x; no card is known to do that", cmd);
	if (c->gw.held && (cmd & (GW_PHASE_COMMAND | GW_PHASE_ADDR)))
		violation(c, "gateway: opcode or address in %08x while chip select is held", cmd);
	if (!c->gw.held && !(cmd & GW_PHASE_COMMAND))
		violation(c, "gateway: command %08x without an opcode", cmd);
}

/* Things after which the flash sees nothing. */
static bool runs(struct card *c, uint32_t cmd)
{
	uint8_t op = (uint8_t)(cmd >> GW_OPCODE_SHIFT);

	if (!(cmd & GW_ENABLE)) {
		violation(c, "gateway: command %08x without the flash enable bit 13", cmd);
		return false;
	}
	if ((cmd & GW_PHASE_COMMAND) && changes_flash(op) && cr_flash_guarded(c)) {
		violation(c, "gateway: opcode %02x in recovery mode before 0xf3834 was set", op);
		return false;
	}
	return true;
}

static void start(struct card *c, uint32_t cmd)
{
	struct gateway *gw = &c->gw;
	bool bank1 = cmd & GW_CHIP_SELECT;

	check_habits(c, cmd);
	c->log.next.commands++;
	count(c, COUNT_COMMANDS);
	gw->command = cmd;
	gw->started = true;
	gw->polls_left = c->fault.gw_polls;
	if (!runs(c, cmd))
		return;
	if (!gw->held && !bank1)
		nor_select(c);
	if (cmd & GW_PHASE_COMMAND)
		exchange(c, (uint8_t)(cmd >> GW_OPCODE_SHIFT));
	if (cmd & GW_PHASE_ADDR)
		for (int shift = 16; shift >= 0; shift -= 8)
			exchange(c, (uint8_t)(gw->addr >> shift));
	if (cmd & GW_PHASE_DATA)
		data_phase(c);
	gw->held = cmd & GW_HOLD;
	if (!gw->held && !bank1)
		nor_deselect(c);
	fault_command(c);
}

static uint32_t read_command(struct card *c)
{
	struct gateway *gw = &c->gw;

	if (gw->started && (c->fault.stuck_busy || gw->stopped || gw->polls_left > 0)) {
		gw->polls_left--;
		return gw->command | GW_GO;
	}
	gw->started = false;
	return gw->command & ~GW_GO;
}

uint32_t gateway_read(struct card *c, unsigned int reg)
{
	if (reg == REG_COMMAND)
		return read_command(c);
	if (c->gw.started)
		violation(c, "gateway: f04%02x read before the gateway was seen free", reg);
	if (reg == REG_ADDR)
		return c->gw.addr;
	if (reg >= REG_DATA)
		return c->gw.data[(reg - REG_DATA) / 4];
	return 0;
}

void gateway_write(struct card *c, unsigned int reg, uint32_t val)
{
	if (c->gw.started) {
		violation(c, "gateway: f04%02x written before the gateway was seen free", reg);
		if (c->fault.stuck_busy || c->gw.stopped || c->gw.polls_left > 0)
			return;
	}
	if (reg == REG_COMMAND && (val & GW_GO))
		start(c, val);
	else if (reg == REG_COMMAND)
		c->gw.command = val;
	else if (reg == REG_ADDR)
		c->gw.addr = val;
	else if (reg >= REG_DATA)
		c->gw.data[(reg - REG_DATA) / 4] = val;
	else if (val)
		violation(c, "gateway: cache replacement register f04%02x set to %08x", reg, val);
}
