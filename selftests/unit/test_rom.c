// SPDX-License-Identifier: GPL-2.0-only
/* Expansion ROMs: signatures and the PCI image before them. */
#include "fw/image/rom.h"
#include "fs2_make.h"
#include "tap.h"

/* Parse from a block of exactly @len bytes, so that the sanitizer sees every read past it. */
static int parse(const uint8_t *rom, size_t len, struct fw_roms *roms, struct cx_err *err)
{
	uint8_t *exact = malloc(len ? len : 1);
	int ret;

	if (!exact)
		abort();
	memcpy(exact, rom, len);
	memset(err, 0, sizeof(*err));
	ret = fw_rom_parse(exact, len, 0x673c, roms, err);
	free(exact);
	return ret;
}

static void put_le(uint8_t *at, uint32_t w)
{
	for (int i = 0; i < 4; i++)
		at[i] = w >> 8 * i;
}

/* A signature with its three dwords (fs2-image 13). */
static size_t sign(uint8_t *at, uint32_t product, uint32_t third)
{
	memcpy(at, "mlxsign:", 8);
	put_le(at + 8, product << 16 | 14);
	put_le(at + 12, 8 << 16 | 2009);
	put_le(at + 16, third);
	return 20;
}

static void reads(void)
{
	uint8_t rom[1024];
	size_t len = fs2_rom(rom);
	struct fw_roms roms;
	struct cx_err err;
	char text[96];

	if (!ok(!parse(rom, len, &roms, &err), "a ROM is read"))
		return;
	is_int(roms.count, 1, "one signature");
	is_int(roms.rom[0].product, 0x10, "product");
	is_int(roms.rom[0].device, 0x673c, "device");
	is_str(fw_rom_text(&roms.rom[0], text), "type=PXE version=3.4.752 proto=VPI", "text");

	len += sign(rom + len, 0x11, 0x673c << 16 | 0x12ff);
	rom[100] ^= 1;
	ok(!parse(rom, len, &roms, &err) && roms.count == 2,
	   "a second one; with UEFI in it the byte sum does not count");
	is_str(fw_rom_text(&roms.rom[1], text), "type=UEFI version=14.8.2009 port=1 cpu=AARCH64",
	       "text");
	len += 3;
	len += sign(rom + len, 0x10, 0);
	len += sign(rom + len, 0x10, 0);
	len += sign(rom + len, 0x10, 0);
	ok(!parse(rom, len, &roms, &err) && roms.count == 5, "five, at any offset");
	len += sign(rom + len, 0x10, 0);
	ok(parse(rom, len, &roms, &err) == -1 && err.status == CX_INVALID, "six are refused");
}

static void texts(void)
{
	static const struct {
		uint32_t product, third;
		const char *text;
	} rom[] = {
		{1, 0, "type=CLP1 version=14.8.2009"},
		{4, 0x1234, "type=CLP4 version=14.8.2009"},
		{0xf, 0xff, "type=CLP"},
		{0x10, 0x0000, "type=PXE version=14.8.2009 proto=IB"},
		{0x10, 0x1101, "type=PXE version=14.8.2009 port=1 proto=ETH cpu=AMD64"},
		{0x10, 0x0302, "type=PXE version=14.8.2009 proto=VPI cpu=AMD64,AARCH64"},
		{0x10, 0x04ff, "type=PXE version=14.8.2009 cpu=IA32"},
		{0x10, 0x0505, "type=PXE version=14.8.2009 proto=N/A cpu=N/A"},
		{0x12, 0x1001, "type=CLP version=14.8.2009"},
		{0x13, 0x00ff, "type=NVMe version=14.8.2009"},
		{0x14, 0x00ff, "type=UEFI Virtio net version=14.8.2009"},
		{0x21, 0x00ff, "type=FCODE version=14.8.2009"},
		{0x33, 0x00ff, "type=unknown version=14.8.2009"},
		{0xffff, 0x00ff, "type=unknown version=14.8.2009"},
	};
	char text[96];

	for (size_t i = 0; i < sizeof(rom) / sizeof(rom[0]); i++) {
		uint8_t bytes[1024];
		struct fw_roms roms;
		struct cx_err err;

		fs2_rom(bytes);
		sign(bytes + 512, rom[i].product, rom[i].third);
		if (ok(!parse(bytes, 532, &roms, &err), "product 0x%x", rom[i].product))
			is_str(fw_rom_text(&roms.rom[0], text), rom[i].text, "text");
	}
	ok(strlen(fw_rom_text(&(struct fw_rom){.product = 0x14,
					       .version = {65535, 65535, 65535},
					       .port = 255,
					       .cpu = 3,
					       .protocol = 255},
			      text)) < 96,
	   "the longest text fits");
}

