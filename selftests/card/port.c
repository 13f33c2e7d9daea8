// SPDX-License-Identifier: GPL-2.0-only
/* The ports and their links, which the operator plugs (mlx4-core 5.3). */
#include "hca.h"

#include <stdlib.h>
#include <string.h>

#define CLASS_ETHERNET 0x0200
#define LINK_UP	       0x80
#define SUGGEST_ETH    0x08

/*
 * InfiniBand, Ethernet or both. ports=image: a function of the class "Ethernet controller" has
 * Ethernet firmware.
 */
unsigned int port_types(const struct card *c, unsigned int port)
{
	unsigned int types = c->conf.port_types[port - 1];

	if (types != PORT_BY_IMAGE)
		return types & (PORT_IB | PORT_ETH);
	return pci_class(c) >> 8 == CLASS_ETHERNET ? PORT_ETH : PORT_IB | PORT_ETH;
}

enum status port_query(struct card *c, const struct command *cmd)
{
	unsigned int port = cmd->modifier & 0xff;
	uint8_t *out = cmd->out;

	if (port < 1 || port > c->conf.nports || !out)
		return ST_BAD_PARAM;
	out[0x00] = (uint8_t)(port_types(c, port) |
			      (c->conf.port_types[port - 1] & PORT_SUGGEST_ETH ? SUGGEST_ETH : 0) |
			      (c->hca->ports[port - 1].link != LINK_DOWN ? LINK_UP : 0));
	out[0x01] = 5; /* 4096 bytes */
	put16(out + 0x02, 9600);
	out[0x06] = 3;
	out[0x07] = 0x77; /* log2 of GIDs and P_Keys, */
	out[0x0a] = 0x77; /* VLANs and MACs */
	out[0x0b] = 0x84;
	put64(out + 0x10, c->boot.mac[port - 1]);
	return ST_OK;
}

enum status port_sense(struct card *c, struct command *cmd)
{
	if (cmd->modifier < 1 || cmd->modifier > c->conf.nports)
		return ST_BAD_PARAM;
	cmd->out_param = c->hca->ports[cmd->modifier - 1].sense;
	return ST_OK;
}

static bool number(const char *text, unsigned long max, unsigned int *out)
{
	char *end;
	unsigned long n = strtoul(text, &end, 0);

	*out = (unsigned int)n;
	return *text && *text != '-' && !*end && n <= max;
}

static bool set_link(struct port *p, const char *word)
{
	static const char *const names[] = {"down", "init", "armed", "active"};

	if (!strcmp(word, "up"))
		word = "active";
	for (unsigned int i = 0; i < 4; i++)
		if (!strcmp(names[i], word)) {
			p->link = (enum link)i;
			return true;
		}
	return false;
}

static bool set_word(struct port *p, const char *word)
{
	if (!strncmp(word, "rate=", 5))
		return number(word + 5, 40, &p->rate) &&
		       (p->rate == 10 || p->rate == 20 || p->rate == 40);
	if (!strncmp(word, "lid=", 4))
		return number(word + 4, 0xbfff, &p->lid);
	if (!strncmp(word, "sm=", 3))
		return number(word + 3, 0xbfff, &p->sm_lid);
	if (!strncmp(word, "sense=", 6))
		return number(word + 6, 3, &p->sense);
	return set_link(p, word);
}

/* port N PORT WORD...: the driver is told when a link comes or goes. */
void port_control(struct card *c, char **save, FILE *out)
{
	char *word = strtok_r(NULL, " \t", save);
	struct port *p, before;
	unsigned int port;

	if (!c->hca) {
		fprintf(out, "error the card has no ports; give it ports= in its SPEC\n");
		return;
	}
	if (!word || !number(word, c->conf.nports, &port) || !port) {
		fprintf(out, "error port N PORT [down|init|armed|active|up] [rate=GBITS] "
			     "[lid=LID] [sm=LID] [sense=0..3]\n");
		return;
	}
	p = &c->hca->ports[port - 1];
	before = *p;
	while ((word = strtok_r(NULL, " \t", save)))
		if (!set_word(p, word)) {
			*p = before;
			fprintf(out, "error `%s': no such state of a port\n", word);
			return;
		}
	if ((before.link == LINK_ACTIVE) != (p->link == LINK_ACTIVE))
		eq_port_change(c, port, p->link == LINK_ACTIVE);
	fprintf(out, "ok\n");
}
