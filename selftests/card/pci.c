// SPDX-License-Identifier: GPL-2.0-only
/*
 * The function as the host sees it: configuration header, power management and PCI Express
 * capabilities, BAR0 with CR space, BAR2 with doorbell pages, and the window 0x58/0x5c into CR
 * space.
 */
#include "card.h"

#include <errno.h>
#include <string.h>

#define MELLANOX	0x15b3
#define BAR0_SIZE	CR_SIZE
#define BAR2_SIZE	0x800000u
#define CLASS_MEMORY	0x058000 /* "Memory controller", as recovery cards show up */
#define COMMAND_MEMORY	0x0002
#define COMMAND_MASTER	0x0004
#define COMMAND_NO_PIN	0x0400
#define STATUS_PIN	0x08
#define INTERRUPT_LINE	0x3c
#define PCIE_CAP	0x60
#define VPD_CAP		0x48 /* where it lies on real cards is not in any source */
#define VPD_ADDR	(VPD_CAP + 2)
#define VPD_DATA	(VPD_CAP + 4)
#define VPD_FLAG	0x8000 /* written: what to do, 1 is to write; read: done, 1 was to read */
#define PCIE_DEVCTL	(PCIE_CAP + 0x08)
#define DEVCAP_FLR	0x10000000
#define DEVCTL_FLR	0x8000
#define WINDOW_ADDR	0x58
#define WINDOW_DATA	0x5c
#define WRITE_ONLY_MARK 0xbadacce5u

static void put(uint8_t *at, uint32_t val, unsigned int len)
{
	for (unsigned int i = 0; i < len; i++)
		at[i] = (uint8_t)(val >> 8 * i);
}

static uint32_t get(const uint8_t *at, unsigned int len)
{
	uint32_t val = 0;

	for (unsigned int i = 0; i < len; i++)
		val |= (uint32_t)at[i] << 8 * i;
	return val;
}

static uint32_t image_word(const struct card *c, uint32_t addr, uint32_t otherwise)
{
	uint32_t word = c->cr[addr / 4];

	return c->conf.pci_from_image && !c->boot.recovery && word ? word : otherwise;
}

/*
 * Ids: as SPEC says, else as the chip has them. On real cards they are loaded by the firmware's
 * configuration words (fs2-image 8), which pci=image follows.
 */
static void fill_identity(struct card *c)
{
	const struct config *conf = &c->conf;
	const struct chip *chip = conf->chip;
	bool recovery = c->boot.recovery && conf->recovery_id;
	uint32_t id = conf->pci_id >= 0 ? (uint32_t)conf->pci_id : chip->pci_id;
	uint32_t class = conf->pci_class >= 0 ? (uint32_t)conf->pci_class : chip->pci_class;
	uint32_t sub = (uint32_t)MELLANOX << 16 | chip->subsystem;
	uint32_t rev = conf->revision >= 0 ? (uint32_t)conf->revision : chip->revision;

	if (conf->subsystem >= 0)
		sub = (uint32_t)conf->subsystem;
	if (recovery) {
		id = chip->recovery_id;
		class = CLASS_MEMORY;
	}
	put(c->pci.cfg + 0x00, image_word(c, 0x1fd00, id << 16 | MELLANOX), 4);
	put(c->pci.cfg + 0x08, (image_word(c, 0x1fd08, class << 8) & 0xffffff00) | rev, 4);
	put(c->pci.cfg + 0x2c, image_word(c, 0x1fd2c, sub << 16 | sub >> 16), 4);
}

static void fill_capabilities(uint8_t *cfg, uint8_t *wmask, bool flr, bool vpd)
{
	put(cfg + 0x06, 0x0010, 2); /* a capability list */
	cfg[0x34] = 0x40;
	cfg[0x40] = 0x01; /* power management, version 3 */
	cfg[0x41] = vpd ? VPD_CAP : PCIE_CAP;
	cfg[VPD_CAP] = vpd ? 0x03 : 0;
	cfg[VPD_CAP + 1] = vpd ? PCIE_CAP : 0;
	put(cfg + 0x42, 0x0003, 2);
	put(cfg + 0x44, 0x0008, 2); /* no soft reset */
	put(wmask + 0x44, 0x0003, 2);
	cfg[PCIE_CAP] = 0x10; /* PCI Express endpoint, version 2 */
	put(cfg + 0x62, 0x0002, 2);
	put(cfg + 0x64, 0x00008001 | (flr ? DEVCAP_FLR : 0), 4); /* 256-byte payload */
	put(wmask + PCIE_DEVCTL, 0x78ff, 2);
	put(cfg + 0x6c, 0x00000082, 4); /* 5 GT/s, x8 */
	put(wmask + 0x70, 0x01d3, 2);
	put(cfg + 0x72, 0x0082, 2);
}

