// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that the driver lends. Most of it the model has no use for, as it keeps the state of its
 * queues itself; but the tables that say where a queue's pages are the driver writes there.
 */
#include "hca.h"

#include <string.h>

#define LOG_PAGE_MASK 0x3f

/* One entry of MAP_FA, MAP_ICM_AUX, MAP_ICM: address and size, 4 KiB << low bits. */
static bool parse(struct card *c, const uint8_t *entry, struct chunk *chunk)
{
	uint64_t word = get64(entry + 8);
	unsigned int log = word & LOG_PAGE_MASK;

	chunk->virt = get64(entry);
	chunk->gpa = word & ~(uint64_t)(GUEST_PAGE - 1);
	chunk->size = log < 20 ? (uint64_t)GUEST_PAGE << log : 0;
	return chunk->size && dma(c, chunk->gpa, chunk->size);
}

static bool fits(const struct command *cmd)
{
	return cmd->in && cmd->modifier && cmd->modifier <= MAILBOX / 16;
}

/* The firmware's own pages: it wants to have them, and no more is to be seen of them. */
enum status icm_lend(struct card *c, const struct command *cmd)
{
	struct chunk chunk;

	if (!fits(cmd))
		return ST_BAD_PARAM;
	for (uint32_t i = 0; i < cmd->modifier; i++)
		if (!parse(c, cmd->in + 16 * i, &chunk))
			return ST_BAD_PARAM;
	return ST_OK;
}

enum status icm_map(struct card *c, const struct command *cmd)
{
	struct hca *h = c->hca;

	if (!fits(cmd))
		return ST_BAD_PARAM;
	if (h->nchunks + cmd->modifier > MAX_CHUNKS)
		return ST_BAD_ICM;
	for (uint32_t i = 0; i < cmd->modifier; i++)
		if (!parse(c, cmd->in + 16 * i, &h->chunks[h->nchunks + i]))
			return ST_BAD_PARAM;
	h->nchunks += cmd->modifier;
	return ST_OK;
}

/* in_param is the virtual address, the modifier the number of pages. */
enum status icm_unmap(struct card *c, const struct command *cmd)
{
	struct hca *h = c->hca;
	uint64_t end = cmd->in_param + (uint64_t)cmd->modifier * GUEST_PAGE;

	for (unsigned int i = h->nchunks; i-- > 0;)
		if (h->chunks[i].virt >= cmd->in_param && h->chunks[i].virt < end)
			h->chunks[i] = h->chunks[--h->nchunks];
	return ST_OK;
}

uint8_t *icm(struct card *c, uint64_t virt, uint64_t len)
{
	struct hca *h = c->hca;

	for (unsigned int i = 0; i < h->nchunks; i++) {
		struct chunk *k = &h->chunks[i];

		if (virt >= k->virt && len <= k->size && virt - k->virt <= k->size - len)
			return dma(c, k->gpa + (virt - k->virt), len);
	}
	return NULL;
}

/* Each page has an MTT of 8 bytes, whose low three bits are flags. */
uint8_t *ring_entry(struct card *c, const struct ring *ring, uint32_t index)
{
	uint32_t at = ring->offset + (index & ((1u << ring->log_entries) - 1)) * ring->entry;
	uint32_t page = at >> ring->log_page, in_page = at & ((1u << ring->log_page) - 1);
	uint8_t *mtt = icm(c, c->hca->mtt_base + ring->mtt + 8 * (uint64_t)page, 8);

	return mtt ? dma(c, (get64(mtt) & ~7ull) + in_page, ring->entry) : NULL;
}
