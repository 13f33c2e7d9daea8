/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is this machine ready for RDMA with this card, and for what is wanted over it? Reads only: no
 * service is started, no module loaded, no file written, to find out.
 */
#ifndef CXFLASH_HOST_CHECK_H
#define CXFLASH_HOST_CHECK_H

#include "dev/machine.h"
#include "fw/board/boards.h"
#include "fw/err.h"
#include "facts.h"
#include "rules.h"

enum host_service {
	HOST_NFS = 1 << 0,
	HOST_SMB_CLIENT = 1 << 1,
	HOST_SMB_SERVER = 1 << 2,
	HOST_ISER = 1 << 3,
	HOST_SRP = 1 << 4,
	HOST_NVME = 1 << 5,
	HOST_ALL = (1 << 6) - 1,
};

/* "nfs", "smb-client", ..., "all", or several with commas; CX_USAGE names the words. */
int host_services(const char *text, unsigned int *services, struct cx_err *err);
/* Their names, with commas. */
const char *host_services_text(unsigned int services, char *buf, size_t size);

/* What whoever can read the card's flash found there. */
struct host_flash {
	const char *version; /* "" or NULL: not known */
	const char *why;     /* it is not */
	bool served;	     /* cxflash has the card, all the same */
};

struct host_finding {
	const struct host_rule *rule;
	unsigned int port; /* 0: of the card as a whole */
	char *seen, *next;
	const struct fact *fact; /* what was read; NULL if nobody knows of it */
};

enum host_readiness { HOST_READY, HOST_NOT_READY, HOST_UNCLEAR };

struct host_report {
	char card[16];
	unsigned int services; /* wanted: as asked for, else those that were found */
	struct facts facts;
	struct host_finding *finding;
	size_t count;
	enum host_readiness readiness;
	const struct host_finding *first; /* what to do first; NULL: nothing */
};

/*
 * @card is a PCI address, or NULL for the only one; a virtual function will do where there is no
 * card. @services 0: whatever is served or mounted. @boards and @flash may be NULL. On success the
 * caller gives *report to host_report_free().
 */
int host_check(const struct cx_machine *m, const char *card, unsigned int services,
	       const struct fw_boards *boards, const struct host_flash *flash,
	       struct host_report *report, struct cx_err *err);
void host_report_free(struct host_report *report);

const char *host_readiness_name(enum host_readiness readiness);

#endif
