// SPDX-License-Identifier: GPL-2.0-only
/* Merging inis: what is carried, what conflicts, and what stays byte for byte. */
#include <string.h>

#include "fw/board/merge.h"
#include "tap.h"

#define STOCK "[PS_INFO]\nName = A\n[ADAPTER]\nPSID = MT_1\n[HCA]\nx = 0x10\ny = 2\nz = 3\n"

struct told {
	enum fw_merge_take take;
	char text[512];
};

static enum fw_merge_take note(const struct fw_merge_key *k, void *ctx)
{
	struct told *t = ctx;
	size_t used = strlen(t->text);

	snprintf(t->text + used, sizeof(t->text) - used, "%s.%s %u%s%s; ", k->section, k->key,
		 k->new.line, k->conflict ? " conflict" : "", k->gone ? " gone" : "");
	return t->take;
}

static int merge(const char *base, const char *oem, const char *new, struct told *t,
		 struct fw_ini *out, struct fw_merged *merged, struct cx_err *err)
{
	struct fw_ini a, b;
	int ret;

	if (fw_ini_parse(base, strlen(base), &a, err) || fw_ini_parse(oem, strlen(oem), &b, err) ||
	    fw_ini_parse(new, strlen(new), out, err))
		return -2;
	ret = fw_ini_merge(&a, &b, out, note, t, merged, err);
	fw_ini_free(&a);
	fw_ini_free(&b);
	return ret;
}

static void gives(const char *oem, const char *new, enum fw_merge_take take, const char *want,
		  const char *told, const char *what)
{
	struct told t = {.take = take};
	struct fw_merged merged;
	struct fw_ini out;
	struct cx_err err = {0};

	is_int(merge(STOCK, oem, new, &t, &out, &merged, &err), 0, "%s: %s", what, err.text);
	is_str(out.text, want, "%s: the text", what);
	is_str(t.text, told, "%s: what is told", what);
	fw_ini_free(&out);
}

static void undecided(void)
{
	static const char oem[] =
		"[PS_INFO]\nName = A\n[ADAPTER]\nPSID = OEM1\n[HCA]\nx = 17\ny = 4\n";
	static const char new[] =
		"[PS_INFO]\nName = A\n[ADAPTER]\nPSID = MT_1\n[HCA]\nx = 18\nz = 4\n";
	struct told t = {.take = FW_MERGE_NONE};
	struct fw_merged merged;
	struct fw_ini out;
	struct cx_err err = {0};

	is_int(merge(STOCK, oem, new, &t, &out, &merged, &err), -1, "undecided conflicts");
	is_int(err.status, CX_REFUSED, "are refused");
	has_str(err.text, "3 keys were changed both", "with how many there are");
	is_str(t.text,
	       "ADAPTER.PSID 4; HCA.x 6 conflict; HCA.y 0 conflict gone; HCA.z 7 conflict; ",
	       "all of them are told, with line");
	is_str(out.text, new, "and the new ini is as before");
	is_int(merged.conflicts, 3, "counted");
	fw_ini_free(&out);
}

int main(void)
{
	gives("[PS_INFO]\nName = A\n[ADAPTER]\nPSID = OEM1\n[HCA]\nx = 16\nz = 5\nw = 1\n",
	      ";; mind this\r\n[ADAPTER]\nPSID = MT_1\n\n[HCA]\nz=3 \nq = 9\ny = 2\nx = "
	      "0x10\n[PS_INFO]\nName = A\n",
	      FW_MERGE_NONE,
	      ";; mind this\r\n[ADAPTER]\nPSID = OEM1\n\n[HCA]\nz=5 \nq = 9\nx = 0x10\nw = "
	      "1\n[PS_INFO]\nName = A\n",
	      "ADAPTER.PSID 3; HCA.z 6; HCA.w 0; HCA.y 8; ",
	      "changed, added, taken out, equal in another form");
	gives("[PS_INFO]\nName = A\n[ADAPTER]\nPSID = MT_1\n[HCA]\nx = 1\ny = 2\nz = 3\n",
	      "[ADAPTER]\nPSID = MT_1\n[HCA]\nX = 2\ny = 2\nz = 3\n[PS_INFO]\nName = B\n",
	      FW_MERGE_OEM,
	      "[ADAPTER]\nPSID = MT_1\n[HCA]\nX = 1\ny = 2\nz = 3\n[PS_INFO]\nName = B\n",
	      "HCA.x 4 conflict; ", "the vendor's value of a conflict");
	gives("[PS_INFO]\nName = A\n[ADAPTER]\nPSID = MT_1\n[HCA]\nx = 1\ny = 2\nz = 3\n",
	      "[ADAPTER]\nPSID = MT_1\n[HCA]\ny = 2\nz = 3\n[PS_INFO]\nName = A\n", FW_MERGE_NEW,
	      "[ADAPTER]\nPSID = MT_1\n[HCA]\ny = 2\nz = 3\n[PS_INFO]\nName = A\n",
	      "HCA.x 0 conflict gone; ", "a key that is gone stays so");
	gives("[PSID]\nPSID = OEM1\n[ADAPTER]\nPSID = OEM1\n[PS_INFO]\nName = A\n[HCA]\nx = 16\ny "
	      "= 2\nz = 3\n",
	      "[ADAPTER]\nPSID = MT_1\n[PSID]\nPSID = MT_1\n[PS_INFO]\nName = A\n[HCA]\nx = 16\ny "
	      "= 2\nz = 3\n",
	      FW_MERGE_OEM,
	      "[ADAPTER]\nPSID = OEM1\n[PSID]\nPSID = OEM1\n[PS_INFO]\nName = A\n[HCA]\nx = 16\ny "
	      "= 2\nz = 3\n",
	      "PSID.PSID 4 conflict; ADAPTER.PSID 2; ", "a PSID in both its places");
	undecided();
	return tap_done();
}
