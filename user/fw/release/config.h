/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a card obeys: the fields of an image's configuration words and of its Image Info, named by a
 * parameter map, beside what the ini, which is only a record (fs2-image 8), says of them.
 */
#ifndef CXFLASH_FW_RELEASE_CONFIG_H
#define CXFLASH_FW_RELEASE_CONFIG_H

#include <stdbool.h>

#include "fw/board/ini.h"
#include "fw/board/params.h"
#include "fw/image/image.h"

/* Bits of one configuration word, or one field of Image Info. */
struct fw_field {
	unsigned int section; /* Configuration sections count from 1; 0: Image Info */
	uint32_t addr;	      /* CR-space address of the word; Image Info: the tag */
	uint32_t mask;	      /* the bits, where they lie in the word; Image Info: all of them */
	unsigned int bit;     /* the lowest of them */
	uint32_t value;	      /* of a named field its number, else the bits where they lie */
	const char *text;     /* the value of a text in Image Info, which belongs to the image */
	/*
	 * The rules that name it, which belong to the map and stand for one field each: several
	 * where several keys go here, none for bits that nobody has named.
	 */
	const struct fw_rule **rule;
	size_t rules;
};

struct fw_config {
	struct fw_field *field; /* by section, address and bit */
	size_t fields;
	const struct fw_rule **rule; /* what field[].rule points into */
};

/*
 * The configuration of @img by the rules of @map that fit its chip and its words; both must outlive
 * *@config, which the caller gives back with fw_config_free(). CX_INVALID for a Configuration
 * section that is no list of words.
 */
int fw_config_read(const struct fw_image *img, const struct fw_params *map,
		   struct fw_config *config, struct cx_err *err);
void fw_config_free(struct fw_config *config);

/* By section, address, bit and mask; 0: the same field, if of another image. */
int fw_field_order(const struct fw_field *a, const struct fw_field *b);
/* Name of the parameter or the Image Info field; NULL for bits that nobody has named. */
const char *fw_field_name(const struct fw_field *field);

enum fw_agreement {
	FW_NO_KEY, /* no key is known, or the ini does not state it */
	FW_AGREES,
	FW_DISAGREES,
};

/* What the ini states for one rule of a field (*@value NULL: nothing), and whether that is what was
 * compiled. A value that is no number agrees with none. */
enum fw_agreement fw_field_judge(const struct fw_field *field, const struct fw_rule *rule,
				 const struct fw_ini *ini, const char **value);

#endif
