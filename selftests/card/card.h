/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A model of one ConnectX-2 or ConnectX-3 card. Written from what is known of the hardware only: no
 * header of the driver or of the tool is included, so that a wrong constant cannot agree with
 * itself.
 *
 * A message of QEMU goes proxy.c -> pci.c -> cr.c -> gateway.c -> nor.c. boot.c is the card's boot
 * ROM, fault.c what may go wrong, stats.c what is counted, clock.c what it would have taken, log.c
 * what was done to the flash, control.c the operator at the power switch. What a card does for its
 * driver is in hca.h.
 */
#ifndef CXCARD_CARD_H
#define CXCARD_CARD_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define MAX_CARDS 8
#define CR_SIZE	  0x100000u
#define ALL_ONES  0xffffffffu
#define MAX_PORTS 2

/* Where the driver clears the interrupt, and looks for a fatal error (mlx4-core 5.1). */
#define CR_CLEAR_INTERRUPT 0xf00d8
#define CR_ERROR_BUFFER	   0x80800

/* The two ways into CR space. */
enum way { WAY_BAR0, WAY_CONFIG, WAYS };

enum window { WINDOW_NORMAL, WINDOW_WRITE_ONLY, WINDOW_NONE };

/* What made the boot ROM run; only a soft reset honours the boot address. */
enum reset { RESET_POWER, RESET_BUS, RESET_FLR, RESET_SOFT, RESETS };

/* What the operator may wait for, see stats.c. */
enum counter {
	COUNT_ACCESSES,	  /* of CR space, by any way */
	COUNT_COMMANDS,	  /* of the gateway */
	COUNT_OPERATIONS, /* erases and page programs */
	COUNT_HCR,	  /* commands of the driver */
	COUNT_HOLDS,	  /* times that hold-at or hold-command-at came true */
	COUNT_RESETS,	  /* of any kind */
	COUNT_REFUSALS,	  /* reads that found a semaphore taken */
	COUNTERS
};

/* What a port can be, as SPEC says. */
enum { PORT_IB = 1, PORT_ETH = 2, PORT_SUGGEST_ETH = 4, PORT_BY_IMAGE = 8 };

struct chip {
	const char *name;
	uint16_t pci_id;
	uint16_t recovery_id;
	uint16_t subsystem;
	uint16_t hw_id;
	uint8_t revision;
	uint32_t pci_class;
	bool flush;		/* a read after a BAR0 write needs the flush 0xf0380 */
	bool trm;		/* has the second semaphore 0xf03a0 */
	uint32_t last_position; /* highest place where an image may begin */
};

/* What SPEC said about one card; it does not change while the card runs. */
struct config {
	const struct chip *chip;
	long pci_id, subsystem, pci_class, revision; /* -1: as the chip has it */
	bool pci_from_image;
	bool recovery_id;
	bool bar0, bar64, flr;
	enum window window;
	const char *addr, *bus; /* for QEMU's -device */
	const char *flash, *part;
	const char *vpd; /* file of its VPD, NULL: no such capability */
	uint64_t size;
	unsigned int nports; /* 0: no driver's commands are answered */
	unsigned int port_types[MAX_PORTS];
	bool same_types;	 /* of all ports: no "dual port, different protocols" */
	unsigned long long frwr; /* first version with fast registration, as 16 bits each */
};

/* The knobs, see fault.c for their meaning. Zero is "no fault" in all of them. */
struct fault {
	long busy, slow, gw_polls, write_takes;
	long stuck_busy, wip_stuck, sem_held, trm_held;
	long erase_fails, program_flip, program_weak, read_flip;
	long bp, write_protected, jedec;
	long devid, dead, bar_dead, vanish;
	long cut, cut_done, reset_at, vanish_at;
	long reset_at_access, reset_at_command, owner_reset_at, held_after_reset;
	long hold_at, hold_command_at;
	long boot_ones, boot_id, boot_patient;
	long hca_mute, hca_error, hca_error_at_command;
};

/* Of an operation, from the data sheets. */
struct span {
	unsigned int typical, longest;
};

struct part {
	const char *name;
	uint8_t jedec[3];
	uint8_t res; /* electronic signature read by 0xab, 0: none */
	uint32_t size;
	bool erase_4k, erase_64k;
	bool byte_program;   /* SST: 0x02 takes one byte */
	uint8_t power_on_bp; /* block protection after power-on */
	struct span ms_4k, ms_64k, us_program;
};

