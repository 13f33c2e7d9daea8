// SPDX-License-Identifier: GPL-2.0-only
/* What an expansion ROM says of itself. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "fw/chip.h"
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

static uint16_t get_le16(const uint8_t *p)
{
	return p[0] | p[1] << 8;
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

bool fw_rom_begins(const uint8_t *bytes, size_t len)
{
	return len > 2 && bytes[0] == 0x55 && bytes[1] == 0xaa;
}

/* ---- PCI images ---- */

#define BLOCK	 512u
#define PCIR_PTR 0x18 /* in the image: where its PCI data structure is */
#define PCIR_LEN 0x18 /* bytes of it up to revision 3's last field that is read */

static int check_sum(const uint8_t *image, size_t size, size_t at, struct cx_err *err)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += image[i];
	if (!sum)
		return 0;
	return cx_fail(err, CX_INVALID,
		       "the bytes of the PCI image at 0x%zx sum to 0x%02x, not to 0", at, sum);
}

static int check_size(size_t at, size_t size, size_t len, struct cx_err *err)
{
	if (size && size <= len - at)
		return 0;
	return cx_fail(err, CX_INVALID,
		       "the PCI image at 0x%zx states 0x%zx bytes, the ROM has 0x%zx", at, size,
		       len);
}

/* The PCI data structure of the image in @image, NULL if there is none in its @len bytes. */
static const uint8_t *find_pcir(const uint8_t *image, size_t len)
{
	size_t at = len < PCIR_PTR + 2 ? len : get_le16(image + PCIR_PTR);

	if (at < PCIR_PTR + 2 || at > len || len - at < PCIR_LEN || memcmp(image + at, "PCIR", 4))
		return NULL;
	return image + at;
}

/* Is @device the image's own, or in the list that revision 3 of the structure may point to? */
static bool serves(const uint8_t *pcir, const uint8_t *end, uint16_t device)
{
	size_t list = pcir[0xc] >= 3 ? get_le16(pcir + 8) : 0;

	if (get_le16(pcir + 4) != FW_VENDOR_ID)
		return false;
	if (!get_le16(pcir + 6) || get_le16(pcir + 6) == device)
		return true; /* 0 is what makers write who mean all their devices */
	if (!list)
		return false;
	for (; (size_t)(end - pcir) >= list + 2 && get_le16(pcir + list); list += 2)
		if (get_le16(pcir + list) == device)
			return true;
	return false;
}

/* The image at @at with its structure @pcir; its bytes are a BIOS's that check the sum, or not. */
static int read_image(const uint8_t *rom, size_t len, size_t at, const uint8_t *pcir,
		      uint16_t device, struct fw_roms *roms, struct cx_err *err)
{
	struct fw_rom_image *image = &roms->image[roms->images++];
	/* What is loaded at first: one byte of a BIOS's header, two of an EFI driver's. */
	size_t loaded = BLOCK * (pcir[0x14] == FW_ROM_EFI ? get_le16(rom + at + 2) : rom[at + 2]);

	*image = (struct fw_rom_image){
		.at = at,
		.size = BLOCK * get_le16(pcir + 0x10),
		.vendor = get_le16(pcir + 4),
		.device = get_le16(pcir + 6),
		.code = pcir[0x14],
	};
	if (check_size(at, image->size, len, err))
		return -1;
	image->serves = serves(pcir, rom + at + image->size, device);
	if (image->code != FW_ROM_BIOS)
		return 0;
	roms->summed = true;
	return check_size(at, loaded, len, err) || check_sum(rom + at, loaded, at, err) ? -1 : 0;
}

/* A ROM of which only the old header tells: UEFI and FCODE carry no byte sum. */
static int read_bare(const uint8_t *rom, size_t len, struct fw_roms *roms, struct cx_err *err)
{
	if (check_size(0, rom[2] * BLOCK, len, err))
		return -1;
	for (size_t i = 0; i < roms->count; i++)
		if (roms->rom[i].product == UEFI || roms->rom[i].product == FCODE)
			return 0;
	roms->summed = true;
	return check_sum(rom, rom[2] * BLOCK, 0, err);
}

static int read_images(const uint8_t *rom, size_t len, uint16_t device, struct fw_roms *roms,
		       struct cx_err *err)
{
	const uint8_t *pcir;
	bool last = false;

	for (size_t at = 0; !last; at += roms->image[roms->images - 1].size) {
		if (!at && !fw_rom_begins(rom, len))
			return cx_fail(err, CX_INVALID,
				       "the ROM begins with %02x %02x, not with 55 aa", rom[0],
				       rom[1]);
		if (!fw_rom_begins(rom + at, len - at))
			return cx_fail(err, CX_INVALID,
				       "the PCI image that should follow at 0x%zx is missing", at);
		pcir = find_pcir(rom + at, len - at);
		if (!pcir && !at)
			return read_bare(rom, len, roms, err);
		if (!pcir)
			return cx_fail(err, CX_INVALID,
				       "the PCI image at 0x%zx has no PCI data structure", at);
		if (roms->images == FW_MAX_ROM_IMAGES)
			return cx_fail(err, CX_INVALID, "the ROM has more than %d PCI images",
				       FW_MAX_ROM_IMAGES);
		if (read_image(rom, len, at, pcir, device, roms, err))
			return -1;
		last = pcir[0x15] & 0x80;
	}
	return 0;
}

int fw_rom_parse(const uint8_t *rom, size_t len, uint16_t device, struct fw_roms *roms,
		 struct cx_err *err)
{
	memset(roms, 0, sizeof(*roms));
	if (len < BLOCK)
		return cx_fail(err, CX_INVALID, "%zu bytes are too short for a ROM", len);
	return find_signs(rom, len, roms, err) || read_images(rom, len, device, roms, err) ? -1 : 0;
}

bool fw_rom_fits(const struct fw_roms *roms)
{
	for (size_t i = 0; i < roms->images; i++)
		if (roms->image[i].serves)
			return true;
	return !roms->images;
}

const char *fw_rom_image_text(const struct fw_rom_image *image, char *buf)
{
	const char *code = image->code == FW_ROM_BIOS	 ? "BIOS"
			   : image->code == FW_ROM_FCODE ? "FCODE"
			   : image->code == FW_ROM_EFI	 ? "EFI"
							 : "the maker's";

	snprintf(buf, 96, "%s image for %04x:%04x, %u bytes at 0x%x", code, image->vendor,
		 image->device, image->size, image->at);
	return buf;
}

const char *fw_rom_ids(const struct fw_roms *roms, char *buf, size_t size)
{
	char id[12];

	*buf = 0;
	for (size_t i = 0; i < roms->images; i++) {
		snprintf(id, sizeof(id), "%04x:%04x", roms->image[i].vendor, roms->image[i].device);
		if (!strstr(buf, id) && strlen(buf) + sizeof(id) < size)
			sprintf(buf + strlen(buf), "%s%s", *buf ? ", " : "", id);
	}
	return buf;
}

/* ---- signatures ---- */

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

	if ((new->images || new->count) && (old->images || old->count) &&
	    !(new->count && old->count)) {
		fn(new->count ? "the ROM that goes carries no version: nobody can tell whether the "
				"new one "
				"is older"
			      : "the new ROM carries no version: nobody can tell whether it is "
				"older than "
				"the one that goes",
		   ctx);
		count++;
	}
	if (!fw_rom_fits(new)) {
		snprintf(text, sizeof(text), "the ROM is for %s, the firmware for %04x:%04x",
			 fw_rom_ids(new, was, sizeof(was)), FW_VENDOR_ID, device);
		fn(text, ctx);
		count++;
	}
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
