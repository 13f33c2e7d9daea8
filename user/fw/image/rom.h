/* SPDX-License-Identifier: GPL-2.0-only */
/* Expansion ROMs inside a ROM section (fs2-image 13). */
#ifndef CXFLASH_FW_IMAGE_ROM_H
#define CXFLASH_FW_IMAGE_ROM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fw/err.h"

#define FW_MAX_ROMS 5

struct fw_rom {
	uint16_t product; /* 0x10 PXE, 0x11 UEFI, ... */
	uint16_t version[3];
	uint16_t device; /* PCI device id the ROM is for, 0 generic */
	uint8_t port, protocol, cpu;
};

struct fw_roms {
	size_t count;
	struct fw_rom rom[FW_MAX_ROMS];
	bool summed; /* the byte sum was judged, and is right; it is not if there is UEFI or FCODE
		      */
};

/* Whether these bytes begin as a PCI ROM does. */
bool fw_rom_begins(const uint8_t *bytes, size_t len);
/*
 * Find the signatures. CX_INVALID if the PCI image's size or byte sum is wrong, or a signature is
 * cut off; CX_NOT_FOUND if the ROM is whole but carries none, like a ROM not built by Mellanox.
 * Never reads past @len.
 */
int fw_rom_parse(const uint8_t *rom, size_t len, struct fw_roms *roms, struct cx_err *err);
const char *fw_rom_product_name(uint16_t product);  /* "PXE", ..., or "unknown" */
const char *fw_rom_protocol_name(uint8_t protocol); /* "IB", "ETH", "VPI", or "N/A" */
const char *fw_rom_cpu_name(uint8_t cpu);	    /* "AMD64", ...; "" for 0, "N/A" for others */
/* "type=PXE version=3.4.752 proto=VPI"; @buf holds at least 96 bytes. */
const char *fw_rom_text(const struct fw_rom *rom, char *buf);

/*
 * What should be known before @new replaces @old (which may have no ROMs) in an image for PCI
 * device
 * @device: a ROM older than the one of its kind, one that is for another device, one that gets
 * lost.
 * @fn gets a sentence for each; returns how many.
 */
typedef void (*fw_rom_doubt_fn)(const char *text, void *ctx);
size_t fw_rom_doubts(const struct fw_roms *old, const struct fw_roms *new, uint16_t device,
		     fw_rom_doubt_fn fn, void *ctx);

#endif
