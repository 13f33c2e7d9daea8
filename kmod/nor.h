/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flash: parts.c is the table of parts, nor.c speaks to one, sector.c changes a range of it whole.
 */
#ifndef CXFLASH_NOR_H
#define CXFLASH_NOR_H

#include <linux/bitmap.h>

#include "hold.h"

#define WRITE_MAX   0x10000   /* the largest erase unit */
#define FLASH_MAX   0x1000000 /* three address bytes */
#define FLASH_SLICE 0x1000    /* the smallest erase unit, and what is read at once */

struct cxflash_span {
	u32 typ;
	u32 max;
};

/* A family of SPI NOR parts. */
struct cxflash_part {
	const char *name;
	u8 vendor;
	u8 type;
	u8 density; /* bits of the type that vary in the family */
	u8 protect; /* status bits that protect the array */
	u16 page;
	u32 (*size)(u32 jedec);		 /* in bytes; 0: no capacity of this family */
	struct cxflash_span erase_4k_ms; /* 0: it has no such erase */
	struct cxflash_span erase_64k_ms;
	struct cxflash_span program_us;
	bool powers_up_protected;
};

/* What is known of a card's part. */
struct cxflash_flash {
	u32 jedec; /* 0: not read yet */
	const struct cxflash_part *part;
	u32 size;  /* 0: not a part we know */
	u8 status; /* its register, as last read */
};

struct cxflash_nor {
	struct cxflash_hold *hold;
	u32 generation; /* grows with every change of the flash, never 0; under hold->lock */

	/* Under hold->lock: the slices that were read blank in this session. */
	DECLARE_BITMAP(blank, FLASH_MAX / FLASH_SLICE);
	u32 blank_resets; /* hold->resets then */

	struct mutex lock;	    /* inside hold->lock, for a moment */
	struct cxflash_flash flash; /* changed with both locks, read with either */
};

/* parts.c */
extern const struct cxflash_part cxflash_no_part;
const struct cxflash_part *cxflash_part_find(u32 jedec);
u32 cxflash_part_erase_sizes(const struct cxflash_part *part);
const struct cxflash_span *cxflash_part_erase_ms(const struct cxflash_part *part, u32 size);

/* nor.c; all but init and flash with nor->hold->lock held */
void cxflash_nor_init(struct cxflash_nor *nor, struct cxflash_hold *hold, u32 generation);
struct cxflash_flash cxflash_nor_flash(struct cxflash_nor *nor);
int cxflash_nor_identify(struct cxflash_nor *nor, struct cxflash_why *why);
int cxflash_nor_ready(struct cxflash_nor *nor, struct cxflash_why *why);
int cxflash_nor_unprotect(struct cxflash_nor *nor, struct cxflash_why *why);
int cxflash_nor_read(struct cxflash_nor *nor, u32 addr, u8 *buf, u32 len, struct cxflash_why *why);
int cxflash_nor_erase(struct cxflash_nor *nor, u32 addr, u32 size, struct cxflash_why *why);
int cxflash_nor_program(struct cxflash_nor *nor, u32 addr, u8 *buf, u32 len,
			struct cxflash_why *why);

/* By its owner: SST and Atmel parts do it themselves at each power-up (flash-access 5.1). */
static inline bool cxflash_flash_protected(const struct cxflash_flash *flash)
{
	return flash->status & flash->part->protect && !flash->part->powers_up_protected;
}

struct cxflash_course {
	u32 addr;
	u32 len;
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

/* sector.c; with nor->hold->lock held */
int cxflash_sector_read(struct cxflash_nor *nor, u32 addr, u8 *buf, u32 len,
			struct cxflash_why *why);
int cxflash_sector_write(struct cxflash_nor *nor, struct cxflash_write *w, struct cxflash_why *why);

#endif
