// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command register of the driver (mlx4-core 4): seven words at CR 0x80680, the last of which
 * starts a command. It is done, and answered, within that write.
 */
#include "hca.h"

#include <stdlib.h>
#include <string.h>

#define HCR	  0x80680
#define HCR_WORDS 7
#define GO	  (1u << 23)
#define EVENT	  (1u << 22)
#define STATUS(s) ((uint32_t)(s) << 24)

static enum status nothing(struct card *c, const struct command *cmd)
{
	(void)c;
	(void)cmd;
	return ST_OK;
}

static enum status zeros(struct card *c, const struct command *cmd)
{
	(void)c;
	return cmd->out ? ST_OK : ST_BAD_PARAM;
}

/* The immediate answer is how many auxiliary pages are wanted. */
static enum status set_icm_size(struct card *c, struct command *cmd)
{
	(void)c;
	cmd->out_param = 64;
	return ST_OK;
}

/* Where in the table the search for a group begins. */
static enum status hash_group(struct card *c, struct command *cmd)
{
	uint32_t hash = 0;

	if (!cmd->in || !c->hca->ngroups)
		return ST_BAD_PARAM;
	for (unsigned int i = 0; i < 16; i += 2)
		hash ^= get16(cmd->in + i);
	cmd->out_param = hash % (c->hca->ngroups / 2);
	return ST_OK;
}

static enum status add_rule(struct card *c, struct command *cmd)
{
	cmd->out_param = ++c->hca->steering;
	return ST_OK;
}

enum mailboxes { NONE = 0, IN = 1, OUT = 2 };

/* Those whose answer is immediate get a command that they may change. */
static const struct {
	uint16_t op;
	uint8_t mailboxes;
	enum status (*run)(struct card *c, const struct command *cmd);
	enum status (*answer)(struct card *c, struct command *cmd);
} commands[] = {
	{0x003, OUT, fw_capabilities, NULL}, {0x004, OUT, fw_query, NULL},
	{0x006, OUT, fw_adapter, NULL},	     {0x007, IN, fw_init, NULL},
	{0x008, NONE, fw_close, NULL},	     {0x009, NONE, nothing, NULL}, /* INIT_PORT */
	{0x00a, NONE, nothing, NULL},					   /* CLOSE_PORT */
	{0x00b, OUT, zeros, NULL},					   /* QUERY_HCA */
	{0x00c, IN, nothing, NULL},					   /* SET_PORT */
	{0x00d, IN, nothing, NULL},					   /* SW2HW_MPT */
	{0x00f, NONE, nothing, NULL},					   /* HW2SW_MPT */
	{0x012, NONE, eq_map, NULL},					   /* MAP_EQ */
	{0x013, IN, eq_create, NULL},					   /* SW2HW_EQ */
	{0x014, OUT, eq_destroy, NULL},					   /* HW2SW_EQ */
	{0x016, IN, cq_create, NULL},					   /* SW2HW_CQ */
	{0x017, OUT, cq_destroy, NULL},					   /* HW2SW_CQ */
	{0x019, IN, qp_change, NULL},					   /* RST2INIT_QP, */
	{0x01a, IN, qp_change, NULL},					   /* INIT2RTR_QP, */
	{0x01b, IN, qp_change, NULL},					   /* RTR2RTS_QP, */
	{0x01c, IN, qp_change, NULL},					   /* RTS2RTS_QP */
	{0x021, NONE, qp_destroy, NULL},				   /* 2RST_QP */
	{0x023, NONE, nothing, NULL},					   /* CONF_SPECIAL_QP */
	{0x024, IN | OUT, mad_answer, NULL},				   /* MAD_IFC */
	{0x025, OUT, fw_read_group, NULL},				   /* READ_MCG */
	{0x026, IN, fw_write_group, NULL},				   /* WRITE_MCG */
	{0x027, IN, NULL, hash_group},					   /* MGID_HASH */
	{0x02c, IN, nothing, NULL},					   /* MODIFY_CQ */
	{0x02d, IN, nothing, NULL},	   /* the same with an answer by event */
	{0x030, OUT, zeros, NULL},	   /* DIAG_RPRT */
	{0x031, NONE, nothing, NULL},	   /* NOP */
	{0x034, OUT, nothing, NULL},	   /* MOD_STAT_CFG */
	{0x043, OUT, port_query, NULL},	   /* QUERY_PORT */
	{0x048, NONE, nothing, NULL},	   /* SET_MCAST_FLTR */
	{0x047, IN, nothing, NULL},	   /* SET_VLAN_FLTR */
	{0x049, OUT, zeros, NULL},	   /* DUMP_ETH_STATS */
	{0x04d, NONE, NULL, port_sense},   /* SENSE_PORT */
	{0x064, IN, nothing, NULL},	   /* a range of steering rules, */
	{0x065, IN, NULL, add_rule},	   /* a rule more, */
	{0x066, NONE, nothing, NULL},	   /* one less */
	{0xff6, NONE, nothing, NULL},	   /* RUN_FW */
	{0xff9, NONE, icm_unmap, NULL},	   /* UNMAP_ICM */
	{0xffa, IN, icm_map, NULL},	   /* MAP_ICM */
	{0xffb, NONE, nothing, NULL},	   /* UNMAP_ICM_AUX */
	{0xffc, IN, icm_lend, NULL},	   /* MAP_ICM_AUX */
	{0xffd, NONE, NULL, set_icm_size}, /* SET_ICM_SIZE */
	{0xffe, NONE, nothing, NULL},	   /* UNMAP_FA */
	{0xfff, IN, icm_lend, NULL},	   /* MAP_FA */
};

