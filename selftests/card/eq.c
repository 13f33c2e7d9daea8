// SPDX-License-Identifier: GPL-2.0-only
/* Event queues (mlx4-core 6): what has happened, and when the pin is to tell it. */
#include "hca.h"

#include <string.h>

#define STATE_ARMED 9
#define UNMAP	    0x80000000u
#define ARM	    0x80000000u
#define INDEX_MASK  0x00ffffff
#define OWNER	    0x80

enum { EVENT_COMPLETION = 0x00, EVENT_PORT = 0x09, EVENT_COMMAND = 0x0a };
enum { PORT_DOWN = 1, PORT_UP = 4 };

/* The owner byte is the last of an entry's last 32 bytes. */
static uint8_t *entry(struct card *c, const struct eq *eq, uint32_t index)
{
	uint8_t *at = ring_entry(c, &eq->ring, index);

	return at ? at + eq->ring.entry - 32 : NULL;
}

/* The driver hands over zeroed entries, and 0 would mean "yours" to it. */
enum status eq_create(struct card *c, const struct command *cmd)
{
	struct eq *eq;

	if (cmd->modifier >= MAX_EQS)
		return ST_BAD_INDEX;
	if (!cmd->in || cmd->in[0x0c] > 20)
		return ST_BAD_PARAM;
	eq = &c->hca->eqs[cmd->modifier];
	*eq = (struct eq){
		.valid = true,
		.armed = (cmd->in[0x02] & 0x0f) == STATE_ARMED,
		.ring = {.mtt = (uint64_t)cmd->in[0x1b] << 32 | get32(cmd->in + 0x1c),
			 .log_page = (cmd->in[0x18] & 0x3f) + 12,
			 .log_entries = cmd->in[0x0c],
			 .entry = c->hca->eqe_size},
	};
	for (uint32_t i = 0; i < 1u << eq->ring.log_entries; i++) {
		uint8_t *at = entry(c, eq, i);

		if (!at) {
			eq->valid = false;
			return ST_BAD_ICM;
		}
		at[0x1f] = OWNER;
	}
	return ST_OK;
}

enum status eq_destroy(struct card *c, const struct command *cmd)
{
	if (cmd->modifier >= MAX_EQS || !c->hca->eqs[cmd->modifier].valid)
		return ST_BAD_INDEX;
	c->hca->eqs[cmd->modifier].valid = false;
	return ST_OK;
}

/* in_param has a bit for each type of event. */
enum status eq_map(struct card *c, const struct command *cmd)
{
	unsigned int eqn = cmd->modifier & 0x3ff;

	if (eqn >= MAX_EQS)
		return ST_BAD_INDEX;
	for (unsigned int type = 0; type < 64; type++)
		if (cmd->in_param >> type & 1)
			c->hca->event_eq[type] = cmd->modifier & UNMAP ? -1 : (int)eqn;
	return ST_OK;
}

/* An armed queue that has something in it raises the pin, once. */
static void fire(struct card *c, struct eq *eq)
{
	if (!eq->armed || eq->ring.producer == eq->consumer)
		return;
	eq->armed = false;
	irq_set(c, true);
}

static void post(struct card *c, unsigned int eqn, const uint8_t body[32])
{
	struct eq *eq = eqn < MAX_EQS ? &c->hca->eqs[eqn] : NULL;
	uint8_t *at, owner;

	if (!eq || !eq->valid)
		return;
	at = entry(c, eq, eq->ring.producer);
	if (!at)
		return;
	memcpy(at, body, 31);
	owner = eq->ring.producer & 1u << eq->ring.log_entries ? OWNER : 0;
	__atomic_store_n(at + 31, owner, __ATOMIC_RELEASE);
	eq->ring.producer = (eq->ring.producer + 1) & INDEX_MASK;
	fire(c, eq);
}

/* Bit 31 arms, the rest says how far the driver has read. */
void eq_doorbell(struct card *c, unsigned int eqn, uint32_t val)
{
	struct eq *eq = eqn < MAX_EQS ? &c->hca->eqs[eqn] : NULL;

	if (!eq || !eq->valid)
		return;
	eq->consumer = val & INDEX_MASK;
	if (!(val & ARM))
		return;
	eq->armed = true;
	fire(c, eq);
}

void eq_completion(struct card *c, unsigned int eqn, uint32_t cqn)
{
	uint8_t body[32] = {[0x01] = EVENT_COMPLETION};

	put32(body + 0x04, cqn);
	post(c, eqn, body);
}

void eq_command_done(struct card *c, uint16_t token, enum status status, uint64_t result)
{
	uint8_t body[32] = {[0x01] = EVENT_COMMAND, [0x0f] = (uint8_t)status};

	put16(body + 0x06, token);
	put64(body + 0x10, result);
	if (c->hca->event_eq[EVENT_COMMAND] >= 0)
		post(c, (unsigned int)c->hca->event_eq[EVENT_COMMAND], body);
}

void eq_port_change(struct card *c, unsigned int port, bool up)
{
	uint8_t body[32] = {[0x01] = EVENT_PORT, [0x03] = up ? PORT_UP : PORT_DOWN};

	put32(body + 0x0c, port << 28);
	if (c->hca->event_eq[EVENT_PORT] >= 0)
		post(c, (unsigned int)c->hca->event_eq[EVENT_PORT], body);
}
