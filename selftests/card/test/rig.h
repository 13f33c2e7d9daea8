/* SPDX-License-Identifier: GPL-2.0-only */
/* QEMU's side of the socket, for tests: one card, set up as QEMU and a BIOS would set it up. */
#ifndef CXCARD_RIG_H
#define CXCARD_RIG_H

#include "../card.h"

#define RIG_BAR0 0xfe000000u
#define RIG_BAR2 0xfd000000u

struct rig {
	struct card card;
	int fd;
	pthread_t thread;
	char flash[64];
	char serve_error[200]; /* of proxy_serve() */
	int serve_result;
	bool config_way; /* cr_get() and cr_put() use the window */
};

enum rig_command { CFG_WRITE = 2, CFG_READ = 3, BAR_PUT = 4, BAR_GET = 5, RESET_DEVICE = 7 };

/* `spec` is completed by flash=; dies with a message if the card cannot be made. */
void rig_start(struct rig *r, const char *spec);
/* As rig_start(), but the flash begins as a copy of a file. */
void rig_start_from(struct rig *r, const char *spec, const char *file);
void rig_stop(struct rig *r);
void rig_map_bars(struct rig *r);

void rig_send(struct rig *r, const void *data, size_t len, const int *fds, unsigned int nfds);
bool rig_answer(struct rig *r, uint64_t *value);
uint32_t cfg_get(struct rig *r, uint32_t addr, int32_t len);
void cfg_put(struct rig *r, uint32_t addr, uint32_t val, int32_t len);
uint64_t bar_get(struct rig *r, uint64_t addr, uint32_t size);
void bar_put(struct rig *r, uint64_t addr, uint32_t val, uint32_t size);
void device_reset(struct rig *r);

/* CR words by the way the rig is set to. */
uint32_t cr_get(struct rig *r, uint32_t addr);
void cr_put(struct rig *r, uint32_t addr, uint32_t val);

/* SPI commands as a careful driver sends them; `sem` must be held. */
bool gw_go(struct rig *r, uint32_t command);
uint32_t spi_status(struct rig *r);
void spi_wait(struct rig *r);
void spi_wren(struct rig *r);
void spi_read(struct rig *r, uint32_t addr, uint32_t words[4]);
void spi_erase(struct rig *r, uint8_t opcode, uint32_t addr);
/* len is a multiple of 16 */
void spi_program(struct rig *r, uint32_t addr, const uint8_t *data, unsigned int len);

/* One control line; returns the answer, valid until the next call. */
const char *control(struct rig *r, const char *line);
/* The groups of tests; mkimage is the path of the maker of images. */
void test_nor(void);
void test_fault(void);
void test_boot(const char *mkimage);
void test_log(void);
void test_hca(const char *mkimage);
void test_boot_time(void);

uint64_t violations(struct rig *r);
/* All texts so far, as JSON. */
const char *violation_texts(struct rig *r);

#endif