struct nor {
	const struct part *part;
	int fd;	      /* the file, locked */
	uint8_t *mem; /* and mapped shared */
	bool wel;
	uint8_t bp, srwd;
	bool held;	     /* WIP until the operator says go */
	long busy_polls;     /* RDSR commands that will still see WIP */
	uint64_t busy_until; /* us, with busy=datasheet */
	/* the transaction under way */
	bool selected, begun, ignored; /* begun: the opcode has come */
	bool blamed;		       /* one violation per transaction is enough */
	uint8_t opcode;
	unsigned int count; /* bytes after the opcode */
	uint32_t addr;
	uint8_t page[256];
	bool latched[256];
};

struct gateway {
	uint32_t command, addr, data[4];
	bool started;	 /* since then nobody saw the busy bit clear */
	long polls_left; /* reads that still show busy */
	bool stopped;	 /* busy until the operator says go */
	bool held;	 /* chip select left active by the last transaction */
};

struct semaphore {
	bool taken;
	enum way way; /* by which it was taken */
	uint64_t since_us, since_access, since_ns;
};

struct pci {
	uint8_t cfg[256], wmask[256];
	bool honest;	      /* false until QEMU's first DEVICE_RESET, see pci.c */
	uint8_t line;	      /* of the interrupt, as the BIOS said */
	uint32_t window_data; /* write-only address variant */
	uint8_t vpd[256];     /* whatever lies behind it reads as zeros */
};

/* Modelled time, see clock.c. */
struct clock {
	uint64_t ns;
	uint64_t ready_ns; /* when the part is */
};

struct boot {
	bool recovery;	/* no image started */
	uint32_t start; /* of the image that runs */
	bool odd;
	char version[24], psid[17];
	uint64_t guid[4]; /* node, ports, system image */
	uint64_t mac[MAX_PORTS];
	unsigned int skipped; /* slots with a signature that did not start */
	char reason[160];     /* why the first of them (or all) did not */
	bool address_written; /* 0xf0000 since power-on */
	enum reset last_reset;
	uint64_t since_us; /* 0: the boot is over */
};

/* How far a boot has come: CR space is all ones, then there is the id, then everything. */
enum progress { BOOT_ONES, BOOT_ID, BOOT_DONE };

struct stats {
	uint32_t *cr[WAYS][2]; /* by register; [1] are writes */
	uint64_t count[COUNTERS];
	uint64_t boot_accesses; /* of CR space during a boot, but for the id */
	uint64_t cfg_reads, cfg_writes, uar, bus_master, ignored_writes;
	uint64_t opcode[256];
	uint64_t erase_4k, erase_64k, pages, page_bytes, rdsr, refused;
	uint64_t takes, longest_accesses, longest_us, longest_ns;
	uint64_t foreign_releases; /* of a flash semaphore that another had taken */
	uint64_t flushes, trm_takes;
	uint64_t resets[RESETS];
	uint64_t violations;
	char *text[10];
};

/* What it took, since the last line of the log or for it. */
struct log_cost {
	uint32_t commands, cr[WAYS][2], cycles, bytes;
};

struct log_line {
	const char *what; /* NULL: none is begun */
	uint32_t addr, len, busy;
	uint64_t at;
	struct log_cost cost;
};

struct log {
	FILE *out; /* NULL: no log is kept */
	struct log_line line;
	struct log_cost next; /* of the command that is being prepared or given */
	uint32_t busy;	      /* us, begun by it */
};

struct hca;

struct card {
	unsigned int index;
	pthread_mutex_t lock;
	int fd;
	bool off; /* power was cut */
	struct config conf;
	struct fault fault;
	struct pci pci;
	uint32_t *cr;
	bool unflushed, flush_begun;
	uint64_t written_us;
	struct semaphore sem, trm;
	bool owned;
	struct gateway gw;
	struct nor nor;
	struct clock clock;
	struct boot boot;
	struct hca *hca; /* NULL: see nports */
	struct stats st;
	bool owner_waits;	  /* for the flash semaphore, to reset the chip */
	uint64_t watch[COUNTERS]; /* the operator waits for these; 0: for none */
	int wake;		  /* an eventfd that tells him; -1: nobody listens */
	FILE *trace;
	struct log log;
};

/* card.c */
int card_create(struct card *c, unsigned int index, const char *spec, char *err, size_t errlen);
void card_destroy(struct card *c);
void card_reset(struct card *c, enum reset kind, bool keep_config);
void card_reset_unasked(struct card *c);
void card_power_cycle(struct card *c, bool keep_config);
bool card_gone(const struct card *c);
uint32_t card_device_id(const struct card *c);
uint64_t now_us(void);

/* spec.c */
extern const char spec_help[];
int spec_parse(struct card *c, const char *spec, char *err, size_t errlen);

