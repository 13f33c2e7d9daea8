// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes as an archive: refused, or within the limits, and every member is something. */
#include "fw/pack/member.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fw_container box;
	struct fw_facts facts;
	struct cx_err err;
	size_t total = 0;

	if (fw_container_open("file.gz", data, size, &box, &err)) {
		expect_reason(&err);
		return 0;
	}
	expect(box.members <= FW_CONTAINER_MEMBERS);
	for (size_t i = 0; i < box.members; i++) {
		const struct fw_member *m = &box.member[i];

		expect(m->path[0] && !strchr(m->path, '\n'));
		total += m->len;
		fw_member_facts(m, &facts);
		if (facts.why.status)
			expect_reason(&facts.why);
	}
	/* Images of a bundle may share their bytes; all others count. */
	expect(box.bundles || total <= FW_CONTAINER_BYTES);
	fw_container_free(&box);
	return 0;
}
