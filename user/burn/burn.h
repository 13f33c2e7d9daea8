/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The failsafe burn: the only place that knows its order.
 *
 *	burn_survey() -> burn_backup() -> burn_plan() -> burn_rehearse() -> burn_execute()
 *	 read the card    save it          decide          run it in memory   run it on the card
 *
 * A caller that is going to change a card takes its lock (flash->ops->lock) before the survey and
 * gives it back after the execution. Addresses are physical flash addresses, sizes are bytes, all
 * functions return 0, or -1 with *err filled.
 */
#ifndef CXFLASH_BURN_H
#define CXFLASH_BURN_H

#include "cli/control.h"
#include "dev/flash.h"
#include "fw/board/boards.h"
#include "fw/image/dump.h"
#include "fw/image/image.h"
#include "fw/image/verify.h"

/* ---- survey ---- */

/* What is known of a card's flash. Bytes are read once and kept. */
struct burn_survey {
	struct cx_flash *flash; /* borrowed; must outlive the survey */
	enum fw_chip chip;	/* the card's; of a file: what its own images are made for */
	unsigned int chip_rev;
	struct fw_dump dump; /* both slots; look at .slot[i].state before .slot[i].img */
	size_t bad[2];	     /* fw_verify(): errors of a slot; 0 with state 0: good */
	size_t warnings[2];
	struct cx_err unclear; /* with dump.slots 0: why none of what is there counts; status CX_OK
				  otherwise */
	int kept; /* index of the slot that is kept: it holds identity, ROM and the image that must
		     survive. -1: none */
	bool has_running; /* the version words of CR space could be read and make sense */
	struct fw_version running;
	bool glance;	/* by burn_glance(): nothing was judged, no slot counts as good */
	uint8_t *bytes; /* flash->info.size bytes; ff where nothing has been read */
	uint8_t *have;	/* one byte for each BURN_CELL bytes: has been read */
};

/* What the kernel remembers to have read blank, if it was read at once (kmod/nor.h). */
#define BURN_CELL 4096u

/*
 * Read the signatures' places, then every image found, and judge them. A card without an image, or
 * with more signatures than slots, is a success with dump.slots == 0 and kept == -1. Caller frees
 * with burn_survey_free(), also after burn_execute(), which leaves the survey describing the card
 * of before.
 */
int burn_survey(struct cx_flash *flash, const struct burn_control *ctl, struct burn_survey *s,
		struct cx_err *err);
/*
 * The same from as few reads as can be: image list, identity, Image Info and ROM only, each image
 * as fw_image_parse_front() knows it. For showing, not for burning: s->have stays empty.
 */
int burn_glance(struct cx_flash *flash, struct burn_survey *s, struct cx_err *err);
/*
 * Of the image that starts, which has the lowest signature, Image Info only: what a list of cards
 * shows, from so few reads that a card costs less than 400 accesses of its CR space. CX_INVALID:
 * there is no image, or its Image Info is not sound.
 */
int burn_label(struct cx_flash *flash, struct fw_info *info, struct cx_err *err);
void burn_survey_free(struct burn_survey *s);

/* Is slot @i strictly good? */
bool burn_slot_good(const struct burn_survey *s, size_t i);

/* Do two good images agree on what card this is? True if there are not two. */
bool burn_one_identity(const struct burn_survey *s);

/* Have the bytes of a range in s->bytes; reads what is missing. */
int burn_survey_range(struct burn_survey *s, const struct burn_control *ctl, uint32_t addr,
		      uint32_t len, struct cx_err *err);

/*
 * First contact: does this card prove that we understand it? What it is (flash part, chip, device
 * id) is held against what it should be, CR words are read by BAR0 and by the window, and headers,
 * identity and info sections of both slots and some code are read again and compared. Nothing is
 * written, and nothing may be before this is 0. CX_REFUSED says what differed. @text gets one line
 * on what was found equal.
 */
int burn_contact(const struct burn_survey *s, char *text, size_t size, struct cx_err *err);

/* ---- plan ---- */

/* What a person may permit; the flags that say so are burn_flag()'s. */
#define BURN_MAY_CHANGE_PSID 1u	 /* the board becomes another one */
#define BURN_MAY_GO_BACK     2u	 /* to an older firmware */
#define BURN_MAY_RISK	     4u	 /* no second image to fall back to while it is written */
#define BURN_MAY_OTHER_ROM   8u	 /* an expansion ROM that is for another PCI device */
#define BURN_MAY_LOSE_IB     16u /* ports that could be InfiniBand become Ethernet only */

