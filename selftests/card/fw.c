// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the firmware says of itself (mlx4-core 5.1 to 5.4): version and PSID are those of the image
 * that the card booted; the capabilities are values that work, no image tells them.
 */
#include "hca.h"

#include <stdlib.h>
#include <string.h>

#define FW_PAGES      256
#define COMMAND_REV   3
#define LOG_COMMANDS  4
#define ERROR_WORDS   16
#define CR_VERSION    0x1f064
#define CR_VERSION2   0x1f068
#define LOG_MAX_TABLE 20

enum status fw_query(struct card *c, const struct command *cmd)
{
	uint32_t minor = c->cr[CR_VERSION2 / 4];
	uint8_t *out = cmd->out;

	if (!out)
		return ST_BAD_PARAM;
	put16(out + 0x00, FW_PAGES);
	put16(out + 0x02, (uint16_t)(c->cr[CR_VERSION / 4] >> 16));
	put16(out + 0x04, (uint16_t)minor);
	put16(out + 0x06, (uint16_t)(minor >> 16));
	put16(out + 0x0a, COMMAND_REV);
	out[0x0f] = LOG_COMMANDS;
	put64(out + 0x20, CR_CLEAR_INTERRUPT);
	put64(out + 0x30, CR_ERROR_BUFFER);
	put32(out + 0x38, ERROR_WORDS);
	return ST_OK;
}

struct capability {
	uint16_t at, len;
	uint32_t value;
};

static const struct capability capabilities[] = {
	{0x10, 1, 14},					       /* log2 of the largest SRQ, */
	{0x11, 1, 14},					       /* QP */
	{0x12, 1, 6},					       /* reserved QPs */
	{0x13, 1, LOG_QPS}, {0x14, 1, 6 << 4},	{0x15, 1, 16}, /* SRQs */
	{0x19, 1, 22},					       /* the largest CQ */
	{0x1a, 1, 7},	    {0x1b, 1, LOG_CQS}, {0x1d, 1, 19}, /* MPTs */
	{0x1e, 1, 2},					       /* reserved EQs */
	{0x1f, 1, 9},	    {0x20, 1, 4 << 4},	{0x22, 1, 4},
	{0x29, 1, 4},	    {0x2b, 1, 4},	{0x2d, 1, 17},	 /* GSO */
	{0x2e, 1, 0x37},					 /* RSS */
	{0x2f, 1, 23},	    {0x35, 1, 15},	{0x36, 1, 0x43}, /* MTU, width */
	{0x38, 1, 31},	    {0x3b, 1, 7},			 /* GIDs */
	{0x3f, 1, 7},						 /* P_Keys */
	{0x48, 1, 1 << 4},  {0x49, 1, 3},			 /* the UARs have 8 MiB, as BAR2 */
	{0x4b, 1, 12},	    {0x51, 1, 62},	{0x52, 2, 1008},
	{0x55, 1, 32},	    {0x56, 2, 512},	{0x61, 1, 8},  /* QPs of a multicast group */
	{0x63, 1, 13},					       /* groups */
	{0x65, 1, 17},	    {0x67, 1, 16},	{0x80, 2, 32}, /* sizes of entries: RDMARC, */
	{0x82, 2, 256},					       /* QPC, */
	{0x84, 2, 32},					       /* AUXC, */
	{0x86, 2, 64},					       /* ALTC, */
	{0x88, 2, 64},					       /* EQC, */
	{0x8a, 2, 128},					       /* CQC, */
	{0x8c, 2, 64},					       /* SRQC, */
	{0x8e, 2, 64},					       /* cMPT, */
	{0x90, 2, 8},					       /* MTT, */
	{0x92, 2, 64},					       /* dMPT */
};

#define LOG_ICM_SPACE 38
#define FLAG(n)	      (1ull << (n))
#define FLAGS                                                                             \
	(FLAG(0) | FLAG(1) | FLAG(2) | FLAG(6) | FLAG(7) | FLAG(8) | FLAG(9) | FLAG(15) | \
	 FLAG(17) | FLAG(18) | FLAG(20) | FLAG(21) | FLAG(40) | FLAG(41) | FLAG(42))
#define FLAG_TYPES     FLAG(12) /* each port may be of a type of its own */
#define FLAG_ROCE      FLAG(30)
#define FLAGS_64_BYTES (FLAG(61) | FLAG(62))

/* Local and remote invalidation, fast registration; which firmware was the first is not known. */
#define FAST_REGISTRATION (1u << 6 | 1u << 7 | 1u << 11)

