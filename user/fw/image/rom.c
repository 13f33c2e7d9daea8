// SPDX-License-Identifier: GPL-2.0-only
/* What an expansion ROM says of itself. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "rom.h"

/* Product ids that matter here (fs2-image 13). */
#define CLP_FREE   0xf	/* its version is free text, not numbers */
#define FIRST_PORT 0x10 /* from here on the signature names a port */
#define UEFI	   0x11
#define CLP	   0x12 /* without port and protocol */
#define FCODE	   0x21

static const char sign[] = "mlxsign:";

#define SIGN_LEN  (sizeof(sign) - 1)
#define SIGN_DATA 12 /* three dwords follow */

/* A ROM keeps PCI's byte order, not the image's. */
static uint32_t get_le32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static struct fw_rom read_sign(const uint8_t *data)
{
	uint32_t first = get_le32(data), second = get_le32(data + 4), third = get_le32(data + 8);

	return (struct fw_rom){
		.product = first >> 16,
		.version = {first & 0xff, second >> 16 & 0xff, second & 0xffff},
		.device = third >> 16,
		.port = third >> 12 & 0xf,
		.cpu = third >> 8 & 0xf,
		.protocol = third & 0xff,
	};
}

static int find_signs(const uint8_t *rom, size_t len, struct fw_roms *roms, struct cx_err *err)
{
	for (size_t at = 0; len - at >= SIGN_LEN; at++) {
		if (memcmp(rom + at, sign, SIGN_LEN))
			continue;
		if (len - at - SIGN_LEN < SIGN_DATA)
			return cx_fail(
				err, CX_INVALID,
				"the signature at 0x%zx is cut off by the end of the ROM (0x%zx)",
				at, len);
		if (roms->count == FW_MAX_ROMS)
			return cx_fail(err, CX_INVALID, "the ROM has more than %d signatures",
				       FW_MAX_ROMS);
		roms->rom[roms->count++] = read_sign(rom + at + SIGN_LEN);
	}
	return 0;
}

/* UEFI and FCODE images carry no byte sum, so the first one is not judged when there are any. */
static bool has_byte_sum(const struct fw_roms *roms)
{
	for (size_t i = 0; i < roms->count; i++)
		if (roms->rom[i].product == UEFI || roms->rom[i].product == FCODE)
			return false;
	return true;
}

bool fw_rom_begins(const uint8_t *bytes, size_t len)
{
	return len > 2 && bytes[0] == 0x55 && bytes[1] == 0xaa;
}

static int check_pci_image(const uint8_t *rom, size_t len, bool byte_sum, struct cx_err *err)
{
	size_t size = rom[2] * 512u;
	uint8_t sum = 0;

	if (!fw_rom_begins(rom, len))
		return cx_fail(err, CX_INVALID, "the ROM begins with %02x %02x, not with 55 aa",
			       rom[0], rom[1]);
	if (!size || size > len)
		return cx_fail(err, CX_INVALID,
			       "the first PCI image states 0x%zx bytes, the ROM has 0x%zx", size,
			       len);
	for (size_t i = 0; i < size; i++)
		sum += rom[i];
	if (byte_sum && sum)
		return cx_fail(err, CX_INVALID,
			       "the bytes of the first PCI image sum to 0x%02x, not to 0", sum);
	return 0;
}

int fw_rom_parse(const uint8_t *rom, size_t len, struct fw_roms *roms, struct cx_err *err)
{
	memset(roms, 0, sizeof(*roms));
	if (len < 512)
		return cx_fail(err, CX_INVALID, "%zu bytes are too short for a ROM", len);
	if (find_signs(rom, len, roms, err) || check_pci_image(rom, len, has_byte_sum(roms), err))
		return -1;
	if (!roms->count)
		return cx_fail(err, CX_NOT_FOUND,
			       "no \"mlxsign:\" signature, the version of the ROM is unknown");
	roms->summed = has_byte_sum(roms);
	return 0;
}

