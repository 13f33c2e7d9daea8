// SPDX-License-Identifier: GPL-2.0-only
/* Under lockdown=integrity flash is read and written; CR space obeys. Cannot be undone: runs last.
 */
#include "card.h"

#include <sys/mount.h>

static uint8_t data[65536], back[65536];

TEST_F(card, integrity)
{
	uint32_t word, state[2];
	struct op op;

	mount("securityfs", "/sys/kernel/security", "securityfs", 0, NULL);
	if (put_file("integrity", "/sys/kernel/security/lockdown"))
		SKIP(return, "this kernel has no lockdown");
	ASSERT_OK(client_cr(self->c, self->name, 0xf0014, &word, 1));
	EXPECT_REFUSED(EPERM, client_cr(self->c, self->name, 0xf0000, &word, 1));
	EXPECT_REFUSED(EPERM, client_cr(self->c, self->name, 0xf03fc, &word, 1));
	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	fill(data, self->unit, now_ms());
	ASSERT_OK(client_write(self->c, self->name, self->session, self->addr, data, self->unit, 0,
			       &op));
	ASSERT_OK(client_read(self->c, self->name, self->addr, back, self->unit));
	EXPECT_EQ(0, memcmp(data, back, self->unit));
	ASSERT_OK(client_erase(self->c, self->name, self->session, self->addr, self->unit, &op));
	EXPECT_EQ(CXFLASH_HOLDS_NEW, op.holds);
	/* One address and one value, which no lockdown is about. */
	ASSERT_OK(client_semaphore(self->c, CXFLASH_CMD_SEMAPHORE_CLEAR, self->name, state));
}

TEST_HARNESS_MAIN