/* fault.c */
void fault_help(FILE *out);
bool fault_known(const char *name);
int fault_set(struct card *c, const char *name, const char *value, char *err, size_t errlen);
void fault_clear(struct card *c);
bool fault_spend(long *counter);
bool fault_countdown(long *counter);
void fault_access(struct card *c);
void fault_command(struct card *c);

/* proxy.c: returns 0 when QEMU closed the socket */
int proxy_serve(struct card *c, char *err, size_t errlen);

/* pci.c */
int pci_init(struct card *c, char *err, size_t errlen);
void pci_reset(struct card *c, bool keep_config);
uint32_t pci_config_read(struct card *c, uint32_t addr, unsigned int len);
void pci_config_write(struct card *c, uint32_t addr, uint32_t val, unsigned int len);
uint32_t pci_bar_read(struct card *c, uint64_t addr, unsigned int size);
void pci_bar_write(struct card *c, uint64_t addr, uint32_t val, unsigned int size);

uint32_t pci_class(const struct card *c);
uint16_t pci_device(const struct card *c);
bool pci_masters_bus(const struct card *c);
bool pci_set_pin(struct card *c, bool level, unsigned int *line);

/* hcr.c, queue.c, dma.c, irq.c, port.c: only for a card that has an HCA, but for the first three */
int hca_create(struct card *c);
void hca_destroy(struct card *c);
void port_control(struct card *c, char **save, FILE *out);
void hca_reset(struct card *c);
uint32_t hca_command(struct card *c, uint32_t val);
void hca_doorbell(struct card *c, uint32_t offset, uint32_t val);
void hca_fail(struct card *c);
void irq_connect(int fd);
void irq_set(struct card *c, bool level);

/* Of QEMU: pieces of the guest's memory, each in a file of its own. */
struct memory_map {
	uint64_t gpa[8], size[8];
	int64_t offset[8];
};

void dma_map(struct card *c, const struct memory_map *map, const int *fds, unsigned int nfds);
void dma_unmap(struct card *c);

/* cr.c */
void cr_reset(struct card *c);
uint32_t cr_read(struct card *c, uint32_t addr, enum way way);
void cr_write(struct card *c, uint32_t addr, uint32_t val, enum way way);
bool cr_flash_guarded(const struct card *c);
bool cr_take_for_owner(struct card *c);

/* gateway.c: reg is the offset from 0xf0400 */
void gateway_reset(struct card *c);
uint32_t gateway_read(struct card *c, unsigned int reg);
void gateway_write(struct card *c, unsigned int reg, uint32_t val);

/* nor.c */
int nor_open(struct card *c, char *err, size_t errlen);
void nor_close(struct card *c);
void nor_power_on(struct card *c);
void nor_settle(struct card *c);
bool nor_wip(const struct card *c);
int nor_exchange(struct card *c, const char *path, bool load);
void nor_select(struct card *c);
uint8_t nor_byte(struct card *c, uint8_t in);
void nor_deselect(struct card *c);

/* clock.c */
void clock_access(struct card *c, bool write, enum way way);
void clock_cycle(struct card *c);
void clock_byte(struct card *c);
void clock_busy(struct card *c, unsigned int us);
void clock_ready(struct card *c);

/* part.c */
const struct part *part_by_name(const char *name);
const struct part *part_default(const struct chip *chip, uint64_t size);
void part_help(FILE *out);

/* boot.c */
enum progress boot_progress(struct card *c);
void boot_rom(struct card *c, enum reset kind, uint32_t requested);

/* stats.c */
int stats_alloc(struct card *c);
void stats_free(struct card *c);
void stats_reset(struct card *c);
void stats_json(struct card *c, FILE *out);
bool stats_counter(const char *name, enum counter *which);
void stats_counters(FILE *out);
void count(struct card *c, enum counter which);
void violation(struct card *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void trace(struct card *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* log.c */
void log_begin(struct card *c, FILE *out);
void log_access(struct card *c, uint32_t addr, bool write, enum way way);
void log_cycle(struct card *c);
void log_done(struct card *c, const char *what, uint32_t addr, uint32_t len);
void log_mark(struct card *c, const char *text);
void log_end_line(struct card *c);

/*
 * control.c: answers one line, without its newline. Returns false if there is no answer yet: ask
 * again with the same line when the card's eventfd says so.
 */
bool control_line(struct card *cards, unsigned int ncards, char *line, FILE *out);

/* run.c: serves the cards until QEMU ends; returns cxcard's exit status */
#define EXIT_USAGE 64
#define EXIT_OWN   125 /* cxcard itself failed */

struct run {
	struct card cards[MAX_CARDS];
	unsigned int ncards;
	const char *stats, *control, *trace, *log;
	int cpu;	/* -1: not pinned */
	char **command; /* QEMU's, without the devices */
};

int run(struct run *r);

#endif
