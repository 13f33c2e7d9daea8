/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mkimage: synthetic FS2 firmware images.
 *
 * Written from the description of the format alone ("fs2-image N" below is its section N); nothing
 * here is shared with user/ or kmod/, so that a wrong constant cannot agree with itself.
 */
#ifndef MKIMAGE_IMAGE_H
#define MKIMAGE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Say why and exit with status 1. */
void die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

/* A growing string of bytes. */
struct buf {
	uint8_t *at;
	size_t len, room;
};

void buf_put(struct buf *b, const void *bytes, size_t len);
void buf_fill(struct buf *b, uint8_t byte, size_t len);
void buf_word(struct buf *b, uint32_t word); /* big-endian */
void buf_text(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
struct buf buf_read(const char *path);
void buf_write(const struct buf *b, const char *path);

uint32_t get_word(const uint8_t *at); /* big-endian, as everything in an image */
void set_word(uint8_t *at, uint32_t word);

/* A repeatable stream of numbers: the same seed gives the same image on every machine. */
struct rng {
	uint64_t state;
};

struct rng rng_seed(uint64_t seed, const char *purpose);
uint32_t rng_word(struct rng *r);
uint32_t rng_below(struct rng *r, uint32_t bound);
bool rng_chance(struct rng *r, unsigned int percent);
/* @len bytes that look like code: few different words, so that they compress. */
void rng_code(struct rng *r, struct buf *b, size_t len);

uint16_t crc16(const uint8_t *bytes, size_t len);

/* fs2-image 7 */
enum section_type {
	SEC_DDR = 1,
	SEC_CONFIG = 2,
	SEC_JUMP = 3,
	SEC_EMT = 4,
	SEC_ROM = 5,
	SEC_GUID = 6,
	SEC_BOARD_ID = 7,
	SEC_USER_DATA = 8,
	SEC_INI = 9,
	SEC_INFO = 10,
	SEC_DDRZ = 11,
	SEC_HASH = 12,
};

struct chip {
	const char *name;
	uint16_t hw, device, subsystem;
	uint8_t rev;
	unsigned int chunk_log2;
	bool has_words; /* the ini keys of mlx-ini 3e are compiled into configuration words */
};

extern const struct chip chips[];
extern const size_t chip_count;
const struct chip *chip_find(const char *name);

/* A configuration word made elsewhere. */
struct word {
	unsigned int stage;
	uint32_t addr, value, mask;
};

/* What the image is to be. */
struct spec {
	const struct chip *chip;
	uint64_t seed;
	uint32_t device; /* tag 3 */
	uint32_t hw[4];	 /* tag 10 */
	unsigned int hw_count;
	char psid[17], vsd[209], product[17], prs[101];
	uint32_t version[3];
	uint32_t date, time; /* BCD yyyymmdd and hhmmss */
	uint64_t guid[4], mac[2];
	bool blank_guids;
	unsigned int guid_entries;
	struct buf rom, ini;
	char rom_text[256]; /* what the ROM was made from, if it was made here */
	bool no_ini;	    /* compiled, not embedded */
	int ini_level;
	unsigned int boot_sections;
	bool nonfailsafe;
	unsigned int chunk_log2;
	bool unordered; /* the list of sections does not follow their addresses */
	bool last_ff;	/* the list ends with ff000000, not with 0 */
	uint32_t nv_sectors, nv_pad, nv_log2k;
	bool has_nv_log2k;
	bool has_access_key, has_min_fit;
	uint32_t access_key[2];
	uint16_t min_fit[4];
	uint16_t vendor;
	uint32_t tags; /* bit n: tag n is written */
	bool no_info_pointer;
	unsigned int ddr_count;
	size_t ddr_size;
	bool lzma_end_marker;
	bool code_first;      /* the smallest order of sections instead of the usual one */
	unsigned int fillers; /* configuration words of no known meaning, per section */
	size_t emt, user_data, board_id; /* bytes, 0: no such section */
	bool ddrz;
	uint32_t unknown_type; /* 0: no such section */
	struct buf hash;
	size_t pad; /* ff bytes after the image */
	const struct word *word;
	size_t words;
	uint32_t header_value[4], header_mask[4]; /* bits of 0x10 - 0x1c */
};

struct section {
	bool boot;			 /* fs2-image 6: no header, the CRC is the last word */
	uint32_t type, addr, data, size; /* of header and data; bytes of data as stored */
};

#define MAX_SECTIONS 128

struct image {
	struct buf bytes;
	struct section section[MAX_SECTIONS];
	size_t sections;
	bool blank_guids;
};

void image_make(const struct spec *spec, struct image *img);
/* Recompute every section CRC and the full-image CRC, after bytes were changed. */
void image_seal(struct image *img);
const struct section *image_find(const struct image *img, uint32_t type);

/* spec.c */
void spec_defaults(struct spec *spec);
void spec_chip_defaults(struct spec *spec);
void spec_take_from_ini(struct spec *spec);
void set_text(char *field, size_t room, const char *text);

/* ini.c: the text of an ini, as far as an image needs it */
char *ini_get(const struct buf *ini, const char *section,
	      const char *key); /* NULL if absent; free() */
uint32_t ini_number(const struct buf *ini, const char *section, const char *key, uint32_t absent);
void ini_generate(struct buf *ini, const struct spec *spec);

/* config.c */
void config_make(const struct spec *spec, unsigned int stage, struct buf *body);

/* code.c: DDR bodies, jump addresses, boot code */
uint32_t code_body(const struct spec *spec, unsigned int index,
		   struct buf *body); /* gives the param */
void code_jumps(const struct spec *spec, struct buf *body);
void code_boot(const struct spec *spec, unsigned int index, uint32_t load, struct buf *words);

/* rom.c: TYPE:A.B.C:DEVICE[:PROTOCOL[:PORT[:CPU]]], several joined by '+' */
void rom_make(struct buf *rom, const char *what, size_t size, uint64_t seed);

/* info.c */
void info_make(const struct spec *spec, struct buf *body);

/* flash.c: chunk k of slot s lies at (2k + s) chunks (fs2-image 4) */
void flash_put(struct buf *flash, const struct buf *image, unsigned int slot);
void flash_nv(struct buf *flash, size_t reserve, uint64_t seed);

/* corrupt.c: one named damage; every CRC that the damage does not name is right again */
void corrupt(struct image *img, const char *what);
void corrupt_help(void);

/* random.c */
void spec_random(struct spec *spec, uint64_t seed);

/* release.c: many boards of one release, with a hidden map, into a folder */
void release_make(uint64_t seed, unsigned int boards, const char *dir, size_t code);

/* What is wanted besides the image itself. */
struct job {
	struct spec spec;
	const char *out, *ini_out, *rom_out, *damage, *rom;
	const char *slot[2];
	size_t rom_size, dump, nv_fill;
	unsigned int dump_slot;
	bool random, verbose;
	bool release;
	uint64_t release_seed;
	unsigned int boards;
	size_t code;
};

/* options.c */
void job_parse(struct job *job, int argc, char **argv);

void zip(struct buf *to, const struct buf *from, int level);

#endif
