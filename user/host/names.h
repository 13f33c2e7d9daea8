/* SPDX-License-Identifier: GPL-2.0-only */
/* Names that a report is not to tell. */
#ifndef CXFLASH_HOST_NAMES_H
#define CXFLASH_HOST_NAMES_H

#include "facts.h"
#include "mask.h"
#include "record.h"

/* Have masked what is in a record and is no number that a mask would know. */
void mask_names(struct mask *mask, const struct record *r, const struct facts *f);

#endif
