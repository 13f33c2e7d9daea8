// SPDX-License-Identifier: GPL-2.0-only
/* The guest's memory, which QEMU shares, and big-endian fields in it (mlx4-core 1). */
#include "hca.h"

#include <sys/mman.h>
#include <unistd.h>

static void forget(struct hca *h)
{
	for (unsigned int i = 0; i < h->nregions; i++)
		munmap(h->memory[i].mem, h->memory[i].size);
	h->nregions = 0;
}

/*
 * A new map replaces the old one. What cannot be mapped is not there, and a command that wants it
 * will fail. The descriptors stay the caller's.
 */
void dma_map(struct card *c, const struct memory_map *map, const int *fds, unsigned int nfds)
{
	struct hca *h = c->hca;

	if (!h)
		return;
	forget(h);
	for (unsigned int i = 0; i < nfds && i < MAX_REGIONS; i++) {
		void *mem = mmap(NULL, map->size[i], PROT_READ | PROT_WRITE, MAP_SHARED, fds[i],
				 map->offset[i]);

		if (mem == MAP_FAILED)
			continue;
		h->memory[h->nregions++] = (struct region){map->gpa[i], map->size[i], mem};
	}
}

void dma_unmap(struct card *c)
{
	forget(c->hca);
}

void *dma(struct card *c, uint64_t gpa, uint64_t len)
{
	struct hca *h = c->hca;

	if (!pci_masters_bus(c)) {
		violation(c, "DMA at %llx before the function may master the bus",
			  (unsigned long long)gpa);
		return NULL;
	}
	for (unsigned int i = 0; i < h->nregions; i++) {
		struct region *r = &h->memory[i];

		if (gpa >= r->addr && len <= r->size && gpa - r->addr <= r->size - len)
			return r->mem + (gpa - r->addr);
	}
	return NULL;
}

uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

uint32_t get32(const uint8_t *at)
{
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

uint64_t get64(const uint8_t *at)
{
	return (uint64_t)get32(at) << 32 | get32(at + 4);
}

void put16(uint8_t *at, uint16_t val)
{
	at[0] = (uint8_t)(val >> 8);
	at[1] = (uint8_t)val;
}

void put32(uint8_t *at, uint32_t val)
{
	put16(at, (uint16_t)(val >> 16));
	put16(at + 2, (uint16_t)val);
}

void put64(uint8_t *at, uint64_t val)
{
	put32(at, (uint32_t)(val >> 32));
	put32(at + 4, (uint32_t)val);
}
