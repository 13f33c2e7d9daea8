/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host channel adapter: what the firmware of a card does for the kernel's driver mlx4_core (and
 * mlx4_en, mlx4_ib above it). A command comes by hcr.c; fw.c tells what the firmware is and can,
 * icm.c is the memory that the driver lends, eq.c and queue.c the queues in it, port.c and mad.c
 * the links, dma.c the way to the guest's memory, irq.c the interrupt pin. Field offsets are those
 * of mlx4-core 4 to 7; all of them are big-endian.
 */
#ifndef CXCARD_HCA_H
#define CXCARD_HCA_H

#include "card.h"

#define MAX_REGIONS 8
#define MAX_CHUNKS  4096
#define MAX_EQS	    64
#define LOG_CQS	    16
#define LOG_QPS	    18
#define MAILBOX	    4096
#define GUEST_PAGE  4096u

/* How a command ended (mlx4-core 4). */
enum status {
	ST_OK = 0x00,
	ST_BAD_OP = 0x02,
	ST_BAD_PARAM = 0x03,
	ST_BAD_SYS_STATE = 0x04,
	ST_BAD_INDEX = 0x0a,
	ST_BAD_ICM = 0x0c,
	ST_EXCEEDS = 0x08,
};

/* A piece of the guest's memory, or of the ICM, which is a space of addresses of the card. */
struct region {
	uint64_t addr, size;
	uint8_t *mem;
};

struct chunk {
	uint64_t virt, gpa, size;
};

/* A queue in the guest's memory, found page by page in the table of MTTs. */
struct ring {
	uint64_t mtt;
	uint32_t offset; /* of its first entry in the first page */
	unsigned int log_page, log_entries, entry;
	uint32_t producer;
};

struct eq {
	bool valid, armed;
	uint32_t consumer;
	struct ring ring;
};

struct cq {
	bool valid, armed;
	unsigned int eqn;
	uint32_t consumer;
	struct ring ring;
};

struct qp {
	bool valid;
	uint32_t send_cqn, head;
	struct ring sq;
};

enum link { LINK_DOWN, LINK_INIT, LINK_ARMED, LINK_ACTIVE };

struct port {
	enum link link;
	unsigned int rate; /* Gb/s: 10, 20 or 40 */
	unsigned int lid, sm_lid;
	unsigned int sense; /* what SENSE_PORT tells: 0, 1 InfiniBand, 2 Ethernet */
};

struct hca {
	struct region memory[MAX_REGIONS];
	unsigned int nregions;
	/* since the last reset: */
	struct chunk chunks[MAX_CHUNKS];
	unsigned int nchunks;
	bool running; /* INIT_HCA */
	unsigned int eqe_size, cqe_size;
	uint64_t mtt_base;
	uint8_t *groups; /* the multicast table */
	uint32_t ngroups, group_size;
	uint32_t steering; /* the last rule's number */
	int event_eq[64];  /* by event type; -1: nobody wants it */
	struct eq eqs[MAX_EQS];
	struct cq *cqs;
	struct qp *qps;
	uint32_t cq_doorbell;
	bool pin;
	/* and what the operator says: */
	struct port ports[MAX_PORTS];
};

struct command {
	uint16_t op;
	uint8_t op_modifier;
	uint32_t modifier;
	uint64_t in_param, out_param;
	const uint8_t *in; /* mailboxes, NULL if there is no such page */
	uint8_t *out;
};

/* dma.c: NULL where the guest has no memory */
void *dma(struct card *c, uint64_t gpa, uint64_t len);
uint16_t get16(const uint8_t *at);
uint32_t get32(const uint8_t *at);
uint64_t get64(const uint8_t *at);
void put16(uint8_t *at, uint16_t val);
void put32(uint8_t *at, uint32_t val);
void put64(uint8_t *at, uint64_t val);

/* icm.c */
enum status icm_map(struct card *c, const struct command *cmd);
enum status icm_unmap(struct card *c, const struct command *cmd);
enum status icm_lend(struct card *c, const struct command *cmd);
uint8_t *icm(struct card *c, uint64_t virt, uint64_t len);
uint8_t *ring_entry(struct card *c, const struct ring *ring, uint32_t index);

/* eq.c */
enum status eq_create(struct card *c, const struct command *cmd);
enum status eq_destroy(struct card *c, const struct command *cmd);
enum status eq_map(struct card *c, const struct command *cmd);
void eq_doorbell(struct card *c, unsigned int eqn, uint32_t val);
void eq_completion(struct card *c, unsigned int eqn, uint32_t cqn);
void eq_command_done(struct card *c, uint16_t token, enum status status, uint64_t result);
void eq_port_change(struct card *c, unsigned int port, bool up);

/* queue.c */
enum status cq_create(struct card *c, const struct command *cmd);
enum status cq_destroy(struct card *c, const struct command *cmd);
enum status qp_change(struct card *c, const struct command *cmd);
enum status qp_destroy(struct card *c, const struct command *cmd);

/* fw.c */
enum status fw_query(struct card *c, const struct command *cmd);
enum status fw_capabilities(struct card *c, const struct command *cmd);
enum status fw_adapter(struct card *c, const struct command *cmd);
enum status fw_init(struct card *c, const struct command *cmd);
enum status fw_close(struct card *c, const struct command *cmd);
enum status fw_read_group(struct card *c, const struct command *cmd);
enum status fw_write_group(struct card *c, const struct command *cmd);

/* port.c, mad.c */
unsigned int port_types(const struct card *c, unsigned int port);
enum status port_query(struct card *c, const struct command *cmd);
enum status port_sense(struct card *c, struct command *cmd);
enum status mad_answer(struct card *c, const struct command *cmd);

/* irq.c */
void irq_set(struct card *c, bool level);

#endif
