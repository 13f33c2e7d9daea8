// SPDX-License-Identifier: GPL-2.0-only
/*
 * First contact. Nobody has tried this code on every board, so before the first write a card has to
 * prove that it is understood: everything that decides what will be written is read a second time,
 * and what the card says of itself must fit together: its device id in PCI configuration space, its
 * hardware id in CR space (flash-access 1, 2), its flash part; and where both ways into CR space
 * work, the same words by both.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dev/running.h"
#include "internal.h"

#define CODE_BYTES 4096u

struct contact {
	const struct burn_survey *s;
	unsigned int ranges;
	uint64_t bytes;
	bool both_ways; /* BAR0 and the window say the same */
};

/* ---- what the card is ---- */

/* Capacity codes as flash-access 10 has them; 0 for a part that counts otherwise. */
static uint32_t size_by_code(uint32_t jedec)
{
	unsigned int vendor = jedec >> 16 & 0xff, code = jedec & 0xff;

	if (vendor == 0xbf || vendor == 0x1f || code < 0x10 || code > 0x18)
		return 0;
	return 1u << code;
}

static int check_part(const struct cx_flash_info *info, struct cx_err *err)
{
	uint32_t size = size_by_code(info->jedec);

	if (!info->jedec || info->jedec == 0xffffff)
		return cx_fail(err, CX_REFUSED,
			       "%s: first contact: no flash part answers (JEDEC id %06" PRIx32 ")",
			       info->name, info->jedec);
	if (size && size != info->size)
		return cx_fail(err, CX_REFUSED,
			       "%s: first contact: JEDEC id %06" PRIx32 " means 0x%" PRIx32
			       " bytes, the driver says 0x%" PRIx32,
			       info->name, info->jedec, size, info->size);
	return 0;
}

static int check_chip(const struct burn_survey *s, struct cx_err *err)
{
	const struct cx_flash_info *info = &s->flash->info;
	const struct fw_device *device = fw_device(info->pci_device);
	uint32_t word[2];

	for (int i = 0; i < 2; i++)
		if (s->flash->ops->cr_read(s->flash, CX_DEVICE_ID, &word[i], 1, err))
			return cx_fail_in(err, "first contact");
	if (word[0] != word[1])
		return cx_fail(err, CX_REFUSED,
			       "%s: first contact: the device id at CR 0x%x read 0x%08" PRIx32
			       ", then 0x%08" PRIx32,
			       info->name, CX_DEVICE_ID, word[0], word[1]);
	if ((word[0] & 0xffff) != info->chip_id || (word[0] >> 16 & 0xff) != info->chip_rev)
		return cx_fail(err, CX_REFUSED,
			       "%s: first contact: CR 0x%x says chip 0x%x revision 0x%02x, the "
			       "driver said 0x%x revision 0x%02x",
			       info->name, CX_DEVICE_ID, word[0] & 0xffff, word[0] >> 16 & 0xff,
			       info->chip_id, info->chip_rev);
	if (device && device->chip != info->chip_id)
		return cx_fail(
			err, CX_REFUSED,
			"%s: first contact: PCI device id 0x%04x means a %s, CR 0x%x says %s "
			"(0x%x)",
			info->name, info->pci_device, fw_chip_name(device->chip, info->chip_rev),
			CX_DEVICE_ID, fw_chip_name(info->chip_id, info->chip_rev), info->chip_id);
	return 0;
}

/* Words that stand still while the card runs. A window that is not there is no disagreement. */
static int check_ways(struct contact *c, struct cx_err *err)
{
	static const struct {
		uint32_t addr;
		unsigned int count;
	} range[] = {{CX_DEVICE_ID, 1}, {CX_VERSION_WORDS, 4}};
	struct cx_flash *f = c->s->flash;
	uint32_t bar[4], window[4];

	if (f->ops->cr_read_window(f, CX_DEVICE_ID, window, 1, err))
		return err->status == CX_REFUSED ? 0 : cx_fail_in(err, "first contact");
	for (size_t i = 0; i < sizeof(range) / sizeof(*range); i++) {
		if (f->ops->cr_read(f, range[i].addr, bar, range[i].count, err) ||
		    f->ops->cr_read_window(f, range[i].addr, window, range[i].count, err))
			return cx_fail_in(err, "first contact");
		for (unsigned int k = 0; k < range[i].count; k++)
			if (bar[k] != window[k])
				return cx_fail(err, CX_REFUSED,
					       "%s: first contact: CR 0x%" PRIx32 " is 0x%08" PRIx32
					       " through BAR0, 0x%08" PRIx32
					       " through configuration space",
					       f->info.name, range[i].addr + 4 * k, bar[k],
					       window[k]);
	}
	c->both_ways = true;
	return 0;
}