/*
 * QEMU 7.2 sizes each BAR dword on its own while it makes the device, and would take the upper half
 * of a 64-bit BAR for another BAR; so the upper halves are hidden until its first DEVICE_RESET.
 */
static void fill_bars(struct card *c)
{
	bool wide = c->conf.bar64;

	if (c->conf.bar0) {
		c->pci.cfg[0x10] = wide ? 0x04 : 0x00;
		put(c->pci.wmask + 0x10, ~(BAR0_SIZE - 1), 4);
	}
	c->pci.cfg[0x18] = wide ? 0x0c : 0x08; /* prefetchable */
	put(c->pci.wmask + 0x18, ~(BAR2_SIZE - 1), 4);
	if (!wide || !c->pci.honest)
		return;
	if (c->conf.bar0)
		put(c->pci.wmask + 0x14, ALL_ONES, 4);
	put(c->pci.wmask + 0x1c, ALL_ONES, 4);
}

int pci_init(struct card *c, char *err, size_t errlen)
{
	FILE *f = NULL;
	int ret = 0;

	memset(&c->pci, 0, sizeof(c->pci));
	if (!c->conf.vpd)
		return 0;
	f = fopen(c->conf.vpd, "re");
	if (!f || !fread(c->pci.vpd, 1, sizeof(c->pci.vpd), f) || ferror(f)) {
		snprintf(err, errlen, "vpd=%s: %s", c->conf.vpd, f ? "no bytes" : strerror(errno));
		ret = -1;
	}
	if (f)
		fclose(f);
	return ret;
}

/* The card has each word at once; nobody has a reason to write its VPD. */
static void vpd_go(struct card *c, uint32_t val)
{
	uint32_t at = val & (VPD_FLAG - 1);

	if (val & VPD_FLAG) {
		violation(c, "VPD: %04x is written", at);
		return;
	}
	put(c->pci.cfg + VPD_ADDR, at | VPD_FLAG, 2);
	put(c->pci.cfg + VPD_DATA, at + 4 <= sizeof(c->pci.vpd) ? get(c->pci.vpd + at, 4) : 0, 4);
}

/*
 * keep_config: the BARs and the rest come back as they were, as if the host had restored them; but
 * not the address of the window, which neither mlx4_core nor the PCI core restores.
 */
void pci_reset(struct card *c, bool keep_config)
{
	uint8_t old[256];

	memcpy(old, c->pci.cfg, sizeof(old));
	memset(c->pci.cfg, 0, sizeof(c->pci.cfg));
	memset(c->pci.wmask, 0, sizeof(c->pci.wmask));
	fill_identity(c);
	fill_capabilities(c->pci.cfg, c->pci.wmask, c->conf.flr, c->conf.vpd);
	fill_bars(c);
	put(c->pci.wmask + 0x04, 0x0546, 2);
	c->pci.wmask[0x0c] = c->pci.wmask[0x0d] = 0xff; /* cache line, latency */
	c->pci.wmask[INTERRUPT_LINE] = 0xff;
	c->pci.cfg[0x3d] = 1; /* INTA */
	if (c->conf.window != WINDOW_NONE)
		put(c->pci.wmask + WINDOW_ADDR, ALL_ONES, 4);
	for (unsigned int i = 0; keep_config && i < 256; i++)
		if (i < WINDOW_ADDR || i >= WINDOW_DATA)
			c->pci.cfg[i] |= old[i] & c->pci.wmask[i];
}

uint32_t pci_class(const struct card *c)
{
	return get(c->pci.cfg + 0x08, 4) >> 8;
}

uint16_t pci_device(const struct card *c)
{
	return (uint16_t)get(c->pci.cfg + 0x02, 2);
}

bool pci_masters_bus(const struct card *c)
{
	return c->pci.cfg[0x04] & COMMAND_MASTER;
}

/*
 * The state of the interrupt pin shows in the header, which also masks it; the line is what the
 * BIOS has written there, and stays that one if a power cycle forgets it: it is a wire. Returns the
 * level that is seen outside.
 */
bool pci_set_pin(struct card *c, bool level, unsigned int *line)
{
	c->pci.cfg[0x06] = (uint8_t)((c->pci.cfg[0x06] & ~STATUS_PIN) | (level ? STATUS_PIN : 0));
	*line = c->pci.line;
	return level && !(get(c->pci.cfg + 0x04, 2) & COMMAND_NO_PIN);
}

static uint32_t window_read(struct card *c)
{
	uint32_t addr = get(c->pci.cfg + WINDOW_ADDR, 4);

	/* the write-only variant has fetched the word when its address came */
	if (c->conf.window == WINDOW_WRITE_ONLY)
		return c->pci.window_data;
	return cr_read(c, addr, WAY_CONFIG);
}

