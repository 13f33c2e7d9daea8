// SPDX-License-Identifier: GPL-2.0-only
/* What check says, in the words of other commands. */
#include "ready.h"

#include "card/subject.h"
#include "files/inputs.h"

static const struct cx_machine this_machine = {.root = ""};

int ready_check(const struct cx_machine *m, const char *card, unsigned int services,
		struct host_report *report, struct cx_err *err)
{
	char version[32], why[sizeof(err->text)];
	struct host_flash flash = {.version = version, .why = why};
	struct fw_boards boards;
	int ret;

	if (boards_load(&boards, err))
		return -1;
	if (!*m->root)
		flash.served =
			subject_flash_version(card, version, sizeof(version), why, sizeof(why));
	ret = host_check(m, card, services, &boards, *m->root ? NULL : &flash, report, err);
	fw_boards_free(&boards);
	return ret;
}

void ready_next(struct out *out, const char *card)
{
	struct host_report report;
	struct cx_err why;

	if (ready_check(&this_machine, card, 0, &report, &why)) {
		out_note(out, "whether it is ready for RDMA cannot be told: %s", why.text);
		return;
	}
	out_text(out, "rdma", NULL, "%s", host_readiness_name(report.readiness));
	if (report.first && *report.first->next)
		out_text(out, "next", "Next for RDMA", "%s", report.first->next);
	else if (report.readiness == HOST_READY)
		out_text(out, NULL, "Next for RDMA", "nothing, it is ready");
	host_report_free(&report);
}

void ready_firmware(struct out *out, const char *card)
{
	struct host_report report;
	struct cx_err why;

	/* Without a driver, or for a dump that stands in for a card, nothing is to be said. */
	if (ready_check(&this_machine, card, HOST_ALL, &report, &why))
		return;
	for (size_t i = 0; i < report.count; i++) {
		const struct host_finding *f = &report.finding[i];

		if (f->rule->layer == LAYER_FIRMWARE &&
		    (f->rule->state == HOST_FAIL || f->rule->state == HOST_WARN))
			out_note(out, "%s; all that RDMA takes: cxflashctl check -d %s", f->seen,
				 report.card);
	}
	host_report_free(&report);
}
