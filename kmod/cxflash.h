/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cxflash: flash and CR space of Mellanox cards of the FS2 generation.
 *
 * A byte goes down the files once: netlink.c, card.c, sector.c, nor.c, gateway.c, cr.c; pci.c and
 * beside.c say which functions are served. Nothing lower calls up.
 *
 * Locks, outer to inner: cards_lock (card.c), card->lock. Neither is held over anything slow.
 * card->hw, then card->cr_lock; the worker and the reader of flash sleep under them.
 */
#ifndef CXFLASH_H
#define CXFLASH_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include <linux/cxflash.h>

/* CR space (flash-access 2 to 8). */
#define CR_SIZE	      0x100000
#define CR_BOOT	      0xf0000
#define CR_DEVICE_ID  0xf0014
#define CR_FLUSH      0xf0380
#define CR_SEMAPHORE2 0xf03a0 /* ConnectX-3 and -3 Pro only */
#define CR_SEMAPHORE  0xf03fc
#define CR_GW_COMMAND 0xf0400
#define CR_GW_ADDRESS 0xf0404
#define CR_GW_DATA    0xf0410
#define CR_LIVEFISH   0x41270
#define CR_LINK_RESET 0xf3834
#define CR_VERSION    0x1f064 /* four words */

#define CHIP_CX	     0x190 /* ConnectX (revision a0) and ConnectX-2 (b0) */
#define CHIP_CX3     0x1f5
#define CHIP_CX3_PRO 0x1f7

#define FLASH_BLOCK 16	    /* what the gateway moves at once */
#define WRITE_MAX   0x10000 /* the largest erase unit */

#define REQUEST_MS 5 /* what a netlink request may wait for the card */

struct cxflash_span {
	u32 typ;
	u32 max;
};

/* A family of SPI NOR parts. */
struct cxflash_part {
	const char *name;
	u8 vendor;
	u8 type;
	u8 protect; /* status bits that protect the array */
	u16 page;
	struct cxflash_span erase_4k_ms; /* 0: it has no such erase */
	struct cxflash_span erase_64k_ms;
	struct cxflash_span program_us;
	u8 density; /* bits of the type that vary in the family */
	bool powers_up_protected;
};

extern const struct cxflash_part cxflash_no_part;

struct cxflash_course {
	enum cxflash_holds holds;
	u32 erases;
	u32 programs;
	u32 attempts;
};

/* A write in work; what comes before course, and want, are the request. */
struct cxflash_write {
	u32 addr;
	u32 len;
	bool no_erase;
	bool discard; /* old[] is not needed */
	struct cxflash_course course;
	bool cur_read; /* cur[] is what the range holds now */
	bool changed;  /* an erase or a program was sent */
	u32 done;      /* this attempt has programmed what differed from here on */
	u8 *old;       /* what the range held before the first change */
	u8 *cur;
	u8 want[]; /* old and cur lie behind it */
};

struct cxflash_card;

/* The newest asynchronous operation of a card. */
struct cxflash_op {
	struct work_struct work;
	int (*run)(struct cxflash_card *card);
	u32 cookie; /* 0: there was none yet */
	u32 portid; /* who hears of its end; 0: nobody, his socket is closed */
	bool running;
	struct cxflash_write *write;
	u32 boot_addr;
	u32 error;
	char message[80];
	struct cxflash_course course; /* of a write */
};

struct cxflash_card {
	struct kref ref;
	struct list_head node;
	struct pci_dev *pdev;
	enum cxflash_binding binding;
	u16 chip_id;
	u8 chip_rev;
	bool recovery;

	/* CR space. cr_lock is held for one sequence of registers, 16 bytes of flash at most. */
	struct mutex cr_lock;
	enum cxflash_access access;
	enum cxflash_access way; /* of the sequence under way: access, or the window to compare */
	void __iomem *bar;
	bool flush;	   /* writes need CR_FLUSH before the next read */
	bool dirty;	   /* such a write was made */
	bool window_blind; /* the window's address cannot be read back */
	bool cfg_locked;
	u32 window; /* the window's address, to be put back */
	bool closed;
	bool resetting;
	bool reset_waits; /* PCI core holds the configuration space and waits for hw */

	/* The flash part. hw is held for one operation, or one message of a read. */
	struct mutex hw;
	bool held;
	bool held2;
	bool lost; /* a reset has come, which frees the semaphores */
	unsigned long hold_start;
	unsigned long released;
	unsigned long last_gap;
	u32 generation; /* grows with every change of the flash, never 0 */
	char why[80];	/* the last failure, a sentence */

