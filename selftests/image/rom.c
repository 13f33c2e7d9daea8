// SPDX-License-Identifier: GPL-2.0-only
/*
 * Synthetic expansion ROMs (fs2-image 13): PCI images with right headers and checksum, filled with
 * numbers, and after the last one a signature for each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"

static const struct {
	const char *name;
	uint16_t product;
	uint8_t code_type; /* of the PCI data structure */
} kinds[] = {
	{"pxe", 0x10, 0x00},  {"uefi", 0x11, 0x03},   {"clp", 0x12, 0x00},
	{"nvme", 0x13, 0x00}, {"virtio", 0x14, 0x00}, {"fcode", 0x21, 0x01},
};

struct one {
	size_t kind;
	unsigned int version[3], device, protocol, port, cpu;
};

static void put_le(uint8_t *at, uint32_t value, unsigned int bytes)
{
	for (; bytes--; value >>= 8)
		*at++ = value;
}

static struct one parse_one(char *what)
{
	struct one o = {.protocol = 0xff};
	char *colon = strchr(what, ':');
	int fields;

	if (!colon)
		die("ROM '%s' is not TYPE:A.B.C:DEVICE[:PROTOCOL[:PORT[:CPU]]]", what);
	*colon = '\0';
	for (o.kind = 0; o.kind < ARRAY_LEN(kinds); o.kind++)
		if (!strcmp(what, kinds[o.kind].name))
			break;
	fields = sscanf(colon + 1, "%u.%u.%u:%x:%x:%x:%x", &o.version[0], &o.version[1],
			&o.version[2], &o.device, &o.protocol, &o.port, &o.cpu);
	if (o.kind == ARRAY_LEN(kinds) || fields < 4)
		die("ROM '%s:%s': types are pxe uefi clp nvme virtio fcode, then :A.B.C:DEVICE",
		    what, colon + 1);
	return o;
}

static void pci_image(struct buf *rom, const struct one *o, size_t size, bool last, struct rng *r)
{
	size_t start = rom->len, i;
	uint8_t *at, sum = 0;

	rng_code(r, rom, size);
	at = rom->at + start;
	memset(at, 0, 0x60);
	at[0] = 0x55;
	at[1] = 0xaa;
	at[2] = size / 512;
	put_le(at + 0x18, 0x1c, 2); /* pointer to the PCI data structure */
	memcpy(at + 0x1c, "PCIR", 4);
	put_le(at + 0x20, 0x15b3, 2);
	put_le(at + 0x22, o->device, 2);
	put_le(at + 0x26, 0x18, 2); /* length of the structure */
	at[0x2b] = 0x02;	    /* class: network controller */
	put_le(at + 0x2c, size / 512, 2);
	at[0x30] = kinds[o->kind].code_type;
	at[0x31] = last ? 0x80 : 0;
	snprintf((char *)at + 0x40, 0x20, "synthetic %s ROM", kinds[o->kind].name);
	for (i = 0; i + 1 < size; i++)
		sum += at[i];
	at[size - 1] = -sum;
}

static void signature(struct buf *rom, const struct one *o)
{
	uint8_t at[20] = "mlxsign:";

	put_le(at + 8, kinds[o->kind].product << 16 | (o->version[0] & 0xff), 4);
	put_le(at + 12, (o->version[1] & 0xff) << 16 | (o->version[2] & 0xffff), 4);
	put_le(at + 16,
	       o->device << 16 | (o->port & 0xf) << 12 | (o->cpu & 0xf) << 8 | (o->protocol & 0xff),
	       4);
	buf_put(rom, at, sizeof(at));
}

void rom_make(struct buf *rom, const char *what, size_t size, uint64_t seed)
{
	struct rng r = rng_seed(seed, "rom");
	struct one one[5]; /* flint looks at five signatures at most */
	char *copy = strdup(what), *next = copy, *part;
	size_t count = 0, i;

	if (size < 512 || size % 512 || size / 512 > 255)
		die("a ROM image is 512 to 130560 bytes, a multiple of 512, not %zu", size);
	while ((part = strsep(&next, "+"))) {
		if (count == ARRAY_LEN(one))
			die("at most %zu ROMs", ARRAY_LEN(one));
		one[count++] = parse_one(part);
	}
	for (i = 0; i < count; i++)
		pci_image(rom, &one[i], size, i == count - 1, &r);
	for (i = 0; i < count; i++)
		signature(rom, &one[i]);
	free(copy);
}
