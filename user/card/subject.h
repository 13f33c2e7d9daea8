/* SPDX-License-Identifier: GPL-2.0-only */
/* What a command works on or looks into: a card, a dump that stands in for one, or a file. */
#ifndef CXFLASH_CARD_SUBJECT_H
#define CXFLASH_CARD_SUBJECT_H

#include "burn/burn.h"
#include "cli/progress.h"
#include "dev/pci.h"
#include "files/source.h"
#include "look.h"
#include "vpd.h"

/* Open a card for -d; NULL is the only card. An error says what keeps it away and the next step. */
int card_open(const char *name, struct cx_flash **flash, struct cx_err *err);
/* Say so if it is a file that repeats a flash, of which the first copy was opened. */
void card_note_copies(struct out *out, const struct cx_flash_info *info);

/* CX_BUSY: another driver has it. Two lines, one for each way that @command works all the same. */
int card_choice(const struct cx_pci_card *card, const char *command, struct cx_err *err);

/* How cxflash serves a card ("takeover", ...), "" if it does not. CX_NOT_FOUND: no module. */
int card_binding(const char *name, char *binding, size_t size, struct cx_err *err);

/* A thing to look into. */
struct subject {
	const char *name;	   /* "0000:04:00.0", "file:DUMP", FILE or FILE::MEMBER */
	struct cx_flash *flash;	   /* NULL: a file to look into */
	struct burn_survey survey; /* with a flash */
	struct source source;	   /* with a file */
	struct fw_dump file;
	const struct fw_dump *dump; /* of either */
	enum fw_chip chip;	    /* FW_CHIP_UNKNOWN: a file, each image speaks for itself */
	unsigned int chip_rev;
	uint32_t flash_size; /* 0: unknown */
	bool good[2];	     /* of a file: the slots that subject_judge() found good */
	int active;	     /* slot that boots; -1: there is no good one */
	struct card_vpd vpd; /* by subject_function(), as is: */
	uint16_t subsystem[2];
};

/*
 * Open and read @card or @file; with neither, the only card. With @lock the card is kept for
 * ourselves until subject_close().
 */
int subject_open(struct subject *s, const char *card, const char *file, bool lock,
		 struct progress *progress, struct cx_err *err);
/*
 * The same, but of a file nothing is known to be good before each slot was judged, which takes most
 * of the time: for a command that shows what is found. @fn may be NULL. Returns the errors.
 */
int subject_open_unjudged(struct subject *s, const char *card, const char *file,
			  struct progress *progress, struct cx_err *err);
size_t subject_judge(struct subject *s, size_t i, fw_finding_fn fn, void *ctx);
/* The same of a card with burn_glance(): for showing only. */
int subject_glance(struct subject *s, const char *card, struct cx_err *err);
/*
 * Have also what the kernel tells of the PCI function, VPD and subsystem ids; nothing of what is no
 * card. Not being able to read it is no failure, and is in s->vpd.
 */
void subject_function(struct subject *s);
void subject_close(struct subject *s);

/* The image to show or take things from: the active one, else the first that can be taken apart.
 * CX_INVALID if there is none. */
int subject_image(const struct subject *s, const struct fw_image **img, struct cx_err *err);
bool subject_slot_good(const struct subject *s, size_t i);

/* Open, find the image, have @look at it, close: what a command does that only shows. */
int subject_look(struct cli *cli, const struct look *at,
		 int (*look)(struct cli *cli, const struct subject *s, const struct fw_image *img,
			     struct cx_err *err),
		 struct cx_err *err);

/* The version in a card's flash, by a glance; else "" and @why. False: cxflash does not serve it.
 */
bool subject_flash_version(const char *card, char *version, size_t size, char *why,
			   size_t why_size);

#endif
