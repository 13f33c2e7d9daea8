// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine reboots in the middle of a write; no test program lives to see what comes of it.
 * Whoever started the machine finds the unit at 0x20000 full of the letter Z.
 */
#include "card.h"

#include <sys/reboot.h>

TEST_F(card, reboot)
{
	static uint8_t letters[65536];
	uint32_t cookie;
	struct op op;

	memset(letters, 'a', self->unit);
	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	ASSERT_OK(client_write(self->c, self->name, self->session, self->addr, letters, self->unit,
			       0, &op));
	memset(letters, 'Z', self->unit);
	ASSERT_OK(client_start_write(self->c, self->name, self->session, self->addr, letters,
				     self->unit, 0, &cookie));
	ASSERT_OK(client_op(self->c, self->name, cookie, &op));
	ASSERT_EQ(CXFLASH_OP_STATE_RUNNING, op.state);
	reboot(RB_AUTOBOOT);
	ASSERT_TRUE(false) TH_LOG("the machine goes on");
}

TEST_HARNESS_MAIN
