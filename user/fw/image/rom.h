/* SPDX-License-Identifier: GPL-2.0-only */
/* Expansion ROMs inside a ROM section (fs2-image 13). */
#ifndef CXFLASH_FW_IMAGE_ROM_H
#define CXFLASH_FW_IMAGE_ROM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fw/err.h"

#define FW_MAX_ROMS	  5
#define FW_MAX_ROM_IMAGES 8

/* What a vendor's signature says, "mlxsign:" behind the last image. */

struct fw_rom {
	uint16_t product; /* 0x10 PXE, 0x11 UEFI, ... */
	uint16_t version[3];
	uint16_t device; /* PCI device id the ROM is for, 0 generic */
	uint8_t port, protocol, cpu;
};

/* Code types of the PCI data structure (PCI Firmware Specification 3.0, 5.1). */
enum fw_rom_code { FW_ROM_BIOS = 0, FW_ROM_FCODE = 1, FW_ROM_EFI = 3 };

/* One PCI image of the ROM, by its PCI data structure: for which device a host starts it. */
struct fw_rom_image {
	uint32_t at, size;
	uint16_t vendor, device;
	uint8_t code; /* enum fw_rom_code, or what the maker likes */
	bool serves;  /* it, or its list of further devices, names the device asked for */
};

struct fw_roms {
	size_t count; /* signatures; none: built by somebody else, or read through the PCI BAR */
	struct fw_rom rom[FW_MAX_ROMS];
	size_t images; /* with a PCI data structure */
	struct fw_rom_image image[FW_MAX_ROM_IMAGES];
	bool summed; /* there was a byte sum to judge, and it is right */
};

/* Whether these bytes begin as a PCI ROM does. */
bool fw_rom_begins(const uint8_t *bytes, size_t len);
/*
 * Find images and signatures. @device is the PCI device id of the firmware, for .serves. CX_INVALID
 * if a PCI image's size or a byte sum is wrong, one that should follow is missing, or a signature
 * is cut off. Only images of code type 0 have a byte sum; of a ROM without PCI data structures the
 * first is judged unless a signature tells of UEFI or FCODE. Never reads past @len.
 */
int fw_rom_parse(const uint8_t *rom, size_t len, uint16_t device, struct fw_roms *roms,
		 struct cx_err *err);
/*
 * Would a host start it on a card with the device id it was parsed for? True too if the ROM does
 * not say for which device it is.
 */
bool fw_rom_fits(const struct fw_roms *roms);
/* "BIOS image for 15b3:1007, 5120 bytes at 0x0"; @buf holds at least 96 bytes. */
const char *fw_rom_image_text(const struct fw_rom_image *image, char *buf);
/* All of its PCI ids, "15b3:1003, 15b3:1007"; each once. */
const char *fw_rom_ids(const struct fw_roms *roms, char *buf, size_t size);
const char *fw_rom_product_name(uint16_t product);  /* "PXE", ..., or "unknown" */
const char *fw_rom_protocol_name(uint8_t protocol); /* "IB", "ETH", "VPI", or "N/A" */
const char *fw_rom_cpu_name(uint8_t cpu);	    /* "AMD64", ...; "" for 0, "N/A" for others */
/* "type=PXE version=3.4.752 proto=VPI"; @buf holds at least 96 bytes. */
const char *fw_rom_text(const struct fw_rom *rom, char *buf);

/*
 * What should be known before @new replaces @old (which may have no ROMs) in an image for PCI
 * device @device: a ROM older than the one of its kind, or of which nobody can tell; one that is
 * for another device; one that gets lost. @fn gets a sentence for each; returns how many.
 */
typedef void (*fw_rom_doubt_fn)(const char *text, void *ctx);
size_t fw_rom_doubts(const struct fw_roms *old, const struct fw_roms *new, uint16_t device,
		     fw_rom_doubt_fn fn, void *ctx);

#endif