	/* Clients. */
	struct mutex lock;
	bool dead;
	u32 jedec; /* 0: not read yet */
	const struct cxflash_part *part;
	u32 flash_size; /* 0: not a part we know */
	u8 status;	/* the part's register, as last read */
	u32 session;	/* 0: nobody holds the lock */
	u32 owner;
	bool announced; /* the session's first write is in the log */
	struct workqueue_struct *wq;
	struct cxflash_op op;
};

/*
 * A failure and its sentence, for whoever holds card->hw or alone knows the card; has the value of
 * @err.
 */
#define cxflash_fail(card, err, fmt, ...) \
	(scnprintf((card)->why, sizeof((card)->why), fmt, ##__VA_ARGS__), (err))

/* cr.c */
int cxflash_cr_open(struct cxflash_card *card);
void cxflash_cr_close(struct cxflash_card *card);
int cxflash_cr_begin(struct cxflash_card *card, enum cxflash_access way, unsigned int ms);
void cxflash_cr_end(struct cxflash_card *card);
bool cxflash_cr_is_closed(u32 id);
u32 cxflash_cr_read(struct cxflash_card *card, u32 addr);
void cxflash_cr_write(struct cxflash_card *card, u32 addr, u32 val);
void cxflash_cr_suspend(struct cxflash_card *card);
void cxflash_cr_resume(struct cxflash_card *card);

/* gateway.c */
/* Phases of a gateway command (flash-access 4). */
#define GW_READ	      BIT(0)
#define GW_OPCODE(op) ((op) << 16 | BIT(2))
#define GW_ADDRESS    BIT(3)
#define GW_DATA(log2) ((log2) << 8 | BIT(4))
#define GW_DATA_PHASE BIT(4)
#define GW_HOLD	      BIT(5)

int cxflash_hold(struct cxflash_card *card);
void cxflash_release(struct cxflash_card *card);
bool cxflash_hold_lasts(struct cxflash_card *card, unsigned int ms);
int cxflash_gateway(struct cxflash_card *card, u32 cmd, u32 addr, __be32 *data);
int cxflash_semaphores(struct cxflash_card *card, bool clear, u32 state[2]);
int cxflash_alive(struct cxflash_card *card);
int cxflash_livefish_guard(struct cxflash_card *card);
int cxflash_set_boot(struct cxflash_card *card, u32 addr);

/* nor.c */
int cxflash_nor_identify(struct cxflash_card *card);
int cxflash_nor_ready(struct cxflash_card *card);
bool cxflash_nor_protected(const struct cxflash_card *card);
int cxflash_nor_unprotect(struct cxflash_card *card);
int cxflash_nor_read(struct cxflash_card *card, u32 addr, u8 *buf, u32 len);
int cxflash_nor_erase(struct cxflash_card *card, u32 addr, u32 size);
int cxflash_nor_program(struct cxflash_card *card, u32 addr, u8 *buf, u32 len);
u32 cxflash_nor_erase_sizes(const struct cxflash_part *part);
unsigned int cxflash_nor_erase_ms(struct cxflash_card *card, u32 size);

/* sector.c */
int cxflash_sector_read(struct cxflash_card *card, u32 addr, u8 *buf, u32 len);
int cxflash_sector_write(struct cxflash_card *card, struct cxflash_write *w);

/* card.c */
struct cxflash_card *cxflash_card_alloc(struct pci_dev *pdev, enum cxflash_binding binding);
void cxflash_card_put(struct cxflash_card *card);
int cxflash_card_add(struct cxflash_card *card, u32 portid);
bool cxflash_card_end(struct pci_dev *pdev, enum cxflash_binding binding);
struct cxflash_card *cxflash_card_find(const char *name, unsigned int n);
void cxflash_cards_stop(void);
void cxflash_cards_drop_client(u32 portid);
int cxflash_run_identify(struct cxflash_card *card);
void cxflash_op_claim(struct cxflash_card *card, u32 portid, int (*run)(struct cxflash_card *card));
void cxflash_op_drop(struct cxflash_card *card);

/* pci.c */
int cxflash_reach(struct cxflash_card *card);

/* beside.c */
extern struct notifier_block cxflash_bus_notifier;

/* netlink.c */
int cxflash_netlink_init(void);
void cxflash_netlink_exit(void);
void cxflash_netlink_done(struct cxflash_card *card);

#endif