static void refused(const char *name, const uint8_t *rom, size_t len, enum cx_status status,
		    const char *text)
{
	struct fw_roms roms;
	struct cx_err err;

	ok(parse(rom, len, &roms, &err) == -1 && err.status == status, "%s: refused", name);
	has_str(err.text, text, "%s: it is said why", name);
}

static void refuses(void)
{
	uint8_t rom[1024];
	size_t len = fs2_rom(rom), taken = 0;
	struct fw_roms roms;
	struct cx_err err;

	refused("nothing", rom, 0, CX_INVALID, "too short");
	ok(!parse(rom, 512, &roms, &err) && !roms.count && roms.summed,
	   "no signature is no mistake");
	refused("signature without data", rom, 520, CX_INVALID, "cut off");
	refused("signature cut off", rom, 531, CX_INVALID, "0x200");
	rom[0] = 0xaa;
	refused("not a ROM", rom, len, CX_INVALID, "aa aa");
	rom[0] = 0x55;
	rom[2] = 0;
	refused("size 0", rom, len, CX_INVALID, "0x0 bytes");
	rom[2] = 2;
	refused("longer than it is", rom, len, CX_INVALID, "0x400 bytes");
	rom[2] = 1;
	rom[300] += 3;
	refused("byte sum", rom, len, CX_INVALID, "0x03");
	rom[300] -= 3;
	for (size_t cut = 0; cut < 512; cut++)
		taken += !parse(rom, cut, &roms, &err);
	for (size_t cut = 520; cut < len; cut++)
		taken += !parse(rom, cut, &roms, &err);
	is_int(taken, 0, "cut off within its image or its signature, it is refused");
}

/* A PCI image of @blocks of 512 bytes for @vendor:@device, with the size of a BIOS or an EFI
 * driver. */
static size_t image(uint8_t *at, unsigned int blocks, uint16_t vendor, uint16_t device,
		    uint8_t code, bool last)
{
	static const uint8_t pcir[24] = "PCIR\0\0\0\0\0\0\x18\0\3";
	uint8_t sum = 0;

	memset(at, 0, blocks * 512);
	at[0] = 0x55;
	at[1] = 0xaa;
	at[2] = blocks;
	at[3] = code == FW_ROM_EFI ? blocks >> 8 : 0;
	at[0x18] = 0x40;
	memcpy(at + 0x40, pcir, sizeof(pcir));
	at[0x44] = vendor;
	at[0x45] = vendor >> 8;
	at[0x46] = device;
	at[0x47] = device >> 8;
	at[0x50] = blocks;
	at[0x51] = blocks >> 8;
	at[0x54] = code;
	at[0x55] = last ? 0x80 : 0;
	memset(at + 0x60, 0x5a, 32);
	for (size_t i = 0; i < blocks * 512; i++)
		sum += at[i];
	at[511] = code == FW_ROM_BIOS ? -sum : 0x11;
	return blocks * 512;
}