/* ---- what it holds ---- */

/* Read a range of the flash once more; @addr and @len need no alignment. */
static int again(struct contact *c, uint32_t addr, uint32_t len, const char *what,
		 struct cx_err *err)
{
	struct cx_flash *f = c->s->flash;
	uint32_t end = (addr + len + 15) & ~15u, i;
	uint8_t *is;
	int ret;

	addr &= ~15u;
	is = malloc(end - addr);
	if (!is)
		return cx_fail(err, CX_FAILED, "out of memory");
	ret = f->ops->read(f, addr, is, end - addr, err);
	for (i = addr; !ret && i < end; i++)
		if (is[i - addr] != c->s->bytes[i])
			break;
	if (!ret && i < end)
		ret = cx_fail(err, CX_REFUSED,
			      "%s: first contact: %s at 0x%" PRIx32
			      " read 0x%02x, then 0x%02x: this flash cannot be trusted to be read",
			      f->info.name, what, i, c->s->bytes[i], is[i - addr]);
	free(is);
	c->ranges++;
	c->bytes += end - addr;
	return ret;
}

/* @len contiguous bytes of an image. */
static int image_again(struct contact *c, const struct fw_slot *slot, uint32_t at, uint32_t len,
		       const char *what, struct cx_err *err)
{
	unsigned int log2 = slot->img.failsafe ? slot->img.chunk_log2 : 0;
	uint32_t phys, n;

	for (uint32_t end = at + len; at < end; at += n) {
		n = burn_piece(at, end - at, slot->start, log2, &phys);
		if (again(c, phys, n, what, err))
			return -1;
	}
	return 0;
}

/* The end of the largest piece of code: far from the header, in the last of the chunks it fills. */
static int code_again(struct contact *c, const struct fw_slot *slot, struct cx_err *err)
{
	const struct fw_section *code = NULL;
	uint32_t len;

	for (size_t i = 0; i < slot->img.sections; i++) {
		const struct fw_section *sec = &slot->img.section[i];

		if (sec->type == FW_DDR && (!code || sec->size > code->size))
			code = sec;
	}
	if (!code)
		return 0;
	len = code->size < CODE_BYTES ? code->size : CODE_BYTES;
	return image_again(c, slot, code->data + code->size - len, len, "code", err);
}

static int slot_again(struct contact *c, const struct fw_slot *slot, struct cx_err *err)
{
	static const enum fw_section_type types[] = {FW_GUID, FW_INFO};

	for (size_t i = 0; i < 2; i++) {
		const struct fw_section *sec = fw_image_find(&slot->img, types[i], 0);

		if (sec &&
		    image_again(c, slot, sec->addr, sec->data + sec->size + 4 - sec->addr,
				types[i] == FW_GUID ? "the identity" : "the info section", err))
			return -1;
	}
	return code_again(c, slot, err);
}

/* Every place where an image may start, whether there is one or not. */
static int headers_again(struct contact *c, struct cx_err *err)
{
	const struct burn_survey *s = c->s;
	const uint32_t *start;
	size_t n = fw_start_candidates(s->chip, &start);

	for (size_t i = 0; i < n && start[i] + FW_HEADER_SIZE <= s->flash->info.size; i++)
		if (again(c, start[i], FW_HEADER_SIZE, "a header", err))
			return -1;
	return 0;
}

int burn_contact(const struct burn_survey *s, char *text, size_t size, struct cx_err *err)
{
	const struct cx_flash_info *info = &s->flash->info;
	struct contact c = {.s = s};
	char what[120] = "";

	if (strcmp(info->binding, "file")) {
		if (check_part(info, err) || check_chip(s, err) || check_ways(&c, err))
			return -1;
		snprintf(what, sizeof(what), "; JEDEC id %06" PRIx32 ", PCI id %04x, chip 0x%x%s",
			 info->jedec, info->pci_device, info->chip_id,
			 c.both_ways ? ", by BAR0 and configuration space alike" : "");
	}
	if (headers_again(&c, err))
		return -1;
	for (size_t i = 0; i < s->dump.slots; i++)
		if (!s->dump.slot[i].state && slot_again(&c, &s->dump.slot[i], err))
			return -1;
	snprintf(text, size, "%u ranges, %" PRIu64 " bytes, read twice and equal%s", c.ranges,
		 c.bytes, what);
	return 0;
}