const char *burn_flag(unsigned int may); /* of one permission: "--allow-psid-change", ... */

enum burn_judgement {
	BURN_FINE,
	BURN_NOTE,    /* not wrong, but should be known */
	BURN_ALLOWED, /* would be refused, but is permitted */
	BURN_REFUSED,
};

/* One thing that was looked at before anything is touched. */
struct burn_finding {
	const char *about; /* "chip", "psid", "version", ... */
	enum burn_judgement judgement;
	enum cx_status status; /* BURN_REFUSED: what the tool ends with */
	unsigned int may;      /* the permission that is missing or was used; 0: none would help */
	char text[400];	       /* with the flag that helps, if there is one */
};

#define BURN_FINDINGS 48

struct burn_verdict {
	struct burn_finding finding[BURN_FINDINGS];
	size_t findings;
	unsigned int may; /* what is permitted */
	bool overflow;	  /* there were more */
};

void burn_find(struct burn_verdict *v, const char *about, enum burn_judgement judgement,
	       const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Refused, unless @may (one permission) is among what is permitted. */
void burn_object(struct burn_verdict *v, const char *about, unsigned int may, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Refused whatever is permitted. */
void burn_refuse(struct burn_verdict *v, const char *about, enum cx_status status, const char *fmt,
		 ...) __attribute__((format(printf, 4, 5)));
/* -1 with the first refusal, and how many others there are, if there is one. */
int burn_refusal(const struct burn_verdict *v, struct cx_err *err);
/* The permissions that would turn every refusal into BURN_ALLOWED; 0 if that cannot be had. */
unsigned int burn_missing(const struct burn_verdict *v);

enum burn_rom {
	BURN_ROM_KEEP,	/* the card's ROM; none if the card has none */
	BURN_ROM_IMAGE, /* what the image brings */
	BURN_ROM_NONE,
};

struct burn_request {
	const struct fw_image *image;	    /* borrowed for the call */
	const struct fw_identity *identity; /* NULL: that of the card */
	enum burn_rom rom;
	unsigned int may;		/* BURN_MAY_* */
	const struct fw_boards *boards; /* borrowed; NULL: nothing is known of boards */
	const char *part; /* borrowed; the part number in the card's VPD; NULL: not known */
};

/*
 * Does the image of a card bring other GUIDs, MACs or VSD than this card has and keeps? Then they
 * are put into @buf, as a person reads them.
 */
bool burn_left_identity(const struct burn_survey *s, const struct burn_request *req, char *buf,
			size_t size);

enum burn_step_kind {
	BURN_STEP_CLEAR,  /* 16 bytes at addr: the signature's first dword becomes 0, nothing is
			     erased */
	BURN_STEP_WRITE,  /* bytes at addr, erasing where it must (not with CX_WRITE_NO_ERASE) */
	BURN_STEP_VERIFY, /* bytes at addr are read back and compared */
	BURN_STEP_SIGN,	  /* 16 bytes at addr: the signature, nothing is erased */
	BURN_STEP_BOOT,	  /* boot address addr */
};

struct burn_step {
	enum burn_step_kind kind;
	uint32_t addr, len;
	unsigned int flags; /* of flash->ops->write */
	bool erases;	    /* forecast: the write has to erase */
	uint8_t *bytes;	    /* owned; WRITE, VERIFY: the content */
};

struct burn_plan {
	struct fw_image image; /* what the card will boot: identity and ROM are in place */
	uint32_t start;	       /* where it will start */
	uint32_t old_start;    /* where the kept image starts */
	uint32_t nv_reserve;   /* bytes at the end of the flash that are left alone */
	struct burn_step *step;
	size_t steps;
	uint32_t
		unit; /* the smallest erase unit; the counts below are of these; skip: already right
		       */
	size_t skip_units, program_units, erase_units;
	uint64_t write_bytes; /* sum of the WRITE steps */
	size_t pages;	      /* to be programmed */
	uint64_t busy_us;     /* how long the part itself takes for it, by its data sheet */
	bool whole_dump;      /* made by burn_plan_dump() */
	bool risky; /* while it is written nothing on the card starts; only by BURN_MAY_RISK */
};

/*
 * Merge the request with the card, judge, and list what is to be done. Nothing is written. *verdict
 * is filled in success and failure.
 *
 * CX_NOTHING	the active slot already holds exactly these bytes and no other signature is there
 * CX_INVALID	the image does not verify
 * CX_REFUSED	a safety check; the text names its reason and the flag that overrides it, if any
 *
 * On success the caller frees *plan with burn_plan_free(). A plan without any WRITE step finishes a
 * burn that was cut short: the wanted bytes are in a slot already.
 */
int burn_plan(struct burn_survey *s, const struct burn_request *req, const struct burn_control *ctl,
	      struct burn_verdict *verdict, struct burn_plan *plan, struct cx_err *err);

/*
 * Make the flash hold a whole dump (but for the NV reserve), one slot being good at every moment.
 * CX_REFUSED if that cannot be had, unless @may has BURN_MAY_RISK. The survey is completed to the
 * whole flash.
 */
int burn_plan_dump(struct burn_survey *s, const uint8_t *bytes, uint32_t len, unsigned int may,
		   const struct burn_control *ctl, struct burn_plan *plan, struct cx_err *err);
void burn_plan_free(struct burn_plan *plan);

/* ---- rehearse and execute ---- */

/* Run the plan over a copy of the surveyed flash in memory and judge the result strictly. */
int burn_rehearse(const struct burn_survey *s, const struct burn_plan *plan,
		  const struct burn_control *ctl, struct cx_err *err);

enum burn_card_state {
	BURN_UNCHANGED, /* nothing was changed */
	BURN_OLD,	/* the old image boots */
	BURN_NEW,	/* the new image boots */
	BURN_UNKNOWN,	/* do not power off */
};

const char *burn_card_state_name(enum burn_card_state state); /* "unchanged", "old", ... */

struct burn_outcome {
	enum burn_card_state card_state;
	char version[20];	/* of the new image, "" if it has none or there is none */
	char text[2 * CX_TEXT]; /* what the card holds, and the next step; one line */
	uint32_t erases, programs;
	uint32_t retries; /* writes that needed more than one attempt */
	bool boot_failed; /* the boot address could not be set: only a power cycle loads the new
			     image */
	char boot_why[CX_TEXT];
};

/*
 * Do it; what *out says is in place is there for good (flash->ops->sync). *out is valid in success
 * and failure. On failure the flash is read again to say what the card holds; the status is
 * CX_UNKNOWN exactly if out->card_state is BURN_UNKNOWN.
 */
int burn_execute(const struct burn_survey *s, const struct burn_plan *plan,
		 const struct burn_control *ctl, struct burn_outcome *out, struct cx_err *err);

/* ---- backup and restore ---- */

#define BURN_BACKUP_HOME "/var/lib/cxflash/backup"

/* "HOME/2026-11-22-163105-0000:04:00.0-PSID" into @buf; @home NULL: BURN_BACKUP_HOME. */
int burn_backup_path(const struct burn_survey *s, const char *home, char *buf, size_t size,
		     struct cx_err *err);

/* A file that goes into a backup beside those of the card, as query.txt and query.json do. */
struct burn_backup_file {
	const char *name; /* without a slash */
	const void *bytes;
	size_t len;
};

/*
 * Complete the survey to the whole flash and save it in the new folder @dir (parents are made):
 * dump.bin, image-slot0.bin, image-slot1.bin, board.ini, rom.bin, identity.txt, the @extra files,
 * and last of all SHA256SUMS. Everything is on the disk when this returns. A folder that exists and
 * is not empty is refused; one that could not be finished is removed again.
 */
int burn_backup(struct burn_survey *s, const char *dir, const struct burn_backup_file *extra,
		size_t extras, const struct burn_control *ctl, struct cx_err *err);
/* Would this folder be taken? CX_REFUSED: something is in it. */
int burn_backup_check(const char *dir, struct cx_err *err);

/* A backup read back; all checksums were right. */
struct burn_backup_set {
	uint8_t *dump; /* owned */
	uint32_t dump_len;
	struct fw_image image; /* the image that was active, with its identity and ROM */
};

int burn_backup_load(const char *dir, struct burn_backup_set *set, struct cx_err *err);
void burn_backup_free(struct burn_backup_set *set);

/*
 * Refuse a backup of another card (CX_REFUSED, --force): its GUIDs are not those of the surveyed
 * card. A card whose identity is blank or cannot be read is no reason to refuse.
 */
int burn_backup_is_of(const struct burn_backup_set *set, const struct burn_survey *s,
		      struct cx_err *err);

/*
 * To restore: load, burn_backup_is_of(), then burn_plan() with .image = &set.image, .identity =
 * &set.image.id, .rom = BURN_ROM_IMAGE and BURN_MAY_CHANGE_PSID and BURN_MAY_GO_BACK, or
 * burn_plan_dump() with set.dump; then rehearse and execute.
 */

#endif