uint32_t pci_config_read(struct card *c, uint32_t addr, unsigned int len)
{
	uint32_t ones = len < 4 ? (1u << 8 * len) - 1 : ALL_ONES;

	c->st.cfg_reads++;
	log_cycle(c);
	clock_cycle(c);
	if (card_gone(c) || addr + len > 256)
		return ones;
	if (c->conf.window != WINDOW_NONE && addr >= WINDOW_DATA && addr < WINDOW_DATA + 4)
		return window_read(c) >> 8 * (addr - WINDOW_DATA) & ones;
	if (c->conf.window == WINDOW_WRITE_ONLY && addr >= WINDOW_ADDR && addr < WINDOW_DATA)
		return WRITE_ONLY_MARK >> 8 * (addr - WINDOW_ADDR) & ones;
	return get(c->pci.cfg + addr, len);
}

static void window_write(struct card *c, uint32_t addr, uint32_t val)
{
	bool write_only = c->conf.window == WINDOW_WRITE_ONLY;

	if (addr == WINDOW_ADDR) {
		put(c->pci.cfg + WINDOW_ADDR, val, 4);
		if (write_only && (val & 1))
			c->pci.window_data = cr_read(c, val & ~1u, WAY_CONFIG);
		else if (write_only)
			cr_write(c, val, c->pci.window_data, WAY_CONFIG);
	} else if (write_only) {
		c->pci.window_data = val;
	} else {
		cr_write(c, get(c->pci.cfg + WINDOW_ADDR, 4), val, WAY_CONFIG);
	}
}

void pci_config_write(struct card *c, uint32_t addr, uint32_t val, unsigned int len)
{
	c->st.cfg_writes++;
	log_cycle(c);
	clock_cycle(c);
	if (card_gone(c) || addr + len > 256)
		return;
	if (c->conf.window != WINDOW_NONE && addr + len > WINDOW_ADDR && addr < WINDOW_DATA + 4) {
		if (len == 4 && !(addr & 3))
			window_write(c, addr, val);
		else
			violation(c, "config window: %u bytes written at %02x, not a dword", len,
				  addr);
		return;
	}
	if (addr == 0x04 && (val & COMMAND_MASTER))
		c->st.bus_master++;
	if (addr == PCIE_DEVCTL && c->conf.flr && (val & DEVCTL_FLR)) {
		card_reset(c, RESET_FLR, false);
		return;
	}
	if (addr == VPD_ADDR && c->conf.vpd && len == 2) {
		vpd_go(c, val);
		return;
	}
	for (unsigned int i = 0; i < len; i++, addr++, val >>= 8)
		c->pci.cfg[addr] = (uint8_t)((c->pci.cfg[addr] & ~c->pci.wmask[addr]) |
					     (val & c->pci.wmask[addr]));
	if (c->pci.cfg[INTERRUPT_LINE])
		c->pci.line = c->pci.cfg[INTERRUPT_LINE];
}

/* Whether the address of a BAR message, an absolute one, falls into the BAR at `reg`. */
static bool decodes(const struct card *c, unsigned int reg, uint32_t size, uint64_t addr,
		    uint32_t *offset)
{
	uint64_t base = get(c->pci.cfg + reg, 4) & ~15u;

	if (c->conf.bar64)
		base |= (uint64_t)get(c->pci.cfg + reg + 4, 4) << 32;
	*offset = (uint32_t)(addr - base);
	return base && addr >= base && addr - base < size &&
	       (get(c->pci.cfg + 0x04, 2) & COMMAND_MEMORY);
}

/* Words lie big-endian in the aperture, and QEMU hands over what a little-endian load sees. */
uint32_t pci_bar_read(struct card *c, uint64_t addr, unsigned int size)
{
	uint32_t offset, val;

	if (card_gone(c))
		return ALL_ONES;
	if (decodes(c, 0x10, BAR0_SIZE, addr, &offset)) {
		val = __builtin_bswap32(cr_read(c, offset & ~3u, WAY_BAR0));
		if (size == 4 && !(offset & 3))
			return val;
		violation(c, "BAR0: %u bytes read at %05x, not a word", size, offset);
		return val >> 8 * (offset & 3);
	}
	if (decodes(c, 0x18, BAR2_SIZE, addr, &offset)) {
		c->st.uar++;
		return 0;
	}
	return ALL_ONES;
}

void pci_bar_write(struct card *c, uint64_t addr, uint32_t val, unsigned int size)
{
	uint32_t offset;

	if (card_gone(c))
		return;
	if (decodes(c, 0x10, BAR0_SIZE, addr, &offset)) {
		if (size == 4 && !(offset & 3))
			cr_write(c, offset, __builtin_bswap32(val), WAY_BAR0);
		else
			violation(c, "BAR0: %u bytes written at %05x, not a word", size, offset);
	} else if (decodes(c, 0x18, BAR2_SIZE, addr, &offset)) {
		c->st.uar++;
		if (c->hca && size == 4)
			hca_doorbell(c, offset, __builtin_bswap32(val));
	}
}