const char *fw_rom_product_name(uint16_t product)
{
	static const char *const name[] = {
		[1] = "CLP1",
		[2] = "CLP2",
		[3] = "CLP3",
		[4] = "CLP4",
		[CLP_FREE] = "CLP",
		[0x10] = "PXE",
		[UEFI] = "UEFI",
		[CLP] = "CLP",
		[0x13] = "NVMe",
		[0x14] = "UEFI Virtio net",
		[0x15] = "UEFI Virtio blk",
		[0x16] = "PXE Virtio net",
		[FCODE] = "FCODE",
	};

	if (product >= sizeof(name) / sizeof(name[0]) || !name[product])
		return "unknown";
	return name[product];
}

const char *fw_rom_protocol_name(uint8_t protocol)
{
	static const char *const name[] = {"IB", "ETH", "VPI"};

	return protocol < 3 ? name[protocol] : "N/A";
}

const char *fw_rom_cpu_name(uint8_t cpu)
{
	static const char *const name[] = {"", "AMD64", "AARCH64", "AMD64,AARCH64", "IA32"};

	return cpu < 5 ? name[cpu] : "N/A";
}

const char *fw_rom_text(const struct fw_rom *rom, char *buf)
{
	const size_t room = 96;
	int n;

	n = snprintf(buf, room, "type=%s", fw_rom_product_name(rom->product));
	if (rom->product != CLP_FREE)
		n += snprintf(buf + n, room - n, " version=%u.%u.%u", rom->version[0],
			      rom->version[1], rom->version[2]);
	if (rom->product >= FIRST_PORT && rom->product != CLP && rom->port)
		n += snprintf(buf + n, room - n, " port=%u", rom->port);
	if (rom->product >= FIRST_PORT && rom->product != CLP && rom->protocol != 0xff)
		n += snprintf(buf + n, room - n, " proto=%s", fw_rom_protocol_name(rom->protocol));
	if (rom->product >= FIRST_PORT && rom->cpu)
		snprintf(buf + n, room - n, " cpu=%s", fw_rom_cpu_name(rom->cpu));
	return buf;
}

/* The ROM of the same kind for the same port, or NULL. */
static const struct fw_rom *of_kind(const struct fw_roms *roms, const struct fw_rom *like)
{
	for (size_t i = 0; i < roms->count; i++)
		if (roms->rom[i].product == like->product && roms->rom[i].port == like->port)
			return &roms->rom[i];
	return NULL;
}

static bool is_older(const struct fw_rom *a, const struct fw_rom *b)
{
	if (a->product == CLP_FREE)
		return false;
	for (size_t i = 0; i < 3; i++)
		if (a->version[i] != b->version[i])
			return a->version[i] < b->version[i];
	return false;
}

size_t fw_rom_doubts(const struct fw_roms *old, const struct fw_roms *new, uint16_t device,
		     fw_rom_doubt_fn fn, void *ctx)
{
	char text[300], is[96], was[96];
	size_t count = 0;

	for (size_t i = 0; i < new->count; i++) {
		const struct fw_rom *rom = &new->rom[i], *before = of_kind(old, rom);

		fw_rom_text(rom, is);
		if (before && is_older(rom, before)) {
			snprintf(text, sizeof(text),
				 "the ROM %s is older than the one it replaces, %s", is,
				 fw_rom_text(before, was));
			fn(text, ctx);
			count++;
		}
		if (rom->device && rom->device != device) {
			snprintf(
				text, sizeof(text),
				"the ROM %s is for device id %u (0x%x), the firmware for %u (0x%x)",
				is, rom->device, rom->device, device, device);
			fn(text, ctx);
			count++;
		}
	}
	for (size_t i = 0; i < old->count; i++) {
		if (of_kind(new, &old->rom[i]))
			continue;
		snprintf(text, sizeof(text), "the ROM %s has no successor in the new one",
			 fw_rom_text(&old->rom[i], was));
		fn(text, ctx);
		count++;
	}
	return count;
}