static void pci_images(void)
{
	static uint8_t rom[300 * 512];
	struct fw_roms roms;
	struct cx_err err;
	char text[96];
	size_t len;

	len = image(rom, 2, 0x15b3, 0x673c, FW_ROM_BIOS, false);
	len += image(rom + len, 1, 0x15b3, 0x673c, 0xff, true);
	ok(!parse(rom, len, &roms, &err) && roms.images == 2 && !roms.count && roms.summed,
	   "two images, without a signature");
	is_str(fw_rom_image_text(&roms.image[0], text),
	       "BIOS image for 15b3:673c, 1024 bytes at 0x0", "the first");
	is_str(fw_rom_image_text(&roms.image[1], text),
	       "the maker's image for 15b3:673c, 512 bytes at 0x400",
	       "the second has no sum to judge");
	ok(fw_rom_fits(&roms), "they are for this device");
	rom[600] ^= 1;
	refused("a BIOS with a wrong sum", rom, len, CX_INVALID, "0x0 sum to");
	rom[600] ^= 1;
	memset(rom + len, 0xff, 512);
	ok(!parse(rom, len + 512, &roms, &err) && roms.images == 2, "what the BAR reads behind it");
	rom[0x400] = 0;
	refused("the second missing", rom, len, CX_INVALID, "follow at 0x400 is missing");
	refused("cut behind the first", rom, 0x400, CX_INVALID, "follow at 0x400 is missing");
	rom[0x400] = 0x55;
	rom[0x440] = 'Q';
	refused("the second without a structure", rom, len, CX_INVALID, "0x400 has no PCI data");

	len = image(rom, 260, 0x15b3, 0x1003, FW_ROM_EFI, true);
	ok(!parse(rom, len, &roms, &err) && roms.image[0].size == 260 * 512 && !roms.summed,
	   "an EFI driver's size has two bytes, and it has no sum");
	ok(!fw_rom_fits(&roms), "it is for another device");
	is_str(fw_rom_ids(&roms, text, sizeof(text)), "15b3:1003", "which is named");
	rom[0x48] = 0x18; /* the list of further devices, behind the structure */
	memcpy(rom + 0x58, "\x07\x10\x3c\x67\0\0", 6);
	ok(!parse(rom, len, &roms, &err) && fw_rom_fits(&roms), "unless its list has this one too");
	rom[0x4c] = 0;
	ok(!parse(rom, len, &roms, &err) && !fw_rom_fits(&roms), "which revision 0 does not have");
	image(rom, 1, 0x8086, 0x673c, FW_ROM_BIOS, true);
	ok(!parse(rom, 512, &roms, &err) && !fw_rom_fits(&roms), "another vendor's is for no card");
	rom[0x50] = 0;
	refused("an image of no size", rom, 512, CX_INVALID, "states 0x0 bytes");
	rom[0x50] = 2;
	refused("a longer one than the ROM", rom, 512, CX_INVALID, "states 0x400 bytes");
	for (len = 0; len < 9 * 512; len += 512)
		image(rom + len, 1, 0x15b3, 0x673c, FW_ROM_BIOS, false);
	refused("nine images", rom, len, CX_INVALID, "more than 8 PCI images");
}

static char said[300];

static void keep(const char *text, void *ctx)
{
	(void)ctx;
	snprintf(said, sizeof(said), "%s", text);
}

static void doubts(void)
{
	const struct fw_roms none = {0};
	struct fw_roms old = {.count = 1,
			      .rom = {{.product = 0x10, .version = {3, 4, 752}, .device = 0x673c}}};
	struct fw_roms new = old;

	is_int(fw_rom_doubts(&old, &new, 0x673c, keep, NULL), 0, "the same ROM is no doubt");
	is_int(fw_rom_doubts(&none, &new, 0x673c, keep, NULL), 0, "nor is the first one");
	new.rom[0].version[2] = 753;
	is_int(fw_rom_doubts(&old, &new, 0x673c, keep, NULL), 0, "nor a newer one");
	new.rom[0].version[1] = 3;
	is_int(fw_rom_doubts(&old, &new, 0x673c, keep, NULL), 1, "an older one is");
	has_str(said, "version=3.3.753", "it is named");
	has_str(said, "older than the one it replaces, type=PXE version=3.4.752",
		"and the old one");
	is_int(fw_rom_doubts(&none, &new, 0x1007, keep, NULL), 1, "so is one for another device");
	has_str(said, "device id 26428 (0x673c), the firmware for 4103 (0x1007)", "both are named");
	new.rom[0].device = 0;
	is_int(fw_rom_doubts(&none, &new, 0x1007, keep, NULL), 0, "a generic one is for all");
	new = old;
	new.rom[0].product = 0x11;
	is_int(fw_rom_doubts(&old, &new, 0x673c, keep, NULL), 1, "a kind that gets lost");
	has_str(said, "type=PXE version=3.4.752 proto=IB has no successor", "is named");
	new.rom[0].product = old.rom[0].product = 0xf;
	new.rom[0].version[0] = 0;
	is_int(fw_rom_doubts(&old, &new, 0x673c, keep, NULL), 0, "free text is not compared");
	new = (struct fw_roms){.images = 1, .image = {{.vendor = 0x15b3, .device = 0x1003}}};
	is_int(fw_rom_doubts(&none, &new, 0x1007, keep, NULL), 1, "a PCI image for another device");
	has_str(said, "for 15b3:1003, the firmware for 15b3:1007", "is named");
	new.image[0].serves = true;
	is_int(fw_rom_doubts(&none, &new, 0x1003, keep, NULL), 0, "its own is no doubt");
	is_int(fw_rom_doubts(&old, &new, 0x1003, keep, NULL), 2,
	       "without a version nobody compares");
}

int main(void)
{
	reads();
	texts();
	refuses();
	pci_images();
	doubts();
	return tap_done();
}
