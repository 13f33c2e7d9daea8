// SPDX-License-Identifier: GPL-2.0-only
/*
 * Completion queues and queue pairs (mlx4-core 6). What is sent is not looked at: it completes, and
 * nothing is ever received.
 */
#include "hca.h"

#include <string.h>

#define FILL	     0xcc
#define NUMBER_MASK  0x00ffffff
#define OWNER	     0x80
#define SEND	     0x40
#define WANTS_CQE    0x0c
#define DOORBELL_SQ  0x14
#define DOORBELL_CQ  0x20
#define DOORBELL_CQ2 0x24
#define DOORBELL_EQ  0x800

static struct cq *find_cq(struct card *c, uint32_t cqn)
{
	struct cq *cq = cqn >> LOG_CQS ? NULL : &c->hca->cqs[cqn];

	return cq && cq->valid ? cq : NULL;
}

enum status cq_create(struct card *c, const struct command *cmd)
{
	struct cq *cq;
	uint8_t *at;

	if (cmd->modifier >> LOG_CQS)
		return ST_BAD_INDEX;
	if (!cmd->in || (cmd->in[0x0c] & 0x1f) > 22)
		return ST_BAD_PARAM;
	cq = &c->hca->cqs[cmd->modifier];
	*cq = (struct cq){
		.valid = true,
		.eqn = cmd->in[0x17],
		.ring = {.mtt = (uint64_t)cmd->in[0x1b] << 32 | get32(cmd->in + 0x1c),
			 .offset = get16(cmd->in + 0x0a) & 0xfc0,
			 .log_page = (cmd->in[0x18] & 0x3f) + 12,
			 .log_entries = cmd->in[0x0c] & 0x1f,
			 .entry = c->hca->cqe_size},
	};
	for (uint32_t i = 0; !cmd->op_modifier && i < 1u << cq->ring.log_entries; i++) {
		at = ring_entry(c, &cq->ring, i);
		if (!at) {
			cq->valid = false;
			return ST_BAD_ICM;
		}
		memset(at, FILL, cq->ring.entry);
	}
	return ST_OK;
}

enum status cq_destroy(struct card *c, const struct command *cmd)
{
	struct cq *cq = find_cq(c, cmd->modifier);

	if (!cq)
		return ST_BAD_INDEX;
	cq->valid = false;
	return ST_OK;
}

/*
 * Any transition brings a context 8 bytes into the mailbox; the first one says where the send queue
 * is: behind the receive queue if that one has the larger stride.
 */
enum status qp_change(struct card *c, const struct command *cmd)
{
	const uint8_t *context;
	uint32_t qpn = cmd->modifier & NUMBER_MASK;
	unsigned int rq, sq;
	struct qp *qp;

	if (qpn >> LOG_QPS)
		return ST_BAD_INDEX;
	if (!cmd->in)
		return ST_BAD_PARAM;
	qp = &c->hca->qps[qpn];
	if (qp->valid)
		return ST_OK;
	context = cmd->in + 8;
	rq = context[0x09];
	sq = context[0x0a];
	*qp = (struct qp){
		.valid = true,
		.send_cqn = get32(context + 0x7c) & NUMBER_MASK,
		.sq = {.mtt = (uint64_t)context[0xcb] << 32 | get32(context + 0xcc),
		       .offset = (rq & 7) > (sq & 7) ? 1u << ((rq >> 3) + (rq & 7) + 4) : 0,
		       .log_page = (context[0xc8] & 0x3f) + 12,
		       .log_entries = sq >> 3,
		       .entry = 1u << ((sq & 7) + 4)},
	};
	return ST_OK;
}

enum status qp_destroy(struct card *c, const struct command *cmd)
{
	uint32_t qpn = cmd->modifier & NUMBER_MASK;

	if (qpn >> LOG_QPS)
		return ST_BAD_INDEX;
	c->hca->qps[qpn].valid = false;
	return ST_OK;
}

static void notify(struct card *c, uint32_t cqn, struct cq *cq)
{
	if (!cq->armed || cq->ring.producer == cq->consumer)
		return;
	cq->armed = false;
	eq_completion(c, cq->eqn, cqn);
}

static void complete(struct card *c, uint32_t qpn, const struct qp *qp, uint8_t opcode)
{
	struct cq *cq = find_cq(c, qp->send_cqn);
	uint8_t *at, owner;

	if (!cq)
		return;
	at = ring_entry(c, &cq->ring, cq->ring.producer);
	if (!at)
		return;
	at += cq->ring.entry - 32;
	memset(at, 0, 31);
	put32(at, qpn);
	put16(at + 0x18, (uint16_t)qp->head);
	owner = cq->ring.producer & 1u << cq->ring.log_entries ? OWNER : 0;
	__atomic_store_n(at + 0x1f, (uint8_t)(owner | SEND | opcode), __ATOMIC_RELEASE);
	cq->ring.producer = (cq->ring.producer + 1) & NUMBER_MASK;
	notify(c, qp->send_cqn, cq);
}

/*
 * Everything that the driver has put into the send queue is gone at once. What is longer than an
 * entry takes several.
 */
static void send_all(struct card *c, uint32_t qpn)
{
	struct qp *qp = qpn >> LOG_QPS ? NULL : &c->hca->qps[qpn];
	uint8_t *wqe;

	if (!qp || !qp->valid)
		return;
	while ((wqe = ring_entry(c, &qp->sq, qp->head))) {
		unsigned int bytes = (wqe[0x07] & 0x3fu) * 16;
		unsigned int units = (bytes + qp->sq.entry - 1) / qp->sq.entry;
		bool turn = qp->head >> qp->sq.log_entries & 1;

		if (!units || (bool)(wqe[0] & 0x80) != turn)
			break;
		if (wqe[0x0b] & WANTS_CQE)
			complete(c, qpn, qp, wqe[0x03] & 0x1f);
		qp->head += units;
	}
}

/* Bits 23:0 of the first word are the queue's number; the second one is the consumer's index. */
static void arm_cq(struct card *c, uint32_t index)
{
	uint32_t cqn = c->hca->cq_doorbell & NUMBER_MASK;
	struct cq *cq = find_cq(c, cqn);

	if (!cq)
		return;
	cq->consumer = index & NUMBER_MASK;
	cq->armed = true;
	notify(c, cqn, cq);
}

/* A page of BAR2 belongs to a program; the event queues have four doorbells in each. */
void hca_doorbell(struct card *c, uint32_t offset, uint32_t val)
{
	uint32_t in_page = offset & 0xfff;

	if (in_page == DOORBELL_SQ)
		send_all(c, val >> 8);
	else if (in_page == DOORBELL_CQ)
		c->hca->cq_doorbell = val;
	else if (in_page == DOORBELL_CQ2)
		arm_cq(c, val);
	else if (in_page >= DOORBELL_EQ && !(in_page & 7))
		eq_doorbell(c, (offset >> 12) * 4 + (in_page - DOORBELL_EQ) / 8, val);
}