static bool registers_fast(const struct card *c)
{
	uint64_t major = c->cr[CR_VERSION / 4] >> 16;

	return (major << 32 | c->cr[CR_VERSION2 / 4]) >= c->conf.frwr;
}

/* RDMA over Ethernet: every card but a ConnectX-2 with Ethernet firmware. */
static bool has_roce(const struct card *c)
{
	for (unsigned int port = 1; port <= c->conf.nports; port++)
		if (port_types(c, port) & PORT_IB)
			return true;
	return c->conf.chip->hw_id != 0x190;
}

enum status fw_capabilities(struct card *c, const struct command *cmd)
{
	uint64_t flags = FLAGS | (has_roce(c) ? FLAG_ROCE : 0) |
			 (c->conf.same_types ? 0 : FLAG_TYPES) |
			 (c->conf.chip->hw_id != 0x190 ? FLAGS_64_BYTES : 0);
	const struct capability *cap;

	if (!cmd->out)
		return ST_BAD_PARAM;
	for (size_t i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]); i++) {
		cap = &capabilities[i];
		if (cap->len == 1)
			cmd->out[cap->at] = (uint8_t)cap->value;
		else
			put16(cmd->out + cap->at, (uint16_t)cap->value);
	}
	cmd->out[0x37] = (uint8_t)c->conf.nports;
	put64(cmd->out + 0x40, flags);
	put32(cmd->out + 0x94, registers_fast(c) ? FAST_REGISTRATION : 0);
	put64(cmd->out + 0xa0, 1ull << LOG_ICM_SPACE);
	return ST_OK;
}

/* The board's id, whose dwords are byte-swapped; pin 0 of the clear register. */
enum status fw_adapter(struct card *c, const struct command *cmd)
{
	if (!cmd->out)
		return ST_BAD_PARAM;
	for (unsigned int i = 0; i < 16; i++)
		cmd->out[0xf0 + (i ^ 3)] = (uint8_t)c->boot.psid[i];
	return ST_OK;
}

/* The multicast table is the firmware's, and empty. */
static enum status make_groups(struct hca *h, unsigned int log_entry, unsigned int log_table)
{
	if (log_entry > 12 || log_table > LOG_MAX_TABLE)
		return ST_BAD_PARAM;
	h->group_size = 1u << log_entry;
	h->ngroups = 1u << log_table;
	free(h->groups);
	h->groups = calloc(h->ngroups, h->group_size);
	return h->groups ? ST_OK : ST_EXCEEDS;
}

enum status fw_init(struct card *c, const struct command *cmd)
{
	struct hca *h = c->hca;
	const uint8_t *in = cmd->in;
	bool device_managed;

	if (!in)
		return ST_BAD_PARAM;
	if (h->running)
		return ST_BAD_SYS_STATE;
	device_managed = get32(in + 0x14) & 1u << 6;
	h->eqe_size = in[0x58] & 1u << 5 ? 64 : 32;
	h->cqe_size = in[0x58] & 1u << 6 ? 64 : 32;
	h->mtt_base = get64(in + 0x100);
	h->running = true;
	return make_groups(h, in[device_managed ? 0x1e3 : 0xd3] & 0x1f,
			   in[device_managed ? 0x1eb : 0xdb] & 0x1f);
}

enum status fw_close(struct card *c, const struct command *cmd)
{
	(void)cmd;
	c->hca->running = false;
	return ST_OK;
}

static uint8_t *group(struct hca *h, const struct command *cmd)
{
	return h->groups && cmd->modifier < h->ngroups
		       ? h->groups + (size_t)cmd->modifier * h->group_size
		       : NULL;
}

enum status fw_read_group(struct card *c, const struct command *cmd)
{
	uint8_t *at = group(c->hca, cmd);

	if (!at || !cmd->out)
		return at ? ST_BAD_PARAM : ST_BAD_INDEX;
	memcpy(cmd->out, at, c->hca->group_size);
	return ST_OK;
}

/* With a modifier it is the list of who listens to everything, which nothing is ever sent to. */
enum status fw_write_group(struct card *c, const struct command *cmd)
{
	uint8_t *at = group(c->hca, cmd);

	if (cmd->op_modifier)
		return ST_OK;
	if (!at || !cmd->in)
		return at ? ST_BAD_PARAM : ST_BAD_INDEX;
	memcpy(at, cmd->in, c->hca->group_size);
	return ST_OK;
}