static enum status execute(struct card *c, struct command *cmd)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (commands[i].op != cmd->op)
			continue;
		if (commands[i].mailboxes & IN && cmd->in_param)
			cmd->in = dma(c, cmd->in_param, MAILBOX);
		if (commands[i].mailboxes & OUT && cmd->out_param)
			cmd->out = dma(c, cmd->out_param, MAILBOX);
		if (cmd->out)
			memset(cmd->out, 0, MAILBOX);
		return commands[i].run ? commands[i].run(c, cmd) : commands[i].answer(c, cmd);
	}
	return ST_BAD_OP;
}

/* The word that starts a command; returns what it then reads. */
uint32_t hca_command(struct card *c, uint32_t val)
{
	const uint32_t *hcr = &c->cr[HCR / 4];
	struct command cmd = {
		.op = val & 0xfff,
		.op_modifier = val >> 12 & 0xf,
		.modifier = hcr[2],
		.in_param = (uint64_t)hcr[0] << 32 | hcr[1],
		.out_param = (uint64_t)hcr[3] << 32 | hcr[4],
	};
	enum status status;

	count(c, COUNT_HCR);
	if (c->fault.hca_mute)
		return val;
	status = execute(c, &cmd);
	trace(c, "command %03x.%x %x: status %02x", cmd.op, cmd.op_modifier, cmd.modifier, status);
	c->cr[HCR / 4 + 3] = (uint32_t)(cmd.out_param >> 32);
	c->cr[HCR / 4 + 4] = (uint32_t)cmd.out_param;
	val = (val & 0x00ffffff & ~GO) | STATUS(status);
	if (val & EVENT) {
		/* the event may be answered before this write is over */
		c->cr[HCR / 4 + HCR_WORDS - 1] = val;
		eq_command_done(c, (uint16_t)(hcr[5] >> 16), status, cmd.out_param);
	}
	return val;
}

/* An operator makes the firmware say that it is lost: the driver looks at this word every 5 s. */
void hca_fail(struct card *c)
{
	c->cr[CR_ERROR_BUFFER / 4] = 0x0dead000;
}

/* A reset forgets everything but what is plugged in. */
void hca_reset(struct card *c)
{
	struct hca *h = c->hca;

	free(h->groups);
	free(h->cqs);
	free(h->qps);
	h->groups = NULL;
	h->ngroups = h->nchunks = h->steering = 0;
	h->running = false;
	h->eqe_size = h->cqe_size = 32;
	memset(h->eqs, 0, sizeof(h->eqs));
	for (unsigned int i = 0; i < 64; i++)
		h->event_eq[i] = -1;
	/* large and mostly empty: fresh pages cost less than clearing them */
	h->cqs = calloc(1u << LOG_CQS, sizeof(*h->cqs));
	h->qps = calloc(1u << LOG_QPS, sizeof(*h->qps));
	if (!h->cqs || !h->qps) {
		fprintf(stderr, "cxcard: out of memory\n");
		exit(EXIT_OWN);
	}
	irq_set(c, false);
}

int hca_create(struct card *c)
{
	c->hca = calloc(1, sizeof(*c->hca));
	if (!c->hca)
		return -1;
	for (unsigned int i = 0; i < MAX_PORTS; i++)
		c->hca->ports[i].rate = 40;
	return 0;
}

void hca_destroy(struct card *c)
{
	if (!c->hca)
		return;
	dma_unmap(c);
	free(c->hca->groups);
	free(c->hca->cqs);
	free(c->hca->qps);
	free(c->hca);
	c->hca = NULL;
}
