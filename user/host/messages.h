/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel says of a card, explained. */
#ifndef CXFLASH_HOST_MESSAGES_H
#define CXFLASH_HOST_MESSAGES_H

#include <stddef.h>

#include "rules.h"

struct host_message {
	const char *text; /* a part of the message that is always the same */
	enum host_state state;
	const char *meaning;
	const char *next; /* as in struct host_rule */
};

extern const struct host_message host_messages[];
extern const size_t host_message_count;

#endif
