// SPDX-License-Identifier: GPL-2.0-only
/* The subnet management agent of a port, as far as its own driver asks it (mlx4-core 7). */
#include "hca.h"

#include <string.h>

#define MAD_SIZE     256
#define DATA	     0x40
#define GET_RESPONSE 0x81
#define UNSUPPORTED  0x000c
#define CR_NODE_DESC 0x1f100
#define DESC_SIZE    64
#define MELLANOX_OUI 0x0002c9

enum {
	NODE_DESCRIPTION = 0x10,
	NODE_INFO = 0x11,
	GUID_INFO = 0x14,
	PORT_INFO = 0x15,
	PKEY_TABLE = 0x16,
	SL_TO_VL = 0x17,
};

static void node_description(struct card *c, uint8_t *data)
{
	for (unsigned int i = 0; i < DESC_SIZE; i += 4)
		put32(data + i, c->cr[(CR_NODE_DESC + i) / 4]);
}

static void node_info(struct card *c, unsigned int port, uint8_t *data)
{
	data[0x00] = data[0x01] = 1; /* versions of the base and of the class */
	data[0x02] = 1;		     /* a channel adapter */
	data[0x03] = (uint8_t)c->conf.nports;
	put64(data + 0x04, c->boot.guid[3]);
	put64(data + 0x0c, c->boot.guid[0]);
	put64(data + 0x14, c->boot.guid[port]);
	put16(data + 0x1c, 128);
	put16(data + 0x1e, pci_device(c));
	put32(data + 0x20, card_device_id(c) >> 16 & 0xff);
	put32(data + 0x24, port << 24 | MELLANOX_OUI);
}

/* Width 4X always; single, double or quad data rate. */
static unsigned int speed_code(unsigned int rate)
{
	return rate == 10 ? 1 : rate == 20 ? 2 : 4;
}

static void port_info(struct card *c, unsigned int port, uint8_t *data)
{
	const struct port *p = &c->hca->ports[port - 1];
	bool up = p->link != LINK_DOWN;

	put64(data + 0x08, 0xfe80000000000000);
	put16(data + 0x10, (uint16_t)p->lid);
	put16(data + 0x12, (uint16_t)p->sm_lid);
	put32(data + 0x14, 0x02510868);
	data[0x1c] = (uint8_t)port;
	data[0x1d] = data[0x1e] = 3;
	data[0x1f] = 2;
	data[0x20] = (uint8_t)(0x70 | (p->link + 1));
	data[0x21] = up ? 0x52 : 0x22;
	data[0x23] = (uint8_t)(speed_code(p->rate) << 4 | 7);
	data[0x24] = 4 << 4;
	data[0x25] = 4 << 4;
	data[0x29] = 5;
}

static bool fill(struct card *c, unsigned int attribute, uint32_t block, unsigned int port,
		 uint8_t *data)
{
	switch (attribute) {
	case NODE_DESCRIPTION:
		node_description(c, data);
		return true;
	case NODE_INFO:
		node_info(c, port, data);
		return true;
	case GUID_INFO:
		if (!block)
			put64(data, c->boot.guid[port]);
		return true;
	case PORT_INFO:
		port_info(c, port, data);
		return true;
	case PKEY_TABLE:
		if (!(block & 0xffff))
			put16(data, 0xffff);
		return true;
	case SL_TO_VL:
		return true;
	}
	return false;
}

/* The modifier's low half is the port. */
enum status mad_answer(struct card *c, const struct command *cmd)
{
	unsigned int port = cmd->modifier & 0xffff;
	uint32_t block;

	if (!cmd->in || !cmd->out || port < 1 || port > c->conf.nports)
		return ST_BAD_PARAM;
	block = get32(cmd->in + 0x14);
	if (get16(cmd->in + 0x10) == PORT_INFO && block >= 1 && block <= c->conf.nports)
		port = block; /* one port is asked through another */
	memcpy(cmd->out, cmd->in, MAD_SIZE);
	cmd->out[0x03] = GET_RESPONSE;
	put16(cmd->out + 0x04, 0);
	memset(cmd->out + DATA, 0, DESC_SIZE);
	if (!fill(c, get16(cmd->in + 0x10), block, port, cmd->out + DATA))
		put16(cmd->out + 0x04, UNSUPPORTED);
	return ST_OK;
}
